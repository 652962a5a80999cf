//! A text and its positions.
//!
//! Everything inside the project counts bytes ([`Span`], offsets); lines and columns exist only here and at the
//! protocol's edge. A line ends with LF, CRLF or CR, as the protocol says.

use std::sync::Arc;

/// A text that can be edited cheaply, shared freely and asked for positions.
#[derive(Clone, Debug)]
pub struct Text {
    rope: ropey::Rope,
    flat: Arc<str>,
    /// Offset of the first byte of each line.
    lines: Arc<[u32]>,
}

/// A range of bytes, `start..end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A place by line and column, both counted from 0; the unit of `column` is that of an [`Encoding`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 0.
    pub line: u32,
    /// Column, from 0.
    pub column: u32,
}

/// What a column counts.
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

impl Span {
    /// `start..end`.
    pub fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }
    /// The empty span at `offset`.
    pub fn at(offset: u32) -> Span {
        Span { start: offset, end: offset }
    }
    /// Whether it spans no byte.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }
    /// Whether `offset` is within, or at the end.
    pub fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }
    /// Whether the two have a byte in common, or touch.
    pub fn meets(self, other: Span) -> bool {
        self.start <= other.end && other.start <= self.end
    }
    /// As a range of `usize`, to index a string.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Text {
    /// A text from its characters.
    pub fn new(text: &str) -> Text {
        Text::from_rope(ropey::Rope::from_str(text))
    }

    fn from_rope(rope: ropey::Rope) -> Text {
        let flat: Arc<str> = rope.to_string().into();
        let bytes = flat.as_bytes();
        let mut lines = vec![0];
        for (i, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || *byte == b'\r' && bytes.get(i + 1) != Some(&b'\n') {
                lines.push(i as u32 + 1);
            }
        }
        Text { rope, flat, lines: lines.into() }
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.flat
    }

    /// The characters, shared.
    pub fn shared(&self) -> Arc<str> {
        self.flat.clone()
    }

    /// Bytes.
    pub fn len(&self) -> u32 {
        self.flat.len() as u32
    }

    /// Whether it has no byte.
    pub fn is_empty(&self) -> bool {
        self.flat.is_empty()
    }

    /// How many lines there are; one more than line breaks.
    pub fn line_count(&self) -> u32 {
        self.lines.len() as u32
    }

    /// The bytes of a line without its line break; beyond the last line, the empty span at the end.
    pub fn line(&self, line: u32) -> Span {
        let Some(start) = self.lines.get(line as usize).copied() else { return Span::at(self.len()) };
        let end = self.lines.get(line as usize + 1).map_or(self.len(), |it| *it);
        let content = self.flat[start as usize..end as usize].trim_end_matches(['\n', '\r']);
        Span::new(start, start + content.len() as u32)
    }

    /// Line and column of `offset`; an offset beyond the end is the end, one within a character its start.
    pub fn position(&self, offset: u32, encoding: Encoding) -> Position {
        let mut offset = offset.min(self.len());
        while !self.flat.is_char_boundary(offset as usize) {
            offset -= 1;
        }
        let line = self.lines.partition_point(|start| *start <= offset) as u32 - 1;
        let before = &self.flat[self.lines[line as usize] as usize..offset as usize];
        let column = match encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
            Encoding::Utf32 => before.chars().count(),
        };
        Position { line, column: column as u32 }
    }

    /// The offset of a position. A column beyond the line's end is the line's end, one within a character the
    /// character's start, a line beyond the last one the end of the text: as the protocol says.
    pub fn offset(&self, position: Position, encoding: Encoding) -> u32 {
        let span = self.line(position.line);
        let mut column = 0;
        for (i, c) in self.flat[span.range()].char_indices() {
            column += match encoding {
                Encoding::Utf8 => c.len_utf8(),
                Encoding::Utf16 => c.len_utf16(),
                Encoding::Utf32 => 1,
            };
            if column > position.column as usize {
                return span.start + i as u32;
            }
        }
        span.end
    }

    /// The text after `edits`.
    pub fn edited(&self, edits: &crate::Edits) -> Text {
        let mut rope = self.rope.clone();
        for edit in edits.iter().rev() {
            let chars = rope.byte_to_char(edit.span.start as usize)..rope.byte_to_char(edit.span.end as usize);
            rope.remove(chars.clone());
            rope.insert(chars.start, &edit.text);
        }
        Text::from_rope(rope)
    }
}
