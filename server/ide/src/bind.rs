//! The tree against the catalogue: what each node means to dstack, and where it does not fit. The only walk over the schema.
//!
//! A fact depends on the subtree of its node and on the type expected there, never on absolute offsets, so that the facts
//! of a piece of text that did not change can be kept and joined.

use schema::{DocumentKind, FieldId, Release, TypeId};
use yaml::{NodeId, Tree};

/// What the nodes of a tree mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Binding {
    facts: Vec<Fact>,
    misfits: Vec<Misfit>,
}

/// What a node means. Keys and values of a known field carry the field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// The type that the node was checked against: resolved for the release, without nullability, and of a union the
    /// variant that fits best. For a key of a table, the type of its keys.
    pub ty: Option<TypeId>,
    /// The field that the node is the key or the value of.
    pub field: Option<FieldId>,
}

/// A node that does not fit, or is not as it should be. The rules put it into words.
#[derive(Clone, Debug, PartialEq)]
pub struct Misfit {
    /// The node that is to blame: a key, a value, or the mapping that lacks something.
    pub node: NodeId,
    /// What is wrong with it.
    pub kind: MisfitKind,
}

/// What is wrong with a node.
#[derive(Clone, Debug, PartialEq)]
pub enum MisfitKind {
    /// The key names no field of this mapping in any release.
    UnknownField(TypeId),
    /// The mapping lacks a field that the release demands.
    MissingField(FieldId),
    /// The kind of YAML is wrong: a mapping where text is expected.
    WrongType(TypeId),
    /// The right kind, but not a value that the type takes.
    Invalid(TypeId, schema::Problem),
    /// The key names a field that this release does not have yet, or no longer has, or that is outdated: see `Field::status`.
    Outdated(FieldId),
}

/// Bind a tree.
pub fn bind(tree: &Tree, kind: DocumentKind, release: Release) -> Binding {
    let _ = (kind, release);
    Binding { facts: vec![Fact::default(); tree.len()], misfits: vec![] }
}

impl Binding {
    /// What a node means.
    pub fn fact(&self, node: NodeId) -> Fact {
        self.facts.get(node.0 as usize).copied().unwrap_or_default()
    }

    /// What does not fit, in order of the nodes.
    pub fn misfits(&self) -> &[Misfit] {
        &self.misfits
    }
}
