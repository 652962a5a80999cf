//! Fields and values that the release no longer has.

use schema::Status;

use super::super::shared::{
    at,
    outdated::{self, advice, deprecation, outdated},
};
use crate::{
    bind::MisfitKind,
    diagnostic::{Diagnostic, RuleId, Severity, Stage},
    fixes::Fixes,
    rule::{Check, Fixing, Rule},
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("removed-field"),
    summary: "a field or value was removed from dstack",
    docs: DOCS,
    stage: Stage::Parse,
    severity: Severity::Error,
    tag: None,
    since: "0.1.0",
    fixes: Fixing::Safe(fix),
    check,
};

const DOCS: &str = r#"
dstack rejects a field or value that older releases accepted. If there is a replacement, the fix inserts it.

```yaml bad
type: dev-environment
ide: vscode
termination_idle_time: 30m
```

```yaml
type: dev-environment
ide: vscode
idle_duration: 30m
```
"#;

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    for found in check.misfits() {
        let Some((name, Status::Removed(since))) = outdated(check.document(), found.1) else { continue };
        let advice = deprecation(check.document(), found.1).map_or(String::new(), advice);
        acc.push(at::misfit(check, &RULE, found, format!("`{name}` was removed in dstack {since}{advice}")));
    }
}

fn fix(check: &Check<'_>, finding: &Diagnostic, acc: &mut Fixes<'_>) {
    let Some(misfit) = check.fixable(finding) else { return };
    outdated::fix(check.document(), misfit, acc);
    // Another mistake may hide the replacement.
    if acc.is_empty() && matches!(misfit.kind, MisfitKind::Outdated(_)) {
        acc.remove(misfit.node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{check, check_fix, check_silent};

    const HEAD: &str = "type: dev-environment\nide: vscode\n";

    #[test]
    fn a_removed_field_is_replaced() {
        check(
            &RULE,
            "
type: dev-environment
ide: vscode
termination_idle_time: 30m
^^^^^^^^^^^^^^^^^^^^^ `termination_idle_time` was removed in dstack 0.20.0; use `idle_duration`
",
        );
        check_fix(
            &RULE,
            &format!("{HEAD}termination_idle_time: 30m\n"),
            "Replace `termination_idle_time` with `idle_duration: 30m`",
            &format!("{HEAD}idle_duration: 30m\n"),
        );
    }

    #[test]
    fn without_a_replacement_it_is_removed() {
        let text = "type: gateway\nbackend: aws\nregion: r\nrouter: {}\n";
        check_fix(&RULE, text, "Remove `router`", "type: gateway\nbackend: aws\nregion: r\n");
    }

    #[test]
    fn a_release_that_has_it_is_silent() {
        check_silent(&RULE, &format!("# dstack-lsp: release=0.18.43\n{HEAD}termination_idle_time: 30m\n"));
        check_silent(&RULE, &format!("{HEAD}idle_duration: 30m\n"));
    }
}
