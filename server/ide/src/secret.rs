//! What must not be shown: passwords, keys and tokens, as the catalogue marks them (`secret: true`).
//!
//! A value is secret if the nearest known field around it is marked so: `api_key: …`, and in `creds`, which is marked as a
//! whole, everything but the values of known fields without the mark. An unknown key with the name of such a field is taken for
//! one. A reference such as `${{ secrets.token }}` is no secret.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};
use schema::{DocumentKind, Type};
use yaml::{Kind, NodeId, Span};

use crate::{
    diagnostic::{Diagnostic, Fix},
    document::Document,
};

/// A text of so many characters is looked for within others; a shorter one may stand there by chance.
const TELLING: usize = 6;

/// The secrets of a document, so that reports can leave them out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Secrets {
    /// Where they are written, in order.
    pub spans: Vec<Span>,
    /// The texts that they are made of, line by line.
    texts: Vec<String>,
}

/// The secrets of a document.
pub fn secrets(document: &Document) -> Secrets {
    let mut acc = Secrets::default();
    let tree = document.tree();
    if !may_have(document) {
        return acc;
    }
    for node in tree.ids() {
        match tree.kind(node) {
            Kind::Scalar | Kind::Broken if is_secret(document, node) => acc.add(document, node),
            // The secret stands where the anchor is.
            Kind::Alias if is_secret(document, node) => {
                let target = tree.target(node);
                if target.is_none_or(|it| tree.kind(it) == Kind::Scalar) {
                    acc.add(document, target.unwrap_or(node));
                }
            }
            _ => {}
        }
    }
    acc.spans.sort();
    acc.spans.dedup();
    acc
}

/// Whether the value must not be shown.
pub(crate) fn is_secret(document: &Document, node: NodeId) -> bool {
    let tree = document.tree();
    if tree.value(node).contains("${{") {
        return false;
    }
    let by_name = |name: &str| has_names(document) && is_name_of_secret(name);
    for around in std::iter::once(node).chain(tree.ancestors(node)) {
        if let Some(entry) = tree.entry_of(around) {
            if entry.key == around {
                return false;
            }
            match document.binding().fact(entry.key).field {
                Some(field) => return schema::catalogue().field_by_id(field).is_some_and(|it| it.secret),
                None if by_name(tree.value(entry.key)) => return true,
                None => {}
            }
        }
        // An entry that could not be read: by its key, as far as one can see it.
        if tree.kind(around) == Kind::Broken && key_of(tree.text(around)).is_some_and(by_name) {
            return true;
        }
    }
    false
}

/// Whether unknown keys are judged by their names: in files that are about credentials.
fn has_names(document: &Document) -> bool {
    matches!(document.kind(), DocumentKind::ServerConfig | DocumentKind::ClientConfig)
}

/// Whether it is worth looking for secrets.
fn may_have(document: &Document) -> bool {
    let field = |node: NodeId| schema::catalogue().field_by_id(document.binding().fact(node).field?);
    has_names(document) || document.tree().ids().any(|it| field(it).is_some_and(|it| it.secret))
}

/// Whether the value is a secret, or there is one in it.
pub(crate) fn holds_secret(document: &Document, node: NodeId) -> bool {
    (node.0..document.tree().subtree_end(node).0).any(|it| is_secret(document, NodeId(it)))
}

/// Takes secrets out of the words of findings, whatever the rules said.
pub(crate) fn hide(document: &Document, acc: &mut [Diagnostic]) {
    if acc.is_empty() {
        return;
    }
    let secrets = secrets(document);
    if secrets.texts.is_empty() {
        return;
    }
    for diagnostic in acc {
        secrets.hide(&mut diagnostic.message);
        diagnostic.related.iter_mut().for_each(|(_, text)| secrets.hide(text));
        diagnostic.fixes.iter_mut().for_each(|fix| secrets.hide(&mut fix.title));
    }
}

impl Secrets {
    /// Whether the edits of a fix repeat a secret.
    pub fn are_in(&self, fix: &Fix) -> bool {
        fix.edits.iter().any(|edit| self.texts.iter().any(|it| is_in(it, &edit.text)))
    }

    fn add(&mut self, document: &Document, node: NodeId) {
        let tree = document.tree();
        let text = tree.text(node);
        if text.trim().is_empty() {
            return;
        }
        self.spans.push(tree.span(node));
        let mut add = |line: &str| {
            let line = line.trim();
            // A placeholder such as `api_key: api_key` hides nothing, and would hide the field's name.
            if !line.is_empty() && !is_name_of_secret(line) && self.texts.iter().all(|it| it != line) {
                self.texts.push(line.to_string());
            }
        };
        tree.value(node).lines().for_each(&mut add);
        for line in text.lines() {
            add(line.trim_start_matches(['*', '&']));
            if tree.kind(node) == Kind::Broken {
                let value = line.split_once(": ").map_or(line, |it| it.1);
                value.split_whitespace().for_each(|word| add(word.trim_matches(['"', '\'', '{', '}', ','])));
            }
        }
    }

    /// Puts `…` where the text quotes a secret.
    fn hide(&self, text: &mut String) {
        if !text.contains('`') && !self.texts.iter().any(|it| is_in(it, text)) {
            return;
        }
        let mut parts: Vec<String> = text.split('`').map(str::to_string).collect();
        for quoted in parts.iter_mut().skip(1).step_by(2) {
            // What is quoted may be cut short.
            let shown = quoted.trim_end_matches('…').trim();
            let is_cut = |it: &String| shown.chars().count() >= TELLING && it.starts_with(shown);
            if self.texts.iter().any(|it| it == shown || is_cut(it) || is_in(it, shown)) {
                *quoted = "…".into();
            }
        }
        *text = parts.join("`");
        for it in &self.texts {
            if is_in(it, text) {
                *text = text.replace(it.as_str(), "…");
            }
        }
    }
}

fn is_in(secret: &str, text: &str) -> bool {
    text == secret || secret.chars().count() >= TELLING && text.contains(secret)
}

/// What stands before the first colon.
fn key_of(text: &str) -> Option<&str> {
    let (key, _) = text.trim_start_matches(['-', ' ', '{']).split_once(':')?;
    Some(key.trim().trim_matches(['"', '\'']))
}

/// Whether a field of this name is a secret somewhere, and never anything else.
fn is_name_of_secret(name: &str) -> bool {
    static NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
        let catalogue = schema::catalogue();
        let mut names: FxHashMap<&str, bool> = FxHashMap::default();
        for (_, id) in catalogue.names() {
            let Some(Type::Mapping(mapping)) = catalogue.raw(id) else { continue };
            for field in &mapping.fields {
                *names.entry(&field.name).or_insert(true) &= field.secret;
            }
        }
        names.into_iter().filter(|it| it.1).map(|it| it.0).collect()
    });
    NAMES.contains(name)
}
