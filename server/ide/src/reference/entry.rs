//! The text about a field: its type, its default, its releases, and its documentation.

use schema::{Enum, Field, Release, Status, Timed, Type, TypeId};

use super::{
    phrases,
    sections::{Place, Section},
    values::{self, Shared},
};
use crate::{expected::or, hover, types};

/// Everything about a field, below its heading.
pub(super) fn described(place: &Place, all: &[Section], shared: &mut Shared) -> String {
    let field = place.field;
    let mut parts = vec![facts(place, all, shared)];
    let status = hover::status(field.status(place.at), place.at);
    if !status.is_empty() {
        parts.push(status);
    }
    parts.push(field.docs.trim().to_string());
    parts.extend(words(place));
    parts.retain(|it| !it.is_empty());
    parts.join("\n\n")
}

/// A removed field, as an item of a list.
pub(super) fn gone(place: &Place) -> String {
    let field = place.field;
    let accepted = phrases::accepted(&field.accepted, place.floor);
    let status = hover::status(field.status(place.at), place.at);
    let status = status.trim_start_matches("⚠ ");
    let status = if status.is_empty() { String::new() } else { format!(" {status}.") };
    let docs = field.docs.trim().split("\n\n").next().unwrap_or_default().replace('\n', "\n  ");
    format!("`{}` ({accepted}):{status}\n  {docs}", field.name)
}

/// The line below a heading: type, required, default, since.
fn facts(place: &Place, all: &[Section], shared: &mut Shared) -> String {
    let Place { field, at, .. } = place;
    let floor = first(field).max(place.floor);
    let mut facts = vec![kinds(field.ty, *at, floor, all, shared)];
    let required = phrases::timed(&field.required, *at, floor, |it| it.then(|| "required".to_string()));
    match required.as_str() {
        "required" => facts.insert(0, "**required**".into()),
        it => facts.push(it.to_string()),
    }
    if let Some(default) = &field.default {
        let default = phrases::timed(default, *at, floor, |it| Some(format!("`{it}`")));
        facts.push(if default.is_empty() { default } else { format!("default {default}") });
    }
    facts.push(phrases::accepted(&field.accepted, place.floor));
    facts.retain(|it| !it.is_empty());
    facts.join(" · ")
}

fn first(field: &Field) -> Release {
    field.accepted.0.iter().find(|it| it.1).map_or(Release::OLDEST, |it| it.0)
}

/// The possible types, with their releases if they changed.
fn kinds(ty: TypeId, at: Release, floor: Release, all: &[Section], shared: &mut Shared) -> String {
    let timed = match schema::catalogue().raw(ty) {
        Some(Type::Timed(timed)) => timed.clone(),
        _ => Timed::always(ty),
    };
    let ends = |since: Release| timed.0.iter().map(|it| it.0).find(|it| *it > since);
    // From the newest to the oldest, so former types come last.
    let mut words: Vec<(String, Release, Option<Release>)> = vec![];
    for (since, ty) in timed.0.iter().rev().filter(|it| it.0 <= at && ends(it.0).is_none_or(|end| end > floor)) {
        let end = ends(*since).filter(|it| *it <= at);
        for word in kind(*ty, end.map_or(at, phrases::before), all, shared) {
            match words.iter_mut().find(|it| it.0 == word && Some(it.1) == end) {
                Some(it) => it.1 = *since,
                None => words.push((word, *since, end)),
            }
        }
    }
    let said = words.into_iter().map(|(word, since, end)| match (since > floor, end) {
        (_, Some(end)) => format!("{word} (until {})", phrases::before(end)),
        (true, None) => format!("{word} (since {since})"),
        (false, None) => word,
    });
    or(&said.collect::<Vec<_>>())
}

/// The possible types in a release, shorter notations first.
fn kind(ty: TypeId, release: Release, all: &[Section], shared: &mut Shared) -> Vec<String> {
    let mut found = vec![];
    flatten(ty, release, all, &mut found);
    let is_long =
        |it: &TypeId| types::get(*it, release).is_none_or(|it| !types::is_scalar(it) || matches!(it, Type::Union(_)));
    found.sort_by_key(is_long);
    let mut acc: Vec<String> = vec![];
    for it in found {
        for word in one(it, release, all, shared) {
            if !acc.contains(&word) {
                acc.push(word);
            }
        }
    }
    acc
}

/// The possible types; variants that a field tells apart count as one.
fn flatten(ty: TypeId, release: Release, all: &[Section], acc: &mut Vec<TypeId>) {
    for it in types::alternatives(ty, release) {
        let choice = all.iter().find(|section| section.is_choice_of(it)).map_or(it, |section| section.ty);
        if !acc.contains(&choice) {
            acc.push(choice);
        }
    }
}

/// The description of one type.
fn one(id: TypeId, release: Release, all: &[Section], shared: &mut Shared) -> Vec<String> {
    let Some(ty) = types::get(id, release) else { return vec![] };
    let limited = |name: &str, limits: String| match limits.is_empty() {
        true => name.to_string(),
        false => format!("{name} {limits}"),
    };
    vec![match ty {
        Type::Mapping(mapping) => match all.iter().find(|it| it.ty == id) {
            Some(section) => format!("[{}](#{})", section.name, phrases::slug(&section.heading)),
            None if mapping.fields.iter().all(|it| it.internal) => return vec![],
            None => "mapping".into(),
        },
        Type::Union(_) => match all.iter().find(|it| it.ty == id) {
            Some(section) => format!("[mapping](#{})", phrases::slug(&section.heading)),
            None => return vec![],
        },
        Type::Table(table) => {
            let value = plural(&or(&kind(table.value, release, all, shared)));
            format!("mapping of names to {value}")
        }
        Type::Sequence(list) => {
            let bounds = |it: &Option<Timed<u32>>| it.as_ref().and_then(|it| it.at(release)).copied();
            let limits = phrases::items(bounds(&list.min), bounds(&list.max));
            let item = or(&kind(list.item, release, all, shared));
            let limits = if limits.is_empty() { limits } else { format!(" ({limits})") };
            format!("list of {}{limits}", plural(&item))
        }
        Type::Enum(it) if it.values.len() > hover::MANY => shared.words(it),
        Type::Enum(it) => return current(it, release),
        Type::String(limits) => limited("string", phrases::lengths(limits, release)),
        Type::Integer(limits) => limited("integer", phrases::limits(limits, release)),
        Type::Float(limits) => limited("number", phrases::limits(limits, release)),
        Type::Boolean => return vec!["`true`".into(), "`false`".into()],
        Type::Grammar(name) => shared.grammar(name),
        Type::Any => "anything".into(),
        Type::Nullable(_) | Type::Timed(_) => return vec![],
    }]
}

fn current(words: &Enum, release: Release) -> Vec<String> {
    let current = words.values.iter().filter(|it| matches!(it.status(release), Status::Current));
    current.map(|it| format!("`{}`", it.value)).collect()
}

/// The plural; values and links are kept.
fn plural(kinds: &str) -> String {
    let one = |it: &str| match it.split_once(']') {
        Some((name, link)) if it.starts_with('[') => format!("[{}]{link}", types::plural(&name[1..])),
        _ if it.starts_with('`') => it.to_string(),
        _ => types::plural(it),
    };
    let words: Vec<String> =
        kinds.split(" or ").map(|it| it.split(", ").map(one).collect::<Vec<_>>().join(", ")).collect();
    words.join(" or ")
}

/// The values with their documentation, unless the page of values has them or there is only one.
fn words(place: &Place) -> Option<String> {
    let words = types::enumeration(place.field.ty, place.at).filter(|it| it.values.len() <= hover::MANY)?;
    // The type already names a single value.
    (words.values.len() > 1 || types::titles(place.field.ty, place.at).len() > 1).then_some(())?;
    let shown = words.values.iter().filter(|it| it.accepted.at(place.at) == Some(&true));
    let lines: Vec<String> = shown.map(|it| values::word(it, place.floor, place.at)).collect();
    Some(lines.join("\n"))
}
