//! `# dstack-lsp: ignore[rule-name]`, behind a line or on the line above it: the findings of these rules there are not told.
//!
//! ```yaml
//! home_dir: /root # dstack-lsp: ignore[deprecated-field]
//! ```

use yaml::{Comment, Edits, Encoding, write};

use crate::{
    comment::{self, Directive},
    diagnostic::{self, Diagnostic, Findings},
    document::Document,
};

/// What is no YAML cannot be suppressed: comments are not sure there.
const NEVER: &str = "syntax-error";

/// Take out the findings that a comment suppresses.
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
        it.rule != NEVER && here.any(|(_, rules)| rules.contains(&it.rule))
    };
    acc.extract_if(.., is_ignored).collect()
}

/// The comment that makes us silent about a finding: behind its line, else on a line of its own above it. `None` where no
/// comment can stand. `all` is what is found in the document, this among it.
pub(crate) fn ignoring(document: &Document, all: &Findings, finding: &Diagnostic) -> Option<Edits> {
    if finding.rule == NEVER {
        return None;
    }
    let (text, tree) = (document.text(), document.tree());
    let line = text.line_of(finding.span.start);
    let there = tree.comments().iter().find(|it| text.line_of(it.span.start) == line);
    let comment = format!("# dstack-lsp: ignore[{}]", finding.rule);
    let behind = match there {
        None => Some(write::comment::behind(text, line, &comment)),
        Some(there) => list_end(document, there).map(|end| Edits::insert(end, format!(", {}", finding.rule))),
    };
    let above = write::comment::above(text, line, &comment);
    behind.into_iter().chain([above]).find(|it| silences(document, all, finding, it))
}

/// Where the list of rules ends that a comment ignores already.
fn list_end(document: &Document, comment: &Comment) -> Option<u32> {
    matches!(comment::directive(document.tree(), comment)?, Directive::Ignore(_)).then_some(())?;
    let at = document.text().as_str().get(comment.span.range())?.find(']')?;
    Some(comment.span.start + at as u32)
}

/// Whether nothing but findings is gone after the edits, this one among them.
fn silences(document: &Document, before: &Findings, finding: &Diagnostic, edits: &Edits) -> bool {
    let is_it = |it: &&Diagnostic, start: u32| it.rule == finding.rule && it.span.start == start;
    let edited = document.edited(edits);
    let now = diagnostic::findings(&edited);
    let start = edits.map_offset(finding.span.start);
    let is_gone = now.suppressed.iter().any(|it| is_it(&it, start)) && !now.shown.iter().any(|it| is_it(&it, start));
    let all = |it: &Findings| it.shown.len() + it.suppressed.len();
    is_gone && all(&now) == all(before) && edited.tree().problems().len() == document.tree().problems().len()
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

    /// The text after we were asked to ignore its first finding.
    fn ignored(text: &str) -> String {
        let document = Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST);
        let found = crate::findings(&document);
        let edits = super::ignoring(&document, &found, &found.shown[0]);
        edits.map_or("nothing".to_owned(), |it| it.apply(text))
    }

    #[test]
    fn a_comment_is_written_where_it_silences() {
        let ignore = "# dstack-lsp: ignore[deprecated-field]";
        let case = |before: &str, after: &str| {
            let text = |it: &str| format!("type: task\ncommands: [a]\n{it}");
            assert_eq!(ignored(&text(before)), text(after), "{before}");
        };
        case("home_dir: /a\n", &format!("home_dir: /a {ignore}\n"));
        case("home_dir: /a", &format!("home_dir: /a {ignore}"));
        case("home_dir: /a # why\n", &format!("{ignore}\nhome_dir: /a # why\n"));
        let (one, two) = ("# dstack-lsp: ignore[x] (so)", "# dstack-lsp: ignore[x, deprecated-field] (so)");
        case(&format!("home_dir: /a {one}\n"), &format!("home_dir: /a {two}\n"));
        case("home_dir: >\n  /a\n", &format!("home_dir: > {ignore}\n  /a\n"));
        // Behind the first line of a text of several there is no place for a comment.
        case("home_dir: /a\n  b\n", &format!("{ignore}\nhome_dir: /a\n  b\n"));
        case("home_dir: \"/a\n  b\"\n", &format!("{ignore}\nhome_dir: \"/a\n  b\"\n"));
        case("bogus: |\n  a\n", "bogus: | # dstack-lsp: ignore[unknown-field]\n  a\n");
        assert_eq!(ignored("type: [\n"), "nothing");
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
