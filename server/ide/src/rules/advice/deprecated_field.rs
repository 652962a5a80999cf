//! Fields and values that are deprecated or have no effect.

use schema::Status;

use super::super::shared::{
    at,
    outdated::{self, advice, outdated},
};
use crate::{
    diagnostic::{Diagnostic, RuleId, Severity, Stage, Tag},
    fixes::Fixes,
    rule::{Check, Fixing, Rule},
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("deprecated-field"),
    summary: "a field or value is deprecated or has no effect",
    docs: DOCS,
    stage: Stage::Advice,
    severity: Severity::Warning,
    tag: Some(Tag::Deprecated),
    since: "0.1.0",
    fixes: Fixing::Safe(fix),
    check,
};

const DOCS: &str = r#"
A field or value that dstack still accepts is deprecated, or no longer has an effect. A later release may reject it. If a fix
preserves the meaning of the file, `check --fix` applies it.

```yaml bad
type: task
commands:
  - python train.py
home_dir: /root
```

```yaml
type: task
commands:
  - python train.py
```
"#;

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    for found in check.misfits() {
        let Some((name, status)) = outdated(check.document(), found.1) else { continue };
        let message = match status {
            Status::Deprecated(it) => format!("`{name}` was deprecated in dstack {}{}", it.since, advice(it)),
            Status::Ignored(it) => {
                let since = it.ignored.unwrap_or(it.since);
                format!("`{name}` has had no effect since dstack {since}{}", advice(it))
            }
            _ => continue,
        };
        acc.push(at::misfit(check, &RULE, found, message));
    }
}

fn fix(check: &Check<'_>, finding: &Diagnostic, acc: &mut Fixes<'_>) {
    if let Some(misfit) = check.fixable(finding) {
        outdated::fix(check.document(), misfit, acc);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{check, check_fix, check_silent};

    #[test]
    fn a_deprecated_field_is_replaced() {
        check(
            &RULE,
            "
# dstack-lsp: release=0.18.43
type: dev-environment
ide: vscode
termination_policy: dont-destroy
^^^^^^^^^^^^^^^^^^ `termination_policy` was deprecated in dstack 0.18.34; use `idle_duration`
",
        );
        let text = |it: &str| format!("# dstack-lsp: release=0.18.43\ntype: dev-environment\nide: vscode\n{it}\n");
        check_fix(
            &RULE,
            &text("termination_policy: dont-destroy"),
            "Replace `termination_policy` with `idle_duration: off`",
            &text("idle_duration: off"),
        );
    }

    #[test]
    fn a_field_without_effect_is_removed() {
        check(
            &RULE,
            "
type: task
commands: [a]
home_dir: /a
^^^^^^^^ `home_dir` has had no effect since dstack 0.18.31
",
        );
        let text = |it: &str| format!("type: task\ncommands: [a]\n{it}");
        check_fix(&RULE, &text("home_dir: /a\n"), "Remove `home_dir`, which has no effect", &text(""));
    }

    #[test]
    fn current_fields_are_silent() {
        check_silent(&RULE, "type: dev-environment\nide: vscode\nidle_duration: off\n");
    }
}
