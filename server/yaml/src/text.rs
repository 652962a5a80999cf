//! A text and its positions.
//!
//! All offsets inside the project count bytes ([`Span`]); lines and columns only exist here and where the protocol is
//! converted. A line ends with LF, CRLF or CR, as the protocol defines.
//!
//! A [`Text`] is stored three times: as a rope, which makes a change cheap; as one string, for reading; and as a table of
//! lines and columns. A lookup takes 10 ns in the table and 450 in the rope, and a message of many changes builds the
//! string and the table only once.

mod columns;

use std::sync::Arc;

use ropey::{Rope, RopeSlice};

use crate::{
    edits::Edits,
    span::{Span, floor},
    work,
};
use columns::{BLOCK, Before, blocks};

/// A text with cheap edits, cheap clones and fast conversion of positions.
#[derive(Clone, Debug)]
pub struct Text {
    rope: Rope,
    flat: Arc<str>,
    /// The offset of the first byte of each line.
    lines: Arc<[u32]>,
    /// For each block of [`BLOCK`] bytes, the number of characters before it; `None` if the text is ASCII, so that every
    /// column is a byte. A line may be as long as the text: counting columns from its start, for each of a thousand
    /// diagnostics, would take seconds.
    blocks: Option<Arc<[Before]>>,
}

/// A position by line and column, both counted from 0; the unit of `column` is that of an [`Encoding`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 0.
    pub line: u32,
    /// Column, from 0.
    pub column: u32,
}

/// The unit of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, the protocol's default.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

/// One change of a message. Each of several changes refers to the text after the previous one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The range that is replaced; `None` replaces the whole text.
    pub range: Option<(Position, Position)>,
    /// The new text.
    pub text: String,
}

impl Text {
    /// Creates a text. Offsets are 32 bits wide: anything beyond 4 GiB is left out.
    pub fn new(text: &str) -> Text {
        Text::from_rope(Rope::from_str(text))
    }

    fn from_rope(mut rope: Rope) -> Text {
        if rope.len_bytes() > u32::MAX as usize {
            rope.remove(rope.byte_to_char(u32::MAX as usize)..);
        }
        let flat: Arc<str> = rope.to_string().into();
        let bytes = flat.as_bytes();
        let breaks = memchr::memchr2_iter(b'\n', b'\r', bytes)
            .filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'))
            .map(|at| at as u32 + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        let blocks = (!flat.is_ascii()).then(|| blocks(bytes));
        Text { rope, flat, lines, blocks }
    }

    /// Returns the text as a string.
    pub fn as_str(&self) -> &str {
        &self.flat
    }

    /// Returns the text as a shared string.
    pub fn shared(&self) -> Arc<str> {
        self.flat.clone()
    }

    /// Returns the length in bytes.
    pub fn len(&self) -> u32 {
        self.flat.len() as u32
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.flat.is_empty()
    }

    /// Returns the span of a line without its line break; for a line beyond the last one, the empty span at the end.
    pub fn line(&self, line: u32) -> Span {
        let Some(start) = self.lines.get(line as usize).copied() else { return Span::at(self.len()) };
        let Some(next) = self.lines.get(line as usize + 1).copied() else { return Span::new(start, self.len()) };
        let crlf = self.flat[start as usize..next as usize].ends_with("\r\n");
        Span::new(start, next - if crlf { 2 } else { 1 })
    }

    /// Returns the line of `offset`. The offset between CR and LF is on the line that they end.
    pub fn line_of(&self, offset: u32) -> u32 {
        self.lines.partition_point(|start| *start <= offset) as u32 - 1
    }

    /// Returns the position of `offset`. An offset beyond the end is the end, one within a character its start, one between
    /// CR and LF the end of the line.
    pub fn position(&self, offset: u32, encoding: Encoding) -> Position {
        let line = self.line_of(offset);
        let span = self.line(line);
        let (start, offset) = (span.start as usize, floor(&self.flat, offset.min(span.end)));
        let column = match offset - start {
            // Most lines are shorter than a block.
            near if near <= BLOCK => {
                work::add(near);
                Before::default().after(&self.flat.as_bytes()[start..offset]).units_of(encoding, near)
            }
            _ => self.units(offset, encoding) - self.units(start, encoding),
        };
        Position { line, column }
    }

    /// Returns the start and end of `span` as positions.
    pub fn range(&self, span: Span, encoding: Encoding) -> (Position, Position) {
        (self.position(span.start, encoding), self.position(span.end, encoding))
    }

    /// Returns the offset of a position. As the protocol defines, a column beyond the end of the line is the end of the
    /// line, a column within a character the start of the character, and a line beyond the last one the end of the text.
    pub fn offset(&self, position: Position, encoding: Encoding) -> u32 {
        let line = self.line(position.line);
        let (start, end) = (line.start as usize, line.end as usize);
        let Some(blocks) = self.blocks.as_ref().filter(|_| encoding != Encoding::Utf8) else {
            return floor(&self.flat, line.start.saturating_add(position.column).min(line.end)) as u32;
        };
        let wanted = self.units(start, encoding).saturating_add(position.column);
        let within = &blocks[start / BLOCK..=end / BLOCK];
        let block = start / BLOCK + within.partition_point(|it| it.units(encoding) <= wanted).saturating_sub(1);
        let near = start.max(block * BLOCK);
        let mut units = self.units(near, encoding);
        let before = self.flat.as_bytes()[near..end].iter().take_while(|byte| {
            units += Before::default().after(&[**byte]).units(encoding);
            units <= wanted
        });
        let before = before.count();
        work::add(before);
        (near + before) as u32
    }

    /// Returns the number of units before `at` in the whole text. Reads less than a block.
    fn units(&self, at: usize, encoding: Encoding) -> u32 {
        let Some(blocks) = self.blocks.as_ref().filter(|_| encoding != Encoding::Utf8) else { return at as u32 };
        let block = at / BLOCK;
        work::add(at - block * BLOCK);
        blocks[block].after(&self.flat.as_bytes()[block * BLOCK..at]).units(encoding)
    }

    /// Returns the span between two positions in any order.
    pub fn span(&self, start: Position, end: Position, encoding: Encoding) -> Span {
        let (start, end) = (self.offset(start, encoding), self.offset(end, encoding));
        Span::new(start.min(end), start.max(end))
    }

    /// Returns the text after `edits`.
    pub fn edited(&self, edits: &Edits) -> Text {
        let mut rope = self.rope.clone();
        for edit in edits.iter().rev() {
            // From the last to the first, so that the offsets before an edit remain those of `flat`.
            let start = rope.byte_to_char(floor(&self.flat, edit.span.start));
            let end = rope.byte_to_char(floor(&self.flat, edit.span.end));
            splice(&mut rope, start, end, &edit.text);
        }
        Text::from_rope(rope)
    }

    /// Returns the text after the changes of one message, each of which refers to the text after the previous one.
    /// Positions are interpreted as in [`Text::offset`]; the ends of a range may be in reverse order.
    pub fn changed(&self, changes: &[Change], encoding: Encoding) -> Text {
        let mut rope = self.rope.clone();
        for change in changes {
            match change.range {
                None => rope = Rope::from_str(&change.text),
                Some((start, end)) => {
                    let (start, end) = (rope_char(&rope, start, encoding), rope_char(&rope, end, encoding));
                    splice(&mut rope, start.min(end), start.max(end), &change.text);
                }
            }
        }
        Text::from_rope(rope)
    }
}

/// Returns the index, in characters, of a position in a rope.
fn rope_char(rope: &Rope, position: Position, encoding: Encoding) -> usize {
    let line = position.line as usize;
    if line >= rope.len_lines() {
        return rope.len_chars();
    }
    let content = without_break(rope.line(line));
    let column = position.column as usize;
    let chars = match encoding {
        Encoding::Utf8 => content.byte_to_char(column.min(content.len_bytes())),
        Encoding::Utf16 => content.utf16_cu_to_char(column.min(content.len_utf16_cu())),
        Encoding::Utf32 => column.min(content.len_chars()),
    };
    rope.line_to_char(line) + chars
}

fn without_break(line: RopeSlice<'_>) -> RopeSlice<'_> {
    let mut end = line.len_chars();
    if end > 0 && line.char(end - 1) == '\n' {
        end -= 1;
        if end > 0 && line.char(end - 1) == '\r' {
            end -= 1;
        }
    } else if end > 0 && line.char(end - 1) == '\r' {
        end -= 1;
    }
    line.slice(..end)
}

fn splice(rope: &mut Rope, start: usize, end: usize, text: &str) {
    if start < end {
        rope.remove(start..end);
    }
    if !text.is_empty() {
        rope.insert(start, text);
    }
}

/// Returns the number of bytes that two texts have in common at their start and at their end: whole characters, and the two
/// parts do not overlap in either text.
pub fn common_ends(one: &str, other: &str) -> (usize, usize) {
    let is_boundary = |at: &usize| one.is_char_boundary(*at) && other.is_char_boundary(*at);
    let (a, b) = (one.as_bytes(), other.as_bytes());
    let blocks = a.chunks(COMPARED).zip(b.chunks(COMPARED)).take_while(|(a, b)| a == b);
    let same: usize = blocks.map(|it| it.0.len()).sum();
    let same = same + a[same..].iter().zip(&b[same..]).take_while(|(a, b)| a == b).count();
    let head = (0..=same).rev().find(is_boundary).unwrap_or(0);

    let (a, b) = (&a[head..], &b[head..]);
    let blocks = a.rchunks(COMPARED).zip(b.rchunks(COMPARED)).take_while(|(a, b)| a == b);
    let same: usize = blocks.map(|it| it.0.len()).sum();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    let same = same + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let is_boundary = |at: &usize| one.is_char_boundary(one.len() - at) && other.is_char_boundary(other.len() - at);
    (head, (0..=same).rev().find(is_boundary).unwrap_or(0))
}

/// Number of bytes that are compared at once.
const COMPARED: usize = 256;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::edits::Edit;

    const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

    #[test]
    fn breaks_lines_as_the_protocol_does() {
        // A crate that enables `unicode_lines` of ropey would enable it here, too; the rope would then count 8 lines.
        let text = "a\r b\u{2028} c\u{85} d\u{b} e\u{c} f \r\n g \n";
        assert_eq!(Text::new(text).lines.len(), 4);
        assert_eq!(Rope::from_str(text).len_lines(), 4);
    }

    #[test]
    fn clamps_as_the_protocol_says() {
        let text = Text::new("a😀b\r\nc");
        let offset = |line, column, encoding| text.offset(Position { line, column }, encoding);
        assert_eq!(offset(0, 1, Encoding::Utf16), 1);
        assert_eq!(offset(0, 2, Encoding::Utf16), 1, "within a surrogate pair: down");
        assert_eq!(offset(0, 3, Encoding::Utf16), 5);
        assert_eq!(offset(0, 2, Encoding::Utf8), 1, "within a character: down");
        assert_eq!(offset(0, 99, Encoding::Utf16), 6, "beyond the line: its end, before the break");
        assert_eq!(offset(1, 99, Encoding::Utf16), 9);
        assert_eq!(offset(2, 0, Encoding::Utf16), 9, "beyond the last line: the end");
        assert_eq!(offset(u32::MAX, u32::MAX, Encoding::Utf32), 9);
        assert_eq!(text.position(3, Encoding::Utf16), Position { line: 0, column: 1 }, "within a character");
        assert_eq!(text.position(7, Encoding::Utf16), Position { line: 0, column: 4 }, "between CR and LF");
        assert_eq!(text.position(u32::MAX, Encoding::Utf16), Position { line: 1, column: 1 });
    }

    #[test]
    fn takes_several_changes_of_one_message() {
        let at = |line, column| Position { line, column };
        let change = |range, text: &str| Change { range, text: text.to_string() };
        let text = Text::new("type: task\nname: x\n");
        let changed = text.changed(
            &[
                change(Some((at(1, 6), at(1, 7))), "😀\r\nport: 1"),
                change(Some((at(2, 4), at(1, 8))), ""),
                change(Some((at(9, 9), at(7, 7))), "end"),
            ],
            Encoding::Utf16,
        );
        assert_eq!(changed.as_str(), "type: task\nname: 😀: 1\nend");
        assert_eq!(changed.changed(&[change(None, "a\rb")], Encoding::Utf16).lines.len(), 2);
    }

    #[test]
    fn edits_beyond_the_end_or_within_a_character_are_clamped() {
        let text = Text::new("a😀b");
        for (start, end) in [(0, 99), (3, 4), (99, 200), (2, 99), (6, 6)] {
            let edits = Edits::replace(Span::new(start, end), "x");
            assert_eq!(text.edited(&edits).as_str(), edits.apply(text.as_str()));
        }
    }

    /// Converts every tenth byte of one line to a position and back, in each encoding. Returns the work done.
    fn work_of_positions(part: &str, times: usize) -> u64 {
        let text = Text::new(&part.repeat(times));
        let before = work::done();
        for encoding in ENCODINGS {
            for offset in (0..text.len()).step_by(10) {
                let position = text.position(offset, encoding);
                assert_eq!(text.offset(position, encoding), floor(&text.flat, offset) as u32);
            }
        }
        work::done() - before
    }

    #[test]
    fn a_position_costs_the_same_wherever_it_is_on_a_line() {
        for part in ["ab, ", "ü, ", "😀a, ", "\u{2028}x: "] {
            let (few, many) = (work_of_positions(part, 1_000), work_of_positions(part, 8_000));
            assert!(many <= 10 * few, "{part:?}: {few} units of work, {many} on a line that is 8 times as long");
        }
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop::collection::vec(
            prop::sample::select(vec!["a", " ", "\n", "\r", "\r\n", "é", "値", "😀", "\u{2028}"]),
            0..40,
        )
        .prop_map(|parts| parts.concat())
    }

    /// Computes a position in the simplest way.
    fn naive(text: &str, offset: usize, encoding: Encoding) -> Position {
        let before = text[..floor(text, offset as u32)].replace("\r\n", "\n");
        let is_break = |c: char| c == '\n' || c == '\r';
        let last = before.rsplit(is_break).next().unwrap_or("");
        let column = match encoding {
            Encoding::Utf8 => last.len(),
            Encoding::Utf16 => last.encode_utf16().count(),
            Encoding::Utf32 => last.chars().count(),
        };
        Position { line: before.matches(is_break).count() as u32, column: column as u32 }
    }

    proptest! {
        #[test]
        fn positions_equal_the_naive_ones(text in any_text()) {
            let it = Text::new(&text);
            for encoding in ENCODINGS {
                for offset in 0..=text.len() + 2 {
                    let position = it.position(offset as u32, encoding);
                    let crlf = text.as_bytes().get(offset.wrapping_sub(1)..offset + 1) == Some(b"\r\n");
                    let asked = if crlf { offset - 1 } else { offset };
                    prop_assert_eq!(position, naive(&text, asked, encoding), "{:?} at {}", text, offset);
                    let back = it.offset(position, encoding) as usize;
                    prop_assert_eq!(back, floor(&text, asked.min(text.len()) as u32), "round trip");
                }
            }
        }

        #[test]
        fn changes_equal_replaced_ranges(
            text in any_text(),
            changes in prop::collection::vec((any_text(), 0u32..9, 0u32..9, 0u32..9, 0u32..9), 0..6),
            which in 0usize..3,
        ) {
            let encoding = ENCODINGS[which];
            let mut expected = text.clone();
            let mut list = vec![];
            for (text, line, column, end_line, end_column) in changes {
                let range = (Position { line, column }, Position { line: end_line, column: end_column });
                let now = Text::new(&expected);
                expected.replace_range(now.span(range.0, range.1, encoding).range(), &text);
                list.push(Change { range: Some(range), text });
            }
            let changed = Text::new(&text).changed(&list, encoding);
            prop_assert_eq!(changed.as_str(), &expected);
            prop_assert_eq!(changed.lines, Text::new(&expected).lines);
        }

        #[test]
        fn edited_equals_apply(text in any_text(), cuts in prop::collection::vec((0u32..130, any_text()), 0..8)) {
            let mut offsets: Vec<u32> = cuts.iter().map(|it| it.0).collect();
            offsets.sort();
            let list = offsets.chunks(2).zip(&cuts).map(|(pair, cut)| Edit {
                span: Span::new(pair[0], *pair.last().unwrap_or(&pair[0])),
                text: cut.1.clone(),
            });
            let edits = Edits::new(list.collect()).expect("disjoint");
            let edited = Text::new(&text).edited(&edits);
            prop_assert_eq!(edited.as_str(), edits.apply(&text));
        }
    }

    proptest! {
        #[test]
        fn common_ends_are_maximal_and_equal(
            head in "[aé€]{0,700}", tail in "[aé🞄]{0,700}", one in "[aè]{0,3}", other in "[aé🞅]{0,3}"
        ) {
            let (one, other) = (format!("{head}{one}{tail}"), format!("{head}{other}{tail}"));
            let (start, end) = common_ends(&one, &other);
            prop_assert_eq!(&one[..start], &other[..start]);
            prop_assert_eq!(&one[one.len() - end..], &other[other.len() - end..]);
            let (one, other) = (&one[start..one.len() - end], &other[start..other.len() - end]);
            prop_assert!(one.is_empty() && other.is_empty() || one.chars().next() != other.chars().next());
            prop_assert!(one.is_empty() && other.is_empty() || one.chars().next_back() != other.chars().next_back());
        }
    }
}
