//! The nodes of a tree, which pieces of text have as well.

use crate::span::Span;

/// Collections within collections that are read; PyYAML itself gives up some hundred levels further down. Broken text may
/// add a level or two, and no tree is deeper than that, so that it may be walked by recursion.
pub const MAX_DEPTH: usize = 250;

/// The index of a node in its [`crate::Tree`]; only good for the tree that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `key: value` entries.
    Mapping,
    /// `- item`s.
    Sequence,
    /// Text, or nothing (an empty value is a plain scalar of no width).
    Scalar,
    /// `*name`.
    Alias,
    /// Text that is no YAML. Its children are what could be read of it.
    Broken,
}

/// How a node is written.
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
    /// Whether it is the key of an entry, by its turn among the children of a mapping.
    pub(crate) is_key: bool,
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Distance to the parent; 0 at a root.
    pub(crate) up: u32,
    /// Nodes in the subtree, this one included.
    pub(crate) len: u32,
    /// Column in characters, which only the join reads.
    pub(crate) column: u32,
}

/// `key: value` of a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, mostly a scalar.
    pub key: NodeId,
    /// The value; a plain scalar of no width where nothing is written.
    pub value: NodeId,
}

/// `&anchor` and `!tag` before a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// Name after `&`.
    pub anchor: Option<Box<str>>,
    /// The tag, with its handle resolved as the parser does (`!!str` is `tag:yaml.org,2002:str`).
    pub tag: Option<Box<str>>,
}

/// `# …` up to the end of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the last character of the line.
    pub span: Span,
    /// Whether nothing but spaces stands before it on its line.
    pub own_line: bool,
}

impl Comment {
    pub(crate) fn shifted(self, base: u32) -> Comment {
        Comment { span: Span::new(self.span.start + base, self.span.end + base), ..self }
    }
}
