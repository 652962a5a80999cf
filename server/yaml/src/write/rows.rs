//! The positions of the entries and items of a collection: their lines, the text after them, their indentation.

use super::{block_scalar::BlockScalar, source::Source};
use crate::{
    node::{Kind, NodeId, Style},
    span::Span,
    work,
};

/// An entry of a mapping or an item of a sequence.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The key, the item, or the broken node.
    pub(crate) node: NodeId,
    /// The first character: of the key, its anchor, its tag or `? `; or the `-`.
    pub(crate) start: u32,
    /// One past the last character, without a comment.
    pub(crate) end: u32,
    /// Block only: the end of the last line, before the break.
    pub(crate) line_end: u32,
    /// Block only: the end of the comments below it that belong to it, otherwise `line_end`.
    pub(crate) below_end: u32,
    /// Block only: the block scalar at its end.
    pub(crate) block_scalar: Option<BlockScalar>,
    /// Flow only: one past its comma.
    pub(crate) comma: Option<u32>,
}

impl Source<'_> {
    /// Returns the end of the `:` or `-` before a value; `None` for a root, or a value without either.
    pub(crate) fn head_end(&self, value: NodeId) -> Option<u32> {
        let parent = self.tree.parent(value)?;
        match self.tree.kind(parent) {
            Kind::Mapping => self.colon(self.tree.entry_of(value)?.key),
            Kind::Sequence if self.tree.style(parent) == Style::Block => Some(self.block_row(parent, value)?.start + 1),
            _ => None,
        }
    }

    /// Returns the key of the last value of a mapping.
    fn key_before(&self, mapping: NodeId, value: NodeId) -> Option<NodeId> {
        let mut before = self.tree.child_before(mapping, value)?;
        while self.tree.kind(before) == Kind::Broken {
            before = self.tree.child_before(mapping, before)?;
        }
        Some(before)
    }

    /// Returns one past the last character of a value, whose head ends at `head`.
    fn value_end(&self, mut node: NodeId, mut head: u32) -> Option<u32> {
        // Follow the right edge: a block collection ends where its last value does.
        loop {
            let span = self.tree.span(node);
            let last = match self.tree.style(node) {
                Style::Block => self.last_child(node),
                _ => None,
            };
            let Some(last) = last else {
                let empty = span.is_empty() && self.tree.properties(node).is_none();
                return Some(if empty { head } else { span.end.max(head) });
            };
            if self.tree.kind(last) == Kind::Broken {
                return Some(self.tree.span(last).end);
            }
            head = match self.tree.kind(node) {
                Kind::Mapping => {
                    let key = self.key_before(node, last)?;
                    self.colon(key).unwrap_or(self.tree.span(key).end)
                }
                _ => self.tree.span(last).start,
            };
            node = last;
        }
    }

    /// Returns the row after another one.
    fn row_after(&self, collection: NodeId, row: NodeId) -> Option<NodeId> {
        let last = match self.tree.kind(collection) {
            Kind::Mapping if self.tree.kind(row) != Kind::Broken => self.tree.entry_of(row)?.value,
            _ => row,
        };
        let next = self.tree.subtree_end(last);
        (next < self.tree.subtree_end(collection)).then_some(next)
    }

    /// Returns the row before another one.
    fn row_before(&self, collection: NodeId, row: NodeId) -> Option<NodeId> {
        let before = self.tree.child_before(collection, row)?;
        match self.tree.kind(collection) {
            Kind::Mapping if self.tree.kind(before) != Kind::Broken => self.tree.entry_of(before).map(|it| it.key),
            _ => Some(before),
        }
    }

    /// Returns the first row that is not among `others`.
    pub(crate) fn first_row_but(&self, collection: NodeId, others: impl Fn(NodeId) -> bool) -> Option<NodeId> {
        let mut rows = std::iter::successors(self.first_child(collection), |it| self.row_after(collection, *it));
        rows.find(|it| {
            work::add(1);
            !others(*it)
        })
    }

    /// Returns a row of a block collection; `None` if its lines have an unexpected structure. Reads only this row and the
    /// one before it: a file with thousands of rows may have an edit in each.
    pub(crate) fn block_row(&self, collection: NodeId, node: NodeId) -> Option<Row> {
        let broken = self.tree.kind(node) == Kind::Broken;
        let before = match self.row_before(collection, node) {
            Some(before) => Some(self.row_end(collection, before)?),
            None => None,
        };
        let start = match before {
            _ if broken => self.tree.span(node).start,
            None => self.tree.span(collection).start,
            Some((end, _)) => self.skip_gap(end),
        };
        let mapping = self.tree.kind(collection) == Kind::Mapping;
        if !mapping && !broken && !self.text[start as usize..].starts_with('-') {
            return None;
        }
        if start > self.tree.span(node).start || before.is_some_and(|it| start <= it.1) {
            return None;
        }
        let value = if mapping && !broken { self.tree.entry_of(node)?.value } else { node };
        let block_scalar = self.last_block_scalar(value);
        let (end, line_end) = self.row_end(collection, node)?;
        let nested = self.tree.style(value) == Style::Block && !broken;
        let column = self.column(self.tree.span(collection).start);
        let below_end = if nested { self.comments_below(line_end, column) } else { line_end };
        Some(Row { node, start, end, line_end, below_end, block_scalar, comma: None })
    }

    /// Returns one past the last character of a row without its comment, and the end of its last line.
    fn row_end(&self, collection: NodeId, node: NodeId) -> Option<(u32, u32)> {
        if self.tree.kind(node) == Kind::Broken {
            let end = self.tree.span(node).end;
            return Some((end, self.line_end(end)));
        }
        let (value, head) = match self.tree.kind(collection) {
            Kind::Mapping => (self.tree.entry_of(node)?.value, self.colon(node).unwrap_or(self.tree.span(node).end)),
            _ => (node, self.tree.span(node).start),
        };
        let end = self.value_end(value, head)?;
        Some(match self.last_block_scalar(value) {
            Some(it) => (it.last_line_end, it.last_line_end),
            None => (end, self.line_end(end)),
        })
    }

    /// Returns the first and the last row of a block collection.
    pub(crate) fn outer_rows(&self, collection: NodeId) -> Option<(Row, Row)> {
        let last = self.row_before(collection, self.tree.subtree_end(collection))?;
        Some((self.block_row(collection, self.first_child(collection)?)?, self.block_row(collection, last)?))
    }

    /// Returns the end of the comments on the next lines that are indented deeper than `column`.
    fn comments_below(&self, line_end: u32, column: usize) -> u32 {
        let mut end = line_end;
        loop {
            let line = self.next_line(end);
            let text = self.slice(line, self.line_end(line));
            let comment = text.trim_start_matches([' ', '\t']);
            if line == end || !comment.starts_with('#') || text.len() - comment.len() <= column {
                return end;
            }
            end = self.line_end(line);
        }
    }

    /// Returns the start of the comments directly above a line, at the same indentation.
    pub(crate) fn comments_above(&self, line: u32, column: usize) -> u32 {
        let mut start = line;
        while let Some(end) = self.end_of_line_before(start) {
            let above = self.line_start(end);
            let text = self.slice(above, end);
            let comment = text.trim_start_matches(' ');
            if !comment.starts_with('#') || text.len() - comment.len() != column {
                break;
            }
            start = above;
        }
        start
    }

    /// Returns the span between the brackets of a collection; `None` if it is not closed or has no brackets of its own.
    pub(crate) fn within_brackets(&self, collection: NodeId) -> Option<Span> {
        let span = self.tree.span(collection);
        let (open, close) = if self.tree.kind(collection) == Kind::Mapping { ('{', '}') } else { ('[', ']') };
        let written = self.slice(span.start, span.end);
        let is_closed = written.len() >= 2 && written.starts_with(open) && written.ends_with(close);
        is_closed.then(|| Span::new(span.start + 1, span.end - 1))
    }

    /// Returns a row of a flow collection; `None` if its brackets have an unexpected structure, or it is broken.
    pub(crate) fn flow_row(&self, collection: NodeId, node: NodeId) -> Option<Row> {
        let at = match self.row_before(collection, node) {
            None => self.within_brackets(collection)?.start,
            Some(before) => {
                let end = self.flow_end(collection, before)?;
                self.comma(end).unwrap_or(end)
            }
        };
        let start = self.skip_gap(at);
        let end = self.flow_end(collection, node)?.max(start);
        let comma = self.comma(end);
        Some(Row { node, start, end, line_end: end, below_end: end, block_scalar: None, comma })
    }

    /// Returns the row before another one in brackets that is not among `others`.
    pub(crate) fn flow_row_before(
        &self,
        collection: NodeId,
        node: NodeId,
        others: impl Fn(NodeId) -> bool,
    ) -> Option<Row> {
        let mut rows = std::iter::successors(self.row_before(collection, node), |it| self.row_before(collection, *it));
        self.flow_row(collection, rows.find(|it| !others(*it))?)
    }

    /// Returns one past the last character of an element in brackets.
    fn flow_end(&self, collection: NodeId, node: NodeId) -> Option<u32> {
        if self.tree.kind(node) == Kind::Broken {
            return None;
        }
        if self.tree.kind(collection) != Kind::Mapping {
            return Some(self.tree.span(node).end);
        }
        let Some(colon) = self.colon(node) else { return Some(self.tree.span(node).end) };
        Some(match self.value_end(self.tree.entry_of(node)?.value, colon)? {
            // Not `{a:, b: 1}`: libyaml requires a space there.
            end if end == colon => {
                let spaces = self.slice(colon, self.len()).bytes().take_while(|it| *it == b' ').count();
                end + spaces as u32
            }
            end => end,
        })
    }

    /// Returns one past the comma after an element that ends at `end`.
    fn comma(&self, end: u32) -> Option<u32> {
        let after = self.skip_gap(end);
        self.text[after as usize..].starts_with(',').then_some(after + 1)
    }
}
