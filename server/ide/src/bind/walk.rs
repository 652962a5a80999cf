//! Down the tree with the types. Each mistake is reported once, at the smallest node that is at fault.

use rustc_hash::FxHashMap;
use schema::{Catalogue, DocumentKind, Field, FieldId, Mapping, Release, Type, TypeId, View};
use yaml::{Kind, NodeId, Scalar, Tree};

use super::{
    binding::{Binding, Fact},
    constraints,
    dict::{are_pairs_of_texts, is_hollow, is_list_of_pairs, slots_of_pairs},
    misfit::{Lack, Misfit, MisfitKind},
    scalar,
    scope::{Fields, Place, Scope},
    slots::{Slot, live, slots_within},
};
use crate::limits::{MAX_ALIASED_MISFITS, MAX_ALIASED_NODES, MAX_MERGED_ENTRIES, MAX_TYPE_DEPTH};

/// Binds a tree: what each node means to dstack, and which nodes do not fit.
pub fn bind(tree: &Tree, kind: DocumentKind, release: Release) -> Binding {
    let catalogue = schema::catalogue();
    let mut walk = Walk {
        tree,
        catalogue,
        release,
        view: View::new(release),
        facts: vec![Fact::default(); tree.len()],
        misfits: vec![],
        anchors: FxHashMap::default(),
        bound_anchors: vec![],
        withdrawn: 0,
        budget: MAX_ALIASED_NODES,
        depth: 0,
        read: None,
    };
    if let (Some(root), Some(ty)) = (tree.root(), catalogue.named(kind.name())) {
        walk.value(Place::of(root), ty, None);
    }
    Binding { facts: walk.facts, misfits: walk.misfits }
}

/// The state of the walk.
struct Walk<'a> {
    tree: &'a Tree,
    catalogue: &'static Catalogue,
    release: Release,
    view: View,
    facts: Vec<Fact>,
    misfits: Vec<Misfit>,
    /// The anchored nodes that have been bound where they are written, and whether something in them does not fit.
    anchors: FxHashMap<NodeId, bool>,
    /// The keys of `anchors`, in the order of insertion.
    bound_anchors: Vec<NodeId>,
    /// The number of rejections that were not reported for an alias because they are reported at its anchor.
    withdrawn: usize,
    /// The number of nodes and entries that may still be looked at through aliases and merges.
    budget: usize,
    depth: u32,
    /// The scalar that was read last: several types may ask for it in a row.
    read: Option<(NodeId, Scalar<'a>)>,
}

/// A state of the walk to return to.
#[derive(Clone, Copy)]
struct Mark {
    misfits: usize,
    anchors: usize,
    withdrawn: usize,
}

/// The shape of a node as a type sees it, beyond its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Null,
    Scalar,
    Mapping,
    Sequence,
    /// `!!set`, which pydantic reads as a list of its keys.
    Set,
    /// `!!omap` and `!!pairs`: a list of pairs, which are tuples to Python.
    Pairs,
    /// A collection with a tag that makes it something else.
    Other,
}

impl<'a> Walk<'a> {
    /// Checks a node against the type that is expected there.
    fn value(&mut self, place: Place, ty: TypeId, field: Option<FieldId>) {
        if self.depth >= MAX_TYPE_DEPTH {
            return;
        }
        self.depth += 1;
        let mark = self.mark();
        match self.tree.kind(place.node) {
            Kind::Alias => self.alias(place, ty, field),
            Kind::Broken => self.set(place, None, field),
            // PyYAML refuses the node, which is reported already. What it means is still worth knowing.
            _ if self.tree.is_refused(place.node) => {
                self.typed(place, ty, field);
                self.rollback(mark);
            }
            _ => self.typed(place, ty, field),
        }
        self.depth -= 1;
        if place.via.is_none() {
            if let Some(fact) = self.facts.get_mut(place.node.0 as usize) {
                fact.expected = Some(ty);
            }
            if self.tree.properties(place.node).is_some_and(|it| it.anchor.is_some()) {
                self.anchors.insert(place.node, self.misfits.len() > mark.misfits);
                self.bound_anchors.push(place.node);
            }
        }
    }

    fn alias(&mut self, place: Place, ty: TypeId, field: Option<FieldId>) {
        self.set(place, self.catalogue.resolve(ty, self.release), field);
        let Some(target) = self.tree.target(place.node) else { return };
        if self.tree.kind(target) == Kind::Alias {
            return;
        }
        // No type of the catalogue contains itself, so a collection that does fits none.
        let is_loop = target < place.node && place.node < self.tree.subtree_end(target);
        if is_loop && let Some(id) = self.catalogue.resolve(ty, self.release) {
            if !matches!(self.catalogue.get(id, self.release), Some(Type::Any)) {
                self.blame(place, MisfitKind::WrongType(id));
            }
            return;
        }
        let mark = self.mark();
        self.value(Place { node: target, via: place.via.or(Some(place.node)), seat: place.node }, ty, field);
        // What is wrong at the anchor is reported there, once.
        let is_reported = self.facts[target.0 as usize].field == field && self.anchors.get(&target) == Some(&true);
        if is_reported {
            let rejections = self.rejections(mark);
            self.rollback(mark);
            self.withdrawn += rejections;
        }
    }

    fn typed(&mut self, place: Place, ty: TypeId, field: Option<FieldId>) {
        if place.via.is_some() {
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
        }
        // A type that the release does not have belongs to a field that it does not have either, which is reported there.
        let Some(id) = self.catalogue.resolve(ty, self.release) else { return self.set(place, None, field) };
        let Some(it) = self.catalogue.get(id, self.release) else { return };
        let shape = self.shape(place.node);
        match it {
            Type::Nullable(inner) => {
                if shape == Shape::Null {
                    let inner = self.view.bare(*inner);
                    return self.set(place, inner, field);
                }
                self.typed(place, *inner, field);
            }
            Type::Union(union) if union.discriminator.is_some() => {
                self.set(place, Some(id), field);
                self.discriminated(place, id, union, shape, field);
            }
            Type::Union(union) => self.by_shape(place, id, &union.variants, shape, field),
            Type::Mapping(mapping) => match (shape, mapping.shorthand) {
                (Shape::Mapping, _) => {
                    self.set(place, Some(id), field);
                    let slots = self.slots(place);
                    self.mapping(place, id, mapping, slots);
                }
                (_, Some(shorthand)) if self.takes(shorthand, shape) => {
                    self.typed(place, shorthand, field);
                    if shape == Shape::Null && place.via.is_none() {
                        self.set(place, Some(id), field);
                    }
                }
                _ if self.is_hollow(place.node) => {
                    self.set(place, Some(id), field);
                    self.missing(place, id, mapping, &[], &[]);
                    let fields = Fields { tree: self.tree, id, slots: &[], unknown: &[], is_whole: true };
                    self.constraints(place, mapping, fields);
                }
                _ if matches!(shape, Shape::Sequence | Shape::Pairs)
                    && self.is_mapping_of_pairs(place, id, mapping) =>
                {
                    self.set(place, Some(id), field);
                }
                _ => self.wrong(place, id, shape, field),
            },
            Type::Table(table) => self.table(place, id, table, shape, field),
            Type::Sequence(sequence) => self.sequence(place, id, sequence, shape, field),
            Type::Any => self.set(place, Some(id), field),
            Type::Enum(_)
            | Type::String(_)
            | Type::Integer(_)
            | Type::Float(_)
            | Type::Boolean
            | Type::Grammar(_)
            | Type::Timed(_) => {
                self.set(place, Some(id), field);
                if matches!(shape, Shape::Scalar | Shape::Null) {
                    self.scalar(place, id, shape);
                } else {
                    self.blame(place, MisfitKind::WrongType(id));
                }
            }
        }
    }

    fn table(&mut self, place: Place, id: TypeId, table: &schema::Table, shape: Shape, field: Option<FieldId>) {
        if shape != Shape::Mapping {
            // dstack's own validator of tags comes first, and fails on anything but a mapping.
            let are_tags =
                matches!(self.catalogue.get(table.key, self.release), Some(Type::Grammar(it)) if &**it == "tag-key");
            if !are_tags && (self.is_hollow(place.node) || self.are_pairs(place.node)) {
                return self.set(place, Some(id), field);
            }
            return self.wrong(place, id, shape, field);
        }
        self.set(place, Some(id), field);
        for slot in self.slots(place) {
            let via = place.via.or(slot.via);
            let mark = self.mark();
            // PyYAML reads a few keys differently from values: `=` is a string.
            self.read = slot.name.map(|name| (slot.key, Scalar::Str(name)));
            self.value(Place::below(slot.key, via), table.key, None);
            self.value(Place::below(slot.value, via), table.value, None);
            if !slot.live {
                self.rollback(mark);
            }
        }
    }

    fn sequence(&mut self, place: Place, id: TypeId, list: &schema::Sequence, shape: Shape, field: Option<FieldId>) {
        let is_list = match shape {
            Shape::Sequence | Shape::Set => true,
            // No type of the catalogue has pairs as items, so only an empty list fits.
            Shape::Pairs => self.tree.children(place.node).next().is_none(),
            _ => false,
        };
        if !is_list {
            return self.wrong(place, id, shape, field);
        }
        self.set(place, Some(id), field);
        let mut count = 0;
        let keys = self.tree.entries(place.node).map(|it| it.key);
        for item in self.tree.items(place.node).chain(keys) {
            count += 1;
            self.value(Place::below(item, place.via), list.item, None);
        }
        let broken = self.has_broken(place.node);
        if let Some(min) = list.min.as_ref().and_then(|it| it.at(self.release))
            && count < *min
            && !broken
        {
            self.blame(place, MisfitKind::TooFew(*min));
        }
        if let Some(max) = list.max.as_ref().and_then(|it| it.at(self.release))
            && count > *max
        {
            self.blame(place, MisfitKind::TooMany(*max));
        }
    }

    fn scalar(&mut self, place: Place, id: TypeId, shape: Shape) {
        let Some(value) = self.read(place.node) else { return };
        // PyYAML itself refuses it, which is a syntax error.
        if value == Scalar::Invalid {
            return;
        }
        match scalar::judge(self.view, id, &value) {
            None => {}
            Some(_) if shape == Shape::Null => self.blame(place, MisfitKind::Empty(id)),
            Some(kind) => self.blame(place, kind),
        }
    }

    /// Whether pydantic 1 makes a valid mapping of a list: `dict(value)` takes a list of pairs. If the mapping is invalid, the
    /// list is reported instead, since nobody writes such a mapping on purpose.
    fn is_mapping_of_pairs(&mut self, place: Place, id: TypeId, mapping: &'static Mapping) -> bool {
        if self.release.is_pydantic_2() {
            return false;
        }
        let Some(slots) = slots_of_pairs(self.tree, place.node) else { return false };
        let mark = self.mark();
        self.mapping(place, id, mapping, slots);
        let is_valid = self.rejections(mark) == 0;
        self.rollback(mark);
        self.forget(place);
        is_valid
    }

    fn mapping(&mut self, place: Place, id: TypeId, mapping: &'static Mapping, mut slots: Vec<Slot<'a>>) {
        let tree = self.tree;
        let mut unknown: Vec<&str> = vec![];
        for slot in &mut slots {
            let mark = self.mark();
            let key = place.key(tree, slot);
            match slot.name.map(|name| (name, self.catalogue.field(id, name))) {
                Some((_, Some((field_id, field)))) => self.entry(place, slot, field_id, field),
                Some((name, None)) => {
                    self.blame(key, MisfitKind::UnknownField(id));
                    unknown.push(name);
                }
                None => self.blame(key, MisfitKind::KeyNotString(id)),
            }
            if !slot.live || tree.is_refused(slot.key) {
                self.rollback(mark);
            }
        }
        if self.budget == 0 {
            return;
        }
        let is_whole = self.is_whole(place.node, &slots);
        if is_whole {
            self.missing(place, id, mapping, &slots, &unknown);
        }
        self.constraints(place, mapping, Fields { tree, id, slots: &slots, unknown: &unknown, is_whole });
    }

    /// Checks the rules between the fields of a mapping.
    fn constraints(&mut self, place: Place, mapping: &'static Mapping, fields: Fields<'_, 'a>) {
        let (catalogue, release) = (self.catalogue, self.release);
        let mut scope = Scope { catalogue, release, place, fields, misfits: &mut self.misfits };
        constraints::check(&mut scope, &mapping.constraints);
    }

    /// Whether every entry of a mapping can be read. Otherwise an unreadable one may be any field.
    fn is_whole(&self, mapping: NodeId, slots: &[Slot<'_>]) -> bool {
        let tree = self.tree;
        let mut merged = tree.entries(mapping).filter(|it| tree.is_merge_key(it.key));
        tree.problems().is_empty()
            || !self.has_broken(mapping)
                && !slots.iter().any(|it| tree.is_refused(it.key))
                && !merged.any(|it| tree.holds_refused(it.value))
    }

    /// The entries of a mapping. Those that are written elsewhere count against the budget.
    fn slots(&mut self, place: Place) -> Vec<Slot<'a>> {
        let slots = slots_within(self.tree, place.node, self.budget.min(MAX_MERGED_ENTRIES));
        let elsewhere = slots.iter().filter(|it| place.via.or(it.via).is_some()).count();
        self.budget = self.budget.saturating_sub(elsewhere);
        slots
    }

    /// An entry whose key is a field.
    fn entry(&mut self, place: Place, slot: &mut Slot<'_>, id: FieldId, field: &Field) {
        let via = place.via.or(slot.via);
        self.set(Place::below(slot.key, via), None, Some(id));
        let status = field.status(self.release);
        if !matches!(status, schema::Status::Current) {
            self.blame(place.key(self.tree, slot), MisfitKind::Outdated(id));
        }
        let mark = self.mark();
        self.value(Place::below(slot.value, via), field.ty, Some(id));
        if !status.is_accepted() {
            self.rollback(mark);
        }
        let is_accepted = self.rejections(mark) == 0 && self.withdrawn == mark.withdrawn;
        slot.is_sound = is_accepted && !self.tree.holds_refused(slot.value);
    }

    fn missing(&mut self, place: Place, id: TypeId, mapping: &schema::Mapping, slots: &[Slot<'_>], unknown: &[&str]) {
        for (index, field) in mapping.fields.iter().enumerate() {
            if field.is_required(self.release)
                && field.status(self.release).is_accepted()
                && !slots.iter().any(|slot| slot.name == Some(&field.name))
                && !unknown.iter().any(|name| crate::words::similar(name, &field.name))
            {
                self.blame(place, Lack::Field(FieldId { mapping: id, index: index as u16 }));
            }
        }
    }

    fn discriminated(&mut self, place: Place, id: TypeId, union: &schema::Union, shape: Shape, field: Option<FieldId>) {
        let Some(discriminator) = union.discriminator.as_deref() else { return };
        if shape != Shape::Mapping {
            return self.wrong(place, id, shape, field);
        }
        let slots = self.slots(place);
        let tag = live(&slots, discriminator);
        let Some(tag) = tag else {
            if self.is_whole(place.node, &slots) && self.budget > 0 {
                self.blame(place, Lack::Tag(id));
            }
            return self.guess(place, id, union, &slots, field);
        };
        let tree = self.tree;
        let is_refused = tree.is_refused(tag.value);
        let blamed = Place { node: tag.value, via: place.via.or(tag.via), seat: place.seat };
        let word = match tree.target(tag.value).map(|it| (it, tree.scalar(it))) {
            Some((_, Some(Scalar::Str(word)))) => Some(word),
            // Its tag makes it something other than a string, but the variant is clear: the other fields are checked.
            Some((node, _)) if is_refused => Some(tree.value(node)),
            _ => None,
        };
        match word.and_then(|word| Some((word, union.readable(word, self.release)?))) {
            Some((word, variant)) => {
                // A file for another command is checked as that command does, but `dstack apply` refuses it.
                if union.reader(word, self.release).is_some() && !is_refused {
                    self.blame(blamed, MisfitKind::UnknownTag(id));
                }
                self.typed(place, variant, field);
            }
            None => {
                if !is_refused {
                    self.blame(blamed, MisfitKind::UnknownTag(id));
                }
                self.guess(place, id, union, &slots, field);
            }
        }
    }

    /// Sets the facts of a mapping without a valid tag: those of the variant that has most of its keys.
    fn guess(&mut self, place: Place, id: TypeId, union: &schema::Union, slots: &[Slot<'_>], field: Option<FieldId>) {
        let keys: Vec<&str> = slots.iter().filter_map(|it| it.name).collect();
        let known = |variant: TypeId| self.view.known_keys(variant, &keys);
        let best = union.variants.iter().copied().max_by_key(|variant| (known(*variant), std::cmp::Reverse(variant.0)));
        let mark = self.mark();
        if let Some(best) = best.filter(|it| known(*it) > 0) {
            self.typed(place, best, field);
        }
        self.rollback(mark);
        self.set(place, Some(id), field);
    }

    fn by_shape(&mut self, place: Place, id: TypeId, variants: &[TypeId], shape: Shape, field: Option<FieldId>) {
        let mark = self.mark();
        let mut best: Option<(usize, TypeId)> = None;
        let also_mapping = self.is_hollow(place.node)
            || self.are_pairs(place.node)
            || !self.release.is_pydantic_2() && slots_of_pairs(self.tree, place.node).is_some();
        let takes = |it: TypeId, walk: &Self| walk.takes(it, shape) || also_mapping && walk.takes(it, Shape::Mapping);
        let fitting = variants.iter().filter(|it| takes(**it, self)).count();
        for variant in variants {
            if !takes(*variant, self) {
                continue;
            }
            self.typed(place, *variant, field);
            // `type: acm` says more about the intended variant than the other fields.
            let is_unknown_value = |it: &&Misfit| matches!(it.kind, MisfitKind::UnknownValue(_));
            let found = &self.misfits[mark.misfits..];
            let wrong = found.len() + found.iter().filter(is_unknown_value).count();
            // The only variant of this shape reports for itself.
            if self.rejections(mark) == 0 || fitting == 1 {
                return;
            }
            if best.is_none_or(|(least, _)| wrong < least) {
                best = Some((wrong, *variant));
            }
            self.rollback(mark);
            self.forget(place);
        }
        let Some((_, best)) = best else { return self.wrong(place, id, shape, field) };
        match shape {
            Shape::Scalar | Shape::Null => self.no_scalar(place, id, variants, shape, field),
            _ => self.typed(place, best, field),
        }
    }

    /// Reports a scalar that none of several types takes: as the type with a grammar does, otherwise with the values of all.
    fn no_scalar(&mut self, place: Place, id: TypeId, variants: &[TypeId], shape: Shape, field: Option<FieldId>) {
        let mark = self.mark();
        let mut grammar = None;
        for variant in variants.iter().filter(|it| self.takes(**it, shape)).copied().collect::<Vec<_>>() {
            self.typed(place, variant, field);
            let is_explained =
                matches!(self.misfits.get(mark.misfits).map(|it| &it.kind), Some(MisfitKind::Invalid(..)));
            if is_explained && matches!(self.read(place.node), Some(Scalar::Str(_))) {
                grammar = self.misfits.drain(mark.misfits..).next().or(grammar);
            }
            self.rollback(mark);
        }
        self.set(place, Some(id), field);
        match grammar {
            Some(Misfit { kind: MisfitKind::Invalid(ty, problem), .. })
                if matches!(self.catalogue.get(ty, self.release), Some(Type::Grammar(_))) =>
            {
                self.blame(place, MisfitKind::Invalid(ty, problem));
            }
            _ if shape == Shape::Null => self.blame(place, MisfitKind::Empty(id)),
            _ => self.blame(place, MisfitKind::UnknownValue(id)),
        }
    }

    fn mark(&self) -> Mark {
        Mark { misfits: self.misfits.len(), anchors: self.bound_anchors.len(), withdrawn: self.withdrawn }
    }

    /// Withdraws what has been reported since `mark`.
    fn rollback(&mut self, mark: Mark) {
        self.misfits.truncate(mark.misfits);
        self.withdrawn = mark.withdrawn;
        for anchor in self.bound_anchors.drain(mark.anchors..) {
            self.anchors.remove(&anchor);
        }
    }

    /// The number of misfits since `mark` that make dstack reject the file.
    fn rejections(&self, mark: Mark) -> usize {
        let found = self.misfits.get(mark.misfits..).unwrap_or(&[]);
        found.iter().filter(|it| it.kind.rejects(self.catalogue, self.release)).count()
    }

    fn wrong(&mut self, place: Place, ty: TypeId, shape: Shape, field: Option<FieldId>) {
        self.set(place, Some(ty), field);
        if shape == Shape::Scalar && self.read(place.node) == Some(Scalar::Invalid) {
            return;
        }
        self.blame(place, if shape == Shape::Null { MisfitKind::Empty(ty) } else { MisfitKind::WrongType(ty) });
    }

    /// Whether a type takes nodes of this shape.
    fn takes(&self, ty: TypeId, shape: Shape) -> bool {
        let shape = match shape {
            Shape::Null => schema::Shape::Null,
            Shape::Scalar => schema::Shape::Scalar,
            Shape::Mapping => schema::Shape::Mapping,
            Shape::Sequence | Shape::Set | Shape::Pairs => schema::Shape::List,
            Shape::Other => schema::Shape::Other,
        };
        self.view.takes_shape(ty, shape)
    }

    fn shape(&mut self, node: NodeId) -> Shape {
        match self.tree.kind(node) {
            // PyYAML refuses its tag; without it the shape is clear.
            Kind::Mapping if self.tree.is_refused(node) => Shape::Mapping,
            Kind::Sequence if self.tree.is_refused(node) => Shape::Sequence,
            Kind::Mapping if self.is_plain(node, "map") => Shape::Mapping,
            Kind::Sequence if self.is_plain(node, "seq") => Shape::Sequence,
            Kind::Mapping if self.is_plain(node, "set") => Shape::Set,
            Kind::Sequence if is_list_of_pairs(self.tree, node) => Shape::Pairs,
            Kind::Mapping | Kind::Sequence => Shape::Other,
            _ if self.read(node) == Some(Scalar::Null) => Shape::Null,
            _ => Shape::Scalar,
        }
    }

    /// Whether a collection has no tag other than its `own`.
    fn is_plain(&self, node: NodeId, own: &str) -> bool {
        let tag = self.tree.properties(node).and_then(|it| it.tag.as_deref());
        tag.is_none_or(|it| it == "!" || it.strip_prefix("tag:yaml.org,2002:") == Some(own))
    }

    /// Whether pydantic 1 makes an empty mapping of the node.
    fn is_hollow(&self, node: NodeId) -> bool {
        !self.release.is_pydantic_2() && is_hollow(self.tree, node)
    }

    /// Whether pydantic 1 makes a mapping of strings of the node.
    fn are_pairs(&self, node: NodeId) -> bool {
        !self.release.is_pydantic_2() && are_pairs_of_texts(self.tree, node)
    }

    /// The scalar that PyYAML reads.
    fn read(&mut self, node: NodeId) -> Option<Scalar<'a>> {
        if let Some((last, scalar)) = &self.read
            && *last == node
        {
            return Some(scalar.clone());
        }
        let scalar = self.tree.scalar(node)?;
        self.read = Some((node, scalar.clone()));
        Some(scalar)
    }

    fn has_broken(&self, node: NodeId) -> bool {
        self.tree.children(node).any(|it| self.tree.kind(it) == Kind::Broken)
    }

    fn set(&mut self, place: Place, ty: Option<TypeId>, field: Option<FieldId>) {
        if place.via.is_none()
            && let Some(fact) = self.facts.get_mut(place.node.0 as usize)
        {
            *fact = Fact { ty, field, ..*fact };
        }
    }

    /// Clears the facts of a subtree that is about to be bound to another type.
    fn forget(&mut self, place: Place) {
        if place.via.is_none() {
            let start = place.node.0 as usize;
            let end = self.tree.subtree_end(place.node).0 as usize;
            self.facts[start..end].fill(Fact::default());
        }
    }

    fn blame(&mut self, place: Place, kind: impl Into<MisfitKind>) {
        let misfit = place.misfit(kind);
        // Advice must not crowd out rejections.
        let is_rejected = misfit.kind.rejects(self.catalogue, self.release);
        let max = if is_rejected { MAX_ALIASED_MISFITS } else { MAX_ALIASED_MISFITS / 2 };
        if place.via.is_none() || self.misfits.len() < max {
            self.misfits.push(misfit);
        }
    }
}
