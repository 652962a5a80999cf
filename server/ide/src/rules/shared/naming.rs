//! How messages name mappings and fields.

use schema::{DocumentKind, FieldId};
use yaml::NodeId;

use crate::{document::Document, types};

/// The name of a field.
pub(crate) fn field(field: FieldId) -> &'static str {
    schema::catalogue().field_by_id(field).map_or("", |it| &it.name)
}

/// A mapping, or the alias of one, as a message names it: "a task", "`resources`", "`creds` of type `default`", "a volume on
/// `aws`".
pub(crate) fn mapping(document: &Document, mapping: NodeId) -> String {
    let name = by_place(document, mapping);
    match tag(document, mapping) {
        Some(tag) if document.tree().parent(mapping).is_none() => format!("{name} on `{tag}`"),
        Some(tag) => format!("{name} of type `{tag}`"),
        None => name,
    }
}

/// The variant of a mapping, by its `type`; for a volume by its `backend`. It is looked for among the first entries, since
/// each finding about a mapping of thousands asks.
fn tag(document: &Document, mapping: NodeId) -> Option<&str> {
    let tree = document.tree();
    let field = match tree.parent(mapping) {
        None if document.configuration_type() != Some("volume") => return None,
        None => "backend",
        Some(_) => "type",
    };
    let value = tree.entries(tree.target(mapping)?).take(20).find(|it| tree.value(it.key) == field)?.value;
    let union = types::tagged_union(document, mapping, field)?;
    let accepted = |it: &str| union.variant(it, document.release()).is_some_and(|it| it.1.is_accepted());
    let is_one_of_several = union.tags.iter().filter(|it| accepted(it)).nth(1).is_some();
    Some(tree.value(value)).filter(|it| is_one_of_several && accepted(it))
}

fn by_place(document: &Document, mapping: NodeId) -> String {
    let tree = document.tree();
    if let Some(entry) = tree.entry_of(mapping) {
        return format!("`{}`", tree.value(entry.key));
    }
    if tree.parent(mapping).is_none() {
        let has_type = matches!(document.kind(), DocumentKind::Configuration | DocumentKind::Template);
        return match document.configuration_type().filter(|_| has_type) {
            Some("dev-environment") => "a dev environment".into(),
            Some(it) if it.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {it}"),
            Some(it) if !it.is_empty() => format!("a {it}"),
            _ => "the file".into(),
        };
    }
    match tree.parent(mapping).and_then(|list| tree.entry_of(list)) {
        Some(entry) => format!("an item of `{}`", tree.value(entry.key)),
        None => "this item".into(),
    }
}
