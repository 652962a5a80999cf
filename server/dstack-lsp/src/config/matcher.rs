//! Paths that a configuration names.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Patterns of paths, in the syntax of `.gitignore`, relative to the folder of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Matcher(Gitignore);

impl Matcher {
    /// Compiles patterns. Also returns the indexes of those that are invalid, with what is wrong.
    pub(crate) fn new(patterns: &[&str]) -> (Matcher, Vec<(usize, String)>) {
        let mut builder = GitignoreBuilder::new("");
        builder.allow_unclosed_class(false);
        let mut invalid = vec![];
        for (index, pattern) in patterns.iter().enumerate() {
            if let Err(error) = builder.add_line(None, pattern) {
                invalid.push((index, reason(error)));
            }
        }
        (builder.build().map_or_else(|_| Matcher::default(), Matcher), invalid)
    }

    /// Whether a file, or a folder that it is in, matches.
    pub(crate) fn matches(&self, file: &Path) -> bool {
        !file.has_root() && self.0.matched_path_or_any_parents(file, false).is_ignore()
    }
}

impl Default for Matcher {
    fn default() -> Matcher {
        Matcher(Gitignore::empty())
    }
}

/// What is wrong with a pattern, without repeating it.
fn reason(error: ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err,
        _ => "it cannot be compiled".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let (matcher, invalid) = Matcher::new(&[pattern]);
        assert_eq!(invalid, []);
        for (files, expected) in [(yes, true), (no, false)] {
            for file in files {
                assert_eq!(matcher.matches(Path::new(file)), expected, "{pattern} {file}");
            }
        }
    }

    #[test]
    fn patterns_are_those_of_gitignore() {
        check("examples/", &["examples/a.yml", "x/examples/b/c.yml"], &["a.yml", "examples"]);
        check("/examples", &["examples/a.yml"], &["x/examples/a.yml"]);
        check("*.old.dstack.yml", &["a.old.dstack.yml", "x/b.old.dstack.yml"], &["a.dstack.yml"]);
        check("a/**/c.yml", &["a/c.yml", "a/b/b/c.yml"], &["c.yml"]);
    }

    #[test]
    fn invalid_patterns_are_reported_and_the_others_are_used() {
        let (matcher, invalid) = Matcher::new(&["a[", "b"]);
        assert_eq!(invalid.iter().map(|it| it.0).collect::<Vec<_>>(), [0]);
        assert!(matcher.matches(Path::new("b")) && !matcher.matches(Path::new("/b")));
    }
}
