//! What an editor wants to know about a dstack file. Pure and synchronous; counts bytes, knows no protocol and no files.
//!
//! In reading order:
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

pub mod actions;
pub mod bind;
mod comment;
pub mod completion;
pub mod cursor;
pub mod diagnostic;
pub mod document;
mod draft;
mod expected;
#[cfg(test)]
mod fixture;
pub mod hover;
pub mod kind;
mod prose;
pub mod reference;
pub mod rules;
mod secret;
mod suppress;
pub mod symbols;
pub mod target;
mod types;
mod words;

pub use actions::{Action, actions};
pub use bind::{Binding, Fact, Misfit, MisfitKind};
pub use completion::{CompletionItem, ItemKind, completion};
pub use cursor::{Cursor, Typing};
pub use diagnostic::{Applicability, Diagnostic, Findings, Fix, Severity, Stage, diagnostics, findings, fixed};
pub use document::Document;
pub use hover::{Hover, hover};
pub use rules::Rule;
pub use secret::Secrets;
pub use symbols::{Symbol, SymbolKind, symbols};
pub use target::{Origin, Target};
