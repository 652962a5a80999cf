//! Names of fleets and gateways, of this project or another: `my-fleet`, `other-project/my-fleet`.
//!
//! ```ebnf
//! entity  = name | project , "/" , name ;
//! gateway = boolean | entity ;                 (* words for booleans too: "yes" is true *)
//! ```
//!
//! Mirrors `EntityReference.parse` in dstack's `common.py`, and the fields `fleets`, `instances[].fleet` and `gateway`.
//! Fleets: any name from 0.19.3, at most one `/` from 0.20.14, nothing empty from 0.20.17 on. Gateways: any name from
//! 0.18.23, true from 0.20.1, one `/` and nothing empty from 0.20.20 on.

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// A name that may be of another project.
pub struct Entity {
    meta: Meta,
    kind: &'static str,
}

/// The `gateway` of a service.
pub struct Gateway;

const ONE_SLASH: Release = Release::new(0, 20, 14);
const NOT_EMPTY: Release = Release::new(0, 20, 17);
const GATEWAY_TRUE: Release = Release::new(0, 20, 1);
const GATEWAY_PROJECT: Release = Release::new(0, 20, 20);

impl Entity {
    /// `instances[].fleet`
    pub const ENTITY: Entity = Entity {
        meta: Meta {
            name: "entity",
            title: "a name",
            docs: "A name, as `my-fleet`, or one of another project, as `other-project/my-fleet`.",
        },
        kind: "fleet",
    };
    /// An item of `fleets`.
    pub const FLEET: Entity = Entity {
        meta: Meta {
            name: "fleet-reference",
            title: "a fleet's name",
            docs: "The name of a fleet, as `my-fleet`, or from 0.20.14 on of another project, as `other-project/my-fleet`.",
        },
        ..Entity::ENTITY
    };
}

impl Grammar for Entity {
    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        match value {
            Value::Str(text) => read(text, self.kind, release >= ONE_SLASH, release >= NOT_EMPTY),
            _ if self.meta.name == "entity" => Parsed::wrong(Problem::whole("a name is needed; put it in quotes")),
            _ => plain::any_text(value, release, Role::Name, "the fleet with this number for a name"),
        }
    }

    fn expected(&self, _: &str, _: usize, _: Release) -> Vec<Expected> {
        // Names are found by `ide`, in the other files.
        Vec::new()
    }
}

impl Grammar for Gateway {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "gateway-reference",
            title: "a gateway's name",
            docs: "The name of a gateway, as `my-gateway`, or from 0.20.20 on of another project, as `other-project/my-gateway`. \
         `false` does without a gateway; `true` (from 0.20.1 on) takes the default one.",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let range = if let Value::Str(text) = value { 0..text.len() } else { 0..0 };
        match plain::as_boolean(value) {
            Some(true) if release < GATEWAY_TRUE => {
                let message = "`true` is taken from 0.20.1 on; leave the field out to use the default gateway";
                return Parsed::wrong(Problem::at(range, message));
            }
            Some(true) => return Parsed::right(range, Role::Gateway, "the default gateway"),
            Some(false) => return Parsed::right(range, Role::Gateway, "no gateway"),
            None => {}
        }
        match value {
            Value::Str(text) => {
                let strict = release >= GATEWAY_PROJECT;
                read(text, "gateway", strict, strict)
            }
            _ => match python::text(value, release) {
                Some(text) => Parsed::right(0..0, Role::Name, format!("the gateway `{text}`")),
                None => Parsed::wrong(Problem::whole("write a gateway's name, `true` or `false`")),
            },
        }
    }

    fn expected(&self, text: &str, _: usize, release: Release) -> Vec<Expected> {
        let no = Expected::new(0..text.len(), "false", "no gateway");
        let yes = (release >= GATEWAY_TRUE).then(|| Expected::new(0..text.len(), "true", "the default gateway"));
        std::iter::once(no).chain(yes).collect()
    }
}

fn read(text: &str, kind: &str, one_slash: bool, not_empty: bool) -> Parsed {
    let mut slashes = text.match_indices('/').map(|it| it.0);
    let (first, second) = (slashes.next(), slashes.next());
    if let Some(second) = second.filter(|_| one_slash) {
        let message = format!("a {kind} is named `name` or `project/name`; remove what follows the second `/`");
        let fixed = &text[..second];
        let sound = read(fixed, kind, one_slash, not_empty).is_ok();
        let meant = (text[second..].bytes().all(|it| it == b'/') && sound).then(|| fixed.to_string());
        return Parsed::wrong(Problem::at(second..text.len(), message).suggest(meant));
    }
    if not_empty && text.is_empty() {
        return Parsed::wrong(Problem::whole(format!("the name is empty; write the name of a {kind}")));
    }
    if let Some(slash) = first.filter(|it| not_empty && (*it == 0 || it + 1 == text.len())) {
        let side = if slash == 0 { "before" } else { "after" };
        let what = if slash == 0 { "project" } else { "name" };
        let message = format!("the {what} is missing {side} `/`; write `name` or `project/name`");
        let name = text.trim_matches('/');
        return Parsed::wrong(
            Problem::at(slash..slash + 1, message).suggest((!name.is_empty()).then(|| name.to_string())),
        );
    }
    match first.filter(|_| one_slash) {
        Some(slash) => Parsed {
            parts: vec![
                Part::new(0..slash, Role::Project, format!("of the project `{}`", &text[..slash])),
                Part::new(slash + 1..text.len(), Role::Name, format!("the {kind} `{}`", &text[slash + 1..])),
            ],
            problems: Vec::new(),
        },
        None => Parsed::right(0..text.len(), Role::Name, format!("the {kind} `{text}`")),
    }
}
