//! `# dstack-lsp: ignore[rule-name]`, behind a line or on the line above it: the findings of these rules there are not told.
//!
//! ```yaml
//! home_dir: /root # dstack-lsp: ignore[deprecated-field]
//! ```

use yaml::Encoding;

use crate::{diagnostic::Diagnostic, document::Document};

/// Drop the findings that a comment suppresses. What is no YAML cannot be suppressed: comments are not sure there.
pub(crate) fn retain(document: &Document, acc: &mut Vec<Diagnostic>) {
    let text = document.text();
    let line = |offset: u32| text.position(offset, Encoding::Utf8).line;
    let ignored: Vec<(u32, Vec<&str>)> = document
        .tree()
        .comments()
        .iter()
        .filter_map(|comment| {
            let rules = rules(text.as_str().get(comment.span.range())?)?;
            // Comments of their own may stand below one another above the line that they speak of.
            let mut at = line(comment.span.start);
            if comment.own_line {
                at += 1;
                while document.tree().comments().iter().any(|it| it.own_line && line(it.span.start) == at) {
                    at += 1;
                }
            }
            Some((at, rules))
        })
        .collect();
    if ignored.is_empty() {
        return;
    }
    acc.retain(|it| {
        let at = line(it.span.start);
        it.rule == "syntax-error" || !ignored.iter().any(|(line, rules)| *line == at && rules.contains(&it.rule))
    });
}

/// The rules that a comment names.
fn rules(comment: &str) -> Option<Vec<&str>> {
    let rest = comment.trim_start_matches('#').trim_start().strip_prefix("dstack-lsp:")?;
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
    }
}
