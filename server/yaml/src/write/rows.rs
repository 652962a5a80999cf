//! Where the entries and items of a collection stand: their lines, what is behind them, how they are indented.

use super::{block_scalar::BlockScalar, source::Source};
use crate::{
    node::{Kind, NodeId, Style},
    span::Span,
    work,
};

/// One entry of a mapping or item of a sequence.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The key or the item; or what is broken.
    pub(crate) node: NodeId,
    /// Its first character: of the key, its anchor, its tag or `? `; or the `-`.
    pub(crate) start: u32,
    /// One past its last character, without a comment.
    pub(crate) end: u32,
    /// Block only: the end of its last line, before the break.
    pub(crate) line_end: u32,
    /// Block only: the end of the comments that go with it, else `line_end`.
    pub(crate) below_end: u32,
    /// Block only: its value is a block scalar.
    pub(crate) block_scalar: Option<BlockScalar>,
    /// Flow only: one past its comma.
    pub(crate) comma: Option<u32>,
}

impl Source<'_> {
    /// Where what comes before the value ends: one past the `:` or the `-`; `None` for a root or a value without either.
    pub(crate) fn head_end(&self, value: NodeId) -> Option<u32> {
        let parent = self.tree.parent(value)?;
        match self.tree.kind(parent) {
            Kind::Mapping => self.colon(self.tree.entry_of(value)?.key),
            Kind::Sequence if self.tree.style(parent) == Style::Block => Some(self.block_row(parent, value)?.start + 1),
            _ => None,
        }
    }

    /// The key of the last value of a mapping.
    fn key_before(&self, mapping: NodeId, value: NodeId) -> Option<NodeId> {
        let mut before = self.tree.child_before(mapping, value)?;
        while self.tree.kind(before) == Kind::Broken {
            before = self.tree.child_before(mapping, before)?;
        }
        Some(before)
    }

    /// One past the last character of a value, whose head ends at `head`.
    fn value_end(&self, mut node: NodeId, mut head: u32) -> Option<u32> {
        // Down the right edge: a block collection ends where its last value does.
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

    /// The row after another one.
    fn row_after(&self, collection: NodeId, row: NodeId) -> Option<NodeId> {
        let last = match self.tree.kind(collection) {
            Kind::Mapping if self.tree.kind(row) != Kind::Broken => self.tree.entry_of(row)?.value,
            _ => row,
        };
        let next = self.tree.subtree_end(last);
        (next < self.tree.subtree_end(collection)).then_some(next)
    }

    /// The row before another one.
    fn row_before(&self, collection: NodeId, row: NodeId) -> Option<NodeId> {
        let before = self.tree.child_before(collection, row)?;
        match self.tree.kind(collection) {
            Kind::Mapping if self.tree.kind(before) != Kind::Broken => self.tree.entry_of(before).map(|it| it.key),
            _ => Some(before),
        }
    }

    /// The first row that is not among `others`.
    pub(crate) fn first_row_but(&self, collection: NodeId, others: impl Fn(NodeId) -> bool) -> Option<NodeId> {
        let mut rows = std::iter::successors(self.first_child(collection), |it| self.row_after(collection, *it));
        rows.find(|it| {
            work::add(1);
            !others(*it)
        })
    }

    /// One row of a collection by indentation; `None` where its lines are not what they should be. Looks at no row but this
    /// one and the one before: a file with thousands of them may have an edit in each.
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

    /// One past the last character of a row without its comment, and the end of its last line.
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

    /// The first and the last row of a collection by indentation.
    pub(crate) fn outer_rows(&self, collection: NodeId) -> Option<(Row, Row)> {
        let last = self.row_before(collection, self.tree.subtree_end(collection))?;
        Some((self.block_row(collection, self.first_child(collection)?)?, self.block_row(collection, last)?))
    }

    /// The end of the comments on the next lines that are indented deeper than `column`.
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

    /// Where the comments begin that stand directly above a line, as deep as it is.
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

    /// What stands between the brackets of a collection; `None` where it is not closed or has no brackets of its own.
    pub(crate) fn within_brackets(&self, collection: NodeId) -> Option<Span> {
        let span = self.tree.span(collection);
        let (open, close) = if self.tree.kind(collection) == Kind::Mapping { ('{', '}') } else { ('[', ']') };
        let written = self.slice(span.start, span.end);
        let is_closed = written.len() >= 2 && written.starts_with(open) && written.ends_with(close);
        is_closed.then(|| Span::new(span.start + 1, span.end - 1))
    }

    /// One row of a collection in brackets; `None` where the brackets are not what they should be, or something is broken.
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

    /// The row before another one in brackets that is not among `others`.
    pub(crate) fn flow_row_before(
        &self,
        collection: NodeId,
        node: NodeId,
        others: impl Fn(NodeId) -> bool,
    ) -> Option<Row> {
        let mut rows = std::iter::successors(self.row_before(collection, node), |it| self.row_before(collection, *it));
        self.flow_row(collection, rows.find(|it| !others(*it))?)
    }

    /// One past the last character of an element in brackets.
    fn flow_end(&self, collection: NodeId, node: NodeId) -> Option<u32> {
        if self.tree.kind(node) == Kind::Broken {
            return None;
        }
        if self.tree.kind(collection) != Kind::Mapping {
            return Some(self.tree.span(node).end);
        }
        let Some(colon) = self.colon(node) else { return Some(self.tree.span(node).end) };
        Some(match self.value_end(self.tree.entry_of(node)?.value, colon)? {
            // Not `{a:, b: 1}`: libyaml wants a space there.
            end if end == colon => {
                let spaces = self.slice(colon, self.len()).bytes().take_while(|it| *it == b' ').count();
                end + spaces as u32
            }
            end => end,
        })
    }

    /// One past the comma behind an element that ends at `end`.
    fn comma(&self, end: u32) -> Option<u32> {
        let after = self.skip_gap(end);
        self.text[after as usize..].starts_with(',').then_some(after + 1)
    }
}
