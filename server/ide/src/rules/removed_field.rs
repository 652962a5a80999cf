//! Fields and words that dstack no longer takes.

use schema::{Deprecation, Release, Status, Type};

use super::{Rule, deprecated_field::advice, rejection};
use crate::{bind::MisfitKind, diagnostic::Diagnostic, document::Document};

pub(super) const RULE: Rule = Rule { name: "removed-field", docs: DOCS, check };

const DOCS: &str = r#"
A field or word that older releases of dstack took and this one refuses. Where something took its place, the fix writes that.

```yaml bad
type: dev-environment
ide: vscode
termination_idle_time: 30m
```

```yaml
type: dev-environment
ide: vscode
idle_duration: 30m
```
"#;

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    let (catalogue, release) = (schema::catalogue(), document.release());
    for misfit in document.binding().misfits() {
        match misfit.kind {
            MisfitKind::Outdated(field) => {
                let Some(it) = catalogue.field_by_id(field) else { continue };
                if let Status::Removed(since) = it.status(release) {
                    let text = message(&it.name, since, it.deprecated.as_ref());
                    acc.push(rejection(document, RULE.name, misfit, text));
                }
            }
            MisfitKind::OutdatedWord(ty, index) => {
                let Some(Type::Enum(it)) = catalogue.get(ty, release) else { continue };
                let Some(it) = it.values.get(index as usize) else { continue };
                if let Status::Removed(since) = it.status(release) {
                    let text = message(&it.value, since, it.deprecated.as_ref());
                    acc.push(rejection(document, RULE.name, misfit, text));
                }
            }
            _ => {}
        }
    }
}

fn message(name: &str, since: Release, deprecation: Option<&Deprecation>) -> String {
    format!("`{name}` exists no longer since dstack {since}{}", deprecation.map_or("; remove it".into(), advice))
}
