//! The outline of a document.

use yaml::{Entry, Kind, NodeId, Scalar, Span, Tree, lines::line_end};

use crate::{
    document::Document,
    limits::{MAX_OUTLINE_DEPTH, MAX_SYMBOLS},
    secret::{Quotes, Secrets},
};

/// An entry of the outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// The key, or the name of a list item.
    pub name: String,
    /// The value, cut if it is long; for a collection with entries that are not listed, their total number.
    pub detail: String,
    /// The kind of the value.
    pub kind: SymbolKind,
    /// The whole entry.
    pub span: Span,
    /// The key alone; within `span`.
    pub selection: Span,
    /// The entries or items inside.
    pub children: Vec<Symbol>,
}

/// The kind of a [`Symbol`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A mapping.
    Object,
    /// A list.
    Array,
    /// A string.
    String,
    /// A number.
    Number,
    /// A boolean.
    Boolean,
    /// An empty value.
    Null,
}

/// Maximum number of plain values of a list, and of entries of a mapping with free keys, that are listed. A longer collection
/// is one symbol with the number of its entries.
const MAX_VALUES: usize = 100;
/// Maximum number of characters of a name or a value.
const WIDTH: usize = 60;
/// The fields that name a list item for which the catalogue has no label, in order of precedence.
const LABELS: [&str; 2] = ["name", "type"];

/// Returns the outline of a document.
pub fn symbols(document: &Document) -> Vec<Symbol> {
    let mut outline = Outline { document, left: MAX_SYMBOLS };
    let mut rows = vec![];
    for root in document.tree().roots() {
        outline.rows(*root, MAX_OUTLINE_DEPTH, &mut rows);
    }
    document.without_secrets(outline.symbols(rows, MAX_OUTLINE_DEPTH))
}

impl Quotes for Symbol {
    fn hide(&mut self, secrets: &Secrets) {
        let Symbol { name, detail, kind: _, span: _, selection, children } = self;
        secrets.hide(&[*selection], name);
        secrets.hide(&[*selection], detail);
        children.hide(secrets);
    }
}

/// The state of building an outline.
struct Outline<'a> {
    document: &'a Document,
    /// Number of symbols that may still be added.
    left: usize,
}

/// An entry or item that becomes a symbol.
#[derive(Clone, Copy)]
enum Row {
    Entry(Entry),
    /// An item of a list, with its index.
    Item(usize, NodeId),
}

impl Row {
    /// The first node of the row.
    fn node(self) -> NodeId {
        match self {
            Row::Entry(entry) => entry.key,
            Row::Item(_, item) => item,
        }
    }
}

impl Outline<'_> {
    /// Collects the rows directly inside a node, as many as may still become symbols.
    fn rows(&self, node: NodeId, depth: usize, acc: &mut Vec<Row>) {
        let tree = self.document.tree();
        let room = self.left.saturating_sub(acc.len());
        if depth == 0 || room == 0 {
            return;
        }
        match tree.kind(node) {
            Kind::Mapping => {
                let first = acc.len();
                acc.extend(tree.entries(node).take(room).map(Row::Entry));
                for broken in tree.children(node).filter(|it| tree.kind(*it) == Kind::Broken) {
                    self.rows(broken, depth - 1, acc);
                }
                acc[first..].sort_by_key(|it| it.node());
            }
            Kind::Sequence => acc.extend(tree.items(node).enumerate().take(room).map(|(i, it)| Row::Item(i, it))),
            // Broken text may contain entries that the parser recovered.
            Kind::Broken => {
                let inside = tree.children(node).filter(|it| tree.kind(*it) != Kind::Scalar);
                inside.for_each(|it| self.rows(it, depth - 1, acc));
            }
            Kind::Scalar | Kind::Alias => {}
        }
    }

    fn symbols(&mut self, rows: Vec<Row>, depth: usize) -> Vec<Symbol> {
        self.left -= rows.len();
        rows.into_iter().map(|it| self.symbol(it, depth)).collect()
    }

    fn symbol(&mut self, row: Row, depth: usize) -> Symbol {
        let tree = self.document.tree();
        let (name, value, selection) = match row {
            Row::Entry(Entry { key, value }) => {
                let name = if tree.kind(key) == Kind::Scalar { tree.value(key) } else { tree.text(key) };
                (short(name), value, tree.span(key))
            }
            Row::Item(index, item) => (item_name(self.document, item, index), item, start_of(tree, item)),
        };
        let mut rows = vec![];
        if !self.is_folded(value) {
            self.rows(value, depth - 1, &mut rows);
        }
        let inside = self.symbols(rows, depth - 1);
        let (kind, detail) = match tree.kind(value) {
            Kind::Mapping => (SymbolKind::Object, unlisted(tree.entries(value).count(), inside.len(), "key")),
            Kind::Sequence => (SymbolKind::Array, unlisted(tree.items(value).count(), inside.len(), "item")),
            Kind::Alias => (SymbolKind::Object, short(tree.text(value))),
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
        let hides = self.document.secrets().contains(value) || self.document.secrets().cover(tree.span(value));
        let detail = if hides { String::new() } else { detail };
        let end = tree.span(value).end.max(selection.end);
        let end = inside.iter().map(|it| it.span.end).fold(end, u32::max);
        let span = Span::new(selection.start.min(tree.span(value).start), end);
        let name = if name.is_empty() { "…".into() } else { name };
        Symbol { name, detail, kind, span, selection, children: inside }
    }

    /// Whether a collection is shown as one symbol: a long list of plain values, a long mapping with free keys (`env`, `tags`),
    /// or a long unknown mapping of plain values.
    fn is_folded(&self, node: NodeId) -> bool {
        let tree = self.document.tree();
        if tree.parent(node).is_none() {
            return false;
        }
        let is_plain = |it: NodeId| matches!(tree.kind(it), Kind::Scalar | Kind::Alias);
        match tree.kind(node) {
            Kind::Sequence => tree.items(node).nth(MAX_VALUES).is_some() && tree.items(node).all(is_plain),
            Kind::Mapping if tree.entries(node).nth(MAX_VALUES).is_some() => {
                let ty = self.document.binding().fact(node).ty.and_then(|it| schema::catalogue().raw(it));
                matches!(ty, Some(schema::Type::Table(_))) || tree.entries(node).all(|it| is_plain(it.value))
            }
            _ => false,
        }
    }
}

/// Returns the number of children (`120 items`) if not all of them are listed.
fn unlisted(all: usize, listed: usize, what: &str) -> String {
    match all {
        _ if listed >= all => String::new(),
        1 => format!("1 {what}"),
        _ => format!("{all} {what}s"),
    }
}

/// Returns the name of a list item: the value of a field that names it, its first command, or its number from 1.
fn item_name(document: &Document, item: NodeId, index: usize) -> String {
    let tree = document.tree();
    let named = match tree.kind(item) {
        Kind::Mapping => {
            let ty = document.binding().fact(item).ty.and_then(|it| schema::catalogue().mapping(it));
            let labels = ty.map_or(&[][..], |it| &it.label).iter().map(|it| &**it);
            labels.chain(LABELS).find_map(|key| {
                let value = tree.get(item, key)?;
                let first = tree.items(value).next().unwrap_or(value);
                (tree.kind(first) == Kind::Scalar).then(|| short(tree.value(first)))
            })
        }
        Kind::Scalar if !document.secrets().contains(item) => Some(short(tree.value(item))),
        _ => None,
    };
    named.filter(|it| !it.is_empty()).unwrap_or_else(|| format!("{}", index + 1))
}

/// Returns the first line of a node.
fn start_of(tree: &Tree, node: NodeId) -> Span {
    let span = tree.span(node);
    Span::new(span.start, span.start + line_end(tree.text(node), 0) as u32)
}

/// Returns the first line that is not blank, cut after `WIDTH` characters.
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
    fn symbols_have_the_names_of_keys_and_items() {
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
    fn the_depth_of_the_outline_is_bounded() {
        let text = format!("a: {}1{}", "[".repeat(200), "]".repeat(200));
        assert!(outline(&text).lines().count() <= MAX_OUTLINE_DEPTH + 1);
    }

    fn count(symbols: &[Symbol]) -> usize {
        symbols.iter().map(|it| 1 + count(&it.children)).sum()
    }

    #[test]
    fn a_long_collection_is_one_symbol_with_a_count() {
        let lines = |n: usize, line: &str| (0..n).map(|i| line.replace('#', &i.to_string())).collect::<String>();
        for (head, line, expected) in [
            ("commands:\n", "  - echo #\n", "Array commands = 101 items\n"),
            ("env:\n", "  V#: a\n", "Object env = 101 keys\n"),
            ("env:\n", "  - V#=a\n", "Array env = 101 items\n"),
            ("tags: &t\n", "  t#: a\n", "Object tags = 101 keys\n"),
            ("unknown:\n", "  k#: a\n", "Object unknown = 101 keys\n"),
            // The keys are free, so the values do not matter.
            ("env:\n", "  V#: [a]\n", "Object env = 101 keys\n"),
        ] {
            assert_eq!(outline(&format!("{head}{}", lines(101, line))), expected);
            assert!(outline(&format!("{head}{}", lines(100, line))).lines().count() >= 101, "{head}");
        }
        // Items that are mappings are listed.
        assert_eq!(outline(&format!("groups:\n{}", lines(101, "  - name: g#\n"))).lines().count(), 203);
    }

    #[test]
    fn the_outline_of_a_long_file_is_bounded_and_keeps_the_upper_levels() {
        let item = "  - name: a\n    replicas: 1\n    commands: [a, b]\n    resources: {gpu: A100}\n";
        let texts = |n: usize| {
            [
                format!("type: service\ngroups:\n{}port: 80\n", item.repeat(n)),
                format!("type: task\n{}", (0..4 * n).map(|i| format!("k{i}: v\n")).collect::<String>()),
                format!("type: task\n{}", "name: [a\n".repeat(4 * n)),
                format!("type: task\nenv: [{}]\nname: x\n", "{a: [b]}, ".repeat(4 * n)),
                "---\na: b\n".repeat(4 * n),
            ]
        };
        let counts = |n: usize| texts(n).map(|text| count(&symbols(&fixture::document(&text))));
        assert!(counts(100).iter().all(|it| (400..=MAX_SYMBOLS).contains(it)), "{:?}", counts(100));
        assert_eq!(counts(800), [MAX_SYMBOLS; 5]);
        let [text, ..] = texts(800);
        let names: Vec<String> = symbols(&fixture::document(&text)).into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["type", "groups", "port"]);
        let long = format!("{}: {}\n", "k".repeat(900), "v".repeat(900));
        assert!(symbols(&fixture::document(&long)).iter().all(|it| it.name.len() < 100 && it.detail.len() < 100));
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
