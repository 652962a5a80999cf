//! A comment that suppresses a finding in the selection: behind its line, or else on a line of its own above it.
//!
//! What dstack's parser rejects is not offered: a comment does not change that.

use yaml::{Comment, Edits, NodeId, Tree, write};

use super::{ActionKind, Actions, Context, Handler, Offer};
use crate::{
    comment::{self, Directive},
    diagnostic::{Diagnostic, RuleId, Stage},
    document::Document,
    limits::MAX_IGNORES,
    suppress,
};

pub(super) const HANDLER: Handler = Handler { name: "ignore", kind: ActionKind::Ignore, run };

fn run(context: &Context<'_>, acc: &mut Actions<'_>) {
    let document = context.document;
    let mut seen: Vec<(RuleId, u32)> = vec![];
    for diagnostic in context.findings().into_iter().filter(|it| it.stage != Stage::Parse) {
        let place = (diagnostic.rule, document.text().line_of(diagnostic.span.start));
        if seen.len() == MAX_IGNORES || seen.contains(&place) {
            continue;
        }
        seen.push(place);
        if let Some(edits) = ignoring(document, &diagnostic) {
            let title = format!("Ignore `{}` on this line", diagnostic.rule);
            acc.add_with(Offer { title, diagnostic: Some(diagnostic), is_preferred: false }, edits);
        }
    }
}

/// The comment that suppresses a finding; `None` if there is no place for one.
fn ignoring(document: &Document, finding: &Diagnostic) -> Option<Edits> {
    if finding.rule == suppress::NEVER {
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
    behind.into_iter().chain([above]).find(|it| suppresses(document, finding, it))
}

/// The end of the list of rules in a comment that suppresses others already.
fn list_end(document: &Document, comment: &Comment) -> Option<u32> {
    matches!(comment::directive(document.tree(), comment)?, Directive::Ignore(_)).then_some(())?;
    let at = document.text().as_str().get(comment.span.range())?.find(']')?;
    Some(comment.span.start + at as u32)
}

/// Whether the edits suppress the finding and change nothing but comments.
fn suppresses(document: &Document, finding: &Diagnostic, edits: &Edits) -> bool {
    let text = document.text().edited(edits);
    let tree = document.parse(&text);
    let line = text.line_of(edits.map_offset(finding.span.start));
    suppress::suppressed(&text, &tree).on(line, finding.rule) && is_same(document.tree(), &tree)
}

/// Whether two trees have the same nodes and problems.
fn is_same(one: &Tree, two: &Tree) -> bool {
    let node = |tree: &Tree, id: NodeId| (tree.kind(id), tree.subtree_end(id));
    one.len() == two.len()
        && one.problems().len() == two.problems().len()
        && one.ids().all(|id| node(one, id) == node(two, id) && one.value(id) == two.value(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        actions::{Resolve, actions},
        findings, fixture,
    };

    /// The text after the first finding is ignored.
    fn ignored(text: &str) -> String {
        let document = fixture::document(text);
        let edits = ignoring(&document, &findings(&document).shown[0]);
        edits.map_or("nothing".to_owned(), |it| it.apply(text))
    }

    #[test]
    fn a_comment_is_written_where_it_suppresses() {
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
        // There is no place for a comment behind the first line of a multi-line string.
        case("home_dir: /a\n  b\n", &format!("{ignore}\nhome_dir: /a\n  b\n"));
        case("home_dir: \"/a\n  b\"\n", &format!("{ignore}\nhome_dir: \"/a\n  b\"\n"));
        case("bogus: |\n  a\n", "bogus: | # dstack-lsp: ignore[unknown-field]\n  a\n");
        assert_eq!(ignored("type: [\n"), "nothing");
    }

    #[test]
    fn rejections_cannot_be_ignored() {
        for text in [
            "type: task\ncommands: a\n",
            "type: task\ncommands: [a]\nmax_price: low\n",
            "type: task\nimage: a\npython: 3.12\n",
            "type: service\ncommands: [a]\n",
            "type: task\ncommands: [a]\ntermination_policy: x\n",
        ] {
            let document = fixture::document(text);
            assert!(findings(&document).shown.iter().any(|it| it.stage == Stage::Parse), "{text}");
            let selection = yaml::Span::new(0, text.len() as u32);
            assert_eq!(actions(&document, selection, &[ActionKind::Ignore], Resolve::Now), [], "{text}");
        }
    }
}
