//! Completion.
//!
//! [`crate::cursor`] determines what is being typed. `key` offers fields, `value` values, `alias` the names of anchors, `whole`
//! skeletons of whole files, and `directive` the parts of a `# dstack-lsp:` comment. `snippet` builds the text that is inserted
//! for a field, and `layout` follows the indentation of the file.
//!
//! Most editors select the first item, so that Enter accepts it. Hence two laws: a value that is valid as typed is the first
//! item, unchanged (`typed`), and directly behind `key:` of a block the first item opens the block (`value`).

mod alias;
mod candidates;
mod directive;
mod item;
mod key;
mod layout;
mod snippet;
mod typed;
mod value;
mod whole;

use crate::{
    cursor::{CursorSlot, Typing},
    document::Document,
};
use candidates::{Candidates, LATER};
pub use item::{CompletionItem, ItemKind};
pub use snippet::escaped;

/// Returns the items that fit the text before `offset`. If that text is a complete value, it is the first item; the likeliest
/// items follow. The list may differ after each typed character.
pub fn completion(document: &Document, offset: u32) -> Vec<CompletionItem> {
    document.without_secrets(items(document, offset))
}

fn items(document: &Document, offset: u32) -> Vec<CompletionItem> {
    let mut acc = Candidates::new(document, offset);
    let Some(typing) = Typing::at(document, offset) else {
        directive::complete(document, offset, &mut acc);
        return acc.sorted();
    };
    // Behind a dash the short form of an item is likelier; on a separate line, fields are.
    let short_first = typing.value.as_ref().is_some_and(|it| it.slot == CursorSlot::Item);
    if let Some(key) = &typing.key {
        acc.later = if short_first { LATER } else { 0 };
        key::complete(&typing.document, key, &mut acc);
        whole::complete(&typing, key, &mut acc);
    }
    if let Some(value) = &typing.value {
        acc.later = if short_first { 0 } else { LATER };
        match alias::is_alias(value) {
            true => alias::complete(value, &mut acc),
            false => value::complete(&typing.document, value, &mut acc),
        }
    }
    let mut items = acc.sorted();
    typed::put_first(document, &typing, offset, &mut items);
    items
}

#[cfg(test)]
mod tests;
