//! What is wrong or could be better, and what to do about it.

use yaml::{Edits, Path, Span};

use crate::{document::Document, rules};

/// A finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// The name of the rule: `unknown-field`.
    pub rule: &'static str,
    /// Who would object, and when.
    pub stage: Stage,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and what to do, without a final dot.
    pub message: String,
    /// The smallest guilty thing.
    pub span: Span,
    /// The node that is meant.
    pub path: Path,
    /// Other places that explain it.
    pub related: Vec<(Span, String)>,
    /// How the editor may draw it.
    pub tag: Option<Tag>,
    /// What can be done, the best first.
    pub fixes: Vec<Fix>,
}

/// Who would object to the file, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// dstack's parser rejects the file.
    Parse,
    /// The CLI or the server rejects it later.
    Apply,
    /// Accepted, but outdated, without effect, or not what was meant.
    Advice,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It will not work.
    Error,
    /// It will probably not do what was meant, or stops working soon.
    Warning,
    /// Worth knowing.
    Info,
    /// A suggestion.
    Hint,
}

/// How an editor may draw the text of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Struck through.
    Deprecated,
    /// Faded.
    Unnecessary,
}

/// A change that mends a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does, as an order: "Replace by `commands`".
    pub title: String,
    /// How sure it is.
    pub applicability: Applicability,
    /// The change.
    pub edits: Edits,
}

/// Whether a fix may be applied without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// The file means the same afterwards, or what it plainly meant.
    Safe,
    /// A guess, or something is lost.
    Unsafe,
}

/// All findings of a document, sorted by place.
pub fn diagnostics(document: &Document) -> Vec<Diagnostic> {
    let mut acc = vec![];
    for rule in rules::all() {
        (rule.check)(document, &mut acc);
    }
    acc.sort_by_key(|it| (it.span, it.stage, it.rule));
    acc
}

/// The document with safe fixes applied until nothing changes; the number of fixes applied.
pub fn fixed(document: &Document) -> (Document, usize) {
    (document.clone(), 0)
}
