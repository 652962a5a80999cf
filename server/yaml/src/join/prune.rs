//! Bounds the depth of a tree.

use super::Joined;
use crate::{
    node::{Kind, MAX_DEPTH, Node, NodeId},
    problem,
};

/// Removes nodes that are nested too deeply, so that recursion over the tree cannot overflow the stack.
pub(super) fn prune(joined: &mut Joined) {
    let tree = &mut joined.tree;
    let mut depths: Vec<u32> = Vec::with_capacity(tree.nodes.len());
    for (i, node) in tree.nodes.iter().enumerate() {
        let above = if node.up == 0 { 0 } else { depths[i - node.up as usize] };
        depths.push(above + 1);
    }
    let most = MAX_DEPTH as u32;
    let collection = |node: &Node| matches!(node.kind, Kind::Mapping | Kind::Sequence | Kind::Broken);
    let Some(first) = (0..depths.len()).find(|i| depths[*i] > most && collection(&tree.nodes[*i])) else { return };
    let start = tree.nodes[first].start;
    tree.problems.push(problem::too_deep(&tree.source, start));
    // The number of nodes that are kept before each node.
    let mut kept: Vec<u32> = vec![0];
    kept.extend(depths.iter().scan(0, |n, depth| {
        *n += u32::from(*depth <= most);
        Some(*n)
    }));
    let is_kept = |id: &NodeId| depths[id.0 as usize] <= most;
    let new = |id: NodeId| NodeId(kept[id.0 as usize]);
    let nodes = std::mem::take(&mut tree.nodes);
    tree.nodes = (0..nodes.len())
        .filter(|i| depths[*i] <= most)
        .map(|i| {
            let node = nodes[i];
            let up = kept[i] - kept[i - node.up as usize];
            Node { up, len: kept[i + node.len as usize] - kept[i], ..node }
        })
        .collect();
    tree.cooked.retain(|it| is_kept(&it.0));
    tree.cooked.iter_mut().for_each(|it| it.0 = new(it.0));
    tree.properties.retain(|it| is_kept(&it.0));
    tree.properties.iter_mut().for_each(|it| it.0 = new(it.0));
    tree.roots.iter_mut().for_each(|it| *it = new(*it));
    tree.pieces.clear();
    joined.suspects.retain(|it| is_kept(&NodeId(it.node)));
    joined.suspects.iter_mut().for_each(|it| it.node = new(NodeId(it.node)).0);
}
