//! A mapping that lacks a field that dstack requires.

use schema::{FieldId, Type, TypeId, Union};
use yaml::{
    Entry, Kind, NodeId,
    write::{Place, Value},
};

use super::super::shared::{at, meant, naming};
use crate::{
    bind::{Lack, Misfit, MisfitKind},
    diagnostic::{Applicability, Diagnostic, RuleId, Severity, Stage, Subject},
    document::Document,
    expected::{or, quoted},
    fixes::Fixes,
    rule::{Check, Fixing, Rule},
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("missing-field"),
    summary: "a required field is missing",
    docs: DOCS,
    stage: Stage::Parse,
    severity: Severity::Error,
    tag: None,
    since: "0.1.0",
    fixes: Fixing::Safe(fix),
    check,
};

const DOCS: &str = r#"
A required field is missing: `type` in every configuration, `port` in a service, `commands` or `image` in a task or service,
`scaling` with a range of replicas. While a file is empty or contains a single word, editors show this diagnostic as a hint;
`dstack-lsp check` reports an error.

```yaml bad
type: service
commands:
  - python app.py
```

```yaml
type: service
port: 8000
commands:
  - python app.py
```
"#;

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    // One unknown key in an item, as in `- data: /data`, is one mistake, which `unknown-field` reports.
    let only_unknown = |misfit: &Misfit| {
        let key = only_key(check.document(), misfit.seat);
        key.is_some_and(|key| check.unknown_keys(misfit.seat).iter().any(|it| it.node == key))
    };
    for found in check.misfits() {
        let MisfitKind::Lack(lack) = &found.1.kind else { continue };
        match lack {
            Lack::Field(_) if only_unknown(found.1) => {}
            // `api_key: …` next to `creds`, where it belongs: likewise.
            Lack::Field(field) if meant::brings(check, found.1.seat, naming::field(*field)) => {}
            _ => acc.push(lacking(check, found, lack)),
        }
    }
    acc.extend(empty(check.document()));
}

fn lacking(check: &Check<'_>, found: (Subject, &Misfit), lack: &Lack) -> Diagnostic {
    let (document, tree, misfit) = (check.document(), check.tree(), found.1);
    let mapping = || naming::mapping(document, misfit.seat);
    if let Lack::Tag(ty) = lack
        && let Some((field, entry)) = misspelled_tag(document, misfit.node, *ty)
    {
        let message = format!("unknown field {}; did you mean `{field}`?", quoted(tree.value(entry.key)));
        let mut it = at::mapping(check, &RULE, found, message);
        if misfit.via.is_none() {
            it.span = tree.span(entry.key);
        }
        return it;
    }
    let message = match lack {
        Lack::Field(field) => format!("{} requires `{}`", mapping(), naming::field(*field)),
        Lack::AnyOf(fields) => {
            let names: Vec<String> = fields.iter().map(|it| format!("`{}`", naming::field(*it))).collect();
            format!("{} requires {}", mapping(), or(&names))
        }
        Lack::Other { field, needs } => format!("`{}` requires `{}`", naming::field(*field), naming::field(*needs)),
        Lack::Tag(ty) => match tags(document, *ty) {
            Some(("type", tags)) => format!("missing `type`; expected {tags}"),
            Some((field, tags)) => format!("{} requires `{field}`; expected {tags}", mapping()),
            None => format!("{} requires a type", mapping()),
        },
        Lack::Scaling { replicas, .. } => format!("a range of `{replicas}` requires `scaling`"),
        Lack::PathOrContent { path, content } => format!("{} requires `{path}` or `{content}`", mapping()),
        Lack::NebiusKey => format!(
            "{} requires either `filename`, or all of `service_account_id`, `public_key_id` and `private_key_file`",
            mapping()
        ),
        Lack::GroupCommands => "a group without an `image` requires `commands`".into(),
    };
    match tree.kind(misfit.node) {
        Kind::Mapping => at::mapping(check, &RULE, found, message),
        _ if matches!(lack, Lack::Other { .. } | Lack::Scaling { .. }) => at::misfit(check, &RULE, found, message),
        _ => at::mapping(check, &RULE, found, message),
    }
}

/// The discriminator of a union, and the tags that select a variant of it in the release of the document.
fn tags(document: &Document, ty: TypeId) -> Option<(&'static str, String)> {
    let union = union(document, ty)?;
    let is_accepted = |it: &&str| union.variant(it, document.release()).is_some_and(|it| it.1.is_accepted());
    let tags: Vec<String> =
        union.tags.iter().map(AsRef::as_ref).filter(is_accepted).map(|it| format!("`{it}`")).collect();
    Some((union.discriminator.as_deref().unwrap_or("type"), or(&tags)))
}

fn union(document: &Document, ty: TypeId) -> Option<&'static Union> {
    match schema::catalogue().get(ty, document.release())? {
        Type::Union(union) => Some(union),
        _ => None,
    }
}

/// `Type: fleet`, `kind: task`: the discriminator of the union, and the entry whose key should have been it.
fn misspelled_tag(document: &Document, mapping: NodeId, ty: TypeId) -> Option<(&'static str, Entry)> {
    let (tree, union) = (document.tree(), union(document, ty)?);
    let field = union.discriminator.as_deref().unwrap_or("type");
    let is_tag = |it: NodeId| union.variant(tree.value(it), document.release()).is_some_and(|it| it.1.is_accepted());
    let is_alike = |it: &str| crate::words::similar(it, field) || field == "type" && it == "kind";
    let entry = tree.entries(mapping).find(|it| is_tag(it.value) && is_alike(tree.value(it.key)))?;
    Some((field, entry))
}

/// The key of an item that is a mapping of one entry.
fn only_key(document: &Document, item: NodeId) -> Option<NodeId> {
    let tree = document.tree();
    tree.parent(item).filter(|it| tree.kind(*it) == Kind::Sequence)?;
    let mut entries = tree.entries(tree.target(item)?);
    entries.next().filter(|_| entries.next().is_none()).map(|it| it.key)
}

/// A file without content, or with comments only: PyYAML reads it as `None`, which dstack rejects.
fn empty(document: &Document) -> Option<Diagnostic> {
    let tree = document.tree();
    let top = schema::catalogue().named(document.kind().name())?;
    if tree.root().is_some() || !tree.problems().is_empty() {
        return None;
    }
    let message = match schema::catalogue().get(top, document.release())? {
        Type::Union(it) if it.tags.len() == 1 => format!("the file is empty; expected `type: {}`", it.tags[0]),
        Type::Union(_) => "the file is empty; expected a `type` field, such as `type: task`".into(),
        _ => "the file is empty; expected a mapping".into(),
    };
    Some(RULE.at(document.text().line(0), Subject::Text, message))
}

fn fix(check: &Check<'_>, finding: &Diagnostic, acc: &mut Fixes<'_>) {
    let Some(misfit) = check.fixable(finding) else { return };
    match &misfit.kind {
        MisfitKind::Lack(Lack::Field(field)) => add(check.document(), misfit.node, *field, acc),
        MisfitKind::Lack(Lack::Tag(ty)) => {
            if let Some((field, entry)) = misspelled_tag(check.document(), misfit.node, *ty) {
                acc.rename(entry.key, field, Applicability::Safe);
            }
        }
        MisfitKind::Lack(Lack::Scaling { mapping, .. }) => {
            set(check, *mapping, "scaling", "{metric: rps, target: 10}", acc);
        }
        _ => {}
    }
}

/// Offers the only value that a field takes, or a useful one. It adds what the file does not say, so it needs a look.
fn add(document: &Document, mapping: NodeId, field: FieldId, acc: &mut Fixes<'_>) {
    let Some(field) = schema::catalogue().field_by_id(field) else { return };
    let value = match (field.fill.as_deref(), document.view().values(field.ty).as_slice()) {
        (Some(fill), _) => fill,
        (None, [only]) => only,
        _ => return,
    };
    let rewrite = acc.rewrite().insert(Place::End(mapping), &field.name, Value::raw(value));
    acc.offer(format!("Add `{}: {value}`", field.name), Applicability::Unsafe, rewrite);
}

/// Offers to set a field of a mapping.
fn set(check: &Check<'_>, mapping: NodeId, name: &str, value: &str, acc: &mut Fixes<'_>) {
    let rewrite = match check.tree().entry(mapping, name) {
        Some(entry) => acc.rewrite().set(entry.value, Value::raw(value)),
        None => acc.rewrite().insert(Place::End(mapping), name, Value::raw(value)),
    };
    acc.offer(format!("Add `{name}: {value}`"), Applicability::Unsafe, rewrite);
}

#[cfg(test)]
mod tests {
    use schema::DocumentKind;

    use super::*;
    use crate::fixture::{check, check_fix, check_kind, check_silent};

    #[test]
    fn required_fields_are_there() {
        check(
            &RULE,
            "
type: service
^^^^^^^^^^^^^ a service requires `commands` or `image`
^^^^^^^^^^^^^ a service requires `port`
name: a
",
        );
        check(
            &RULE,
            "
# dstack-lsp: release=0.18.43
type: task
commands: [a]
retry: {duration: 1h}
^^^^^ `retry` requires `on_events`
",
        );
        let text = |it: &str| {
            format!("# dstack-lsp: release=0.18.43\ntype: task\ncommands: [a]\nretry:\n  duration: 1h\n{it}")
        };
        let events = "on_events: [no-capacity, interruption, error]";
        check_fix(&RULE, &text(""), &format!("Add `{events}`"), &text(&format!("  {events}\n")));
    }

    #[test]
    fn a_configuration_has_a_type() {
        check(
            &RULE,
            "
name: a
^^^^ missing `type`; expected `dev-environment`, `task`, `service`, `fleet`, `volume`, `gateway` or `preset`
",
        );
        check(&RULE, "\nkind: fleet\n^^^^ unknown field `kind`; did you mean `type`?\nnodes: 1\n");
        check_fix(&RULE, "Type: fleet\nnodes: 1\n", "Rename `Type` to `type`", "type: fleet\nnodes: 1\n");
        check(
            &RULE,
            "
# dstack-lsp: release=0.22.1
type: volume
^^^^^^^^^^^^ a volume requires `backend`; expected `aws`, `gcp`, `runpod` or `kubernetes`
region: r
",
        );
        check_kind(
            &RULE,
            DocumentKind::ClientConfig,
            "
projects:
  - {name: a, url: b}
#    ^^^^ an item of `projects` requires `token`
",
        );
    }

    #[test]
    fn a_range_of_replicas_has_scaling() {
        check(
            &RULE,
            "
type: service
port: 80
image: a
replicas: 1..2
#         ^^^^ a range of `replicas` requires `scaling`
",
        );
        let text = |it: &str| format!("type: service\nport: 80\nimage: a\nreplicas: 1..2\n{it}");
        let scaling = "scaling: {metric: rps, target: 10}";
        check_fix(&RULE, &text(""), &format!("Add `{scaling}`"), &text(&format!("{scaling}\n")));
    }

    #[test]
    fn one_mistake_is_one_finding() {
        check_silent(&RULE, "type: task\ncommands: [a]\nvolumes:\n  - data: /data\n");
        check_silent(&RULE, "type: task\ncomands: [a]\n");
        check_silent(&RULE, "type: service\nport: 80\nimage: a\nreplicas: 1\n");
        check_silent(&RULE, "type: [task\n");
    }
}
