//! Fields and words that the release in use does not have yet.

use schema::Status;

use super::{Rule, deprecated_field::outdated, is_mendable, rejection, removal};
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
    let release = document.release();
    for misfit in document.binding().misfits() {
        let Some((name, Status::Unavailable(since))) = outdated(document, misfit) else { continue };
        let text = format!("`{name}` exists from dstack {since} on; {release} is in use: upgrade dstack or remove it");
        let mut it = rejection(document, RULE.name, misfit, text);
        if is_mendable(acc, misfit) && matches!(misfit.kind, MisfitKind::Outdated(_)) {
            removal(document, misfit.node, &mut it);
        }
        acc.push(it);
    }
}
