//! New values.

/// A value to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string; quoted if it would otherwise be read as something else.
    Str(String),
    /// YAML on one line, written as it is: a number, `true`, `{}`, a scalar with its quotes; nothing, for an empty value.
    Raw(String),
    /// Entries: keys, which are quoted if needed, and values.
    Mapping(Vec<(String, Value)>),
    /// Items.
    Sequence(Vec<Value>),
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Str(value.to_string())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::Str(value)
    }
}

impl Value {
    /// Creates a value from YAML on one line.
    pub fn raw(text: impl Into<String>) -> Value {
        Value::Raw(text.into())
    }
}
