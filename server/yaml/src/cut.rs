//! Cuts a text into pieces that parse independently.
//!
//! Only indentation decides. Nothing is parsed and no state is kept, so that the cuts are a pure function of the text, and
//! an edited text is cut like a new one.
//!
//! ```yaml
//! env:            # a head …
//!   A: 1          # … and its entries, in runs of some dozens
//!   B: 2
//! commands:       # a line at the indentation of the collection starts its next entry
//!   - echo hi     # blank lines and comments stay with the entry before them
//! ```
//!
//! Quoted and flow text that reaches the left margin is cut in two here. The parts do not parse then, and [`crate::syntax`]
//! reads the text as one piece.

use crate::lines::break_len;

/// The span of a piece. The pieces of a text cover it without gaps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cut {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The indentation of the first line with content, or [`NO_CONTENT`].
    pub(crate) indent: u32,
    /// The index of its document.
    pub(crate) document: u32,
    /// Whether it is a line `---`, which starts its document.
    pub(crate) marker: bool,
}

/// The sizes of pieces. Only tests use another value than the default.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grain {
    /// Minimum number of lines in a run of entries.
    pub shortest_run: usize,
    /// Number of lines after which a run ends at the next entry, whatever its content.
    pub longest_run: usize,
    /// Maximum number of lines of an entry that is not cut; a longer one is cut into its head and its children.
    pub longest_entry: usize,
    /// A run ends before an entry whose hash has none of these bits. So the content determines the borders, and an inserted
    /// line does not move the borders after it.
    pub border: u64,
}

impl Grain {
    /// The fastest sizes.
    pub const DEFAULT: Grain = Grain { shortest_run: 32, longest_run: 256, longest_entry: 128, border: 7 };
    /// Each entry separately, and heads separate from their children.
    pub const ENTRIES: Grain = Grain { shortest_run: 0, longest_run: 0, longest_entry: 1, border: 0 };
    /// Runs of a few lines.
    pub const SMALL: Grain = Grain { shortest_run: 2, longest_run: 8, longest_entry: 3, border: 1 };
    /// No cuts.
    pub const WHOLE: Grain =
        Grain { shortest_run: usize::MAX, longest_run: usize::MAX, longest_entry: usize::MAX, border: 0 };

    /// Each entry separately, but with its children.
    const SIBLINGS: Grain = Grain { longest_entry: usize::MAX, ..Grain::ENTRIES };
}

impl Default for Grain {
    fn default() -> Grain {
        Grain::DEFAULT
    }
}

/// Maximum depth of nested heads that are cut; deeper entries stay whole.
const MAX_DEPTH: u32 = 48;

/// Returns the pieces of a text; none for an empty text. A byte order mark at its start is in none of them: PyYAML ignores
/// that one, and reads any other as text.
pub(crate) fn cut(text: &str, grain: Grain) -> Vec<Cut> {
    let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = (text.len() - rest.len()) as u32;
    let mut cuts = pieces(rest, grain);
    for cut in &mut cuts {
        cut.start += mark;
        cut.end += mark;
    }
    cuts
}

fn pieces(text: &str, grain: Grain) -> Vec<Cut> {
    let whole = || vec![Cut { start: 0, end: text.len() as u32, indent: 0, document: 0, marker: false }];
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return vec![];
    }
    if grain == Grain::WHOLE || has_odd_breaks(bytes) {
        return whole();
    }
    let lines = lines(bytes);
    let mut cutter = Cutter { bytes, lines: &lines, out: Vec::with_capacity(lines.len() / 40 + 4), grain, document: 0 };
    let mut from = 0;
    for (line, it) in lines.iter().enumerate() {
        if it.indent != 0 {
            continue;
        }
        let content = &bytes[it.start as usize..];
        let marker = |mark: &[u8]| content.starts_with(mark) && is_blank(&content[3..]);
        if content[0] == b'%' || marker(b"...") {
            return whole();
        }
        if marker(b"---") {
            let rest = cutter.line(line, 3).trim_ascii_start();
            if !rest.is_empty() && rest[0] != b'#' {
                return whole();
            }
            cutter.block(from, line, None, 0);
            cutter.document += 1;
            cutter.push(line, line + 1, true);
            from = line + 1;
        }
    }
    cutter.block(from, lines.len(), None, 0);
    cutter.out
}

/// Cuts a piece that does not parse one level finer: into its entries; a single entry into its head and its children if
/// `children` is set.
pub(crate) fn finer(text: &str, children: bool) -> Vec<Cut> {
    let lines = lines(text.as_bytes());
    let with = |grain| {
        let mut cutter = Cutter { bytes: text.as_bytes(), lines: &lines, out: vec![], grain, document: 0 };
        cutter.block(0, lines.len(), None, MAX_DEPTH - 1);
        cutter.out
    };
    let entries = with(Grain::SIBLINGS);
    if entries.len() > 1 || !children { entries } else { with(Grain::ENTRIES) }
}

/// Cuts an entry that does not parse as finely as possible: before the line with the mistake at `at`, or before each of its
/// lines that looks like an entry.
pub(crate) fn into_lines(text: &str, at: Option<u32>) -> Vec<Cut> {
    let lines = lines(text.as_bytes());
    let mut cutter = Cutter { bytes: text.as_bytes(), lines: &lines, out: vec![], grain: Grain::SIBLINGS, document: 0 };
    let has_content = |line: &usize| !matches!(cutter.line(*line, 0).trim_ascii_start(), [] | [b'#', ..]);
    let mut from = (0..lines.len()).find(has_content).unwrap_or(0);
    let failed = at.map(|at| lines.partition_point(|line| line.start <= at).saturating_sub(1));
    let starts: Vec<usize> = match failed {
        Some(failed) => (from + 1..lines.len()).filter(|line| *line == failed).collect(),
        None => (from + 1..lines.len())
            .filter(|line| match lines[*line].indent {
                NO_CONTENT => has_content(line),
                indent => opens_entry(cutter.line(*line, indent)),
            })
            .collect(),
    };
    from = 0;
    for line in starts {
        cutter.push(from, line, false);
        from = line;
    }
    cutter.push(from, lines.len(), false);
    cutter.out
}

#[derive(Clone, Copy)]
struct Line {
    start: u32,
    /// The number of leading spaces, or [`NO_CONTENT`].
    indent: u32,
}

/// The indentation of a line that is blank, a comment, or indented with tabs. Such a line starts and ends no collection.
pub(crate) const NO_CONTENT: u32 = u32::MAX;

fn lines(bytes: &[u8]) -> Vec<Line> {
    let mut lines = Vec::with_capacity(bytes.len() / 24 + 8);
    let mut push = |start: usize| {
        let indent = bytes[start..].iter().take_while(|byte| **byte == b' ').count();
        let rest = &bytes[start + indent..];
        let empty = matches!(rest.first(), None | Some(b'\t' | b'#')) || break_len(rest) > 0;
        lines.push(Line { start: start as u32, indent: if empty { NO_CONTENT } else { indent as u32 } });
    };
    let mut start = 0;
    if has_odd_breaks(bytes) {
        let mut end = 0;
        while end < bytes.len() {
            let len = break_len(&bytes[end..]);
            end += len.max(1);
            if len > 0 {
                push(start);
                start = end;
            }
        }
    } else {
        for end in memchr::memchr_iter(b'\n', bytes) {
            push(start);
            start = end + 1;
        }
    }
    if start < bytes.len() {
        push(start);
    }
    lines
}

/// NEL, LS and PS.
const ODD_BREAKS: [&[u8]; 3] = [b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9"];

/// Whether there are line breaks other than LF and CRLF.
fn has_odd_breaks(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\r', bytes).any(|i| bytes.get(i + 1) != Some(&b'\n'))
        || !bytes.is_ascii()
            && memchr::memchr2_iter(0xc2, 0xe2, bytes).any(|i| ODD_BREAKS.iter().any(|it| bytes[i..].starts_with(it)))
}

/// Whether a token ends before `rest`: at a blank, a line break, or the end.
fn is_blank(rest: &[u8]) -> bool {
    matches!(rest.first(), None | Some(b' ' | b'\t')) || break_len(rest) > 0
}

fn is_item(line: &[u8]) -> bool {
    line.first() == Some(&b'-') && is_blank(&line[1..])
}

/// Returns the line without its comment and trailing blanks.
fn without_comment(line: &[u8]) -> &[u8] {
    let comment = (1..line.len()).find(|i| line[*i] == b'#' && matches!(line[i - 1], b' ' | b'\t'));
    line[..comment.unwrap_or(line.len())].trim_ascii_end()
}

/// Whether the line looks like `- …`, `? …`, `key: …` or `"key": …`.
fn opens_entry(line: &[u8]) -> bool {
    let line = without_comment(line);
    match line {
        [] => false,
        [b'-' | b'?', rest @ ..] if is_blank(rest) => true,
        [b'[' | b']' | b'{' | b'}' | b'|' | b'>' | b'&' | b'*' | b'!' | b'%' | b'@' | b'`' | b',' | b'#', ..] => false,
        [quote @ (b'"' | b'\''), rest @ ..] => {
            memchr::memchr(*quote, rest).is_some_and(|end| rest[end + 1..].trim_ascii_start().first() == Some(&b':'))
        }
        _ => memchr::memchr_iter(b':', line).any(|i| is_blank(&line[i + 1..])),
    }
}

fn is_word(line: &[u8]) -> bool {
    line.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// How an entry is cut.
enum Inside {
    /// `- key: …`: the text after the dash is a block of its own, at this column.
    Item(u32),
    /// `key:`, with its children from this line on.
    Head(usize),
}

struct Cutter<'a> {
    bytes: &'a [u8],
    lines: &'a [Line],
    out: Vec<Cut>,
    grain: Grain,
    document: u32,
}

impl<'a> Cutter<'a> {
    /// Cuts the lines `first..end`, which are consecutive block collections. `column` is where the text of the first entry
    /// starts, if that is not its indentation.
    fn block(&mut self, first: usize, end: usize, column: Option<u32>, depth: u32) {
        let mut run = first;
        let mut entry = self.content(first, end);
        if entry >= end {
            return self.push(first, end, false);
        }
        let mut indent = column.unwrap_or(self.lines[entry].indent);
        let mut items = is_item(self.line(entry, indent));
        while entry < end {
            let next = self.next_entry(entry, end, indent, items);
            let long = next - entry > self.grain.longest_entry && depth < MAX_DEPTH;
            if long && let Some(inside) = self.inside(entry, next, indent) {
                self.push(run, entry, false);
                match inside {
                    Inside::Item(column) => self.block(entry, next, Some(column), depth + 1),
                    Inside::Head(children) => {
                        self.push(entry, children, false);
                        self.block(children, next, None, depth + 1);
                    }
                }
                run = next;
            } else if next < end && self.is_border(next, next - run) {
                self.push(run, next, false);
                run = next;
            }
            if next < end && self.lines[next].indent < indent {
                self.push(run, next, false);
                run = next;
                indent = self.lines[next].indent;
                items = is_item(self.line(next, indent));
            }
            entry = next;
        }
        self.push(run, end, false);
    }

    /// Returns the first line after `entry` that starts an entry at `indent` or is indented less.
    fn next_entry(&self, entry: usize, end: usize, indent: u32, items: bool) -> usize {
        (entry + 1..end)
            .find(|line| {
                let it = self.lines[*line];
                it.indent < indent || it.indent == indent && !self.goes_on(it, items)
            })
            .unwrap_or(end)
    }

    /// Whether a line at the indentation of a collection nevertheless belongs to the entry before it.
    fn goes_on(&self, line: Line, items: bool) -> bool {
        match &self.bytes[(line.start + line.indent) as usize..] {
            // Closing brackets at the margin. libyaml also accepts the header of a block scalar there.
            [b']' | b'}' | b',' | b'|' | b'>', ..] => true,
            // The value of `? key`.
            [b':', rest @ ..] => is_blank(rest),
            // A list at the indentation of its key.
            content => !items && is_item(content),
        }
    }

    /// Returns how a long entry can be cut; `None` if it is not certain that its parts parse independently.
    fn inside(&self, entry: usize, end: usize, column: u32) -> Option<Inside> {
        let head = self.line(entry, column);
        let children = self.content(entry + 1, end);
        let first = self.lines.get(children).filter(|_| children < end)?;
        let child = self.line(children, first.indent);
        // The first child may be a half-typed word: no key can follow plain text.
        let second = self.content(children + 1, end);
        let above_key = second < end && self.lines[second].indent == first.indent && {
            let second = self.line(second, first.indent);
            opens_entry(second) && !matches!(second[0], b'-' | b'?')
        };
        let below = opens_entry(child) && (first.indent > column || first.indent == column && is_item(child))
            || is_word(child) && above_key && first.indent > column;
        if is_item(head) {
            let Some(skip) = head[1..].iter().position(|byte| *byte != b' ') else {
                return below.then_some(Inside::Head(children));
            };
            let text = &head[1 + skip..];
            return (text[0] != b'#' && opens_entry(text)).then_some(Inside::Item(column + 1 + skip as u32));
        }
        let key = opens_entry(head) && head[0] != b'?' && without_comment(head).ends_with(b":");
        // A half-typed word above deeper `key: …` lines is never YAML, so it is separate.
        let half_typed = is_word(head) && !opens_entry(head) && first.indent > column && !is_item(child);
        ((key || half_typed) && below).then_some(Inside::Head(children))
    }

    fn is_border(&self, line: usize, run: usize) -> bool {
        run >= self.grain.shortest_run.max(1)
            && (run >= self.grain.longest_run || hash(self.line(line, 0)) & self.grain.border == 0)
    }

    /// Returns the line from `column` on, without trailing blanks.
    fn line(&self, line: usize, column: u32) -> &'a [u8] {
        let end = self.offset(line + 1) as usize;
        let start = (self.lines[line].start.saturating_add(column) as usize).min(end);
        let line = &self.bytes[start..end];
        let odd = ODD_BREAKS.iter().find_map(|it| line.strip_suffix(*it));
        odd.unwrap_or(line).trim_ascii_end()
    }

    fn offset(&self, line: usize) -> u32 {
        self.lines.get(line).map_or(self.bytes.len() as u32, |it| it.start)
    }

    /// Returns the first line with content.
    fn content(&self, first: usize, end: usize) -> usize {
        (first..end).find(|line| self.lines[*line].indent != NO_CONTENT).unwrap_or(end)
    }

    fn push(&mut self, first: usize, end: usize, marker: bool) {
        if first < end {
            let content = self.content(first, end);
            let indent = if content < end { self.lines[content].indent } else { NO_CONTENT };
            let (start, end) = (self.offset(first), self.offset(end));
            self.out.push(Cut { start, end, indent, document: self.document, marker });
        }
    }
}

/// Hashes the first 40 bytes of a line, well enough to choose borders.
fn hash(line: &[u8]) -> u64 {
    let mix = |hash: u64, chunk: &[u8]| {
        let mut bytes = [0; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        let hash = (hash ^ u64::from_le_bytes(bytes)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^ hash >> 29
    };
    line[..line.len().min(40)].chunks(8).fold(0x5bd1_e995, mix) >> 17
}
