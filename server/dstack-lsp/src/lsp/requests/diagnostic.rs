//! `textDocument/diagnostic`: diagnostics for clients that pull them. [`publish`](crate::lsp::publish) pushes them to the
//! others.

use serde_json::Value;
use tower_lsp::ls_types as lsp;

use super::request::DocumentRequest;
use crate::lsp::{
    capabilities::Abilities,
    convert::{View, diagnostic::full_report},
    method::{Method, method},
    state::State,
    turns::Lane,
};

/// The diagnostics of a document.
pub(super) struct PullDiagnostics {
    /// The identifier of the report that the client has.
    previous: Option<String>,
}

impl DocumentRequest for PullDiagnostics {
    const METHOD: Method = method!("textDocument/diagnostic");

    type Answer = lsp::DocumentDiagnosticReport;

    fn advertise(abilities: &Abilities, capabilities: &mut lsp::ServerCapabilities) {
        let options = lsp::DiagnosticOptions { identifier: Some("dstack".to_owned()), ..Default::default() };
        capabilities.diagnostic_provider =
            abilities.pull.then_some(lsp::DiagnosticServerCapabilities::Options(options));
    }

    fn parse(sent: &Value) -> Result<PullDiagnostics, &'static str> {
        Ok(PullDiagnostics { previous: sent["previousResultId"].as_str().map(str::to_owned) })
    }

    fn lane(&self) -> Lane {
        Lane::Findings
    }

    fn arrived(state: &mut State, uri: &str) {
        state.note_early_request(uri);
    }

    fn answer(self, view: &View<'_>) -> lsp::DocumentDiagnosticReport {
        view.report(&ide::diagnostics(view.document), self.previous.as_deref())
    }

    fn empty(&self) -> lsp::DocumentDiagnosticReport {
        full_report(vec![])
    }
}
