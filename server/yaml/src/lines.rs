//! Lines in YAML 1.1, and the style of a file: its line breaks and its indentation.
//!
//! A line ends with LF, CRLF, CR, NEL, LS or PS. The protocol only knows LF, CRLF and CR: see [`crate::Text`].

use crate::chars::is_break;

/// The style of a file, determined by its first examples; see [`crate::Tree::habits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// The line break: `\n`, `\r\n` or `\r`.
    pub line_break: &'static str,
    /// Number of columns that a mapping is indented relative to its key, from 1 to 8.
    pub mapping: usize,
    /// Number of columns that the dashes of a sequence are indented relative to its key, from 0 to 8.
    pub sequence: usize,
}

/// Returns the first line break of a text, `\n` if there is none.
pub(crate) fn first_break(text: &str) -> &'static str {
    match memchr::memchr2(b'\n', b'\r', text.as_bytes()) {
        Some(at) if text[at..].starts_with("\r\n") => "\r\n",
        Some(at) if text[at..].starts_with('\r') => "\r",
        _ => "\n",
    }
}

/// Returns the length in bytes of the line break that `bytes` start with, 0 if they start with none.
pub(crate) fn break_len(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] | [0xc2, 0x85, ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
        _ => 0,
    }
}

/// Whether a byte may be the first one of a line break.
fn may_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | 0xc2 | 0xe2)
}

/// Returns the offset at which the line of `at` starts.
pub fn line_start(text: &str, at: usize) -> usize {
    let before = &text.as_bytes()[..at];
    let mut end = at;
    while let Some(it) = before[..end].iter().rposition(|it| may_break(*it)) {
        match break_len(&before[it..]) {
            0 => end = it,
            len => return it + len,
        }
    }
    0
}

/// Returns the offset at which the line of `at` ends, before its line break.
pub fn line_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut start = at;
    while let Some(it) = bytes[start..].iter().position(|it| may_break(*it)) {
        match break_len(&bytes[start + it..]) {
            0 => start += it + 1,
            _ => return start + it,
        }
    }
    text.len()
}

/// Returns the offset at which the line after the one of `at` starts; on the last line, the length of the text.
pub fn next_line(text: &str, at: usize) -> usize {
    let end = line_end(text, at);
    end + break_len(&text.as_bytes()[end..])
}

/// Returns the end of the line before the one that starts at `start`; `None` for the first line.
pub fn end_of_line_before(text: &str, start: usize) -> Option<usize> {
    let before = &text[..start];
    let last = before.chars().next_back().filter(|it| is_break(*it))?;
    Some(start - if before.ends_with("\r\n") { 2 } else { last.len_utf8() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_break_separates_lines() {
        for (line_break, len) in [("\n", 1), ("\r\n", 2), ("\r", 1), ("\u{85}", 2), ("\u{2028}", 3), ("\u{2029}", 3)] {
            let text = format!("é{line_break}{line_break}b");
            assert_eq!(break_len(&text.as_bytes()[2..]), len);
            assert_eq!((line_start(&text, 2), line_end(&text, 0), next_line(&text, 0)), (0, 2, 2 + len));
            let second = 2 + len;
            assert_eq!((line_start(&text, second), line_end(&text, second)), (second, second));
            assert_eq!((end_of_line_before(&text, second), end_of_line_before(&text, 0)), (Some(2), None));
            let third = second + len;
            assert_eq!((next_line(&text, second), line_start(&text, text.len())), (third, third));
            assert_eq!(next_line(&text, third), text.len());
        }
        assert_eq!(["a", "a\rb\n", "\r\n", "\n\r\n"].map(first_break), ["\n", "\r", "\r\n", "\n"]);
    }
}
