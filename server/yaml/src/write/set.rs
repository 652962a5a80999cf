//! Replaces values.

use super::{
    block::{joined, note_block_scalar},
    block_scalar::BlockScalar,
    flow,
    ops::New,
    out::Out,
    quote::{Context, scalar_in_style},
    source::Source,
    value::Value,
};
use crate::{
    chars::is_break,
    node::{Kind, NodeId, Style},
};

/// The text of the new value.
enum Written {
    Inline(String),
    /// Lines, with their indentation relative to the key.
    Lines(Vec<String>, usize),
}

/// Replaces the value `node`.
pub(super) fn set(source: &Source<'_>, node: NodeId, value: &Value, out: &mut Out) -> Option<()> {
    let tree = source.tree;
    let context = source.context(node);
    let written = match (value, context) {
        (Value::Str(value), _) => {
            let style = match tree.style(node) {
                style @ (Style::SingleQuoted | Style::DoubleQuoted) => style,
                _ => Style::Plain,
            };
            Written::Inline(scalar_in_style(value, context, style))
        }
        (value, Context::Block) => match value.lines(source) {
            Some(lines) => Written::Lines(lines, value.depth(source)),
            None => Written::Inline(value.inline(context)),
        },
        (value, Context::Flow) => Written::Inline(value.inline(context)),
    };
    replace(source, node, written, out)
}

/// Turns an empty value into a collection.
pub(super) fn fill(source: &Source<'_>, node: NodeId, added: &[New], out: &mut Out) -> Option<()> {
    let kind = if matches!(added.first()?, New::Item(_)) { Kind::Sequence } else { Kind::Mapping };
    let in_flow = source.context(node) == Context::Flow;
    if !in_flow && source.tree.parent(node).is_some() {
        let step = source.tree.habits().mapping;
        let head = source.head_end(node)?;
        note_block_scalar(
            source,
            added,
            source.column(source.tree.span(source.tree.parent(node)?).start) + step,
            head,
            out,
        );
    }
    let written = if in_flow {
        let inline = flow::inline(source, kind, added)?.join(", ");
        Written::Inline(if kind == Kind::Mapping { format!("{{{inline}}}") } else { format!("[{inline}]") })
    } else {
        let lines = added.iter().map(|it| it.lines(kind, source)).collect::<Option<Vec<_>>>()?.concat();
        let habits = source.tree.habits();
        Written::Lines(lines, if kind == Kind::Mapping { habits.mapping } else { habits.sequence })
    };
    let bare = source.tree.properties(node).is_none();
    if source.tree.parent(node).is_none() && source.tree.span(node).is_empty() {
        return if bare { start(source, added, out) } else { None };
    }
    replace(source, node, written, out)
}

/// Writes the first lines of an empty document, after its comments.
pub(super) fn start(source: &Source<'_>, added: &[New], out: &mut Out) -> Option<()> {
    if source.tree.roots().len() > 1
        || source.slice(0, source.len()).split(is_break).any(|line| line.starts_with("..."))
    {
        return None;
    }
    let kind = if matches!(added.first()?, New::Item(_)) { Kind::Sequence } else { Kind::Mapping };
    let lines = added.iter().map(|it| it.lines(kind, source)).collect::<Option<Vec<_>>>()?.concat();
    let lines = lines.join(source.eol);
    if source.ends_with_break() {
        out.insert(source.len(), format!("{lines}{}", source.eol));
    } else {
        out.insert(source.len(), format!("{}{lines}", source.eol));
    }
    Some(())
}

fn replace(source: &Source<'_>, node: NodeId, written: Written, out: &mut Out) -> Option<()> {
    let tree = source.tree;
    let parent = tree.parent(node);
    if parent.is_some_and(|it| tree.kind(it) == Kind::Broken) || tree.kind(node) == Kind::Broken {
        return None;
    }
    let in_block = source.context(node) == Context::Block;
    let in_entry = parent.is_some_and(|it| tree.kind(it) == Kind::Mapping);
    // Where the value may start to be written.
    let head = match parent {
        Some(_) if in_entry => {
            let entry = tree.entry_of(node).filter(|it| it.value == node)?;
            let Some(colon) = source.colon(entry.key) else {
                return add_colon(tree.span(entry.key).end, written, in_block, out);
            };
            Some(colon)
        }
        Some(_) if in_block => Some(source.head_end(node)?),
        _ => None,
    };
    let properties = tree.properties(node);
    let start = match (head, properties) {
        (Some(head), Some(_)) => source.skip_gap(head),
        (None, Some(_)) if tree.kind(node) != Kind::Alias => return None,
        _ => tree.span(node).start,
    };
    let anchor = properties.and_then(|it| it.anchor.as_deref()).filter(|_| tree.kind(node) != Kind::Alias);
    let old = Old { source, node, start, anchor, in_block, in_entry };
    let Some(head) = head else { return old.replace_without_head(written, out) };
    if tree.span(node).is_empty() && properties.is_none() {
        old.fill(head, written, out);
        return Some(());
    }
    if tree.style(node) == Style::Block && in_entry {
        return old.replace_lines(head, written, out);
    }
    match source.block_scalar(node) {
        Some(scalar) => old.replace_block_scalar(&scalar, head, written, out),
        None => old.replace_on_line(head, written, out),
    }
}

/// Writes the value of a key without a colon, which ends at `key_end`. In brackets that is `{a}`; `? a` is left alone.
fn add_colon(key_end: u32, written: Written, in_block: bool, out: &mut Out) -> Option<()> {
    let Written::Inline(text) = written else { return None };
    if in_block {
        return None;
    }
    out.insert(key_end, format!(": {text}"));
    Some(())
}

/// A value that is replaced. The *head* of a value is its `:` or `-`, given as one past its end.
struct Old<'s, 't> {
    source: &'s Source<'t>,
    node: NodeId,
    /// Where it starts, with its anchor and tag.
    start: u32,
    anchor: Option<&'t str>,
    in_block: bool,
    in_entry: bool,
}

impl Old<'_, '_> {
    /// Returns the column of the collection around it. Searches the start of a line, which may be long.
    fn column(&self) -> usize {
        let tree = self.source.tree;
        tree.parent(self.node).map_or(0, |it| self.source.column(tree.span(it).start))
    }

    /// Returns new text with the anchor of the old value.
    fn with_anchor(&self, text: String) -> String {
        match self.anchor {
            Some(anchor) if text.is_empty() => format!("&{anchor}"),
            Some(anchor) => format!("&{anchor} {text}"),
            None => text,
        }
    }

    /// Returns the anchor as it is written after a head.
    fn anchor_after_head(&self) -> String {
        self.anchor.map_or(String::new(), |it| format!(" &{it}"))
    }

    /// Replaces a root, or an item in brackets: its own text, and no more.
    fn replace_without_head(&self, written: Written, out: &mut Out) -> Option<()> {
        let span = self.source.tree.span(self.node);
        if span.is_empty() {
            return None;
        }
        let text = match written {
            Written::Inline(text) => text,
            Written::Lines(lines, _) => item(self.source, &lines, self.source.column(self.start)),
        };
        let end = match (self.source.block_scalar(self.node), self.source.tree.style(self.node)) {
            (Some(scalar), _) => scalar.last_line_end,
            (None, Style::Block) => self.source.outer_rows(self.node)?.1.below_end,
            (None, _) => span.end,
        };
        out.replace(self.start, end, self.with_anchor(text));
        Some(())
    }

    /// Writes a value where there is none.
    fn fill(&self, head: u32, written: Written, out: &mut Out) {
        match written {
            Written::Inline(text) if text.is_empty() => {}
            Written::Inline(text) if self.in_block => out.insert(head, format!(" {text}")),
            Written::Inline(text) => {
                let rest = self.source.slice(head, self.source.len());
                let spaces = rest.bytes().take_while(|it| *it == b' ').count() as u32;
                out.replace(head, head + spaces, format!(" {text}"));
            }
            Written::Lines(lines, depth) if self.in_entry => {
                out.insert(self.source.line_end(head), nested(self.source, &lines, self.column() + depth));
            }
            Written::Lines(lines, _) => {
                out.insert(head, format!(" {}", item(self.source, &lines, self.column() + 2)));
            }
        }
    }

    /// Replaces the lines of a block collection below a key; a comment after the key stays.
    fn replace_lines(&self, head: u32, written: Written, out: &mut Out) -> Option<()> {
        let source = self.source;
        let (first, last) = source.outer_rows(self.node)?;
        let has_tag = source.tree.properties(self.node).is_some_and(|it| it.tag.is_some());
        if has_tag || !source.starts_line(first.start) {
            return None;
        }
        let anchor_end = self.anchor.map_or(head, |it| self.start + it.len() as u32 + 1);
        match written {
            Written::Inline(text) if text.is_empty() => {}
            Written::Inline(text) => out.insert(anchor_end, format!(" {text}")),
            Written::Lines(lines, depth) => {
                out.insert(source.line_end(head), nested(source, &lines, self.column() + depth));
            }
        }
        out.remove(source.line_start(first.start), source.next_line(last.below_end));
        Some(())
    }

    /// Replaces the header of a block scalar, and removes the lines below it.
    fn replace_block_scalar(&self, scalar: &BlockScalar, head: u32, written: Written, out: &mut Out) -> Option<()> {
        let source = self.source;
        let line_end = source.line_end(source.tree.span(self.node).start);
        out.set_scalars.push(self.node);
        // `|# comment` is fine, `x# comment` is not.
        let space = if source.slice(scalar.header_end, line_end).starts_with('#') { " " } else { "" };
        match written {
            // Only a block scalar may start on a line of its own that is indented no deeper than its key.
            Written::Inline(_) if source.starts_line(self.start) && source.column(self.start) <= self.column() => {
                return None;
            }
            Written::Inline(text) => out.replace(self.start, scalar.header_end, self.with_anchor(text) + space),
            Written::Lines(lines, depth) if self.in_entry => {
                out.replace(head, scalar.header_end, self.anchor_after_head() + space);
                out.insert(line_end, nested(source, &lines, self.column() + depth));
            }
            Written::Lines(..) => return None,
        }
        out.remove(line_end, scalar.last_line_end);
        Some(())
    }

    /// Replaces any other value: a scalar, a collection in brackets, or the block collection of an item.
    fn replace_on_line(&self, head: u32, written: Written, out: &mut Out) -> Option<()> {
        let (source, start) = (self.source, self.start);
        let end = match source.tree.style(self.node) {
            Style::Block => source.outer_rows(self.node)?.1.end,
            _ => source.tree.span(self.node).end,
        };
        match written {
            Written::Inline(text) if text.is_empty() && self.anchor.is_none() => out.remove(head, end),
            Written::Inline(text) => out.replace(start, end, self.with_anchor(text)),
            // On a line of its own, maybe below comments: it stays there.
            Written::Lines(lines, _) if self.in_entry && source.starts_line(start) => {
                let is_deeper = source.column(start) > self.column() && self.anchor.is_none();
                out.replace(start, end, is_deeper.then(|| item(source, &lines, source.column(start)))?);
            }
            Written::Lines(lines, depth) if self.in_entry => {
                out.replace(head, end, self.anchor_after_head());
                out.insert(source.line_end(end), nested(source, &lines, self.column() + depth));
            }
            // An anchor there would be that of the first key.
            Written::Lines(..) if self.anchor.is_some() => return None,
            Written::Lines(lines, _) => out.replace(start, end, item(source, &lines, source.column(start))),
        }
        Some(())
    }
}

/// Returns lines below a key.
fn nested(source: &Source<'_>, lines: &[String], column: usize) -> String {
    joined(lines, &format!("{}{}", source.eol, " ".repeat(column)))
}

/// Returns lines after a `- `, at this column.
fn item(source: &Source<'_>, lines: &[String], column: usize) -> String {
    nested(source, lines, column).trim_start().to_string()
}
