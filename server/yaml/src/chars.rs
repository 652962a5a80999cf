//! Classes of characters in YAML 1.1.

/// Whether a character is a line break: LF, CR, NEL, LS or PS.
pub(crate) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a character is a space or a tab.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// Whether a character separates tokens. A no-break space and other white space do not; they are text.
pub(crate) fn is_blank_or_break(c: char) -> bool {
    is_blank(c) || is_break(c)
}

/// Whether PyYAML's reader accepts a character, except U+FEFF, which is a byte order mark.
pub(crate) fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}
