//! Completes directives: `# dstack-lsp: release=0.19.40`, `# dstack-lsp: ignore[unknown-field]`.

use schema::Release;
use yaml::{Comment, Span};

use super::{
    candidates::Candidates,
    item::{CompletionItem, ItemKind},
};
use crate::{
    comment::{self, MARK},
    diagnostic::RuleId,
    document::Document,
    findings::findings,
    rules,
};

/// Offers the next part of a directive; nothing in any other comment or outside of comments.
pub(super) fn complete(document: &Document, offset: u32, acc: &mut Candidates) {
    let tree = document.tree();
    let Some(comment) = tree.comments().iter().find(|it| it.span.start < offset && offset <= it.span.end) else {
        return;
    };
    let Some(before) = tree.source().get(comment.span.start as usize..offset as usize) else { return };
    let typed = before.trim_start_matches('#').trim_start();
    let Some(rest) = typed.strip_prefix(MARK) else {
        if !typed.is_empty() && MARK.starts_with(typed) {
            let detail = "the release to check against, or rules to ignore";
            let keyword = Keyword { typed, suffix: " ", label: MARK, detail, retrigger: true };
            keyword.offer(0, document, offset, acc);
        }
        return;
    };
    // Directly behind the colon, a blank is inserted first.
    let lead = if rest.is_empty() { " " } else { "" };
    let rest = rest.trim_start();
    if let Some(value) = rest.strip_prefix("release").and_then(|it| it.trim_start().strip_prefix('=')) {
        releases(value.trim_start(), document, offset, acc);
    } else if let Some(list) = rest.strip_prefix("ignore[") {
        rules_to_ignore(list, comment, document, offset, acc);
    } else if rest.chars().all(char::is_alphabetic) {
        let chooses = comment::head(tree).any(|it| it.span == comment.span) && comment::release(tree).is_none();
        let release = chooses.then_some(("release=", "the release of dstack to check this file against", "release="));
        let ignore = ("ignore[", "rules whose findings on this line or the next are ignored", "ignore[$1]");
        for (rank, (label, detail, snippet)) in release.into_iter().chain([ignore]).enumerate() {
            let span = Span::new(offset - rest.len() as u32, offset);
            acc.add(
                rank as u32,
                CompletionItem {
                    label: label.into(),
                    kind: ItemKind::Variant,
                    detail: detail.into(),
                    docs: String::new(),
                    span,
                    text: format!("{lead}{label}"),
                    snippet: label.ends_with('[').then(|| format!("{lead}{snippet}")),
                    deprecated: false,
                    retrigger: true,
                },
            );
        }
    }
}

/// Offers the known releases, the newest first.
fn releases(typed: &str, document: &Document, offset: u32, acc: &mut Candidates) {
    if typed.contains(char::is_whitespace) {
        return;
    }
    let mut all: Vec<Release> = Release::all().collect();
    all.reverse();
    // The digits of a release are not an abbreviation of it.
    all.retain(|it| it.to_string().starts_with(typed));
    for (rank, release) in all.into_iter().enumerate() {
        let detail = if release == Release::NEWEST { "the newest known" } else { "" };
        let label = &release.to_string();
        Keyword { typed, suffix: "", label, detail, retrigger: false }.offer(rank, document, offset, acc);
    }
}

/// Offers the rules that are not in the list yet, first the ones whose findings the comment would suppress.
fn rules_to_ignore(list: &str, comment: &Comment, document: &Document, offset: u32, acc: &mut Candidates) {
    if list.contains(']') {
        return;
    }
    let text = document.text();
    let line = text.line_of(comment.span.start) + u32::from(comment.own_line);
    let here = findings(document).shown.iter().filter(|it| text.line_of(it.span.start) == line);
    let here: Vec<RuleId> = here.map(|it| it.rule).collect();
    let typed = list.rsplit(',').next().unwrap_or("").trim_start();
    let present: Vec<&str> = list[..list.len() - typed.len()].split(',').map(str::trim).collect();
    let closed = text.as_str().get(offset as usize..comment.span.end as usize).is_some_and(|it| it.contains(']'));
    // Syntax errors cannot be ignored, and an incomplete directive must not offer to ignore its own incompleteness.
    let is_excluded = |name: &str| ["syntax-error", "unknown-directive"].contains(&name) || present.contains(&name);
    for (rank, rule) in rules::all().iter().enumerate().filter(|(_, it)| !is_excluded(it.name())) {
        let is_here = here.contains(&rule.id);
        let detail = if is_here { "found here" } else { "" };
        let suffix = if closed { "" } else { "]" };
        let keyword = Keyword { typed, suffix, label: rule.name(), detail, retrigger: false };
        keyword.offer(if is_here { rank } else { rank + 1000 }, document, offset, acc);
    }
}

/// A part of a directive.
struct Keyword<'a> {
    /// The part that has been typed.
    typed: &'a str,
    /// The text that is inserted after the label.
    suffix: &'a str,
    label: &'a str,
    detail: &'a str,
    retrigger: bool,
}

impl Keyword<'_> {
    fn offer(&self, rank: usize, document: &Document, offset: u32, acc: &mut Candidates) {
        // The rest of the word after the cursor is replaced, too.
        let after = document.text().as_str().get(offset as usize..).unwrap_or("");
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let end = offset + after.find(|c| !is_part(c)).unwrap_or(after.len()) as u32;
        acc.add(
            rank as u32,
            CompletionItem {
                label: self.label.into(),
                kind: ItemKind::Variant,
                detail: self.detail.into(),
                docs: String::new(),
                span: Span::new(offset - self.typed.len() as u32, end),
                text: format!("{}{}", self.label, self.suffix),
                snippet: None,
                deprecated: false,
                retrigger: self.retrigger,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::{completion, diagnostics, fixture};
    use schema::Release;

    /// The first labels that are offered at the cursor, and the text after accepting the first item.
    fn offered(text: &str) -> (String, String) {
        let (text, offset) = fixture::cursor(text);
        let items = completion(&fixture::document(&text), offset);
        let labels = items.iter().take(3).map(|it| it.label.clone()).collect::<Vec<_>>().join(", ");
        let accepted = items.first().map(|it| yaml::Edits::replace(it.span, it.text.clone()).apply(&text));
        (labels, accepted.unwrap_or_default())
    }

    #[track_caller]
    fn check(text: &str, labels: &str, accepted: &str) {
        assert_eq!(offered(text), (labels.to_owned(), accepted.to_owned()));
    }

    #[test]
    fn kinds_of_directives() {
        check("# dst$0\ntype: task\n", "dstack-lsp:", "# dstack-lsp: \ntype: task\n");
        check("# dstack-lsp:$0", "release=, ignore[", "# dstack-lsp: release=");
        check("# dstack-lsp: $0", "release=, ignore[", "# dstack-lsp: release=");
        check("#dstack-lsp: ig$0", "ignore[", "#dstack-lsp: ignore[");
        check("a: 1 # dstack-lsp: $0\n", "ignore[", "a: 1 # dstack-lsp: ignore[\n");
        check(
            "# dstack-lsp: release=0.22.5\n# dstack-lsp: $0",
            "ignore[",
            "# dstack-lsp: release=0.22.5\n# dstack-lsp: ignore[",
        );
        for other in
            ["# $0", "#$0", "# see d$0", "# dstack is $0", "# dstack-lsp: ignore[a] $0", "# dstack-lsp: release=1 $0"]
        {
            check(other, "", "");
        }
    }

    #[test]
    fn releases() {
        let newest: Vec<String> = Release::all().map(|it| it.to_string()).collect();
        let offered: Vec<&str> = newest.iter().rev().take(3).map(String::as_str).collect();
        check(
            "# dstack-lsp: release=$0\n",
            &offered.join(", "),
            &format!("# dstack-lsp: release={}\n", Release::NEWEST),
        );
        check("# dstack-lsp: release=0.19.4$0\n", "0.19.4, 0.19.40", "# dstack-lsp: release=0.19.4\n");
        check("# dstack-lsp: release = 0.1$08.43\n", "0.19.40, 0.19.39, 0.19.38", "# dstack-lsp: release = 0.19.40\n");
    }

    #[test]
    fn rules() {
        let before = "type: task\ncommands: [a]\nhome_dir: /a # dstack-lsp: ignore[";
        let first = "deprecated-field, unknown-field, missing-field";
        check(&format!("{before}$0\n"), first, &format!("{before}deprecated-field]\n"));
        check(&format!("{before}$0]\n"), first, &format!("{before}deprecated-field]\n"));
        let listed = format!("{before}wrong-type, dep$0]\n");
        check(&listed, "deprecated-field", &format!("{before}wrong-type, deprecated-field]\n"));
        check(&format!("{before}wrong-type, wro$0\n"), "", "");
        let above = "type: task\ncommands: [a]\n# dstack-lsp: ignore[$0\nhome_dir: /a\n";
        assert_eq!(offered(above).0, first);
        assert_eq!(diagnostics(&fixture::document(&offered(above).1)), []);
    }
}
