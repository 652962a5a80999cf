//! `textDocument/documentSymbol`.

use serde_json::Value;
use tower_lsp::ls_types as lsp;

use super::request::DocumentRequest;
use crate::lsp::{
    capabilities::Abilities,
    convert::View,
    method::{Method, method},
    turns::Lane,
};

/// The outline of a document.
pub(super) struct DocumentSymbol;

impl DocumentRequest for DocumentSymbol {
    const METHOD: Method = method!("textDocument/documentSymbol");

    type Answer = Option<lsp::DocumentSymbolResponse>;

    fn advertise(_: &Abilities, capabilities: &mut lsp::ServerCapabilities) {
        capabilities.document_symbol_provider = Some(lsp::OneOf::Left(true));
    }

    fn parse(_: &Value) -> Result<DocumentSymbol, &'static str> {
        Ok(DocumentSymbol)
    }

    fn lane(&self) -> Lane {
        Lane::Whole
    }

    fn answer(self, view: &View<'_>) -> Option<lsp::DocumentSymbolResponse> {
        Some(view.symbols(&ide::symbols(view.document)))
    }

    fn empty(&self) -> Option<lsp::DocumentSymbolResponse> {
        None
    }
}
