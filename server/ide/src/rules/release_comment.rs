//! A comment that should choose the release, and does not.

use schema::{Release, release::Named};
use yaml::{Comment, Edit, Edits, Path, Span};

use super::{Rule, safe};
use crate::{
    comment::{self, Directive, Written},
    diagnostic::{Applicability, Diagnostic, Fix, Severity, Stage},
    document::Document,
};

pub(super) const RULE: Rule = Rule { name: "release-comment", docs: DOCS, check };

const DOCS: &str = r#"
A comment of the file says which release of dstack it is checked against, but the comment is not followed, or not to the
letter: what it names is no release, or none that is known (then the nearest one is taken), or the comment does not stand
where it counts. That is above everything else in the file, on a line of its own; the first such comment decides.

```yaml bad
# dstack-lsp: release=latest
type: task
commands: [ls]
```

```yaml bad
type: task
# dstack-lsp: release=0.22.5
commands: [ls]
```

```yaml
# dstack-lsp: release=0.22.5
type: task
commands: [ls]
```
"#;

/// So many comments are told of; who has more will not miss the rest.
const MOST_TOLD: usize = 100;

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    let tree = document.tree();
    if !comment::any(tree.source()) {
        return;
    }
    let chosen = comment::release(tree);
    let written = tree.comments().iter().filter_map(|comment| match comment::directive(tree, comment)? {
        Directive::Release(it) => Some((comment, it)),
        Directive::Ignore(_) => None,
    });
    for (comment, it) in written.take(MOST_TOLD) {
        if chosen == Some(it) {
            followed(it, acc);
        } else {
            overlooked(document, comment, it, chosen.is_some(), acc);
        }
    }
}

/// The comment that decides: it should name a release that is known.
fn followed(it: Written<'_>, acc: &mut Vec<Diagnostic>) {
    let (severity, message, release) = match it.written.parse::<Named>() {
        Err(problem) => (Severity::Warning, problem, Release::like(it.written)),
        Ok(named) => match named.note() {
            Some(note) => (Severity::Info, note, named.release),
            None => return,
        },
    };
    let release = release.to_string();
    let mut found = finding(it.span, severity, message);
    let edits = Edits::replace(it.span, release.clone());
    found.fixes.push(Fix {
        title: safe::replace(it.written, &release),
        applicability: Applicability::Unsafe,
        edits,
        writes: vec![],
    });
    acc.push(found);
}

/// A comment that does not decide: it stands elsewhere, or another one came first.
fn overlooked(document: &Document, comment: &Comment, it: Written<'_>, decided: bool, acc: &mut Vec<Diagnostic>) {
    let message = match decided {
        true => "only the first comment that chooses a release counts; remove this one",
        false => "a comment that chooses the release stands on a line of its own above everything else; move it there",
    };
    let mut found = finding(comment.span, Severity::Warning, message.to_owned());
    let source = document.tree().source();
    let removed = Edit { span: with_line(source, comment), text: String::new() };
    let fix = if decided || it.written.parse::<Named>().is_err() {
        Edits::new(vec![removed]).map(|edits| ("Remove the comment", edits))
    } else {
        // Behind a byte order mark there is no better place than the first byte that we see.
        let added = Edit { span: Span::at(0), text: format!("# dstack-lsp: release={}\n", it.written) };
        Edits::new(vec![added, removed]).map(|edits| ("Move it to the top", edits))
    };
    if let Some((title, edits)) = fix {
        found.fixes.push(Fix { title: title.to_owned(), applicability: Applicability::Unsafe, edits, writes: vec![] });
    }
    acc.push(found);
}

/// A comment with the blanks before it; with its line, if nothing else is on it.
fn with_line(source: &str, comment: &Comment) -> Span {
    let Span { start, end } = comment.span;
    let before = source.get(..start as usize).unwrap_or("");
    let start = before.trim_end_matches([' ', '\t']).len() as u32;
    let behind = source.get(end as usize..).unwrap_or("");
    let line_break = ["\r\n", "\n", "\r"].into_iter().find(|it| behind.starts_with(it)).map_or(0, str::len) as u32;
    Span::new(start, if comment.own_line { end + line_break } else { end })
}

fn finding(span: Span, severity: Severity, message: String) -> Diagnostic {
    Diagnostic {
        rule: RULE.name,
        stage: Stage::Advice,
        severity,
        message,
        span,
        path: Path::default(),
        related: vec![],
        tag: None,
        fixes: vec![],
    }
}

#[cfg(test)]
mod tests {
    use crate::{diagnostics, fixture};

    /// Message, what is underlined, and the text after the fix.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let document = fixture::document(text);
        let found = diagnostics(&document).into_iter().filter(|it| it.rule == super::RULE.name).collect::<Vec<_>>();
        let seen = found.iter().map(|it| {
            let underlined = document.text().as_str()[it.span.range()].to_owned();
            (it.message.clone(), underlined, it.fixes[0].edits.apply(text))
        });
        let expected = expected.iter().map(|(a, b, c)| (a.to_string(), b.to_string(), c.to_string()));
        assert_eq!(seen.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    const ELSEWHERE: &str =
        "a comment that chooses the release stands on a line of its own above everything else; move it there";
    const SECOND: &str = "only the first comment that chooses a release counts; remove this one";

    #[test]
    fn what_is_named_is_a_known_release() {
        check("# dstack-lsp: release=0.19.40\ntype: task\n", &[]);
        check(
            "# dstack-lsp: release=latest (so)\ntype: task\n",
            &[(
                "`latest` is not a release; write it as `0.22.5`",
                "latest",
                "# dstack-lsp: release=0.22.5 (so)\ntype: task\n",
            )],
        );
        check(
            "# dstack-lsp: release=0.19.14\ntype: task\n",
            &[(
                "unknown dstack release 0.19.14; using the nearest known release, 0.19.13",
                "0.19.14",
                "# dstack-lsp: release=0.19.13\ntype: task\n",
            )],
        );
        check(
            "# dstack-lsp: release=0.19\ntype: task\n",
            &[(
                "`0.19` is not a release; write it as `0.19.40`",
                "0.19",
                "# dstack-lsp: release=0.19.40\ntype: task\n",
            )],
        );
        check(
            "# dstack-lsp: release =",
            &[("`` is not a release; write it as `0.22.5`", "", "# dstack-lsp: release =0.22.5")],
        );
    }

    #[test]
    fn it_stands_where_it_counts() {
        let comment = "# dstack-lsp: release=0.18.43";
        let at_top = "# dstack-lsp: release=0.18.43\ntype: task\ncommands: [a]\n";
        check(&format!("type: task\n{comment}\ncommands: [a]\n"), &[(ELSEWHERE, comment, at_top)]);
        check(&format!("type: task  {comment}\ncommands: [a]\n"), &[(ELSEWHERE, comment, at_top)]);
        let second = "# dstack-lsp: release=0.19.0";
        check(&format!("{comment}\n{second}\ntype: task\ncommands: [a]\n"), &[(SECOND, second, at_top)]);
        let many = format!("type: task\n{}commands: [a]\n", format!("{comment}\n").repeat(1_000));
        assert_eq!(diagnostics(&fixture::document(&many)).len(), super::MOST_TOLD);
        let nonsense = "# dstack-lsp: release=x";
        check(
            &format!("type: task\n  {nonsense}\r\ncommands: [a]\n"),
            &[(ELSEWHERE, nonsense, "type: task\ncommands: [a]\n")],
        );
    }
}
