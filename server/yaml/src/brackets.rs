//! Brackets in a text that does not parse.

use crate::{
    chars::{is_blank, is_blank_or_break, is_break},
    entry::{QuoteEnd, quote_end},
};

/// Whether the first line of `text` opens a bracket that it does not close.
pub(crate) fn opens_bracket(text: &str) -> bool {
    let first = text.split(is_break).find(|line| !line.chars().all(is_blank)).unwrap_or("");
    unclosed_bracket(first).is_some()
}

/// Returns the innermost bracket that is open at the end of the text, apart from those in quotes and comments.
pub(crate) fn unclosed_bracket(text: &str) -> Option<usize> {
    let mut open = vec![];
    let mut before = ' ';
    let mut chars = text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        // Quotes count at the start of a value only, brackets there and within brackets.
        let starts = is_blank_or_break(before) || matches!(before, '[' | '{' | ',' | ':' | '-');
        match c {
            '"' | '\'' if starts => {
                let (QuoteEnd::Closed(end) | QuoteEnd::Unclosed(end)) = quote_end(text, i, |_| false);
                while chars.next_if(|it| it.0 <= end).is_some() {}
            }
            '[' | '{' if starts => open.push((i, c)),
            // Closed by the wrong bracket: the inner one is not closed.
            ']' | '}' => match open.pop() {
                Some((i, opener)) if (opener == '[') != (c == ']') => return Some(i),
                _ => {}
            },
            '#' if is_blank_or_break(before) => drop(chars.by_ref().find(|it| is_break(it.1))),
            _ => {}
        }
        before = if c == '#' { '\n' } else { c };
    }
    open.pop().map(|it| it.0)
}
