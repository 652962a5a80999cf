//! Applies safe fixes to a whole document.

use rustc_hash::FxHashSet;
use yaml::{Edits, NodeId, Span};

use crate::{
    bind::{Misfit, MisfitKind},
    diagnostic::{Applicability, Diagnostic, Fix, Stage},
    document::Document,
    findings::find,
    fix::Fixer,
    rule::{Extent, Fixing},
    rules,
};

/// Maximum number of rounds of safe fixes; each resolves what the one before uncovered.
const MAX_ROUNDS: usize = 64;

/// Maximum number of selections of a round's fixes that are tried if all of them together make it worse.
const MAX_TRIES: usize = 32;

/// The document with safe fixes applied until nothing changes, and the titles of the fixes. Never parses worse than before.
///
/// Each round looks at the document as a whole and applies all fixes that do not overlap: the cost is that of as many looks
/// as there are rounds, however many fixes there are.
pub fn fixed(document: &Document) -> (Document, Vec<String>) {
    let mut document = document.clone();
    let mut found = find(&document, Extent::All).shown;
    let mut titles = vec![];
    for _ in 0..MAX_ROUNDS {
        let fixes = compatible(safe_fixes(&document, &found));
        // All, then each half, then each quarter: a guess that makes it worse does not keep the others back.
        let sizes = std::iter::successors(Some(fixes.len()), |it| (*it > 1).then(|| it.div_ceil(2)));
        let selections = sizes.filter(|it| *it > 0).flat_map(|size| fixes.chunks(size));
        let made = selections.take(MAX_TRIES).find_map(|some| Some((better(&document, &found, some)?, some)));
        let Some(((next, after), some)) = made else { break };
        titles.extend(some.iter().map(|it| it.title.clone()));
        (document, found) = (next, after);
    }
    (document, titles)
}

/// The safe fix of each finding that has one.
fn safe_fixes(document: &Document, found: &[Diagnostic]) -> Vec<Fix> {
    let fixer = Fixer::new(document);
    let may_be_safe = |it: &&Diagnostic| rules::get(it.rule).is_some_and(|it| matches!(it.fixes, Fixing::Safe(_)));
    let safe = |it| fixer.fixes(it).into_iter().find(|it| it.applicability == Applicability::Safe);
    found.iter().filter(may_be_safe).filter_map(safe).collect()
}

/// The fixes that can be applied at once: they touch different places, and give no mapping the same key twice. The others
/// wait for the next round.
fn compatible(fixes: Vec<Fix>) -> Vec<Fix> {
    let mut together = Edits::default();
    let mut written: FxHashSet<(NodeId, String)> = FxHashSet::default();
    let is_compatible = |fix: &Fix| {
        let is_free = !fix.writes.iter().any(|it| written.contains(it)) && together.try_merge(&fix.edits);
        if is_free {
            written.extend(fix.writes.iter().cloned());
        }
        is_free
    };
    let mut is_compatible = is_compatible;
    fixes.into_iter().filter(|it| is_compatible(it)).collect()
}

/// The document after the fixes and its findings, unless they make it worse or change nothing.
fn better(document: &Document, found: &[Diagnostic], fixes: &[Fix]) -> Option<(Document, Vec<Diagnostic>)> {
    let edits = fixes.iter().flat_map(|it| it.edits.iter()).cloned().collect();
    let edits = Edits::new(edits)?;
    let next = document.edited(&edits);
    if next.text().as_str() == document.text().as_str() {
        return None;
    }
    let after = find(&next, Extent::All).shown;
    let uncovered = uncovered(document, &edits);
    let is_better = rejections(&after, &uncovered) <= rejections(found, &[]) && doubles(&after) <= doubles(found);
    is_better.then_some((next, after))
}

/// The number of keys that are set again below.
fn doubles(findings: &[Diagnostic]) -> usize {
    findings.iter().filter(|it| it.rule == rules::DUPLICATE_KEY).count()
}

/// The number of reasons for which dstack rejects the file, without those in the `uncovered` spans.
fn rejections(findings: &[Diagnostic], uncovered: &[Span]) -> usize {
    let is_uncovered = |at: u32| {
        let before = uncovered.partition_point(|it| it.start <= at);
        before > 0 && at < uncovered[before - 1].end
    };
    findings.iter().filter(|it| it.stage == Stage::Parse && !is_uncovered(it.span.start)).count()
}

/// The places of the entries of unknown fields after the edits, sorted and disjoint: what is wrong in them shows only when
/// they have the right name, which is no reason against it.
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
