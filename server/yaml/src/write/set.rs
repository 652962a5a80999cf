//! Another value in the place of one.

use super::{
    block::{joined, note_block_scalar},
    flow,
    ops::New,
    out::Out,
    quote::{Context, scalar_in_style},
    source::Source,
    value::Value,
};
use crate::node::{Kind, NodeId, Style};

/// What takes the place.
enum Written {
    Inline(String),
    /// Lines, so much deeper than the key before them.
    Lines(Vec<String>, usize),
}

/// Replace the value `node`.
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

/// Make a collection of a value that is empty.
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

/// Write the first lines of a document that has nothing, behind its comments.
pub(super) fn start(source: &Source<'_>, added: &[New], out: &mut Out) -> Option<()> {
    if source.tree.roots().len() > 1 || source.slice(0, source.len()).contains("\n...") {
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
    let span = tree.span(node);
    let parent = tree.parent(node);
    if parent.is_some_and(|it| tree.kind(it) == Kind::Broken) || tree.kind(node) == Kind::Broken {
        return None;
    }
    let in_block = source.context(node) == Context::Block;
    let in_entry = parent.is_some_and(|it| tree.kind(it) == Kind::Mapping);
    // Where the value may begin to be written.
    let head = match parent {
        None => None,
        Some(_) if in_entry => {
            let entry = tree.entry_of(node).filter(|it| it.value == node)?;
            match source.colon(entry.key) {
                Some(colon) => Some(colon),
                // `{a}`; or `? a`, which is left alone.
                None => {
                    let Written::Inline(text) = written else { return None };
                    if in_block {
                        return None;
                    }
                    out.insert(tree.span(entry.key).end, format!(": {text}"));
                    return Some(());
                }
            }
        }
        Some(_) if in_block => Some(source.head_end(node)?),
        Some(_) => None,
    };
    // Where the key's line has its indentation; not before it is asked for, since the line may be long.
    let column = || parent.map_or(0, |it| source.column(tree.span(it).start));
    let properties = tree.properties(node);
    let anchor = properties.and_then(|it| it.anchor.as_deref()).filter(|_| tree.kind(node) != Kind::Alias);
    let start = match (head, properties) {
        (Some(head), Some(_)) => source.skip_gap(head),
        (None, Some(_)) if tree.kind(node) != Kind::Alias => return None,
        _ => span.start,
    };
    let block_scalar = source.block_scalar(node);
    let block_collection = tree.style(node) == Style::Block;
    let named = |text: String| match anchor {
        Some(anchor) if text.is_empty() => format!("&{anchor}"),
        Some(anchor) => format!("&{anchor} {text}"),
        None => text,
    };
    let Some(head) = head else {
        // A root, or an item in brackets: its own text, and no more.
        if span.is_empty() {
            return None;
        }
        let text = match written {
            Written::Inline(text) => text,
            Written::Lines(lines, _) => item(source, &lines, source.column(start)),
        };
        let end = if block_collection { source.outer_rows(node)?.1.below_end } else { span.end };
        let end = block_scalar.map_or(end, |it| it.last_line_end);
        out.replace(start, end, named(text));
        return Some(());
    };

    let empty = span.is_empty() && properties.is_none();
    let head_line = || source.line_end(head);
    // What is behind the head on its line goes, or what stands there instead.
    if empty {
        match written {
            Written::Inline(text) if text.is_empty() => {}
            Written::Inline(text) => {
                let spaces = source.slice(head, source.len()).bytes().take_while(|it| *it == b' ').count() as u32;
                let spaces = if in_block { 0 } else { spaces };
                out.replace(head, head + spaces, format!(" {text}"));
            }
            Written::Lines(lines, depth) if in_entry => {
                out.insert(head_line(), nested(source, &lines, column() + depth))
            }
            Written::Lines(lines, _) => {
                out.insert(head, format!(" {}", item(source, &lines, column() + 2)));
            }
        }
        return Some(());
    }
    if block_collection && in_entry {
        // The lines of the old value go; a comment behind the key stays.
        let (first, last) = source.outer_rows(node)?;
        if properties.is_some_and(|it| it.tag.is_some()) || !source.starts_line(first.start) {
            return None;
        }
        let head = anchor.map_or(head, |it| start + it.len() as u32 + 1);
        match written {
            Written::Inline(text) if text.is_empty() => {}
            Written::Inline(text) => out.insert(head, format!(" {text}")),
            Written::Lines(lines, depth) => out.insert(head_line(), nested(source, &lines, column() + depth)),
        }
        out.remove(source.line_start(first.start), source.next_line(last.below_end));
        return Some(());
    }
    if let Some(scalar) = block_scalar {
        // The header is replaced, and the lines below it go.
        let header = source.line_end(span.start);
        out.set_scalars.push(node);
        // `|# comment` is fine, `x# comment` is not.
        let space = if source.slice(scalar.header_end, header).starts_with('#') { " " } else { "" };
        match written {
            Written::Inline(text) => out.replace(start, scalar.header_end, named(text) + space),
            Written::Lines(lines, depth) if in_entry => {
                let anchor = anchor.map_or(String::new(), |it| format!(" &{it}"));
                out.replace(head, scalar.header_end, anchor + space);
                out.insert(header, nested(source, &lines, column() + depth));
            }
            Written::Lines(..) => return None,
        }
        out.remove(header, scalar.last_line_end);
        return Some(());
    }
    let end = if block_collection { source.outer_rows(node)?.1.end } else { span.end };
    match written {
        Written::Inline(text) if text.is_empty() && anchor.is_none() => out.remove(head, end),
        Written::Inline(text) => out.replace(start, end, named(text)),
        // On a line of its own, maybe below comments: there it stays.
        Written::Lines(lines, _) if in_entry && source.starts_line(start) => {
            let deeper = source.column(start) > column() && anchor.is_none();
            out.replace(start, end, deeper.then(|| item(source, &lines, source.column(start)))?);
        }
        Written::Lines(lines, depth) if in_entry => {
            let text = anchor.map_or(String::new(), |it| format!(" &{it}"));
            out.replace(head, end, text);
            out.insert(source.line_end(end), nested(source, &lines, column() + depth));
        }
        // An anchor there would be the first key's.
        Written::Lines(..) if anchor.is_some() => return None,
        Written::Lines(lines, _) => out.replace(start, end, item(source, &lines, source.column(start))),
    }
    Some(())
}

/// Lines below a key.
fn nested(source: &Source<'_>, lines: &[String], column: usize) -> String {
    joined(lines, &format!("{}{}", source.eol, " ".repeat(column)))
}

/// Lines behind a `- `, from this column on.
fn item(source: &Source<'_>, lines: &[String], column: usize) -> String {
    nested(source, lines, column).trim_start().to_string()
}
