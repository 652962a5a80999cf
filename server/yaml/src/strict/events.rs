//! Builds nodes from the events of the strict parser.

use std::borrow::Cow;

use libyaml_safer::{self as events, EventData};

use super::{
    input::Input,
    tags::{anchor_len, tag_len},
};
use crate::{
    chars::{is_blank_or_break, is_break},
    lines::line_start,
    node::{Kind, MAX_DEPTH, Node, Properties, Style},
    piece::{Piece, Suspect},
    problem::{self, Refusal},
    resolve::{self, Scalar},
    span::Span,
    work,
};

/// Collects the nodes of one text.
pub(super) struct Reader<'a> {
    text: &'a str,
    input: &'a Input,
    piece: Piece,
    open: Vec<Open>,
    /// The end of the last node, or of the mark that opened the document.
    end: u32,
    /// The start of the document.
    document: u32,
}

/// A collection that is not closed yet.
struct Open {
    node: u32,
    children: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, input: &'a Input) -> Reader<'a> {
        Reader { text, input, piece: Piece::default(), open: vec![], end: 0, document: 0 }
    }

    pub(super) fn read(mut self) -> Result<Piece, Refusal> {
        let mut bytes = self.input.text.as_bytes();
        let mut parser = events::Parser::new();
        parser.set_input_string(&mut bytes);
        // Otherwise the encoding is guessed from the first byte, which U+F000 and later characters share with a byte order
        // mark.
        parser.set_encoding(events::Encoding::Utf8);
        loop {
            let event = parser.parse().map_err(|error| self.refusal(&error))?;
            let (start, end) = (self.offset(event.start_mark), self.offset(event.end_mark));
            match event.data {
                EventData::StreamEnd => return Ok(self.piece),
                EventData::StreamStart { .. } | EventData::DocumentEnd { .. } => {}
                EventData::DocumentStart { implicit: true, .. } if self.input.directive => {
                    return Err(Refusal::no_document(start));
                }
                EventData::DocumentStart { tag_directives, .. } => {
                    // The parser has compared each of them with all before it.
                    work::add(tag_directives.len().pow(2) / 2);
                    (self.document, self.end) = (start, end);
                }
                EventData::Alias { anchor } => {
                    let is_key = self.is_key();
                    let node = self.push(Kind::Alias, Style::Plain, Span::new(start, end));
                    if is_key {
                        self.piece.suspects.push(Suspect { node, is_key });
                    }
                    self.property(Some(anchor), None);
                }
                EventData::Scalar { anchor, tag, value, style, .. } => {
                    self.scalar(anchor, tag, &value, scalar_style(style), start, end)
                }
                EventData::SequenceStart { anchor, tag, style, .. } => {
                    let style = if style == events::SequenceStyle::Flow { Style::Flow } else { Style::Block };
                    self.collection(Kind::Sequence, style, anchor, tag, start, event.start_mark)?;
                }
                EventData::MappingStart { anchor, tag, style, .. } => {
                    let style = if style == events::MappingStyle::Flow { Style::Flow } else { Style::Block };
                    self.collection(Kind::Mapping, style, anchor, tag, start, event.start_mark)?;
                }
                EventData::SequenceEnd | EventData::MappingEnd => self.close(end),
            }
        }
    }

    fn offset(&self, mark: events::Mark) -> u32 {
        self.input.offset(mark.index as u32).min(self.text.len() as u32)
    }

    fn refusal(&self, error: &events::Error) -> Refusal {
        let at = error.problem_mark().map_or(0, |mark| self.offset(mark));
        Refusal {
            what: error.problem(),
            at,
            during: error.context().unwrap_or(""),
            from: error.context_mark().map(|mark| self.offset(mark)),
            at_end: at as usize >= self.text.trim_end_matches(is_blank_or_break).len(),
        }
    }

    /// Whether the next node is a key: in a mapping, keys and values alternate.
    fn is_key(&self) -> bool {
        let mapping = |it: &&Open| self.piece.nodes[it.node as usize].kind == Kind::Mapping;
        self.open.last().filter(mapping).is_some_and(|it| it.children % 2 == 0)
    }

    fn push(&mut self, kind: Kind, style: Style, span: Span) -> u32 {
        let id = self.piece.nodes.len() as u32;
        let is_key = self.is_key();
        let mut up = 0;
        match self.open.last_mut() {
            Some(parent) => {
                up = id - parent.node;
                parent.children += 1;
            }
            None => self.piece.roots.push((id, self.document)),
        }
        self.piece.nodes.push(Node { is_key, up, ..Node::new(kind, style, span) });
        self.end = self.end.max(span.end);
        id
    }

    /// Adds the anchor and the tag of the last node.
    fn property(&mut self, anchor: Option<String>, tag: Option<String>) {
        if anchor.is_some() || tag.is_some() {
            let id = self.piece.nodes.len() as u32 - 1;
            let properties = Properties { anchor: anchor.map(Into::into), tag: tag.map(Into::into) };
            self.piece.properties.push((id, properties));
        }
    }

    fn scalar(&mut self, anchor: Option<String>, tag: Option<String>, value: &str, style: Style, start: u32, end: u32) {
        let is_marked = anchor.is_some() || tag.is_some();
        if let Some(tag) = tag.as_deref().filter(|_| value.is_empty() && style == Style::Plain) {
            self.check_comma_after_tag(tag, start, end);
        }
        let value = if end as usize >= self.text.len() { self.without_added_break(value, style) } else { value };
        let span = match style {
            Style::Plain if value.is_empty() && is_marked => Span::at(end),
            Style::Plain if value.is_empty() => Span::at(self.empty_place(start)),
            _ => self.written(style, if is_marked { after_properties(self.text, start) } else { start }, end),
        };
        let is_key = self.is_key();
        let id = self.push(Kind::Scalar, style, span);
        let value = &*self.restored(value, style, span, end);
        if self.text[span.range()] != *value {
            self.piece.cook(id, value.into());
        }
        self.property(anchor, tag);
        if !is_marked
            && style == Style::Plain
            && (matches!(value, "<<" | "=") || resolve::scalar(value, style, None) == Scalar::Invalid)
        {
            self.piece.suspects.push(Suspect { node: id, is_key });
        }
    }

    /// Reports the tag of an empty scalar if there is a space after it only in the input: it was before a comma, which PyYAML
    /// reads as a part of the tag.
    fn check_comma_after_tag(&mut self, tag: &str, start: u32, end: u32) {
        if self.input.inserted.binary_search_by_key(&end, |it| it.at).is_ok() {
            let written = self.text[start as usize..end as usize].rsplit(is_blank_or_break).next().unwrap_or("");
            let span = Span::new(end - written.len() as u32, end);
            self.piece.problems.push(problem::tag_before_comma(span, written, tag));
        }
    }

    /// The span of a scalar in `start..end`, without the blank lines after a block scalar.
    fn written(&self, style: Style, start: u32, end: u32) -> Span {
        let written = &self.text[start as usize..end as usize];
        let is_block = matches!(style, Style::Literal | Style::Folded);
        let content = if is_block { written.trim_end_matches(|c| c == ' ' || is_break(c)) } else { written };
        Span::new(start, start + content.len() as u32)
    }

    /// The value of a scalar without the changes that the input has.
    fn restored<'v>(&self, value: &'v str, style: Style, span: Span, end: u32) -> Cow<'v, str> {
        let mut value = Cow::from(value);
        if let Some(mark) = self.input.mark.filter(|it| value.contains(*it)) {
            value = value.replace(mark, "\u{feff}").into();
        }
        value = self.input.with_halves(value, self.text, style, span);
        if self.input.tabs.iter().any(|tab| span.start <= *tab && *tab < span.end) {
            let first = value.len() - value.trim_start_matches('\n').len();
            value.to_mut().replace_range(first..first + 1, "\t");
        }
        // The line break at the very end was added to the input.
        let is_last = matches!(style, Style::Literal | Style::Folded) && end as usize == self.text.len();
        if is_last && !self.text.trim_end_matches(' ').ends_with(['\n', '\r']) && value.ends_with('\n') {
            value.to_mut().pop();
        }
        value
    }

    /// Returns the value of a block scalar without the line break that was added to the input at the end of the text.
    fn without_added_break<'v>(&self, value: &'v str, style: Style) -> &'v str {
        if !matches!(style, Style::Literal | Style::Folded) || self.text.ends_with(is_break) {
            return value;
        }
        let last_line = self.text.rsplit(is_break).next().unwrap_or("");
        let last_of_value = value.trim_end_matches('\n').rsplit('\n').next().unwrap_or("");
        let blank = |line: &str| line.trim_matches(' ').is_empty();
        // A blank line is part of the value with `|+`, or if it is longer than the indentation.
        let counts = !blank(last_line)
            || value.ends_with("\n\n")
            || value == "\n"
            || !last_of_value.is_empty() && blank(last_of_value);
        value.strip_suffix('\n').filter(|_| counts).unwrap_or(value)
    }

    /// Returns the offset of an empty value: directly after its `:`, `-` or `?`, otherwise after the previous node. The
    /// parser reports some of them at the next token.
    fn empty_place(&self, mark: u32) -> u32 {
        let gap = self.text.get(self.end as usize..mark as usize).unwrap_or("");
        let mut place = self.end;
        let mut start = self.end;
        for line in gap.split_inclusive(is_break) {
            let code = line.split('#').next().unwrap_or("");
            if let Some(indicator) = code.rfind([':', '-', '?']) {
                place = start + indicator as u32 + 1;
            }
            start += line.len() as u32;
        }
        place
    }

    fn collection(
        &mut self,
        kind: Kind,
        style: Style,
        anchor: Option<String>,
        tag: Option<String>,
        start: u32,
        mark: events::Mark,
    ) -> Result<(), Refusal> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Refusal::too_deep(start));
        }
        let marked = anchor.is_some() || tag.is_some();
        let start = if marked { after_properties(self.text, start) } else { start };
        let is_key = self.is_key();
        let id = self.push(kind, style, Span::at(start));
        self.property(anchor, tag);
        let column = if marked && style == Style::Block {
            start - line_start(self.text, start as usize) as u32
        } else {
            mark.column as u32
        };
        self.piece.nodes[id as usize].column = column;
        if style == Style::Flow && matches!(self.text.as_bytes().get(start as usize), Some(b'[' | b'{')) {
            self.end = self.end.max(start + 1);
        }
        // A key that is a collection.
        if is_key {
            self.piece.suspects.push(Suspect { node: id, is_key });
        }
        self.open.push(Open { node: id, children: 0 });
        self.piece.depth = self.piece.depth.max(self.open.len() as u32);
        Ok(())
    }

    /// Closes a collection. A block collection ends with its last child, one in brackets with its bracket.
    fn close(&mut self, end: u32) {
        let Some(open) = self.open.pop() else { return };
        let len = self.piece.nodes.len() as u32 - open.node;
        let child = self.piece.nodes.get(open.node as usize + 1).map(|child| child.start);
        let node = &mut self.piece.nodes[open.node as usize];
        // `[a: 1]` contains a mapping without braces.
        let brackets = node.style == Style::Flow
            && (node.kind == Kind::Sequence
                || self.text.as_bytes().get(node.start as usize) == Some(&b'{') && child != Some(node.start));
        if brackets {
            self.end = end;
        }
        (node.len, node.end) = (len, self.end);
    }
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

/// Returns the first offset from `at` on that is not in an anchor, a tag, a comment or white space.
fn after_properties(text: &str, at: u32) -> u32 {
    let mut at = at as usize;
    loop {
        let rest = &text[at..];
        let skip = match rest.bytes().next() {
            Some(b'&') => anchor_len(rest.as_bytes()),
            Some(b'!') => tag_len(rest.as_bytes()),
            Some(b'#') => rest.find(is_break).unwrap_or(rest.len()),
            Some(_) if rest.starts_with(is_blank_or_break) => {
                rest.len() - rest.trim_start_matches(is_blank_or_break).len()
            }
            _ => return at as u32,
        };
        at += skip;
    }
}
