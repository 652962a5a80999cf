//! Block scalars: their lines, and how they are preserved when lines around them change.

use super::source::Source;
use crate::{
    edits::Edit,
    node::{NodeId, Style},
    span::Span,
};

/// The lines of a block scalar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockScalar {
    pub(crate) node: NodeId,
    /// One past `|2-`.
    pub(crate) header_end: u32,
    /// The end of the last line of its value, before the break.
    pub(crate) last_line_end: u32,
    /// The start of the first line that cannot be part of it.
    pub(crate) end: u32,
    indent: usize,
    keep: bool,
}

impl Source<'_> {
    /// Returns the last scalar at the right edge of a value, if it is a block scalar.
    pub(crate) fn last_block_scalar(&self, mut node: NodeId) -> Option<BlockScalar> {
        while let (Style::Block, Some(last)) = (self.tree.style(node), self.last_child(node)) {
            node = last;
        }
        self.block_scalar(node)
    }

    /// Returns the lines of a block scalar, as `Scanner.scan_block_scalar` of PyYAML reads them.
    pub(crate) fn block_scalar(&self, node: NodeId) -> Option<BlockScalar> {
        if !matches!(self.tree.style(node), Style::Literal | Style::Folded) {
            return None;
        }
        let start = self.tree.span(node).start;
        let rest = self.slice(start + 1, self.len());
        let header_end = start
            + 1
            + (rest.len() - rest.trim_start_matches(|c: char| matches!(c, '+' | '-' | '1'..='9')).len()) as u32;
        let header = self.slice(start + 1, header_end);
        let keep = header.contains('+');
        let above = self.tree.ancestors(node).skip(1).find(|it| self.tree.style(*it) == Style::Block);
        let above = above.map(|it| self.column(self.tree.span(it).start));
        let indent = match header.bytes().find(u8::is_ascii_digit) {
            Some(digit) => above.unwrap_or(0) + usize::from(digit - b'0'),
            None => self.content_indent(start).max(above.map_or(1, |it| it + 1)),
        };
        let mut last_line_end = self.line_end(start);
        let mut line = self.next_line(start);
        while line < self.len() {
            let end = self.line_end(line);
            let text = self.slice(line, end);
            let spaces = text.len() - text.trim_start_matches(' ').len();
            if spaces < indent && spaces < text.len() {
                break;
            }
            if keep || text.len() > indent {
                last_line_end = end;
            }
            line = self.next_line(line);
        }
        Some(BlockScalar { node, header_end, last_line_end, end: line, indent, keep })
    }

    /// Returns the indentation of the first line of a block scalar that is not blank.
    fn content_indent(&self, header: u32) -> usize {
        let mut line = self.next_line(header);
        let mut deepest = 0;
        while line < self.len() {
            let text = self.slice(line, self.line_end(line));
            let spaces = text.len() - text.trim_start_matches(' ').len();
            deepest = deepest.max(spaces);
            if spaces < text.len() {
                return spaces;
            }
            line = self.next_line(line);
        }
        deepest
    }

    /// Returns the block scalar that the line at `at` would continue if the spans in `gone` were removed.
    pub(crate) fn block_scalar_before(&self, at: u32, gone: &[Span]) -> Option<BlockScalar> {
        let before = self.tree.nodes.partition_point(|it| it.start < at) as u32;
        let is_gone = |it: &NodeId| {
            let start = self.tree.span(*it).start;
            gone.iter().any(|span| span.start <= start && start < span.end)
        };
        let last = (0..before).rev().map(NodeId).find(|it| !is_gone(it))?;
        let scalar = self.block_scalar(last)?;
        // All text between its end and `at` must be removed.
        (skip_removed(gone, scalar.end) >= at).then_some(scalar)
    }
}

impl BlockScalar {
    /// Returns the indentation of its text.
    pub(crate) fn indent(&self) -> usize {
        self.indent
    }

    /// Returns the scalar moved to another column.
    pub(crate) fn moved(self, from: usize, to: usize) -> BlockScalar {
        BlockScalar { indent: (self.indent + to).saturating_sub(from), ..self }
    }

    /// Changes the blank lines and comments from `at` on so that they do not become part of the scalar.
    pub(crate) fn keep_apart(&self, source: &Source<'_>, at: u32, gone: &[Span], edits: &mut Vec<Edit>) {
        let mut line = at;
        while line < source.len() {
            if let Some(span) = gone.iter().find(|it| it.start <= line && line < it.end) {
                line = span.end;
                continue;
            }
            let (end, next) = (source.line_end(line), source.next_line(line));
            let text = source.slice(line, end);
            let spaces = text.len() - text.trim_start_matches(' ').len();
            let (text_end, new) = match &text[spaces..] {
                "" if self.keep => (next, 0),
                "" => (end, 0),
                it if it.starts_with('#') && spaces >= self.indent => (line + spaces as u32, self.indent - 1),
                _ => return,
            };
            if text_end > line {
                edits.push(Edit { span: Span::new(line, text_end), text: " ".repeat(new) });
            }
            if new > 0 || spaces < text.len() {
                return;
            }
            line = next;
        }
    }

    /// Preserves the value of a scalar at the end of a text without a final line break when a line is added after it.
    pub(crate) fn close(&self, source: &Source<'_>, edits: &mut Vec<Edit>) {
        if self.last_line_end < source.len() || source.ends_with_break() {
            return;
        }
        let start = source.tree.span(self.node).start + 1;
        let header = source.slice(start, self.header_end);
        if !header.contains('-') {
            let digits: String = header.chars().filter(char::is_ascii_digit).collect();
            let edit = Edit { span: Span::new(start, self.header_end), text: format!("{digits}-") };
            // The scalar may end several collections to which entries are added.
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
}

/// Returns the first offset from `at` on that is not removed.
pub(super) fn skip_removed(removed: &[Span], mut at: u32) -> u32 {
    while let Some(span) = removed.iter().find(|it| it.start <= at && at < it.end) {
        at = span.end;
    }
    at
}
