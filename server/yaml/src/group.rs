//! The pieces that one cut of the text is parsed into.

use std::{ops::Range, sync::Arc};

use crate::{
    piece::Piece,
    problem::{Refusal, SyntaxProblem},
};

/// The result of parsing a piece.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// One part, or several if the piece was rejected and cut finer.
    pub(crate) parts: Vec<Part>,
    /// Refusals of several parts together, from the inside out.
    pub(crate) refused: Vec<Refused>,
    /// The refusal of the piece as a whole.
    pub(crate) refusal: Option<Refusal>,
}

/// A part of a group, at its offset.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) offset: u32,
    pub(crate) indent: u32,
    pub(crate) piece: Arc<Piece>,
}

/// Parts that do not parse together. The problem counts if none of them has a problem of its own.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) parts: Range<usize>,
    pub(crate) problem: SyntaxProblem,
    /// Whether they are lines of one entry, which gets one problem.
    pub(crate) one_entry: bool,
}
