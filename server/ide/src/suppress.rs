//! `# dstack-lsp: ignore[rule-name]`, behind a line or on the line above it: the findings of these rules there are not told.
//!
//! ```yaml
//! home_dir: /root # dstack-lsp: ignore[deprecated-field]
//! ```

use yaml::Encoding;

use crate::{diagnostic::Diagnostic, document::Document};

/// What such a comment begins with.
const MARK: &str = "dstack-lsp:";

/// Drop the findings that a comment suppresses. What is no YAML cannot be suppressed: comments are not sure there.
pub(crate) fn retain(document: &Document, acc: &mut Vec<Diagnostic>) {
    let text = document.text();
    let line = |offset: u32| text.position(offset, Encoding::Utf8).line;
    if !text.as_str().contains(MARK) {
        return;
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
        let rules = text.as_str().get(comment.span.range()).and_then(rules);
        ignored.extend(rules.map(|rules| (meant, rules)));
    }
    acc.retain(|it| {
        let at = line(it.span.start);
        let first = ignored.partition_point(|(line, _)| *line > at);
        let mut here = ignored[first..].iter().take_while(|(line, _)| *line == at);
        it.rule == "syntax-error" || !here.any(|(_, rules)| rules.contains(&it.rule))
    });
}

/// The rules that a comment names.
fn rules(comment: &str) -> Option<Vec<&str>> {
    let rest = comment.trim_start_matches('#').trim_start().strip_prefix(MARK)?;
    let list = rest.trim_start().strip_prefix("ignore[")?.split_once(']')?.0;
    Some(list.split(',').map(str::trim).collect())
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
        // A file full of them is read in one go.
        let many = "# dstack-lsp: ignore[deprecated-field]\n".repeat(4_000);
        assert_eq!(found(&format!("{before}{many}home_dir: /a\n")), [""; 0]);
    }
}
