//! Repositories of a run: `.`, `./lib:/lib`, `https://github.com/dstackai/dstack:/work`.
//!
//! ```ebnf
//! repo  = source , [ ":" , path ] ;
//! source = url | local ;
//! url   = scheme , "://" , { any but ":" } | user , "@" , host , ":" , { any but ":" } ;
//! local = [ drive , ":" ] , any but ":" , { any but ":" } ;
//! path  = { any but ":" } ;                      (* from 0.19.27: "~" and "~/x", but not "~user" *)
//! ```
//!
//! Mirrors `RepoSpec.parse`, `validate_local_path_or_url` and `validate_path` in dstack's `configurations.py`.

use std::ops::Range;

use super::{
    file, plain,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// An item of `repos` as one text.
pub struct Repo;
/// Where a repository goes in the container.
pub struct RepoPath;

const DOCS: &str = "A Git repository, and after a `:` where it goes in the container.\n\n\
    * `.`: the repository of this folder\n\
    * `..:/work`: another folder, into `/work`\n\
    * `https://github.com/dstackai/dstack:/work`: by its address\n\
    * `git@github.com:dstackai/dstack.git`: over SSH";

const PATH_DOCS: &str = "Where the repository goes in the container, such as `/work` or `~/work`; a relative path begins \
    at the working directory.";

const NO_USER: Release = Release::new(0, 19, 27);

impl Grammar for Repo {
    fn meta(&self) -> &Meta {
        &Meta { name: "repo", title: "a repository", docs: DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let Value::Str(text) = value else {
            return Parsed::wrong(Problem::whole("a repository is needed; write `.`, a folder or an address"));
        };
        let (ranges, is_url) = split(text);
        let (source, path) = match ranges.as_slice() {
            [source] => (source.clone(), None),
            [source, path] => (source.clone(), Some(path.clone())),
            [_, second, ..] => {
                let range = second.end..text.len();
                let message = format!("`{}` is too much; write the repository, `:`, and a path", &text[range.clone()]);
                return Parsed::wrong(Problem::at(range, message));
            }
            [] => return Parsed::default(),
        };
        if source.is_empty() {
            let message = "the repository is missing; write `.`, a folder or an address";
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
            (false, ".") => Part::new(source, Role::LocalPath, "the repository of this folder"),
            (false, _) => Part::new(source, Role::LocalPath, format!("the repository in `{written}` of your machine")),
        };
        let mut parts = vec![what];
        parts.extend(path.map(|it| {
            let meaning = format!("goes to `{}` in the container", &text[it.clone()]);
            Part::new(it, Role::Path, meaning)
        }));
        Parsed { parts, problems: Vec::new() }
    }

    fn expected(&self, text: &str, at: usize, _: Release) -> Vec<Expected> {
        let (ranges, is_url) = split(text);
        let replace = 0..text.len();
        match ranges.as_slice() {
            [source] if !source.is_empty() && (is_url || !text.contains(':')) && at == text.len() => {
                vec![Expected::new(replace, format!("{text}:/work"), "goes to `/work` in the container")]
            }
            [source] if source.is_empty() => vec![
                Expected::new(replace.clone(), ".", "the repository of this folder"),
                Expected::new(replace, "https://github.com/", "a repository of GitHub"),
            ],
            _ => Vec::new(),
        }
    }
}

impl Grammar for RepoPath {
    fn meta(&self) -> &Meta {
        &Meta { name: "repo-path", title: "a path of a repository", docs: PATH_DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let parsed = plain::any_text(value, release, Role::Path, "where the repository goes in the container");
        match value {
            Value::Str(text) => user_path(text, 0, release).map_or(parsed, Parsed::wrong),
            _ => parsed,
        }
    }

    fn expected(&self, _: &str, _: usize, _: Release) -> Vec<Expected> {
        Vec::new()
    }
}

/// The parts between colons, and whether the first is an address: what is before an `@` or `//` belongs to it.
fn split(text: &str) -> (Vec<Range<usize>>, bool) {
    let Some((first, rest)) = text.split_once(':') else { return (file::split(text).collect(), false) };
    let is_url = first.contains('@') || rest.starts_with("//");
    match is_url {
        true => (file::split_after(text, first.len() + 1).collect(), true),
        false => (file::split(text).collect(), false),
    }
}

/// `~user`, which dstack does not know: `path.parts[0]` begins with a tilde and is not one.
fn user_path(path: &str, start: usize, release: Release) -> Option<Problem> {
    let first = path.split('/').next().unwrap_or(path);
    if release < NO_USER || !first.starts_with('~') || first == "~" {
        return None;
    }
    let message = format!("`{first}` is not supported; write `~` for the home folder, or an absolute path");
    Some(Problem::at(start..start + first.len(), message))
}
