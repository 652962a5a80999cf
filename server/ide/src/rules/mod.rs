//! The rules: one file each, with its documentation, check, fixes and tests.

mod deprecated_field;
pub(crate) mod duplicate_key;
mod invalid_value;
mod missing_field;
mod mutually_exclusive;
mod release_comment;
mod removed_field;
mod replacement;
mod safe;
mod syntax_error;
mod unavailable_field;
mod unknown_directive;
mod unknown_field;
mod wrong_type;

#[cfg(test)]
mod tests;

use schema::{DocumentKind, FieldId};
use yaml::{
    Kind, NodeId, Path, Span, Step, Tree,
    write::{Place, Rewrite, Value},
};

use crate::{
    bind::{self, Breach, Misfit, MisfitKind, Remedy},
    diagnostic::{Applicability, Diagnostic, Severity, Stage},
    document::Document,
    expected::quoted,
    types,
};

use safe::offer;
pub use safe::{Removal, fixing};

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name: `unknown-field`.
    pub name: &'static str,
    /// What it finds and what to do, in Markdown. Blocks of `yaml bad` yield the rule, those of `yaml` nothing.
    pub docs: &'static str,
    /// Adds its findings.
    pub check: fn(&Document, &mut Vec<Diagnostic>),
}

impl Rule {
    /// The documentation as people read it: what yields the rule says so.
    pub fn explained(&self) -> String {
        // `bad` is for the test that executes the blocks.
        self.docs.trim().replace("```yaml bad", "```yaml\n# found by this rule")
    }
}

/// All rules, in the order of the documentation.
pub fn all() -> &'static [Rule] {
    &[
        syntax_error::RULE,
        unknown_field::RULE,
        missing_field::RULE,
        wrong_type::RULE,
        invalid_value::RULE,
        mutually_exclusive::RULE,
        duplicate_key::RULE,
        deprecated_field::RULE,
        removed_field::RULE,
        unavailable_field::RULE,
        release_comment::RULE,
        unknown_directive::RULE,
    ]
}

/// The rule with this name.
pub fn named(name: &str) -> Option<&'static Rule> {
    all().iter().find(|rule| rule.name == name)
}

/// A finding that makes dstack's parser reject the file, on the node of a misfit.
fn rejection(document: &Document, rule: &'static str, misfit: &Misfit, message: String) -> Diagnostic {
    let mut it = at_node(document, rule, misfit.via.unwrap_or(misfit.node), message);
    it.path = path(document, misfit);
    if misfit.via.is_some() {
        it.related.push((visible(document, misfit.node), "defined here".into()));
    }
    it
}

/// The path of a misfit as dstack has it: what is merged is in the mapping that merges it.
fn path(document: &Document, misfit: &Misfit) -> Path {
    let tree = document.tree();
    let Some(via) = misfit.via else { return without_merges(tree, misfit.node) };
    let seat = misfit.seat;
    let is_told_of_mapping = seat != misfit.node && tree.target(seat) != Some(misfit.node);
    let target = tree.target(via).filter(|it| *it <= seat && seat < tree.subtree_end(*it));
    let mut path = match target {
        Some(target) => {
            let above = without_merges(tree, target).0.len();
            let below = without_merges(tree, seat).0.into_iter().skip(above);
            Path(without_merges(tree, via).0.into_iter().chain(below).collect())
        }
        None => without_merges(tree, if is_told_of_mapping { seat } else { via }),
    };
    if is_told_of_mapping {
        let key = match misfit.kind {
            MisfitKind::UnknownTag(_) => tree.entry_of(misfit.node).map_or(misfit.node, |it| it.key),
            _ => misfit.node,
        };
        path.0.push(Step::Key(tree.value(key).into()));
    }
    path
}

/// The path of a node without the steps of merges: `<<`, and the place in a list of merged mappings.
fn without_merges(tree: &Tree, node: NodeId) -> Path {
    let path = tree.path(node);
    if !path.0.contains(&Step::Key("<<".into())) {
        return path;
    }
    let is_merged = |it: NodeId| tree.entry_of(it).is_some_and(|it| bind::is_merge(tree, it.key));
    let mut steps = vec![];
    for it in tree.ancestors(node) {
        let above = tree.parent(it).map(|it| (it, tree.path(it).0.len()));
        let mut own = tree.path(it).0;
        let Some((parent, len)) = above.filter(|it| it.1 < own.len()) else { continue };
        let is_item = tree.kind(parent) == Kind::Sequence;
        if !is_merged(if is_item { parent } else { it }) {
            steps.extend(own.drain(len..));
        }
    }
    steps.reverse();
    Path(steps)
}

/// A finding that makes dstack's parser reject the file, on a node.
fn at_node(document: &Document, rule: &'static str, node: NodeId, message: String) -> Diagnostic {
    let tree = document.tree();
    Diagnostic {
        rule,
        stage: Stage::Parse,
        severity: Severity::Error,
        message,
        span: visible(document, node),
        path: tree.path(node),
        related: vec![],
        tag: None,
        fixes: vec![],
    }
}

/// A finding about a whole mapping: underlines its key, or what names it, rather than all of it.
fn at_mapping(document: &Document, rule: &'static str, misfit: &Misfit, message: String) -> Diagnostic {
    let mut it = rejection(document, rule, misfit, message);
    if misfit.via.is_none() {
        it.span = name_of(document, misfit.node);
    }
    it
}

/// What names a mapping: its key; of a document its `type`; of a list item its first key.
fn name_of(document: &Document, mapping: NodeId) -> Span {
    let tree = document.tree();
    if let Some(entry) = tree.entry_of(mapping) {
        return tree.span(entry.key);
    }
    if tree.parent(mapping).is_none()
        && let Some(entry) = tree.entry(mapping, "type")
    {
        return Span::new(tree.span(entry.key).start, tree.span(entry.value).end);
    }
    match tree.entries(mapping).next() {
        Some(entry) => tree.span(entry.key),
        None => visible(document, mapping),
    }
}

/// Where a node is written; for an empty value the key before it, so that there is something to underline. Of a block of
/// several lines the first one.
fn visible(document: &Document, node: NodeId) -> Span {
    let tree = document.tree();
    let span = tree.span(node);
    if span.is_empty()
        && let Some(entry) = tree.entry_of(node)
    {
        return tree.span(entry.key);
    }
    if tree.kind(node) == Kind::Scalar {
        return span;
    }
    let first = tree.text(node).lines().next().unwrap_or("").trim_end().len() as u32;
    Span::new(span.start, span.start + first)
}

/// The findings of a rule that its misfits put into words themselves.
fn breaches(document: &Document, rule: &'static str, acc: &mut Vec<Diagnostic>) {
    for misfit in document.binding().misfits() {
        let MisfitKind::Breach(breach) = &misfit.kind else { continue };
        if breach.rule != rule {
            continue;
        }
        let mut it = if document.tree().kind(misfit.node) == Kind::Mapping {
            at_mapping(document, rule, misfit, breach.message.clone())
        } else {
            rejection(document, rule, misfit, breach.message.clone())
        };
        if let Some((node, text)) = breach.related {
            it.related.push((visible(document, node), text.to_string()));
        }
        if is_mendable(document, acc, misfit) {
            remedies(document, breach, &mut it);
        }
        acc.push(it);
    }
}

fn remedies(document: &Document, breach: &Breach, acc: &mut Diagnostic) {
    let tree = document.tree();
    match &breach.remedy {
        Remedy::None => {}
        Remedy::Remove(nodes) => nodes.iter().for_each(|node| removal(document, *node, acc)),
        Remedy::Set(mapping, name, value) => {
            let rewrite = match tree.entry(*mapping, name) {
                Some(entry) => Rewrite::new(tree).set(entry.value, Value::raw(*value)),
                None => Rewrite::new(tree).insert(Place::End(*mapping), name, Value::raw(*value)),
            };
            offer(document, acc, format!("Add `{name}: {value}`"), Applicability::Unsafe, rewrite);
        }
        Remedy::Replace(node, value) => {
            let rewrite = Rewrite::new(tree).set(*node, Value::raw(value.clone()));
            offer(document, acc, safe::replace(tree.text(*node), value), Applicability::Unsafe, rewrite);
        }
    }
}

/// Maximum number of findings that get fixes, to bound the cost of a keystroke.
const MOST_MENDED: usize = 100;

/// Whether there is a fix to be looked for: the node is written here, and the document is thorough or not too many findings
/// have been mended already.
fn is_mendable(document: &Document, acc: &[Diagnostic], misfit: &Misfit) -> bool {
    misfit.via.is_none() && is_mended(document, acc)
}

/// Whether the next finding gets fixes.
fn is_mended(document: &Document, acc: &[Diagnostic]) -> bool {
    document.is_thorough() || acc.len() < MOST_MENDED
}

/// Offer to remove an entry (by its key) or an item: something is lost, so that one should look first.
fn removal(document: &Document, node: NodeId, acc: &mut Diagnostic) {
    let tree = document.tree();
    let title = match tree.entry_of(node).filter(|it| it.key == node) {
        Some(entry) => format!("Remove {}", quoted(tree.value(entry.key))),
        None if tree.kind(node) == Kind::Scalar => format!("Remove {}", quoted(tree.value(node))),
        None => "Remove it".to_string(),
    };
    offer(document, acc, title, Applicability::Unsafe, Rewrite::new(tree).remove(node));
}

/// A text for the place of a scalar, in quotes only where YAML would read it as something that does not fit there.
fn plain_or_quoted(document: &Document, node: NodeId, text: &str) -> Value {
    let tree = document.tree();
    let fits = yaml::resolve::is_plain_string(text)
        || document.binding().fact(node).ty.is_some_and(|ty| {
            let scalar = yaml::resolve::scalar(text, yaml::Style::Plain, None);
            crate::bind::takes(ty, &scalar, document.release())
        }) && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b':' | b'/' | b'_'));
    let is_quoted = matches!(tree.style(node), yaml::Style::SingleQuoted | yaml::Style::DoubleQuoted);
    match fits && !is_quoted && !yaml::resolve::is_plain_string(text) {
        true => Value::raw(text),
        false => Value::Str(text.to_string()),
    }
}

/// How a field is called.
fn called_field(field: FieldId) -> &'static str {
    schema::catalogue().field_by_id(field).map_or("", |it| &it.name)
}

/// How a mapping, or the alias of one, is called in a message: "a task", "`resources`", "`creds` of type `default`", "a volume on `aws`".
fn called(document: &Document, mapping: NodeId) -> String {
    let name = called_by_place(document, mapping);
    match tag(document, mapping) {
        Some(tag) if document.tree().parent(mapping).is_none() => format!("{name} on `{tag}`"),
        Some(tag) => format!("{name} of type `{tag}`"),
        None => name,
    }
}

/// Which of several mappings one is, by its `type`; of a volume by its `backend`. A tag stands near the top: many keys are
/// not searched for each of the findings on them.
fn tag(document: &Document, mapping: NodeId) -> Option<&str> {
    let tree = document.tree();
    let field = match tree.parent(mapping) {
        None if document.configuration_type() != Some("volume") => return None,
        None => "backend",
        Some(_) => "type",
    };
    let value = tree.entries(tree.target(mapping)?).take(20).find(|it| tree.value(it.key) == field)?.value;
    let union = types::tagged_union(document, mapping, field)?;
    let accepted = |it: &str| union.variant(it, document.release()).is_some_and(|it| it.1.is_accepted());
    let is_one_of_several = union.tags.iter().filter(|it| accepted(it)).nth(1).is_some();
    Some(tree.value(value)).filter(|it| is_one_of_several && accepted(it))
}

/// How a mapping is called, seen from where it stands.
fn called_by_place(document: &Document, mapping: NodeId) -> String {
    let tree = document.tree();
    if let Some(entry) = tree.entry_of(mapping) {
        return format!("`{}`", tree.value(entry.key));
    }
    if tree.parent(mapping).is_none() {
        let of_a_type = matches!(document.kind(), DocumentKind::Configuration | DocumentKind::Template);
        return match document.configuration_type().filter(|_| of_a_type) {
            Some("dev-environment") => "a dev environment".into(),
            Some(it) if it.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {it}"),
            Some(it) if !it.is_empty() => format!("a {it}"),
            _ => "the file".into(),
        };
    }
    match tree.parent(mapping).and_then(|list| tree.entry_of(list)) {
        Some(entry) => format!("an item of `{}`", tree.value(entry.key)),
        None => "this item".into(),
    }
}
