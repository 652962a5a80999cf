//! The types that the catalogue expects at a node of a document, and their names.

use schema::{Field, Release, Status, Type, TypeId, View};
use yaml::{Entry, NodeId};

use crate::{document::Document, expected::or, limits::MAX_FIELDS};

/// The field whose value the node is.
pub(crate) fn field_of(document: &Document, node: NodeId) -> Option<&'static Field> {
    let entry = document.tree().entry_of(node)?;
    schema::catalogue().field_by_id(document.binding().fact(entry.key).field?)
}

/// The type that is expected at the node, whatever it contains now.
pub(crate) fn expected(document: &Document, node: NodeId) -> Option<TypeId> {
    // Only the first document of a file is bound.
    let top = || document.tree().parent(node).is_none().then(|| schema::catalogue().named(document.kind().name()))?;
    document.binding().fact(node).expected.or_else(top)
}

/// The types that a value of `ty` may have: see [`View::alternatives`].
pub(crate) fn alternatives(ty: TypeId, release: Release) -> Vec<TypeId> {
    View::new(release).alternatives(ty)
}

/// The mapping and table types that fit the keys of a mapping. The key `typed` is ignored.
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

/// The union among whose variants the field `name` of a mapping selects: `type`, or `backend` in volumes. `None` if the field
/// selects none.
pub(crate) fn tagged_union(document: &Document, mapping: NodeId, name: &str) -> Option<&'static schema::Union> {
    let tree = document.tree();
    let tag = |by: &str| {
        let entries = tree.entries(mapping).take(MAX_FIELDS).filter(|entry| tree.value(entry.key) == by);
        entries.last().map(|it| tree.value(it.value))
    };
    View::new(document.release()).tagged(expected(document, mapping)?, name, &tag)
}

/// A sentence about the command that reads a variant which `dstack apply` does not accept in `release`. `None` for a variant
/// that no other command ever read, or that was added later.
pub(crate) fn elsewhere(union: &schema::Union, tag: &str, release: Release) -> Option<String> {
    let status = union.variant(tag, release)?.1;
    let readers = &union.readers(tag)?.0;
    let field = union.discriminator.as_deref().unwrap_or("type");
    let successor = union.successor(tag).map_or(String::new(), |it| format!("; use `{field}: {it}`"));
    match (status, union.reader(tag, release)) {
        (_, Some(reader)) => {
            let accepts = match status {
                Status::Unavailable(since) => format!("accepts `{field}: {tag}` since {since}"),
                _ => format!("does not accept `{field}: {tag}`"),
            };
            Some(format!("`dstack apply` {accepts}; in {release}, this file is read by `{reader}`"))
        }
        (Status::Removed(_), None) => {
            let (first, _) = readers.iter().find(|it| it.1.is_some())?;
            let (end, _) = readers.iter().find(|(since, it)| since > first && it.is_none())?;
            Some(format!("`{field}: {tag}` was removed in dstack {end}{successor}"))
        }
        _ => None,
    }
}

/// The type at a release.
pub(crate) fn get(ty: TypeId, release: Release) -> Option<&'static Type> {
    View::new(release).get(ty)
}

/// Whether values of the type are scalars.
pub(crate) fn is_scalar(ty: &Type) -> bool {
    !matches!(ty, Type::Mapping(_) | Type::Table(_) | Type::Sequence(_) | Type::Any)
}

/// A short description of a type, or one of the values of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Title {
    /// `string`, `list of strings`
    Type(String),
    /// `spot`
    Value(String),
}

impl Title {
    pub(crate) fn text(&self) -> &str {
        match self {
            Title::Type(text) | Title::Value(text) => text,
        }
    }
}

/// The types that a value of `ty` may have, scalars first.
pub(crate) fn titles(ty: TypeId, release: Release) -> Vec<Title> {
    let mut found = alternatives(ty, release);
    found.sort_by_key(|it| get(*it, release).is_none_or(|it| !is_scalar(it)));
    let mut titles: Vec<Title> = vec![];
    for it in found {
        for title in title(it, release) {
            if !title.text().is_empty() && !titles.contains(&title) {
                titles.push(title);
            }
        }
    }
    titles
}

/// The enum of a value, or of its items, if there is one.
pub(crate) fn enumeration(ty: TypeId, release: Release) -> Option<&'static schema::Enum> {
    View::new(release).enumeration(ty)
}

fn title(ty: TypeId, release: Release) -> Vec<Title> {
    let name = |name: &str| vec![Title::Type(name.trim_start_matches("an ").trim_start_matches("a ").to_string())];
    let values = |values: &[&str]| values.iter().map(|it| Title::Value(it.to_string())).collect::<Vec<_>>();
    match get(ty, release) {
        Some(Type::Mapping(_) | Type::Table(_)) => name("mapping"),
        Some(Type::Sequence(it)) => {
            let items = titles(it.item, release);
            match items.iter().any(|it| matches!(it, Title::Value(_))) {
                true => name("list of values"),
                false => {
                    name(&format!("list of {}", or(&items.iter().map(|it| plural(it.text())).collect::<Vec<_>>())))
                }
            }
        }
        Some(Type::Enum(it)) => {
            let current = it.values.iter().filter(|it| matches!(it.status(release), Status::Current));
            let current: Vec<&str> = current.map(|it| &*it.value).collect();
            match current.len() {
                0..=6 => values(&current),
                _ => values(&current[..4]).into_iter().chain(name("…")).collect(),
            }
        }
        Some(Type::String(_)) => name("string"),
        Some(Type::Integer(_)) => name("integer"),
        Some(Type::Float(_)) => name("number"),
        Some(Type::Boolean) => values(&["true", "false"]),
        Some(Type::Grammar(_)) => name(View::new(release).grammar(ty).map_or("string", |it| it.title())),
        _ => vec![],
    }
}

/// The plural of a title: `GPU names`, `paths in the container`.
pub(crate) fn plural(title: &str) -> String {
    let end = [" of ", " in ", " to ", " by ", " that "].iter().filter_map(|it| title.find(it)).min();
    let (head, tail) = title.split_at(end.unwrap_or(title.len()));
    match head.strip_suffix('y') {
        _ if title == "anything" => title.into(),
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies{tail}"),
        _ => format!("{head}s{tail}"),
    }
}

/// The default of a field, as it is written in YAML.
pub(crate) fn default(field: &Field, release: Release) -> Option<&str> {
    field.default.as_ref()?.at(release).map(|it| &**it)
}

/// The field of the mapping that excludes the field `name`. The key `typed` is ignored.
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

/// Whether a constraint of the mapping forbids the field.
pub(crate) fn is_forbidden(ty: TypeId, name: &str, release: Release) -> bool {
    View::new(release).is_forbidden(ty, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn titles_of_last_key(text: &str) -> String {
        let document = fixture::document(text);
        let key =
            document.tree().ids().filter(|it| document.tree().entry_of(*it).is_some_and(|entry| entry.key == *it));
        let field =
            schema::catalogue().field_by_id(document.binding().fact(key.last().unwrap()).field.unwrap()).unwrap();
        titles(field.ty, document.release()).iter().map(Title::text).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn titles_describe_types_and_list_values() {
        for (field, expected) in [
            ("image: a", "image"),
            ("spot_policy: auto", "spot | on-demand | auto"),
            ("privileged: true", "true | false"),
            ("resources: {}", "mapping"),
            // Scalars come before collections.
            ("retry: true", "true | false | mapping"),
            ("backends: []", "list of values"),
            ("commands: []", "list of strings"),
            // A long enum is cut.
            ("resources: {gpu: {vendor: amd}}", "nvidia | amd | google | tpu | …"),
        ] {
            assert_eq!(titles_of_last_key(&format!("type: task\n{field}\n")), expected);
        }
    }

    #[test]
    fn the_first_noun_of_a_title_is_plural() {
        for (title, expected) in [
            ("string", "strings"),
            ("retry policy", "retry policies"),
            ("key", "keys"),
            ("path in the container", "paths in the container"),
            ("list of strings", "lists of strings"),
            ("anything", "anything"),
        ] {
            assert_eq!(plural(title), expected);
        }
    }

    #[test]
    fn the_keys_of_a_mapping_select_among_its_types() {
        let names = |text: &str, typed: &str| {
            let document = fixture::document(text);
            let tree = document.tree();
            let root = tree.root().unwrap();
            let typed = tree.entry(root, typed).unwrap().key;
            let types = mappings(&document, root, typed);
            let name = |ty: TypeId| schema::catalogue().names().find(|it| it.1 == ty).map_or("", |it| it.0);
            types.into_iter().map(name).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(names("type: task\nx:\n", "x"), "task");
        assert_eq!(names("ssh_config: {}\nx:\n", "x"), "fleet");
        // The typed key and unknown keys exclude no type.
        assert_eq!(names("ide: vscode\nx:\n", "x"), "dev-environment");
        assert!(names("ide: vscode\nx:\n", "ide").contains("task"));
    }

    #[test]
    fn a_field_is_excluded_by_a_field_with_a_value() {
        let excluded = |text: &str| {
            let document = fixture::document(text);
            let tree = document.tree();
            let root = tree.root().unwrap();
            let task = schema::catalogue().named("task").unwrap();
            let typed = tree.entries(root).last().unwrap().key;
            excluded_by(&document, root, task, "python", typed).map(str::to_owned)
        };
        assert_eq!(excluded("image: a\nx:\n").as_deref(), Some("image"));
        assert_eq!(excluded("image:\nx:\n"), None);
        assert_eq!(excluded("x:\nimage: a\n"), None);
    }
}
