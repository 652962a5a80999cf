//! What makes a fix safe, so that `--fix` and "Apply all safe fixes" may make it without asking: nothing is lost.
//!
//! A safe fix puts a key or value in the place of another, and its title names both: ``Replace `16GiB` with `16GB` ``. The
//! new one says the same, or is a word of dstack's that was misspelt. A name, a number or a text that the user chose is
//! never changed. It loses no comment; and where the text is not YAML, it touches nothing but the one key or value, since
//! nobody knows what belongs to an entry there.
//!
//! The only entries that a safe fix removes without writing something in their place are those of [`Removal`].

use yaml::{Edit, Edits, Kind, write::Rewrite};

use crate::{
    diagnostic::{Applicability, Diagnostic, Fix},
    document::Document,
    expected::quoted,
};

/// Why an entry may be removed without asking. Its comments stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal<'a> {
    /// dstack ignores or refuses the field and nothing takes its place, and its value is nothing or a scalar of one line.
    NoEffect,
    /// The outdated field stands beside the one that took its place, with this name, which dstack follows.
    Overridden(&'a str),
    /// The outdated field has no value.
    Empty,
    /// The same key stands below with an equal value.
    Repeated,
}

impl Removal<'_> {
    /// Each kind, with when it applies.
    pub const ALL: [(Removal<'static>, &'static str); 4] = [
        (
            Removal::NoEffect,
            "a field that dstack ignores or refuses, that nothing replaces, and whose value is a scalar of one line: \
             `pool_name`, `instance_name`, `home_dir`, `availability_zone` of a volume on Runpod; and one that holds \
             nothing, such as `setup: []`",
        ),
        (
            Removal::Overridden("idle_duration"),
            "an outdated field beside the field that took its place, which overrides it: `termination_policy` and \
             `termination_idle_time` beside `idle_duration`, `retry_policy` beside `retry`",
        ),
        (Removal::Empty, "an outdated field without a value"),
        (Removal::Repeated, "a key that is set again below to an equal value"),
    ];

    /// The title of the fix that removes what is called `names`.
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
`check --fix`, and *Apply all safe fixes* in an editor, make the safe fixes. A safe fix puts a key or value in the place of
another: a word of dstack's that was misspelt, another spelling of the same value, the field that took the place of an
outdated one. Its title names both: ``Replace `16GiB` with `16GB` ``. Every comment stays. Nothing is removed without
something in its place, except
";

const REST: &str = "\
All else is offered in the editor, but not made without asking: what drops, adds or chooses something (`:ro` of a mount, a
patch release of Python, `off` for a negative duration), a name, the earlier of two keys with different values, and in a
text that is not YAML whatever is more than a single key or value.";

/// `` Replace `a` with `b` ``
pub(super) fn replace(old: &str, new: &str) -> String {
    format!("Replace {} with {}", quoted(old), quoted(new))
}

/// `` Rename `a` to `b` ``
pub(super) fn rename(old: &str, new: &str) -> String {
    format!("Rename {} to {}", quoted(old), quoted(new))
}

/// Offer a change, if it can be made.
pub(super) fn offer(
    document: &Document,
    acc: &mut Diagnostic,
    title: String,
    applicability: Applicability,
    rewrite: Rewrite<'_>,
) {
    acc.fixes.extend(fix(document, title, applicability, rewrite));
}

/// A change as a fix, if it can be made. It is safe only if it loses nothing, whatever was asked for.
pub(super) fn fix(
    document: &Document,
    title: String,
    applicability: Applicability,
    rewrite: Rewrite<'_>,
) -> Option<Fix> {
    let writes = rewrite.keys_written().to_vec();
    // Below a line that cannot be parsed, an entry may already be where a fix would move it.
    let edits = rewrite.finish().filter(|it| !it.is_noop(document.text().as_str()))?;
    let is_sound = document.tree().problems().is_empty();
    let is_harmless =
        keeps_comments(document, &edits) && (is_sound || edits.iter().all(|it| is_within_scalar(document, it)));
    let applicability = if is_harmless { applicability } else { Applicability::Unsafe };
    Some(Fix { title, applicability, edits, writes })
}

/// Whether the comments in what is replaced stand in the new text, too.
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
