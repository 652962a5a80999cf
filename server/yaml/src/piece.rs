//! A sound piece of text to nodes, from the events of the strict parser.

use std::sync::Arc;

use libyaml_safer as events;

use crate::{
    problem::SyntaxProblem,
    text::Span,
    tree::{Kind, Node, NodeId, Properties, Style, Tree},
};

pub(crate) fn whole(source: Arc<str>) -> Tree {
    let mut tree = Tree {
        source: source.clone(),
        nodes: vec![],
        cooked: vec![],
        properties: vec![],
        roots: vec![],
        comments: vec![],
        problems: vec![],
    };
    let text = format!("{source}\n");
    let mut bytes = text.as_bytes();
    let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let at = |mark: events::Mark| (mark.index as u32 + bom).min(source.len() as u32);
    let mut parser = events::Parser::new();
    parser.set_input_string(&mut bytes);
    let mut open: Vec<u32> = vec![];
    loop {
        let event = match parser.parse() {
            Ok(event) => event,
            Err(error) => {
                let offset = error.problem_mark().map_or(0, at);
                tree.problems.push(SyntaxProblem {
                    span: Span::at(offset),
                    message: error.problem().to_string(),
                    related: None,
                });
                break;
            }
        };
        let id = tree.nodes.len() as u32;
        use events::EventData as E;
        let (kind, style, anchor, tag, value) = match event.data {
            E::StreamEnd => break,
            E::StreamStart { .. } | E::DocumentEnd { .. } | E::DocumentStart { .. } => continue,
            E::SequenceEnd | E::MappingEnd => {
                if let Some(it) = open.pop() {
                    let block = tree.nodes[it as usize].style == Style::Block;
                    let last = tree.nodes[it as usize..].iter().map(|node| node.end).max().unwrap_or(0);
                    let node = &mut tree.nodes[it as usize];
                    node.len = id - it;
                    node.end = if block { last } else { at(event.end_mark) };
                }
                continue;
            }
            E::Alias { anchor } => (Kind::Alias, Style::Plain, Some(anchor), None, None),
            E::Scalar { anchor, tag, value, style, .. } => {
                (Kind::Scalar, scalar_style(style), anchor, tag, Some(value))
            }
            E::SequenceStart { anchor, tag, style, .. } => (
                Kind::Sequence,
                if style == events::SequenceStyle::Flow { Style::Flow } else { Style::Block },
                anchor,
                tag,
                None,
            ),
            E::MappingStart { anchor, tag, style, .. } => (
                Kind::Mapping,
                if style == events::MappingStyle::Flow { Style::Flow } else { Style::Block },
                anchor,
                tag,
                None,
            ),
        };
        let (start, mut end) = (at(event.start_mark), at(event.end_mark));
        if kind == Kind::Mapping || kind == Kind::Sequence {
            open.push(id);
        } else if start == end {
            // libyaml reports an empty value at the next token
            let trimmed = source[..start as usize].trim_end().len() as u32;
            end = trimmed;
        }
        let start = start.min(end);
        if open.is_empty() || open == [id] {
            tree.roots.push(NodeId(id));
        }
        let parent = open.iter().rev().find(|it| **it != id);
        tree.nodes.push(Node {
            kind,
            style,
            start,
            end,
            up: parent.map_or(0, |it| id - it),
            len: 1,
            column: event.start_mark.column as u32,
        });
        if let Some(value) = value
            && source.get(start as usize..end as usize) != Some(&value)
        {
            tree.cooked.push((NodeId(id), value.into()));
        }
        if anchor.is_some() || tag.is_some() {
            tree.properties.push((NodeId(id), Properties { anchor: anchor.map(Into::into), tag: tag.map(Into::into) }));
        }
    }
    let len = tree.nodes.len() as u32;
    while let Some(it) = open.pop() {
        tree.nodes[it as usize].len = len - it;
        tree.nodes[it as usize].end = source.len() as u32;
    }
    tree
}

fn scalar_style(style: events::ScalarStyle) -> Style {
    match style {
        events::ScalarStyle::SingleQuoted => Style::SingleQuoted,
        events::ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        events::ScalarStyle::Literal => Style::Literal,
        events::ScalarStyle::Folded => Style::Folded,
        _ => Style::Plain,
    }
}
