//! The rules between fields that the catalogue states: `exclusive`, `any-of`, `requires`, `forbidden`, and validators by
//! name.

use schema::{Constraint, ConstraintKind};

use super::{
    misfit::{Breach, Conflict, Lack},
    scope::{Scope, own_keys},
    slots::Slot,
    validators,
};

/// Checks the constraints of a mapping whose fields have been bound.
pub(super) fn check(scope: &mut Scope<'_, '_>, constraints: &'static [Constraint]) {
    let release = scope.release;
    for constraint in constraints.iter().filter(|it| it.holds(release)) {
        let note = constraint.note.as_deref();
        match &constraint.kind {
            ConstraintKind::Exclusive(names) => exclusive(scope, names, note),
            ConstraintKind::AnyOf(names) => {
                if scope.fields.is_whole && !names.iter().any(|name| scope.fields.is_set(name)) {
                    scope.require_any(names);
                }
            }
            ConstraintKind::Requires(name, needs) => requires(scope, name, needs),
            ConstraintKind::Forbidden(name) => forbidden(scope, name, note),
            ConstraintKind::Custom(name) => validators::check(scope, name),
        }
    }
}

fn exclusive(scope: &mut Scope<'_, '_>, names: &[Box<str>], note: Option<&'static str>) {
    let fields = scope.fields;
    let is_set = |name: &&str| fields.is_set(name) && scope.accepts(name);
    let mut set: Vec<Slot<'_>> =
        names.iter().map(AsRef::as_ref).filter(is_set).filter_map(|name| fields.sound(name)).collect();
    set.sort_by_key(Slot::place);
    let Some((first, others)) = set.split_first() else { return };
    for slot in others {
        let id_of = |slot: &Slot<'_>| scope.field(slot.name?);
        let (Some(field), Some(with)) = (id_of(slot), id_of(first)) else { continue };
        let conflict =
            Breach::of(Conflict::Fields { field, with, note }).with(first.place()).removing(own_keys(&[*slot, *first]));
        scope.blame_key(slot, conflict);
    }
}

fn requires(scope: &mut Scope<'_, '_>, name: &str, needs: &str) {
    let fields = scope.fields;
    if !fields.is_whole || !fields.is_set(name) || fields.is_set(needs) || fields.is_misspelled(needs) {
        return;
    }
    if let (Some(slot), Some(field), Some(needs)) = (fields.sound(name), scope.field(name), scope.field(needs)) {
        scope.blame_key(&slot, Lack::Other { field, needs });
    }
}

fn forbidden(scope: &mut Scope<'_, '_>, name: &str, note: Option<&'static str>) {
    if let (Some(slot), Some(field)) = (scope.fields.sound(name), scope.field(name))
        && scope.accepts(name)
    {
        let conflict = Breach::of(Conflict::Forbidden { field, note }).removing(own_keys(&[slot]));
        scope.blame_key(&slot, conflict);
    }
}
