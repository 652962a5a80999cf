//! Fields and values with a history: what the release makes of them, and what to write instead.

use schema::{Deprecation, Status, Type};

use super::replacement;
use crate::{
    bind::{Misfit, MisfitKind},
    diagnostic::Applicability,
    document::Document,
    fixes::{Fixes, replacing},
};

/// The field or value of a misfit, and what the release makes of it.
pub(crate) fn outdated(document: &Document, misfit: &Misfit) -> Option<(&'static str, Status<'static>)> {
    let (catalogue, release) = (schema::catalogue(), document.release());
    match misfit.kind {
        MisfitKind::Outdated(field) => {
            let it = catalogue.field_by_id(field)?;
            Some((&it.name, it.status(release)))
        }
        MisfitKind::OutdatedValue(ty, index) => {
            let Some(Type::Enum(it)) = catalogue.get(ty, release) else { return None };
            let it = it.values.get(index as usize)?;
            Some((&it.value, it.status(release)))
        }
        _ => None,
    }
}

/// The deprecation of the field or value of a misfit.
pub(crate) fn deprecation(document: &Document, misfit: &Misfit) -> Option<&'static Deprecation> {
    let catalogue = schema::catalogue();
    match misfit.kind {
        MisfitKind::Outdated(field) => catalogue.field_by_id(field)?.deprecated.as_ref(),
        MisfitKind::OutdatedValue(ty, index) => match catalogue.get(ty, document.release())? {
            Type::Enum(it) => it.values.get(index as usize)?.deprecated.as_ref(),
            _ => None,
        },
        _ => None,
    }
}

/// Offers the replacement of the field or value of a misfit.
pub(crate) fn fix(document: &Document, misfit: &Misfit, acc: &mut Fixes<'_>) {
    let (catalogue, release) = (schema::catalogue(), document.release());
    match misfit.kind {
        MisfitKind::Outdated(field) => {
            if let Some(field) = catalogue.field_by_id(field) {
                replacement::offer(document, misfit.node, field, acc);
            }
        }
        MisfitKind::OutdatedValue(ty, index) => {
            let Some(Type::Enum(it)) = catalogue.get(ty, release) else { return };
            let value = it.values.get(index as usize).and_then(|it| it.deprecated.as_ref()?.instead.as_deref());
            let is_current = |value: &&str| {
                it.values.iter().any(|it| &*it.value == *value && matches!(it.status(release), Status::Current))
            };
            if let Some(value) = value.filter(is_current) {
                let title = replacing(document.tree().text(misfit.node), value);
                acc.offer(title, Applicability::Safe, acc.rewrite().set(misfit.node, value));
            }
        }
        _ => {}
    }
}

/// What to do about it, to be appended to a message.
pub(crate) fn advice(deprecation: &Deprecation) -> String {
    match (&deprecation.instead, &deprecation.note) {
        (Some(instead), Some(note)) => format!("; use `{instead}` ({note})"),
        (Some(instead), None) => format!("; use `{instead}`"),
        (None, Some(note)) => format!("; {note}"),
        (None, None) => String::new(),
    }
}
