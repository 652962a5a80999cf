//! Hides secrets: passwords, keys and tokens.
//!
//! A part of a document is secret for one of two reasons:
//!
//! * Its place in the tree (`place`): the nearest known field around a value is marked `secret: true` in the catalogue
//!   (`api_key: …`; in `creds`, which is marked as a whole, every value except those of known fields without the mark), or the
//!   nearest key names a secret (`HF_TOKEN`), even if the value is an alias.
//! * Its text (`scan`, `name`, `token`), whatever is wrong with the YAML: a value behind a key that names a secret
//!   (`HF_TOKEN=…`, `password …`), a token of a well-known form (`hf_…`), or the password in a URL.
//!
//! A reference such as `${{ secrets.token }}` is not a secret, and neither is the path of a file (`harmless`).
//!
//! Every public function of this crate that quotes a document returns its answer through `Document::without_secrets`, which
//! calls [`Quotes::hide`] on the answer. Only edits contain secrets, because an editor needs the unchanged text.

mod harmless;
mod line;
mod name;
mod place;
mod scan;
mod scanned;
mod token;
mod value;

use std::{borrow::Cow, ops::Range};

use rustc_hash::FxHashSet;
use schema::DocumentKind;
use yaml::{Edits, NodeId, Span, Tree};

use crate::{
    bind::Binding,
    limits::{MAX_KEY_BYTES, MAX_SECRET_BYTES, MAX_SHORT_SECRETS},
};
use name::is_about_credentials;
use place::{Collected, by_place};
pub(crate) use scanned::Scanned;

/// Length in bytes of the pieces of secrets that are searched for in messages; shorter ones occur there by chance.
const PIECE: usize = 6;

/// The secrets of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Secrets {
    /// The nodes that are secret by their place, in order.
    nodes: Vec<NodeId>,
    /// The spans of all secrets, in order and disjoint.
    spans: Vec<Span>,
    /// All pieces of the secrets, in lower case.
    pieces: FxHashSet<[u8; PIECE]>,
    /// The secrets without pieces, each with its line, in order; hidden only in messages about that line.
    short: Vec<(Span, String)>,
    /// Whether the secrets are too long to be cut into pieces.
    is_flood: bool,
    /// Whether the file is about credentials.
    among_credentials: bool,
}

/// An answer about a document that may quote it.
pub(crate) trait Quotes {
    /// Hides the secrets in every string of the answer except in edits.
    fn hide(&mut self, secrets: &Secrets);
}

impl<T: Quotes> Quotes for Vec<T> {
    fn hide(&mut self, secrets: &Secrets) {
        self.iter_mut().for_each(|it| it.hide(secrets));
    }
}

impl<T: Quotes> Quotes for Option<T> {
    fn hide(&mut self, secrets: &Secrets) {
        self.iter_mut().for_each(|it| it.hide(secrets));
    }
}

impl Secrets {
    /// The secrets of a document, given the scan of its text.
    pub(crate) fn of(scanned: &Scanned, tree: &Tree, binding: &Binding, kind: DocumentKind) -> Secrets {
        let among_credentials = is_about_credentials(kind);
        let source = tree.source();
        let mut found = Collected::default();
        for range in scanned.spans() {
            found.add(Span::new(range.start as u32, range.end as u32), &source[range.clone()]);
        }
        by_place(tree, binding, kind, &mut found);
        let (nodes, spans) = (found.nodes, joined(found.spans));
        let mut secrets = Secrets { among_credentials, nodes, spans, ..Secrets::default() };
        secrets.is_flood = found.texts.iter().map(|it| it.1.len()).sum::<usize>() > MAX_SECRET_BYTES;
        if !secrets.is_flood {
            found.texts.sort();
            let mut line = Span::at(0);
            for (span, text) in &found.texts {
                line = line_of(source, line, span.start);
                secrets.add_pieces(line, text);
            }
        }
        secrets.short.dedup();
        secrets
    }

    /// Whether the document has no secrets.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The spans of the secrets, in order and disjoint.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The text of the document with each character of a secret replaced by a symbol. The result has the same length in bytes
    /// and characters, and the same lines.
    pub fn covered(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for span in &self.spans {
            out.push_str(&text[at..span.start as usize]);
            out.extend(text[span.range()].chars().map(|it| match it.len_utf8() {
                _ if it.is_whitespace() => it,
                1 => '*',
                2 => '·',
                3 => '•',
                _ => '🞄',
            }));
            at = span.end as usize;
        }
        out + &text[at..]
    }

    /// A string that is not about a certain place, with `…` for each secret.
    pub fn hidden<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.hidden_of(&[], text)
    }

    /// Whether a node is secret by its place in the tree.
    pub(crate) fn contains(&self, node: NodeId) -> bool {
        self.nodes.binary_search(&node).is_ok()
    }

    /// Whether a span is a secret, or a part of one.
    pub(crate) fn cover(&self, span: Span) -> bool {
        let after = self.spans.partition_point(|it| it.start <= span.start);
        after.checked_sub(1).is_some_and(|it| span.end <= self.spans[it].end) && !span.is_empty()
    }

    /// The source text of a span, with its secrets hidden, for a quote.
    pub(crate) fn quoted<'a>(&self, span: Span, text: &'a str) -> Cow<'a, str> {
        if self.cover(span) { "…".into() } else { self.hidden_of(&[span], text) }
    }

    /// Whether the inserted text of edits contains a secret of the document.
    pub fn are_in(&self, edits: &Edits) -> bool {
        let hides = |text: &str| matches!(self.hidden(text), Cow::Owned(_));
        let repeats_short = |span: Span, text: &str| match self.short_near(&[span]) {
            Some(short) => short.iter().any(|it| text.contains(it)),
            None => !text.is_empty(),
        };
        edits.iter().any(|edit| hides(&edit.text) || repeats_short(edit.span, &edit.text))
    }

    /// Hides the secrets in a string about the nodes at `places`.
    pub(crate) fn hide(&self, places: &[Span], text: &mut String) {
        if let Cow::Owned(hidden) = self.hidden_of(places, text) {
            *text = hidden;
        }
    }

    /// Hides the secrets in documentation. Text that only looks like a secret stays: examples show how a password is written.
    pub(crate) fn hide_in_docs(&self, text: &mut String) {
        let ranges = match self.is_flood {
            true => parts(text).filter(|it| it.1).map(|it| it.0).collect(),
            false => self.pieces_in(text),
        };
        if let Cow::Owned(hidden) = replaced(text, ranges) {
            *text = hidden;
        }
    }

    fn hidden_of<'a>(&self, places: &[Span], text: &'a str) -> Cow<'a, str> {
        if self.is_empty() || text.is_empty() {
            return Cow::Borrowed(text);
        }
        let short = self.short_near(places);
        let hides_all = self.is_flood || short.is_none();
        let short = short.unwrap_or_default();
        let has_code = text.contains('`');
        let mut ranges = if self.is_flood { vec![] } else { self.pieces_in(text) };
        for (range, is_code) in parts(text) {
            let (start, part) = (range.start, &text[range.clone()]);
            // Text that looks like a secret here, too: of a long secret there may be only the start.
            let similar = scan::spans(part, self.among_credentials);
            ranges.extend(similar.into_iter().map(|it| start + it.start..start + it.end));
            if has_code && !is_code {
                continue;
            }
            if hides_all {
                ranges.push(range);
                continue;
            }
            let found = short.iter().flat_map(|it| part.match_indices(it)).map(|(at, it)| at..at + it.len());
            let found = found.filter(|it| is_word_of(part, it.clone()));
            ranges.extend(found.map(|it| start + it.start..start + it.end));
        }
        ranges.sort_by_key(|it| (it.start, it.end));
        replaced(text, ranges)
    }

    /// The ranges of a string with pieces of secrets, extended to the words that contain them.
    fn pieces_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = vec![];
        for (at, window) in text.as_bytes().windows(PIECE).enumerate() {
            if self.pieces.is_empty() || !self.pieces.contains(&lower(window)) {
                continue;
            }
            match ranges.last_mut() {
                // A character between two pieces, such as the backslash of an escape, is part of the secret.
                Some(last) if at <= last.end + 2 && !text.as_bytes()[last.end.min(at)..at].contains(&b'`') => {
                    last.end = at + PIECE;
                }
                _ => ranges.push(at..at + PIECE),
            }
        }
        let is_end = |it: &u8| it.is_ascii_whitespace() || b"`\"'{}[](),:;=".contains(it);
        // A word with many pieces is extended once.
        let mut done = 0;
        for range in &mut ranges {
            let bytes = text.as_bytes();
            let word_start = done.min(range.start);
            range.start -= bytes[word_start..range.start].iter().rev().take_while(|it| !is_end(it)).count();
            range.end = range.end.max(done);
            if range.end > done {
                range.end += bytes[range.end..].iter().take_while(|it| !is_end(it)).count();
            }
            done = range.end;
        }
        ranges
    }

    /// The short secrets on the lines of the places; `None` if there are more than [`MAX_SHORT_SECRETS`].
    fn short_near(&self, places: &[Span]) -> Option<Vec<&str>> {
        let mut near = vec![];
        for place in places {
            let start = self.short.partition_point(|it| it.0.end < place.start);
            let end = self.short.partition_point(|it| it.0.start <= place.end);
            if near.len() + end - start > MAX_SHORT_SECRETS {
                return None;
            }
            near.extend(self.short[start..end].iter().map(|it| &*it.1));
        }
        Some(near)
    }

    /// Adds the pieces of a secret.
    fn add_pieces(&mut self, line: Span, text: &str) {
        // A placeholder such as `api_key: api_key` is not a secret, and hiding it would hide the name of the field.
        if text.is_empty() || name::is_field(text) {
            return;
        }
        let bytes = text.as_bytes();
        // Pieces within words of the catalogue reveal nothing, and would hide these words in other messages.
        let mut word_start = 0;
        let mut known_until = 0;
        let mut any = false;
        for at in 0..bytes.len() {
            if at == 0 || !bytes[at - 1].is_ascii_alphabetic() {
                word_start = at;
            }
            if at == word_start {
                let is_part = |it: &&u8| it.is_ascii_alphabetic() || **it == b'_';
                let end = at + bytes[at..].iter().take(MAX_KEY_BYTES).take_while(is_part).count();
                yaml::work::add(end - at);
                // `at` may be within a character, where no name starts.
                let name = text.get(at..end).unwrap_or_default();
                known_until = known_until.max(at + name::vocabulary(&name.to_ascii_lowercase()));
            }
            let Some(window) = bytes.get(at..at + PIECE) else { break };
            let letters = window.iter().filter(|it| it.is_ascii_alphanumeric() || !it.is_ascii()).count();
            if at + PIECE > known_until && letters >= PIECE / 2 {
                self.pieces.insert(lower(window));
                any = true;
            }
        }
        if !any {
            self.short.push((line, text.to_owned()));
        }
    }
}

/// Scans the text of a document. `before` is the scan of an earlier version, which may have had another kind.
pub(crate) fn scanned(text: &yaml::Text, kind: DocumentKind, before: Option<&Scanned>) -> Scanned {
    Scanned::new(text.shared(), is_about_credentials(kind), before)
}

/// The line of `offset`, which is not above the line `last`.
fn line_of(source: &str, last: Span, offset: u32) -> Span {
    if offset <= last.end && !last.is_empty() {
        return last;
    }
    let is_break = |it: &u8| matches!(it, b'\n' | b'\r');
    let bytes = source.as_bytes();
    let first = last.end as usize;
    let start = bytes[first..offset as usize].iter().rposition(is_break).map_or(first, |it| first + it + 1);
    let end = bytes[offset as usize..].iter().position(is_break).map_or(bytes.len(), |it| offset as usize + it);
    Span::new(start as u32, end as u32)
}

/// The spans in order, with overlapping ones merged.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut acc: Vec<Span> = vec![];
    for span in spans {
        match acc.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => acc.push(span),
        }
    }
    acc
}

/// The parts of a Markdown string, each with whether it is code (between backticks).
fn parts(text: &str) -> impl Iterator<Item = (Range<usize>, bool)> {
    let mut start = 0;
    text.split('`').enumerate().map(move |(i, part)| {
        let range = start..start + part.len();
        start = range.end + 1;
        (range, i % 2 == 1)
    })
}

/// Whether a range of a string starts and ends at word boundaries.
fn is_word_of(text: &str, range: Range<usize>) -> bool {
    let is_letter = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    !is_letter(text[..range.start].chars().next_back()) && !is_letter(text[range.end..].chars().next())
}

fn lower(window: &[u8]) -> [u8; PIECE] {
    std::array::from_fn(|it| window[it].to_ascii_lowercase())
}

/// The string with `…` in place of each range. The ranges are sorted and may overlap.
fn replaced(text: &str, ranges: Vec<Range<usize>>) -> Cow<'_, str> {
    let mut out = String::new();
    let mut at = 0;
    for range in ranges {
        if range.end <= at || range.is_empty() {
            continue;
        }
        out.push_str(&text[at..range.start.max(at)]);
        if !out.ends_with('…') {
            out.push('…');
        }
        at = range.end;
    }
    if at == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text[at..].strip_prefix('…').unwrap_or(&text[at..]));
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, fixture};

    fn document() -> Document {
        fixture::document("type: task\nenv:\n  - HF_TOKEN=Zq9SeCrEt7\nregistry_auth:\n  username: u\n  password: ab\n")
    }

    #[test]
    fn edits_that_repeat_a_secret_are_recognized() {
        let document = document();
        let are_in = |at: usize, text: &str| document.secrets().are_in(&Edits::insert(at as u32, text));
        let password = document.text().as_str().find("password").unwrap();
        assert!(are_in(0, "x: Zq9SeCrEt7\n"));
        assert!(!are_in(0, "name: x\n"));
        // A short secret may occur by chance, except on its own line.
        assert!(are_in(password, "ab"));
        assert!(!are_in(0, "ab"));
    }

    #[test]
    fn every_part_of_a_secret_is_covered() {
        let document = document();
        let covers = |part: &str| {
            let start = document.text().as_str().find(part).unwrap() as u32;
            document.secrets().cover(Span::new(start, start + part.len() as u32))
        };
        assert!(covers("Zq9SeCrEt7") && covers("SeCrEt"));
        assert!(!covers("HF_TOKEN") && !covers("TOKEN=Zq9") && !covers("username"));
    }

    #[test]
    fn overlapping_ranges_become_one_ellipsis() {
        assert_eq!(replaced("abcdefg", vec![0..2, 1..4, 5..6]), "…e…g");
        assert_eq!(replaced("abc", vec![0..1, 1..3]), "…");
        assert!(matches!(replaced("abc", vec![]), Cow::Borrowed("abc")));
    }
}
