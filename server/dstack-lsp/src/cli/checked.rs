//! The result of checking a file, which all reports are made from.

use ide::{Applicability, Diagnostic, Document, Fix, Fixer, Secrets, Severity, Target};
use schema::DocumentKind;
use serde::Serialize;
use yaml::{Path, Text};

/// A checked file.
pub(crate) struct Checked {
    /// The path as given or found.
    pub(crate) name: String,
    /// The kind of file.
    pub(crate) kind: DocumentKind,
    /// The value of `type` in a configuration.
    pub(crate) configuration_type: Option<String>,
    /// The text of the diagnostics, without a byte order mark and with its secrets masked.
    pub(crate) text: Text,
    /// Number of bytes before the text: those of the byte order mark.
    pub(crate) shift: u32,
    /// The release that it was checked against, and its origin.
    pub(crate) target: Target,
    /// Whether dstack accepts it; comments that suppress diagnostics change nothing.
    pub(crate) parses: bool,
    /// The diagnostics, without suppressed ones.
    pub(crate) diagnostics: Vec<Finding>,
    /// Number of suppressed diagnostics.
    pub(crate) suppressed: usize,
    /// Number of suppressed diagnostics that dstack reports as errors.
    pub(crate) suppressed_errors: usize,
    /// What reports must not show.
    pub(crate) secrets: Secrets,
    /// Number of applied fixes.
    pub(crate) fixed: usize,
    /// Why the fixed text could not be written; the diagnostics are then those of the text before the fixes.
    pub(crate) unwritten: Option<String>,
}

/// A diagnostic with what reports say about it.
pub(crate) struct Finding {
    pub(crate) diagnostic: Diagnostic,
    /// The path of the value that it is about.
    pub(crate) path: Path,
    pub(crate) fixes: Vec<Fix>,
}

impl Finding {
    /// The diagnostics of a document, with their paths and fixes.
    pub(crate) fn all(document: &Document, diagnostics: &[Diagnostic]) -> Vec<Finding> {
        let fixer = Fixer::new(document);
        let finding =
            |it: &Diagnostic| Finding { diagnostic: it.clone(), path: ide::path(document, it), fixes: fixer.fixes(it) };
        diagnostics.iter().map(finding).collect()
    }
}

impl From<Diagnostic> for Finding {
    fn from(diagnostic: Diagnostic) -> Finding {
        Finding { diagnostic, path: Path::default(), fixes: vec![] }
    }
}

impl Checked {
    /// Whether `--fix` applies a fix: it is safe, and the file can be written.
    pub(crate) fn applies(&self, fix: &Fix) -> bool {
        fix.applicability == Applicability::Safe && self.unwritten.is_none()
    }

    /// Whether `--fix` resolves a diagnostic.
    pub(crate) fn is_fixable(&self, finding: &Finding) -> bool {
        finding.fixes.iter().any(|fix| self.applies(fix))
    }

    /// Number of diagnostics that `--fix` resolves.
    pub(crate) fn fixable(&self) -> usize {
        self.diagnostics.iter().filter(|it| self.is_fixable(it)).count()
    }

    /// Keeps the text of the document as reports may show it: unchanged except for secrets, which are masked.
    pub(crate) fn mask_secrets(&mut self, document: &Document) {
        self.secrets = document.secrets().clone();
        self.text = match self.secrets.is_empty() {
            true => document.text().clone(),
            false => Text::new(&self.secrets.covered(document.text().as_str())),
        };
    }
}

/// Numbers of diagnostics by severity, and of checked files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Summary {
    pub(crate) files: usize,
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) infos: usize,
    pub(crate) hints: usize,
}

impl Summary {
    /// The numbers of these files.
    pub(crate) fn of(checked: &[Checked]) -> Summary {
        let mut summary = Summary { files: checked.len(), ..Summary::default() };
        for finding in checked.iter().flat_map(|it| &it.diagnostics) {
            match finding.diagnostic.severity {
                Severity::Error => summary.errors += 1,
                Severity::Warning => summary.warnings += 1,
                Severity::Info => summary.infos += 1,
                Severity::Hint => summary.hints += 1,
            }
        }
        summary
    }
}
