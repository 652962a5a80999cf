//! The rules between the fields of one mapping. A field that is wrong by itself takes part in none of them, so that one
//! mistake is told once.

use schema::{ConstraintKind, FieldId, Mapping, TypeId};
use yaml::{Kind, NodeId, Scalar, Tree};

use super::{MisfitKind, Slot, custom, slots::live, walk::Place, walk::Walk};

/// Check the constraints of a mapping whose fields have been checked.
pub(super) fn check(walk: &mut Walk<'_>, place: Place, mapping: &'static Mapping, fields: &Fields<'_>) {
    let id = fields.id;
    for constraint in &mapping.constraints {
        if !constraint.holds(walk.release) {
            continue;
        }
        match &constraint.kind {
            ConstraintKind::Exclusive(names) => exclusive(walk, place, fields, names, constraint.note.as_deref()),
            ConstraintKind::AnyOf(names) => {
                if fields.is_whole && !names.iter().any(|name| fields.is_set(name)) {
                    none_of(walk, place, fields, names);
                }
            }
            ConstraintKind::Requires(name, needs) => {
                if !fields.is_whole {
                    continue;
                }
                let Some(slot) = fields.get(name).filter(|_| fields.is_set(name)) else { continue };
                if fields.is_set(needs) || fields.is_meant(needs) {
                    continue;
                }
                let ids = (walk.catalogue.field(id, name), walk.catalogue.field(id, needs));
                if let (Some((field, _)), Some((needs, _))) = ids
                    && walk.is_fine(slot.value)
                {
                    let key = place.key(walk.tree, &slot);
                    walk.blame(key, MisfitKind::Needs { field, needs });
                }
            }
            ConstraintKind::Forbidden(name) => {
                let ids = walk.catalogue.field(id, name);
                if let (Some(slot), Some((field, _))) = (fields.get(name), ids)
                    && walk.is_fine(slot.value)
                    && walk.accepts(id, name)
                {
                    let key = place.key(walk.tree, &slot);
                    walk.blame(key, MisfitKind::Forbidden { field, note: constraint.note.as_deref() });
                }
            }
            ConstraintKind::Custom(name) => custom::check(walk, place, fields, name),
        }
    }
}

/// The fields of one mapping, as PyYAML and dstack see them.
pub(super) struct Fields<'a> {
    pub(super) tree: &'a Tree,
    /// The type of the mapping.
    pub(super) id: TypeId,
    pub(super) slots: &'a [Slot<'a>],
    /// The keys that name none of its fields.
    pub(super) unknown: &'a [&'a str],
    /// Whether these are all: nothing in the mapping is broken, so that what is not here is missing.
    pub(super) is_whole: bool,
}

impl<'a> Fields<'a> {
    /// The entry of a field, if it is there and not null.
    pub(super) fn get(&self, name: &str) -> Option<Slot<'a>> {
        let slot = live(self.slots, name)?;
        (self.scalar(slot.value) != Some(Scalar::Null)).then_some(*slot)
    }

    /// Whether a key that names no field was plainly meant to be this one.
    fn is_meant(&self, name: &str) -> bool {
        self.unknown.iter().any(|it| crate::words::similar(it, name))
    }

    /// The value of a field, behind aliases.
    pub(super) fn value(&self, name: &str) -> Option<NodeId> {
        self.tree.target(self.get(name)?.value)
    }

    /// What PyYAML makes of a scalar, behind aliases.
    pub(super) fn scalar(&self, node: NodeId) -> Option<Scalar<'a>> {
        self.tree.scalar(self.tree.target(node)?)
    }

    /// Whether a field is there with more than an empty text, list or mapping. (`false` is something where a number or,
    /// with pydantic 1, a text is wanted; rules about booleans are custom.)
    pub(super) fn is_set(&self, name: &str) -> bool {
        let Some(slot) = self.get(name) else { return false };
        let Some(value) = self.tree.target(slot.value).filter(|it| !self.tree.is_refused(*it)) else { return true };
        match self.tree.kind(value) {
            Kind::Mapping | Kind::Sequence => self.tree.children(value).next().is_some(),
            Kind::Scalar => !matches!(self.tree.scalar(value), Some(Scalar::Str(""))),
            Kind::Alias | Kind::Broken => true,
        }
    }
}

/// The mapping needs one of these fields and has none. One that is only mistyped, or wrong by itself, is told as that.
pub(super) fn none_of(walk: &mut Walk<'_>, place: Place, fields: &Fields<'_>, names: &[impl AsRef<str>]) {
    let names = || names.iter().map(AsRef::as_ref);
    let is_wrong = |name| live(fields.slots, name).is_some_and(|it| !walk.is_fine(it.value));
    if names().any(|name| fields.is_meant(name) || is_wrong(name)) {
        return;
    }
    let known = names().filter(|name| walk.accepts(fields.id, name));
    let ids: Vec<FieldId> = known.filter_map(|name| Some(walk.catalogue.field(fields.id, name)?.0)).collect();
    if !ids.is_empty() {
        walk.blame(place, MisfitKind::NoneOf(ids));
    }
}

fn exclusive(walk: &mut Walk<'_>, place: Place, fields: &Fields<'_>, names: &[Box<str>], note: Option<&'static str>) {
    let mut set: Vec<Slot<'_>> = names
        .iter()
        .filter(|name| fields.is_set(name) && walk.accepts(fields.id, name))
        .filter_map(|name| fields.get(name))
        .filter(|slot| walk.is_fine(slot.value))
        .collect();
    set.sort_by_key(Slot::place);
    let Some((first, others)) = set.split_first() else { return };
    for slot in others {
        let id_of = |slot: &Slot<'_>| Some(walk.catalogue.field(fields.id, slot.name?)?.0);
        if let (Some(field), Some(with)) = (id_of(slot), id_of(first)) {
            walk.blame(place.key(walk.tree, slot), MisfitKind::Together { field, with, other: first.place(), note });
        }
    }
}
