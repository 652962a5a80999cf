//! Prints what the catalogue says of one release, as JSON: `cargo run -p schema --example facts -- 0.22.5`. Without a
//! release it is the newest one. `tests/differential/drift.py` compares it with what dstack's own models say, which
//! `tests/differential/models.py` prints in the same words; its header describes paths, types and limits.
//!
//! What differs: a scalar with a grammar of its own has the grammar's name for a type; where several mappings may stand
//! at a place and no field tells them apart, `<…>` is the mapping's name in the catalogue; and `at` says which entry of
//! the catalogue a fact comes from, `words-at` which list of words; `offers` is what each grammar offers where nothing is typed yet.

use std::collections::{BTreeMap, BTreeSet};

use schema::{Catalogue, DocumentKind, Field, Limits, Mapping, Release, Timed, Type, TypeId, catalogue, grammar};
use serde_json::{Value, json};

fn main() {
    let release = match std::env::args().nth(1) {
        Some(text) => text.parse().unwrap_or_else(|problem| panic!("{problem}")),
        None => Release::NEWEST,
    };
    let mut walk =
        Walk { catalogue: catalogue(), release, fields: BTreeMap::new(), unions: BTreeMap::new(), open: Vec::new() };
    for kind in DocumentKind::ALL {
        if let Some(id) = walk.catalogue.named(kind.name()) {
            walk.document(kind, id);
        }
    }
    println!("{:#}", json!({"release": release.to_string(), "fields": walk.fields, "unions": walk.unions}));
}

struct Walk {
    catalogue: &'static Catalogue,
    release: Release,
    fields: BTreeMap<String, Value>,
    /// Where a field tells mappings apart, the names of the catalogue's entries that list them.
    unions: BTreeMap<String, &'static str>,
    /// The mappings around the place, so that one within itself comes to an end.
    open: Vec<TypeId>,
}

/// A mapping that may stand at a place.
struct Place {
    /// What tells it from others.
    label: String,
    id: TypeId,
    /// The field that has the label for a value, if there is one.
    by: &'static str,
}

/// One of the things that a type allows.
#[derive(Clone)]
struct Kind {
    /// As it is written in `type`.
    text: String,
    /// How the path goes on: ``, `[]`, `{}`.
    steps: String,
    /// What stands there.
    id: TypeId,
    /// What tells a mapping from others.
    tag: Option<Tag>,
    limits: BTreeMap<String, Value>,
}

/// A field that tells mappings apart.
#[derive(Clone)]
struct Tag {
    by: &'static str,
    /// What it has for this mapping.
    value: String,
    /// The entry of the catalogue that lists the mappings, if it has a name.
    union: Option<&'static str>,
}

impl Walk {
    fn document(&mut self, kind: DocumentKind, id: TypeId) {
        if kind != DocumentKind::Configuration {
            return self.places(kind.name(), id);
        }
        // The kind of a configuration stands first in its paths, not `configuration`.
        let Some(Type::Union(union)) = self.catalogue.get(id, self.release) else { return };
        for tag in &union.tags {
            // What another command reads counts, too.
            if let Some(id) = union.readable(tag, self.release) {
                self.places(tag, id);
            }
        }
    }

    /// The mappings that may stand at `path`, with their fields.
    fn places(&mut self, path: &str, id: TypeId) {
        let mut places: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        for kind in self.kinds(id) {
            if let Some(mapping) = self.catalogue.mapping(kind.id) {
                if let Some(Tag { union: Some(union), .. }) = kind.tag {
                    self.unions.insert(format!("{path}{}", kind.steps), union);
                }
                let here = places.entry(kind.steps).or_default();
                let tag = kind.tag.map(|it| (it.by, it.value));
                let (by, label) = tag.unwrap_or_else(|| ("", mapping.name.to_string()));
                if !here.iter().any(|it| it.label == label) {
                    here.push(Place { label, id: kind.id, by });
                }
            }
        }
        for (steps, mappings) in places {
            for Place { label, id, by } in &mappings {
                let label = if mappings.len() == 1 { String::new() } else { format!("<{label}>") };
                let path = format!("{path}{steps}{label}");
                self.mapping(&path, *id);
                // The field that tells the mappings apart has here the words that lead here, whatever its own type.
                if let Some(field) = self.fields.get_mut(&format!("{path}.{by}")) {
                    let tags = mappings.iter().filter(|it| it.id == *id).map(|it| it.label.as_str());
                    field["type"] = json!(["words"]);
                    field["words"] = tags.collect::<BTreeSet<_>>().into_iter().collect();
                }
            }
        }
    }

    fn mapping(&mut self, path: &str, id: TypeId) {
        let Some(mapping) = self.catalogue.mapping(id).filter(|_| !self.open.contains(&id)) else { return };
        let release = self.release;
        self.open.push(id);
        for field in mapping.fields.iter().filter(|it| it.status(release).is_accepted()) {
            let path = format!("{path}.{}", field.name);
            self.fields.insert(path.clone(), self.field(mapping, field));
            self.places(&path, field.ty);
        }
        self.open.pop();
    }

    fn field(&self, mapping: &Mapping, field: &Field) -> Value {
        let kinds = self.kinds(field.ty);
        let types: BTreeSet<&str> = kinds.iter().map(|it| it.text.as_str()).collect();
        let limits: BTreeMap<_, _> = kinds.iter().flat_map(|it| it.limits.clone()).collect();
        let mut words = BTreeSet::new();
        let mut lists = BTreeSet::new();
        let mut offers = BTreeMap::new();
        for kind in &kinds {
            if let Some(Type::Enum(it)) = self.catalogue.get(kind.id, self.release) {
                words.extend(it.values.iter().filter(|it| it.status(self.release).is_accepted()).map(|it| &*it.value));
                lists.insert(&*it.name);
            }
            if let Some(Type::Grammar(name)) = self.catalogue.get(kind.id, self.release)
                && let Some(grammar) = grammar::named(name)
            {
                let offered: Vec<String> =
                    grammar.expected("", 0, self.release).into_iter().map(|it| it.text).collect();
                offers.insert(&**name, offered);
            }
        }
        json!({
            "type": types,
            "words": words,
            "limits": limits,
            "required": field.is_required(self.release),
            "default": field.default.as_ref().and_then(|it| it.at(self.release)),
            "at": format!("{}.{}", mapping.name, field.name),
            "words-at": lists,
            "offers": offers,
        })
    }

    /// All that a type allows.
    fn kinds(&self, id: TypeId) -> Vec<Kind> {
        let Some(id) = self.catalogue.resolve(id, self.release) else { return vec![] };
        let plain =
            |text: &str, limits| vec![Kind { text: text.to_owned(), steps: String::new(), id, tag: None, limits }];
        let Some(ty) = self.catalogue.get(id, self.release) else { return vec![] };
        match ty {
            Type::Any => plain("any", BTreeMap::new()),
            Type::Boolean => plain("boolean", BTreeMap::new()),
            Type::Integer(limits) => plain("integer", self.limits(limits, "")),
            Type::Float(limits) => plain("float", self.limits(limits, "")),
            Type::String(limits) => plain("string", self.limits(limits, "-length")),
            Type::Enum(_) => plain("words", BTreeMap::new()),
            Type::Grammar(name) => plain(name, BTreeMap::new()),
            Type::Mapping(_) => plain("mapping", BTreeMap::new()),
            Type::Nullable(inner) => {
                let mut kinds = plain("null", BTreeMap::new());
                kinds.extend(self.kinds(*inner));
                kinds
            }
            Type::Sequence(sequence) => {
                let mut limits = BTreeMap::new();
                limits.extend(self.limit("min-items", &sequence.min));
                limits.extend(self.limit("max-items", &sequence.max));
                let within = |it: Kind| Kind {
                    text: format!("[{}]", it.text),
                    steps: format!("[]{}", it.steps),
                    limits: it.limits.into_iter().chain(limits.clone()).collect(),
                    ..it
                };
                self.kinds(sequence.item).into_iter().map(within).collect()
            }
            Type::Table(table) => {
                let mut kinds = Vec::new();
                for key in self.kinds(table.key) {
                    kinds.extend(self.kinds(table.value).into_iter().map(|it| Kind {
                        text: format!("{{{}: {}}}", key.text, it.text),
                        steps: format!("{{}}{}", it.steps),
                        limits: it.limits.into_iter().chain(key.limits.clone()).collect(),
                        ..it
                    }));
                }
                kinds
            }
            Type::Union(it) if it.discriminator.is_some() => {
                let by = it.discriminator.as_deref().unwrap_or_default();
                let union = self.catalogue.names().find(|(_, named)| *named == id).map(|(name, _)| name);
                let mut kinds = Vec::new();
                for tag in &it.tags {
                    let variant = it.variant(tag, self.release).filter(|(_, status)| status.is_accepted());
                    let inner = variant.map(|(id, _)| self.kinds(id)).unwrap_or_default();
                    let tag = Tag { by, value: tag.to_string(), union };
                    kinds.extend(inner.into_iter().map(|it| Kind { tag: Some(tag.clone()), ..it }));
                }
                kinds
            }
            Type::Union(union) => union.variants.iter().flat_map(|id| self.kinds(*id)).collect(),
            // `resolve` has seen to that.
            Type::Timed(_) => vec![],
        }
    }

    fn limits(&self, limits: &Limits, what: &str) -> BTreeMap<String, Value> {
        let least = if limits.exclusive { "above".to_owned() } else { format!("min{what}") };
        self.limit(&least, &limits.min).into_iter().chain(self.limit(&format!("max{what}"), &limits.max)).collect()
    }

    fn limit<T: Copy + Into<f64>>(&self, name: &str, limit: &Option<Timed<T>>) -> Option<(String, Value)> {
        let value: f64 = (*limit.as_ref()?.at(self.release)?).into();
        Some((name.to_owned(), json!(value)))
    }
}
