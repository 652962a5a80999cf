//! What an unknown key was meant to be.

use schema::{Field, TypeId, View};
use yaml::NodeId;

use crate::{bind::MisfitKind, limits::MAX_FIELDS, rule::Check, words};

/// What an unknown key was meant to be.
pub(crate) enum Meant {
    /// A field with a similar name.
    Spelled(&'static str),
    /// A field with another name, and whether the key can mean nothing else.
    Called(&'static str, bool),
    /// The same field, in the mapping of this field.
    Below(&'static str),
    /// A field that means the same, in the mapping of the first field.
    CalledBelow(&'static str, &'static str),
    /// The same field, in this mapping around.
    Above(NodeId),
}

/// What an unknown key of a mapping of type `ty` was meant to be. `mapping` may be the alias of one.
pub(crate) fn of_key(check: &Check<'_>, mapping: NodeId, ty: TypeId, name: &str) -> Option<Meant> {
    let document = check.document();
    let (tree, view) = (document.tree(), document.view());
    let target = tree.target(mapping).unwrap_or(mapping);
    let is_free = |it: &&'static str| check.count(target, it) == 0;
    let fields = || view.usable(ty).map(|it| &*it.name);
    let alike = words::closest(name, fields()).and_then(|it| match is_free(&it) {
        true => Some(it),
        false => words::closest(name, fields().filter(is_free)),
    });
    if let Some(right) = alike {
        return Some(Meant::Spelled(right));
    }
    if let Some((field, is_same)) = synonyms(view, ty, name).into_iter().find(|it| is_free(&&*it.0.name)) {
        return Some(Meant::Called(&field.name, is_same));
    }
    let mut below = view.usable(ty).filter(|it| view.inner(it.ty).is_some_and(|it| view.knows(it, name)));
    if let (Some(field), None) = (below.next(), below.next()) {
        return Some(Meant::Below(&field.name));
    }
    if let Some((outer, inner)) = view.called_below(ty, name).first() {
        return Some(Meant::CalledBelow(&outer.name, &inner.name));
    }
    let has_it = |it: &NodeId| document.binding().fact(*it).ty.is_some_and(|ty| view.knows(ty, name));
    tree.ancestors(mapping).skip(1).find(has_it).map(Meant::Above)
}

/// The fields that an unknown key is a synonym of, and whether it surely means the same. Long keys may be misspelled.
fn synonyms(view: View, ty: TypeId, name: &str) -> Vec<(&'static Field, bool)> {
    let is_like = |name: &str, it: &str| it.len() >= 6 && name.len() >= 6 && words::similar(name, it);
    let mut found = view.called(ty, name, &is_like);
    for (field, is_same) in &mut found {
        *is_same &= field.also.iter().any(|it| words::is_slip_of_key(name, it));
    }
    found
}

/// Whether an unknown key of a mapping, or of what its alias refers to, belongs under the field `name`, which it brings along
/// when it is moved there.
pub(crate) fn brings(check: &Check<'_>, mapping: NodeId, name: &str) -> bool {
    check.unknown_keys(mapping).iter().take(MAX_FIELDS).any(|misfit| match misfit.kind {
        MisfitKind::UnknownField(ty) => match of_key(check, mapping, ty, check.tree().value(misfit.node)) {
            Some(Meant::Below(field) | Meant::CalledBelow(field, _)) => field == name,
            _ => false,
        },
        _ => false,
    })
}
