//! What is being typed.

use yaml::{Entry, NodeId, Span};

use crate::document::Document;

/// What is being typed: a key, a scalar, or a word that may become either.
#[derive(Clone, Debug)]
pub struct Typing {
    /// A copy of the document with a marker in place of the typed word. Nodes are those of the copy, spans those of the
    /// original.
    pub document: Document,
    /// The typed word as a key, if it may be one.
    pub key: Option<TypedKey>,
    /// The typed word as a value, if it may be one.
    pub value: Option<TypedValue>,
}

/// A key that is being typed.
#[derive(Clone, Debug)]
pub struct TypedKey {
    /// The entry of the key.
    pub entry: Entry,
    /// The mapping that contains the entry.
    pub mapping: NodeId,
    /// The span of the word.
    pub span: Span,
    /// The word up to the cursor.
    pub typed: String,
    /// The text that must be inserted before the key: `- ` where only items of a list are possible.
    pub lead: &'static str,
    /// Whether a colon follows.
    pub colon: bool,
    /// Whether the key has a value, on its line or on the lines below.
    pub has_value: bool,
    /// Whether the key is in braces.
    pub flow: bool,
}

/// A value that is being typed.
#[derive(Clone, Debug)]
pub struct TypedValue {
    /// The node of the value: the scalar, or a mapping if the word may also be a key.
    pub node: NodeId,
    /// The span of the scalar without quotes.
    pub span: Span,
    /// The text of the scalar.
    pub text: String,
    /// The offset of the cursor in `text`.
    pub at: usize,
    /// The text that must be inserted before the value: a space behind `key:`, or `- `.
    pub lead: &'static str,
    /// The syntax around the value.
    pub slot: CursorSlot,
    /// Whether the value is in quotes or in a block scalar, so that inserted text needs no quotes.
    pub quoted: bool,
}

/// The syntax around a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorSlot {
    /// Behind `key:` on its line.
    Inline,
    /// Behind a dash.
    Item,
    /// At the start of a line.
    OwnLine,
    /// In brackets or braces.
    Flow,
    /// A line of a block scalar.
    BlockScalar,
}
