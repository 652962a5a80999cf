//! Directives: lines that start with `%`.

use crate::{
    chars::{is_blank, is_break},
    problem::MAX_DIRECTIVES,
    span::Span,
    work,
};

/// Returns the first line in excess of [`MAX_DIRECTIVES`] consecutive directives without a document between them.
pub(super) fn one_directive_too_many(text: &str) -> Option<u32> {
    memchr::memmem::find(text.as_bytes(), b"%TAG")?;
    let (mut at, mut count) = (0, 0);
    for line in text.split_inclusive(is_break) {
        work::add(line.len());
        match line.trim_start_matches(is_blank).chars().next() {
            Some('%') if line.starts_with('%') => count += 1,
            Some(c) if c != '#' && !is_break(c) => count = 0,
            _ => {}
        }
        if count > MAX_DIRECTIVES {
            return Some(at);
        }
        at += line.len() as u32;
    }
    None
}

/// Whether a line is a directive that PyYAML ignores.
pub(super) fn is_unknown_directive(line: &str) -> bool {
    let name = line[1..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let len = line.len() - 1 - name.len();
    len > 0 && !matches!(&line[1..=len], "YAML" | "TAG") && name.starts_with(|c| c == ' ' || is_break(c))
}

/// Returns the directives before the first document.
pub(super) fn directives(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    let lines = text.split_inclusive(is_break).map(move |line| {
        work::add(line.len());
        at += line.len() as u32;
        (line, Span::new(at - line.len() as u32, at))
    });
    let head = lines.take_while(|(line, _)| {
        line.starts_with('%')
            || line.trim_start_matches(is_blank).chars().next().is_none_or(|c| c == '#' || is_break(c))
    });
    head.filter(|(line, _)| line.starts_with('%')).map(|(_, span)| span)
}
