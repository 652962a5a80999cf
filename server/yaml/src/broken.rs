//! An entry that is really broken to nodes: what can be read in it all the same.
//!
//! ```yaml
//! - name: "abc          # an item with the key `name`, and a value that is not closed
//! ```
//!
//! Its outline (dashes, a key) is plain to see. What stands in brackets is read by tree-sitter, whose tokens are right
//! even where its tree is not; the tree is rebuilt from them. All of it is kept below one [`Kind::Broken`] node: in a
//! mapping that node holds a mapping with the entry, in a sequence the item, or else the bare text.

use std::sync::Arc;

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

/// More text than this in brackets is not looked into.
const MOST_BYTES: usize = 16 << 10;
/// tree-sitter-yaml 0.7.2 aborts the process at 254 levels.
const MOST_LEVELS: usize = 200;
/// Brackets within brackets that get nodes.
const MOST_BRACKETS: usize = 64;
const MOST_DASHES: usize = 16;

/// The nodes of a broken entry; the first is a [`Kind::Broken`] around the others.
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

fn outline(text: &str) -> (Outline, usize) {
    let bytes = text.as_bytes();
    let blank = |at: usize| text[at..].chars().next().is_none_or(is_blank_or_break);
    // leading lines without content
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
    while bytes.get(at) == Some(&b'-') && blank(at + 1) && outline.items.len() < MOST_DASHES {
        outline.items.push((at - line) as u32);
        at = skip(at + 1);
    }
    outline.column = (at - line) as u32;
    outline.key = key(&text[at..line_end(text, at)]).is_some();
    (outline, at)
}

/// `key: value`, by the offsets in its line.
struct Key {
    end: usize,
    colon: usize,
    value: usize,
}

fn key(line: &str) -> Option<Key> {
    let key = entry::key(line, 0, line.len())?;
    let colon = skip_spaces(line, key.end, line.len());
    Some(Key { end: key.end, colon, value: skip_spaces(line, colon + 1, line.len()) })
}

/// The end of the last line with content.
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
    /// Where the last node ended.
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
        let (start, end) = (start as u32, end as u32);
        self.piece.nodes.push(Node { kind, style, is_key, start, end, up, len: 1, column: 0 });
        self.reached = self.reached.max(end as usize);
        id
    }

    /// Ends the innermost open node at `end`, or where its last child ends: a `#` in quotes at the start of a line is no
    /// comment.
    fn close(&mut self, end: usize) {
        let Some(Open { node: id, .. }) = self.open.pop() else { return };
        let len = self.piece.nodes.len() as u32 - id;
        self.reached = self.reached.max(end);
        let node = &mut self.piece.nodes[id as usize];
        (node.len, node.end) = (len, (self.reached as u32).max(node.start));
    }

    /// A scalar as it is written, with the value that it would have were it closed.
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
            self.piece.cooked.push((id, Arc::from(value)));
        }
    }

    /// What is written at `at`; nothing at all is an empty value at `empty`.
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

    /// What stands in brackets, from the one at `at` on.
    fn brackets(&mut self, at: usize) {
        let outer = self.open.len();
        // of each open bracket, whether a key waits for its value
        let mut keys: Vec<bool> = vec![];
        for token in tokens(self.text, at) {
            let (start, end) = (token.span.start as usize, token.span.end as usize);
            match token.what {
                What::Open(kind) if keys.len() < MOST_BRACKETS => {
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
            // tree-sitter was not asked
            return self.scalar(at, line_end(self.text, at));
        }
        let end = content_end(self.text, at);
        while self.open.len() > outer {
            self.give_value(&mut keys);
            keys.pop();
            self.close(end);
        }
    }

    /// A node comes: in a mapping, keys and values take turns.
    fn turn(&self, keys: &mut [bool]) {
        let in_mapping = self.open.last().is_some_and(|it| self.kind(it.node) == Kind::Mapping);
        if in_mapping && let Some(key) = keys.last_mut() {
            *key = !*key;
        }
    }

    /// A key without a value gets an empty one.
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

/// The tokens of a text in brackets, as tree-sitter sees them; none where it cannot be asked.
fn tokens(text: &str, at: usize) -> Vec<Token> {
    let mut tokens = vec![];
    let text = &text[at..];
    let mut parser = tree_sitter::Parser::new();
    if text.len() > MOST_BYTES
        || levels(text) > MOST_LEVELS
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
        // U+2028 and the like, line breaks to YAML 1.1, are characters to tree-sitter.
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

/// A bound for the depth of the scanner's stack of indentations.
fn levels(text: &str) -> usize {
    let mut columns: Vec<usize> = vec![];
    let mut most = 0;
    for line in text.split(['\n', '\r']).map(str::as_bytes) {
        let mut at = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        columns.truncate(columns.partition_point(|column| *column <= at));
        while at < line.len() {
            // a list and a mapping may begin at one column
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
