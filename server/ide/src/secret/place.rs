//! Nodes that are secret by their place in the tree.

use rustc_hash::FxHashSet;
use schema::DocumentKind;
use yaml::{Kind, NodeId, Span, Tree};

use super::{
    harmless::{is_harmless, is_reference},
    name::{self, Holds, is_about_credentials},
};
use crate::{
    bind::Binding,
    limits::{MAX_KEY_BYTES, MAX_SECRET_KEYS},
    words,
};

/// Whether an unknown key names a secret, or resembles a secret field of its mapping: `pasword` next to `username`.
fn is_key_of_secret(tree: &Tree, binding: &Binding, kind: DocumentKind, key: NodeId) -> bool {
    let name = tree.value(key);
    // A command with a colon is not a key: `export TOKEN=x; echo a: b`.
    let is_word = !name.contains([' ', '\t', '=']);
    is_word && name::holds(name, is_about_credentials(kind)).is_some()
        || fields_around(tree, binding, key).any(|it| it.secret)
            && field_meant(tree, binding, key).is_some_and(|it| it.secret)
}

/// The field that an unknown key resembles.
fn field_meant(tree: &Tree, binding: &Binding, key: NodeId) -> Option<&'static schema::Field> {
    field_like(tree.value(key), tree, binding, key)
}

/// The field that a word resembles or equals, of the mapping that contains a node.
fn field_like(word: &str, tree: &Tree, binding: &Binding, node: NodeId) -> Option<&'static schema::Field> {
    let fields = || fields_around(tree, binding, node);
    let name = words::closest(word, fields().map(|it| &*it.name))?;
    fields().find(|it| &*it.name == name)
}

/// The fields of the mapping that contains a node.
fn fields_around(tree: &Tree, binding: &Binding, node: NodeId) -> impl Iterator<Item = &'static schema::Field> {
    let ty = tree.parent(node).and_then(|it| binding.fact(it).ty);
    ty.and_then(|it| schema::catalogue().mapping(it)).into_iter().flat_map(|it| &it.fields)
}

/// Whether the nodes within a node are secret, unless a node closer to them decides otherwise.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Public,
    Secret,
    /// Secret because of the name of an unknown key. Harmless scalars are public.
    SecretByName,
}

/// An ancestor of the current node.
struct Ancestor {
    node: NodeId,
    end: NodeId,
    verdict: Verdict,
    /// In a mapping, the key whose value comes next.
    key: Option<NodeId>,
}

/// Collects the nodes that are secret by their place in the tree.
pub(super) fn by_place(tree: &Tree, binding: &Binding, kind: DocumentKind, acc: &mut Collected) {
    let mut above: Vec<Ancestor> = vec![];
    let mut broken_end = NodeId(0);
    for node in tree.ids() {
        while above.pop_if(|it| it.end <= node).is_some() {}
        let parent = above.last_mut();
        let inherited = parent.as_ref().map_or(Verdict::Public, |it| it.verdict);
        let mapping = parent.filter(|it| tree.kind(it.node) == Kind::Mapping && tree.kind(node) != Kind::Broken);
        // The verdicts about the node itself and about the nodes within it.
        let (mut own, mut inside) = (inherited, inherited);
        match mapping.map(|it| (it.key.take(), it)) {
            Some((Some(key), _)) => {
                own = match binding.fact(key).field.map(|it| schema::catalogue().field_by_id(it)) {
                    Some(field) if field.is_some_and(|it| it.secret) => Verdict::Secret,
                    Some(_) => Verdict::Public,
                    None if is_key_of_secret(tree, binding, kind, key) => Verdict::SecretByName,
                    None => inherited,
                };
                inside = own;
            }
            Some((None, mapping)) => {
                mapping.key = Some(node);
                if inherited != Verdict::Public && !is_alone(tree, binding, node) {
                    own = Verdict::Public;
                }
                inside = Verdict::Public;
            }
            // An entry that could not be parsed is secret if its key names a secret.
            None if tree.kind(node) == Kind::Broken && value_of_broken(tree.text(node), kind).is_some() => {
                own = Verdict::Secret;
                inside = own;
            }
            None => {}
        }
        let end = tree.subtree_end(node);
        if end.0 > node.0 + 1 {
            above.push(Ancestor { node, end, verdict: inside, key: None });
        }
        let is_harmless = || tree.kind(node) == Kind::Scalar && is_harmless(tree.value(node));
        let is_secret = own != Verdict::Public
            && !is_reference(tree.value(node), false)
            && !(own == Verdict::SecretByName && is_harmless());
        if !is_secret {
            continue;
        }
        acc.nodes.push(node);
        match tree.kind(node) {
            // A broken entry is hidden as a whole, with the nodes that were recovered from it.
            _ if node < broken_end => {}
            Kind::Broken => {
                let (span, text) = (tree.span(node), tree.text(node));
                let value = value_of_broken(text, kind).or_else(|| {
                    let key = key_of(text).filter(|it| field_like(it, tree, binding, node).is_some())?;
                    Some(text.len() - behind_key(text, key).len())
                });
                let start = span.start + value.unwrap_or(0) as u32;
                acc.add(Span::new(start, span.end), &tree.source()[start as usize..span.end as usize]);
                broken_end = end;
            }
            Kind::Scalar => {
                acc.add(tree.span(node), tree.text(node));
                // The value without quotes and escapes.
                acc.texts.extend(tree.value(node).lines().map(|it| (tree.span(node), it.trim().to_owned())));
            }
            // The secret is the anchored node.
            Kind::Alias => match tree.target(node) {
                Some(target) => acc.add_target(tree, target),
                None => acc.add(tree.span(node), tree.text(node).trim_start_matches('*')),
            },
            Kind::Mapping | Kind::Sequence => {}
        }
    }
}

/// Whether a key without a value may be a secret whose own key is missing: `creds: {…}`. It resembles no field.
fn is_alone(tree: &Tree, binding: &Binding, key: NodeId) -> bool {
    let has_no_value = || tree.entry_of(key).is_none_or(|it| tree.span(it.value).is_empty());
    binding.fact(key).field.is_none() && has_no_value() && field_meant(tree, binding, key).is_none()
}

/// Collects secrets.
#[derive(Default)]
pub(super) struct Collected {
    /// The nodes that are secret by their place.
    pub(super) nodes: Vec<NodeId>,
    pub(super) spans: Vec<Span>,
    /// The lines of the secrets, each with the span of its secret.
    pub(super) texts: Vec<(Span, String)>,
    /// The anchored nodes that were added, once for all of their aliases.
    targets: FxHashSet<NodeId>,
    /// Number of keys that were compared with the names of fields.
    keys: usize,
}

impl Collected {
    /// Adds a secret with its text.
    pub(super) fn add(&mut self, span: Span, text: &str) {
        if !text.trim().is_empty() {
            self.spans.push(span);
            for line in text.split(['\n', '\r']) {
                // Messages do not repeat the punctuation around a value.
                let line = line.trim().trim_matches(['"', '\'', '-', '[', ']', '{', '}', ',', ' ']);
                let secret = self.behind_field(line).to_owned();
                self.texts.push((span, secret));
            }
        }
    }

    /// The value on a line of a secret that spans several lines, if the line starts with the name of a field, perhaps
    /// misspelled: the key is not secret, and messages name it. Otherwise the whole line.
    fn behind_field<'a>(&mut self, line: &'a str) -> &'a str {
        let Some((key, value)) = line.split_once(": ").filter(|it| it.0.len() <= MAX_KEY_BYTES) else { return line };
        self.keys += 1;
        if self.keys <= MAX_SECRET_KEYS && name::is_field_beside_secrets(key) { value.trim() } else { line }
    }

    /// Adds an anchored node whose alias is a secret: a scalar, or all values of a collection except those of known fields.
    fn add_target(&mut self, tree: &Tree, target: NodeId) {
        if !self.targets.insert(target) {
            return;
        }
        for node in (target.0..tree.subtree_end(target).0).map(NodeId) {
            let entry = tree.entry_of(node).filter(|_| node != target);
            let is_public = entry.is_some_and(|it| it.key == node || name::is_field(tree.value(it.key)));
            if tree.kind(node) == Kind::Scalar && !is_public && !is_harmless(tree.value(node)) {
                self.add(tree.span(node), tree.text(node));
                self.texts.extend(tree.value(node).lines().map(|it| (tree.span(node), it.trim().to_owned())));
            }
        }
    }
}

/// The text before the first colon, or else the first word.
fn key_of(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['-', ' ', '{']);
    let (key, _) = text.split_once([':', ' ', '\t', '=', ';', ',']).filter(|it| it.0.len() < text.len())?;
    Some(key.trim().trim_matches(['"', '\'']))
}

/// The text behind `key`, which is a slice of `text`, and its separator.
fn behind_key<'a>(text: &'a str, key: &str) -> &'a str {
    let end = key.as_ptr() as usize - text.as_ptr() as usize + key.len();
    text[end..].trim_start_matches(['"', '\'', ':', '=', ' ', '\t'])
}

/// The offset of the secret in an entry that could not be parsed; `None` if its key names no secret. Brackets that contain keys
/// are not secret as a whole.
fn value_of_broken(text: &str, kind: DocumentKind) -> Option<usize> {
    let key = key_of(text)?;
    let holds = name::holds(key, is_about_credentials(kind))?;
    let value = behind_key(text, key);
    let is_mixed = holds == Holds::Secrets && value.starts_with(['{', '[']) && value.contains(':');
    (!is_mixed).then_some(text.len() - value.len())
}
