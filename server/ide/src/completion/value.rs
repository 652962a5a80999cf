//! Completes values: behind a key, behind a dash, in brackets, and within a scalar.

use schema::{EnumValue, Release, Status, Type, TypeId};
use yaml::{Encoding, Kind, Scalar, Span, write::Context};

use super::{
    candidates::Candidates,
    item::{CompletionItem, ItemKind},
};
use crate::{
    cursor::{CursorSlot, TypedValue},
    document::Document,
    limits::MAX_LISTED_ITEMS,
    types,
};

/// The rank of a default, which comes after the known values. Openers of a block come after defaults.
const DEFAULT: u32 = 500;
const OPENER: u32 = 1000;

/// Offers the values of the types that are expected at a value.
pub(super) fn complete(document: &Document, value: &TypedValue, acc: &mut Candidates) {
    if tags(document, value, acc) {
        return;
    }
    let Some(expected) = types::expected(document, value.node) else { return };
    let default = types::field_of(document, value.node).and_then(|it| types::default(it, document.release()));
    let alternatives = types::alternatives(expected, document.release());
    if value.slot == CursorSlot::Inline
        && value.text.is_empty()
        && !value.quoted
        && !openers(document, value, &alternatives, acc)
    {
        return;
    }
    for ty in alternatives {
        alternative(&Site { document, value }, ty, default, Wrap::None, acc);
    }
}

/// A value that is being typed, and the document with a marker in its place.
struct Site<'a> {
    document: &'a Document,
    value: &'a TypedValue,
}

/// Offers to write a list or a mapping on the lines below `key:`. These items come first where the field takes no scalar, and
/// directly behind the colon: a value would need a space there, and a line break does not. Returns whether values may be
/// offered as well.
fn openers(document: &Document, value: &TypedValue, alternatives: &[TypeId], acc: &mut Candidates) -> bool {
    let release = document.release();
    let types: Vec<&Type> = alternatives.iter().filter_map(|it| types::get(*it, release)).collect();
    let opens = |ty: &Type| matches!(ty, Type::Sequence(_) | Type::Mapping(_) | Type::Table(_));
    if !types.iter().any(|it| opens(it)) {
        return true;
    }
    let is_first = !value.lead.is_empty() || types.iter().all(|it| opens(it));
    if acc.is_before_comment(value.span.end) {
        // The comment would move to the next line. If Enter would open the block, nothing is offered.
        return !is_first;
    }
    let order = if is_first { Order::First } else { Order::Last };
    for ty in types {
        match ty {
            Type::Sequence(_) => below(value, "- …", "one item per line", acc.layout.list, "- ", order, acc),
            Type::Mapping(mapping) => {
                let required = mapping.fields.iter().find(|it| it.is_required(release));
                let first = required.or(mapping.fields.first()).map_or("…", |it| &it.name);
                below(value, &format!("{first}: …"), "one field per line", acc.layout.step, "", order, acc);
            }
            Type::Table(_) => below(value, "NAME: …", "one entry per line", acc.layout.step, "", order, acc),
            _ => {}
        }
    }
    true
}

/// Whether one of the types has values to offer directly behind the key.
pub(super) fn has_known_values(alternatives: &[TypeId], release: Release) -> bool {
    alternatives.iter().any(|it| match types::get(*it, release) {
        Some(Type::Enum(_) | Type::Boolean) => true,
        Some(Type::Grammar(name)) => {
            schema::grammar::named(name).is_some_and(|it| !it.expected("", 0, release).is_empty())
        }
        _ => false,
    })
}

/// The list syntax that is written around an item where a list is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrap {
    None,
    /// `[item]`
    Brackets,
    /// `- item`
    Dash,
}

/// The union whose variant the value selects, if it is the value of a field such as `type`.
pub(super) fn tagged_union(document: &Document, value: &TypedValue) -> Option<&'static schema::Union> {
    let tree = document.tree();
    let mapping = tree.parent(value.node)?;
    let entry = tree.entry_of(value.node).filter(|it| it.value == value.node)?;
    types::tagged_union(document, mapping, tree.value(entry.key))
}

/// Offers the values of a field that selects a variant of a union, such as `type`. Returns whether the field is one.
fn tags(document: &Document, value: &TypedValue, acc: &mut Candidates) -> bool {
    let Some(union) = tagged_union(document, value) else { return false };
    for (i, tag) in union.tags.iter().enumerate() {
        if union.variant(tag, document.release()).is_some_and(|it| it.1.is_accepted()) {
            let docs = union.docs.get(i).map(|it| it.to_string()).unwrap_or_default();
            let known =
                KnownValue { rank: i as u32, kind: ItemKind::Variant, text: tag, docs, ..KnownValue::default() };
            known.add(&Site { document, value }, Wrap::None, Quoting::IfNeeded, acc);
        }
    }
    true
}

/// Offers the values of one of the types that are expected.
fn alternative(site: &Site, ty: TypeId, default: Option<&str>, wrap: Wrap, acc: &mut Candidates) {
    let Site { document, value } = site;
    let release = document.release();
    match types::get(ty, release) {
        Some(Type::Enum(it)) => {
            for (i, value) in it.values.iter().enumerate() {
                enum_value(site, value, i as u32, default, wrap, acc);
            }
        }
        Some(Type::Boolean) if value.slot != CursorSlot::BlockScalar => {
            for (rank, text) in [(0, "true"), (1, "false")] {
                let detail = if default == Some(text) { "the default" } else { "" };
                let known = KnownValue { rank, kind: ItemKind::Variant, text, detail, ..KnownValue::default() };
                known.add(site, wrap, Quoting::Never, acc);
            }
        }
        Some(Type::Grammar(name)) => {
            grammar(site, name, wrap, acc);
            default_value(site, default, Quoting::Never, wrap, acc);
        }
        Some(Type::String(_)) => default_value(site, default, Quoting::IfNeeded, wrap, acc),
        Some(Type::Integer(_) | Type::Float(_)) => default_value(site, default, Quoting::Never, wrap, acc),
        Some(Type::Sequence(it)) if wrap == Wrap::None && !value.quoted => {
            let wrap = if value.slot == CursorSlot::OwnLine { Wrap::Dash } else { Wrap::Brackets };
            for item in types::alternatives(it.item, release) {
                alternative(site, item, None, wrap, acc);
            }
        }
        _ => {}
    }
}

fn enum_value(site: &Site, value: &EnumValue, rank: u32, default: Option<&str>, wrap: Wrap, acc: &mut Candidates) {
    let status = value.status(site.document.release());
    if !matches!(status, Status::Current | Status::Deprecated(_)) {
        return;
    }
    let detail = if default == Some(&*value.value) { "the default" } else { "" };
    let deprecated = matches!(status, Status::Deprecated(_));
    let docs = value.docs.to_string();
    let known = KnownValue { rank, kind: ItemKind::Variant, text: &value.value, detail, docs, deprecated };
    known.add(site, wrap, Quoting::IfNeeded, acc);
}

/// Offers the default of the field, as a start for another value.
fn default_value(site: &Site, default: Option<&str>, quoting: Quoting, wrap: Wrap, acc: &mut Candidates) {
    if let Some(text) = default.filter(|_| site.value.slot != CursorSlot::BlockScalar) {
        let known =
            KnownValue { rank: DEFAULT, kind: ItemKind::Value, text, detail: "the default", ..KnownValue::default() };
        known.add(site, wrap, quoting, acc);
    }
}

/// Offers the suggestions of the grammar of a scalar at the cursor.
fn grammar(site: &Site, name: &str, wrap: Wrap, acc: &mut Candidates) {
    let Site { document, value } = site;
    let release = document.release();
    let Some(grammar) = schema::grammar::named(name) else { return };
    for (rank, expected) in grammar.expected(&value.text, value.at, release).into_iter().enumerate() {
        if !fits_field(document, value, wrap, &expected.text) {
            continue;
        }
        let range = expected.replace.clone();
        let (Some(before), Some(after)) = (value.text.get(..range.start), value.text.get(range.end..)) else {
            continue;
        };
        // List syntax fits around a whole scalar only.
        let fits = wrap == Wrap::None || before.is_empty() && after.is_empty();
        if !(fits && range.start <= value.at && value.at <= range.end) {
            continue;
        }
        let whole = format!("{before}{}{after}", expected.text);
        if is_listed(site, &whole) {
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

/// Whether the list that contains the value already has this item.
fn is_listed(Site { document, value }: &Site, item: &str) -> bool {
    let tree = document.tree();
    let Some(list) = tree.parent(value.node).filter(|it| tree.kind(*it) == Kind::Sequence) else { return false };
    let mut others = tree.items(list).take(MAX_LISTED_ITEMS).filter(|it| *it != value.node);
    others.any(|it| tree.kind(it) == Kind::Scalar && tree.value(it) == item)
}

/// Whether a suggestion for an interpolation fits the field: `${{ … }}` has other names in commands than in credentials.
fn fits_field(document: &Document, value: &TypedValue, wrap: Wrap, text: &str) -> bool {
    let name = text.strip_prefix("${{ ");
    let (before, after) = value.text.split_at_checked(value.at).unwrap_or_default();
    if name.is_some() && after.starts_with('{') {
        return false;
    }
    let opened = before.rfind('$').is_some_and(|it| "${{ ".starts_with(&before[it..]));
    let in_braces = before.rfind("${{") > before.rfind("}}");
    let empty = value.text.is_empty() && wrap == Wrap::None && value.slot == CursorSlot::Inline;
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
    // Groups of a service have replicas instead of nodes.
    let is_node_of_service = document.configuration_type() == Some("service") && name.contains("nodes[");
    // If the field lists no names, its grammar decides.
    (field.interpolates.is_empty() || field.interpolates.iter().any(|it| is_known(it))) && !is_node_of_service
}

/// The label of an item, with a dash where one is inserted.
fn labelled(text: &str, wrap: Wrap) -> String {
    if wrap == Wrap::Dash { format!("- {text}") } else { text.into() }
}

/// A value that is offered as a whole scalar.
#[derive(Default)]
struct KnownValue<'a> {
    rank: u32,
    kind: ItemKind,
    text: &'a str,
    detail: &'a str,
    docs: String,
    deprecated: bool,
}

/// Whether a value is quoted where YAML would not read it as a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quoting {
    IfNeeded,
    Never,
}

impl KnownValue<'_> {
    fn add(self, site: &Site, wrap: Wrap, quoting: Quoting, acc: &mut Candidates) {
        if is_listed(site, self.text) {
            return;
        }
        let value = site.value;
        let is_plain = value.quoted || quoting == Quoting::Never;
        let written =
            if is_plain { self.text.into() } else { yaml::write::scalar(self.text, context(value.slot, wrap)) };
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

/// The position of an item in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    First,
    Last,
}

/// Offers to write a collection on the lines below `key:`.
fn below(
    value: &TypedValue,
    label: &str,
    detail: &str,
    indent: usize,
    start: &str,
    order: Order,
    acc: &mut Candidates,
) {
    let (text, source) = (acc.document.text(), acc.document.text().as_str());
    let line = text.line(text.position(value.span.start, Encoding::Utf8).line);
    let before = &source[line.start as usize..value.span.start as usize];
    let key = before.trim_start_matches([' ', '\t', '-']);
    let column = before.chars().count() - key.chars().count();
    let written = format!("\n{}{start}", " ".repeat(indent));
    let item = CompletionItem {
        label: label.into(),
        kind: ItemKind::Snippet,
        detail: detail.into(),
        docs: String::new(),
        // The space behind the colon is replaced, too: it would be left at the end of the line.
        span: Span::new(line.start + before.trim_end_matches([' ', '\t']).len() as u32, value.span.end),
        text: acc.layout.absolute(&written, column),
        snippet: Some(acc.layout.relative(&written, column)),
        deprecated: false,
        retrigger: true,
    };
    match order {
        Order::First => acc.add_first(item),
        Order::Last => acc.add(OPENER, item),
    }
}

fn wrapped(written: &str, value: &TypedValue, wrap: Wrap) -> String {
    match wrap {
        Wrap::None => format!("{}{written}", value.lead),
        Wrap::Brackets => format!("{}[{written}]", value.lead),
        Wrap::Dash => format!("{}- {written}", value.lead),
    }
}

fn context(slot: CursorSlot, wrap: Wrap) -> Context {
    match (slot, wrap) {
        (CursorSlot::Flow, _) | (_, Wrap::Brackets) => Context::Flow,
        _ => Context::Block,
    }
}

/// `whole` as a scalar that dstack reads as intended: quoted where YAML 1.1 would read another value (`22:22`, `3.10`), but
/// plain where dstack expects that value (`off` for a duration).
fn written_for(whole: &str, grammar: &dyn schema::Grammar, release: Release, context: Context) -> String {
    let quoted = yaml::write::scalar(whole, context);
    if quoted == whole {
        return quoted;
    }
    let keeps_meaning = match yaml::resolve::scalar(whole, yaml::Style::Plain, None) {
        Scalar::Int(number) => number.to_string() == whole,
        Scalar::Float(number) => number.to_string() == whole,
        Scalar::Bool(value) => grammar.parse(schema::Value::Bool(value), release).problems.is_empty(),
        _ => false,
    };
    if keeps_meaning { whole.into() } else { quoted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_yaml_would_misread_are_quoted() {
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
