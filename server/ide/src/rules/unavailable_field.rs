//! Fields and words that the release in use does not have yet.

use schema::{Release, Status, Type};

use super::{Rule, rejection};
use crate::{bind::MisfitKind, diagnostic::Diagnostic, document::Document};

pub(super) const RULE: Rule = Rule { name: "unavailable-field", docs: DOCS, check };

const DOCS: &str = r#"
A field or word that a later release of dstack takes, but not the one in use: upgrade dstack, or do without it.

```yaml bad release=0.18.43
type: task
commands:
  - python train.py
priority: 50
```

```yaml release=0.19.10
type: task
commands:
  - python train.py
priority: 50
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
        if let Status::Unavailable(since) = status {
            acc.push(rejection(document, RULE.name, misfit, message(name, since, release)));
        }
    }
}

fn message(name: &str, since: Release, release: Release) -> String {
    format!("`{name}` exists from dstack {since} on; {release} is in use: upgrade dstack or remove it")
}
