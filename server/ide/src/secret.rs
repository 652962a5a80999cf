//! Hides secrets: passwords, keys and tokens.
//!
//! There are two ways to tell that a part of a document is secret:
//!
//! * by its place in the tree: the nearest known field around a value is marked `secret: true` in the catalogue (`api_key: …`;
//!   in `creds`, which is marked as a whole, all values but those of known fields without the mark), or the nearest key names
//!   a secret (`HF_TOKEN`), also where the value is an alias;
//! * by the look of the text (`scan`, `name`), whatever is wrong with the YAML: the value behind a key that names a secret
//!   (`HF_TOKEN=…`, `password …`), a token of a well-known form (`hf_…`), and the password in a URL.
//!
//! A reference such as `${{ secrets.token }}` is no secret, and neither is the path of a file.
//!
//! Every public function of this crate that quotes a document returns its answer through `Document::without_secrets`, which
//! calls [`Quotes::hide`] of what is returned. Only edits hold secrets, because an editor needs the text as it is.

mod name;
mod scan;

use std::{borrow::Cow, ops::Range};

use rustc_hash::FxHashSet;
use schema::DocumentKind;
use yaml::{Edits, Kind, NodeId, Span, Tree};

use crate::{bind::Binding, words};
use name::Holds;
pub(crate) use scan::Scanned;

/// Length in bytes of the pieces of secrets that are searched for in messages; shorter ones occur there by chance.
const PIECE: usize = 6;
/// Maximum number of bytes of all secrets of a document that are cut into pieces; with more, everything quoted is hidden.
const MOST_BYTES: usize = 256 << 10;
/// Maximum number of short secrets that a message is compared with; if its lines have more, everything quoted is hidden.
const MOST_SHORT: usize = 200;

/// Maximum number of keys within secrets that are compared with the names of fields, which takes microseconds for each.
const MOST_KEYS: usize = 1_000;

/// The secrets of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Secrets {
    /// The nodes that are secret by their place, in order.
    nodes: Vec<NodeId>,
    /// Their places, in order and disjoint.
    spans: Vec<Span>,
    /// All pieces of them, in lower case.
    pieces: FxHashSet<[u8; PIECE]>,
    /// Those without pieces, each with its line, in order: hidden only in messages about that line.
    short: Vec<(Span, String)>,
    /// Whether they are too long to be cut into pieces.
    is_flood: bool,
    among_credentials: bool,
}

/// An answer about a document that may quote it.
pub(crate) trait Quotes {
    /// Hides the secrets in all texts of the answer but those of edits.
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
    /// The secrets of a document, whose text was [`scanned`].
    pub(crate) fn of(scanned: &Scanned, tree: &Tree, binding: &Binding, kind: DocumentKind) -> Secrets {
        let among_credentials = is_about_credentials(kind);
        let source = tree.source();
        let mut found = Found::default();
        for range in scanned.spans() {
            found.add(Span::new(range.start as u32, range.end as u32), &source[range.clone()]);
        }
        by_place(tree, binding, kind, &mut found);
        let (nodes, spans) = (found.nodes, joined(found.spans));
        let mut secrets = Secrets { among_credentials, nodes, spans, ..Secrets::default() };
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

    /// A text about no place in particular, with `…` for each secret.
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

    /// What is written at a place, to be quoted.
    pub(crate) fn quoted<'a>(&self, place: Span, text: &'a str) -> Cow<'a, str> {
        if self.cover(place) { "…".into() } else { self.hidden_of(&[place], text) }
    }

    /// Whether edits repeat a secret, which they then take from its place.
    pub fn are_in(&self, edits: &Edits) -> bool {
        let hides = |text: &str| matches!(self.hidden(text), Cow::Owned(_));
        let repeats_short = |span: Span, text: &str| match self.short_near(&[span]) {
            Some(short) => short.iter().any(|it| text.contains(it)),
            None => !text.is_empty(),
        };
        edits.iter().any(|edit| hides(&edit.text) || repeats_short(edit.span, &edit.text))
    }

    /// Hides the secrets in a text about `places`.
    pub(crate) fn hide(&self, places: &[Span], text: &mut String) {
        if let Cow::Owned(hidden) = self.hidden_of(places, text) {
            *text = hidden;
        }
    }

    /// Hides the secrets in documentation, but not what only looks like one: its examples show how a password is written.
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
            // What looks like a secret here, too: of a long one there may be no more than its beginning.
            let looks = scan::spans(part, self.among_credentials);
            ranges.extend(looks.into_iter().map(|it| start + it.start..start + it.end));
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
        // A word with many pieces is looked at once.
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

    /// The short secrets on the lines of the places; `None` if there are more than `MOST_SHORT`.
    fn short_near(&self, places: &[Span]) -> Option<Vec<&str>> {
        let mut near = vec![];
        for place in places {
            let start = self.short.partition_point(|it| it.0.end < place.start);
            let end = self.short.partition_point(|it| it.0.start <= place.end);
            if near.len() + end - start > MOST_SHORT {
                return None;
            }
            near.extend(self.short[start..end].iter().map(|it| &*it.1));
        }
        Some(near)
    }

    /// Cuts a secret into its pieces.
    fn learn(&mut self, line: Span, text: &str) {
        // A placeholder such as `api_key: api_key` is no secret, and hiding it would hide the name of the field.
        if text.is_empty() || name::is_field(text) {
            return;
        }
        let bytes = text.as_bytes();
        // Pieces within words of the catalogue reveal nothing, and would hide these words elsewhere.
        let mut word_start = 0;
        let mut known_until = 0;
        let mut any = false;
        for at in 0..bytes.len() {
            if at == 0 || !bytes[at - 1].is_ascii_alphabetic() {
                word_start = at;
            }
            if at == word_start {
                let is_part = |it: &&u8| it.is_ascii_alphabetic() || **it == b'_';
                let end = at + bytes[at..].iter().take(name::LONGEST).take_while(is_part).count();
                yaml::work::add(end - at);
                // `at` may be within a character, where no name begins.
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

/// Scans the text of a document of a kind; `before` is what was found in an earlier version, whatever its kind.
pub(crate) fn scanned(text: &yaml::Text, kind: DocumentKind, before: Option<&Scanned>) -> Scanned {
    Scanned::new(text.shared(), is_about_credentials(kind), before)
}

/// Whether an unknown key names a secret, or resembles a secret field of its mapping: `pasword` beside `username`.
fn is_key_of_secret(tree: &Tree, binding: &Binding, kind: DocumentKind, key: NodeId) -> bool {
    let name = tree.value(key);
    // A command with a colon is no key: `export TOKEN=x; echo a: b`.
    let is_word = !name.contains([' ', '\t', '=']);
    is_word && name::holds(name, is_about_credentials(kind)).is_some()
        || fields_beside(tree, binding, key).any(|it| it.secret)
            && field_meant(tree, binding, key).is_some_and(|it| it.secret)
}

/// The field that an unknown key resembles.
fn field_meant(tree: &Tree, binding: &Binding, key: NodeId) -> Option<&'static schema::Field> {
    field_like(tree.value(key), tree, binding, key)
}

/// The field of the mapping around a node that a word resembles, or is.
fn field_like(word: &str, tree: &Tree, binding: &Binding, node: NodeId) -> Option<&'static schema::Field> {
    let fields = || fields_beside(tree, binding, node);
    let name = words::closest(word, fields().map(|it| &*it.name))?;
    fields().find(|it| &*it.name == name)
}

/// The known fields of the mapping that a node is a child of.
fn fields_beside(tree: &Tree, binding: &Binding, node: NodeId) -> impl Iterator<Item = &'static schema::Field> {
    let ty = tree.parent(node).and_then(|it| binding.fact(it).ty);
    ty.and_then(|it| schema::catalogue().mapping(it)).into_iter().flat_map(|it| &it.fields)
}

/// Whether files of a kind are about credentials.
fn is_about_credentials(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::ServerConfig | DocumentKind::ClientConfig)
}

/// What a place says about the nodes in it, unless a place nearer to them says otherwise.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Shown,
    Secret,
    /// Secret by the name of an unknown key, where a scalar is shown that is not worth hiding.
    SecretByName,
}

/// A node on the way down to another one.
struct Around {
    node: NodeId,
    end: NodeId,
    verdict: Verdict,
    /// In a mapping, the key whose value comes next.
    key: Option<NodeId>,
}

/// The nodes that are secret by their place in the tree.
fn by_place(tree: &Tree, binding: &Binding, kind: DocumentKind, found: &mut Found) {
    let mut above: Vec<Around> = vec![];
    let mut broken_end = NodeId(0);
    for node in tree.ids() {
        while above.pop_if(|it| it.end <= node).is_some() {}
        let around = above.last_mut();
        let inherited = around.as_ref().map_or(Verdict::Shown, |it| it.verdict);
        let mapping = around.filter(|it| tree.kind(it.node) == Kind::Mapping && tree.kind(node) != Kind::Broken);
        // Of the node itself, and of those in it.
        let (mut own, mut inside) = (inherited, inherited);
        match mapping.map(|it| (it.key.take(), it)) {
            Some((Some(key), _)) => {
                own = match binding.fact(key).field.map(|it| schema::catalogue().field_by_id(it)) {
                    Some(field) if field.is_some_and(|it| it.secret) => Verdict::Secret,
                    Some(_) => Verdict::Shown,
                    None if is_key_of_secret(tree, binding, kind, key) => Verdict::SecretByName,
                    None => inherited,
                };
                inside = own;
            }
            Some((None, around)) => {
                around.key = Some(node);
                if inherited != Verdict::Shown && !is_alone(tree, binding, node) {
                    own = Verdict::Shown;
                }
                inside = Verdict::Shown;
            }
            // An entry that could not be parsed: by its key, if it shows one.
            None if tree.kind(node) == Kind::Broken && value_of_broken(tree.text(node), kind).is_some() => {
                own = Verdict::Secret;
                inside = own;
            }
            None => {}
        }
        let end = tree.subtree_end(node);
        if end.0 > node.0 + 1 {
            above.push(Around { node, end, verdict: inside, key: None });
        }
        let is_harmless = || tree.kind(node) == Kind::Scalar && scan::is_harmless(tree.value(node));
        let is_secret = own != Verdict::Shown
            && !scan::is_reference(tree.value(node), false)
            && !(own == Verdict::SecretByName && is_harmless());
        if !is_secret {
            continue;
        }
        found.nodes.push(node);
        match tree.kind(node) {
            // A broken entry is hidden as a whole, with the nodes that could be parsed in it.
            _ if node < broken_end => {}
            Kind::Broken => {
                let (span, text) = (tree.span(node), tree.text(node));
                let value = value_of_broken(text, kind).or_else(|| {
                    let key = key_of(text).filter(|it| field_like(it, tree, binding, node).is_some())?;
                    Some(text.len() - behind_key(text, key).len())
                });
                let start = span.start + value.unwrap_or(0) as u32;
                found.add(Span::new(start, span.end), &tree.source()[start as usize..span.end as usize]);
                broken_end = end;
            }
            Kind::Scalar => {
                found.add(tree.span(node), tree.text(node));
                // The same without quotes and escapes.
                found.texts.extend(tree.value(node).lines().map(|it| (tree.span(node), it.trim().to_owned())));
            }
            // The secret is at the anchor.
            Kind::Alias => match tree.target(node) {
                Some(target) => found.add_target(tree, target),
                None => found.add(tree.span(node), tree.text(node).trim_start_matches('*')),
            },
            Kind::Mapping | Kind::Sequence => {}
        }
    }
}

/// Whether a key without a value that resembles no field may be a secret without its key: `creds: {…}`.
fn is_alone(tree: &Tree, binding: &Binding, key: NodeId) -> bool {
    let has_no_value = || tree.entry_of(key).is_none_or(|it| tree.span(it.value).is_empty());
    binding.fact(key).field.is_none() && has_no_value() && field_meant(tree, binding, key).is_none()
}

/// Secrets while they are collected.
#[derive(Default)]
struct Found {
    nodes: Vec<NodeId>,
    spans: Vec<Span>,
    /// Their lines, each with the place of the secret.
    texts: Vec<(Span, String)>,
    /// The anchored nodes that were added, each once for all of its aliases.
    targets: FxHashSet<NodeId>,
    /// How many keys were compared with the names of fields.
    keys: usize,
}

impl Found {
    fn add(&mut self, span: Span, text: &str) {
        if !text.trim().is_empty() {
            self.spans.push(span);
            for line in text.split(['\n', '\r']) {
                // Without what stands around it, which messages do not repeat.
                let line = line.trim().trim_matches(['"', '\'', '-', '[', ']', '{', '}', ',', ' ']);
                let secret = self.behind_field(line).to_owned();
                self.texts.push((span, secret));
            }
        }
    }

    /// The value on a line of several that are hidden as a whole, if its key is that of a field, perhaps misspelled: the key
    /// is no secret, and messages name it.
    fn behind_field<'a>(&mut self, line: &'a str) -> &'a str {
        let Some((key, value)) = line.split_once(": ").filter(|it| it.0.len() <= name::LONGEST) else { return line };
        self.keys += 1;
        if self.keys <= MOST_KEYS && name::is_beside_secrets(key) { value.trim() } else { line }
    }

    /// Adds the anchored node that stands for a secret: a scalar, or all values in a mapping or list but those of known
    /// fields.
    fn add_target(&mut self, tree: &Tree, target: NodeId) {
        if !self.targets.insert(target) {
            return;
        }
        for node in (target.0..tree.subtree_end(target).0).map(NodeId) {
            let entry = tree.entry_of(node).filter(|_| node != target);
            let is_shown = entry.is_some_and(|it| it.key == node || name::is_field(tree.value(it.key)));
            if tree.kind(node) == Kind::Scalar && !is_shown && !scan::is_harmless(tree.value(node)) {
                self.add(tree.span(node), tree.text(node));
                self.texts.extend(tree.value(node).lines().map(|it| (tree.span(node), it.trim().to_owned())));
            }
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

/// The text before the first colon, or else the first word.
fn key_of(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['-', ' ', '{']);
    let (key, _) = text.split_once([':', ' ', '\t', '=', ';', ',']).filter(|it| it.0.len() < text.len())?;
    Some(key.trim().trim_matches(['"', '\'']))
}

/// The text behind `key`, which is a part of it, and the separator.
fn behind_key<'a>(text: &'a str, key: &str) -> &'a str {
    let end = key.as_ptr() as usize - text.as_ptr() as usize + key.len();
    text[end..].trim_start_matches(['"', '\'', ':', '=', ' ', '\t'])
}

/// The offset in an entry that could not be parsed where its secret begins; `None` if its key names none. Brackets with keys
/// of their own are no secret as a whole.
fn value_of_broken(text: &str, kind: DocumentKind) -> Option<usize> {
    let key = key_of(text)?;
    let holds = name::holds(key, is_about_credentials(kind))?;
    let value = behind_key(text, key);
    let is_mixed = holds == Holds::Secrets && value.starts_with(['{', '[']) && value.contains(':');
    (!is_mixed).then_some(text.len() - value.len())
}

/// The parts of a Markdown text, each with whether it is code: between backticks.
fn parts(text: &str) -> impl Iterator<Item = (Range<usize>, bool)> {
    let mut start = 0;
    text.split('`').enumerate().map(move |(i, part)| {
        let range = start..start + part.len();
        start = range.end + 1;
        (range, i % 2 == 1)
    })
}

/// Whether a range of a text begins and ends with a word.
fn is_word_of(text: &str, range: Range<usize>) -> bool {
    let is_letter = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    !is_letter(text[..range.start].chars().next_back()) && !is_letter(text[range.end..].chars().next())
}

fn lower(window: &[u8]) -> [u8; PIECE] {
    std::array::from_fn(|it| window[it].to_ascii_lowercase())
}

/// The text with `…` in the place of each range. The ranges are sorted and may overlap.
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
