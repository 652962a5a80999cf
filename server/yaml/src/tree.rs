//! The tree of a text: an arena in preorder with relative links, so that joining pieces is concatenation.
//!
//! Access it through the methods of [`Tree`]; its representation may change. The children of a mapping alternate between
//! keys and values, except for [`Kind::Broken`] nodes, which may be anywhere among them: [`Tree::entries`] handles these.

use std::sync::{Arc, OnceLock};

use crate::{
    lines::Habits,
    node::{Comment, Entry, Kind, Node, NodeId, Properties, Style},
    path::{Path, Step},
    piece::Piece,
    problem::SyntaxProblem,
    resolve::{self, Scalar},
    span::Span,
    work,
};

/// The nodes of a piece of the text in the tree, for results that are kept for a piece as long as the same `Arc` is in the
/// tree.
///
/// The nodes are those of the piece, in order, shifted by `base` bytes. Three things depend on the pieces around it:
/// collections at its right edge may continue in the next piece; with `continues` its outermost collection is left out,
/// because its children continue one of an earlier piece; and an empty value at its very end is left out if the next piece
/// is that value.
#[derive(Clone, Debug)]
pub struct PieceSpan {
    /// Its first node.
    pub first: NodeId,
    /// One past its last node.
    pub end: NodeId,
    /// Offset of its text.
    pub base: u32,
    /// Whether its root is left out.
    pub continues: bool,
    /// The piece; the same `Arc` as long as its text is unchanged.
    pub piece: Arc<Piece>,
}

/// The tree of one version of a text, with its comments and problems.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(crate) source: Arc<str>,
    pub(crate) nodes: Vec<Node>,
    /// Values that differ from the text (quotes, folding, escapes), sorted by node.
    pub(crate) cooked: Vec<(NodeId, Arc<str>)>,
    /// Anchors and tags, sorted by node. For an alias, `anchor` is the name it refers to.
    pub(crate) properties: Vec<(NodeId, Properties)>,
    pub(crate) roots: Vec<NodeId>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) problems: Vec<SyntaxProblem>,
    pub(crate) pieces: Vec<PieceSpan>,
    /// Aliases with their targets, sorted by alias.
    pub(crate) aliases: Vec<(NodeId, NodeId)>,
    /// Nodes without a value, each covered by one of `problems`, and aliases to such nodes; sorted.
    pub(crate) refused: Vec<NodeId>,
    /// The index of each item of a sequence; computed on demand, so that paths into a long list do not count its items each
    /// time.
    indices: OnceLock<Box<[u32]>>,
    /// The style of the text; computed on demand.
    pub(crate) habits: OnceLock<Habits>,
}

impl Tree {
    pub(crate) fn empty(source: Arc<str>) -> Tree {
        Tree {
            source,
            nodes: vec![],
            cooked: vec![],
            properties: vec![],
            roots: vec![],
            comments: vec![],
            problems: vec![],
            pieces: vec![],
            aliases: vec![],
            refused: vec![],
            indices: OnceLock::new(),
            habits: OnceLock::new(),
        }
    }

    /// Returns the text of the tree.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns the roots of the documents, in order. Usually one; none in an empty text.
    pub fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// Returns the root of the first document.
    pub fn root(&self) -> Option<NodeId> {
        self.roots.first().copied()
    }

    /// Returns the number of nodes; ids are `0..len`, parents before their children.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Iterates over all nodes, parents before their children.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// Returns the problems of the YAML, sorted by offset. Empty exactly if PyYAML's `safe_load` accepts the text.
    pub fn problems(&self) -> &[SyntaxProblem] {
        &self.problems
    }

    /// Returns all comments in order.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// Returns the pieces that the tree was joined from.
    pub fn pieces(&self) -> &[PieceSpan] {
        &self.pieces
    }

    /// Returns the kind of a node.
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    /// Returns the style of a node.
    pub fn style(&self, id: NodeId) -> Style {
        self.node(id).style
    }

    /// Returns the span of a node, without its anchor and tag. A collection ends with its last child or bracket.
    pub fn span(&self, id: NodeId) -> Span {
        let node = self.node(id);
        Span::new(node.start, node.end)
    }

    /// Returns the text of a node as it is written.
    pub fn text(&self, id: NodeId) -> &str {
        self.source.get(self.span(id).range()).unwrap_or("")
    }

    /// Returns the collection or broken text that contains a node.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        let up = self.node(id).up;
        (up > 0).then(|| NodeId(id.0 - up))
    }

    /// Iterates over a node and its ancestors, from the inside out.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(id), |it| self.parent(*it))
    }

    /// Iterates over the children, including broken ones. For mappings prefer [`Tree::entries`].
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = id.0 + self.node(id).len;
        let mut next = id.0 + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(NodeId(next))?;
            next += self.node(child).len;
            Some(child)
        })
    }

    /// Returns the node after the subtree of `id`, whatever its parent: the subtree is `id..subtree_end(id)`.
    pub fn subtree_end(&self, id: NodeId) -> NodeId {
        NodeId(id.0 + self.node(id).len)
    }

    /// Iterates over the entries of a mapping; empty for other nodes.
    pub fn entries(&self, id: NodeId) -> impl Iterator<Item = Entry> + '_ {
        let mapping = self.kind(id) == Kind::Mapping;
        let mut sound = self.children(id).filter(move |it| mapping && self.kind(*it) != Kind::Broken);
        std::iter::from_fn(move || Some(Entry { key: sound.next()?, value: sound.next()? }))
    }

    /// Iterates over the items of a sequence; empty for other nodes.
    pub fn items(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let sequence = self.kind(id) == Kind::Sequence;
        self.children(id).filter(move |it| sequence && self.kind(*it) != Kind::Broken)
    }

    /// Returns the value of the entry with this key; of several the last one, as PyYAML does. Merge keys are not followed.
    pub fn get(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        self.entry(mapping, key).map(|entry| entry.value)
    }

    /// Returns the entry with this key, the last one if there are several.
    pub fn entry(&self, mapping: NodeId, key: &str) -> Option<Entry> {
        self.entries(mapping)
            .inspect(|_| work::add(1))
            .filter(|entry| self.kind(entry.key) == Kind::Scalar && self.value(entry.key) == key)
            .last()
    }

    /// Returns the entry whose key or value a node is.
    pub fn entry_of(&self, id: NodeId) -> Option<Entry> {
        let mapping = self.parent(id).filter(|it| self.kind(*it) == Kind::Mapping && self.kind(id) != Kind::Broken)?;
        let is_sound = |it: &NodeId| self.kind(*it) != Kind::Broken;
        if self.node(id).is_key {
            let end = self.subtree_end(mapping);
            let after = std::iter::successors(Some(self.subtree_end(id)), |it| Some(self.subtree_end(*it)));
            let value = after.take_while(|it| *it < end).find(is_sound)?;
            return Some(Entry { key: id, value });
        }
        let mut before = std::iter::successors(self.child_before(mapping, id), |it| self.child_before(mapping, *it));
        let key = before.find(is_sound)?;
        Some(Entry { key, value: id })
    }

    /// Returns the child of `parent` before another child, or before the end of its subtree, without visiting all of them.
    pub(crate) fn child_before(&self, parent: NodeId, next: NodeId) -> Option<NodeId> {
        let before = NodeId(next.0.checked_sub(1)?);
        self.ancestors(before).take_while(|it| *it != parent).last().filter(|it| it.0 > parent.0)
    }

    /// Returns the value of a scalar: without quotes, escapes and folding. Empty for other nodes.
    pub fn value(&self, id: NodeId) -> &str {
        let node = self.node(id);
        match node.kind {
            Kind::Scalar if node.is_cooked => {
                let found = self.cooked.binary_search_by_key(&id, |it| it.0);
                found.map_or("", |it| &self.cooked[it].1)
            }
            Kind::Scalar => self.text(id),
            _ => "",
        }
    }

    /// Returns the Python value of a scalar; `None` for other nodes.
    pub fn scalar(&self, id: NodeId) -> Option<Scalar<'_>> {
        if self.kind(id) != Kind::Scalar {
            return None;
        }
        let tag = self.properties(id).and_then(|it| it.tag.as_deref());
        Some(resolve::scalar(self.value(id), self.style(id), tag))
    }

    /// Whether a key is a merge key to PyYAML: `<<` without quotes.
    pub fn is_merge_key(&self, id: NodeId) -> bool {
        let tag = self.properties(id).and_then(|it| it.tag.as_deref());
        self.kind(id) == Kind::Scalar && resolve::key(self.value(id), self.style(id), tag) == Scalar::Merge
    }

    /// Returns the anchor and tag of a node. For an alias, `anchor` is the name it refers to.
    pub fn properties(&self, id: NodeId) -> Option<&Properties> {
        let found = self.properties.binary_search_by_key(&id, |it| it.0).ok()?;
        Some(&self.properties[found].1)
    }

    /// Returns the target of an alias, or the node itself. `None` for an alias without an anchor before it.
    pub fn target(&self, id: NodeId) -> Option<NodeId> {
        if self.kind(id) != Kind::Alias {
            return Some(id);
        }
        let found = self.aliases.binary_search_by_key(&id, |it| it.0).ok()?;
        Some(self.aliases[found].1)
    }

    /// Whether PyYAML constructs no value from the node itself, for a reason in [`Tree::problems`]: broken text, an unknown
    /// tag, an alias without an anchor. Its meaning to dstack is then unknown.
    pub fn is_refused(&self, id: NodeId) -> bool {
        match self.kind(id) {
            Kind::Alias => self.target(id).is_none_or(|it| self.refused.binary_search(&it).is_ok()),
            _ => self.refused.binary_search(&id).is_ok(),
        }
    }

    /// Whether a node, one of its descendants, or the target of an alias among them is refused: see [`Tree::is_refused`].
    pub fn holds_refused(&self, id: NodeId) -> bool {
        let from = self.refused.partition_point(|it| *it < id);
        self.refused.get(from).is_some_and(|it| *it < self.subtree_end(id))
    }

    /// Returns the innermost node that contains or touches `offset`; of two that touch it, the one that starts there.
    pub fn node_at(&self, offset: u32) -> Option<NodeId> {
        let after = self.nodes.partition_point(|node| node.start <= offset);
        let last = NodeId(after.checked_sub(1)? as u32);
        self.ancestors(last).find(|id| self.span(*id).touches(offset))
    }

    /// Returns the keys and indices from the root to a node. A key has the path of its entry.
    pub fn path(&self, id: NodeId) -> Path {
        let mut path: Vec<Step> = vec![];
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            match self.kind(parent) {
                Kind::Mapping => path.extend(self.entry_of(at).map(|it| Step::Key(self.value(it.key).into()))),
                Kind::Sequence if self.kind(at) != Kind::Broken => {
                    path.push(Step::Index(self.indices()[at.0 as usize]))
                }
                _ => {}
            }
            at = parent;
        }
        path.reverse();
        Path(path)
    }

    fn indices(&self) -> &[u32] {
        self.indices.get_or_init(|| {
            let mut indices = vec![0; self.len()];
            for (index, item) in self.ids().flat_map(|it| self.items(it).enumerate()) {
                indices[item.0 as usize] = index as u32;
            }
            indices.into()
        })
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}
