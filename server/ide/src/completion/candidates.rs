//! Collects, filters and sorts completion items.

use yaml::Encoding;

use super::{
    item::{CompletionItem, ItemKind},
    layout::Layout,
};
use crate::{document::Document, prose};

/// Added to the rank of less likely items.
pub(super) const LATER: u32 = 10_000;

/// The items offered at an offset.
pub(super) struct Candidates<'a> {
    /// The document as it is, without a marker at the cursor.
    pub(super) document: &'a Document,
    pub(super) layout: Layout,
    /// Added to the rank of each item.
    pub(super) later: u32,
    offset: u32,
    list: Vec<((u8, u32), CompletionItem)>,
}

impl Candidates<'_> {
    pub(super) fn new(document: &Document, offset: u32) -> Candidates<'_> {
        Candidates { document, layout: Layout::of(document, offset), later: 0, offset, list: vec![] }
    }

    /// Adds an item before all others except those added by earlier calls.
    pub(super) fn add_first(&mut self, item: CompletionItem) {
        let later = std::mem::take(&mut self.later);
        self.add(0, item);
        self.later = later;
    }

    /// Whether a comment follows `offset` on its line.
    pub(super) fn is_before_comment(&self, offset: u32) -> bool {
        let text = self.document.text();
        let line = text.line(text.position(offset, Encoding::Utf8).line);
        text.as_str()[offset as usize..line.end as usize].trim_start().starts_with('#')
    }

    /// Adds an item if its label fits the typed text. Items of a lower rank come first.
    pub(super) fn add(&mut self, rank: u32, item: CompletionItem) {
        // The skeleton `gateway` is not the field with the same name.
        let is_skeleton = |it: &CompletionItem| it.kind == ItemKind::Snippet;
        let typed = &self.document.text().as_str()[item.span.start as usize..self.offset as usize];
        // Typed dashes may be the start of `---`.
        let is_rule = typed.contains(['-', '_']) && typed.chars().all(is_ignored) && !item.text.starts_with(typed);
        if let Some(distance) = distance(typed, &item.label).filter(|_| !is_rule)
            && !self.list.iter().any(|it| it.1.label == item.label && is_skeleton(&it.1) == is_skeleton(&item))
        {
            self.list.push((
                (distance, rank + self.later),
                CompletionItem { docs: prose::wrapped(&item.docs, prose::BESIDE), ..item },
            ));
        }
    }

    /// The items in their order.
    pub(super) fn sorted(mut self) -> Vec<CompletionItem> {
        // A complete label comes before longer ones: `port` before `ports`.
        self.list.sort_by_key(|(rank, item)| (rank.0 > 0, item.deprecated, *rank));
        self.list.into_iter().map(|it| it.1).collect()
    }
}

/// Whether a character is ignored when typed text is compared with a label.
fn is_ignored(c: char) -> bool {
    matches!(c, '_' | '-' | ' ')
}

/// How well `typed` abbreviates `label`: 0 if it is the whole label, 1 for its start, 2 for the start of a word within it, 3
/// for some of its letters in order, from the first letter of a word on. `None` if it does not. Case, blanks, `_` and `-` are
/// ignored.
pub(super) fn distance(typed: &str, label: &str) -> Option<u8> {
    let counts = |c: char| !is_ignored(c);
    let typed: Vec<char> = typed.chars().filter(|c| counts(*c)).flat_map(char::to_lowercase).collect();
    let Some(first) = typed.first() else { return Some(1) };
    let letters: Vec<(char, bool)> = label
        .chars()
        .scan(true, |starts, c| Some((c, std::mem::replace(starts, !c.is_alphanumeric()))))
        .filter(|(c, _)| counts(*c))
        .flat_map(|(c, starts)| c.to_lowercase().map(move |c| (c, starts)))
        .collect();
    let starts = (0..letters.len()).filter(|it| letters[*it].0 == *first && (*it == 0 || letters[*it].1));
    let matches = |start: usize| letters[start..].iter().map(|it| it.0).zip(&typed).all(|(a, b)| a == *b);
    let is_prefix = |start: usize| letters.len() - start >= typed.len() && matches(start);
    let is_abbreviation = |start: usize| {
        let mut rest = letters[start..].iter();
        typed.iter().all(|c| rest.any(|it| it.0 == *c))
    };
    starts
        .filter_map(|start| match (is_prefix(start), start) {
            (true, 0) => Some(u8::from(letters.len() > typed.len())),
            (true, _) => Some(2),
            _ => is_abbreviation(start).then_some(3),
        })
        .min()
}
