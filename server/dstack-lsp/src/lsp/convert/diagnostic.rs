//! Diagnostics, pushed and pulled.

use std::hash::{DefaultHasher, Hash, Hasher};

use ide::Severity;
use tower_lsp::ls_types as lsp;

use super::view::View;
use crate::project::rule_address;

/// The source that clients show beside a diagnostic.
pub(crate) const SOURCE: &str = "dstack";

/// Maximum number of diagnostics that are sent for a document; more slow an editor down with each key.
const MAX_DIAGNOSTICS: usize = 1000;

impl View<'_> {
    /// The first diagnostics.
    pub(crate) fn diagnostics(&self, diagnostics: &[ide::Diagnostic]) -> Vec<lsp::Diagnostic> {
        self.until_cancelled(diagnostics).take(MAX_DIAGNOSTICS).map(|it| self.diagnostic(it)).collect()
    }

    pub(super) fn diagnostic(&self, diagnostic: &ide::Diagnostic) -> lsp::Diagnostic {
        let related = |it: &ide::Related| lsp::DiagnosticRelatedInformation {
            location: lsp::Location { uri: self.uri.clone(), range: self.range(it.span) },
            message: it.message.clone(),
        };
        let related: Vec<_> = diagnostic.related.iter().filter(|_| self.abilities.related).map(related).collect();
        let tag = diagnostic.tag.filter(|_| self.abilities.diagnostic_tags).map(|tag| match tag {
            ide::Tag::Deprecated => lsp::DiagnosticTag::DEPRECATED,
            ide::Tag::Unnecessary => lsp::DiagnosticTag::UNNECESSARY,
        });
        lsp::Diagnostic {
            range: self.range(diagnostic.span),
            severity: Some(match diagnostic.severity {
                Severity::Error => lsp::DiagnosticSeverity::ERROR,
                Severity::Warning => lsp::DiagnosticSeverity::WARNING,
                Severity::Info => lsp::DiagnosticSeverity::INFORMATION,
                Severity::Hint => lsp::DiagnosticSeverity::HINT,
            }),
            code: Some(lsp::NumberOrString::String(diagnostic.rule.as_str().to_owned())),
            code_description: rule_address(diagnostic.rule)
                .and_then(|address| address.parse().ok())
                .map(|href| lsp::CodeDescription { href }),
            source: Some(SOURCE.to_owned()),
            message: diagnostic.message.clone(),
            related_information: (!related.is_empty()).then_some(related),
            tags: tag.map(|tag| vec![tag]),
            ..Default::default()
        }
    }

    /// The report for a client that pulls diagnostics; `previous` identifies the report that it has.
    pub(crate) fn report(
        &self,
        diagnostics: &[ide::Diagnostic],
        previous: Option<&str>,
    ) -> lsp::DocumentDiagnosticReport {
        let items = self.diagnostics(diagnostics);
        let id = result_id(&items);
        if previous == Some(&id) {
            let unchanged_document_diagnostic_report = lsp::UnchangedDocumentDiagnosticReport { result_id: id };
            return lsp::RelatedUnchangedDocumentDiagnosticReport {
                related_documents: None,
                unchanged_document_diagnostic_report,
            }
            .into();
        }
        full_report(items)
    }
}

/// A report with all diagnostics.
pub(crate) fn full_report(items: Vec<lsp::Diagnostic>) -> lsp::DocumentDiagnosticReport {
    let result_id = Some(result_id(&items));
    let full_document_diagnostic_report = lsp::FullDocumentDiagnosticReport { result_id, items };
    lsp::RelatedFullDocumentDiagnosticReport { related_documents: None, full_document_diagnostic_report }.into()
}

/// The identifier of a report: a hash of its diagnostics, so that no state is needed.
fn result_id(items: &[lsp::Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(items).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
