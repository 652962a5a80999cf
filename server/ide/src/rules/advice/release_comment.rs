//! A comment that should choose the release, and does not.

use schema::{Release, release::Named};
use yaml::{Comment, Edit, Edits, Span};

use crate::{
    comment::{self, Directive, Written},
    diagnostic::{Diagnostic, RuleId, Severity, Stage, Subject},
    fixes::{Fixes, replacing},
    limits::MAX_COMMENTS,
    rule::{Check, Fixing, Rule},
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("release-comment"),
    summary: "a release comment is ignored, misplaced or only approximated",
    docs: DOCS,
    stage: Stage::Advice,
    severity: Severity::Warning,
    tag: None,
    since: "0.1.0",
    fixes: Fixing::Unsafe(fix),
    check,
};

const DOCS: &str = r#"
A comment sets the dstack release that the file is checked against, but it is ignored or only approximated: the value is not a
release, the release is unknown (the nearest known one is used), or the comment is misplaced. It must be on its own line, before
any other content. Only the first such comment is used.

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

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    let tree = check.tree();
    if !comment::any(tree.source()) {
        return;
    }
    let chosen = comment::release(tree);
    let written =
        tree.comments().iter().enumerate().filter_map(|(id, comment)| match comment::directive(tree, comment)? {
            Directive::Release(it) => Some((Subject::Comment(id as u32), comment, it)),
            Directive::Ignore(_) => None,
        });
    for (subject, comment, it) in written.take(MAX_COMMENTS) {
        match chosen {
            Some(chosen) if chosen == it => acc.extend(followed(subject, it)),
            Some(_) => {
                let message = "only the first release comment is used";
                acc.push(RULE.at(comment.span, subject, message));
            }
            None => {
                let message = "a release comment must be on its own line, before any other content";
                acc.push(RULE.at(comment.span, subject, message));
            }
        }
    }
}

/// The comment that decides: it should name a known release.
fn followed(subject: Subject, it: Written<'_>) -> Option<Diagnostic> {
    match it.written.parse::<Named>() {
        Err(message) => Some(RULE.at(it.span, subject, message)),
        Ok(named) => {
            let note = named.note()?;
            Some(Diagnostic { severity: Severity::Info, ..RULE.at(it.span, subject, note) })
        }
    }
}

fn fix(check: &Check<'_>, finding: &Diagnostic, acc: &mut Fixes<'_>) {
    let tree = check.tree();
    let Subject::Comment(id) = finding.subject else { return };
    let Some(comment) = tree.comments().get(id as usize) else { return };
    let Some(Directive::Release(it)) = comment::directive(tree, comment) else { return };
    let named = it.written.parse::<Named>();
    let chosen = comment::release(tree);
    if chosen == Some(it) {
        let release = named.map_or_else(|_| Release::like(it.written), |it| it.release).to_string();
        let edits = Edits::replace(it.span, release.clone());
        return acc.offer_edits(replacing(it.written, &release), edits);
    }
    let removed = Edit { span: with_line(tree.source(), comment), text: String::new() };
    let (title, edits) = if chosen.is_some() || named.is_err() {
        ("Remove the comment", vec![removed])
    } else {
        // The byte order mark is not part of the text.
        let added = Edit { span: Span::at(0), text: format!("# dstack-lsp: release={}\n", it.written) };
        ("Move the comment to the top", vec![added, removed])
    };
    if let Some(edits) = Edits::new(edits) {
        acc.offer_edits(title, edits);
    }
}

/// The span of a comment with the blanks before it, and with its line if nothing else is on it.
fn with_line(source: &str, comment: &Comment) -> Span {
    let Span { start, end } = comment.span;
    let before = source.get(..start as usize).unwrap_or("");
    let start = before.trim_end_matches([' ', '\t']).len() as u32;
    let behind = source.get(end as usize..).unwrap_or("");
    let line_break = ["\r\n", "\n", "\r"].into_iter().find(|it| behind.starts_with(it)).map_or(0, str::len) as u32;
    Span::new(start, if comment.own_line { end + line_break } else { end })
}

#[cfg(test)]
mod tests {
    use crate::{diagnostics, fixes, fixture};
    use schema::Release;

    /// Message, what is underlined, and the text after the fix.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let document = fixture::document(text);
        let found = diagnostics(&document).into_iter().filter(|it| it.rule == super::RULE.id).collect::<Vec<_>>();
        let seen = found.iter().map(|it| {
            let underlined = document.text().as_str()[it.span.range()].to_owned();
            (it.message.clone(), underlined, fixes(&document, it)[0].edits.apply(text))
        });
        let expected = expected.iter().map(|(a, b, c)| (a.to_string(), b.to_string(), c.to_string()));
        assert_eq!(seen.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    const ELSEWHERE: &str = "a release comment must be on its own line, before any other content";
    const SECOND: &str = "only the first release comment is used";

    #[test]
    fn the_comment_names_a_known_release() {
        check("# dstack-lsp: release=0.19.40\ntype: task\n", &[]);
        check(
            "# dstack-lsp: release=latest (so)\ntype: task\n",
            &[(
                &format!("`latest` is not a release; write it as `{}`", Release::NEWEST),
                "latest",
                &format!("# dstack-lsp: release={} (so)\ntype: task\n", Release::NEWEST),
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
            &[(
                &format!("`` is not a release; write it as `{}`", Release::NEWEST),
                "",
                &format!("# dstack-lsp: release ={}", Release::NEWEST),
            )],
        );
    }

    #[test]
    fn the_comment_is_above_everything_else() {
        let comment = "# dstack-lsp: release=0.18.43";
        let at_top = "# dstack-lsp: release=0.18.43\ntype: task\ncommands: [a]\n";
        check(&format!("type: task\n{comment}\ncommands: [a]\n"), &[(ELSEWHERE, comment, at_top)]);
        check(&format!("type: task  {comment}\ncommands: [a]\n"), &[(ELSEWHERE, comment, at_top)]);
        let second = "# dstack-lsp: release=0.19.0";
        check(&format!("{comment}\n{second}\ntype: task\ncommands: [a]\n"), &[(SECOND, second, at_top)]);
        let many = format!("type: task\n{}commands: [a]\n", format!("{comment}\n").repeat(1_000));
        assert_eq!(diagnostics(&fixture::document(&many)).len(), super::MAX_COMMENTS);
        let nonsense = "# dstack-lsp: release=x";
        check(
            &format!("type: task\n  {nonsense}\r\ncommands: [a]\n"),
            &[(ELSEWHERE, nonsense, "type: task\ncommands: [a]\n")],
        );
    }
}
