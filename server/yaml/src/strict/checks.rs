//! Checks for text that PyYAML rejects and the strict parser accepts.

use std::borrow::Cow;

use super::directives::directives;
use crate::{
    chars::is_break,
    node::{Kind, Node, Style},
    piece::Piece,
    problem::{self, SyntaxProblem},
    span::Span,
};

/// Reports text for which PyYAML is stricter: within brackets it ends a plain scalar at a `?`, and then requires a comma;
/// and it requires a space before a comment after a directive or the header of a block scalar.
pub(super) fn stricter(text: &str, nodes: &[Node], acc: &mut Vec<SyntaxProblem>) {
    for line in directives(text).filter(|it| text[it.range()].starts_with("%YAML ")) {
        let comment = text[line.range()].find('#').map(|at| line.start + at as u32);
        let comment = comment.filter(|at| !text[..*at as usize].ends_with([' ', '\t']));
        acc.extend(comment.map(|at| problem::space_before_comment(Span::new(at, at + 1))));
    }
    let mut brackets_end = 0;
    for node in nodes {
        let (start, end) = (node.start as usize, node.end as usize);
        match (node.kind, node.style) {
            (Kind::Mapping | Kind::Sequence, Style::Flow) => brackets_end = brackets_end.max(node.end),
            (Kind::Scalar, Style::Plain)
                if node.start < brackets_end && text[start..end].bytes().skip(1).any(|byte| byte == b'?') =>
            {
                acc.push(problem::question_mark(Span::new(node.start, node.end)));
            }
            (Kind::Scalar, Style::Literal | Style::Folded) => {
                let header = text[start..end].split(is_break).next().unwrap_or("");
                let comment = header.find('#').filter(|at| !header[..*at].ends_with([' ', '\t']));
                if let Some(at) = comment.map(|at| node.start + at as u32) {
                    acc.push(problem::space_before_comment(Span::new(at, at + 1)));
                }
            }
            _ => {}
        }
    }
}

/// Reports tabs. PyYAML only accepts them within quotes, block scalars and comments, the strict parser also elsewhere.
pub(super) fn tabs(text: &str, piece: &Piece, acc: &mut Vec<SyntaxProblem>) {
    let mut reported = 0;
    for at in memchr::memchr_iter(b'\t', text.as_bytes()).map(|at| at as u32) {
        let comment = piece.comments.partition_point(|it| it.span.start <= at);
        if at < reported || comment > 0 && at < piece.comments[comment - 1].span.end {
            continue;
        }
        let node = piece.nodes.partition_point(|node| node.start <= at).checked_sub(1).map(|it| piece.nodes[it]);
        let allowed = node.filter(|node| at < node.end).is_some_and(|node| match node.style {
            Style::SingleQuoted | Style::DoubleQuoted => true,
            Style::Literal | Style::Folded => text[node.start as usize..at as usize].contains(is_break),
            _ => false,
        });
        if !allowed {
            // One problem on a line is enough.
            let rest = &text[at as usize..];
            reported = at + rest.find(is_break).unwrap_or(rest.len()) as u32;
            acc.push(problem::tab(text, at));
        }
    }
}

/// Replaces the characters that YAML forbids by spaces of the same length, and adds a problem for each line that has one.
pub(crate) fn printable<'a>(text: &'a str, acc: &mut Vec<SyntaxProblem>) -> Cow<'a, str> {
    let odd = |bytes: &[u8], i: usize| match bytes[i] {
        b'\t' | b'\n' | b'\r' => false,
        0..0x20 | 0x7f => true,
        // U+0080 to U+009F, apart from NEL; U+FFFE and U+FFFF
        0xc2 => matches!(bytes[i + 1], 0x80..0xa0) && bytes[i + 1] != 0x85,
        0xef => bytes[i + 1] == 0xbf && bytes[i + 2] >= 0xbe,
        _ => false,
    };
    let bytes = text.as_bytes();
    if !(0..bytes.len()).any(|i| odd(bytes, i)) {
        return text.into();
    }
    let mut reported = false;
    let mut clean = String::with_capacity(text.len());
    for (i, c) in text.char_indices() {
        if !odd(bytes, i) {
            reported &= !is_break(c);
            clean.push(c);
            continue;
        }
        clean.extend(std::iter::repeat_n(' ', c.len_utf8()));
        if !std::mem::replace(&mut reported, true) {
            acc.push(problem::unprintable(Span::new(i as u32, (i + c.len_utf8()) as u32), c));
        }
    }
    clean.into()
}
