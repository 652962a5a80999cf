//! The validators of replica groups (`groups` of a service, a list in `replicas` before) and of node groups (of a task).
//! They mirror the `validate_*` functions of `ServiceConfigurationParams`, `TaskConfiguration` and `ReplicaGroup`.

use rustc_hash::FxHashMap;
use schema::{Release, TypeId, grammar::range};
use yaml::{Kind, NodeId, Tree};

use super::{
    super::{
        dict::is_list_of_pairs,
        misfit::{Breach, Conflict, Lack, Mismatch},
        scalar::value,
        scope::{Fields, Place, Scope, own_keys},
        slots::{Slot, slots},
    },
    common::{bounds, range_order, truth},
};
use crate::limits::MAX_COMPARED_ITEMS;

/// `_validate_replica_range`, for `{min: …, max: …}`.
pub(super) fn replicas_bounds(scope: &mut Scope<'_, '_>) {
    if scope.fields.is_any_unsound(&["min", "max"]) {
        return;
    }
    let [low, high] = ["min", "max"].map(|name| scope.fields.sound_scalar(name));
    let problem = range::replicas_bounds(low.as_ref().map(value), high.as_ref().map(value), scope.release);
    match problem {
        Some(problem) => scope.blame_here(Breach::of(Mismatch::Value(problem.message))),
        None => range_order(scope),
    }
}

/// `validate_scaling`, of services and of replica groups.
pub(super) fn replicas_and_scaling(scope: &mut Scope<'_, '_>) {
    // Without `replicas` dstack takes a single replica; since this release it does not check that against `scaling`.
    const UNCHECKED: Release = Release::new(0, 20, 7);
    let fields = scope.fields;
    let name = if fields.get("replicas").is_none() && fields.get("count").is_some() { "count" } else { "replicas" };
    if fields.is_any_unsound(&[name, "scaling"]) {
        return;
    }
    let (replicas, scaling) = (fields.get(name), fields.get("scaling"));
    let bounds = match replicas {
        Some(slot) => scope.tree().target(slot.value).and_then(|it| bounds(scope.tree(), it)),
        None if scope.release < UNCHECKED => Some((1, 1)),
        None => None,
    };
    let mapping = scope.place.node;
    match (bounds, replicas, scaling) {
        (Some((min, max)), Some(slot), None) if min != max => {
            scope.blame(slot, slot.value, Lack::Scaling { replicas: name, mapping });
        }
        (Some((min, max)), _, Some(slot)) if min == max => {
            let conflict = Breach::of(Conflict::Scaling { replicas: replicas.map(|_| name), mapping })
                .with(replicas.map(|it| it.value_place()))
                .removing(if replicas.is_some() { own_keys(&[slot]) } else { vec![] });
            scope.blame(slot, slot.key, conflict);
        }
        _ => {}
    }
}

/// A group says how many replicas it has.
pub(super) fn replicas_or_count(scope: &mut Scope<'_, '_>) {
    let is_there = |name: &str| scope.fields.slots.iter().any(|slot| slot.name == Some(name));
    if is_there("replicas") || is_there("count") {
        return;
    }
    if let Some(field) = scope.field("replicas") {
        scope.blame_here(Lack::Field(field));
    }
}

/// `check_image_or_commands_present`, where the commands may be in groups.
pub(super) fn commands_or_image(scope: &mut Scope<'_, '_>) {
    let tree = scope.tree();
    let fields = scope.fields;
    let has_groups = fields.get("groups").is_some()
        || fields.value("replicas").is_some_and(|it| tree.kind(it) == Kind::Sequence)
        || fields.is_any_unsound(&["replicas"]);
    let names = ["commands", "image"];
    if !has_groups && !names.iter().any(|name| fields.is_set(name)) {
        scope.require_any(&names);
    }
}

/// Each group has its own commands and scaling.
pub(super) fn without_commands_and_scaling(scope: &mut Scope<'_, '_>) {
    without(scope, &["commands", "scaling"]);
}

/// Each group has its own resources.
pub(super) fn without_resources(scope: &mut Scope<'_, '_>) {
    without(scope, &["resources"]);
}

fn without(scope: &mut Scope<'_, '_>, names: &[&'static str]) {
    let Some((groups, _)) = groups(scope) else { return };
    let fields = scope.fields;
    for name in names {
        let Some(slot) = fields.sound(name) else { continue };
        if *name == "commands" && !fields.is_set(name) {
            continue;
        }
        let conflict = Breach::of(Conflict::Groups(name)).with(groups.place()).removing(own_keys(&[slot]));
        scope.blame(slot, slot.key, conflict);
    }
}

/// Group names are unique; a group without a name is named by its index.
pub(super) fn names(scope: &mut Scope<'_, '_>) {
    let Some((_, groups)) = groups(scope) else { return };
    let mut seen: FxHashMap<String, NodeId> = FxHashMap::default();
    for (index, group) in groups.iter().enumerate() {
        let named = group.fields().get("name");
        let value = named.and_then(|it| group.tree.target(it.value));
        let name = value.map_or_else(|| index.to_string(), |it| group.tree.value(it).to_string());
        if let Some(first) = seen.get(&name) {
            let repeated = Breach::of(Mismatch::RepeatedGroup(name)).with(*first);
            return match named {
                Some(slot) => scope.blame(slot, slot.value, repeated),
                None => scope.blame_at(group.place, repeated),
            };
        }
        seen.insert(name, named.map_or(group.place.seat, |it| it.value_place()));
    }
}

/// Each group has something to run.
pub(super) fn commands(scope: &mut Scope<'_, '_>) {
    let Some((_, groups)) = groups(scope) else { return };
    if scope.fields.get("image").is_some() {
        return;
    }
    for group in &groups {
        let fields = group.fields();
        if !fields.is_set("commands") && fields.get("image").is_none() {
            scope.blame_at(group.place, Lack::GroupCommands);
        }
    }
}

/// At most one group is a router, and it is one replica.
pub(super) fn one_router(scope: &mut Scope<'_, '_>) {
    let Some((_, groups)) = groups(scope) else { return };
    let tree = scope.tree();
    let mut first: Option<NodeId> = None;
    for group in &groups {
        let fields = group.fields();
        let Some(router) = fields.get("router") else { continue };
        if let Some(first) = first {
            let conflict = Breach::of(Conflict::SecondRouter).with(first).removing(own_keys(&[router]));
            return scope.blame(router, router.key, conflict);
        }
        first = Some(router.place());
        let Some(replicas) = fields.get("replicas").or(fields.get("count")) else { continue };
        let Some(value) = tree.target(replicas.value) else { continue };
        if bounds(tree, value).is_some_and(|it| it != (1, 1)) {
            scope.blame(replicas, replicas.value, Breach::of(Mismatch::RouterReplicas));
        }
    }
}

/// `router` of the service and of a group, in the releases that have both.
pub(super) fn router_once(scope: &mut Scope<'_, '_>) {
    let Some(router) = scope.fields.sound("router") else { return };
    let Some(other) = in_a_group(scope, "router") else { return };
    let conflict = Breach::of(Conflict::ServiceRouter).with(other).removing(own_keys(&[router]));
    scope.blame(router, router.key, conflict);
}

/// `validate_no_mixed_service_and_group_container_fields`
pub(super) fn fields_once(scope: &mut Scope<'_, '_>) {
    for name in ["image", "docker", "privileged", "python", "nvcc", "spot_policy", "reservation"] {
        if is_set_above(scope, name)
            && let Some(other) = in_a_group(scope, name)
        {
            collide(scope, name, other, Conflict::SameInGroup(name));
        }
    }
}

/// `validate_no_conflicting_image_sources_across_levels`
pub(super) fn image_sources(scope: &mut Scope<'_, '_>) {
    let forbidden: [(&str, &[&str]); 4] = [
        ("image", &["docker", "python", "nvcc"]),
        ("docker", &["image", "python", "nvcc"]),
        ("python", &["image", "docker"]),
        ("nvcc", &["image", "docker"]),
    ];
    for (field, others) in forbidden {
        if !is_set_above(scope, field) {
            continue;
        }
        for with in others {
            if let Some(other) = in_a_group(scope, with) {
                return collide(scope, field, other, Conflict::OtherInGroup { field, with });
            }
        }
    }
}

fn collide(scope: &mut Scope<'_, '_>, name: &str, other: NodeId, conflict: Conflict) {
    let Some(slot) = scope.fields.sound(name) else { return };
    scope.blame(slot, slot.key, Breach::of(conflict).with(other).removing(own_keys(&[slot])));
}

fn is_set_above(scope: &Scope<'_, '_>, name: &str) -> bool {
    match name {
        "docker" | "privileged" | "nvcc" => scope.fields.sound_scalar(name).as_ref().and_then(truth) == Some(true),
        _ => scope.fields.sound(name).is_some(),
    }
}

/// The place of a field in the first group that has it.
fn in_a_group(scope: &Scope<'_, '_>, name: &str) -> Option<NodeId> {
    groups(scope)?.1.iter().find_map(|group| Some(group.fields().get(name)?.place()))
}

/// A group: an item of the list of groups.
struct Group<'a> {
    tree: &'a Tree,
    /// Its mapping.
    place: Place,
    /// Its entries. Those that are written elsewhere name the alias that brings them.
    slots: Vec<Slot<'a>>,
    /// The type of the mapping around the groups.
    around: TypeId,
}

impl<'a> Group<'a> {
    fn fields(&self) -> Fields<'_, 'a> {
        Fields { tree: self.tree, id: self.around, slots: &self.slots, unknown: &[], is_whole: true }
    }
}

/// The entry that holds the groups, and the groups, if the entry is valid by itself.
fn groups<'a>(scope: &Scope<'_, 'a>) -> Option<(Slot<'a>, Vec<Group<'a>>)> {
    let (tree, around) = (scope.tree(), scope.fields.id);
    let list = |name: &str| {
        let slot = scope.fields.sound(name)?;
        let target =
            tree.target(slot.value).filter(|it| tree.kind(*it) == Kind::Sequence && !is_list_of_pairs(tree, *it))?;
        let list_via = slot.via.or((target != slot.value).then_some(slot.value));
        let group = |item: NodeId| {
            let node = tree.target(item).filter(|it| tree.kind(*it) == Kind::Mapping)?;
            let via = list_via.or((node != item).then_some(item));
            let elsewhere = |it: Slot<'a>| Slot { via: via.or(it.via), ..it };
            let slots = slots(tree, node).into_iter().map(elsewhere).collect();
            Some(Group { tree, place: Place { node, via, seat: item }, slots, around })
        };
        let groups: Vec<Group<'a>> = tree.items(target).filter_map(group).take(MAX_COMPARED_ITEMS).collect();
        // To pydantic 1 a list of something else may be a range: `[[min, 1], [max, 2]]`.
        (!groups.is_empty() || tree.items(target).next().is_none()).then_some((slot, groups))
    };
    list("groups").or_else(|| list("replicas"))
}
