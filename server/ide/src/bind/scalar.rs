//! A single scalar against its type.

use schema::{Problem, Release, Type, TypeId, Value, grammar::plain};
use yaml::Scalar;

use super::MisfitKind;
use crate::expected::shortened;

/// What is wrong with a scalar, if anything is.
pub(super) fn judge(ty: &Type, id: TypeId, scalar: &Scalar<'_>, release: Release) -> Option<MisfitKind> {
    if *scalar == Scalar::Binary && takes_bytes(ty) {
        return None;
    }
    let value = value(scalar);
    let invalid = |it: Problem| {
        MisfitKind::Invalid(
            id,
            Problem { message: shortened(it.message), suggestion: it.suggestion.filter(|it| is_short(it)), ..it },
        )
    };
    match ty {
        Type::Enum(it) => {
            let Value::Str(word) = value else { return Some(MisfitKind::NotAWord(id)) };
            let Some(index) = it
                .values
                .iter()
                .position(|each| &*each.value == word || it.any_case && each.value.eq_ignore_ascii_case(word))
            else {
                return Some(MisfitKind::NotAWord(id));
            };
            let outdated = !matches!(it.values[index].status(release), schema::Status::Current);
            outdated.then_some(MisfitKind::OutdatedWord(id, index as u16))
        }
        Type::Grammar(name) => {
            let grammar = schema::grammar::named(name)?;
            grammar.parse(value, release).problems.into_iter().next().map(invalid)
        }
        Type::String(limits) => plain::string(value, limits, release).map(invalid),
        Type::Integer(limits) => plain::integer(value, limits, release).map(invalid),
        Type::Float(limits) => plain::float(value, limits, release).map(invalid),
        Type::Boolean => plain::boolean(value).map(invalid),
        _ => None,
    }
}

/// Whether somebody could have meant it; the other ones cost memory only.
fn is_short(suggestion: &str) -> bool {
    suggestion.len() <= 1 << 12
}

fn takes_bytes(ty: &Type) -> bool {
    match ty {
        Type::String(_) => true,
        Type::Grammar(name) => schema::grammar::named(name).is_some_and(|it| it.takes_bytes()),
        _ => false,
    }
}

/// The Python value of a scalar, as the catalogue has it.
pub(crate) fn value<'a>(scalar: &Scalar<'a>) -> Value<'a> {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(it) => Value::Bool(*it),
        Scalar::Int(it) => Value::Int(*it),
        Scalar::Float(it) => Value::Float(*it),
        Scalar::Str(it) => Value::Str(it),
        Scalar::Timestamp | Scalar::Binary | Scalar::Merge | Scalar::Invalid => Value::Other,
    }
}
