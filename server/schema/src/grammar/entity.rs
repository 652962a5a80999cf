//! Names of fleets and gateways, optionally of another project: `my-fleet`, `other-project/my-fleet`.
//!
//! ```ebnf
//! entity  = name | project , "/" , name ;
//! gateway = boolean | entity ;                 (* "yes" is true, too *)
//! ```
//!
//! Mirrors `EntityReference.parse` in dstack's `common.py`, and the fields `fleets`, `instances[].fleet` and `gateway`.
//! Fleets: any name since 0.19.3, at most one `/` since 0.20.14, no empty part since 0.20.17. Gateways: any name since
//! 0.18.23, `true` since 0.20.1, one `/` and no empty part since 0.20.20.

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// A name with an optional project.
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
            docs: "A name such as `my-fleet`, optionally with its project: `other-project/my-fleet`.",
        },
        kind: "fleet",
    };
    /// An item of `fleets`.
    pub const FLEET: Entity = Entity {
        meta: Meta {
            name: "fleet-reference",
            title: "a fleet name",
            docs: "The name of a fleet, such as `my-fleet`; since 0.20.14 optionally with its project: \
                   `other-project/my-fleet`.",
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
            _ if self.meta.name == "entity" => Parsed::wrong(Problem::whole("expected a string; quote the value")),
            _ => plain::any_text(value, release, Role::Name, "a fleet whose name is a number"),
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
            title: "a gateway name",
            docs: "The name of a gateway, such as `my-gateway`; since 0.20.20 optionally with its project: \
                   `other-project/my-gateway`. `false` publishes the service without a gateway; `true` (since 0.20.1) uses \
                   the default gateway.",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let range = if let Value::Str(text) = value { 0..text.len() } else { 0..0 };
        match plain::as_boolean(value) {
            Some(true) if release < GATEWAY_TRUE => {
                let message = "`true` requires dstack 0.20.1 or later; remove the field to use the default gateway";
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
                None => Parsed::wrong(Problem::whole("expected a gateway name, `true` or `false`")),
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
        let message = "unexpected second `/`; expected `name` or `project/name`";
        let fixed = &text[..second];
        let sound = read(fixed, kind, one_slash, not_empty).is_ok();
        let meant = (text[second..].bytes().all(|it| it == b'/') && sound).then(|| fixed.to_string());
        return Parsed::wrong(Problem::at(second..text.len(), message).suggest(meant));
    }
    if not_empty && text.is_empty() {
        return Parsed::wrong(Problem::whole(format!("the name is empty; expected the name of a {kind}")));
    }
    if let Some(slash) = first.filter(|it| not_empty && (*it == 0 || it + 1 == text.len())) {
        let side = if slash == 0 { "before" } else { "after" };
        let what = if slash == 0 { "project" } else { "name" };
        let message = format!("missing {what} {side} `/`; expected `name` or `project/name`");
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
