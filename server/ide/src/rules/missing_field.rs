//! A mapping that lacks what dstack demands.

use rustc_hash::{FxHashMap, FxHashSet};
use schema::{FieldId, Type, TypeId, Union};
use yaml::{
    Kind, NodeId, work,
    write::{Place, Rewrite, Value},
};

use super::{
    Rule, at_mapping, breaches, called, called_field, is_mendable, offer, rejection, safe::rename, unknown_field,
};
use crate::{
    bind::{Misfit, MisfitKind},
    diagnostic::{Applicability, Diagnostic, Severity, Stage},
    document::Document,
    expected::{or, quoted, words},
};

pub(super) const RULE: Rule = Rule { name: "missing-field", docs: DOCS, check };

const DOCS: &str = r#"
dstack demands a field that is not there: `type` in every configuration, `port` in a service, `commands` or `image` in a
task or service, `scaling` beside a range of replicas. A file that is empty, or ends with its first word, lacks everything;
while it is being typed an editor shows that as a hint, and `dstack-lsp check` as an error.

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

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    let catalogue = schema::catalogue();
    let misfits = document.binding().misfits();
    // The unknown keys, and those of each mapping.
    let mut unknown: FxHashSet<NodeId> = FxHashSet::default();
    let mut unknown_of: FxHashMap<NodeId, Vec<(NodeId, TypeId)>> = FxHashMap::default();
    for misfit in misfits.iter().inspect(|_| work::add(1)) {
        if let MisfitKind::UnknownField(ty) = misfit.kind {
            unknown.insert(misfit.node);
            unknown_of.entry(misfit.seat).or_default().push((misfit.node, ty));
        }
    }
    let mut keys = unknown_field::Keys::new(document.tree());
    let mut brings = |mapping: NodeId, field: FieldId| {
        unknown_of
            .get(&mapping)
            .is_some_and(|unknown| unknown_field::brings(document, &mut keys, unknown, mapping, called_field(field)))
    };
    for misfit in misfits {
        match &misfit.kind {
            // `- data: /data`: one mistake, which the unknown field tells.
            MisfitKind::MissingField(_) if only_key(document, misfit.seat).is_some_and(|it| unknown.contains(&it)) => {}
            // `api_key: …` beside `creds`, which it belongs into: likewise.
            MisfitKind::MissingField(field) if brings(misfit.seat, *field) => {}
            MisfitKind::MissingField(field) => {
                let text = format!("{} needs `{}`; add it", called(document, misfit.seat), called_field(*field));
                let mut it = at_mapping(document, RULE.name, misfit, text);
                if is_mendable(document, acc, misfit) {
                    fixes(document, misfit.node, *field, &mut it);
                }
                acc.push(it);
            }
            MisfitKind::NoneOf(fields) => {
                let names: Vec<String> = fields.iter().map(|it| format!("`{}`", called_field(*it))).collect();
                let text = format!("{} needs {}; add one of them", called(document, misfit.seat), or(&names));
                acc.push(at_mapping(document, RULE.name, misfit, text));
            }
            MisfitKind::Needs { field, needs } => {
                let text = format!(
                    "`{}` needs `{}` beside it; add it or remove this",
                    called_field(*field),
                    called_field(*needs)
                );
                acc.push(rejection(document, RULE.name, misfit, text));
            }
            MisfitKind::Untagged(ty) => {
                let Some(Type::Union(union)) = catalogue.get(*ty, document.release()) else { continue };
                let tags: Vec<String> = union
                    .tags
                    .iter()
                    .filter(|it| union.variant(it, document.release()).is_some_and(|it| it.1.is_accepted()))
                    .map(|it| format!("`{it}`"))
                    .collect();
                let field = union.discriminator.as_deref().unwrap_or("type");
                if let Some(it) = misspelt(document, misfit, union, field, is_mendable(document, acc, misfit)) {
                    acc.push(it);
                    continue;
                }
                let text = match field {
                    "type" => format!("`type` is missing; say what this is: {}", or(&tags)),
                    _ => format!("{} needs `{field}`; write {}", called(document, misfit.seat), or(&tags)),
                };
                acc.push(at_mapping(document, RULE.name, misfit, text));
            }
            _ => {}
        }
    }
    acc.extend(empty(document));
    breaches(document, RULE.name, acc);
}

/// `Type: fleet`, `kind: task`: a key that was plainly meant to be the one that tells what a mapping is.
fn misspelt(document: &Document, misfit: &Misfit, union: &Union, field: &str, mend: bool) -> Option<Diagnostic> {
    let tree = document.tree();
    let is_tag = |it: NodeId| union.variant(tree.value(it), document.release()).is_some_and(|it| it.1.is_accepted());
    let alike = |it: &str| crate::words::similar(it, field) || field == "type" && it == "kind";
    let key = tree.entries(misfit.node).find(|it| is_tag(it.value) && alike(tree.value(it.key)))?.key;
    let text = format!("unknown field {}; did you mean `{field}`?", quoted(tree.value(key)));
    let mut it = at_mapping(document, RULE.name, misfit, text);
    if misfit.via.is_none() {
        it.span = tree.span(key);
    }
    if mend {
        let rewrite = Rewrite::new(tree).rename(key, field);
        offer(document, &mut it, rename(tree.value(key), field), Applicability::Safe, rewrite);
    }
    Some(it)
}

/// The key of an item of a list that is a mapping of one entry.
fn only_key(document: &Document, item: NodeId) -> Option<NodeId> {
    let tree = document.tree();
    tree.parent(item).filter(|it| tree.kind(*it) == Kind::Sequence)?;
    let mut entries = tree.entries(tree.target(item)?);
    entries.next().filter(|_| entries.next().is_none()).map(|it| it.key)
}

/// A file of nothing, or of comments only: PyYAML reads it as `None`, which dstack refuses.
fn empty(document: &Document) -> Option<Diagnostic> {
    let tree = document.tree();
    let top = schema::catalogue().named(document.kind().name())?;
    if tree.root().is_some() || !tree.problems().is_empty() {
        return None;
    }
    let message = match schema::catalogue().get(top, document.release())? {
        Type::Union(it) if it.tags.len() == 1 => format!("the file is empty; begin it with `type: {}`", it.tags[0]),
        Type::Union(_) => "the file is empty; begin it with `type: `, which says what it is: `type: task`".into(),
        _ => "the file is empty; write something, or remove it".into(),
    };
    Some(Diagnostic {
        rule: RULE.name,
        stage: Stage::Parse,
        severity: Severity::Error,
        message,
        span: document.text().line(0),
        path: yaml::Path::default(),
        related: vec![],
        tag: None,
        fixes: vec![],
    })
}

/// Offers the value that dstack most likely wants. It adds what the file does not say, so it is not made without asking.
fn fixes(document: &Document, mapping: NodeId, field: FieldId, acc: &mut Diagnostic) {
    let Some(field) = schema::catalogue().field_by_id(field) else { return };
    let text = match (&*field.name, words(field.ty, document.release()).as_slice()) {
        ("on_events", _) => "[no-capacity, interruption, error]",
        (_, [only]) => only,
        _ => return,
    };
    let rewrite = Rewrite::new(document.tree()).insert(Place::End(mapping), &field.name, Value::raw(text));
    offer(document, acc, format!("Add `{}: {text}`", field.name), Applicability::Unsafe, rewrite);
}
