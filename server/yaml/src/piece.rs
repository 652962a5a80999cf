//! A piece of text that was parsed by itself: its nodes, and what goes with them.

use std::sync::Arc;

use crate::{
    node::{Comment, Node, Properties, Style},
    outline::Outline,
    problem::SyntaxProblem,
};

/// The nodes of a piece of text, with offsets and ids relative to it. It depends on nothing but the piece's own text, so
/// what is computed from it may be kept for as long as the same `Arc` turns up in [`crate::Tree::pieces`].
#[derive(Debug, Default)]
pub struct Piece {
    pub(crate) nodes: Vec<Node>,
    /// Values that differ from what is written.
    pub(crate) cooked: Vec<(u32, Arc<str>)>,
    pub(crate) properties: Vec<(u32, Properties)>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) suspects: Vec<Suspect>,
    /// Roots, with where their documents start.
    pub(crate) roots: Vec<(u32, u32)>,
    pub(crate) problems: Vec<SyntaxProblem>,
    /// Collections within collections, at most.
    pub(crate) depth: u32,
    /// The strict parser rejects it; the nodes are what could be read all the same.
    pub(crate) broken: bool,
    /// What a broken piece opens.
    pub(crate) outline: Option<Outline>,
}

/// A node that PyYAML may trip over though the syntax is right: see [`crate::compose`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suspect {
    pub(crate) node: u32,
    pub(crate) is_key: bool,
}

impl Piece {
    /// Whether the node is a collection by indentation.
    pub(crate) fn is_block(&self, id: u32) -> bool {
        self.nodes[id as usize].style == Style::Block
    }
}
