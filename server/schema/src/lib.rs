//! What dstack accepts: the catalogue of types and fields with their history, and the grammars of scalars. Contains no YAML
//! parsing and no positions except those within a scalar.
//!
//! In reading order:
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

pub mod catalogue;
pub mod files;
pub mod grammar;
pub mod model;
pub mod release;
pub mod shown;
pub mod value;
pub mod view;

pub use catalogue::{Catalogue, catalogue};
pub use files::DocumentKind;
pub use grammar::{Expected, Grammar, Parsed, Part, Problem};
pub use model::{
    Constraint, ConstraintKind, Deprecation, Enum, EnumValue, Field, FieldId, Limits, Mapping, Readers, Sequence,
    Skeleton, Status, Table, Tells, Timed, Type, TypeId, Union,
};
pub use release::Release;
pub use shown::shown;
pub use value::Value;
pub use view::{Fault, Shape, View};
