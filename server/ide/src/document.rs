//! A dstack file and all that is derived from its text.

use std::sync::OnceLock;

use schema::{DocumentKind, Release};
use yaml::{Edits, NodeId, Syntax, Text, Tree};

use crate::bind::{self, Binding};

/// A version of a file. Immutable: an edit makes a new one, which shares what did not change.
#[derive(Clone, Debug)]
pub struct Document {
    kind: DocumentKind,
    release: Release,
    text: Text,
    syntax: Syntax,
    tree: Tree,
    binding: Binding,
    /// The value of `type`, once somebody has asked: findings by the thousand do.
    type_value: OnceLock<Option<NodeId>>,
}

impl Document {
    /// A document from its text.
    pub fn new(text: Text, kind: DocumentKind, release: Release) -> Document {
        let (syntax, tree) = yaml::parse(&text, None);
        let binding = bind::bind(&tree, kind, release);
        Document { kind, release, text, syntax, tree, binding, type_value: OnceLock::new() }
    }

    /// The document with another text, made by editing this one; the same as [`Document::new`] of it, only faster.
    pub fn with_text(&self, text: Text) -> Document {
        let (syntax, tree) = yaml::parse(&text, Some(&self.syntax));
        let (kind, release) = (self.kind, self.release);
        let binding = bind::bind(&tree, kind, release);
        Document { kind, release, text, syntax, tree, binding, type_value: OnceLock::new() }
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
        self.release
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
}
