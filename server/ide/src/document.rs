//! A dstack file and all that is derived from its text.

use std::sync::{Arc, OnceLock};

use schema::{DocumentKind, Release};
use yaml::{Edits, NodeId, Syntax, Text, Tree};

use crate::{
    bind::{self, Binding},
    secret::{self, Quotes, Scanned, Secrets},
    target::Target,
};

/// A version of a file. Immutable: an edit makes a new one, which shares what did not change.
#[derive(Clone, Debug)]
pub struct Document {
    kind: DocumentKind,
    /// As the shell has it.
    given: Target,
    /// As it is, with the comments of the file.
    target: Target,
    text: Text,
    syntax: Syntax,
    tree: Tree,
    binding: Binding,
    /// Whether all that does not fit is noted and gets fixes.
    is_thorough: bool,
    /// The value of `type`, once somebody has asked: findings by the thousand do.
    type_value: OnceLock<Option<NodeId>>,
    /// What must not be shown, once something is to be said that may quote it.
    secrets: OnceLock<Secrets>,
    /// The scan of the text that `secrets` is made from.
    scanned: OnceLock<Arc<Scanned>>,
    /// The latest scan of an earlier version, so that only the changed part is scanned.
    scanned_before: Option<Arc<Scanned>>,
}

impl Document {
    /// A document from its text, to be checked against a release unless it asks for another one itself.
    pub fn new(text: Text, kind: DocumentKind, target: impl Into<Target>) -> Document {
        let (syntax, tree) = yaml::parse(&text, None);
        Document::of(text, kind, target.into(), syntax, tree, false)
    }

    /// The document with another text, made by editing this one; the same as [`Document::new`] of it, only faster.
    pub fn with_text(&self, text: Text) -> Document {
        let (syntax, tree) = yaml::parse(&text, Some(&self.syntax));
        let document = Document::of(text, self.kind, self.given.clone(), syntax, tree, self.is_thorough);
        let scanned_before = self.scanned.get().or(self.scanned_before.as_ref()).cloned();
        Document { scanned_before, ..document }
    }

    /// The same document, thorough or not: with all that does not fit, and a fix for each of its findings; or with the first
    /// ones, to bound the cost of a keystroke in a file with thousands.
    pub(crate) fn made_thorough(&self, is_thorough: bool) -> Document {
        let binding = bind::bind(&self.tree, self.kind, self.target.release, is_thorough);
        Document { binding, is_thorough, ..self.clone() }
    }

    /// Whether all of its findings are noted and get fixes.
    pub(crate) fn is_thorough(&self) -> bool {
        self.is_thorough
    }

    fn of(text: Text, kind: DocumentKind, given: Target, syntax: Syntax, tree: Tree, is_thorough: bool) -> Document {
        yaml::work::add(text.as_str().len());
        let target = given.clone().of(&tree);
        let binding = bind::bind(&tree, kind, target.release, is_thorough);
        Document {
            kind,
            given,
            target,
            text,
            syntax,
            tree,
            binding,
            is_thorough,
            type_value: OnceLock::new(),
            secrets: OnceLock::new(),
            scanned: OnceLock::new(),
            scanned_before: None,
        }
    }

    /// The document after `edits`.
    pub fn edited(&self, edits: &Edits) -> Document {
        self.with_text(self.text.edited(edits))
    }

    /// What kind of file it is.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The release of dstack that it is checked against.
    pub fn release(&self) -> Release {
        self.target.release
    }

    /// The same, and who chose it.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What it would be checked against if it did not ask for a release itself.
    pub fn given(&self) -> &Target {
        &self.given
    }

    /// Its text.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The tree of its text.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// What the nodes of the tree mean to dstack.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The value of `type` in the first document, as written: `task`.
    pub fn configuration_type(&self) -> Option<&str> {
        let find = || self.tree.get(self.tree.root()?, "type");
        let value = (*self.type_value.get_or_init(find))?;
        (self.tree.kind(value) == yaml::Kind::Scalar).then(|| self.tree.value(value))
    }

    /// What nothing may show that is said of the document.
    pub fn secrets(&self) -> &Secrets {
        self.secrets.get_or_init(|| {
            let scan = || secret::scanned(&self.text, self.kind, self.scanned_before.as_deref()).into();
            Secrets::of(self.scanned.get_or_init(scan), &self.tree, &self.binding, self.kind)
        })
    }

    /// What is said of the document, with `…` for each secret: the last step of each function that people or programs ask.
    pub(crate) fn without_secrets<T: Quotes>(&self, mut said: T) -> T {
        said.hide(self.secrets());
        said
    }
}
