//! The configuration of dstack-lsp in a project: `dstack-lsp.toml`, or the table `[tool.dstack-lsp]` of `pyproject.toml`. The
//! nearest one counts, from the folder of a file upwards; files further up are not read.

mod key;
mod matcher;
#[cfg(test)]
mod pages;
mod parse;

pub(crate) use self::matcher::Matcher;

use std::path::{Path, PathBuf};

use ide::RuleOptions;
use schema::release::Named;

use crate::release::Requested;

/// The name of the file.
pub(crate) const FILE: &str = "dstack-lsp.toml";

/// The name of the file of a Python project, which may have a table for dstack-lsp.
pub(crate) const PROJECT: &str = "pyproject.toml";

/// A configuration.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The file, relative to the folder that its patterns are relative to.
    pub(crate) file: PathBuf,
    /// The text that it was read from.
    source: String,
    /// What applies to all files.
    base: Choices,
    /// What applies to some files, in the order in which it is written.
    overrides: Vec<(Matcher, Choices)>,
    /// The files that are not checked.
    exclude: Matcher,
    /// The mistakes in it, in the order of the text.
    pub(crate) problems: Vec<Problem>,
}

/// What a configuration chooses.
#[derive(Clone, Debug, Default)]
struct Choices {
    /// The release; `None` if it is not set.
    release: Option<Requested>,
    rules: RuleOptions,
}

/// A mistake in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The part of the text, in bytes.
    pub(crate) span: yaml::Span,
    /// What is wrong, in one line.
    pub(crate) message: String,
}

/// A configuration as its mistakes are reported: its path and text, and the mistakes, if it has any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) problems: Vec<Problem>,
}

/// What a configuration says about one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resolved {
    /// The release; `None` if the project's own files decide.
    pub(crate) release: Option<Named>,
    pub(crate) rules: RuleOptions,
    pub(crate) is_excluded: bool,
}

impl Config {
    /// What it says about a file, by its path relative to the folder that the patterns are relative to.
    pub(crate) fn resolve(&self, file: &Path) -> Resolved {
        let mut release = self.base.release.as_ref();
        let mut rules = self.base.rules.clone();
        for (_, choices) in self.overrides.iter().filter(|(paths, _)| paths.matches(file)) {
            release = choices.release.as_ref().or(release);
            rules.extend(choices.rules.iter());
        }
        let release = release.and_then(Requested::named).cloned();
        Resolved { release, rules, is_excluded: self.exclude.matches(file) }
    }

    /// Its path and text, with its mistakes.
    pub(crate) fn report(&self, folder: &Path) -> Report {
        Report { path: folder.join(&self.file), text: self.source.clone(), problems: self.problems.clone() }
    }
}

impl PartialEq for Config {
    fn eq(&self, other: &Config) -> bool {
        (&self.file, &self.source, &self.problems) == (&other.file, &other.source, &other.problems)
    }
}

impl Eq for Config {}
