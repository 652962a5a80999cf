//! A value that its field does not take.

use schema::{DocumentKind, Release, Type, TypeId, Value as Python};
use yaml::{Entry, Kind, NodeId, Scalar, Spelling, write::Value};

use super::super::shared::at;
use crate::{
    bind::{Breach, Misfit, MisfitKind, Mismatch},
    diagnostic::{Applicability, Diagnostic, RuleId, Severity, Stage, Subject},
    document::Document,
    expected::{expected, or, quoted},
    fixes::{Fixes, replacing},
    limits::MAX_FIELDS,
    rule::{Check, Fixing, Rule},
    types,
};

pub(crate) const RULE: Rule = Rule {
    id: RuleId::new("invalid-value"),
    summary: "a value is not valid for its field",
    docs: DOCS,
    stage: Stage::Parse,
    severity: Severity::Error,
    tag: None,
    since: "0.1.0",
    fixes: Fixing::Safe(fix),
    check,
};

const DOCS: &str = r#"
dstack's parser rejects a value: a duration with two units, a memory size in `GiB`, a value outside the allowed set, or a missing
value. Only the invalid part of the value is underlined.

```yaml bad
type: task
commands:
  - python train.py
spot_policy: ondemand
```

```yaml
type: task
commands:
  - python train.py
spot_policy: on-demand
```
"#;

type Found<'a> = (Subject, &'a Misfit);

fn check(check: &Check<'_>, acc: &mut Vec<Diagnostic>) {
    for found in check.misfits() {
        let at = |message: String| at::misfit(check, &RULE, found, message);
        acc.push(match &found.1.kind {
            MisfitKind::Invalid(_, problem) => invalid(check, found, problem),
            MisfitKind::UnknownValue(ty) => at(unknown_value(check.document(), found.1, *ty)),
            MisfitKind::UnknownTag(ty) => at(unknown_tag(check.document(), found.1, *ty)),
            MisfitKind::Empty(ty) => at(empty(check.document(), found.1, *ty)),
            MisfitKind::TooFew(1) => at("expected at least one item, found an empty list".into()),
            MisfitKind::TooFew(n) => at(format!("expected at least {n} items")),
            MisfitKind::TooMany(n) => too_many(check, found, *n as usize),
            MisfitKind::Mismatch(breach) => mismatch(check, found, breach),
            _ => continue,
        });
    }
}

fn fix(check: &Check<'_>, finding: &Diagnostic, acc: &mut Fixes<'_>) {
    let document = check.document();
    let Some(misfit) = check.fixable(finding) else { return };
    match &misfit.kind {
        MisfitKind::Invalid(ty, problem) => match problem.suggestion.as_deref() {
            Some(suggestion) => {
                let is_safe = problem.is_same && !touches_anchor(document, misfit.node);
                acc.replace(misfit.node, suggestion, Applicability::safe_if(is_safe));
            }
            None => quote(document, misfit.node, *ty, acc),
        },
        MisfitKind::UnknownValue(ty) => {
            let value = document.tree().value(misfit.node);
            if let Some(meant) = crate::words::closest(value, document.view().values(*ty)) {
                correct(document, misfit.node, meant, acc);
            }
        }
        MisfitKind::UnknownTag(ty) => fix_tag(document, misfit, *ty, acc),
        MisfitKind::Empty(ty) => fix_empty(document, misfit, *ty, acc),
        MisfitKind::Mismatch(breach) => fix_mismatch(document, misfit, breach, acc),
        _ => {}
    }
}

/// The first excess item is underlined.
fn too_many(check: &Check<'_>, found: Found<'_>, max: usize) -> Diagnostic {
    let message = match max {
        1 => format!("expected at most one item, found {}", check.tree().items(found.1.node).count()),
        _ => format!("expected at most {max} items"),
    };
    let mut it = at::misfit(check, &RULE, found, message);
    let excess = check.tree().items(found.1.node).nth(max);
    if let Some(item) = excess.filter(|_| found.1.via.is_none()) {
        it.span = at::visible(check.document(), item);
    }
    it
}

fn empty(document: &Document, misfit: &Misfit, ty: TypeId) -> String {
    let tree = document.tree();
    let expected = expected(ty, document.release());
    match tree.entry_of(misfit.seat) {
        Some(entry) => match stray(document, entry, ty) {
            Some(stray) => format!("`{}` is empty; indent {} to put it there", tree.value(entry.key), quoted(stray)),
            None => format!("`{}` is empty; expected {expected}", tree.value(entry.key)),
        },
        None => format!("empty item; expected {expected}"),
    }
}

/// What dstack requires cannot be removed.
fn fix_empty(document: &Document, misfit: &Misfit, ty: TypeId, acc: &mut Fixes<'_>) {
    let Some(entry) = document.tree().entry_of(misfit.seat) else { return };
    let field = types::field_of(document, misfit.seat);
    if field.is_some_and(|it| !it.is_required(document.release())) && stray(document, entry, ty).is_none() {
        acc.remove(entry.key);
    }
}

/// A field of the empty mapping of type `ty` that is next to it and is unknown there: it should be indented.
fn stray(document: &Document, empty: Entry, ty: TypeId) -> Option<&str> {
    let (tree, catalogue) = (document.tree(), schema::catalogue());
    let around = tree.parent(empty.key)?;
    let has_field = |ty: TypeId, name: &str| catalogue.field(ty, name).is_some();
    let is_known = |name: &str| document.binding().fact(around).ty.is_none_or(|it| has_field(it, name));
    let names = tree.entries(around).take(MAX_FIELDS).map(|it| tree.value(it.key));
    names.filter(|name| has_field(ty, name)).find(|name| !is_known(name))
}

fn invalid(check: &Check<'_>, found: Found<'_>, problem: &schema::Problem) -> Diagnostic {
    let mut it = at::misfit(check, &RULE, found, problem.message.clone());
    if found.1.via.is_none() && !problem.range.is_empty() {
        let spelling = Spelling::of(check.tree(), found.1.node);
        it.span = spelling.and_then(|it| it.source(problem.range.clone())).unwrap_or(it.span);
    }
    it
}

/// Whether no space separates a value from its anchor or tag, as in `gpu: &H100:1`, where the anchor is a typo.
fn touches_anchor(document: &Document, node: NodeId) -> bool {
    let tree = document.tree();
    let before = &tree.source()[..tree.span(node).start as usize];
    tree.properties(node).is_some() && !before.ends_with(char::is_whitespace)
}

/// `DEBUG: true`, `2222:22`: offers to quote what YAML does not read as a string.
fn quote(document: &Document, node: NodeId, ty: TypeId, acc: &mut Fixes<'_>) {
    let tree = document.tree();
    let text = tree.text(node);
    let is_string = matches!(tree.scalar(node), None | Some(Scalar::Str(_) | Scalar::Null));
    if !is_string && tree.value(node) == text && document.view().takes(ty, Python::Str(text)) {
        let rewrite = acc.rewrite().set(node, Value::Str(text.to_string()));
        acc.offer(replacing(text, &format!("\"{text}\"")), Applicability::Safe, rewrite);
    }
}

/// Offers a similar value, which is safe if the other one is a typo.
fn correct(document: &Document, node: NodeId, meant: &str, acc: &mut Fixes<'_>) {
    let is_slip = crate::words::is_slip(document.tree().value(node), meant);
    acc.replace(node, meant, Applicability::safe_if(is_slip));
}

fn unknown_value(document: &Document, misfit: &Misfit, ty: TypeId) -> String {
    let tree = document.tree();
    let text = quoted(tree.value(misfit.node));
    let expected = || expected(ty, document.release());
    if let Some(meant) = crate::words::closest(tree.value(misfit.node), document.view().values(ty)) {
        return format!("invalid value {text}; did you mean `{meant}`?");
    }
    let read_as = match tree.scalar(misfit.node) {
        Some(Scalar::Int(_) | Scalar::Float(_)) => "a number",
        Some(Scalar::Bool(_)) => "a boolean",
        Some(Scalar::Timestamp) => "a date",
        Some(Scalar::Binary) => "binary data",
        _ => return format!("invalid value {text}; expected {}", expected()),
    };
    format!("YAML reads {text} as {read_as}; expected {}", expected())
}

fn unknown_tag(document: &Document, misfit: &Misfit, ty: TypeId) -> String {
    let (tree, release) = (document.tree(), document.release());
    let value = tree.value(misfit.node);
    let Some(Type::Union(union)) = schema::catalogue().get(ty, release) else {
        return format!("invalid value {}", quoted(value));
    };
    let tags = accepted_tags(union, release);
    let expected = or(&tags.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>());
    let field = union.discriminator.as_deref().unwrap_or("type");
    if let Some(elsewhere) = types::elsewhere(union, value, release) {
        return elsewhere;
    }
    match union.variant(value, release).map(|it| it.1) {
        Some(schema::Status::Unavailable(since)) => {
            return format!("`{field}: {value}` requires dstack {since} or later (checking against {release})");
        }
        Some(schema::Status::Removed(since)) => return format!("`{field}: {value}` was removed in dstack {since}"),
        _ => {}
    }
    if document.kind() == DocumentKind::Template && Some(misfit.seat) == tree.root() {
        return format!("dstack ignores files in this folder unless they have `{field}: template`");
    }
    if let Some(meant) = crate::words::closest(value, tags) {
        return format!("unknown {field} {}; did you mean `{meant}`?", quoted(value));
    }
    match tree.kind(misfit.node) {
        _ if is_backend(value, field, release) => {
            format!("dstack does not support volumes on `{value}`; expected {expected}")
        }
        Kind::Sequence => format!("expected {expected} as `{field}`, found a list"),
        Kind::Mapping => format!("expected {expected} as `{field}`, found a mapping"),
        _ if value.is_empty() => format!("`{field}` is empty; expected {expected}"),
        _ => format!("unknown {field} {}; expected {expected}", quoted(value)),
    }
}

fn fix_tag(document: &Document, misfit: &Misfit, ty: TypeId, acc: &mut Fixes<'_>) {
    let release = document.release();
    let value = document.tree().value(misfit.node);
    let Some(Type::Union(union)) = schema::catalogue().get(ty, release) else { return };
    let tags = accepted_tags(union, release);
    if let Some(successor) = union.successor(value).filter(|it| tags.contains(it)) {
        let rewrite = acc.rewrite().set(misfit.node, successor);
        acc.offer(replacing(value, successor), Applicability::Unsafe, rewrite);
    } else if let Some(meant) = crate::words::closest(value, tags) {
        correct(document, misfit.node, meant, acc);
    }
}

/// The tags that select a variant of a union in `release`.
fn accepted_tags(union: &schema::Union, release: Release) -> Vec<&str> {
    let is_accepted = |it: &&str| union.variant(it, release).is_some_and(|it| it.1.is_accepted());
    union.tags.iter().map(AsRef::as_ref).filter(is_accepted).collect()
}

/// Whether a value of `backend` is a backend that has nothing of the kind. Only volumes have variants by backend.
fn is_backend(value: &str, field: &str, release: Release) -> bool {
    let catalogue = schema::catalogue();
    let known = |it: &Type| match it {
        Type::Enum(it) => it.values.iter().any(|it| &*it.value == value && it.status(release).is_accepted()),
        _ => false,
    };
    field == "backend" && catalogue.named("backend").and_then(|it| catalogue.get(it, release)).is_some_and(known)
}

fn mismatch(check: &Check<'_>, found: Found<'_>, breach: &Breach<Mismatch>) -> Diagnostic {
    let document = check.document();
    let tree = document.tree();
    let (message, explanation) = match &breach.kind {
        Mismatch::WindsurfVersion => (
            format!(
                "{} is not a Windsurf version; expected `version@commit`, \
                 such as `1.106.0@8951cd3ad688e789573d7f51750d67ae4a0bea7d`",
                quoted(tree.value(found.1.node))
            ),
            "",
        ),
        Mismatch::RangeOrder => ("`max` is less than `min`; swap them".into(), ""),
        Mismatch::Value(message) => (message.clone(), ""),
        Mismatch::Repeated { what, value } => (format!("duplicate {what} {}", quoted(value)), "first used here"),
        Mismatch::RepeatedProbe => ("duplicate probe".into(), "first probe"),
        Mismatch::RepeatedVariable(name) => {
            (format!("duplicate environment variable {}", quoted(name)), "first set here")
        }
        Mismatch::RepeatedGroup(name) => (format!("duplicate group name {}", quoted(name)), "first used here"),
        Mismatch::FleetNodes { field, than: Some(than), least } => {
            (format!("`{field}` is less than `{than}`; expected at least {least}"), "compared with this value")
        }
        Mismatch::FleetNodes { field, than: None, .. } => (format!("`{field}` is negative; expected at least 0"), ""),
        Mismatch::RouterReplicas => ("a group with a `router` has exactly one replica".into(), ""),
        Mismatch::EmptyPath { path, content } => {
            (format!("`{path}` is empty; expected a file path (or set `{content}`)"), "")
        }
        Mismatch::EmptyName => ("the name is empty; expected a model, such as `Qwen/Qwen3-8B`".into(), ""),
        Mismatch::SharedPrefix { default } => {
            let default = default.map_or(String::new(), |it| format!(" ({it} by default)"));
            (
                format!("`shared_prefix_tokens` is too large; expected less than `input_tokens`{default}"),
                "length of the request",
            )
        }
    };
    let mut it = match tree.kind(found.1.node) {
        Kind::Mapping => at::mapping(check, &RULE, found, message),
        _ => at::misfit(check, &RULE, found, message),
    };
    it.related.extend(breach.other.map(|other| at::related(document, other, explanation)));
    it
}

fn fix_mismatch(document: &Document, misfit: &Misfit, breach: &Breach<Mismatch>, acc: &mut Fixes<'_>) {
    breach.removable.iter().for_each(|node| acc.remove(*node));
    let value = match breach.kind {
        Mismatch::FleetNodes { least, .. } => least.to_string(),
        Mismatch::RouterReplicas => "1".to_owned(),
        _ => return,
    };
    let title = replacing(document.tree().text(misfit.node), &value);
    acc.offer(title, Applicability::Unsafe, acc.rewrite().set(misfit.node, Value::raw(value)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{check, check_fix, check_kind, check_silent};

    #[test]
    fn a_value_is_one_of_an_enum() {
        check(
            &RULE,
            "
type: task
commands: [a]
spot_policy: ondemand
#            ^^^^^^^^ invalid value `ondemand`; did you mean `on-demand`?
creation_policy: often
#                ^^^^^ invalid value `often`; expected `reuse` or `reuse-or-create`
",
        );
        let text = |it: &str| format!("type: task\ncommands: [a]\nspot_policy: {it}\n");
        check_fix(&RULE, &text("ondemand"), "Replace `ondemand` with `on-demand`", &text("on-demand"));
        check(
            &RULE,
            "
type: task
commands: [a]
spot_policy: 3
#            ^ YAML reads `3` as a number; expected `spot`, `on-demand` or `auto`
",
        );
    }

    #[test]
    fn the_invalid_part_is_underlined() {
        check(
            &RULE,
            "
type: task
commands: [a]
env: [A B=1]
#      ^ spaces are not allowed in or around a name; expected `NAME=value`
repos: [., a]
#          ^ expected at most one item, found 2
",
        );
        let text = |it: &str| format!("type: task\ncommands: [a]\nresources: {{memory: {it}}}\n");
        check_fix(&RULE, &text("16GiB"), "Replace `16GiB` with `16GB`", &text("16GB"));
        let text = |it: &str| format!("type: task\ncommands: [a]\nports: [{it}]\n");
        check_fix(&RULE, &text("2222:22"), "Replace `2222:22` with `\"2222:22\"`", &text("\"2222:22\""));
    }

    #[test]
    fn a_value_is_required() {
        check(
            &RULE,
            "
type: fleet
ssh_config:
  hosts:
# ^^^^^ `hosts` is empty; expected a list
",
        );
        check(
            &RULE,
            "
type: task
commands: [a]
resources:
^^^^^^^^^ `resources` is empty; indent `gpu` to put it there
gpu: 24GB
",
        );
        let (before, after) = ("type: task\ncommands: [a]\nenv:\n", "type: task\ncommands: [a]\n");
        check_fix(&RULE, before, "Remove `env`", after);
    }

    #[test]
    fn a_tag_selects_a_variant() {
        let all = "`dev-environment`, `task`, `service`, `fleet`, `volume`, `gateway` or `preset`";
        check(&RULE, &format!("\ntype: [task]\n#     ^^^^^^ expected {all} as `type`, found a list\n"));
        check(&RULE, "\ntype: dev\n#     ^^^ unknown type `dev`; did you mean `dev-environment`?\n");
        check(
            &RULE,
            "
# dstack-lsp: release=0.22.1
type: volume
backend: azure
#        ^^^^^ dstack does not support volumes on `azure`; expected `aws`, `gcp`, `runpod` or `kubernetes`
region: r
",
        );
        check(
            &RULE,
            "
# dstack-lsp: release=0.18.43
type: preset
#     ^^^^^^ `type: preset` requires dstack 0.21.2 or later (checking against 0.18.43)
",
        );
        check_fix(&RULE, "type: tsk\n", "Replace `tsk` with `task`", "type: task\n");
        check_kind(
            &RULE,
            DocumentKind::Template,
            "
type: task
#     ^^^^ dstack ignores files in this folder unless they have `type: template`
",
        );
    }

    #[test]
    fn a_value_goes_with_the_others() {
        check(
            &RULE,
            "
type: service
port: 80
image: a
probes: [{type: http, url: /a}, {type: http, url: /a}]
#                                ^^^^ duplicate probe
rate_limits: [{rps: 1}, {rps: 2}]
#                        ^^^ duplicate prefix `/`
env: [A=1, A=2]
#          ^^^ duplicate environment variable `A`
",
        );
        check(
            &RULE,
            "
type: fleet
nodes: {min: 3, target: 2}
#                       ^ `target` is less than `min`; expected at least 3
",
        );
        check_fix(
            &RULE,
            "type: fleet\nnodes: {min: 3, target: 2}\n",
            "Replace `2` with `3`",
            "type: fleet\nnodes: {min: 3, target: 3}\n",
        );
        let text = |it: &str| format!("type: task\ncommands: [a]\nenv: [{it}]\n");
        check_fix(&RULE, &text("A=1, A=2"), "Remove `A=2`", &text("A=1"));
        check_fix(&RULE, &text("A=1, A=2"), "Remove `A=1`", &text("A=2"));
    }

    #[test]
    fn valid_values_are_silent() {
        check_silent(
            &RULE,
            "
type: service
port: 80
image: a
spot_policy: on-demand
env: [A=1, B=2]
resources: {memory: 16GB.., gpu: A100:80GB:2, disk: 100GB}
probes: [{type: http, url: /a}, {type: http, url: /b}]
replicas: 1..2
scaling: {metric: rps, target: 1}
",
        );
        check_silent(&RULE, "type: fleet\nnodes: {min: 1, target: 2, max: 2}\n");
    }
}
