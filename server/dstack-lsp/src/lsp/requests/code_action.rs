//! `textDocument/codeAction`.

use ide::Resolve;
use serde_json::Value;
use tower_lsp::ls_types as lsp;
use yaml::Position;

use super::request::DocumentRequest;
use crate::lsp::{
    capabilities::Abilities,
    convert::{View, action::Kinds, position},
    method::{Method, method},
    turns::Lane,
};

/// The quick fixes at a selection, and all safe fixes of the document.
pub(super) struct CodeAction {
    selection: (Position, Position),
    kinds: Kinds,
}

impl DocumentRequest for CodeAction {
    const METHOD: Method = method!("textDocument/codeAction");

    type Answer = Option<lsp::CodeActionResponse>;

    fn advertise(abilities: &Abilities, capabilities: &mut lsp::ServerCapabilities) {
        let kinds = vec![lsp::CodeActionKind::QUICKFIX, lsp::CodeActionKind::SOURCE_FIX_ALL];
        let options = lsp::CodeActionOptions {
            code_action_kinds: Some(kinds),
            resolve_provider: abilities.action_resolve.then_some(true),
            ..Default::default()
        };
        capabilities.code_action_provider = Some(options.into());
    }

    fn parse(sent: &Value) -> Result<CodeAction, &'static str> {
        let end = |which: &str| position::parse(&sent["range"][which]);
        // The diagnostics in the context are not read: the server knows its own.
        Ok(CodeAction { selection: (end("start")?, end("end")?), kinds: Kinds::parse(&sent["context"]) })
    }

    fn lane(&self) -> Lane {
        if self.kinds.fix_all { Lane::Whole } else { Lane::Cursor }
    }

    fn answer(self, view: &View<'_>) -> Option<lsp::CodeActionResponse> {
        if !view.abilities.actions {
            return None;
        }
        let CodeAction { selection: (start, end), kinds } = self;
        let document = view.document;
        let selection = document.text().span(start, end, view.abilities.encoding);
        let resolve = if view.abilities.action_resolve { Resolve::Later } else { Resolve::Now };
        let actions = ide::actions(document, selection, &kinds.list(), resolve);
        Some(view.actions(&actions, selection))
    }

    fn empty(&self) -> Option<lsp::CodeActionResponse> {
        None
    }
}
