//! Versions of Python: `3.12`, `"3.10"`.
//!
//! ```ebnf
//! python = "3.8" | "3.9" | "3.10" | "3.11" | "3.12" | "3.13" | "3.14" | "3.15" ;      (* by release *)
//! ```
//!
//! Mirrors `PythonVersion` and `convert_python` in dstack's `configurations.py`. A number is written as Python writes
//! it, and 3.1 is then 3.10.

use super::{Expected, Grammar, Parsed, Problem, python};
use crate::{release::Release, value::Value};

/// `python: 3.12`
pub struct PythonVersion;

/// The versions with their first release, and the first without.
const VERSIONS: [(&str, Release, Option<Release>); 8] = [
    ("3.8", Release::OLDEST, Some(Release::new(0, 18, 43))),
    ("3.9", Release::OLDEST, None),
    ("3.10", Release::OLDEST, None),
    ("3.11", Release::OLDEST, None),
    ("3.12", Release::OLDEST, None),
    ("3.13", Release::new(0, 18, 20), None),
    ("3.14", Release::new(0, 21, 0), None),
    ("3.15", Release::new(0, 22, 5), None),
];

/// The versions that `release` takes, oldest first.
pub fn versions(release: Release) -> impl DoubleEndedIterator<Item = &'static str> + Clone {
    let known = move |it: &&(&str, Release, Option<Release>)| it.1 <= release && it.2.is_none_or(|end| release < end);
    VERSIONS.iter().filter(known).map(|it| it.0)
}

impl Grammar for PythonVersion {
    fn name(&self) -> &'static str {
        "python"
    }

    fn title(&self) -> &'static str {
        "a version of Python"
    }

    fn docs(&self) -> &'static str {
        "The version of Python in dstack's own image, major and minor: `\"3.12\"`. Quote it: YAML reads `3.10` as the \
         number 3.1, which dstack takes for 3.10."
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let (text, range) = match value {
            Value::Str(text) => (text.to_string(), 0..text.len()),
            Value::Float(3.1) => ("3.10".to_string(), 0..0),
            Value::Float(number) => (python::float_repr(number), 0..0),
            Value::Int(number) => (number.to_string(), 0..0),
            _ => return Parsed::wrong(Problem::whole("a version of Python is needed; write for example `3.12`")),
        };
        if versions(release).any(|it| it == text) {
            return Parsed::right(range, "version", format!("Python {text}"));
        }
        let mut known = versions(release);
        let (first, last) = (known.next().unwrap_or_default(), known.next_back().unwrap_or_default());
        let trimmed = text.trim();
        let since = VERSIONS.iter().find(|it| it.0 == trimmed && it.1 > release).map(|it| it.1);
        let until = VERSIONS.iter().find(|it| it.0 == trimmed && it.1 <= release).and_then(|it| it.2);
        let message = match (since, until) {
            (Some(since), _) => format!("Python {trimmed} is known from {since} on; write `{first}` to `{last}`"),
            (_, Some(until)) => format!("Python {trimmed} was dropped in {until}; write `{first}` to `{last}`"),
            _ => format!("`{trimmed}` is not a version of Python that dstack has; write `{first}` to `{last}`"),
        };
        // `3.11.4`, `py3.11`, ` 3.11`, and `3.1` in quotes
        let bare = trimmed.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '=' || c == '>' || c == ' ');
        let short = match bare.match_indices('.').nth(1) {
            Some((dot, _)) => &bare[..dot],
            None => bare,
        };
        let meant = versions(release).find(|it| *it == short).or((short == "3.1").then_some("3.10"));
        // `3.11.4`, `>=3.11` and `pypy3.11` say more than `3.11`.
        let before = meant.and_then(|it| trimmed.strip_suffix(it)).map(|it| it.trim_end().to_ascii_lowercase());
        let is_same = before.is_some_and(|it| matches!(&*it, "" | "py" | "python" | "=" | "=="));
        Parsed::wrong(Problem::at(range, message).offer(meant.map(str::to_string), is_same))
    }

    fn expected(&self, text: &str, _: usize, release: Release) -> Vec<Expected> {
        versions(release).rev().map(|it| Expected::new(0..text.len(), it, format!("Python {it}"))).collect()
    }
}
