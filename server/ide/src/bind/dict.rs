//! Collections that pydantic 1 turns into a mapping: it passes any value in the place of a mapping to Python's `dict`, which
//! takes empty collections, an empty string, and lists of pairs. dstack accepts such a file, so it must not be reported.
//!
//! ```yaml
//! nodes: [[min, 1], [max, 2]]
//! resources: !!omap [cpu: 2]
//! ```

use yaml::{Kind, NodeId, Scalar, Tree};

use super::slots::{Slot, bury, scalar};
use crate::limits::MAX_MERGED_ENTRIES;

/// Whether `dict` makes an empty mapping of the node.
pub(super) fn is_hollow(tree: &Tree, node: NodeId) -> bool {
    match tree.kind(node) {
        Kind::Sequence => tree.children(node).next().is_none(),
        Kind::Mapping => is_tagged(tree, node, &["set"]) && tree.children(node).next().is_none(),
        Kind::Scalar => tree.scalar(node) == Some(Scalar::Str("")),
        Kind::Alias | Kind::Broken => false,
    }
}

/// The entries that `dict` makes of a list of pairs; `None` if the list is empty or has another item.
pub(super) fn slots_of_pairs(tree: &Tree, list: NodeId) -> Option<Vec<Slot<'_>>> {
    let mut acc = vec![];
    for item in tree.items(list).take(MAX_MERGED_ENTRIES) {
        let [key, value] = pair(tree, list, item)?;
        let name = match tree.target(key).and_then(|it| scalar(tree, it)) {
            Some(Scalar::Str(name)) => Some(name),
            _ => None,
        };
        acc.push(Slot { name, key, value, via: None, live: true, is_sound: true });
    }
    bury(&mut acc);
    (!acc.is_empty()).then_some(acc)
}

/// Whether `dict` makes a mapping of strings of a list or a `!!set`. A string of two characters is a pair of them.
pub(super) fn are_pairs_of_texts(tree: &Tree, list: NodeId) -> bool {
    let is_text = |it: NodeId| {
        let scalar = tree.target(it).and_then(|it| tree.scalar(it));
        matches!(scalar, Some(Scalar::Str(_) | Scalar::Int(_) | Scalar::Float(_) | Scalar::Bool(_)))
    };
    let is_pair = |it: NodeId| match tree.target(it).and_then(|it| tree.scalar(it)) {
        Some(Scalar::Str(text)) => text.chars().count() == 2,
        _ => pair(tree, list, it).is_some_and(|it| it.into_iter().all(is_text)),
    };
    let is_list = tree.kind(list) == Kind::Sequence || is_tagged(tree, list, &["set"]);
    let mut items = tree.items(list).chain(tree.entries(list).map(|it| it.key)).peekable();
    is_list && items.peek().is_some() && items.all(is_pair)
}

/// Whether the tag of a list makes it a list of pairs, with a mapping of one entry for each item.
pub(super) fn is_list_of_pairs(tree: &Tree, list: NodeId) -> bool {
    is_tagged(tree, list, &["omap", "pairs"])
}

/// The two parts of an item: the items of a list, or the keys of a mapping, as Python iterates over it.
fn pair(tree: &Tree, list: NodeId, item: NodeId) -> Option<[NodeId; 2]> {
    let item = tree.target(item)?;
    let parts: Vec<NodeId> = match tree.kind(item) {
        Kind::Mapping if is_list_of_pairs(tree, list) => {
            tree.entries(item).take(2).flat_map(|it| [it.key, it.value]).collect()
        }
        Kind::Mapping => tree.entries(item).take(3).map(|it| it.key).collect(),
        Kind::Sequence => tree.items(item).take(3).collect(),
        Kind::Scalar | Kind::Alias | Kind::Broken => return None,
    };
    parts.try_into().ok()
}

/// Whether the node has one of YAML's own tags.
fn is_tagged(tree: &Tree, node: NodeId, tags: &[&str]) -> bool {
    let tag = tree.properties(node).and_then(|it| it.tag.as_deref());
    tag.and_then(|it| it.strip_prefix("tag:yaml.org,2002:")).is_some_and(|it| tags.contains(&it))
}
