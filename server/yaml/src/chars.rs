//! What YAML 1.1 makes of single characters. Not the protocol's lines: those are in `text.rs`.

/// A line break: LF, CR, NEL, LS or PS.
pub(crate) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A space or a tab.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// What separates tokens. Not all that is white space elsewhere: a no-break space is text.
pub(crate) fn is_blank_or_break(c: char) -> bool {
    is_blank(c) || is_break(c)
}

/// How many bytes of line break `bytes` begin with; `\r\n` is one.
pub(crate) fn break_len(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] | [0xc2, 0x85, ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
        _ => 0,
    }
}

/// Where the line of `at` begins.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    let before = &text[..at];
    before.rfind(is_break).map_or(0, |it| it + break_len(&before.as_bytes()[it..]))
}

/// Where the line of `at` ends, before its line break.
pub(crate) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(is_break).map_or(text.len(), |it| at + it)
}

/// What PyYAML's reader lets through.
pub(crate) fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}
