//! A mapping whose fields have been bound, as the rules between fields see it.

use schema::{Catalogue, FieldId, Release, TypeId};
use yaml::{Kind, NodeId, Scalar, Tree};

use super::{
    misfit::{Lack, Misfit, MisfitKind},
    slots::{Slot, live},
};

/// A node, and how it is reached: a node behind an alias is checked in every place that refers to it, but keeps the facts
/// of the place that defines it.
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
        Place::below(node, None)
    }

    /// A node in a collection that is reached through `via`.
    pub(super) fn below(node: NodeId, via: Option<NodeId>) -> Place {
        Place { node, via, seat: node }
    }

    /// The key of an entry of the mapping in this place.
    pub(super) fn key(self, tree: &Tree, slot: &Slot<'_>) -> Place {
        let via = self.via.or(slot.via);
        match tree.target(slot.key) {
            Some(node) if node != slot.key => Place { node, via: via.or(Some(slot.key)), seat: self.seat },
            _ => Place { node: slot.key, via, seat: self.seat },
        }
    }

    pub(super) fn misfit(self, kind: impl Into<MisfitKind>) -> Misfit {
        Misfit { node: self.node, via: self.via, seat: self.seat, kind: kind.into() }
    }
}

/// The fields of a mapping, as PyYAML and dstack see them.
#[derive(Clone, Copy)]
pub(super) struct Fields<'s, 'a> {
    pub(super) tree: &'a Tree,
    /// The type of the mapping.
    pub(super) id: TypeId,
    pub(super) slots: &'s [Slot<'a>],
    /// The keys that are not fields of the type.
    pub(super) unknown: &'s [&'a str],
    /// Whether every entry of the mapping can be read, so that a field that is not here is missing.
    pub(super) is_whole: bool,
}

impl<'a> Fields<'_, 'a> {
    /// The entry of a field that is there and not null.
    pub(super) fn get(&self, name: &str) -> Option<Slot<'a>> {
        let slot = live(self.slots, name)?;
        (self.scalar(slot.value) != Some(Scalar::Null)).then_some(*slot)
    }

    /// The entry of a field that is there, not null, and valid by itself.
    pub(super) fn sound(&self, name: &str) -> Option<Slot<'a>> {
        self.get(name).filter(|slot| slot.is_sound)
    }

    /// Whether one of the fields is there and invalid by itself, so that nothing can be said about how it goes with others.
    pub(super) fn is_any_unsound(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.get(name).is_some_and(|slot| !slot.is_sound))
    }

    /// Whether an unknown key is a misspelling of this field.
    pub(super) fn is_misspelled(&self, name: &str) -> bool {
        self.unknown.iter().any(|it| crate::words::similar(it, name))
    }

    /// The value of a field, behind aliases.
    pub(super) fn value(&self, name: &str) -> Option<NodeId> {
        self.tree.target(self.get(name)?.value)
    }

    /// The scalar that PyYAML reads, behind aliases.
    pub(super) fn scalar(&self, node: NodeId) -> Option<Scalar<'a>> {
        self.tree.scalar(self.tree.target(node)?)
    }

    /// The scalar of a field that is there, not null, and valid by itself.
    pub(super) fn sound_scalar(&self, name: &str) -> Option<Scalar<'a>> {
        self.scalar(self.sound(name)?.value)
    }

    /// Whether a field is there and not an empty string, list or mapping. `false` and `0` count as set; rules about the
    /// truth of a boolean look at the value themselves.
    pub(super) fn is_set(&self, name: &str) -> bool {
        let Some(slot) = self.get(name) else { return false };
        let Some(value) = self.tree.target(slot.value).filter(|it| !self.tree.is_refused(*it)) else { return true };
        match self.tree.kind(value) {
            Kind::Mapping | Kind::Sequence => self.tree.children(value).next().is_some(),
            Kind::Scalar => !matches!(self.tree.scalar(value), Some(Scalar::Str(""))),
            Kind::Alias | Kind::Broken => true,
        }
    }
}

/// A mapping that is checked against the rules between its fields. A field that is invalid by itself takes part in none of
/// them, so that one mistake is one finding.
pub(super) struct Scope<'s, 'a> {
    pub(super) catalogue: &'static Catalogue,
    pub(super) release: Release,
    pub(super) place: Place,
    pub(super) fields: Fields<'s, 'a>,
    /// Where violations go.
    pub(super) misfits: &'s mut Vec<Misfit>,
}

impl<'a> Scope<'_, 'a> {
    pub(super) fn tree(&self) -> &'a Tree {
        self.fields.tree
    }

    /// The id of a field of the mapping.
    pub(super) fn field(&self, name: &str) -> Option<FieldId> {
        Some(self.catalogue.field(self.fields.id, name)?.0)
    }

    /// Whether the release has a field of the mapping.
    pub(super) fn accepts(&self, name: &str) -> bool {
        let field = self.catalogue.field(self.fields.id, name);
        field.is_some_and(|(_, field)| field.status(self.release).is_accepted())
    }

    /// Whether the release requires a field of the mapping.
    pub(super) fn is_required(&self, name: &str) -> bool {
        let field = self.catalogue.field(self.fields.id, name);
        field.is_some_and(|(_, field)| field.is_required(self.release))
    }

    /// Reports a node that belongs to an entry: its key, its value, or a node in the value.
    pub(super) fn blame(&mut self, slot: Slot<'_>, node: NodeId, kind: impl Into<MisfitKind>) {
        let is_elsewhere = slot.value != node && node != slot.key && self.tree().target(slot.value) != Some(slot.value);
        let via = self.place.via.or(slot.via).or(is_elsewhere.then_some(slot.value));
        self.misfits.push(Place { node, via, seat: node }.misfit(kind));
    }

    /// Reports the key of an entry; behind an alias, the key that it refers to.
    pub(super) fn blame_key(&mut self, slot: &Slot<'_>, kind: impl Into<MisfitKind>) {
        let key = self.place.key(self.tree(), slot);
        self.misfits.push(key.misfit(kind));
    }

    /// Reports the mapping.
    pub(super) fn blame_here(&mut self, kind: impl Into<MisfitKind>) {
        self.misfits.push(self.place.misfit(kind));
    }

    /// Reports a mapping below this one.
    pub(super) fn blame_at(&mut self, place: Place, kind: impl Into<MisfitKind>) {
        let via = self.place.via.or(place.via);
        self.misfits.push(Place { via, ..place }.misfit(kind));
    }

    /// Reports that the mapping requires one of these fields and has none, unless one of them is misspelled or invalid by
    /// itself.
    pub(super) fn require_any(&mut self, names: &[impl AsRef<str>]) {
        let names = || names.iter().map(AsRef::as_ref);
        let is_unsound = |name| live(self.fields.slots, name).is_some_and(|it| !it.is_sound);
        if names().any(|name| self.fields.is_misspelled(name) || is_unsound(name)) {
            return;
        }
        let known = names().filter(|name| self.accepts(name));
        let ids: Vec<FieldId> = known.filter_map(|name| self.field(name)).collect();
        if !ids.is_empty() {
            self.blame_here(Lack::AnyOf(ids));
        }
    }

    /// Withdraws what was reported in the subtree of `node`, which dstack does not look at.
    pub(super) fn forgive(&mut self, node: NodeId) {
        let end = self.tree().subtree_end(node);
        self.misfits.retain(|it| !(node <= it.node && it.node < end || it.via == Some(node)));
    }
}

/// The keys of the entries that are written in the mapping itself: a merged entry counts in other places, too.
pub(super) fn own_keys(slots: &[Slot<'_>]) -> Vec<NodeId> {
    slots.iter().filter(|it| it.via.is_none()).map(|it| it.key).collect()
}
