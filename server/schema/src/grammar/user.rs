//! The user of a container: `ubuntu`, `1000:1000`.
//!
//! ```ebnf
//! user = name-or-id , [ ":" , name-or-id ] ;       (* user and group; not empty, not a negative number *)
//! ```
//!
//! Mirrors `UnixUser.parse` in dstack's `unix.py`.

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// `user: 1000:1000`
pub struct User;

impl Grammar for User {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "user",
            title: "a user",
            docs: "The user in the container, by name or ID, optionally with a group: `ubuntu`, `1000`, `\"1000:1000\"`. Quote \
                   values with a colon: YAML reads `1000:10` as the number 60010.",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let Some(text) = python::text(value, release) else { return Parsed::wrong(plain::not_a_text(value)) };
        let is_text = matches!(value, Value::Str(_));
        let mut parsed = Parsed::default();
        let mut start = 0;
        for (idx, item) in text.split(':').enumerate() {
            let (what, role) = if idx == 0 { ("user", Role::User) } else { ("group", Role::Group) };
            let range = if is_text { start..start + item.len() } else { 0..0 };
            start += item.len() + 1;
            let problem = match python::int(item) {
                _ if idx == 2 => {
                    let message = "unexpected second `:`; expected `user` or `user:group`";
                    Some(Problem::at(range.start - 1..text.len(), message))
                }
                _ if item.is_empty() => {
                    let message = format!("the {what} is empty; expected a name or an ID");
                    let colon = text.find(':').filter(|_| is_text).map(|it| it..it + 1);
                    Some(Problem::at(colon.unwrap_or(range.clone()), message))
                }
                Some(..0) => Some(Problem::at(range.clone(), format!("`{item}` is negative; expected at least 0"))),
                Some(number) => {
                    parsed.parts.push(Part::new(range, role, format!("{what} ID {number}")));
                    None
                }
                None => {
                    parsed.parts.push(Part::new(range, role, format!("{what} `{item}`")));
                    None
                }
            };
            if let Some(problem) = problem {
                return Parsed::wrong(problem);
            }
        }
        parsed
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        let common = [
            ("root", "the administrator"),
            ("ubuntu", "the default user of Ubuntu images"),
            ("1000:1000", "user ID and group ID"),
        ];
        common.map(|(it, detail)| Expected::new(0..text.len(), it, detail)).into()
    }
}
