//! The examples in the documentation of fields, mappings and rules, each put into a complete document of its kind.
//!
//! A `yaml` block in the docs of a mapping is such a mapping. A block in the docs of a field is a piece of the mapping
//! that the field stands in: it is laid over the mapping's own example (or over its required fields, if it has none), key
//! by key; what excludes it gives way. The mapping is then put into the one around it in the same way, up to the file.
//!
//! Each example is asked about in two releases: the newest and the oldest that have the field. Where the example needs a
//! later release than the field, its docs must name that release.

use std::collections::HashMap;

use ide::{Document, Stage, diagnostics};
use schema::{DocumentKind, Field, Grammar, Mapping, Release, Type, TypeId, Union, Value, catalogue, grammar};
use yaml::Text;

/// An example in its surroundings.
pub(crate) struct Example {
    /// Where it stands: `task.retry@0.22.5`.
    pub(crate) id: String,
    pub(crate) kind: DocumentKind,
    pub(crate) release: Release,
    pub(crate) text: String,
}

/// All examples, and what is wrong with those that do not parse anywhere.
pub(crate) struct Collected {
    pub(crate) documents: Vec<Example>,
    pub(crate) homeless: Vec<String>,
}

/// All examples of the catalogue and of the rules.
pub(crate) fn documents() -> Collected {
    let mut acc = Collected { documents: vec![], homeless: vec![] };
    let mut ways = HashMap::new();
    for (here, block) in examples() {
        place(&here, &block, &mut ways, &mut acc);
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

/// The examples of the catalogue that are part of a document in the newest release. Cheaper than [`documents`].
pub(crate) fn newest() -> Vec<Example> {
    let release = Release::NEWEST;
    let ways = Ways::at(release);
    let example = |(here, block): (Here<'_>, String)| {
        let (kind, text) = complete(&here, &block, release, &ways).ok()?;
        Some(Example { id: format!("{}@{release}", here.name), kind, release, text })
    };
    let is_there = |it: &(Here<'_>, String)| {
        ways.lead_to(it.0.ty) && it.0.field.is_none_or(|field| field.status(release).is_accepted())
    };
    examples().filter(is_there).filter_map(example).collect()
}

/// The examples of mappings and fields, each with its place.
fn examples() -> impl Iterator<Item = (Here<'static>, String)> {
    catalogue().names().flat_map(|(name, ty)| {
        let mapping = catalogue().mapping(ty);
        let own = mapping.map(|it| (name.to_string(), None, &*it.docs));
        let fields = mapping.map_or(&[][..], |it| &it.fields).iter();
        let fields = fields.map(move |it| (format!("{name}.{}", it.name), Some(it), &*it.docs));
        own.into_iter().chain(fields).flat_map(move |(name, field, docs)| {
            let here = move |i| Here { name: numbered(&name, i), ty, field, docs };
            blocks(docs).enumerate().map(move |(i, block)| (here(i), block))
        })
    })
}

/// A document for each field of each mapping, at the newest release that has the field: with its own example, or else with the
/// plainest value. `homeless` are fields that no file of ours gets to.
pub(crate) fn fields() -> Collected {
    let mut acc = Collected { documents: vec![], homeless: vec![] };
    let mut ways = HashMap::new();
    for (name, ty) in catalogue().names() {
        let fields = catalogue().mapping(ty).map_or(&[][..], |it| &it.fields);
        for field in fields.iter().filter(|it| !it.internal) {
            let name = format!("{name}.{}", field.name);
            let releases: Vec<Release> = Release::all().filter(|it| field.status(*it).is_accepted()).collect();
            let leads = |it: &Release| ways.entry(*it).or_insert_with(|| Ways::at(*it)).lead_to(ty);
            let found = releases.into_iter().rev().find(leads).and_then(|release| {
                let here = Here { name: name.clone(), ty, field: Some(field), docs: &field.docs };
                let whole = complete(&here, &written(field, release, 4).unwrap_or_default(), release, &ways[&release]);
                // The field that chooses its mapping has one word only, which comes with the way to the mapping.
                let (kind, text) = whole.or_else(|_| complete(&here, "", release, &ways[&release])).ok()?;
                Some(Example { id: format!("{name}@{release}"), kind, release, text })
            });
            match found {
                Some(it) => acc.documents.push(it),
                None => acc.homeless.push(name),
            }
        }
    }
    acc
}

fn numbered(name: &str, index: usize) -> String {
    if index == 0 { name.to_string() } else { format!("{name}#{}", index + 1) }
}

/// The text of the `yaml` blocks.
fn blocks(docs: &str) -> impl Iterator<Item = String> {
    headed(docs).map(|it| it.1)
}

/// The `yaml` blocks, with what stands behind the word `yaml`.
fn headed(docs: &str) -> impl Iterator<Item = (&str, String)> {
    docs.split("```yaml").skip(1).filter_map(|it| {
        let (head, body) = it.split_once('\n')?;
        Some((head, body.split("```").next()?.to_string()))
    })
}

/// An example's own place.
struct Here<'a> {
    name: String,
    ty: TypeId,
    field: Option<&'a Field>,
    docs: &'a str,
}

/// Whether `dstack apply`, of which is asked, never read such a file, but another command did.
fn is_for_another_command(ty: TypeId) -> bool {
    let configuration = catalogue().named(DocumentKind::Configuration.name()).and_then(|it| catalogue().raw(it));
    let Some(Type::Union(union)) = configuration else { return false };
    let tag = union.variants.iter().position(|it| *it == ty).map(|index| &*union.tags[index]);
    tag.is_some_and(|tag| union.readers(tag).is_some())
}

/// The documents of an example, at the newest and at the oldest release.
fn place(here: &Here, block: &str, ways: &mut HashMap<Release, Ways>, acc: &mut Collected) {
    let has_it = |release: &Release, ways: &mut HashMap<Release, Ways>| {
        here.field.is_none_or(|it| it.status(*release).is_accepted())
            && ways.entry(*release).or_insert_with(|| Ways::at(*release)).lead_to(here.ty)
    };
    let releases: Vec<Release> = Release::all().filter(|it| has_it(it, ways)).collect();
    let (Some(&oldest), Some(&newest)) = (releases.first(), releases.last()) else {
        if !is_for_another_command(here.ty) {
            acc.homeless.push(format!("{}: no release has it", here.name));
        }
        return;
    };
    let mut say = |release: Release, (kind, text)| {
        acc.documents.push(Example { id: format!("{}@{release}", here.name), kind, release, text });
    };
    match complete(here, block, newest, &ways[&newest]) {
        Ok(found) => say(newest, found),
        Err(why) => {
            acc.homeless.push(format!("{} does not parse in {newest}: {why}", here.name));
            return;
        }
    }
    if oldest == newest {
        return;
    }
    let mut found = releases.iter().filter_map(|it| Some((*it, complete(here, block, *it, &ways[it]).ok()?)));
    if let Some((release, document)) = found.next().filter(|it| it.0 < newest) {
        say(release, document);
        // The example of a mapping shows it as it is today.
        if here.field.is_some() && release > oldest && !here.docs.contains(&release.to_string()) {
            let why = "or name that release in the docs";
            acc.homeless
                .push(format!("{}: {oldest} has it, but the example parses from {release} on; {why}", here.name));
        }
    }
}

/// The field that chooses among mappings, and its word.
type Tag = (String, String);

/// From where one gets to a mapping in a release.
struct Ways {
    release: Release,
    /// The document kinds of the mappings that are whole files, with the field that chooses them.
    roots: Vec<(TypeId, DocumentKind, Option<Tag>)>,
    /// For each mapping, the fields that may have it.
    into: HashMap<TypeId, Vec<Way>>,
}

/// A field that has a mapping for a value, or in it.
#[derive(Clone)]
struct Way {
    from: TypeId,
    field: &'static str,
    /// `[]` for an item of a list, `{}` for a value of a table.
    within: Vec<&'static str>,
    /// The field and the word that choose the mapping.
    tag: Option<Tag>,
}

impl Ways {
    fn at(release: Release) -> Ways {
        let mut ways = Ways { release, roots: vec![], into: HashMap::new() };
        for kind in DocumentKind::ALL {
            let Some(ty) = catalogue().named(kind.name()) else { continue };
            let mut found = vec![];
            reach(ty, release, &[], &None, &mut found);
            ways.roots.extend(found.into_iter().map(|(ty, _, tag)| (ty, kind, tag)));
        }
        let mut open: Vec<TypeId> = ways.roots.iter().map(|it| it.0).collect();
        let mut seen = open.clone();
        while let Some(from) = open.pop() {
            let Some(mapping) = catalogue().mapping(from) else { continue };
            for field in mapping.fields.iter().filter(|it| it.status(release).is_accepted()) {
                let mut found = vec![];
                reach(field.ty, release, &[], &None, &mut found);
                for (ty, within, tag) in found {
                    ways.into.entry(ty).or_default().push(Way { from, field: &field.name, within, tag });
                    if !seen.contains(&ty) {
                        seen.push(ty);
                        open.push(ty);
                    }
                }
            }
        }
        ways
    }

    fn lead_to(&self, ty: TypeId) -> bool {
        self.into.contains_key(&ty) || self.roots.iter().any(|it| it.0 == ty)
    }
}

type Reached = (TypeId, Vec<&'static str>, Option<Tag>);

/// The mappings that a value may be or consist of.
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

/// How many surroundings are tried.
const PATIENCE: usize = 3000;

/// The example in the first surroundings in which it parses.
fn complete(here: &Here, block: &str, release: Release, ways: &Ways) -> Result<(DocumentKind, String), String> {
    let mut search = Search { ways, patience: PATIENCE, why: String::from("there is no way to it") };
    let own = entries(block);
    let found = match here.field {
        Some(_) => search.around(here.ty, &own, 8),
        None => search.outside(here.ty, &own, 8),
    };
    debug_assert_eq!(release, ways.release);
    found.ok_or(search.why)
}

struct Search<'a> {
    ways: &'a Ways,
    patience: usize,
    /// What was wrong with the first surroundings.
    why: String,
}

type Entries = Vec<(String, String)>;

impl Search<'_> {
    /// A mapping that has these entries, completed, in its surroundings.
    fn around(&mut self, ty: TypeId, own: &Entries, depth: usize) -> Option<(DocumentKind, String)> {
        let mapping = catalogue().mapping(ty)?;
        for base in bases(mapping, self.ways.release) {
            if let Some(found) = self.outside(ty, &laid_over(base, own), depth) {
                return Some(found);
            }
        }
        None
    }

    /// This mapping in its surroundings.
    fn outside(&mut self, ty: TypeId, whole: &Entries, depth: usize) -> Option<(DocumentKind, String)> {
        let with_tag = |tag: &Option<Tag>| match tag {
            Some((by, word)) if whole.iter().all(|it| it.0 != *by) => {
                let mut tagged = vec![(by.clone(), format!("{by}: {word}\n"))];
                tagged.extend(whole.iter().cloned());
                tagged
            }
            _ => whole.clone(),
        };
        let ways = self.ways;
        for (_, kind, tag) in ways.roots.iter().filter(|it| it.0 == ty) {
            let text: String = with_tag(tag).into_iter().map(|it| it.1).collect();
            self.patience = self.patience.checked_sub(1)?;
            match rejection(&text, *kind, ways.release) {
                None => return Some((*kind, text)),
                Some(why) if self.patience == PATIENCE - 1 => self.why = format!("{why}\n{text}"),
                Some(_) => {}
            }
        }
        for way in ways.into.get(&ty).filter(|_| depth > 0)? {
            let mut text: String = with_tag(&way.tag).into_iter().map(|it| it.1).collect();
            for within in way.within.iter().rev() {
                text = if *within == "[]" { item(&text) } else { format!("main:\n{}", indented(&text)) };
            }
            let entry = (way.field.to_string(), format!("{}:\n{}", way.field, indented(&text)));
            if let Some(found) = self.around(way.from, &vec![entry], depth - 1) {
                return Some(found);
            }
        }
        None
    }
}

/// Why dstack would not read it.
fn rejection(text: &str, kind: DocumentKind, release: Release) -> Option<String> {
    let document = Document::new(Text::new(text), kind, release);
    diagnostics(&document).into_iter().find(|it| it.stage == Stage::Parse).map(|it| it.message)
}

/// What a mapping of this type may look like, before something is laid over it: its own example, less one key or
/// another, or its required fields, alone or with one key more.
fn bases(mapping: &Mapping, release: Release) -> Vec<Entries> {
    let is_known = |it: &(String, String)| {
        mapping.fields.iter().any(|field| *field.name == *it.0 && field.status(release).is_accepted())
    };
    let mut example: Entries = blocks(&mapping.docs).next().map_or(vec![], |it| entries(&it));
    example.retain(is_known);
    let needed = required(mapping, release, 4);
    let mut bases = vec![];
    if !example.is_empty() {
        bases.push(example.clone());
        bases.extend((0..example.len()).map(|i| {
            let mut less = example.clone();
            less.remove(i);
            less
        }));
    }
    bases.push(needed.clone());
    bases.extend(example.into_iter().map(|it| laid_over(needed.clone(), &vec![it])));
    bases
}

/// The required fields, with the plainest values.
fn required(mapping: &Mapping, release: Release, depth: usize) -> Entries {
    let fields = mapping.fields.iter().filter(|it| it.status(release).is_accepted() && it.is_required(release));
    fields.filter_map(|it| Some((it.name.to_string(), written(it, release, depth)?))).collect()
}

/// A field with its own example for a value, or else the plainest one.
fn written(field: &Field, release: Release, depth: usize) -> Option<String> {
    let examples = blocks(&field.docs).flat_map(|it| entries(&it));
    let own = examples.filter(|it| *it.0 == *field.name).map(|it| it.1).next();
    own.or_else(|| Some(format!("{}: {}\n", field.name, plainest(field.ty, release, depth)?)))
}

/// A value of the type, in one line.
fn plainest(ty: TypeId, release: Release, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    Some(match catalogue().get(ty, release)? {
        Type::Nullable(inner) => plainest(*inner, release, depth)?,
        Type::Union(union) => {
            let accepted = |i: &usize| union.accepted.get(*i).is_none_or(|it| it.at(release) == Some(&true));
            (0..union.variants.len()).filter(accepted).find_map(|i| plainest(union.variants[i], release, depth))?
        }
        Type::Mapping(mapping) => match mapping.shorthand.and_then(|it| plainest(it, release, depth)) {
            Some(shorthand) => shorthand,
            None => {
                let fields =
                    mapping.fields.iter().filter(|it| it.status(release).is_accepted() && it.is_required(release));
                let fields: Option<Vec<String>> =
                    fields.map(|it| Some(format!("{}: {}", it.name, plainest(it.ty, release, depth)?))).collect();
                format!("{{{}}}", fields?.join(", "))
            }
        },
        Type::Sequence(list) => format!("[{}]", plainest(list.item, release, depth)?),
        Type::Table(table) => format!("{{main: {}}}", plainest(table.value, release, depth)?),
        Type::Enum(it) => it.values.iter().find(|it| it.status(release).is_accepted())?.value.to_string(),
        Type::Integer(it) | Type::Float(it) => {
            let min = it.min.as_ref().and_then(|it| it.at(release)).copied().unwrap_or(1.0);
            if it.exclusive { (min + 1.0).to_string() } else { min.to_string() }
        }
        Type::Boolean => "true".into(),
        Type::String(_) | Type::Any => "main".into(),
        Type::Grammar(name) => plainest_of(grammar::named(name)?, release)?.into(),
        Type::Timed(_) => return None,
    })
}

fn plainest_of(grammar: &dyn Grammar, release: Release) -> Option<&'static str> {
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

fn laid_over(mut base: Entries, own: &Entries) -> Entries {
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
