//! Parses YAML 1.1 as PyYAML reads it, in pieces, so that an edit only costs what it touches. Knows nothing of dstack.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

mod brackets;
mod broken;
mod chars;
mod comments;
mod compose;
pub mod cursor;
mod cut;
pub mod edits;
mod entry;
mod explain;
mod group;
mod habits;
mod join;
pub mod lines;
mod node;
mod outline;
pub mod path;
mod piece;
pub mod problem;
pub mod resolve;
mod span;
mod spelling;
mod strict;
pub mod syntax;
pub mod text;
pub mod tree;
pub mod work;
pub mod write;

pub use cut::Grain;
pub use edits::{Edit, Edits};
pub use node::{Comment, Entry, Kind, MAX_DEPTH, NodeId, Properties, Style};
pub use path::{Path, Step};
pub use piece::Piece;
pub use problem::SyntaxProblem;
pub use resolve::Scalar;
pub use span::Span;
pub use spelling::Spelling;
pub use syntax::{Syntax, parse, parse_in};
pub use text::{Change, Encoding, Position, Text};
pub use tree::{PieceSpan, Tree};
