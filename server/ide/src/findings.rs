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

#[cfg(test)]
mod tests {
    use schema::{DocumentKind, Release};
    use yaml::Text;

    use super::*;
    use crate::{
        RuleOptions, Severity, Target, fixed, fixture,
        limits::{MAX_ADVICE, MAX_REJECTIONS},
        options::Options,
    };

    #[test]
    fn findings_are_computed_once_for_each_version() {
        let document = fixture::document("type: task\nbogus: 1\n");
        let first = findings(&document);
        assert!(std::ptr::eq(first, findings(&document)) && !first.shown.is_empty());
        assert!(std::ptr::eq(first, findings(&document.clone())));
        let edited = document.edited(&yaml::Edits::insert(0, "\n"));
        assert!(!std::ptr::eq(first, findings(&edited)));
    }

    #[test]
    fn the_first_findings_are_reported_and_all_are_fixed() {
        let n = 2 * MAX_REJECTIONS as u32;
        let group = |i: u32| format!("  - name: g{i}\n    count: 1\n    comands: [a]\n");
        let groups: String = (0..n).map(group).collect();
        let document = fixture::document(&format!("type: service\nport: 80\nimage: a\nreplicas:\n{groups}"));
        let shown = &findings(&document).shown;
        let unknown: Vec<_> = shown.iter().filter(|it| it.rule == "unknown-field").collect();
        let advice = shown.iter().filter(|it| it.stage == Stage::Advice).count();
        assert_eq!((unknown.len(), advice), (MAX_REJECTIONS, MAX_ADVICE));
        let last = document.text().line_of(unknown.last().unwrap().span.start);
        assert_eq!(last, 3 + 3 * MAX_REJECTIONS as u32, "they are the first ones in the document");
        let (after, titles) = fixed(&document);
        assert_eq!(titles.len() as u32, 2 * n, "each group has a misspelled field and a former name");
        assert_eq!(findings(&after).shown, []);
    }

    #[test]
    fn levels_change_severities_and_turn_rules_off() {
        let text = "type: task\ncommands: [a]\nbogus: 1\nhome_dir: /a\nname: a\nname: b\n";
        let found = |levels: &[(&str, Level)]| {
            let levels = levels.iter().map(|(name, level)| (rules::named(name).unwrap().id, *level));
            let options = Options { target: Target::newest(), rules: levels.collect::<RuleOptions>() };
            let document = Document::new(Text::new(text), DocumentKind::Configuration, options);
            let Findings { shown, suppressed } = findings(&document).clone();
            let list =
                |all: Vec<Diagnostic>| all.iter().map(|it| format!("{} {}", it.severity.name(), it.rule)).collect();
            let (shown, suppressed): (Vec<String>, Vec<String>) = (list(shown), list(suppressed));
            (shown.join(", "), suppressed.join(", "), findings(&document).parses())
        };
        let expected = |shown: &str, suppressed: &str| (shown.to_owned(), suppressed.to_owned(), false);
        let default = "error unknown-field, warning deprecated-field, warning duplicate-key";
        assert_eq!(found(&[]), expected(default, ""));
        let levels = [("deprecated-field", Level::Off), ("duplicate-key", Level::On(Severity::Hint))];
        assert_eq!(found(&levels), expected("error unknown-field, hint duplicate-key", ""));
        let levels = [("unknown-field", Level::Off), ("deprecated-field", Level::On(Severity::Error))];
        assert_eq!(found(&levels), expected("error deprecated-field, warning duplicate-key", "error unknown-field"));
        assert!(
            findings(&fixture::document_at(text, Release::OLDEST)).shown.iter().any(|it| it.rule == "unknown-field")
        );
    }
}
