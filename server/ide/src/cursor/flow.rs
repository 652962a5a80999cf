//! Typing in flow style: in brackets or braces.

use yaml::{
    Span,
    cursor::{Frame, Line, is_closed, plain_end, skip_spaces},
    lines::{line_end, line_start},
    write::Context,
};

use super::{
    probe::{Colon, MARKER, Probe},
    scalar::{in_quotes, opens_node},
    typing::{CursorSlot, Typing},
};
use crate::document::Document;

/// A key or a value in brackets or braces.
pub(super) fn flow(
    document: &Document,
    at: usize,
    line: &Line,
    frames: &[Frame],
    quote: Option<usize>,
    trusted: bool,
) -> Option<Typing> {
    let text = document.text().as_str();
    let frame = frames.last()?;
    let is_key = frame.open == b'{' && frame.colon.is_none();
    if frame.open == b'[' && frame.colon.is_some() {
        return None;
    }
    let end_of_line = line_end(text, at);
    // Unclosed brackets are closed in the copy of the document.
    let closed = trusted || is_closed(text, frames.first()?.at, line);
    let closers: String = match closed {
        true => String::new(),
        false => frames.iter().rev().map(|it| if it.open == b'[' { ']' } else { '}' }).collect(),
    };
    if let Some(quote) = quote {
        let (inner, whole) = in_quotes(text, at, quote, line.stop(trusted), end_of_line)?;
        let edited = if closed { whole } else { Span::new(whole.start, end_of_line as u32) };
        let probe = Probe::new(document, edited, "", &format!("{MARKER}{closers}"))?;
        return (!is_key).then(|| probe.quoted_value(inner, at, CursorSlot::Flow));
    }
    let from = frame.colon.unwrap_or(frame.segment);
    let start = at.min(text.len() - text[from..].trim_start_matches([' ', '\t', '\n', '\r']).len());
    let lead = if frame.colon == Some(at) { " " } else { "" };
    let rest = &text[at..end_of_line];
    let stops = rest.find([',', '[', ']', '{', '}']).unwrap_or(rest.len());
    let stops = rest.find(": ").map_or(stops, |it| it.min(stops));
    let stops = rest.strip_suffix(':').map_or(stops, |it| it.len().min(stops));
    let end = plain_end(text, at, at + stops).max(at);
    if start == at && skip_spaces(text, at, end_of_line) > at && end > at || opens_node(text, start) && start < at {
        return None;
    }
    if start < line_start(text, at) {
        return None;
    }
    let span = Span::new(start as u32, end as u32);
    let has_colon = is_key && text[skip_spaces(text, end, end_of_line)..].starts_with(':');
    let edited = if closed { span } else { Span::new(span.start, end_of_line as u32) };
    let marker =
        if is_key && !(has_colon && closed) { format!("{MARKER}: {closers}") } else { format!("{MARKER}{closers}") };
    let probe = Probe::new(document, edited, lead, &marker)?;
    match is_key {
        true => {
            let colon = if has_colon { Colon::Typed } else { Colon::Missing };
            probe.key(span, at, lead, colon, Context::Flow)
        }
        false => Some(probe.value(span, at, lead, CursorSlot::Flow)),
    }
}
