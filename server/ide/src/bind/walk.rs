//! Down the tree with the types. What does not fit is noted once, at the smallest node that is to blame.

use schema::{Catalogue, DocumentKind, Field, FieldId, Release, Type, TypeId};
use yaml::{Kind, NodeId, Scalar, Tree};

use super::{
    Binding, Fact, Misfit, MisfitKind, Slot,
    constraints::{self, Fields},
    dict::{are_pairs_of_texts, is_hollow, is_list_of_pairs, slots_of_pairs},
    scalar,
    slots::{MOST_MERGED, is_merge, live, slots_within},
};

/// So many nodes and entries are looked at through aliases and merges; the rest of a bomb is taken for fine.
const ALIAS_BUDGET: usize = 100_000;
/// Maximum number of misfits that are noted in a document that is not thorough.
const MOST_MISFITS: usize = 2_000;
/// So deep types may nest; no type of the catalogue comes near it.
const DEEPEST: u32 = 64;

pub(super) fn tree(tree: &Tree, kind: DocumentKind, release: Release, is_thorough: bool) -> Binding {
    let facts = vec![Fact::default(); tree.len()];
    let catalogue = schema::catalogue();
    let mut walk = Walk {
        tree,
        catalogue,
        release,
        facts,
        misfits: vec![],
        is_thorough,
        budget: ALIAS_BUDGET,
        depth: 0,
        read: None,
    };
    if let (Some(root), Some(ty)) = (tree.root(), catalogue.named(kind.name())) {
        walk.value(Place::of(root), ty, None);
    }
    Binding { facts: walk.facts, misfits: walk.misfits }
}

/// The state of the walk.
pub(super) struct Walk<'a> {
    pub(super) tree: &'a Tree,
    pub(super) catalogue: &'static Catalogue,
    pub(super) release: Release,
    facts: Vec<Fact>,
    misfits: Vec<Misfit>,
    is_thorough: bool,
    /// How many nodes and entries may still be looked at through aliases and merges.
    budget: usize,
    depth: u32,
    /// The scalar that was read last: several types may ask for it one after the other.
    read: Option<(NodeId, Scalar<'a>)>,
}

/// A node, and the alias that led to it: through an alias nodes are checked, but their facts are those of their own place.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) node: NodeId,
    /// The first alias on the way.
    pub(super) via: Option<NodeId>,
    /// See [`Misfit::seat`].
    pub(super) seat: NodeId,
}

impl Place {
    /// A node where it is written.
    pub(super) fn of(node: NodeId) -> Place {
        Place { node, via: None, seat: node }
    }

    /// A node, by the way of what holds it.
    fn below(node: NodeId, via: Option<NodeId>) -> Place {
        Place { node, via, seat: node }
    }

    /// The key of an entry of the mapping that is here.
    pub(super) fn key(self, tree: &Tree, slot: &Slot<'_>) -> Place {
        let via = self.via.or(slot.via);
        match tree.target(slot.key) {
            Some(node) if node != slot.key => Place { node, via: via.or(Some(slot.key)), seat: self.seat },
            _ => Place { node: slot.key, via, seat: self.seat },
        }
    }
}

/// What a node is to a type, beyond its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Null,
    Scalar,
    Mapping,
    Sequence,
    /// `!!set`, which pydantic takes for a list of its keys.
    Set,
    /// `!!omap` and `!!pairs`: a list of pairs, which are tuples to Python.
    Pairs,
    /// A collection with a tag that makes it something else.
    Strange,
}

impl<'a> Walk<'a> {
    /// Check a node against the type that is expected there.
    fn value(&mut self, place: Place, ty: TypeId, field: Option<FieldId>) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        match self.tree.kind(place.node) {
            Kind::Alias => self.alias(place, ty, field),
            Kind::Broken => self.set(place, None, field),
            // What it would be is still good to know, but that it is nothing is said already.
            _ if self.tree.is_refused(place.node) => {
                let before = self.misfits.len();
                self.typed(place, ty, field);
                self.misfits.truncate(before);
            }
            _ => self.typed(place, ty, field),
        }
        self.depth -= 1;
    }

    fn alias(&mut self, place: Place, ty: TypeId, field: Option<FieldId>) {
        self.set(place, self.catalogue.resolve(ty, self.release), field);
        let Some(target) = self.tree.target(place.node) else { return };
        if self.tree.kind(target) == Kind::Alias {
            return;
        }
        // No type of the catalogue holds itself, so what does fits none.
        let is_loop = target < place.node && place.node < self.tree.subtree_end(target);
        if is_loop && let Some(id) = self.catalogue.resolve(ty, self.release) {
            if !matches!(self.catalogue.get(id, self.release), Some(Type::Any)) {
                self.blame(place, MisfitKind::WrongType(id));
            }
            return;
        }
        let before = self.misfits.len();
        self.value(Place { node: target, via: place.via.or(Some(place.node)), seat: place.node }, ty, field);
        // What is wrong where the anchor stands is told there, once.
        let known = before > 0
            && self.facts[target.0 as usize].field == field
            && self.misfits[..before].iter().any(|it| it.via.is_none() && self.is_within(it.node, target));
        if known {
            self.misfits.truncate(before);
        }
    }

    fn typed(&mut self, place: Place, ty: TypeId, field: Option<FieldId>) {
        if place.via.is_some() {
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
        }
        // A type that the release does not have stands behind a field that it does not have either, which is told there.
        let Some(id) = self.catalogue.resolve(ty, self.release) else { return self.set(place, None, field) };
        let Some(it) = self.catalogue.get(id, self.release) else { return };
        let shape = self.shape(place.node);
        match it {
            Type::Nullable(inner) => {
                if shape == Shape::Null {
                    let inner = self.bare(*inner);
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
                    self.mapping(place, id, mapping, &slots);
                }
                (_, Some(shorthand)) if self.takes(shorthand, shape, 0) => {
                    self.typed(place, shorthand, field);
                    if shape == Shape::Null && place.via.is_none() {
                        self.set(place, Some(id), field);
                    }
                }
                _ if self.is_hollow(place.node) => {
                    self.set(place, Some(id), field);
                    self.missing(place, id, mapping, &[], &[]);
                    let fields = Fields { tree: self.tree, id, slots: &[], unknown: &[], is_whole: true };
                    constraints::check(self, place, mapping, &fields);
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
                    self.scalar(place, id, it, shape);
                } else {
                    self.blame(place, MisfitKind::WrongType(id));
                }
            }
        }
    }

    fn table(&mut self, place: Place, id: TypeId, table: &schema::Table, shape: Shape, field: Option<FieldId>) {
        if shape != Shape::Mapping {
            // dstack's own validator of tags comes first, and fails on what is no mapping.
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
            let before = self.misfits.len();
            // A key is read a little otherwise than a value: `=` is text.
            self.read = slot.name.map(|name| (slot.key, Scalar::Str(name)));
            self.value(Place::below(slot.key, via), table.key, None);
            self.value(Place::below(slot.value, via), table.value, None);
            if !slot.live {
                self.misfits.truncate(before);
            }
        }
    }

    fn sequence(&mut self, place: Place, id: TypeId, list: &schema::Sequence, shape: Shape, field: Option<FieldId>) {
        let is_list = match shape {
            Shape::Sequence | Shape::Set => true,
            // No type of the catalogue has pairs for items, so that only an empty one fits.
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

    fn scalar(&mut self, place: Place, id: TypeId, ty: &Type, shape: Shape) {
        let Some(value) = self.read(place.node) else { return };
        // What PyYAML itself refuses is a syntax problem already.
        if value == Scalar::Invalid {
            return;
        }
        match scalar::judge(ty, id, &value, self.release) {
            None => {}
            Some(_) if shape == Shape::Null => self.blame(place, MisfitKind::Empty(id)),
            Some(kind) => self.blame(place, kind),
        }
    }

    /// Whether pydantic 1 makes a right mapping of a list: `dict(value)` takes a list of pairs. Nobody means that, so that what is
    /// wrong with such a mapping is that it is a list.
    fn is_mapping_of_pairs(&mut self, place: Place, id: TypeId, mapping: &'static schema::Mapping) -> bool {
        if self.release.is_pydantic_2() {
            return false;
        }
        let Some(slots) = slots_of_pairs(self.tree, place.node) else { return false };
        let before = self.misfits.len();
        self.mapping(place, id, mapping, &slots);
        let is_right = self.rejects(before) == 0;
        self.misfits.truncate(before);
        self.forget(place);
        is_right
    }

    fn mapping(&mut self, place: Place, id: TypeId, mapping: &'static schema::Mapping, slots: &[Slot<'a>]) {
        let tree = self.tree;
        let mut unknown: Vec<&str> = vec![];
        for slot in slots {
            let before = self.misfits.len();
            let key = place.key(tree, slot);
            match slot.name.map(|name| (name, self.catalogue.field(id, name))) {
                Some((_, Some((field_id, field)))) => self.entry(place, slot, field_id, field),
                Some((name, None)) => {
                    self.blame(key, MisfitKind::UnknownField(id));
                    unknown.push(name);
                }
                None => self.blame(key, MisfitKind::KeyNotText(id)),
            }
            if !slot.live || tree.is_refused(slot.key) {
                self.misfits.truncate(before);
            }
        }
        if self.budget == 0 {
            return;
        }
        let is_whole = self.is_whole(place.node, slots);
        if is_whole {
            self.missing(place, id, mapping, slots, &unknown);
        }
        constraints::check(self, place, mapping, &Fields { tree, id, slots, unknown: &unknown, is_whole });
    }

    /// Whether all entries of a mapping can be read. Of one that has more of them, nobody knows what it lacks.
    fn is_whole(&self, mapping: NodeId, slots: &[Slot<'_>]) -> bool {
        let tree = self.tree;
        let mut merged = tree.entries(mapping).filter(|it| is_merge(tree, it.key));
        tree.problems().is_empty()
            || !self.has_broken(mapping)
                && !slots.iter().any(|it| tree.is_refused(it.key))
                && !merged.any(|it| tree.holds_refused(it.value))
    }

    /// The entries of a mapping. Those that are written elsewhere are paid for.
    fn slots(&mut self, place: Place) -> Vec<Slot<'a>> {
        let slots = slots_within(self.tree, place.node, self.budget.min(MOST_MERGED));
        let elsewhere = slots.iter().filter(|it| place.via.or(it.via).is_some()).count();
        self.budget = self.budget.saturating_sub(elsewhere);
        slots
    }

    /// One entry with a known key.
    fn entry(&mut self, place: Place, slot: &Slot<'_>, id: FieldId, field: &Field) {
        let via = place.via.or(slot.via);
        self.set(Place::below(slot.key, via), None, Some(id));
        let status = field.status(self.release);
        if !matches!(status, schema::Status::Current) {
            self.blame(place.key(self.tree, slot), MisfitKind::Outdated(id));
        }
        let before = self.misfits.len();
        self.value(Place::below(slot.value, via), field.ty, Some(id));
        if !status.is_accepted() {
            self.misfits.truncate(before);
        }
    }

    fn missing(&mut self, place: Place, id: TypeId, mapping: &schema::Mapping, slots: &[Slot<'_>], unknown: &[&str]) {
        for (index, field) in mapping.fields.iter().enumerate() {
            if field.is_required(self.release)
                && field.status(self.release).is_accepted()
                && !slots.iter().any(|slot| slot.name == Some(&field.name))
                && !unknown.iter().any(|name| crate::words::similar(name, &field.name))
            {
                self.blame(place, MisfitKind::MissingField(FieldId { mapping: id, index: index as u16 }));
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
                self.blame(place, MisfitKind::Untagged(id));
            }
            return self.guess(place, id, union, &slots, field);
        };
        let tree = self.tree;
        let is_refused = tree.is_refused(tag.value);
        let blamed = Place { node: tag.value, via: place.via.or(tag.via), seat: place.seat };
        let word = match tree.target(tag.value).map(|it| (it, tree.scalar(it))) {
            Some((_, Some(Scalar::Str(word)))) => Some(word),
            // With another tag it is no text, but what was meant is plain: the fields beside it are checked.
            Some((node, _)) if is_refused => Some(tree.value(node)),
            _ => None,
        };
        match word.and_then(|word| Some((word, union.readable(word, self.release)?))) {
            Some((word, variant)) => {
                // What another command reads is checked as that command does, but `dstack apply` refuses it.
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

    /// Facts for a mapping that does not say what it is: those of the variant that knows most of its keys.
    fn guess(&mut self, place: Place, id: TypeId, union: &schema::Union, slots: &[Slot<'_>], field: Option<FieldId>) {
        let known = |variant: TypeId| self.known(variant, slots, 0);
        let best = union.variants.iter().copied().max_by_key(|variant| (known(*variant), std::cmp::Reverse(variant.0)));
        let before = self.misfits.len();
        if let Some(best) = best.filter(|it| known(*it) > 0) {
            self.typed(place, best, field);
        }
        self.misfits.truncate(before);
        self.set(place, Some(id), field);
    }

    /// How many of the keys a mapping type knows; of a union, the variant that knows most.
    fn known(&self, ty: TypeId, slots: &[Slot<'_>], depth: u32) -> usize {
        let Some(id) = self.catalogue.resolve(ty, self.release) else { return 0 };
        match self.catalogue.get(id, self.release) {
            Some(Type::Union(it)) if depth < 4 => {
                it.variants.iter().map(|it| self.known(*it, slots, depth + 1)).max().unwrap_or(0)
            }
            _ => {
                let knows = |name| self.catalogue.field(id, name).is_some();
                slots.iter().filter(|slot| slot.name.is_some_and(knows)).count()
            }
        }
    }

    fn by_shape(&mut self, place: Place, id: TypeId, variants: &[TypeId], shape: Shape, field: Option<FieldId>) {
        let before = self.misfits.len();
        let mut best: Option<(usize, TypeId)> = None;
        let also_mapping = self.is_hollow(place.node)
            || self.are_pairs(place.node)
            || !self.release.is_pydantic_2() && slots_of_pairs(self.tree, place.node).is_some();
        let takes =
            |it: TypeId, walk: &Self| walk.takes(it, shape, 0) || also_mapping && walk.takes(it, Shape::Mapping, 0);
        let fitting = variants.iter().filter(|it| takes(**it, self)).count();
        for variant in variants {
            if !takes(*variant, self) {
                continue;
            }
            self.typed(place, *variant, field);
            // `type: acm` tells more of what was meant than the fields beside it.
            let is_a_word = |it: &&Misfit| matches!(it.kind, MisfitKind::NotAWord(_));
            let wrong = self.misfits.len() - before + self.misfits[before..].iter().filter(is_a_word).count();
            // A lone variant speaks for itself.
            if self.rejects(before) == 0 || fitting == 1 {
                return;
            }
            if best.is_none_or(|(least, _)| wrong < least) {
                best = Some((wrong, *variant));
            }
            self.misfits.truncate(before);
            self.forget(place);
        }
        let Some((_, best)) = best else { return self.wrong(place, id, shape, field) };
        match shape {
            Shape::Scalar | Shape::Null => self.no_scalar(place, id, variants, shape, field),
            _ => self.typed(place, best, field),
        }
    }

    /// A scalar that several types could take, and none does: told by the one with a grammar, else by all words together.
    fn no_scalar(&mut self, place: Place, id: TypeId, variants: &[TypeId], shape: Shape, field: Option<FieldId>) {
        let before = self.misfits.len();
        let mut grammar = None;
        for variant in variants.iter().filter(|it| self.takes(**it, shape, 0)).copied().collect::<Vec<_>>() {
            self.typed(place, variant, field);
            let has_words = matches!(self.misfits.get(before).map(|it| &it.kind), Some(MisfitKind::Invalid(..)));
            if has_words && matches!(self.read(place.node), Some(Scalar::Str(_))) {
                grammar = self.misfits.drain(before..).next().or(grammar);
            }
            self.misfits.truncate(before);
        }
        self.set(place, Some(id), field);
        match grammar {
            Some(Misfit { kind: MisfitKind::Invalid(ty, problem), .. })
                if matches!(self.catalogue.get(ty, self.release), Some(Type::Grammar(_))) =>
            {
                self.blame(place, MisfitKind::Invalid(ty, problem));
            }
            _ if shape == Shape::Null => self.blame(place, MisfitKind::Empty(id)),
            _ => self.blame(place, MisfitKind::NotAWord(id)),
        }
    }

    /// How many of the misfits from `before` on make dstack reject the file.
    fn rejects(&self, before: usize) -> usize {
        self.misfits[before..].iter().filter(|it| it.kind.rejects(self.catalogue, self.release)).count()
    }

    fn wrong(&mut self, place: Place, ty: TypeId, shape: Shape, field: Option<FieldId>) {
        self.set(place, Some(ty), field);
        if shape == Shape::Scalar && self.read(place.node) == Some(Scalar::Invalid) {
            return;
        }
        self.blame(place, if shape == Shape::Null { MisfitKind::Empty(ty) } else { MisfitKind::WrongType(ty) });
    }

    /// Whether a type has anything to say about a node of this shape.
    fn takes(&self, ty: TypeId, shape: Shape, depth: u32) -> bool {
        if depth > 8 {
            return false;
        }
        match self.catalogue.get(ty, self.release) {
            None => false,
            Some(Type::Any) => true,
            Some(Type::Nullable(inner)) => shape == Shape::Null || self.takes(*inner, shape, depth + 1),
            Some(Type::Mapping(it)) => {
                shape == Shape::Mapping || it.shorthand.is_some_and(|it| self.takes(it, shape, depth + 1))
            }
            Some(Type::Table(_)) => shape == Shape::Mapping,
            Some(Type::Sequence(_)) => matches!(shape, Shape::Sequence | Shape::Set | Shape::Pairs),
            Some(Type::Union(it)) => it.variants.iter().any(|it| self.takes(*it, shape, depth + 1)),
            Some(_) => matches!(shape, Shape::Scalar | Shape::Null),
        }
    }

    fn shape(&mut self, node: NodeId) -> Shape {
        match self.tree.kind(node) {
            // Without its wrong tag it would be just that.
            Kind::Mapping if self.tree.is_refused(node) => Shape::Mapping,
            Kind::Sequence if self.tree.is_refused(node) => Shape::Sequence,
            Kind::Mapping if self.is_plain(node, "map") => Shape::Mapping,
            Kind::Sequence if self.is_plain(node, "seq") => Shape::Sequence,
            Kind::Mapping if self.is_plain(node, "set") => Shape::Set,
            Kind::Sequence if is_list_of_pairs(self.tree, node) => Shape::Pairs,
            Kind::Mapping | Kind::Sequence => Shape::Strange,
            _ if self.read(node) == Some(Scalar::Null) => Shape::Null,
            _ => Shape::Scalar,
        }
    }

    /// Whether a collection has no tag that makes it something else.
    fn is_plain(&self, node: NodeId, own: &str) -> bool {
        let tag = self.tree.properties(node).and_then(|it| it.tag.as_deref());
        tag.is_none_or(|it| it == "!" || it.strip_prefix("tag:yaml.org,2002:") == Some(own))
    }

    /// Whether pydantic 1 makes an empty mapping of it.
    fn is_hollow(&self, node: NodeId) -> bool {
        !self.release.is_pydantic_2() && is_hollow(self.tree, node)
    }

    /// Whether pydantic 1 makes a mapping of texts of it.
    fn are_pairs(&self, node: NodeId) -> bool {
        !self.release.is_pydantic_2() && are_pairs_of_texts(self.tree, node)
    }

    /// What PyYAML makes of a scalar.
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

    /// The type without nullability.
    fn bare(&self, ty: TypeId) -> Option<TypeId> {
        let mut id = self.catalogue.resolve(ty, self.release)?;
        for _ in 0..4 {
            match self.catalogue.get(id, self.release)? {
                Type::Nullable(inner) => id = self.catalogue.resolve(*inner, self.release)?,
                _ => break,
            }
        }
        Some(id)
    }

    fn has_broken(&self, node: NodeId) -> bool {
        self.tree.children(node).any(|it| self.tree.kind(it) == Kind::Broken)
    }

    fn set(&mut self, place: Place, ty: Option<TypeId>, field: Option<FieldId>) {
        if place.via.is_none()
            && let Some(fact) = self.facts.get_mut(place.node.0 as usize)
        {
            *fact = Fact { ty, field };
        }
    }

    /// Forget the facts of a subtree: it is about to be bound to another type.
    fn forget(&mut self, place: Place) {
        if place.via.is_none() {
            let start = place.node.0 as usize;
            let end = self.tree.subtree_end(place.node).0 as usize;
            self.facts[start..end].fill(Fact::default());
        }
    }

    pub(super) fn blame(&mut self, place: Place, kind: MisfitKind) {
        // Advice must not crowd out what dstack rejects.
        let most = if kind.rejects(self.catalogue, self.release) { MOST_MISFITS } else { MOST_MISFITS / 2 };
        // What an alias brings in is no place for a fix, and may be any number.
        if self.misfits.len() < most || self.is_thorough && place.via.is_none() {
            self.misfits.push(Misfit { node: place.node, via: place.via, seat: place.seat, kind });
        }
    }

    /// Take back what is wrong in the subtree of `node`: dstack does not look there.
    pub(super) fn forgive(&mut self, node: NodeId) {
        let end = self.tree.subtree_end(node);
        self.misfits.retain(|it| !(node <= it.node && it.node < end || it.via == Some(node)));
    }

    /// Whether the release knows a field of the mapping and takes it.
    pub(super) fn accepts(&self, mapping: TypeId, name: &str) -> bool {
        self.catalogue.field(mapping, name).is_some_and(|(_, field)| field.status(self.release).is_accepted())
    }

    fn is_within(&self, node: NodeId, ancestor: NodeId) -> bool {
        ancestor <= node && node < self.tree.subtree_end(ancestor)
    }

    /// Whether nothing is wrong so far in the subtree of `node` that would make a rule between fields a second finding.
    pub(super) fn is_fine(&self, node: NodeId) -> bool {
        !self.tree.holds_refused(node)
            && !self.misfits.iter().rev().take(200).any(|it| {
                // What stands elsewhere counts where the alias to it stands.
                it.kind.rejects(self.catalogue, self.release)
                    && (self.is_within(it.node, node) || it.via.is_some_and(|via| self.is_within(via, node)))
            })
    }
}

impl MisfitKind {
    /// Whether dstack's parser rejects the file because of it.
    pub fn rejects(&self, catalogue: &Catalogue, release: Release) -> bool {
        match self {
            MisfitKind::Outdated(field) => {
                catalogue.field_by_id(*field).is_some_and(|it| !it.status(release).is_accepted())
            }
            MisfitKind::OutdatedWord(ty, index) => match catalogue.get(*ty, release) {
                Some(Type::Enum(it)) => {
                    it.values.get(*index as usize).is_some_and(|it| !it.status(release).is_accepted())
                }
                _ => false,
            },
            _ => true,
        }
    }
}
