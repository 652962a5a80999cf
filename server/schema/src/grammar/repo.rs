//! Repositories of a run: `.`, `./lib:/lib`, `https://github.com/dstackai/dstack:/work`.
//!
//! ```ebnf
//! repo  = source , [ ":" , path ] ;
//! source = url | local ;
//! url   = scheme , "://" , { any but ":" } | user , "@" , host , ":" , { any but ":" } ;
//! local = [ drive , ":" ] , any but ":" , { any but ":" } ;
//! path  = { any but ":" } ;                      (* since 0.19.27: "~" and "~/x", but not "~user" *)
//! ```
//!
//! Mirrors `RepoSpec.parse`, `validate_local_path_or_url` and `validate_path` in dstack's `configurations.py`.

use std::ops::Range;

use super::{
    file, plain,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// An item of `repos`, written as one scalar.
pub struct Repo;
/// The path of a repository in the container.
pub struct RepoPath;

const DOCS: &str = "A Git repository, optionally followed by `:` and its path in the container.\n\n\
    * `.`: the repository in this folder\n\
    * `..:/work`: the repository in the parent folder, at `/work`\n\
    * `https://github.com/dstackai/dstack:/work`: a remote repository\n\
    * `git@github.com:dstackai/dstack.git`: a remote repository over SSH";

const PATH_DOCS: &str = "The path of the repository in the container, such as `/work` or `~/work`. A relative path \
    starts at the working directory.";

const NO_USER: Release = Release::new(0, 19, 27);

impl Grammar for Repo {
    fn meta(&self) -> &Meta {
        &Meta { name: "repo", title: "a repository", docs: DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let Value::Str(text) = value else {
            return Parsed::wrong(Problem::whole("expected a repository: `.`, a folder or a URL"));
        };
        let (ranges, is_url) = split(text);
        let (source, path) = match ranges.as_slice() {
            [source] => (source.clone(), None),
            [source, path] => (source.clone(), Some(path.clone())),
            [_, second, ..] => {
                let range = second.end..text.len();
                let message = format!("unexpected `{}`; expected `repository:path`", &text[range.clone()]);
                return Parsed::wrong(Problem::at(range, message));
            }
            [] => return Parsed::default(),
        };
        if source.is_empty() {
            let message = "missing repository; expected `.`, a folder or a URL";
            let range = if text.is_empty() { 0..0 } else { 0..1 };
            return Parsed::wrong(Problem::at(range, message));
        }
        if let Some(path) = &path
            && let Some(problem) = user_path(&text[path.clone()], path.start, release)
        {
            return Parsed::wrong(problem);
        }
        let written = &text[source.clone()];
        let what = match (is_url, written) {
            (true, _) => Part::new(source, Role::Url, format!("the repository at `{written}`")),
            (false, ".") => Part::new(source, Role::LocalPath, "the repository in this folder"),
            (false, _) => Part::new(source, Role::LocalPath, format!("the local repository `{written}`")),
        };
        let mut parts = vec![what];
        parts.extend(path.map(|it| {
            let meaning = format!("checked out to `{}` in the container", &text[it.clone()]);
            Part::new(it, Role::Path, meaning)
        }));
        Parsed { parts, problems: Vec::new() }
    }

    fn expected(&self, text: &str, at: usize, _: Release) -> Vec<Expected> {
        let (ranges, is_url) = split(text);
        let replace = 0..text.len();
        match ranges.as_slice() {
            [source] if !source.is_empty() && (is_url || !text.contains(':')) && at == text.len() => {
                vec![Expected::new(replace, format!("{text}:/work"), "checked out to `/work` in the container")]
            }
            [source] if source.is_empty() => vec![
                Expected::new(replace.clone(), ".", "the repository in this folder"),
                Expected::new(replace, "https://github.com/", "a GitHub repository"),
            ],
            _ => Vec::new(),
        }
    }
}

impl Grammar for RepoPath {
    fn meta(&self) -> &Meta {
        &Meta { name: "repo-path", title: "a repository path", docs: PATH_DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let parsed = plain::any_text(value, release, Role::Path, "the path of the repository in the container");
        match value {
            Value::Str(text) => user_path(text, 0, release).map_or(parsed, Parsed::wrong),
            _ => parsed,
        }
    }

    fn expected(&self, _: &str, _: usize, _: Release) -> Vec<Expected> {
        Vec::new()
    }
}

/// The parts between colons, and whether the first is a URL: the part before an `@` or `//` belongs to it.
fn split(text: &str) -> (Vec<Range<usize>>, bool) {
    let Some((first, rest)) = text.split_once(':') else { return (file::split(text).collect(), false) };
    let is_url = first.contains('@') || rest.starts_with("//");
    match is_url {
        true => (file::split_after(text, first.len() + 1).collect(), true),
        false => (file::split(text).collect(), false),
    }
}

/// The problem of `~user`, which dstack refuses: `path.parts[0]` begins with a tilde and is longer.
fn user_path(path: &str, start: usize, release: Release) -> Option<Problem> {
    let first = path.split('/').next().unwrap_or(path);
    if release < NO_USER || !first.starts_with('~') || first == "~" {
        return None;
    }
    let message = format!("`{first}` is not supported; expected `~` or an absolute path");
    Some(Problem::at(start..start + first.len(), message))
}
