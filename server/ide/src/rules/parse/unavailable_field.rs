//! Fields and values that the release does not have yet.

use schema::{Release, Status};

use super::super::shared::{at, outdated::outdated};
use crate::{
    bind::{Misfit, MisfitKind},
    diagnostic::{Applicability, Diagnostic, RuleId, Severity, Stage},
    fixes::Fixes,
    rule::{Check, Fixing, Rule},
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("unavailable-field"),
    summary: "a field or value requires a later release of dstack",
    docs: DOCS,
    stage: Stage::Parse,
    severity: Severity::Error,
    tag: None,
    since: "0.1.0",
    fixes: Fixing::Unsafe(fix),
    check,
};

const DOCS: &str = r#"
A field or value requires a later dstack release than the one that the file is checked against. Upgrade dstack, or remove the
field.

```yaml bad release=0.18.43
type: task
commands:
  - python train.py
priority: 50
```

```yaml release=0.19.10
type: task
commands:
  - python train.py
priority: 50
```
"#;

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    let release = check.release();
    for found in check.misfits() {
        let Some((name, Status::Unavailable(since))) = outdated(check.document(), found.1) else { continue };
        let former = former_name(found.1, name, release).map_or(String::new(), |it| format!("; use `{it}`"));
        let message = format!("`{name}` requires dstack {since} or later (checking against {release}){former}");
        acc.push(at::misfit(check, &RULE, found, message));
    }
}

fn fix(check: &Check<'_>, finding: &Diagnostic, acc: &mut Fixes<'_>) {
    let Some(misfit) = check.fixable(finding) else { return };
    let Some((name, _)) = outdated(check.document(), misfit) else { return };
    if let Some(former) = former_name(misfit, name, check.release()) {
        acc.rename(misfit.node, former, Applicability::Unsafe);
    }
    if matches!(misfit.kind, MisfitKind::Outdated(_)) {
        acc.remove(misfit.node);
    }
}

/// The field of the release that a later one only renamed to `name`.
fn former_name(misfit: &Misfit, name: &str, release: Release) -> Option<&'static str> {
    let MisfitKind::Outdated(field) = misfit.kind else { return None };
    let fields = &schema::catalogue().mapping(field.mapping)?.fields;
    let is_former = |it: &&schema::Field| {
        let instead = it.deprecated.as_ref().and_then(|it| it.instead.as_deref());
        instead == Some(name) && it.is_renamed() && matches!(it.status(release), Status::Current)
    };
    fields.iter().find(is_former).map(|it| &*it.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{check, check_fix, check_silent};

    #[test]
    fn a_later_field_is_removed() {
        check(
            &RULE,
            "
# dstack-lsp: release=0.18.43
type: task
commands: [a]
priority: 50
^^^^^^^^ `priority` requires dstack 0.19.10 or later (checking against 0.18.43)
",
        );
        let text = |it: &str| format!("# dstack-lsp: release=0.18.43\ntype: task\ncommands: [a]\n{it}");
        check_fix(&RULE, &text("priority: 50\n"), "Remove `priority`", &text(""));
    }

    #[test]
    fn a_renamed_field_gets_its_former_name() {
        let text = |it: &str| {
            let group = format!("  - {it}: 1\n    commands: [a]\n");
            format!("# dstack-lsp: release=0.21.2\ntype: service\nport: 80\nimage: a\nreplicas:\n{group}")
        };
        check_fix(&RULE, &text("replicas"), "Rename `replicas` to `count`", &text("count"));
    }

    #[test]
    fn a_release_that_has_it_is_silent() {
        check_silent(&RULE, "# dstack-lsp: release=0.19.10\ntype: task\ncommands: [a]\npriority: 50\n");
        check_silent(&RULE, "type: task\ncommands: [a]\npriority: 50\n");
    }
}
