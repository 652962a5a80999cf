//! Findings at nodes: which part of the text they underline.

use yaml::{Kind, NodeId, Span};

use crate::{
    bind::Misfit,
    diagnostic::{Diagnostic, Related, Subject},
    document::Document,
    rule::{Check, Rule},
};

/// A finding about a misfit: on its node, or on the alias or merge through which that is reached.
pub(crate) fn misfit(
    check: &Check<'_>,
    rule: &Rule,
    (subject, misfit): (Subject, &Misfit),
    message: String,
) -> Diagnostic {
    let document = check.document();
    let mut it = rule.at(visible(document, misfit.via.unwrap_or(misfit.node)), subject, message);
    if misfit.via.is_some() {
        it.related.push(related(document, misfit.node, "defined here"));
    }
    it
}

/// A finding about a misfit that is a whole mapping: on the key or entry that names it, rather than on all of it.
pub(crate) fn mapping(check: &Check<'_>, rule: &Rule, found: (Subject, &Misfit), message: String) -> Diagnostic {
    let mut it = misfit(check, rule, found, message);
    if found.1.via.is_none() {
        it.span = name_of(check.document(), found.1.node);
    }
    it
}

/// A place that explains a finding.
pub(crate) fn related(document: &Document, node: NodeId, message: &str) -> Related {
    Related { span: visible(document, node), message: message.to_owned() }
}

/// The span that names a mapping: its key; for a document its `type`; for an item its first key.
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

/// The span of a node that an editor can underline: of an empty value its key, of a collection its first line.
pub(crate) fn visible(document: &Document, node: NodeId) -> Span {
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
