//! Completes aliases: `*na`.

use yaml::{Kind, NodeId};

use super::{
    candidates::Candidates,
    item::{CompletionItem, ItemKind},
};
use crate::{cursor::TypedValue, document::Document};

/// Whether an alias is being typed.
pub(super) fn is_alias(value: &TypedValue) -> bool {
    value.text.starts_with('*') && !value.quoted
}

/// The names of the anchors above a value, with their nodes.
pub(super) fn anchors_above<'a>(document: &'a Document, value: &TypedValue) -> impl Iterator<Item = (&'a str, NodeId)> {
    let (tree, start) = (document.tree(), value.span.start);
    let above = tree.ids().take_while(move |id| tree.span(*id).start < start);
    let named = above.filter(|id| tree.kind(*id) != Kind::Alias);
    named.filter_map(|id| Some((tree.properties(id)?.anchor.as_deref()?, id)))
}

/// Offers the anchors above the value, the nearest one first.
pub(super) fn complete(value: &TypedValue, acc: &mut Candidates) {
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
