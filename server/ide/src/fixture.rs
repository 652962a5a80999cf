//! Test support: documents written as strings, with `$0` at the cursor and `^^^` under the characters of a span.

use schema::{DocumentKind, Release};
use yaml::{Span, Text};

use crate::{
    diagnostic::{Applicability, Diagnostic, Fix},
    document::Document,
    findings, fixes,
    rule::{Fixing, Rule},
};

/// A configuration at the newest release.
pub(crate) fn document(text: &str) -> Document {
    document_at(text, Release::NEWEST)
}

/// A configuration at this release.
pub(crate) fn document_at(text: &str, release: Release) -> Document {
    Document::new(Text::new(text), DocumentKind::Configuration, release)
}

/// The text without its `$0`, and the offset of the `$0`. A leading line break is dropped, so that a raw string may start on
/// a new line.
pub(crate) fn cursor(text: &str) -> (String, u32) {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let at = text.find("$0").expect("the text has a `$0`");
    (format!("{}{}", &text[..at], &text[at + 2..]), at as u32)
}

/// The lines of `text` that `spans` touch, each followed by `^^^` under the characters of the spans.
pub(crate) fn underlined(text: &str, spans: &[Span]) -> String {
    let mut out = String::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let end = start + content.len();
        let touched: Vec<&Span> =
            spans.iter().filter(|it| it.start as usize <= end && it.end as usize >= start).collect();
        if !touched.is_empty() {
            out.push_str(content);
            out.push('\n');
        }
        for span in touched {
            let from = (span.start as usize).max(start) - start;
            let to = (span.end as usize).min(end) - start;
            let columns = |to: usize| content[..to].chars().count();
            out.push_str(&" ".repeat(columns(from)));
            out.push_str(&"^".repeat((columns(to) - columns(from)).max(1)));
            out.push('\n');
        }
        start += line.len();
    }
    out
}

/// Checks the findings of a rule in a configuration at the newest release. Each finding is written below its first line as
/// `# ^^^ message`, with `^^^` under its span; if the span starts in the first column, as `^^^ message`.
#[track_caller]
pub(crate) fn check(rule: &Rule, annotated: &str) {
    check_kind(rule, DocumentKind::Configuration, annotated);
}

/// Like [`check`], for a document of another kind.
#[track_caller]
pub(crate) fn check_kind(rule: &Rule, kind: DocumentKind, annotated: &str) {
    let annotated = annotated.strip_prefix('\n').unwrap_or(annotated);
    let text: String = annotated.split_inclusive('\n').filter(|line| !is_annotation(line)).collect();
    let document = Document::new(Text::new(&text), kind, Release::NEWEST);
    let found = of_rule(&document, rule);
    assert!(!found.is_empty(), "no finding of `{}` in\n{text}", rule.name());
    assert_eq!(annotate(&text, &found), annotated, "`{}`", rule.name());
}

fn is_annotation(line: &str) -> bool {
    line.trim_start_matches('#').trim_start().starts_with('^')
}

fn annotate(text: &str, found: &[Diagnostic]) -> String {
    let mut out = String::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        out.push_str(line);
        let content = line.trim_end_matches(['\n', '\r']);
        let end = start + content.len();
        for it in found.iter().filter(|it| (start..=end).contains(&(it.span.start as usize))) {
            let columns = |to: usize| content[..to.clamp(start, end) - start].chars().count();
            let (from, to) = (columns(it.span.start as usize), columns(it.span.end as usize));
            let lead = if from == 0 { String::new() } else { format!("#{}", " ".repeat(from - 1)) };
            out += &format!("{lead}{} {}\n", "^".repeat((to - from).max(1)), it.message);
        }
        start += line.len();
    }
    out
}

/// Checks that a rule finds nothing in a configuration.
#[track_caller]
pub(crate) fn check_silent(rule: &Rule, text: &str) {
    let text = text.strip_prefix('\n').unwrap_or(text);
    assert_eq!(of_rule(&document(text), rule), [], "{text}");
}

/// Checks the result of applying the fix with this title of a rule to a configuration.
#[track_caller]
pub(crate) fn check_fix(rule: &Rule, before: &str, title: &str, after: &str) {
    let document = document(before);
    let found = of_rule(&document, rule);
    let fixes: Vec<Fix> = found.iter().flat_map(|it| fixes(&document, it)).collect();
    let titles: Vec<&str> = fixes.iter().map(|it| &*it.title).collect();
    let fix = fixes.iter().find(|it| it.title == title).unwrap_or_else(|| panic!("{title:?} is not in {titles:?}"));
    assert_eq!(document.edited(&fix.edits).text().as_str(), after);
    assert!(
        fixes.iter().all(|it| it.applicability == Applicability::Unsafe) || matches!(rule.fixes, Fixing::Safe(_)),
        "`{}` declares no safe fixes",
        rule.name()
    );
}

fn of_rule(document: &Document, rule: &Rule) -> Vec<Diagnostic> {
    findings(document).shown.iter().filter(|it| it.rule == rule.id).cloned().collect()
}
