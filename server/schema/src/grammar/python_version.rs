//! Python versions: `3.12`, `"3.10"`.
//!
//! ```ebnf
//! python = "3.8" | "3.9" | "3.10" | "3.11" | … ;      (* by release: catalogue/vocab/python.json *)
//! ```
//!
//! Mirrors `PythonVersion` and `convert_python` in dstack's `configurations.py`. A number is written as Python writes
//! it, and 3.1 then means 3.10.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    python,
    types::{Expected, Grammar, Meta, Parsed, Problem, Role},
};
use crate::{release::Release, value::Value};

/// `python: 3.12`
pub struct PythonVersion;

/// A version of Python in `catalogue/vocab/python.json`.
#[derive(Deserialize)]
struct Version {
    version: String,
    since: Option<Release>,
    removed: Option<Release>,
}

/// All versions, oldest first.
static VERSIONS: LazyLock<Vec<Version>> = LazyLock::new(|| {
    // The file is part of the program, and a test reads it.
    serde_json::from_str(include_str!("../../catalogue/vocab/python.json")).unwrap_or_default()
});

/// The versions that `release` accepts, oldest first.
pub fn versions(release: Release) -> impl DoubleEndedIterator<Item = &'static str> + Clone {
    let known = move |it: &&Version| {
        it.since.is_none_or(|since| since <= release) && it.removed.is_none_or(|end| release < end)
    };
    VERSIONS.iter().filter(known).map(|it| it.version.as_str())
}

impl Grammar for PythonVersion {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "python",
            title: "a Python version",
            docs: "The major and minor Python version of dstack's default image: `\"3.12\"`. Quote it: YAML reads `3.10` as \
                   the number 3.1, which dstack reads as 3.10.",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let (text, range) = match value {
            Value::Str(text) => (text.to_string(), 0..text.len()),
            Value::Float(3.1) => ("3.10".to_string(), 0..0),
            Value::Float(number) => (python::float_repr(number), 0..0),
            Value::Int(number) => (number.to_string(), 0..0),
            _ => return Parsed::wrong(Problem::whole("expected a Python version such as `3.12`")),
        };
        if versions(release).any(|it| it == text) {
            return Parsed::right(range, Role::Version, format!("Python {text}"));
        }
        let mut known = versions(release);
        let (first, last) = (known.next().unwrap_or_default(), known.next_back().unwrap_or_default());
        let trimmed = text.trim();
        let other = VERSIONS.iter().find(|it| it.version == trimmed);
        let since = other.and_then(|it| it.since).filter(|it| *it > release);
        let until = other.and_then(|it| it.removed).filter(|_| since.is_none());
        let message = match (since, until) {
            (Some(since), _) => {
                format!("Python {trimmed} requires dstack {since} or later; expected `{first}` to `{last}`")
            }
            (_, Some(until)) => {
                format!("Python {trimmed} was removed in dstack {until}; expected `{first}` to `{last}`")
            }
            _ => format!("unsupported Python version `{trimmed}`; expected `{first}` to `{last}`"),
        };
        // `3.11.4`, `py3.11`, ` 3.11`, and `3.1` in quotes
        let bare = trimmed.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '=' || c == '>' || c == ' ');
        let short = match bare.match_indices('.').nth(1) {
            Some((dot, _)) => &bare[..dot],
            None => bare,
        };
        let meant = versions(release).find(|it| *it == short).or((short == "3.1").then_some("3.10"));
        // `3.11.4`, `>=3.11` and `pypy3.11` are more specific than `3.11`.
        let before = meant.and_then(|it| trimmed.strip_suffix(it)).map(|it| it.trim_end().to_ascii_lowercase());
        let is_same = before.is_some_and(|it| matches!(&*it, "" | "py" | "python" | "=" | "=="));
        Parsed::wrong(Problem::at(range, message).offer(meant.map(str::to_string), is_same))
    }

    fn expected(&self, text: &str, _: usize, release: Release) -> Vec<Expected> {
        versions(release).rev().map(|it| Expected::new(0..text.len(), it, format!("Python {it}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_depend_on_the_release() {
        let all = |release| versions(release).collect::<Vec<_>>().join(" ");
        assert_eq!(all(Release::OLDEST), "3.8 3.9 3.10 3.11 3.12");
        assert_eq!(all(Release::new(0, 18, 43)), "3.9 3.10 3.11 3.12 3.13");
        assert!(VERSIONS.iter().flat_map(|it| [it.since, it.removed]).flatten().all(Release::is_known));
    }
}
