//! Completes the examples in the documentation of fields, mappings and rules to whole documents.
//!
//! A `yaml` block in the docs of a mapping is a mapping of that type. A block in the docs of a field is a part of the mapping
//! that has the field: it is merged into the example of that mapping (or into its required fields, if it has no example), key
//! by key; fields that exclude it are dropped. The mapping is then merged into the one around it in the same way, up to the
//! file.
//!
//! Each example is completed for two releases: the newest and the oldest that have the field. If the example needs a later
//! release than the field, the docs must name that release.

use std::collections::HashMap;

use ide::{Document, Stage, diagnostics};
use schema::{DocumentKind, Field, Grammar, Mapping, Release, Type, TypeId, Union, Value, catalogue, grammar};
use yaml::Text;

/// An example as a whole document.
pub(crate) struct Example {
    /// The mapping and field of the example, with the release: `task.retry@0.22.5`.
    pub(crate) id: String,
    pub(crate) kind: DocumentKind,
    pub(crate) release: Release,
    pub(crate) text: String,
}

/// The examples as documents, and messages about those that fit into no valid document.
pub(crate) struct Collected {
    pub(crate) documents: Vec<Example>,
    pub(crate) unplaced: Vec<String>,
}

/// Returns the examples of the catalogue and of the rules.
pub(crate) fn documents() -> Collected {
    let mut acc = Collected { documents: vec![], unplaced: vec![] };
    let mut routes = HashMap::new();
    for (origin, block) in examples() {
        place(&origin, &block, &mut routes, &mut acc);
    }
    for rule in ide::rules::all() {
        for (i, (head, text)) in headed(rule.docs).enumerate() {
            let release =
                head.split("release=").nth(1).and_then(|it| it.trim().parse().ok()).unwrap_or(Release::NEWEST);
            let id = format!("rule {}@{release}", numbered(rule.name(), i));
            acc.documents.push(Example { id, kind: DocumentKind::Configuration, release, text });
        }
    }
    acc
}

/// Returns the examples of the catalogue that fit into a document of the newest release. Cheaper than [`documents`].
pub(crate) fn newest() -> Vec<Example> {
    let release = Release::NEWEST;
    let routes = Routes::at(release);
    let example = |(origin, block): (Origin<'_>, String)| {
        let (kind, text) = complete(&origin, &block, release, &routes).ok()?;
        Some(Example { id: format!("{}@{release}", origin.name), kind, release, text })
    };
    let is_there = |it: &(Origin<'_>, String)| {
        routes.reaches(it.0.ty) && it.0.field.is_none_or(|field| field.status(release).is_accepted())
    };
    examples().filter(is_there).filter_map(example).collect()
}

/// The examples of mappings and fields, each with its origin.
fn examples() -> impl Iterator<Item = (Origin<'static>, String)> {
    catalogue().names().flat_map(|(name, ty)| {
        let mapping = catalogue().mapping(ty);
        let own = mapping.map(|it| (name.to_string(), None, &*it.docs));
        let fields = mapping.map_or(&[][..], |it| &it.fields).iter();
        let fields = fields.map(move |it| (format!("{name}.{}", it.name), Some(it), &*it.docs));
        own.into_iter().chain(fields).flat_map(move |(name, field, docs)| {
            let origin = move |i| Origin { name: numbered(&name, i), ty, field, docs };
            blocks(docs).enumerate().map(move |(i, block)| (origin(i), block))
        })
    })
}

/// Returns a document for each field of each mapping, at the newest release that has the field: with the example of the
/// field, or else with the simplest value. `unplaced` lists the fields that no known file can contain.
pub(crate) fn fields() -> Collected {
    let mut acc = Collected { documents: vec![], unplaced: vec![] };
    let mut routes = HashMap::new();
    for (name, ty) in catalogue().names() {
        let fields = catalogue().mapping(ty).map_or(&[][..], |it| &it.fields);
        for field in fields.iter().filter(|it| !it.internal) {
            let name = format!("{name}.{}", field.name);
            let releases: Vec<Release> = Release::all().filter(|it| field.status(*it).is_accepted()).collect();
            let reaches = |it: &Release| routes.entry(*it).or_insert_with(|| Routes::at(*it)).reaches(ty);
            let found = releases.into_iter().rev().find(reaches).and_then(|release| {
                let origin = Origin { name: name.clone(), ty, field: Some(field), docs: &field.docs };
                let whole =
                    complete(&origin, &written(field, release, 4).unwrap_or_default(), release, &routes[&release]);
                // The field that selects a variant has only one value, which the route to the mapping contains.
                let (kind, text) = whole.or_else(|_| complete(&origin, "", release, &routes[&release])).ok()?;
                Some(Example { id: format!("{name}@{release}"), kind, release, text })
            });
            match found {
                Some(it) => acc.documents.push(it),
                None => acc.unplaced.push(name),
            }
        }
    }
    acc
}

fn numbered(name: &str, index: usize) -> String {
    if index == 0 { name.to_string() } else { format!("{name}#{}", index + 1) }
}

/// The `yaml` blocks of a text.
fn blocks(docs: &str) -> impl Iterator<Item = String> {
    headed(docs).map(|it| it.1)
}

/// The `yaml` blocks of a text, each with the text behind `yaml` on its first line.
fn headed(docs: &str) -> impl Iterator<Item = (&str, String)> {
    docs.split("```yaml").skip(1).filter_map(|it| {
        let (head, body) = it.split_once('\n')?;
        Some((head, body.split("```").next()?.to_string()))
    })
}

/// The origin of an example: a mapping, or a field of it.
struct Origin<'a> {
    name: String,
    ty: TypeId,
    field: Option<&'a Field>,
    docs: &'a str,
}

/// Whether only another command than `dstack apply` ever read such a file.
fn is_for_another_command(ty: TypeId) -> bool {
    let configuration = catalogue().named(DocumentKind::Configuration.name()).and_then(|it| catalogue().raw(it));
    let Some(Type::Union(union)) = configuration else { return false };
    let tag = union.variants.iter().position(|it| *it == ty).map(|index| &*union.tags[index]);
    tag.is_some_and(|tag| union.readers(tag).is_some())
}

/// Adds the documents of an example at the newest and at the oldest release.
fn place(origin: &Origin, block: &str, routes: &mut HashMap<Release, Routes>, acc: &mut Collected) {
    let has_it = |release: &Release, routes: &mut HashMap<Release, Routes>| {
        origin.field.is_none_or(|it| it.status(*release).is_accepted())
            && routes.entry(*release).or_insert_with(|| Routes::at(*release)).reaches(origin.ty)
    };
    let releases: Vec<Release> = Release::all().filter(|it| has_it(it, routes)).collect();
    let (Some(&oldest), Some(&newest)) = (releases.first(), releases.last()) else {
        if !is_for_another_command(origin.ty) {
            acc.unplaced.push(format!("{}: no release has it", origin.name));
        }
        return;
    };
    let mut add = |release: Release, (kind, text)| {
        acc.documents.push(Example { id: format!("{}@{release}", origin.name), kind, release, text });
    };
    match complete(origin, block, newest, &routes[&newest]) {
        Ok(found) => add(newest, found),
        Err(why) => {
            acc.unplaced.push(format!("{} is rejected in {newest}: {why}", origin.name));
            return;
        }
    }
    if oldest == newest {
        return;
    }
    let mut found = releases.iter().filter_map(|it| Some((*it, complete(origin, block, *it, &routes[it]).ok()?)));
    if let Some((release, document)) = found.next().filter(|it| it.0 < newest) {
        add(release, document);
        // The example of a mapping shows the newest release only.
        if origin.field.is_some() && release > oldest && !origin.docs.contains(&release.to_string()) {
            let why = "name that release in the docs";
            acc.unplaced
                .push(format!("{}: {oldest} has the field, but the example requires {release}; {why}", origin.name));
        }
    }
}

/// The field that selects a variant of a union, and its value.
type Tag = (String, String);

/// The routes to each mapping in a release.
struct Routes {
    release: Release,
    /// The mappings that are whole files, each with its kind and the tag that selects it.
    roots: Vec<(TypeId, DocumentKind, Option<Tag>)>,
    /// For each mapping, the fields that may contain it.
    into: HashMap<TypeId, Vec<Route>>,
}

/// A field whose value is or contains a mapping.
#[derive(Clone)]
struct Route {
    from: TypeId,
    field: &'static str,
    /// The collections between the field and the mapping: `[]` for a list, `{}` for a table.
    within: Vec<&'static str>,
    /// The tag that selects the mapping.
    tag: Option<Tag>,
}

impl Routes {
    fn at(release: Release) -> Routes {
        let mut routes = Routes { release, roots: vec![], into: HashMap::new() };
        for kind in DocumentKind::ALL {
            let Some(ty) = catalogue().named(kind.name()) else { continue };
            let mut found = vec![];
            reach(ty, release, &[], &None, &mut found);
            routes.roots.extend(found.into_iter().map(|(ty, _, tag)| (ty, kind, tag)));
        }
        let mut open: Vec<TypeId> = routes.roots.iter().map(|it| it.0).collect();
        let mut seen = open.clone();
        while let Some(from) = open.pop() {
            let Some(mapping) = catalogue().mapping(from) else { continue };
            for field in mapping.fields.iter().filter(|it| it.status(release).is_accepted()) {
                let mut found = vec![];
                reach(field.ty, release, &[], &None, &mut found);
                for (ty, within, tag) in found {
                    routes.into.entry(ty).or_default().push(Route { from, field: &field.name, within, tag });
                    if !seen.contains(&ty) {
                        seen.push(ty);
                        open.push(ty);
                    }
                }
            }
        }
        routes
    }

    fn reaches(&self, ty: TypeId) -> bool {
        self.into.contains_key(&ty) || self.roots.iter().any(|it| it.0 == ty)
    }
}

type Reached = (TypeId, Vec<&'static str>, Option<Tag>);

/// Collects the mappings that a value may be or contain.
fn reach(ty: TypeId, release: Release, within: &[&'static str], tag: &Option<Tag>, acc: &mut Vec<Reached>) {
    let Some(id) = catalogue().resolve(ty, release) else { return };
    let deeper = |it: &'static str| within.iter().copied().chain([it]).collect::<Vec<_>>();
    match catalogue().get(id, release) {
        Some(Type::Mapping(_)) => acc.push((id, within.to_vec(), tag.clone())),
        Some(Type::Nullable(inner)) => reach(*inner, release, within, tag, acc),
        Some(Type::Sequence(it)) => reach(it.item, release, &deeper("[]"), tag, acc),
        Some(Type::Table(it)) => reach(it.value, release, &deeper("{}"), tag, acc),
        Some(Type::Union(union)) => {
            for (i, variant) in union.variants.iter().enumerate() {
                if union.accepted.get(i).is_none_or(|it| it.at(release) == Some(&true)) {
                    reach(*variant, release, within, &tag_of(union, i).or(tag.clone()), acc);
                }
            }
        }
        _ => {}
    }
}

fn tag_of(union: &Union, index: usize) -> Option<Tag> {
    Some((union.discriminator.as_ref()?.to_string(), union.tags.get(index)?.to_string()))
}

/// Maximum number of documents that are tried for an example.
const MAX_TRIES: usize = 3000;

/// The first document with the example that dstack accepts.
fn complete(origin: &Origin, block: &str, release: Release, routes: &Routes) -> Result<(DocumentKind, String), String> {
    let mut search = Search { routes, left: MAX_TRIES, why: String::from("no file contains it") };
    let own = entries(block);
    let found = match origin.field {
        Some(_) => search.with_entries(origin.ty, &own, 8),
        None => search.with_mapping(origin.ty, &own, 8),
    };
    debug_assert_eq!(release, routes.release);
    found.ok_or(search.why)
}

/// The search for a valid document.
struct Search<'a> {
    routes: &'a Routes,
    left: usize,
    /// The finding in the first document that was tried.
    why: String,
}

type Entries = Vec<(String, String)>;

impl Search<'_> {
    /// A document with a mapping that has these entries and others that it needs.
    fn with_entries(&mut self, ty: TypeId, own: &Entries, depth: usize) -> Option<(DocumentKind, String)> {
        let mapping = catalogue().mapping(ty)?;
        for base in bases(mapping, self.routes.release) {
            if let Some(found) = self.with_mapping(ty, &merged(base, own), depth) {
                return Some(found);
            }
        }
        None
    }

    /// A document with exactly this mapping.
    fn with_mapping(&mut self, ty: TypeId, whole: &Entries, depth: usize) -> Option<(DocumentKind, String)> {
        let with_tag = |tag: &Option<Tag>| match tag {
            Some((by, value)) if whole.iter().all(|it| it.0 != *by) => {
                let mut tagged = vec![(by.clone(), format!("{by}: {value}\n"))];
                tagged.extend(whole.iter().cloned());
                tagged
            }
            _ => whole.clone(),
        };
        let routes = self.routes;
        for (_, kind, tag) in routes.roots.iter().filter(|it| it.0 == ty) {
            let text: String = with_tag(tag).into_iter().map(|it| it.1).collect();
            self.left = self.left.checked_sub(1)?;
            match rejection(&text, *kind, routes.release) {
                None => return Some((*kind, text)),
                Some(why) if self.left == MAX_TRIES - 1 => self.why = format!("{why}\n{text}"),
                Some(_) => {}
            }
        }
        for route in routes.into.get(&ty).filter(|_| depth > 0)? {
            let mut text: String = with_tag(&route.tag).into_iter().map(|it| it.1).collect();
            for within in route.within.iter().rev() {
                text = if *within == "[]" { item(&text) } else { format!("main:\n{}", indented(&text)) };
            }
            let entry = (route.field.to_string(), format!("{}:\n{}", route.field, indented(&text)));
            if let Some(found) = self.with_entries(route.from, &vec![entry], depth - 1) {
                return Some(found);
            }
        }
        None
    }
}

/// The first finding that makes dstack reject a document.
fn rejection(text: &str, kind: DocumentKind, release: Release) -> Option<String> {
    let document = Document::new(Text::new(text), kind, release);
    diagnostics(&document).into_iter().find(|it| it.stage == Stage::Parse).map(|it| it.message)
}

/// The mappings of a type into which entries are merged: its example, also without one of the keys, and its required fields,
/// also with one key of the example.
fn bases(mapping: &Mapping, release: Release) -> Vec<Entries> {
    let is_known = |it: &(String, String)| {
        mapping.fields.iter().any(|field| *field.name == *it.0 && field.status(release).is_accepted())
    };
    let mut example: Entries = blocks(&mapping.docs).next().map_or(vec![], |it| entries(&it));
    example.retain(is_known);
    let required = required(mapping, release, 4);
    let mut bases = vec![];
    if !example.is_empty() {
        bases.push(example.clone());
        bases.extend((0..example.len()).map(|i| {
            let mut shorter = example.clone();
            shorter.remove(i);
            shorter
        }));
    }
    bases.push(required.clone());
    bases.extend(example.into_iter().map(|it| merged(required.clone(), &vec![it])));
    bases
}

/// The required fields, with the simplest values.
fn required(mapping: &Mapping, release: Release, depth: usize) -> Entries {
    let fields = mapping.fields.iter().filter(|it| it.status(release).is_accepted() && it.is_required(release));
    fields.filter_map(|it| Some((it.name.to_string(), written(it, release, depth)?))).collect()
}

/// A field with the value of its example, or else the simplest one.
fn written(field: &Field, release: Release, depth: usize) -> Option<String> {
    let examples = blocks(&field.docs).flat_map(|it| entries(&it));
    let own = examples.filter(|it| *it.0 == *field.name).map(|it| it.1).next();
    own.or_else(|| Some(format!("{}: {}\n", field.name, simplest(field.ty, release, depth)?)))
}

/// The simplest value of a type, on one line.
fn simplest(ty: TypeId, release: Release, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    Some(match catalogue().get(ty, release)? {
        Type::Nullable(inner) => simplest(*inner, release, depth)?,
        Type::Union(union) => {
            let accepted = |i: &usize| union.accepted.get(*i).is_none_or(|it| it.at(release) == Some(&true));
            (0..union.variants.len()).filter(accepted).find_map(|i| simplest(union.variants[i], release, depth))?
        }
        Type::Mapping(mapping) => match mapping.shorthand.and_then(|it| simplest(it, release, depth)) {
            Some(shorthand) => shorthand,
            None => {
                let fields =
                    mapping.fields.iter().filter(|it| it.status(release).is_accepted() && it.is_required(release));
                let fields: Option<Vec<String>> =
                    fields.map(|it| Some(format!("{}: {}", it.name, simplest(it.ty, release, depth)?))).collect();
                format!("{{{}}}", fields?.join(", "))
            }
        },
        Type::Sequence(list) => format!("[{}]", simplest(list.item, release, depth)?),
        Type::Table(table) => format!("{{main: {}}}", simplest(table.value, release, depth)?),
        Type::Enum(it) => it.values.iter().find(|it| it.status(release).is_accepted())?.value.to_string(),
        Type::Integer(it) | Type::Float(it) => {
            let min = it.min.as_ref().and_then(|it| it.at(release)).copied().unwrap_or(1.0);
            if it.exclusive { (min + 1.0).to_string() } else { min.to_string() }
        }
        Type::Boolean => "true".into(),
        Type::String(_) | Type::Any => "main".into(),
        Type::Grammar(name) => simplest_of(grammar::named(name)?, release)?.into(),
        Type::Timed(_) => return None,
    })
}

fn simplest_of(grammar: &dyn Grammar, release: Release) -> Option<&'static str> {
    let texts = ["main", "/main", "16GB", "5m", "60s", "0 8 * * *", "A=1", "a:/b", "3.12"].into_iter();
    let numbers = [("1", 1), ("8000", 8000)].into_iter();
    let number = numbers.filter(|it| grammar.parse(Value::Int(it.1), release).is_ok()).map(|it| it.0);
    texts.filter(|it| grammar.parse(Value::Str(it), release).is_ok()).chain(number).next()
}

/// The entries of a block mapping: each key with the lines that belong to it.
fn entries(text: &str) -> Entries {
    let mut acc: Entries = vec![];
    for line in text.lines() {
        match acc.last_mut() {
            Some((_, lines)) if line.starts_with([' ', '#', '-']) || line.is_empty() => {
                lines.push_str(line);
                lines.push('\n');
            }
            _ => acc.push((line.split(':').next().unwrap_or_default().to_string(), format!("{line}\n"))),
        }
    }
    acc
}

/// The entries of `base`, with those of `own` added or replaced.
fn merged(mut base: Entries, own: &Entries) -> Entries {
    for (key, lines) in own {
        match base.iter_mut().find(|it| it.0 == *key) {
            Some(it) => it.1.clone_from(lines),
            None => base.push((key.clone(), lines.clone())),
        }
    }
    base
}

fn indented(text: &str) -> String {
    text.lines().map(|it| if it.is_empty() { "\n".to_string() } else { format!("  {it}\n") }).collect()
}

fn item(text: &str) -> String {
    indented(text).replacen("  ", "- ", 1)
}
