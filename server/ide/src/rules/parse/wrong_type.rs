//! The wrong kind of YAML: a string where a list is expected.

use schema::{Type, TypeId, Value as Python, grammar::vocabulary};
use yaml::{
    Kind, NodeId, Scalar, Style,
    write::{Context, Value},
};

use super::super::shared::{at, replacement::scalar_as_written};
use crate::{
    bind::{MisfitKind, python_value},
    diagnostic::{Applicability, Diagnostic, RuleId, Severity, Stage},
    document::Document,
    expected::expected,
    fixes::{Fixes, replacing},
    rule::{Check, Fixing, Rule},
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("wrong-type"),
    summary: "a value has the wrong type",
    docs: DOCS,
    stage: Stage::Parse,
    severity: Severity::Error,
    tag: None,
    since: "0.1.0",
    fixes: Fixing::Safe(fix),
    check,
};

const DOCS: &str = r#"
A value has the wrong type: a string where dstack expects a list, a list where it expects a mapping. A common cause is a colon in
a command: YAML reads `- echo Done: ok` as a mapping, not as a string.

```yaml bad
type: task
commands: python train.py
```

```yaml bad
type: task
commands:
  - echo Done: ok
```

```yaml
type: task
commands:
  - 'echo Done: ok'
```
"#;

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    let tree = check.tree();
    for found in check.misfits() {
        let (_, misfit) = found;
        let MisfitKind::WrongType(ty) = misfit.kind else { continue };
        let expected = expected(ty, check.release());
        let mut it =
            at::misfit(check, &RULE, found, format!("expected {expected}, found {}", type_of(check, misfit.node)));
        // A block is underlined by its key.
        if let Some(entry) = tree.entry_of(misfit.node)
            && misfit.via.is_none()
            && tree.kind(misfit.node) != Kind::Scalar
            && tree.style(misfit.node) == Style::Block
        {
            it.span = tree.span(entry.key);
        }
        acc.push(it);
    }
}

/// The type of a node to YAML, in words.
fn type_of(check: &Check<'_>, node: NodeId) -> &'static str {
    let tree = check.tree();
    match (tree.kind(node), tree.scalar(node)) {
        (Kind::Mapping, _) => "a mapping",
        (Kind::Sequence, _) => "a list",
        (Kind::Alias, _) => "an alias of a collection that contains it",
        (_, Some(Scalar::Int(_) | Scalar::Float(_))) => "a number",
        (_, Some(Scalar::Bool(_))) => "a boolean",
        (_, Some(Scalar::Timestamp)) => "a date",
        _ => "a string",
    }
}

fn fix(check: &Check<'_>, finding: &Diagnostic, acc: &mut Fixes<'_>) {
    let (document, tree, view) = (check.document(), check.tree(), check.document().view());
    let Some(misfit) = check.fixable(finding) else { return };
    let MisfitKind::WrongType(ty) = misfit.kind else { return };
    let node = misfit.node;
    let text = tree.text(node);
    if matches!(tree.style(node), Style::Literal | Style::Folded) {
        return lines(document, node, ty, acc);
    }
    if text.is_empty() || text.contains(['\n', '\r']) || tree.properties(node).is_some() {
        return;
    }
    let takes = |text: &str| view.takes(ty, Python::Str(text));
    match tree.kind(node) {
        // `backends: aws`, `env: A=1`
        Kind::Scalar => {
            let item = view.item(ty);
            let scalar = tree.scalar(node).zip(item);
            if scalar.is_some_and(|(scalar, item)| view.takes(item, python_value(&scalar))) {
                let list = Value::Sequence(vec![scalar_as_written(tree, node)]).inline(Context::Flow);
                // `eu, us` and `eu us` are likelier to be two items; a command has spaces.
                let of_words = item.and_then(|it| view.get(it));
                let of_words = matches!(of_words, Some(Type::String(_) | Type::Enum(_)));
                let is_several = text.contains(',') || of_words && tree.value(node).contains(char::is_whitespace);
                let rewrite = acc.rewrite().set(node, Value::raw(&*list));
                acc.offer(replacing(text, &list), Applicability::safe_if(!is_several), rewrite);
            }
        }
        // `- HF_TOKEN: abc` in a list of variables, `- echo Done: ok` in one of commands
        Kind::Mapping if tree.style(node) == Style::Block => {
            let mut entries = tree.entries(node);
            let (Some(entry), None) = (entries.next(), entries.next()) else { return };
            let sides = (tree.scalar(entry.key), tree.scalar(entry.value));
            let (Some(Scalar::Str(key)), Some(value)) = sides else { return };
            // An anchor or a tag would be lost.
            if tree.properties(entry.key).or(tree.properties(entry.value)).is_some() {
                return;
            }
            let is_env = matches!(view.get(ty), Some(Type::Grammar(it)) if **it == *"env-item");
            let whole = match value {
                Scalar::Null if is_env => key.to_string(),
                _ if is_env => format!("{key}={}", tree.value(entry.value)),
                _ => text.to_string(),
            };
            if takes(&whole) {
                // `echo Done: ok` is clearly a string, `name: rest_plugin` may be a mapping. A variable without a value may be
                // one to pass through, or an empty one.
                let is_string = if is_env { value != Scalar::Null } else { key.contains(' ') };
                let title = if whole == text { format!("\"{whole}\"") } else { whole.clone() };
                let title = replacing(text, &title);
                acc.offer(title, Applicability::safe_if(is_string), acc.rewrite().set(node, whole));
            }
        }
        // `gpu: [A100, H100]`
        Kind::Sequence => {
            let name = |it| tree.scalar(it).filter(|_| tree.properties(it).is_none()).map(|_| tree.value(it));
            let items: Option<Vec<&str>> = tree.items(node).map(name).collect();
            let is_gpu = tree.entry_of(node).is_some_and(|it| tree.value(it.key) == "gpu");
            // Names only: a size such as `80GB` would become another name. A vendor goes before a colon.
            let mut names =
                items.filter(|it| is_gpu && it.iter().all(|it| it.starts_with(|c: char| c.is_ascii_alphabetic())));
            let is_vendor = |it: &&str| vocabulary::vendor(it).is_some();
            let vendors: Vec<&str> = names.iter().flatten().copied().filter(is_vendor).collect();
            names = names.map(|it| it.into_iter().filter(|it| !is_vendor(it)).collect());
            let is_known = names.iter().flatten().all(|it| vocabulary::gpu(it).is_some());
            let parts = names.map(|it| vendors.iter().copied().chain([&*it.join(",")]).collect::<Vec<_>>().join(":"));
            if let Some(whole) = parts.filter(|it| takes(it)) {
                let applicability = Applicability::safe_if(is_known && vendors.is_empty());
                acc.offer(replacing(text, &whole), applicability, acc.rewrite().set(node, whole));
            }
        }
        _ => {}
    }
}

/// `commands: |`: offers its lines as items, which need not be what the author meant.
fn lines(document: &Document, node: NodeId, ty: TypeId, acc: &mut Fixes<'_>) {
    let (tree, view) = (document.tree(), document.view());
    let lines: Vec<Value> =
        tree.value(node).lines().filter(|it| !it.trim().is_empty()).map(|it| Value::Str(it.to_string())).collect();
    let fits = view.item(ty).is_some_and(|ty| view.takes(ty, Python::Str("a")));
    if fits && !lines.is_empty() && tree.properties(node).is_none() {
        let rewrite = acc.rewrite().set(node, Value::Sequence(lines));
        acc.offer("Make each line an item".into(), Applicability::Unsafe, rewrite);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{check, check_fix, check_silent};

    #[test]
    fn a_scalar_becomes_the_item_of_a_list() {
        check(
            &RULE,
            "
type: task
commands: python train.py
#         ^^^^^^^^^^^^^^^ expected a list, found a string
backends: 3
#         ^ expected a list, found a number
",
        );
        let (before, after) = ("type: task\ncommands: a b\n", "type: task\ncommands: [a b]\n");
        check_fix(&RULE, before, "Replace `a b` with `[a b]`", after);
        let text = |it: &str| format!("type: task\ncommands: [a]\nregions: {it}\n");
        check_fix(&RULE, &text("eu, us"), "Replace `eu, us` with `[\"eu, us\"]`", &text("[\"eu, us\"]"));
    }

    #[test]
    fn a_colon_makes_a_mapping_of_a_string() {
        check(
            &RULE,
            "
type: task
commands: [a]
env:
  - A: b
#   ^^^^ expected an environment variable, found a mapping
",
        );
        let text = |it: &str| format!("type: task\ncommands:\n  - {it}\n");
        check_fix(
            &RULE,
            &text("echo Done: ok"),
            "Replace `echo Done: ok` with `\"echo Done: ok\"`",
            &text("\"echo Done: ok\""),
        );
        let text = |it: &str| format!("type: task\ncommands: [a]\nenv:\n  - {it}\n");
        check_fix(&RULE, &text("A: b"), "Replace `A: b` with `A=b`", &text("A=b"));
    }

    #[test]
    fn a_block_becomes_items_and_a_list_of_gpus_a_string() {
        let before = "type: task\ncommands: |\n  a\n  b\n";
        check_fix(&RULE, before, "Make each line an item", "type: task\ncommands:\n  - a\n  - b\n");
        let text = |it: &str| format!("type: task\ncommands: [a]\nresources:\n  gpu: {it}\n");
        let title = "Replace `[A100, H100]` with `A100,H100`";
        check_fix(&RULE, &text("[A100, H100]"), title, &text("A100,H100"));
    }

    #[test]
    fn the_right_types_are_silent() {
        check_silent(&RULE, "type: task\ncommands: [a, 'b: c']\nenv: {A: b}\nresources: {gpu: {name: [A100]}}\n");
        check_silent(&RULE, "type: task\ncommands: [a]\nenv:\n  - A=b\nregions:\n");
    }
}
