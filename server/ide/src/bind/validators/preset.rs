//! The validators of a preset. They mirror those of `PresetConfiguration` and `PresetAgentConfig`.

use schema::grammar::{plain, preset::is_random, python};
use yaml::{NodeId, Scalar, Tree};

use super::super::{
    misfit::{Breach, Conflict, Mismatch},
    scalar::value,
    scope::{Scope, own_keys},
    slots::Slot,
};

const NAMES: [&str; 3] = ["base", "repo", "model"];

/// `apply_model_shorthand`: of `base` and `repo` dstack takes the one that is true in Python, before it looks at the type
/// of either, and uses it as `model`.
pub(super) fn model(scope: &mut Scope<'_, '_>) {
    let tree = scope.tree();
    let fields = scope.fields;
    let slots = NAMES.map(|name| fields.get(name));
    if slots.iter().flatten().any(|slot| tree.holds_refused(slot.value)) {
        return;
    }
    let [base, repo, model] = slots;
    let [base_is_set, repo_is_set] = [base, repo].map(|it| it.filter(|slot| is_true(tree, slot.value)));
    match (base_is_set, repo_is_set) {
        (Some(one), Some(other)) => exclude(scope, (one, NAMES[0]), (other, NAMES[1])),
        (Some(one), None) | (None, Some(one)) => {
            let (name, ignored) = if base_is_set.is_some() { (NAMES[0], repo) } else { (NAMES[1], base) };
            if let Some(ignored) = ignored {
                scope.forgive(ignored.value);
            }
            match model {
                Some(model) => exclude(scope, (one, name), (model, NAMES[2])),
                None => named(scope, one),
            }
        }
        (None, None) if model.is_none() => scope.require_any(&NAMES),
        (None, None) => {}
    }
}

/// `base` and `repo` must not be blank.
fn named(scope: &mut Scope<'_, '_>, slot: Slot<'_>) {
    let scalar = scope.fields.scalar(slot.value);
    if matches!(scalar, Some(Scalar::Str(text)) if text.chars().all(python::is_space)) {
        scope.blame(slot, slot.value, Breach::of(Mismatch::EmptyName));
    }
}

/// Two of `base`, `repo` and `model`: the later one is reported.
fn exclude(scope: &mut Scope<'_, '_>, one: (Slot<'_>, &'static str), other: (Slot<'_>, &'static str)) {
    let (first, second) = if one.0.place() < other.0.place() { (one, other) } else { (other, one) };
    let conflict =
        Breach::of(Conflict::Model([first.1, second.1])).with(first.0.place()).removing(own_keys(&[second.0, first.0]));
    scope.blame(second.0, second.0.key, conflict);
}

/// `validate_shared_prefix_tokens`
pub(super) fn prefix(scope: &mut Scope<'_, '_>) {
    let fields = scope.fields;
    let Some(slot) = fields.sound("shared_prefix_tokens") else { return };
    if fields.is_any_unsound(&["input_tokens"]) {
        return;
    }
    let input = fields.get("input_tokens");
    let release = scope.release;
    let number = |slot: Slot<'_>| plain::as_integer(value(&fields.scalar(slot.value)?), release);
    let Some(shared) = number(slot) else { return };
    let default = || {
        let (_, field) = scope.catalogue.field(fields.id, "input_tokens")?;
        field.default.as_ref()?.at(release)?.parse::<i128>().ok()
    };
    let Some(all) = input.map_or_else(default, number) else { return };
    if shared >= all {
        let mismatch = Mismatch::SharedPrefix { default: input.is_none().then_some(all) };
        scope.blame(slot, slot.value, Breach::of(mismatch).with(input.map(|it| it.value_place())));
    }
}

/// `validate_dataset`
pub(super) fn dataset(scope: &mut Scope<'_, '_>) {
    let fields = scope.fields;
    let Some(dataset) = fields.sound("dataset") else { return };
    if matches!(fields.sound_scalar("dataset"), Some(Scalar::Str(it)) if is_random(it, scope.release)) {
        return;
    }
    for name in ["input_tokens", "output_tokens", "shared_prefix_tokens"] {
        let Some(slot) = fields.sound(name) else { continue };
        let conflict = Breach::of(Conflict::Dataset(name)).with(dataset.place()).removing(own_keys(&[slot, dataset]));
        scope.blame(slot, slot.key, conflict);
    }
}

/// `PresetAgentConfig.validate_effort`
pub(super) fn effort(scope: &mut Scope<'_, '_>) {
    let is = |name: &str, word: &str| scope.fields.sound_scalar(name) == Some(Scalar::Str(word));
    if is("provider", "codex")
        && is("effort", "max")
        && let Some(slot) = scope.fields.sound("effort")
    {
        scope.blame(slot, slot.value, Breach::of(Conflict::Effort));
    }
}

/// Whether a value is true in Python.
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
