//! The validators of dev environments, tasks and services. They mirror those of `configurations.py` and `envs.py`.

use rustc_hash::FxHashMap;
use schema::{Value, grammar::duration};
use yaml::{Kind, NodeId, Scalar, Tree};

use super::{
    super::{
        misfit::{Breach, Conflict, Mismatch},
        scope::{Scope, own_keys},
        slots::{live, slots},
    },
    common::truth,
};
use crate::limits::{MAX_COMPARED_ITEMS, MAX_COMPARED_PROBES};

/// `DevEnvironmentConfigurationParams.validate_ide_and_version`
pub(super) fn windsurf_version(scope: &mut Scope<'_, '_>) {
    let Some(slot) = scope.fields.sound("version") else { return };
    let Some(version) = scope.tree().target(slot.value) else { return };
    let text = scope.tree().value(version);
    if scope.fields.sound_scalar("ide") != Some(Scalar::Str("windsurf")) || text.is_empty() {
        return;
    }
    // Python's `$` matches before a final line break.
    let line = text.strip_suffix('\n').unwrap_or(text);
    let is_hex = |it: &str| !it.is_empty() && it.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    let is_version =
        line.rsplit_once('@').is_some_and(|(head, commit)| !head.is_empty() && !head.contains('\n') && is_hex(commit));
    if !is_version {
        scope.blame(slot, slot.value, Breach::of(Mismatch::WindsurfVersion));
    }
}

/// `DevEnvironmentConfiguration.validate_dstack_and_inactivity_duration`
pub(super) fn dstack_or_inactivity(scope: &mut Scope<'_, '_>) {
    let fields = scope.fields;
    let Some(dstack) = fields.sound("dstack") else { return };
    let Some(inactivity) = fields.sound("inactivity_duration") else { return };
    let is_limit = !matches!(fields.sound_scalar("inactivity_duration"), Some(Scalar::Bool(_) | Scalar::Str("off")));
    if fields.sound_scalar("dstack").as_ref().and_then(truth) == Some(true) && is_limit {
        let conflict =
            Breach::of(Conflict::InactivityDuration).with(dstack.place()).removing(own_keys(&[inactivity, dstack]));
        scope.blame(inactivity, inactivity.key, conflict);
    }
}

/// `BaseRunConfiguration._docker`: only YAML's own `true` counts.
pub(super) fn docker_alone(scope: &mut Scope<'_, '_>) {
    let fields = scope.fields;
    let Some(docker) = fields.sound("docker") else { return };
    if fields.sound_scalar("docker") != Some(Scalar::Bool(true)) {
        return;
    }
    for name in ["image", "python", "nvcc"] {
        let Some(other) = fields.sound(name).filter(|_| fields.is_set(name)) else { continue };
        if name == "nvcc" && fields.sound_scalar(name).as_ref().and_then(truth) != Some(true) {
            continue;
        }
        let (later, earlier) = if docker.place() > other.place() { (docker, other) } else { (other, docker) };
        let conflict = Breach::of(Conflict::Docker(name)).with(earlier.place()).removing(own_keys(&[later, earlier]));
        return scope.blame(later, later.key, conflict);
    }
}

/// `ReplicaGroup._privileged`
pub(super) fn docker_privileged(scope: &mut Scope<'_, '_>) {
    let fields = scope.fields;
    let Some(privileged) = fields.sound("privileged") else { return };
    let is_docker = fields.sound_scalar("docker").as_ref().and_then(truth) == Some(true);
    if is_docker && fields.sound_scalar("privileged") == Some(Scalar::Bool(false)) {
        let conflict = Breach::of(Conflict::Unprivileged).removing(own_keys(&[privileged]));
        scope.blame(privileged, privileged.key, conflict);
    }
}

/// `ProbeConfig.validate_body_matches_method`
pub(super) fn probe_body(scope: &mut Scope<'_, '_>) {
    let Some(body) = scope.fields.sound("body") else { return };
    let method = match scope.fields.sound_scalar("method") {
        Some(Scalar::Str("get")) => "get",
        Some(Scalar::Str("head")) => "head",
        _ => return,
    };
    scope.blame(body, body.key, Breach::of(Conflict::ProbeBody(method)).removing(own_keys(&[body])));
}

/// `ProfileParams.validate_backend_options`
pub(super) fn unique_backend_options(scope: &mut Scope<'_, '_>) {
    unique(scope, "backend_options", "type", "vastai", "backend");
}

/// `ServiceConfigurationParams.validate_rate_limits`
pub(super) fn unique_rate_limits(scope: &mut Scope<'_, '_>) {
    unique(scope, "rate_limits", "prefix", "/", "prefix");
}

/// No two mappings of a list may have the same value in a field, which is `default` where it is left out. `what` names the
/// value.
fn unique(scope: &mut Scope<'_, '_>, list: &str, field: &str, default: &str, what: &'static str) {
    let Some(slot) = scope.fields.sound(list) else { return };
    let tree = scope.tree();
    let Some(target) = tree.target(slot.value) else { return };
    let mut seen: FxHashMap<&str, NodeId> = FxHashMap::default();
    for item in tree.items(target).take(MAX_COMPARED_ITEMS) {
        let Some(mapping) = tree.target(item).filter(|it| tree.kind(*it) == Kind::Mapping) else { continue };
        let value = live(&slots(tree, mapping), field).and_then(|it| tree.target(it.value));
        let text = value.map_or(default, |it| tree.value(it));
        // A value that the item merges or refers to is written elsewhere.
        let shown = value.filter(|it| item < *it && *it < tree.subtree_end(item)).unwrap_or(item);
        if let Some(first) = seen.get(text) {
            let repeated = Mismatch::Repeated { what, value: text.to_owned() };
            return scope.blame(slot, shown, Breach::of(repeated).with(*first));
        }
        seen.insert(text, shown);
    }
}

/// `ServiceConfigurationParams.validate_probes`
pub(super) fn unique_probes(scope: &mut Scope<'_, '_>) {
    let Some(slot) = scope.fields.sound("probes") else { return };
    let tree = scope.tree();
    let Some(target) = tree.target(slot.value) else { return };
    let mut seen: FxHashMap<Vec<(String, String)>, NodeId> = FxHashMap::default();
    for item in tree.items(target).take(MAX_COMPARED_PROBES) {
        let Some(mapping) = tree.target(item) else { continue };
        let mut fields: Vec<(String, String)> = slots(tree, mapping)
            .iter()
            .filter(|slot| slot.live && tree.target(slot.value).and_then(|it| tree.scalar(it)) != Some(Scalar::Null))
            .map(|slot| (slot.name.unwrap_or("").to_string(), normalized(tree, slot.value, 0)))
            .collect();
        fields.sort();
        if let Some(first) = seen.get(&fields) {
            return scope.blame(slot, item, Breach::of(Mismatch::RepeatedProbe).with(*first));
        }
        seen.insert(fields, item);
    }
}

/// A value as a text that is the same for equal values: `10s` and `10` are equal, being seconds.
fn normalized(tree: &Tree, node: NodeId, depth: u32) -> String {
    let Some(node) = tree.target(node).filter(|_| depth < 8) else { return String::new() };
    match tree.kind(node) {
        Kind::Scalar => {
            let text = tree.value(node);
            match tree.scalar(node) {
                Some(Scalar::Int(it)) => it.to_string(),
                Some(Scalar::Bool(it)) => it.to_string(),
                _ => duration::seconds(Value::Str(text)).map_or_else(|| text.to_string(), |it| it.to_string()),
            }
        }
        _ => tree.children(node).map(|it| normalized(tree, it, depth + 1)).collect::<Vec<_>>().join("\u{1}"),
    }
}

/// `Env.validate_root`, for lists.
pub(super) fn unique_env(scope: &mut Scope<'_, '_>) {
    let Some(slot) = scope.fields.sound("env") else { return };
    let tree = scope.tree();
    let Some(target) = tree.target(slot.value).filter(|it| tree.kind(*it) == Kind::Sequence) else { return };
    let mut seen: FxHashMap<&str, NodeId> = FxHashMap::default();
    for item in tree.items(target) {
        let Some(scalar) = tree.target(item).filter(|it| tree.kind(*it) == Kind::Scalar) else { continue };
        let name = tree.value(scalar).split('=').next().unwrap_or("");
        if let Some(first) = seen.insert(name, item) {
            let repeated = Mismatch::RepeatedVariable(name.to_owned());
            scope.blame(slot, item, Breach::of(repeated).with(first).removing(vec![item, first]));
        }
    }
}
