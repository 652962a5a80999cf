//! The comments of a text.

use crate::{
    chars::{is_blank_or_break, is_break},
    lines::line_start,
    node::{Comment, Kind, Node, Style},
    span::Span,
};

/// Returns the comments, which are between scalars or after the header of a block scalar.
pub(crate) fn comments(text: &str, nodes: &[Node]) -> Vec<Comment> {
    let mut comments = vec![];
    if memchr::memchr(b'#', text.as_bytes()).is_none() {
        return comments;
    }
    let mut at = 0;
    let scalars = nodes.iter().filter(|node| matches!(node.kind, Kind::Scalar | Kind::Alias));
    for scalar in scalars {
        comments_between(text, at, scalar.start as usize, &mut comments);
        at = scalar.end as usize;
        if matches!(scalar.style, Style::Literal | Style::Folded) {
            let written = &text[scalar.start as usize..at];
            let header = written.find(is_break).unwrap_or(written.len());
            comments_between(text, scalar.start as usize, scalar.start as usize + header, &mut comments);
        }
    }
    comments_between(text, at, text.len(), &mut comments);
    comments
}

fn comments_between(text: &str, start: usize, end: usize, acc: &mut Vec<Comment>) {
    let Some(gap) = text.get(start..end) else { return };
    let mut at = 0;
    while let Some(found) = gap[at..].find(['#', '!', '&']) {
        at += found;
        if !gap[at..].starts_with('#') {
            // A `#` within a tag is part of the tag.
            at += gap[at..].find(is_blank_or_break).unwrap_or(gap.len() - at);
            continue;
        }
        if gap[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) {
            at += 1; // within a directive
            continue;
        }
        let len = gap[at..].find(is_break).unwrap_or(gap.len() - at);
        let offset = (start + at) as u32;
        let before = &text[line_start(text, start + at)..start + at];
        let own_line = before.chars().all(is_blank_or_break);
        acc.push(Comment { span: Span::new(offset, offset + len as u32), own_line });
        at += len;
    }
}
