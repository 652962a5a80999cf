//! What may stand behind a key, behind a dash, in brackets, and at a place within a scalar.

use schema::{EnumValue, Release, Status, Type, TypeId};
use yaml::{Encoding, Scalar, write::Context};

use super::{Candidates, CompletionItem, ItemKind};
use crate::{
    cursor::{Slot, TypedValue},
    document::Document,
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
    for ty in types::alternatives(expected, document.release()) {
        alternative(document, value, ty, default, Wrap::None, acc);
    }
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

/// The values of the field that tells the variants of a union apart: `type`.
fn tags(document: &Document, value: &TypedValue, acc: &mut Candidates) -> bool {
    let tree = document.tree();
    let found = tree.parent(value.node).and_then(|mapping| {
        let entry = tree.entry_of(value.node).filter(|it| it.value == value.node)?;
        types::tagged_union(document, mapping, tree.value(entry.key))
    });
    let Some(union) = found else { return false };
    for (i, tag) in union.tags.iter().enumerate() {
        if union.variant(tag, document.release()).is_some_and(|it| it.1.is_accepted()) {
            let docs = union.docs.get(i).map(|it| it.to_string()).unwrap_or_default();
            let word = Word { rank: i as u32, kind: ItemKind::Word, text: tag, docs, ..Word::default() };
            word.add(value, Wrap::None, true, acc);
        }
    }
    true
}

fn alternative(
    document: &Document,
    value: &TypedValue,
    ty: TypeId,
    default: Option<&str>,
    wrap: Wrap,
    acc: &mut Candidates,
) {
    let release = document.release();
    match types::get(ty, release) {
        Some(Type::Enum(it)) => {
            for (i, word) in it.values.iter().enumerate() {
                enum_word(value, word, i as u32, default, release, wrap, acc);
            }
        }
        Some(Type::Boolean) if value.slot != Slot::Text => {
            for (rank, text) in [(0, "true"), (1, "false")] {
                let detail = if default == Some(text) { "the default" } else { "" };
                Word { rank, kind: ItemKind::Word, text, detail, ..Word::default() }.add(value, wrap, false, acc);
            }
        }
        Some(Type::Grammar(name)) => {
            grammar(document, value, name, wrap, acc);
            default_word(value, default, false, wrap, acc);
        }
        Some(Type::String(_)) => default_word(value, default, true, wrap, acc),
        Some(Type::Integer(_) | Type::Float(_)) => default_word(value, default, false, wrap, acc),
        Some(Type::Sequence(it)) if wrap == Wrap::None && !value.quoted => {
            let wrap = if value.slot == Slot::OwnLine { Wrap::Dash } else { Wrap::Brackets };
            for item in types::alternatives(it.item, release) {
                alternative(document, value, item, None, wrap, acc);
            }
            below(value, "- …", "one item a line", acc.layout.list, "- ", acc);
        }
        Some(Type::Mapping(mapping)) if wrap == Wrap::None => {
            let required = mapping.fields.iter().find(|it| it.is_required(release));
            let first = required.or(mapping.fields.first()).map_or("…", |it| &it.name);
            below(value, &format!("{first}: …"), "one field a line", acc.layout.step, "", acc);
        }
        Some(Type::Table(_)) if wrap == Wrap::None => {
            below(value, "NAME: …", "one a line", acc.layout.step, "", acc);
        }
        _ => {}
    }
}

fn enum_word(
    value: &TypedValue,
    word: &EnumValue,
    rank: u32,
    default: Option<&str>,
    release: Release,
    wrap: Wrap,
    acc: &mut Candidates,
) {
    let status = word.status(release);
    if !matches!(status, Status::Current | Status::Deprecated(_)) {
        return;
    }
    let detail = if default == Some(&*word.value) { "the default" } else { "" };
    let deprecated = matches!(status, Status::Deprecated(_));
    let docs = word.docs.to_string();
    Word { rank, kind: ItemKind::Word, text: &word.value, detail, docs, deprecated }.add(value, wrap, true, acc);
}

/// What the field is if it is left out: a start for one's own value.
fn default_word(value: &TypedValue, default: Option<&str>, text_wanted: bool, wrap: Wrap, acc: &mut Candidates) {
    if let Some(text) = default.filter(|_| value.slot != Slot::Text) {
        let word = Word { rank: LATER, kind: ItemKind::Value, text, detail: "the default", ..Word::default() };
        word.add(value, wrap, text_wanted, acc);
    }
}

/// What the grammar of a scalar expects at the cursor.
fn grammar(document: &Document, value: &TypedValue, name: &str, wrap: Wrap, acc: &mut Candidates) {
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
        let written =
            if value.quoted { whole.clone() } else { written_for(&whole, grammar, release, context(value.slot, wrap)) };
        let in_place = written == whole && wrap == Wrap::None && value.lead.is_empty();
        let span = match in_place {
            true => yaml::Span::new(value.span.start + range.start as u32, value.span.start + range.end as u32),
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
    fn add(self, value: &TypedValue, wrap: Wrap, text_wanted: bool, acc: &mut Candidates) {
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
fn below(value: &TypedValue, label: &str, detail: &str, indent: usize, start: &str, acc: &mut Candidates) {
    if value.slot != Slot::Inline || value.quoted || !value.text.is_empty() {
        return;
    }
    let text = acc.document.text();
    let line = text.line(text.position(value.span.start, Encoding::Utf8).line);
    let lexed = text.as_str()[line.range()].trim_start_matches([' ', '\t', '-']);
    let column = text.as_str()[line.range()].chars().count() - lexed.chars().count();
    let written = format!("\n{}{start}", " ".repeat(indent));
    acc.add(
        LATER * 2,
        CompletionItem {
            label: label.into(),
            kind: ItemKind::Snippet,
            detail: detail.into(),
            docs: String::new(),
            span: value.span,
            text: acc.layout.absolute(&written, column),
            snippet: Some(acc.layout.relative(&written, column)),
            deprecated: false,
            retrigger: true,
        },
    );
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
