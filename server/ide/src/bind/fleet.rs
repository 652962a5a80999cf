//! The rules between the fields of a fleet. They mirror the validators of dstack's `fleets.py`.

use schema::grammar::plain;
use yaml::Scalar;

use super::{
    Remedy,
    custom::{INVALID, Scope, breach},
    scalar::value,
};

/// `FleetNodesSpec._post_validate_ranges`: `min` is at most `target`, and that at most `max`. Left out, `min` is 0, and
/// `target` is the same as `min`.
pub(super) fn nodes(scope: &mut Scope<'_, '_, '_>) {
    let names = ["min", "target", "max"];
    if scope.is_any_wrong(&names) {
        return;
    }
    let slots = names.map(|name| scope.fields.get(name));
    let release = scope.release();
    let number = |scalar: Scalar<'_>| plain::as_integer(value(&scalar), release);
    let [min, target, max] = names.map(|name| scope.scalar(name).and_then(number));
    // Which of them is too small, what it is compared with, and what that is.
    let (guilty, other, bound) = match (min.unwrap_or(0), target, max) {
        (least, Some(target), _) if target < least => (1, 0, least),
        (least, _, Some(max)) if max < least => (2, 0, least),
        (_, Some(target), Some(max)) if max < target => (2, 1, target),
        _ => return,
    };
    let Some(slot) = slots[guilty] else { return };
    let name = names[guilty];
    let mut it = match slots[other] {
        Some(other_slot) => {
            let text = format!("`{name}` is less than `{}`; write {bound} or more", names[other]);
            let mut it = breach(INVALID, text);
            it.related = Some((other_slot.value_place(), "compared with this"));
            it
        }
        None => breach(INVALID, format!("`{name}` is negative; write 0 or more")),
    };
    it.remedy = Remedy::Replace(slot.value, bound.to_string());
    scope.blame(slot, slot.value, it);
}
