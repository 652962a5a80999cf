//! A dstack file and what is derived from its text.

use std::sync::{Arc, OnceLock};

use schema::{DocumentKind, Release, View};
use yaml::{Edits, NodeId, Syntax, Text, Tree};

use crate::{
    bind::{self, Binding},
    diagnostic::Findings,
    options::Options,
    secret::{self, Quotes, Scanned, Secrets},
    target::Target,
};

/// A version of a file. Immutable: an edit makes a new version, which shares what did not change.
#[derive(Clone, Debug)]
pub struct Document {
    kind: DocumentKind,
    /// The options from outside of the file.
    options: Options,
    /// The release, with the comments of the file.
    target: Target,
    text: Text,
    syntax: Syntax,
    tree: Tree,
    binding: Binding,
    /// The value of `type`, which thousands of findings may ask for.
    type_value: OnceLock<Option<NodeId>>,
    /// Computed by `findings`, once.
    findings: OnceLock<Arc<Findings>>,
    secrets: OnceLock<Secrets>,
    /// The scan of the text that `secrets` is made from.
    scanned: OnceLock<Arc<Scanned>>,
    /// The latest scan of an earlier version, so that only the changed part is scanned.
    scanned_before: Option<Arc<Scanned>>,
}

impl Document {
    /// A document from its text.
    pub fn new(text: Text, kind: DocumentKind, options: impl Into<Options>) -> Document {
        let (syntax, tree) = yaml::parse(&text, None);
        Document::of(text, kind, options.into(), syntax, tree)
    }

    /// The document with another text, made by editing this one. Equals [`Document::new`] of that text, but is faster.
    pub fn with_text(&self, text: Text) -> Document {
        let (syntax, tree) = yaml::parse(&text, Some(&self.syntax));
        let document = Document::of(text, self.kind, self.options.clone(), syntax, tree);
        let scanned_before = self.scanned.get().or(self.scanned_before.as_ref()).cloned();
        Document { scanned_before, ..document }
    }

    fn of(text: Text, kind: DocumentKind, options: Options, syntax: Syntax, tree: Tree) -> Document {
        yaml::work::add(text.as_str().len());
        let target = options.target.clone().of(&tree);
        let binding = bind::bind(&tree, kind, target.release);
        Document {
            kind,
            options,
            target,
            text,
            syntax,
            tree,
            binding,
            type_value: OnceLock::new(),
            findings: OnceLock::new(),
            secrets: OnceLock::new(),
            scanned: OnceLock::new(),
            scanned_before: None,
        }
    }

    /// The tree of another text, made by editing this document.
    pub(crate) fn parse(&self, text: &Text) -> Tree {
        yaml::parse(text, Some(&self.syntax)).1
    }

    /// The document after `edits`.
    pub fn edited(&self, edits: &Edits) -> Document {
        self.with_text(self.text.edited(edits))
    }

    /// The kind of file.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The release of dstack that the document is checked against.
    pub fn release(&self) -> Release {
        self.target.release
    }

    /// The catalogue at that release.
    pub fn view(&self) -> View {
        View::new(self.target.release)
    }

    /// The release, and what chose it.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The options that the document was made with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The text.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The tree of the text.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The meaning of the nodes of the tree.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The value of `type` at the top of the file, as written: `task`.
    pub fn configuration_type(&self) -> Option<&str> {
        let find = || self.tree.get(self.tree.root()?, "type");
        let value = (*self.type_value.get_or_init(find))?;
        (self.tree.kind(value) == yaml::Kind::Scalar).then(|| self.tree.value(value))
    }

    /// The findings, which `find` computes once for each version.
    pub(crate) fn findings_or(&self, find: impl FnOnce() -> Findings) -> &Arc<Findings> {
        self.findings.get_or_init(|| find().into())
    }

    /// The secrets in the text, which no answer may show.
    pub fn secrets(&self) -> &Secrets {
        self.secrets.get_or_init(|| {
            let scan = || secret::scanned(&self.text, self.kind, self.scanned_before.as_deref()).into();
            Secrets::of(self.scanned.get_or_init(scan), &self.tree, &self.binding, self.kind)
        })
    }

    /// An answer with `…` in place of each secret: the last step of every public function that quotes the document.
    pub(crate) fn without_secrets<T: Quotes>(&self, mut answer: T) -> T {
        answer.hide(self.secrets());
        answer
    }
}
