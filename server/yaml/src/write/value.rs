//! New values.

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string; quoted where it would be read as something else.
    Str(String),
    /// YAML as it stands, on one line: a number, `true`, `{}`, a scalar with its quotes; nothing, for an empty value.
    Raw(String),
    /// Entries: keys, which are quoted where needed, and values.
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
    /// YAML as it stands, on one line.
    pub fn raw(text: impl Into<String>) -> Value {
        Value::Raw(text.into())
    }
}
