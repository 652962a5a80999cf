//! The types of findings and fixes.

use std::fmt;

use yaml::{Edits, NodeId, Span};

use crate::secret::{Quotes, Secrets};

/// Identifies a rule by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(&'static str);

impl RuleId {
    /// The identifier of the rule that is declared with this name.
    pub(crate) const fn new(name: &'static str) -> RuleId {
        RuleId(name)
    }

    /// The name: `unknown-field`.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl PartialEq<&str> for RuleId {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// A finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// The rule.
    pub rule: RuleId,
    /// Who objects, and when.
    pub stage: Stage,
    /// How severe it is.
    pub severity: Severity,
    /// What is wrong, in one line without a final period.
    pub message: String,
    /// The smallest part of the text at fault.
    pub span: Span,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// How an editor may draw it.
    pub tag: Option<Tag>,
    /// What it is about, from which its fixes are made.
    pub(crate) subject: Subject,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Only its span.
    Text,
    /// A node.
    Node(NodeId),
    /// An entry, by its key, and another one of the same mapping.
    Keys(NodeId, NodeId),
    /// A misfit, by its index in `Binding::misfits`.
    Misfit(u32),
    /// A comment, by its index in `Tree::comments`.
    Comment(u32),
}

/// A place that explains a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// The place.
    pub span: Span,
    /// How it does.
    pub message: String,
}

/// Who objects to the file, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// dstack's parser rejects the file.
    Parse,
    /// The CLI or the server rejects it later.
    Apply,
    /// Accepted, but outdated, without effect, or not what the author meant.
    Advice,
}

impl Stage {
    /// `parse`, `apply` or `advice`.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Parse => "parse",
            Stage::Apply => "apply",
            Stage::Advice => "advice",
        }
    }
}

/// How severe a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It does not work.
    Error,
    /// It probably does not do what the author meant, or will stop working.
    Warning,
    /// Worth knowing.
    Info,
    /// A suggestion.
    Hint,
}

impl Severity {
    /// Every severity, the most severe one first.
    pub const ALL: [Severity; 4] = [Severity::Error, Severity::Warning, Severity::Info, Severity::Hint];

    /// `error`, `warning`, `info` or `hint`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
            Severity::Hint => "hint",
        }
    }
}

/// How an editor may draw the text of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Struck through.
    Deprecated,
    /// Faded.
    Unnecessary,
}

impl Tag {
    /// `deprecated` or `unnecessary`.
    pub fn name(self) -> &'static str {
        match self {
            Tag::Deprecated => "deprecated",
            Tag::Unnecessary => "unnecessary",
        }
    }
}

/// A change that resolves a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does, in the imperative: ``Rename `comands` to `commands` ``.
    pub title: String,
    /// Whether it may be applied without asking.
    pub applicability: Applicability,
    /// The change.
    pub edits: Edits,
    /// The keys that it adds to mappings of the document.
    pub(crate) writes: Vec<(NodeId, String)>,
}

/// Whether a fix may be applied without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// The file means the same afterwards, or what it clearly should have meant, and nothing is lost: see `fixes`.
    Safe,
    /// A guess, or something is lost.
    Unsafe,
}

impl Applicability {
    /// Safe if the condition holds.
    pub(crate) fn safe_if(is_safe: bool) -> Applicability {
        if is_safe { Applicability::Safe } else { Applicability::Unsafe }
    }
}

/// The findings of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// The findings to report, sorted by place.
    pub shown: Vec<Diagnostic>,
    /// The findings that are not reported because a comment or the options say so.
    pub suppressed: Vec<Diagnostic>,
}

impl Findings {
    /// Whether dstack's parser accepts the file, whatever is suppressed.
    pub fn parses(&self) -> bool {
        self.shown.iter().chain(&self.suppressed).all(|it| it.stage != Stage::Parse)
    }

    /// The number of suppressed findings that make dstack reject the file.
    pub fn suppressed_errors(&self) -> usize {
        self.suppressed.iter().filter(|it| it.severity == Severity::Error && it.stage != Stage::Advice).count()
    }
}

impl Diagnostic {
    /// The places that its texts are about.
    pub(crate) fn places(&self) -> Vec<Span> {
        self.related.iter().map(|it| it.span).chain([self.span]).collect()
    }

    /// Its texts.
    pub(crate) fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        std::iter::once(&mut self.message).chain(self.related.iter_mut().map(|it| &mut it.message))
    }
}

impl Quotes for Diagnostic {
    fn hide(&mut self, secrets: &Secrets) {
        let places = self.places();
        self.texts().for_each(|it| secrets.hide(&places, it));
    }
}

/// Shortens what a text quotes from the file, and escapes its line breaks and other control characters: `2\n-`.
pub(crate) fn printable(text: &mut String) {
    let is_control = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let escaped = |c: char| if is_control(c) { c.escape_default().to_string() } else { c.to_string() };
    *text = crate::expected::shortened(std::mem::take(text));
    if text.contains(is_control) {
        *text = text.chars().map(escaped).collect();
    }
}
