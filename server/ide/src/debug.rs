//! What the core makes of a document, as text for developers and for snapshot tests: one function per representation.
//!
//! Nodes are shown as `Kind@start..end`, in bytes, with the beginning of their text. Secrets are masked.

use std::fmt::{Debug, Write};

use schema::{FieldId, Type, TypeId, catalogue};
use yaml::{Kind, NodeId, Span};

use crate::document::Document;

/// Maximum number of characters of a text in a dump.
const MAX_TEXT: usize = 40;

/// A document whose secrets are masked, about to be dumped.
struct Dump<'a> {
    document: &'a Document,
    /// The text of the document: of the same length, without its secrets.
    text: String,
    out: String,
}

/// The pieces that the text is cut into: their lines, spans and nodes.
pub fn pieces(document: &Document) -> String {
    let mut dump = Dump::new(document);
    let (tree, end) = (document.tree(), document.text().len());
    let mut pieces = tree.pieces().iter().peekable();
    while let Some(piece) = pieces.next() {
        let span = Span::new(piece.base, pieces.peek().map_or(end, |it| it.base));
        let nodes = (piece.first.0..piece.end.0).map(NodeId);
        let broken = nodes.clone().filter(|it| tree.kind(*it) == Kind::Broken).count();
        let line = |offset| document.text().line_of(offset) + 1;
        let lines = (line(span.start), line(span.end.saturating_sub(1).max(span.start)));
        let continues = if piece.continues { ", continues the previous one" } else { "" };
        let broken = if broken > 0 { format!(", {broken} broken") } else { String::new() };
        let (start, end, n) = (span.start, span.end, nodes.count());
        let text = dump.quoted(span);
        dump.line(0, &format!("{start}..{end} lines {}-{}: {n} nodes{continues}{broken} {text}", lines.0, lines.1));
    }
    dump.out
}

/// The tree of the text, and its syntax problems.
pub fn tree(document: &Document) -> String {
    let mut dump = Dump::new(document);
    dump.nodes(|_| String::new());
    let problems = document.tree().problems().iter().map(|it| (it.span, it.message.clone()));
    for (span, message) in problems.collect::<Vec<_>>() {
        let message = document.secrets().hidden(&message).into_owned();
        dump.line(0, &format!("problem {}..{}: {message}", span.start, span.end));
    }
    dump.out
}

/// The type and the field of each node, and the kinds of its misfits.
pub fn binding(document: &Document) -> String {
    let mut dump = Dump::new(document);
    dump.nodes(|node| {
        let fact = document.binding().fact(node);
        let field = fact.field.map(|it| format!(" field {}", field_name(it))).unwrap_or_default();
        let ty = fact.ty.map(|it| format!(" type {}", type_name(it))).unwrap_or_default();
        let misfits = document.binding().misfits().iter().filter(|it| it.node == node);
        let misfits: String = misfits.map(|it| format!(" misfit {}", variant(&it.kind))).collect();
        format!("{field}{ty}{misfits}")
    });
    dump.out
}

/// The findings, with the suppressed ones last.
pub fn findings(document: &Document) -> String {
    let mut dump = Dump::new(document);
    let found = crate::findings(document);
    for (suppressed, all) in [("", &found.shown), ("suppressed ", &found.suppressed)] {
        for it in all {
            let (severity, stage) = (variant(&it.severity).to_lowercase(), variant(&it.stage).to_lowercase());
            let text = dump.quoted(it.span);
            let (start, end) = (it.span.start, it.span.end);
            dump.line(0, &format!("{suppressed}{severity}[{}] {stage} {start}..{end} {text}: {}", it.rule, it.message));
        }
    }
    dump.out
}

/// The kind of the document and the release that it is checked against.
pub fn target(document: &Document) -> String {
    let target = document.target();
    let ty = document.configuration_type().map(|it| document.secrets().hidden(it).into_owned());
    let mut out = String::new();
    // Writing to a string cannot fail.
    _ = writeln!(out, "kind: {}", document.kind().name());
    _ = writeln!(out, "type: {}", ty.as_deref().unwrap_or("none"));
    _ = writeln!(out, "release: {}", target.release);
    _ = writeln!(out, "origin: {}", target.origin.name());
    if let Some(note) = &target.note {
        _ = writeln!(out, "note: {note}");
    }
    out
}

impl Dump<'_> {
    fn new(document: &Document) -> Dump<'_> {
        let text = document.secrets().covered(document.text().as_str());
        Dump { document, text, out: String::new() }
    }

    fn line(&mut self, depth: usize, text: &str) {
        _ = writeln!(self.out, "{:1$}{text}", "", 2 * depth);
    }

    /// The beginning of a part of the text, quoted.
    fn quoted(&self, span: Span) -> String {
        let text = self.document.secrets().hidden(self.text.get(span.range()).unwrap_or_default());
        let start: String = text.chars().take(MAX_TEXT).collect();
        let more = if start.len() < text.len() { "…" } else { "" };
        format!("{start:?}{more}")
    }

    /// All nodes, indented, each followed by the result of `more`.
    fn nodes(&mut self, more: impl Fn(NodeId) -> String) {
        let tree = self.document.tree();
        for node in tree.ids() {
            let (kind, span) = (tree.kind(node), tree.span(node));
            let text = match kind {
                Kind::Mapping | Kind::Sequence => String::new(),
                Kind::Scalar | Kind::Alias | Kind::Broken => format!(" {}", self.quoted(span)),
            };
            let depth = tree.ancestors(node).count() - 1;
            let line = format!("{kind:?}@{}..{}{text}{}", span.start, span.end, more(node));
            self.line(depth, &line);
        }
    }
}

/// The name of a variant, without its fields.
fn variant(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    text.split(|it: char| !it.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned()
}

/// The name of a type in the catalogue, or what it is if it has no name.
fn type_name(ty: TypeId) -> String {
    let catalogue = catalogue();
    if let Some((name, _)) = catalogue.names().find(|(_, id)| *id == ty) {
        return name.to_owned();
    }
    match catalogue.raw(ty) {
        Some(Type::Mapping(it)) => it.name.to_string(),
        Some(Type::Grammar(name)) => name.to_string(),
        Some(it) => variant(it),
        None => String::new(),
    }
}

/// The name of a field.
fn field_name(field: FieldId) -> &'static str {
    catalogue().field_by_id(field).map_or("", |it| &it.name)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use schema::{DocumentKind, Release};
    use yaml::Text;

    use super::*;

    const TEXT: &str = "\
type: task
nam: train # dstack-lsp: ignore[unknown-field]
env:
  - TOKEN=hush-hush
resources: {gpu: [A100, }
commands: [python, 8]
";

    fn document() -> Document {
        Document::new(Text::new(TEXT), DocumentKind::Configuration, Release::new(0, 22, 5))
    }

    #[test]
    fn dumps_of_pieces() {
        assert_snapshot!(pieces(&document()));
    }

    #[test]
    fn dumps_of_the_tree() {
        assert_snapshot!(tree(&document()));
    }

    #[test]
    fn dumps_of_the_binding() {
        assert_snapshot!(binding(&document()));
    }

    #[test]
    fn dumps_of_findings() {
        assert_snapshot!(findings(&document()));
    }

    #[test]
    fn dumps_of_the_target() {
        assert_snapshot!(target(&document()));
    }

    #[test]
    fn dumps_show_no_secrets() {
        let text = "type: task\nenv: {TOKEN: hush-hush}\nhush-hush: hush-hush\nregistry_auth: {username: a, password: hush-hush\n";
        let document = Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST);
        for dump in [pieces, tree, binding, findings, target] {
            let dump = dump(&document);
            assert!(!dump.contains("hush"), "{dump}");
        }
    }
}
