//! What must not be shown: passwords, keys and tokens.
//!
//! A part of a text is secret if the catalogue says so (`secret: true`), or if it looks so:
//!
//! * by the catalogue: the nearest known field around a value is marked: `api_key: …`, and in `creds`, which is marked as a
//!   whole, everything but the values of known fields without the mark;
//! * by its look (`scan`, `name`), whatever is wrong with the YAML: what stands behind a key that names a secret
//!   (`HF_TOKEN=…`, `password …`), and tokens of well-known forms (`hf_…`).
//!
//! A reference such as `${{ secrets.token }}` is no secret, and neither is the path of a file.
//!
//! All that this crate says of a document goes through [`Secrets::hide`], at the end of the function that says it: a feature
//! implements [`Quotes`] for what it returns. Only edits hold secrets, because an editor must get the text as it is.

mod name;
mod scan;

use std::{borrow::Cow, ops::Range};

use rustc_hash::FxHashSet;
use schema::DocumentKind;
use yaml::{Edits, Kind, NodeId, Span, Tree};

use crate::{bind::Binding, words};
use name::Holds;

/// Bytes of a piece of a secret that is looked for within other texts; a shorter one may stand there by chance.
const PIECE: usize = 6;
/// Maximum number of bytes of all secrets of a document that are cut into pieces; with more, all that is quoted is hidden.
const MOST_BYTES: usize = 256 << 10;
/// Maximum number of short secrets before the end of a place that what is said of it is compared with.
const MOST_SHORT: usize = 200;

/// The secrets of a document, so that nothing shows them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Secrets {
    /// Where they are, in order and disjoint.
    spans: Vec<Span>,
    /// All pieces of them, in lower case.
    pieces: FxHashSet<[u8; PIECE]>,
    /// Those that have no piece, with the line of each: looked for only in what is said of that line.
    short: Vec<(Span, String)>,
    /// Whether they are too long to be cut into pieces.
    is_flood: bool,
    among_credentials: bool,
}

/// Something that is said of a document, and may quote it.
pub(crate) trait Quotes {
    /// Hides the secrets in all texts that people or programs read.
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
    /// The secrets of a document.
    pub(crate) fn of(tree: &Tree, binding: &Binding, kind: DocumentKind) -> Secrets {
        let among_credentials = is_about_credentials(kind);
        let source = tree.source();
        yaml::work::add(source.len());
        let mut found = Found { spans: vec![], texts: vec![] };
        for range in scan::spans(source, among_credentials) {
            found.add(Span::new(range.start as u32, range.end as u32), &source[range]);
        }
        if may_have(tree, binding, kind) {
            by_catalogue(tree, binding, kind, &mut found);
        }
        let mut secrets = Secrets { among_credentials, spans: joined(found.spans), ..Secrets::default() };
        secrets.is_flood = found.texts.iter().map(|it| it.1.len()).sum::<usize>() > MOST_BYTES;
        if !secrets.is_flood {
            found.texts.sort();
            let mut line = Span::at(0);
            for (span, text) in &found.texts {
                line = line_of(source, line, span.start);
                secrets.learn(line, text);
            }
        }
        secrets.short.dedup();
        secrets
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Where they are, in order and disjoint.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The text of the document with a sign in the place of each character of a secret: of the same length in bytes and in
    /// characters, and with the same lines.
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

    /// A text that is said of no place in particular, with `…` for each secret.
    pub fn hidden<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.hidden_of(&[], text)
    }

    /// Whether a span is a secret, or a part of one.
    pub(crate) fn cover(&self, span: Span) -> bool {
        let after = self.spans.partition_point(|it| it.start <= span.start);
        after.checked_sub(1).is_some_and(|it| span.end <= self.spans[it].end) && !span.is_empty()
    }

    /// What is written at a place, to be quoted.
    pub(crate) fn quoted<'a>(&self, place: Span, text: &'a str) -> Cow<'a, str> {
        if self.cover(place) { "…".into() } else { self.hidden_of(&[place], text) }
    }

    /// Whether edits repeat a secret, which they then take from its place.
    pub fn are_in(&self, edits: &Edits) -> bool {
        let hides = |text: &str| matches!(self.hidden(text), Cow::Owned(_));
        edits.iter().any(|edit| hides(&edit.text) || self.short_near(&[edit.span]).any(|it| edit.text.contains(it)))
    }

    /// Hides the secrets in a text that is said of `places`.
    pub(crate) fn hide(&self, places: &[Span], text: &mut String) {
        if let Cow::Owned(hidden) = self.hidden_of(places, text) {
            *text = hidden;
        }
    }

    /// Hides the secrets in a text with sentences and examples of ours, which may show how a password is written.
    pub(crate) fn hide_in_docs(&self, text: &mut String) {
        if !self.is_flood
            && let Cow::Owned(hidden) = replaced(text, self.pieces_in(text))
        {
            *text = hidden;
        }
    }

    fn hidden_of<'a>(&self, places: &[Span], text: &'a str) -> Cow<'a, str> {
        if self.is_empty() || text.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut ranges = if self.is_flood { vec![] } else { self.pieces_in(text) };
        let near: Vec<&str> = self.short_near(places).collect();
        let mut start = 0;
        for (i, part) in text.split('`').enumerate() {
            // What looks like a secret here, too: of a long one there may be no more than its beginning.
            let looks = scan::spans(part, self.among_credentials);
            ranges.extend(looks.into_iter().map(|it| start + it.start..start + it.end));
            let is_quoted = i % 2 == 1 || !text.contains('`');
            if is_quoted && self.is_flood {
                ranges.push(start..start + part.len());
            }
            if is_quoted {
                let found = near.iter().flat_map(|it| part.match_indices(it)).map(|(at, it)| at..at + it.len());
                let found = found.filter(|it| is_word_of(part, it.clone()));
                ranges.extend(found.map(|it| start + it.start..start + it.end));
            }
            start += part.len() + 1;
        }
        ranges.sort_by_key(|it| (it.start, it.end));
        replaced(text, ranges)
    }

    /// Where pieces of secrets stand in a text, with the rest of the words that they are part of.
    fn pieces_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = vec![];
        for (at, window) in text.as_bytes().windows(PIECE).enumerate() {
            if self.pieces.is_empty() || !self.pieces.contains(&lower(window)) {
                continue;
            }
            match ranges.last_mut() {
                // A sign between two pieces, such as the backslash of an escape, is a part of the secret.
                Some(last) if at <= last.end + 2 && !text.as_bytes()[last.end.min(at)..at].contains(&b'`') => {
                    last.end = at + PIECE;
                }
                _ => ranges.push(at..at + PIECE),
            }
        }
        let is_end = |it: &u8| it.is_ascii_whitespace() || b"`\"'{}[](),:;=".contains(it);
        for range in &mut ranges {
            let bytes = text.as_bytes();
            range.start -= bytes[..range.start].iter().rev().take_while(|it| !is_end(it)).count();
            range.end += bytes[range.end..].iter().take_while(|it| !is_end(it)).count();
        }
        ranges
    }

    /// The short secrets on the lines of the places.
    fn short_near(&self, places: &[Span]) -> impl Iterator<Item = &str> {
        places.iter().flat_map(|place| {
            let end = self.short.partition_point(|it| it.0.start <= place.end);
            let near = self.short[..end].iter().rev().take(MOST_SHORT).filter(|it| place.start <= it.0.end);
            near.map(|it| &*it.1)
        })
    }

    /// Cuts a secret into its pieces.
    fn learn(&mut self, line: Span, text: &str) {
        // A placeholder such as `api_key: api_key` hides nothing, and would hide the name of the field.
        if text.is_empty() || name::is_field(text) {
            return;
        }
        let bytes = text.as_bytes();
        // Windows within a word of the catalogue tell nothing of the secret, and would hide that word elsewhere.
        let mut word_start = 0;
        let mut known_until = 0;
        let mut any = false;
        for at in 0..bytes.len() {
            if at == 0 || !bytes[at - 1].is_ascii_alphabetic() {
                word_start = at;
            }
            if at == word_start {
                let end = at + bytes[at..].iter().take_while(|it| it.is_ascii_alphabetic()).count();
                if end > at && name::is_vocabulary(&text[at..end].to_ascii_lowercase()) {
                    known_until = end;
                }
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

/// Whether the value must not be shown, by the catalogue.
pub(crate) fn is_secret(tree: &Tree, binding: &Binding, kind: DocumentKind, node: NodeId) -> bool {
    if scan::is_reference(tree.value(node), false) {
        return false;
    }
    for around in std::iter::once(node).chain(tree.ancestors(node)) {
        if let Some(entry) = tree.entry_of(around) {
            if entry.key == around {
                // A key alone that looks like no field may be a secret without its key: `creds: {…}`.
                let is_alone = tree.span(entry.value).is_empty() && binding.fact(node).field.is_none();
                if around != node || !is_alone || field_meant(tree, binding, node).is_some() {
                    return false;
                }
                continue;
            }
            match binding.fact(entry.key).field {
                Some(field) => return schema::catalogue().field_by_id(field).is_some_and(|it| it.secret),
                None if is_key_of_secret(tree, binding, kind, entry.key) => return true,
                None => {}
            }
        }
        // An entry that could not be read: by its key, as far as that can be seen.
        if tree.kind(around) == Kind::Broken && value_of_broken(tree.text(around), kind).is_some() {
            return true;
        }
    }
    false
}

/// Whether an unknown key names a secret, or was plainly meant to: `pasword` beside `username`.
fn is_key_of_secret(tree: &Tree, binding: &Binding, kind: DocumentKind, key: NodeId) -> bool {
    name::holds(tree.value(key), is_about_credentials(kind)).is_some()
        || fields_beside(tree, binding, key).any(|it| it.secret)
            && field_meant(tree, binding, key).is_some_and(|it| it.secret)
}

/// The field that an unknown key was plainly meant to be.
fn field_meant(tree: &Tree, binding: &Binding, key: NodeId) -> Option<&'static schema::Field> {
    let fields = || fields_beside(tree, binding, key);
    let name = words::closest(tree.value(key), fields().map(|it| &*it.name))?;
    fields().find(|it| &*it.name == name)
}

/// The fields that the mapping of a key knows.
fn fields_beside(tree: &Tree, binding: &Binding, key: NodeId) -> impl Iterator<Item = &'static schema::Field> {
    let ty = tree.parent(key).and_then(|it| binding.fact(it).ty);
    ty.and_then(|it| schema::catalogue().mapping(it)).into_iter().flat_map(|it| &it.fields)
}

/// Whether files of a kind are about credentials.
fn is_about_credentials(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::ServerConfig | DocumentKind::ClientConfig)
}

/// Whether it is worth asking the catalogue.
fn may_have(tree: &Tree, binding: &Binding, kind: DocumentKind) -> bool {
    let is_marked = |node: NodeId| {
        let field = binding.fact(node).field.and_then(|it| schema::catalogue().field_by_id(it));
        field.is_some_and(|it| it.secret) || tree.kind(node) == Kind::Broken
    };
    is_about_credentials(kind) || tree.ids().any(is_marked)
}

/// The values that the catalogue says are secret.
fn by_catalogue(tree: &Tree, binding: &Binding, kind: DocumentKind, found: &mut Found) {
    let mut done = NodeId(0);
    for node in tree.ids() {
        match tree.kind(node) {
            // All of a broken entry is hidden at once, with what could be read in it.
            _ if node < done => {}
            Kind::Broken if is_secret(tree, binding, kind, node) => {
                let span = tree.span(node);
                let start = span.start + value_of_broken(tree.text(node), kind).unwrap_or(0) as u32;
                found.add(Span::new(start, span.end), &tree.source()[start as usize..span.end as usize]);
                done = tree.subtree_end(node);
            }
            Kind::Scalar if is_secret(tree, binding, kind, node) => {
                found.add(tree.span(node), tree.text(node));
                // The same without quotes and escapes.
                found.texts.extend(tree.value(node).lines().map(|it| (tree.span(node), it.trim().to_owned())));
            }
            // The secret stands where the anchor is.
            Kind::Alias if is_secret(tree, binding, kind, node) => {
                let target = tree.target(node);
                if target.is_none_or(|it| tree.kind(it) == Kind::Scalar) {
                    let it = target.unwrap_or(node);
                    found.add(tree.span(it), tree.text(it).trim_start_matches('*'));
                }
            }
            _ => {}
        }
    }
}

/// Secrets while they are collected.
struct Found {
    spans: Vec<Span>,
    /// What they are made of, line by line, each with its place.
    texts: Vec<(Span, String)>,
}

impl Found {
    fn add(&mut self, span: Span, text: &str) {
        if !text.trim().is_empty() {
            self.spans.push(span);
            let line = |it: &str| it.trim().trim_matches(['"', '\'']).to_owned();
            self.texts.extend(text.split(['\n', '\r']).map(|it| (span, line(it))));
        }
    }
}

/// The line on which `offset` is, which is on the line `last` or below it.
fn line_of(source: &str, last: Span, offset: u32) -> Span {
    if offset <= last.end && !last.is_empty() {
        return last;
    }
    let is_break = |it: &u8| matches!(it, b'\n' | b'\r');
    let bytes = source.as_bytes();
    let begin = last.end as usize;
    let start = bytes[begin..offset as usize].iter().rposition(is_break).map_or(begin, |it| begin + it + 1);
    let end = bytes[offset as usize..].iter().position(is_break).map_or(bytes.len(), |it| offset as usize + it);
    Span::new(start as u32, end as u32)
}

/// Sorted, and as one where they overlap.
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

/// What stands before the first colon; where there is none, the first word.
fn key_of(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['-', ' ', '{']);
    let (key, _) = text.split_once([':', ' ', '\t', '=', ';', ',']).filter(|it| it.0.len() < text.len())?;
    Some(key.trim().trim_matches(['"', '\'']))
}

/// Where in an entry that could not be read its secret begins; `None` where its key names none. What is in brackets, and has
/// keys of its own, is looked at by itself.
fn value_of_broken(text: &str, kind: DocumentKind) -> Option<usize> {
    let key = key_of(text)?;
    let holds = name::holds(key, is_about_credentials(kind))?;
    let end = key.as_ptr() as usize - text.as_ptr() as usize + key.len();
    let value = text[end..].trim_start_matches(['"', '\'', ':', '=', ' ', '\t']);
    let is_mixed = holds == Holds::Secrets && value.starts_with(['{', '[']) && value.contains(':');
    (!is_mixed).then_some(text.len() - value.len())
}

/// Whether the range is a word, or some, of the text.
fn is_word_of(text: &str, range: Range<usize>) -> bool {
    let is_letter = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    !is_letter(text[..range.start].chars().next_back()) && !is_letter(text[range.end..].chars().next())
}

fn lower(window: &[u8]) -> [u8; PIECE] {
    std::array::from_fn(|it| window[it].to_ascii_lowercase())
}

/// The text with `…` for each range, which are sorted and may overlap.
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
