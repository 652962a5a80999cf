//! Comments that suppress findings, at the end of a line or on a separate line above it.
//!
//! ```yaml
//! home_dir: /root # dstack-lsp: ignore[deprecated-field]
//! ```

use yaml::{Text, Tree};

use crate::{
    comment::{self, Directive},
    diagnostic::{Diagnostic, RuleId},
    document::Document,
    rules,
};

/// The rule that cannot be suppressed: near a syntax error it is uncertain which text is a comment.
pub(crate) const NEVER: RuleId = rules::SYNTAX_ERROR;

/// The lines of a document on which comments suppress rules.
pub(crate) struct Suppressed<'a> {
    /// Each line with the rules of one comment, from the last line to the first.
    lines: Vec<(u32, Vec<&'a str>)>,
}

/// Finds the lines of a document on which comments suppress rules.
pub(crate) fn suppressed<'a>(text: &Text, tree: &'a Tree) -> Suppressed<'a> {
    let mut lines = vec![];
    // From the last comment to the first, with the line of the comment below and the line that it applies to: several
    // comments on separate lines may precede the line that they apply to.
    let mut below = (u32::MAX, u32::MAX);
    for comment in tree.comments().iter().rev() {
        let at = text.line_of(comment.span.start);
        let mut target = at;
        if comment.own_line {
            target = if below.0 == at + 1 { below.1 } else { at + 1 };
            below = (at, target);
        }
        if let Some(Directive::Ignore(rules)) = comment::directive(tree, comment) {
            lines.push((target, rules));
        }
    }
    Suppressed { lines }
}

impl Suppressed<'_> {
    /// Whether a rule is suppressed on a line.
    pub(crate) fn on(&self, line: u32, rule: RuleId) -> bool {
        let first = self.lines.partition_point(|it| it.0 > line);
        let mut here = self.lines[first..].iter().take_while(|it| it.0 == line);
        rule != NEVER && here.any(|it| it.1.contains(&rule.as_str()))
    }
}

/// Splits findings into those to report and those that a comment suppresses.
pub(crate) fn split(document: &Document, all: Vec<Diagnostic>) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    if all.is_empty() || !comment::any(document.text().as_str()) {
        return (all, vec![]);
    }
    let suppressed = suppressed(document.text(), document.tree());
    all.into_iter().partition(|it| !suppressed.on(document.text().line_of(it.span.start), it.rule))
}

#[cfg(test)]
mod tests {
    use crate::{diagnostics, fixture};

    fn found(text: &str) -> Vec<&'static str> {
        diagnostics(&fixture::document(text)).iter().map(|it| it.rule.as_str()).collect()
    }

    #[test]
    fn a_comment_suppresses_its_rule_on_its_line_or_the_next() {
        let before = "type: task\ncommands: [a]\n";
        assert_eq!(found(&format!("{before}home_dir: /a\n")), ["deprecated-field"]);
        assert_eq!(found(&format!("{before}home_dir: /a # dstack-lsp: ignore[deprecated-field]\n")), [""; 0]);
        assert_eq!(found(&format!("{before}# dstack-lsp: ignore[deprecated-field]\n# so\nhome_dir: /a\n")), [""; 0]);
        let other = "home_dir: /a # dstack-lsp: ignore[unknown-field, wrong-type]\n";
        assert_eq!(found(&format!("{before}{other}")), ["deprecated-field"]);
        let behind = "# dstack-lsp: ignore[deprecated-field]\n\nhome_dir: /a\n";
        assert_eq!(found(&format!("{before}{behind}")), ["deprecated-field"]);
        // Suppressed findings are still counted.
        let findings = |text: String| {
            let document = fixture::document(&text);
            let findings = crate::findings(&document);
            (findings.shown.len(), findings.suppressed.iter().map(|it| it.rule.as_str()).collect::<Vec<_>>())
        };
        let ignored = format!("{before}bogus: 1 # dstack-lsp: ignore[unknown-field]\n");
        assert_eq!(findings(ignored), (0, vec!["unknown-field"]));
        // Thousands of comments are read in one pass.
        let many = "# dstack-lsp: ignore[deprecated-field]\n".repeat(4_000);
        assert_eq!(found(&format!("{before}{many}home_dir: /a\n")), [""; 0]);
    }
}
