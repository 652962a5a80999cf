//! Positions and ranges.

use tower_lsp::ls_types as lsp;
use yaml::{Encoding, Position, Span, Text};

use super::view::View;

impl View<'_> {
    /// A range.
    pub(super) fn range(&self, span: Span) -> lsp::Range {
        range(self.document.text(), span, self.abilities.encoding)
    }
}

fn range(text: &Text, span: Span, encoding: Encoding) -> lsp::Range {
    let position = |Position { line, column }| lsp::Position { line, character: column };
    let (start, end) = text.range(span, encoding);
    lsp::Range { start: position(start), end: position(end) }
}

/// A position; beyond a line's end it is the line's end.
pub(crate) fn offset(text: &Text, at: lsp::Position, encoding: Encoding) -> u32 {
    text.offset(position(at), encoding)
}

/// A range; one that is written backwards means the same forwards.
pub(crate) fn span(text: &Text, range: lsp::Range, encoding: Encoding) -> Span {
    text.span(position(range.start), position(range.end), encoding)
}

fn position(at: lsp::Position) -> Position {
    Position { line: at.line, column: at.character }
}
