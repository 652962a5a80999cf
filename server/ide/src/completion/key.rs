//! Fields, and the known keys of tables.

use rustc_hash::FxHashSet;
use schema::{Field, Release, Status, Type, TypeId};
use yaml::{Encoding, Kind, NodeId};

use super::{Candidates, CompletionItem, ItemKind, snippet::Skeleton, value};
use crate::{bind, cursor::TypedKey, document::Document, hover, types};

/// Fields that cannot be set beside one that is there come after all others.
const EXCLUDED: u32 = 1000;
/// Fields that must be there come first.
const REQUIRED_FIRST: u32 = 100;

/// Offers the keys of the mapping that are not there yet.
pub(super) fn complete(document: &Document, key: &TypedKey, acc: &mut Candidates) {
    let below = (key.has_value && !key.colon).then_some(key.entry.value);
    if below.is_some() && key.span.is_empty() {
        // The lines below belong to what stands above: any key between them would take them away.
        return;
    }
    let mappings = types::mappings(document, key.mapping, key.entry.key);
    let catalogue = schema::catalogue();
    // Of several mappings that may be meant, what one of them demands may be wrong in another.
    let in_all = |name: &str| mappings.iter().all(|it| catalogue.field(*it, name).is_some());
    let tree = document.tree();
    // What `<<` brings is there, too, whether the half-typed key stands before it or behind it.
    let own = tree.entries(key.mapping).filter(|it| it.key != key.entry.key).map(|it| tree.value(it.key));
    let all = bind::slots(tree, key.mapping);
    let merged = all.iter().filter(|it| it.key != key.entry.key).filter_map(|it| it.name);
    let present: FxHashSet<&str> = own.chain(merged).collect();
    for ty in mappings.iter().copied() {
        match types::get(ty, document.release()) {
            Some(Type::Mapping(mapping)) => {
                for (i, field) in mapping.fields.iter().enumerate() {
                    if is_offered(field, document.release(), &present)
                        && below.is_none_or(|value| may_have(document, field.ty, value))
                        && !types::is_forbidden(ty, &field.name, document.release())
                    {
                        let required = field.is_required(document.release()) && in_all(&field.name);
                        let rank = if required { 4 * i as u32 } else { i as u32 + REQUIRED_FIRST };
                        let other = types::excluded_by(document, key.mapping, ty, &field.name, key.entry.key);
                        let detail = detail(document, &mappings, field, required);
                        acc_field(document, key, field, detail, rank, other, acc);
                    }
                }
            }
            Some(Type::Table(table)) if below.is_none_or(|it| may_have(document, table.value, it)) => {
                table_keys(document, key, table, &present, acc)
            }
            _ => {}
        }
    }
}

/// Whether the field exists for the release and is not there yet.
fn is_offered(field: &Field, release: Release, present: &FxHashSet<&str>) -> bool {
    let current = matches!(field.status(release), Status::Current | Status::Deprecated(_));
    current && !field.internal && !present.contains(&*field.name)
}

/// Whether `value`, which stands below already, is of a kind that the type takes.
fn may_have(document: &Document, ty: TypeId, value: NodeId) -> bool {
    let kind = document.tree().kind(value);
    let alternatives = types::alternatives(ty, document.release());
    alternatives.into_iter().filter_map(|it| types::get(it, document.release())).any(|it| match it {
        Type::Any => true,
        Type::Mapping(_) | Type::Table(_) => kind == Kind::Mapping,
        Type::Sequence(_) => kind == Kind::Sequence,
        _ => !matches!(kind, Kind::Mapping | Kind::Sequence),
    })
}

/// What may be written, what holds if nothing is, and whether something must be. Where several mappings may be meant, the
/// field takes what it takes in any of them.
fn detail(document: &Document, mappings: &[TypeId], field: &Field, required: bool) -> String {
    let release = document.release();
    let mut titles: Vec<String> = vec![];
    for (_, field) in mappings.iter().filter_map(|it| schema::catalogue().field(*it, &field.name)) {
        for (title, _) in types::titles(field.ty, release) {
            if !titles.contains(&title) {
                titles.push(title);
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

fn acc_field(
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
        detail.push_str(&format!(", not together with {other}"));
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

/// The field with what comes behind its colon, on one line where a comment would go along to the next.
fn skeleton(document: &Document, key: &TypedKey, field: &Field, acc: &Candidates) -> Skeleton {
    let skeleton = opened(document, key, field, acc);
    match skeleton.plain.contains('\n') && acc.is_before_comment(key.span.end) {
        true => Skeleton::plain(format!("{}:", field.name), false),
        false => skeleton,
    }
}

/// The field with what comes behind its colon.
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
    let known = value::has_known_words(&alternatives, release);
    match kinds.as_slice() {
        [Type::Sequence(sequence), ..] if !key.flow => {
            let known = value::has_known_words(&types::alternatives(sequence.item, release), release);
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

/// Keys that the grammar of a table's keys knows: environment variables.
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
