//! The laws that hold for every text.

use std::{
    fmt::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
};

use ide::{ActionKind, Applicability, Diagnostic, Document, Fixer, Resolve, Stage, Symbol};
use rustix::time::{ClockId, clock_gettime};
use schema::Release;
use yaml::{Edits, Encoding, Grain, Kind, Span, Text, Tree};

use crate::common::{self, GRAINS, Random, random_edit};

/// A law that a text breaks.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The name of the law; for a panic, with its place.
    pub law: String,
    /// The observed violation.
    pub detail: String,
}

/// CPU time in seconds that any document and its findings may take, with instrumentation and overflow checks.
const BASE_BUDGET: f64 = 0.2;
/// CPU time in seconds that a document may take in addition for each byte.
const BUDGET_PER_BYTE: f64 = 50e-6;
/// Maximum numbers of edits, fixes, places and items that are tried for each text.
const MAX_EDITS: usize = 3;
const MAX_FIXES: usize = 12;
const MAX_HOVERS: usize = 40;
const MAX_COMPLETIONS: usize = 6;
const MAX_ITEMS: usize = 8;
const MAX_POSITIONS: usize = 60;

static PANICS: Mutex<Vec<Broken>> = Mutex::new(vec![]);

/// Records panics instead of printing them or ending the process, including those that the core catches.
pub fn listen() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or(String::new(), |it| {
            let file = it.file().rsplit('/').next().unwrap_or("");
            format!(" {file} {}", it.line())
        });
        let broken = Broken { law: format!("panic{place}"), detail: info.to_string().replace('\n', " ") };
        PANICS.lock().unwrap_or_else(|it| it.into_inner()).push(broken);
    }));
}

/// Returns the seed of the random choices for a text.
pub fn seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Returns the laws that a text breaks. `seed` determines the random choices.
pub fn broken(text: &str, seed: u64) -> Vec<Broken> {
    let mut laws = Laws { random: Random::new(seed), acc: vec![] };
    // The panic was recorded.
    let _ = catch_unwind(AssertUnwindSafe(|| laws.try_all(text)));
    laws.acc.append(&mut PANICS.lock().unwrap_or_else(|it| it.into_inner()));
    laws.acc
}

struct Laws {
    random: Random,
    acc: Vec<Broken>,
}

impl Laws {
    fn law(&mut self, name: &str, holds: bool, detail: impl FnOnce() -> String) {
        if !holds {
            self.acc.push(Broken { law: name.into(), detail: detail() });
        }
    }

    fn try_all(&mut self, text: &str) {
        let before = clock_gettime(ClockId::ThreadCPUTime);
        let document = Document::new(Text::new(text), ide::kind::likeliest(text), Release::NEWEST);
        let findings = ide::diagnostics(&document);
        let after = clock_gettime(ClockId::ThreadCPUTime);
        let seconds = (after.tv_sec - before.tv_sec) as f64 + (after.tv_nsec - before.tv_nsec) as f64 / 1e9;
        self.law("budget", seconds < BASE_BUDGET + text.len() as f64 * BUDGET_PER_BYTE, || format!("{seconds} s"));
        self.tree(document.tree(), text);
        self.pieces(text);
        self.findings(&document, &findings, text);
        self.symbols(&document, text);
        self.hovers(&document, text);
        self.tokens(&document, &findings, text);
        self.positions(text);
        self.edited(&document);
        self.fixes(&document, &findings);
        self.fixed(&document, &findings);
        self.actions(&document, text);
        self.completions(&document, text);
    }

    fn is_range(&mut self, law: &str, span: Span, text: &str) {
        self.law(law, text.get(span.range()).is_some(), || format!("{span:?}"));
    }

    /// Checks that nodes are within their parents, in order, and at character boundaries, and that mappings have pairs.
    fn tree(&mut self, tree: &Tree, text: &str) {
        let mut last = 0;
        for id in tree.ids() {
            let span = tree.span(id);
            self.is_range("tree-span", span, text);
            self.law("tree-order", last <= span.start, || format!("{id:?}"));
            last = span.start;
            if let Some(parent) = tree.parent(id) {
                let outer = tree.span(parent);
                self.law("tree-parent", outer.start <= span.start && span.end <= outer.end, || format!("{id:?}"));
                self.law("tree-children", parent < id && id < tree.subtree_end(parent), || format!("{id:?}"));
            }
            if tree.kind(id) == Kind::Mapping {
                let children = tree.children(id).filter(|it| tree.kind(*it) != Kind::Broken).count();
                self.law("tree-pairs", children.is_multiple_of(2), || format!("{id:?}"));
            }
        }
        for pair in tree.comments().windows(2) {
            self.law("comment-order", pair[0].span.end <= pair[1].span.start, || format!("{pair:?}"));
        }
        for comment in tree.comments() {
            self.is_range("comment-span", comment.span, text);
        }
        for pair in tree.problems().windows(2) {
            self.law("problem-order", pair[0].span < pair[1].span, || format!("{pair:?}"));
        }
        for problem in tree.problems() {
            self.is_range("problem-span", problem.span, text);
            if let Some((span, _)) = &problem.related {
                self.is_range("problem-span", *span, text);
            }
        }
    }

    /// Checks that pieces of every size equal the whole.
    fn pieces(&mut self, text: &str) {
        let whole = common::tree(text, Grain::WHOLE);
        let sound = whole.problems().is_empty();
        for (name, grain) in GRAINS {
            let joined = common::tree(text, grain);
            let (verdict, same) = (joined.problems().is_empty(), common::nodes(&joined) == common::nodes(&whole));
            self.law("pieces-verdict", verdict == sound, || {
                format!("{name}: {:?}, whole: {:?}", joined.problems(), whole.problems())
            });
            self.law("pieces-tree", !sound || !verdict || same, || name.into());
        }
    }

    /// Checks that an edited document equals a new one.
    fn edited(&mut self, document: &Document) {
        let mut document = document.clone();
        for _ in 0..MAX_EDITS {
            let edit = random_edit(document.text().as_str(), &mut self.random);
            let edited = document.edited(&Edits::replace(edit.span, edit.text));
            let fresh = Document::new(edited.text().clone(), edited.kind(), edited.options().clone());
            let what = || format!("{:?}", edited.text().as_str());
            self.law("edited-tree", common::dump(edited.tree()) == common::dump(fresh.tree()), what);
            self.law("edited-binding", edited.binding() == fresh.binding(), what);
            self.law("edited-findings", ide::findings(&edited) == ide::findings(&fresh), what);
            self.law("edited-secrets", edited.secrets() == fresh.secrets(), what);
            document = edited;
        }
    }

    fn findings(&mut self, document: &Document, findings: &[Diagnostic], text: &str) {
        let fixer = Fixer::new(document);
        for finding in findings {
            self.is_range("finding-span", finding.span, text);
            self.words("message", &finding.message);
            for related in &finding.related {
                self.is_range("related-span", related.span, text);
                self.words("related", &related.message);
            }
            for fix in fixer.fixes(finding) {
                self.words("fix-title", &fix.title);
                self.edits("fix-edits", &fix.edits, text);
            }
        }
    }

    /// Checks that a message is one short line without a final period.
    fn words(&mut self, law: &str, words: &str) {
        let odd = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        let good = !words.contains(odd) && !words.ends_with('.') && !words.is_empty() && words.len() < 2000;
        // The number that stands for a missing indentation.
        self.law(law, good && !words.contains("4294967295"), || format!("{words:?}"));
    }

    /// Checks that edits are in order and disjoint.
    fn edits(&mut self, law: &str, edits: &Edits, text: &str) {
        let mut end = 0;
        for edit in edits.iter() {
            self.is_range(law, edit.span, text);
            self.law(law, end <= edit.span.start, || format!("{edits:?}"));
            end = edit.span.end;
        }
    }

    /// Checks that a fix changes the text and keeps valid YAML valid, and that a safe fix removes its finding.
    fn fixes(&mut self, document: &Document, findings: &[Diagnostic]) {
        let sound = document.tree().problems().is_empty();
        let fixer = Fixer::new(document);
        let all: Vec<_> = findings
            .iter()
            .flat_map(|finding| fixer.fixes(finding).into_iter().map(move |fix| (finding, fix)))
            .collect();
        let step = all.len().div_ceil(MAX_FIXES).max(1);
        for (finding, fix) in all.into_iter().step_by(step) {
            let next = document.edited(&fix.edits);
            let what = || format!("{}: {} => {:?}", finding.message, fix.title, next.text().as_str());
            self.law("fix-breaks-sound", !sound || next.tree().problems().is_empty(), what);
            self.law("fix-does-nothing", next.text().as_str() != document.text().as_str(), what);
            if sound && fix.applicability == Applicability::Safe {
                let path = ide::path(document, finding);
                let times = |document: &Document| {
                    let same = |it: &&Diagnostic| {
                        (it.rule, &it.message) == (finding.rule, &finding.message) && ide::path(document, it) == path
                    };
                    ide::diagnostics(document).iter().filter(same).count()
                };
                self.law("safe-fix-mends", times(&next) < times(document), what);
            }
        }
    }

    /// Checks that applying all fixes adds no syntax error, and leaves nothing to fix.
    fn fixed(&mut self, document: &Document, findings: &[Diagnostic]) {
        let (next, applied) = ide::fixed(document);
        let what = || format!("{:?}", next.text().as_str());
        let worse = next.tree().problems().len() > document.tree().problems().len();
        self.law("fixed-breaks-syntax", !worse, what);
        self.law("fixed-counts", applied.is_empty() == (next.text().as_str() == document.text().as_str()), what);
        let (again, more) = ide::fixed(&next);
        self.law("fixed-twice", more.is_empty() && again.text().as_str() == next.text().as_str(), what);
        // Findings that were hidden by a wrong name or type appear when it is corrected.
        let hides =
            |it: &Diagnostic| it.rule == "unknown-field" || ide::path(document, it).to_string().ends_with("type");
        let rejections = |findings: &[Diagnostic]| findings.iter().filter(|it| it.stage == Stage::Parse).count();
        if document.tree().problems().is_empty() && !findings.iter().any(hides) {
            let better = rejections(&ide::diagnostics(&next)) <= rejections(findings);
            self.law("fixed-worse", better, what);
        }
    }

    /// Checks that symbols are nested, and that each contains its name.
    fn symbols(&mut self, document: &Document, text: &str) {
        let mut open: Vec<(Span, Symbol)> = ide::symbols(document).into_iter().map(|it| (it.span, it)).collect();
        while let Some((outer, symbol)) = open.pop() {
            self.is_range("symbol-span", symbol.span, text);
            self.is_range("symbol-span", symbol.selection, text);
            let within = |inner: Span, outer: Span| outer.start <= inner.start && inner.end <= outer.end;
            let nested = within(symbol.span, outer) && within(symbol.selection, symbol.span);
            self.law("symbol-nested", nested && !symbol.name.is_empty(), || format!("{symbol:?}"));
            open.extend(symbol.children.into_iter().map(|it| (symbol.span, it)));
        }
    }

    /// Returns at most `n` random offsets at character boundaries.
    fn offsets(&mut self, text: &str, n: usize) -> Vec<u32> {
        let all: Vec<usize> = (0..=text.len()).filter(|it| text.is_char_boundary(*it)).collect();
        if all.len() <= n {
            return all.into_iter().map(|it| it as u32).collect();
        }
        (0..n).map(|_| self.random.choice(&all) as u32).collect()
    }

    fn hovers(&mut self, document: &Document, text: &str) {
        for offset in self.offsets(text, MAX_HOVERS) {
            if let Some(hover) = ide::hover(document, offset) {
                self.is_range("hover-span", hover.span, text);
                self.law("hover-touches", hover.span.touches(offset), || format!("{:?} at {offset}", hover.span));
            }
        }
    }

    /// Checks that no token is shown, wherever it is written.
    fn tokens(&mut self, document: &Document, findings: &[Diagnostic], text: &str) {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let tokens: Vec<&str> = words.filter(|it| it.starts_with("hf_") && it.len() >= 33).collect();
        if tokens.is_empty() {
            return;
        }
        let mut shown = String::new();
        let fixer = Fixer::new(document);
        for finding in findings {
            let related = finding.related.iter().map(|it| &it.message);
            let fixes = fixer.fixes(finding);
            let titles = fixes.iter().map(|it| &it.title);
            related.chain(titles).chain([&finding.message]).for_each(|it| shown += it);
        }
        for offset in self.offsets(text, MAX_HOVERS) {
            shown += &ide::hover(document, offset).map_or(String::new(), |it| it.markdown);
        }
        write!(shown, "{:?}", ide::symbols(document)).expect("a string can be written to");
        for token in tokens {
            let found = shown.find(token);
            self.law("token-shown", found.is_none(), || {
                shown[..found.unwrap_or(0)].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect()
            });
        }
    }

    /// Checks the conversion of offsets to positions, which count the units before them on the line, and back, in every
    /// encoding.
    fn positions(&mut self, text: &str) {
        let it = Text::new(text);
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for offset in self.offsets(text, MAX_POSITIONS) {
                let position = it.position(offset, encoding);
                let (before, after) = text.split_at(offset as usize);
                // An offset within a line break is before it.
                let before = before.strip_suffix('\r').filter(|_| after.starts_with('\n')).unwrap_or(before);
                let line = before.rsplit(['\n', '\r']).next().unwrap_or("");
                let column = match encoding {
                    Encoding::Utf8 => line.len(),
                    Encoding::Utf16 => line.encode_utf16().count(),
                    Encoding::Utf32 => line.chars().count(),
                };
                self.law("position-column", position.column as usize == column, || format!("{offset}: {position:?}"));
                let back = it.offset(position, encoding) as usize;
                self.law("position-round-trip", back == before.len(), || format!("{offset}: {position:?}, {back}"));
            }
        }
    }

    /// Checks that the edits of actions are valid, and that a comment that ignores a finding suppresses it.
    fn actions(&mut self, document: &Document, text: &str) {
        let offsets = self.offsets(text, 4);
        let some = Span::new(offsets[0].min(offsets[offsets.len() - 1]), offsets[0].max(offsets[offsets.len() - 1]));
        for selection in [some, Span::new(0, text.len() as u32)] {
            let kinds = [ActionKind::QuickFix, ActionKind::FixAll, ActionKind::Ignore];
            for action in ide::actions(document, selection, &kinds, Resolve::Now) {
                let edits = action.edits.clone().unwrap_or_default();
                self.words("action-title", &action.title);
                self.edits("action-edits", &edits, text);
                if action.kind == ActionKind::Ignore
                    && let Some(finding) = &action.diagnostic
                {
                    let next = document.edited(&edits);
                    let told = |document: &Document| {
                        let same = |it: &&Diagnostic| (it.rule, &it.message) == (finding.rule, &finding.message);
                        ide::diagnostics(document).iter().filter(same).count()
                    };
                    self.law("ignore-silences", told(&next) < told(document), || {
                        format!("{}: {:?}", action.title, next.text().as_str())
                    });
                    let worse = next.tree().problems().len() > document.tree().problems().len();
                    self.law("ignore-breaks-syntax", !worse, || format!("{:?}", next.text().as_str()));
                }
            }
        }
    }

    /// Checks that completions are for the cursor's place, and keep valid YAML valid at the end of a line.
    fn completions(&mut self, document: &Document, text: &str) {
        let sound = document.tree().problems().is_empty();
        for offset in self.offsets(text, MAX_COMPLETIONS) {
            let rest = text[offset as usize..].split(['\n', '\r']).next().unwrap_or("");
            for item in ide::completion(document, offset).into_iter().take(MAX_ITEMS) {
                self.is_range("completion-span", item.span, text);
                let touches = item.span.touches(offset) && !text.get(item.span.range()).unwrap_or("").contains('\n');
                self.law("completion-touches", touches, || format!("{:?} at {offset}", item.span));
                if sound && rest.is_empty() {
                    let next = document.edited(&Edits::replace(item.span, item.text.clone()));
                    self.law("completion-breaks-sound", next.tree().problems().is_empty(), || {
                        format!("{} at {offset}: {:?}", item.label, next.text().as_str())
                    });
                }
            }
        }
    }
}
