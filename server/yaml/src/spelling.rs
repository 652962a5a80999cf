//! The spelling of a scalar's value in the text: quotes, escapes, folded lines, indentation.
//!
//! Grammars refer to the value (`A100:8`), editors to the text (`"A100:8"`, or a line of a `|` block). This maps one to the
//! other.

use std::ops::Range;

use crate::{
    chars::{is_blank_or_break, is_break},
    node::{Kind, NodeId, Style},
    span::Span,
    tree::Tree,
    write::source::Source,
};

/// The mapping between a scalar's value and its text.
#[derive(Clone, Debug)]
pub struct Spelling {
    /// In order, without gaps in the value.
    parts: Vec<Part>,
    /// The offset of an empty value, or the end of the last part.
    end: u32,
}

/// A part of the value, with its spelling.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// The range in the value.
    cooked: Span,
    /// The range in the text. If it is as long as `cooked`, it is verbatim; otherwise it is an escape or a fold, which
    /// cannot be divided.
    source: Span,
}

impl Spelling {
    /// Returns the spelling of a scalar. `None` for other nodes, and if the text does not correspond to the value.
    pub fn of(tree: &Tree, node: NodeId) -> Option<Spelling> {
        if tree.kind(node) != Kind::Scalar {
            return None;
        }
        let (span, value) = (tree.span(node), tree.value(node));
        let mut reader = Reader { text: tree.source(), at: span.start as usize, cooked: String::new(), parts: vec![] };
        match tree.style(node) {
            Style::Plain if tree.text(node) == value => reader.take(value.len()),
            Style::Plain => reader.folded(span.end as usize, None),
            Style::SingleQuoted => reader.quoted(span.end as usize, '\''),
            Style::DoubleQuoted => reader.quoted(span.end as usize, '"'),
            Style::Literal | Style::Folded => reader.block(tree, node)?,
            Style::Block | Style::Flow => return None,
        }
        let end = reader.at as u32;
        // The result of the reader is only used if it equals that of the parser.
        let missing = value.strip_prefix(reader.cooked.as_str()).or(reader.cooked.strip_prefix(value))?;
        if !missing.chars().all(|c| c == '\n') {
            return None;
        }
        let len = value.len() as u32;
        reader.parts.retain(|it| it.cooked.end <= len);
        Some(Spelling { parts: reader.parts, end })
    }

    /// Returns the span in the text of a range of the value. An end within an escape is extended to the border of the
    /// escape.
    pub fn source(&self, range: Range<usize>) -> Option<Span> {
        let (start, end) = (range.start as u32, range.end as u32);
        let total = self.parts.last().map_or(0, |it| it.cooked.end);
        if start > end || end > total {
            return None;
        }
        let first = self.parts.iter().find(|it| start < it.cooked.end);
        let source_start = first.map_or(self.end_of_last(), |it| it.at(start));
        if start == end {
            return Some(Span::at(source_start));
        }
        let last = self.parts.iter().find(|it| end <= it.cooked.end)?;
        let source_end = if last.is_verbatim() { last.at(end) } else { last.source.end };
        Some(Span::new(source_start, source_end))
    }

    /// Returns the offset in the value of an offset in the text: the start of an escape around it; the nearest border if it
    /// is outside of the value.
    pub fn cooked(&self, offset: u32) -> usize {
        let Some(part) = self.parts.iter().find(|it| offset < it.source.end) else {
            return self.parts.last().map_or(0, |it| it.cooked.end as usize);
        };
        let inside = offset.saturating_sub(part.source.start);
        (part.cooked.start + if part.is_verbatim() { inside } else { 0 }) as usize
    }

    fn end_of_last(&self) -> u32 {
        self.parts.last().map_or(self.end, |it| it.source.end)
    }
}

impl Part {
    fn is_verbatim(&self) -> bool {
        self.cooked.end - self.cooked.start == self.source.end - self.source.start
    }

    fn at(&self, cooked: u32) -> u32 {
        if self.is_verbatim() { self.source.start + (cooked - self.cooked.start) } else { self.source.start }
    }
}

/// Reads a scalar's text and records the parts of its value.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    cooked: String,
    parts: Vec<Part>,
}

impl Reader<'_> {
    /// Reads bytes that stand for themselves.
    fn take(&mut self, len: usize) {
        let Some(taken) = self.text.get(self.at..self.at + len) else { return };
        if len == 0 {
            return;
        }
        let start = self.cooked.len() as u32;
        let source = Span::new(self.at as u32, (self.at + len) as u32);
        self.cooked.push_str(taken);
        self.at += len;
        let cooked = Span::new(start, start + len as u32);
        match self.parts.last_mut() {
            Some(last) if last.is_verbatim() && last.source.end == source.start && last.cooked.end == start => {
                last.cooked.end = cooked.end;
                last.source.end = source.end;
            }
            _ => self.parts.push(Part { cooked, source }),
        }
    }

    /// Reads bytes that stand for `value`.
    fn replace(&mut self, len: usize, value: &str) {
        let start = self.cooked.len() as u32;
        self.cooked.push_str(value);
        let source = Span::new(self.at as u32, (self.at + len) as u32);
        self.at += len;
        if !value.is_empty() {
            self.parts.push(Part { cooked: Span::new(start, self.cooked.len() as u32), source });
        }
    }

    fn quoted(&mut self, end: usize, quote: char) {
        self.at += 1;
        let closed = self.text.get(self.at..end).is_some_and(|it| it.ends_with(quote));
        self.folded(if closed { end - 1 } else { end }, Some(quote));
    }

    /// Reads text of several lines: a line break is a space, a blank line a line break.
    fn folded(&mut self, end: usize, quote: Option<char>) {
        while self.at < end {
            let Some(rest) = self.text.get(self.at..end) else { return };
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let after = &rest[blanks..];
            if after.starts_with(is_break) {
                self.fold(rest, blanks);
            } else if blanks > 0 {
                self.take(blanks);
            } else if quote == Some('\'') && rest.starts_with("''") {
                self.replace(2, "'");
            } else if quote == Some('"') && rest.starts_with('\\') {
                self.escape(rest);
            } else {
                self.take(rest.chars().next().map_or(1, char::len_utf8));
            }
        }
    }

    /// Reads blanks and line breaks up to the next text.
    fn fold(&mut self, rest: &str, blanks: usize) {
        let all = rest.len() - rest.trim_start_matches(is_blank_or_break).len();
        let breaks = breaks(&rest[blanks..all]);
        // `Scanner.scan_flow_scalar_spaces`: the first break becomes a space if no other break follows.
        let value = match breaks.split_first() {
            Some((&"\n", [])) => " ".to_string(),
            Some((&"\n", more)) => more.concat(),
            _ => breaks.concat(),
        };
        self.replace(all, &value);
    }

    fn escape(&mut self, rest: &str) {
        let Some(c) = rest[1..].chars().next() else { return self.replace(rest.len(), "") };
        let digits = match c {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let code = rest.get(2..2 + digits).and_then(|it| u32::from_str_radix(it, 16).ok()).and_then(char::from_u32);
            let value = code.map_or(String::new(), String::from);
            return self.replace((2 + digits).min(rest.len()), &value);
        }
        if is_break(c) {
            // An escaped line break: neither it nor the blanks around it are part of the value, but blank lines are.
            let after = &rest[1..];
            let all = after.len() - after.trim_start_matches(is_blank_or_break).len();
            let value = breaks(&after[..all])[1..].concat();
            return self.replace(1 + all, &value);
        }
        let value = match c {
            '0' => "\0",
            'a' => "\x07",
            'b' => "\x08",
            't' | '\t' => "\t",
            'n' => "\n",
            'v' => "\x0b",
            'f' => "\x0c",
            'r' => "\r",
            'e' => "\x1b",
            'N' => "\u{85}",
            '_' => "\u{a0}",
            'L' => "\u{2028}",
            'P' => "\u{2029}",
            _ => &rest[1..1 + c.len_utf8()],
        };
        self.replace(1 + c.len_utf8(), value);
    }

    /// `Scanner.scan_block_scalar` of PyYAML.
    fn block(&mut self, tree: &Tree, node: NodeId) -> Option<()> {
        let folded = tree.style(node) == Style::Folded;
        let source = Source::new(tree);
        let scalar = source.block_scalar(node)?;
        let mut line = source.next_line(self.at as u32);
        let mut pending: Vec<&str> = vec![];
        let mut previous_blank_start = None;
        let mut first = true;
        let mut break_start = line;
        while line < scalar.end {
            let end = source.line_end(line);
            let next = source.next_line(line);
            let text = source.slice(line, end);
            let this_break = breaks(source.slice(end, next)).first().copied();
            if text.len() <= scalar.indent() && text.bytes().all(|c| c == b' ') {
                pending.extend(this_break);
                line = next;
                continue;
            }
            let content = line + scalar.indent() as u32;
            let blank_start = text.get(scalar.indent()..)?.starts_with([' ', '\t']);
            // `pending` contains the break of the last line of text, and those of the blank lines after it.
            let value =
                match (first, folded && previous_blank_start == Some(false) && !blank_start, pending.split_first()) {
                    (true, _, _) | (_, false, _) => pending.concat(),
                    (_, _, Some((&"\n", []))) => " ".to_string(),
                    (_, _, Some((&"\n", more))) => more.concat(),
                    _ => pending.concat(),
                };
            self.at = break_start as usize;
            self.replace((content - break_start) as usize, &value);
            self.take((end - content) as usize);
            break_start = end;
            pending = this_break.into_iter().collect();
            (first, previous_blank_start) = (false, Some(blank_start));
            line = next;
        }
        let chomped = match (source.slice(tree.span(node).start, scalar.header_end), pending.split_first()) {
            (header, _) if header.contains('-') => String::new(),
            (header, _) if header.contains('+') => pending.concat(),
            (_, _) if first => String::new(),
            (_, Some((end, _))) => end.to_string(),
            _ => String::new(),
        };
        self.at = break_start as usize;
        let len = if chomped.is_empty() { 0 } else { line - break_start };
        self.replace(len as usize, &chomped);
        Some(())
    }
}

/// Returns the line breaks in a text of blanks and breaks, as YAML reads them: CRLF, CR and NEL are LF.
fn breaks(text: &str) -> Vec<&str> {
    let mut breaks = vec![];
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\r' => {
                chars.next_if(|it| it.1 == '\n');
                breaks.push("\n");
            }
            '\n' | '\u{85}' => breaks.push("\n"),
            '\u{2028}' | '\u{2029}' => breaks.push(&text[at..at + c.len_utf8()]),
            _ => {}
        }
    }
    breaks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Text, parse};

    fn value_of(text: &str) -> (Tree, NodeId) {
        let (_, tree) = parse(&Text::new(text), None);
        let root = tree.root().expect("a root");
        let value = tree.get(root, "k").expect("a value");
        (tree, value)
    }

    #[track_caller]
    fn check(text: &str, part: &str, source: &str) {
        let (tree, node) = value_of(text);
        let value = tree.value(node);
        let start = value.find(part).unwrap_or_else(|| panic!("{value:?} has no {part:?}"));
        let spelling = Spelling::of(&tree, node).expect("a spelling");
        let span = spelling.source(start..start + part.len()).expect("within");
        assert_eq!(&text[span.range()], source, "{value:?}");
        assert_eq!(spelling.cooked(span.start), start);
    }

    #[test]
    fn maps_parts_in_both_directions() {
        check("k: A100:8\n", "8", "8");
        check("k: 'it''s'\n", "s", "s");
        check("k: 'it''s'\n", "'", "''");
        check("k: \"a\\x41b\"\n", "A", "\\x41");
        check("k: \"a\\x41b\"\n", "Ab", "\\x41b");
        check("k: \"a\\\n   b c\"\n", "b", "b");
        check("k: one\n  two\n\n  three\n", "two", "two");
        check("k: one\n  two\n\n  three\n", "three", "three");
        check("k: |\n  one\n   two\n", "two", "two");
        check("k: |\n  one\n\n  two\n", "\n\n", "\n\n  ");
        check("k: >-\n  one\n  two\n   more\n  x\n", "more", "more");
        check("k: >-\r\n  one\r\n  two\r\n", "two", "two");
        check("- 1\n- &a !!str |\n x\n".replacen("- 1\n- ", "k: ", 1).as_str(), "x", "x");
        check("k: ''\n", "", "");
    }

    #[test]
    fn offsets_within_escapes_map_to_their_borders() {
        let (tree, node) = value_of("k: \"a\\x41b\"\n");
        let spelling = Spelling::of(&tree, node).expect("a spelling");
        assert_eq!(spelling.cooked(0), 0, "before the value");
        assert_eq!(spelling.cooked(7), 1, "within the escape");
        assert_eq!(spelling.cooked(99), 3, "behind the value");
        assert_eq!(spelling.source(1..4), None, "beyond the value");
    }

    fn any_scalar() -> impl Strategy<Value = String> {
        let parts = vec![
            "a", "b", " ", "  ", "\n  ", "\n   ", "\n\n  ", "\r\n  ", "\\n", "\\x41", "\\\n  ", "''", "\\\"", "é",
            "😀", "\\\\", "#",
        ];
        let text = prop::collection::vec(prop::sample::select(parts), 0..8).prop_map(|it| it.concat());
        (text, 0usize..8).prop_map(|(text, style)| match style {
            0 => format!("k: x{text}\n"),
            1 => format!("k: '{text}'\n"),
            2 => format!("k: \"{text}\"\n"),
            3 => format!("k: |\n  x{text}\n\n"),
            4 => format!("k: >\n  x{text}\n"),
            5 => format!("k: |+\n  x{text}\n\n"),
            6 => format!("k: >-\n\n  x{text}\n"),
            _ => format!("k: |\n  x{text}"),
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_sound_scalar_has_a_spelling(text in any_scalar()) {
            let (_, tree) = parse(&Text::new(&text), None);
            if !tree.problems().is_empty() {
                return Ok(());
            }
            for node in tree.ids().filter(|it| tree.kind(*it) == Kind::Scalar) {
                let value = tree.value(node);
                let Some(spelling) = Spelling::of(&tree, node) else {
                    return Err(TestCaseError::fail(format!("{text:?} has none")));
                };
                // A verbatim character is found at the place where it is written.
                for (at, c) in value.char_indices() {
                    let span = spelling.source(at..at + c.len_utf8()).expect("within");
                    let written = &text[span.range()];
                    prop_assert!(written == c.to_string() || written.len() > c.len_utf8() || c == '\n' || c == ' ', "{text:?}: {c:?} at {written:?}");
                    // Consecutive line breaks cannot be divided.
                    let found = spelling.cooked(span.start);
                    prop_assert!(found == at || c == '\n' && found < at, "{text:?}: {found}, not {at}");
                }
            }
        }
    }
}
