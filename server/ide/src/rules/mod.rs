//! The rules: one file each, with its declaration, documentation, check, fixes and tests, and one line in [`ALL`].

mod advice {
    pub(super) mod deprecated_field;
    pub(super) mod duplicate_key;
    pub(super) mod release_comment;
    pub(super) mod unknown_directive;
}

mod parse {
    pub(super) mod invalid_value;
    pub(super) mod missing_field;
    pub(super) mod mutually_exclusive;
    pub(super) mod removed_field;
    pub(super) mod syntax_error;
    pub(super) mod unavailable_field;
    pub(super) mod unknown_field;
    pub(super) mod wrong_type;
}

mod shared;
#[cfg(test)]
mod tests;

use crate::{diagnostic::RuleId, rule::Rule};
use advice::{deprecated_field, duplicate_key, release_comment, unknown_directive};
use parse::{
    invalid_value, missing_field, mutually_exclusive, removed_field, syntax_error, unavailable_field, unknown_field,
    wrong_type,
};

pub use parse::syntax_error::syntax_error;

/// Every rule, in the order of the documentation.
const ALL: &[Rule] = &[
    syntax_error::RULE,
    unknown_field::RULE,
    missing_field::RULE,
    wrong_type::RULE,
    invalid_value::RULE,
    mutually_exclusive::RULE,
    duplicate_key::RULE,
    deprecated_field::RULE,
    removed_field::RULE,
    unavailable_field::RULE,
    release_comment::RULE,
    unknown_directive::RULE,
];

/// The rule for text that is not YAML.
pub(crate) const SYNTAX_ERROR: RuleId = syntax_error::RULE.id;

/// The rule for keys that are set again.
pub(crate) const DUPLICATE_KEY: RuleId = duplicate_key::RULE.id;

/// Every rule, in the order of the documentation.
pub fn all() -> &'static [Rule] {
    ALL
}

/// The rule with this name.
pub fn named(name: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.name() == name)
}

/// The rule with this identifier.
pub fn get(id: RuleId) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.id == id)
}
