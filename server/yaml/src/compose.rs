//! The checks that PyYAML makes when the syntax is right: anchors and aliases, tags, keys, impossible values.
//!
//! Mirrors `Composer` and `SafeConstructor` in PyYAML's `composer.py` and `constructor.py`. No alias is followed more than
//! one step, so that aliases of aliases cost nothing.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::{
    chars::{is_blank_or_break, is_break},
    join::Joined,
    node::{Kind, NodeId},
    problem::{self, SyntaxProblem},
    resolve::{self, Scalar},
    span::Span,
    tree::Tree,
};

/// Returns the tree with its aliases resolved and with all its problems, sorted.
pub(crate) fn check(joined: Joined) -> Tree {
    let Joined { mut tree, suspects, documents, .. } = joined;
    let mut problems = std::mem::take(&mut tree.problems);
    // After a syntax error, an anchor may be in the part that could not be read.
    let sound = problems.is_empty();
    if let Some(second) = documents.get(1) {
        let message = "unexpected second document; write one document per file";
        let marked = tree.source[*second as usize..].starts_with("---");
        let span = if marked { Span::new(*second, *second + 3) } else { problem::first_char(&tree.source, *second) };
        problems.push(SyntaxProblem::new(span, message));
    }
    let mut refused = vec![];
    names(&mut tree, sound, &mut problems, &mut refused);
    let mut merges = FxHashMap::default();
    tags(&tree, &mut merges, &mut problems, &mut refused);
    for suspect in suspects {
        let node = NodeId(suspect.node);
        if let Some((guilty, problem)) = suspicion(&tree, node, suspect.is_key, &mut merges) {
            problems.push(problem);
            refused.push(guilty);
        }
    }
    problems.sort_by_key(|problem| problem.span);
    problems.dedup_by_key(|problem| problem.span);
    tree.problems = problems;
    tree.refused = all_refused(&tree, refused);
    tree
}

/// Returns all nodes without a value, sorted: those `found` while composing, broken text, collections that contain nothing
/// else, aliases without an anchor, scalars that a syntax problem underlines, and aliases to any of these.
fn all_refused(tree: &Tree, mut found: Vec<NodeId>) -> Vec<NodeId> {
    if tree.problems.is_empty() {
        return vec![];
    }
    found.sort_unstable();
    let mut found = found.into_iter().peekable();
    let mut problems = tree.problems.iter().map(|it| it.span).peekable();
    // The end of the problems that start before the end of the last scalar.
    let mut reach = 0;
    let mut refused: Vec<NodeId> = vec![];
    for node in tree.ids() {
        let is_found = std::iter::from_fn(|| found.next_if_eq(&node)).count() > 0;
        let is_refused = match tree.kind(node) {
            Kind::Broken => true,
            Kind::Scalar => {
                let span = tree.span(node);
                while let Some(problem) = problems.next_if(|it| it.start < span.end) {
                    reach = reach.max(problem.end);
                }
                span.start < reach && !span.is_empty()
            }
            Kind::Alias => tree.target(node).is_none_or(|target| {
                let from = refused.partition_point(|it| *it < target);
                refused.get(from).is_some_and(|it| *it < tree.subtree_end(target))
            }),
            // Not even the kind of such a collection is certain.
            Kind::Mapping | Kind::Sequence => {
                let mut children = tree.children(node).peekable();
                children.peek().is_some() && children.all(|it| tree.kind(it) == Kind::Broken)
            }
        };
        if is_found || is_refused {
            refused.push(node);
        }
    }
    refused
}

/// Checks that anchors are unique in a document, and that each alias has its anchor before it. Aliases of an anchor that is
/// defined twice are not resolved.
fn names(tree: &mut Tree, sound: bool, acc: &mut Vec<SyntaxProblem>, refused: &mut Vec<NodeId>) {
    let mut targets = vec![];
    // The node with the anchor, and whether the anchor is unique.
    let mut anchors: FxHashMap<&str, (NodeId, bool)> = FxHashMap::default();
    let mut roots = tree.roots.iter().skip(1).peekable();
    for (node, properties) in &tree.properties {
        while roots.next_if(|root| *root <= node).is_some() {
            anchors.clear();
        }
        let Some(name) = properties.anchor.as_deref() else { continue };
        if tree.kind(*node) == Kind::Alias {
            match anchors.get(name) {
                Some((target, true)) => targets.push((*node, *target)),
                None if sound => acc.push(SyntaxProblem::new(
                    tree.span(*node),
                    format!("undefined alias `*{name}`; define `&{name}` before it, or quote the value"),
                )),
                _ => {}
            }
            continue;
        }
        match anchors.entry(name) {
            Entry::Vacant(free) => drop(free.insert((*node, true))),
            Entry::Occupied(mut first) => {
                let message = format!("duplicate anchor `&{name}`; rename one of them");
                let mut problem = SyntaxProblem::new(property_span(tree, *node, '&'), message);
                problem.related = Some((property_span(tree, first.get().0, '&'), "first defined here".into()));
                acc.push(problem);
                first.get_mut().1 = false;
                refused.push(*node);
            }
        }
    }
    tree.aliases = targets;
}

/// Returns the span of the anchor or the tag of a node; the span of the node if it is not found.
fn property_span(tree: &Tree, node: NodeId, sigil: char) -> Span {
    let span = tree.span(node);
    let before = &tree.source[..span.start as usize];
    let window = before.char_indices().rev().take(200).last().map_or(0, |it| it.0);
    let Some(at) = before[window..].rfind(sigil) else { return span };
    // `!!str` has two sigils.
    let start = before[..window + at].trim_end_matches(sigil).len();
    let len = before[start..].find(is_blank_or_break).unwrap_or(before.len() - start);
    Span::new(start as u32, (start + len) as u32)
}

/// Checks that tags are known, and fit their nodes.
fn tags(tree: &Tree, merges: &mut FxHashMap<NodeId, bool>, acc: &mut Vec<SyntaxProblem>, refused: &mut Vec<NodeId>) {
    for (node, properties) in &tree.properties {
        let Some(tag) = properties.tag.as_deref() else { continue };
        let (kind, name) = (tree.kind(*node), tag.strip_prefix("tag:yaml.org,2002:"));
        let scalar = match tree.entry_of(*node) {
            Some(entry) if entry.key == *node && !is_in_pair(tree, *node) => {
                resolve::key(tree.value(*node), tree.style(*node), Some(tag))
            }
            _ => tree.scalar(*node).unwrap_or(Scalar::Invalid),
        };
        let fits = match (name, kind) {
            (_, Kind::Scalar) if scalar == Scalar::Merge => {
                if let Some((guilty, problem)) = merge(tree, *node, merges) {
                    acc.push(problem);
                    refused.push(guilty);
                }
                true
            }
            (_, Kind::Scalar) => scalar != Scalar::Invalid,
            _ if tag == "!" => true,
            (Some("map" | "set"), Kind::Mapping) | (Some("seq"), Kind::Sequence) => true,
            (Some("omap" | "pairs"), Kind::Sequence) => tree.items(*node).all(|item| is_pair(tree, item)),
            _ => false,
        };
        if fits || is_merged(tree, *node) {
            continue;
        }
        let span = property_span(tree, *node, '!');
        let written = &tree.source[span.range()];
        acc.push(if problem::is_known_tag(tag) {
            let message = format!("the value does not match the tag `{written}`; remove the tag, or correct the value");
            SyntaxProblem::new(span, message)
        } else {
            problem::unknown_tag(span, written)
        });
        refused.push(*node);
    }
}

/// Whether an item is a mapping of one entry, as `!!omap` requires.
fn is_pair(tree: &Tree, item: NodeId) -> bool {
    // Counts no more than two entries: many such lists may refer to one long mapping.
    tree.target(item).is_some_and(|it| tree.kind(it) == Kind::Mapping && tree.entries(it).take(2).count() == 1)
}

/// Whether the mapping of the node is an item of `!!omap` or `!!pairs`, whose keys PyYAML does not check as keys.
fn is_in_pair(tree: &Tree, node: NodeId) -> bool {
    let list = tree.parent(node).and_then(|it| tree.parent(it)).and_then(|it| tree.properties(it));
    list.and_then(|it| it.tag.as_deref()).is_some_and(|tag| tag.ends_with(":omap") || tag.ends_with(":pairs"))
}

/// Whether the node is only merged into a mapping: PyYAML takes its entries and ignores its tag.
fn is_merged(tree: &Tree, node: NodeId) -> bool {
    if tree.properties(node).is_some_and(|it| it.anchor.is_some()) || tree.kind(node) == Kind::Scalar {
        return false;
    }
    let is_value = |node: NodeId| {
        let key = NodeId(node.0.wrapping_sub(1));
        let parent = tree.parent(node);
        parent.is_some_and(|it| tree.kind(it) == Kind::Mapping && it != key)
            && tree.is_merge_key(key)
            && tree.parent(key) == parent
    };
    is_value(node)
        || tree.kind(node) == Kind::Mapping
            && tree.parent(node).is_some_and(|it| tree.kind(it) == Kind::Sequence && is_value(it))
}

/// Returns the problem of a suspicious node, and the node that has no value because of it.
fn suspicion(
    tree: &Tree,
    node: NodeId,
    is_key: bool,
    merges: &mut FxHashMap<NodeId, bool>,
) -> Option<(NodeId, SyntaxProblem)> {
    if tree.kind(node) != Kind::Scalar {
        return collection_as_key(tree, node);
    }
    let is_key = is_key && !is_in_pair(tree, node);
    let span = tree.span(node);
    let problem = |message: String| Some((node, SyntaxProblem::new(span, message)));
    match tree.value(node) {
        "=" if is_key => None,
        "<<" if is_key => merge(tree, node, merges),
        value @ ("=" | "<<") => problem(format!("`{value}` has a special meaning in YAML; put it in quotes")),
        value => problem(format!(
            "`{value}` looks like a date or a number, but is not valid; put it in quotes if it is text"
        )),
    }
}

/// Returns the problem of a merge key whose value cannot be merged.
fn merge(tree: &Tree, key: NodeId, merges: &mut FxHashMap<NodeId, bool>) -> Option<(NodeId, SyntaxProblem)> {
    let value = tree.subtree_end(key);
    let target = tree.target(value)?;
    let fine = *merges.entry(target).or_insert_with(|| is_mergeable(tree, target));
    let place = if tree.span(value).is_empty() { tree.span(key) } else { tree.span(value) };
    let message = "expected a mapping or a list of mappings to merge; write `<<: *name`, or put the key in quotes";
    (!fine).then(|| (value, SyntaxProblem::new(place, message)))
}

/// Returns the problem of a list or a mapping as a key, which Python cannot hash. `!!omap` and `!!pairs` do not require
/// that.
fn collection_as_key(tree: &Tree, node: NodeId) -> Option<(NodeId, SyntaxProblem)> {
    let collection = tree.target(node).filter(|it| tree.kind(*it) != Kind::Scalar)?;
    let outer = tree.parent(node).unwrap_or(node);
    if tree.text(outer).starts_with("{{") {
        let text = problem::quoted(tree.text(outer));
        let message = format!("YAML reads {text} as a mapping; quote the value");
        return Some((outer, SyntaxProblem::new(tree.span(outer), message)));
    }
    if is_in_pair(tree, node) {
        return None;
    }
    let what = if tree.kind(collection) == Kind::Sequence { "a list" } else { "a mapping" };
    let start = tree.span(node).start;
    let first_line = tree.text(node).split(is_break).next().unwrap_or("").len() as u32;
    let span = Span::new(start, start + first_line);
    Some((node, SyntaxProblem::new(span, format!("expected a plain key, found {what}"))))
}

fn is_mergeable(tree: &Tree, node: NodeId) -> bool {
    let is_mapping = |node: NodeId| tree.target(node).is_none_or(|it| tree.kind(it) == Kind::Mapping);
    match tree.kind(node) {
        Kind::Sequence => tree.items(node).all(is_mapping),
        Kind::Mapping | Kind::Broken => true,
        _ => false,
    }
}
