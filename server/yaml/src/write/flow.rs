//! Changes to flow collections, with the commas between their elements.

use std::collections::BTreeMap;

use super::{
    ops::{Comments, New, RowOps, ops_within},
    out::Out,
    rows::Row,
    source::Source,
};
use crate::node::{Kind, NodeId};

pub(super) fn rewrite(
    source: &Source<'_>,
    collection: NodeId,
    ops: &BTreeMap<NodeId, RowOps>,
    out: &mut Out,
) -> Option<()> {
    let kind = source.tree.kind(collection);
    let inner = source.within_brackets(collection)?;
    let mut goes: BTreeMap<NodeId, (Row, Comments)> = BTreeMap::new();
    for (node, op) in ops_within(source, collection, ops) {
        let row = source.flow_row(collection, node)?;
        let before = inline(source, kind, &op.before)?;
        let after = inline(source, kind, &op.after)?;
        if op.remove.is_some() && !(before.is_empty() && after.is_empty()) {
            out.replace(row.start, row.end, [before, after].concat().join(", "));
            continue;
        }
        if !before.is_empty() {
            insert_before(source, &row, &before, out);
        }
        if !after.is_empty() {
            insert_after(source, &row, &after, out);
        }
        if let Some(comments) = op.remove {
            goes.insert(node, (row, comments));
        }
    }
    for (node, (row, comments)) in &goes {
        let is_last = row.comma.is_none();
        let last_kept =
            is_last.then(|| source.flow_row_before(collection, *node, |it| goes.contains_key(&it))).flatten();
        remove(source, row, last_kept.as_ref(), *comments, out);
    }
    let none_stays = source.first_row_but(collection, |it| goes.contains_key(&it)).is_none();
    if none_stays && !source.slice(inner.start, inner.end).contains('#') {
        out.remove(inner.start, inner.end);
    }
    Some(())
}

/// Writes the first elements of `{}` or `[]`.
pub(super) fn fill(source: &Source<'_>, collection: NodeId, added: &[New], out: &mut Out) -> Option<()> {
    let inner = source.within_brackets(collection)?;
    if !source.slice(inner.start, inner.end).trim().is_empty() {
        return None;
    }
    let added = inline(source, source.tree.kind(collection), added)?;
    out.replace(inner.start, inner.end, added.join(", "));
    Some(())
}

pub(super) fn inline(source: &Source<'_>, kind: Kind, added: &[New]) -> Option<Vec<String>> {
    added.iter().map(|it| it.inline(kind, source)).collect()
}

/// Returns the line break and indentation between elements, if each is on its own line.
fn own_line(source: &Source<'_>, row: &Row) -> Option<String> {
    let indent = || source.slice(source.line_start(row.start), row.start);
    source.starts_line(row.start).then(|| format!("{}{}", source.eol, indent()))
}

fn insert_before(source: &Source<'_>, row: &Row, added: &[String], out: &mut Out) {
    let text = match own_line(source, row) {
        Some(line) => added.iter().map(|it| format!("{it},{line}")).collect(),
        None => added.iter().map(|it| format!("{it}, ")).collect(),
    };
    out.insert(row.start, text);
}

fn insert_after(source: &Source<'_>, row: &Row, added: &[String], out: &mut Out) {
    let Some(line) = own_line(source, row) else {
        let added: String = added.iter().map(|it| format!(", {it}")).collect();
        out.insert(row.end, added);
        return;
    };
    let lines = added.join(&format!(",{line}"));
    match row.comma {
        Some(comma) if source.ends_line(comma) => out.insert(source.line_end(comma), format!("{line}{lines},")),
        Some(comma) => out.insert(comma, format!("{line}{lines},")),
        // After the comment of the last element, which gets a comma before it.
        None if source.ends_line(row.end) => {
            out.insert(row.end, ",".to_string());
            out.insert(source.line_end(row.end), format!("{line}{lines}"));
        }
        None => out.insert(row.end, format!(",{line}{lines}")),
    }
}

fn remove(source: &Source<'_>, row: &Row, last_kept: Option<&Row>, comments: Comments, out: &mut Out) {
    let end = row.comma.unwrap_or(row.end);
    // Remove whole lines if they contain nothing else. The comma before them may stay, since one at the end has no effect.
    if source.starts_line(row.start) && source.ends_line(end) {
        let comment = source.slice(end, source.line_end(end)).trim_start();
        if comments == Comments::Keep && !comment.is_empty() {
            out.remove(row.start, source.line_end(end) - comment.len() as u32);
        } else {
            out.remove(source.line_start(row.start), source.next_line(end));
        }
        return;
    }
    let spaces = |at: u32| source.slice(at, source.len()).bytes().take_while(|it| *it == b' ').count() as u32;
    let spaces_before = |at: u32| {
        let before = source.slice(0, at);
        (before.len() - before.trim_end_matches(' ').len()) as u32
    };
    match row.comma {
        Some(comma) if source.ends_line(comma) && !source.starts_line(row.start) => {
            out.remove(row.start - spaces_before(row.start), comma);
        }
        Some(comma) => out.remove(row.start, comma + spaces(comma)),
        // The comma before the last element is removed with it.
        None => match last_kept {
            Some(kept) if !source.slice(kept.end, row.start).contains('#') => out.remove(kept.end, row.end),
            _ => out.remove(row.start, row.end),
        },
    }
}
