//! What is at an offset: the only place where a cursor is understood.

use yaml::{NodeId, Span};

use crate::document::Document;

/// A place in a document, as hover and completion need it.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    /// The document.
    pub document: &'a Document,
    /// Where in its text.
    pub offset: u32,
    /// The innermost node there, if there is one.
    pub node: Option<NodeId>,
    /// The characters of the word or scalar at the cursor.
    pub span: Span,
}

impl<'a> Cursor<'a> {
    /// The place at `offset`.
    pub fn at(document: &'a Document, offset: u32) -> Cursor<'a> {
        let node = document.tree().node_at(offset);
        let span = node.map_or(Span::at(offset), |node| document.tree().span(node));
        Cursor { document, offset, node, span }
    }
}
