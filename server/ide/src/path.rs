//! The path of a finding, in the notation of dstack: `resources.gpu`, `env[2]`.

use std::borrow::Cow;

use yaml::{Kind, NodeId, Path, Step, Tree};

use crate::{
    bind::{Misfit, MisfitKind},
    diagnostic::{Diagnostic, Subject},
    document::Document,
};

/// The path of the node that a finding is about, without secrets.
pub fn path(document: &Document, finding: &Diagnostic) -> Path {
    let tree = document.tree();
    let mut path = match finding.subject {
        Subject::Text | Subject::Comment(_) => return Path::default(),
        Subject::Node(node) | Subject::Keys(node, _) => tree.path(node),
        Subject::Misfit(id) => match document.binding().misfits().get(id as usize) {
            Some(misfit) => of_misfit(document, misfit),
            None => return Path::default(),
        },
    };
    for step in &mut path.0 {
        if let Step::Key(key) = step
            && let Cow::Owned(hidden) = document.secrets().hidden(key)
        {
            *key = hidden.into();
        }
    }
    path
}

/// The path of a misfit. Merged fields belong to the mapping that merges them.
fn of_misfit(document: &Document, misfit: &Misfit) -> Path {
    let tree = document.tree();
    let Some(via) = misfit.via else { return without_merges(tree, misfit.node) };
    let seat = misfit.seat;
    let is_in_mapping = seat != misfit.node && tree.target(seat) != Some(misfit.node);
    let target = tree.target(via).filter(|it| *it <= seat && seat < tree.subtree_end(*it));
    let mut path = match target {
        Some(target) => {
            let above = without_merges(tree, target).0.len();
            let below = without_merges(tree, seat).0.into_iter().skip(above);
            Path(without_merges(tree, via).0.into_iter().chain(below).collect())
        }
        None => without_merges(tree, if is_in_mapping { seat } else { via }),
    };
    if is_in_mapping {
        let key = match misfit.kind {
            MisfitKind::UnknownTag(_) => tree.entry_of(misfit.node).map_or(misfit.node, |it| it.key),
            _ => misfit.node,
        };
        path.0.push(Step::Key(tree.value(key).into()));
    }
    path
}

/// The path of a node without the steps of merges: `<<`, and the index in a list of merged mappings.
fn without_merges(tree: &Tree, node: NodeId) -> Path {
    let path = tree.path(node);
    if !path.0.contains(&Step::Key("<<".into())) {
        return path;
    }
    let is_merged = |it: NodeId| tree.entry_of(it).is_some_and(|it| tree.is_merge_key(it.key));
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
