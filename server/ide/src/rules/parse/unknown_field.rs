//! A key that is not a field.

use schema::{Shape, Type, TypeId, Value as Python};
use yaml::{
    Kind, NodeId, Scalar,
    write::{Place, Rewrite, Value},
};

use super::super::shared::{
    at,
    meant::{self, Meant},
    naming,
    replacement::as_written,
};
use crate::{
    bind::{Misfit, MisfitKind, python_value},
    diagnostic::{Applicability, Diagnostic, RuleId, Severity, Stage},
    document::Document,
    expected::{or, quoted},
    fixes::{Fixes, replacing},
    rule::{Check, Fixing, Rule},
    words,
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("unknown-field"),
    summary: "a key is not a valid field here",
    docs: DOCS,
    stage: Stage::Parse,
    severity: Severity::Error,
    tag: None,
    since: "0.1.0",
    fixes: Fixing::Safe(fix),
    check,
};

const DOCS: &str = r#"
A key is not a valid field at this location, so dstack rejects the file. The usual causes are typos, fields of another
configuration type, and fields that belong one level up or down.

```yaml bad
type: task
comands:
  - python train.py
```

```yaml bad
type: task
commands:
  - python train.py
gpu: 24GB
```

```yaml
type: task
commands:
  - python train.py
resources:
  gpu: 24GB
```
"#;

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    for found in check.misfits() {
        let message = match found.1.kind {
            MisfitKind::UnknownField(ty) => unknown(check, found.1, ty),
            MisfitKind::KeyNotString(_) => not_a_string(check, found.1),
            _ => continue,
        };
        acc.push(at::misfit(check, &RULE, found, message));
    }
}

fn not_a_string(check: &Check<'_>, misfit: &Misfit) -> String {
    let tree = check.tree();
    let found = match tree.scalar(misfit.node) {
        Some(Scalar::Null) => "null",
        Some(Scalar::Bool(_)) => "a boolean",
        Some(Scalar::Int(_) | Scalar::Float(_)) => "a number",
        Some(Scalar::Timestamp) => "a date",
        Some(_) => "something other than a string",
        None => return "expected the name of a field as key, found a list or mapping".to_string(),
    };
    format!("YAML reads the key {} as {found}; expected the name of a field", quoted(tree.text(misfit.node)))
}

fn unknown(check: &Check<'_>, misfit: &Misfit, ty: TypeId) -> String {
    let document = check.document();
    let tree = document.tree();
    let mapping = misfit.seat;
    if let Some(whole) = torn(document, mapping) {
        return format!("YAML reads {} as a mapping; write {}", quoted(tree.text(mapping)), quoted(&whole));
    }
    let name = tree.value(misfit.node);
    let meant = meant::of_key(check, mapping, ty, name);
    if let Some(Meant::Spelled(right)) = meant {
        return format!("unknown field {}; did you mean `{right}`?", quoted(name));
    }
    let advice = match meant {
        Some(Meant::Spelled(_)) => String::new(),
        Some(Meant::Called(right, _)) => format!("; use `{right}`"),
        Some(Meant::Below(field)) => format!("; it belongs under `{field}`"),
        Some(Meant::CalledBelow(field, right)) => format!("; use `{right}` under `{field}`"),
        Some(Meant::Above(parent)) => {
            format!("; it belongs one level up, in {}", naming::mapping(document, parent))
        }
        None => goes_with(check, mapping, name).map_or(String::new(), |it| format!("; use it with {it}")),
    };
    format!("{} has no field {}{advice}", naming::mapping(document, mapping), quoted(name))
}

/// `data:/data` for the item `data: /data`, if the list takes that. Only a path is clearly such a mistake.
fn torn(document: &Document, mapping: NodeId) -> Option<String> {
    let tree = document.tree();
    let list = tree.parent(mapping).filter(|it| tree.kind(*it) == Kind::Sequence)?;
    let mut entries = tree.entries(mapping);
    let (Some(entry), None) = (entries.next(), entries.next()) else { return None };
    let (Some(Scalar::Str(key)), Some(Scalar::Str(value))) = (tree.scalar(entry.key), tree.scalar(entry.value)) else {
        return None;
    };
    if !value.starts_with(['/', '~', '.']) {
        return None;
    }
    let list = document.binding().fact(list).ty?;
    let Some(Type::Sequence(sequence)) = document.view().get(list) else { return None };
    let whole = format!("{key}:{value}");
    let takes = document.view().takes(sequence.item, Python::Str(&whole));
    (takes && tree.properties(mapping).is_none() && !tree.text(mapping).contains(['\n', '\r'])).then_some(whole)
}

fn fix(check: &Check<'_>, finding: &Diagnostic, acc: &mut Fixes<'_>) {
    let (document, tree) = (check.document(), check.tree());
    let Some(misfit) = check.fixable(finding) else { return };
    let MisfitKind::UnknownField(ty) = misfit.kind else { return };
    if let Some(whole) = torn(document, misfit.seat) {
        let title = replacing(tree.text(misfit.seat), &whole);
        return acc.offer(title, Applicability::Unsafe, acc.rewrite().set(misfit.seat, whole));
    }
    let key = misfit.node;
    let Some(mapping) = tree.parent(key).filter(|it| tree.kind(*it) == Kind::Mapping) else { return };
    let name = tree.value(key);
    // Of two equal keys only the last one is reported; which of them is meant is unknown.
    if check.count(mapping, name) == 1
        && let Some(meant) = meant::of_key(check, misfit.seat, ty, name)
    {
        corrected(check, misfit, ty, mapping, meant, acc);
    }
    acc.remove(key);
}

/// Offers what the key was meant to be.
fn corrected(check: &Check<'_>, misfit: &Misfit, ty: TypeId, mapping: NodeId, meant: Meant, acc: &mut Fixes<'_>) {
    let (document, tree, view) = (check.document(), check.tree(), check.document().view());
    let (key, name) = (misfit.node, tree.value(misfit.node));
    let value = tree.entry_of(key).map(|it| it.value);
    // Whether the value fits the field, in this mapping or in the one of its field `below`.
    let fits = |below: Option<&str>, right: &str| {
        let ty = match below {
            Some(below) => view.field(ty, below).and_then(|it| view.inner(it.1.ty)),
            None => Some(ty),
        };
        ty.zip(value).is_some_and(|(ty, value)| fits(document, ty, right, value))
    };
    match meant {
        Meant::Spelled(right) => {
            // `host: [a]`: a list says that it has several.
            let is_scalar = value.and_then(|it| tree.target(it)).is_none_or(|it| tree.kind(it) == Kind::Scalar);
            let is_plural = !is_scalar && right.strip_suffix('s') == Some(name);
            let is_slip = words::is_slip_of_key(name, right) || is_plural;
            acc.rename(key, right, Applicability::safe_if(is_slip && fits(None, right)));
        }
        Meant::Called(right, is_same) => {
            acc.rename(key, right, Applicability::safe_if(is_same && fits(None, right)));
        }
        Meant::Below(field) => {
            if let Some(rewrite) = moved_below(document, key, field, name) {
                let applicability = Applicability::safe_if(!is_common(name) && fits(Some(field), name));
                acc.offer(format!("Move {} under `{field}`", quoted(name)), applicability, rewrite);
            }
        }
        Meant::CalledBelow(field, right) => {
            if let Some(rewrite) = moved_below(document, key, field, right) {
                let title = format!("Replace {} with `{right}` under `{field}`", quoted(name));
                acc.offer(title, Applicability::safe_if(fits(Some(field), right)), rewrite);
            }
        }
        Meant::Above(_) => moved_up(check, key, mapping, acc),
    }
}

/// Offers to move an entry into the nearest mapping around that has the field.
fn moved_up(check: &Check<'_>, key: NodeId, mapping: NodeId, acc: &mut Fixes<'_>) {
    let (document, tree) = (check.document(), check.tree());
    let name = tree.value(key);
    let ty_of = |it: NodeId| document.binding().fact(it).ty.filter(|ty| document.view().knows(*ty, name));
    let Some((around, ty)) = tree.ancestors(mapping).skip(1).find_map(|it| Some((it, ty_of(it)?))) else { return };
    let Some(inner) = tree.ancestors(mapping).take_while(|it| *it != around).last() else { return };
    let Some(entry) = tree.entry_of(inner).filter(|_| check.count(around, name) == 0) else { return };
    let fits = tree.entry_of(key).is_some_and(|it| fits(document, ty, name, it.value));
    let title = format!("Move {} out of {}", quoted(name), quoted(tree.value(entry.key)));
    let rewrite = acc.rewrite().move_entry(key, Place::After(entry.key));
    acc.offer(title, Applicability::safe_if(!is_common(name) && fits), rewrite);
}

/// Whether many mappings have a field with this name, so that a stray one need not belong into the mapping around.
fn is_common(name: &str) -> bool {
    matches!(name, "name" | "type" | "path")
}

/// Moves the entry with this key into the mapping of the field `below`, with the key `name`.
fn moved_below<'a>(document: &'a Document, key: NodeId, below: &str, name: &str) -> Option<Rewrite<'a>> {
    let tree = document.tree();
    let rewrite = Rewrite::new(tree);
    let mapping = tree.parent(key)?;
    let value = || tree.entry_of(key).and_then(|it| as_written(tree, it.value, 0));
    let Some(entry) = tree.entry(mapping, below) else {
        let value = Value::Mapping(vec![(name.to_string(), value()?)]);
        return Some(rewrite.insert(Place::Before(key), below, value).remove_keeping_comments(key));
    };
    if tree.get(entry.value, name).is_some() || tree.properties(entry.value).is_some() {
        return None;
    }
    match tree.value(key) == name {
        true => Some(rewrite.move_entry(key, Place::End(entry.value))),
        false if tree.kind(entry.value) == Kind::Mapping => {
            Some(rewrite.insert(Place::End(entry.value), name, value()?).remove_keeping_comments(key))
        }
        false => None,
    }
}

/// Whether the kind of a value is one that the field takes.
fn fits(document: &Document, ty: TypeId, field: &str, value: NodeId) -> bool {
    let tree = document.tree();
    let view = document.view();
    let Some((_, field)) = view.field(ty, field) else { return false };
    let Some(value) = tree.target(value) else { return false };
    match tree.scalar(value) {
        Some(scalar) => view.takes(field.ty, python_value(&scalar)),
        None if tree.kind(value) == Kind::Mapping => view.takes_shape(field.ty, Shape::Mapping),
        None => view.takes_shape(field.ty, Shape::List),
    }
}

/// What the mapping would have to be to have the field, if one of its fields chooses among a few variants:
/// `` `backend: kubernetes` ``. The type of a configuration does not count, since many types may have the field.
fn goes_with(check: &Check<'_>, mapping: NodeId, name: &str) -> Option<String> {
    let document = check.document();
    let is_whole = document.tree().parent(mapping).is_none();
    let unions = check.unions(mapping);
    let mut unions = unions.iter().filter(|(by, _)| !(is_whole && *by == "type"));
    unions.find_map(|(by, union)| {
        let has_it = |tag: &&str| {
            let variant = union.variant(tag, document.release()).filter(|it| it.1.is_accepted());
            variant.is_some_and(|it| document.view().knows(it.0, name))
        };
        let tags = union.tags.iter().map(AsRef::as_ref).filter(has_it);
        let tags: Vec<String> = tags.map(|it| format!("`{by}: {it}`")).collect();
        (1..=3).contains(&tags.len()).then(|| or(&tags))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{check, check_fix, check_silent};

    #[test]
    fn a_misspelled_field_is_renamed() {
        let text = "
type: task
comands: [a]
^^^^^^^ unknown field `comands`; did you mean `commands`?
";
        check(&RULE, text);
        check_fix(&RULE, "type: task\ncomands: [a]\n", "Rename `comands` to `commands`", "type: task\ncommands: [a]\n");
        check_fix(&RULE, "type: task\ncomands: [a]\n", "Remove `comands`", "type: task\n");
    }

    #[test]
    fn a_synonym_is_renamed() {
        check(
            &RULE,
            "
type: task
cmd: [a]
^^^ a task has no field `cmd`; use `commands`
image: b
",
        );
        let after = "type: task\ncommands: [a]\nimage: b\n";
        check_fix(&RULE, "type: task\ncmd: [a]\nimage: b\n", "Rename `cmd` to `commands`", after);
    }

    #[test]
    fn a_field_is_moved_where_it_belongs() {
        check(
            &RULE,
            "
type: task
commands: [a]
gpu: 24GB
^^^ a task has no field `gpu`; it belongs under `resources`
gpus: 1
^^^^ a task has no field `gpus`; use `gpu` under `resources`
resources:
  spot_policy: auto
# ^^^^^^^^^^^ `resources` has no field `spot_policy`; it belongs one level up, in a task
",
        );
        let head = "type: task\ncommands: [a]\n";
        let text = |rest: &str| format!("{head}{rest}");
        check_fix(&RULE, &text("gpu: 24GB\n"), "Move `gpu` under `resources`", &text("resources:\n  gpu: 24GB\n"));
        check_fix(
            &RULE,
            &text("gpus: 1\n"),
            "Replace `gpus` with `gpu` under `resources`",
            &text("resources:\n  gpu: 1\n"),
        );
        check_fix(
            &RULE,
            &text("resources:\n  cpu: 1\n  spot_policy: auto\n"),
            "Move `spot_policy` out of `resources`",
            &text("resources:\n  cpu: 1\nspot_policy: auto\n"),
        );
    }

    #[test]
    fn a_space_behind_a_colon_makes_a_mapping() {
        check(
            &RULE,
            "
type: task
commands: [a]
volumes:
  - data: /data
#   ^^^^ YAML reads `data: /data` as a mapping; write `data:/data`
",
        );
        let text = |item: &str| format!("type: task\ncommands: [a]\nvolumes:\n  - {item}\n");
        check_fix(&RULE, &text("data: /data"), "Replace `data: /data` with `data:/data`", &text("data:/data"));
    }

    #[test]
    fn a_field_of_another_variant_names_that() {
        check(
            &RULE,
            "
type: volume
backend: aws
region: r
claim_name: x
^^^^^^^^^^ a volume on `aws` has no field `claim_name`; use it with `backend: kubernetes`
",
        );
    }

    #[test]
    fn a_key_is_a_string() {
        check(
            &RULE,
            "
type: task
commands: [a]
on: b
^^ YAML reads the key `on` as a boolean; expected the name of a field
",
        );
    }

    #[test]
    fn every_unknown_field_has_its_fix() {
        let groups = "  - name: g\n    count: 1\n    comands: [a]\n".repeat(150);
        let document = crate::fixture::document(&format!("type: service\nport: 80\nimage: a\nreplicas:\n{groups}"));
        let findings = crate::findings(&document).shown.iter().filter(|it| it.rule == RULE.id);
        let titles: Vec<String> = findings.map(|it| crate::fixes(&document, it)[0].title.clone()).collect();
        assert_eq!(titles, vec!["Rename `comands` to `commands`"; 150]);
    }

    #[test]
    fn known_fields_are_silent() {
        check_silent(&RULE, "type: task\ncommands: [a]\nresources: {gpu: 24GB}\nenv: {anything: a}\n");
        check_silent(&RULE, "type: task\n<<: {commands: [a]}\n");
        check_silent(&RULE, "type: nothing\nbogus: 1\n");
    }
}
