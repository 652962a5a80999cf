//! What is wrong or could be better, and what to do about it.

use yaml::{Edits, Path, Span};

use crate::{
    bind::{Misfit, MisfitKind},
    document::Document,
    draft,
    expected::shortened,
    rules, secret, suppress,
};

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

/// What is found in a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// To be told, sorted by place.
    pub shown: Vec<Diagnostic>,
    /// Found, but not to be told, because a comment says so: `# dstack-lsp: ignore[rule-name]`.
    pub suppressed: Vec<Diagnostic>,
}

impl Findings {
    /// Whether dstack's parser takes the file. A comment of ours does not change its mind.
    pub fn parses(&self) -> bool {
        self.shown.iter().chain(&self.suppressed).all(|it| it.stage != Stage::Parse)
    }

    /// The number of findings that a comment suppresses although dstack will report them.
    pub fn suppressed_errors(&self) -> usize {
        self.suppressed.iter().filter(|it| it.severity == Severity::Error && it.stage != Stage::Advice).count()
    }
}

/// The findings of a document as an editor shows them: sorted by place, without those that a comment suppresses, and those of
/// a file that is only begun as hints.
pub fn diagnostics(document: &Document) -> Vec<Diagnostic> {
    let mut shown = findings(document).shown;
    draft::soften(document, &mut shown);
    shown
}

/// All findings of a document, those that dstack's parser has as errors: what a checker goes by.
pub fn findings(document: &Document) -> Findings {
    let mut acc = vec![];
    for rule in rules::all() {
        (rule.check)(document, &mut acc);
    }
    secret::hide(document, &mut acc);
    acc.iter_mut().for_each(keep_short);
    tidy(&mut acc);
    let suppressed = suppress::take(document, &mut acc);
    Findings { shown: acc, suppressed }
}

/// Cuts what words quote from the file where that is long, and escapes its line breaks and other control characters:
/// `2\n-`.
fn keep_short(finding: &mut Diagnostic) {
    let is_control = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let escaped = |c: char| if is_control(c) { c.escape_default().to_string() } else { c.to_string() };
    let related = finding.related.iter_mut().map(|it| &mut it.1);
    let titles = finding.fixes.iter_mut().map(|it| &mut it.title);
    for words in std::iter::once(&mut finding.message).chain(related).chain(titles) {
        *words = shortened(std::mem::take(words));
        if words.contains(is_control) {
            *words = words.chars().map(escaped).collect();
        }
    }
}

/// Sorts findings by place, and drops what is said twice.
fn tidy(acc: &mut Vec<Diagnostic>) {
    acc.sort_by(|a, b| {
        (a.span, a.stage, a.rule).cmp(&(b.span, b.stage, b.rule)).then_with(|| a.message.cmp(&b.message))
    });
    acc.dedup_by(|a, b| (a.span, a.rule, &a.message) == (b.span, b.rule, &b.message));
}

/// So many times the safe fixes are applied at most; each round mends what the one before uncovered.
const ROUNDS: usize = 64;

/// Where the safe fixes of a round together make things worse, so many are tried alone: a bound for hostile files.
const ONE_BY_ONE: usize = 20;

/// The document with safe fixes applied until nothing changes; the number of fixes applied. Never parses worse than before.
pub fn fixed(document: &Document) -> (Document, usize) {
    let mut document = document.clone();
    let mut applied = 0;
    for _ in 0..ROUNDS {
        let findings = diagnostics(&document);
        let safe: Vec<&Fix> = findings.iter().filter_map(safe_fix).collect();
        // Those that touch the same place wait for the next round.
        let mut together = Edits::default();
        let mut count = 0;
        for fix in &safe {
            if together.try_merge(&fix.edits) {
                count += 1;
            }
        }
        let before = (rejections(&findings, &[]), doubles(&findings));
        let better = |edits: &Edits| {
            let next = document.edited(edits);
            let after = diagnostics(&next);
            let uncovered = uncovered(&document, edits);
            let is_better = rejections(&after, &uncovered) <= before.0 && doubles(&after) <= before.1;
            (is_better && next.text().as_str() != document.text().as_str()).then_some(next)
        };
        if count == 0 {
            break;
        }
        let next = better(&together)
            .map(|next| (next, count))
            .or_else(|| safe.iter().take(ONE_BY_ONE).find_map(|fix| better(&fix.edits)).map(|next| (next, 1)));
        let Some((next, count)) = next else { break };
        document = next;
        applied += count;
    }
    (document, applied)
}

/// The fix that may be applied without asking.
fn safe_fix(diagnostic: &Diagnostic) -> Option<&Fix> {
    diagnostic.fixes.iter().find(|it| it.applicability == Applicability::Safe)
}

/// So many unknown fields are looked into.
const MOST_UNCOVERED: usize = 100;

/// How many keys are set again below. Two fixes may both write the same new key (`gpu` and `memory` each move under a
/// `resources` that is not there yet), and the second would hide the first.
fn doubles(findings: &[Diagnostic]) -> usize {
    findings.iter().filter(|it| it.rule == rules::duplicate_key::RULE.name).count()
}

/// For how many reasons dstack rejects the file, those within the `uncovered` spans left out.
fn rejections(findings: &[Diagnostic], uncovered: &[Span]) -> usize {
    let is_uncovered = |at: u32| uncovered.iter().any(|it| it.start <= at && at < it.end);
    findings.iter().filter(|it| it.stage == Stage::Parse && !is_uncovered(it.span.start)).count()
}

/// Where the entries of unknown fields are after the edits: what is wrong in them shows only when they have the right name,
/// and is no reason against it.
fn uncovered(document: &Document, edits: &Edits) -> Vec<Span> {
    let tree = document.tree();
    let unknown = |it: &&Misfit| matches!(it.kind, MisfitKind::UnknownField(_));
    let entries = document.binding().misfits().iter().filter(unknown).take(MOST_UNCOVERED);
    let spans = entries.filter_map(|it| {
        let entry = tree.entry_of(it.node)?;
        let (start, end) = (tree.span(entry.key).start, tree.span(entry.value).end);
        Some(Span::new(edits.map_offset(start), edits.map_offset(end)))
    });
    spans.collect()
}
