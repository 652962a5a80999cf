//! Nodes that do not fit the catalogue, as structured facts. The rules turn them into messages and fixes.

use schema::{Catalogue, FieldId, Release, Type, TypeId};
use yaml::NodeId;

/// A node that does not fit, or that fits but is outdated.
#[derive(Clone, Debug, PartialEq)]
pub struct Misfit {
    /// The node at fault: a key, a value, or the mapping that lacks something.
    pub node: NodeId,
    /// The first alias or merge through which the node is reached, if the node is defined elsewhere.
    pub via: Option<NodeId>,
    /// The node that a message names: for a key, the mapping that has or merges it; for a node behind an alias, the last
    /// alias; otherwise the node itself.
    pub seat: NodeId,
    /// What is wrong.
    pub kind: MisfitKind,
}

/// What is wrong with a node.
#[derive(Clone, Debug, PartialEq)]
pub enum MisfitKind {
    /// The key is not a field of this mapping type in any release.
    UnknownField(TypeId),
    /// YAML does not read the key of this mapping as a string: `on`, `1`.
    KeyNotString(TypeId),
    /// The key is a field that this release does not have yet, no longer has, or that is outdated: see `Field::status`.
    Outdated(FieldId),
    /// The wrong kind of YAML: a mapping where a string is expected.
    WrongType(TypeId),
    /// Null where the type requires a value.
    Empty(TypeId),
    /// The right kind of YAML, but not a value of the type.
    Invalid(TypeId, schema::Problem),
    /// Not a value of this enum, or of any enum of this union.
    UnknownValue(TypeId),
    /// The value of this enum with this index, which the release does not have yet, no longer has, or that is outdated.
    OutdatedValue(TypeId, u16),
    /// The value of a union's discriminator that selects none of its variants in this release.
    UnknownTag(TypeId),
    /// Fewer items than this.
    TooFew(u32),
    /// More items than this.
    TooMany(u32),
    /// A mapping, or an entry of one, that requires something that is not there. Reported by `missing-field`.
    Lack(Lack),
    /// Fields that cannot be combined. Reported by `mutually-exclusive`.
    Conflict(Box<Breach<Conflict>>),
    /// A value that does not go with other values. Reported by `invalid-value`.
    Mismatch(Box<Breach<Mismatch>>),
}

/// A violated rule between the fields of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Breach<K> {
    /// The rule.
    pub kind: K,
    /// Another node that explains the violation.
    pub other: Option<NodeId>,
    /// The keys and items whose removal resolves it, the likeliest first.
    pub removable: Vec<NodeId>,
}

/// What a mapping or an entry requires.
#[derive(Clone, Debug, PartialEq)]
pub enum Lack {
    /// A required field of the mapping.
    Field(FieldId),
    /// The discriminator of this union.
    Tag(TypeId),
    /// One of these fields.
    AnyOf(Vec<FieldId>),
    /// A field that the field of the misfit's node requires.
    Other {
        /// The field of the misfit's node.
        field: FieldId,
        /// The field that it requires.
        needs: FieldId,
    },
    /// `scaling`, in a mapping whose number of replicas is a range.
    Scaling {
        /// The name of the field with the number of replicas.
        replicas: &'static str,
        /// The mapping.
        mapping: NodeId,
    },
    /// The path of a file, or its content.
    PathOrContent {
        /// The field for the path.
        path: &'static str,
        /// The field for the content.
        content: &'static str,
    },
    /// The credentials of a Nebius service account.
    NebiusKey,
    /// `commands` of a replica or node group without an `image`.
    GroupCommands,
}

/// Fields that cannot be combined.
#[derive(Clone, Debug, PartialEq)]
pub enum Conflict {
    /// Two fields of a mapping.
    Fields {
        /// The field of the misfit's node.
        field: FieldId,
        /// The field that it cannot be combined with.
        with: FieldId,
        /// What to do, if the catalogue says it.
        note: Option<&'static str>,
    },
    /// A known field that is not allowed in this place.
    Forbidden {
        /// The field.
        field: FieldId,
        /// The reason, if the catalogue says it.
        note: Option<&'static str>,
    },
    /// `inactivity_duration` with `dstack: true`.
    InactivityDuration,
    /// `docker: true` with this field.
    Docker(&'static str),
    /// `privileged: false` with `docker: true`.
    Unprivileged,
    /// `body` of a probe with this method.
    ProbeBody(&'static str),
    /// `scaling` with a fixed number of replicas.
    Scaling {
        /// The name of the field with the number of replicas, if there is one.
        replicas: Option<&'static str>,
        /// The mapping.
        mapping: NodeId,
    },
    /// This field with replica or node groups.
    Groups(&'static str),
    /// A second group with a `router`.
    SecondRouter,
    /// `router` of a service that has a group with a `router`.
    ServiceRouter,
    /// The same field in a service and in a group.
    SameInGroup(&'static str),
    /// A field of a service and another one of a group.
    OtherInGroup {
        /// The field of the service.
        field: &'static str,
        /// The field of the group.
        with: &'static str,
    },
    /// Two fields that name the model of a preset, the first one first.
    Model([&'static str; 2]),
    /// A field that describes generated requests, with a `dataset`.
    Dataset(&'static str),
    /// `effort: max` with an agent other than Claude.
    Effort,
}

/// A value that does not go with other values.
#[derive(Clone, Debug, PartialEq)]
pub enum Mismatch {
    /// A `version` that Windsurf does not have.
    WindsurfVersion,
    /// `max` less than `min`.
    RangeOrder,
    /// A value that its mapping rejects, with the message of the grammar.
    Value(String),
    /// A value that may be used once in a list.
    Repeated {
        /// The noun for it.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// A probe equal to an earlier one.
    RepeatedProbe,
    /// An environment variable that is set twice.
    RepeatedVariable(String),
    /// A group name that is used twice.
    RepeatedGroup(String),
    /// A number of nodes below its lower bound.
    FleetNodes {
        /// The field that is too small.
        field: &'static str,
        /// The field that it is compared with, if that is set.
        than: Option<&'static str>,
        /// The smallest valid number.
        least: i128,
    },
    /// More than one replica in a group with a `router`.
    RouterReplicas,
    /// An empty path without the content of the file.
    EmptyPath {
        /// The field for the path.
        path: &'static str,
        /// The field for the content.
        content: &'static str,
    },
    /// A blank model name.
    EmptyName,
    /// A shared prefix that is not shorter than the request.
    SharedPrefix {
        /// The length of the request, where `input_tokens` is not set.
        default: Option<i128>,
    },
}

impl<K> Breach<K> {
    /// A violation without further nodes.
    pub(super) fn of(kind: K) -> Breach<K> {
        Breach { kind, other: None, removable: vec![] }
    }

    /// With a node that explains it.
    pub(super) fn with(self, other: impl Into<Option<NodeId>>) -> Breach<K> {
        Breach { other: other.into(), ..self }
    }

    /// With entries whose removal resolves it.
    pub(super) fn removing(self, removable: Vec<NodeId>) -> Breach<K> {
        Breach { removable, ..self }
    }
}

impl From<Breach<Conflict>> for MisfitKind {
    fn from(breach: Breach<Conflict>) -> MisfitKind {
        MisfitKind::Conflict(Box::new(breach))
    }
}

impl From<Breach<Mismatch>> for MisfitKind {
    fn from(breach: Breach<Mismatch>) -> MisfitKind {
        MisfitKind::Mismatch(Box::new(breach))
    }
}

impl From<Lack> for MisfitKind {
    fn from(lack: Lack) -> MisfitKind {
        MisfitKind::Lack(lack)
    }
}

impl MisfitKind {
    /// Whether dstack's parser rejects the file because of it.
    pub fn rejects(&self, catalogue: &Catalogue, release: Release) -> bool {
        match self {
            MisfitKind::Outdated(field) => {
                catalogue.field_by_id(*field).is_some_and(|it| !it.status(release).is_accepted())
            }
            MisfitKind::OutdatedValue(ty, index) => match catalogue.get(*ty, release) {
                Some(Type::Enum(it)) => {
                    it.values.get(*index as usize).is_some_and(|it| !it.status(release).is_accepted())
                }
                _ => false,
            },
            _ => true,
        }
    }
}
