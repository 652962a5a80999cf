//! A value that its field does not take.

use schema::{DocumentKind, Release, Type, TypeId};
use yaml::{
    Entry, Kind, NodeId, Scalar, Spelling,
    write::{Rewrite, Value},
};

use super::{Rule, breaches, is_mendable, offer, plain_or_quoted, rejection, removal, safe::replace};
use crate::{
    bind::{Misfit, MisfitKind},
    diagnostic::{Applicability, Diagnostic},
    document::Document,
    expected::{expected, or, quoted, words},
    types,
};

pub(super) const RULE: Rule = Rule { name: "invalid-value", docs: DOCS, check };

const DOCS: &str = r#"
A value that dstack's parser refuses: a duration with two units, a memory size with `GiB`, a word that is none of those
allowed, nothing where something is needed. The guilty part of the value is underlined.

```yaml bad
type: task
commands:
  - python train.py
spot_policy: ondemand
```

```yaml
type: task
commands:
  - python train.py
spot_policy: on-demand
```
"#;

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    for misfit in document.binding().misfits() {
        let mend = is_mendable(document, acc, misfit);
        let finding = match &misfit.kind {
            MisfitKind::Invalid(ty, problem) => invalid(document, misfit, *ty, problem, mend),
            MisfitKind::NotAWord(ty) => not_a_word(document, misfit, *ty, mend),
            MisfitKind::UnknownTag(ty) => unknown_tag(document, misfit, *ty, mend),
            MisfitKind::Empty(ty) => empty(document, misfit, *ty, mend),
            MisfitKind::TooFew(1) => {
                rejection(document, RULE.name, misfit, "the list is empty; write at least one item".into())
            }
            MisfitKind::TooFew(n) => {
                rejection(document, RULE.name, misfit, format!("the list needs at least {n} items"))
            }
            MisfitKind::TooMany(n) => too_many(document, misfit, *n as usize),
            _ => continue,
        };
        acc.push(finding);
    }
    breaches(document, RULE.name, acc);
}

/// The first item too many is underlined.
fn too_many(document: &Document, misfit: &Misfit, most: usize) -> Diagnostic {
    let text = match most {
        1 => "the list takes only one item; remove the others".to_string(),
        _ => format!("the list takes at most {most} items; remove the others"),
    };
    let mut it = rejection(document, RULE.name, misfit, text);
    if let Some(item) = document.tree().items(misfit.node).nth(most).filter(|_| misfit.via.is_none()) {
        it.span = super::visible(document, item);
    }
    it
}

/// Nothing where something is needed. What dstack demands cannot be removed instead.
fn empty(document: &Document, misfit: &Misfit, ty: TypeId, mend: bool) -> Diagnostic {
    let tree = document.tree();
    let wanted = expected(ty, document.release());
    let entry = tree.entry_of(misfit.seat);
    let field = types::field_of(document, misfit.seat);
    let is_required = field.is_some_and(|it| it.is_required(document.release()));
    let stray = entry.and_then(|it| stray(document, it, ty));
    let text = match (entry, stray) {
        (Some(entry), Some(stray)) => {
            format!("`{}` is empty; indent {}, which belongs under it", tree.value(entry.key), quoted(stray))
        }
        (Some(entry), None) if is_required => format!("`{}` is empty; write {wanted}", tree.value(entry.key)),
        (Some(entry), None) => format!("`{}` is empty; write {wanted}, or remove it", tree.value(entry.key)),
        (None, _) => format!("this is empty; write {wanted}"),
    };
    let mut it = rejection(document, RULE.name, misfit, text);
    if let Some(entry) = entry.filter(|_| mend && field.is_some() && !is_required && stray.is_none()) {
        removal(document, entry.key, &mut it);
    }
    it
}

/// The field of an empty mapping of type `ty` that stands beside it and is unknown there: it should be indented.
fn stray(document: &Document, empty: Entry, ty: TypeId) -> Option<&str> {
    let (tree, catalogue) = (document.tree(), schema::catalogue());
    let around = tree.parent(empty.key)?;
    let knows = |ty: TypeId, name: &str| catalogue.field(ty, name).is_some();
    let is_known = |name: &str| document.binding().fact(around).ty.is_none_or(|it| knows(it, name));
    let beside = tree.entries(around).take(types::MOST_FIELDS).map(|it| tree.value(it.key));
    beside.filter(|name| knows(ty, name)).find(|name| !is_known(name))
}

fn invalid(document: &Document, misfit: &Misfit, ty: TypeId, problem: &schema::Problem, mend: bool) -> Diagnostic {
    let mut it = rejection(document, RULE.name, misfit, problem.message.clone());
    if misfit.via.is_none() && !problem.range.is_empty() {
        let spelling = Spelling::of(document.tree(), misfit.node);
        it.span = spelling.and_then(|it| it.source(problem.range.clone())).unwrap_or(it.span);
    }
    if !mend {
        return it;
    }
    match problem.suggestion.as_deref() {
        Some(suggestion) => {
            let is_safe = problem.is_same && !touches_anchor(document, misfit.node);
            let applicability = if is_safe { Applicability::Safe } else { Applicability::Unsafe };
            set(document, misfit.node, suggestion, applicability, &mut it);
        }
        None => quote(document, misfit.node, ty, &mut it),
    }
    it
}

/// Whether no space separates a value from its anchor or tag, as in `gpu: &H100:1`, where the anchor is a typo.
fn touches_anchor(document: &Document, node: NodeId) -> bool {
    let tree = document.tree();
    let before = &tree.source()[..tree.span(node).start as usize];
    tree.properties(node).is_some() && !before.ends_with(char::is_whitespace)
}

/// `DEBUG: true`, `2222:22`: what YAML reads as something else than the text that was written.
fn quote(document: &Document, node: NodeId, ty: TypeId, acc: &mut Diagnostic) {
    let tree = document.tree();
    let text = tree.text(node);
    let is_text = matches!(tree.scalar(node), None | Some(Scalar::Str(_) | Scalar::Null));
    if !is_text && tree.value(node) == text && crate::bind::takes(ty, &Scalar::Str(text), document.release()) {
        let rewrite = Rewrite::new(tree).set(node, Value::Str(text.to_string()));
        offer(document, acc, replace(text, &format!("\"{text}\"")), Applicability::Safe, rewrite);
    }
}

fn set(document: &Document, node: NodeId, text: &str, applicability: Applicability, acc: &mut Diagnostic) {
    let tree = document.tree();
    let value = plain_or_quoted(document, node, text);
    let title = match &value {
        Value::Str(text) if !yaml::resolve::is_plain_string(text) => replace(tree.text(node), &format!("\"{text}\"")),
        _ => replace(tree.value(node), text),
    };
    let rewrite = Rewrite::new(tree).set(node, value);
    offer(document, acc, title, applicability, rewrite);
}

/// A word that looks alike, which is safe to write where it was plainly meant.
fn replace_word(document: &Document, node: NodeId, meant: &str, acc: &mut Diagnostic) {
    let is_slip = crate::words::is_slip(document.tree().value(node), meant);
    let applicability = if is_slip { Applicability::Safe } else { Applicability::Unsafe };
    set(document, node, meant, applicability, acc);
}

fn not_a_word(document: &Document, misfit: &Misfit, ty: TypeId, mend: bool) -> Diagnostic {
    let tree = document.tree();
    let text = quoted(tree.value(misfit.node));
    let words = words(ty, document.release());
    let meant = crate::words::closest(tree.value(misfit.node), words.iter().copied());
    let message = match (tree.scalar(misfit.node), meant) {
        (_, Some(meant)) => format!("{text} is not known here; did you mean `{meant}`?"),
        (Some(Scalar::Str(_)), None) => {
            format!("{text} is not known here; write {}", expected(ty, document.release()))
        }
        _ => format!("{text} is no text to YAML; write {}", expected(ty, document.release())),
    };
    let mut it = rejection(document, RULE.name, misfit, message);
    if let Some(meant) = meant.filter(|_| mend) {
        replace_word(document, misfit.node, meant, &mut it);
    }
    it
}

fn unknown_tag(document: &Document, misfit: &Misfit, ty: TypeId, mend: bool) -> Diagnostic {
    let tree = document.tree();
    let value = tree.value(misfit.node);
    let Some(Type::Union(union)) = schema::catalogue().get(ty, document.release()) else {
        return rejection(document, RULE.name, misfit, format!("{} is not known here", quoted(value)));
    };
    let accepted = |it: &&str| union.variant(it, document.release()).is_some_and(|it| it.1.is_accepted());
    let tags: Vec<&str> = union.tags.iter().map(|it| &**it).filter(accepted).collect();
    let all: Vec<String> = tags.iter().map(|it| format!("`{it}`")).collect();
    let field = union.discriminator.as_deref().unwrap_or("type");
    let meant = crate::words::closest(value, tags);
    let elsewhere = types::elsewhere(union, value, document.release());
    let message = match (union.variant(value, document.release()), meant) {
        _ if elsewhere.is_some() => elsewhere.unwrap_or_default(),
        (Some((_, schema::Status::Unavailable(since))), _) => {
            format!("`{field}: {value}` exists from dstack {since} on; {} is in use", document.release())
        }
        (Some((_, schema::Status::Removed(since))), _) => {
            format!("`{field}: {value}` exists no longer since dstack {since}")
        }
        _ if document.kind() == DocumentKind::Template && Some(misfit.seat) == tree.root() => {
            format!("dstack passes over files of this folder that are not `type: template`; write {}", or(&all))
        }
        (_, Some(meant)) => format!("unknown {field} {}; did you mean `{meant}`?", quoted(value)),
        _ if is_backend(value, field, document.release()) => {
            format!("dstack has no volumes on `{value}`; write {}", or(&all))
        }
        _ if tree.kind(misfit.node) == Kind::Sequence => format!("`{field}` is a list; write {}", or(&all)),
        _ if tree.kind(misfit.node) == Kind::Mapping => format!("`{field}` is a mapping; write {}", or(&all)),
        _ if value.is_empty() => format!("`{field}` is empty; write {}", or(&all)),
        _ => format!("unknown {field} {}; write {}", quoted(value), or(&all)),
    };
    let mut it = rejection(document, RULE.name, misfit, message);
    match (union.successor(value).filter(accepted), meant) {
        (Some(successor), _) if mend => {
            let rewrite = Rewrite::new(tree).set(misfit.node, successor);
            offer(document, &mut it, replace(value, successor), Applicability::Unsafe, rewrite);
        }
        (None, Some(meant)) if mend => replace_word(document, misfit.node, meant, &mut it),
        _ => {}
    }
    it
}

/// Whether the word is a backend that simply has nothing of the kind. Volumes alone are told apart by `backend`.
fn is_backend(word: &str, field: &str, release: Release) -> bool {
    let catalogue = schema::catalogue();
    let known = |it: &Type| match it {
        Type::Enum(it) => it.values.iter().any(|it| &*it.value == word && it.status(release).is_accepted()),
        _ => false,
    };
    field == "backend" && catalogue.named("backend").and_then(|it| catalogue.get(it, release)).is_some_and(known)
}
