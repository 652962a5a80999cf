//! What lock files and requirements say about dstack.

use pep440_rs::Version;
use serde::Deserialize;
use toml::{Table, Value};

use super::range::Range;

/// Reads what a file says about dstack, by its name and text.
///
/// # Errors
/// What is wrong with the file, to follow its name in a sentence.
pub(crate) fn pin(file: &str, text: &str) -> Result<Option<Range>, &'static str> {
    let name = file.rsplit('/').next().unwrap_or(file);
    match name {
        "uv.lock" | "poetry.lock" | "pdm.lock" | "pylock.toml" => lock(text),
        "pyproject.toml" => project(text),
        _ => match name.strip_suffix(".dist-info") {
            Some(installed) => Ok(installed.split_once('-').and_then(|(_, version)| Range::exactly(version))),
            None => Ok(Range::all(requirements(text).iter().filter_map(|it| requirement(it)))),
        },
    }
}

/// The packages of a lock file. Those of uv, Poetry and PDM have the same form; PEP 751 names the key `packages`.
#[derive(Deserialize)]
struct Lock {
    #[serde(default, alias = "packages")]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Option<String>,
}

/// The error about a file that is not TOML, without details, which would quote the file.
pub(super) const NOT_TOML: &str = "is not valid TOML";

fn lock(text: &str) -> Result<Option<Range>, &'static str> {
    // Most lock files do not mention dstack, and some are long.
    if !text.contains("dstack") {
        return Ok(None);
    }
    let lock: Lock = toml::from_str(text).map_err(|_| NOT_TOML)?;
    let versions = lock.package.iter().filter(|it| is_dstack(&it.name)).filter_map(|it| it.version.as_deref());
    // Of several locked versions, for platforms or groups, the newest one counts.
    let newest = versions.filter_map(|it| Some((it.parse::<Version>().ok()?, it))).max();
    Ok(newest.and_then(|(_, written)| Range::exactly(written)))
}

/// What a `pyproject.toml` requires of dstack, in the tables of all tools together.
fn project(text: &str) -> Result<Option<Range>, &'static str> {
    let table: Table = toml::from_str(text).map_err(|_| NOT_TOML)?;
    let at = |path: &[&str]| path.iter().try_fold(&table, |table, key| table.get(*key)?.as_table());
    let list = |path: &[&str], key: &str| at(path).and_then(|it| it.get(key)).into_iter();
    let groups = |path: &[&str]| at(path).into_iter().flat_map(|it| it.values());
    let lists = list(&["project"], "dependencies")
        .chain(groups(&["project", "optional-dependencies"]))
        .chain(groups(&["dependency-groups"]))
        .chain(list(&["tool", "uv"], "dev-dependencies"))
        .chain(list(&["tool", "uv"], "constraint-dependencies"))
        .chain(list(&["tool", "uv"], "override-dependencies"))
        .chain(groups(&["tool", "pdm", "dev-dependencies"]));
    let requirements = lists.filter_map(Value::as_array).flatten().filter_map(Value::as_str).filter_map(requirement);

    let groups = at(&["tool", "poetry", "group"]).into_iter().flat_map(|it| it.values());
    let of_groups = groups.filter_map(|it| it.as_table()?.get("dependencies")?.as_table());
    let tables = [&["tool", "poetry", "dependencies"], &["tool", "poetry", "dev-dependencies"]];
    let tables = tables.into_iter().filter_map(|it| at(it)).chain(of_groups);
    let entries = tables.flatten().filter(|(name, _)| is_dstack(name)).filter_map(|(_, it)| poetry(it));
    Ok(Range::all(requirements.chain(entries)))
}

/// The value of `dstack` in Poetry's tables: a string, a table with `version`, or a list of these.
fn poetry(value: &Value) -> Option<Range> {
    match value {
        Value::String(it) => Range::of_poetry(it),
        Value::Table(it) => Range::of_poetry(it.get("version")?.as_str()?),
        Value::Array(it) => it.iter().find_map(poetry),
        _ => None,
    }
}

/// The lines of a requirements file, with continuation lines joined and without comments.
fn requirements(text: &str) -> Vec<String> {
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let lines = joined.lines().map(|it| it.split(" #").next().unwrap_or("").trim());
    lines.filter(|it| !it.starts_with('#')).map(str::to_owned).collect()
}

/// What a line such as `dstack[all]>=0.19,<0.20 ; python_version > "3.9" --hash=…` requires of dstack; `None` if it is about
/// another package, a file or an address. Follows PEP 508 as far as dstack is concerned.
fn requirement(line: &str) -> Option<Range> {
    let line = line.split(';').next()?.split(" --").next()?.trim();
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !is_dstack(name) {
        return None;
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('[').and_then(|it| it.split_once(']')).map_or(rest, |(_, rest)| rest).trim();
    let rest = rest.strip_prefix('(').and_then(|it| it.strip_suffix(')')).unwrap_or(rest);
    let written = if rest.is_empty() { "dstack".to_owned() } else { rest.to_owned() };
    Some(Range { written, any_of: vec![rest.parse().ok()?] })
}

/// Whether a package is dstack, however its name is spelled.
fn is_dstack(name: &str) -> bool {
    name.eq_ignore_ascii_case("dstack")
}
