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

/// What PyYAML's reader lets through.
pub(crate) fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}
