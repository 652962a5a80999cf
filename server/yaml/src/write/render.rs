//! Renders new text: values on one line or as lines, and moved entries.

use super::{
    ops::New,
    quote::{Context, is_plain, scalar},
    rows::Row,
    source::Source,
    value::Value,
};
use crate::{
    chars::is_break,
    node::{Kind, NodeId, Style},
};

impl Value {
    /// Renders the value on one line, collections in brackets.
    pub fn inline(&self, context: Context) -> String {
        match self {
            Value::Str(value) => scalar(value, context),
            Value::Raw(text) => text.clone(),
            Value::Mapping(entries) => {
                let entries = entries.iter().map(|(key, value)| inline_entry(&scalar(key, Context::Flow), value));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            Value::Sequence(items) => {
                let items = items.iter().map(|it| it.inline(Context::Flow));
                let items = items.map(|it| if it.is_empty() { "null".to_string() } else { it });
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Renders a collection as lines; `None` for other values and empty collections. The first line is not indented, the
    /// others relative to it.
    pub(super) fn lines(&self, source: &Source<'_>) -> Option<Vec<String>> {
        match self {
            Value::Mapping(entries) if !entries.is_empty() => {
                let lines =
                    entries.iter().flat_map(|(key, value)| entry_lines(&scalar(key, Context::Block), value, source));
                Some(lines.collect())
            }
            Value::Sequence(items) if !items.is_empty() => {
                Some(items.iter().flat_map(|it| item_lines(it, source)).collect())
            }
            _ => None,
        }
    }

    /// Returns the indentation of the lines of a collection relative to its key.
    pub(super) fn depth(&self, source: &Source<'_>) -> usize {
        let habits = source.tree.habits();
        if matches!(self, Value::Sequence(_)) { habits.sequence } else { habits.mapping }
    }
}

fn inline_entry(key: &str, value: &Value) -> String {
    let value = value.inline(Context::Flow);
    // PyYAML accepts `{a:}`, related parsers reject it.
    if value.is_empty() { format!("{key}: null") } else { format!("{key}: {value}") }
}

fn entry_lines(key: &str, value: &Value, source: &Source<'_>) -> Vec<String> {
    match value.lines(source) {
        Some(lines) => {
            let indent = " ".repeat(value.depth(source));
            let nested = lines.into_iter().map(|line| format!("{indent}{line}"));
            std::iter::once(format!("{key}:")).chain(nested).collect()
        }
        None => match value.inline(Context::Block) {
            inline if inline.is_empty() => vec![format!("{key}:")],
            inline => vec![format!("{key}: {inline}")],
        },
    }
}

fn item_lines(value: &Value, source: &Source<'_>) -> Vec<String> {
    let lines = value.lines(source).unwrap_or_else(|| vec![value.inline(Context::Block)]);
    let dashed = lines.into_iter().enumerate();
    dashed.map(|(i, line)| format!("{}{line}", if i == 0 { "- " } else { "  " })).collect()
}

impl New {
    /// Renders the row as lines of a block collection of this kind, the first line not indented.
    pub(super) fn lines(&self, kind: Kind, source: &Source<'_>) -> Option<Vec<String>> {
        match (self, kind) {
            (New::Entry(key, value), Kind::Mapping) => Some(entry_lines(&scalar(key, Context::Block), value, source)),
            (New::Item(value), Kind::Sequence) => Some(item_lines(value, source)),
            (New::Moved(key), Kind::Mapping) => moved_lines(source, *key),
            _ => None,
        }
    }

    /// Renders the row as an element of a flow collection of this kind.
    pub(super) fn inline(&self, kind: Kind, source: &Source<'_>) -> Option<String> {
        match (self, kind) {
            (New::Entry(key, value), Kind::Mapping) => Some(inline_entry(&scalar(key, Context::Flow), value)),
            (New::Item(value), Kind::Sequence) => match value.inline(Context::Flow) {
                it if it.is_empty() => Some("null".to_string()),
                it => Some(it),
            },
            (New::Moved(key), Kind::Mapping) => moved_inline(source, *key),
            _ => None,
        }
    }
}

/// Returns the lines of a moved entry without its indentation, with the comments above it that belong to it.
fn moved_lines(source: &Source<'_>, key: NodeId) -> Option<Vec<String>> {
    let tree = source.tree;
    let mapping = tree.parent(key)?;
    if tree.style(mapping) == Style::Flow {
        let row = source.flow_row(mapping, key)?;
        let colon = source.colon(key);
        let written = source.slice(row.start, row.end);
        if written.contains(is_break) {
            return None;
        }
        // Outside of braces, `"a":1` needs a space, and `{a}` its colon.
        let value = colon.map_or("", |colon| source.slice(colon, row.end).trim());
        let key = tree.text(key);
        // Its comment is moved with it if the line only contains this entry.
        let after = row.comma.unwrap_or(row.end);
        let comment = if source.starts_line(row.start) && source.ends_line(after) {
            source.slice(after, source.line_end(after)).trim_end()
        } else {
            ""
        };
        let space = if value.is_empty() { "" } else { " " };
        return Some(vec![format!("{key}:{space}{value}{comment}")]);
    }
    let is_first = source.first_child(mapping) == Some(key);
    let row = &source.block_row(mapping, key)?;
    if row.block_scalar.is_some_and(|it| it.last_line_end == source.len() && !source.ends_with_break()) {
        return None;
    }
    let column = source.column(row.start);
    let start = taken_along(source, is_first, row);
    let text = source.slice(start, row.below_end);
    // These line breaks are part of the value, and would be lost.
    if text.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        return None;
    }
    // A file may contain both kinds of breaks.
    let text = text.replace("\r\n", "\n");
    let lines = text.split(['\n', '\r']).enumerate().map(|(i, line)| {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        let cut = if i == 0 && start == row.start { 0 } else { spaces.min(column) };
        line[cut..].to_string()
    });
    Some(lines.collect())
}

/// Returns the start of the lines that are moved with a row: its own, or those of the comments above it.
pub(super) fn taken_along(source: &Source<'_>, is_first: bool, row: &Row) -> u32 {
    if !source.starts_line(row.start) {
        return row.start;
    }
    let line = source.line_start(row.start);
    if is_first { line } else { source.comments_above(line, source.column(row.start)) }
}

/// Returns a moved entry on one line; `None` if a comment would be lost.
fn moved_inline(source: &Source<'_>, key: NodeId) -> Option<String> {
    let tree = source.tree;
    let entry = tree.entry_of(key)?;
    let start = tree.span(key).start;
    let end = tree.span(entry.value).end.max(start);
    let mapping = tree.parent(key)?;
    // The comments below its nested lines are removed with it, too.
    let below_end = match tree.style(mapping) {
        Style::Block => source.block_row(mapping, key)?.below_end,
        _ => end,
    };
    let end = source.line_end(end).max(below_end);
    if tree.comments().iter().any(|it| start <= it.span.start && it.span.start < end) {
        return None;
    }
    Some(inline_entry(&flow_text(source, key)?, &Value::Raw(flow_text(source, entry.value)?)))
}

/// Returns a node as text that is valid in brackets.
fn flow_text(source: &Source<'_>, node: NodeId) -> Option<String> {
    let tree = source.tree;
    if tree.properties(node).is_some() {
        return None;
    }
    let written = tree.text(node);
    match (tree.kind(node), tree.style(node)) {
        (Kind::Scalar, Style::SingleQuoted | Style::DoubleQuoted) | (Kind::Mapping | Kind::Sequence, Style::Flow)
            if !written.contains(is_break) =>
        {
            Some(written.to_string())
        }
        // Other scalars than strings (`5`, `yes`) contain no character that is syntax in brackets.
        (Kind::Scalar, Style::Plain) if !matches!(tree.scalar(node), Some(crate::Scalar::Str(_))) => {
            Some(if written.is_empty() { "null" } else { written }.to_string())
        }
        (Kind::Scalar, _) if is_plain(written, Context::Flow) => Some(written.to_string()),
        (Kind::Scalar, _) => Some(scalar(tree.value(node), Context::Flow)),
        (Kind::Mapping, Style::Block) => {
            let entries = tree
                .entries(node)
                .map(|it| Some(inline_entry(&flow_text(source, it.key)?, &Value::Raw(flow_text(source, it.value)?))));
            Some(format!("{{{}}}", entries.collect::<Option<Vec<_>>>()?.join(", ")))
        }
        (Kind::Sequence, Style::Block) => {
            let items = tree.items(node).map(|it| flow_text(source, it));
            Some(format!("[{}]", items.collect::<Option<Vec<_>>>()?.join(", ")))
        }
        _ => None,
    }
}
