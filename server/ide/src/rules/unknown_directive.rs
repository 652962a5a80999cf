//! A comment that speaks to us, and that we do not understand.

use yaml::{Edits, Path, Span};

use super::{Rule, safe};
use crate::{
    comment::{self, Directive, MARK, NAME},
    diagnostic::{Applicability, Diagnostic, Fix, Severity, Stage},
    document::Document,
    words,
};

pub(super) const RULE: Rule = Rule { name: "unknown-directive", docs: DOCS, check };

const DOCS: &str = r#"
A comment speaks to dstack-lsp, but is not understood: it names a rule that there is not, or is neither `release=…` nor
`ignore[…]`. So nothing comes of it.

```yaml bad
type: task
commands: [ls] # dstack-lsp: ignore[unknown-fields]
```

```yaml bad
# dstack-lsp: version=0.22.5
type: task
commands: [ls]
```

```yaml bad
# dstack-lsp release=0.22.5
type: task
commands: [ls]
```

```yaml
# dstack-lsp: release=0.22.5
type: task
commands: [ls]
home_dir: /root # dstack-lsp: ignore[deprecated-field]
```
"#;

/// So many comments are told of; who has more will not miss the rest.
const MOST_TOLD: usize = 100;

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    let tree = document.tree();
    if !tree.source().contains(NAME) {
        return;
    }
    let mut found = vec![];
    for comment in tree.comments() {
        let Some(text) = tree.source().get(comment.span.range()) else { continue };
        match comment::directive(tree, comment) {
            Some(Directive::Ignore(rules)) => {
                let start = comment.span.start;
                found.extend(rules.into_iter().filter(|it| super::named(it).is_none()).map(|it| {
                    // `it` is a part of `text`.
                    let at = start + (it.as_ptr() as usize - text.as_ptr() as usize) as u32;
                    unknown_rule(Span::new(at, at + it.len() as u32), it)
                }));
            }
            Some(Directive::Release(_)) => {}
            None => found.extend(not_understood(comment.span, text)),
        }
        if found.len() >= MOST_TOLD {
            break;
        }
    }
    acc.extend(found.into_iter().take(MOST_TOLD));
}

fn unknown_rule(span: Span, name: &str) -> Diagnostic {
    let names: Vec<&str> = super::all().iter().map(|it| it.name).collect();
    let meant = words::closest(name, names.iter().copied());
    let message = match meant {
        Some(meant) => format!("there is no rule `{name}`; did you mean `{meant}`?"),
        None if name.is_empty() => format!("name a rule to ignore, such as `{}`", super::deprecated_field::RULE.name),
        None => format!("there is no rule `{name}`; they are {}", names.join(", ")),
    };
    let fix = meant.map(|meant| (safe::rename(name, meant), Edits::replace(span, meant)));
    finding(span, message, fix)
}

/// A comment that begins as ours do, or as ours without the colon.
fn not_understood(span: Span, text: &str) -> Option<Diagnostic> {
    let inner = text.trim_start_matches('#').trim_start();
    let at = span.end - inner.len() as u32;
    let rest = inner.strip_prefix(NAME)?;
    let begins = |it: &str| ["ignore[", "release=", "release ="].iter().any(|word| it.starts_with(word));
    if rest.starts_with(':') {
        let message =
            "this says nothing to dstack-lsp; write `release=` and a release, or `ignore[` and a rule and `]`";
        return Some(finding(span, message.to_owned(), None));
    }
    let message = format!("without a colon behind `{NAME}` this is any comment; write `{MARK}`");
    begins(rest.trim_start()).then(|| {
        let fix = (safe::replace(NAME, MARK), Edits::replace(Span::new(at, at + NAME.len() as u32), MARK));
        finding(span, message, Some(fix))
    })
}

fn finding(span: Span, message: String, fix: Option<(String, Edits)>) -> Diagnostic {
    let fixes = fix.into_iter().map(|(title, edits)| Fix {
        title,
        applicability: Applicability::Unsafe,
        edits,
        writes: vec![],
    });
    Diagnostic {
        rule: RULE.name,
        stage: Stage::Advice,
        severity: Severity::Warning,
        message,
        span,
        path: Path::default(),
        related: vec![],
        tag: None,
        fixes: fixes.collect(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{diagnostics, fixture};

    /// Message, what is underlined, and the text after the fix.
    fn found(text: &str) -> Vec<(String, String, String)> {
        let document = fixture::document(text);
        let found = diagnostics(&document).into_iter().filter(|it| it.rule == super::RULE.name);
        let shown = found.map(|it| {
            let fixed = it.fixes.first().map_or("nothing".to_owned(), |it| it.edits.apply(text));
            (it.message, document.text().as_str()[it.span.range()].to_owned(), fixed)
        });
        shown.collect()
    }

    fn one(text: &str) -> (String, String, String) {
        let found = found(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found.into_iter().next().unwrap()
    }

    #[test]
    fn a_rule_that_there_is_not() {
        let (message, at, fixed) = one("a: 1 # dstack-lsp: ignore[wrong-type, unknwon-field]\n");
        assert_eq!(message, "there is no rule `unknwon-field`; did you mean `unknown-field`?");
        assert_eq!((&*at, &*fixed), ("unknwon-field", "a: 1 # dstack-lsp: ignore[wrong-type, unknown-field]\n"));
        let (message, at, fixed) = one("a: 1 # dstack-lsp: ignore[E501]\n");
        assert!(message.starts_with("there is no rule `E501`; they are syntax-error, unknown-field, "), "{message}");
        assert_eq!((&*at, &*fixed), ("E501", "nothing"));
        assert_eq!(one("a: 1 # dstack-lsp: ignore[]\n").1, "");
    }

    #[test]
    fn a_comment_that_is_none_of_ours_by_a_hair() {
        for comment in ["# dstack-lsp: releas=0.22.5", "# dstack-lsp: ignore", "#dstack-lsp:", "# dstack-lsp: ignore[a"]
        {
            let (message, at, fixed) = one(&format!("{comment}\ntype: task\n"));
            assert!(message.starts_with("this says nothing to dstack-lsp"), "{message}");
            assert_eq!((&*at, &*fixed), (comment, "nothing"));
        }
        let (_, _, fixed) = one("# dstack-lsp ignore[wrong-type]\ntype: task\n");
        assert_eq!(fixed, "# dstack-lsp: ignore[wrong-type]\ntype: task\n");
        for comment in
            ["# dstack-lsp is a language server", "# see dstack-lsp: release", "# dstack-lspx: a", "# dstack"]
        {
            assert_eq!(found(&format!("{comment}\ntype: task\n")), [], "{comment}");
        }
        let many = "# dstack-lsp: x\n".repeat(1_000);
        assert_eq!(found(&many).len(), super::MOST_TOLD);
    }
}
