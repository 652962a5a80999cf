//! Edits of YAML. They keep comments, order, quotes and style, and leave valid YAML.
//!
//! A [`Rewrite`] collects changes to a tree, and then turns all changes of a collection into [`Edits`] together. So a caller
//! that removes two neighbors and inserts a third entry in their place need not handle commas, the `- ` before one of them, or
//! a mapping that becomes empty.
//!
//! ```
//! use yaml::{Text, write::Rewrite};
//!
//! let text = Text::new("termination_policy: destroy\ntermination_idle_time: 300 # seconds\nname: x\n");
//! let (_, tree) = yaml::parse(&text, None);
//! let root = tree.root().unwrap();
//! let [policy, time] = ["termination_policy", "termination_idle_time"].map(|key| tree.entry(root, key).unwrap());
//! let rewrite = Rewrite::new(&tree).remove(policy.key).rename(time.key, "idle_duration").set(time.value, "5m");
//! assert_eq!(rewrite.finish().unwrap().apply(text.as_str()), "idle_duration: 5m # seconds\nname: x\n");
//! ```
//!
//! Comments:
//! * A comment after an entry on its line is removed with the entry, and stays when the entry is replaced.
//!   [`Rewrite::remove_keeping_comments`] leaves it on a line of its own.
//! * Comments on lines of their own stay. Only those within a removed entry, or directly below its nested lines at the same
//!   indentation, are removed with it.
//! * A moved entry takes the comments directly above it along, unless it is the first of its mapping: these may describe the
//!   whole mapping.

mod block;
mod block_scalar;
pub mod comment;
mod flow;
mod ops;
mod out;
mod quote;
mod render;
mod rows;
mod set;
pub(crate) mod source;
mod value;

use std::collections::BTreeMap;

use crate::{
    Edit, Edits, Spelling,
    chars::{is_break, is_printable},
    node::{Kind, NodeId, Style},
    tree::Tree,
};
pub use ops::Place;
use ops::{Comments, New, RowOps};
use out::Out;
pub use quote::{Context, scalar, scalar_in_style};
use source::Source;
pub use value::Value;

/// Changes to a tree. Each method takes nodes of that tree; if a node does not have the role that the method requires,
/// [`Rewrite::finish`] returns `None`.
#[derive(Clone, Debug)]
pub struct Rewrite<'t> {
    source: Source<'t>,
    rows: BTreeMap<NodeId, RowOps>,
    ends: BTreeMap<NodeId, Vec<New>>,
    sets: BTreeMap<NodeId, Value>,
    /// Edits within a scalar, with the scalar.
    within: Vec<(NodeId, Edit)>,
    root: Vec<New>,
    written: Vec<(NodeId, String)>,
    impossible: bool,
}

impl<'t> Rewrite<'t> {
    /// Creates a rewrite without changes.
    pub fn new(tree: &'t Tree) -> Rewrite<'t> {
        Rewrite {
            source: Source::new(tree),
            rows: BTreeMap::new(),
            ends: BTreeMap::new(),
            sets: BTreeMap::new(),
            within: vec![],
            root: vec![],
            written: vec![],
            impossible: false,
        }
    }

    /// Removes an entry (given by its key or value) or an item, with its lines and the comment after it. A collection that
    /// becomes empty becomes `{}` or `[]`.
    pub fn remove(self, node: NodeId) -> Self {
        self.remove_row(node, Comments::Drop)
    }

    /// Removes as [`Rewrite::remove`] does, but leaves comments after and within the entry on lines of their own.
    pub fn remove_keeping_comments(self, node: NodeId) -> Self {
        self.remove_row(node, Comments::Keep)
    }

    fn remove_row(mut self, node: NodeId, comments: Comments) -> Self {
        if let Some(row) = self.row(node) {
            row.remove = Some(comments);
        }
        self
    }

    /// Renames the key of an entry. A quoted key keeps its quotes.
    pub fn rename(mut self, key: NodeId, name: &str) -> Self {
        let tree = self.source.tree;
        let is_key = tree.entry_of(key).is_some_and(|it| it.key == key) && tree.kind(key) == Kind::Scalar;
        if !is_key || tree.span(key).is_empty() || matches!(tree.style(key), Style::Literal | Style::Folded) {
            self.impossible = true;
            return self;
        }
        let text = scalar_in_style(name, self.source.context(key), tree.style(key));
        self.written.extend(tree.parent(key).map(|it| (it, name.to_string())));
        self.within.push((key, Edit { span: tree.span(key), text }));
        self
    }

    /// Replaces the value of an entry, an item, or the root of the document. The comment after it and its anchor stay; a
    /// tag is removed. A string keeps the quotes of the string that it replaces.
    pub fn set(mut self, node: NodeId, value: impl Into<Value>) -> Self {
        self.sets.insert(node, value.into());
        self
    }

    /// Replaces a part of a scalar: `range` is in bytes of its [`Tree::value`]. The rest stays as it is written if
    /// possible.
    pub fn set_part(mut self, node: NodeId, range: std::ops::Range<usize>, new: &str) -> Self {
        let tree = self.source.tree;
        let value = tree.value(node);
        let (Some(before), Some(after)) = (value.get(..range.start), value.get(range.end.max(range.start)..)) else {
            self.impossible = true;
            return self;
        };
        let whole = format!("{before}{new}{after}");
        let context = self.source.context(node);
        let text = match tree.style(node) {
            Style::SingleQuoted => scalar_in_style(new, context, Style::SingleQuoted),
            Style::DoubleQuoted => scalar_in_style(new, context, Style::DoubleQuoted),
            // Only within a line, so that the lines keep their indentation.
            Style::Literal if is_word(new) && value.get(range.clone()).is_some_and(|it| !it.contains(is_break)) => {
                new.to_string()
            }
            Style::Plain if quote::is_plain(&whole, context) => new.to_string(),
            _ => String::new(),
        };
        let style = tree.style(node);
        let quotes = matches!(style, Style::SingleQuoted | Style::DoubleQuoted);
        let fits = match quotes {
            true => text.starts_with(if style == Style::SingleQuoted { '\'' } else { '"' }),
            false => !text.is_empty() || new.is_empty() && !whole.trim().is_empty() && style != Style::Plain,
        };
        let inner = if quotes && fits { &text[1..text.len() - 1] } else { &text };
        match Spelling::of(tree, node).and_then(|it| it.source(range)) {
            Some(span) if fits && (style != Style::Literal || !span.is_empty()) => {
                self.within.push((node, Edit { span, text: inner.to_string() }))
            }
            _ => {
                self.sets.insert(node, Value::Str(whole));
            }
        }
        self
    }

    /// Inserts an entry.
    pub fn insert(mut self, place: Place, key: &str, value: impl Into<Value>) -> Self {
        self.note(place, key);
        self.add(place, New::Entry(key.to_string(), value.into()))
    }

    /// Inserts an item.
    pub fn insert_item(self, place: Place, value: impl Into<Value>) -> Self {
        self.add(place, New::Item(value.into()))
    }

    /// Moves an entry (given by its key or value) to another place, in this mapping or another.
    pub fn move_entry(mut self, node: NodeId, place: Place) -> Self {
        let Some(entry) = self.source.tree.entry_of(node) else {
            self.impossible = true;
            return self;
        };
        let tree = self.source.tree;
        let to_lines = match place {
            Place::Before(node) | Place::After(node) => self.source.context(node) == Context::Block,
            Place::End(node) => tree.style(node) != Style::Flow && self.source.context(node) == Context::Block,
            Place::Root => true,
        };
        self.note(place, tree.value(entry.key));
        if let Some(row) = self.row(entry.key) {
            row.remove = Some(if to_lines { Comments::Along } else { Comments::Drop });
        }
        self.add(place, New::Moved(entry.key))
    }

    /// Returns the keys that are added to mappings of the tree, each with its mapping (or the empty value that becomes
    /// one). Two rewrites that add the same key to a mapping exclude each other.
    pub fn keys_written(&self) -> &[(NodeId, String)] {
        &self.written
    }

    fn note(&mut self, place: Place, key: &str) {
        let tree = self.source.tree;
        let mapping = match place {
            Place::Before(node) | Place::After(node) => tree.parent(node),
            Place::End(node) => Some(node),
            Place::Root => tree.root(),
        };
        self.written.extend(mapping.map(|it| (it, key.to_string())));
    }

    fn add(mut self, place: Place, new: New) -> Self {
        match place {
            Place::Before(node) => {
                if let Some(row) = self.row(node) {
                    row.before.push(new);
                }
            }
            Place::After(node) => {
                if let Some(row) = self.row(node) {
                    row.after.push(new);
                }
            }
            Place::End(node) => self.ends.entry(node).or_default().push(new),
            Place::Root => match self.source.tree.root() {
                Some(root) => self.ends.entry(root).or_default().push(new),
                None => self.root.push(new),
            },
        }
        self
    }

    /// Returns the changes of the entry or item that `node` belongs to.
    fn row(&mut self, node: NodeId) -> Option<&mut RowOps> {
        let row = self.source.row_of(node);
        self.impossible |= row.is_none();
        Some(self.rows.entry(row?).or_default())
    }

    /// Returns all changes as edits. `None` if they cannot be made: a node does not have the required role, two changes
    /// conflict, the anchor of an alias would be removed, or the text there is broken.
    pub fn finish(mut self) -> Option<Edits> {
        if self.impossible || self.strands_an_alias() || self.contradicts_itself() {
            return None;
        }
        let tree = self.source.tree;
        let mut out = Out::default();
        for (node, edit) in &self.within {
            if !self.gone(*node) && !self.sets.contains_key(node) {
                out.edits.push(edit.clone());
            }
        }

        // New entries at the end follow the last entry, or become the value of an empty one.
        for (node, added) in std::mem::take(&mut self.ends) {
            if self.gone(node) {
                continue;
            }
            let last = match tree.kind(node) {
                Kind::Mapping | Kind::Sequence => self.source.last_child(node),
                Kind::Scalar if tree.value(node).is_empty() || self.source.is_null(node) => {
                    set::fill(&self.source, node, &added, &mut out)?;
                    continue;
                }
                _ => return None,
            };
            match last {
                Some(last) => {
                    let row = self.source.row_of(last).unwrap_or(last);
                    self.rows.entry(row).or_default().after.extend(added);
                }
                None => flow::fill(&self.source, node, &added, &mut out)?,
            }
        }
        for (node, value) in &self.sets {
            if !self.gone(*node) {
                set::set(&self.source, *node, value, &mut out)?;
            }
        }
        let mut collections: Vec<NodeId> = self.rows.keys().filter_map(|row| tree.parent(*row)).collect();
        // From the inside out, which is the order of text that is added at the end of both an inner and an outer
        // collection.
        collections.sort_by_key(|it| std::cmp::Reverse(*it));
        collections.dedup();
        for collection in collections {
            if self.gone(collection) || self.sets.contains_key(&collection) {
                continue;
            }
            match tree.style(collection) {
                Style::Flow => flow::rewrite(&self.source, collection, &self.rows, &mut out)?,
                _ => block::rewrite(&self.source, collection, &self.rows, &mut out)?,
            }
        }
        if !self.root.is_empty() {
            set::start(&self.source, &self.root, &mut out)?;
        }
        out.finish(&self.source)
    }

    /// Whether a node is within an entry or value that is removed or replaced as a whole.
    fn gone(&self, node: NodeId) -> bool {
        let tree = self.source.tree;
        tree.ancestors(node).any(|it| {
            let removed =
                self.source.row_of(it).and_then(|row| self.rows.get(&row)).is_some_and(|it| it.remove.is_some());
            removed || it != node && self.sets.contains_key(&it)
        })
    }

    /// Iterates over the nodes of moved entries.
    fn moved(&self) -> impl Iterator<Item = std::ops::Range<u32>> + '_ {
        let tree = self.source.tree;
        let rows = self.rows.values().flat_map(|it| it.before.iter().chain(&it.after));
        let added = rows.chain(self.ends.values().flatten()).chain(&self.root);
        let keys = added.filter_map(|it| if let New::Moved(key) = it { Some(*key) } else { None });
        keys.filter_map(move |key| tree.entry_of(key)).map(move |it| it.key.0..tree.subtree_end(it.value).0)
    }

    /// Whether changes contradict each other: a value is both replaced and added to, a moved entry is also changed, or an
    /// entry is moved into itself, twice, or into a removed entry.
    fn contradicts_itself(&self) -> bool {
        let tree = self.source.tree;
        let set_and_added_to = |it: &NodeId| tree.ancestors(*it).any(|it| self.sets.contains_key(&it));
        let within =
            self.within.iter().map(|it| it.0).chain(self.sets.keys().copied()).chain(self.ends.keys().copied());
        let changed: Vec<NodeId> = within.collect();
        let moved: Vec<std::ops::Range<u32>> = self.moved().collect();
        let twice = moved.iter().enumerate().any(|(i, it)| moved[..i].iter().any(|other| other.start == it.start));
        let within_moved = moved.iter().any(|ids| {
            let row = |it: &NodeId| ids.contains(&it.0) && it.0 != ids.start;
            changed.iter().any(|it| ids.contains(&it.0)) || self.rows.keys().any(row)
        });
        let has_moved = |added: &[New]| added.iter().any(|it| matches!(it, New::Moved(_)));
        let lost = self.ends.iter().any(|(node, added)| has_moved(added) && self.gone(*node))
            || self.rows.iter().any(|(row, ops)| {
                (has_moved(&ops.before) || has_moved(&ops.after)) && tree.parent(*row).is_some_and(|it| self.gone(it))
            });
        twice || within_moved || lost || self.ends.keys().any(set_and_added_to)
    }

    /// Whether an alias would lose its anchor. Entries with aliases or anchors are not moved, since their order matters.
    fn strands_an_alias(&self) -> bool {
        let tree = self.source.tree;
        if tree.aliases.is_empty() {
            return false;
        }
        // If no anchor is affected, the aliases of the text need not be checked.
        let is_anchored = |ids: std::ops::Range<u32>| {
            let first = tree.properties.partition_point(|it| it.0.0 < ids.start);
            tree.properties.get(first).is_some_and(|it| it.0.0 < ids.end)
        };
        let subtree = |it: NodeId| it.0..tree.subtree_end(it).0;
        let entry = |it: NodeId| tree.entry_of(it).map_or(subtree(it), |it| it.key.0..tree.subtree_end(it.value).0);
        let removed = self.rows.iter().filter(|it| it.1.remove.is_some()).map(|it| entry(*it.0));
        if !self.sets.keys().map(|it| subtree(*it)).chain(removed).chain(self.moved()).any(is_anchored) {
            return false;
        }
        let mut aliases = tree.aliases.iter().map(|it| it.0);
        let tied = self.moved().any(|mut ids| ids.any(|id| tree.properties(NodeId(id)).is_some()));
        let lost =
            |node: NodeId| self.gone(node) || tree.ancestors(node).any(|it| self.sets.contains_key(&it) && it != node);
        tied || aliases.any(|alias| !lost(alias) && tree.target(alias).is_some_and(lost))
    }
}

/// Whether a line of a `|` block stays a line of the block when this replaces a part of it.
fn is_word(new: &str) -> bool {
    let strange = |c| is_break(c) || !is_printable(c);
    !new.is_empty() && !new.starts_with([' ', '\t']) && !new.contains(strange)
}
