//! The validators of a fleet. They mirror those of `fleets.py`.

use schema::grammar::plain;
use yaml::Scalar;

use super::super::{
    misfit::{Breach, Mismatch},
    scalar::value,
    scope::Scope,
};

/// `FleetNodesSpec._post_validate_ranges`: `min` ≤ `target` ≤ `max`. Left out, `min` is 0, and `target` equals `min`.
pub(super) fn nodes(scope: &mut Scope<'_, '_>) {
    let names = ["min", "target", "max"];
    let fields = scope.fields;
    if fields.is_any_unsound(&names) {
        return;
    }
    let slots = names.map(|name| fields.get(name));
    let release = scope.release;
    let number = |scalar: Scalar<'_>| plain::as_integer(value(&scalar), release);
    let [min, target, max] = names.map(|name| fields.sound_scalar(name).and_then(number));
    // The field that is too small, the one that it is compared with, and the value of that.
    let (small, large, least) = match (min.unwrap_or(0), target, max) {
        (least, Some(target), _) if target < least => (1, 0, least),
        (least, _, Some(max)) if max < least => (2, 0, least),
        (_, Some(target), Some(max)) if max < target => (2, 1, target),
        _ => return,
    };
    let Some(slot) = slots[small] else { return };
    let than = slots[large].map(|_| names[large]);
    let mismatch = Breach::of(Mismatch::FleetNodes { field: names[small], than, least });
    scope.blame(slot, slot.value, mismatch.with(slots[large].map(|it| it.value_place())));
}
