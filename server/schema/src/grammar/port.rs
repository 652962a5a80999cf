//! Ports: `8000`, `8080:80`, `*:80`.
//!
//! ```ebnf
//! ports   = port | [ local , ":" ] , port ;
//! local   = port | "*" ;                        (* "*": any free port *)
//! service = port | port , ":" , port ;          (* only the second has an effect *)
//! port    = digits ;                            (* 1 to 65535; before 0.21.0 to 65536 *)
//! ```
//!
//! Mirrors `PortMapping.parse` and the types of `ports` and `port` in dstack's `configurations.py`. Before 0.21.0 a
//! value is first read as an integer (a float loses its fraction), then as `local:container`.

use std::ops::Range;

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// Ports in a field of dstack.
pub struct Port {
    meta: Meta,
    kind: Kind,
}

/// The kind of field a port is in.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// An item of `ports`.
    Mapping,
    /// The `port` of a service.
    Service,
    /// One of two fields of a mapping.
    Number,
}

impl Port {
    /// An item of `ports`.
    pub const MAPPING: Port = Port {
        meta: Meta {
            name: "port-mapping",
            title: "a port",
            docs: "A port of the container that is forwarded to your machine while you are attached to the run.\n\n\
               * `8000`: the same port on both sides\n\
               * `\"8080:80\"`: local port 8080 to container port 80\n\
               * `\"*:80\"`: any free local port to container port 80\n\n\
               Quote values with a colon: YAML reads `22:22` as the number 1342.",
        },
        kind: Kind::Mapping,
    };
    /// `port` of a service.
    pub const SERVICE: Port = Port {
        meta: Meta {
            name: "service-port",
            docs: "The port on which the application listens, such as `8000`. In `\"80:8000\"` only the second number has \
                   an effect; quote it, because YAML reads some of these as numbers.",
            ..Port::MAPPING.meta
        },
        kind: Kind::Service,
    };
    /// `local_port`, `container_port`
    pub const NUMBER: Port = Port {
        meta: Meta { name: "port-number", docs: "A port from `1` to `65535`.", ..Port::MAPPING.meta },
        kind: Kind::Number,
    };

    fn max(release: Release) -> i128 {
        if release.is_pydantic_2() { 65_535 } else { 65_536 }
    }

    fn one(&self, port: i128, range: Range<usize>, release: Release) -> Parsed {
        let greatest = Port::max(release);
        if !(1..=greatest).contains(&port) {
            // YAML 1.1 reads `2222:22` as 133342, in base 60.
            let (high, low) = (port / 60, port % 60);
            let message = match self.kind {
                Kind::Mapping if range.is_empty() && (1..=65_535).contains(&high) && matches!(low, 20..=25 | 53) => {
                    format!("port {port} is above {greatest}; if this is `{high}:{low}`, add quotes")
                }
                _ => format!("invalid port `{port}`; expected 1 to {greatest}"),
            };
            return Parsed::wrong(Problem::at(range, message));
        }
        let meaning = match self.kind {
            Kind::Mapping => format!("port {port} on both sides"),
            Kind::Service => format!("the application listens on port {port}"),
            Kind::Number => format!("port {port}"),
        };
        Parsed::right(range, Role::Port, meaning)
    }

    fn text(&self, text: &str, release: Release) -> Parsed {
        let whole = 0..text.len();
        let is_number = match self.kind {
            // Since 0.21.0, an item of `ports` is matched as a string, not read as an integer.
            Kind::Mapping if release.is_pydantic_2() => None,
            _ => python::int_field(text, release),
        };
        if let Some(port) = is_number {
            return self.one(port, whole, release);
        }
        let body = match (self.kind, release.is_pydantic_2()) {
            (Kind::Number, _) => return Parsed::wrong(misspelled(text, self.kind)),
            (Kind::Service, true) => text,
            // Python's `$` allows a final line break.
            _ => text.strip_suffix('\n').unwrap_or(text),
        };
        let ascii = self.kind == Kind::Service || !release.is_pydantic_2();
        let digits = |it: &str| {
            let is_digit = |c: char| if ascii { c.is_ascii_digit() } else { python::digit(c).is_some() };
            (!it.is_empty() && it.chars().all(is_digit)).then(|| python::int(it)).flatten()
        };
        let Some((local, container)) = body.split_once(':') else {
            return match digits(body) {
                Some(port) if self.kind == Kind::Mapping => self.one(port, 0..body.len(), release),
                _ => Parsed::wrong(misspelled(text, self.kind)),
            };
        };
        let any = local == "*" && self.kind == Kind::Mapping;
        let (Some(local_port), Some(port)) = (if any { Some(1) } else { digits(local) }, digits(container)) else {
            return Parsed::wrong(misspelled(text, self.kind));
        };
        let (first, second) = (0..local.len(), local.len() + 1..body.len());
        for (port, range) in [(local_port, first.clone()), (port, second.clone())] {
            let greatest = Port::max(release);
            if !(1..=greatest).contains(&port) {
                return Parsed::wrong(Problem::at(range, format!("invalid port `{port}`; expected 1 to {greatest}")));
            }
        }
        let local = match (self.kind, any) {
            (Kind::Service, _) => format!("{local_port} has no effect"),
            (_, true) => "any free local port".to_string(),
            (_, false) => format!("local port {local_port}"),
        };
        let container = format!("container port {port}");
        let parts = vec![Part::new(first, Role::LocalPort, local), Part::new(second, Role::ContainerPort, container)];
        Parsed { parts, problems: Vec::new() }
    }
}

impl Grammar for Port {
    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let number = match value {
            Value::Str(text) => return self.text(text, release),
            // Since 0.21.0, a float in `ports` is read as a mapping, and refused.
            Value::Float(_) if self.kind == Kind::Mapping && release.is_pydantic_2() => None,
            _ => plain::as_integer(value, release),
        };
        match number {
            Some(port) => self.one(port, 0..0, release),
            None => Parsed::wrong(Problem::whole("expected a port such as `8000`")),
        }
    }

    fn expected(&self, text: &str, at: usize, _: Release) -> Vec<Expected> {
        let common = ["8000", "8080", "8888", "3000", "5000", "6006", "7860", "80", "443"];
        let detail = |port: &str| match port {
            "6006" => "TensorBoard",
            "8888" => "Jupyter",
            "7860" => "Gradio",
            "80" => "HTTP",
            "443" => "HTTPS",
            _ => "a common application port",
        };
        let start = text[..at].rfind(':').map_or(0, |colon| colon + 1);
        let end = text[at..].find(':').map_or(text.len(), |colon| at + colon);
        let mut all: Vec<Expected> = common.iter().map(|it| Expected::new(start..end, *it, detail(it))).collect();
        if self.kind == Kind::Mapping && !text.contains(':') {
            let port = if text.bytes().all(|it| it.is_ascii_digit()) && !text.is_empty() { text } else { "8000" };
            all.push(Expected::new(0..text.len(), format!("*:{port}"), "any free local port"));
        }
        all
    }
}

fn misspelled(text: &str, kind: Kind) -> Problem {
    let trimmed = text.trim();
    let forms = match kind {
        Kind::Mapping => "expected `8000`, `8080:80` or `*:80`",
        Kind::Service => "expected a port such as `8000`",
        Kind::Number => "expected an integer such as `8000`",
    };
    if trimmed.is_empty() {
        return Problem::whole(format!("the port is empty; {forms}"));
    }
    let start = text.len() - text.trim_start().len();
    let at = |range: Range<usize>, message: String| Problem::at(start + range.start..start + range.end, message);
    let is_port = |it: &str| it.parse::<u16>().is_ok_and(|it| it > 0);
    if let Some(port) = trimmed.strip_suffix(':') {
        let message = "missing container port after `:`".to_string();
        return at(port.len()..trimmed.len(), message).suggest(is_port(port).then(|| port.to_string()));
    }
    if let Some(port) = trimmed.strip_prefix(':').filter(|it| is_port(it)) {
        return at(0..1, format!("missing local port before `:`; {forms}")).suggest(port.to_string());
    }
    if let Some((port, protocol)) = trimmed.split_once('/') {
        let sound = is_port(port) || port.split_once(':').is_some_and(|(one, two)| is_port(one) && is_port(two));
        let message = format!("unexpected `/{protocol}`; a port has no protocol");
        return at(port.len()..trimmed.len(), message).suggest(sound.then(|| port.to_string()));
    }
    if let Some((_, port)) = trimmed.strip_prefix("*:").map(|it| ("*", it)).filter(|_| kind == Kind::Service) {
        let message = "unexpected `*`; a service has no local port".to_string();
        return at(0..1, message).suggest(is_port(port).then(|| port.to_string()));
    }
    if trimmed.split('-').all(is_port) && trimmed.contains('-') {
        return at(0..trimmed.len(), "port ranges are not supported; list each port".into());
    }
    let parts: Vec<&str> = trimmed.split(':').map(|it| it.trim_matches(' ')).collect();
    let spaceless = parts.join(":");
    let sound = spaceless.split(':').count() <= 2
        && kind != Kind::Number
        && spaceless
            .split(':')
            .enumerate()
            .all(|(at, it)| is_port(it) || (at == 0 && it == "*" && kind == Kind::Mapping && spaceless.contains(':')));
    let message = format!("invalid port `{trimmed}`; {forms}");
    at(0..trimmed.len(), message).respell((sound && spaceless != text).then_some(spaceless))
}
