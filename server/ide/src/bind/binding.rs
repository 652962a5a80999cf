//! What binding a tree yields: a fact for each node, and the nodes that do not fit.

use schema::{FieldId, TypeId};
use yaml::NodeId;

use super::misfit::Misfit;

/// The meaning of the nodes of a tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Binding {
    pub(super) facts: Vec<Fact>,
    pub(super) misfits: Vec<Misfit>,
}

/// The meaning of a node. Keys and values of a known field carry the field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// The type that the node was checked against: resolved for the release, without nullability, and of a union the
    /// variant that fits best (the union itself if none can be chosen, as for an empty value). For a key of a table, the
    /// type of its keys. For a scalar that is written instead of a mapping, the type of that shorthand.
    pub ty: Option<TypeId>,
    /// The type that is expected in the place of the node, as the catalogue states it: `ty` is one of its alternatives.
    pub expected: Option<TypeId>,
    /// The field that the node is the key or the value of.
    pub field: Option<FieldId>,
}

impl Binding {
    /// The meaning of a node.
    pub fn fact(&self, node: NodeId) -> Fact {
        self.facts.get(node.0 as usize).copied().unwrap_or_default()
    }

    /// The nodes that do not fit, in the order in which they were found.
    pub fn misfits(&self) -> &[Misfit] {
        &self.misfits
    }
}
