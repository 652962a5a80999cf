//! The release that a file is checked against, and what chose it.
//!
//! A comment in the file takes precedence over what the workspace says:
//!
//! ```yaml
//! # dstack-lsp: release=0.19.40
//! type: task
//! ```

use std::sync::Arc;

use schema::{Release, release::Named};
use yaml::Tree;

use crate::comment;

/// The release that a file is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A release that the catalogue knows.
    pub release: Release,
    /// What chose it.
    pub origin: Origin,
    /// Why it is not the requested one, as a message.
    pub note: Option<Arc<str>>,
}

/// What chose a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is given, and needs no explanation.
    Given,
    /// Nothing: it is the newest known release.
    Newest,
    /// An argument on the command line.
    Argument,
    /// The editor's setting.
    Setting,
    /// A comment at the top of the file.
    Comment,
    /// A configuration of dstack-lsp.
    Config {
        /// The file, as it may be shown.
        file: Arc<str>,
    },
    /// A file of the project pins dstack.
    Pin {
        /// The file, as it may be shown.
        file: Arc<str>,
        /// What the file allows, if that is more than one release: `>=0.19,<0.20`.
        range: Option<Arc<str>>,
    },
}

impl Target {
    /// The newest release that is known.
    pub fn newest() -> Target {
        Target { release: Release::NEWEST, origin: Origin::Newest, note: None }
    }

    /// A release as a user named it.
    pub fn named(named: &Named, origin: Origin) -> Target {
        Target { release: named.release, origin, note: named.note().map(Arc::from) }
    }

    /// `dstack 0.19.40 (from `uv.lock`)`.
    pub fn words(&self) -> String {
        let why = self.origin.words();
        let why = if why.is_empty() { why } else { format!(" ({why})") };
        format!("dstack {}{why}", self.release)
    }

    /// The target of a document: that of its comment, or else this one.
    pub(crate) fn of(self, tree: &Tree) -> Target {
        let named = comment::release(tree).and_then(|it| it.written.parse::<Named>().ok());
        named.map_or(self, |named| Target::named(&named, Origin::Comment))
    }
}

impl From<Release> for Target {
    fn from(release: Release) -> Target {
        Target { release, origin: Origin::Given, note: None }
    }
}

impl Origin {
    /// For programs: `newest`, `argument`, `setting`, `comment`, or the file that chooses or pins the release.
    pub fn name(&self) -> &str {
        match self {
            Origin::Given => "given",
            Origin::Newest => "newest",
            Origin::Argument => "argument",
            Origin::Setting => "setting",
            Origin::Comment => "comment",
            Origin::Config { file } | Origin::Pin { file, .. } => file,
        }
    }

    /// For messages, in parentheses after the release; empty if there is nothing to explain.
    pub fn words(&self) -> String {
        match self {
            Origin::Given => String::new(),
            Origin::Newest => "the newest known".to_owned(),
            Origin::Argument => "by `--release`".to_owned(),
            Origin::Setting => "by the setting `dstack.release`".to_owned(),
            Origin::Comment => "by a comment in the file".to_owned(),
            Origin::Config { file } => format!("by `{file}`"),
            Origin::Pin { file, range: None } => format!("from `{file}`"),
            Origin::Pin { file, range: Some(range) } => format!("`{range}` in `{file}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use schema::DocumentKind;
    use yaml::Text;

    use super::*;
    use crate::Document;

    fn words(text: &str) -> String {
        let pin = Origin::Pin { file: "uv.lock".into(), range: None };
        let target = Target { release: Release::new(0, 20, 1), origin: pin, note: None };
        Document::new(Text::new(text), DocumentKind::Configuration, target).target().words()
    }

    #[test]
    fn a_comment_above_everything_decides() {
        let by_comment = "dstack 0.19.40 (by a comment in the file)";
        for text in [
            "# dstack-lsp: release=0.19.40\ntype: task\n",
            "#dstack-lsp:release = v0.19.40",
            "# Copyright\n\n# dstack-lsp: release=0.19.40 (as in production)\n---\ntype: task\n",
            "--- # x\n# dstack-lsp: release=0.19.40\ntype: [",
            "# dstack-lsp: release=0.19.40rc1\ntype: task\n",
            "# dstack-lsp: release=0.19.40\n# dstack-lsp: release=0.18.43\ntype: task\n",
        ] {
            assert_eq!(words(text), by_comment, "{text}");
        }
    }

    #[test]
    fn any_other_comment_decides_nothing() {
        for text in [
            "type: task\n# dstack-lsp: release=0.19.40\n",
            "type: task # dstack-lsp: release=0.19.40\n",
            "# dstack-lsp: release=latest\ntype: task\n",
            "# dstack-lsp: release=\ntype: task\n",
            "# release=0.19.40\ntype: task\n",
            "text: |\n  # dstack-lsp: release=0.19.40\n",
        ] {
            assert_eq!(words(text), "dstack 0.20.1 (from `uv.lock`)", "{text}");
        }
    }

    #[test]
    fn a_comment_that_is_typed_and_removed_counts_at_once() {
        let document = Document::new(Text::new("type: task\n"), DocumentKind::Configuration, Release::NEWEST);
        let commented = document.edited(&yaml::Edits::insert(0, "# dstack-lsp: release=0.18.43\n"));
        assert_eq!(commented.release().to_string(), "0.18.43");
        assert_eq!(commented.with_text(document.text().clone()).target(), document.target());
    }
}
