//! The wrong kind of YAML: text where a list is expected.

use schema::{Release, Type, TypeId, grammar::vocabulary};
use yaml::{
    Kind, NodeId, Scalar, Style,
    write::{Context, Rewrite, Value},
};

use super::{Rule, is_mendable, offer, rejection, replacement::scalar_as_written, safe::replace};
use crate::{
    bind::MisfitKind,
    diagnostic::{Applicability, Diagnostic},
    document::Document,
    expected::expected,
};

pub(super) const RULE: Rule = Rule { name: "wrong-type", docs: DOCS, check };

const DOCS: &str = r#"
A value of the wrong kind: a text where dstack wants a list, a list where it wants a mapping. A colon in a command is a
usual reason: `- echo Done: ok` is a mapping, not a text.

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

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    let tree = document.tree();
    for misfit in document.binding().misfits() {
        let MisfitKind::WrongType(ty) = misfit.kind else { continue };
        let found = match tree.kind(misfit.node) {
            Kind::Mapping => "a mapping",
            Kind::Sequence => "a list",
            Kind::Alias => "part of what it stands for",
            _ => "text",
        };
        let found = match tree.scalar(misfit.node) {
            Some(yaml::Scalar::Int(_) | yaml::Scalar::Float(_)) => "a number",
            Some(yaml::Scalar::Bool(_)) => "true or false",
            Some(yaml::Scalar::Timestamp) => "a date",
            _ => found,
        };
        let wanted = expected(ty, document.release());
        let subject = match tree.entry_of(misfit.seat) {
            Some(entry) if entry.value == misfit.seat => format!("`{}` is {found}", tree.value(entry.key)),
            _ => format!("this is {found}"),
        };
        let mut it = rejection(document, RULE.name, misfit, format!("{subject}, but dstack wants {wanted}"));
        if let Some(entry) = tree.entry_of(misfit.node)
            && misfit.via.is_none()
            && tree.kind(misfit.node) != Kind::Scalar
            && tree.style(misfit.node) == yaml::Style::Block
        {
            it.span = tree.span(entry.key);
        }
        if is_mendable(document, acc, misfit) {
            fixes(document, misfit.node, ty, &mut it);
        }
        acc.push(it);
    }
}

fn fixes(document: &Document, node: NodeId, ty: TypeId, acc: &mut Diagnostic) {
    let tree = document.tree();
    let text = tree.text(node);
    if matches!(tree.style(node), Style::Literal | Style::Folded) {
        return lines(document, node, ty, acc);
    }
    if text.is_empty() || text.contains(['\n', '\r']) || tree.properties(node).is_some() {
        return;
    }
    let rewrite = Rewrite::new(tree);
    let takes = |text: &str| crate::bind::takes(ty, &Scalar::Str(text), document.release());
    match tree.kind(node) {
        // `backends: aws`, `env: A=1`
        Kind::Scalar => {
            let item = item_of(ty, document.release());
            let scalar = tree.scalar(node).zip(item);
            if scalar.is_some_and(|(scalar, item)| crate::bind::takes(item, &scalar, document.release())) {
                let list = Value::Sequence(vec![scalar_as_written(tree, node)]).inline(Context::Flow);
                let rewrite = rewrite.set(node, Value::raw(&*list));
                // `eu, us` and `eu us` are rather two items; a command has spaces.
                let of_words = item.and_then(|it| schema::catalogue().get(it, document.release()));
                let of_words = matches!(of_words, Some(Type::String(_) | Type::Enum(_)));
                let is_several = text.contains(',') || of_words && tree.value(node).contains(char::is_whitespace);
                let applicability = if is_several { Applicability::Unsafe } else { Applicability::Safe };
                offer(document, acc, replace(text, &list), applicability, rewrite);
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
            let is_env = matches!(schema::catalogue().get(ty, document.release()), Some(Type::Grammar(it)) if &**it == "env-item");
            let whole = match value {
                Scalar::Null if is_env => key.to_string(),
                _ if is_env => format!("{key}={}", tree.value(entry.value)),
                _ => text.to_string(),
            };
            if takes(&whole) {
                // `echo Done: ok` was plainly a text, `name: rest_plugin` perhaps a mapping. A variable without value may be
                // one to pass on, or an empty one.
                let is_text = if is_env { value != Scalar::Null } else { key.contains(' ') };
                let applicability = if is_text { Applicability::Safe } else { Applicability::Unsafe };
                offer(document, acc, replace(text, &whole), applicability, rewrite.set(node, whole));
            }
        }
        // `gpu: [A100, H100]`
        Kind::Sequence => {
            let name = |it| tree.scalar(it).filter(|_| tree.properties(it).is_none()).map(|_| tree.value(it));
            let items: Option<Vec<&str>> = tree.items(node).map(name).collect();
            let is_gpu = tree.entry_of(node).is_some_and(|it| tree.value(it.key) == "gpu");
            // Among names, `80GB` would be one, too; and so would `nvidia`, which stands before a colon.
            let mut names =
                items.filter(|it| is_gpu && it.iter().all(|it| it.starts_with(|c: char| c.is_ascii_alphabetic())));
            let is_vendor = |it: &&str| vocabulary::vendor(it).is_some();
            let vendors: Vec<&str> = names.iter().flatten().copied().filter(is_vendor).collect();
            names = names.map(|it| it.into_iter().filter(|it| !is_vendor(it)).collect());
            let is_known = names.iter().flatten().all(|it| vocabulary::gpu(it).is_some());
            let parts = names.map(|it| vendors.iter().copied().chain([&*it.join(",")]).collect::<Vec<_>>().join(":"));
            if let Some(whole) = parts.filter(|it| takes(it)) {
                let is_same = is_known && vendors.is_empty();
                let applicability = if is_same { Applicability::Safe } else { Applicability::Unsafe };
                offer(document, acc, replace(text, &whole), applicability, rewrite.set(node, whole));
            }
        }
        _ => {}
    }
}

/// `commands: |`: its lines as items, which need not be what was meant.
fn lines(document: &Document, node: NodeId, ty: TypeId, acc: &mut Diagnostic) {
    let tree = document.tree();
    let lines: Vec<Value> =
        tree.value(node).lines().filter(|it| !it.trim().is_empty()).map(|it| Value::Str(it.to_string())).collect();
    let fits =
        item_of(ty, document.release()).is_some_and(|ty| crate::bind::takes(ty, &Scalar::Str("a"), document.release()));
    if fits && !lines.is_empty() && tree.properties(node).is_none() {
        let rewrite = Rewrite::new(tree).set(node, Value::Sequence(lines));
        offer(document, acc, "Make each line an item".into(), Applicability::Unsafe, rewrite);
    }
}

/// What the items of a list type are.
fn item_of(ty: TypeId, release: Release) -> Option<TypeId> {
    match schema::catalogue().get(ty, release)? {
        Type::Sequence(it) => Some(it.item),
        Type::Nullable(inner) => item_of(*inner, release),
        // `env`: a list or a mapping.
        Type::Union(it) if it.discriminator.is_none() => it.variants.iter().find_map(|ty| item_of(*ty, release)),
        _ => None,
    }
}
