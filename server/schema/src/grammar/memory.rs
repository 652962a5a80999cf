//! Sizes of memory and disks: `16GB`, `512MB`, `1.5TB`, `16`.
//!
//! ```ebnf
//! memory = number , [ unit ] ;        (* spaces anywhere, any case *)
//! unit   = "MB" | "GB" | "TB" ;       (* default: GB *)
//! number = (* as Python's float() reads it: 16, 1.5, 1e3, even inf and -1 *) ;
//! ```
//!
//! Mirrors `Memory.parse` in dstack's `resources.py`.

use std::ops::Range;

use super::{
    python,
    squeezed::Squeezed,
    types::{Expected, Grammar, Meta, Parsed, Problem, Role},
    units,
};
use crate::{release::Release, value::Value};

/// One size.
pub struct Memory;

const DOCS: &str = "A number with `MB`, `GB` or `TB`: `512MB`, `16GB`, `1.5TB`. Without a unit, gigabytes. Units are \
                    case-insensitive; 1 TB is 1024 GB.";

/// Sizes that completion offers.
pub(super) const COMMON: [&str; 8] = ["8GB", "16GB", "24GB", "32GB", "64GB", "128GB", "256GB", "512GB"];

impl Grammar for Memory {
    fn meta(&self) -> &Meta {
        &Meta { name: "memory", title: "a size", docs: DOCS }
    }

    fn parse(&self, value: Value<'_>, _: Release) -> Parsed {
        match value {
            Value::Str(text) => match gigabytes(text) {
                Some(size) => Parsed::right(0..text.len(), Role::Size, in_words(size)),
                None => Parsed::wrong(misspelled(text, 0..text.len()).offer(meant(text), !text.contains('+'))),
            },
            _ => match number(value) {
                Some(size) => Parsed::right(0..0, Role::Size, in_words(size)),
                None => Parsed::wrong(Problem::whole("expected a size such as `16GB`")),
            },
        }
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        sizes(text, 0..text.len())
    }
}

/// The gigabytes of a number.
pub(super) fn number(value: Value<'_>) -> Option<f64> {
    match value {
        Value::Int(size) => Some(size as f64),
        Value::Float(size) => Some(size),
        Value::Bool(size) => Some(f64::from(u8::from(size))),
        Value::Null | Value::Str(_) | Value::Bytes | Value::Other => None,
    }
}

/// The gigabytes of a text.
pub fn gigabytes(text: &str) -> Option<f64> {
    let squeezed = Squeezed::new(text);
    let text = &*squeezed.text;
    let unit = unit(text);
    let factor = match unit.as_bytes() {
        [b't' | b'T', _] => 1024.0,
        [b'm' | b'M', _] => 1.0 / 1024.0,
        _ => 1.0,
    };
    python::float(&text[..text.len() - unit.len()]).map(|it| it * factor)
}

/// The unit at the end of a size without spaces: `TB`, `GB` or `MB` in any case, or none.
pub(super) fn unit(size: &str) -> &str {
    let unit = size.len().checked_sub(2).and_then(|at| size.get(at..)).unwrap_or("");
    if ["tb", "gb", "mb"].iter().any(|it| unit.eq_ignore_ascii_case(it)) { unit } else { "" }
}

/// What is wrong with `text`, at `range` of the scalar.
pub(super) fn misspelled(text: &str, range: Range<usize>) -> Problem {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Problem::at(range, "the size is empty; expected a number with `MB`, `GB` or `TB`, such as `16GB`");
    }
    let number = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ' ').len();
    let unit = &text[number..];
    let sizes = text.split_once("..").map(|(from, to)| [from, to].map(str::trim));
    if sizes.is_some_and(|it| it.iter().all(|it| it.is_empty() || gigabytes(it).is_some())) {
        return Problem::at(range, format!("expected one size, found the range `{trimmed}`"));
    }
    if number == 0 || unit.is_empty() || python::float(text[..number].trim()).is_none() {
        return Problem::at(
            range,
            format!("invalid size `{trimmed}`; expected a number with `MB`, `GB` or `TB`, such as `16GB`"),
        );
    }
    let range = range.start + number..range.start + text.trim_end().len();
    Problem::at(range, format!("unknown unit `{}`; expected `MB`, `GB` or `TB`", unit.trim()))
}

/// The size that was meant: `16GB` for `16GiB` or `16G`.
pub(super) fn meant(text: &str) -> Option<String> {
    let text = text.trim();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '+' || c == ' ');
    let unit = text[number.len()..].trim().trim_end_matches('+');
    let size = python::float(number).filter(|it| it.is_finite())?;
    let (unit, factor) = units::meant(unit)?;
    if factor == 1.0 {
        return Some(format!("{number}{unit}"));
    }
    let size = size / factor;
    (size >= 1.0 && size.fract() == 0.0).then(|| format!("{size}{unit}"))
}

/// `16 GB`, `512 MB`, `1.5 TB`.
pub(super) fn in_words(gigabytes: f64) -> String {
    let (size, unit) = match gigabytes.abs() {
        it if it >= 1024.0 && (it / 128.0).fract() == 0.0 => (gigabytes / 1024.0, "TB"),
        it if it > 0.0 && it < 1.0 => (gigabytes * 1024.0, "MB"),
        _ => (gigabytes, "GB"),
    };
    let rounded = (size * 100.0).round() / 100.0;
    format!("{rounded} {unit}")
}

/// Sizes made of the number in `text` and each unit, or common sizes if there is no number.
pub(super) fn sizes(text: &str, replace: Range<usize>) -> Vec<Expected> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ').trim();
    let offer = |size: String| {
        let detail = gigabytes(&size).map(in_words).unwrap_or_default();
        Expected::new(replace.clone(), size, detail)
    };
    if python::float(digits).is_some_and(f64::is_finite) {
        return ["GB", "MB", "TB"].iter().map(|unit| offer(format!("{digits}{unit}"))).collect();
    }
    COMMON.iter().map(|size| offer((*size).to_string())).collect()
}
