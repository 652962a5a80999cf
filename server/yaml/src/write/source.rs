//! A tree with its text and the lines of it.

use super::quote::Context;
use crate::{
    chars::{is_blank_or_break, is_break},
    lines,
    node::{Kind, NodeId, Style},
    resolve::Scalar,
    tree::Tree,
    work,
};

/// A tree with its text. Lines end as YAML 1.1 defines.
#[derive(Clone, Debug)]
pub(crate) struct Source<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) text: &'t str,
    /// The line break of the file.
    pub(crate) eol: &'static str,
}

impl<'t> Source<'t> {
    pub(crate) fn new(tree: &'t Tree) -> Source<'t> {
        let text = tree.source();
        let eol = tree.habits().line_break;
        Source { tree, text, eol }
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

    /// Returns the start of the line of `at`, after a byte order mark.
    pub(crate) fn line_start(&self, at: u32) -> u32 {
        let start = match lines::line_start(self.text, at as usize) as u32 {
            0 if self.text.starts_with('\u{feff}') => 3.min(at),
            start => start,
        };
        work::add((at - start) as usize);
        start
    }

    /// Returns the end of the line of `at`, before its break.
    pub(crate) fn line_end(&self, at: u32) -> u32 {
        let end = lines::line_end(self.text, at as usize) as u32;
        work::add((end - at) as usize);
        end
    }

    /// Returns the start of the line after the one of `at`; on the last line, the end of the text.
    pub(crate) fn next_line(&self, at: u32) -> u32 {
        let end = self.line_end(at) as usize;
        (end + lines::break_len(&self.text.as_bytes()[end..])) as u32
    }

    /// Returns the end of the line before the one that starts at `at`.
    pub(crate) fn end_of_line_before(&self, at: u32) -> Option<u32> {
        lines::end_of_line_before(self.text, at as usize).map(|it| it as u32)
    }

    /// Returns the number of characters before `at` on its line.
    pub(crate) fn column(&self, at: u32) -> usize {
        self.slice(self.line_start(at), at).chars().count()
    }

    /// Whether a line starts at `at`. Cheaper than searching the start of the line.
    pub(crate) fn is_line_start(&self, at: u32) -> bool {
        let before = &self.text[..at as usize];
        before.is_empty() || before == "\u{feff}" || before.ends_with(is_break)
    }

    /// Whether only spaces precede `at` on its line.
    pub(crate) fn starts_line(&self, at: u32) -> bool {
        let before = self.text[..at as usize].trim_end_matches(' ');
        self.is_line_start(before.len() as u32)
    }

    /// Whether only a comment follows `at` on its line.
    pub(crate) fn ends_line(&self, at: u32) -> bool {
        let rest = &self.text[at as usize..];
        let blank = rest.trim_start_matches([' ', '\t']);
        blank.is_empty() || blank.starts_with(is_break) || blank.starts_with('#') && blank.len() < rest.len()
    }

    /// Returns the offset of the next character that is not white space or in a comment.
    pub(crate) fn skip_gap(&self, at: u32) -> u32 {
        let (start, mut at) = (at as usize, at as usize);
        loop {
            let rest = &self.text[at..];
            let code = rest.trim_start_matches(is_blank_or_break);
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

    /// Returns the key of the entry whose key or value `node` is, or `node` if it is an item.
    pub(crate) fn row_of(&self, node: NodeId) -> Option<NodeId> {
        match self.tree.kind(self.tree.parent(node)?) {
            Kind::Mapping => self.tree.entry_of(node).map(|it| it.key),
            Kind::Sequence => Some(node),
            _ => None,
        }
    }

    /// Returns one past the `:` of an entry.
    pub(crate) fn colon(&self, key: NodeId) -> Option<u32> {
        let at = self.skip_gap(self.tree.span(key).end);
        self.text[at as usize..].starts_with(':').then_some(at + 1)
    }

    /// Returns the last child, without visiting all of them.
    pub(crate) fn last_child(&self, node: NodeId) -> Option<NodeId> {
        self.tree.child_before(node, self.tree.subtree_end(node))
    }

    /// Returns the first child.
    pub(crate) fn first_child(&self, node: NodeId) -> Option<NodeId> {
        self.tree.children(node).next()
    }
}
