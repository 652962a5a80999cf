//! Secrets by the look of the text: the value behind a key that names one, tokens of well-known forms, and passwords in URLs.
//!
//! The scan reads no YAML, so that it finds a secret where a space is missing, a quote is open, or a bracket is in the wrong
//! place. It goes through the text once, line by line. The end of a secret is a guess: a range that is too long only hides a
//! little more of a line.

use std::{ops::Range, sync::Arc};

use super::name::{self, Holds};

/// Ranges of `text` that must not be shown, in order and disjoint, each within its line.
pub(super) fn spans(text: &str, among_credentials: bool) -> Vec<Range<usize>> {
    let mut scan = Scan { among_credentials, ..Scan::default() };
    scan.lines(text, 0, |_, _| false);
    scan.found
}

/// A text and where its secrets are by their look, so that the next version of it is scanned where it changed.
#[derive(Debug)]
pub(crate) struct Scanned {
    text: Arc<str>,
    among_credentials: bool,
    found: Vec<Range<usize>>,
    marks: Vec<Mark>,
}

/// Where a scan can be taken up again: at the beginning of a line.
#[derive(Clone, Copy, Debug)]
struct Mark {
    offset: usize,
    /// What the lines above leave open. Beside that, they mean nothing to the lines below.
    open: Option<Open>,
    /// How many secrets are above.
    found: usize,
}

/// Minimum number of bytes between two marks; fewer in the tests of this file, whose texts are short.
const STRIDE: usize = if cfg!(test) { 16 } else { 1 << 10 };

impl Scanned {
    /// Scans a text; `before` is an earlier version of it. The secrets are the same as without it.
    pub(crate) fn new(text: Arc<str>, among_credentials: bool, before: Option<&Scanned>) -> Scanned {
        let Some(before) = before.filter(|it| it.among_credentials == among_credentials) else {
            let mut scan = Scan { among_credentials, ..Scan::default() };
            scan.lines(&text, 0, |_, _| false);
            return Scanned { text, among_credentials, found: scan.found, marks: scan.marks };
        };
        let (head, tail) = yaml::text::common_ends(&before.text, &text);
        let kept = &before.marks[..before.marks.partition_point(|it| it.offset <= head)];
        let start = kept.last().copied().unwrap_or(Mark { offset: 0, open: None, found: 0 });
        let mut scan = Scan {
            among_credentials,
            found: before.found[..start.found].to_vec(),
            open: start.open,
            marks: kept.to_vec(),
        };
        // The marks behind the change, and where they are now.
        let moved = |it: &Mark| it.offset + text.len() - before.text.len();
        let mut rest = &before.marks[before.marks.partition_point(|it| it.offset < before.text.len() - tail)..];
        let met = scan.lines(&text, start.offset, |at, open| {
            while rest.first().is_some_and(|it| moved(it) < at) {
                rest = &rest[1..];
            }
            rest.first().is_some_and(|it| moved(it) == at && it.open == open)
        });
        if let Some(mark) = rest.first().filter(|_| met) {
            let found = scan.found.len();
            scan.found.extend(before.found[mark.found..].iter().map(|it| {
                let start = it.start + text.len() - before.text.len();
                start..start + it.len()
            }));
            scan.marks.extend(rest.iter().map(|it| Mark {
                offset: moved(it),
                open: it.open,
                found: it.found - mark.found + found,
            }));
        }
        Scanned { text, among_credentials, found: scan.found, marks: scan.marks }
    }

    /// Where its secrets are, in order and disjoint, each within its line.
    pub(super) fn spans(&self) -> &[Range<usize>] {
        &self.found
    }
}

/// Whether a value only refers to a secret that is stored elsewhere: `${{ secrets.token }}`, `$HF_TOKEN`.
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

#[derive(Default)]
struct Scan {
    among_credentials: bool,
    found: Vec<Range<usize>>,
    open: Option<Open>,
    marks: Vec<Mark>,
}

/// A line without the blanks at its end. What many keys of one line ask for is found once.
struct Line<'a> {
    /// Offset of the line in the text.
    start: usize,
    text: &'a str,
    /// The last colon.
    last_colon: Option<usize>,
    /// The last blank that has more behind it than closing brackets and commas.
    last_blank: Option<usize>,
}

impl<'a> Line<'a> {
    fn new(start: usize, text: &'a str) -> Line<'a> {
        yaml::work::add(text.len());
        let text = text.trim_end();
        let last_blank = text.trim_end_matches(['}', ']', ',']).rfind([' ', '\t']);
        Line { start, text, last_colon: text.rfind(':'), last_blank }
    }

    /// Whether the line may be UTF-16 or UTF-32, in which no key can be read.
    fn is_wide(&self) -> bool {
        let nuls = memchr::memchr_iter(0, self.text.as_bytes()).count();
        nuls > 1 && nuls >= self.text.len() / 8
    }
}

/// A secret that may continue on the lines below.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Open {
    /// The column of its key; what is further to the right may belong to the secret.
    column: usize,
    kind: OpenKind,
    /// Whether a line that is not further to the right may belong to it as well, unless it begins something else: the value
    /// of `token: |`, indented too little.
    takes_strays: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum OpenKind {
    /// All lines that are further to the right.
    Block,
    /// The same, but for comments: the rest of a value without quotes.
    Rest,
    /// The lines that are further to the right, up to the next `key: …`, which is a key of its own.
    Plain,
    /// The value is on the next line: further to the right or, as in pasted JSON, in quotes.
    Next,
    /// Everything up to this quote.
    Quote(u8),
    /// Everything up to `-----END`.
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
    /// Whether the key begins its line or list item, with a colon behind it.
    is_entry: bool,
    /// The quote that encloses both key and value: `"token: …"`.
    around: Option<u8>,
}

impl Scan {
    /// Scans the lines from `start` on, up to the first one that is `known`, with all below it. Whether there is one.
    fn lines(&mut self, text: &str, mut start: usize, mut known: impl FnMut(usize, Option<Open>) -> bool) -> bool {
        while start < text.len() {
            if known(start, self.open) {
                return true;
            }
            if self.marks.last().is_none_or(|it| start >= it.offset + STRIDE) {
                self.marks.push(Mark { offset: start, open: self.open, found: self.found.len() });
            }
            let end = memchr::memchr2(b'\n', b'\r', &text.as_bytes()[start..]).map_or(text.len(), |it| start + it);
            self.line(&Line::new(start, &text[start..end]));
            start = end + 1;
        }
        false
    }

    fn line(&mut self, line: &Line<'_>) {
        let text = line.text;
        let indent = text.len() - text.trim_start().len();
        if indent == text.len() {
            return;
        }
        if line.is_wide() {
            self.add(line.start..line.start + text.len());
            return;
        }
        let begin = match self.open.take() {
            Some(open) => match self.goes_on(open, line, indent) {
                Some(begin) => begin,
                None => return,
            },
            None => indent,
        };
        self.words(line, begin);
    }

    /// Hides the part of the line that belongs to the secret above. Returns where the rest begins, or `None` if nothing is
    /// left.
    fn goes_on(&mut self, open: Open, line: &Line<'_>, indent: usize) -> Option<usize> {
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
                let place =
                    Place { column: open.column, in_flow: true, in_command: false, is_entry: false, around: None };
                self.value(line, indent, place, Holds::Secret);
                if deeper {
                    self.open =
                        self.open.or(Some(Open { kind: OpenKind::Rest, takes_strays: false, column: open.column }));
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
    fn words(&mut self, line: &Line<'_>, mut at: usize) {
        let text = line.text;
        let bytes = text.as_bytes();
        let mut ahead = Ahead::default();
        // Whether a key may stand here: at the beginning of an entry.
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
                    self.open = Some(Open { column: 0, kind: OpenKind::Pem, takes_strays: false });
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
                Some((begin, place, holds)) => at = self.value(line, begin, place, holds).max(end),
                None => at = end,
            }
            at_start = false;
        }
    }

    /// Hides all tokens in a part of a line that is otherwise harmless.
    fn tokens(&mut self, line: &Line<'_>, mut part: Range<usize>) {
        while let Some(token) = token_in(line.text, part.clone()) {
            part.start = token.end;
            self.add(line.start + token.start..line.start + token.end);
        }
    }

    /// If the word is a key that names a secret and has a value: where the value begins, and what is around it.
    fn key(&self, line: &Line<'_>, word: Range<usize>, at_start: bool, depth: usize) -> Option<(usize, Place, Holds)> {
        let text = line.text;
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
        let is_last_word = || line.last_blank.is_none_or(|it| it < begin);
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
        let is_entry = at_start && !text[separator..begin].contains('=');
        Some((begin, Place { column, in_flow: depth > 0, in_command, is_entry, around }, holds))
    }

    /// Hides the value that begins at `begin` of the line. Returns where the scan continues.
    fn value(&mut self, line: &Line<'_>, begin: usize, place: Place, holds: Holds) -> usize {
        let text = line.text;
        let open = |kind| Some(Open { column: place.column, kind, takes_strays: false });
        // Anchors and tags usually precede the value, but may be a secret without its quotes: `token: !Zq9`.
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
            self.open = Some(Open { column: place.column, kind, takes_strays: place.is_entry });
            return text.len();
        }
        // Brackets with keys of their own: each key decides about its value.
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
                    let ends_with_quote = is_end || place.in_command;
                    end = if ends_with_quote { close + 1 } else { plain_end(text, first, place).max(close + 1) };
                }
                None => {
                    end = text.len();
                    if !place.in_command {
                        self.open = open(OpenKind::Quote(quote));
                    }
                }
            }
        } else {
            end = plain_end(text, first, place);
            if end == text.len() && !place.in_command && place.around.is_none() {
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

/// Where a value without quotes ends.
fn plain_end(text: &str, begin: usize, place: Place) -> usize {
    let rest = &text[begin..];
    let bytes = rest.as_bytes();
    let is_close = |it: u8| matches!(it, b'}' | b']' | b')');
    // Where the closing brackets end that were looked at last.
    let mut closers = 0;
    let mut ends_here = |at: usize| match bytes[at] {
        b' ' | b'\t' => place.in_command || bytes.get(at + 1) == Some(&b'#'),
        b'`' => true,
        it if place.around == Some(it) => true,
        b',' => place.in_flow && bytes.get(at + 1).is_none_or(|it| matches!(it, b' ' | b'\t' | b'"' | b'\'')),
        it if is_close(it) => {
            if at >= closers {
                closers = at + bytes[at..].iter().take_while(|it| is_close(**it)).count();
                yaml::work::add(closers - at);
            }
            let next = bytes.get(closers);
            place.in_flow && next.is_none_or(|it| matches!(it, b' ' | b'\t' | b',' | b'"' | b'\''))
        }
        _ => false,
    };
    // Opening brackets at its beginning are a part of the value.
    let skip = usize::from(rest.starts_with(['{', '[']));
    let in_brackets = |at: usize| skip == 1 && matches!(bytes[at], b' ' | b',' | b'\t');
    let end = (skip..bytes.len()).find(|at| ends_here(*at) && !in_brackets(*at)).unwrap_or(bytes.len());
    yaml::work::add(end);
    let end = end + usize::from(skip == 1 && end < bytes.len() && is_close(bytes[end]));
    begin + rest[..end].trim_end().len()
}

/// Letters of keys, of options and of tokens.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn skip_blanks(text: &str, at: usize) -> usize {
    at + text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len()
}

/// Whether a line begins with `key: …`: another entry, and not the rest of the value above.
fn is_entry(content: &str) -> bool {
    let content = content.trim_start_matches(['-', ' ', '{', ',', '"', '\'']);
    let end = content.bytes().take(100).take_while(|it| is_word(*it)).count();
    let rest = content[end..].trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
    end > 0 && rest.strip_prefix(':').is_some_and(|it| it.is_empty() || it.starts_with([' ', '\t']))
}

/// Where the colon behind the first key of a line is, whatever characters the key has.
fn colon_of_entry(content: &str) -> Option<usize> {
    let bytes = content.as_bytes();
    let is_colon = |at: usize| bytes[at] == b':' && matches!(bytes.get(at + 1), None | Some(b' ' | b'\t'));
    (1..bytes.len().min(name::LONGEST)).find(|at| is_colon(*at))
}

/// Where the value of a line begins whose key has odd characters, such as `u!sername: …`, or is a known field, perhaps
/// misspelled, that lacks the blank behind its colon. Anything else that begins a line among secrets may be one.
fn behind_odd_key(content: &str) -> Option<usize> {
    let known_field = || {
        let start = content.len() - content.trim_start_matches(['-', ' ', '{', ',', '"', '\'']).len();
        let end = start + content[start..].find([':', '=', ' ', '\t'])?;
        let key = content[start..end].trim_end_matches(['"', '\'']);
        name::is_beside_secrets(key).then_some(end)
    };
    let key_end = colon_of_entry(content).or_else(known_field)?;
    let value = content[key_end..].trim_start_matches([':', '=', ' ', '\t']);
    let start = content.len() - value.len();
    // `<<: {usrename: …}`: the mapping has a key of its own, whose value may be the secret.
    let is_merged = &content[..key_end] == "<<" && value.starts_with('{');
    let within = is_merged.then(|| behind_odd_key(value).unwrap_or(0));
    Some(start + within.unwrap_or(0))
}

/// Whether a line that is not indented as it should be is still the value of the key above: it begins no entry, no list item
/// and no document, and it is no key that is being typed. `is_aligned` says whether it begins in the column of that key.
fn is_stray(content: &str, is_aligned: bool) -> bool {
    let begins_item = content == "-" || content.starts_with("- ");
    let begins_other = ["? ", "---", "..."].iter().any(|it| content.starts_with(it));
    let word = content.trim_matches(['"', '\'']);
    let is_variable = !word.contains(char::is_lowercase) && (word.contains('_') || !word.contains(char::is_numeric));
    let is_begun = word.bytes().all(is_word) && (is_variable || name::begins_field(word));
    let is_field = content.split_once(':').is_some_and(|it| name::is_field(it.0));
    let is_key = is_begun || is_field || colon_of_entry(content).is_some();
    content.contains(char::is_alphanumeric) && !is_key && !begins_other && (is_aligned || !begins_item)
}

/// Where the text in quotes ends.
fn closing(text: &str, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            it if it == quote => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// Whether a value is not worth hiding: a reference, a path, or a placeholder.
pub(super) fn is_harmless(value: &str) -> bool {
    let root = value.strip_prefix('/').and_then(|it| it.split_once('/')).map_or("", |it| it.0);
    let is_path = ["~/", "./", "../"].iter().any(|it| value.starts_with(it))
        || ["home", "root", "etc", "run", "var", "mnt", "opt", "tmp"].contains(&root);
    let is_nothing = ["true", "false", "null", "none", "~"].iter().any(|it| value.eq_ignore_ascii_case(it))
        || !value.contains(char::is_alphanumeric);
    is_nothing || is_path && !value.contains(' ') || is_reference(value, true)
}

/// Prefixes of well-known tokens, each with the minimum number of characters after it.
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
/// The length in bytes of the shortest of them: `AKIA` and 16 characters.
const SHORTEST_TOKEN: usize = 20;

/// The first token within a part of a line. A token begins with the part or behind a character that is no letter or digit.
fn token_in(line: &str, part: Range<usize>) -> Option<Range<usize>> {
    let bytes = line.as_bytes();
    let mut at = part.start;
    while at + SHORTEST_TOKEN <= part.end {
        let is_start = bytes[at].is_ascii_alphabetic() && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
        if is_start && let Some((length, is_token)) = token(&line[at..part.end]) {
            yaml::work::add(length);
            if is_token {
                return Some(at..at + length);
            }
            // Text that is no token has none in it either: it has fewer characters, and no other kinds of them.
            at += length;
        }
        at += 1;
    }
    None
}

/// The length of what a text begins with, if that begins as a token does, and whether it is one.
fn token(text: &str) -> Option<(usize, bool)> {
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
    Some((begin.len() + length, length >= *least && (*begin != "sk-" || is_random())))
}

/// What is found once for all URLs of a line: each search begins where the last one ended.
#[derive(Default)]
struct Ahead {
    at_sign: usize,
    blank: usize,
}

impl Ahead {
    /// The next `@` from `from` on, if no blank or quote precedes it. `from` is positive, and grows from call to call.
    fn at_sign(&mut self, line: &str, from: usize) -> Option<usize> {
        let next = |is: fn(&u8) -> bool| {
            let found = line.as_bytes()[from..].iter().position(is).map_or(line.len(), |it| from + it);
            yaml::work::add(found - from);
            found
        };
        if self.at_sign < from {
            self.at_sign = next(|it| *it == b'@');
        }
        if self.blank < from {
            self.blank = next(ends_url);
        }
        (self.at_sign < self.blank).then_some(self.at_sign)
    }
}

fn ends_url(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`')
}

/// The password of a URL, between the `:` and the `@` behind `://`, which ends at `start`: `https://user:password@host`.
fn password(line: &str, start: usize, ahead: &mut Ahead) -> Option<Range<usize>> {
    let is_end = |it: &u8| ends_url(it) || matches!(it, b'/' | b'?' | b'#');
    let authority = &line[start..];
    let authority = &authority[..authority.bytes().position(|it| is_end(&it)).unwrap_or(authority.len())];
    let colon = start + authority.find(':')?;
    let rest = &line[colon + 1..start + authority.len()];
    let end = match authority.rfind('@') {
        Some(sign) => start + sign,
        // Not a port, and followed by `@`: a password with a character that should be escaped, as in `u:p/w@host`.
        None if rest.contains(|it: char| !it.is_ascii_digit()) && !rest.contains(['$', '{', ']']) => {
            ahead.at_sign(line, start + authority.len())?
        }
        None => return None,
    };
    let is_digest = line[end..].starts_with("@sha256:");
    let password = line.get(colon + 1..end)?;
    let is_placeholder = matches!(password.as_bytes(), [b'{', .., b'}'] | [b'<', .., b'>']);
    (!is_digest && !is_placeholder && !is_harmless(password)).then_some(colon + 1..end)
}

/// Where a PEM block begins in a word. Nearly all words are too short, or have no hyphen.
fn pem_begin(word: &str) -> Option<usize> {
    const BEGIN: &str = "-----BEGIN";
    let may_have = word.len() >= BEGIN.len() && memchr::memchr(b'-', word.as_bytes()).is_some();
    if may_have { word.find(BEGIN) } else { None }
}

/// Where a PEM block ends in its last line.
fn pem_end(text: &str) -> Option<usize> {
    let end = text.find("-----END")? + "-----END".len();
    Some(text[end..].find("-----").map_or(text.len(), |it| end + it + "-----".len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lines that begin, continue and end secrets.
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
        fn an_edited_text_is_scanned_as_a_new_one(
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
                prop_assert!(scanned.marks.is_sorted_by_key(|it| it.offset), "{:?}", scanned.marks);
            }
        }
    }
}
