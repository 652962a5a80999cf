//! The name of an instance, as an item of `instances`.
//!
//! ```ebnf
//! instance-name = any character , { any character } ;
//! ```
//!
//! Mirrors `parse_instance_selector` in dstack's `profiles.py`: only a string is read as a name, not a number.

use super::types::{Expected, Grammar, Meta, Parsed, Problem, Role};
use crate::{release::Release, value::Value};

/// `instances: [my-fleet-0]`
pub struct InstanceName;

impl Grammar for InstanceName {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "instance-name",
            title: "an instance name",
            docs: "The name of an instance as shown by `dstack fleet`, such as `my-fleet-0`.",
        }
    }

    fn parse(&self, value: Value<'_>, _: Release) -> Parsed {
        match value {
            Value::Str("") => Parsed::wrong(Problem::whole("the name is empty; expected an instance name")),
            Value::Str(text) => Parsed::right(0..text.len(), Role::Instance, format!("the instance `{text}`")),
            Value::Int(number) => {
                let quoted = format!("\"{number}\"");
                let message = format!("expected a string; write `{quoted}`");
                Parsed::wrong(Problem::whole(message))
            }
            _ => Parsed::wrong(Problem::whole("expected an instance name")),
        }
    }

    fn expected(&self, _: &str, _: usize, _: Release) -> Vec<Expected> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_strings_are_names() {
        let accepts = |value| InstanceName.parse(value, Release::NEWEST).is_ok();
        assert!(accepts(Value::Str("my-fleet-0")));
        assert!(accepts(Value::Str("0")));
        assert!(!accepts(Value::Str("")));
        assert!(!accepts(Value::Int(0)));
        assert!(!accepts(Value::Bool(true)));
        assert!(!accepts(Value::Null));
    }
}
