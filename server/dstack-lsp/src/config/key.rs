//! The keys of a configuration: one table each, from which the reader, the documentation and the JSON Schema are made.

/// A key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// The type of its value.
    pub(crate) shape: Shape,
    /// What it does, in Markdown.
    #[cfg_attr(not(test), expect(dead_code, reason = "the documentation is made by a test"))]
    pub(crate) docs: &'static str,
    /// A value, in TOML, as an example.
    #[cfg_attr(not(test), expect(dead_code, reason = "the documentation is made by a test"))]
    pub(crate) example: &'static str,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A release, or `auto`.
    Release,
    /// A table of levels by rule.
    Rules,
    /// A list of patterns.
    Patterns,
    /// A list of tables with these keys.
    Overrides,
}

const RELEASE: Key = Key {
    name: "release",
    shape: Shape::Release,
    docs: "The release of dstack that files are checked against; `\"auto\"` selects the release that the project pins or has \
           installed, or else the newest known release. For an unknown release, the nearest known one is used.",
    example: "release = \"0.20.1\"",
};

const RULES: Key = Key {
    name: "rules",
    shape: Shape::Rules,
    docs: "The level of each rule, by its name: `\"off\"`, or the severity of its findings (`\"error\"`, `\"warning\"`, `\"info\"`, \
           `\"hint\"`). Turning off a rule does not make dstack accept the file: `check` counts the errors of dstack's parser \
           that are turned off as suppressed errors, which do not change the exit status.",
    example: "rules = { deprecated-field = \"off\", duplicate-key = \"error\" }",
};

const EXCLUDE: Key = Key {
    name: "exclude",
    shape: Shape::Patterns,
    docs: "Files to skip, as `.gitignore`-style patterns relative to the folder of the configuration, or to the \
           current folder with `check --config`. Files named on the command line are always checked.",
    example: "exclude = [\"vendor/\", \"*.draft.dstack.yml\"]",
};

const PATHS: Key = Key {
    name: "paths",
    shape: Shape::Patterns,
    docs: "The files that the override applies to, as patterns like those of `exclude`.",
    example: "paths = [\"legacy/\"]",
};

const OVERRIDES: Key = Key {
    name: "overrides",
    shape: Shape::Overrides,
    docs: "Settings for a subset of files: tables with `paths`, and `release`, `rules` or both. If several match, the last \
           one that sets the release, or a given rule, takes precedence.",
    example: "[[overrides]]\npaths = [\"legacy/\"]\nrelease = \"0.18.43\"\nrules = { removed-field = \"warning\" }",
};

/// The keys at the top.
pub(crate) const TOP: &[Key] = &[RELEASE, RULES, EXCLUDE, OVERRIDES];

/// The keys of an override.
pub(crate) const OVERRIDE: &[Key] = &[PATHS, RELEASE, RULES];
