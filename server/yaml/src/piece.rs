//! The nodes of a piece: of a text that is parsed on its own.

use std::sync::Arc;

use crate::{
    node::{Comment, Node, Properties, Style},
    outline::Outline,
    problem::SyntaxProblem,
};

/// The nodes of a piece of text, with offsets and ids relative to it. They depend only on the text of the piece, so results
/// that are computed from them remain valid for as long as the same `Arc` is in [`crate::Tree::pieces`].
#[derive(Debug, Default)]
pub struct Piece {
    pub(crate) nodes: Vec<Node>,
    /// Values that differ from the text.
    pub(crate) cooked: Vec<(u32, Arc<str>)>,
    pub(crate) properties: Vec<(u32, Properties)>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) suspects: Vec<Suspect>,
    /// Roots, with the starts of their documents.
    pub(crate) roots: Vec<(u32, u32)>,
    pub(crate) problems: Vec<SyntaxProblem>,
    /// Maximum depth of nested collections.
    pub(crate) depth: u32,
    /// Whether the strict parser rejects the piece; the nodes are those that could be recovered.
    pub(crate) broken: bool,
    /// The collections that a broken piece opens.
    pub(crate) outline: Option<Outline>,
}

/// A node that PyYAML may reject although the syntax is right: see [`crate::compose`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suspect {
    pub(crate) node: u32,
    pub(crate) is_key: bool,
}

impl Piece {
    /// Sets the value of a scalar that differs from its text.
    pub(crate) fn cook(&mut self, id: u32, value: Arc<str>) {
        self.nodes[id as usize].is_cooked = true;
        self.cooked.push((id, value));
    }

    /// Whether the node is a block collection.
    pub(crate) fn is_block(&self, id: u32) -> bool {
        self.nodes[id as usize].style == Style::Block
    }
}
