//! The nodes of trees and of pieces of text.

use crate::span::Span;

/// Maximum depth of nested collections; PyYAML itself fails some hundred levels deeper. Broken text may add a level or two.
/// No tree is deeper, so that recursion over a tree is safe.
pub const MAX_DEPTH: usize = 250;

/// The index of a node in its [`crate::Tree`]; only valid for that tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// The kind of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `key: value` entries.
    Mapping,
    /// `- item`s.
    Sequence,
    /// A scalar. An empty value is a plain scalar with an empty span.
    Scalar,
    /// `*name`.
    Alias,
    /// Text that is not valid YAML. Its children are the parts that could be recovered.
    Broken,
}

/// The style in which a node is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// A collection by indentation.
    Block,
    /// A collection in brackets or braces.
    Flow,
    /// A scalar without quotes; also aliases and broken text.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A node in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) style: Style,
    /// Whether it is the key of an entry: keys and values alternate among the children of a mapping.
    pub(crate) is_key: bool,
    /// Whether its value is not its text, but in `cooked` of the piece or tree.
    pub(crate) is_cooked: bool,
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Distance to the parent; 0 at a root.
    pub(crate) up: u32,
    /// Number of nodes in the subtree, including this one.
    pub(crate) len: u32,
    /// Column in characters; only read when pieces are joined.
    pub(crate) column: u32,
}

impl Node {
    /// A node without children, at a root.
    pub(crate) fn new(kind: Kind, style: Style, span: Span) -> Node {
        let Span { start, end } = span;
        Node { kind, style, is_key: false, is_cooked: false, start, end, up: 0, len: 1, column: 0 }
    }
}

/// `key: value` of a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, usually a scalar.
    pub key: NodeId,
    /// The value; a plain scalar with an empty span if nothing is written.
    pub value: NodeId,
}

/// `&anchor` and `!tag` before a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// The name after `&`.
    pub anchor: Option<Box<str>>,
    /// The tag, with its handle resolved by the parser: `!!str` is `tag:yaml.org,2002:str`.
    pub tag: Option<Box<str>>,
}

/// A comment: `# …` up to the end of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the last character of the line.
    pub span: Span,
    /// Whether only white space precedes it on its line.
    pub own_line: bool,
}

impl Comment {
    pub(crate) fn shifted(self, base: u32) -> Comment {
        Comment { span: Span::new(self.span.start + base, self.span.end + base), ..self }
    }
}
