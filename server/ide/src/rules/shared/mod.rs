//! What several rules need: places, names of mappings, and the replacements of outdated fields.

pub(super) mod at;
pub(super) mod meant;
pub(super) mod naming;
pub(super) mod outdated;
pub(super) mod replacement;
