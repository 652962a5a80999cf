//! A mapping as PyYAML builds it: merged entries come first, and of two equal keys the last one counts.
//!
//! Mirrors `SafeConstructor.flatten_mapping` and `construct_mapping`.

use rustc_hash::FxHashMap;
use yaml::{Entry, Kind, NodeId, Scalar, Tree};

use crate::limits::{MAX_MERGE_DEPTH, MAX_MERGED_ENTRIES};

/// An entry of a mapping, its own or merged into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot<'a> {
    /// The key; `None` if YAML does not read it as a string.
    pub(crate) name: Option<&'a str>,
    /// The key.
    pub(crate) key: NodeId,
    /// The value.
    pub(crate) value: NodeId,
    /// The value of the `<<` that brought it, if that is not written in place.
    pub(crate) via: Option<NodeId>,
    /// Whether it counts: no later entry has the same key.
    pub(crate) live: bool,
    /// Whether nothing in the value makes dstack reject the file. Known once the value has been bound.
    pub(crate) is_sound: bool,
}

impl Slot<'_> {
    /// The key of the entry, or the merge that brings it.
    pub(super) fn place(&self) -> NodeId {
        self.via.unwrap_or(self.key)
    }

    /// The value of the entry, or the merge that brings it.
    pub(super) fn value_place(&self) -> NodeId {
        self.via.unwrap_or(self.value)
    }
}

/// The entries of `mapping`, merged ones first.
pub(crate) fn slots(tree: &Tree, mapping: NodeId) -> Vec<Slot<'_>> {
    slots_within(tree, mapping, MAX_MERGED_ENTRIES)
}

/// The same with at most `max` merged entries.
pub(super) fn slots_within(tree: &Tree, mapping: NodeId, max: usize) -> Vec<Slot<'_>> {
    let mut reading = Reading { tree, max, acc: vec![] };
    reading.mapping(mapping, None, 0);
    bury(&mut reading.acc);
    reading.acc
}

/// The entry with this key that counts.
pub(super) fn live<'s, 'a>(slots: &'s [Slot<'a>], name: &str) -> Option<&'s Slot<'a>> {
    slots.iter().rev().find(|slot| slot.live && slot.name == Some(name))
}

/// A mapping that is being read.
struct Reading<'a> {
    tree: &'a Tree,
    /// Maximum number of merged entries.
    max: usize,
    acc: Vec<Slot<'a>>,
}

impl<'a> Reading<'a> {
    fn mapping(&mut self, mapping: NodeId, via: Option<NodeId>, depth: u32) {
        if depth > MAX_MERGE_DEPTH {
            return;
        }
        let mut own = vec![];
        for Entry { key, value } in self.tree.entries(mapping) {
            let target = self.tree.target(key);
            let name = match target.and_then(|it| scalar(self.tree, it)) {
                Some(Scalar::Merge) if target == Some(key) => {
                    if !self.is_full() {
                        self.merge(value, via, depth);
                    }
                    continue;
                }
                Some(Scalar::Str(name)) => Some(name),
                // A key with a refused tag still names its field.
                Some(Scalar::Invalid) => target.map(|it| self.tree.value(it)),
                _ => None,
            };
            own.push(Slot { name, key, value, via, live: true, is_sound: true });
        }
        if via.is_some() {
            own.truncate(self.max.saturating_sub(self.acc.len()));
        }
        if self.acc.is_empty() {
            self.acc = own;
        } else {
            self.acc.extend(own);
        }
    }

    fn merge(&mut self, value: NodeId, via: Option<NodeId>, depth: u32) {
        let tree = self.tree;
        let Some(target) = tree.target(value) else { return };
        let via = via.or((target != value).then_some(value));
        match tree.kind(target) {
            Kind::Mapping => self.mapping(target, via, depth + 1),
            Kind::Sequence => {
                let items: Vec<NodeId> = tree.items(target).collect();
                // Of several mappings the first one wins, so it comes last.
                for item in items.into_iter().rev() {
                    let Some(target) = tree.target(item) else { continue };
                    if tree.kind(target) == Kind::Mapping && !self.is_full() {
                        self.mapping(target, via.or((target != item).then_some(item)), depth + 1);
                    }
                }
            }
            _ => {}
        }
    }

    fn is_full(&self) -> bool {
        self.acc.len() >= self.max
    }
}

/// Marks the entries that a later one with the same key overrides.
pub(super) fn bury(acc: &mut [Slot<'_>]) {
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

/// The scalar that PyYAML reads for a key.
pub(super) fn scalar(tree: &Tree, key: NodeId) -> Option<Scalar<'_>> {
    if tree.kind(key) != Kind::Scalar {
        return None;
    }
    let tag = tree.properties(key).and_then(|it| it.tag.as_deref());
    Some(yaml::resolve::key(tree.value(key), tree.style(key), tag))
}
