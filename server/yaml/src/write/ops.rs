//! The operations of a rewrite on the entries and items of a collection.

use std::collections::BTreeMap;

use super::{source::Source, value::Value};
use crate::node::NodeId;

/// The place of a new entry or item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before the entry with this key or value, or before this item, above the comments directly above it (for the first of
    /// a collection: below them, since they may describe the whole collection).
    Before(NodeId),
    /// After the entry with this key or value, or after this item.
    After(NodeId),
    /// At the end of this collection. The node may also be an empty value (`resources:`, `resources: null`), which then
    /// becomes a collection.
    End(NodeId),
    /// At the end of the root mapping, which is created in an empty text.
    Root,
}

/// The operations on one entry or item.
#[derive(Clone, Debug, Default)]
pub(super) struct RowOps {
    pub(super) remove: Option<Comments>,
    pub(super) before: Vec<New>,
    pub(super) after: Vec<New>,
}

/// The fate of the comments of a removed entry or item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comments {
    Drop,
    Keep,
    /// The entry is moved, together with the comments directly above it.
    Along,
}

/// A new entry or item.
#[derive(Clone, Debug)]
pub(super) enum New {
    Entry(String, Value),
    Item(Value),
    /// An entry of the same tree, by its key.
    Moved(NodeId),
}

/// Iterates over the operations on the rows of a collection.
pub(super) fn ops_within<'a>(
    source: &Source<'_>,
    collection: NodeId,
    ops: &'a BTreeMap<NodeId, RowOps>,
) -> impl Iterator<Item = (NodeId, &'a RowOps)> {
    let rows = ops.range(collection..source.tree.subtree_end(collection)).map(|(node, op)| (*node, op));
    rows.filter(move |it| source.tree.parent(it.0) == Some(collection))
}
