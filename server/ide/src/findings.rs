//! Runs the rules.

use crate::{
    diagnostic::{self, Diagnostic, Findings, Stage},
    document::Document,
    draft,
    options::Level,
    rule::{Check, Extent},
    rules, suppress,
};

/// The findings of a document as an editor shows them: sorted by place, without suppressed ones, and as hints in a file that
/// has only been started.
pub fn diagnostics(document: &Document) -> Vec<Diagnostic> {
    let mut shown = findings(document).shown.clone();
    draft::soften(document, &mut shown);
    shown
}

/// The findings of a document, with the severities by which a checker decides. Computed once for each version of a document.
pub fn findings(document: &Document) -> &Findings {
    document.findings_or(|| find(document, Extent::First))
}

/// The findings of a document, computed anew.
pub(crate) fn find(document: &Document, extent: Extent) -> Findings {
    let check = Check::new(document, rules::all(), extent);
    let options = &document.options().rules;
    let mut acc = vec![];
    let mut off = vec![];
    for rule in rules::all() {
        let first = acc.len();
        match options.level(rule.id) {
            None => (rule.check)(&check, &mut acc),
            Some(Level::On(severity)) => {
                (rule.check)(&check, &mut acc);
                acc[first..].iter_mut().for_each(|it| it.severity = severity);
            }
            // That dstack rejects the file stays known.
            Some(Level::Off) if rule.stage != Stage::Advice => (rule.check)(&check, &mut off),
            Some(Level::Off) => {}
        }
    }
    let shown = tidied(document, acc);
    let mut suppressed = tidied(document, off);
    let (shown, ignored) = suppress::split(document, shown);
    suppressed.extend(ignored);
    Findings { shown, suppressed }
}

/// The findings sorted by place, without duplicates and secrets, and with printable texts.
fn tidied(document: &Document, mut acc: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if acc.is_empty() {
        return acc;
    }
    acc = document.without_secrets(acc);
    acc.iter_mut().flat_map(Diagnostic::texts).for_each(diagnostic::printable);
    acc.sort_by(|a, b| {
        (a.span, a.stage, a.rule).cmp(&(b.span, b.stage, b.rule)).then_with(|| a.message.cmp(&b.message))
    });
    acc.dedup_by(|a, b| (a.span, a.rule, &a.message) == (b.span, b.rule, &b.message));
    acc
}
