//! The rules: one file each, with its declaration, documentation, check, fixes and tests, listed here. `CONTRIBUTING.md` has a
//! template.

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
pub use parse::syntax_error::syntax_error;

/// Every rule, in the order of the documentation.
const ALL: &[Rule] = &[
    parse::syntax_error::RULE,
    parse::unknown_field::RULE,
    parse::missing_field::RULE,
    parse::wrong_type::RULE,
    parse::invalid_value::RULE,
    parse::mutually_exclusive::RULE,
    advice::duplicate_key::RULE,
    advice::deprecated_field::RULE,
    parse::removed_field::RULE,
    parse::unavailable_field::RULE,
    advice::release_comment::RULE,
    advice::unknown_directive::RULE,
];

/// The rule for text that is not YAML.
pub(crate) const SYNTAX_ERROR: RuleId = parse::syntax_error::RULE.id;

/// The rule for keys that are set again.
pub(crate) const DUPLICATE_KEY: RuleId = advice::duplicate_key::RULE.id;

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
