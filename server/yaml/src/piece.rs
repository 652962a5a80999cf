//! A piece of text to nodes, from the events of the strict parser.
//!
//! libyaml-safer shares the lineage of PyYAML: what one accepts, the other does, apart from a few things that
//! [`read`] adds (tabs, characters that are not printable), and those that its [`Input`] is changed for. Its marks count
//! bytes.

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use libyaml_safer::{self as events, EventData};
use rustc_hash::FxHashSet;

use crate::{
    broken::Outline,
    chars::{is_blank, is_blank_or_break, is_break, line_end, line_start},
    problem::{self, MOST_DIRECTIVES, Refusal, SyntaxProblem},
    resolve::{self, Scalar},
    text::Span,
    tree::{Comment, Kind, MAX_DEPTH, Node, Properties, Style},
    work,
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
    piece.problems.append(&mut problems);
    piece.problems.sort_by_key(|problem| problem.span);
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
///
/// That parser panics at a comma right behind a tag (`[!!str, a]`), which PyYAML takes for a part of the tag. So it gets a
/// space before each comma that might be one, and where nothing else was meant than a comma, the text as it is.
fn nodes(text: &str) -> Result<Piece, Refusal> {
    if let Some(at) = one_directive_too_many(text) {
        return Err(Refusal::too_many_directives(at));
    }
    let commas = commas_behind_tags(text);
    let piece = with_spaces(text, &commas).map_err(|refusal| {
        if commas.binary_search(&refusal.at).is_err() {
            return refusal;
        }
        let before = &text[..refusal.at as usize];
        let tag = before.rsplit(is_blank_or_break).next().unwrap_or("");
        let from = Some((before.len() - tag.len()) as u32);
        Refusal { what: "", during: "while scanning a tag", from, ..refusal }
    })?;
    if piece.problems.len() == commas.len() {
        return Ok(piece);
    }
    let behind_tags: Vec<u32> = piece.problems.iter().map(|problem| problem.span.end).collect();
    with_spaces(text, &behind_tags)
}

/// The nodes of a text that gets a space before each offset in `spaces`.
fn with_spaces(text: &str, spaces: &[u32]) -> Result<Piece, Refusal> {
    let mut input = Input::new(text, spaces);
    let most = MOST_REPAIRS.max(MOST_READ_AGAIN / text.len().max(1));
    for _ in 0..most {
        // A panic in the parser must not take the editor down, though none is known that its input is not kept from.
        let read = catch_unwind(AssertUnwindSafe(|| Reader::new(text, &input).read()));
        match read.unwrap_or_else(|_| Err(Refusal::unknown())) {
            Err(refusal) if input.repair(text, &refusal) => {}
            read => return read,
        }
    }
    Err(Refusal::unknown())
}

/// The offsets of commas that stand right behind what may be a tag. In a directive (`%TAG !e! !x,2000:`) they are text.
fn commas_behind_tags(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut commas = vec![];
    let (mut at, mut line) = (0, 0);
    while let Some(found) = memchr::memchr(b'!', &bytes[at..]) {
        match line_start(&text[at..], found) {
            0 => {}
            start => line = at + start,
        }
        at += found;
        if bytes[line] == b'%' {
            at = line_end(text, at);
            continue;
        }
        at += tag_len(&bytes[at..]);
        if bytes.get(at) == Some(&b',') {
            commas.push(at as u32);
        }
    }
    commas
}

/// The length of the anchor that the text begins with.
fn anchor_len(anchor: &[u8]) -> usize {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    1 + anchor[1..].iter().take_while(is_part).count()
}

/// The length of the tag that the text begins with, as the strict parser reads it.
fn tag_len(tag: &[u8]) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-;/?:@&=+$.%!~*'()".contains(byte);
    if tag.get(1) == Some(&b'<') {
        let uri = tag[2..].iter().take_while(|byte| is_part(byte) || b",[]".contains(byte)).count();
        return 2 + uri + usize::from(tag.get(2 + uri) == Some(&b'>'));
    }
    1 + tag[1..].iter().take_while(|byte| is_part(byte)).count()
}

/// With more of these a long piece is cut finer, and its parts are repaired by themselves.
const MOST_REPAIRS: usize = 32;
/// A short one, which may be a line of `{x:}` that cannot be cut, is read again and again up to so many bytes in all.
const MOST_READ_AGAIN: usize = 1 << 20;

/// What the strict parser is given: the text, changed in the few places where PyYAML is more generous.
struct Input {
    text: String,
    /// Spaces that the text does not have, in order.
    inserted: Vec<Inserted>,
    /// Tabs that `text` has another character for.
    tabs: Vec<u32>,
    /// What `text` has for U+FEFF, which the parser would pass over at the start of a line, and PyYAML does not.
    mark: Option<char>,
    /// It holds a directive that PyYAML passes over and the parser does not. Like the others it belongs to a `---`.
    directive: bool,
    /// Where the text has the digits of half a surrogate pair, in order. `text` has those of `half` there.
    halves: Vec<u32>,
    /// A character that the text has neither as it is nor by its four digits.
    half: char,
}

/// A space before the offset `at` of the text, which stands at `place` in what the parser is given.
#[derive(Clone, Copy)]
struct Inserted {
    at: u32,
    place: u32,
}

impl Input {
    fn new(text: &str, spaces: &[u32]) -> Input {
        let mut input = String::with_capacity(text.len() + spaces.len() + 1);
        let mut inserted = vec![];
        let mut end = 0;
        for at in spaces {
            input += &text[end..*at as usize];
            inserted.push(Inserted { at: *at, place: input.len() as u32 });
            input.push(' ');
            end = *at as usize;
        }
        input += &text[end..];
        // Without it the parser panics in a block scalar.
        if !text.ends_with('\n') {
            input.push('\n');
        }
        let mark = text.contains('\u{feff}').then(|| stand_in(text, None));
        if let Some(mark) = mark {
            input = input.replace('\u{feff}', mark.encode_utf8(&mut [0; 3]));
        }
        Input { text: input, inserted, tabs: vec![], mark, directive: false, halves: vec![], half: '\u{e000}' }
    }

    /// The offset in the text of an offset in what the parser is given.
    fn offset(&self, place: u32) -> u32 {
        place - self.inserted.partition_point(|it| it.place < place) as u32
    }

    /// The other way round.
    fn place(&self, at: u32) -> usize {
        at as usize + self.inserted.partition_point(|it| it.at <= at)
    }

    fn insert_space(&mut self, at: u32) {
        let before = self.inserted.partition_point(|it| it.at <= at);
        let place = at + before as u32;
        self.text.insert(place as usize, ' ');
        self.inserted.insert(before, Inserted { at, place });
        self.inserted[before + 1..].iter_mut().for_each(|it| it.place += 1);
    }

    /// Whether something could be done about a refusal.
    fn repair(&mut self, text: &str, refusal: &Refusal) -> bool {
        let at = (refusal.at as usize).min(text.len());
        let rest = &text.as_bytes()[at..];
        let place = self.place(refusal.at);
        match (refusal.what, rest) {
            // `{gpu:}`: the parser wants a space behind the colon
            ("found unexpected ':'", [b':', b',' | b'[' | b']' | b'{' | b'}', ..]) => {
                self.insert_space(refusal.at + 1);
                true
            }
            // a block scalar whose first line is indented by spaces and then has a tab
            ("found a tab character where an indentation space is expected", [b'\t', ..]) => {
                self.text.replace_range(place..place + 1, "x");
                self.tabs.push(refusal.at);
                true
            }
            // `%YAML 1.3`: any minor version will do
            ("found incompatible YAML document", _) => {
                let line = text[at..].lines().next().unwrap_or("");
                let minor = line.find("1.").map(|it| it + 2).filter(|it| !line[..*it].contains('2'));
                let Some(minor) = minor.filter(|it| line[*it..].starts_with(|c: char| c.is_ascii_digit())) else {
                    return false;
                };
                let digits = line[minor..].bytes().take_while(u8::is_ascii_digit).count();
                let start = place + minor;
                self.text.replace_range(start..start + digits, &format!("{:<digits$}", 1));
                true
            }
            // `%FOO`, which is as good as a comment before the first document
            ("found unknown directive name", _) => {
                let unknown = directives(text).filter(|it| is_unknown_directive(&text[it.range()]));
                let unknown: Vec<u32> = unknown.map(|it| it.start).collect();
                for start in &unknown {
                    let place = self.place(*start);
                    self.text.replace_range(place..place + 1, "#");
                }
                self.directive |= !unknown.is_empty();
                refusal.from.is_some_and(|from| unknown.contains(&from))
            }
            // `"\ud83d\ude00"`: half of a pair is a character to Python. All of them at once: a text may have thousands.
            ("found invalid Unicode character escape code", _) if self.halves.is_empty() => {
                self.halves = halves_of_pairs(text);
                self.half = stand_in(text, self.mark);
                let digits = digits_of(self.half);
                for at in &self.halves {
                    let place = self.place(*at);
                    self.text.replace_range(place..place + 4, &digits);
                }
                !self.halves.is_empty()
            }
            _ => false,
        }
    }

    /// The value of a scalar of the text: what stands for halves of surrogate pairs is U+FFFD if they are escapes, and
    /// otherwise as it is written.
    fn with_halves<'v>(&self, value: Cow<'v, str>, text: &str, style: Style, span: Span) -> Cow<'v, str> {
        let first = self.halves.partition_point(|at| *at < span.start);
        let within = self.halves[first..].iter().take_while(|at| **at < span.end);
        if within.clone().next().is_none() {
            return value;
        }
        if style == Style::DoubleQuoted {
            return value.replace(self.half, "\u{fffd}").into();
        }
        let digits = digits_of(self.half);
        let mut parts = value.split(&*digits);
        let mut whole = parts.next().unwrap_or("").to_string();
        for (at, part) in within.map(|at| *at as usize).zip(parts) {
            whole += &text[at..at + 4];
            whole += part;
        }
        whole.into()
    }
}

/// Where the last four digits of `\ud83d`, `\U0000d83d` and the like stand: halves of surrogate pairs.
fn halves_of_pairs(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut halves = vec![];
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        at += found;
        let digits = match bytes.get(at + 1) {
            Some(b'u') => at + 2,
            Some(b'U') if bytes[at + 2..].starts_with(b"0000") => at + 6,
            _ => text.len(),
        };
        let code = text.get(digits..digits + 4).and_then(|it| u32::from_str_radix(it, 16).ok());
        if code.is_some_and(|it| (0xd800..0xe000).contains(&it)) {
            halves.push(digits as u32);
        }
        // Not at the second backslash of `\\ud83d`.
        at = (at + 2).min(bytes.len());
    }
    halves
}

/// A character other than `other` that the text has neither as it is nor by its digits, as long as U+FEFF and as ordinary
/// as that is within a text.
fn stand_in(text: &str, other: Option<char>) -> char {
    let by_digits = |digits: &[u8]| u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok();
    let escaped = text.as_bytes().windows(4).filter_map(by_digits);
    let used: FxHashSet<u32> = escaped.chain(text.chars().map(u32::from)).filter(|it| *it >= 0xe000).collect();
    let is_free = |c: &char| !used.contains(&u32::from(*c)) && Some(*c) != other;
    ('\u{e000}'..='\u{f8ff}').find(is_free).unwrap_or('\u{e000}')
}

/// The four digits of such a character.
fn digits_of(c: char) -> String {
    format!("{:x}", u32::from(c))
}

/// The line that begins with `%` and is one more than [`MOST_DIRECTIVES`] without a document among them.
fn one_directive_too_many(text: &str) -> Option<u32> {
    memchr::memmem::find(text.as_bytes(), b"%TAG")?;
    let (mut at, mut count) = (0, 0);
    for line in text.split_inclusive(is_break) {
        work::add(line.len());
        match line.trim_start_matches(is_blank).chars().next() {
            Some('%') if line.starts_with('%') => count += 1,
            Some(c) if c != '#' && !is_break(c) => count = 0,
            _ => {}
        }
        if count > MOST_DIRECTIVES {
            return Some(at);
        }
        at += line.len() as u32;
    }
    None
}

/// Whether PyYAML passes over the directive that a line is.
fn is_unknown_directive(line: &str) -> bool {
    let name = line[1..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let len = line.len() - 1 - name.len();
    len > 0 && !matches!(&line[1..=len], "YAML" | "TAG") && name.starts_with(|c| c == ' ' || is_break(c))
}

/// The lines that begin with `%` before the first document.
fn directives(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    let lines = text.split_inclusive(is_break).map(move |line| {
        work::add(line.len());
        at += line.len() as u32;
        (line, Span::new(at - line.len() as u32, at))
    });
    let head = lines.take_while(|(line, _)| {
        line.starts_with('%')
            || line.trim_start_matches(is_blank).chars().next().is_none_or(|c| c == '#' || is_break(c))
    });
    head.filter(|(line, _)| line.starts_with('%')).map(|(_, span)| span)
}

/// Collects the nodes of one text.
struct Reader<'a> {
    text: &'a str,
    input: &'a Input,
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
        Reader { text, input, piece: Piece::default(), open: vec![], end: 0, document: 0 }
    }

    fn read(mut self) -> Result<Piece, Refusal> {
        let mut bytes = self.input.text.as_bytes();
        let mut parser = events::Parser::new();
        parser.set_input_string(&mut bytes);
        // Else it is guessed from the first byte, which U+F000 and all behind it share with a byte order mark.
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
        if let Some(tag) = &tag
            && value.is_empty()
            && style == Style::Plain
            && self.input.inserted.binary_search_by_key(&end, |it| it.at).is_ok()
        {
            let written = self.text[start as usize..end as usize].rsplit(is_blank_or_break).next().unwrap_or("");
            let span = Span::new(end - written.len() as u32, end);
            self.piece.problems.push(problem::tag_before_comma(span, written, tag));
        }
        let value = if end as usize >= self.text.len() { self.without_added_break(value, style) } else { value };
        let span = if style == Style::Plain && value.is_empty() {
            Span::at(if marked { end } else { self.empty_place(start) })
        } else {
            let start = if marked { after_properties(self.text, start) } else { start };
            let block = matches!(style, Style::Literal | Style::Folded);
            let written = &self.text[start as usize..end as usize];
            let content = if block { written.trim_end_matches(|c| c == ' ' || is_break(c)) } else { written };
            Span::new(start, start + content.len() as u32)
        };
        let is_key = self.is_key();
        let id = self.push(Kind::Scalar, style, span);
        let mut value = Cow::from(value);
        if let Some(mark) = self.input.mark.filter(|it| value.contains(*it)) {
            value = value.replace(mark, "\u{feff}").into();
        }
        value = self.input.with_halves(value, self.text, style, span);
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

/// The first offset from `at` on that is not within an anchor, a tag, a comment or a blank.
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
        let before = &text[line_start(text, start + at)..start + at];
        let own_line = before.chars().all(is_blank_or_break);
        acc.push(Comment { span: Span::new(offset, offset + len as u32), own_line });
        at += len;
    }
}

/// Where PyYAML is stricter: within brackets it ends a plain scalar at a `?`, and then wants a comma; and a comment
/// behind a directive or the header of a block scalar has a space before it.
fn stricter(text: &str, nodes: &[Node], acc: &mut Vec<SyntaxProblem>) {
    for line in directives(text).filter(|it| text[it.range()].starts_with("%YAML ")) {
        let comment = text[line.range()].find('#').map(|at| line.start + at as u32);
        let comment = comment.filter(|at| !text[..*at as usize].ends_with([' ', '\t']));
        acc.extend(comment.map(|at| problem::space_before_comment(Span::new(at, at + 1))));
    }
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
pub(crate) fn printable<'a>(text: &'a str, acc: &mut Vec<SyntaxProblem>) -> Cow<'a, str> {
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
