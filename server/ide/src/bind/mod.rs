//! The tree against the catalogue: what each node means to dstack, and where it does not fit. The only walk over the schema.
//!
//! A fact depends on the subtree of its node and on the type expected there, never on absolute offsets, so that the facts
//! of a piece of text that did not change can be kept and joined.
//!
//! In reading order: `walk` goes down the tree with the types; `slots` reads a mapping as PyYAML builds it (merge keys,
//! the last of two equal keys), `dict` what is none as pydantic 1 does; `scalar` judges a single value; `constraints` and
//! `custom` are the rules between the fields of one mapping, with those of `fleet`, `groups`, `preset` and `server`.

mod constraints;
mod custom;
mod dict;
mod fleet;
mod groups;
mod preset;
mod scalar;
mod server;
mod slots;
mod walk;

use schema::{DocumentKind, FieldId, Release, TypeId};
use yaml::{NodeId, Tree};

pub(crate) use custom::truth;
pub(crate) use scalar::value as python_value;
pub(crate) use slots::{Slot, is_merge, slots};

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
    /// variant that fits best (the union itself where none can be told, as for an empty value). For a key of a table, the
    /// type of its keys. For a scalar that is written instead of a mapping, the type of that shorthand.
    pub ty: Option<TypeId>,
    /// The field that the node is the key or the value of.
    pub field: Option<FieldId>,
}

/// A node that does not fit, or is not as it should be. The rules put it into words.
#[derive(Clone, Debug, PartialEq)]
pub struct Misfit {
    /// The node that is to blame: a key, a value, or the mapping that lacks something.
    pub node: NodeId,
    /// The alias or merge through which the node is reached, if it stands elsewhere and is fine there.
    pub via: Option<NodeId>,
    /// Where the node counts, which is what a message names: for a key that is told as one, the mapping that has or merges
    /// it; for a node behind an alias, that alias (of several the last); else the node itself.
    pub seat: NodeId,
    /// What is wrong with it.
    pub kind: MisfitKind,
}

/// What is wrong with a node.
#[derive(Clone, Debug, PartialEq)]
pub enum MisfitKind {
    /// The key names no field of this mapping in any release.
    UnknownField(TypeId),
    /// The key of this mapping is no text to YAML: `on`, `1`.
    KeyNotText(TypeId),
    /// The mapping lacks a field that the release demands.
    MissingField(FieldId),
    /// The mapping lacks the field that tells the variants of this union apart.
    Untagged(TypeId),
    /// The value that should tell the variants of this union apart names none of them in this release.
    UnknownTag(TypeId),
    /// The kind of YAML is wrong: a mapping where text is expected.
    WrongType(TypeId),
    /// Nothing (null) where the type demands something.
    Empty(TypeId),
    /// The right kind, but not a value that the type takes.
    Invalid(TypeId, schema::Problem),
    /// None of the words of this enum, or of the words that this union takes.
    NotAWord(TypeId),
    /// A word of this enum, by its index, that the release does not have yet, or no longer has, or that is outdated.
    OutdatedWord(TypeId, u16),
    /// Fewer items than this.
    TooFew(u32),
    /// More items than this.
    TooMany(u32),
    /// The key names a field that this release does not have yet, or no longer has, or that is outdated: see `Field::status`.
    Outdated(FieldId),
    /// The key names a field that cannot be set beside the one with this key.
    Together {
        /// The field of the misfit's node.
        field: FieldId,
        /// The field that it cannot stand beside.
        with: FieldId,
        /// The key of that field.
        other: NodeId,
        /// What to do, if the catalogue says.
        note: Option<&'static str>,
    },
    /// The key names a field that is known here, but must be left out.
    Forbidden {
        /// The field.
        field: FieldId,
        /// Why, if the catalogue says.
        note: Option<&'static str>,
    },
    /// The mapping has none of these fields, and needs one.
    NoneOf(Vec<FieldId>),
    /// The key names a field that needs another one to be set.
    Needs {
        /// The field of the misfit's node.
        field: FieldId,
        /// The one that it needs.
        needs: FieldId,
    },
    /// A rule of its own is broken.
    Breach(Breach),
}

/// A broken rule between the fields of a mapping, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Breach {
    /// The rule of ours that tells it: `mutually-exclusive`, `missing-field` or `invalid-value`.
    pub rule: &'static str,
    /// What is wrong and what to do, without a final dot.
    pub message: String,
    /// Another node that explains it, with a few words.
    pub related: Option<(NodeId, &'static str)>,
    /// What would mend it.
    pub remedy: Remedy,
}

/// What would mend a [`Breach`].
#[derive(Clone, Debug, PartialEq)]
pub enum Remedy {
    /// Nothing that we could do.
    None,
    /// Remove an entry: its key, and the name of the field.
    Remove(Vec<NodeId>),
    /// Set a field of a mapping.
    Set(NodeId, &'static str, &'static str),
    /// Replace a value.
    Replace(NodeId, String),
}

/// Bind a tree, and note the first misfits, or all if `is_thorough`.
pub fn bind(tree: &Tree, kind: DocumentKind, release: Release, is_thorough: bool) -> Binding {
    walk::tree(tree, kind, release, is_thorough)
}

/// Whether a type of the catalogue takes a scalar in `release`.
pub(crate) fn takes(ty: TypeId, scalar: &yaml::Scalar<'_>, release: Release) -> bool {
    let catalogue = schema::catalogue();
    match catalogue.get(ty, release) {
        None => false,
        Some(schema::Type::Any) => true,
        Some(schema::Type::Nullable(inner)) => *scalar == yaml::Scalar::Null || takes(*inner, scalar, release),
        Some(schema::Type::Union(it)) => {
            it.discriminator.is_none() && it.variants.iter().any(|it| takes(*it, scalar, release))
        }
        Some(schema::Type::Mapping(it)) => it.shorthand.is_some_and(|it| takes(it, scalar, release)),
        Some(schema::Type::Table(_) | schema::Type::Sequence(_)) => false,
        Some(it) => scalar::judge(it, ty, scalar, release).is_none_or(|it| !it.rejects(catalogue, release)),
    }
}

impl Binding {
    /// What a node means.
    pub fn fact(&self, node: NodeId) -> Fact {
        self.facts.get(node.0 as usize).copied().unwrap_or_default()
    }

    /// What does not fit, in the order in which it was found.
    pub fn misfits(&self) -> &[Misfit] {
        &self.misfits
    }
}
