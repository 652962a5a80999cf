//! The catalogue seen from a place in a document: which types may stand there, and what they are called.

use schema::{Field, Release, Status, Type, TypeId, View};
use yaml::{Entry, NodeId};

use crate::{document::Document, expected::or, limits::MAX_FIELDS};

/// The field that the node is the value of.
pub(crate) fn field_of(document: &Document, node: NodeId) -> Option<&'static Field> {
    let entry = document.tree().entry_of(node)?;
    schema::catalogue().field_by_id(document.binding().fact(entry.key).field?)
}

/// What is expected in the place of the node, whatever is there now.
pub(crate) fn expected(document: &Document, node: NodeId) -> Option<TypeId> {
    // A second document of the file is not bound.
    let top = || document.tree().parent(node).is_none().then(|| schema::catalogue().named(document.kind().name()))?;
    document.binding().fact(node).expected.or_else(top)
}

/// The types that are possible where `ty` is expected: see [`View::alternatives`].
pub(crate) fn alternatives(ty: TypeId, release: Release) -> Vec<TypeId> {
    View::new(release).alternatives(ty)
}

/// The mapping and table types that the mapping node may be of, seen from what is in it; `typed` is left out of account.
pub(crate) fn mappings(document: &Document, mapping: NodeId, typed: NodeId) -> Vec<TypeId> {
    let Some(ty) = expected(document, mapping) else { return vec![] };
    let tree = document.tree();
    let tag = |name: &str| tree.get(mapping, name).map(|it| tree.value(it));
    let acc = View::new(document.release()).mappings(ty, &tag);
    let keys: Vec<&str> =
        tree.entries(mapping).filter(|entry| entry.key != typed).map(|entry| tree.value(entry.key)).collect();
    let catalogue = schema::catalogue();
    let fits = |it: &TypeId| match catalogue.mapping(*it) {
        Some(_) => keys.iter().all(|key| catalogue.field(*it, key).is_some()),
        None => true,
    };
    match acc.iter().any(fits) {
        true => acc.into_iter().filter(fits).collect(),
        false => acc,
    }
}

/// The union told apart by the field `name` that the mapping may be of, if there is one: by `type`, and of volumes by
/// `backend`.
pub(crate) fn tagged_union(document: &Document, mapping: NodeId, name: &str) -> Option<&'static schema::Union> {
    let tree = document.tree();
    let tag = |by: &str| {
        let named = tree.entries(mapping).take(MAX_FIELDS).filter(|entry| tree.value(entry.key) == by);
        named.last().map(|it| tree.value(it.value))
    };
    View::new(document.release()).tagged(expected(document, mapping)?, name, &tag)
}

/// Which command reads a variant that `dstack apply` does not take in `release`, and what to do; nothing for a variant
/// that no other command ever read, or that came later.
pub(crate) fn elsewhere(union: &schema::Union, tag: &str, release: Release) -> Option<String> {
    let status = union.variant(tag, release)?.1;
    let readers = &union.readers(tag)?.0;
    let field = union.discriminator.as_deref().unwrap_or("type");
    let successor = union.successor(tag).map_or(String::new(), |it| format!("; `{field}: {it}` took its place"));
    match (status, union.reader(tag, release)) {
        (_, Some(reader)) => {
            let takes = match status {
                Status::Unavailable(since) => format!("takes `{field}: {tag}` from {since} on"),
                _ => format!("does not take `{field}: {tag}`"),
            };
            Some(format!("`dstack apply` {takes}; in {release} `{reader}` reads this file"))
        }
        (Status::Removed(_), None) => {
            let (first, command) = readers.iter().find_map(|(since, it)| Some((since, it.as_deref()?)))?;
            let end = readers.iter().find(|(since, it)| since > first && it.is_none()).map(|it| it.0);
            let end = end.map_or(String::new(), |it| format!(", and no longer from {it} on"));
            Some(format!("`{field}: {tag}` was read by `{command}` in dstack {first}{end}{successor}"))
        }
        _ => None,
    }
}

/// The type at a release.
pub(crate) fn get(ty: TypeId, release: Release) -> Option<&'static Type> {
    View::new(release).get(ty)
}

/// Whether the type is written as one scalar.
pub(crate) fn is_scalar(ty: &Type) -> bool {
    !matches!(ty, Type::Mapping(_) | Type::Table(_) | Type::Sequence(_) | Type::Any)
}

/// The names of the types that may stand where `ty` is expected, in a few words (`string`, `list of strings`, `spot`), and
/// of each whether it is a word to be written. What is shorter to write comes first.
pub(crate) fn titles(ty: TypeId, release: Release) -> Vec<(String, bool)> {
    let mut found = alternatives(ty, release);
    found.sort_by_key(|it| get(*it, release).is_none_or(|it| !is_scalar(it)));
    let mut parts: Vec<(String, bool)> = vec![];
    for it in found {
        for part in short(it, release) {
            if !part.0.is_empty() && !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    parts
}

/// The list of words that a value, or an item of it, may be taken from, if there is one.
pub(crate) fn words(ty: TypeId, release: Release) -> Option<&'static schema::Enum> {
    View::new(release).enumeration(ty)
}

fn short(ty: TypeId, release: Release) -> Vec<(String, bool)> {
    let name = |name: &str| vec![(name.trim_start_matches("an ").trim_start_matches("a ").to_string(), false)];
    let words = |words: &[&str]| words.iter().map(|it| (it.to_string(), true)).collect::<Vec<_>>();
    match get(ty, release) {
        Some(Type::Mapping(_) | Type::Table(_)) => name("mapping"),
        Some(Type::Sequence(it)) => {
            let items = titles(it.item, release);
            match items.iter().any(|it| it.1) {
                true => name("list of words"),
                false => name(&format!("list of {}", or(&items.iter().map(|it| plural(&it.0)).collect::<Vec<_>>()))),
            }
        }
        Some(Type::Enum(it)) => {
            let current = it.values.iter().filter(|it| matches!(it.status(release), Status::Current));
            let current: Vec<&str> = current.map(|it| &*it.value).collect();
            match current.len() {
                0..=6 => words(&current),
                _ => words(&current[..4]).into_iter().chain([("…".to_string(), false)]).collect(),
            }
        }
        Some(Type::String(_)) => name("string"),
        Some(Type::Integer(_)) => name("integer"),
        Some(Type::Float(_)) => name("number"),
        Some(Type::Boolean) => words(&["true", "false"]),
        Some(Type::Grammar(_)) => name(View::new(release).grammar(ty).map_or("string", |it| it.title())),
        _ => vec![],
    }
}

/// More than one of what a title names: `GPU names`, `paths in the container`.
pub(crate) fn plural(title: &str) -> String {
    let end = [" of ", " in ", " to ", " by ", " that "].iter().filter_map(|it| title.find(it)).min();
    let (head, tail) = title.split_at(end.unwrap_or(title.len()));
    let head = head.replace("'s name", " name");
    match head.strip_suffix('y') {
        _ if title == "anything" => title.into(),
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies{tail}"),
        _ => format!("{head}s{tail}"),
    }
}

/// The default of a field, as one would write it.
pub(crate) fn default(field: &Field, release: Release) -> Option<&str> {
    field.default.as_ref()?.at(release).map(|it| &**it)
}

/// The other field that keeps this one from being set, where the two exclude each other.
pub(crate) fn excluded_by<'a>(
    document: &'a Document,
    mapping: NodeId,
    ty: TypeId,
    name: &str,
    typed: NodeId,
) -> Option<&'a str> {
    let tree = document.tree();
    let constraints = &schema::catalogue().mapping(ty)?.constraints;
    let is_set = |entry: &Entry| entry.key != typed && !tree.text(entry.value).is_empty();
    let others = || tree.entries(mapping).filter(is_set).map(|entry| tree.value(entry.key));
    constraints.iter().filter(|it| it.holds(document.release())).find_map(|it| match &it.kind {
        schema::ConstraintKind::Exclusive(names) if names.iter().any(|it| &**it == name) => {
            others().find(|other| *other != name && names.iter().any(|it| &**it == *other))
        }
        _ => None,
    })
}

/// Whether the field must be left out, by a rule of its mapping.
pub(crate) fn is_forbidden(ty: TypeId, name: &str, release: Release) -> bool {
    View::new(release).is_forbidden(ty, name)
}
