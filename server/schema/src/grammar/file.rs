//! Files to copy into the container: `config.yml`, `./src:/app/src`.
//!
//! ```ebnf
//! file  = path | local , ":" , path ;
//! local = [ drive , ":" ] , { any but ":" } ;      (* "C:\x", "c:/x": a colon after one letter and before a slash *)
//! path  = { any but ":" } ;                        (* a Unix path: not "C:\x" or "\\host\share\x" *)
//! ```
//!
//! Mirrors `FilePathMapping.parse` and `validate_path` in dstack's `files.py`, which uses Python's `PureWindowsPath`
//! to refuse absolute Windows paths in the container. Before 0.19.26 a number is also a path.

use std::ops::Range;

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// An item of `files` as one text.
pub struct FileMapping;
/// A path in the container.
pub struct ContainerPath;

const DOCS: &str = "A local file or folder, and its path in the container.\n\n\
    * `config.yml`: the same path on both sides\n\
    * `./src:/app/src`: a local path (relative to this file), `:`, and a path in the container (relative to the working \
    directory)";

const PATH_DOCS: &str = "A path in the container, such as `/app/src`; a relative path starts at the working directory.";

/// Before this release, numbers and booleans were converted to strings.
const TEXTS_ONLY: Release = Release::new(0, 19, 26);

impl Grammar for FileMapping {
    fn meta(&self) -> &Meta {
        &Meta { name: "file-mapping", title: "a file mapping", docs: DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let text = match value {
            Value::Str(text) => text,
            _ if release < TEXTS_ONLY && python::text(value, release).is_some() => {
                return Parsed::right(0..0, Role::Path, "the same path on both sides");
            }
            _ => return Parsed::wrong(Problem::whole("expected a path such as `./src:/app/src`")),
        };
        let parts = split(text);
        let ranges: Vec<Range<usize>> = parts.collect();
        let windows = |range: &Range<usize>| {
            is_absolute_on_windows(&text[range.clone()]).then(|| {
                let path = &text[range.clone()];
                Problem::at(range.clone(), format!("`{path}` is a Windows path; expected a Unix path in the container"))
            })
        };
        match ranges.as_slice() {
            [path] => match windows(path) {
                None => Parsed::right(path.clone(), Role::Path, format!("`{text}`, on both sides")),
                Some(problem) => {
                    let message = format!("{}; add `:` and a Unix path", problem.message);
                    Parsed::wrong(Problem { message, ..problem })
                }
            },
            [local, path] => match windows(path) {
                None => {
                    let local_part =
                        Part::new(local.clone(), Role::LocalPath, format!("local path `{}`", &text[local.clone()]));
                    let path = Part::new(
                        path.clone(),
                        Role::Path,
                        format!("copied to `{}` in the container", &text[path.clone()]),
                    );
                    Parsed { parts: vec![local_part, path], problems: Vec::new() }
                }
                Some(problem) => Parsed::wrong(problem),
            },
            [_, second, ..] => {
                let range = second.end..text.len();
                let message = format!("unexpected `{}`; expected `local:container`", &text[range.clone()]);
                let fixed = Some(text[..second.end].to_string());
                let meant = fixed.filter(|it| {
                    matches!(&text[range.clone()], ":ro" | ":rw") && self.parse(Value::Str(it), release).is_ok()
                });
                let is_same = &text[range.clone()] == ":rw";
                Parsed::wrong(Problem::at(range, message).offer(meant, is_same))
            }
            [] => Parsed::default(),
        }
    }

    fn expected(&self, text: &str, at: usize, _: Release) -> Vec<Expected> {
        if text[..at].contains(':') || text.contains(':') {
            return Vec::new();
        }
        let replace = 0..text.len();
        match text.trim() {
            "" => vec![
                Expected::new(replace.clone(), ".", "this folder"),
                Expected::new(replace, "~/.ssh:/root/.ssh", "your SSH keys"),
            ],
            path => {
                let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
                let name = if name.is_empty() || name.starts_with('.') || name == "~" { "files" } else { name };
                vec![Expected::new(replace, format!("{path}:/{name}"), format!("copied to `/{name}` in the container"))]
            }
        }
    }
}

impl Grammar for ContainerPath {
    fn meta(&self) -> &Meta {
        &Meta { name: "container-path", title: "a path in the container", docs: PATH_DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let parsed = plain::any_text(value, release, Role::Path, "a path in the container");
        match value {
            Value::Str(text) if is_absolute_on_windows(text) => Parsed::wrong(Problem::at(
                0..text.len(),
                format!("`{text}` is a Windows path; expected a Unix path in the container"),
            )),
            _ => parsed,
        }
    }

    fn expected(&self, _: &str, _: usize, _: Release) -> Vec<Expected> {
        Vec::new()
    }
}

/// The parts between colons; the colon of a drive does not separate.
pub(super) fn split(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    let drive = matches!(bytes, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    split_after(text, if drive { 2 } else { 0 })
}

/// The parts between colons; colons before the byte `from` do not separate.
pub(super) fn split_after(text: &str, from: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    let ends = text.bytes().enumerate().skip(from).filter(|it| it.1 == b':').map(|it| it.0);
    ends.chain([text.len()]).map(move |end| {
        let range = start..end;
        start = end + 1;
        range
    })
}

/// `PureWindowsPath(path).is_absolute()`: a drive and a root, or a network share.
fn is_absolute_on_windows(path: &str) -> bool {
    let path = path.replace('/', "\\");
    // `\\?\` and `\\?\UNC` count as a drive, whatever follows.
    let (path, extended) = match path.strip_prefix(r"\\?\") {
        Some(rest) if rest.starts_with(r"UNC\") => (format!(r"\{}", &rest[3..]), true),
        Some(rest) => (rest.to_string(), true),
        None => (path, false),
    };
    let share = path.strip_prefix(r"\\").filter(|it| !it.starts_with('\\')).and_then(|it| it.split_once('\\'));
    if share.is_some_and(|(_, share)| !share.starts_with('\\')) {
        return true;
    }
    match path.as_bytes() {
        [letter, b':', rest @ ..] if letter.is_ascii_alphabetic() => rest.starts_with(br"\"),
        path => extended && path.starts_with(br"\"),
    }
}
