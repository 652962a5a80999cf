//! The owner of an AWS machine image.
//!
//! ```ebnf
//! ami-owner = "self" | 12 * digit ;
//! ```
//!
//! Mirrors the pattern of `AWSOSImage.owner` in dstack's `core/backends/aws/models.py`. With pydantic 1 the pattern is
//! matched by Python's `re`, where `$` allows a final line break. Digits may be of any script.

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Problem, Role},
};
use crate::{release::Release, value::Value};

/// `owner: "123456789012"`
pub struct AmiOwner;

impl Grammar for AmiOwner {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "ami-owner",
            title: "an AWS account ID",
            docs: "A 12-digit AWS account ID in quotes, or `self` for the account of the credentials.",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let Some(text) = python::text(value, release) else { return Parsed::wrong(plain::not_a_text(value)) };
        let line = if release.is_pydantic_2() { &text } else { text.strip_suffix('\n').unwrap_or(&text) };
        let is_text = matches!(value, Value::Str(_));
        let range = if is_text { 0..text.len() } else { 0..0 };
        if line == "self" {
            return Parsed::right(range, Role::Owner, "the account of the credentials");
        }
        if line.chars().count() == 12 && line.chars().all(|c| python::digit(c).is_some()) {
            return Parsed::right(range, Role::Owner, format!("the AWS account {line}"));
        }
        let shown: String = line.chars().take(40).collect();
        let message = match is_text {
            true => format!("invalid AWS account ID `{}`; expected 12 digits or `self`", shown.escape_debug()),
            false => "YAML reads this as another number; put the 12 digits in quotes".to_string(),
        };
        let bare: String = line.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        let meant = bare.len() == 12 && bare.bytes().all(|it| it.is_ascii_digit());
        Parsed::wrong(Problem::at(range, message).respell((is_text && meant).then_some(bare)))
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        vec![Expected::new(0..text.len(), "self", "the account of the credentials")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_accounts_or_self() {
        let is_ok = |value, release| AmiOwner.parse(value, release).is_ok();
        let old = Release::new(0, 20, 29);
        for release in [old, Release::NEWEST] {
            for text in ["self", "123456789012", "１２３４５６７８９０１２"] {
                assert!(is_ok(Value::Str(text), release), "{text}");
            }
            for text in ["", "Self", "amazon", "12345678901", "1234567890123", "1234-5678-9012", "self\n\n"] {
                assert!(!is_ok(Value::Str(text), release), "{text}");
            }
            assert!(is_ok(Value::Int(123_456_789_012), release));
            assert!(!is_ok(Value::Int(1), release));
            assert!(!is_ok(Value::Bool(true), release));
        }
        assert!(is_ok(Value::Str("self\n"), old));
        assert!(!is_ok(Value::Str("self\n"), Release::NEWEST));
        let parsed = AmiOwner.parse(Value::Str("1234-5678-9012"), Release::NEWEST);
        assert_eq!(parsed.problems[0].suggestion.as_deref(), Some("123456789012"));
    }
}
