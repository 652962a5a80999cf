//! A mapping as PyYAML builds it: entries of `<<` come first, and of two equal keys the last one counts.
//!
//! Mirrors `SafeConstructor.flatten_mapping` and `construct_mapping`.

use rustc_hash::FxHashMap;
use yaml::{Kind, NodeId, Scalar, Tree};

/// An entry of a mapping, its own or merged into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot<'a> {
    /// The text of the key; nothing for one that is no text to YAML.
    pub(crate) name: Option<&'a str>,
    /// The key.
    pub(crate) key: NodeId,
    /// The value.
    pub(crate) value: NodeId,
    /// The value of the `<<` that brought it, if that is not written in place.
    pub(crate) via: Option<NodeId>,
    /// Whether it counts: no later entry has the same key.
    pub(crate) live: bool,
}

/// So many merged entries a mapping may have; a bomb of aliases ends here.
const MOST: usize = 20_000;
/// So deep merges may nest.
const DEEPEST: u32 = 16;

/// The entries of `mapping`, merged ones first.
pub(crate) fn slots(tree: &Tree, mapping: NodeId) -> Vec<Slot<'_>> {
    let mut acc = vec![];
    collect(tree, mapping, None, 0, &mut acc);
    bury(&mut acc);
    acc
}

/// Whether the key is YAML's merge key.
pub(crate) fn is_merge(tree: &Tree, key: NodeId) -> bool {
    scalar(tree, key) == Some(Scalar::Merge)
}

fn collect<'a>(tree: &'a Tree, mapping: NodeId, via: Option<NodeId>, depth: u32, acc: &mut Vec<Slot<'a>>) {
    if depth > DEEPEST {
        return;
    }
    for entry in tree.entries(mapping) {
        if acc.len() < MOST && is_merge(tree, entry.key) {
            merge(tree, entry.value, via, depth, acc);
        }
    }
    for entry in tree.entries(mapping) {
        if !is_merge(tree, entry.key) {
            if via.is_some() && acc.len() >= MOST {
                return;
            }
            let name = name(tree, entry.key);
            acc.push(Slot { name, key: entry.key, value: entry.value, via, live: true });
        }
    }
}

fn merge<'a>(tree: &'a Tree, value: NodeId, via: Option<NodeId>, depth: u32, acc: &mut Vec<Slot<'a>>) {
    let Some(target) = tree.target(value) else { return };
    let via = via.or((target != value).then_some(value));
    match tree.kind(target) {
        Kind::Mapping => collect(tree, target, via, depth + 1, acc),
        Kind::Sequence => {
            let items: Vec<NodeId> = tree.items(target).collect();
            // Of several mappings the first wins, so it comes last.
            for item in items.into_iter().rev() {
                let Some(target) = tree.target(item) else { continue };
                if tree.kind(target) == Kind::Mapping && acc.len() < MOST {
                    collect(tree, target, via.or((target != item).then_some(item)), depth + 1, acc);
                }
            }
        }
        _ => {}
    }
}

/// Mark the entries that a later one with the same key hides.
fn bury(acc: &mut [Slot<'_>]) {
    if acc.len() < 24 {
        for later in 1..acc.len() {
            let name = acc[later].name;
            if name.is_some() {
                acc[..later].iter_mut().filter(|slot| slot.name == name).for_each(|slot| slot.live = false);
            }
        }
        return;
    }
    let mut last: FxHashMap<&str, usize> = FxHashMap::default();
    for i in 0..acc.len() {
        if let Some(name) = acc[i].name
            && let Some(earlier) = last.insert(name, i)
        {
            acc[earlier].live = false;
        }
    }
}

/// The text of a key; nothing for one that is no text to YAML.
fn name(tree: &Tree, key: NodeId) -> Option<&str> {
    match scalar(tree, tree.target(key)?)? {
        Scalar::Str(name) => Some(name),
        _ => None,
    }
}

fn scalar(tree: &Tree, key: NodeId) -> Option<Scalar<'_>> {
    if tree.kind(key) != Kind::Scalar {
        return None;
    }
    let tag = tree.properties(key).and_then(|it| it.tag.as_deref());
    Some(yaml::resolve::key(tree.value(key), tree.style(key), tag))
}
