//! Editor features for dstack files: diagnostics, fixes, completion, hover and outline. Pure and synchronous; offsets are in
//! bytes, and there are no protocol types and no file access.
//!
//! `document` is the place to start: every feature is a function of a [`Document`].
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

pub mod actions;
pub mod bind;
mod comment;
pub mod completion;
pub mod cursor;
pub mod debug;
pub mod diagnostic;
mod difference;
pub mod document;
mod draft;
mod expected;
mod findings;
mod fix;
mod fix_all;
mod fixes;
#[cfg(test)]
mod fixture;
pub mod hover;
pub mod kind;
mod limits;
mod memo;
pub mod options;
mod path;
mod prose;
pub mod reference;
pub mod rule;
pub mod rules;
mod secret;
mod suppress;
pub mod symbols;
pub mod target;
mod types;
mod words;

pub use actions::{Action, ActionId, ActionKind, Resolve, actions};
pub use bind::{Binding, Fact, Misfit, MisfitKind};
pub use completion::{CompletionItem, ItemKind, completion};
pub use cursor::{Cursor, Typing};
pub use diagnostic::{Applicability, Diagnostic, Findings, Fix, Related, RuleId, Severity, Stage, Tag};
pub use document::Document;
pub use expected::or;
pub use findings::{diagnostics, findings};
pub use fix::{Fixer, fixes};
pub use fix_all::fixed;
pub use fixes::{Removal, fixing};
pub use hover::{Hover, hover};
pub use limits::MAX_DETECTED_BYTES;
pub use options::{Level, Options, RuleOptions};
pub use path::path;
pub use rule::{Fixing, Rule};
pub use secret::Secrets;
pub use symbols::{Symbol, SymbolKind, symbols};
pub use target::{Origin, Target};
pub use words::closest;
