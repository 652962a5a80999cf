//! Positions and ranges.

use serde_json::Value;
use tower_lsp::ls_types as lsp;
use yaml::{Encoding, Position, Span, Text};

use super::{number::count, view::View};

impl View<'_> {
    /// The range of a span.
    pub(super) fn range(&self, span: Span) -> lsp::Range {
        range(self.document.text(), span, self.abilities.encoding)
    }

    /// The offset of a position; beyond the end of a line, that of the line's end.
    pub(crate) fn offset(&self, at: Position) -> u32 {
        self.document.text().offset(at, self.abilities.encoding)
    }
}

/// The range of a span of a text.
pub(crate) fn range(text: &Text, span: Span, encoding: Encoding) -> lsp::Range {
    let position = |Position { line, column }| lsp::Position { line, character: column };
    let (start, end) = text.range(span, encoding);
    lsp::Range { start: position(start), end: position(end) }
}

/// Reads a position as a client sent it.
///
/// # Errors
/// If its line or its column is missing or not a number.
pub(crate) fn parse(sent: &Value) -> Result<Position, &'static str> {
    let (line, column) = (count(&sent["line"]), count(&sent["character"]));
    let (line, column) = line.zip(column).ok_or("a position needs a `line` and a `character`")?;
    Ok(Position { line, column })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_position_may_be_written_with_floats_and_lie_beyond_all_texts() {
        let parsed = parse(&json!({"line": 1.0, "character": 4_294_967_296_u64, "more": 1}));
        assert_eq!(parsed, Ok(Position { line: 1, column: u32::MAX }));
        for odd in [json!({"line": 1}), json!({"line": -1, "character": 0}), json!([1, 2]), json!(null)] {
            assert!(parse(&odd).is_err(), "{odd}");
        }
    }
}
