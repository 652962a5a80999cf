//! Mounts: `my-volume:/data`, `/mnt/data:/data`.
//!
//! ```ebnf
//! mount      = source , ":" , path ;
//! source     = volume-name | path ;              (* with a "/": a path on the instance *)
//! path       = "/" , { any } ;                   (* absolute, without ".." components *)
//! ```
//!
//! Mirrors `parse_mount_point` and `_validate_mount_point_path` in dstack's `volumes.py`.

use std::ops::Range;

use super::{
    interpolation, plain, python,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// An item of `volumes`, written as one scalar.
pub struct Mount;
/// An absolute path: `path`, `instance_path`.
pub struct MountPath;

const DOCS: &str = "A mount: `source:/path`.\n\n\
    * `my-volume:/data`: a network volume\n\
    * `/mnt/data:/data`: a folder on the instance (the source contains a `/`)\n\n\
    Paths are absolute, without `..`. Options such as `:ro` are not supported. To copy local files into the container, use \
    `files`.";

const PATH_DOCS: &str = "An absolute path without `..`, such as `/data`.";

impl Grammar for Mount {
    fn meta(&self) -> &Meta {
        &Meta { name: "mount", title: "a mount", docs: DOCS }
    }

    fn parse(&self, value: Value<'_>, _: Release) -> Parsed {
        let Value::Str(text) = value else {
            return Parsed::wrong(Problem::whole("expected a mount such as `my-volume:/data`"));
        };
        let Some((source, path)) = text.split_once(':') else {
            let message = match text.trim() {
                "" => "the mount is empty; expected a mount such as `my-volume:/data`".to_string(),
                _ => format!("missing mount path; write `{text}:/path`"),
            };
            return Parsed::wrong(Problem::at(0..text.len(), message));
        };
        let second = source.len() + 1;
        if let Some(third) = path.find(':').map(|it| second + it) {
            let option = &text[third..];
            let message = match option {
                ":ro" | ":rw" => format!("unexpected `{option}`; a mount has no options"),
                _ => format!("unexpected `{option}`; expected `source:/path`"),
            };
            let rest = &text[..third];
            let meant = Some(rest.to_string()).filter(|it| Mount.parse(Value::Str(it), Release::NEWEST).is_ok());
            return Parsed::wrong(Problem::at(third..text.len(), message).offer(meant, option == ":rw"));
        }
        let is_instance = source.contains('/');
        let mut problems = Vec::new();
        if is_instance {
            problems.extend(misplaced(source, 0, " on the instance"));
        }
        problems.extend(misplaced(path, second, " in the container"));
        if !problems.is_empty() {
            return Parsed { parts: Vec::new(), problems };
        }
        let what = match is_instance {
            true => Part::new(0..source.len(), Role::InstancePath, format!("the folder `{source}` on the instance")),
            false => Part::new(0..source.len(), Role::Volume, format!("the network volume `{source}`")),
        };
        let mut parts = vec![what];
        parts.extend(interpolation::parts(source, 0));
        parts.push(Part::new(second..text.len(), Role::Path, format!("mounted at `{path}` in the container")));
        Parsed { parts, problems: Vec::new() }
    }

    fn expected(&self, text: &str, at: usize, _: Release) -> Vec<Expected> {
        match text[..at].find(':') {
            Some(colon) => paths(colon + 1..text.len()),
            None if text.contains(':') || text.contains("${{") => Vec::new(),
            None => {
                let (replace, source) = (0..text.len(), text.trim());
                match source {
                    "" => vec![Expected::new(replace, "/mnt/data:/data", "a folder on the instance")],
                    _ => vec![Expected::new(replace, format!("{source}:/data"), "mounted at `/data`")],
                }
            }
        }
    }
}

impl Grammar for MountPath {
    fn meta(&self) -> &Meta {
        &Meta { name: "mount-path", title: "an absolute path", docs: PATH_DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let Some(text) = python::text(value, release) else { return Parsed::wrong(plain::not_a_text(value)) };
        match (value, misplaced(&text, 0, "")) {
            (Value::Str(_), None) => Parsed::right(0..text.len(), Role::Path, format!("`{text}`")),
            (Value::Str(_), Some(problem)) => Parsed::wrong(problem),
            // A number is never an absolute path.
            (_, problem) => {
                let message = problem.map_or_else(|| "expected an absolute path".into(), |it| it.message);
                Parsed::wrong(Problem::whole(message))
            }
        }
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        paths(0..text.len())
    }
}

fn paths(replace: Range<usize>) -> Vec<Expected> {
    let common = [
        ("/data", "data"),
        ("/checkpoints", "checkpoints"),
        ("/root/.cache", "downloads of tools"),
        ("/root/.cache/huggingface", "Hugging Face downloads"),
        ("/workspace", "workspace"),
    ];
    common.into_iter().map(|(path, detail)| Expected::new(replace.clone(), path, detail)).collect()
}

/// What is wrong with `path`, at `start` of the scalar: it is not absolute, or it contains `..`.
fn misplaced(path: &str, start: usize, place: &str) -> Option<Problem> {
    let end = start + path.len();
    if path.is_empty() {
        return Some(Problem::at(
            start..end,
            format!("missing path{place}; expected an absolute path such as `/data`"),
        ));
    }
    if !path.starts_with('/') {
        let message = format!("expected an absolute path{place}, found `{path}`");
        return Some(Problem::at(start..end, message));
    }
    let mut at = start;
    for part in path.split('/') {
        if part == ".." {
            let message = "`..` is not allowed in a path";
            return Some(Problem::at(at..at + 2, message));
        }
        at += part.len() + 1;
    }
    None
}
