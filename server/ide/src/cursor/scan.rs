//! What kind of text surrounds an offset, from the characters alone: so it works where no parser does.
//!
//! Reads from the last line that starts a top-level entry (or from an opener that the tree vouches for) up to the
//! cursor: dashes, `key:`, quotes, brackets, comments and block scalars. Types and nodes are not its business.

use std::ops::Range;

/// What surrounds the cursor.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Surrounding {
    /// Nothing that could be completed: a comment, an anchor, what follows a closed quote.
    Nothing,
    /// The text of a block scalar.
    BlockScalar,
    /// Plain text, or nothing yet, outside of brackets; or inside the quotes that open the scalar of this line.
    Block { line: Line, quote: Option<usize> },
    /// Inside brackets.
    Flow { line: Line, frames: Vec<Frame>, quote: Option<usize> },
}

/// The structure of a line outside of brackets; all numbers are offsets in the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// The first character.
    pub(super) start: usize,
    /// One past the last character, without the line break.
    pub(super) end: usize,
    /// Where the leading white space ends.
    pub(super) indent: usize,
    /// The dashes before the content.
    pub(super) dashes: Vec<usize>,
    /// Where the content starts, behind dashes, anchors and tags; `end` if there is none.
    pub(super) content: usize,
    /// The key, if there is one.
    pub(super) key: Option<Range<usize>>,
    /// One past the colon of the key.
    pub(super) colon: Option<usize>,
}

/// An open bracket.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    /// `[` or `{`.
    pub(super) open: u8,
    /// The offset of the bracket.
    pub(super) at: usize,
    /// One past the bracket or the last comma.
    pub(super) segment: usize,
    /// One past the colon in this segment.
    pub(super) colon: Option<usize>,
}

/// What surrounds `offset`. `from` starts a line; `trusted` says that brackets and quotes from there on are known to be
/// closed, so that indentation does not end them.
pub(super) fn surrounding(text: &str, from: usize, offset: usize, trusted: bool) -> Surrounding {
    let mut at = from;
    loop {
        let line = Line::read(text, at);
        let here = offset <= line.end;
        let start = skip_properties(text, skip_spaces(text, line.colon.unwrap_or(line.content), line.end), line.end);
        let in_key = line.key.as_ref().is_some_and(|key| offset <= key.end);
        let mut next = line.end;
        match text.as_bytes().get(start).copied().filter(|_| start < line.end) {
            _ if here && (in_key || offset <= start) => {
                let from = line.colon.unwrap_or(line.dashes.last().map_or(line.indent, |it| it + 1));
                let in_properties = !in_key && from < offset && offset < start && !is_blank(&text[from..offset]);
                let in_quotes = in_key && line.key.as_ref().is_some_and(|key| is_quote(text.as_bytes()[key.start]));
                if in_properties || in_quotes {
                    return Surrounding::Nothing;
                }
                return Surrounding::Block { line, quote: None };
            }
            Some(b'&' | b'!') if here => return Surrounding::Nothing,
            Some(b'#') if here => return Surrounding::Nothing,
            Some(b'#') => {}
            Some(b'|' | b'>') if is_header(&text[start..line.end]) => {
                if here {
                    return Surrounding::Nothing;
                }
                let above = line.key.as_ref().map(|key| key.start).or(line.dashes.last().copied());
                let least = above.map_or(0, |it| it - line.start + 1);
                loop {
                    let content = after_break(text, next);
                    if content == next {
                        return Surrounding::Nothing;
                    }
                    let end = line_end(text, content);
                    let indent = skip_spaces(text, content, end) - content;
                    let blank = content + indent == end;
                    if offset <= end && (if blank { offset - content >= least } else { indent >= least }) {
                        return if offset >= content + least { Surrounding::BlockScalar } else { Surrounding::Nothing };
                    }
                    if !blank && indent < least || offset <= end {
                        break;
                    }
                    next = end;
                }
            }
            Some(quote @ (b'"' | b'\'')) => match close_quote(text, start, quote, stop(&line, trusted)) {
                Ok(close) if offset <= close => {
                    return Surrounding::Block { line, quote: Some(start) };
                }
                Err(end) if offset <= end => return Surrounding::Block { line, quote: Some(start) },
                Ok(close) | Err(close) => {
                    next = line_end(text, close);
                    if offset <= next {
                        return Surrounding::Nothing;
                    }
                }
            },
            Some(b'[' | b'{') => match flow(text, start, offset, stop(&line, trusted)) {
                Flow::Inside(frames, quote) => return Surrounding::Flow { line, frames, quote },
                Flow::Comment => return Surrounding::Nothing,
                Flow::Closed(end) | Flow::Ended(end) => {
                    next = line_end(text, end);
                    if offset <= next {
                        return Surrounding::Nothing;
                    }
                }
            },
            _ if here => {
                let end = plain_end(text, start, line.end);
                let hash = skip_spaces(text, end, line.end);
                let beyond = hash < offset && text[hash..line.end].starts_with('#');
                return if beyond { Surrounding::Nothing } else { Surrounding::Block { line, quote: None } };
            }
            _ => {}
        }
        let following = after_break(text, next);
        if following == next {
            return Surrounding::Nothing;
        }
        at = following;
    }
}

impl Line {
    /// The line that starts at `start`.
    pub(super) fn read(text: &str, start: usize) -> Line {
        let bytes = text.as_bytes();
        let end = line_end(text, start);
        let indent = skip_spaces(text, start, end);
        let mut dashes = vec![];
        let mut content = indent;
        while content < end
            && matches!(bytes[content], b'-' | b'?')
            && (content + 1 == end || is_space(bytes[content + 1]))
        {
            if bytes[content] == b'-' {
                dashes.push(content);
            }
            content = skip_spaces(text, content + 1, end);
        }
        let content = skip_properties(text, content, end);
        let key = key(text, content, end);
        let colon = key.as_ref().map(|key| skip_spaces(text, key.end, end) + 1);
        Line { start, end, indent, dashes, content, key, colon }
    }

    /// Whether nothing but white space is on the line.
    pub(super) fn is_blank(&self) -> bool {
        self.indent == self.end
    }
}

/// The offset at which the line of `offset` starts.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset].iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(0, |it| it + 1)
}

/// The offset at which the line of `offset` ends, before its line break.
pub(super) fn line_end(text: &str, offset: usize) -> usize {
    text.as_bytes()[offset..].iter().position(|b| matches!(b, b'\n' | b'\r')).map_or(text.len(), |it| offset + it)
}

/// The offset behind the line break at `end`, or `end` at the end of the text.
pub(super) fn after_break(text: &str, end: usize) -> usize {
    match &text.as_bytes()[end..] {
        [b'\r', b'\n', ..] => end + 2,
        [_, ..] => end + 1,
        [] => end,
    }
}

/// The end of plain text that starts at `from`: before a comment and trailing white space.
pub(super) fn plain_end(text: &str, from: usize, end: usize) -> usize {
    let bytes = text.as_bytes();
    let comment = (from..end).find(|it| bytes[*it] == b'#' && *it > 0 && is_space(bytes[it - 1]));
    from + without_spaces(&text[from..comment.unwrap_or(end)]).len()
}

/// The first offset from `from` on that holds no white space, at most `end`.
pub(super) fn skip_spaces(text: &str, from: usize, end: usize) -> usize {
    (from..end).find(|it| !is_space(text.as_bytes()[*it])).unwrap_or(end)
}

/// Where the scalar behind anchors and tags starts.
pub(super) fn skip_properties(text: &str, from: usize, end: usize) -> usize {
    let mut at = from;
    while at < end && matches!(text.as_bytes()[at], b'&' | b'!') {
        let Some(space) = (at..end).find(|it| is_space(text.as_bytes()[*it])) else { return at };
        at = skip_spaces(text, space, end);
    }
    at
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Without the white space at its end: spaces and tabs, for all else is text to YAML or longer than a byte.
fn without_spaces(text: &str) -> &str {
    text.trim_end_matches([' ', '\t'])
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(is_space)
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// `key` in `key: value`, from `content` on.
fn key(text: &str, content: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_colon = |it: usize| it < end && bytes[it] == b':' && (it + 1 == end || is_space(bytes[it + 1]));
    match bytes[..end].get(content)? {
        b'#' | b'[' | b'{' | b'|' | b'>' => None,
        quote if is_quote(*quote) => {
            let close = close_quote(&text[..end], content, *quote, None).ok()? + 1;
            is_colon(skip_spaces(text, close, end)).then_some(content..close)
        }
        _ => {
            let end = plain_end(text, content, end).max(content);
            let colon = (content..end).find(|it| is_colon(*it) || *it + 1 == end && bytes[*it] == b':')?;
            Some(content..content + without_spaces(&text[content..colon]).len())
        }
    }
}

/// `|`, `>-`, `|2 # comment`.
fn is_header(text: &str) -> bool {
    let rest = text[1..].trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
    rest.is_empty() || rest.starts_with([' ', '\t'])
}

/// A line with at most this much indentation ends what a broken line opened.
pub(super) fn stop(line: &Line, trusted: bool) -> Option<usize> {
    (!trusted).then_some(line.indent - line.start)
}

fn ends_broken(text: &str, line_break: usize, stop: Option<usize>) -> bool {
    let Some(stop) = stop else { return false };
    let start = after_break(text, line_break);
    let end = line_end(text, start);
    let indent = skip_spaces(text, start, end);
    indent < end && indent - start <= stop && !matches!(text.as_bytes()[indent], b']' | b'}')
}

/// Whether the bracket at `start` is closed before a line with at most the indentation of `line`.
pub(super) fn is_closed(text: &str, start: usize, line: &Line) -> bool {
    matches!(flow(text, start, usize::MAX, stop(line, false)), Flow::Closed(_))
}

/// The closing quote of the one at `start`, or where the broken text ends.
pub(super) fn close_quote(text: &str, start: usize, quote: u8, stop: Option<usize>) -> Result<usize, usize> {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            it if it == quote => return Ok(at),
            b'\n' | b'\r' if ends_broken(text, at, stop) => return Err(at),
            _ => {}
        }
        at += 1;
    }
    Err(bytes.len())
}

enum Flow {
    /// The cursor is inside these brackets, maybe in quotes.
    Inside(Vec<Frame>, Option<usize>),
    Comment,
    /// Closed before the cursor.
    Closed(usize),
    /// Broken off before the cursor.
    Ended(usize),
}

fn flow(text: &str, start: usize, offset: usize, stop: Option<usize>) -> Flow {
    let bytes = text.as_bytes();
    let mut frames: Vec<Frame> = vec![];
    let mut at = start;
    let mut fresh = true;
    let mut quoted = false;
    while at < bytes.len() {
        if at == offset && !frames.is_empty() {
            return Flow::Inside(frames, None);
        }
        let separates = |it: usize| bytes.get(it).is_none_or(|b| b.is_ascii_whitespace() || b",[]{}".contains(b));
        match bytes[at] {
            open @ (b'[' | b'{') => {
                frames.push(Frame { open, at, segment: at + 1, colon: None });
                (fresh, quoted) = (true, false);
            }
            b']' | b'}' => {
                frames.pop();
                if frames.is_empty() {
                    return Flow::Closed(at + 1);
                }
                (fresh, quoted) = (false, true);
            }
            b',' => {
                if let Some(frame) = frames.last_mut() {
                    (frame.segment, frame.colon) = (at + 1, None);
                }
                (fresh, quoted) = (true, false);
            }
            b':' if separates(at + 1) || quoted => {
                if let Some(frame) = frames.last_mut() {
                    frame.colon.get_or_insert(at + 1);
                }
                (fresh, quoted) = (true, false);
            }
            b'#' if is_space(bytes[at - 1]) || matches!(bytes[at - 1], b'\n' | b'\r') => {
                let end = line_end(text, at);
                if offset <= end {
                    return Flow::Comment;
                }
                at = end;
                continue;
            }
            quote if is_quote(quote) && fresh => match close_quote(text, at, quote, stop) {
                Ok(close) if offset <= close => return Flow::Inside(frames, Some(at)),
                Err(end) if offset <= end => return Flow::Inside(frames, Some(at)),
                Ok(close) => {
                    at = close;
                    (fresh, quoted) = (false, true);
                }
                Err(end) => return Flow::Ended(end),
            },
            b'\n' | b'\r' if ends_broken(text, at, stop) => return Flow::Ended(at),
            it if it.is_ascii_whitespace() => {}
            _ => (fresh, quoted) = (false, false),
        }
        at += 1;
    }
    if frames.is_empty() || offset < at { Flow::Ended(at) } else { Flow::Inside(frames, None) }
}
