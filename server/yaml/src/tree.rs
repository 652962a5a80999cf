//! The tree of a text: one plain arena in preorder, with relative links, so that joining pieces is concatenation.
//!
//! Read it through the methods of [`Tree`]; the inside may change. In a mapping the children alternate key and value,
//! except for [`Kind::Broken`] nodes, which stand outside of that alternation: [`Tree::entries`] takes care of it.

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

/// Where the nodes of a piece of the text are in the tree: for `bind` only, which may keep what it found for a piece as
/// long as the same `Arc` turns up again.
///
/// The nodes are those of the piece, in order, `base` bytes further on. Three things depend on the pieces around it:
/// collections at its right edge may go on in the next piece; with `continues` its outermost collection is left out,
/// because its children continue one of an earlier piece; and an empty value at its very end is left out where the next
/// piece is that value.
#[derive(Clone, Debug)]
pub struct PieceSpan {
    /// Its first node.
    pub first: NodeId,
    /// One past its last node.
    pub end: NodeId,
    /// Offset of its text.
    pub base: u32,
    /// Its root is left out.
    pub continues: bool,
    /// The piece, the same `Arc` for as long as its text stays the same.
    pub piece: Arc<Piece>,
}

/// The tree of one version of a text, with the comments and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(crate) source: Arc<str>,
    pub(crate) nodes: Vec<Node>,
    /// Values that differ from what is written (quotes, folding, escapes), sorted by node.
    pub(crate) cooked: Vec<(NodeId, Arc<str>)>,
    /// Anchors and tags, sorted by node. For an alias, `anchor` is the name it refers to.
    pub(crate) properties: Vec<(NodeId, Properties)>,
    pub(crate) roots: Vec<NodeId>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) problems: Vec<SyntaxProblem>,
    pub(crate) pieces: Vec<PieceSpan>,
    /// Aliases with the nodes that they stand for, sorted by alias.
    pub(crate) aliases: Vec<(NodeId, NodeId)>,
    /// Nodes without a value, each covered by one of `problems`, and the aliases that lead to such nodes; sorted.
    pub(crate) refused: Vec<NodeId>,
    /// For each item of a sequence its index; computed on demand, so that paths into a long list do not count it each time.
    indices: OnceLock<Box<[u32]>>,
    /// How the text is written; computed on demand.
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

    /// The text that the tree was made from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The roots of the documents, in order. Usually one; none in an empty text.
    pub fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// The root of the first document.
    pub fn root(&self) -> Option<NodeId> {
        self.roots.first().copied()
    }

    /// How many nodes there are; ids are `0..len`, parents before their children.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All nodes, parents before their children.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// What is wrong with the YAML, sorted by place. Empty exactly where PyYAML's `safe_load` accepts the text.
    pub fn problems(&self) -> &[SyntaxProblem] {
        &self.problems
    }

    /// All comments in order.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// The pieces that the tree was joined from, for `bind` only.
    pub fn pieces(&self) -> &[PieceSpan] {
        &self.pieces
    }

    /// What the node is.
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    /// How the node is written.
    pub fn style(&self, id: NodeId) -> Style {
        self.node(id).style
    }

    /// Where the node is written, without its anchor and tag; a collection ends with its last child (or bracket).
    pub fn span(&self, id: NodeId) -> Span {
        let node = self.node(id);
        Span::new(node.start, node.end)
    }

    /// The text of the node as it is written.
    pub fn text(&self, id: NodeId) -> &str {
        self.source.get(self.span(id).range()).unwrap_or("")
    }

    /// The collection (or broken text) that holds the node.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        let up = self.node(id).up;
        (up > 0).then(|| NodeId(id.0 - up))
    }

    /// The node and all above it, from the inside out.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(id), |it| self.parent(*it))
    }

    /// The children, broken ones included. For mappings prefer [`Tree::entries`].
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = id.0 + self.node(id).len;
        let mut next = id.0 + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(NodeId(next))?;
            next += self.node(child).len;
            Some(child)
        })
    }

    /// The node after the whole subtree of `id`, whatever it belongs to: the subtree is `id..subtree_end(id)`.
    pub fn subtree_end(&self, id: NodeId) -> NodeId {
        NodeId(id.0 + self.node(id).len)
    }

    /// The entries of a mapping; nothing for other nodes.
    pub fn entries(&self, id: NodeId) -> impl Iterator<Item = Entry> + '_ {
        let mapping = self.kind(id) == Kind::Mapping;
        let mut sound = self.children(id).filter(move |it| mapping && self.kind(*it) != Kind::Broken);
        std::iter::from_fn(move || Some(Entry { key: sound.next()?, value: sound.next()? }))
    }

    /// The items of a sequence; nothing for other nodes.
    pub fn items(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let sequence = self.kind(id) == Kind::Sequence;
        self.children(id).filter(move |it| sequence && self.kind(*it) != Kind::Broken)
    }

    /// The value of the entry with this key, the last one if there are several, as PyYAML has it. Merge keys are not followed.
    pub fn get(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        self.entry(mapping, key).map(|entry| entry.value)
    }

    /// The entry with this key, the last one if there are several.
    pub fn entry(&self, mapping: NodeId, key: &str) -> Option<Entry> {
        self.entries(mapping)
            .inspect(|_| work::add(1))
            .filter(|entry| self.kind(entry.key) == Kind::Scalar && self.value(entry.key) == key)
            .last()
    }

    /// The entry that the node is key or value of.
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

    /// The child of `parent` before another child, or before the end of its subtree, without a walk over all of them.
    pub(crate) fn child_before(&self, parent: NodeId, next: NodeId) -> Option<NodeId> {
        let before = NodeId(next.0.checked_sub(1)?);
        self.ancestors(before).take_while(|it| *it != parent).last().filter(|it| it.0 > parent.0)
    }

    /// The text that a scalar stands for: quotes, escapes and folding undone. Empty for other nodes.
    pub fn value(&self, id: NodeId) -> &str {
        match self.kind(id) {
            // Without quotes and line breaks it stands for itself; this is the bulk of all scalars.
            Kind::Scalar
                if self.style(id) == Style::Plain && self.text(id).bytes().all(|it| (b' '..0x7f).contains(&it)) =>
            {
                self.text(id)
            }
            Kind::Scalar => match self.cooked.binary_search_by_key(&id, |it| it.0) {
                Ok(found) => &self.cooked[found].1,
                Err(_) => self.text(id),
            },
            _ => "",
        }
    }

    /// What PyYAML makes of a scalar; `None` for other nodes.
    pub fn scalar(&self, id: NodeId) -> Option<Scalar<'_>> {
        if self.kind(id) != Kind::Scalar {
            return None;
        }
        let tag = self.properties(id).and_then(|it| it.tag.as_deref());
        Some(resolve::scalar(self.value(id), self.style(id), tag))
    }

    /// Whether PyYAML reads the node, as a key, as a merge: `<<` without quotes.
    pub fn is_merge_key(&self, id: NodeId) -> bool {
        let tag = self.properties(id).and_then(|it| it.tag.as_deref());
        self.kind(id) == Kind::Scalar && resolve::key(self.value(id), self.style(id), tag) == Scalar::Merge
    }

    /// Anchor and tag of the node. For an alias, `anchor` is the name it refers to.
    pub fn properties(&self, id: NodeId) -> Option<&Properties> {
        let found = self.properties.binary_search_by_key(&id, |it| it.0).ok()?;
        Some(&self.properties[found].1)
    }

    /// The node that an alias stands for, or the node itself. `None` for an alias without an anchor before it.
    pub fn target(&self, id: NodeId) -> Option<NodeId> {
        if self.kind(id) != Kind::Alias {
            return Some(id);
        }
        let found = self.aliases.binary_search_by_key(&id, |it| it.0).ok()?;
        Some(self.aliases[found].1)
    }

    /// Whether PyYAML makes no value of the node itself, for a reason that [`Tree::problems`] holds: broken text, an unknown
    /// tag, an alias without an anchor. What the node would be to dstack is then anybody's guess.
    pub fn is_refused(&self, id: NodeId) -> bool {
        match self.kind(id) {
            Kind::Alias => self.target(id).is_none_or(|it| self.refused.binary_search(&it).is_ok()),
            _ => self.refused.binary_search(&id).is_ok(),
        }
    }

    /// Whether the node, one below it, or one that an alias among these leads to, is refused: see [`Tree::is_refused`].
    pub fn holds_refused(&self, id: NodeId) -> bool {
        let from = self.refused.partition_point(|it| *it < id);
        self.refused.get(from).is_some_and(|it| *it < self.subtree_end(id))
    }

    /// The innermost node that `offset` is in or touches; where two touch, the one that starts there.
    pub fn node_at(&self, offset: u32) -> Option<NodeId> {
        let after = self.nodes.partition_point(|node| node.start <= offset);
        let last = NodeId(after.checked_sub(1)? as u32);
        self.ancestors(last).find(|id| self.span(*id).touches(offset))
    }

    /// The keys and indices from the root to the node. A key has the path of its entry.
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
