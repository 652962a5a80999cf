//! `codeAction/resolve`: the edits of an action that was offered without them.

use ide::{ActionId, ActionKind, Resolve};
use serde_json::Value;
use tower_lsp::ls_types as lsp;
use yaml::Span;

use super::request::DocumentRequest;
use crate::lsp::{
    capabilities::Abilities,
    convert::{View, action::Unresolved, document},
    method::{Method, method},
    turns::Lane,
};

/// An action without its edits, as it was sent to the client and came back.
pub(super) struct CodeActionResolve {
    action: Value,
    id: ActionId,
    version: Option<i32>,
    selection: Span,
}

impl DocumentRequest for CodeActionResolve {
    const METHOD: Method = method!("codeAction/resolve");

    type Answer = Value;

    fn advertise(_: &Abilities, _: &mut lsp::ServerCapabilities) {}

    fn document(sent: &Value) -> Option<lsp::Uri> {
        document::uri_of(&sent["data"])
    }

    fn parse(sent: &Value) -> Result<CodeActionResolve, &'static str> {
        let Unresolved { id, version, selection } = Unresolved::parse(&sent["data"])?;
        Ok(CodeActionResolve { action: sent.clone(), id, version, selection })
    }

    fn lane(&self) -> Lane {
        Lane::Whole
    }

    /// The action as it came if the document has changed since: its edits would be for another text.
    fn answer(self, view: &View<'_>) -> Value {
        const KINDS: [ActionKind; 3] = [ActionKind::QuickFix, ActionKind::FixAll, ActionKind::Ignore];
        if view.version != self.version {
            return self.action;
        }
        let actions = ide::actions(view.document, self.selection, &KINDS, Resolve::One(self.id));
        let resolved = actions.first().and_then(|it| serde_json::to_value(view.action(it, self.selection)).ok());
        resolved.unwrap_or(self.action)
    }

    fn empty(&self) -> Value {
        self.action.clone()
    }
}
