//! What must not be shown: passwords, keys and tokens, as the catalogue marks them (`secret: true`).
//!
//! A value is secret if the nearest known field around it is marked so: `api_key: …`, and in `creds`, which is marked as a
//! whole, everything but the values of known fields without the mark. An unknown key with the name of such a field is taken for
//! one. A reference such as `${{ secrets.token }}` is no secret.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};
use schema::{DocumentKind, Type};
use yaml::{Encoding, Kind, NodeId, Span};

use crate::{
    diagnostic::{Diagnostic, Fix},
    document::Document,
};

/// So many texts before the end of a finding are looked at: the length of a long key, several times over.
const MOST_LOOKED_AT: usize = 500;
/// A text of so many characters is looked for within others; a shorter one may stand there by chance.
const TELLING: usize = 6;

/// The secrets of a document, so that reports can leave them out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Secrets {
    /// Where they are written, in order.
    pub spans: Vec<Span>,
    /// The texts that each is made of, line by line, with its place.
    texts: Vec<(Span, String)>,
}

/// The secrets of a document.
pub fn secrets(document: &Document) -> Secrets {
    let mut acc = Secrets::default();
    let tree = document.tree();
    if !may_have(document) {
        return acc;
    }
    let mut done = NodeId(0);
    for node in tree.ids() {
        match tree.kind(node) {
            // All of a broken entry is told at once, with what could be read in it.
            _ if node < done => {}
            Kind::Scalar | Kind::Broken if is_secret(document, node) => {
                acc.add(document, node);
                done = tree.subtree_end(node);
            }
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
    acc.texts.sort();
    acc.texts.dedup();
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
        // A finding repeats what stands in its lines, or in those that explain it.
        let spans = diagnostic.related.iter().map(|it| it.0).chain([diagnostic.span]);
        let near: Vec<&str> = spans.flat_map(|it| secrets.within(lines(document, it))).collect();
        if near.is_empty() {
            continue;
        }
        hide_in(&near, &mut diagnostic.message);
        diagnostic.related.iter_mut().for_each(|(_, text)| hide_in(&near, text));
        diagnostic.fixes.iter_mut().for_each(|fix| hide_in(&near, &mut fix.title));
    }
}

/// The lines of a span, as a span.
fn lines(document: &Document, span: Span) -> Span {
    let line = |at: u32| document.text().line(document.text().position(at, Encoding::Utf8).line);
    Span::new(line(span.start).start, line(span.end).end.max(span.end))
}

impl Secrets {
    /// Whether the edits of a fix repeat a secret, which they then take from its place.
    pub fn are_in(&self, fix: &Fix) -> bool {
        let taken: Vec<&str> = fix.edits.iter().flat_map(|edit| self.within(edit.span)).collect();
        fix.edits.iter().any(|edit| taken.iter().any(|it| is_in(it, &edit.text)))
    }

    /// The texts of the secrets that touch a span.
    fn within(&self, span: Span) -> impl Iterator<Item = &str> {
        let end = self.texts.partition_point(|it| it.0.start <= span.end);
        self.texts[..end].iter().rev().take(MOST_LOOKED_AT).filter(move |it| span.start <= it.0.end).map(|it| &*it.1)
    }

    fn add(&mut self, document: &Document, node: NodeId) {
        let tree = document.tree();
        let text = tree.text(node);
        if text.trim().is_empty() {
            return;
        }
        self.spans.push(tree.span(node));
        let mut add = |span: Span, line: &str| {
            let line = line.trim();
            // A placeholder such as `api_key: api_key` hides nothing, and would hide the field's name.
            if !line.is_empty() && !is_name_of_secret(line) {
                self.texts.push((span, line.to_string()));
            }
        };
        if !tree.value(node).contains('\n') {
            add(tree.span(node), tree.value(node));
        }
        let mut start = tree.span(node).start;
        for line in text.split('\n') {
            let span = Span::new(start, start + line.len() as u32);
            start = span.end + 1;
            add(span, line.trim_start_matches(['*', '&']));
            if tree.kind(node) == Kind::Broken {
                let value = line.split_once(": ").map_or(line, |it| it.1);
                value.split_whitespace().for_each(|word| add(span, word.trim_matches(['"', '\'', '{', '}', ','])));
            }
        }
    }
}

/// Puts `…` where the text quotes a secret.
fn hide_in(secrets: &[&str], text: &mut String) {
    let mut parts: Vec<String> = text.split('`').map(str::to_string).collect();
    for quoted in parts.iter_mut().skip(1).step_by(2) {
        // What is quoted may be cut short.
        let shown = quoted.trim_end_matches('…').trim();
        let is_cut = |it: &str| shown.chars().count() >= TELLING && it.starts_with(shown);
        if secrets.iter().any(|it| *it == shown || is_cut(it) || is_in(it, shown)) {
            *quoted = "…".into();
        }
    }
    *text = parts.join("`");
    for it in secrets {
        if is_in(it, text) {
            *text = text.replace(it, "…");
        }
    }
}

fn is_in(secret: &str, text: &str) -> bool {
    text == secret || secret.chars().count() >= TELLING && text.contains(secret)
}

/// What stands before the first colon; where there is none, the first word.
fn key_of(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['-', ' ', '{']);
    let (key, _) = text.split_once(':').or_else(|| text.split_once(' '))?;
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
