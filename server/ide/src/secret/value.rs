//! The value behind a key that names a secret: its start, its surroundings and its end.

use std::ops::Range;

use super::{
    line::skip_blanks,
    name::{self, Holds},
};

/// A line without trailing blanks, with offsets that its keys share.
pub(super) struct ScannedLine<'a> {
    /// Offset of the line in the text.
    pub(super) start: usize,
    pub(super) text: &'a str,
    /// The last colon.
    pub(super) last_colon: Option<usize>,
    /// The last blank that is followed by more than closing brackets and commas.
    last_blank: Option<usize>,
}

impl<'a> ScannedLine<'a> {
    pub(super) fn new(start: usize, text: &'a str) -> ScannedLine<'a> {
        yaml::work::add(text.len());
        let text = text.trim_end();
        let last_blank = text.trim_end_matches(['}', ']', ',']).rfind([' ', '\t']);
        ScannedLine { start, text, last_colon: text.rfind(':'), last_blank }
    }

    /// Whether the line may be UTF-16 or UTF-32, in which keys cannot be recognized.
    pub(super) fn is_wide(&self) -> bool {
        let nuls = memchr::memchr_iter(0, self.text.as_bytes()).count();
        nuls > 1 && nuls >= self.text.len() / 8
    }
}

/// The surroundings of a value.
#[derive(Clone, Copy)]
pub(super) struct ValueContext {
    /// Column of the key.
    pub(super) column: usize,
    /// Within brackets: the value ends with them, or at a comma.
    pub(super) in_flow: bool,
    /// An argument or an assignment within a command: the value is one word.
    pub(super) in_command: bool,
    /// Whether the key starts its line or list item, with a colon behind it.
    pub(super) is_entry: bool,
    /// The quote that encloses both key and value: `"token: …"`.
    pub(super) around: Option<u8>,
}

/// For a key that names a secret and has a value: the start of the value and its surroundings.
pub(super) fn value_behind(
    line: &ScannedLine<'_>,
    word: Range<usize>,
    at_start: bool,
    depth: usize,
    among_credentials: bool,
) -> Option<(usize, ValueContext, Holds)> {
    let text = line.text;
    let bytes = text.as_bytes();
    let before = word.start.checked_sub(1).map(|it| bytes[it]);
    let is_option = text[word.clone()].starts_with("--");
    // Part of a path or an image, or a variable that is only read.
    if matches!(before, Some(b'/' | b'@' | b'$')) || text[..word.start].ends_with("${") {
        return None;
    }
    let opened = before.filter(|it| matches!(it, b'"' | b'\''));
    let mut at = word.end;
    let mut around = opened;
    let escaped = bytes.get(at) == Some(&b'\\') && bytes.get(at + 1).is_some_and(|it| Some(*it) == opened);
    if opened.is_some() && (escaped || bytes.get(at).copied() == opened) {
        at += if escaped { 2 } else { 1 };
        around = None;
    }
    let separator = skip_blanks(text, at);
    let signs = text[separator..].len() - text[separator..].trim_start_matches([':', '=', '：']).len();
    let has_blank = separator > at;
    let begin = skip_blanks(text, separator + signs);
    let is_tight = begin == word.end + signs;
    let is_last_word = || line.last_blank.is_none_or(|it| it < begin);
    let is_value = match () {
        () if signs > 0 => true,
        // `"token" "…"` and `token"…"`.
        () if matches!(bytes.get(separator), Some(b'"' | b'\'')) && around.is_none() => at_start || is_option,
        () if !has_blank || begin >= text.len() || matches!(bytes[begin], b'#' | b',' | b'}' | b']' | b')') => false,
        () => is_option || at_start && (depth > 0 || among_credentials || is_last_word()),
    };
    if !is_value {
        return None;
    }
    let holds = name::holds(&text[word.clone()], among_credentials)?;
    let in_command = is_option || is_tight && !at_start && text[separator..].starts_with('=');
    let column = word.start - usize::from(opened.is_some());
    let is_entry = at_start && !text[separator..begin].contains('=');
    Some((begin, ValueContext { column, in_flow: depth > 0, in_command, is_entry, around }, holds))
}

/// The end of a value without quotes.
pub(super) fn plain_end(text: &str, begin: usize, context: ValueContext) -> usize {
    let rest = &text[begin..];
    let bytes = rest.as_bytes();
    let is_close = |it: u8| matches!(it, b'}' | b']' | b')');
    // The end of the closing brackets that were read last.
    let mut closers = 0;
    let mut ends_here = |at: usize| match bytes[at] {
        b' ' | b'\t' => context.in_command || bytes.get(at + 1) == Some(&b'#'),
        b'`' => true,
        it if context.around == Some(it) => true,
        b',' => context.in_flow && bytes.get(at + 1).is_none_or(|it| matches!(it, b' ' | b'\t' | b'"' | b'\'')),
        it if is_close(it) => {
            if at >= closers {
                closers = at + bytes[at..].iter().take_while(|it| is_close(**it)).count();
                yaml::work::add(closers - at);
            }
            let next = bytes.get(closers);
            context.in_flow && next.is_none_or(|it| matches!(it, b' ' | b'\t' | b',' | b'"' | b'\''))
        }
        _ => false,
    };
    // Opening brackets at the start are part of the value.
    let skip = usize::from(rest.starts_with(['{', '[']));
    let in_brackets = |at: usize| skip == 1 && matches!(bytes[at], b' ' | b',' | b'\t');
    let end = (skip..bytes.len()).find(|at| ends_here(*at) && !in_brackets(*at)).unwrap_or(bytes.len());
    yaml::work::add(end);
    let end = end + usize::from(skip == 1 && end < bytes.len() && is_close(bytes[end]));
    begin + rest[..end].trim_end().len()
}
