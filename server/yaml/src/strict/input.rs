//! The input of the strict parser.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use super::directives::{directives, is_unknown_directive};
use crate::{node::Style, problem::Refusal, span::Span};

/// The input of the strict parser: the text, changed in the few places where PyYAML accepts more.
pub(super) struct Input {
    pub(super) text: String,
    /// The added spaces, in order.
    pub(super) inserted: Vec<Inserted>,
    /// The tabs that are replaced by another character.
    pub(super) tabs: Vec<u32>,
    /// The replacement of U+FEFF, which the parser would ignore at the start of a line, unlike PyYAML.
    pub(super) mark: Option<char>,
    /// Whether a directive was hidden that PyYAML ignores and the parser rejects. Like the others it requires a `---`.
    pub(super) directive: bool,
    /// The offsets of the digits of halves of surrogate pairs, in order; they are replaced by those of `half`.
    halves: Vec<u32>,
    /// A character that the text contains neither literally nor by its four digits.
    half: char,
}

/// A space that is added before the offset `at` of the text, and is at `place` in the input.
#[derive(Clone, Copy)]
pub(super) struct Inserted {
    pub(super) at: u32,
    place: u32,
}

impl Input {
    pub(super) fn new(text: &str, spaces: &[u32]) -> Input {
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

    /// Returns the offset in the text of an offset in the input.
    pub(super) fn offset(&self, place: u32) -> u32 {
        place - self.inserted.partition_point(|it| it.place < place) as u32
    }

    /// Returns the offset in the input of an offset in the text.
    pub(super) fn place(&self, at: u32) -> usize {
        at as usize + self.inserted.partition_point(|it| it.at <= at)
    }

    pub(super) fn insert_space(&mut self, at: u32) {
        let before = self.inserted.partition_point(|it| it.at <= at);
        let place = at + before as u32;
        self.text.insert(place as usize, ' ');
        self.inserted.insert(before, Inserted { at, place });
        self.inserted[before + 1..].iter_mut().for_each(|it| it.place += 1);
    }

    /// Changes the input so that the parser gets further. Returns whether it could.
    pub(super) fn repair(&mut self, text: &str, refusal: &Refusal) -> bool {
        let at = (refusal.at as usize).min(text.len());
        match (refusal.what, &text.as_bytes()[at..]) {
            // `{gpu:}`: the parser requires a space after the colon
            ("found unexpected ':'", [b':', b',' | b'[' | b']' | b'{' | b'}', ..]) => {
                self.insert_space(refusal.at + 1);
                true
            }
            // a block scalar whose first line is indented by spaces and then has a tab
            ("found a tab character where an indentation space is expected", [b'\t', ..]) => {
                let place = self.place(refusal.at);
                self.text.replace_range(place..place + 1, "x");
                self.tabs.push(refusal.at);
                true
            }
            ("found incompatible YAML document", _) => self.lower_version(text, refusal.at),
            ("found unknown directive name", _) => self.hide_directives(text, refusal.from),
            ("found invalid Unicode character escape code", _) if self.halves.is_empty() => self.replace_halves(text),
            _ => false,
        }
    }

    /// `%YAML 1.3` at `at` becomes `%YAML 1.1`: PyYAML accepts any minor version.
    fn lower_version(&mut self, text: &str, at: u32) -> bool {
        let line = text[at as usize..].lines().next().unwrap_or("");
        let minor = line.find("1.").map(|it| it + 2).filter(|it| !line[..*it].contains('2'));
        let Some(minor) = minor.filter(|it| line[*it..].starts_with(|c: char| c.is_ascii_digit())) else {
            return false;
        };
        let digits = line[minor..].bytes().take_while(u8::is_ascii_digit).count();
        let start = self.place(at) + minor;
        self.text.replace_range(start..start + digits, &format!("{:<digits$}", 1));
        true
    }

    /// Unknown directives (`%FOO`), which PyYAML ignores, become comments. Returns whether one was at `from`.
    fn hide_directives(&mut self, text: &str, from: Option<u32>) -> bool {
        let unknown = directives(text).filter(|it| is_unknown_directive(&text[it.range()]));
        let unknown: Vec<u32> = unknown.map(|it| it.start).collect();
        for start in &unknown {
            let place = self.place(*start);
            self.text.replace_range(place..place + 1, "#");
        }
        self.directive |= !unknown.is_empty();
        from.is_some_and(|from| unknown.contains(&from))
    }

    /// Replaces the escapes of halves of surrogate pairs (`"\ud83d\ude00"`), which are characters to Python; all of them at
    /// once, since a text may have thousands.
    fn replace_halves(&mut self, text: &str) -> bool {
        self.halves = halves_of_pairs(text);
        self.half = stand_in(text, self.mark);
        let digits = digits_of(self.half);
        for at in &self.halves {
            let place = self.place(*at);
            self.text.replace_range(place..place + 4, &digits);
        }
        !self.halves.is_empty()
    }

    /// Restores the halves of surrogate pairs in the value of a scalar: U+FFFD for an escape, otherwise the text as it is.
    pub(super) fn with_halves<'v>(&self, value: Cow<'v, str>, text: &str, style: Style, span: Span) -> Cow<'v, str> {
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

/// Returns the offsets of the last four digits of `\ud83d`, `\U0000d83d` and similar escapes: halves of surrogate pairs.
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
        // Skip the second backslash of `\\ud83d`.
        at = (at + 2).min(bytes.len());
    }
    halves
}

/// Returns a character other than `other` that the text contains neither literally nor by its digits, and that is as long
/// as U+FEFF and an ordinary character to the parser.
fn stand_in(text: &str, other: Option<char>) -> char {
    let by_digits = |digits: &[u8]| u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok();
    let escaped = text.as_bytes().windows(4).filter_map(by_digits);
    let used: FxHashSet<u32> = escaped.chain(text.chars().map(u32::from)).filter(|it| *it >= 0xe000).collect();
    let is_free = |c: &char| !used.contains(&u32::from(*c)) && Some(*c) != other;
    ('\u{e000}'..='\u{f8ff}').find(is_free).unwrap_or('\u{e000}')
}

/// Returns the four digits of such a character.
fn digits_of(c: char) -> String {
    format!("{:x}", u32::from(c))
}
