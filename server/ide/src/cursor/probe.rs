//! A copy of the document with a marker in place of the typed word.

use yaml::{Edits, Kind, NodeId, Span, write::Context};

use super::typing::{CursorSlot, TypedKey, TypedValue, Typing};
use crate::document::Document;

/// A word that is not in the catalogue.
pub(super) const MARKER: &str = "dstack-lsp-marker";

/// A copy of the document with a marker.
pub(super) struct Probe {
    pub(super) document: Document,
    /// The marker.
    pub(super) node: NodeId,
    /// The text of the original document.
    text: yaml::Text,
}

/// Whether a colon follows the typed key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colon {
    Typed,
    Missing,
}

impl Probe {
    /// The document with `span` replaced by the marker; `None` if the result has more syntax errors than before.
    pub(super) fn new(document: &Document, span: Span, lead: &str, marker: &str) -> Option<Probe> {
        let edited = document.edited(&Edits::replace(span, format!("{lead}{marker}")));
        let tree = edited.tree();
        let start = span.start + lead.len() as u32;
        let node = tree.node_at(start)?;
        // The lines below must not have become part of the word.
        let found = tree.kind(node) == Kind::Scalar && tree.span(node).start == start && tree.value(node) == MARKER;
        let sound = tree.problems().len() <= document.tree().problems().len();
        (found && sound).then(|| Probe { node, document: edited, text: document.text().clone() })
    }

    /// The marker as a key.
    pub(super) fn key(
        self,
        span: Span,
        at: usize,
        lead: &'static str,
        colon: Colon,
        context: Context,
    ) -> Option<Typing> {
        let tree = self.document.tree();
        let mapping = tree.parent(self.node)?;
        let entry = tree.entry_of(self.node).filter(|entry| entry.key == self.node)?;
        let typed = self.text.as_str()[span.start as usize..at].trim_start_matches('-').into();
        let has_value = !tree.span(entry.value).is_empty();
        let (colon, flow) = (colon == Colon::Typed, context == Context::Flow);
        let key = TypedKey { entry, mapping, span, typed, lead, colon, has_value, flow };
        Some(Typing { document: self.document, key: Some(key), value: None })
    }

    /// The marker as a plain value.
    pub(super) fn value(self, span: Span, at: usize, lead: &'static str, slot: CursorSlot) -> Typing {
        let text = self.text.as_str()[span.range()].into();
        let at = at - span.start as usize;
        let value = TypedValue { node: self.node, span, text, at, lead, slot, quoted: false };
        Typing { document: self.document, key: None, value: Some(value) }
    }

    /// The marker as a value in quotes; `inner` is the span between them.
    pub(super) fn quoted_value(self, inner: Span, at: usize, slot: CursorSlot) -> Typing {
        let text = self.text.as_str()[inner.range()].into();
        let at = at - inner.start as usize;
        let value = TypedValue { node: self.node, span: inner, text, at, lead: "", slot, quoted: true };
        Typing { document: self.document, key: None, value: Some(value) }
    }
}
