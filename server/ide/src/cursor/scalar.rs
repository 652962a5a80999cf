//! Boundaries of the scalar at the cursor.

use yaml::{
    Span,
    cursor::{QuoteEnd, quote_end},
};

/// The text in the quotes that open at `quote`, as a span without and one with the quotes. `None` if the text differs from the
/// value (escapes, several lines).
pub(super) fn in_quotes(
    text: &str,
    at: usize,
    quote: usize,
    stop: Option<usize>,
    line_end: usize,
) -> Option<(Span, Span)> {
    let (inner_end, end) = match quote_end(text, quote, stop) {
        QuoteEnd::Closed(close) => (close, close + 1),
        QuoteEnd::Unclosed(_) => (line_end, line_end),
    };
    let inner = Span::new(quote as u32 + 1, inner_end as u32);
    let plain = !text.get(inner.range())?.contains(['\\', '\'', '\n', '\r']);
    (plain && inner.touches(at as u32)).then_some((inner, Span::new(quote as u32, end as u32)))
}

/// Whether a node other than a plain scalar starts at an offset.
pub(super) fn opens_node(text: &str, at: usize) -> bool {
    matches!(text.as_bytes().get(at), Some(b'"' | b'\'' | b'[' | b'{' | b'|' | b'>' | b'#' | b'&' | b'!' | b']' | b'}'))
}

/// Whether a byte may be part of a key.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}
