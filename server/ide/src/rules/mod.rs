//! The rules: one file each, with its documentation, check, fixes and tests.

use crate::{diagnostic::Diagnostic, document::Document};

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name: `unknown-field`.
    pub name: &'static str,
    /// What it finds and what to do, in Markdown. Blocks of `yaml bad` yield the rule, those of `yaml` nothing.
    pub docs: &'static str,
    /// Adds its findings.
    pub check: fn(&Document, &mut Vec<Diagnostic>),
}

/// All rules, in the order of the documentation.
pub fn all() -> &'static [Rule] {
    &[]
}

/// The rule with this name.
pub fn named(name: &str) -> Option<&'static Rule> {
    all().iter().find(|rule| rule.name == name)
}
