//! Limits that bound the cost of a hostile document. An ordinary file comes near none of them. Where a limit is reached, the
//! parts that come first in the document are kept.

/// Maximum size in bytes of a file whose kind is detected from its content; a dstack file has a few kilobytes.
pub const MAX_DETECTED_BYTES: usize = 1 << 20;

/// Maximum number of bytes at the start of a file that are parsed to detect its kind.
pub(crate) const MAX_DETECTED_HEAD: usize = 64 << 10;

/// Maximum number of nodes and entries that are checked through aliases and merges; the rest of an alias bomb is accepted.
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

/// Maximum number of entries of a mapping that are searched for the field that selects a variant; no mapping of dstack has
/// more fields.
pub(crate) const MAX_FIELDS: usize = 60;

/// Maximum number of comments that a rule reports.
pub(crate) const MAX_COMMENTS: usize = 100;

/// Maximum number of actions offered at once that ignore a finding.
pub(crate) const MAX_IGNORES: usize = 5;

/// Maximum number of items of a list that completion compares with a suggestion, to leave out the ones that are present.
pub(crate) const MAX_LISTED_ITEMS: usize = 100;

/// Maximum number of bytes of a name that is compared with similar ones; a longer name is not a misspelling.
pub(crate) const MAX_SIMILAR_BYTES: usize = 64;

/// Maximum depth of the outline; deeper entries are not listed.
pub(crate) const MAX_OUTLINE_DEPTH: usize = 40;

/// Maximum number of symbols, which bounds the outline to about 300 kB. In a file with more, the entries of upper levels take
/// precedence over those of lower levels, and earlier entries over later ones.
pub(crate) const MAX_SYMBOLS: usize = 1_250;

/// Maximum number of lines that are compared to find the edits between two texts; if more lie between the first and the last
/// difference, one edit replaces all of them.
pub(crate) const MAX_DIFFERENT_LINES: usize = 100_000;

/// Maximum number of edits between two texts; more differences than this become one edit.
pub(crate) const MAX_DIFFERENCES: usize = 2_000;

/// Maximum number of bytes of all secrets of a document that are cut into pieces; with more, every quoted string is hidden.
pub(crate) const MAX_SECRET_BYTES: usize = 256 << 10;

/// Maximum number of short secrets that a message is compared with; if its lines have more, every quoted string is hidden.
pub(crate) const MAX_SHORT_SECRETS: usize = 200;

/// Maximum number of keys within secrets that are compared with the names of fields, which takes microseconds for each.
pub(crate) const MAX_SECRET_KEYS: usize = 1_000;

/// Maximum number of bytes of a key that may name a secret.
pub(crate) const MAX_KEY_BYTES: usize = 100;
