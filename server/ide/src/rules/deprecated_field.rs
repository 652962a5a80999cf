//! Fields and words that still work, but should no longer be used.

use schema::{Deprecation, Status, Type};
use yaml::write::Rewrite;

use super::{Rule, is_mendable, offer, rejection, replacement, safe::replace};
use crate::{
    bind::{Misfit, MisfitKind},
    diagnostic::{Applicability, Diagnostic, Severity, Stage, Tag},
    document::Document,
};

pub(super) const RULE: Rule = Rule { name: "deprecated-field", docs: DOCS, check };

const DOCS: &str = r#"
A field or word that this release of dstack still takes, but for which there is something better, or that no longer does
anything. It will be refused one day.

```yaml bad
type: task
commands:
  - python train.py
home_dir: /root
```

```yaml
type: task
commands:
  - python train.py
```
"#;

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    for misfit in document.binding().misfits() {
        let Some((name, status)) = outdated(document, misfit) else { continue };
        let text = match status {
            Status::Deprecated(it) => format!("`{name}` is deprecated since dstack {}{}", it.since, advice(it)),
            Status::Ignored(it) => {
                let since = it.ignored.unwrap_or(it.since);
                format!("`{name}` has no effect since dstack {since}{}", advice(it))
            }
            _ => continue,
        };
        let mut it = rejection(document, RULE.name, misfit, text);
        (it.stage, it.severity, it.tag) = (Stage::Advice, Severity::Warning, Some(Tag::Deprecated));
        if is_mendable(document, acc, misfit) {
            fixes(document, misfit, &mut it);
        }
        acc.push(it);
    }
}

/// The field or word that a misfit calls outdated, and what the release makes of it.
pub(super) fn outdated(document: &Document, misfit: &Misfit) -> Option<(&'static str, Status<'static>)> {
    let (catalogue, release) = (schema::catalogue(), document.release());
    match misfit.kind {
        MisfitKind::Outdated(field) => {
            let it = catalogue.field_by_id(field)?;
            Some((&it.name, it.status(release)))
        }
        MisfitKind::OutdatedWord(ty, index) => {
            let Some(Type::Enum(it)) = catalogue.get(ty, release) else { return None };
            let it = it.values.get(index as usize)?;
            Some((&it.value, it.status(release)))
        }
        _ => None,
    }
}

/// What can be written instead.
pub(super) fn fixes(document: &Document, misfit: &Misfit, acc: &mut Diagnostic) {
    let (catalogue, release) = (schema::catalogue(), document.release());
    match misfit.kind {
        MisfitKind::Outdated(field) => {
            let field = catalogue.field_by_id(field);
            acc.fixes.extend(field.and_then(|it| replacement::of_field(document, misfit.node, it)));
        }
        MisfitKind::OutdatedWord(ty, index) => {
            let Some(Type::Enum(it)) = catalogue.get(ty, release) else { return };
            let word = it.values.get(index as usize).and_then(|it| it.deprecated.as_ref()?.instead.as_deref());
            let current = |word: &&str| {
                it.values.iter().any(|it| &*it.value == *word && matches!(it.status(release), Status::Current))
            };
            if let Some(word) = word.filter(current) {
                let rewrite = Rewrite::new(document.tree()).set(misfit.node, word);
                offer(document, acc, replace(document.tree().text(misfit.node), word), Applicability::Safe, rewrite);
            }
        }
        _ => {}
    }
}

/// What to do about it.
pub(super) fn advice(deprecation: &Deprecation) -> String {
    match (&deprecation.instead, &deprecation.note) {
        (Some(instead), Some(note)) => format!("; use `{instead}`: {note}"),
        (Some(instead), None) => format!("; use `{instead}`"),
        (None, Some(note)) => format!("; {note}"),
        (None, None) => "; remove it".into(),
    }
}
