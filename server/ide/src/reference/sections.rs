//! The sections of a page: the mappings of a file with their fields.

use rustc_hash::FxHashMap;
use schema::{Constraint, Field, Release, Timed, Type, TypeId, Union};

use super::phrases;

/// A mapping, or several that a field tells apart, at its place in the file.
pub(super) struct Section {
    /// The type that it describes.
    pub(super) ty: TypeId,
    /// `` `resources.gpu` ``, or `Fields` for the file as a whole.
    pub(super) heading: String,
    /// What distinguishes it from other mappings in the same place, otherwise "mapping".
    pub(super) name: String,
    /// The value that chooses it or a mapping around it.
    pub(super) chosen_by: Option<String>,
    /// The number of mappings around it.
    pub(super) depth: usize,
    /// The other places of the same mapping.
    pub(super) others: Vec<String>,
    /// Whether it is the file as a whole.
    pub(super) is_root: bool,
    pub(super) docs: String,
    pub(super) choice: Option<Choice>,
    pub(super) fields: Vec<Place>,
    pub(super) rules: &'static [Constraint],
}

/// A field at its place.
pub(super) struct Place {
    pub(super) field: &'static Field,
    pub(super) heading: String,
    /// The first release that has the mapping.
    pub(super) floor: Release,
    /// The last release that has both the mapping and the field.
    pub(super) at: Release,
    /// Whether the field ended before the mapping did.
    pub(super) is_gone: bool,
}

/// The field that chooses among mappings.
pub(super) struct Choice {
    pub(super) heading: String,
    pub(super) by: String,
    pub(super) union: &'static Union,
    pub(super) floor: Release,
}

/// A place in the file.
#[derive(Clone)]
struct At {
    path: String,
    /// The length of the part of the path that headings omit because a label implies it: the path to a choice among mappings.
    known: usize,
    /// The value that chose the mapping, of the outermost choice.
    choice: Option<String>,
    labels: Vec<String>,
    /// What distinguishes it from other mappings in the same place, otherwise "mapping".
    name: String,
    floor: Release,
    at: Release,
}

/// The heading of the fields of the file itself.
pub(super) const ROOT: &str = "Fields";

/// Maximum depth of mappings within mappings; the catalogue is far flatter.
const DEPTH: usize = schema::view::MAX_DEPTH as usize;

/// The sections of a kind of file. A mapping in several places has one section, at the outermost place, or where nothing else
/// is possible.
pub(super) fn of(ty: TypeId, accepted: &Timed<bool>) -> Vec<Section> {
    let at = At {
        path: String::new(),
        known: 0,
        choice: None,
        labels: vec![],
        name: "mapping".into(),
        floor: first(accepted),
        at: newest(accepted),
    };
    let claims = claims(ty);
    let mut acc = vec![];
    visit(ty, &at, DEPTH, &claims, &mut acc);
    acc
}

/// The paths of types; a type is described at its first path.
type Claims = FxHashMap<TypeId, Vec<String>>;

fn claims(root: TypeId) -> Claims {
    let mut claims = Claims::default();
    let mut level = vec![(root, String::new())];
    for _ in 0..DEPTH {
        let mut found: Vec<(bool, TypeId, String)> = vec![];
        for (ty, path) in level {
            let targets = targets(ty);
            let is_one_of_several = targets.len() > 1;
            found.extend(targets.into_iter().map(|it| (is_one_of_several, it.ty, format!("{path}{}", it.suffix))));
        }
        found.sort_by_key(|it| it.0);
        level = vec![];
        for (_, ty, path) in found {
            let paths = claims.entry(ty).or_default();
            if paths.is_empty() {
                level.extend(inner(ty, &path));
            }
            paths.push(path);
        }
    }
    claims
}

/// The types of the fields of a mapping, or of all mappings of a union, with their paths.
fn inner(ty: TypeId, path: &str) -> Vec<(TypeId, String)> {
    let catalogue = schema::catalogue();
    let mappings = match catalogue.raw(ty) {
        Some(Type::Union(union)) => union.variants.clone(),
        _ => vec![ty],
    };
    let fields = mappings.iter().filter_map(|it| catalogue.mapping(*it)).flat_map(|it| &it.fields);
    fields.filter(|it| !it.internal).map(|it| (it.ty, joined(path, &it.name))).collect()
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

/// The documentation of a type as a whole.
pub(super) fn docs(ty: TypeId) -> &'static str {
    let catalogue = schema::catalogue();
    match catalogue.raw(ty) {
        Some(Type::Mapping(it)) => &it.docs,
        Some(Type::Timed(timed)) => timed.0.last().map_or("", |it| docs(it.1)),
        Some(Type::Nullable(inner)) => docs(*inner),
        // The documentation that all variants share.
        Some(Type::Union(it)) => {
            let mut all = it.variants.iter().map(|it| docs(*it));
            all.next().filter(|first| all.all(|it| it == *first)).unwrap_or_default()
        }
        _ => "",
    }
}

/// The last release that accepts it.
pub(super) fn newest(accepted: &Timed<bool>) -> Release {
    newest_until(accepted, Release::NEWEST).unwrap_or(Release::NEWEST)
}

fn newest_until(accepted: &Timed<bool>, end: Release) -> Option<Release> {
    Release::all().filter(|it| *it <= end && accepted.at(*it) == Some(&true)).last()
}

fn first(accepted: &Timed<bool>) -> Release {
    accepted.0.iter().find(|it| it.1).map_or(Release::OLDEST, |it| it.0)
}

/// A mapping, or a union of mappings, that a value can be or contain.
struct Target {
    ty: TypeId,
    suffix: String,
    /// What distinguishes it from others in the same place.
    label: String,
}

fn targets(ty: TypeId) -> Vec<Target> {
    let mut acc = vec![];
    collect_targets(ty, "", None, DEPTH, &mut acc);
    acc
}

fn collect_targets(ty: TypeId, suffix: &str, before: Option<Release>, depth: usize, acc: &mut Vec<Target>) {
    let Some(it) = schema::catalogue().raw(ty).filter(|_| depth > 0) else { return };
    let mut add = |name: &str| {
        let label = before.map_or(name.replace('-', " "), |it| format!("before {it}"));
        if acc.iter().all(|it| it.ty != ty) {
            acc.push(Target { ty, suffix: suffix.into(), label });
        }
    };
    match it {
        Type::Mapping(mapping) => add(&mapping.name),
        Type::Union(union) if union.discriminator.is_some() => add(""),
        Type::Union(union) => {
            union.variants.iter().for_each(|it| collect_targets(*it, suffix, before, depth - 1, acc));
        }
        Type::Nullable(inner) => collect_targets(*inner, suffix, before, depth - 1, acc),
        Type::Sequence(it) => collect_targets(it.item, &format!("{suffix}[]"), before, depth - 1, acc),
        Type::Table(it) => collect_targets(it.value, &format!("{suffix}.NAME"), before, depth - 1, acc),
        Type::Timed(timed) => {
            let mut next = before;
            for (since, inner) in timed.0.iter().rev() {
                collect_targets(*inner, suffix, next, depth - 1, acc);
                next = Some(*since);
            }
        }
        _ => {}
    }
}

fn visit(ty: TypeId, at: &At, depth: usize, claims: &Claims, acc: &mut Vec<Section>) {
    if depth == 0 {
        return;
    }
    let mut found = targets(ty);
    found.retain(|it| {
        let is_here = claims.get(&it.ty).is_some_and(|paths| paths[0] == format!("{}{}", at.path, it.suffix));
        is_here && acc.iter().all(|section| section.ty != it.ty)
    });
    let n_found = found.len();
    for target in found {
        // An older release may accept the mappings of a choice without the field that chooses.
        if acc.iter().any(|it| it.is_choice_of(target.ty)) {
            continue;
        }
        let mut at = at.clone();
        at.path.push_str(&target.suffix);
        at.name = "mapping".into();
        if n_found > 1 && !target.label.is_empty() {
            if !target.label.starts_with("before ") {
                at.name.clone_from(&target.label);
            }
            at.labels.push(target.label);
        }
        match schema::catalogue().raw(target.ty) {
            Some(Type::Mapping(_)) => mapping(target.ty, &at, heading(&at), &[], depth, claims, acc),
            // With only one variant, there is nothing to choose.
            Some(Type::Union(union)) if union.variants.len() == 1 => {
                mapping(union.variants[0], &at, heading(&at), &[], depth, claims, acc);
            }
            Some(Type::Union(union)) => choice(target.ty, union, &at, depth, claims, acc),
            _ => {}
        }
    }
}

/// Adds a section for the mapping, without fields that are described elsewhere, and sections for the mappings in it.
fn mapping(
    ty: TypeId,
    at: &At,
    heading: String,
    elsewhere: &[&str],
    depth: usize,
    claims: &Claims,
    acc: &mut Vec<Section>,
) {
    let Some(mapping) = schema::catalogue().mapping(ty) else { return };
    let shown = mapping.fields.iter().filter(|it| !it.internal && !elsewhere.contains(&&*it.name));
    let fields: Vec<Place> = shown.filter_map(|it| place(it, at)).collect();
    if fields.is_empty() {
        return;
    }
    let below: Vec<(TypeId, At)> = fields.iter().filter(|it| !it.is_gone).map(|it| below(it, at)).collect();
    let is_root = at.path.is_empty();
    let docs = if is_root && elsewhere.is_empty() { String::new() } else { mapping.docs.trim().to_string() };
    let others = others(ty, claims);
    acc.push(Section {
        ty,
        heading,
        name: at.name.clone(),
        chosen_by: at.choice.clone(),
        depth: depth_of(at),
        others,
        is_root,
        docs,
        choice: None,
        fields,
        rules: &mapping.constraints,
    });
    for (ty, at) in below {
        visit(ty, &at, depth - 1, claims, acc);
    }
}

/// Adds a section for the fields that several mappings share, and one for each mapping with more fields.
fn choice(ty: TypeId, union: &'static Union, at: &At, depth: usize, claims: &Claims, acc: &mut Vec<Section>) {
    let catalogue = schema::catalogue();
    let by = union.discriminator.as_deref().unwrap_or_default();
    let mappings: Vec<&schema::Mapping> = union.variants.iter().filter_map(|it| catalogue.mapping(*it)).collect();
    let Some(one) = mappings.first() else { return };
    let is_common = |field: &&Field| {
        mappings.len() > 1
            && &*field.name != by
            && !field.internal
            && mappings.iter().all(|it| it.fields.contains(field))
    };
    let common: Vec<&'static Field> = one.fields.iter().filter(is_common).collect();
    let fields: Vec<Place> = common.iter().filter_map(|it| place(it, at)).collect();
    let below: Vec<(TypeId, At)> = fields.iter().filter(|it| !it.is_gone).map(|it| below(it, at)).collect();
    let choice = Choice { heading: field_heading(by, at), by: by.into(), union, floor: at.floor };
    let is_root = at.path.is_empty();
    acc.push(Section {
        ty,
        heading: heading(at),
        name: at.name.clone(),
        chosen_by: at.choice.clone(),
        depth: depth_of(at),
        others: others(ty, claims),
        is_root,
        docs: String::new(),
        choice: Some(choice),
        fields,
        rules: &[],
    });
    for (ty, at) in below {
        visit(ty, &at, depth - 1, claims, acc);
    }
    let mut elsewhere: Vec<&str> = common.iter().map(|it| &*it.name).collect();
    elsewhere.push(by);
    for (i, (tag, variant)) in union.tags.iter().zip(&union.variants).enumerate() {
        if acc.iter().any(|it| it.ty == *variant) {
            continue;
        }
        let accepted = union.accepted.get(i);
        let Some(end) = accepted.map_or(Some(at.at), |it| newest_until(it, at.at)) else { continue };
        let floor = accepted.map_or(at.floor, first).max(at.floor);
        let mut inner = At { at: end, floor, ..at.clone() };
        inner.labels.push(tag.to_string());
        let path = if shown(at).is_empty() { String::new() } else { format!("In `{}`, ", shown(at)) };
        let heading = format!("{path}`{by}: {tag}`{}", label(at));
        inner.known = at.path.len();
        inner.choice.get_or_insert_with(|| format!("`{by}: {tag}`"));
        mapping(*variant, &inner, heading, &elsewhere, depth, claims, acc);
    }
}

fn place(field: &'static Field, at: &At) -> Option<Place> {
    let end = newest_until(&field.accepted, at.at)?;
    Some(Place { field, heading: field_heading(&field.name, at), floor: at.floor, at: end, is_gone: end < at.at })
}

fn below(place: &Place, at: &At) -> (TypeId, At) {
    let path = joined(&at.path, &place.field.name);
    let floor = at.floor.max(first(&place.field.accepted));
    (place.field.ty, At { path, floor, at: place.at, ..at.clone() })
}

/// The path without the part that headings omit.
fn shown(at: &At) -> &str {
    at.path.get(at.known..).unwrap_or_default().trim_start_matches('.')
}

fn heading(at: &At) -> String {
    match shown(at) {
        "" if at.labels.is_empty() => ROOT.into(),
        "" => format!("Fields{}", label(at)),
        path => format!("In `{path}`{}", label(at)),
    }
}

fn field_heading(name: &str, at: &At) -> String {
    format!("`{}`{}", joined(shown(at), name), label(at))
}

fn depth_of(at: &At) -> usize {
    if at.path.is_empty() { 0 } else { at.path.matches('.').count() + 1 }
}

fn others(ty: TypeId, claims: &Claims) -> Vec<String> {
    let paths = claims.get(&ty).map_or(&[][..], |it| &it[1..]);
    let mut acc: Vec<String> = vec![];
    for path in paths.iter().map(|it| format!("`{it}`")) {
        if !acc.contains(&path) {
            acc.push(path);
        }
    }
    acc
}

fn label(at: &At) -> String {
    if at.labels.is_empty() { String::new() } else { format!(" ({})", at.labels.join(", ")) }
}

impl Section {
    /// Whether the type is one of those that a field of this section tells apart.
    pub(super) fn is_choice_of(&self, ty: TypeId) -> bool {
        self.choice.as_ref().is_some_and(|it| it.union.variants.contains(&ty))
    }

    /// The fields with their anchors.
    pub(super) fn anchors(&self) -> impl Iterator<Item = (&str, String)> {
        let choice = self.choice.iter().map(|it| (it.by.as_str(), phrases::slug(&it.heading)));
        let fields = self.fields.iter().filter(|it| !it.is_gone);
        choice.chain(fields.map(|it| (&*it.field.name, phrases::slug(&it.heading))))
    }
}
