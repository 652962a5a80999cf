//! Text to tree: YAML 1.1 as PyYAML reads it, parsed in pieces so that an edit costs what it touched. Knows nothing of dstack.
//!
//! In reading order:
#![forbid(unsafe_code)]

pub mod edits;
pub mod path;
mod piece;
pub mod problem;
pub mod resolve;
pub mod syntax;
pub mod text;
pub mod tree;
pub mod write;

pub use edits::{Edit, Edits, Side};
pub use path::{Path, Step};
pub use problem::SyntaxProblem;
pub use resolve::Scalar;
pub use syntax::{Syntax, parse};
pub use text::{Change, Encoding, Position, Positions, Span, Text};
pub use tree::{Comment, Entry, Kind, NodeId, Properties, Style, Tree};
