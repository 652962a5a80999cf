//! The release that a file is checked against, and who chose it.
//!
//! The shell says what the workspace has; a comment in the file decides over everything:
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
    /// Who chose it.
    pub origin: Origin,
    /// Why it is not the one that was asked for, for people.
    pub note: Option<Arc<str>>,
}

/// Who chose a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody has to be told.
    Given,
    /// Nobody: it is the newest that is known.
    Newest,
    /// An argument on the command line.
    Argument,
    /// The editor's setting.
    Setting,
    /// A comment at the top of the file.
    Comment,
    /// A file of the project pins dstack.
    Pin {
        /// The file, as it may be shown.
        file: Arc<str>,
        /// What the file allows, where that is more than one release: `>=0.19,<0.20`.
        range: Option<Arc<str>>,
    },
}

impl Target {
    /// The newest release that is known.
    pub fn newest() -> Target {
        Target { release: Release::NEWEST, origin: Origin::Newest, note: None }
    }

    /// A release as somebody named it.
    pub fn named(named: &Named, origin: Origin) -> Target {
        Target { release: named.release, origin, note: named.note().map(Arc::from) }
    }

    /// `dstack 0.19.40 (from `uv.lock`)`, for people.
    pub fn words(&self) -> String {
        let why = self.origin.words();
        let why = if why.is_empty() { why } else { format!(" ({why})") };
        format!("dstack {}{why}", self.release)
    }

    /// The target of a document: that of its comment, else this one.
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
    /// For programs: `newest`, `argument`, `setting`, `comment`, or the file that pins dstack.
    pub fn name(&self) -> &str {
        match self {
            Origin::Given => "given",
            Origin::Newest => "newest",
            Origin::Argument => "argument",
            Origin::Setting => "setting",
            Origin::Comment => "comment",
            Origin::Pin { file, .. } => file,
        }
    }

    /// For people, in brackets behind the release; empty where there is nothing to say.
    pub fn words(&self) -> String {
        match self {
            Origin::Given => String::new(),
            Origin::Newest => "the newest known".to_owned(),
            Origin::Argument => "by `--release`".to_owned(),
            Origin::Setting => "by the setting `dstack.release`".to_owned(),
            Origin::Comment => "by a comment in the file".to_owned(),
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
