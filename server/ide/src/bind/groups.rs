//! The rules about groups of replicas (`groups` of a service, formerly a list of `replicas`) and of nodes (of a task).
//!
//! They mirror the `validate_*` of `ServiceConfigurationParams`, `TaskConfiguration` and `ReplicaGroup`.

use schema::TypeId;
use yaml::{Kind, NodeId, Tree};

use super::{
    MisfitKind, Remedy, Slot,
    constraints::{Fields, none_of},
    custom::{EXCLUSIVE, INVALID, MISSING, Scope, bounds, breach, removing, truth},
    dict::is_list_of_pairs,
    slots,
    walk::Place,
};

/// A group needs to say how many replicas it has.
pub(super) fn replicas_or_count(scope: &mut Scope<'_, '_, '_>) {
    let there = |name: &str| scope.fields.slots.iter().any(|slot| slot.name == Some(name));
    if there("replicas") || there("count") {
        return;
    }
    if let Some((field, _)) = scope.walk.catalogue.field(scope.fields.id, "replicas") {
        scope.walk.blame(scope.place, MisfitKind::MissingField(field));
    }
}

/// `check_image_or_commands_present`, where the commands may stand in groups.
pub(super) fn commands_or_image(scope: &mut Scope<'_, '_, '_>) {
    let tree = scope.tree();
    let fields = scope.fields;
    let has_groups = fields.get("groups").is_some()
        || fields.value("replicas").is_some_and(|it| tree.kind(it) == Kind::Sequence)
        || scope.is_any_wrong(&["replicas"]);
    let names = ["commands", "image"];
    if !has_groups && !names.iter().any(|name| fields.is_set(name)) {
        none_of(scope.walk, scope.place, fields, &names);
    }
}

/// What the groups say for themselves must not be said above them.
pub(super) fn without(scope: &mut Scope<'_, '_, '_>, names: &[&str]) {
    let Some((slot_of_groups, _)) = groups(scope) else { return };
    for name in names {
        let Some(slot) = scope.sound(name) else { continue };
        if *name == "commands" && !scope.fields.is_set(name) {
            continue;
        }
        let mut it = breach(EXCLUSIVE, format!("`{name}` cannot stand beside groups; write it in each group instead"));
        it.related = Some((slot_of_groups.place(), "the groups"));
        it.remedy = removing(&[slot]);
        scope.blame(slot, slot.key, it);
    }
}

/// Names of groups are unique; one without a name is called by its place.
pub(super) fn names(scope: &mut Scope<'_, '_, '_>) {
    let Some((_, groups)) = groups(scope) else { return };
    let mut seen: Vec<(String, NodeId)> = vec![];
    for (index, group) in groups.iter().enumerate() {
        let named = group.fields().get("name");
        let value = named.and_then(|it| group.tree.target(it.value));
        let name = value.map_or_else(|| index.to_string(), |it| group.tree.value(it).to_string());
        match seen.iter().find(|it| it.0 == name) {
            Some((_, first)) => {
                let mut it = breach(INVALID, format!("two groups are called `{name}`; give each a name of its own"));
                it.related = Some((*first, "the other one"));
                return match named {
                    Some(slot) => scope.blame(slot, slot.value, it),
                    None => scope.blame_at(group.place, it),
                };
            }
            None => seen.push((name, named.map_or(group.place.seat, |it| it.value_place()))),
        }
    }
}

/// Each group has something to run.
pub(super) fn commands(scope: &mut Scope<'_, '_, '_>) {
    let Some((_, groups)) = groups(scope) else { return };
    if scope.fields.get("image").is_some() {
        return;
    }
    for group in &groups {
        let fields = group.fields();
        if !fields.is_set("commands") && fields.get("image").is_none() {
            let text = "a group needs `commands`, unless there is an `image`; add them";
            scope.blame_at(group.place, breach(MISSING, text));
        }
    }
}

/// At most one group routes, and it is one replica.
pub(super) fn one_router(scope: &mut Scope<'_, '_, '_>) {
    let Some((_, groups)) = groups(scope) else { return };
    let tree = scope.tree();
    let mut first: Option<NodeId> = None;
    for group in &groups {
        let fields = group.fields();
        let Some(router) = fields.get("router") else { continue };
        if let Some(first) = first {
            let mut it = breach(EXCLUSIVE, "only one group may have a `router`; remove this one");
            it.related = Some((first, "the first router"));
            it.remedy = removing(&[router]);
            return scope.blame(router, router.key, it);
        }
        first = Some(router.place());
        let Some(replicas) = fields.get("replicas").or(fields.get("count")) else { continue };
        let Some(value) = tree.target(replicas.value) else { continue };
        if bounds(tree, value).is_some_and(|it| it != (1, 1)) {
            let mut it = breach(INVALID, "a group with a `router` has exactly one replica; write `replicas: 1`");
            it.remedy = Remedy::Replace(replicas.value, "1".into());
            scope.blame(replicas, replicas.value, it);
        }
    }
}

/// `router` of the service and of a group, where both were known.
pub(super) fn router_once(scope: &mut Scope<'_, '_, '_>) {
    let Some(router) = scope.sound("router") else { return };
    let Some((_, groups)) = groups(scope) else { return };
    for group in &groups {
        if let Some(other) = group.fields().get("router") {
            let mut it = breach(EXCLUSIVE, "`router` stands in a group already; remove this one");
            it.related = Some((other.place(), "the router of the group"));
            it.remedy = removing(&[router]);
            return scope.blame(router, router.key, it);
        }
    }
}

/// `validate_no_mixed_service_and_group_container_fields`
pub(super) fn fields_once(scope: &mut Scope<'_, '_, '_>) {
    for name in ["image", "docker", "privileged", "python", "nvcc", "spot_policy", "reservation"] {
        if is_set_above(scope, name)
            && let Some(other) = in_a_group(scope, name)
        {
            let text = format!("`{name}` is set both here and in a group; set it in one place");
            collide(scope, name, other, text);
        }
    }
}

/// `validate_no_conflicting_image_sources_across_levels`
pub(super) fn image_sources(scope: &mut Scope<'_, '_, '_>) {
    let forbidden: [(&str, &[&str]); 4] = [
        ("image", &["docker", "python", "nvcc"]),
        ("docker", &["image", "python", "nvcc"]),
        ("python", &["image", "docker"]),
        ("nvcc", &["image", "docker"]),
    ];
    for (name, others) in forbidden {
        if !is_set_above(scope, name) {
            continue;
        }
        for it in others {
            if let Some(other) = in_a_group(scope, it) {
                let text = format!("`{name}` here and `{it}` in a group exclude each other; remove one of them");
                return collide(scope, name, other, text);
            }
        }
    }
}

fn collide(scope: &mut Scope<'_, '_, '_>, name: &str, other: NodeId, text: String) {
    let Some(slot) = scope.sound(name) else { return };
    let mut it = breach(EXCLUSIVE, text);
    it.related = Some((other, "in the group"));
    it.remedy = removing(&[slot]);
    scope.blame(slot, slot.key, it);
}

fn is_set_above(scope: &Scope<'_, '_, '_>, name: &str) -> bool {
    match name {
        "docker" | "privileged" | "nvcc" => scope.scalar(name).as_ref().and_then(truth) == Some(true),
        _ => scope.sound(name).is_some(),
    }
}

/// Where the first group has the field that has it.
fn in_a_group(scope: &Scope<'_, '_, '_>, name: &str) -> Option<NodeId> {
    groups(scope)?.1.iter().find_map(|group| Some(group.fields().get(name)?.place()))
}

/// A group: an item of the list of groups.
struct Group<'a> {
    tree: &'a Tree,
    /// Its mapping.
    place: Place,
    /// Its entries. Those that are not written in the list itself name the alias by which they are there.
    slots: Vec<Slot<'a>>,
    /// The type of the mapping around the groups.
    around: TypeId,
}

impl Group<'_> {
    fn fields(&self) -> Fields<'_> {
        Fields { tree: self.tree, id: self.around, slots: &self.slots, unknown: &[], is_whole: true }
    }
}

/// So many groups are compared with each other.
const MOST: usize = 1000;

/// The entry that holds the groups, and the groups, if they are right by themselves.
fn groups<'a>(scope: &Scope<'_, '_, 'a>) -> Option<(Slot<'a>, Vec<Group<'a>>)> {
    let (tree, around) = (scope.tree(), scope.fields.id);
    let list = |name: &str| {
        let slot = scope.sound(name)?;
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
        let groups: Vec<Group<'a>> = tree.items(target).filter_map(group).take(MOST).collect();
        // A list of something else may be a range to pydantic 1: `[[min, 1], [max, 2]]`.
        (!groups.is_empty() || tree.items(target).next().is_none()).then_some((slot, groups))
    };
    list("groups").or_else(|| list("replicas"))
}
