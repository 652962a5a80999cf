//! A key that stands twice in a mapping: the earlier value is lost.

use rustc_hash::FxHashMap;
use yaml::{Entry, Kind, NodeId, Tree, write::Rewrite};

use super::{Rule, at_node, is_mended, offer, safe::Removal};
use crate::{
    diagnostic::{Applicability, Diagnostic, Severity, Stage, Tag},
    document::Document,
    expected::quoted,
};

pub(crate) const RULE: Rule = Rule { name: "duplicate-key", docs: DOCS, check };

const DOCS: &str = r#"
The same key twice in one mapping. YAML forbids it, but PyYAML, which dstack uses, silently takes the last one: the earlier
value has no effect. `--fix` removes the earlier one only where both have the same value.

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
        let mut last: FxHashMap<&str, Entry> = FxHashMap::default();
        for entry in tree.entries(mapping) {
            let is_name = tree.kind(entry.key) == Kind::Scalar && !tree.is_refused(entry.key);
            if !is_name || crate::bind::is_merge(tree, entry.key) {
                continue;
            }
            let Some(earlier) = last.insert(tree.value(entry.key), entry) else { continue };
            let name = quoted(tree.value(entry.key));
            let text = format!("{name} is set again below, and only the last one counts; remove one of them");
            let mut it = at_node(document, RULE.name, earlier.key, text);
            (it.stage, it.severity, it.tag) = (Stage::Advice, Severity::Warning, Some(Tag::Unnecessary));
            it.related.push((tree.span(entry.key), "this one counts".into()));
            if is_mended(document, acc) {
                // A forgotten dash, a list that was meant to go on, a conflict of versions: another value may be the right one.
                let (title, applicability) = match is_same(tree, earlier, entry) {
                    true => (Removal::Repeated.title(&name), Applicability::Safe),
                    false => (format!("Remove the earlier {name}"), Applicability::Unsafe),
                };
                let rewrite = Rewrite::new(tree).remove_keeping_comments(earlier.key);
                offer(document, &mut it, title, applicability, rewrite);
            }
            acc.push(it);
        }
    }
}

/// Whether two entries have equal values and nothing that something else may refer to.
fn is_same(tree: &Tree, one: Entry, two: Entry) -> bool {
    let nodes = |it: Entry| (it.key.0..tree.subtree_end(it.value).0).map(NodeId);
    let is_plain = |it: NodeId| tree.properties(it).is_none() && !matches!(tree.kind(it), Kind::Alias | Kind::Broken);
    let size = |it: NodeId| tree.subtree_end(it).0 - it.0;
    let equal = |(one, two): (NodeId, NodeId)| {
        is_plain(one)
            && is_plain(two)
            && (tree.kind(one), size(one), tree.scalar(one)) == (tree.kind(two), size(two), tree.scalar(two))
    };
    nodes(one).len() == nodes(two).len() && nodes(one).zip(nodes(two)).all(equal)
}
