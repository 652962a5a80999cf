//! `# dstack-lsp: ignore[rule-name]`, behind a line or on the line above it: the findings of these rules there are not told.
//!
//! ```yaml
//! home_dir: /root # dstack-lsp: ignore[deprecated-field]
//! ```

use yaml::Encoding;

use crate::{
    comment::{self, Directive},
    diagnostic::Diagnostic,
    document::Document,
};

/// Take out the findings that a comment suppresses. What is no YAML cannot be suppressed: comments are not sure there.
pub(crate) fn take(document: &Document, acc: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
    let text = document.text();
    let line = |offset: u32| text.position(offset, Encoding::Utf8).line;
    if !comment::any(text.as_str()) {
        return vec![];
    }
    let mut ignored: Vec<(u32, Vec<&str>)> = vec![];
    // Upwards from the last comment, with where the one below stands and what it speaks of: comments of their own may
    // stand below one another above the line that they speak of.
    let mut below = (u32::MAX, u32::MAX);
    for comment in document.tree().comments().iter().rev() {
        let at = line(comment.span.start);
        let mut meant = at;
        if comment.own_line {
            meant = if below.0 == at + 1 { below.1 } else { at + 1 };
            below = (at, meant);
        }
        if let Some(Directive::Ignore(rules)) = comment::directive(document.tree(), comment) {
            ignored.push((meant, rules));
        }
    }
    let is_ignored = |it: &mut Diagnostic| {
        let at = line(it.span.start);
        let first = ignored.partition_point(|(line, _)| *line > at);
        let mut here = ignored[first..].iter().take_while(|(line, _)| *line == at);
        it.rule != "syntax-error" && here.any(|(_, rules)| rules.contains(&it.rule))
    };
    acc.extract_if(.., is_ignored).collect()
}

#[cfg(test)]
mod tests {
    use schema::{DocumentKind, Release};
    use yaml::Text;

    use crate::{Document, diagnostics};

    fn found(text: &str) -> Vec<&'static str> {
        let document = Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST);
        diagnostics(&document).iter().map(|it| it.rule).collect()
    }

    #[test]
    fn a_comment_silences_its_rule_on_its_line_or_the_next() {
        let before = "type: task\ncommands: [a]\n";
        assert_eq!(found(&format!("{before}home_dir: /a\n")), ["deprecated-field"]);
        assert_eq!(found(&format!("{before}home_dir: /a # dstack-lsp: ignore[deprecated-field]\n")), [""; 0]);
        assert_eq!(found(&format!("{before}# dstack-lsp: ignore[deprecated-field]\n# so\nhome_dir: /a\n")), [""; 0]);
        let other = "home_dir: /a # dstack-lsp: ignore[unknown-field, wrong-type]\n";
        assert_eq!(found(&format!("{before}{other}")), ["deprecated-field"]);
        let behind = "# dstack-lsp: ignore[deprecated-field]\n\nhome_dir: /a\n";
        assert_eq!(found(&format!("{before}{behind}")), ["deprecated-field"]);
        // What is not told is found all the same.
        let findings = |text: String| {
            let document = Document::new(Text::new(&text), DocumentKind::Configuration, Release::NEWEST);
            let findings = crate::findings(&document);
            (findings.shown.len(), findings.suppressed.iter().map(|it| it.rule).collect::<Vec<_>>())
        };
        let ignored = format!("{before}bogus: 1 # dstack-lsp: ignore[unknown-field]\n");
        assert_eq!(findings(ignored), (0, vec!["unknown-field"]));
        // A file full of them is read in one go.
        let many = "# dstack-lsp: ignore[deprecated-field]\n".repeat(4_000);
        assert_eq!(found(&format!("{before}{many}home_dir: /a\n")), [""; 0]);
    }
}
