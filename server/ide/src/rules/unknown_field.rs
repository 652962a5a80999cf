//! A key that names no field.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use schema::{Catalogue, Field, Type, TypeId};
use yaml::{
    Kind, NodeId, Scalar, Tree, work,
    write::{Place, Rewrite, Value},
};

use super::{
    Rule, called, is_mendable, offer, rejection, removal,
    replacement::as_written,
    safe::{rename, replace},
};
use crate::{
    bind::{Misfit, MisfitKind},
    diagnostic::{Applicability, Diagnostic},
    document::Document,
    expected::{expected, quoted},
    types::MOST_FIELDS,
    words,
};

pub(super) const RULE: Rule = Rule { name: "unknown-field", docs: DOCS, check };

const DOCS: &str = r#"
A key that dstack does not know at this place. dstack refuses the whole file then. Most are slips of the fingers, keys of
another kind of configuration, or keys that belong one level deeper or higher.

```yaml bad
type: task
comands:
  - python train.py
```

```yaml bad
type: task
commands:
  - python train.py
gpu: 24GB
```

```yaml
type: task
commands:
  - python train.py
resources:
  gpu: 24GB
```
"#;

/// The keys of mappings that were asked for: each mapping is read once, however many of its keys are unknown.
pub(super) struct Keys<'a> {
    tree: &'a Tree,
    read: FxHashMap<NodeId, Rc<Names<'a>>>,
}

/// Of each key of a mapping how often it is written.
type Names<'a> = FxHashMap<&'a str, u32>;

impl<'a> Keys<'a> {
    pub(super) fn new(tree: &'a Tree) -> Keys<'a> {
        Keys { tree, read: FxHashMap::default() }
    }

    fn of(&mut self, mapping: NodeId) -> Rc<Names<'a>> {
        let tree = self.tree;
        let read = || {
            let mut names = Names::default();
            for entry in tree.entries(mapping).inspect(|_| work::add(1)) {
                *names.entry(tree.value(entry.key)).or_default() += 1;
            }
            Rc::new(names)
        };
        self.read.entry(mapping).or_insert_with(read).clone()
    }
}

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    let mut keys = Keys::new(document.tree());
    for misfit in document.binding().misfits() {
        match misfit.kind {
            MisfitKind::UnknownField(ty) => {
                let mend = is_mendable(document, acc, misfit);
                // Of thousands of unknown keys nobody reads where each of them would go.
                let advise = acc.len() < MOST_ADVISED;
                acc.push(unknown(document, &mut keys, misfit, ty, mend, advise));
            }
            MisfitKind::KeyNotText(_) => acc.push(not_text(document, misfit)),
            _ => {}
        }
    }
}

fn not_text(document: &Document, misfit: &Misfit) -> Diagnostic {
    let tree = document.tree();
    let text = match tree.scalar(misfit.node) {
        Some(scalar) => {
            let read_as = match scalar {
                yaml::Scalar::Null => "nothing",
                yaml::Scalar::Bool(true) => "true",
                yaml::Scalar::Bool(false) => "false",
                yaml::Scalar::Int(_) | yaml::Scalar::Float(_) => "a number",
                _ => "something else than text",
            };
            format!("the key {} is read as {read_as}, but a field is named by text", quoted(tree.text(misfit.node)))
        }
        None => "a key must be text; a list or mapping names no field".to_string(),
    };
    rejection(document, RULE.name, misfit, text)
}

/// To so many findings it is looked up which other mapping would have the field.
const MOST_ADVISED: usize = 100;

fn unknown(
    document: &Document,
    keys: &mut Keys<'_>,
    misfit: &Misfit,
    ty: TypeId,
    mend: bool,
    advise: bool,
) -> Diagnostic {
    let tree = document.tree();
    let key = misfit.node;
    let name = tree.value(key);
    let mapping = misfit.seat;
    if let Some(whole) = torn(document, mapping) {
        let text = format!("the space makes {} a mapping; write {}", quoted(tree.text(mapping)), quoted(&whole));
        let mut it = rejection(document, RULE.name, misfit, text);
        if mend {
            let rewrite = Rewrite::new(tree).set(mapping, whole.clone());
            offer(document, &mut it, replace(tree.text(mapping), &whole), Applicability::Unsafe, rewrite);
        }
        return it;
    }
    let place = called(document, mapping);
    let meant = meant(document, keys, mapping, ty, name);
    let text = match &meant {
        Some(Meant::Spelled(right)) => format!("unknown field {}; did you mean `{right}`?", quoted(name)),
        Some(Meant::Called(right, _)) => format!("{place} has no field {}; use `{right}`", quoted(name)),
        Some(Meant::Below(field)) => {
            format!("{place} has no field {}; it belongs under `{field}`", quoted(name))
        }
        Some(Meant::CalledBelow(field, right)) => {
            format!("{place} has no field {}; write `{right}` under `{field}`", quoted(name))
        }
        Some(Meant::Above(parent)) => {
            format!("{} has no field {}; it belongs one level up, in {parent}", place, quoted(name))
        }
        None => match advise.then(|| goes_with(document, mapping, name)).flatten() {
            Some(other) => format!("{place} has no field {}; it goes with {other}", quoted(name)),
            None => format!("{place} has no field {}; remove it", quoted(name)),
        },
    };
    let mut it = rejection(document, RULE.name, misfit, text);
    if mend {
        fixes(document, keys, key, ty, meant, &mut it);
    }
    it
}

/// `data:/data` for the item `data: /data`, where the list takes that. Only what is a path is plainly meant so.
fn torn(document: &Document, mapping: NodeId) -> Option<String> {
    let tree = document.tree();
    let list = tree.parent(mapping).filter(|it| tree.kind(*it) == Kind::Sequence)?;
    let mut entries = tree.entries(mapping);
    let (Some(entry), None) = (entries.next(), entries.next()) else { return None };
    let (Some(Scalar::Str(key)), Some(Scalar::Str(value))) = (tree.scalar(entry.key), tree.scalar(entry.value)) else {
        return None;
    };
    if !value.starts_with(['/', '~', '.']) {
        return None;
    }
    let list = document.binding().fact(list).ty?;
    let Some(Type::Sequence(sequence)) = schema::catalogue().get(list, document.release()) else { return None };
    let whole = format!("{key}:{value}");
    let takes = crate::bind::takes(sequence.item, &Scalar::Str(&whole), document.release());
    (takes && tree.properties(mapping).is_none() && !tree.text(mapping).contains(['\n', '\r'])).then_some(whole)
}

fn fixes(
    document: &Document,
    keys: &mut Keys<'_>,
    key: NodeId,
    ty: TypeId,
    meant: Option<Meant>,
    acc: &mut Diagnostic,
) {
    let tree = document.tree();
    let Some(mapping) = tree.parent(key).filter(|it| tree.kind(*it) == Kind::Mapping) else { return };
    let rewrite = Rewrite::new(tree);
    let name = tree.value(key);
    // Of two equal keys only the last one is told; which of them is meant, nobody knows.
    let is_double = keys.of(mapping).get(name).is_some_and(|it| *it > 1);
    let value = tree.entry_of(key).map(|it| it.value);
    // Whether the value is what the field takes, in this mapping or in the one of its field `below`.
    let is_taken = |below: Option<&str>, right: &str| {
        let catalogue = schema::catalogue();
        let ty = match below {
            Some(below) => catalogue.field(ty, below).and_then(|it| inner(catalogue, it.1, document)),
            None => Some(ty),
        };
        ty.zip(value).is_some_and(|(ty, value)| fits(document, ty, right, value))
    };
    let safe_if = |it: bool| if it { Applicability::Safe } else { Applicability::Unsafe };
    match meant.filter(|_| !is_double) {
        Some(Meant::Spelled(right)) => {
            // `host: [a]`: a list says that it has several.
            let is_scalar = value.and_then(|it| tree.target(it)).is_none_or(|it| tree.kind(it) == Kind::Scalar);
            let is_plural = !is_scalar && right.strip_suffix('s') == Some(name);
            let is_slip = words::is_slip_of_key(name, right) || is_plural;
            let applicability = safe_if(is_slip && is_taken(None, right));
            offer(document, acc, rename(name, right), applicability, rewrite.rename(key, right));
        }
        Some(Meant::Called(right, is_same)) => {
            let applicability = safe_if(is_same && is_taken(None, right));
            offer(document, acc, rename(name, right), applicability, rewrite.rename(key, right));
        }
        Some(Meant::Below(field)) => {
            if let Some(rewrite) = moved_below(document, key, field, name) {
                let applicability = safe_if(!is_common(name) && is_taken(Some(field), name));
                offer(document, acc, format!("Move {} under `{field}`", quoted(name)), applicability, rewrite);
            }
        }
        Some(Meant::CalledBelow(field, right)) => {
            if let Some(rewrite) = moved_below(document, key, field, right) {
                let title = format!("Replace {} with `{right}` under `{field}`", quoted(name));
                offer(document, acc, title, safe_if(is_taken(Some(field), right)), rewrite);
            }
        }
        Some(Meant::Above(..)) => {
            let ty_of = |it: NodeId| document.binding().fact(it).ty.filter(|ty| knows(document, *ty, name));
            let around = tree.ancestors(mapping).skip(1).find_map(|it| Some((it, ty_of(it)?)));
            let beside = around.and_then(|(around, ty)| {
                let inner = tree.ancestors(mapping).take_while(|it| *it != around).last()?;
                Some((tree.entry_of(inner).filter(|_| !keys.of(around).contains_key(name))?, ty))
            });
            if let Some((entry, ty)) = beside {
                let rewrite = rewrite.move_entry(key, Place::After(entry.key));
                let is_taken = value.is_some_and(|it| fits(document, ty, name, it));
                let title = format!("Move {} out of {}", quoted(name), quoted(tree.value(entry.key)));
                offer(document, acc, title, safe_if(!is_common(name) && is_taken), rewrite);
            }
        }
        None => {}
    }
    removal(document, key, acc);
}

/// Names of fields in many mappings: a stray one need not belong into the mapping around.
fn is_common(name: &str) -> bool {
    matches!(name, "name" | "type" | "path")
}

/// The entry with this key, in the mapping of the field `below` and with the key `name`.
fn moved_below<'a>(document: &'a Document, key: NodeId, below: &str, name: &str) -> Option<Rewrite<'a>> {
    let tree = document.tree();
    let rewrite = Rewrite::new(tree);
    let mapping = tree.parent(key)?;
    let value = || tree.entry_of(key).and_then(|it| as_written(tree, it.value, 0));
    let Some(entry) = tree.entry(mapping, below) else {
        let value = Value::Mapping(vec![(name.to_string(), value()?)]);
        return Some(rewrite.insert(Place::Before(key), below, value).remove_keeping_comments(key));
    };
    if tree.get(entry.value, name).is_some() || tree.properties(entry.value).is_some() {
        return None;
    }
    match tree.value(key) == name {
        true => Some(rewrite.move_entry(key, Place::End(entry.value))),
        false if tree.kind(entry.value) == Kind::Mapping => {
            Some(rewrite.insert(Place::End(entry.value), name, value()?).remove_keeping_comments(key))
        }
        false => None,
    }
}

/// Whether a value is of a kind that the field takes.
fn fits(document: &Document, ty: TypeId, field: &str, value: NodeId) -> bool {
    let tree = document.tree();
    let Some((_, field)) = schema::catalogue().field(ty, field) else { return false };
    let Some(value) = tree.target(value) else { return false };
    match tree.scalar(value) {
        Some(scalar) => crate::bind::takes(field.ty, &scalar, document.release()),
        None => {
            let wanted = expected(field.ty, document.release());
            wanted.contains(if tree.kind(value) == Kind::Mapping { "a mapping" } else { "a list" })
        }
    }
}

/// What an unknown key was meant to be.
enum Meant {
    /// A field whose name looks like it.
    Spelled(&'static str),
    /// A field with another name, and whether it surely means the same.
    Called(&'static str, bool),
    /// The same field, in the mapping of this field.
    Below(&'static str),
    /// A field that means the same, in the mapping of the first field.
    CalledBelow(&'static str, &'static str),
    /// The same field, in the mapping around, called so.
    Above(String),
}

fn meant(document: &Document, keys: &mut Keys<'_>, mapping: NodeId, ty: TypeId, name: &str) -> Option<Meant> {
    let catalogue = schema::catalogue();
    let fields = usable(document, ty);
    let tree = document.tree();
    let written = keys.of(tree.target(mapping).unwrap_or(mapping));
    let free = |it: &&'static str| !written.contains_key(it);
    let alike = words::closest(name, fields.iter().copied())
        .and_then(|it| if free(&it) { Some(it) } else { words::closest(name, fields.iter().copied().filter(free)) });
    if let Some(right) = alike {
        return Some(Meant::Spelled(right));
    }
    let (called, is_same) = called_otherwise(name);
    if let Some((at, right)) = called.iter().enumerate().find(|it| fields.contains(it.1) && free(it.1)) {
        return Some(Meant::Called(right, is_same && at == 0));
    }
    let mut below = catalogue.mapping(ty)?.fields.iter().filter(|field| {
        fields.contains(&&*field.name) && inner(catalogue, field, document).is_some_and(|it| knows(document, it, name))
    });
    if let (Some(field), None) = (below.next(), below.next()) {
        return Some(Meant::Below(&field.name));
    }
    let elsewhere = BELOW.iter().find(|it| it.0 == name && fields.contains(&it.1));
    if let Some((_, field, right)) = elsewhere {
        return Some(Meant::CalledBelow(field, right));
    }
    let above = document
        .tree()
        .ancestors(mapping)
        .skip(1)
        .find(|it| document.binding().fact(*it).ty.is_some_and(|ty| knows(document, ty, name)))?;
    Some(Meant::Above(super::called(document, above)))
}

/// What the mapping would have to be to have the field, where one of its fields chooses among a few mappings:
/// `backend: kubernetes`. What `type` of configuration has the field, is not told: too many may have it.
fn goes_with(document: &Document, mapping: NodeId, name: &str) -> Option<String> {
    let tree = document.tree();
    let is_whole = tree.parent(mapping).is_none();
    let choices = tree.entries(mapping).map(|it| tree.value(it.key)).filter(|it| !(is_whole && *it == "type"));
    for by in choices.take(MOST_FIELDS) {
        let Some(union) = crate::types::tagged_union(document, mapping, by) else { continue };
        let has_it = |tag: &&str| {
            let variant = union.variant(tag, document.release()).filter(|it| it.1.is_accepted());
            variant.is_some_and(|it| knows(document, it.0, name))
        };
        let tags: Vec<String> =
            union.tags.iter().map(AsRef::as_ref).filter(has_it).map(|it| format!("`{by}: {it}`")).collect();
        if (1..=3).contains(&tags.len()) {
            return Some(crate::expected::or(&tags));
        }
    }
    None
}

/// What a key that people write for others is called here, and whether that surely means the same; slips in long ones are
/// seen through.
fn called_otherwise(name: &str) -> (&'static [&'static str], bool) {
    let all = || SYNONYMS.iter().map(|it| (it, true)).chain(KINDRED.iter().map(|it| (it, false)));
    let alike = |it: &str| it.len() >= 6 && name.len() >= 6 && words::similar(name, it);
    let found = all().find(|it| it.0.0 == name).or_else(|| all().find(|it| alike(it.0.0)));
    found.map_or((&[], false), |(it, is_same)| (it.1, is_same && words::is_slip_of_key(name, it.0)))
}

/// Whether one of the `unknown` keys of the mapping (or of what its alias stands for) belongs under the field `name`, which
/// it brings along when it is moved there.
pub(super) fn brings(
    document: &Document,
    keys: &mut Keys<'_>,
    unknown: &[(NodeId, TypeId)],
    mapping: NodeId,
    name: &str,
) -> bool {
    let tree = document.tree();
    unknown.iter().take(MOST_FIELDS).any(|(key, ty)| match meant(document, keys, mapping, *ty, tree.value(*key)) {
        Some(Meant::Below(field) | Meant::CalledBelow(field, _)) => field == name,
        _ => false,
    })
}

/// Keys that mean the same as a field with another name, the first one; a second one is only like it.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("command", &["commands", "init"]),
    ("cmd", &["commands", "init"]),
    ("environment", &["env"]),
    ("environment_variables", &["env"]),
    ("envs", &["env"]),
    ("workdir", &["working_dir"]),
    ("cwd", &["working_dir"]),
    ("working_directory", &["working_dir"]),
    ("docker_image", &["image"]),
    ("autoscaling", &["scaling"]),
    ("num_nodes", &["nodes"]),
    ("node_count", &["nodes"]),
    ("region", &["regions"]),
    ("backend", &["backends"]),
    ("gpus", &["gpu"]),
    ("ram", &["memory"]),
    ("cpus", &["cpu"]),
    ("minimum", &["min"]),
    ("maximum", &["max"]),
];

/// Keys that may mean the same as a field with another name, or something else.
const KINDRED: &[(&str, &[&str])] = &[
    // Of another type of configuration; that the type is wrong is as likely.
    ("commands", &["init"]),
    ("init", &["commands"]),
    ("ports", &["port"]),
    ("script", &["commands", "init"]),
    ("run", &["commands", "init"]),
    ("storage", &["disk"]),
    ("volume_size", &["size"]),
    ("disk_size", &["disk", "size"]),
    ("idle_timeout", &["idle_duration"]),
    ("username", &["user"]),
    ("mounts", &["volumes"]),
    ("zones", &["availability_zones"]),
    ("timeout", &["max_duration"]),
    ("retries", &["retry"]),
    // Of a GPU; the `memory` of `resources` is another one.
    ("vram", &["memory"]),
    ("ip", &["hostname"]),
    ("address", &["hostname"]),
    // The key itself, or the path of a file.
    ("private_key", &["identity_file"]),
    ("instances", &["nodes"]),
];

/// Keys that people write for a field below another one: `gpus` for `gpu` in `resources`.
const BELOW: &[(&str, &str, &str)] =
    &[("gpus", "resources", "gpu"), ("cpus", "resources", "cpu"), ("ram", "resources", "memory")];

/// The mapping that a field holds, if it holds one directly.
fn inner(catalogue: &'static Catalogue, field: &Field, document: &Document) -> Option<TypeId> {
    let mut id = catalogue.resolve(field.ty, document.release())?;
    for _ in 0..4 {
        match catalogue.get(id, document.release())? {
            Type::Nullable(it) => id = catalogue.resolve(*it, document.release())?,
            Type::Mapping(_) => return Some(id),
            _ => return None,
        }
    }
    None
}

fn knows(document: &Document, ty: TypeId, name: &str) -> bool {
    schema::catalogue()
        .field(ty, name)
        .is_some_and(|(_, field)| !field.internal && field.status(document.release()).is_accepted())
}

/// The names of the fields that one may write.
fn usable(document: &Document, ty: TypeId) -> Vec<&'static str> {
    let Some(mapping) = schema::catalogue().mapping(ty) else { return vec![] };
    let current =
        |field: &&'static Field| !field.internal && matches!(field.status(document.release()), schema::Status::Current);
    mapping.fields.iter().filter(current).map(|field| &*field.name).collect()
}
