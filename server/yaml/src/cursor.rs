//! The kind of text that surrounds an offset, from the characters alone, so that it works in text that does not parse.
//!
//! Reads from a line that starts an entry up to the offset: dashes, `key:`, quotes, brackets, comments and block scalars. Types
//! and nodes play no part.

mod brackets;
mod line;

use std::ops::ControlFlow;

pub use crate::entry::{QuoteEnd, plain_end, skip_properties, skip_spaces};
use crate::{
    entry::{is_quote, is_space},
    lines::{line_end, next_line},
};
use brackets::Flow;
pub use brackets::{Frame, is_closed};
pub use line::{Line, quote_end};

/// What surrounds an offset.
#[derive(Clone, Debug, PartialEq)]
pub enum Surrounding {
    /// Nothing that could be completed: a comment, an anchor, the text after a closing quote.
    Nothing,
    /// The text of a block scalar.
    BlockScalar,
    /// Plain text or an empty place outside of brackets, or the inside of the quotes that open the scalar of this line.
    Block {
        /// The line of the entry.
        line: Line,
        /// The opening quote.
        quote: Option<usize>,
    },
    /// The inside of brackets.
    Flow {
        /// The line of the outermost bracket.
        line: Line,
        /// The open brackets, the outermost first.
        frames: Vec<Frame>,
        /// The opening quote of the scalar around the offset.
        quote: Option<usize>,
    },
}

/// Returns what surrounds `offset`, read from `from`, which starts a line. If `trusted`, brackets and quotes from there on are
/// known to be closed, so that indentation does not end them.
pub fn surrounding(text: &str, from: usize, offset: usize, trusted: bool) -> Surrounding {
    let scan = Scan { text, offset, trusted };
    let mut at = from;
    loop {
        let end = match scan.entry(Line::read(text, at)) {
            ControlFlow::Break(surrounding) => return surrounding,
            ControlFlow::Continue(end) => end,
        };
        let following = next_line(text, end);
        if following == end {
            return Surrounding::Nothing;
        }
        at = following;
    }
}

struct Scan<'t> {
    text: &'t str,
    offset: usize,
    trusted: bool,
}

/// What surrounds the offset, or the end of the line that an entry ends on, if the offset is after it.
type Step = ControlFlow<Surrounding, usize>;

impl Scan<'_> {
    /// Reads the entry that starts on a line.
    fn entry(&self, line: Line) -> Step {
        let text = self.text;
        let is_here = self.offset <= line.end;
        let value = skip_spaces(text, line.colon.unwrap_or(line.content), line.end);
        let value = skip_properties(text, value, line.end);
        let is_in_key = line.key.as_ref().is_some_and(|key| self.offset <= key.end);
        if is_here && (is_in_key || self.offset <= value) {
            return ControlFlow::Break(self.before_value(line, value, is_in_key));
        }
        match text.as_bytes()[..line.end].get(value) {
            Some(b'&' | b'!' | b'#') if is_here => ControlFlow::Break(Surrounding::Nothing),
            Some(b'#') => ControlFlow::Continue(line.end),
            Some(b'|' | b'>') if is_header(&text[value..line.end]) => match is_here {
                true => ControlFlow::Break(Surrounding::Nothing),
                false => self.block_scalar(&line),
            },
            Some(b'"' | b'\'') => self.quoted(line, value),
            Some(b'[' | b'{') => self.brackets(line, value),
            _ if is_here => ControlFlow::Break(self.plain(line, value)),
            _ => ControlFlow::Continue(line.end),
        }
    }

    /// At or before the start of a value on its line.
    fn before_value(&self, line: Line, value: usize, is_in_key: bool) -> Surrounding {
        let (text, offset) = (self.text, self.offset);
        let from = line.colon.unwrap_or(line.dashes.last().map_or(line.indent, |it| it + 1));
        let is_in_properties =
            !is_in_key && from < offset && offset < value && !text[from..offset].bytes().all(is_space);
        let is_in_quotes = is_in_key && line.key.as_ref().is_some_and(|key| is_quote(text.as_bytes()[key.start]));
        if is_in_properties || is_in_quotes { Surrounding::Nothing } else { Surrounding::Block { line, quote: None } }
    }

    /// The lines below the header of a block scalar.
    fn block_scalar(&self, line: &Line) -> Step {
        let (text, offset) = (self.text, self.offset);
        let above = line.key.as_ref().map(|key| key.start).or(line.dashes.last().copied());
        let min_indent = above.map_or(0, |it| it - line.start + 1);
        let mut end_before = line.end;
        loop {
            let start = next_line(text, end_before);
            if start == end_before {
                return ControlFlow::Break(Surrounding::Nothing);
            }
            let end = line_end(text, start);
            let content = skip_spaces(text, start, end);
            let is_blank = content == end;
            let is_behind_indent = offset >= start + min_indent;
            if offset <= end && (if is_blank { is_behind_indent } else { content - start >= min_indent }) {
                let surrounding = if is_behind_indent { Surrounding::BlockScalar } else { Surrounding::Nothing };
                return ControlFlow::Break(surrounding);
            }
            if !is_blank && content - start < min_indent || offset <= end {
                return ControlFlow::Continue(end_before);
            }
            end_before = end;
        }
    }

    fn quoted(&self, line: Line, quote: usize) -> Step {
        match quote_end(self.text, quote, line.stop(self.trusted)) {
            QuoteEnd::Closed(end) | QuoteEnd::Unclosed(end) if self.offset <= end => {
                ControlFlow::Break(Surrounding::Block { line, quote: Some(quote) })
            }
            QuoteEnd::Closed(end) | QuoteEnd::Unclosed(end) => self.after(end),
        }
    }

    fn brackets(&self, line: Line, start: usize) -> Step {
        match brackets::read(self.text, start, self.offset, line.stop(self.trusted)) {
            Flow::Inside(frames, quote) => ControlFlow::Break(Surrounding::Flow { line, frames, quote }),
            Flow::Comment => ControlFlow::Break(Surrounding::Nothing),
            Flow::Closed(end) | Flow::Ended(end) => self.after(end),
        }
    }

    /// After a value that ends at `end`; nothing can be completed on the rest of that line.
    fn after(&self, end: usize) -> Step {
        let end = line_end(self.text, end);
        if self.offset <= end { ControlFlow::Break(Surrounding::Nothing) } else { ControlFlow::Continue(end) }
    }

    /// In plain text, or in the comment after it.
    fn plain(&self, line: Line, start: usize) -> Surrounding {
        let end = plain_end(self.text, start, line.end);
        let hash = skip_spaces(self.text, end, line.end);
        let is_in_comment = hash < self.offset && self.text[hash..line.end].starts_with('#');
        if is_in_comment { Surrounding::Nothing } else { Surrounding::Block { line, quote: None } }
    }
}

/// Whether text is the header of a block scalar: `|`, `>-`, `|2 # comment`.
fn is_header(text: &str) -> bool {
    let rest = text[1..].trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
    rest.is_empty() || rest.starts_with([' ', '\t'])
}
