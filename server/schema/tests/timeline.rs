//! The catalogue against what was read from every release of dstack: `../shared/dstack/timeline.json`, where it is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use schema::{Catalogue, Field, Release, Type, TypeId, catalogue};
use serde_json::Value;

/// Where the catalogue and the timeline are meant to differ: the beginning of the path (or its end, after `*`), the
/// fact, and why.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("dev-environment.type", "required", "the configuration is chosen by it, although the model has a default"),
    ("task.type", "required", "the configuration is chosen by it, although the model has a default"),
    ("service.type", "required", "the configuration is chosen by it, although the model has a default"),
    ("fleet.type", "required", "the configuration is chosen by it, although the model has a default"),
    ("fleet.nodes.min", "accepted", "up to 0.19.26 it is a `Range[int]`, which the timeline does not open"),
    ("fleet.nodes.max", "accepted", "up to 0.19.26 it is a `Range[int]`, which the timeline does not open"),
    ("fleet.nodes.", "required", "what is left out, or null, is filled in before it is checked"),
    ("fleet.nodes.", "nullable", "what is left out, or null, is filled in before it is checked"),
    ("fleet.nodes.min", "limits", "a validator says it, not the model"),
    ("volume.type", "required", "the configuration is chosen by it, although the model has a default"),
    ("volume.backend", "required", "the mapping is chosen by it from 0.20.17 on, although it has a default"),
    ("volume.backend", "words", "the timeline has the word of the first of the mappings only"),
    ("gateway.type", "required", "the configuration is chosen by it, although the model has a default"),
    (
        "gateway.certificate<type=",
        "required",
        "from 0.21.0 on the certificate is chosen by it, although it has a default",
    ),
    ("gateway.load_balancer.type", "required", "the load balancer is chosen by it, although it has a default"),
    ("service.rate_limits[].key<type=", "required", "the key is chosen by its type, although it has a default"),
    ("*>.type", "required", "a backend, a key, credentials are chosen by it, although the model has a default"),
    ("preset.type", "required", "the configuration is chosen by it, although the model has a default"),
    ("endpoint.type", "required", "the configuration is chosen by it, although the model has a default"),
    ("preset.model", "required", "`base` or `repo` may be there instead: a constraint says so"),
    ("preset.model", "nullable", "null is taken beside `base` or `repo`"),
    ("preset.min_context_length", "limits", "an annotation of the type, which the timeline does not open"),
    ("preset.max_ttft", "limits", "an annotation of the type, which the timeline does not open"),
    ("preset.trials", "limits", "an annotation of the type, which the timeline does not open"),
    ("preset.concurrency", "limits", "an annotation of the type, which the timeline does not open"),
    ("preset.input_tokens", "limits", "an annotation of the type, which the timeline does not open"),
    ("preset.output_tokens", "limits", "an annotation of the type, which the timeline does not open"),
    ("preset.shared_prefix_tokens", "limits", "an annotation of the type, which the timeline does not open"),
    ("*.env{}.key", "accepted", "still accepted behind the type `Env`, which the timeline does not open"),
    ("service.replicas[]<ReplicaGroup>", "accepted", "still read from 0.21.3 on, and then the same as `groups`"),
    ("service.groups[].replicas", "required", "`count` is taken in its place: a constraint says so"),
    ("*.gpu.vendor", "words", "`tpu` and `tt` are second names, which the model turns into the first ones"),
    ("service.groups[].router.type", "words", "`sglang` is a second name, which the model turns into `smg`"),
    ("service.model<type=chat>.format", "words", "one list for both formats; the format chooses the mapping"),
    ("service.rate_limits[].key<type=", "words", "one list for both types; the type chooses the mapping"),
];

/// The newest release that the timeline tells of; later ones are compared with their models by `drift.py`.
const TOLD: Release = Release::new(0, 22, 5);

/// Two spellings of one path, before and after a model became one of several at its place.
const SAME: &[(&str, &str)] = &[
    (".volumes[].", ".volumes[]<VolumeMountPoint>."),
    (".resources.cpu.", ".resources.cpu<CPUSpec>."),
    ("<type=datacrunch>", "<type=verda/datacrunch>"),
    ("volume<type=volume>.", "volume."),
];

#[test]
fn has_every_field_of_dstack_in_its_releases() {
    let Some(timeline) = timeline() else { return };
    let mut paths: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for (path, facts) in timeline["fields"].as_object().expect("paths with their facts") {
        let path = SAME.iter().fold(path.clone(), |path, (one, other)| path.replace(one, other));
        paths.entry(path).or_default().push(facts);
    }
    assert!(paths.len() > 400, "the timeline has {} paths only", paths.len());
    let wrong: Vec<String> = paths.iter().flat_map(|(path, facts)| compare(path, facts)).collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

/// Paths that people never write, and why.
const INTERNAL: &[(&str, &str)] = &[
    ("*.env{}.key", "the type behind a name without a value, which is written as an item of a list"),
    ("*.ssh_key", "the contents of `identity_file`, which the command line puts there"),
    ("*creds<type=client>.tenant_id", "dstack fills it from `tenant_id` of the backend"),
    ("client-config.repos", "dstack wrote it itself; it is of no use any more"),
];

#[test]
fn documents_every_field_of_dstack() {
    let Some(timeline) = timeline() else { return };
    let paths = timeline["fields"].as_object().expect("paths with their facts");
    let mut silent = Vec::new();
    for (path, facts) in paths {
        let path = SAME.iter().fold(path.clone(), |path, (one, other)| path.replace(one, other));
        let found = fields(&path, release(&facts["last"]));
        let is_told = !found.is_empty() && found.iter().all(|it| !it.docs.is_empty() && !it.internal);
        if is_told == INTERNAL.iter().any(|(place, _)| path == *place || place.starts_with('*') && is_at(&path, place))
        {
            silent.push(path);
        }
    }
    assert!(silent.is_empty(), "no word about {}, or one too many:\n{}", silent.len(), silent.join("\n"));
}

/// So many words in a row are no accident.
const RUN: usize = 8;

#[test]
fn says_it_in_words_of_its_own() {
    let Some(timeline) = timeline() else { return };
    let mut theirs: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut n_described = 0;
    for facts in timeline["fields"].as_object().expect("paths with their facts").values() {
        let history = facts["description_history"].as_array().into_iter().flatten();
        let texts = history.filter_map(|it| it["value"].as_str()).chain(facts["description"].as_str());
        texts.for_each(|it| {
            n_described += 1;
            theirs.extend(runs(it));
        });
    }
    assert!(n_described > 500, "the timeline has {n_described} descriptions only");
    let mut copied = Vec::new();
    for (name, id) in catalogue().names() {
        let mut said: Vec<(String, &str)> = Vec::new();
        match catalogue().raw(id) {
            Some(Type::Mapping(it)) => {
                said.push((name.to_owned(), &it.docs));
                said.extend(it.fields.iter().map(|field| (format!("{name}.{}", field.name), &*field.docs)));
            }
            Some(Type::Enum(it)) => {
                said.extend(it.values.iter().map(|word| (format!("{name}.{}", word.value), &*word.docs)));
            }
            Some(Type::Union(it)) => said.extend(it.docs.iter().map(|docs| (name.to_owned(), &**docs))),
            _ => {}
        }
        for (at, docs) in said {
            let same = runs(docs).into_iter().find(|it| theirs.contains(it));
            copied.extend(same.map(|it| format!("{at}: {}", it.join(" "))));
        }
    }
    assert!(copied.is_empty(), "dstack's words:\n{}", copied.join("\n"));
}

/// Each run of words in a text.
fn runs(text: &str) -> Vec<Vec<String>> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|it| !it.is_empty());
    let words: Vec<String> = words.map(str::to_owned).collect();
    words.windows(RUN).map(<[String]>::to_vec).collect()
}

/// The first release in which each kind of fact about the path differs.
fn compare(path: &str, facts: &[&Value]) -> Vec<String> {
    let mut wrong: Vec<(&str, Release, bool)> = Vec::new();
    let kind = path.split(['.', '<']).next().unwrap_or_default();
    for release in Release::all().filter(|release| *release <= TOLD && is_known(kind, *release)) {
        let found = fields(path, release);
        let within = |from: &Value, to: &Value| self::release(from) <= release && release <= self::release(to);
        let is_absent = |it: &Value| {
            let gaps = it["absent_between"].as_array().into_iter().flatten();
            gaps.into_iter().any(|gap| within(&gap[0], &gap[1]))
        };
        let holds = |it: &&&Value| within(&it["first"], &it["last"]) && !is_absent(it);
        let facts = facts.iter().find(holds);
        if found.is_empty() == facts.is_some() {
            wrong.push(("accepted", release, !found.is_empty()));
        }
        let (Some(field), Some(facts)) = (found.first(), facts) else { continue };
        let required = at(facts, "required", release).as_bool().unwrap_or(false);
        if field.is_required(release) != required {
            wrong.push(("required", release, !required));
        }
        if let Some((ours, theirs)) = words(field, facts, release).filter(|(ours, theirs)| ours != theirs) {
            println!("{path} in {release}: our words are {ours:?}, dstack's {theirs:?}");
            wrong.push(("words", release, false));
        }
        let (ours, theirs) = (limits(field, release), constraints(facts, release));
        if theirs.as_ref().is_some_and(|theirs| ours != *theirs) {
            println!("{path} in {release}: our limits are {ours:?}, dstack's {theirs:?}");
            wrong.push(("limits", release, false));
        }
        let ty = at(facts, "type", release);
        let is_nullable = ty.as_str().is_some_and(|it| it.ends_with("| null"));
        let ours = catalogue().get(field.ty, release).is_some_and(|it| matches!(it, Type::Nullable(_)));
        if ours != is_nullable {
            wrong.push(("nullable", release, ours));
        }
    }
    wrong.retain(|(fact, ..)| !DIFFERENCES.iter().any(|(prefix, it, _)| it == fact && is_at(path, prefix)));
    wrong.dedup_by_key(|(fact, ..)| *fact);
    wrong.iter().map(|(fact, release, ours)| format!("{path}: {fact} is {ours} with us in {release}")).collect()
}

/// Whether a command of the release reads configurations of this type, or it is another kind of file.
fn is_known(kind: &str, release: Release) -> bool {
    let ty = catalogue().named("configuration").and_then(|id| catalogue().get(id, release));
    let Some(Type::Union(union)) = ty else { panic!("configurations are told apart by `type`") };
    !union.tags.iter().any(|it| &**it == kind) || union.readable(kind, release).is_some()
}

/// The words that we and dstack take, where both have a list of them.
fn words(field: &Field, facts: &Value, release: Release) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
    let mut theirs: BTreeSet<String> = texts(&facts["enum"])?;
    for change in facts["enum_changes"].as_array().into_iter().flatten().rev() {
        if release < self::release(&change["since"]) {
            theirs.retain(|word| !texts(&change["added"]).unwrap_or_default().contains(word));
            theirs.extend(texts(&change["removed"]).unwrap_or_default());
        }
    }
    let mut ours = None;
    each_type(field.ty, release, &mut |ty| {
        if let Type::Enum(it) = ty {
            let accepted = it.values.iter().filter(|word| word.status(release).is_accepted());
            ours.get_or_insert_with(BTreeSet::new).extend(accepted.map(|word| word.value.to_string()));
        }
    });
    Some((ours?, theirs))
}

/// Our limits, in pydantic's words.
fn limits(field: &Field, release: Release) -> BTreeSet<String> {
    let mut limits = BTreeSet::new();
    let mut add = |name: &str, limit: &Option<schema::Timed<f64>>| {
        limits.extend(limit.as_ref().and_then(|it| it.at(release)).map(|it| format!("{name}={it}")));
    };
    each_type(field.ty, release, &mut |ty| match ty {
        Type::Integer(it) | Type::Float(it) => {
            add(if it.exclusive { "gt" } else { "ge" }, &it.min);
            add("le", &it.max);
        }
        Type::String(it) => {
            add("min_length", &it.min);
            add("max_length", &it.max);
        }
        _ => {}
    });
    limits
}

/// dstack's limits of a number or a text, unless a grammar of ours knows them.
fn constraints(facts: &Value, release: Release) -> Option<BTreeSet<String>> {
    let theirs = texts(at(facts, "constraints", release))?;
    let ty = at(facts, "type", release).as_str()?.trim_end_matches(" | null");
    if !["int", "float", "str"].contains(&ty) || theirs.iter().any(|it| it.contains("regex") || it.contains("pattern"))
    {
        return None;
    }
    let as_ours = |it: String| match it.split_once('=') {
        Some((name, number)) => format!("{name}={}", number.parse::<f64>().expect("a number")),
        None => it,
    };
    Some(theirs.into_iter().map(as_ours).collect())
}

/// The type and what it is made of, but not what is in a mapping.
fn each_type(id: TypeId, release: Release, acc: &mut impl FnMut(&'static Type)) {
    match catalogue().get(id, release) {
        Some(Type::Nullable(inner)) => each_type(*inner, release, acc),
        Some(Type::Sequence(it)) => each_type(it.item, release, acc),
        Some(Type::Union(it)) => it.variants.iter().for_each(|id| each_type(*id, release, acc)),
        Some(ty) => acc(ty),
        None => {}
    }
}

fn texts(value: &Value) -> Option<BTreeSet<String>> {
    value.as_array()?.iter().map(|it| it.as_str().map(str::to_owned)).collect()
}

/// The fields at a path as `volumes[]<VolumeMountPoint>.name` in a release.
fn fields(path: &str, release: Release) -> Vec<&'static Field> {
    let catalogue = catalogue();
    let mut segments = path.split('.');
    let Some(root) = segments.next().and_then(|it| root(it, release)) else { return vec![] };
    let mut places = vec![root];
    let mut found = Vec::new();
    let mut label = None;
    for segment in segments {
        let name = segment.split(['[', '{', '<']).next().unwrap_or_default();
        found.clear();
        for place in places {
            mappings(catalogue, place, release, &mut |id| {
                let named = catalogue.mapping(id).map(|it| &*it.name);
                if label.is_none_or(|label| is_labelled(named.unwrap_or_default(), label)) {
                    found.extend(catalogue.field(id, name).map(|(_, field)| field));
                }
            });
        }
        found.retain(|field| field.status(release).is_accepted());
        places = found.iter().map(|field| field.ty).collect();
        label = segment.split_once('<').map(|(_, label)| label.trim_end_matches('>'));
    }
    found
}

/// What a release takes for this kind of file: a configuration by its `type`, or a file of its own.
fn root(kind: &str, release: Release) -> Option<TypeId> {
    let configuration = catalogue().get(catalogue().named("configuration")?, release)?;
    match configuration {
        Type::Union(union) if union.tags.iter().any(|tag| **tag == *kind) => {
            let has_reader = |it: &&(Box<str>, _)| *it.0 == *kind;
            let reader = union.elsewhere.iter().find(has_reader).and_then(|it| it.1.at(release));
            let is_read = |status: schema::Status| status.is_accepted() || reader.is_some_and(Option::is_some);
            union.variant(kind, release).filter(|(_, status)| is_read(*status)).map(|(id, _)| id)
        }
        _ => catalogue().named(kind),
    }
}

/// All mappings that a value of this type may be, or consist of.
fn mappings(catalogue: &Catalogue, id: TypeId, release: Release, acc: &mut impl FnMut(TypeId)) {
    let Some(id) = catalogue.resolve(id, release) else { return };
    match catalogue.get(id, release) {
        Some(Type::Mapping(_)) => acc(id),
        Some(Type::Nullable(inner)) => mappings(catalogue, *inner, release, acc),
        Some(Type::Sequence(it)) => mappings(catalogue, it.item, release, acc),
        Some(Type::Table(it)) => mappings(catalogue, it.value, release, acc),
        Some(Type::Union(it)) => {
            let is_there = |i: &usize| it.accepted.get(*i).is_none_or(|accepted| accepted.at(release) == Some(&true));
            let there = (0..it.variants.len()).filter(is_there);
            there.for_each(|i| mappings(catalogue, it.variants[i], release, acc));
        }
        _ => {}
    }
}

/// Whether our mapping is the Python class (or tag) of a label in the timeline.
fn is_labelled(mapping: &str, label: &str) -> bool {
    let ours = match label {
        "VolumeMountPoint" => "network-mount",
        "InstanceMountPoint" => "instance-mount",
        "InstanceNameSelector" => "instance-by-name",
        "InstanceHostnameSelector" => "instance-by-hostname",
        "FleetInstanceSelector" => "instance-of-fleet",
        "CPUSpec" => "cpu-spec",
        "ReplicaGroup" => "replica-group",
        "type=ip_address" => "rate-limit-by-address",
        "type=header" => "rate-limit-by-header",
        "PresetModelRepo" | "EndpointModelRepo" => "model-by-repo",
        "PresetModelBase" | "EndpointModelBase" => "model-by-base",
        "type=chat" => return true,
        _ if label.starts_with("type=") => return is_tagged(mapping, label.trim_start_matches("type=")),
        _ => panic!("`{label}` is a label of the timeline that this test does not know"),
    };
    mapping == ours
}

/// Whether our mapping is the backend, the credentials or the key of a server that one of these tags names.
fn is_tagged(mapping: &str, tags: &str) -> bool {
    tags.split('/').any(|tag| {
        let tag = tag.replace('_', "-");
        let kinds = ["backend", "certificate", "parameter"];
        kinds.iter().any(|kind| mapping == format!("{tag}-{kind}"))
            || mapping == format!("{tag}-key")
            || mapping.ends_with(&format!("{tag}-creds"))
    })
}

/// `timeline.json`, or nothing, with a word about it, where it is not there.
fn timeline() -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/dstack/timeline.json");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).expect("timeline.json is JSON")),
        Err(_) => {
            println!("skipped: {} is not there", path.display());
            None
        }
    }
}

/// A fact as it holds in a release: `required`, or the history in `required_history`.
fn at<'a>(facts: &'a Value, name: &str, release: Release) -> &'a Value {
    let history = facts[format!("{name}_history").as_str()].as_array();
    let entry = history.and_then(|it| it.iter().rev().find(|entry| self::release(&entry["since"]) <= release));
    entry.map_or(&facts[name], |entry| entry.get("value").unwrap_or(&entry[name]))
}

fn release(value: &Value) -> Release {
    value.as_str().and_then(|it| it.parse().ok()).expect("a release")
}

fn is_at(path: &str, place: &str) -> bool {
    match place.strip_prefix('*') {
        Some(end) => path.ends_with(end),
        None => path.starts_with(place),
    }
}
