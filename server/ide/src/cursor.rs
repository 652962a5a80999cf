//! Interprets an offset in a document.
//!
//! [`Cursor::at`] finds the node at an offset of the document as it is, for hover. [`Typing::at`] finds what is being typed,
//! for completion. There the text is usually incomplete, so a marker replaces the typed word in a copy of the document, and
//! the tree and the facts of the copy are read:
//!
//! ```yaml
//! resources:
//!   gp          # becomes `  x:`, an entry of `resources`
//! ide:          # becomes `ide: x`, the value of `ide`
//! ```

mod block;
mod flow;
mod probe;
mod scalar;
mod typing;

use yaml::{
    Entry, NodeId, Span, Style, Tree,
    cursor::{Surrounding, surrounding},
    lines::{end_of_line_before, line_start},
};

use crate::{document::Document, types};
pub use typing::{CursorSlot, TypedKey, TypedValue, Typing};

/// A position in a document.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    /// The document.
    pub document: &'a Document,
    /// The offset in the text.
    pub offset: u32,
    /// The innermost node at the offset, if there is one.
    pub node: Option<NodeId>,
    /// The span of the node; empty if there is none.
    pub span: Span,
}

impl<'a> Cursor<'a> {
    /// The position at `offset`.
    pub fn at(document: &'a Document, offset: u32) -> Cursor<'a> {
        let node = document.tree().node_at(offset);
        let span = node.map_or(Span::at(offset), |node| document.tree().span(node));
        Cursor { document, offset, node, span }
    }

    /// The entry whose key the node is.
    pub fn key(&self) -> Option<Entry> {
        let node = self.node?;
        self.document.tree().entry_of(node).filter(|entry| entry.key == node)
    }
}

impl Typing {
    /// What is being typed at `offset`; `None` where nothing can be inserted: in a comment, between key and colon, or where a
    /// word would break the YAML.
    pub fn at(document: &Document, offset: u32) -> Option<Typing> {
        let text = document.text().as_str();
        let at = offset as usize;
        let splits_break =
            at > 0 && text.as_bytes()[..text.len().min(at)].ends_with(b"\r") && text.as_bytes().get(at) == Some(&b'\n');
        if !text.is_char_boundary(at) || splits_break || is_comment(document.tree(), offset) {
            return None;
        }
        let (from, trusted) = match closed_around(document.tree(), offset) {
            Some(start) => (line_start(text, start as usize), true),
            None => (entry_start(text, at), false),
        };
        match surrounding(text, from, at, trusted) {
            Surrounding::Nothing => None,
            Surrounding::BlockScalar => block::block_scalar(document, at),
            Surrounding::Flow { line, frames, quote } => flow::flow(document, at, &line, &frames, quote, trusted),
            Surrounding::Block { line, quote: Some(quote) } => block::quoted(document, at, &line, quote, trusted),
            Surrounding::Block { line, quote: None } => match line.colon {
                Some(colon) if block::is_item_with_colon(&line, at) => block::inline(document, at, &line, colon)
                    .filter(Typing::is_of_field)
                    .or_else(|| block::word(document, at, &line)),
                Some(colon) if at >= colon => block::inline(document, at, &line, colon),
                _ => block::word(document, at, &line),
            },
        }
    }

    /// Whether the value is that of a known field.
    fn is_of_field(&self) -> bool {
        self.value.as_ref().is_some_and(|it| types::field_of(&self.document, it.node).is_some())
    }
}

/// Whether the offset is in a comment.
fn is_comment(tree: &Tree, offset: u32) -> bool {
    let comments = tree.comments();
    let before = comments.partition_point(|it| it.span.start < offset);
    before.checked_sub(1).is_some_and(|it| offset <= comments[it].span.end)
}

/// The start of the outermost closed brackets or quotes around `offset`.
fn closed_around(tree: &Tree, offset: u32) -> Option<u32> {
    let node = tree.node_at(offset)?;
    let around = tree.ancestors(node).filter(|it| {
        let (span, text) = (tree.span(*it), tree.text(*it));
        let closed = match tree.style(*it) {
            Style::Flow => text.ends_with([']', '}']),
            Style::SingleQuoted => text.len() > 1 && text.ends_with('\''),
            Style::DoubleQuoted => text.len() > 1 && text.ends_with('"'),
            _ => false,
        };
        closed && span.start < offset && offset < span.end
    });
    around.last().map(|it| tree.span(it).start)
}

/// The start of the last line up to that of `at` with text in its first column. Nothing above that line affects `at`.
fn entry_start(text: &str, at: usize) -> usize {
    let mut start = line_start(text, at);
    loop {
        let first = text.as_bytes().get(start).copied().unwrap_or(b' ');
        if start == 0 || !(first.is_ascii_whitespace() || matches!(first, b'#' | b']' | b'}')) {
            return start;
        }
        start = end_of_line_before(text, start).map_or(0, |it| line_start(text, it));
    }
}

#[cfg(test)]
mod tests;
