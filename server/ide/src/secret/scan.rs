//! Finds secrets in the text: values behind a key that names a secret, tokens of well-known forms, and passwords in URLs.
//!
//! The scan does not parse YAML, so that it finds a secret where a space is missing, a quote is open, or a bracket is
//! misplaced. It reads the text once, line by line. The end of a secret is a guess: a range that is too long only hides a
//! little more of a line.

use std::ops::Range;

use super::{
    harmless::is_harmless,
    line::{behind_odd_key, closing, is_entry, is_stray, is_word, skip_blanks},
    name::Holds,
    token::{Ahead, password, pem_begin, pem_end, token_in},
    value::{ScannedLine, ValueContext, plain_end, value_behind},
};

/// The secrets of a text, in order and disjoint, each within a line.
pub(super) fn spans(text: &str, among_credentials: bool) -> Vec<Range<usize>> {
    let mut scan = Scan { among_credentials, ..Scan::default() };
    scan.lines(text, 0, |_, _| false);
    scan.found
}

/// The state of a scan at the start of a line, from which it can be resumed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checkpoint {
    pub(super) offset: usize,
    /// The secret that the lines above leave open. Nothing else in them affects the lines below.
    pub(super) open: Option<OpenSecret>,
    /// Number of secrets above the line.
    pub(super) found: usize,
}

/// Minimum number of bytes between two checkpoints; fewer in tests, whose texts are short.
const STRIDE: usize = if cfg!(test) { 16 } else { 1 << 10 };

/// The state of a scan.
#[derive(Default)]
pub(super) struct Scan {
    pub(super) among_credentials: bool,
    pub(super) found: Vec<Range<usize>>,
    pub(super) open: Option<OpenSecret>,
    pub(super) checkpoints: Vec<Checkpoint>,
}

/// A secret that may continue on the lines below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct OpenSecret {
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

impl Scan {
    /// Scans the lines from `start` on, up to the first line for which `is_known` holds. Returns whether there is one.
    pub(super) fn lines(
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
            match value_behind(line, at..end, at_start, depth, self.among_credentials) {
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
