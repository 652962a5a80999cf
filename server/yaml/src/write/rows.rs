//! Where the entries and items of a collection stand: their lines, what is behind them, how they are indented.

use super::quote::Context;
use crate::{
    Edit,
    chars::is_break,
    node::{Kind, NodeId, Style},
    resolve::Scalar,
    span::Span,
    tree::Tree,
    work,
};

/// A tree's text, with questions about its lines. Lines end where YAML 1.1 ends them.
#[derive(Clone, Debug)]
pub(crate) struct Source<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) text: &'t str,
    /// The line break that the file uses.
    pub(crate) eol: &'static str,
}

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

/// The lines of a block scalar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockScalar {
    pub(crate) node: NodeId,
    /// One past `|2-`.
    pub(crate) header_end: u32,
    /// The end of the last line that counts, before its break.
    pub(crate) last_line_end: u32,
    /// Where the next line stands that could not be part of it.
    pub(crate) end: u32,
    indent: usize,
    keep: bool,
}

impl<'t> Source<'t> {
    pub(crate) fn new(tree: &'t Tree) -> Source<'t> {
        let text = tree.source();
        let eol = tree.eol.get_or_init(|| match memchr::memchr2(b'\n', b'\r', text.as_bytes()) {
            Some(at) if text[at..].starts_with("\r\n") => "\r\n",
            Some(at) if text[at..].starts_with('\r') => "\r",
            _ => "\n",
        });
        Source { tree, text, eol }
    }

    /// How much deeper than their key the file indents nested lines, and the `- ` of a sequence: by the first places that
    /// show it.
    pub(crate) fn habits(&self) -> (usize, usize) {
        *self.tree.habits.get_or_init(|| self.find_habits())
    }

    fn find_habits(&self) -> (usize, usize) {
        let (mut step, mut dash_step) = (None, None);
        for id in self.tree.ids() {
            work::add(1);
            if step.is_some() && dash_step.is_some() {
                break;
            }
            let Some(parent) = self.tree.parent(id).filter(|it| self.tree.kind(*it) == Kind::Mapping) else { continue };
            if self.tree.style(id) != Style::Block || self.tree.style(parent) != Style::Block {
                continue;
            }
            let deeper = self.column(self.tree.span(id).start).checked_sub(self.column(self.tree.span(parent).start));
            match self.tree.kind(id) {
                Kind::Mapping => step = step.or(deeper),
                _ => dash_step = dash_step.or(deeper),
            }
        }
        let step = step.or(dash_step.filter(|it| *it > 0)).filter(|it| (1..=8).contains(it)).unwrap_or(2);
        (step, dash_step.filter(|it| *it <= 8).unwrap_or(step))
    }

    pub(crate) fn len(&self) -> u32 {
        self.text.len() as u32
    }

    pub(crate) fn ends_with_break(&self) -> bool {
        self.text.is_empty() || self.text.ends_with(is_break)
    }

    pub(crate) fn slice(&self, start: u32, end: u32) -> &'t str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    /// Where the line of `at` begins; behind a byte order mark.
    pub(crate) fn line_start(&self, at: u32) -> u32 {
        let start = match self.text[..at as usize].char_indices().rev().find(|it| is_break(it.1)) {
            Some((found, c)) => (found + c.len_utf8()) as u32,
            None if self.text.starts_with('\u{feff}') => 3.min(at),
            None => 0,
        };
        work::add((at - start) as usize);
        start
    }

    /// Where the line of `at` ends, before its break.
    pub(crate) fn line_end(&self, at: u32) -> u32 {
        let end = self.text[at as usize..].find(is_break).map_or(self.len(), |found| at + found as u32);
        work::add((end - at) as usize);
        end
    }

    /// Where the line after the one of `at` begins; at the last line, the end of the text.
    pub(crate) fn next_line(&self, at: u32) -> u32 {
        let end = self.line_end(at);
        let rest = &self.text[end as usize..];
        match rest.chars().next() {
            _ if rest.starts_with("\r\n") => end + 2,
            Some(c) => end + c.len_utf8() as u32,
            None => end,
        }
    }

    /// The end of the line before the one that starts at `at`.
    pub(crate) fn end_of_line_before(&self, at: u32) -> Option<u32> {
        let before = &self.text[..at as usize];
        let c = before.chars().next_back().filter(|c| is_break(*c))?;
        Some(if before.ends_with("\r\n") { at - 2 } else { at - c.len_utf8() as u32 })
    }

    /// How many characters stand before `at` on its line.
    pub(crate) fn column(&self, at: u32) -> usize {
        self.slice(self.line_start(at), at).chars().count()
    }

    /// Whether a line begins at `at`. Cheaper than to look for the start of the line, which may be far away.
    pub(crate) fn is_line_start(&self, at: u32) -> bool {
        let before = &self.text[..at as usize];
        before.is_empty() || before == "\u{feff}" || before.ends_with(is_break)
    }

    /// Whether only spaces stand before `at` on its line.
    pub(crate) fn starts_line(&self, at: u32) -> bool {
        let before = self.text[..at as usize].trim_end_matches(' ');
        self.is_line_start(before.len() as u32)
    }

    /// Whether nothing but a comment stands behind `at` on its line.
    pub(crate) fn ends_line(&self, at: u32) -> bool {
        let rest = &self.text[at as usize..];
        let blank = rest.trim_start_matches([' ', '\t']);
        blank.is_empty() || blank.starts_with(is_break) || blank.starts_with('#') && blank.len() < rest.len()
    }

    /// The next character that is not blank, a line break or in a comment.
    pub(crate) fn skip_gap(&self, at: u32) -> u32 {
        let (start, mut at) = (at as usize, at as usize);
        loop {
            let rest = &self.text[at..];
            let code = rest.trim_start_matches(|c| is_break(c) || matches!(c, ' ' | '\t'));
            let spaced = code.len() < rest.len() || at == 0 || self.text[..at].ends_with(is_break);
            at = self.text.len() - code.len();
            if !code.starts_with('#') || !spaced {
                work::add(at - start);
                return at as u32;
            }
            at += code.find(is_break).unwrap_or(code.len());
        }
    }

    pub(crate) fn is_null(&self, node: NodeId) -> bool {
        self.tree.scalar(node) == Some(Scalar::Null)
    }

    pub(crate) fn context(&self, node: NodeId) -> Context {
        let mut above = self.tree.ancestors(node).skip(1);
        if above.any(|it| self.tree.style(it) == Style::Flow) { Context::Flow } else { Context::Block }
    }

    /// The key of the entry that `node` is key or value of, or `node` if it is an item.
    pub(crate) fn row_of(&self, node: NodeId) -> Option<NodeId> {
        match self.tree.kind(self.tree.parent(node)?) {
            Kind::Mapping => self.tree.entry_of(node).map(|it| it.key),
            Kind::Sequence => Some(node),
            _ => None,
        }
    }

    /// One past the `:` of an entry.
    pub(crate) fn colon(&self, key: NodeId) -> Option<u32> {
        let at = self.skip_gap(self.tree.span(key).end);
        self.text[at as usize..].starts_with(':').then_some(at + 1)
    }

    /// Where what comes before the value ends: one past the `:` or the `-`; `None` for a root or a value without either.
    pub(crate) fn head_end(&self, value: NodeId) -> Option<u32> {
        let parent = self.tree.parent(value)?;
        match self.tree.kind(parent) {
            Kind::Mapping => self.colon(self.tree.entry_of(value)?.key),
            Kind::Sequence if self.tree.style(parent) == Style::Block => Some(self.block_row(parent, value)?.start + 1),
            _ => None,
        }
    }

    /// The last child, without a walk over all of them.
    pub(crate) fn last_child(&self, node: NodeId) -> Option<NodeId> {
        self.child_before(node, self.tree.subtree_end(node))
    }

    /// The first child.
    pub(crate) fn first_child(&self, node: NodeId) -> Option<NodeId> {
        self.tree.children(node).next()
    }

    /// The child of `parent` that ends where another node begins.
    fn child_before(&self, parent: NodeId, next: NodeId) -> Option<NodeId> {
        let before = NodeId(next.0.checked_sub(1)?);
        self.tree.ancestors(before).take_while(|it| *it != parent).last().filter(|it| it.0 > parent.0)
    }

    /// The key of the last value of a mapping.
    fn key_before(&self, mapping: NodeId, value: NodeId) -> Option<NodeId> {
        let mut before = self.child_before(mapping, value)?;
        while self.tree.kind(before) == Kind::Broken {
            before = self.child_before(mapping, before)?;
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

    /// The last scalar down the right edge of a value, if it is a block scalar.
    pub(crate) fn last_block_scalar(&self, mut node: NodeId) -> Option<BlockScalar> {
        while let (Style::Block, Some(last)) = (self.tree.style(node), self.last_child(node)) {
            node = last;
        }
        self.block_scalar(node)
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
        let before = self.child_before(collection, row)?;
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

    /// The lines of a block scalar: `Scanner.scan_block_scalar` of PyYAML.
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

    /// The spaces before the first line of a block scalar that is not blank.
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

    /// The block scalar that the line at `at` would go on, if what is in `gone` were not there.
    pub(crate) fn block_scalar_before(&self, at: u32, gone: &[Span]) -> Option<BlockScalar> {
        let before = self.tree.nodes.partition_point(|it| it.start < at) as u32;
        let is_gone = |it: &NodeId| {
            let start = self.tree.span(*it).start;
            gone.iter().any(|span| span.start <= start && start < span.end)
        };
        let last = (0..before).rev().map(NodeId).find(|it| !is_gone(it))?;
        let scalar = self.block_scalar(last)?;
        // From its end on, nothing but what is gone may stand before `at`.
        (super::skip(gone, scalar.end) >= at).then_some(scalar)
    }
}

impl BlockScalar {
    /// How deep its text stands.
    pub(crate) fn indent(&self) -> usize {
        self.indent
    }

    /// The same, moved to another column.
    pub(crate) fn moved(self, from: usize, to: usize) -> BlockScalar {
        BlockScalar { indent: (self.indent + to).saturating_sub(from), ..self }
    }

    /// Change the blank lines and comments from `at` on so that they do not become part of the scalar.
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

    /// Make the scalar the same when a line follows it: at the end of a text without line break it has none either.
    pub(crate) fn close(&self, source: &Source<'_>, edits: &mut Vec<Edit>) {
        if self.last_line_end < source.len() || source.ends_with_break() {
            return;
        }
        let start = source.tree.span(self.node).start + 1;
        let header = source.slice(start, self.header_end);
        if !header.contains('-') {
            let digits: String = header.chars().filter(char::is_ascii_digit).collect();
            let edit = Edit { span: Span::new(start, self.header_end), text: format!("{digits}-") };
            // The scalar may end several collections, all of which get something.
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
}
