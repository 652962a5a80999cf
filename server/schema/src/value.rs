//! The Python value of a scalar, which dstack's validators get.

/// The value of a YAML scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
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
    /// `bytes`, which pydantic decodes where a string is expected.
    Bytes,
    /// `date` or `datetime`, which no type of dstack takes.
    Other,
}
