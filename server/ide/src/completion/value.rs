//! What may stand behind a key, behind a dash, in brackets, and at a place within a scalar.

use schema::{EnumValue, Release, Status, Type, TypeId};
use yaml::{Encoding, Kind, Scalar, Span, write::Context};

use super::{Candidates, CompletionItem, ItemKind};
use crate::{
    cursor::{Slot, TypedValue},
    document::Document,
    limits::MAX_LISTED_ITEMS,
    types,
};

/// What stands after the words that are known for the place.
const LATER: u32 = 500;

/// Offers the values that the types expected in the place know.
pub(super) fn complete(document: &Document, value: &TypedValue, acc: &mut Candidates) {
    if tags(document, value, acc) {
        return;
    }
    let Some(expected) = types::expected(document, value.node) else { return };
    let default = types::field_of(document, value.node).and_then(|it| types::default(it, document.release()));
    let alternatives = types::alternatives(expected, document.release());
    if value.slot == Slot::Inline
        && value.text.is_empty()
        && !value.quoted
        && !openers(document, value, &alternatives, acc)
    {
        return;
    }
    for ty in alternatives {
        alternative(&Place { document, value }, ty, default, Wrap::None, acc);
    }
}

/// Where a value is typed, in the throw-away document.
struct Place<'a> {
    document: &'a Document,
    value: &'a TypedValue,
}

/// Offers to write a list or a mapping on the lines below `key:`. That comes first where nothing else can stand, and right
/// behind the colon: a value would need a space there, and a line break does not. Returns whether values may be offered, too.
fn openers(document: &Document, value: &TypedValue, alternatives: &[TypeId], acc: &mut Candidates) -> bool {
    let release = document.release();
    let types: Vec<&Type> = alternatives.iter().filter_map(|it| types::get(*it, release)).collect();
    let opens = |ty: &Type| matches!(ty, Type::Sequence(_) | Type::Mapping(_) | Type::Table(_));
    if !types.iter().any(|it| opens(it)) {
        return true;
    }
    let is_first = !value.lead.is_empty() || types.iter().all(|it| opens(it));
    if acc.is_before_comment(value.span.end) {
        // The comment would go along to the next line. Where Enter would open the block it is left to the editor.
        return !is_first;
    }
    for ty in types {
        match ty {
            Type::Sequence(_) => below(value, "- …", "one item a line", acc.layout.list, "- ", is_first, acc),
            Type::Mapping(mapping) => {
                let required = mapping.fields.iter().find(|it| it.is_required(release));
                let first = required.or(mapping.fields.first()).map_or("…", |it| &it.name);
                below(value, &format!("{first}: …"), "one field a line", acc.layout.step, "", is_first, acc);
            }
            Type::Table(_) => below(value, "NAME: …", "one a line", acc.layout.step, "", is_first, acc),
            _ => {}
        }
    }
    true
}

/// Whether the editor should offer something right after the key of such a value.
pub(super) fn has_known_words(alternatives: &[TypeId], release: Release) -> bool {
    alternatives.iter().any(|it| match types::get(*it, release) {
        Some(Type::Enum(_) | Type::Boolean) => true,
        Some(Type::Grammar(name)) => {
            schema::grammar::named(name).is_some_and(|it| !it.expected("", 0, release).is_empty())
        }
        _ => false,
    })
}

/// What is written around an item where a list is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrap {
    None,
    /// `[item]`
    Brackets,
    /// `- item`
    Dash,
}

/// The union whose variants the value tells apart, if it is one of a field such as `type`.
pub(super) fn tagged_union(document: &Document, value: &TypedValue) -> Option<&'static schema::Union> {
    let tree = document.tree();
    let mapping = tree.parent(value.node)?;
    let entry = tree.entry_of(value.node).filter(|it| it.value == value.node)?;
    types::tagged_union(document, mapping, tree.value(entry.key))
}

/// The values of the field that tells the variants of a union apart: `type`.
fn tags(document: &Document, value: &TypedValue, acc: &mut Candidates) -> bool {
    let Some(union) = tagged_union(document, value) else { return false };
    for (i, tag) in union.tags.iter().enumerate() {
        if union.variant(tag, document.release()).is_some_and(|it| it.1.is_accepted()) {
            let docs = union.docs.get(i).map(|it| it.to_string()).unwrap_or_default();
            let word = Word { rank: i as u32, kind: ItemKind::Word, text: tag, docs, ..Word::default() };
            word.add(&Place { document, value }, Wrap::None, true, acc);
        }
    }
    true
}

fn alternative(place: &Place, ty: TypeId, default: Option<&str>, wrap: Wrap, acc: &mut Candidates) {
    let Place { document, value } = place;
    let release = document.release();
    match types::get(ty, release) {
        Some(Type::Enum(it)) => {
            for (i, word) in it.values.iter().enumerate() {
                enum_word(place, word, i as u32, default, wrap, acc);
            }
        }
        Some(Type::Boolean) if value.slot != Slot::Text => {
            for (rank, text) in [(0, "true"), (1, "false")] {
                let detail = if default == Some(text) { "the default" } else { "" };
                Word { rank, kind: ItemKind::Word, text, detail, ..Word::default() }.add(place, wrap, false, acc);
            }
        }
        Some(Type::Grammar(name)) => {
            grammar(place, name, wrap, acc);
            default_word(place, default, false, wrap, acc);
        }
        Some(Type::String(_)) => default_word(place, default, true, wrap, acc),
        Some(Type::Integer(_) | Type::Float(_)) => default_word(place, default, false, wrap, acc),
        Some(Type::Sequence(it)) if wrap == Wrap::None && !value.quoted => {
            let wrap = if value.slot == Slot::OwnLine { Wrap::Dash } else { Wrap::Brackets };
            for item in types::alternatives(it.item, release) {
                alternative(place, item, None, wrap, acc);
            }
        }
        _ => {}
    }
}

fn enum_word(place: &Place, word: &EnumValue, rank: u32, default: Option<&str>, wrap: Wrap, acc: &mut Candidates) {
    let status = word.status(place.document.release());
    if !matches!(status, Status::Current | Status::Deprecated(_)) {
        return;
    }
    let detail = if default == Some(&*word.value) { "the default" } else { "" };
    let deprecated = matches!(status, Status::Deprecated(_));
    let docs = word.docs.to_string();
    Word { rank, kind: ItemKind::Word, text: &word.value, detail, docs, deprecated }.add(place, wrap, true, acc);
}

/// What the field is if it is left out: a start for one's own value.
fn default_word(place: &Place, default: Option<&str>, text_wanted: bool, wrap: Wrap, acc: &mut Candidates) {
    if let Some(text) = default.filter(|_| place.value.slot != Slot::Text) {
        let word = Word { rank: LATER, kind: ItemKind::Value, text, detail: "the default", ..Word::default() };
        word.add(place, wrap, text_wanted, acc);
    }
}

/// What the grammar of a scalar expects at the cursor.
fn grammar(place: &Place, name: &str, wrap: Wrap, acc: &mut Candidates) {
    let Place { document, value } = place;
    let release = document.release();
    let Some(grammar) = schema::grammar::named(name) else { return };
    for (rank, expected) in grammar.expected(&value.text, value.at, release).into_iter().enumerate() {
        if !belongs(document, value, wrap, &expected.text) {
            continue;
        }
        let range = expected.replace.clone();
        let (Some(before), Some(after)) = (value.text.get(..range.start), value.text.get(range.end..)) else {
            continue;
        };
        // What goes around a whole scalar is of no use within one.
        let fits = wrap == Wrap::None || before.is_empty() && after.is_empty();
        if !(fits && range.start <= value.at && value.at <= range.end) {
            continue;
        }
        let whole = format!("{before}{}{after}", expected.text);
        if is_listed(place, &whole) {
            continue;
        }
        let written =
            if value.quoted { whole.clone() } else { written_for(&whole, grammar, release, context(value.slot, wrap)) };
        let in_place = written == whole && wrap == Wrap::None && value.lead.is_empty();
        let span = match in_place {
            true => Span::new(value.span.start + range.start as u32, value.span.start + range.end as u32),
            false => value.span,
        };
        acc.add(
            rank as u32,
            CompletionItem {
                label: labelled(if in_place || before.is_empty() { &expected.text } else { &whole }, wrap),
                kind: ItemKind::Value,
                detail: expected.detail,
                docs: expected.docs,
                span,
                text: if in_place { expected.text } else { wrapped(&written, value, wrap) },
                snippet: None,
                deprecated: false,
                retrigger: false,
            },
        );
    }
}

/// Whether the list that the value stands in has this item already.
fn is_listed(Place { document, value }: &Place, item: &str) -> bool {
    let tree = document.tree();
    let Some(list) = tree.parent(value.node).filter(|it| tree.kind(*it) == Kind::Sequence) else { return false };
    let mut others = tree.items(list).take(MAX_LISTED_ITEMS).filter(|it| *it != value.node);
    others.any(|it| tree.kind(it) == Kind::Scalar && tree.value(it) == item)
}

/// Whether an interpolation makes sense at the place: `${{ … }}` knows other names in commands than in credentials.
fn belongs(document: &Document, value: &TypedValue, wrap: Wrap, text: &str) -> bool {
    let name = text.strip_prefix("${{ ");
    let (before, after) = value.text.split_at_checked(value.at).unwrap_or_default();
    if name.is_some() && after.starts_with('{') {
        return false;
    }
    let opened = before.rfind('$').is_some_and(|it| "${{ ".starts_with(&before[it..]));
    let in_braces = before.rfind("${{") > before.rfind("}}");
    let empty = value.text.is_empty() && wrap == Wrap::None && value.slot == Slot::Inline;
    if name.is_some() && !opened && !in_braces && !empty {
        return false;
    }
    if name.is_none() && !in_braces {
        return true;
    }
    let name = name.unwrap_or(text).trim_end_matches(['.', ' ', '}']);
    let Some(field) = document.tree().ancestors(value.node).find_map(|it| types::field_of(document, it)) else {
        return true;
    };
    let is_known = |namespace: &str| {
        name.strip_prefix(namespace).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    // Groups of a service have replicas, and not nodes.
    let is_other = document.configuration_type() == Some("service") && name.contains("nodes[");
    // A field that names none leaves it to its grammar.
    (field.interpolates.is_empty() || field.interpolates.iter().any(|it| is_known(it))) && !is_other
}

/// What is shown for an item: a dash where one is written.
fn labelled(text: &str, wrap: Wrap) -> String {
    if wrap == Wrap::Dash { format!("- {text}") } else { text.into() }
}

/// A word that is offered as a whole scalar.
#[derive(Default)]
struct Word<'a> {
    rank: u32,
    kind: ItemKind,
    text: &'a str,
    detail: &'a str,
    docs: String,
    deprecated: bool,
}

impl Word<'_> {
    fn add(self, place: &Place, wrap: Wrap, text_wanted: bool, acc: &mut Candidates) {
        if is_listed(place, self.text) {
            return;
        }
        let value = place.value;
        let plain = value.quoted || !text_wanted;
        let written = if plain { self.text.into() } else { yaml::write::scalar(self.text, context(value.slot, wrap)) };
        acc.add(
            self.rank,
            CompletionItem {
                label: labelled(self.text, wrap),
                kind: self.kind,
                detail: self.detail.into(),
                docs: self.docs,
                span: value.span,
                text: wrapped(&written, value, wrap),
                snippet: None,
                deprecated: self.deprecated,
                retrigger: false,
            },
        );
    }
}

/// Offers to write a collection on the lines below `key:`.
fn below(
    value: &TypedValue,
    label: &str,
    detail: &str,
    indent: usize,
    start: &str,
    is_first: bool,
    acc: &mut Candidates,
) {
    let (text, source) = (acc.document.text(), acc.document.text().as_str());
    let line = text.line(text.position(value.span.start, Encoding::Utf8).line);
    let before = &source[line.start as usize..value.span.start as usize];
    let lexed = before.trim_start_matches([' ', '\t', '-']);
    let column = before.chars().count() - lexed.chars().count();
    let written = format!("\n{}{start}", " ".repeat(indent));
    let item = CompletionItem {
        label: label.into(),
        kind: ItemKind::Snippet,
        detail: detail.into(),
        docs: String::new(),
        // The space behind the colon would be left at the end of the line.
        span: Span::new(line.start + before.trim_end_matches([' ', '\t']).len() as u32, value.span.end),
        text: acc.layout.absolute(&written, column),
        snippet: Some(acc.layout.relative(&written, column)),
        deprecated: false,
        retrigger: true,
    };
    match is_first {
        true => acc.add_first(item),
        false => acc.add(LATER * 2, item),
    }
}

fn wrapped(written: &str, value: &TypedValue, wrap: Wrap) -> String {
    match wrap {
        Wrap::None => format!("{}{written}", value.lead),
        Wrap::Brackets => format!("{}[{written}]", value.lead),
        Wrap::Dash => format!("{}- {written}", value.lead),
    }
}

fn context(slot: Slot, wrap: Wrap) -> Context {
    match (slot, wrap) {
        (Slot::Flow, _) | (_, Wrap::Brackets) => Context::Flow,
        _ => Context::Block,
    }
}

/// `whole` as a scalar that means to dstack what it says: in quotes where YAML 1.1 would read something else into it
/// (`22:22`, `3.10`), but plain where dstack wants that something (`off` for a duration).
fn written_for(whole: &str, grammar: &dyn schema::Grammar, release: Release, context: Context) -> String {
    let quoted = yaml::write::scalar(whole, context);
    if quoted == whole {
        return quoted;
    }
    let as_said = match yaml::resolve::scalar(whole, yaml::Style::Plain, None) {
        Scalar::Int(number) => number.to_string() == whole,
        Scalar::Float(number) => number.to_string() == whole,
        Scalar::Bool(value) => grammar.parse(schema::Value::Bool(value), release).problems.is_empty(),
        _ => false,
    };
    if as_said { whole.into() } else { quoted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_would_misread_is_quoted() {
        let written = |text: &str, name: &str| {
            let grammar = schema::grammar::named(name).expect("a grammar");
            written_for(text, grammar, Release::NEWEST, Context::Block)
        };
        assert_eq!(written("22:22", "port-mapping"), "\"22:22\"");
        assert_eq!(written("22:8000", "port-mapping"), "22:8000");
        assert_eq!(written("*:80", "port-mapping"), "\"*:80\"");
        assert_eq!(written("8080", "port-mapping"), "8080");
        assert_eq!(written("3.10", "python"), "\"3.10\"");
        assert_eq!(written("off", "max-duration"), "off");
        assert_eq!(written("2", "int-range"), "2");
    }
}
