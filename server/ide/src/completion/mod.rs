//! What may be typed at a place.
//!
//! [`crate::cursor`] says what is being typed; `key` offers fields, `value` what may stand behind them, `snippet` what
//! a field is inserted with, `whole` whole files to begin with, `directive` what a comment may say to us, and `layout` knows
//! how the file is indented.
//!
//! Most editors select the first item, so that Enter takes it. Hence two laws: a value that is valid as typed is the first
//! item, unchanged (`typed`), and right behind `key:` of a block the first item opens the block (`value`).

mod directive;
mod key;
mod layout;
mod snippet;
mod typed;
mod value;
mod whole;

use yaml::{NodeId, Span};

use crate::{
    cursor::{Slot, TypedValue, Typing},
    document::Document,
    prose,
    secret::{Quotes, Secrets},
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

impl Quotes for CompletionItem {
    fn hide(&mut self, secrets: &Secrets) {
        let CompletionItem { label, kind: _, detail, docs, span, text: _, snippet: _, deprecated: _, retrigger: _ } =
            self;
        secrets.hide(&[*span], label);
        secrets.hide(&[*span], detail);
        secrets.hide_in_docs(docs);
    }
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

/// What may be typed at `offset`: what is there already if it is a value as it stands, then the likeliest first. Already
/// filtered by what is typed. With each character that is typed the list may be another one.
pub fn completion(document: &Document, offset: u32) -> Vec<CompletionItem> {
    document.without_secrets(candidates(document, offset))
}

fn candidates(document: &Document, offset: u32) -> Vec<CompletionItem> {
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
    let mut items = acc.sorted();
    typed::put_first(document, &typing, offset, &mut items);
    items
}

/// Whether an alias is being typed: `*na`.
fn alias(value: &TypedValue) -> bool {
    value.text.starts_with('*') && !value.quoted
}

/// The names of the anchors above the value, with their nodes.
fn anchors_above<'a>(document: &'a Document, value: &TypedValue) -> impl Iterator<Item = (&'a str, NodeId)> {
    let (tree, start) = (document.tree(), value.span.start);
    let above = tree.ids().take_while(move |id| tree.span(*id).start < start);
    let named = above.filter(|id| tree.kind(*id) != yaml::Kind::Alias);
    named.filter_map(|id| Some((tree.properties(id)?.anchor.as_deref()?, id)))
}

/// The anchors above, behind `*`.
fn anchors(value: &TypedValue, acc: &mut Candidates) {
    let tree = acc.document.tree();
    let mut names: Vec<(&str, NodeId)> = anchors_above(acc.document, value).collect();
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
    /// Offers `item` before all others, and behind those that were offered so before.
    fn add_first(&mut self, item: CompletionItem) {
        let later = std::mem::take(&mut self.later);
        self.add(0, item);
        self.later = later;
    }

    /// Whether a comment stands behind `offset` in its line.
    fn is_before_comment(&self, offset: u32) -> bool {
        let text = self.document.text();
        let line = text.line(text.position(offset, yaml::Encoding::Utf8).line);
        text.as_str()[offset as usize..line.end as usize].trim_start().starts_with('#')
    }

    /// Offers `item` if it fits what is typed; the lower the rank the earlier.
    fn add(&mut self, rank: u32, item: CompletionItem) {
        // The type `gateway` is not the field of the same name.
        let is_whole = |it: &CompletionItem| it.kind == ItemKind::Snippet;
        let typed = &self.document.text().as_str()[item.span.start as usize..self.offset as usize];
        // A line of dashes is on its way to be `---`.
        let is_rule = typed.contains(['-', '_']) && typed.chars().all(is_passed_over) && !item.text.starts_with(typed);
        if let Some(distance) = distance(typed, &item.label).filter(|_| !is_rule)
            && !self.list.iter().any(|it| it.1.label == item.label && is_whole(&it.1) == is_whole(&item))
        {
            self.list.push((
                (distance, rank + self.later),
                CompletionItem { docs: prose::wrapped(&item.docs, prose::BESIDE), ..item },
            ));
        }
    }

    fn sorted(mut self) -> Vec<CompletionItem> {
        // What is typed to its end comes before what only begins with it: `port` before `ports`.
        self.list.sort_by_key(|(rank, item)| (rank.0 > 0, item.deprecated, *rank));
        self.list.into_iter().map(|it| it.1).collect()
    }
}

/// What does not count where what is typed is compared with a label.
fn is_passed_over(c: char) -> bool {
    matches!(c, '_' | '-' | ' ')
}

/// How well `typed` abbreviates `label`: 0 all of it, 1 its beginning, 2 the beginning of a word in it, 3 some of its letters
/// in their order, starting with the first of a word; `None` not at all. Case, `_` and `-` do not count.
fn distance(typed: &str, label: &str) -> Option<u8> {
    let plain = |c: char| !is_passed_over(c);
    let typed: Vec<char> = typed.chars().filter(|c| plain(*c)).flat_map(char::to_lowercase).collect();
    let Some(first) = typed.first() else { return Some(1) };
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
            (true, 0) => Some(u8::from(letters.len() > typed.len())),
            (true, _) => Some(2),
            _ => abbreviates(start).then_some(3),
        })
        .min()
}

#[cfg(test)]
mod tests;
