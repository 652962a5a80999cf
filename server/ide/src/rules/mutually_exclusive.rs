//! Fields that exclude each other.

use yaml::Kind;

use super::{Rule, breaches, called_field, is_mendable, rejection, removal, visible};
use crate::{bind::MisfitKind, diagnostic::Diagnostic, document::Document};

pub(super) const RULE: Rule = Rule { name: "mutually-exclusive", docs: DOCS, check };

const DOCS: &str = r#"
Two fields that dstack does not take together: `python` chooses one of dstack's own images and cannot stand beside `image`;
`docker: true` neither; `nodes` and `groups` both say how many nodes there are.

```yaml bad
type: task
image: nginx
python: "3.12"
commands:
  - python train.py
```

```yaml
type: task
python: "3.12"
commands:
  - python train.py
```
"#;

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    for misfit in document.binding().misfits() {
        match misfit.kind {
            MisfitKind::Together { field, with, other, note } => {
                let advice = note.unwrap_or("remove one of them");
                let text = format!("`{}` cannot be used with `{}`; {advice}", called_field(field), called_field(with));
                let mut it = rejection(document, RULE.name, misfit, text);
                it.related.push((visible(document, other), "the other one".into()));
                if is_mendable(document, acc, misfit) {
                    removal(document, misfit.node, &mut it);
                    // What is merged counts elsewhere, too.
                    if document.tree().kind(other) != Kind::Alias {
                        removal(document, other, &mut it);
                    }
                }
                acc.push(it);
            }
            MisfitKind::Forbidden { field, note } => {
                let why = note.map_or(String::new(), |it| format!(": {it}"));
                let text = format!("`{}` cannot be used here{why}; remove it", called_field(field));
                let mut it = rejection(document, RULE.name, misfit, text);
                if is_mendable(document, acc, misfit) {
                    removal(document, misfit.node, &mut it);
                }
                acc.push(it);
            }
            _ => {}
        }
    }
    breaches(document, RULE.name, acc);
}
