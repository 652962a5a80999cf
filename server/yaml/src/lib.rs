//! Text to tree: YAML 1.1 as PyYAML reads it, parsed in pieces so that an edit costs what it touched. Knows nothing of dstack.
//!
//! In reading order:
#![forbid(unsafe_code)]

mod broken;
mod chars;
mod compose;
mod cut;
pub mod edits;
mod join;
pub mod path;
mod piece;
pub mod problem;
pub mod resolve;
mod spelling;
pub mod syntax;
pub mod text;
pub mod tree;
pub mod work;
pub mod write;

pub use cut::Grain;
pub use edits::{Edit, Edits};
pub use path::{Path, Step};
pub use piece::Piece;
pub use problem::SyntaxProblem;
pub use resolve::Scalar;
pub use spelling::Spelling;
pub use syntax::{Syntax, parse, parse_in};
pub use text::{Change, Encoding, Position, Span, Text};
pub use tree::{Comment, Entry, Kind, MAX_DEPTH, NodeId, PieceSpan, Properties, Style, Tree};
