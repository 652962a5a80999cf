//! The number of blocks an instance is divided into: `4`, `auto`.
//!
//! ```ebnf
//! blocks = "auto" | integer ;                (* 1 or more *)
//! ```
//!
//! Mirrors the type of `blocks` in dstack's `fleets.py`: the string `auto`, or an integer as pydantic reads it.

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// `blocks: auto`
pub struct Blocks;

impl Grammar for Blocks {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "blocks",
            title: "a number of blocks",
            docs: "An integer of at least 1, or `auto` for as many blocks as the instance has GPUs (CPUs if it has no GPU).",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let range = match value {
            Value::Str(text) => 0..text.len(),
            _ => 0..0,
        };
        if value == Value::Str("auto") {
            return Parsed::right(range, Role::Blocks, "as many blocks as possible");
        }
        let how = "expected an integer of at least 1, or `auto`";
        Parsed::wrong(match (plain::as_integer(value, release), value) {
            (Some(1), _) => return Parsed::right(range, Role::Blocks, "not divided"),
            (Some(count @ 1..), _) => {
                let part = Part::new(range, Role::Blocks, format!("divided into {count} blocks"));
                return Parsed { parts: vec![part], problems: vec![] };
            }
            (Some(count), _) => Problem::at(range, format!("`{count}` is too small; {how}")),
            (None, Value::Str(text)) => {
                let trimmed = text.trim();
                let meant = trimmed.eq_ignore_ascii_case("auto").then(|| "auto".to_string());
                match trimmed {
                    "" => Problem::whole(format!("the number of blocks is empty; {how}")),
                    _ => Problem::at(range, format!("invalid number of blocks `{trimmed}`; {how}")).respell(meant),
                }
            }
            (None, Value::Float(number)) => {
                Problem::whole(format!("expected an integer or `auto`, found `{}`", python::float_repr(number)))
            }
            (None, _) => Problem::whole("expected a number of blocks or `auto`"),
        })
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        let common = [("auto", "as many as possible"), ("1", "not divided"), ("2", ""), ("4", ""), ("8", "")];
        common.map(|(it, detail)| Expected::new(0..text.len(), it, detail)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_in_pydantic() {
        let accepts = |value, release| Blocks.parse(value, release).is_ok();
        let (one, two) = (Release::new(0, 20, 29), Release::new(0, 21, 0));
        for release in [one, two] {
            for value in [Value::Str("auto"), Value::Int(1), Value::Bool(true), Value::Str("2"), Value::Float(2.0)] {
                assert!(accepts(value, release), "{value:?} in {release}");
            }
            for value in [Value::Str("Auto"), Value::Int(0), Value::Bool(false), Value::Str("-1"), Value::Float(0.5)] {
                assert!(!accepts(value, release), "{value:?} in {release}");
            }
        }
        assert!(accepts(Value::Float(2.5), one));
        assert!(!accepts(Value::Float(2.5), two));
    }
}
