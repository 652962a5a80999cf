//! Finds secrets in the text: values behind a key that names a secret, tokens of well-known forms, and passwords in URLs.
//!
//! The scan does not parse YAML, so that it finds a secret where a space is missing, a quote is open, or a bracket is misplaced.
//! It reads the text once, line by line. The end of a secret is a guess: a range that is too long only hides a little more of a
//! line.

use std::{ops::Range, sync::Arc};

use super::{
    harmless::is_harmless,
    line::{behind_odd_key, closing, is_entry, is_stray, is_word, skip_blanks},
    name::{self, Holds},
    token::{Ahead, password, pem_begin, pem_end, token_in},
};

/// The secrets of a text, in order and disjoint, each within a line.
pub(super) fn spans(text: &str, among_credentials: bool) -> Vec<Range<usize>> {
    let mut scan = Scan { among_credentials, ..Scan::default() };
    scan.lines(text, 0, |_, _| false);
    scan.found
}

/// A text with the secrets that were found in it. The scan of the next version reads only the lines that changed.
#[derive(Debug)]
pub(crate) struct Scanned {
    text: Arc<str>,
    among_credentials: bool,
    found: Vec<Range<usize>>,
    checkpoints: Vec<Checkpoint>,
}

/// The state of a scan at the start of a line, from which it can be resumed.
#[derive(Clone, Copy, Debug)]
struct Checkpoint {
    offset: usize,
    /// The secret that the lines above leave open. Nothing else in them affects the lines below.
    open: Option<OpenSecret>,
    /// Number of secrets above the line.
    found: usize,
}

/// Minimum number of bytes between two checkpoints; fewer in the tests of this file, whose texts are short.
const STRIDE: usize = if cfg!(test) { 16 } else { 1 << 10 };

impl Scanned {
    /// Scans a text. `before` is the scan of an earlier version, which saves time and does not change the result.
    pub(crate) fn new(text: Arc<str>, among_credentials: bool, before: Option<&Scanned>) -> Scanned {
        let Some(before) = before.filter(|it| it.among_credentials == among_credentials) else {
            let mut scan = Scan { among_credentials, ..Scan::default() };
            scan.lines(&text, 0, |_, _| false);
            return Scanned { text, among_credentials, found: scan.found, checkpoints: scan.checkpoints };
        };
        let (head, tail) = yaml::text::common_ends(&before.text, &text);
        let kept = &before.checkpoints[..before.checkpoints.partition_point(|it| it.offset <= head)];
        let start = kept.last().copied().unwrap_or(Checkpoint { offset: 0, open: None, found: 0 });
        let mut scan = Scan {
            among_credentials,
            found: before.found[..start.found].to_vec(),
            open: start.open,
            checkpoints: kept.to_vec(),
        };
        // The checkpoints behind the change, and their new offsets.
        let moved = |it: &Checkpoint| it.offset + text.len() - before.text.len();
        let mut rest =
            &before.checkpoints[before.checkpoints.partition_point(|it| it.offset < before.text.len() - tail)..];
        let is_met = scan.lines(&text, start.offset, |at, open| {
            while rest.first().is_some_and(|it| moved(it) < at) {
                rest = &rest[1..];
            }
            rest.first().is_some_and(|it| moved(it) == at && it.open == open)
        });
        if let Some(checkpoint) = rest.first().filter(|_| is_met) {
            let found = scan.found.len();
            scan.found.extend(before.found[checkpoint.found..].iter().map(|it| {
                let start = it.start + text.len() - before.text.len();
                start..start + it.len()
            }));
            scan.checkpoints.extend(rest.iter().map(|it| Checkpoint {
                offset: moved(it),
                open: it.open,
                found: it.found - checkpoint.found + found,
            }));
        }
        Scanned { text, among_credentials, found: scan.found, checkpoints: scan.checkpoints }
    }

    /// The secrets of the text, in order and disjoint, each within a line.
    pub(super) fn spans(&self) -> &[Range<usize>] {
        &self.found
    }
}

/// The state of a scan.
#[derive(Default)]
struct Scan {
    among_credentials: bool,
    found: Vec<Range<usize>>,
    open: Option<OpenSecret>,
    checkpoints: Vec<Checkpoint>,
}

/// A line without trailing blanks, with offsets that its keys share.
struct ScannedLine<'a> {
    /// Offset of the line in the text.
    start: usize,
    text: &'a str,
    /// The last colon.
    last_colon: Option<usize>,
    /// The last blank that is followed by more than closing brackets and commas.
    last_blank: Option<usize>,
}

impl<'a> ScannedLine<'a> {
    fn new(start: usize, text: &'a str) -> ScannedLine<'a> {
        yaml::work::add(text.len());
        let text = text.trim_end();
        let last_blank = text.trim_end_matches(['}', ']', ',']).rfind([' ', '\t']);
        ScannedLine { start, text, last_colon: text.rfind(':'), last_blank }
    }

    /// Whether the line may be UTF-16 or UTF-32, in which keys cannot be recognized.
    fn is_wide(&self) -> bool {
        let nuls = memchr::memchr_iter(0, self.text.as_bytes()).count();
        nuls > 1 && nuls >= self.text.len() / 8
    }
}

/// A secret that may continue on the lines below.
#[derive(Clone, Copy, Debug, PartialEq)]
struct OpenSecret {
    /// The column of its key; text further to the right may belong to the secret.
    column: usize,
    kind: OpenKind,
    /// Whether a line that is not further to the right may also belong to it, unless it starts something else: the value of
    /// `token: |`, indented too little.
    takes_strays: bool,
}

/// The lines that belong to an [`OpenSecret`].
#[derive(Clone, Copy, Debug, PartialEq)]
enum OpenKind {
    /// All lines that are further to the right.
    Block,
    /// All lines that are further to the right, except comments: the rest of a value without quotes.
    Rest,
    /// The lines that are further to the right, up to the next `key: …`, whose value is judged separately.
    Plain,
    /// The value is on the next line: further to the right or, as in pasted JSON, in quotes.
    Next,
    /// Everything up to this quote.
    Quote(u8),
    /// Everything up to `-----END`.
    Pem,
}

/// The surroundings of a value.
#[derive(Clone, Copy)]
struct ValueContext {
    /// Column of the key.
    column: usize,
    /// Within brackets: the value ends with them, or at a comma.
    in_flow: bool,
    /// An argument or an assignment within a command: the value is one word.
    in_command: bool,
    /// Whether the key starts its line or list item, with a colon behind it.
    is_entry: bool,
    /// The quote that encloses both key and value: `"token: …"`.
    around: Option<u8>,
}

impl Scan {
    /// Scans the lines from `start` on, up to the first line for which `is_known` holds. Returns whether there is one.
    fn lines(
        &mut self,
        text: &str,
        mut start: usize,
        mut is_known: impl FnMut(usize, Option<OpenSecret>) -> bool,
    ) -> bool {
        while start < text.len() {
            if is_known(start, self.open) {
                return true;
            }
            if self.checkpoints.last().is_none_or(|it| start >= it.offset + STRIDE) {
                self.checkpoints.push(Checkpoint { offset: start, open: self.open, found: self.found.len() });
            }
            let end = memchr::memchr2(b'\n', b'\r', &text.as_bytes()[start..]).map_or(text.len(), |it| start + it);
            self.line(&ScannedLine::new(start, &text[start..end]));
            start = end + 1;
        }
        false
    }

    fn line(&mut self, line: &ScannedLine<'_>) {
        let text = line.text;
        let indent = text.len() - text.trim_start().len();
        if indent == text.len() {
            return;
        }
        if line.is_wide() {
            self.add(line.start..line.start + text.len());
            return;
        }
        let start = match self.open.take() {
            Some(open) => match self.continue_open(open, line, indent) {
                Some(start) => start,
                None => return,
            },
            None => indent,
        };
        self.words(line, start);
    }

    /// Hides the part of the line that belongs to the secret above. Returns the start of the rest, or `None` if there is none.
    fn continue_open(&mut self, open: OpenSecret, line: &ScannedLine<'_>, indent: usize) -> Option<usize> {
        let content = &line.text[indent..];
        let deeper = indent > open.column;
        let all = line.start + indent..line.start + line.text.len();
        if !deeper && open.takes_strays && content.starts_with('#') {
            self.open = Some(open);
            return Some(indent);
        }
        let is_stray = !deeper && open.takes_strays && is_stray(content, indent == open.column);
        match open.kind {
            OpenKind::Pem => {
                if let Some(end) = pem_end(content) {
                    self.add(line.start + indent..line.start + indent + end);
                    return Some(indent + end);
                }
                let is_body = |it: char| it.is_ascii_alphanumeric() || "+/=\\\"',-: ".contains(it);
                if !content.chars().all(is_body) || is_entry(content) {
                    return Some(indent);
                }
            }
            OpenKind::Quote(quote) => {
                if !deeper && is_entry(content) {
                    return Some(indent);
                }
                if let Some(end) = closing(content, quote) {
                    self.add(line.start + indent..line.start + indent + end);
                    return Some(indent + end + 1);
                }
            }
            OpenKind::Rest if deeper && content.starts_with('#') => {
                self.open = Some(open);
                return Some(indent);
            }
            OpenKind::Rest if deeper => {}
            OpenKind::Block if deeper || is_stray => {}
            OpenKind::Plain if (deeper || is_stray) && (content.starts_with('#') || !is_entry(content)) => {
                self.open = Some(open);
                if content.starts_with('#') {
                    return Some(indent);
                }
                self.add(all.start + behind_odd_key(content).unwrap_or(0)..all.end);
                return None;
            }
            OpenKind::Next if deeper || is_stray || content.starts_with(['"', '\'']) && !is_entry(content) => {
                let context = ValueContext {
                    column: open.column,
                    in_flow: true,
                    in_command: false,
                    is_entry: false,
                    around: None,
                };
                self.value(line, indent, context, Holds::Secret);
                if deeper {
                    self.open = self.open.or(Some(OpenSecret {
                        kind: OpenKind::Rest,
                        takes_strays: false,
                        column: open.column,
                    }));
                }
                return None;
            }
            _ => return Some(indent),
        }
        self.add(all);
        self.open = Some(open);
        None
    }

    /// Looks for keys, tokens and passwords in URLs from `at` to the end of the line.
    fn words(&mut self, line: &ScannedLine<'_>, mut at: usize) {
        let text = line.text;
        let bytes = text.as_bytes();
        let mut ahead = Ahead::default();
        // Whether a key is possible here: at the start of an entry.
        let (mut at_start, mut depth) = (true, 0usize);
        while at < bytes.len() {
            let byte = bytes[at];
            if !is_word(byte) {
                if bytes[at..].starts_with(b"://") {
                    at += "://".len();
                    at_start = false;
                    if let Some(password) = password(text, at, &mut ahead) {
                        self.tokens(line, at..password.start);
                        self.add(line.start + password.start..line.start + password.end);
                        at = password.end;
                    }
                    continue;
                }
                match byte {
                    b'{' | b'[' => (at_start, depth) = (true, depth + 1),
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    b',' => at_start |= depth > 0,
                    b' ' | b'\t' | b'?' | b'"' | b'\'' => {}
                    _ => at_start = false,
                }
                at += 1;
                continue;
            }
            let end = at + bytes[at..].iter().take_while(|it| is_word(**it)).count();
            if let Some(token) = token_in(text, at..end) {
                self.add(line.start + token.start..line.start + token.end);
                (at, at_start) = (token.end, false);
                continue;
            }
            if let Some(begin) = pem_begin(&text[at..end]).map(|it| at + it) {
                let length = pem_end(&text[begin..]);
                let until = length.map_or(text.len(), |it| begin + it);
                self.add(line.start + begin..line.start + until);
                if length.is_none() {
                    self.open = Some(OpenSecret { column: 0, kind: OpenKind::Pem, takes_strays: false });
                }
                (at, at_start) = (until, false);
                continue;
            }
            // The dashes of list items.
            if text[at..end].bytes().all(|it| it == b'-') {
                at = end;
                continue;
            }
            match self.key(line, at..end, at_start, depth) {
                Some((start, context, holds)) => at = self.value(line, start, context, holds).max(end),
                None => at = end,
            }
            at_start = false;
        }
    }

    /// Hides all tokens in a part of a line that is otherwise harmless.
    fn tokens(&mut self, line: &ScannedLine<'_>, mut part: Range<usize>) {
        while let Some(token) = token_in(line.text, part.clone()) {
            part.start = token.end;
            self.add(line.start + token.start..line.start + token.end);
        }
    }

    /// For a key that names a secret and has a value: the start of the value and its surroundings.
    fn key(
        &self,
        line: &ScannedLine<'_>,
        word: Range<usize>,
        at_start: bool,
        depth: usize,
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
            () if !has_blank || begin >= text.len() || matches!(bytes[begin], b'#' | b',' | b'}' | b']' | b')') => {
                false
            }
            () => is_option || at_start && (depth > 0 || self.among_credentials || is_last_word()),
        };
        if !is_value {
            return None;
        }
        let holds = name::holds(&text[word.clone()], self.among_credentials)?;
        let in_command = is_option || is_tight && !at_start && text[separator..].starts_with('=');
        let column = word.start - usize::from(opened.is_some());
        let is_entry = at_start && !text[separator..begin].contains('=');
        Some((begin, ValueContext { column, in_flow: depth > 0, in_command, is_entry, around }, holds))
    }

    /// Hides the value that starts at `begin` of the line. Returns the offset at which the scan continues.
    fn value(&mut self, line: &ScannedLine<'_>, begin: usize, context: ValueContext, holds: Holds) -> usize {
        let text = line.text;
        let open = |kind| Some(OpenSecret { column: context.column, kind, takes_strays: false });
        // Anchors and tags usually precede the value, but may be a secret that lacks its quotes: `token: !Zq9`.
        let mut first = begin;
        while text[first..].starts_with(['&', '!']) {
            let end = text[first..].find([' ', '\t']).map_or(text.len(), |it| first + it);
            first = skip_blanks(text, end);
        }
        let rest = &text[first..];
        let is_blank = rest.is_empty() || rest.starts_with('#');
        let is_header = {
            let after =
                rest.trim_start_matches(['|', '>', '+', '-']).trim_start_matches(|it: char| it.is_ascii_digit());
            rest.starts_with(['|', '>']) && (after.trim().is_empty() || after.trim_start().starts_with('#'))
        };
        if is_blank || is_header {
            if first > begin && is_blank {
                self.add(line.start + begin..line.start + text[..first].trim_end().len());
            }
            let kind = match holds {
                _ if is_header => OpenKind::Block,
                Holds::Secret => OpenKind::Next,
                Holds::Secrets => OpenKind::Plain,
            };
            self.open = Some(OpenSecret { column: context.column, kind, takes_strays: context.is_entry });
            return text.len();
        }
        // Brackets that contain keys: each key decides about its value.
        if holds == Holds::Secrets && rest.starts_with(['{', '[']) && line.last_colon > Some(first) {
            return first;
        }
        let quote = rest.strip_prefix('\\').unwrap_or(rest).bytes().next().filter(|it| matches!(it, b'"' | b'\''));
        let end;
        if let Some(quote) = quote {
            let inner = first + 1 + usize::from(rest.starts_with('\\'));
            match closing(&text[inner..], quote).map(|it| inner + it) {
                Some(close) => {
                    let after = text[close + 1..].trim_start();
                    let is_end = after.is_empty()
                        || after.starts_with(['#', ',', '}', ']', ')', ';', '&', '|', '\\', '"', '\'']);
                    let ends_with_quote = is_end || context.in_command;
                    end = if ends_with_quote { close + 1 } else { plain_end(text, first, context).max(close + 1) };
                }
                None => {
                    end = text.len();
                    if !context.in_command {
                        self.open = open(OpenKind::Quote(quote));
                    }
                }
            }
        } else {
            end = plain_end(text, first, context);
            if end == text.len() && !context.in_command && context.around.is_none() {
                // Lines further to the right continue the value.
                self.open = open(OpenKind::Rest);
            }
        }
        let value = text[begin..end].trim_end().trim_matches(['"', '\'']);
        if is_harmless(value) {
            self.open = None;
            self.tokens(line, begin..end);
        } else {
            self.add(line.start + begin..line.start + end);
        }
        end
    }

    fn add(&mut self, range: Range<usize>) {
        match self.found.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ if range.is_empty() => {}
            _ => self.found.push(range),
        }
    }
}

/// The end of a value without quotes.
fn plain_end(text: &str, begin: usize, context: ValueContext) -> usize {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lines that start, continue and end secrets.
    const LINES: &[&str] = &[
        "token: abc",
        "token:",
        "token: |",
        "  more of it",
        "- HF_TOKEN=hf_abcdefghijklmnopqrstuvwxyzABCDEF",
        "creds:",
        "  type: é",
        "password: \"open",
        "  closed\"",
        "-----BEGIN PRIVATE KEY-----",
        "MIIEvQ",
        "-----END PRIVATE KEY-----",
        "- python train.py",
        "# a comment",
        "",
        "\r",
        "https://a:b@c",
    ];

    fn lines() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(LINES), 0..20).prop_map(|it| it.join("\n"))
    }

    proptest! {
        #[test]
        fn the_scan_of_an_edited_text_equals_a_full_scan(
            text in lines(), edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..9, lines()), 1..5)
        ) {
            let mut text = text;
            let mut scanned = Scanned::new((&*text).into(), false, None);
            for (at, length, new) in edits {
                let floor = |at: usize| (0..=at.min(text.len())).rev().find(|it| text.is_char_boundary(*it)).unwrap();
                let start = floor(at.index(text.len() + 1));
                let end = floor(start + length);
                text.replace_range(start..end, &new);
                scanned = Scanned::new((&*text).into(), false, Some(&scanned));
                prop_assert_eq!(&scanned.found, &spans(&text, false), "{}", text);
                prop_assert!(scanned.checkpoints.is_sorted_by_key(|it| it.offset), "{:?}", scanned.checkpoints);
            }
        }
    }
}
