//! Changes to block collections: whole lines are added and removed.
//!
//! The first entry may follow a `- `. When it is removed, the next one takes its place there. When no entry is left, `{}`
//! is written after the key of the collection.

use std::collections::BTreeMap;

use super::{
    ops::{Comments, New, RowOps, ops_within},
    out::Out,
    render::taken_along,
    rows::Row,
    source::Source,
};
use crate::node::{Kind, NodeId};

/// The fate of a row that does not stay.
enum Fate {
    /// These lines replace it up to this offset.
    Filled(Vec<String>, u32),
    /// It is removed.
    Goes(Comments),
}

/// Changes the rows of a block collection.
pub(super) fn rewrite(
    source: &Source<'_>,
    collection: NodeId,
    ops: &BTreeMap<NodeId, RowOps>,
    out: &mut Out,
) -> Option<()> {
    let first = source.block_row(collection, source.first_child(collection)?)?;
    let column = source.column(first.start);
    let break_and_indent = format!("{}{}", source.eol, " ".repeat(column));
    let mut rewrite = Rewrite { source, collection, first, column, break_and_indent, fates: BTreeMap::new() };
    for (node, op) in ops_within(source, collection, ops) {
        rewrite.change(node, op, out)?;
    }
    rewrite.finish(out)
}

/// Changes to one collection.
struct Rewrite<'s, 't> {
    source: &'s Source<'t>,
    collection: NodeId,
    first: Row,
    /// The column of its rows.
    column: usize,
    break_and_indent: String,
    fates: BTreeMap<NodeId, (Row, Fate)>,
}

impl Rewrite<'_, '_> {
    /// Adds the new rows around a row, and determines the fate of the row itself.
    fn change(&mut self, node: NodeId, op: &RowOps, out: &mut Out) -> Option<()> {
        let source = self.source;
        let kind = source.tree.kind(self.collection);
        let row = source.block_row(self.collection, node)?;
        let before = new_lines(source, kind, &op.before)?;
        let after = new_lines(source, kind, &op.after)?;
        if let Some(comments) = op.remove {
            let fate = self.removed(&row, comments, op, [before, after].concat(), out);
            self.fates.insert(node, (row, fate));
            return Some(());
        }
        if !before.is_empty() {
            insert_before(source, node == self.first.node, &row, &before, &self.break_and_indent, out);
        }
        if !after.is_empty() {
            if let Some(scalar) = row.block_scalar.filter(|it| !out.set_scalars.contains(&it.node)) {
                scalar.close(source, &mut out.edits);
            }
            note_block_scalar(source, &op.after, self.column, row.below_end, out);
            out.insert(row.below_end, joined(&after, &self.break_and_indent));
        }
        Some(())
    }

    /// Returns the fate of a removed row at whose place `lines` are added.
    fn removed(&self, row: &Row, comments: Comments, op: &RowOps, lines: Vec<String>, out: &mut Out) -> Fate {
        let source = self.source;
        let along = taken_along(source, row.node == self.first.node, row);
        if comments == Comments::Along && along < source.line_start(row.start) {
            out.remove(along, source.line_start(row.start));
        }
        let added = if op.after.is_empty() { &op.before } else { &op.after };
        let ends_with_scalar = note_block_scalar(source, added, self.column, row.line_end, out);
        if lines.is_empty() {
            return Fate::Goes(comments);
        }
        // The comment after the row stays there, unless its line now ends a block scalar.
        let end = if ends_with_scalar { row.line_end } else { row.end };
        let kept = match comments {
            Comments::Keep => comments_of(source, row.start, end),
            _ if ends_with_scalar => comments_of(source, row.end, end),
            _ => vec![],
        };
        Fate::Filled([kept, lines].concat(), end)
    }

    /// Replaces and removes rows, once it is known which row is the first afterwards.
    fn finish(&self, out: &mut Out) -> Option<()> {
        let goes = |it: NodeId| matches!(self.fates.get(&it), Some((_, Fate::Goes(_))));
        let survivor = self.source.first_row_but(self.collection, goes);
        for (row, fate) in self.fates.values() {
            match fate {
                Fate::Filled(lines, end) => {
                    let text = joined(lines, &self.break_and_indent);
                    out.replace(row.start, *end, text[self.break_and_indent.len()..].to_string());
                }
                Fate::Goes(comments) => self.remove(row, *comments, survivor, out)?,
            }
        }
        Some(())
    }

    fn remove(&self, row: &Row, comments: Comments, survivor: Option<NodeId>, out: &mut Out) -> Option<()> {
        let source = self.source;
        let is_first = row.node == self.first.node;
        let is_inline = !source.starts_line(self.first.start);
        let kept = if comments == Comments::Keep { comments_of(source, row.start, row.below_end) } else { vec![] };
        match survivor {
            None if is_first => leave_empty(source, self.collection, row, &kept, &self.break_and_indent, out)?,
            _ if !is_first || !is_inline => remove_lines(source, row, &kept, self.column, out),
            Some(next) => {
                let next = source.block_row(self.collection, next)?;
                remove_inline(source, row, &kept, &next, &self.break_and_indent, out);
            }
            None => {}
        }
        Some(())
    }
}

fn new_lines(source: &Source<'_>, kind: Kind, added: &[New]) -> Option<Vec<String>> {
    let lines = added.iter().map(|it| it.lines(kind, source)).collect::<Option<Vec<_>>>()?;
    Some(lines.concat())
}

/// Joins lines, each after a line break and the indentation.
pub(super) fn joined(lines: &[String], break_and_indent: &str) -> String {
    let eol = break_and_indent.trim_end_matches(' ');
    lines.iter().map(|it| if it.is_empty() { eol.to_string() } else { format!("{break_and_indent}{it}") }).collect()
}

/// Records a block scalar at the end of added lines, which must not absorb the blank lines after its new place. Returns
/// whether there is one.
pub(super) fn note_block_scalar(
    source: &Source<'_>,
    added: &[New],
    column: usize,
    line_end: u32,
    out: &mut Out,
) -> bool {
    let Some(New::Moved(key)) = added.last() else { return false };
    let scalar = source.tree.entry_of(*key).and_then(|it| source.last_block_scalar(it.value));
    let Some(scalar) = scalar else { return false };
    let from = source.tree.parent(*key).map_or(0, |it| source.column(source.tree.span(it).start));
    out.moved_scalars.push((source.next_line(line_end), scalar.moved(from, column)));
    true
}

fn insert_before(
    source: &Source<'_>,
    is_first: bool,
    row: &Row,
    lines: &[String],
    break_and_indent: &str,
    out: &mut Out,
) {
    if !source.starts_line(row.start) {
        out.insert(row.start, lines.join(break_and_indent) + break_and_indent);
        return;
    }
    let line = source.line_start(row.start);
    let column = source.column(row.start);
    let at = if is_first { line } else { source.comments_above(line, column) };
    let text = joined(lines, break_and_indent);
    out.insert(at, text[source.eol.len()..].to_string() + source.eol);
}

/// Returns the comments between two offsets.
fn comments_of(source: &Source<'_>, start: u32, end: u32) -> Vec<String> {
    let all = source.tree.comments();
    let first = all.partition_point(|it| it.span.start < start);
    let comments = all[first..].iter().take_while(|it| it.span.end <= end);
    comments.map(|it| source.slice(it.span.start, it.span.end).to_string()).collect()
}

/// Removes the lines of a row.
fn remove_lines(source: &Source<'_>, row: &Row, kept: &[String], column: usize, out: &mut Out) {
    let start = source.line_start(row.start);
    if kept.is_empty() {
        out.remove(start, source.next_line(row.below_end));
    } else {
        let indent = " ".repeat(column);
        let lines = kept.iter().map(|it| format!("{indent}{it}")).collect::<Vec<_>>().join(source.eol);
        out.replace(start, row.below_end, lines);
    }
}

/// Removes the row after `- `. The next one takes its place, unless there are comments between them.
fn remove_inline(source: &Source<'_>, row: &Row, kept: &[String], next: &Row, break_and_indent: &str, out: &mut Out) {
    let comments = !comments_of(source, row.below_end, next.start).is_empty();
    if !kept.is_empty() {
        out.replace(row.start, row.below_end, kept.join(break_and_indent));
    } else if comments {
        let dash = source.slice(source.line_start(row.start), row.start).trim_end().len() as u32;
        out.remove(source.line_start(row.start) + dash, row.below_end);
    } else {
        out.remove(row.start, next.start);
    }
}

/// Removes the last row, and leaves `{}` or `[]`.
fn leave_empty(
    source: &Source<'_>,
    collection: NodeId,
    row: &Row,
    kept: &[String],
    break_and_indent: &str,
    out: &mut Out,
) -> Option<()> {
    let tree = source.tree;
    let empty = if tree.kind(collection) == Kind::Mapping { "{}" } else { "[]" };
    let head = source.head_end(collection);
    let in_entry = tree.parent(collection).is_some_and(|it| tree.kind(it) == Kind::Mapping);
    let own_line = source.starts_line(row.start);
    match head {
        // After the key, before its comment. Not if there is an anchor between the two.
        Some(head) if in_entry && own_line && source.skip_gap(head) == row.start => {
            out.insert(head, format!(" {empty}"));
            remove_lines(source, row, kept, source.column(row.start), out);
        }
        _ => {
            let kept = joined(kept, break_and_indent);
            out.replace(row.start, row.below_end, format!("{empty}{kept}"));
        }
    }
    Some(())
}
