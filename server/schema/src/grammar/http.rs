//! Paths, prefixes and header names of HTTP: `/api/`, `X-API-Key`, `/health`.
//!
//! ```ebnf
//! url-path-prefix = "/" , { any but whitespace, "\", "{", "}" } ;      (* at most 4094 characters *)
//! header-name     = ( letter | digit | "-" | "_" ) , { … } ;            (* at most 500 characters *)
//! probe-url       = "/" , { printable } ;                               (* at most 2048 characters *)
//! ```
//!
//! Mirrors `RateLimit.prefix`, `HeaderPartitioningKey.header` and `ProbeConfig.validate_url` in dstack's
//! `configurations.py`. Before 0.21.0 the patterns are matched by Python's `re`, where `$` allows a final line break.

use super::{
    interpolation, plain, python,
    types::{Expected, Grammar, Meta, Parsed, Problem, Role},
};
use crate::{release::Release, value::Value};

/// `rate_limits[].prefix`
pub struct UrlPathPrefix;
/// `rate_limits[].key.header`
pub struct HeaderName;
/// `probes[].url`
pub struct ProbeUrl;

const MAX_PREFIX: usize = 4094;
const MAX_HEADER: usize = 500;
const MAX_PROBE: usize = 2048;

impl Grammar for UrlPathPrefix {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "url-path-prefix",
            title: "a path prefix",
            docs: "The beginning of the paths the limit applies to, such as `/api/`. Spaces, `\\`, `{` and `}` are not allowed.",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let text = match path(value) {
            Ok(text) => text,
            Err(problem) => return Parsed::wrong(problem),
        };
        if let Some(problem) = too_long(text, MAX_PREFIX) {
            return Parsed::wrong(problem);
        }
        let forbidden = |c: char| {
            let space = if release.is_pydantic_2() { c.is_whitespace() } else { python::is_space(c) };
            space || matches!(c, '\\' | '{' | '}')
        };
        match last_line(text, release).char_indices().find(|it| forbidden(it.1)) {
            Some((at, c)) => {
                let message = format!("`{}` is not allowed in a path prefix", c.escape_debug());
                let rest: String = text.chars().filter(|it| !forbidden(*it)).collect();
                let meant = text.trim_end().chars().all(|it| !forbidden(it)).then_some(rest);
                Parsed::wrong(Problem::at(at..at + c.len_utf8(), message).suggest(meant))
            }
            None => Parsed::right(0..text.len(), Role::Prefix, format!("paths that begin with `{text}`")),
        }
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        let common = [
            ("/", "all paths"),
            ("/api/", "an API"),
            ("/v1/", "OpenAI-compatible API"),
            ("/v1/chat/completions", "chat completions"),
        ];
        common.map(|(it, detail)| Expected::new(0..text.len(), it, detail)).into()
    }
}

impl Grammar for HeaderName {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "header-name",
            title: "a header name",
            docs: "The name of an HTTP header, such as `X-API-Key`: letters, digits, `-` and `_`.",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let Some(text) = python::text(value, release) else { return Parsed::wrong(plain::not_a_text(value)) };
        let is_text = matches!(value, Value::Str(_));
        let place = |range: std::ops::Range<usize>| if is_text { range } else { 0..0 };
        if text.is_empty() {
            return Parsed::wrong(Problem::whole("the name is empty; expected a header name such as `X-API-Key`"));
        }
        if let Some(problem) = too_long(&text, MAX_HEADER) {
            return Parsed::wrong(problem);
        }
        let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let line = last_line(&text, release);
        match line.char_indices().find(|it| !sound(it.1)) {
            _ if line.is_empty() => Parsed::wrong(Problem::at(place(0..text.len()), "the name is empty")),
            Some((at, c)) => {
                let message =
                    format!("`{}` is not allowed in a header name; use letters, digits, `-` and `_`", c.escape_debug());
                let bare = text.trim().trim_end_matches(':');
                let meant = (!bare.is_empty() && bare.chars().all(sound)).then(|| bare.to_string());
                Parsed::wrong(Problem::at(place(at..at + c.len_utf8()), message).respell(meant))
            }
            None => Parsed::right(place(0..text.len()), Role::Header, format!("the header `{text}`")),
        }
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        let common = [("X-API-Key", "API key"), ("Authorization", "token"), ("X-User-Id", "user")];
        common.map(|(it, detail)| Expected::new(0..text.len(), it, detail)).into()
    }
}

impl Grammar for ProbeUrl {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "probe-url",
            title: "a probe path",
            docs: "The path to request, beginning with `/`, such as `/health`. It can contain `${{ env.NAME }}` and \
                   `${{ secrets.NAME }}`.",
        }
    }

    fn parse(&self, value: Value<'_>, _: Release) -> Parsed {
        let text = match path(value) {
            Ok(text) => text,
            Err(problem) => return Parsed::wrong(problem),
        };
        if let Some(problem) = too_long(text, MAX_PROBE) {
            return Parsed::wrong(problem);
        }
        match text.char_indices().find(|it| !python::is_printable(it.1)) {
            Some((at, c)) => {
                let message = format!("`{}` is not printable and not allowed here", c.escape_debug());
                let printable: String = text.chars().filter(|it| python::is_printable(*it)).collect();
                let meant = text.trim_end().chars().all(python::is_printable).then_some(printable);
                Parsed::wrong(Problem::at(at..at + c.len_utf8(), message).suggest(meant))
            }
            None => {
                let mut parsed = Parsed::right(0..text.len(), Role::Path, format!("requests `{text}`"));
                parsed.parts.extend(interpolation::parts(text, 0));
                parsed
            }
        }
    }

    fn expected(&self, text: &str, at: usize, _: Release) -> Vec<Expected> {
        if text[..at].contains('$') {
            return interpolation::expected(text, at, &["env", "secrets"]);
        }
        let common = [
            ("/health", "a common path"),
            ("/healthz", "a common path"),
            ("/v1/models", "OpenAI-compatible API"),
            ("/", "the root"),
        ];
        common.map(|(it, detail)| Expected::new(0..text.len(), it, detail)).into()
    }
}

/// A string that begins with a slash; numbers and booleans never do.
fn path<'a>(value: Value<'a>) -> Result<&'a str, Problem> {
    match value {
        Value::Str(text) if text.starts_with('/') => Ok(text),
        Value::Str("") => Err(Problem::whole("the path is empty; expected a path such as `/health`")),
        Value::Str(text) => {
            let sound = text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '\\' | '{' | '}'));
            let meant = (sound && text.len() < 1000 && !text.contains("://")).then(|| format!("/{text}"));
            // The first part of `localhost:8000/health` and `app/health` may be a host.
            let (first, rest) = text.split_once('/').unwrap_or((text, ""));
            let is_path = rest.is_empty() && !first.contains(['.', ':']) && !first.eq_ignore_ascii_case("localhost");
            Err(Problem::at(0..text.len(), format!("invalid path `{text}`; must start with `/`")).offer(meant, is_path))
        }
        _ => Err(Problem::whole("expected a path such as `/health`")),
    }
}

fn too_long(text: &str, max: usize) -> Option<Problem> {
    let length = if text.len() > max { text.chars().count() } else { 0 };
    (length > max).then(|| Problem::at(0..0, format!("the string has {length} characters; expected at most {max}")))
}

/// The part of the string that `^…$` matches: without a final line break before 0.21.0.
fn last_line(text: &str, release: Release) -> &str {
    match text.strip_suffix('\n') {
        Some(line) if !release.is_pydantic_2() => line,
        _ => text,
    }
}
