//! Parses an entry that the strict parser rejects: what can be recovered from it.
//!
//! ```yaml
//! - name: "abc          # an item with the key `name`, and a value that is not closed
//! ```
//!
//! The outline of an entry (dashes, a key) is read here. The contents of brackets are read by tree-sitter, whose tokens are
//! right even where its tree is not; the tree is rebuilt from the tokens. All nodes are below one [`Kind::Broken`] node: in
//! a mapping that node contains a mapping with the entry, in a sequence the item, or otherwise the bare text.

use crate::{
    chars::{is_blank, is_blank_or_break, is_break},
    comments::comments,
    entry::{self, QuoteEnd, skip_spaces},
    lines::{break_len, line_end},
    node::{Kind, Node, Style},
    outline::Outline,
    piece::Piece,
    span::Span,
    strict::{self, checks::printable},
};

/// Maximum number of bytes from the first bracket on that are parsed by tree-sitter; a longer text becomes one scalar.
const MAX_BYTES: usize = 16 << 10;
/// Maximum depth that tree-sitter parses; tree-sitter-yaml 0.7.2 aborts the process at 254 levels.
const MAX_LEVELS: usize = 200;
/// Maximum depth of nested brackets that become nodes.
const MAX_BRACKETS: usize = 64;
/// Maximum number of dashes at the start of an entry that become sequences.
const MAX_DASHES: usize = 16;

/// Returns the nodes of a broken entry. The first is a [`Kind::Broken`] around the others.
pub(crate) fn read(text: &str) -> Piece {
    let mut problems = vec![];
    let text = &*printable(text, &mut problems);
    let (outline, content) = outline(text);
    let mut piece = Piece { problems, broken: true, ..Piece::default() };
    let mut builder = Builder { text, piece: &mut piece, open: vec![], reached: 0 };
    let end = content_end(text, content);
    builder.open(Kind::Broken, Style::Plain, content);
    let key = key(&text[content..line_end(text, content)]).filter(|_| outline.key);
    if let Some(Key { end: key_end, colon, value }) = key {
        builder.open(Kind::Mapping, Style::Block, content);
        builder.scalar(content, content + key_end);
        builder.value(content + value, content + colon + 1);
        builder.close(end);
    } else if content < end {
        builder.value(content, content);
    }
    builder.close(end);
    piece.comments = comments(text, &piece.nodes);
    piece.outline = Some(outline);
    piece
}

/// Returns the outline of an entry, and where its content starts.
fn outline(text: &str) -> (Outline, usize) {
    let bytes = text.as_bytes();
    let blank = |at: usize| text[at..].chars().next().is_none_or(is_blank_or_break);
    // Skip leading lines without content.
    let mut line = 0;
    while text[line..].trim_start_matches(is_blank).starts_with(|c| c == '#' || is_break(c)) {
        let end = line_end(text, line);
        match break_len(&bytes[end..]) {
            0 => break,
            len => line = end + len,
        }
    }
    let skip = |at: usize| at + text[at..].len() - text[at..].trim_start_matches(is_blank).len();
    let mut at = skip(line);
    let mut outline = Outline::default();
    while bytes.get(at) == Some(&b'-') && blank(at + 1) && outline.items.len() < MAX_DASHES {
        outline.items.push((at - line) as u32);
        at = skip(at + 1);
    }
    outline.column = (at - line) as u32;
    outline.key = key(&text[at..line_end(text, at)]).is_some();
    (outline, at)
}

/// `key: value`: offsets in its line.
struct Key {
    /// One past the key.
    end: usize,
    colon: usize,
    /// Where the value starts.
    value: usize,
}

fn key(line: &str) -> Option<Key> {
    let key = entry::key(line, 0, line.len())?;
    let colon = skip_spaces(line, key.end, line.len());
    Some(Key { end: key.end, colon, value: skip_spaces(line, colon + 1, line.len()) })
}

/// Returns the end of the last line with content.
fn content_end(text: &str, content: usize) -> usize {
    let mut end = content;
    let mut at = content;
    for line in text[content..].split_inclusive(is_break) {
        let bare = line.trim_matches(is_blank_or_break);
        if !bare.is_empty() && !bare.starts_with('#') {
            end = at + line.trim_end_matches(is_blank_or_break).len();
        }
        at += line.len();
    }
    end
}

struct Builder<'a> {
    text: &'a str,
    piece: &'a mut Piece,
    open: Vec<Open>,
    /// The end of the last node.
    reached: usize,
}

/// A node that is not closed yet.
struct Open {
    node: u32,
    children: u32,
}

impl Builder<'_> {
    fn open(&mut self, kind: Kind, style: Style, start: usize) {
        let id = self.push(kind, style, start, start);
        self.open.push(Open { node: id, children: 0 });
    }

    fn push(&mut self, kind: Kind, style: Style, start: usize, end: usize) -> u32 {
        let id = self.piece.nodes.len() as u32;
        let (mut up, mut is_key) = (0, false);
        if let Some(parent) = self.open.last_mut() {
            up = id - parent.node;
            is_key = self.piece.nodes[parent.node as usize].kind == Kind::Mapping && parent.children % 2 == 0;
            parent.children += 1;
        }
        let span = Span::new(start as u32, end as u32);
        self.piece.nodes.push(Node { is_key, up, ..Node::new(kind, style, span) });
        self.reached = self.reached.max(end);
        id
    }

    /// Closes the innermost open node at `end`, or at the end of its last child if that is later: a `#` in quotes at the
    /// start of a line is not a comment.
    fn close(&mut self, end: usize) {
        let Some(Open { node: id, .. }) = self.open.pop() else { return };
        let len = self.piece.nodes.len() as u32 - id;
        self.reached = self.reached.max(end);
        let node = &mut self.piece.nodes[id as usize];
        (node.len, node.end) = (len, (self.reached as u32).max(node.start));
    }

    /// Adds a scalar, with the value that it would have if its quotes were closed.
    fn scalar(&mut self, start: usize, end: usize) {
        let written = &self.text[start..end];
        let style = match written.as_bytes().first() {
            Some(b'"') => Style::DoubleQuoted,
            Some(b'\'') => Style::SingleQuoted,
            _ => Style::Plain,
        };
        let id = self.push(Kind::Scalar, style, start, end);
        if style != Style::Plain {
            let closed = format!("{written}{}", &written[..1]);
            let value =
                strict::value(written).or_else(|| strict::value(&closed)).unwrap_or_else(|| written[1..].into());
            self.piece.cook(id, value.into());
        }
    }

    /// Adds the value that is written at `at`; if there is none, an empty value at `empty`.
    fn value(&mut self, at: usize, empty: usize) {
        let rest = &self.text[at..line_end(self.text, at)];
        match rest.as_bytes().first() {
            None | Some(b'#') => drop(self.push(Kind::Scalar, Style::Plain, empty, empty)),
            Some(b'[' | b'{') => self.brackets(at),
            Some(b'"' | b'\'') => {
                let end = match entry::quote_end(rest, 0, |_| false) {
                    QuoteEnd::Closed(quote) => quote + 1,
                    QuoteEnd::Unclosed(_) => rest.trim_end_matches(is_blank).len(),
                };
                self.scalar(at, at + end);
            }
            Some(_) => {
                let rest = rest.find(" #").map_or(rest, |comment| &rest[..comment]);
                self.scalar(at, at + rest.trim_end_matches(is_blank).len());
            }
        }
    }

    /// Adds the contents of the bracket at `at`.
    fn brackets(&mut self, at: usize) {
        let outer = self.open.len();
        // For each open bracket, whether a key still has no value.
        let mut keys: Vec<bool> = vec![];
        for token in tokens(self.text, at) {
            let (start, end) = (token.span.start as usize, token.span.end as usize);
            match token.what {
                What::Open(kind) if keys.len() < MAX_BRACKETS => {
                    self.turn(&mut keys);
                    self.open(kind, Style::Flow, start);
                    self.reached = self.reached.max(end);
                    keys.push(false);
                }
                What::Scalar => {
                    self.turn(&mut keys);
                    self.scalar(start, end);
                }
                What::Comma => self.give_value(&mut keys),
                What::Close => {
                    self.give_value(&mut keys);
                    keys.pop();
                    self.close(end);
                    if keys.is_empty() {
                        return;
                    }
                }
                What::Open(_) => {}
            }
        }
        if keys.is_empty() {
            // The text was not parsed by tree-sitter.
            return self.scalar(at, line_end(self.text, at));
        }
        let end = content_end(self.text, at);
        while self.open.len() > outer {
            self.give_value(&mut keys);
            keys.pop();
            self.close(end);
        }
    }

    /// Notes that a node follows: in a mapping, keys and values alternate.
    fn turn(&self, keys: &mut [bool]) {
        let in_mapping = self.open.last().is_some_and(|it| self.kind(it.node) == Kind::Mapping);
        if in_mapping && let Some(key) = keys.last_mut() {
            *key = !*key;
        }
    }

    /// Gives an empty value to a key without one.
    fn give_value(&mut self, keys: &mut [bool]) {
        if let Some(key) = keys.last_mut()
            && std::mem::take(key)
        {
            self.push(Kind::Scalar, Style::Plain, self.reached, self.reached);
        }
    }

    fn kind(&self, id: u32) -> Kind {
        self.piece.nodes[id as usize].kind
    }
}

struct Token {
    what: What,
    span: Span,
}

enum What {
    Open(Kind),
    Close,
    Comma,
    Scalar,
}

/// Returns the tokens of a text in brackets as tree-sitter reads them; none if the text is too long or too deep.
fn tokens(text: &str, at: usize) -> Vec<Token> {
    let mut tokens = vec![];
    let text = &text[at..];
    let mut parser = tree_sitter::Parser::new();
    if text.len() > MAX_BYTES
        || levels(text) > MAX_LEVELS
        || parser.set_language(&tree_sitter_yaml::LANGUAGE.into()).is_err()
    {
        return tokens;
    }
    let Some(tree) = parser.parse(text, None) else { return tokens };
    let mut cursor = tree.walk();
    'nodes: loop {
        let node = cursor.node();
        let scalar = matches!(node.kind(), "plain_scalar" | "double_quote_scalar" | "single_quote_scalar")
            || node.kind().ends_with("_scalar") && node.parent().is_none_or(|it| it.kind() != "plain_scalar");
        let what = match node.kind() {
            "[" => Some(What::Open(Kind::Sequence)),
            "{" => Some(What::Open(Kind::Mapping)),
            "]" | "}" => Some(What::Close),
            "," => Some(What::Comma),
            "\"" | "'" if !node.is_missing() => Some(What::Scalar),
            _ if scalar || node.kind() == "alias" => Some(What::Scalar),
            _ => None,
        };
        let bytes = node.byte_range();
        let opener = matches!(node.kind(), "\"" | "'");
        let end = if opener { line_end(text, bytes.start) } else { bytes.end };
        // U+2028 and similar line breaks of YAML 1.1 are ordinary characters to tree-sitter.
        let token = text.get(bytes.start..end).unwrap_or("").trim_end_matches(is_blank_or_break);
        let bare = token.trim_start_matches(is_blank_or_break);
        if let Some(what) = what
            && !bare.is_empty()
        {
            let end = at + bytes.start + token.len();
            tokens.push(Token { what, span: Span::new((end - bare.len()) as u32, end as u32) });
        }
        if !scalar && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'nodes;
            }
        }
    }
    tokens
}

/// Returns an upper bound for the depth of tree-sitter's stack of indentations.
fn levels(text: &str) -> usize {
    let mut columns: Vec<usize> = vec![];
    let mut most = 0;
    for line in text.split(['\n', '\r']).map(str::as_bytes) {
        let mut at = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        columns.truncate(columns.partition_point(|column| *column <= at));
        while at < line.len() {
            // A list and a mapping may start at the same column.
            if columns.len() < 2 || columns[columns.len() - 2] != at {
                columns.push(at);
                most = most.max(columns.len());
            }
            let indicator =
                matches!(line[at], b'-' | b'?' | b':') && matches!(line.get(at + 1), None | Some(b' ' | b'\t'));
            let skip = match line[at] {
                _ if indicator => 1,
                b'&' | b'!' => line[at..].iter().take_while(|byte| !matches!(byte, b' ' | b'\t')).count(),
                _ => break,
            };
            at += skip;
            at += line[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        }
    }
    most
}
