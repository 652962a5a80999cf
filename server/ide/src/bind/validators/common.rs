//! What several validators share, and those of values that occur in several kinds of files.

use schema::grammar::range;
use yaml::{Kind, NodeId, Scalar, Tree};

use super::super::{
    misfit::{Breach, Mismatch},
    scalar::value,
    scope::Scope,
    slots::{live, slots},
};

/// The boolean that pydantic reads.
pub(crate) fn truth(scalar: &Scalar<'_>) -> Option<bool> {
    match scalar {
        Scalar::Bool(it) => Some(*it),
        Scalar::Int(it) => Some(*it != 0),
        Scalar::Float(it) => Some(*it != 0.0),
        Scalar::Str(it) => match it.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
            "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// `Range._post_validate`, for `{min: …, max: …}`.
pub(super) fn range_order(scope: &mut Scope<'_, '_>) {
    let fields = scope.fields;
    let (Some(min), Some(max), Some(slot)) =
        (fields.sound_scalar("min"), fields.sound_scalar("max"), fields.sound("max"))
    else {
        return;
    };
    let is_size = scope.catalogue.mapping(fields.id).is_some_and(|it| &*it.name == "memory-bounds");
    let kind = if is_size { range::Kind::Memory } else { range::Kind::Count("", "") };
    if range::misordered(value(&min), value(&max), kind, scope.release) {
        scope.blame(slot, slot.value, Breach::of(Mismatch::RangeOrder));
    }
}

/// `DiskSpec.validate_size`, up to 0.18.8.
pub(super) fn disk_size(scope: &mut Scope<'_, '_>) {
    let (Some(slot), Some(grammar)) = (scope.fields.sound("size"), schema::grammar::named("disk")) else { return };
    let Some(size) = scope.tree().target(slot.value) else { return };
    let ends: Vec<NodeId> = match scope.tree().kind(size) {
        Kind::Mapping => slots(scope.tree(), size).into_iter().filter(|it| it.live).map(|it| it.value).collect(),
        _ => vec![slot.value],
    };
    for end in ends {
        let Some(scalar) = scope.fields.scalar(end).filter(|it| *it != Scalar::Null) else { continue };
        if let Some(problem) = grammar.parse(value(&scalar), scope.release).problems.into_iter().next() {
            scope.blame(slot, end, Breach::of(Mismatch::Value(problem.message)));
        }
    }
}

/// The least and the greatest number of a range of replicas: `2`, `1..4`, `{min: 1, max: 4}`.
pub(super) fn bounds(tree: &Tree, node: NodeId) -> Option<(i128, i128)> {
    match tree.kind(node) {
        Kind::Scalar => match tree.scalar(node)? {
            Scalar::Str(text) => match text.replace(' ', "").split_once("..") {
                Some((min, max)) => Some((if min.is_empty() { 0 } else { min.parse().ok()? }, max.parse().ok()?)),
                None => text.trim().parse().ok().map(|it| (it, it)),
            },
            scalar => int(&scalar).map(|it| (it, it)),
        },
        Kind::Mapping => {
            let slots = slots(tree, node);
            let get = |name: &str| int(&tree.scalar(tree.target(live(&slots, name)?.value)?)?);
            Some((get("min").unwrap_or(0), get("max")?))
        }
        _ => None,
    }
}

fn int(scalar: &Scalar<'_>) -> Option<i128> {
    match scalar {
        Scalar::Int(it) => Some(*it),
        Scalar::Bool(it) => Some(i128::from(*it)),
        Scalar::Float(it) => Some(*it as i128),
        Scalar::Str(it) => it.trim().parse().ok(),
        _ => None,
    }
}
