//! What a broken entry shows of its structure.

/// What the first line of a broken entry opens, so that the lines behind it find their place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    /// Columns of the dashes it begins with.
    pub(crate) items: Vec<u32>,
    /// Column of the text behind them.
    pub(crate) column: u32,
    /// Whether that begins with `key:`.
    pub(crate) key: bool,
}
