//! Brackets around an offset.

use std::ops::ControlFlow;

use super::line::{Line, ends_unclosed, quote_end};
use crate::{
    entry::{QuoteEnd, is_quote, is_space},
    lines::line_end,
};

/// An open bracket.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// `[` or `{`.
    pub open: u8,
    /// The offset of the bracket.
    pub at: usize,
    /// One past the bracket or the last comma.
    pub segment: usize,
    /// One past the colon in this segment.
    pub colon: Option<usize>,
}

/// Where an offset is relative to brackets.
pub(super) enum Flow {
    /// Inside of these brackets, and of the quotes that open here.
    Inside(Vec<Frame>, Option<usize>),
    /// In a comment.
    Comment,
    /// After the closing bracket, which ends here.
    Closed(usize),
    /// After brackets that are not closed and end here.
    Ended(usize),
}

/// Whether the bracket at `start` is closed before a line that is indented no deeper than `line`.
pub fn is_closed(text: &str, start: usize, line: &Line) -> bool {
    matches!(read(text, start, usize::MAX, line.stop(false)), Flow::Closed(_))
}

/// Reads the brackets that open at `start`; for `stop` see [`Line::stop`].
pub(super) fn read(text: &str, start: usize, offset: usize, stop: Option<usize>) -> Flow {
    let mut reader = Reader { text, offset, stop, frames: vec![], before: Before::Separator };
    let mut at = start;
    while at < text.len() {
        if at == offset && !reader.frames.is_empty() {
            return Flow::Inside(reader.frames, None);
        }
        match reader.read(at) {
            ControlFlow::Break(flow) => return flow,
            ControlFlow::Continue(next) => at = next,
        }
    }
    if reader.frames.is_empty() || offset < at { Flow::Ended(at) } else { Flow::Inside(reader.frames, None) }
}

struct Reader<'t> {
    text: &'t str,
    offset: usize,
    stop: Option<usize>,
    frames: Vec<Frame>,
    before: Before,
}

/// What was read last, apart from white space.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// An opening bracket, a comma or a colon: a scalar may start.
    Separator,
    /// A closing quote or bracket: a colon needs no space after it.
    Closed,
    Plain,
}

impl Reader<'_> {
    /// Reads what is at `at`, and returns the offset after it.
    fn read(&mut self, at: usize) -> ControlFlow<Flow, usize> {
        let bytes = self.text.as_bytes();
        match bytes[at] {
            open @ (b'[' | b'{') => {
                self.frames.push(Frame { open, at, segment: at + 1, colon: None });
                self.before = Before::Separator;
            }
            b']' | b'}' => {
                self.frames.pop();
                if self.frames.is_empty() {
                    return ControlFlow::Break(Flow::Closed(at + 1));
                }
                self.before = Before::Closed;
            }
            b',' => {
                if let Some(frame) = self.frames.last_mut() {
                    (frame.segment, frame.colon) = (at + 1, None);
                }
                self.before = Before::Separator;
            }
            b':' if self.before == Before::Closed || is_end_of_token(bytes.get(at + 1)) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.colon.get_or_insert(at + 1);
                }
                self.before = Before::Separator;
            }
            b'#' if is_space(bytes[at - 1]) || matches!(bytes[at - 1], b'\n' | b'\r') => {
                let end = line_end(self.text, at);
                return if self.offset <= end { ControlFlow::Break(Flow::Comment) } else { ControlFlow::Continue(end) };
            }
            quote if is_quote(quote) && self.before == Before::Separator => return self.quoted(at),
            b'\n' | b'\r' if ends_unclosed(self.text, at, self.stop) => return ControlFlow::Break(Flow::Ended(at)),
            it if it.is_ascii_whitespace() => {}
            _ => self.before = Before::Plain,
        }
        ControlFlow::Continue(at + 1)
    }

    fn quoted(&mut self, at: usize) -> ControlFlow<Flow, usize> {
        match quote_end(self.text, at, self.stop) {
            QuoteEnd::Closed(end) | QuoteEnd::Unclosed(end) if self.offset <= end => {
                ControlFlow::Break(Flow::Inside(std::mem::take(&mut self.frames), Some(at)))
            }
            QuoteEnd::Unclosed(end) => ControlFlow::Break(Flow::Ended(end)),
            QuoteEnd::Closed(end) => {
                self.before = Before::Closed;
                ControlFlow::Continue(end + 1)
            }
        }
    }
}

/// Whether a colon before this byte ends a key.
fn is_end_of_token(next: Option<&u8>) -> bool {
    next.is_none_or(|it| it.is_ascii_whitespace() || b",[]{}".contains(it))
}
