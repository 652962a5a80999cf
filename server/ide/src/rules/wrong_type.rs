//! The wrong kind of YAML: text where a list is expected.

use yaml::Kind;

use super::{Rule, rejection};
use crate::{bind::MisfitKind, diagnostic::Diagnostic, document::Document, expected::expected};

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
            _ => "text",
        };
        let found = match tree.scalar(misfit.node) {
            Some(yaml::Scalar::Int(_) | yaml::Scalar::Float(_)) => "a number",
            Some(yaml::Scalar::Bool(_)) => "true or false",
            Some(yaml::Scalar::Timestamp) => "a date",
            _ => found,
        };
        let wanted = expected(ty, document.release());
        let subject = match tree.entry_of(misfit.node) {
            Some(entry) if entry.value == misfit.node => format!("`{}` is {found}", tree.value(entry.key)),
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
        acc.push(it);
    }
}
