//! A piece of text to nodes, from the events of the strict parser.
//!
//! libyaml-safer shares the lineage of PyYAML: what one accepts, the other does, apart from a few things that
//! [`read`] adds (tabs, characters that are not printable). Its marks count bytes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use libyaml_safer::{self as events, EventData};

use crate::{
    broken::Outline,
    chars::is_break,
    problem::{self, Refusal, SyntaxProblem},
    resolve::{self, Scalar},
    text::Span,
    tree::{Comment, Kind, MAX_DEPTH, Node, Properties, Style},
};

/// The nodes of a piece of text, with offsets and ids relative to it. It depends on nothing but the piece's own text, so
/// what is computed from it may be kept for as long as the same `Arc` turns up in [`crate::Tree::pieces`].
#[derive(Debug, Default)]
pub struct Piece {
    pub(crate) nodes: Vec<Node>,
    /// Values that differ from what is written.
    pub(crate) cooked: Vec<(u32, Arc<str>)>,
    pub(crate) properties: Vec<(u32, Properties)>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) suspects: Vec<Suspect>,
    /// Roots, with where their documents start.
    pub(crate) roots: Vec<(u32, u32)>,
    pub(crate) problems: Vec<SyntaxProblem>,
    /// Collections within collections, at most.
    pub(crate) depth: u32,
    /// The strict parser rejects it; the nodes are what could be read all the same.
    pub(crate) broken: bool,
    /// What a broken piece opens.
    pub(crate) outline: Option<Outline>,
}

/// A node that PyYAML may trip over though the syntax is right: see [`crate::compose`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suspect {
    pub(crate) node: u32,
    pub(crate) is_key: bool,
}

impl Piece {
    /// Whether the node is a collection by indentation.
    pub(crate) fn is_block(&self, id: u32) -> bool {
        self.nodes[id as usize].style == Style::Block
    }
}

/// The piece that `text` is, or why the strict parser rejects it.
pub(crate) fn read(text: &str) -> Result<Piece, Refusal> {
    let mut problems = vec![];
    let text = &*printable(text, &mut problems);
    let mut piece = nodes(text)?;
    piece.comments = comments(text, &piece.nodes);
    stricter(text, &piece.nodes, &mut problems);
    tabs(text, &piece, &mut problems);
    problems.sort_by_key(|problem| problem.span);
    piece.problems = problems;
    Ok(piece)
}

/// The value of a scalar that stands alone.
pub(crate) fn value(text: &str) -> Option<Box<str>> {
    let piece = nodes(text).ok()?;
    let [scalar] = piece.nodes[..] else { return None };
    let cooked = piece.cooked.first().map(|it| &*it.1);
    Some(cooked.unwrap_or(&text[scalar.start as usize..scalar.end as usize]).into())
}

/// The nodes alone, with the strict parser's verdict.
fn nodes(text: &str) -> Result<Piece, Refusal> {
    let mut input = Input::new(text);
    let most = MOST_REPAIRS.max(MOST_READ_AGAIN / text.len().max(1));
    for _ in 0..most {
        // A panic in the parser must not take the editor down. With the line break at the end none is known.
        let read = catch_unwind(AssertUnwindSafe(|| Reader::new(text, &input).read()));
        match read.unwrap_or_else(|_| Err(Refusal::unknown())) {
            Err(refusal) if input.repair(text, &refusal) => {}
            read => return read,
        }
    }
    Err(Refusal::unknown())
}

/// With more of these a long piece is cut finer, and its parts are repaired by themselves.
const MOST_REPAIRS: usize = 32;
/// A short one, which may be a line of `{x:}` that cannot be cut, is read again and again up to so many bytes in all.
const MOST_READ_AGAIN: usize = 1 << 20;

/// What the strict parser is given: the text, changed in the few places where PyYAML is more generous.
struct Input {
    text: String,
    /// Spaces that the text does not have, by offset in `text`, in order.
    inserted: Vec<u32>,
    /// Tabs that `text` has another character for.
    tabs: Vec<u32>,
}

impl Input {
    fn new(text: &str) -> Input {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        Input { text: format!("{text}{end}"), inserted: vec![], tabs: vec![] }
    }

    /// Whether something could be done about a refusal.
    fn repair(&mut self, text: &str, refusal: &Refusal) -> bool {
        let rest = &text.as_bytes()[(refusal.at as usize).min(text.len())..];
        let last = refusal.at + self.inserted.len() as u32;
        let at = refusal.at + self.inserted.partition_point(|it| *it <= last) as u32;
        match (refusal.what, rest) {
            // `{gpu:}`: the parser wants a space behind the colon
            ("found unexpected ':'", [b':', b',' | b'[' | b']' | b'{' | b'}', ..]) => {
                self.text.insert(at as usize + 1, ' ');
                self.inserted.push(at + 1);
                true
            }
            // a block scalar whose first line is indented by spaces and then has a tab
            ("found a tab character where an indentation space is expected", [b'\t', ..]) => {
                self.text.replace_range(at as usize..at as usize + 1, "x");
                self.tabs.push(refusal.at);
                true
            }
            // `%YAML 1.3`: any minor version will do
            ("found incompatible YAML document", _) => {
                let line = text[refusal.at as usize..].lines().next().unwrap_or("");
                let minor = line.find("1.").map(|it| it + 2).filter(|it| !line[..*it].contains('2'));
                let Some(minor) = minor.filter(|it| line[*it..].starts_with(|c: char| c.is_ascii_digit())) else {
                    return false;
                };
                let digits = line[minor..].bytes().take_while(u8::is_ascii_digit).count();
                let start = at as usize + minor;
                self.text.replace_range(start..start + digits, &format!("{:<digits$}", 1));
                true
            }
            _ => false,
        }
    }
}

/// Collects the nodes of one text.
struct Reader<'a> {
    text: &'a str,
    input: &'a Input,
    /// Bytes that the parser's marks leave out.
    skipped: u32,
    piece: Piece,
    open: Vec<Open>,
    /// Where the last node ended, or the mark that opened the document.
    end: u32,
    /// Where the document started.
    document: u32,
}

/// A collection that is not closed yet.
struct Open {
    node: u32,
    children: u32,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, input: &'a Input) -> Reader<'a> {
        let skipped = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() as u32 } else { 0 };
        Reader { text, input, skipped, piece: Piece::default(), open: vec![], end: 0, document: 0 }
    }

    fn read(mut self) -> Result<Piece, Refusal> {
        let mut bytes = self.input.text.as_bytes();
        let mut parser = events::Parser::new();
        parser.set_input_string(&mut bytes);
        loop {
            let event = parser.parse().map_err(|error| self.refusal(&error))?;
            let (start, end) = (self.offset(event.start_mark), self.offset(event.end_mark));
            match event.data {
                EventData::StreamEnd => return Ok(self.piece),
                EventData::StreamStart { .. } | EventData::DocumentEnd { .. } => {}
                EventData::DocumentStart { .. } => (self.document, self.end) = (start, end),
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
        let offset = mark.index as u32 + self.skipped;
        let inserted = self.input.inserted.partition_point(|it| *it < offset) as u32;
        (offset - inserted).min(self.text.len() as u32)
    }

    fn refusal(&self, error: &events::Error) -> Refusal {
        let at = error.problem_mark().map_or(0, |mark| self.offset(mark));
        Refusal {
            what: error.problem(),
            at,
            during: error.context().unwrap_or(""),
            from: error.context_mark().map(|mark| self.offset(mark)),
            at_end: at as usize >= self.text.trim_end().len(),
        }
    }

    /// Whether the next node is a key: in a mapping, keys and values take turns.
    fn is_key(&self) -> bool {
        let mapping = |it: &&Open| self.piece.nodes[it.node as usize].kind == Kind::Mapping;
        self.open.last().filter(mapping).is_some_and(|it| it.children % 2 == 0)
    }

    fn push(&mut self, kind: Kind, style: Style, span: Span) -> u32 {
        let id = self.piece.nodes.len() as u32;
        let mut up = 0;
        match self.open.last_mut() {
            Some(parent) => {
                up = id - parent.node;
                parent.children += 1;
            }
            None => self.piece.roots.push((id, self.document)),
        }
        self.piece.nodes.push(Node { kind, style, start: span.start, end: span.end, up, len: 1, column: 0 });
        self.end = self.end.max(span.end);
        id
    }

    /// Anchor and tag of the last node.
    fn property(&mut self, anchor: Option<String>, tag: Option<String>) {
        if anchor.is_some() || tag.is_some() {
            let id = self.piece.nodes.len() as u32 - 1;
            let properties = Properties { anchor: anchor.map(Into::into), tag: tag.map(Into::into) };
            self.piece.properties.push((id, properties));
        }
    }

    fn scalar(&mut self, anchor: Option<String>, tag: Option<String>, value: &str, style: Style, start: u32, end: u32) {
        let marked = anchor.is_some() || tag.is_some();
        let value = if end as usize >= self.text.len() { self.without_added_break(value, style) } else { value };
        let span = if style == Style::Plain && value.is_empty() {
            Span::at(if marked { end } else { self.empty_place(start) })
        } else {
            let start = if marked { after_properties(self.text, start) } else { start };
            let block = matches!(style, Style::Literal | Style::Folded);
            let written = &self.text[start as usize..end as usize];
            let content = if block { written.trim_end_matches([' ', '\n', '\r']) } else { written };
            Span::new(start, start + content.len() as u32)
        };
        let is_key = self.is_key();
        let id = self.push(Kind::Scalar, style, span);
        let mut value = std::borrow::Cow::from(value);
        if self.input.tabs.iter().any(|tab| span.start <= *tab && *tab < span.end) {
            let first = value.len() - value.trim_start_matches('\n').len();
            value.to_mut().replace_range(first..first + 1, "\t");
        }
        // the line break at the very end is ours, not the user's
        let last = matches!(style, Style::Literal | Style::Folded) && end as usize == self.text.len();
        if last && !self.text.trim_end_matches(' ').ends_with(['\n', '\r']) && value.ends_with('\n') {
            value.to_mut().pop();
        }
        let value = &*value;
        if self.text[span.range()] != *value {
            self.piece.cooked.push((id, value.into()));
        }
        self.property(anchor, tag);
        if !marked
            && style == Style::Plain
            && (matches!(value, "<<" | "=") || resolve::scalar(value, style, None) == Scalar::Invalid)
        {
            self.piece.suspects.push(Suspect { node: id, is_key });
        }
    }

    /// The value of a block scalar at the end of a text that has no line break there: the parser was given one.
    fn without_added_break<'v>(&self, value: &'v str, style: Style) -> &'v str {
        if !matches!(style, Style::Literal | Style::Folded) || self.text.ends_with(is_break) {
            return value;
        }
        let last_line = self.text.rsplit(is_break).next().unwrap_or("");
        let last_of_value = value.trim_end_matches('\n').rsplit('\n').next().unwrap_or("");
        let blank = |line: &str| line.trim_matches(' ').is_empty();
        // A blank line counts with `|+`; or if it is so long that it is text.
        let counts = !blank(last_line)
            || value.ends_with("\n\n")
            || value == "\n"
            || !last_of_value.is_empty() && blank(last_of_value);
        value.strip_suffix('\n').filter(|_| counts).unwrap_or(value)
    }

    /// Where an empty value stands: right after its `:`, `-` or `?`, else after what was before it. The parser reports
    /// some of them at the next token.
    fn empty_place(&self, mark: u32) -> u32 {
        let gap = self.text.get(self.end as usize..mark as usize).unwrap_or("");
        let mut place = self.end;
        let mut start = self.end;
        for line in gap.split_inclusive(['\n', '\r']) {
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
        let column =
            if marked && style == Style::Block { start - line_start(self.text, start) } else { mark.column as u32 };
        self.piece.nodes[id as usize].column = column;
        if style == Style::Flow && matches!(self.text.as_bytes().get(start as usize), Some(b'[' | b'{')) {
            self.end = self.end.max(start + 1);
        }
        // a key that is a collection
        if is_key {
            self.piece.suspects.push(Suspect { node: id, is_key });
        }
        self.open.push(Open { node: id, children: 0 });
        self.piece.depth = self.piece.depth.max(self.open.len() as u32);
        Ok(())
    }

    /// A block collection ends with its last child, one in brackets with its bracket.
    fn close(&mut self, end: u32) {
        let Some(open) = self.open.pop() else { return };
        let len = self.piece.nodes.len() as u32 - open.node;
        let child = self.piece.nodes.get(open.node as usize + 1).map(|child| child.start);
        let node = &mut self.piece.nodes[open.node as usize];
        // `[a: 1]` holds a mapping without braces
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

fn line_start(text: &str, offset: u32) -> u32 {
    text[..offset as usize].rfind(['\n', '\r']).map_or(0, |it| it as u32 + 1)
}

/// The first offset from `at` on that is not within an anchor, a tag, a comment or a blank.
fn after_properties(text: &str, at: u32) -> u32 {
    let mut at = at as usize;
    loop {
        let rest = &text[at..];
        let skip = match rest.bytes().next() {
            Some(b'&' | b'!') => rest.find(is_blank_or_break),
            Some(b'#') => rest.find(is_break),
            Some(_) if rest.starts_with(is_blank_or_break) => rest.find(|c| !is_blank_or_break(c)),
            _ => return at as u32,
        };
        match skip {
            Some(skip) => at += skip,
            None => return text.len() as u32,
        }
    }
}

fn is_blank_or_break(c: char) -> bool {
    matches!(c, ' ' | '\t') || is_break(c)
}

/// The comments, which stand in the gaps between scalars, and behind the header of a block scalar.
pub(crate) fn comments(text: &str, nodes: &[Node]) -> Vec<Comment> {
    let mut comments = vec![];
    if memchr::memchr(b'#', text.as_bytes()).is_none() {
        return comments;
    }
    let mut at = 0;
    let scalars = nodes.iter().filter(|node| matches!(node.kind, Kind::Scalar | Kind::Alias));
    for scalar in scalars {
        comments_between(text, at, scalar.start as usize, &mut comments);
        at = scalar.end as usize;
        if matches!(scalar.style, Style::Literal | Style::Folded) {
            let written = &text[scalar.start as usize..at];
            let header = written.find(is_break).unwrap_or(written.len());
            comments_between(text, scalar.start as usize, scalar.start as usize + header, &mut comments);
        }
    }
    comments_between(text, at, text.len(), &mut comments);
    comments
}

fn comments_between(text: &str, start: usize, end: usize, acc: &mut Vec<Comment>) {
    let Some(gap) = text.get(start..end) else { return };
    let mut at = 0;
    while let Some(found) = gap[at..].find(['#', '!', '&']) {
        at += found;
        if !gap[at..].starts_with('#') {
            // a `#` within a tag is part of it
            at += gap[at..].find(is_blank_or_break).unwrap_or(gap.len() - at);
            continue;
        }
        if gap[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) {
            at += 1; // within a directive
            continue;
        }
        let len = gap[at..].find(is_break).unwrap_or(gap.len() - at);
        let offset = (start + at) as u32;
        let before = &text[line_start(text, offset) as usize..offset as usize];
        acc.push(Comment { span: Span::new(offset, offset + len as u32), own_line: before.trim().is_empty() });
        at += len;
    }
}

/// Where PyYAML is stricter: within brackets it ends a plain scalar at a `?`, and then wants a comma; and a comment
/// behind the header of a block scalar has a space before it.
fn stricter(text: &str, nodes: &[Node], acc: &mut Vec<SyntaxProblem>) {
    let mut brackets_end = 0;
    for node in nodes {
        let (start, end) = (node.start as usize, node.end as usize);
        match (node.kind, node.style) {
            (Kind::Mapping | Kind::Sequence, Style::Flow) => brackets_end = brackets_end.max(node.end),
            (Kind::Scalar, Style::Plain)
                if node.start < brackets_end && text[start..end].bytes().skip(1).any(|byte| byte == b'?') =>
            {
                acc.push(problem::question_mark(Span::new(node.start, node.end)));
            }
            (Kind::Scalar, Style::Literal | Style::Folded) => {
                let header = text[start..end].split(is_break).next().unwrap_or("");
                let comment = header.find('#').filter(|at| !header[..*at].ends_with([' ', '\t']));
                if let Some(at) = comment.map(|at| node.start + at as u32) {
                    acc.push(problem::space_before_comment(Span::new(at, at + 1)));
                }
            }
            _ => {}
        }
    }
}

/// PyYAML takes tabs within quotes, block scalars and comments only, where the strict parser is generous.
fn tabs(text: &str, piece: &Piece, acc: &mut Vec<SyntaxProblem>) {
    let mut reported = 0;
    for at in memchr::memchr_iter(b'\t', text.as_bytes()).map(|at| at as u32) {
        let comment = piece.comments.partition_point(|it| it.span.start <= at);
        if at < reported || comment > 0 && at < piece.comments[comment - 1].span.end {
            continue;
        }
        let node = piece.nodes.partition_point(|node| node.start <= at).checked_sub(1).map(|it| piece.nodes[it]);
        let allowed = node.filter(|node| at < node.end).is_some_and(|node| match node.style {
            Style::SingleQuoted | Style::DoubleQuoted => true,
            Style::Literal | Style::Folded => text[node.start as usize..at as usize].contains(is_break),
            _ => false,
        });
        if !allowed {
            // one on a line is enough
            let rest = &text[at as usize..];
            reported = at + rest.find(is_break).unwrap_or(rest.len()) as u32;
            acc.push(problem::tab(text, at));
        }
    }
}

/// The text with spaces in place of the characters that YAML forbids, so that offsets stay, and a problem for each line
/// that has one.
pub(crate) fn printable<'a>(text: &'a str, acc: &mut Vec<SyntaxProblem>) -> std::borrow::Cow<'a, str> {
    let odd = |bytes: &[u8], i: usize| match bytes[i] {
        b'\t' | b'\n' | b'\r' => false,
        0..0x20 | 0x7f => true,
        // U+0080 to U+009F, apart from NEL; U+FFFE and U+FFFF
        0xc2 => matches!(bytes[i + 1], 0x80..0xa0) && bytes[i + 1] != 0x85,
        0xef => bytes[i + 1] == 0xbf && bytes[i + 2] >= 0xbe,
        _ => false,
    };
    let bytes = text.as_bytes();
    if !(0..bytes.len()).any(|i| odd(bytes, i)) {
        return text.into();
    }
    let mut reported = false;
    let mut clean = String::with_capacity(text.len());
    for (i, c) in text.char_indices() {
        if !odd(bytes, i) {
            reported &= !is_break(c);
            clean.push(c);
            continue;
        }
        clean.extend(std::iter::repeat_n(' ', c.len_utf8()));
        if !std::mem::replace(&mut reported, true) {
            acc.push(problem::unprintable(Span::new(i as u32, (i + c.len_utf8()) as u32), c));
        }
    }
    clean.into()
}
