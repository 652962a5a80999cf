//! Strings, numbers and booleans, which pydantic converts: the scalars without a grammar.
//!
//! Up to 0.20.29 dstack validates with pydantic 1, since 0.21.0 with pydantic 2. Their conversions of a YAML value:
//!
//! | value → type | pydantic 1 | pydantic 2 |
//! |---|---|---|
//! | number → string | its digits | its digits |
//! | boolean → string | `True`, `False` | refused |
//! | string → integer | `int(text)` | digits, also `2.0` |
//! | `2.5` → integer | 2 | refused |
//! | boolean → number | 1, 0 | 1, 0 |
//! | string → boolean | `yes`, `no`, `on`, `off`, `true`, `false`, `y`, `n`, `t`, `f`, `1`, `0` in any case | the same |

use super::{
    python,
    types::{Parsed, Problem, Role},
};
use crate::{model::Limits, release::Release, value::Value};

/// What is wrong with `value` as a string.
pub fn string(value: Value<'_>, limits: &Limits, release: Release) -> Option<Problem> {
    let Some(text) = python::text(value, release) else {
        return Some(not_a_text(value));
    };
    let length = text.chars().count();
    let bound = |limit: &Option<crate::model::Timed<f64>>| limit.as_ref().and_then(|it| it.at(release)).copied();
    let range = match value {
        Value::Str(text) => 0..text.len(),
        _ => 0..0,
    };
    if let Some(min) = bound(&limits.min)
        && (length as f64) < min
    {
        let message = match length {
            0 => "the string is empty".to_string(),
            _ => format!("the string has {length} characters; expected at least {min}"),
        };
        return Some(Problem::at(range, message));
    }
    if let Some(max) = bound(&limits.max)
        && length as f64 > max
    {
        return Some(Problem::at(range, format!("the string has {length} characters; expected at most {max}")));
    }
    None
}

/// The problem of a value where a string is expected.
pub(super) fn not_a_text(value: Value<'_>) -> Problem {
    Problem::whole(match value {
        Value::Bool(_) => "YAML reads this as a boolean, expected a string; quote the value",
        Value::Null => "expected a string",
        _ => "YAML reads this as a date, expected a string; quote the value",
    })
}

/// Accepts any string, as one part with this meaning.
pub(super) fn any_text(value: Value<'_>, release: Release, role: Role, meaning: &str) -> Parsed {
    match value {
        Value::Str(text) => Parsed::right(0..text.len(), role, meaning),
        _ if python::text(value, release).is_some() => Parsed::right(0..0, role, meaning),
        _ => Parsed::wrong(not_a_text(value)),
    }
}

/// The integer that a field of type `int` gets.
pub fn as_integer(value: Value<'_>, release: Release) -> Option<i128> {
    match value {
        Value::Int(number) => Some(number),
        Value::Bool(value) => Some(value.into()),
        Value::Float(number) if release.is_pydantic_2() => {
            // pydantic 2 accepts a float without a fraction within 64 bits.
            let fits = number.fract() == 0.0 && number > i64::MIN as f64 && number < i64::MAX as f64;
            fits.then_some(number as i128)
        }
        Value::Float(number) => number.is_finite().then_some(number as i128),
        Value::Str(text) => python::int_field(text, release),
        Value::Null | Value::Bytes | Value::Other => None,
    }
}

/// The number that a field of type `float` gets.
pub fn as_float(value: Value<'_>, release: Release) -> Option<f64> {
    match value {
        Value::Int(number) => Some(number as f64),
        Value::Float(number) => Some(number),
        Value::Bool(value) => Some(f64::from(u8::from(value))),
        Value::Str(text) => python::float_field(text, release),
        Value::Null | Value::Bytes | Value::Other => None,
    }
}

/// The boolean that a field of type `bool` gets.
pub fn as_boolean(value: Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(value),
        Value::Int(1) => Some(true),
        Value::Int(0) => Some(false),
        Value::Float(1.0) => Some(true),
        Value::Float(0.0) => Some(false),
        Value::Str(text) => {
            let is = |word: &&str| text.eq_ignore_ascii_case(word);
            if ["true", "t", "yes", "y", "on", "1"].iter().any(is) {
                Some(true)
            } else {
                ["false", "f", "no", "n", "off", "0"].iter().any(is).then_some(false)
            }
        }
        Value::Int(_) | Value::Float(_) | Value::Null | Value::Bytes | Value::Other => None,
    }
}

/// What is wrong with `value` as an integer.
pub fn integer(value: Value<'_>, limits: &Limits, release: Release) -> Option<Problem> {
    let range = place(value);
    if let Some(number) = as_integer(value, release) {
        // Exact within 2^53; beyond that, dstack has no limits but those of 64 bits.
        return beyond(number as f64, limits, release, number.to_string(), range);
    }
    Some(match value {
        Value::Str(text) => {
            let text = text.trim();
            let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let meant = (digits > 0 && text[digits..].bytes().all(|it| it.is_ascii_alphabetic() || it == b' '))
                .then(|| text[..digits].to_string());
            Problem::at(range, format!("expected an integer, found `{text}`")).suggest(meant)
        }
        Value::Float(number) => {
            let message = format!("expected an integer, found `{}`", python::float_repr(number));
            Problem::whole(message)
        }
        _ => Problem::whole("expected an integer"),
    })
}

/// What is wrong with `value` as a number.
pub fn float(value: Value<'_>, limits: &Limits, release: Release) -> Option<Problem> {
    let range = place(value);
    if let Some(number) = as_float(value, release) {
        let written = match value {
            Value::Int(number) => number.to_string(),
            _ => python::float_repr(number),
        };
        return beyond(number, limits, release, written, range);
    }
    Some(match value {
        Value::Str(text) => {
            let text = text.trim();
            let bare = text.trim_start_matches('$').replace(',', ".");
            let meant = python::float(&bare).filter(|it| it.is_finite()).map(|_| bare);
            // `1,000` may mean 1 or 1000.
            Problem::at(range, format!("expected a number, found `{text}`")).offer(meant, !text.contains(','))
        }
        _ => Problem::whole("expected a number"),
    })
}

/// What is wrong with `value` as a boolean.
pub fn boolean(value: Value<'_>) -> Option<Problem> {
    if as_boolean(value).is_some() {
        return None;
    }
    Some(match value {
        Value::Str(text) => {
            let trimmed = text.trim();
            let meant = as_boolean(Value::Str(trimmed)).map(|it| it.to_string());
            Problem::at(place(value), format!("expected `true` or `false`, found `{trimmed}`")).respell(meant)
        }
        Value::Int(number) => Problem::whole(format!("expected `true` or `false`, found `{number}`")),
        Value::Float(number) => {
            let number = python::float_repr(number);
            Problem::whole(format!("expected `true` or `false`, found `{number}`"))
        }
        _ => Problem::whole("expected `true` or `false`"),
    })
}

/// What is wrong with a number outside its limits.
fn beyond(
    number: f64,
    limits: &Limits,
    release: Release,
    written: String,
    range: std::ops::Range<usize>,
) -> Option<Problem> {
    let min = limits.min.as_ref().and_then(|it| it.at(release)).copied();
    let max = limits.max.as_ref().and_then(|it| it.at(release)).copied();
    // pydantic refuses NaN wherever there is a limit.
    let below = |min: f64| number.is_nan() || number < min || (limits.exclusive && number == min);
    let message = match (min, max) {
        (Some(min), _) if below(min) => {
            let least = rounded(min, f64::ceil);
            match limits.exclusive {
                true => format!("`{written}` is too small; expected more than {least}"),
                false => format!("`{written}` is too small; expected at least {least}"),
            }
        }
        (_, Some(max)) if number.is_nan() || number > max => {
            format!("`{written}` is too large; expected at most {}", rounded(max, f64::floor))
        }
        _ => return None,
    };
    Some(Problem::at(range, message))
}

/// A limit such as 1/60, rounded to few digits towards the allowed side.
fn rounded(limit: f64, to: fn(f64) -> f64) -> f64 {
    let short = to(limit * 10_000.0) / 10_000.0;
    if short.is_finite() { short } else { limit }
}

fn place(value: Value<'_>) -> std::ops::Range<usize> {
    match value {
        Value::Str(text) => 0..text.len(),
        _ => 0..0,
    }
}
