//! The outline of a document.

use yaml::{Kind, NodeId, Scalar, Span, Tree};

use crate::{document::Document, secret::is_secret};

/// An entry of the outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// The key, or what names a list item.
    pub name: String,
    /// Its value, if that is short.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// The whole entry.
    pub span: Span,
    /// The key alone; within `span`.
    pub selection: Span,
    /// What is inside.
    pub children: Vec<Symbol>,
}

/// What a [`Symbol`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A mapping.
    Object,
    /// A list.
    Array,
    /// Text.
    String,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Nothing.
    Null,
}

/// Deeper than any dstack file; what is nested deeper has no outline.
const DEPTH: usize = 40;
/// Characters of a name or value that are shown.
const WIDTH: usize = 60;
/// What identifies a list item, the best first.
const NAMES: [&str; 9] =
    ["name", "instance_path", "path", "url", "local_path", "container_port", "type", "commands", "hostname"];

/// The outline.
pub fn symbols(document: &Document) -> Vec<Symbol> {
    document.tree().roots().iter().flat_map(|root| children(document, *root, DEPTH)).collect()
}

fn children(document: &Document, node: NodeId, depth: usize) -> Vec<Symbol> {
    if depth == 0 {
        return vec![];
    }
    let tree = document.tree();
    match tree.kind(node) {
        Kind::Mapping => {
            let entries = tree.entries(node).map(|entry| {
                let selection = tree.span(entry.key);
                let name = match tree.kind(entry.key) {
                    Kind::Scalar => tree.value(entry.key),
                    _ => tree.text(entry.key),
                };
                symbol(document, short(name), entry.value, selection, depth)
            });
            let broken = tree.children(node).filter(|it| tree.kind(*it) == Kind::Broken);
            let mut all: Vec<Symbol> = entries.chain(broken.flat_map(|it| children(document, it, depth - 1))).collect();
            all.sort_by_key(|it| it.span);
            all
        }
        Kind::Sequence => tree
            .items(node)
            .enumerate()
            .map(|(i, item)| symbol(document, item_name(document, item, i), item, start_of(tree, item), depth))
            .collect(),
        // Broken text may hold entries that could be read.
        Kind::Broken => {
            let inside = tree.children(node).filter(|it| tree.kind(*it) != Kind::Scalar);
            inside.flat_map(|it| children(document, it, depth - 1)).collect()
        }
        Kind::Scalar | Kind::Alias => vec![],
    }
}

fn symbol(document: &Document, name: String, value: NodeId, selection: Span, depth: usize) -> Symbol {
    let tree = document.tree();
    let inside = children(document, value, depth - 1);
    let (kind, detail) = match tree.kind(value) {
        Kind::Mapping => (SymbolKind::Object, String::new()),
        Kind::Sequence => (SymbolKind::Array, String::new()),
        Kind::Alias => (SymbolKind::Object, tree.text(value).into()),
        Kind::Broken => (SymbolKind::Null, short(tree.text(value))),
        Kind::Scalar => {
            let kind = match tree.scalar(value) {
                Some(Scalar::Bool(_)) => SymbolKind::Boolean,
                Some(Scalar::Int(_) | Scalar::Float(_)) => SymbolKind::Number,
                Some(Scalar::Null) => SymbolKind::Null,
                _ => SymbolKind::String,
            };
            let detail = short(tree.value(value));
            (kind, if detail == name { String::new() } else { detail })
        }
    };
    let detail = if is_secret(document, value) { String::new() } else { detail };
    let end = tree.span(value).end.max(selection.end);
    let end = inside.iter().map(|it| it.span.end).fold(end, u32::max);
    let span = Span::new(selection.start.min(tree.span(value).start), end);
    Symbol { name: if name.is_empty() { "…".into() } else { name }, detail, kind, span, selection, children: inside }
}

/// What a list item is called: its name, its first command, else its place.
fn item_name(document: &Document, item: NodeId, index: usize) -> String {
    let tree = document.tree();
    let named = match tree.kind(item) {
        Kind::Mapping => NAMES.iter().find_map(|key| {
            let value = tree.get(item, key)?;
            let first = tree.items(value).next().unwrap_or(value);
            (tree.kind(first) == Kind::Scalar).then(|| short(tree.value(first)))
        }),
        Kind::Scalar if !is_secret(document, item) => Some(short(tree.value(item))),
        _ => None,
    };
    named.filter(|it| !it.is_empty()).unwrap_or_else(|| format!("{}", index + 1))
}

/// The first line of a node.
fn start_of(tree: &Tree, node: NodeId) -> Span {
    let span = tree.span(node);
    let line = tree.text(node).split(['\n', '\r']).next().map_or(0, str::len);
    Span::new(span.start, span.start + line as u32)
}

/// The first line that says something, cut where it is long.
fn short(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or_default();
    let cut: String = line.chars().take(WIDTH).collect();
    let more = cut.len() < line.len() || text.trim().lines().nth(1).is_some();
    if more { format!("{cut}…") } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn outline(text: &str) -> String {
        fn lines(symbols: &[Symbol], depth: usize, out: &mut String) {
            for it in symbols {
                let detail = if it.detail.is_empty() { String::new() } else { format!(" = {}", it.detail) };
                out.push_str(&format!("{}{:?} {}{detail}\n", "  ".repeat(depth), it.kind, it.name));
                lines(&it.children, depth + 1, out);
            }
        }
        let mut out = String::new();
        lines(&symbols(&fixture::document(text)), 0, &mut out);
        out
    }

    #[test]
    fn keys_and_items_are_named_by_what_identifies_them() {
        let text = "type: task\nnodes: 2\nprivileged: yes\nimage:\ncommands:\n  - pip install x\n  - |\n    a\n    b\n\
            volumes:\n  - path: /x\n    name: cache\n  - instance_path: /y\n    path: /z\n  - {}\nresources: {gpu: A100}\n";
        let expected = "\
String type = task
Number nodes = 2
Boolean privileged = yes
Null image
Array commands
  String pip install x
  String a… = a…
Array volumes
  Object cache
    String path = /x
    String name = cache
  Object /y
    String instance_path = /y
    String path = /z
  Object 3
Object resources
  String gpu = A100
";
        assert_eq!(outline(text), expected.replace("a… = a…", "a…"));
    }

    #[test]
    fn a_gateway_has_an_outline() {
        let text = "type: gateway\nname: main\ncertificate:\n  type: acm\n  arn: x\ntags: {team: a}\n";
        let expected = "\
String type = gateway
String name = main
Object certificate
  String type = acm
  String arn = x
Object tags
  String team = a
";
        assert_eq!(outline(text), expected);
    }

    #[test]
    fn a_broken_file_keeps_its_outline() {
        let text =
            "type: task\nresources:\n  gpu: 24GB\n  cpu\n  memory: 16GB\nports: [8080, 80\nname: \"x\nimage: y\n";
        let expected = "\
String type = task
Object resources
  String gpu = 24GB
  String memory = 16GB
Array ports
  Number 8080
  Number 80
String name = x
String image = y
";
        assert_eq!(outline(text), expected);
    }

    #[test]
    fn a_deep_file_costs_no_stack() {
        let text = format!("a: {}1{}", "[".repeat(200), "]".repeat(200));
        assert!(outline(&text).lines().count() <= DEPTH + 1);
    }

    #[test]
    fn the_selection_is_within_the_span() {
        for text in
            ["a:\n", "a: b\n", "- a\n- b: c\n", "? [x]\n: y\n", "a: &x b\nc: *x\n", "imag\nname: x\n", "a: \"b\nc: d\n"]
        {
            let mut all = symbols(&fixture::document(text));
            while let Some(it) = all.pop() {
                assert!(it.span.start <= it.selection.start && it.selection.end <= it.span.end, "{text:?} {it:?}");
                assert!(text.is_char_boundary(it.selection.end as usize) && !it.name.is_empty());
                all.extend(it.children);
            }
        }
    }
}
