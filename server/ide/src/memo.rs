//! Facts about mappings that several rules need, computed once for each mapping.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use schema::Union;
use yaml::{NodeId, work};

use crate::{document::Document, limits::MAX_FIELDS, types};

/// Cached facts about the mappings of a document.
#[derive(Debug)]
pub(crate) struct Memo<'a> {
    document: &'a Document,
    counts: FxHashMap<NodeId, FxHashMap<&'a str, u32>>,
    unions: FxHashMap<NodeId, Rc<Unions<'a>>>,
}

/// The keys of a mapping that select a variant of a union, each with its union.
pub(crate) type Unions<'a> = Vec<(&'a str, &'static Union)>;

impl<'a> Memo<'a> {
    pub(crate) fn new(document: &'a Document) -> Memo<'a> {
        Memo { document, counts: FxHashMap::default(), unions: FxHashMap::default() }
    }

    /// The number of entries of a mapping with this key.
    pub(crate) fn count(&mut self, mapping: NodeId, key: &str) -> usize {
        let tree = self.document.tree();
        let count = || {
            let mut counts: FxHashMap<&str, u32> = FxHashMap::default();
            for entry in tree.entries(mapping).inspect(|_| work::add(1)) {
                *counts.entry(tree.value(entry.key)).or_default() += 1;
            }
            counts
        };
        self.counts.entry(mapping).or_insert_with(count).get(key).map_or(0, |it| *it as usize)
    }

    /// The keys of a mapping, or of an alias of a mapping, that select a variant of a union.
    pub(crate) fn unions(&mut self, mapping: NodeId) -> Rc<Unions<'a>> {
        let document = self.document;
        let find = || {
            let tree = document.tree();
            let names = tree.entries(mapping).take(MAX_FIELDS).map(|it| tree.value(it.key));
            Rc::new(names.filter_map(|name| Some((name, types::tagged_union(document, mapping, name)?))).collect())
        };
        self.unions.entry(mapping).or_insert_with(find).clone()
    }
}
