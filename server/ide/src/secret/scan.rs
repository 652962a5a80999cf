//! Secrets by the look of the text: what stands behind a key that names one, and tokens of well-known forms.
//!
//! This reads no YAML, so that a secret is found where a space is missing, a quote is open, or a bracket is in the wrong
//! place. It goes through the text once, line by line. Where a secret ends cannot be known then; what is taken too much
//! only hides a little more of a line.

use std::ops::Range;

use super::name::{self, Holds};

/// Ranges of `text` that must not be shown, in order and disjoint, each within its line.
pub(super) fn spans(text: &str, among_credentials: bool) -> Vec<Range<usize>> {
    let mut scan = Scan { text, among_credentials, found: vec![], open: None };
    let mut start = 0;
    while start < text.len() {
        let rest = &text.as_bytes()[start..];
        let end = rest.iter().position(|it| matches!(it, b'\n' | b'\r')).map_or(text.len(), |it| start + it);
        scan.line(start..end);
        start = end + 1;
    }
    scan.found
}

/// Whether a value only names a secret that is kept elsewhere: `${{ secrets.token }}`, `$HF_TOKEN`.
pub(super) fn is_reference(value: &str, in_shell: bool) -> bool {
    let mut rest = value;
    let mut any = false;
    while let Some(at) = rest.find(|it: char| it == '$' || it.is_alphanumeric()) {
        let reference = &rest[at..];
        let is_name = |it: &str| {
            let is_part = |it: char| it == '_' || it.is_ascii_alphanumeric();
            let one_case = !(it.contains(char::is_uppercase) && it.contains(char::is_lowercase));
            !it.is_empty() && one_case && it.chars().all(is_part)
        };
        let after = if let Some(inner) = reference.strip_prefix("${{") {
            inner.split_once("}}").map_or("", |it| it.1)
        } else if let Some(inner) = reference.strip_prefix("${").filter(|_| in_shell) {
            let Some((name, after)) = inner.split_once('}') else { return false };
            if !is_name(name) {
                return false;
            }
            after
        } else if let Some(inner) = reference.strip_prefix('$').filter(|_| in_shell) {
            let end = inner.find(|it: char| it != '_' && !it.is_ascii_alphanumeric()).unwrap_or(inner.len());
            if !is_name(&inner[..end]) {
                return false;
            }
            &inner[end..]
        } else {
            return false;
        };
        (any, rest) = (true, after);
    }
    any
}

struct Scan<'a> {
    text: &'a str,
    among_credentials: bool,
    found: Vec<Range<usize>>,
    open: Option<Open>,
}

/// A secret that may go on in the lines below.
#[derive(Clone, Copy)]
struct Open {
    /// Where its key stands in its line; what is further to the right may belong to it.
    column: usize,
    kind: OpenKind,
}

#[derive(Clone, Copy, PartialEq)]
enum OpenKind {
    /// All that is further to the right.
    Block,
    /// What is further to the right, up to the next `key: …`, which is looked at by itself.
    Plain,
    /// The value comes on the next line: further to the right or, as in pasted JSON, in quotes.
    Next,
    /// Up to this quote.
    Quote(u8),
    /// Up to `-----END`.
    Pem,
}

/// Where a value is.
#[derive(Clone, Copy)]
struct Place {
    /// Column of the key.
    column: usize,
    /// Within brackets: the value ends with them, or at a comma.
    in_flow: bool,
    /// An argument or an assignment within a command: the value is one word.
    in_command: bool,
    /// The quote in which key and value stand together: `"token: …"`.
    around: Option<u8>,
}

impl Scan<'_> {
    fn line(&mut self, line: Range<usize>) {
        let text = &self.text[line.clone()];
        let indent = text.len() - text.trim_start().len();
        if indent == text.len() {
            return;
        }
        let begin = match self.open.take() {
            Some(open) => match self.goes_on(open, line.clone(), indent) {
                Some(begin) => begin,
                None => return,
            },
            None => indent,
        };
        self.words(line, begin);
    }

    /// The part of the line that belongs to the secret above. Returns where the rest begins; `None` where nothing is left.
    fn goes_on(&mut self, open: Open, line: Range<usize>, indent: usize) -> Option<usize> {
        let text = &self.text[line.clone()];
        let content = &text[indent..];
        let deeper = indent > open.column;
        let all = line.start + indent..line.start + text.trim_end().len();
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
            OpenKind::Block if deeper => {}
            OpenKind::Plain if deeper && (content.starts_with('#') || !is_entry(content)) => {
                if content.starts_with('#') {
                    self.open = Some(open);
                    return Some(indent);
                }
            }
            OpenKind::Next if deeper || content.starts_with(['"', '\'']) && !is_entry(content) => {
                let place = Place { column: open.column, in_flow: true, in_command: false, around: None };
                self.value(line.clone(), indent, place, Holds::Secret);
                if deeper {
                    self.open = self.open.or(Some(Open { kind: OpenKind::Block, ..open }));
                }
                return None;
            }
            _ => return Some(indent),
        }
        self.add(all);
        self.open = Some(open);
        None
    }

    /// Looks at the words of a line from `at` on for keys and tokens.
    fn words(&mut self, line: Range<usize>, mut at: usize) {
        let text = &self.text[line.clone()];
        let bytes = text.as_bytes();
        // Whether a key may stand here: at the beginning of an entry.
        let (mut at_start, mut depth) = (true, 0usize);
        while at < bytes.len() {
            let byte = bytes[at];
            if !is_word(byte) {
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
            if let Some(length) = token(&text[at..]) {
                self.add(line.start + at..line.start + at + length);
                (at, at_start) = (at + length, false);
                continue;
            }
            if let Some(begin) = text[at..end].find("-----BEGIN").map(|it| at + it) {
                let length = pem_end(&text[begin..]);
                let until = length.map_or(text.trim_end().len(), |it| begin + it);
                self.add(line.start + begin..line.start + until);
                if length.is_none() {
                    self.open = Some(Open { column: 0, kind: OpenKind::Pem });
                }
                (at, at_start) = (until, false);
                continue;
            }
            // The dashes of list items.
            if text[at..end].bytes().all(|it| it == b'-') {
                at = end;
                continue;
            }
            match self.key(text, at..end, at_start, depth) {
                Some((begin, place, holds)) => at = self.value(line.clone(), begin, place, holds).max(end),
                None => at = end,
            }
            at_start = false;
        }
    }

    /// If the word is a key that names a secret, with a value behind it: where that begins, and where it stands.
    fn key(&self, text: &str, word: Range<usize>, at_start: bool, depth: usize) -> Option<(usize, Place, Holds)> {
        let bytes = text.as_bytes();
        let before = word.start.checked_sub(1).map(|it| bytes[it]);
        let is_option = text[word.clone()].starts_with("--");
        // A part of a path or an image, or a variable that is only read.
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
        let blank = separator > at;
        let begin = skip_blanks(text, separator + signs);
        let tight = begin == word.end + signs;
        let is_last_word = || !text[begin..].trim_end().trim_end_matches(['}', ']', ',']).contains([' ', '\t']);
        let is_value = match () {
            () if signs > 0 => true,
            // `"token" "…"` and `token"…"`.
            () if matches!(bytes.get(separator), Some(b'"' | b'\'')) && around.is_none() => at_start || is_option,
            () if !blank || begin >= text.len() || matches!(bytes[begin], b'#' | b',' | b'}' | b']' | b')') => false,
            () => is_option || at_start && (depth > 0 || self.among_credentials || is_last_word()),
        };
        if !is_value {
            return None;
        }
        let holds = name::holds(&text[word.clone()], self.among_credentials)?;
        let in_command = is_option || tight && !at_start && text[separator..].starts_with('=');
        let column = word.start - usize::from(opened.is_some());
        Some((begin, Place { column, in_flow: depth > 0, in_command, around }, holds))
    }

    /// Hides the value that begins at `begin` of the line. Returns where to look on.
    fn value(&mut self, line: Range<usize>, begin: usize, place: Place, holds: Holds) -> usize {
        let text = &self.text[line.clone()];
        let open = |kind| Some(Open { column: place.column, kind });
        // Anchors and tags say nothing of what comes, but may themselves be a secret that lacks its quotes.
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
            self.open = match holds {
                _ if is_header => open(OpenKind::Block),
                Holds::Secret => open(OpenKind::Next),
                Holds::Secrets => open(OpenKind::Plain),
            };
            return text.len();
        }
        // What is in brackets of mixed content is looked at by itself.
        if holds == Holds::Secrets && rest.starts_with(['{', '[']) && rest.contains(':') {
            return first;
        }
        let quote = rest.strip_prefix('\\').unwrap_or(rest).bytes().next().filter(|it| matches!(it, b'"' | b'\''));
        let mut end = self.plain_end(text, first, place);
        if let Some(quote) = quote {
            let inner = first + 1 + usize::from(rest.starts_with('\\'));
            match closing(&text[inner..], quote).map(|it| inner + it) {
                Some(close) => {
                    let after = text[close + 1..].trim_start();
                    let is_end = after.is_empty()
                        || after.starts_with(['#', ',', '}', ']', ')', ';', '&', '|', '\\', '"', '\'']);
                    end = if is_end || place.in_command { close + 1 } else { end.max(close + 1) };
                }
                None => {
                    end = text.trim_end().len();
                    if !place.in_command {
                        self.open = open(OpenKind::Quote(quote));
                    }
                }
            }
        } else if end == text.trim_end().len() && !place.in_command && place.around.is_none() {
            // Whatever is below and further to the right is no entry of its own.
            self.open = open(OpenKind::Block);
        }
        let value = text[begin..end].trim_end().trim_matches(['"', '\'']);
        if is_harmless(value) {
            self.open = None;
        } else {
            self.add(line.start + begin..line.start + end);
        }
        end
    }

    /// Where a value without quotes ends.
    fn plain_end(&self, text: &str, begin: usize, place: Place) -> usize {
        let rest = &text[begin..];
        let bytes = rest.as_bytes();
        let is_close = |it: u8| matches!(it, b'}' | b']' | b')');
        let ends_here = |at: usize| match bytes[at] {
            b' ' | b'\t' => place.in_command || bytes.get(at + 1) == Some(&b'#'),
            b'`' => true,
            it if place.around == Some(it) => true,
            b',' => place.in_flow && bytes.get(at + 1).is_none_or(|it| matches!(it, b' ' | b'\t' | b'"' | b'\'')),
            it if is_close(it) => {
                let next = bytes[at..].iter().find(|it| !is_close(**it));
                place.in_flow && next.is_none_or(|it| matches!(it, b' ' | b'\t' | b',' | b'"' | b'\''))
            }
            _ => false,
        };
        // Brackets that begin the value are a part of it.
        let skip = usize::from(rest.starts_with(['{', '[']));
        let in_brackets = |at: usize| skip == 1 && matches!(bytes[at], b' ' | b',' | b'\t');
        let end = (skip..bytes.len()).find(|at| ends_here(*at) && !in_brackets(*at)).unwrap_or(bytes.len());
        let end = end + usize::from(skip == 1 && end < bytes.len() && is_close(bytes[end]));
        begin + rest[..end].trim_end().len()
    }

    fn add(&mut self, range: Range<usize>) {
        match self.found.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ if range.is_empty() => {}
            _ => self.found.push(range),
        }
    }
}

/// Letters of keys, of options and of tokens.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn skip_blanks(text: &str, at: usize) -> usize {
    at + text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len()
}

/// `key: …`, as far as a line shows it: another entry, and not the rest of the value above.
fn is_entry(content: &str) -> bool {
    let content = content.trim_start_matches(['-', ' ', '{', ',', '"', '\'']);
    let end = content.bytes().take(100).take_while(|it| is_word(*it)).count();
    let rest = content[end..].trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
    end > 0 && rest.strip_prefix(':').is_some_and(|it| it.is_empty() || it.starts_with([' ', '\t']))
}

/// Where the text in quotes ends.
fn closing(text: &str, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' && bytes.get(at + 1) != Some(&b'"') => at += 2,
            // An escaped quote ends what an escaped quote began; else it is a part of the text.
            b'\\' if quote == b'"' => at += 2,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            it if it == quote => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// What is not worth hiding: references, paths, and what is there in place of a secret.
fn is_harmless(value: &str) -> bool {
    let root = value.strip_prefix('/').and_then(|it| it.split_once('/')).map_or("", |it| it.0);
    let is_path = ["~/", "./", "../"].iter().any(|it| value.starts_with(it))
        || ["home", "root", "etc", "run", "var", "mnt", "opt", "tmp"].contains(&root);
    let is_nothing = ["true", "false", "null", "none", "~"].iter().any(|it| value.eq_ignore_ascii_case(it))
        || !value.contains(char::is_alphanumeric);
    is_nothing || is_path && !value.contains(' ') || is_reference(value, true)
}

/// Tokens that are told by their form, with how long they are at least behind their beginning.
const TOKENS: [(&str, usize); 9] = [
    ("hf_", 30),
    ("AKIA", 16),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 36),
    ("sk-", 20),
];

/// The length of the token that a text begins with.
fn token(text: &str) -> Option<usize> {
    let (begin, least) = TOKENS.iter().find(|it| text.starts_with(it.0))?;
    let rest = &text[begin.len()..];
    let is_part = |it: u8| match *begin {
        "sk-" | "github_pat_" => it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-'),
        "AKIA" => it.is_ascii_uppercase() || it.is_ascii_digit(),
        _ => it.is_ascii_alphanumeric(),
    };
    let length = rest.bytes().take_while(|it| is_part(*it)).count();
    // Words with hyphens, as in `sk-learn-pipeline-for-training`, are no key.
    let is_random = || {
        let part = &rest[..length];
        let is_mixed =
            part.contains(|it: char| it.is_ascii_digit()) && part.contains(|it: char| it.is_ascii_uppercase());
        is_mixed || part.split(['-', '_']).any(|it| it.len() >= 16)
    };
    (length >= *least && (*begin != "sk-" || is_random())).then_some(begin.len() + length)
}

/// Where a PEM block ends in its last line.
fn pem_end(text: &str) -> Option<usize> {
    let end = text.find("-----END")? + "-----END".len();
    Some(text[end..].find("-----").map_or(text.trim_end().len(), |it| end + it + "-----".len()))
}
