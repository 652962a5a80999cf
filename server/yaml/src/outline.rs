//! The visible structure of a broken entry.

/// The collections that the first line of a broken entry opens, so that the lines after it find their parent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    /// Columns of the dashes at its start.
    pub(crate) items: Vec<u32>,
    /// Column of the text after the dashes.
    pub(crate) column: u32,
    /// Whether that text starts with `key:`.
    pub(crate) key: bool,
}
