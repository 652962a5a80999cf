//! Fields and words that still work, but should no longer be used.

use schema::{Deprecation, Status, Type};

use super::{Rule, rejection};
use crate::{
    bind::MisfitKind,
    diagnostic::{Diagnostic, Severity, Stage, Tag},
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
    let (catalogue, release) = (schema::catalogue(), document.release());
    for misfit in document.binding().misfits() {
        let (name, status) = match misfit.kind {
            MisfitKind::Outdated(field) => match catalogue.field_by_id(field) {
                Some(it) => (&*it.name, it.status(release)),
                None => continue,
            },
            MisfitKind::OutdatedWord(ty, index) => match catalogue.get(ty, release) {
                Some(Type::Enum(it)) => match it.values.get(index as usize) {
                    Some(it) => (&*it.value, it.status(release)),
                    None => continue,
                },
                _ => continue,
            },
            _ => continue,
        };
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
        acc.push(it);
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
