//! Text that is not YAML, so that dstack cannot read the file.

use yaml::Span;

use crate::{
    diagnostic::{Diagnostic, Related, RuleId, Severity, Stage, Subject},
    rule::{Check, Fixing, Rule},
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("syntax-error"),
    summary: "the file is not valid YAML 1.1",
    docs: DOCS,
    stage: Stage::Parse,
    severity: Severity::Error,
    tag: None,
    since: "0.1.0",
    fixes: Fixing::None,
    check,
};

const DOCS: &str = r#"
The file is not valid YAML 1.1 as PyYAML reads it, so dstack cannot read it. The usual causes are an unclosed bracket or quote, a
tab used as indentation, and a second document after `---`.

```yaml bad
type: task
commands: [python train.py
```

```yaml
type: task
commands: [python train.py]
```
"#;

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    let tree = check.tree();
    for problem in tree.problems() {
        let subject = tree.node_at(problem.span.start).map_or(Subject::Text, Subject::Node);
        let mut it = RULE.at(problem.span, subject, problem.message.clone());
        let related = problem.related.clone().into_iter();
        it.related.extend(related.map(|(span, message)| Related { span, message }));
        acc.push(it);
    }
}

/// The finding of a text that is not YAML for another reason: it is not UTF-8.
pub fn syntax_error(span: Span, message: String) -> Diagnostic {
    RULE.at(span, Subject::Text, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{check, check_silent};

    #[test]
    fn brackets_and_quotes_are_closed() {
        check(
            &RULE,
            "
type: task
commands: [python train.py
#         ^ unclosed `[`; add `]`
",
        );
    }

    #[test]
    fn valid_yaml_is_silent() {
        check_silent(&RULE, "type: task\ncommands: [python train.py]\n");
        check_silent(&RULE, "bogus: {a: [1, '2', \"3\"]}\n");
        check_silent(&RULE, "");
    }
}
