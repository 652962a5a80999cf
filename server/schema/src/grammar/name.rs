//! Names and values with a pattern: replica groups and tags.
//!
//! ```ebnf
//! group-name = ( lower | digit ) , { lower | digit | "-" } ;                  (* at most 40 characters *)
//! tag-key    = ( letter | digit | "_" | "-" ) , { … } ;                       (* at most 60 characters *)
//! tag-value  = { letter | digit | one of " .:/=_-+@" } ;                      (* at most 256 characters *)
//! ```
//!
//! Mirrors `is_valid_replica_group_name` in dstack's `services/__init__.py` and `utils/tags.py`. The patterns are
//! matched by Python's `re`, where `$` allows a final line break.

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Problem, Role},
};
use crate::{release::Release, value::Value};

/// A name with a pattern.
pub struct Name {
    meta: Meta,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Group,
    TagKey,
    TagValue,
}

impl Name {
    /// The name of a replica group or node group.
    pub const GROUP: Name = Name {
        meta: Meta {
            name: "group-name",
            title: "a group name",
            docs: "The name of the group: up to 40 lowercase letters, digits and `-`, not beginning with `-`.",
        },
        kind: Kind::Group,
    };
    /// A key of `tags`.
    pub const TAG_KEY: Name = Name {
        meta: Meta {
            name: "tag-key",
            title: "a tag name",
            docs: "The name of the tag: up to 60 letters, digits, `_` and `-`.",
        },
        kind: Kind::TagKey,
    };
    /// A value of `tags`.
    pub const TAG_VALUE: Name = Name {
        meta: Meta {
            name: "tag-value",
            title: "a tag value",
            docs: "The value of the tag, a string: up to 256 letters, digits, spaces and `.:/=_-+@`. Quote numbers.",
        },
        kind: Kind::TagValue,
    };

    fn allows(&self, at: usize, c: char) -> bool {
        match self.kind {
            Kind::Group => c.is_ascii_lowercase() || c.is_ascii_digit() || (c == '-' && at > 0),
            Kind::TagKey => c.is_ascii_alphanumeric() || matches!(c, '_' | '-'),
            Kind::TagValue => c.is_ascii_alphanumeric() || " .:/=_-+@".contains(c),
        }
    }

    fn max(&self) -> usize {
        match self.kind {
            Kind::Group => 40,
            Kind::TagKey => 60,
            Kind::TagValue => 256,
        }
    }

    /// The nearest allowed name.
    fn meant(&self, text: &str) -> Option<String> {
        let text = if self.kind == Kind::Group { text.trim().to_ascii_lowercase() } else { text.trim().to_string() };
        let other = if self.kind == Kind::TagKey { '_' } else { '-' };
        let fixed: String = text.chars().map(|c| if self.allows(1, c) { c } else { other }).collect();
        let fixed = if self.kind == Kind::Group { fixed.trim_matches('-').to_string() } else { fixed };
        let sound = fixed.len() <= self.max() && fixed.chars().any(|c| c.is_ascii_alphanumeric());
        sound.then_some(fixed)
    }
}

impl Grammar for Name {
    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn is_validated_first(&self) -> bool {
        self.kind == Kind::TagKey
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let text = match value {
            Value::Str(text) => text.into(),
            // dstack's own validator of tags accepts strings only.
            _ if self.kind == Kind::Group => match python::text(value, release) {
                Some(text) => text,
                None => return Parsed::wrong(plain::not_a_text(value)),
            },
            Value::Null => {
                return Parsed::wrong(Problem::whole("expected a string; write `\"\"` for an empty one"));
            }
            _ => return Parsed::wrong(Problem::whole("expected a string; quote the value")),
        };
        let is_text = matches!(value, Value::Str(_));
        let place = |range: std::ops::Range<usize>| if is_text { range } else { 0..0 };
        let line = text.strip_suffix('\n').unwrap_or(&text);
        if line.is_empty() && self.kind != Kind::TagValue {
            return Parsed::wrong(Problem::whole("the name is empty"));
        }
        if let Some((at, c)) = line.char_indices().find(|it| !self.allows(it.0, it.1)) {
            let allowed = match self.kind {
                Kind::Group if c == '-' => "expected a letter or a digit first",
                Kind::Group => "use lowercase letters, digits and `-`",
                Kind::TagKey => "use letters, digits, `_` and `-`",
                Kind::TagValue => "use letters, digits, spaces and `.:/=_-+@`",
            };
            let written = if c == ' ' { "a space".to_string() } else { format!("`{}`", c.escape_debug()) };
            let message = format!("{written} is not allowed here; {allowed}");
            return Parsed::wrong(Problem::at(place(at..at + c.len_utf8()), message).suggest(self.meant(&text)));
        }
        if line.len() > self.max() {
            let message = format!("the string has {} characters; expected at most {}", line.len(), self.max());
            return Parsed::wrong(Problem::at(place(self.max()..line.len()), message));
        }
        Parsed::right(place(0..text.len()), Role::Name, format!("`{line}`"))
    }

    fn expected(&self, _: &str, _: usize, _: Release) -> Vec<Expected> {
        Vec::new()
    }
}
