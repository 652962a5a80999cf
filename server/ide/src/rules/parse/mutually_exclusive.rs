//! Fields that cannot be combined.

use yaml::write::{Place, Value};

use super::super::shared::{at, naming};
use crate::{
    bind::{Breach, Conflict, MisfitKind},
    diagnostic::{Applicability, Diagnostic, RuleId, Severity, Stage},
    fixes::{Fixes, replacing},
    rule::{Check, Fixing, Rule},
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("mutually-exclusive"),
    summary: "two fields cannot be combined",
    docs: DOCS,
    stage: Stage::Parse,
    severity: Severity::Error,
    tag: None,
    since: "0.1.0",
    fixes: Fixing::Unsafe(fix),
    check,
};

const DOCS: &str = r#"
Two fields cannot be combined: `python` selects one of dstack's own images, so it cannot be combined with `image` or
`docker: true`; `nodes` and `groups` both set the number of nodes, so only one of them is allowed.

```yaml bad
type: task
image: nginx
python: "3.12"
commands:
  - python train.py
```

```yaml
type: task
python: "3.12"
commands:
  - python train.py
```
"#;

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    for found in check.misfits() {
        let MisfitKind::Conflict(breach) = &found.1.kind else { continue };
        let (message, explanation) = words(breach);
        let mut it = at::misfit(check, &RULE, found, message);
        it.related.extend(breach.other.map(|other| at::related(check.document(), other, explanation)));
        acc.push(it);
    }
}

/// The message of a conflict, and that of the node that explains it.
fn words(breach: &Breach<Conflict>) -> (String, &'static str) {
    let message = match &breach.kind {
        Conflict::Fields { field, with, note } => {
            let advice = note.map_or(String::new(), |it| format!("; {it}"));
            format!("`{}` cannot be combined with `{}`{advice}", naming::field(*field), naming::field(*with))
        }
        Conflict::Forbidden { field, note } => {
            let reason = note.map_or(String::new(), |it| format!("; {it}"));
            format!("`{}` is not allowed here{reason}", naming::field(*field))
        }
        Conflict::InactivityDuration => {
            "`inactivity_duration` cannot be combined with `dstack: true`; its connection counts as activity".into()
        }
        Conflict::Docker(name) => {
            format!("`docker: true` uses its own image, so it cannot be combined with `{name}`")
        }
        Conflict::Unprivileged => "`privileged: false` cannot be combined with `docker: true`".into(),
        Conflict::ProbeBody(method) => format!("a `{method}` request has no `body`; use `method: post`"),
        Conflict::Scaling { replicas: Some(name), .. } => {
            return (format!("`scaling` requires a range of `{name}`, such as `1..4`"), "a fixed number");
        }
        Conflict::Scaling { replicas: None, .. } => "`scaling` requires a range of `replicas`, such as `1..4`".into(),
        Conflict::Groups(name) => {
            return (format!("`{name}` cannot be combined with groups; set it in each group"), "the groups");
        }
        Conflict::SecondRouter => return ("only one group may have a `router`".into(), "the first router"),
        Conflict::ServiceRouter => return ("a group already has a `router`".into(), "the router of the group"),
        Conflict::SameInGroup(name) => {
            return (format!("`{name}` is set both here and in a group; set it in one place"), "in the group");
        }
        Conflict::OtherInGroup { field, with } => {
            return (format!("`{field}` cannot be combined with `{with}` in a group"), "in the group");
        }
        Conflict::Model([first, second]) => {
            format!("`{second}` cannot be combined with `{first}`; both name the model")
        }
        Conflict::Dataset(name) => {
            let message = format!("`{name}` cannot be combined with `dataset`; it describes generated requests");
            return (message, "the dataset");
        }
        Conflict::Effort => {
            "`effort: max` requires `provider: claude`; use `effort: xhigh` with `provider: codex`".into()
        }
    };
    (message, "conflicts with this field")
}

fn fix(check: &Check<'_>, finding: &Diagnostic, acc: &mut Fixes<'_>) {
    let Some(misfit) = check.fixable(finding) else { return };
    let MisfitKind::Conflict(breach) = &misfit.kind else { return };
    breach.removable.iter().for_each(|node| acc.remove(*node));
    match breach.kind {
        Conflict::Effort => {
            let title = replacing(check.tree().text(misfit.node), "xhigh");
            acc.offer(title, Applicability::Unsafe, acc.rewrite().set(misfit.node, Value::raw("xhigh")));
        }
        Conflict::Scaling { replicas: None, mapping } => {
            let rewrite = match check.tree().entry(mapping, "replicas") {
                Some(entry) => acc.rewrite().set(entry.value, Value::raw("1..4")),
                None => acc.rewrite().insert(Place::End(mapping), "replicas", Value::raw("1..4")),
            };
            acc.offer("Add `replicas: 1..4`".into(), Applicability::Unsafe, rewrite);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{check, check_fix, check_silent};

    #[test]
    fn one_image_is_chosen() {
        check(
            &RULE,
            "
type: task
image: nginx
python: '3.12'
^^^^^^ `python` cannot be combined with `image`; `python` selects a variant of dstack's default image
commands: [a]
",
        );
        let text = |it: &str| format!("type: task\n{it}commands: [a]\n");
        let both = text("image: nginx\npython: '3.12'\n");
        check_fix(&RULE, &both, "Remove `python`", &text("image: nginx\n"));
        check_fix(&RULE, &both, "Remove `image`", &text("python: '3.12'\n"));
        check(
            &RULE,
            "
type: task
commands: [a]
docker: true
image: nginx
^^^^^ `docker: true` uses its own image, so it cannot be combined with `image`
",
        );
    }

    #[test]
    fn groups_replace_fields() {
        check(
            &RULE,
            "
type: service
port: 80
commands: [a]
^^^^^^^^ `commands` cannot be combined with groups; set it in each group
replicas:
  - {count: 1, commands: [a]}
",
        );
    }

    #[test]
    fn scaling_has_a_range() {
        check(
            &RULE,
            "
type: service
port: 80
image: a
replicas: 2
scaling: {metric: rps, target: 1}
^^^^^^^ `scaling` requires a range of `replicas`, such as `1..4`
",
        );
        let text = |it: &str| format!("# dstack-lsp: release=0.20.6\ntype: service\nport: 80\nimage: a\n{it}");
        let scaling = "scaling: {metric: rps, target: 1}\n";
        let after = format!("{scaling}replicas: 1..4\n");
        check_fix(&RULE, &text(scaling), "Add `replicas: 1..4`", &text(&after));
    }

    #[test]
    fn an_invalid_field_takes_part_in_no_conflict() {
        let items = "  - A B=1\n".repeat(250);
        check_silent(&RULE, &format!("type: task\ncommands: [a]\npython: 99\nimage: x\nenv:\n{items}"));
        check_silent(&RULE, "type: task\ncommands: [a]\npython: 99\nimage: x\n");
        check_silent(&RULE, "type: task\ncommands: [a]\ndocker: false\nimage: x\n");
    }
}
