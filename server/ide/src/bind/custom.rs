//! Rules of dstack's validators that are more than "one of these" and "not both": one function each, by the name that the
//! catalogue gives it. They mirror the validators of `configurations.py`, `profiles.py` and `envs.py`.

use schema::{Release, grammar::range};
use yaml::{Kind, NodeId, Scalar, Tree};

use super::{
    Breach, MisfitKind, Remedy, Slot,
    constraints::Fields,
    fleet, groups, preset,
    scalar::value,
    server, slots,
    slots::live,
    walk::{Place, Walk},
};

pub(super) const EXCLUSIVE: &str = "mutually-exclusive";
pub(super) const MISSING: &str = "missing-field";
pub(super) const INVALID: &str = "invalid-value";

/// The rules that a field may break by not being there.
const OF_THE_WHOLE: [&str; 11] = [
    "replicas-bounds",
    "replicas-and-scaling",
    "fleet-nodes",
    "replicas-or-count",
    "commands-or-image",
    "group-commands",
    "filename-or-data",
    "path-or-content",
    "nebius-key",
    "preset-model",
    "preset-prefix",
];

/// Check the rule with this name.
pub(super) fn check(walk: &mut Walk<'_>, place: Place, fields: &Fields<'_>, name: &str) {
    if !fields.is_whole && OF_THE_WHOLE.contains(&name) {
        return;
    }
    let mut scope = Scope { walk, place, fields };
    let scope = &mut scope;
    match name {
        "windsurf-version" => windsurf_version(scope),
        "dstack-or-inactivity" => dstack_or_inactivity(scope),
        "docker-alone" => docker_alone(scope),
        "docker-privileged" => docker_privileged(scope),
        "probe-body" => probe_body(scope),
        "range-order" => range_order(scope),
        "disk-of-50" => disk_of_50(scope),
        "replicas-bounds" => replicas_bounds(scope),
        "replicas-and-scaling" => replicas_and_scaling(scope),
        "unique-backend-options" => unique(scope, "backend_options", "type", "vastai", "the backend"),
        "unique-rate-limits" => unique(scope, "rate_limits", "prefix", "/", "the prefix"),
        "unique-probes" => unique_probes(scope),
        "unique-env" => unique_env(scope),
        "fleet-nodes" => fleet::nodes(scope),
        "replicas-or-count" => groups::replicas_or_count(scope),
        "commands-or-image" => groups::commands_or_image(scope),
        "groups-without-commands" => groups::without(scope, &["commands", "scaling"]),
        "groups-without-resources" => groups::without(scope, &["resources"]),
        "group-names" => groups::names(scope),
        "group-commands" => groups::commands(scope),
        "one-router" => groups::one_router(scope),
        "router-once" => groups::router_once(scope),
        "group-fields-once" => groups::fields_once(scope),
        "group-image-sources" => groups::image_sources(scope),
        "filename-or-data" => server::path_or_content(scope, "filename", "data"),
        "path-or-content" => server::path_or_content(scope, "path", "content"),
        "nebius-key" => server::nebius_key(scope),
        "preset-model" => preset::model(scope),
        "preset-prefix" => preset::prefix(scope),
        "preset-dataset" => preset::dataset(scope),
        "agent-effort" => preset::effort(scope),
        _ => debug_assert!(false, "the catalogue names a rule `{name}` that is not here"),
    }
}

/// A mapping that is being checked.
pub(super) struct Scope<'s, 'w, 'a> {
    pub(super) walk: &'s mut Walk<'w>,
    pub(super) place: Place,
    pub(super) fields: &'s Fields<'a>,
}

impl<'a> Scope<'_, '_, 'a> {
    pub(super) fn release(&self) -> Release {
        self.walk.release
    }

    pub(super) fn tree(&self) -> &'a Tree {
        self.fields.tree
    }

    /// The entry of a field that is there, not null and right by itself.
    pub(super) fn sound(&self, name: &str) -> Option<Slot<'a>> {
        self.fields.get(name).filter(|slot| self.walk.is_fine(slot.value))
    }

    /// What PyYAML makes of the field, if it is a scalar, not null and right by itself.
    pub(super) fn scalar(&self, name: &str) -> Option<Scalar<'a>> {
        self.fields.scalar(self.sound(name)?.value)
    }

    /// Whether one of the fields is there and wrong by itself: what it would be beside the others, nobody knows.
    pub(super) fn is_any_wrong(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.fields.get(name).is_some_and(|slot| !self.walk.is_fine(slot.value)))
    }

    /// Whether the release demands the field.
    pub(super) fn is_required(&self, name: &str) -> bool {
        let field = self.walk.catalogue.field(self.fields.id, name);
        field.is_some_and(|(_, field)| field.is_required(self.release()))
    }

    /// Blame a node that belongs to an entry: its key, its value, or what is in that.
    pub(super) fn blame(&mut self, slot: Slot<'_>, node: NodeId, breach: Breach) {
        let alias =
            Some(slot.value).filter(|it| *it != node && node != slot.key && self.tree().target(*it) != Some(*it));
        let via = self.place.via.or(slot.via).or(alias);
        self.walk.blame(Place { node, via, seat: node }, MisfitKind::Breach(breach));
    }

    pub(super) fn blame_here(&mut self, breach: Breach) {
        self.blame_at(self.place, breach);
    }

    /// Blame a mapping below this one.
    pub(super) fn blame_at(&mut self, place: Place, breach: Breach) {
        let via = self.place.via.or(place.via);
        self.walk.blame(Place { via, ..place }, MisfitKind::Breach(breach));
    }
}

pub(super) fn breach(rule: &'static str, message: impl Into<String>) -> Breach {
    Breach { rule, message: message.into(), related: None, remedy: Remedy::None }
}

/// To remove one of these entries. What is merged stands elsewhere and counts there, too.
pub(super) fn removing(slots: &[Slot<'_>]) -> Remedy {
    Remedy::Remove(slots.iter().filter(|it| it.via.is_none()).map(|it| it.key).collect())
}

/// What pydantic takes for true or false.
pub(crate) fn truth(scalar: &Scalar<'_>) -> Option<bool> {
    match scalar {
        Scalar::Bool(it) => Some(*it),
        Scalar::Int(it) => Some(*it != 0),
        Scalar::Float(it) => Some(*it != 0.0),
        Scalar::Str(it) => match it.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
            "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// `DevEnvironmentConfigurationParams.validate_ide_and_version`
fn windsurf_version(scope: &mut Scope<'_, '_, '_>) {
    let Some(slot) = scope.sound("version") else { return };
    let Some(version) = scope.tree().target(slot.value) else { return };
    let text = scope.tree().value(version);
    if scope.scalar("ide") != Some(Scalar::Str("windsurf")) || text.is_empty() {
        return;
    }
    let line = text.strip_suffix('\n').unwrap_or(text);
    let hex = |it: &str| !it.is_empty() && it.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    let fine =
        line.rsplit_once('@').is_some_and(|(head, commit)| !head.is_empty() && !head.contains('\n') && hex(commit));
    if !fine {
        let text = format!(
            "{} is no version of Windsurf; write `version@commit`, as `1.106.0@8951cd3ad688e789573d7f51750d67ae4a0bea7d`",
            crate::expected::quoted(text)
        );
        scope.blame(slot, slot.value, breach(INVALID, text));
    }
}

/// `DevEnvironmentConfiguration.validate_dstack_and_inactivity_duration`
fn dstack_or_inactivity(scope: &mut Scope<'_, '_, '_>) {
    let Some(dstack) = scope.sound("dstack") else { return };
    let Some(inactivity) = scope.sound("inactivity_duration") else { return };
    let limits = !matches!(scope.scalar("inactivity_duration"), Some(Scalar::Bool(_) | Scalar::Str("off")));
    if scope.scalar("dstack").as_ref().and_then(truth) == Some(true) && limits {
        let mut it = breach(
            EXCLUSIVE,
            "`inactivity_duration` cannot be used with `dstack: true`, whose connection counts as activity; remove one of them",
        );
        it.related = Some((dstack.place(), "`dstack` is set here"));
        it.remedy = removing(&[inactivity, dstack]);
        scope.blame(inactivity, inactivity.key, it);
    }
}

/// `BaseRunConfiguration._docker`: only YAML's own `true` counts.
fn docker_alone(scope: &mut Scope<'_, '_, '_>) {
    let Some(docker) = scope.sound("docker") else { return };
    if scope.scalar("docker") != Some(Scalar::Bool(true)) {
        return;
    }
    for name in ["image", "python", "nvcc"] {
        let Some(other) = scope.sound(name).filter(|_| scope.fields.is_set(name)) else { continue };
        if name == "nvcc" && scope.scalar(name).as_ref().and_then(truth) != Some(true) {
            continue;
        }
        let (later, earlier) = if docker.place() > other.place() { (docker, other) } else { (other, docker) };
        let mut it = breach(
            EXCLUSIVE,
            format!("`docker: true` brings its own image and cannot be combined with `{name}`; remove one of them"),
        );
        it.related = Some((earlier.place(), "the other one"));
        it.remedy = removing(&[later, earlier]);
        return scope.blame(later, later.key, it);
    }
}

/// `ReplicaGroup._privileged`
fn docker_privileged(scope: &mut Scope<'_, '_, '_>) {
    let Some(privileged) = scope.sound("privileged") else { return };
    let docker = scope.scalar("docker").as_ref().and_then(truth) == Some(true);
    if docker && scope.scalar("privileged") == Some(Scalar::Bool(false)) {
        let mut it = breach(EXCLUSIVE, "`privileged: false` cannot be used with `docker: true`; remove it");
        it.remedy = removing(&[privileged]);
        scope.blame(privileged, privileged.key, it);
    }
}

/// `ProbeConfig.validate_body_matches_method`
fn probe_body(scope: &mut Scope<'_, '_, '_>) {
    let Some(body) = scope.sound("body") else { return };
    if let Some(Scalar::Str(method @ ("get" | "head"))) = scope.scalar("method") {
        let mut it =
            breach(EXCLUSIVE, format!("a `{method}` request has no `body`; use `method: post` or remove the body"));
        it.remedy = removing(&[body]);
        scope.blame(body, body.key, it);
    }
}

/// `Range._post_validate`, for `{min: …, max: …}`.
fn range_order(scope: &mut Scope<'_, '_, '_>) {
    let (Some(min), Some(max), Some(slot)) = (scope.scalar("min"), scope.scalar("max"), scope.sound("max")) else {
        return;
    };
    let is_size = scope.walk.catalogue.mapping(scope.fields.id).is_some_and(|it| &*it.name == "memory-bounds");
    let kind = if is_size { range::Kind::Memory } else { range::Kind::Count("", "") };
    if range::misordered(value(&min), value(&max), kind, scope.release()) {
        scope.blame(slot, slot.value, breach(INVALID, "`max` is less than `min`; swap them"));
    }
}

/// `DiskSpec.validate_size`, up to 0.18.8.
fn disk_of_50(scope: &mut Scope<'_, '_, '_>) {
    let (Some(slot), Some(grammar)) = (scope.sound("size"), schema::grammar::named("disk")) else { return };
    let Some(size) = scope.tree().target(slot.value) else { return };
    let ends: Vec<NodeId> = match scope.tree().kind(size) {
        Kind::Mapping => slots(scope.tree(), size).into_iter().filter(|it| it.live).map(|it| it.value).collect(),
        _ => vec![slot.value],
    };
    for end in ends {
        let Some(scalar) = scope.fields.scalar(end).filter(|it| *it != Scalar::Null) else { continue };
        if let Some(problem) = grammar.parse(value(&scalar), scope.release()).problems.into_iter().next() {
            scope.blame(slot, end, breach(INVALID, problem.message));
        }
    }
}

/// `_validate_replica_range`, for `{min: …, max: …}`.
fn replicas_bounds(scope: &mut Scope<'_, '_, '_>) {
    if scope.is_any_wrong(&["min", "max"]) {
        return;
    }
    let [low, high] = ["min", "max"].map(|name| scope.scalar(name));
    let problem = range::replicas_bounds(low.as_ref().map(value), high.as_ref().map(value), scope.release());
    match problem {
        Some(problem) => scope.blame_here(breach(INVALID, problem.message)),
        None => range_order(scope),
    }
}

/// `validate_scaling`, of services and of replica groups.
fn replicas_and_scaling(scope: &mut Scope<'_, '_, '_>) {
    let name = if scope.fields.get("replicas").is_none() && scope.fields.get("count").is_some() {
        "count"
    } else {
        "replicas"
    };
    if scope.is_any_wrong(&[name, "scaling"]) {
        return;
    }
    let (replicas, scaling) = (scope.fields.get(name), scope.fields.get("scaling"));
    let bounds = match replicas {
        Some(slot) => scope.tree().target(slot.value).and_then(|it| bounds(scope.tree(), it)),
        // Left out, it is one replica; from 0.20.7 on dstack does not look.
        None if scope.release() < Release::new(0, 20, 7) => Some((1, 1)),
        None => None,
    };
    let Some((min, max)) = bounds else { return };
    match (replicas, scaling) {
        (Some(slot), None) if min != max => {
            let mut it =
                breach(MISSING, format!("a range of `{name}` needs `scaling`; add it, or write a single number"));
            it.remedy = Remedy::Set(scope.place.node, "scaling", "{metric: rps, target: 10}");
            scope.blame(slot, slot.value, it);
        }
        (_, Some(slot)) if min == max => {
            let text = match replicas {
                Some(_) => format!("`scaling` needs a range of `{name}`, as `1..4`"),
                None => format!("`scaling` needs `{name}` to be a range, as `1..4`; there is none"),
            };
            let mut it = breach(EXCLUSIVE, text);
            it.related = replicas.map(|slot| (slot.value_place(), "a single number"));
            it.remedy = match replicas {
                Some(_) => removing(&[slot]),
                None => Remedy::Set(scope.place.node, "replicas", "1..4"),
            };
            scope.blame(slot, slot.key, it);
        }
        _ => {}
    }
}

/// The least and the greatest number of a range of replicas: `2`, `1..4`, `{min: 1, max: 4}`.
pub(super) fn bounds(tree: &Tree, node: NodeId) -> Option<(i128, i128)> {
    match tree.kind(node) {
        Kind::Scalar => match tree.scalar(node)? {
            Scalar::Str(text) => match text.replace(' ', "").split_once("..") {
                Some((min, max)) => Some((if min.is_empty() { 0 } else { min.parse().ok()? }, max.parse().ok()?)),
                None => text.trim().parse().ok().map(|it| (it, it)),
            },
            scalar => int(&scalar).map(|it| (it, it)),
        },
        Kind::Mapping => {
            let slots = slots(tree, node);
            let get = |name: &str| int(&tree.scalar(tree.target(live(&slots, name)?.value)?)?);
            Some((get("min").unwrap_or(0), get("max")?))
        }
        _ => None,
    }
}

fn int(scalar: &Scalar<'_>) -> Option<i128> {
    match scalar {
        Scalar::Int(it) => Some(*it),
        Scalar::Bool(it) => Some(i128::from(*it)),
        Scalar::Float(it) => Some(*it as i128),
        Scalar::Str(it) => it.trim().parse().ok(),
        _ => None,
    }
}

/// No two mappings of a list may have the same text in a field.
fn unique(scope: &mut Scope<'_, '_, '_>, list: &str, field: &str, default: &str, what: &str) {
    let Some(slot) = scope.sound(list) else { return };
    let tree = scope.tree();
    let Some(target) = tree.target(slot.value) else { return };
    let mut seen: Vec<(&str, NodeId)> = vec![];
    for item in tree.items(target) {
        let Some(mapping) = tree.target(item).filter(|it| tree.kind(*it) == Kind::Mapping) else { continue };
        let value = live(&slots(tree, mapping), field).and_then(|it| tree.target(it.value));
        let text = value.map_or(default, |it| tree.value(it));
        // What the item merges, or has by an alias, stands elsewhere.
        let shown = value.filter(|it| item < *it && *it < tree.subtree_end(item)).unwrap_or(item);
        match seen.iter().find(|it| it.0 == text) {
            Some((_, first)) => {
                let mut it = breach(INVALID, format!("{what} `{text}` is used twice; each may appear once"));
                it.related = Some((*first, "first used here"));
                return scope.blame(slot, shown, it);
            }
            None => seen.push((text, shown)),
        }
        if seen.len() > 1000 {
            return;
        }
    }
}

/// `ServiceConfigurationParams.validate_probes`
fn unique_probes(scope: &mut Scope<'_, '_, '_>) {
    let Some(slot) = scope.sound("probes") else { return };
    let tree = scope.tree();
    let Some(target) = tree.target(slot.value) else { return };
    let mut seen: Vec<(Vec<(String, String)>, NodeId)> = vec![];
    for item in tree.items(target).take(200) {
        let Some(mapping) = tree.target(item) else { continue };
        let mut same: Vec<(String, String)> = slots(tree, mapping)
            .iter()
            .filter(|slot| slot.live && tree.target(slot.value).and_then(|it| tree.scalar(it)) != Some(Scalar::Null))
            .map(|slot| (slot.name.unwrap_or("").to_string(), plain_value(tree, slot.value, 0)))
            .collect();
        same.sort();
        match seen.iter().find(|it| it.0 == same) {
            Some((_, first)) => {
                let mut it = breach(INVALID, "the same probe stands here twice; remove one");
                it.related = Some((*first, "the first one"));
                return scope.blame(slot, item, it);
            }
            None => seen.push((same, item)),
        }
    }
}

/// A value as text that is the same for equal values; `10s` and `10` are equal, being seconds.
fn plain_value(tree: &Tree, node: NodeId, depth: u32) -> String {
    let Some(node) = tree.target(node).filter(|_| depth < 8) else { return String::new() };
    match tree.kind(node) {
        Kind::Scalar => {
            let text = tree.value(node);
            let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)];
            let seconds = units.iter().find_map(|(unit, factor)| {
                let number: i64 = text.strip_suffix(unit)?.trim().parse().ok()?;
                Some(number.saturating_mul(*factor).to_string())
            });
            match tree.scalar(node) {
                Some(Scalar::Int(it)) => it.to_string(),
                Some(Scalar::Bool(it)) => it.to_string(),
                _ => seconds.unwrap_or_else(|| text.to_string()),
            }
        }
        _ => tree.children(node).map(|it| plain_value(tree, it, depth + 1)).collect::<Vec<_>>().join("\u{1}"),
    }
}

/// `Env.validate_root`, for lists.
fn unique_env(scope: &mut Scope<'_, '_, '_>) {
    let Some(slot) = scope.sound("env") else { return };
    let tree = scope.tree();
    let Some(target) = tree.target(slot.value).filter(|it| tree.kind(*it) == Kind::Sequence) else { return };
    let mut seen: rustc_hash::FxHashMap<&str, NodeId> = rustc_hash::FxHashMap::default();
    for item in tree.items(target) {
        let Some(scalar) = tree.target(item).filter(|it| tree.kind(*it) == Kind::Scalar) else { continue };
        let name = tree.value(scalar).split('=').next().unwrap_or("");
        if let Some(first) = seen.insert(name, item) {
            let mut it =
                breach(INVALID, format!("the variable {} is set twice; remove one", crate::expected::quoted(name)));
            it.related = Some((first, "first set here"));
            it.remedy = Remedy::Remove(vec![item, first]);
            scope.blame(slot, item, it);
        }
    }
}
