//! A comment for dstack-lsp that it does not understand.

use yaml::{Edits, Span};

use super::deprecated_field;
use crate::{
    comment::{self, Directive, MARK, NAME},
    diagnostic::{Diagnostic, RuleId, Severity, Stage, Subject},
    fixes::{Fixes, renaming, replacing},
    limits::MAX_COMMENTS,
    rule::{Check, Fixing, Rule},
    words,
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("unknown-directive"),
    summary: "a `dstack-lsp:` comment is not recognized",
    docs: DOCS,
    stage: Stage::Advice,
    severity: Severity::Warning,
    tag: None,
    since: "0.1.0",
    fixes: Fixing::Unsafe(fix),
    check,
};

const DOCS: &str = r#"
A `dstack-lsp` comment has no effect: it names an unknown rule, is neither `release=…` nor `ignore[…]`, or lacks the colon.

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

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    let tree = check.tree();
    if !tree.source().contains(NAME) {
        return;
    }
    let mut found = vec![];
    for (id, comment) in tree.comments().iter().enumerate() {
        let Some(text) = tree.source().get(comment.span.range()) else { continue };
        let subject = Subject::Comment(id as u32);
        match comment::directive(tree, comment) {
            Some(Directive::Ignore(rules)) => {
                let start = comment.span.start;
                found.extend(rules.into_iter().filter(|it| check.rules().iter().all(|rule| rule.name() != *it)).map(
                    |name| {
                        // `name` is a slice of `text`.
                        let at = start + (name.as_ptr() as usize - text.as_ptr() as usize) as u32;
                        RULE.at(Span::new(at, at + name.len() as u32), subject, unknown_rule(check, name))
                    },
                ));
            }
            Some(Directive::Release(_)) => {}
            None => found.extend(not_understood(text).map(|it| RULE.at(comment.span, subject, it))),
        }
        if found.len() >= MAX_COMMENTS {
            break;
        }
    }
    acc.extend(found.into_iter().take(MAX_COMMENTS));
}

fn unknown_rule(check: &Check<'_>, name: &str) -> String {
    let names: Vec<&str> = check.rules().iter().map(Rule::name).collect();
    match words::closest(name, names.iter().copied()) {
        Some(meant) => format!("unknown rule `{name}`; did you mean `{meant}`?"),
        None if name.is_empty() => format!("expected the name of a rule, such as `{}`", deprecated_field::RULE.name()),
        None => format!("unknown rule `{name}`; the rules are {}", names.join(", ")),
    }
}

/// What is wrong with a comment that starts with the name of dstack-lsp.
fn not_understood(text: &str) -> Option<String> {
    let rest = text.trim_start_matches('#').trim_start().strip_prefix(NAME)?;
    if rest.starts_with(':') {
        return Some(format!("unknown `{MARK}` comment; use `release=…` or `ignore[…]`"));
    }
    lacks_colon(rest).then(|| format!("missing `:` after `{NAME}`; without it this is an ordinary comment"))
}

fn lacks_colon(rest: &str) -> bool {
    ["ignore[", "release=", "release ="].iter().any(|it| rest.trim_start().starts_with(it))
}

fn fix(check: &Check<'_>, finding: &Diagnostic, acc: &mut Fixes<'_>) {
    let tree = check.tree();
    let Subject::Comment(id) = finding.subject else { return };
    let Some(comment) = tree.comments().get(id as usize) else { return };
    if let Some(Directive::Ignore(_)) = comment::directive(tree, comment) {
        let name = tree.source().get(finding.span.range()).unwrap_or("");
        if let Some(meant) = words::closest(name, check.rules().iter().map(Rule::name)) {
            acc.offer_edits(renaming(name, meant), Edits::replace(finding.span, meant));
        }
        return;
    }
    let Some(text) = tree.source().get(comment.span.range()) else { return };
    let inner = text.trim_start_matches('#').trim_start();
    if inner.strip_prefix(NAME).is_some_and(lacks_colon) {
        let at = comment.span.end - inner.len() as u32;
        let edits = Edits::replace(Span::new(at, at + NAME.len() as u32), MARK);
        acc.offer_edits(replacing(NAME, MARK), edits);
    }
}

#[cfg(test)]
mod tests {
    use crate::{diagnostics, fixes, fixture};

    /// Message, what is underlined, and the text after the fix.
    fn found(text: &str) -> Vec<(String, String, String)> {
        let document = fixture::document(text);
        let found = diagnostics(&document).into_iter().filter(|it| it.rule == super::RULE.id);
        let shown = found.map(|it| {
            let fixed = fixes(&document, &it).first().map_or("nothing".to_owned(), |it| it.edits.apply(text));
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
    fn a_comment_names_a_rule() {
        let (message, at, fixed) = one("a: 1 # dstack-lsp: ignore[wrong-type, unknwon-field]\n");
        assert_eq!(message, "unknown rule `unknwon-field`; did you mean `unknown-field`?");
        assert_eq!((&*at, &*fixed), ("unknwon-field", "a: 1 # dstack-lsp: ignore[wrong-type, unknown-field]\n"));
        let (message, at, fixed) = one("a: 1 # dstack-lsp: ignore[E501]\n");
        assert!(message.starts_with("unknown rule `E501`; the rules are syntax-error, unknown-field, "), "{message}");
        assert_eq!((&*at, &*fixed), ("E501", "nothing"));
        assert_eq!(one("a: 1 # dstack-lsp: ignore[]\n").1, "");
    }

    #[test]
    fn a_comment_is_not_understood() {
        for comment in ["# dstack-lsp: releas=0.22.5", "# dstack-lsp: ignore", "#dstack-lsp:", "# dstack-lsp: ignore[a"]
        {
            let (message, at, fixed) = one(&format!("{comment}\ntype: task\n"));
            assert_eq!(message, "unknown `dstack-lsp:` comment; use `release=…` or `ignore[…]`");
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
        assert_eq!(found(&many).len(), super::MAX_COMMENTS);
    }
}
