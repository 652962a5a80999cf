//! The parts that a piece of text was read in.

use std::{ops::Range, sync::Arc};

use crate::{
    piece::Piece,
    problem::{Refusal, SyntaxProblem},
};

/// What became of a piece.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// One, or several where it was rejected and cut finer.
    pub(crate) parts: Vec<Part>,
    /// Verdicts on more than one part, from the inside out.
    pub(crate) refused: Vec<Refused>,
    /// The verdict on the piece as it stands.
    pub(crate) refusal: Option<Refusal>,
}

/// A piece at its place in a group.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) offset: u32,
    pub(crate) indent: u32,
    pub(crate) piece: Arc<Piece>,
}

/// Parts that do not parse together. If none of them has a problem of its own, this one counts.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) parts: Range<usize>,
    pub(crate) problem: SyntaxProblem,
    /// They are lines of one entry, which gets one problem.
    pub(crate) one_entry: bool,
}
