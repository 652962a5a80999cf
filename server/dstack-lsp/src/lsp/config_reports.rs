//! The mistakes in configurations, as diagnostics of these files.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Mutex,
};

use tower_lsp::{Client, ls_types as lsp};
use yaml::{Encoding, Text};

use crate::{
    config::{Problem, Report},
    sync::lock,
};

/// The source of these diagnostics.
const SOURCE: &str = "dstack-lsp";

/// The configurations with mistakes.
#[derive(Debug, Default)]
pub(crate) struct ConfigReports {
    reports: Mutex<HashMap<PathBuf, Report>>,
    /// Held while diagnostics are read and sent, so that the latest ones are sent last.
    sending: tokio::sync::Mutex<()>,
}

impl ConfigReports {
    /// Keeps a report. Returns whether it is new.
    pub(crate) fn keep(&self, report: &Report) -> bool {
        lock(&self.reports).insert(report.path.clone(), report.clone()).as_ref() != Some(report)
    }

    /// Forgets all reports. Returns their files.
    pub(crate) fn forget_all(&self) -> Vec<PathBuf> {
        std::mem::take(&mut *lock(&self.reports)).into_keys().collect()
    }

    /// Sends what is known of a configuration at the moment.
    pub(crate) async fn publish(&self, path: &Path, client: &Client, encoding: Encoding) {
        let Some(uri) = lsp::Uri::from_file_path(path) else { return };
        let _sending = self.sending.lock().await;
        let diagnostics = lock(&self.reports).get(path).map_or(vec![], |it| diagnostics(it, encoding));
        client.publish_diagnostics(uri, diagnostics, None).await;
    }
}

fn diagnostics(report: &Report, encoding: Encoding) -> Vec<lsp::Diagnostic> {
    let text = Text::new(&report.text);
    let diagnostic = |it: &Problem| lsp::Diagnostic {
        range: range(&text, it.span, encoding),
        severity: Some(lsp::DiagnosticSeverity::ERROR),
        source: Some(SOURCE.to_owned()),
        message: it.message.clone(),
        ..Default::default()
    };
    report.problems.iter().map(diagnostic).collect()
}

fn range(text: &Text, span: yaml::Span, encoding: Encoding) -> lsp::Range {
    let position = |offset| {
        let yaml::Position { line, column } = text.position(offset, encoding);
        lsp::Position { line, character: column }
    };
    lsp::Range { start: position(span.start), end: position(span.end) }
}
