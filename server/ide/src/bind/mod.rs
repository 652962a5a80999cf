//! The tree against the catalogue: the meaning of each node, and the nodes that do not fit. The only walk over the schema.
//!
//! A fact depends on the subtree of its node and on the type expected there, never on absolute offsets, so that the facts
//! of an unchanged piece of text can be kept and joined.
//!
//! In reading order: `walk` goes down the tree with the types; `slots` reads a mapping as PyYAML builds it (merge keys,
//! the last of two equal keys), `dict` other collections as pydantic 1 does; `scalar` checks a single value; `scope` is a
//! mapping as the rules between its fields see it, which are `constraints` (stated by the catalogue) and `validators`
//! (functions named by the catalogue); `misfit` is what each of them reports.

mod binding;
mod constraints;
mod dict;
mod misfit;
mod scalar;
mod scope;
mod slots;
mod validators;
mod walk;

pub use binding::{Binding, Fact};
pub use misfit::{Breach, Conflict, Lack, Misfit, MisfitKind, Mismatch};
pub(crate) use scalar::value as python_value;
pub(crate) use slots::slots;
pub(crate) use validators::truth;
pub use walk::bind;
