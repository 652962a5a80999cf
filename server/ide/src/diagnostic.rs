//! What is wrong or could be better, and what to do about it.

use std::borrow::Cow;

use rustc_hash::FxHashSet;
use yaml::{Edits, NodeId, Path, Span, Step};

use crate::{
    bind::{Misfit, MisfitKind},
    document::Document,
    draft,
    expected::shortened,
    rules,
    secret::{Quotes, Secrets},
    suppress,
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
    /// What it does, as an order: "Rename `comands` to `commands`".
    pub title: String,
    /// How sure it is.
    pub applicability: Applicability,
    /// The change.
    pub edits: Edits,
    /// The keys that it gives to mappings of the document.
    pub(crate) writes: Vec<(NodeId, String)>,
}

impl Quotes for Diagnostic {
    fn hide(&mut self, secrets: &Secrets) {
        let Diagnostic { rule: _, stage: _, severity: _, message, span, path, related, tag: _, fixes } = self;
        let places: Vec<Span> = related.iter().map(|it| it.0).chain([*span]).collect();
        secrets.hide(&places, message);
        related.iter_mut().for_each(|(_, text)| secrets.hide(&places, text));
        for Fix { title, applicability: _, edits: _, writes: _ } in fixes {
            secrets.hide(&places, title);
        }
        for step in &mut path.0 {
            if let Step::Key(key) = step
                && let Cow::Owned(hidden) = secrets.hidden(key)
            {
                *key = hidden.into();
            }
        }
    }
}

/// Whether a fix may be applied without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// The file means the same afterwards, or what it plainly meant, and nothing is lost: see `rules::safe`.
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
    if !acc.is_empty() {
        acc = document.without_secrets(acc);
    }
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

/// Maximum number of rounds of safe fixes; each mends what the one before uncovered.
const ROUNDS: usize = 64;

/// Maximum number of selections of a round's fixes that are tried where all of them together make it worse.
const TRIES: usize = 32;

/// The document with safe fixes applied until nothing changes, and the titles of the fixes. Never parses worse than before.
///
/// Each round looks at the document as a whole and makes all fixes that do not meet: the cost is that of as many looks as
/// there are rounds, however many fixes there are.
pub fn fixed(document: &Document) -> (Document, Vec<String>) {
    let mut document = document.made_thorough(true);
    let mut found = diagnostics(&document);
    let mut titles = vec![];
    for _ in 0..ROUNDS {
        let fixes = compatible(&found);
        // All, then each half, then each quarter: a guess that makes it worse does not keep the others back.
        let sizes = std::iter::successors(Some(fixes.len()), |it| (*it > 1).then(|| it.div_ceil(2)));
        let selections = sizes.filter(|it| *it > 0).flat_map(|size| fixes.chunks(size));
        let made = selections.take(TRIES).find_map(|some| Some((better(&document, &found, some)?, some)));
        let Some(((next, after), some)) = made else { break };
        titles.extend(some.iter().map(|it| it.title.clone()));
        (document, found) = (next, after);
    }
    (document.made_thorough(false), titles)
}

/// The safe fixes that can be made at once: they touch different places, and give no mapping the same key twice. The
/// others wait for the next round.
fn compatible(found: &[Diagnostic]) -> Vec<&Fix> {
    let mut together = Edits::default();
    let mut written: FxHashSet<(NodeId, &str)> = FxHashSet::default();
    let mut acc = vec![];
    for fix in found.iter().filter_map(safe_fix) {
        let writes = || fix.writes.iter().map(|it| (it.0, &*it.1));
        if !writes().any(|it| written.contains(&it)) && together.try_merge(&fix.edits) {
            written.extend(writes());
            acc.push(fix);
        }
    }
    acc
}

/// The document after the fixes and what is found in it then, unless they make it worse or change nothing.
fn better(document: &Document, found: &[Diagnostic], fixes: &[&Fix]) -> Option<(Document, Vec<Diagnostic>)> {
    let edits = fixes.iter().flat_map(|it| it.edits.iter()).cloned().collect();
    let edits = Edits::new(edits)?;
    let next = document.edited(&edits);
    if next.text().as_str() == document.text().as_str() {
        return None;
    }
    let after = diagnostics(&next);
    let uncovered = uncovered(document, &edits);
    let is_better = rejections(&after, &uncovered) <= rejections(found, &[]) && doubles(&after) <= doubles(found);
    is_better.then_some((next, after))
}

/// The fix that may be applied without asking.
fn safe_fix(diagnostic: &Diagnostic) -> Option<&Fix> {
    diagnostic.fixes.iter().find(|it| it.applicability == Applicability::Safe)
}

/// How many keys are set again below.
fn doubles(findings: &[Diagnostic]) -> usize {
    findings.iter().filter(|it| it.rule == rules::duplicate_key::RULE.name).count()
}

/// For how many reasons dstack rejects the file, those within the `uncovered` spans left out.
fn rejections(findings: &[Diagnostic], uncovered: &[Span]) -> usize {
    let is_uncovered = |at: u32| {
        let before = uncovered.partition_point(|it| it.start <= at);
        before > 0 && at < uncovered[before - 1].end
    };
    findings.iter().filter(|it| it.stage == Stage::Parse && !is_uncovered(it.span.start)).count()
}

/// Where the entries of unknown fields are after the edits, sorted and disjoint: what is wrong in them shows only when they
/// have the right name, and is no reason against it.
fn uncovered(document: &Document, edits: &Edits) -> Vec<Span> {
    let tree = document.tree();
    let unknown = |it: &&Misfit| matches!(it.kind, MisfitKind::UnknownField(_));
    let entries = document.binding().misfits().iter().filter(unknown).filter_map(|it| tree.entry_of(it.node));
    let mut spans: Vec<Span> = entries.map(|it| Span::new(tree.span(it.key).start, tree.span(it.value).end)).collect();
    spans.sort();
    let mut disjoint: Vec<Span> = vec![];
    for span in spans {
        match disjoint.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => disjoint.push(span),
        }
    }
    let ends: Vec<u32> = disjoint.iter().flat_map(|it| [it.start, it.end]).collect();
    edits.map_offsets(&ends).chunks_exact(2).map(|it| Span::new(it[0], it[1])).collect()
}
