//! What is at an offset: the only place where a cursor is understood.
//!
//! Two questions. [`Cursor::at`] asks what the cursor points at, in the document as it is: hover. [`Typing::at`] asks
//! what is being typed: completion. There the text is mostly broken, so a word that is whole is put in its place, in a
//! throw-away document, and the tree and the facts of that one are read:
//!
//! ```yaml
//! resources:
//!   gp          # ⇒ `  x:`, an entry of `resources`
//! ide:          # ⇒ `ide: x`, the value of `ide`
//! ```

use yaml::{
    Edits, Entry, Kind, NodeId, Span, Style, Tree,
    cursor::{
        Frame, Line, QuoteEnd, Surrounding, is_closed, plain_end, quote_end, skip_properties, skip_spaces, surrounding,
    },
    lines::{end_of_line_before, line_end, line_start},
};

use crate::{document::Document, types};

/// A place in a document that something is pointed at.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    /// The document.
    pub document: &'a Document,
    /// Where in its text.
    pub offset: u32,
    /// The innermost node there, if there is one.
    pub node: Option<NodeId>,
    /// The characters of the word or scalar at the cursor.
    pub span: Span,
}

impl<'a> Cursor<'a> {
    /// The place at `offset`.
    pub fn at(document: &'a Document, offset: u32) -> Cursor<'a> {
        let node = document.tree().node_at(offset);
        let span = node.map_or(Span::at(offset), |node| document.tree().span(node));
        Cursor { document, offset, node, span }
    }

    /// The node as the key of an entry.
    pub fn key(&self) -> Option<Entry> {
        let node = self.node?;
        self.document.tree().entry_of(node).filter(|entry| entry.key == node)
    }
}

/// What is being typed: a key, a scalar, or what may become either.
#[derive(Clone, Debug)]
pub struct Typing {
    /// A throw-away document in which it is whole. Nodes are those of its tree, spans those of the real text.
    pub document: Document,
    /// The key that it may be.
    pub key: Option<TypedKey>,
    /// The value that it may be.
    pub value: Option<TypedValue>,
}

/// A key that is being typed.
#[derive(Clone, Debug)]
pub struct TypedKey {
    /// The entry that it makes.
    pub entry: Entry,
    /// The mapping that it belongs to.
    pub mapping: NodeId,
    /// The word, in the real text.
    pub span: Span,
    /// The word up to the cursor.
    pub typed: String,
    /// What must be written before it: `- ` where only items can stand.
    pub lead: &'static str,
    /// Whether a colon follows already.
    pub colon: bool,
    /// Whether lines that follow are its value already.
    pub has_value: bool,
    /// Whether it stands in braces.
    pub flow: bool,
}

/// A value that is being typed.
#[derive(Clone, Debug)]
pub struct TypedValue {
    /// The node that stands at its place: the scalar, or a mapping that is there because a key may be meant.
    pub node: NodeId,
    /// The scalar in the real text, without quotes.
    pub span: Span,
    /// The text of the scalar.
    pub text: String,
    /// Where the cursor is in that text, in bytes.
    pub at: usize,
    /// What must be written before it: a space behind `key:`, or `- `.
    pub lead: &'static str,
    /// Where it stands.
    pub slot: Slot,
    /// Whether it stands in quotes.
    pub quoted: bool,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Behind `key:` on its line.
    Inline,
    /// Behind a dash.
    Item,
    /// At the start of a line of its own.
    OwnLine,
    /// In brackets or braces.
    Flow,
    /// A line of a block scalar.
    Text,
}

/// A word that no catalogue knows.
const MARKER: &str = "dstack-lsp-marker";

impl Typing {
    /// What is being typed at `offset`; `None` where nothing could be: in a comment, between key and colon, where a word
    /// would break the YAML.
    pub fn at(document: &Document, offset: u32) -> Option<Typing> {
        let text = document.text().as_str();
        let at = offset as usize;
        let splits_break =
            at > 0 && text.as_bytes()[..text.len().min(at)].ends_with(b"\r") && text.as_bytes().get(at) == Some(&b'\n');
        if !text.is_char_boundary(at) || splits_break || is_comment(document.tree(), offset) {
            return None;
        }
        let (from, trusted) = match closed_around(document.tree(), offset) {
            Some(start) => (line_start(text, start as usize), true),
            None => (entry_start(text, at), false),
        };
        match surrounding(text, from, at, trusted) {
            Surrounding::Nothing => None,
            Surrounding::BlockScalar => block_scalar(document, at),
            Surrounding::Flow { line, frames, quote } => flow(document, at, &line, &frames, quote, trusted),
            Surrounding::Block { line, quote: Some(quote) } => quoted(document, at, &line, quote, trusted),
            Surrounding::Block { line, quote: None } => match line.colon {
                Some(colon) if is_item_with_colon(&line, at) => {
                    inline(document, at, &line, colon).filter(Typing::is_of_field).or_else(|| word(document, at, &line))
                }
                Some(colon) if at >= colon => inline(document, at, &line, colon),
                _ => word(document, at, &line),
            },
        }
    }
}

impl Typing {
    /// Whether the value is that of a field that is known.
    fn is_of_field(&self) -> bool {
        self.value.as_ref().is_some_and(|it| types::field_of(&self.document, it.node).is_some())
    }
}

/// Behind `key:`.
fn inline(document: &Document, at: usize, line: &Line, colon: usize) -> Option<Typing> {
    let text = document.text().as_str();
    let start = skip_properties(text, skip_spaces(text, colon, line.end), line.end);
    let end = plain_end(text, start, line.end).max(start);
    let lead = if at == colon { " " } else { "" };
    if start == end {
        let probe = Probe::new(document, Span::at(at as u32), lead, MARKER)?;
        return Some(probe.value(Span::at(at as u32), at, lead, Slot::Inline));
    }
    if at < start || opens_something(text, start) {
        return None;
    }
    let span = Span::new(start as u32, end.max(at) as u32);
    Some(Probe::new(document, span, "", MARKER)?.value(span, at, "", Slot::Inline))
}

/// At the start of a line, or behind a dash: a key, or a scalar on a line of its own.
fn word(document: &Document, at: usize, line: &Line) -> Option<Typing> {
    let text = document.text().as_str();
    if text[line.start..line.indent].contains('\t') {
        return None;
    }
    let rest_is_blank = text[at..line.end].trim().is_empty();
    let (start, lead) = match line.dashes.last() {
        Some(dash) if *dash + 1 == at && rest_is_blank => (*dash, "- "),
        Some(dash) if at <= *dash => return None,
        Some(_) if line.content >= line.end => (at, ""),
        Some(_) => (line.content, ""),
        None if line.is_blank() => (at, in_sequence(text, line.start, at - line.start)),
        None => (line.content, in_sequence(text, line.start, line.indent - line.start)),
    };
    if at < start || opens_something(text, start) && start < line.end && start == line.content {
        return None;
    }
    let slot = if lead == "- " || !line.dashes.is_empty() { Slot::Item } else { Slot::OwnLine };
    let typed = &text[start..at];
    let key = line.key.clone().filter(|key| at <= key.end && !is_item_with_colon(line, at));
    if let Some(key) = key {
        // What is typed before a key, with a space between them, is no part of it.
        if text[at..key.end].contains([' ', '\t']) {
            return None;
        }
        let span = Span::new(key.start as u32, key.end as u32);
        return Probe::new(document, span, lead, MARKER)?.key(span, at, lead, true, false);
    }
    if line.key.is_some() && !is_item_with_colon(line, at) {
        return None;
    }
    let whole_end = plain_end(text, start, line.end).max(at);
    let whole = Span::new(start as u32, whole_end as u32);
    if !typed.bytes().all(is_word) {
        return Some(Probe::new(document, whole, lead, MARKER)?.value(whole, at, lead, slot));
    }
    let word_end = at + text[at..whole_end].bytes().take_while(|b| is_word(*b)).count();
    let word = Span::new(start as u32, word_end as u32);
    let probe = Probe::new(document, whole, lead, &format!("{MARKER}:"))?;
    let mapping = probe.document.tree().parent(probe.node)?;
    let alone = probe.document.tree().entries(mapping).nth(1).is_none();
    let mut typing = probe.key(word, at, lead, false, false)?;
    if alone && !typing.key.as_ref().is_some_and(|key| key.has_value) {
        // A dash without its space is what `lead` is written for, and no part of the scalar.
        let dash = usize::from(lead == "- " && typed.starts_with('-'));
        typing.value = Some(TypedValue {
            node: mapping,
            span: whole,
            text: text[start + dash..whole_end].into(),
            at: at - start - dash,
            lead,
            slot,
            quoted: false,
        });
    }
    Some(typing)
}

/// In the quotes that open at `quote`.
fn quoted(document: &Document, at: usize, line: &Line, quote: usize, trusted: bool) -> Option<Typing> {
    let text = document.text().as_str();
    let slot = match line.colon {
        Some(_) => Slot::Inline,
        None if line.dashes.is_empty() => Slot::OwnLine,
        None => Slot::Item,
    };
    let (inner, whole) = in_quotes(text, at, quote, line.stop(trusted), line.end)?;
    let probe = Probe::new(document, whole, "", MARKER)?;
    Some(TypingIn { inner, at }.value(probe, text, slot))
}

/// In brackets or braces.
fn flow(
    document: &Document,
    at: usize,
    line: &Line,
    frames: &[Frame],
    quote: Option<usize>,
    trusted: bool,
) -> Option<Typing> {
    let text = document.text().as_str();
    let frame = frames.last()?;
    let is_key = frame.open == b'{' && frame.colon.is_none();
    if frame.open == b'[' && frame.colon.is_some() {
        return None;
    }
    let end_of_line = line_end(text, at);
    // Brackets that nobody closes are closed in the throw-away document.
    let closed = trusted || is_closed(text, frames.first()?.at, line);
    let closers: String = match closed {
        true => String::new(),
        false => frames.iter().rev().map(|it| if it.open == b'[' { ']' } else { '}' }).collect(),
    };
    if let Some(quote) = quote {
        let (inner, whole) = in_quotes(text, at, quote, line.stop(trusted), end_of_line)?;
        let edited = if closed { whole } else { Span::new(whole.start, end_of_line as u32) };
        let probe = Probe::new(document, edited, "", &format!("{MARKER}{closers}"))?;
        return (!is_key).then(|| TypingIn { inner, at }.value(probe, text, Slot::Flow));
    }
    let from = frame.colon.unwrap_or(frame.segment);
    let start = at.min(text.len() - text[from..].trim_start_matches([' ', '\t', '\n', '\r']).len());
    let lead = if frame.colon == Some(at) { " " } else { "" };
    let rest = &text[at..end_of_line];
    let stops = rest.find([',', '[', ']', '{', '}']).unwrap_or(rest.len());
    let stops = rest.find(": ").map_or(stops, |it| it.min(stops));
    let stops = rest.strip_suffix(':').map_or(stops, |it| it.len().min(stops));
    let end = plain_end(text, at, at + stops).max(at);
    if start == at && skip_spaces(text, at, end_of_line) > at && end > at || opens_something(text, start) && start < at
    {
        return None;
    }
    if start < line_start(text, at) {
        return None;
    }
    let span = Span::new(start as u32, end as u32);
    let colon = is_key && text[skip_spaces(text, end, end_of_line)..].starts_with(':');
    let edited = if closed { span } else { Span::new(span.start, end_of_line as u32) };
    let marker =
        if is_key && !(colon && closed) { format!("{MARKER}: {closers}") } else { format!("{MARKER}{closers}") };
    let probe = Probe::new(document, edited, lead, &marker)?;
    match is_key {
        true => probe.key(span, at, lead, colon, true),
        false => Some(probe.value(span, at, lead, Slot::Flow)),
    }
}

/// On a line of a block scalar: only what stands in this line is looked at.
fn block_scalar(document: &Document, at: usize) -> Option<Typing> {
    let text = document.text().as_str();
    let tree = document.tree();
    let node = tree.node_at(at as u32)?;
    if !matches!(tree.style(node), Style::Literal | Style::Folded) {
        return None;
    }
    // Text before the column of the others would end the scalar.
    let mut lines = tree.text(node).lines().skip(1).filter(|it| !it.trim().is_empty());
    let indent = lines.next().map_or(0, |it| it.len() - it.trim_start_matches(' ').len());
    let (first, end) = (line_start(text, at), line_end(text, at));
    let start = skip_spaces(text, first, end).min(at);
    if at - first < indent {
        return None;
    }
    let span = Span::new(start as u32, end as u32);
    let value = TypedValue {
        node,
        span,
        text: text[span.range()].into(),
        at: at - start,
        lead: "",
        slot: Slot::Text,
        quoted: true,
    };
    Some(Typing { document: document.clone(), key: None, value: Some(value) })
}

/// The throw-away document, and the marker in it.
struct Probe {
    document: Document,
    node: NodeId,
    text: yaml::Text,
}

impl Probe {
    /// The document with `span` replaced by the marker; `None` if that is not better YAML than before.
    fn new(document: &Document, span: Span, lead: &str, marker: &str) -> Option<Probe> {
        let edited = document.edited(&Edits::replace(span, format!("{lead}{marker}")));
        let tree = edited.tree();
        let start = span.start + lead.len() as u32;
        let node = tree.node_at(start)?;
        // Lines that follow must not have become part of the word.
        let found = tree.kind(node) == Kind::Scalar && tree.span(node).start == start && tree.value(node) == MARKER;
        let sound = tree.problems().len() <= document.tree().problems().len();
        (found && sound).then(|| Probe { node, document: edited, text: document.text().clone() })
    }

    fn key(self, span: Span, at: usize, lead: &'static str, colon: bool, flow: bool) -> Option<Typing> {
        let tree = self.document.tree();
        let mapping = tree.parent(self.node)?;
        let entry = tree.entry_of(self.node).filter(|entry| entry.key == self.node)?;
        let typed = self.text.as_str()[span.start as usize..at].trim_start_matches('-').into();
        let has_value = !tree.span(entry.value).is_empty();
        let key = TypedKey { entry, mapping, span, typed, lead, colon, has_value, flow };
        Some(Typing { document: self.document, key: Some(key), value: None })
    }

    fn value(self, span: Span, at: usize, lead: &'static str, slot: Slot) -> Typing {
        let text = self.text.as_str()[span.range()].into();
        let at = at - span.start as usize;
        let value = TypedValue { node: self.node, span, text, at, lead, slot, quoted: false };
        Typing { document: self.document, key: None, value: Some(value) }
    }
}

/// A cursor within quotes.
struct TypingIn {
    inner: Span,
    at: usize,
}

impl TypingIn {
    fn value(self, probe: Probe, text: &str, slot: Slot) -> Typing {
        let value = TypedValue {
            node: probe.node,
            span: self.inner,
            text: text[self.inner.range()].into(),
            at: self.at - self.inner.start as usize,
            lead: "",
            slot,
            quoted: true,
        };
        Typing { document: probe.document, key: None, value: Some(value) }
    }
}

/// What stands in the quotes that open at `quote`, without and with them; `None` where it is not what it stands for
/// (escapes, several lines).
fn in_quotes(text: &str, at: usize, quote: usize, stop: Option<usize>, line_end: usize) -> Option<(Span, Span)> {
    let (inner_end, end) = match quote_end(text, quote, stop) {
        QuoteEnd::Closed(close) => (close, close + 1),
        QuoteEnd::Unclosed(_) => (line_end, line_end),
    };
    let inner = Span::new(quote as u32 + 1, inner_end as u32);
    let plain = !text.get(inner.range())?.contains(['\\', '\'', '\n', '\r']);
    (plain && inner.touches(at as u32)).then_some((inner, Span::new(quote as u32, end as u32)))
}

/// Whether the cursor is in a comment.
fn is_comment(tree: &Tree, offset: u32) -> bool {
    let comments = tree.comments();
    let before = comments.partition_point(|it| it.span.start < offset);
    before.checked_sub(1).is_some_and(|it| offset <= comments[it].span.end)
}

/// The start of the outermost brackets or quotes around `offset` that are closed.
fn closed_around(tree: &Tree, offset: u32) -> Option<u32> {
    let node = tree.node_at(offset)?;
    let around = tree.ancestors(node).filter(|it| {
        let (span, text) = (tree.span(*it), tree.text(*it));
        let closed = match tree.style(*it) {
            Style::Flow => text.ends_with([']', '}']),
            Style::SingleQuoted => text.len() > 1 && text.ends_with('\''),
            Style::DoubleQuoted => text.len() > 1 && text.ends_with('"'),
            _ => false,
        };
        closed && span.start < offset && offset < span.end
    });
    around.last().map(|it| tree.span(it).start)
}

/// The last line up to that of `at` that has something at its first column: nothing above it matters.
fn entry_start(text: &str, at: usize) -> usize {
    let mut start = line_start(text, at);
    loop {
        let first = text.as_bytes().get(start).copied().unwrap_or(b' ');
        if start == 0 || !(first.is_ascii_whitespace() || matches!(first, b'#' | b']' | b'}')) {
            return start;
        }
        start = end_of_line_before(text, start).map_or(0, |it| line_start(text, it));
    }
}

/// `- ` where a line at `column` can only be an item of a sequence: one is there above, and no mapping of that column.
fn in_sequence(text: &str, line: usize, column: usize) -> &'static str {
    let mut start = line;
    let mut found = "";
    while let Some(end) = end_of_line_before(text, start) {
        start = line_start(text, end);
        let above = Line::read(text, start);
        let indent = above.indent - above.start;
        if above.is_blank() || indent > column || text[above.indent..].starts_with('#') {
            continue;
        }
        let dash = above.dashes.iter().any(|dash| dash - above.start == column);
        match indent == column {
            true if dash => found = "- ",
            true => return "",
            false => return if dash { "- " } else { found },
        }
    }
    found
}

/// `- 8080:` may be a scalar that goes on, rather than a key.
fn is_item_with_colon(line: &Line, at: usize) -> bool {
    !line.dashes.is_empty() && line.colon == Some(at) && at == line.end
}

/// Whether something other than a plain scalar starts here.
fn opens_something(text: &str, at: usize) -> bool {
    matches!(text.as_bytes().get(at), Some(b'"' | b'\'' | b'[' | b'{' | b'|' | b'>' | b'#' | b'&' | b'!' | b']' | b'}'))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixture;

    /// `key of PATH …` and `value at PATH …` for the cursor in the text.
    fn place(text: &str) -> String {
        let (text, offset) = fixture::cursor(text);
        let document = fixture::document(&text);
        let Some(typing) = Typing::at(&document, offset) else { return "nothing".into() };
        let tree = typing.document.tree();
        let mut out = vec![];
        if let Some(key) = &typing.key {
            let path = tree.path(key.mapping).to_string();
            let others = tree.entries(key.mapping).filter(|it| it.key != key.entry.key);
            let others: Vec<_> = others.map(|it| tree.value(it.key).to_owned()).collect();
            let mut line = format!("key of `{path}` beside {others:?}: {:?}", key.typed);
            let flags =
                [(key.colon, "colon"), (key.has_value, "value"), (key.flow, "flow"), (!key.lead.is_empty(), "lead")];
            flags.iter().filter(|it| it.0).for_each(|it| line.push_str(&format!(" {}", it.1)));
            out.push(line);
        }
        if let Some(value) = &typing.value {
            let path = tree.path(value.node).to_string();
            let mut line = format!("value of `{path}`: {:?}", value.text);
            line.insert(line.len() - 1 - value.text[value.at..].len(), '|');
            line.push_str(&format!(" {:?}", value.slot));
            if value.quoted {
                line.push_str(" quoted");
            }
            if !value.lead.is_empty() {
                line.push_str(&format!(" lead {:?}", value.lead));
            }
            out.push(line);
        }
        out.join("; ")
    }

    fn check(cases: &[(&str, &str)]) {
        let wrong = cases.iter().map(|(text, expected)| (text, place(text), expected)).filter(|it| it.1 != *it.2);
        let wrong: Vec<_> = wrong.map(|it| format!("{}\n  is       {}\n  expected {}\n", it.0, it.1, it.2)).collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn keys() {
        check(&[
            ("$0", r#"key of `` beside []: ""; value of ``: "|" OwnLine"#),
            ("ty$0", r#"key of `` beside []: "ty"; value of ``: "ty|" OwnLine"#),
            ("type: task\nimag$0", r#"key of `` beside ["type"]: "imag""#),
            ("type: task\nimag$0\nname: x\n", r#"key of `` beside ["type", "name"]: "imag""#),
            ("type: task\r\nimag$0\r\nname: x\r\n", r#"key of `` beside ["type", "name"]: "imag""#),
            ("ty$0\nname: x\n", r#"key of `` beside ["name"]: "ty""#),
            ("$0\nname: x\n", r#"key of `` beside ["name"]: """#),
            ("name: x\n$0", r#"key of `` beside ["name"]: """#),
            (
                "type: task\nresources:\n  gpu: 24GB\n  cpu$0\n  memory: 16GB\nname: x\n",
                r#"key of `resources` beside ["gpu", "memory"]: "cpu""#,
            ),
            ("resources:\n  $0\nname: x\n", r#"key of `resources` beside []: ""; value of `resources`: "|" OwnLine"#),
            ("resources:\n  gpu: 24GB\n  $0\nname: x\n", r#"key of `resources` beside ["gpu"]: """#),
            ("resources:\n  gpu: 24GB\n\n  $0", r#"key of `resources` beside ["gpu"]: """#),
            ("resources:\n  gpu: 24GB\n$0\nname: x\n", r#"key of `` beside ["resources", "name"]: """#),
            ("resources:\n  gpu: 24GB\n\nna$0", r#"key of `` beside ["resources"]: "na""#),
            ("resou$0\n  gpu: 24GB\nname: x\n", r#"key of `` beside ["name"]: "resou" value"#),
            ("na$0me: x", r#"key of `` beside []: "na" colon value"#),
            ("$0name: x", r#"key of `` beside []: "" colon value"#),
            ("name$0: x", r#"key of `` beside []: "name" colon value"#),
            ("volumes:\n  - name: a\n    pa$0\n  - name: b\n", r#"key of `volumes[0]` beside ["name"]: "pa""#),
            ("volumes:\n  - na$0\n    path: b\n", r#"key of `volumes[0]` beside ["path"]: "na""#),
            ("volumes:\n  - $0\n    path: b\n", r#"key of `volumes[0]` beside ["path"]: """#),
            ("volumes:\n- path: b\n  $0\n", r#"key of `volumes[0]` beside ["path"]: """#),
            ("env:\n- A=1\n- B\nimag$0\nname: x\n", r#"key of `` beside ["env", "name"]: "imag""#),
            ("env:\n- A=1\n$0\nname: x\n", r#"key of `` beside ["env", "name"]: """#),
            ("a:\n  b:\n    c: 1\n  $0\n", r#"key of `a` beside ["b"]: """#),
            ("# hi\n\n$0", r#"key of `` beside []: ""; value of ``: "|" OwnLine"#),
            ("commands:\n  - |\n    a\n$0", r#"key of `` beside ["commands"]: """#),
            ("a: 1\nb: [1, 2\nc: 3\nd$0\n", r#"key of `` beside ["a", "c"]: "d""#),
        ]);
    }

    #[test]
    fn values() {
        check(&[
            ("ide: $0", r#"value of `ide`: "|" Inline"#),
            ("ide:$0", r#"value of `ide`: "|" Inline lead " ""#),
            ("ide: vs$0\nname: x\n", r#"value of `ide`: "vs|" Inline"#),
            ("ide: v$0scode # why\n", r#"value of `ide`: "v|scode" Inline"#),
            ("ide: $0 # why\n", r#"value of `ide`: "|" Inline"#),
            ("a:\n  b: $0\n  c: 1\n", r#"value of `a.b`: "|" Inline"#),
            ("gpu: A100:$0\nname: x\n", r#"value of `gpu`: "A100:|" Inline"#),
            ("ide: \"vs$0\"\n", r#"value of `ide`: "vs|" Inline quoted"#),
            ("ide: 'vs$0\nname: x\n", r#"value of `ide`: "vs|" Inline quoted"#),
            ("a: @x$0\nc: 2\n", r#"value of `a`: "@x|" Inline"#),
            ("a: &x 1\nb: *$0\nc: 2\n", r#"value of `b`: "*|" Inline"#),
            ("a: &x v$0\n", r#"value of `a`: "v|" Inline"#),
            ("name: x\nide: ${{ $0\n", r#"value of `ide`: "${{ |" Inline"#),
        ]);
    }

    #[test]
    fn items() {
        check(&[
            ("commands:\n  - $0\n", r#"key of `commands[0]` beside []: ""; value of `commands[0]`: "|" Item"#),
            (
                "commands:\n  - a\n  - $0\n  - b\n",
                r#"key of `commands[1]` beside []: ""; value of `commands[1]`: "|" Item"#,
            ),
            (
                "commands:\n  - a\n  -$0\n  - b\n",
                r#"key of `commands[1]` beside []: "" lead; value of `commands[1]`: "|" Item lead "- ""#,
            ),
            ("commands:\n  - pip inst$0\n", r#"value of `commands[0]`: "pip inst|" Item"#),
            ("env:\n  - HF$0\n", r#"key of `env[0]` beside []: "HF"; value of `env[0]`: "HF|" Item"#),
            ("ports:\n  - 8080:$0\n", r#"value of `ports[0]`: "8080:|" Item"#),
            ("ports:\n  - 8080:80$0\n", r#"value of `ports[0]`: "8080:80|" Item"#),
            (
                "backends:\n  - aws\n  $0\n",
                r#"key of `backends[1]` beside []: "" lead; value of `backends[1]`: "|" Item lead "- ""#,
            ),
            (
                "backends:\n  - aws\n  gc$0\n",
                r#"key of `backends[1]` beside []: "gc" lead; value of `backends[1]`: "gc|" Item lead "- ""#,
            ),
            ("backends:\n  $0\n", r#"key of `backends` beside []: ""; value of `backends`: "|" OwnLine"#),
            ("backends:\n  $0\n  - aws\n", r#"key of `backends` beside []: "" value"#),
            ("backends:\n- $0\n", r#"key of `backends[0]` beside []: ""; value of `backends[0]`: "|" Item"#),
            ("backends:\n  - \"a$0\"\n", r#"value of `backends[0]`: "a|" Item quoted"#),
        ]);
    }

    #[test]
    fn brackets() {
        check(&[
            ("a: {$0}\n", r#"key of `a` beside []: "" flow"#),
            ("a: {gp$0}\n", r#"key of `a` beside []: "gp" flow"#),
            ("a: {gpu: 1, cp$0}\nb: 1\n", r#"key of `a` beside ["gpu"]: "cp" flow"#),
            ("a: {gpu: 1, cp$0: 2}\n", r#"key of `a` beside ["gpu"]: "cp" colon value flow"#),
            ("a: {gpu: $0}\n", r#"value of `a.gpu`: "|" Flow"#),
            ("a: {gpu:$0}\n", r#"value of `a.gpu`: "|" Flow lead " ""#),
            ("a: {gpu: 24$0GB, cpu: 1}\n", r#"value of `a.gpu`: "24|GB" Flow"#),
            ("a: {gpu: \"24$0\"}\n", r#"value of `a.gpu`: "24|" Flow quoted"#),
            ("a: [$0]\n", r#"value of `a[0]`: "|" Flow"#),
            ("a: [x, $0]\n", r#"value of `a[1]`: "|" Flow"#),
            ("a: [x, y$0, z]\n", r#"value of `a[1]`: "y|" Flow"#),
            ("a: [x,\n  y$0,\n  z]\n", r#"value of `a[1]`: "y|" Flow"#),
            ("a: [x,\ny$0\n]\n", r#"value of `a[1]`: "y|" Flow"#),
            ("a: {b: {$0}}\n", r#"key of `a.b` beside []: "" flow"#),
            ("ports: [8080, 80$0\nimage: y\n", r#"value of `ports[1]`: "80|" Flow"#),
            ("resources: {gpu: 24GB, c$0\nimage: y\n", r#"key of `resources` beside ["gpu"]: "c" flow"#),
            ("resources: {gpu: $0", r#"value of `resources.gpu`: "|" Flow"#),
            ("a: [{b: \"x$0\nc: d\n", r#"value of `a[0].b`: "x|" Flow quoted"#),
        ]);
    }

    #[test]
    fn nothing() {
        let texts = [
            "# typ$0",
            "ide: vscode # why$0\n",
            "ide $0: vscode\n",
            "ide: \"vscode\"$0\n",
            "ide: $0  vscode\n",
            "  $0  ide: vscode\n",
            "name: x\n    gp$0\n",
            "name: x\n  $0\n",
            "a:\n    b: 1\n  $0\n",
            "resources: $0\n  gpu: A\n",
            "run: |$0\n  a\n",
            "run: |\n    a\n $0   b\n",
            "run: |\n    a\n  $0\n    b\n",
            "a: &anch$0or x\n",
            "\"na$0me\": x\n",
            "\t$0\n",
        ];
        check(&texts.map(|text| (text, "nothing")));
    }

    /// Of a scalar of dashes, none is taken for the dash of its item.
    #[test]
    fn a_scalar_of_dashes() {
        check(&[
            ("env:\n  - ---$0\n", r#"key of `env[0]` beside []: ""; value of `env[0]`: "---|" Item"#),
            (
                "env:\n  - A=1\n  -B$0\n",
                r#"key of `env[1]` beside []: "B" lead; value of `env[1]`: "B|" Item lead "- ""#,
            ),
        ]);
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"([a-c:\-\[\]{}"'|#&*!é \u{85}\u{a0}\u{2028}\u{feff}\t\r\n]|: |\n  |- |\n){0,40}"#) {
            let document = fixture::document(&text);
            for offset in 0..=text.len() as u32 + 1 {
                if let Some(typing) = Typing::at(&document, offset) {
                    let spans = [typing.key.map(|it| it.span), typing.value.map(|it| it.span)];
                    for span in spans.into_iter().flatten() {
                        prop_assert!(span.touches(offset));
                        prop_assert!(text.get(span.range()).is_some_and(|it| !it.contains(['\n', '\r'])));
                    }
                }
            }
        }
    }
}
