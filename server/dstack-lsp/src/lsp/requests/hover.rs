//! `textDocument/hover`.

use serde_json::Value;
use tower_lsp::ls_types as lsp;
use yaml::Position;

use super::request::DocumentRequest;
use crate::lsp::{
    capabilities::Abilities,
    convert::{View, position},
    method::{Method, method},
};

/// The documentation of what is under the cursor.
pub(super) struct Hover {
    position: Position,
}

impl DocumentRequest for Hover {
    const METHOD: Method = method!("textDocument/hover");

    type Answer = Option<lsp::Hover>;

    fn advertise(_: &Abilities, capabilities: &mut lsp::ServerCapabilities) {
        capabilities.hover_provider = Some(true.into());
    }

    fn parse(sent: &Value) -> Result<Hover, &'static str> {
        Ok(Hover { position: position::parse(&sent["position"])? })
    }

    fn answer(self, view: &View<'_>) -> Option<lsp::Hover> {
        ide::hover(view.document, view.offset(self.position)).map(|it| view.hover(&it))
    }

    fn empty(&self) -> Option<lsp::Hover> {
        None
    }
}
