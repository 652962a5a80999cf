//! A key that stands twice in a mapping: the earlier value is lost.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use schema::Type;
use yaml::{Entry, Kind, NodeId, Scalar, Tree, write::Rewrite};

use super::{Rule, at_node, is_mended, offer, safe::Removal};
use crate::{
    bind::python_value,
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
        let is_table = holds_texts(document, mapping);
        let mut last: FxHashMap<Key<'_>, Entry> = FxHashMap::default();
        let mut named: FxHashMap<Cow<'_, str>, Entry> = FxHashMap::default();
        for entry in tree.entries(mapping) {
            if tree.is_refused(entry.key) || crate::bind::is_merge(tree, entry.key) {
                continue;
            }
            let Some(key) = key(tree, entry.key) else { continue };
            let name = tree.scalar(entry.key).filter(|_| is_table);
            let name = name.and_then(|it| schema::grammar::python::text(python_value(&it), document.release()));
            let equal = last.insert(key, entry);
            let same_name = name.and_then(|it| named.insert(it, entry));
            let Some(earlier) = equal.or(same_name) else { continue };
            let name = quoted(tree.value(earlier.key));
            let again = match tree.value(entry.key) {
                it if it == tree.value(earlier.key) => String::new(),
                it => format!(" as {}", quoted(it)),
            };
            let text = format!("{name} is set again below{again}, and only the last one counts; remove one of them");
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

/// A key as Python compares it: `1`, `0x1`, `1.0` and `true` are one key of a `dict`, and `"1"` is another one.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Text(&'a str),
    Number(i128),
    /// A number that is not whole, by its bits.
    Fraction(u64),
    Null,
    /// A date, bytes, a number of more than 128 bits: equal at least if it is written alike.
    Other(&'a str),
}

fn key(tree: &Tree, node: NodeId) -> Option<Key<'_>> {
    const WHOLE: std::ops::Range<f64> = -1e38..1e38;
    let other = Key::Other(tree.value(node));
    Some(match tree.scalar(node)? {
        Scalar::Str(text) => Key::Text(text),
        Scalar::Int(i128::MIN | i128::MAX) => other,
        Scalar::Int(number) => Key::Number(number),
        Scalar::Bool(it) => Key::Number(it.into()),
        Scalar::Float(number) if number.fract() == 0.0 && WHOLE.contains(&number) => Key::Number(number as i128),
        Scalar::Float(number) => Key::Fraction(number.to_bits()),
        Scalar::Null => Key::Null,
        Scalar::Timestamp | Scalar::Binary | Scalar::Merge | Scalar::Invalid => other,
    })
}

/// Whether pydantic makes texts of the keys, so that `1` and `"1"` are one.
fn holds_texts(document: &Document, mapping: NodeId) -> bool {
    let ty = document.binding().fact(mapping).ty.and_then(|it| schema::catalogue().get(it, document.release()));
    matches!(ty, Some(Type::Table(_)))
}

/// Whether two entries have equal values, written alike, and nothing that something else may refer to. A date has no content
/// to compare, and a number of 40 digits not all of it.
fn is_same(tree: &Tree, one: Entry, two: Entry) -> bool {
    let nodes = |it: Entry| (it.key.0..tree.subtree_end(it.value).0).map(NodeId);
    let is_plain = |it: NodeId| tree.properties(it).is_none() && !matches!(tree.kind(it), Kind::Alias | Kind::Broken);
    let content = |it: NodeId| (tree.kind(it), tree.subtree_end(it).0 - it.0, tree.scalar(it), tree.value(it));
    let equal = |(one, two): (NodeId, NodeId)| is_plain(one) && is_plain(two) && content(one) == content(two);
    nodes(one).len() == nodes(two).len() && nodes(one).zip(nodes(two)).all(equal)
}
