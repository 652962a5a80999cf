//! How much of a hostile document is looked at. An ordinary file comes near none of these limits, and each of them takes what
//! comes first in the document.

/// Maximum number of nodes and entries that are looked at through aliases and merges; the rest of an alias bomb is accepted.
pub(crate) const MAX_ALIASED_NODES: usize = 100_000;

/// Maximum number of entries that are merged into one mapping.
pub(crate) const MAX_MERGED_ENTRIES: usize = 20_000;

/// Maximum depth of merges within merges.
pub(crate) const MAX_MERGE_DEPTH: u32 = 16;

/// Maximum depth of nested types; the catalogue comes nowhere near it.
pub(crate) const MAX_TYPE_DEPTH: u32 = 64;

/// Maximum number of misfits reached through aliases or merges, which can repeat one mistake any number of times.
pub(crate) const MAX_ALIASED_MISFITS: usize = 2_000;

/// Maximum number of items of a list that are compared with each other.
pub(crate) const MAX_COMPARED_ITEMS: usize = 1_000;

/// Maximum number of probes that are compared with each other.
pub(crate) const MAX_COMPARED_PROBES: usize = 200;

/// Maximum number of misfits that make dstack reject the file and are reported, except to `check --fix`.
pub(crate) const MAX_REJECTIONS: usize = 2_000;

/// Maximum number of other misfits that are reported, except to `check --fix`.
pub(crate) const MAX_ADVICE: usize = 1_000;

/// Maximum number of entries of a mapping that are searched for the one that chooses among variants: no mapping of dstack's
/// has more fields.
pub(crate) const MAX_FIELDS: usize = 60;

/// Maximum number of comments that a rule reports.
pub(crate) const MAX_COMMENTS: usize = 100;

/// Maximum number of comments that ignore a finding and are offered at once.
pub(crate) const MAX_IGNORES: usize = 5;
