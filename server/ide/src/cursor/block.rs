//! Typing in block style: behind a key, at the start of a line, in quotes, and in a block scalar.

use yaml::{
    Span, Style,
    cursor::{Line, plain_end, skip_properties, skip_spaces},
    lines::{end_of_line_before, line_end, line_start},
    write::Context,
};

use super::{
    probe::{Colon, MARKER, Probe},
    scalar::{in_quotes, is_word, opens_node},
    typing::{CursorSlot, TypedValue, Typing},
};
use crate::document::Document;

/// A value behind `key:`.
pub(super) fn inline(document: &Document, at: usize, line: &Line, colon: usize) -> Option<Typing> {
    let text = document.text().as_str();
    let start = skip_properties(text, skip_spaces(text, colon, line.end), line.end);
    let end = plain_end(text, start, line.end).max(start);
    let lead = if at == colon { " " } else { "" };
    if start == end {
        let probe = Probe::new(document, Span::at(at as u32), lead, MARKER)?;
        return Some(probe.value(Span::at(at as u32), at, lead, CursorSlot::Inline));
    }
    if at < start || opens_node(text, start) {
        return None;
    }
    let span = Span::new(start as u32, end.max(at) as u32);
    Some(Probe::new(document, span, "", MARKER)?.value(span, at, "", CursorSlot::Inline))
}

/// A word at the start of a line or behind a dash: a key, or a scalar on a separate line.
pub(super) fn word(document: &Document, at: usize, line: &Line) -> Option<Typing> {
    let text = document.text().as_str();
    if text[line.start..line.indent].contains('\t') {
        return None;
    }
    let rest_is_blank = text[at..line.end].trim().is_empty();
    let (start, lead) = match line.dashes.last() {
        Some(dash) if *dash + 1 == at && rest_is_blank => (*dash, "- "),
        Some(dash) if at <= *dash => return None,
        Some(_) if line.content >= line.end => (at, ""),
        Some(_) => (line.content, ""),
        None if line.is_blank() => (at, in_sequence(text, line.start, at - line.start)),
        None => (line.content, in_sequence(text, line.start, line.indent - line.start)),
    };
    if at < start || opens_node(text, start) && start < line.end && start == line.content {
        return None;
    }
    let slot = if lead == "- " || !line.dashes.is_empty() { CursorSlot::Item } else { CursorSlot::OwnLine };
    let typed = &text[start..at];
    let key = line.key.clone().filter(|key| at <= key.end && !is_item_with_colon(line, at));
    if let Some(key) = key {
        // A word that is separated from the key by a space is not part of the key.
        if text[at..key.end].contains([' ', '\t']) {
            return None;
        }
        let span = Span::new(key.start as u32, key.end as u32);
        return Probe::new(document, span, lead, MARKER)?.key(span, at, lead, Colon::Typed, Context::Block);
    }
    if line.key.is_some() && !is_item_with_colon(line, at) {
        return None;
    }
    let whole_end = plain_end(text, start, line.end).max(at);
    let whole = Span::new(start as u32, whole_end as u32);
    if !typed.bytes().all(is_word) {
        return Some(Probe::new(document, whole, lead, MARKER)?.value(whole, at, lead, slot));
    }
    let word_end = at + text[at..whole_end].bytes().take_while(|b| is_word(*b)).count();
    let word = Span::new(start as u32, word_end as u32);
    let probe = Probe::new(document, whole, lead, &format!("{MARKER}:"))?;
    let mapping = probe.document.tree().parent(probe.node)?;
    let alone = probe.document.tree().entries(mapping).nth(1).is_none();
    let mut typing = probe.key(word, at, lead, Colon::Missing, Context::Block)?;
    if alone && !typing.key.as_ref().is_some_and(|key| key.has_value) {
        // A dash without its space is completed by `lead` and is not part of the scalar.
        let dash = usize::from(lead == "- " && typed.starts_with('-'));
        typing.value = Some(TypedValue {
            node: mapping,
            span: whole,
            text: text[start + dash..whole_end].into(),
            at: at - start - dash,
            lead,
            slot,
            quoted: false,
        });
    }
    Some(typing)
}

/// A value in the quotes that open at `quote`.
pub(super) fn quoted(document: &Document, at: usize, line: &Line, quote: usize, trusted: bool) -> Option<Typing> {
    let text = document.text().as_str();
    let slot = match line.colon {
        Some(_) => CursorSlot::Inline,
        None if line.dashes.is_empty() => CursorSlot::OwnLine,
        None => CursorSlot::Item,
    };
    let (inner, whole) = in_quotes(text, at, quote, line.stop(trusted), line.end)?;
    let probe = Probe::new(document, whole, "", MARKER)?;
    Some(probe.quoted_value(inner, at, slot))
}

/// A line of a block scalar. The other lines are ignored.
pub(super) fn block_scalar(document: &Document, at: usize) -> Option<Typing> {
    let text = document.text().as_str();
    let tree = document.tree();
    let node = tree.node_at(at as u32)?;
    if !matches!(tree.style(node), Style::Literal | Style::Folded) {
        return None;
    }
    // Text that is indented less than the other lines would end the scalar.
    let mut lines = tree.text(node).lines().skip(1).filter(|it| !it.trim().is_empty());
    let indent = lines.next().map_or(0, |it| it.len() - it.trim_start_matches(' ').len());
    let (first, end) = (line_start(text, at), line_end(text, at));
    let start = skip_spaces(text, first, end).min(at);
    if at - first < indent {
        return None;
    }
    let span = Span::new(start as u32, end as u32);
    let value = TypedValue {
        node,
        span,
        text: text[span.range()].into(),
        at: at - start,
        lead: "",
        slot: CursorSlot::BlockScalar,
        quoted: true,
    };
    Some(Typing { document: document.clone(), key: None, value: Some(value) })
}

/// `- ` if a line at `column` can only be an item of a list: a list is above it, and no mapping in the same column.
fn in_sequence(text: &str, line: usize, column: usize) -> &'static str {
    let mut start = line;
    let mut found = "";
    while let Some(end) = end_of_line_before(text, start) {
        start = line_start(text, end);
        let above = Line::read(text, start);
        let indent = above.indent - above.start;
        if above.is_blank() || indent > column || text[above.indent..].starts_with('#') {
            continue;
        }
        let dash = above.dashes.iter().any(|dash| dash - above.start == column);
        match indent == column {
            true if dash => found = "- ",
            true => return "",
            false => return if dash { "- " } else { found },
        }
    }
    found
}

/// Whether the cursor is behind `- 8080:`, which may be an incomplete scalar rather than a key.
pub(super) fn is_item_with_colon(line: &Line, at: usize) -> bool {
    !line.dashes.is_empty() && line.colon == Some(at) && at == line.end
}
