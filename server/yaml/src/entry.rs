//! The parts of an entry on a line of text that need not parse: anchors, tags, a key, quotes, plain text.
//!
//! All offsets are bytes of the text.

use std::ops::Range;

/// Whether a byte is a space or a tab.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(crate) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// Returns the first offset in `from..end` that is not a space or tab, or `end`.
pub fn skip_spaces(text: &str, from: usize, end: usize) -> usize {
    (from..end).find(|it| !is_space(text.as_bytes()[*it])).unwrap_or(end)
}

/// Returns where the scalar after the anchors and tags at `from` starts.
pub fn skip_properties(text: &str, from: usize, end: usize) -> usize {
    let mut at = from;
    while at < end && matches!(text.as_bytes()[at], b'&' | b'!') {
        let Some(space) = (at..end).find(|it| is_space(text.as_bytes()[*it])) else { return at };
        at = skip_spaces(text, space, end);
    }
    at
}

/// Returns the end of the plain text in `from..end`: before a comment and trailing spaces and tabs.
pub fn plain_end(text: &str, from: usize, end: usize) -> usize {
    let bytes = text.as_bytes();
    let comment = (from..end).find(|it| bytes[*it] == b'#' && *it > 0 && is_space(bytes[it - 1]));
    from + text[from..comment.unwrap_or(end)].trim_end_matches([' ', '\t']).len()
}

/// Returns the key of `key: value` in the line that ends at `end`, if there is one at `start`. Its colon is the next character
/// that is not a space or tab.
pub(crate) fn key(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_colon = |it: usize| it < end && bytes[it] == b':' && (it + 1 == end || is_space(bytes[it + 1]));
    match bytes[..end].get(start)? {
        b'#' | b'[' | b'{' | b'|' | b'>' => None,
        quote if is_quote(*quote) => {
            let QuoteEnd::Closed(close) = quote_end(&text[..end], start, |_| false) else { return None };
            is_colon(skip_spaces(text, close + 1, end)).then_some(start..close + 1)
        }
        _ => {
            let end = plain_end(text, start, end).max(start);
            let colon = (start..end).find(|it| is_colon(*it) || *it + 1 == end && bytes[*it] == b':')?;
            Some(start..plain_end(text, start, colon).max(start))
        }
    }
}

/// Where a quoted scalar ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuoteEnd {
    /// At this closing quote.
    Closed(usize),
    /// It is not closed; its text ends here.
    Unclosed(usize),
}

/// Returns the end of the scalar whose opening quote is at `start`. It is not closed if `ends_before` holds for the line break
/// at an offset within it.
pub(crate) fn quote_end(text: &str, start: usize, ends_before: impl Fn(usize) -> bool) -> QuoteEnd {
    let bytes = text.as_bytes();
    let quote = bytes[start];
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            it if it == quote => return QuoteEnd::Closed(at),
            b'\n' | b'\r' if ends_before(at) => return QuoteEnd::Unclosed(at),
            _ => {}
        }
        at += 1;
    }
    QuoteEnd::Unclosed(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_end_before_their_colon() {
        for (line, expected) in [
            ("a: b", Some("a")),
            ("a:", Some("a")),
            ("a b :\tc", Some("a b")),
            ("a: # b", Some("a")),
            ("a # b: c", None),
            ("a:b", None),
            ("http://x: y", Some("http://x")),
            ("\"a\\\": b\" : c", Some("\"a\\\": b\"")),
            ("'it''s': c", Some("'it''s'")),
            ("\"a: b", None),
            ("[a: b]", None),
            (": b", Some("")),
        ] {
            assert_eq!(key(line, 0, line.len()).map(|it| &line[it]), expected, "{line}");
        }
    }
}
