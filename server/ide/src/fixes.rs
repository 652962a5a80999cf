//! Collects the fixes of a finding, and decides which of them are safe: `--fix` and *Apply all safe fixes* apply those
//! without asking, so they must lose nothing.
//!
//! A safe fix replaces a key or value, and its title names both: ``Replace `16GiB` with `16GB` ``. The new one means the
//! same, or is a name of dstack's that was misspelled. A name, a number or a text that the user chose is never changed. A safe
//! fix loses no comment; in a text that is not valid YAML it touches nothing but one key or value, since it is uncertain
//! what belongs to an entry there.
//!
//! The only entries that a safe fix removes without a replacement are those of [`Removal`].

use yaml::{
    Edit, Edits, Kind, NodeId,
    write::{Rewrite, Value},
};

use crate::{
    bind::python_value,
    diagnostic::{Applicability, Fix},
    document::Document,
    expected::quoted,
};

/// The fixes of a finding, the best one first.
#[derive(Debug)]
pub struct Fixes<'a> {
    document: &'a Document,
    list: Vec<Fix>,
}

impl<'a> Fixes<'a> {
    pub(crate) fn new(document: &'a Document) -> Fixes<'a> {
        Fixes { document, list: vec![] }
    }

    pub(crate) fn into_vec(self) -> Vec<Fix> {
        self.list
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// A change of the tree, to be offered.
    pub(crate) fn rewrite(&self) -> Rewrite<'a> {
        Rewrite::new(self.document.tree())
    }

    /// Offers a change, unless it cannot be made. It is safe only if it loses nothing, whatever is asked for.
    pub(crate) fn offer(&mut self, title: String, applicability: Applicability, rewrite: Rewrite<'_>) {
        let writes = rewrite.keys_written().to_vec();
        // Below a line that cannot be parsed, an entry may already be where a fix would move it.
        let Some(edits) = rewrite.finish().filter(|it| !it.is_noop(self.document.text().as_str())) else { return };
        let is_sound = self.document.tree().problems().is_empty();
        let is_harmless = keeps_comments(self.document, &edits)
            && (is_sound || edits.iter().all(|it| is_within_scalar(self.document, it)));
        let applicability = if is_harmless { applicability } else { Applicability::Unsafe };
        self.list.push(Fix { title, applicability, edits, writes });
    }

    /// Offers a change of the text that needs a look.
    pub(crate) fn offer_edits(&mut self, title: impl Into<String>, edits: Edits) {
        self.list.push(Fix { title: title.into(), applicability: Applicability::Unsafe, edits, writes: vec![] });
    }

    /// Offers to rename a key.
    pub(crate) fn rename(&mut self, key: NodeId, name: &str, applicability: Applicability) {
        let title = renaming(self.document.tree().value(key), name);
        self.offer(title, applicability, self.rewrite().rename(key, name));
    }

    /// Offers another value in place of a scalar, in quotes only if YAML would read it as another type without them.
    pub(crate) fn replace(&mut self, node: NodeId, text: &str, applicability: Applicability) {
        let tree = self.document.tree();
        let value = plain_or_quoted(self.document, node, text);
        let title = match &value {
            Value::Str(text) if !yaml::resolve::is_plain_string(text) => {
                replacing(tree.text(node), &format!("\"{text}\""))
            }
            _ => replacing(tree.value(node), text),
        };
        self.offer(title, applicability, self.rewrite().set(node, value));
    }

    /// Offers to remove an entry, by its key, or an item. Something is lost, so it needs a look.
    pub(crate) fn remove(&mut self, node: NodeId) {
        let tree = self.document.tree();
        let title = match tree.entry_of(node).filter(|it| it.key == node) {
            Some(entry) => format!("Remove {}", quoted(tree.value(entry.key))),
            None if tree.kind(node) == Kind::Scalar => format!("Remove {}", quoted(tree.value(node))),
            None => "Remove this item".to_string(),
        };
        self.offer(title, Applicability::Unsafe, self.rewrite().remove(node));
    }
}

/// The title of a fix: ``Replace `a` with `b` ``.
pub(crate) fn replacing(old: &str, new: &str) -> String {
    format!("Replace {} with {}", quoted(old), quoted(new))
}

/// The title of a fix: ``Rename `a` to `b` ``.
pub(crate) fn renaming(old: &str, new: &str) -> String {
    format!("Rename {} to {}", quoted(old), quoted(new))
}

/// A string in place of a scalar, in quotes only if YAML would otherwise read it as something that the type does not take.
fn plain_or_quoted(document: &Document, node: NodeId, text: &str) -> Value {
    let tree = document.tree();
    let is_quoted = matches!(tree.style(node), yaml::Style::SingleQuoted | yaml::Style::DoubleQuoted);
    let takes_plain = || {
        let scalar = yaml::resolve::scalar(text, yaml::Style::Plain, None);
        let ty = document.binding().fact(node).ty;
        ty.is_some_and(|ty| document.view().takes(ty, python_value(&scalar)))
            && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b':' | b'/' | b'_'))
    };
    match !is_quoted && !yaml::resolve::is_plain_string(text) && takes_plain() {
        true => Value::raw(text),
        false => Value::Str(text.to_string()),
    }
}

/// Why a safe fix may remove an entry. Its comments stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal<'a> {
    /// dstack ignores or rejects the field, nothing replaces it, and its value is empty or a scalar on one line.
    NoEffect,
    /// The outdated field is next to its replacement, with this name, which overrides it.
    Overridden(&'a str),
    /// The outdated field has no value.
    Empty,
    /// The same key is set again below, to an equal value.
    Repeated,
}

impl Removal<'_> {
    /// Every reason, with a description of when it applies.
    pub const ALL: [(Removal<'static>, &'static str); 4] = [
        (
            Removal::NoEffect,
            "a field that dstack ignores or rejects and that has no replacement, provided its value is empty or a single-line \
             scalar: `pool_name`, `instance_name`, `home_dir`, `availability_zone` of a Runpod volume, `setup: []`",
        ),
        (
            Removal::Overridden("idle_duration"),
            "a deprecated or removed field whose replacement is also set: `termination_policy` and `termination_idle_time` next to \
             `idle_duration`, `retry_policy` next to `retry`",
        ),
        (Removal::Empty, "an outdated field without a value"),
        (Removal::Repeated, "a key that is set again later to the same value"),
    ];

    /// The title of the fix that removes the fields `names`.
    pub fn title(self, names: &str) -> String {
        match self {
            Removal::NoEffect => format!("Remove {names}, which has no effect"),
            Removal::Overridden(by) => format!("Remove {names}, overridden by `{by}`"),
            Removal::Empty => format!("Remove the empty {names}"),
            Removal::Repeated => format!("Remove the earlier {names}, which has the same value"),
        }
    }
}

/// What safe fixes change and what they leave alone, in Markdown, for the documentation of the rules.
pub fn fixing() -> String {
    let removals = Removal::ALL.map(|(_, when)| format!("* {when}"));
    format!("{INTRODUCTION}\n{}\n\n{REST}", removals.join("\n"))
}

const INTRODUCTION: &str = "\
Safe fixes are applied by `check --fix` and, in an editor, by *Apply all safe fixes*. A safe fix replaces a key or value: a
misspelled name, another spelling of the same value, a deprecated or removed field with its replacement. Its title shows the
old and the new value: ``Replace `16GiB` with `16GB` ``. Comments are preserved. A key is removed without a replacement only if it is:
";

const REST: &str = "\
All other fixes are *unsafe*: the editor offers them, but they are never applied automatically. These are fixes that

* remove, add or choose a part of a value: `:ro` of a mount, the patch version of Python, `off` for a negative duration
* change a name
* remove the earlier of two keys with different values
* touch more than a single key or value of a file that is not valid YAML";

/// Whether the new text has the comments of the text that it replaces.
fn keeps_comments(document: &Document, edits: &Edits) -> bool {
    let tree = document.tree();
    let within = |edit: &Edit| {
        let first = tree.comments().partition_point(|it| it.span.start < edit.span.start);
        let end = edit.span.end;
        tree.comments()[first..].iter().take_while(move |it| it.span.start < end)
    };
    let mut gone = edits.iter().flat_map(within).filter_map(|it| tree.source().get(it.span.range())).peekable();
    let mut written = gone.peek().map_or(vec![], |_| edits.iter().map(|it| &*it.text).collect());
    // Each of them in what is written behind the one before: entries are moved as a whole.
    gone.all(|comment| {
        let found = written.iter_mut().find_map(|it| it.split_once(comment).map(|(_, rest)| *it = rest));
        found.is_some()
    })
}

fn is_within_scalar(document: &Document, edit: &Edit) -> bool {
    let tree = document.tree();
    let scalar = tree.node_at(edit.span.start).filter(|it| tree.kind(*it) == Kind::Scalar);
    !edit.span.is_empty() && scalar.is_some_and(|it| edit.span.end <= tree.span(it).end)
}
