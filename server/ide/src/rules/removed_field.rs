//! Fields and words that dstack no longer takes.

use schema::{Status, Type};

use super::{
    Rule,
    deprecated_field::{advice, fixes, outdated},
    is_mendable, rejection, removal,
};
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
        let Some((name, Status::Removed(since))) = outdated(document, misfit) else { continue };
        let deprecation = match misfit.kind {
            MisfitKind::Outdated(field) => catalogue.field_by_id(field).and_then(|it| it.deprecated.as_ref()),
            MisfitKind::OutdatedWord(ty, index) => match catalogue.get(ty, release) {
                Some(Type::Enum(it)) => it.values.get(index as usize).and_then(|it| it.deprecated.as_ref()),
                _ => None,
            },
            _ => None,
        };
        let advice = deprecation.map_or("; remove it".into(), advice);
        let text = format!("`{name}` exists no longer since dstack {since}{advice}");
        let mut it = rejection(document, RULE.name, misfit, text);
        if is_mendable(document, acc, misfit) {
            fixes(document, misfit, &mut it);
            // What took its place cannot be told, for a mistake beside it perhaps.
            if it.fixes.is_empty() && matches!(misfit.kind, MisfitKind::Outdated(_)) {
                removal(document, misfit.node, &mut it);
            }
        }
        acc.push(it);
    }
}
