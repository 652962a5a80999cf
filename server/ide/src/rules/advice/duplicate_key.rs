//! A key that is set twice in a mapping: the earlier value has no effect.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use schema::Type;
use yaml::{Entry, Kind, NodeId, Scalar, Tree};

use super::super::shared::at;
use crate::{
    bind::python_value,
    diagnostic::{Applicability, Diagnostic, RuleId, Severity, Stage, Subject, Tag},
    document::Document,
    expected::quoted,
    fixes::{Fixes, Removal},
    rule::{Check, Fixing, Rule},
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("duplicate-key"),
    summary: "a key is set twice, and only the last value is used",
    docs: DOCS,
    stage: Stage::Advice,
    severity: Severity::Warning,
    tag: Some(Tag::Unnecessary),
    since: "0.1.0",
    fixes: Fixing::Safe(fix),
    check,
};

const DOCS: &str = r#"
The same key is set twice in a mapping. YAML forbids this, but PyYAML, which dstack uses, silently keeps the last value, so the
earlier one has no effect. `check --fix` removes the earlier one only if both values are equal.

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

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    let (document, tree) = (check.document(), check.tree());
    for mapping in tree.ids().filter(|it| tree.kind(*it) == Kind::Mapping) {
        let has_string_keys = has_string_keys(document, mapping);
        let mut last: FxHashMap<Key<'_>, Entry> = FxHashMap::default();
        let mut named: FxHashMap<Cow<'_, str>, Entry> = FxHashMap::default();
        for entry in tree.entries(mapping) {
            if tree.is_refused(entry.key) || tree.is_merge_key(entry.key) {
                continue;
            }
            let Some(key) = key(tree, entry.key) else { continue };
            let name = tree.scalar(entry.key).filter(|_| has_string_keys);
            let name = name.and_then(|it| schema::grammar::python::text(python_value(&it), document.release()));
            let equal = last.insert(key, entry);
            let same_name = name.and_then(|it| named.insert(it, entry));
            if let Some(earlier) = equal.or(same_name) {
                acc.push(duplicate(document, earlier.key, entry.key));
            }
        }
    }
}

fn duplicate(document: &Document, earlier: NodeId, later: NodeId) -> Diagnostic {
    let tree = document.tree();
    let again = match tree.value(later) {
        it if it == tree.value(earlier) => String::new(),
        it => format!(" (set again as {})", quoted(it)),
    };
    let message = format!("duplicate key {}{again}; only the last value is used", quoted(tree.value(earlier)));
    let mut it = RULE.at(at::visible(document, earlier), Subject::Keys(earlier, later), message);
    it.related.push(at::related(document, later, "this value is used"));
    it
}

fn fix(check: &Check<'_>, finding: &Diagnostic, acc: &mut Fixes<'_>) {
    let tree = check.tree();
    let Subject::Keys(earlier, later) = finding.subject else { return };
    let (Some(earlier), Some(later)) = (tree.entry_of(earlier), tree.entry_of(later)) else { return };
    let name = quoted(tree.value(earlier.key));
    // A forgotten dash, a list meant to continue, a merge conflict: the earlier value may be the right one.
    let (title, applicability) = match is_same(tree, earlier, later) {
        true => (Removal::Repeated.title(&name), Applicability::Safe),
        false => (format!("Remove the earlier {name}"), Applicability::Unsafe),
    };
    acc.offer(title, applicability, acc.rewrite().remove_keeping_comments(earlier.key));
}

/// A key as Python compares it: `1`, `0x1`, `1.0` and `true` are the same key of a `dict`, and `"1"` is another one.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Text(&'a str),
    Number(i128),
    /// A number with a fraction, by its bits.
    Fraction(u64),
    Null,
    /// A date, bytes, a number of more than 128 bits: equal if it is written in the same way.
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

/// Whether pydantic makes strings of the keys, so that `1` and `"1"` are the same.
fn has_string_keys(document: &Document, mapping: NodeId) -> bool {
    let ty = document.binding().fact(mapping).ty.and_then(|it| schema::catalogue().get(it, document.release()));
    matches!(ty, Some(Type::Table(_)))
}

/// Whether two entries have equal values, written in the same way, without anchors. Dates and numbers of 40 digits are
/// compared by their text, since they are not read in full.
fn is_same(tree: &Tree, one: Entry, two: Entry) -> bool {
    let nodes = |it: Entry| (it.key.0..tree.subtree_end(it.value).0).map(NodeId);
    let is_plain = |it: NodeId| tree.properties(it).is_none() && !matches!(tree.kind(it), Kind::Alias | Kind::Broken);
    let content = |it: NodeId| (tree.kind(it), tree.subtree_end(it).0 - it.0, tree.scalar(it), tree.value(it));
    let equal = |(one, two): (NodeId, NodeId)| is_plain(one) && is_plain(two) && content(one) == content(two);
    nodes(one).len() == nodes(two).len() && nodes(one).zip(nodes(two)).all(equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{check, check_fix, check_silent};

    #[test]
    fn the_earlier_value_has_no_effect() {
        check(
            &RULE,
            "
type: task
commands: [a]
env: [A=1]
^^^ duplicate key `env`; only the last value is used
env: [B=2]
",
        );
        let text = |it: &str| format!("type: task\ncommands: [a]\n{it}");
        check_fix(&RULE, &text("env: [A=1]\nenv: [B=2]\n"), "Remove the earlier `env`", &text("env: [B=2]\n"));
        let title = "Remove the earlier `name`, which has the same value";
        check_fix(&RULE, &text("name: a\nname: a # b\n"), title, &text("name: a # b\n"));
    }

    #[test]
    fn keys_are_equal_as_python_compares_them() {
        check(
            &RULE,
            "
type: task
commands: [a]
env: {1: a, 0x1: b}
#     ^ duplicate key `1` (set again as `0x1`); only the last value is used
",
        );
    }

    #[test]
    fn other_keys_are_silent() {
        check_silent(&RULE, "type: task\ncommands: [a]\nenv: {1.0: a, 1.5: b, '1': c, 0x2: d, '0x2': e}\n");
        check_silent(&RULE, "type: task\n<<: {name: a}\n<<: {name: b}\nname: c\n");
    }
}
