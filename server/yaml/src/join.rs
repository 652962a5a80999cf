//! Joins the trees of pieces to one tree.
//!
//! The links between nodes are relative, so that joining is concatenation. What remains is to find the parent of a piece: the
//! collections at the right edge of the tree are still open, and a piece at the indentation of one continues it.
//!
//! ```yaml
//! env:          # this piece ends with an empty value …
//!   A: 1        # … which this one fills: it is indented deeper
//!   B: 2        # and this one continues
//!  C: 3         # a stray: it fits nowhere, and is kept below a `Broken` node
//! ```

mod misplaced;
mod prune;

use std::sync::Arc;

use crate::{
    cut::{Cut, NO_CONTENT},
    group::{Group, Part, Refused},
    node::{Kind, MAX_DEPTH, Node, NodeId, Style},
    outline::Outline,
    piece::{Piece, Suspect},
    problem::SyntaxProblem,
    span::Span,
    tree::{PieceSpan, Tree},
};
use prune::prune;

/// A joined tree, with the data for the checks of [`crate::compose`].
pub(crate) struct Joined {
    pub(crate) tree: Tree,
    pub(crate) suspects: Vec<Suspect>,
    /// The starts of the documents, one for each root.
    pub(crate) documents: Vec<u32>,
    /// The index of the first group that the strict parser rejects, or that does not fit.
    pub(crate) trouble: Option<usize>,
}

/// Returns the tree of a text, joined from its pieces.
pub(crate) fn join(source: Arc<str>, cuts: &[Cut], groups: &[Arc<Group>]) -> Joined {
    let parts = || groups.iter().flat_map(|group| group.parts.iter()).map(|part| &part.piece);
    let mut tree = Tree::empty(source);
    tree.nodes.reserve(parts().map(|piece| piece.nodes.len() + 1).sum());
    tree.pieces.reserve(parts().count());
    let joined = Joined { tree, suspects: vec![], documents: vec![], trouble: None };
    let mut join = Join { out: joined, open: vec![], end: 0, deepest: 0, document: 0, marker: None, rooted: false };
    for (i, (cut, group)) in cuts.iter().zip(groups).enumerate() {
        let next = cuts.get(i + 1).filter(|cut| !cut.marker).and_then(|_| groups[i + 1].parts.first());
        join.group(i, cut, group, next, cuts.len() == 1);
    }
    join.end_document();
    if join.deepest > MAX_DEPTH {
        prune(&mut join.out);
    }
    join.out
}

/// A collection, or broken text, that the next piece may continue.
#[derive(Clone, Copy)]
struct Open {
    node: u32,
    indent: u32,
    kind: Kind,
}

struct Join {
    out: Joined,
    open: Vec<Open>,
    /// The end of the last node.
    end: u32,
    /// An upper bound for the depth of nested collections.
    deepest: usize,
    document: u32,
    /// The end of the `---` that opened the document.
    marker: Option<Span>,
    /// Whether the document has its root.
    rooted: bool,
}

impl Join {
    fn group(&mut self, index: usize, cut: &Cut, group: &Group, next: Option<&Part>, alone: bool) {
        if cut.document != self.document {
            self.end_document();
            self.document = cut.document;
        }
        if cut.marker {
            self.marker = Some(Span::new(cut.start, cut.start + 3));
        }
        let mut problems: Vec<(usize, SyntaxProblem)> = vec![];
        let mut after_trouble = false;
        for (i, part) in group.parts.iter().enumerate() {
            let base = cut.start + part.offset;
            let following = group.parts.get(i + 1).or(next);
            let whole = alone && group.parts.len() == 1 && !part.piece.broken;
            let mut misplaced = None;
            let stray = match &part.piece.outline {
                _ if part.piece.nodes.is_empty() => {
                    self.append(&part.piece, base, None, false);
                    None
                }
                Some(outline) => {
                    misplaced = self.broken(part, outline, base, following);
                    None
                }
                None if whole => {
                    self.append(&part.piece, base, None, false);
                    None
                }
                None => self.sound(part, base),
            };
            problems.extend(part.piece.problems.iter().map(|it| {
                let mut problem = it.shifted(base);
                problem.message = misplaced.take().unwrap_or(problem.message);
                (i, problem)
            }));
            let trouble = part.piece.broken || stray.is_some();
            // A stray after a broken line is caused by that line.
            problems.extend(stray.filter(|_| !after_trouble).map(|it| (i, it)));
            after_trouble = trouble || after_trouble && part.piece.nodes.is_empty();
            if trouble {
                self.out.trouble.get_or_insert(index);
            }
        }
        for refused in &group.refused {
            add_verdict(refused, cut.start, &mut problems);
        }
        if group.refusal.is_some() {
            self.out.trouble.get_or_insert(index);
        }
        self.out.tree.problems.extend(problems.into_iter().map(|(_, problem)| problem));
    }

    /// Adds a block collection: it continues an open one, fills an empty value, or is a stray, whose problem is returned.
    fn sound(&mut self, part: &Part, base: u32) -> Option<SyntaxProblem> {
        let (indent, kind) = (part.indent, part.piece.nodes[0].kind);
        let left: Vec<u32> =
            self.open.iter().filter(|it| it.indent > indent && it.kind == kind).map(|it| it.indent).collect();
        let beside = self.open.iter().rev().find(|it| it.indent == indent && it.kind != Kind::Broken).map(|it| it.kind);
        self.settle(indent, kind);
        self.leave(|open| {
            open.indent == indent && (open.kind == Kind::Broken || open.kind == Kind::Sequence && kind == Kind::Mapping)
        });
        let Some(top) = self.open.last().copied() else {
            self.root(base);
            self.append(&part.piece, base, None, false);
            self.open_edge(&part.piece, false);
            return None;
        };
        let continues = top.indent == indent && top.kind == kind;
        let mut stray = None;
        let mut parent = top.node;
        if !continues && !self.take_empty_value(top, indent, kind) {
            stray = Some(self.stray(part, base, beside, &left));
            parent = self.push(Kind::Broken, Style::Plain, base + part.piece.nodes[0].start, indent);
        }
        self.append(&part.piece, base, Some(parent), continues);
        self.open_edge(&part.piece, continues);
        stray
    }

    /// Adds a broken entry, and opens the collections that its outline shows, so that the lines after it find their parent.
    /// Returns a better message for its problem if its position is the cause.
    fn broken(&mut self, part: &Part, outline: &Outline, base: u32, next: Option<&Part>) -> Option<String> {
        let indent = part.indent;
        let start = base + part.piece.nodes[0].start;
        let kind = if outline.items.is_empty() { Kind::Mapping } else { Kind::Sequence };
        let word = !outline.key && outline.items.is_empty();
        let next_kind = next.and_then(|next| match &next.piece.outline {
            Some(outline) if outline.items.is_empty() => outline.key.then_some(Kind::Mapping),
            Some(_) => Some(Kind::Sequence),
            None => next.piece.nodes.first().map(|it| it.kind),
        });
        let next = next.map(|it| it.indent).zip(next_kind);
        // A half-typed word among deeper lines, or above items, closes nothing.
        let amidst = word && next.is_some_and(|it| it.0 > indent);
        if !amidst {
            self.settle(indent, kind);
            self.leave(|open| open.indent == indent && open.kind == Kind::Broken);
            if kind == Kind::Mapping && !(word && next == Some((indent, Kind::Sequence))) {
                let beside = self.open.iter().any(|open| open.indent == indent && open.kind == Kind::Mapping);
                self.leave(|open| beside && open.indent == indent && open.kind == Kind::Sequence);
            }
        }
        let misplaced = if word && !amidst { self.misplaced(start, indent, next.map(|it| it.0)) } else { None };
        match self.open.last().copied() {
            None => {
                self.root(base);
                let (indent, kind) = next.filter(|it| word && it.0 == indent).unwrap_or((indent, kind));
                self.push(kind, Style::Block, start, if indent == NO_CONTENT { 0 } else { indent });
            }
            // The following lines are the value; the word is among them.
            Some(top) if word => {
                if let Some((indent, kind)) = next.filter(|it| it.0 >= indent)
                    && self.take_empty_value(top, indent, kind)
                {
                    self.push(kind, Style::Block, start, indent);
                }
            }
            Some(top) if top.indent == indent && top.kind == kind => {}
            Some(top) => {
                if !self.take_empty_value(top, indent, kind) {
                    self.push(Kind::Broken, Style::Plain, start, indent);
                }
                self.push(kind, Style::Block, start, indent);
            }
        }
        for column in outline.items.iter().skip(1) {
            self.push(Kind::Sequence, Style::Block, start, *column);
        }
        if outline.key && !outline.items.is_empty() {
            self.push(Kind::Mapping, Style::Block, start, outline.column);
        }
        let parent = self.open.last().map(|open| open.node);
        self.append(&part.piece, base, parent, false);
        misplaced
    }

    /// Closes the collections that are deeper than a line. If no open collection has the indentation of the line, the line
    /// continues the outermost deeper collection of its kind.
    fn settle(&mut self, indent: u32, kind: Kind) {
        let fits = |open: &Open| open.indent == indent && open.kind != Kind::Broken;
        let meant = self.open.iter().position(|open| open.indent > indent && open.kind == kind);
        match meant.filter(|_| !self.open.iter().any(fits)) {
            Some(meant) => {
                while self.open.len() > meant + 1 {
                    self.close();
                }
            }
            None => self.leave(|open| open.indent > indent),
        }
    }

    /// Closes the collections on top of the stack for which `done` holds; the root stays open.
    fn leave(&mut self, done: impl Fn(&Open) -> bool) {
        while self.open.len() > 1 && self.open.last().is_some_and(&done) {
            self.close();
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let len = self.out.tree.nodes.len() as u32 - open.node;
        let node = &mut self.out.tree.nodes[open.node as usize];
        (node.len, node.end) = (len, self.end.max(node.start));
    }

    /// Adds a child of the innermost open node, and opens it.
    fn push(&mut self, kind: Kind, style: Style, start: u32, indent: u32) -> u32 {
        let node = self.out.tree.nodes.len() as u32;
        let up = self.open.last().map_or(0, |open| node - open.node);
        self.out.tree.nodes.push(Node { up, column: indent, ..Node::new(kind, style, Span::at(start)) });
        self.open.push(Open { node, indent, kind });
        self.end = self.end.max(start);
        self.deepest = self.deepest.max(self.open.len());
        node
    }

    /// Removes the empty value at the end of `top` if a collection of this kind and indentation may replace it. Returns
    /// whether it did.
    fn take_empty_value(&mut self, top: Open, indent: u32, kind: Kind) -> bool {
        let tree = &mut self.out.tree;
        let last = tree.nodes.len() as u32 - 1;
        let node = tree.nodes[last as usize];
        let empty = node.kind == Kind::Scalar && node.style == Style::Plain && node.start == node.end;
        let plain = tree.properties.last().is_none_or(|it| it.0.0 != last);
        let deeper = top.indent < indent || top.indent == indent && top.kind == Kind::Mapping && kind == Kind::Sequence;
        let taken = empty && plain && deeper && node.up == last - top.node;
        if taken {
            tree.nodes.pop();
            if let Some(piece) = tree.pieces.last_mut() {
                piece.end.0 = piece.end.0.min(last);
            }
        }
        taken
    }

    fn root(&mut self, base: u32) {
        let node = NodeId(self.out.tree.nodes.len() as u32);
        self.out.tree.roots.push(node);
        self.out.documents.push(self.marker.map_or(base, |marker| marker.start));
        self.rooted = true;
    }

    fn end_document(&mut self) {
        while !self.open.is_empty() {
            self.close();
        }
        if let Some(marker) = self.marker.take()
            && !self.rooted
        {
            self.root(marker.start);
            let (kind, style, at) = (Kind::Scalar, Style::Plain, marker.end);
            self.out.tree.nodes.push(Node::new(kind, style, Span::at(at)));
        }
        self.rooted = false;
    }

    /// Appends the nodes of a piece, and the data that belongs to them, below `parent`; without the root of the piece if it
    /// `continues` the parent.
    fn append(&mut self, piece: &Arc<Piece>, base: u32, parent: Option<u32>, continues: bool) {
        let tree = &mut self.out.tree;
        let skip = u32::from(continues);
        let first = tree.nodes.len() as u32;
        let new = |id: u32| NodeId(first + id - skip);
        tree.nodes.extend(piece.nodes[skip as usize..].iter().map(|node| Node {
            start: node.start + base,
            end: node.end + base,
            ..*node
        }));
        match parent {
            // The children of the root that is left out.
            Some(parent) if continues => {
                let mut child = 1;
                while let Some(node) = piece.nodes.get(child as usize) {
                    let id = new(child).0;
                    tree.nodes[id as usize].up = id - parent;
                    child += node.len;
                }
            }
            Some(parent) => {
                if let Some(root) = tree.nodes.get_mut(first as usize) {
                    root.up = first - parent;
                }
            }
            None => {
                for (root, document) in piece.roots.iter().filter(|_| !self.rooted) {
                    tree.roots.push(new(*root));
                    self.out.documents.push(base + document);
                }
            }
        }
        tree.cooked.extend(piece.cooked.iter().map(|(id, value)| (new(*id), value.clone())));
        tree.properties.extend(piece.properties.iter().map(|(id, it)| (new(*id), it.clone())));
        tree.comments.extend(piece.comments.iter().map(|it| it.shifted(base)));
        self.out.suspects.extend(piece.suspects.iter().map(|it| Suspect { node: new(it.node).0, ..*it }));
        if let Some(root) = piece.nodes.first() {
            let end = NodeId(tree.nodes.len() as u32);
            tree.pieces.push(PieceSpan { first: NodeId(first), end, base, continues, piece: piece.clone() });
            self.end = self.end.max(root.end + base);
            self.deepest = self.deepest.max(self.open.len() + piece.depth as usize);
        }
    }

    /// Opens the block collections at the right edge of the piece that was appended last.
    fn open_edge(&mut self, piece: &Piece, continues: bool) {
        let first = self.out.tree.nodes.len() as u32 - piece.nodes.len() as u32;
        let mut id = 0;
        while let Some(node) = piece.nodes.get(id as usize) {
            if node.style != Style::Block || node.len < 2 {
                break;
            }
            if !(continues && id == 0) {
                self.open.push(Open { node: first + id, indent: node.column, kind: node.kind });
            }
            // Its last child, found upwards from its last node.
            let mut child = id + node.len - 1;
            while piece.nodes[child as usize].up != child - id {
                child -= piece.nodes[child as usize].up;
            }
            id = child;
        }
    }
}

/// Adds the problem of parts that do not parse together, unless one of them has a problem of its own. If they are lines of
/// one entry, only the first problem remains. Each of `problems` has the index of its part.
fn add_verdict(refused: &Refused, base: u32, problems: &mut Vec<(usize, SyntaxProblem)>) {
    let Some(first) = problems.iter().position(|(part, _)| refused.parts.contains(part)) else {
        return problems.push((refused.parts.start, refused.problem.shifted(base)));
    };
    if refused.one_entry {
        let others = problems.split_off(first + 1);
        problems.extend(others.into_iter().filter(|(part, _)| !refused.parts.contains(part)));
    }
}
