//! The mistakes in configurations, as diagnostics of these files.
//!
//! Each open document keeps the report of the configuration that decides about it. What the client has to know follows from
//! them; only differences are sent.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{sync::Mutex, task::spawn_blocking};
use tower_lsp::{Client, ls_types as lsp};
use yaml::{Encoding, Text};

use super::convert::position::range;
use crate::config::{Problem, Report};

/// The source of these diagnostics.
const SOURCE: &str = "dstack-lsp";

/// The reports of configurations with mistakes, by their files.
pub(crate) type Reports = HashMap<PathBuf, Arc<Report>>;

/// The reports that the client has. Locked while diagnostics are sent, so that the latest ones are sent last.
#[derive(Debug, Default)]
pub(crate) struct ConfigReports(Mutex<Reports>);

impl ConfigReports {
    /// Sends what differs from the reports of the open documents, which `current` returns.
    pub(crate) async fn publish(&self, current: impl FnOnce() -> Reports, client: &Client, encoding: Encoding) {
        let mut sent = self.0.lock().await;
        let current = current();
        for path in sent.keys().filter(|it| !current.contains_key(*it)) {
            send(client, path, vec![]).await;
        }
        for (path, report) in current.iter().filter(|(path, report)| sent.get(*path) != Some(*report)) {
            let report = report.clone();
            // A panic costs these diagnostics; its place is printed on standard error.
            let diagnostics = spawn_blocking(move || diagnostics(&report, encoding)).await.unwrap_or_default();
            send(client, path, diagnostics).await;
        }
        *sent = current;
    }
}

async fn send(client: &Client, path: &Path, diagnostics: Vec<lsp::Diagnostic>) {
    if let Some(uri) = lsp::Uri::from_file_path(path) {
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
