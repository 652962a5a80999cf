//! A key that stands twice in a mapping: the earlier value is lost.

use rustc_hash::FxHashMap;
use yaml::{Kind, NodeId, write::Rewrite};

use super::{MOST_MENDED, Rule, at_node, offer};
use crate::{
    diagnostic::{Applicability, Diagnostic, Severity, Stage, Tag},
    document::Document,
    expected::quoted,
};

pub(crate) const RULE: Rule = Rule { name: "duplicate-key", docs: DOCS, check };

const DOCS: &str = r#"
The same key twice in one mapping. YAML forbids it, but PyYAML, which dstack uses, silently takes the last one: the earlier
value has no effect.

```yaml bad
type: task
commands:
  - python train.py
env:
  - A=1
env:
  - B=2
```

```yaml
type: task
commands:
  - python train.py
env:
  - A=1
  - B=2
```
"#;

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    let tree = document.tree();
    for mapping in tree.ids().filter(|it| tree.kind(*it) == Kind::Mapping) {
        let mut last: FxHashMap<&str, NodeId> = FxHashMap::default();
        for entry in tree.entries(mapping) {
            let is_name = tree.kind(entry.key) == Kind::Scalar && !tree.is_refused(entry.key);
            if !is_name || crate::bind::is_merge(tree, entry.key) {
                continue;
            }
            let Some(earlier) = last.insert(tree.value(entry.key), entry.key) else { continue };
            let name = quoted(tree.value(entry.key));
            let text = format!("{name} is set again below, and only the last one counts; remove one of them");
            let mut it = at_node(document, RULE.name, earlier, text);
            (it.stage, it.severity, it.tag) = (Stage::Advice, Severity::Warning, Some(Tag::Unnecessary));
            it.related.push((tree.span(entry.key), "this one counts".into()));
            if acc.len() < MOST_MENDED {
                let rewrite = Rewrite::new(tree).remove(earlier);
                offer(&mut it, format!("Remove the earlier {name}"), Applicability::Safe, rewrite);
            }
            acc.push(it);
        }
    }
}
