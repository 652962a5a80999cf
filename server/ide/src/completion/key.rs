//! Completes keys: fields, and known keys of tables.

use rustc_hash::FxHashSet;
use schema::{Field, Release, Status, Type, TypeId};
use yaml::{Encoding, Kind, NodeId};

use super::{
    candidates::Candidates,
    item::{CompletionItem, ItemKind},
    snippet::Skeleton,
    value,
};
use crate::{bind, cursor::TypedKey, document::Document, hover, types};

/// Added to the rank of fields that are excluded by a present field, so that they come last.
const EXCLUDED: u32 = 1000;
/// Added to the rank of optional fields, so that required fields come first.
const OPTIONAL: u32 = 100;

/// Offers the keys that the mapping does not have yet.
pub(super) fn complete(document: &Document, key: &TypedKey, acc: &mut Candidates) {
    let below = (key.has_value && !key.colon).then_some(key.entry.value);
    if below.is_some() && key.span.is_empty() {
        // The lines below belong to the key above; a key inserted between them would take them over.
        return;
    }
    let mappings = types::mappings(document, key.mapping, key.entry.key);
    let catalogue = schema::catalogue();
    // If several mapping types are possible, a field that one of them requires may be wrong in another.
    let in_all = |name: &str| mappings.iter().all(|it| catalogue.field(*it, name).is_some());
    let tree = document.tree();
    // Merged fields are present, too, whether the typed key precedes or follows `<<`.
    let own = tree.entries(key.mapping).filter(|it| it.key != key.entry.key).map(|it| tree.value(it.key));
    let all = bind::slots(tree, key.mapping);
    let merged = all.iter().filter(|it| it.key != key.entry.key).filter_map(|it| it.name);
    let present: FxHashSet<&str> = own.chain(merged).collect();
    for ty in mappings.iter().copied() {
        match types::get(ty, document.release()) {
            Some(Type::Mapping(mapping)) => {
                for (i, field) in mapping.fields.iter().enumerate() {
                    if is_offered(field, document.release(), &present)
                        && below.is_none_or(|value| accepts_kind(document, field.ty, value))
                        && !types::is_forbidden(ty, &field.name, document.release())
                    {
                        let required = field.is_required(document.release()) && in_all(&field.name);
                        let rank = if required { 4 * i as u32 } else { i as u32 + OPTIONAL };
                        let other = types::excluded_by(document, key.mapping, ty, &field.name, key.entry.key);
                        let detail = detail(document, &mappings, field, required);
                        offer_field(document, key, field, detail, rank, other, acc);
                    }
                }
            }
            Some(Type::Table(table)) if below.is_none_or(|it| accepts_kind(document, table.value, it)) => {
                table_keys(document, key, table, &present, acc)
            }
            _ => {}
        }
    }
}

/// Whether the release has the field and the mapping does not.
fn is_offered(field: &Field, release: Release, present: &FxHashSet<&str>) -> bool {
    let current = matches!(field.status(release), Status::Current | Status::Deprecated(_));
    current && !field.internal && !present.contains(&*field.name)
}

/// Whether the type accepts the kind of `value`, which is already below the key.
fn accepts_kind(document: &Document, ty: TypeId, value: NodeId) -> bool {
    let kind = document.tree().kind(value);
    let alternatives = types::alternatives(ty, document.release());
    alternatives.into_iter().filter_map(|it| types::get(it, document.release())).any(|it| match it {
        Type::Any => true,
        Type::Mapping(_) | Type::Table(_) => kind == Kind::Mapping,
        Type::Sequence(_) => kind == Kind::Sequence,
        _ => !matches!(kind, Kind::Mapping | Kind::Sequence),
    })
}

/// The types of a field, its default, and whether it is required. If several mapping types are possible, the types in all of
/// them are listed.
fn detail(document: &Document, mappings: &[TypeId], field: &Field, required: bool) -> String {
    let release = document.release();
    let mut titles: Vec<String> = vec![];
    for (_, field) in mappings.iter().filter_map(|it| schema::catalogue().field(*it, &field.name)) {
        for title in types::titles(field.ty, release) {
            if !titles.iter().any(|it| it == title.text()) {
                titles.push(title.text().to_owned());
            }
        }
    }
    let mut detail = titles.join(" | ");
    if let Some(default) = types::default(field, release) {
        detail.push_str(&format!(" = {default}"));
    }
    if required {
        detail.push_str(", required");
    }
    detail
}

/// Offers a field. `other` is a present field that excludes it.
fn offer_field(
    document: &Document,
    key: &TypedKey,
    field: &Field,
    mut detail: String,
    rank: u32,
    other: Option<&str>,
    acc: &mut Candidates,
) {
    let release = document.release();
    if let Some(other) = other {
        detail.push_str(&format!(", cannot be combined with {other}"));
    }
    let skeleton = skeleton(document, key, field, acc);
    let column = column(key, acc);
    let lead = key.lead;
    acc.add(
        if other.is_some() { rank + EXCLUDED } else { rank },
        CompletionItem {
            label: field.name.to_string(),
            kind: ItemKind::Field,
            detail,
            docs: [hover::field_docs(field, release)]
                .into_iter()
                .chain(hover::since(field, release))
                .collect::<Vec<_>>()
                .join("\n\n"),
            span: key.span,
            text: format!("{lead}{}", acc.layout.absolute(&skeleton.plain, column)),
            snippet: skeleton.snippet.as_ref().map(|it| format!("{lead}{}", acc.layout.relative(it, column))),
            deprecated: matches!(field.status(release), Status::Deprecated(_)),
            retrigger: skeleton.retrigger,
        },
    );
}

/// The column of the key, in characters.
fn column(key: &TypedKey, acc: &Candidates) -> usize {
    acc.document.text().position(key.span.start, Encoding::Utf32).column as usize + key.lead.len()
}

/// The text that is inserted for a field; on one line if a comment follows, which would move to the next line.
fn skeleton(document: &Document, key: &TypedKey, field: &Field, acc: &Candidates) -> Skeleton {
    let skeleton = opened(document, key, field, acc);
    match skeleton.plain.contains('\n') && acc.is_before_comment(key.span.end) {
        true => Skeleton::plain(format!("{}:", field.name), false),
        false => skeleton,
    }
}

/// The text that is inserted for a field: its key and the start of its value.
fn opened(document: &Document, key: &TypedKey, field: &Field, acc: &Candidates) -> Skeleton {
    let (name, release) = (&field.name, document.release());
    if key.colon {
        return Skeleton::plain(name.to_string(), false);
    }
    if key.has_value {
        return Skeleton::plain(format!("{name}:"), false);
    }
    let alternatives = types::alternatives(field.ty, release);
    let kinds: Vec<&Type> = alternatives.iter().filter_map(|it| types::get(*it, release)).collect();
    let known = value::has_known_values(&alternatives, release);
    match kinds.as_slice() {
        [Type::Sequence(sequence), ..] if !key.flow => {
            let known = value::has_known_values(&types::alternatives(sequence.item, release), release);
            Skeleton::plain(format!("{name}:\n{}- ", " ".repeat(acc.layout.list)), known)
        }
        [Type::Sequence(_), ..] => Skeleton::new(format!("{name}: []"), format!("{name}: [$1]"), true),
        [] | [Type::Any, ..] => Skeleton::plain(format!("{name}: "), false),
        all if all.iter().any(|it| types::is_scalar(it)) => Skeleton::plain(format!("{name}: "), known),
        _ if key.flow => Skeleton::new(format!("{name}: {{}}"), format!("{name}: {{$1}}"), true),
        [Type::Mapping(mapping), ..] => Skeleton::required_fields(name, mapping, &acc.layout, release),
        _ => Skeleton::plain(format!("{name}:\n{}", " ".repeat(acc.layout.step)), true),
    }
}

/// Offers the keys that the grammar of a table's keys suggests: environment variables.
fn table_keys(
    document: &Document,
    key: &TypedKey,
    table: &schema::Table,
    present: &FxHashSet<&str>,
    acc: &mut Candidates,
) {
    let Some(Type::Grammar(name)) = types::get(table.key, document.release()) else { return };
    let Some(grammar) = schema::grammar::named(name) else { return };
    for (rank, expected) in grammar.expected(&key.typed, key.typed.len(), document.release()).into_iter().enumerate() {
        if expected.replace.start > 0 || present.contains(&*expected.text) {
            continue;
        }
        let colon = if key.colon { "" } else { ": " };
        acc.add(
            rank as u32,
            CompletionItem {
                text: format!("{}{}{colon}", key.lead, expected.text),
                label: expected.text,
                kind: ItemKind::Value,
                detail: expected.detail,
                docs: expected.docs,
                span: key.span,
                snippet: None,
                deprecated: false,
                retrigger: false,
            },
        );
    }
}
