//! A document as a client sees it.

use tower_lsp::ls_types as lsp;

use crate::lsp::{capabilities::Abilities, turns::Cancellation};

/// A document as a client sees it.
pub(crate) struct View<'a> {
    /// Its URI.
    pub(crate) uri: &'a lsp::Uri,
    /// The client's number of the version, if it has one.
    pub(crate) version: Option<i32>,
    /// The document.
    pub(crate) document: &'a ide::Document,
    /// What the client can do.
    pub(crate) abilities: &'a Abilities,
    /// Ends long lists early.
    pub(crate) cancellation: &'a Cancellation,
}

impl View<'_> {
    /// Iterates over a list until the answer is cancelled.
    pub(super) fn until_cancelled<'i, T>(&self, items: &'i [T]) -> impl Iterator<Item = &'i T> {
        items.iter().take_while(|_| !self.cancellation.is_cancelled())
    }
}
