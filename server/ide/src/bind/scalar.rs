//! A single scalar against its type.

use schema::{Fault, Problem, TypeId, Value, View};
use yaml::Scalar;

use super::misfit::MisfitKind;
use crate::expected::shortened;

/// Maximum length of a suggestion in bytes; a longer one is of no use.
const MAX_SUGGESTION: usize = 1 << 12;

/// What is wrong with a scalar, if anything.
pub(super) fn judge(view: View, ty: TypeId, scalar: &Scalar<'_>) -> Option<MisfitKind> {
    Some(match view.judge(ty, value(scalar))? {
        Fault::NotAValue => MisfitKind::UnknownValue(ty),
        Fault::Outdated(index) => MisfitKind::OutdatedValue(ty, index),
        Fault::Invalid(it) => MisfitKind::Invalid(
            ty,
            Problem {
                message: shortened(it.message),
                suggestion: it.suggestion.filter(|it| it.len() <= MAX_SUGGESTION),
                ..it
            },
        ),
    })
}

/// The Python value of a scalar.
pub(crate) fn value<'a>(scalar: &Scalar<'a>) -> Value<'a> {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(it) => Value::Bool(*it),
        Scalar::Int(it) => Value::Int(*it),
        Scalar::Float(it) => Value::Float(*it),
        Scalar::Str(it) => Value::Str(it),
        Scalar::Binary => Value::Bytes,
        Scalar::Timestamp | Scalar::Merge | Scalar::Invalid => Value::Other,
    }
}
