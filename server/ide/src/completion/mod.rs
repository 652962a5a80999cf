//! What may be typed at a place.
//!
//! [`crate::cursor`] says what is being typed; `key` offers fields, `value` what may stand behind them, `snippet` what
//! a field is inserted with, `whole` whole files to begin with, `directive` what a comment may say to us, and `layout` knows
//! how the file is indented.

mod directive;
mod key;
mod layout;
mod snippet;
mod value;
mod whole;

use yaml::{NodeId, Span};

use crate::{
    cursor::{Slot, TypedValue, Typing},
    document::Document,
    prose,
};
use layout::Layout;
pub use snippet::escaped;

/// Something that may be typed.
#[derive(Clone, Debug, PartialEq)]
pub struct CompletionItem {
    /// What is shown. What is typed of it, between the start of `span` and the cursor, abbreviates it: an editor that
    /// filters does so by this text.
    pub label: String,
    /// What it is.
    pub kind: ItemKind,
    /// A few words beside the label: its type and default.
    pub detail: String,
    /// What it does, in Markdown.
    pub docs: String,
    /// What is replaced. On the line of the cursor, and the cursor is within or at its end.
    pub span: Span,
    /// What is inserted, exactly as it is: its line breaks are those of the text, its lines fully indented.
    pub text: String,
    /// The same with `$1` and `${1:…}` for clients that know snippets, where it differs. As editors want it, its line
    /// breaks are LF and its lines are indented from the indentation of the line of the cursor.
    pub snippet: Option<String>,
    /// Outdated: struck through, last.
    pub deprecated: bool,
    /// Whether completion should be asked for again once this is inserted (`resources: `…).
    pub retrigger: bool,
}

/// What a [`CompletionItem`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ItemKind {
    /// The key of a field.
    Field,
    /// One of the words of an enum, or a boolean.
    #[default]
    Word,
    /// A value that makes sense but is not the only one.
    Value,
    /// A whole skeleton.
    Snippet,
}

/// How far down goes what is less likely at a place.
const LATER: u32 = 10_000;

/// What may be typed at `offset`, the likeliest first. Already filtered by what is typed.
pub fn completion(document: &Document, offset: u32) -> Vec<CompletionItem> {
    let layout = Layout::of(document, offset);
    let mut acc = Candidates { document, offset, layout, later: 0, list: vec![] };
    let Some(typing) = Typing::at(document, offset) else {
        directive::complete(document, offset, &mut acc);
        return acc.sorted();
    };
    // Behind a dash most people write the short form; on a line of its own, fields.
    let short_first = typing.value.as_ref().is_some_and(|it| it.slot == Slot::Item);
    if let Some(key) = &typing.key {
        acc.later = if short_first { LATER } else { 0 };
        key::complete(&typing.document, key, &mut acc);
        whole::complete(&typing, key, &mut acc);
    }
    if let Some(value) = &typing.value {
        acc.later = if short_first { 0 } else { LATER };
        match alias(value) {
            true => anchors(value, &mut acc),
            false => value::complete(&typing.document, value, &mut acc),
        }
    }
    acc.sorted()
}

/// Whether an alias is being typed: `*na`.
fn alias(value: &TypedValue) -> bool {
    value.text.starts_with('*') && !value.quoted
}

/// The anchors above, behind `*`.
fn anchors(value: &TypedValue, acc: &mut Candidates) {
    let tree = acc.document.tree();
    let above = tree.ids().take_while(|id| tree.span(*id).start < value.span.start);
    let named = above.filter(|id| tree.kind(*id) != yaml::Kind::Alias);
    let mut names: Vec<(&str, NodeId)> =
        named.filter_map(|id| Some((tree.properties(id)?.anchor.as_deref()?, id))).collect();
    names.reverse();
    names.dedup_by_key(|it| it.0);
    for (rank, (name, node)) in names.into_iter().enumerate() {
        acc.add(
            rank as u32,
            CompletionItem {
                label: format!("*{name}"),
                kind: ItemKind::Value,
                detail: format!("the value of `{}`", tree.path(node)),
                docs: String::new(),
                span: value.span,
                text: format!("{}*{name}", value.lead),
                snippet: None,
                deprecated: false,
                retrigger: false,
            },
        );
    }
}

/// What is offered, while it is collected.
struct Candidates<'a> {
    /// The real document.
    document: &'a Document,
    offset: u32,
    layout: Layout,
    /// Added to the ranks.
    later: u32,
    list: Vec<((u8, u32), CompletionItem)>,
}

impl Candidates<'_> {
    /// Offer `item` if it fits what is typed; the lower the rank the earlier.
    fn add(&mut self, rank: u32, item: CompletionItem) {
        // The type `gateway` is not the field of the same name.
        let is_whole = |it: &CompletionItem| it.kind == ItemKind::Snippet;
        let typed = &self.document.text().as_str()[item.span.start as usize..self.offset as usize];
        if let Some(distance) = distance(typed, &item.label)
            && !self.list.iter().any(|it| it.1.label == item.label && is_whole(&it.1) == is_whole(&item))
        {
            self.list.push((
                (distance, rank + self.later),
                CompletionItem { docs: prose::wrapped(&item.docs, prose::BESIDE), ..item },
            ));
        }
    }

    fn sorted(mut self) -> Vec<CompletionItem> {
        self.list.sort_by_key(|(rank, item)| (item.deprecated, *rank));
        self.list.into_iter().map(|it| it.1).collect()
    }
}

/// How well `typed` abbreviates `label`: 0 its beginning, 1 the beginning of a word in it, 2 some of its letters in their
/// order, starting with the first of a word; `None` not at all. Case, `_` and `-` do not count.
fn distance(typed: &str, label: &str) -> Option<u8> {
    let plain = |c: char| !matches!(c, '_' | '-' | ' ');
    let typed: Vec<char> = typed.chars().filter(|c| plain(*c)).flat_map(char::to_lowercase).collect();
    let Some(first) = typed.first() else { return Some(0) };
    let letters: Vec<(char, bool)> = label
        .chars()
        .scan(true, |starts, c| Some((c, std::mem::replace(starts, !c.is_alphanumeric()))))
        .filter(|(c, _)| plain(*c))
        .flat_map(|(c, starts)| c.to_lowercase().map(move |c| (c, starts)))
        .collect();
    let starts = (0..letters.len()).filter(|it| letters[*it].0 == *first && (*it == 0 || letters[*it].1));
    let follows = |start: usize| letters[start..].iter().map(|it| it.0).zip(&typed).all(|(a, b)| a == *b);
    let full = |start: usize| letters.len() - start >= typed.len() && follows(start);
    let abbreviates = |start: usize| {
        let mut rest = letters[start..].iter();
        typed.iter().all(|c| rest.any(|it| it.0 == *c))
    };
    starts
        .filter_map(|start| match (full(start), start) {
            (true, 0) => Some(0),
            (true, _) => Some(1),
            _ => abbreviates(start).then_some(2),
        })
        .min()
}

#[cfg(test)]
mod tests;
