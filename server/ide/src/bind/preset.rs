//! Rules between the fields of a preset: the model by one name, and benchmarks that make sense. They mirror the validators
//! of `PresetConfiguration` and `PresetAgentConfig`.

use schema::grammar::{plain, preset::is_random, python};
use yaml::{NodeId, Scalar, Tree};

use super::{
    Remedy, Slot,
    constraints::none_of,
    custom::{EXCLUSIVE, INVALID, Scope, breach, removing},
    scalar::value,
};

/// `apply_model_shorthand`: of `base` and `repo` dstack takes the one that Python takes for true, before it looks at the
/// type of either, and puts it in the place of `model`.
pub(super) fn model(scope: &mut Scope<'_, '_, '_>) {
    let tree = scope.tree();
    let fields = scope.fields;
    let names = ["base", "repo", "model"];
    let slots = names.map(|name| fields.get(name));
    if slots.iter().flatten().any(|slot| tree.holds_refused(slot.value)) {
        return;
    }
    let [base, repo, model] = slots;
    let [base_is_set, repo_is_set] = [base, repo].map(|it| it.filter(|slot| is_true(tree, slot.value)));
    match (base_is_set, repo_is_set) {
        (Some(one), Some(other)) => exclude(scope, one, other),
        (Some(one), None) | (None, Some(one)) => {
            if let Some(ignored) = if base_is_set.is_some() { repo } else { base } {
                scope.walk.forgive(ignored.value);
            }
            match model {
                Some(model) => exclude(scope, one, model),
                None => named(scope, one),
            }
        }
        (None, None) if model.is_none() => none_of(scope.walk, scope.place, fields, &names),
        (None, None) => {}
    }
}

/// `base` and `repo` are names, and no blanks.
fn named(scope: &mut Scope<'_, '_, '_>, slot: Slot<'_>) {
    let scalar = scope.fields.scalar(slot.value);
    if matches!(scalar, Some(Scalar::Str(text)) if text.chars().all(python::is_space)) {
        let text = "the name is empty; write that of a model, as `Qwen/Qwen3-8B`";
        scope.blame(slot, slot.value, breach(INVALID, text));
    }
}

/// Two of `base`, `repo` and `model`: the later one is told.
fn exclude(scope: &mut Scope<'_, '_, '_>, one: Slot<'_>, other: Slot<'_>) {
    let (first, second) = if one.place() < other.place() { (one, other) } else { (other, one) };
    let names = [first, second].map(|it| it.name.unwrap_or_default());
    let text = format!("`{}` and `{}` both name the model; remove one of them", names[0], names[1]);
    let mut it = breach(EXCLUSIVE, text);
    it.related = Some((first.place(), "the other one"));
    it.remedy = removing(&[second, first]);
    scope.blame(second, second.key, it);
}

/// `validate_shared_prefix_tokens`
pub(super) fn prefix(scope: &mut Scope<'_, '_, '_>) {
    let Some(slot) = scope.sound("shared_prefix_tokens") else { return };
    if scope.is_any_wrong(&["input_tokens"]) {
        return;
    }
    let input = scope.fields.get("input_tokens");
    let release = scope.release();
    let number = |slot: Slot<'_>| plain::as_integer(value(&scope.fields.scalar(slot.value)?), release);
    let Some(shared) = number(slot) else { return };
    let left_out = || {
        let (_, field) = scope.walk.catalogue.field(scope.fields.id, "input_tokens")?;
        field.default.as_ref()?.at(release)?.parse::<i128>().ok()
    };
    let Some(all) = input.map_or_else(left_out, number) else { return };
    if shared >= all {
        let left_out = if input.is_none() { format!(", which is {all} if left out") } else { String::new() };
        let text = format!("the shared prefix is a part of the request; write less than `input_tokens`{left_out}");
        let mut it = breach(INVALID, text);
        it.related = input.map(|it| (it.value_place(), "the whole request"));
        scope.blame(slot, slot.value, it);
    }
}

/// `validate_dataset`
pub(super) fn dataset(scope: &mut Scope<'_, '_, '_>) {
    let Some(dataset) = scope.sound("dataset") else { return };
    if matches!(scope.scalar("dataset"), Some(Scalar::Str(it)) if is_random(it, scope.release())) {
        return;
    }
    for name in ["input_tokens", "output_tokens", "shared_prefix_tokens"] {
        let Some(slot) = scope.sound(name) else { continue };
        let mut it = breach(
            EXCLUSIVE,
            format!("`{name}` is for made-up requests, and a `dataset` has its own; remove one of them"),
        );
        it.related = Some((dataset.place(), "the dataset"));
        it.remedy = removing(&[slot, dataset]);
        scope.blame(slot, slot.key, it);
    }
}

/// `PresetAgentConfig.validate_effort`
pub(super) fn effort(scope: &mut Scope<'_, '_, '_>) {
    let is = |name: &str, word: &str| scope.scalar(name) == Some(Scalar::Str(word));
    if is("provider", "codex")
        && is("effort", "max")
        && let Some(slot) = scope.sound("effort")
    {
        let mut it = breach(EXCLUSIVE, "`effort: max` is for `claude` only; write `xhigh` for `codex`");
        it.remedy = Remedy::Replace(slot.value, "xhigh".into());
        scope.blame(slot, slot.value, it);
    }
}

/// What Python takes for true.
fn is_true(tree: &Tree, node: NodeId) -> bool {
    let Some(node) = tree.target(node) else { return true };
    match tree.scalar(node) {
        None => tree.children(node).next().is_some(),
        Some(Scalar::Null | Scalar::Bool(false) | Scalar::Int(0) | Scalar::Str("")) => false,
        Some(Scalar::Float(it)) => it != 0.0,
        Some(Scalar::Binary) => !tree.value(node).trim().is_empty(),
        Some(_) => true,
    }
}
