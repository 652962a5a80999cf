//! A single scalar against its type.

use schema::{Release, Type, TypeId, Value, grammar::plain};
use yaml::Scalar;

use super::MisfitKind;

/// The grammars that dstack asks only after pydantic has made a text of the value.
const TEXTS: [&str; 6] = ["interpolated", "model-repo", "prompt", "prompt-path", "dataset", "preset-id"];

/// What is wrong with a scalar, if anything is.
pub(super) fn judge(ty: &Type, id: TypeId, scalar: &Scalar<'_>, release: Release) -> Option<MisfitKind> {
    // pydantic takes bytes for text.
    let is_text = match ty {
        Type::String(_) => true,
        Type::Grammar(it) => TEXTS.contains(&&**it),
        _ => false,
    };
    if *scalar == Scalar::Binary && is_text {
        return None;
    }
    let value = value(scalar);
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
            let problem = grammar.parse(value, release).problems.into_iter().next()?;
            Some(MisfitKind::Invalid(id, problem))
        }
        Type::String(limits) => plain::string(value, limits, release).map(|it| MisfitKind::Invalid(id, it)),
        Type::Integer(limits) => plain::integer(value, limits, release).map(|it| MisfitKind::Invalid(id, it)),
        Type::Float(limits) => plain::float(value, limits, release).map(|it| MisfitKind::Invalid(id, it)),
        Type::Boolean => plain::boolean(value).map(|it| MisfitKind::Invalid(id, it)),
        _ => None,
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
