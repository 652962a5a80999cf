//! Makes the fixes of findings.

use crate::{
    diagnostic::{self, Diagnostic, Fix},
    document::Document,
    fixes::Fixes,
    rule::{Check, Extent},
    rules,
};

/// Makes the fixes of the findings of one document, sharing what they look up.
#[derive(Debug)]
pub struct Fixer<'a> {
    check: Check<'a>,
}

impl<'a> Fixer<'a> {
    /// A fixer for the findings of a document.
    pub fn new(document: &'a Document) -> Fixer<'a> {
        Fixer { check: Check::new(document, rules::all(), Extent::First) }
    }

    /// The fixes of a finding of the document, the best one first.
    pub fn fixes(&self, finding: &Diagnostic) -> Vec<Fix> {
        let document = self.check.document();
        let mut fixes = Fixes::new(document);
        if let Some(fix) = rules::get(finding.rule).and_then(|it| it.fixes.function()) {
            fix(&self.check, finding, &mut fixes);
        }
        let mut fixes = fixes.into_vec();
        if !fixes.is_empty() {
            let places = finding.places();
            for fix in &mut fixes {
                document.secrets().hide(&places, &mut fix.title);
                diagnostic::printable(&mut fix.title);
            }
        }
        fixes
    }
}

/// The fixes of a finding of a document, the best one first.
pub fn fixes(document: &Document, finding: &Diagnostic) -> Vec<Fix> {
    Fixer::new(document).fixes(finding)
}
