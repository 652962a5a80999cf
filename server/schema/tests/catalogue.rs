//! What the catalogue promises: documentation for everything, known grammars, and answers about releases.

use schema::{Catalogue, ConstraintKind, Field, Mapping, Release, Status, Type, TypeId, catalogue, grammar};

#[test]
fn documents_every_field_word_and_mapping() {
    let mut silent = Vec::new();
    for (name, ty) in named() {
        match ty {
            Type::Mapping(mapping) => {
                if mapping.docs.is_empty() {
                    silent.push(name.to_owned());
                }
                let fields = mapping.fields.iter().filter(|field| field.docs.is_empty());
                silent.extend(fields.map(|field| format!("{name}.{}", field.name)));
                for rule in mapping.constraints.iter().filter(|it| it.note.is_none()) {
                    if let ConstraintKind::Custom(rule) = &rule.kind {
                        silent.push(format!("{name}: custom: {rule} (it needs a `note`)"));
                    }
                }
            }
            Type::Enum(it) => {
                let words = it.values.iter().filter(|word| word.docs.is_empty());
                silent.extend(words.map(|word| format!("{name}.{}", word.value)));
            }
            Type::Union(it) => {
                let described = |id: &TypeId| mapping(*id).is_some_and(|it| !it.docs.is_empty());
                let variants = it.tags.iter().zip(&it.variants).zip(&it.docs);
                let variants = variants.filter(|((_, id), docs)| docs.is_empty() && !described(id));
                silent.extend(variants.map(|((tag, _), _)| format!("{name}.{tag}")));
            }
            _ => {}
        }
    }
    assert!(silent.is_empty(), "no word about:\n{}", silent.join("\n"));
}

/// Examples in the documentation are YAML, and their keys are fields of the release that is newest.
#[test]
fn documents_with_examples_that_load() {
    let mut n_examples = 0;
    for (name, ty) in named() {
        let Type::Mapping(mapping) = ty else { continue };
        for (at, docs) in std::iter::once((name.to_owned(), &mapping.docs))
            .chain(mapping.fields.iter().map(|field| (format!("{name}.{}", field.name), &field.docs)))
        {
            for example in docs.split("```yaml\n").skip(1).filter_map(|it| it.split("```").next()) {
                n_examples += 1;
                let loaded: serde_yaml::Mapping =
                    serde_yaml::from_str(example).unwrap_or_else(|error| panic!("{at}: {error}"));
                for key in loaded.keys().filter_map(|it| it.as_str()) {
                    let field = mapping.fields.iter().find(|field| &*field.name == key);
                    let field = field.unwrap_or_else(|| panic!("{at}: `{key}` in its example is not a field"));
                    let status = field.status(Release::NEWEST);
                    assert!(matches!(status, Status::Current), "{at}: `{key}` in its example is {status:?}");
                }
            }
        }
    }
    assert!(n_examples > 40, "{n_examples} examples only");
}

/// A list or a mapping is easier shown than told. One example is enough: of the field, of the mapping that it takes, or of
/// the one that it stands in. For a list of words or texts, one of them within a sentence will do.
#[test]
fn shows_every_list_and_mapping() {
    let mut unshown = Vec::new();
    for (name, ty) in named() {
        let Type::Mapping(mapping) = ty else { continue };
        let is_current = |it: &&Field| !it.internal && matches!(it.status(Release::NEWEST), Status::Current);
        for field in mapping.fields.iter().filter(is_current) {
            let is_shown = field.docs.contains("```yaml") || mapping.docs.contains(&format!("\n{}:", field.name));
            let is_told = is_list_of_texts(field.ty) && field.docs.contains('`');
            if !is_shown && !is_told && needs_example(field.ty) {
                unshown.push(format!("{name}.{}", field.name));
            }
        }
    }
    assert!(unshown.is_empty(), "no example of:\n{}", unshown.join("\n"));
}

/// Whether a value cannot be written as one scalar, and no mapping in it has an example.
fn needs_example(ty: TypeId) -> bool {
    match catalogue().get(ty, Release::NEWEST) {
        Some(Type::Nullable(inner)) => needs_example(*inner),
        Some(Type::Union(union)) if union.discriminator.is_none() => union.variants.iter().all(|it| needs_example(*it)),
        Some(Type::Union(union)) => {
            !union.variants.iter().any(|it| mapping(*it).is_some_and(|it| it.docs.contains("```yaml")))
        }
        Some(Type::Mapping(it)) => it.shorthand.is_none() && !it.docs.contains("```yaml"),
        Some(Type::Sequence(_) | Type::Table(_)) => true,
        _ => false,
    }
}

fn is_list_of_texts(ty: TypeId) -> bool {
    match catalogue().get(ty, Release::NEWEST) {
        Some(Type::Nullable(inner)) => is_list_of_texts(*inner),
        Some(Type::Sequence(it)) => {
            matches!(catalogue().get(it.item, Release::NEWEST), Some(Type::String(_) | Type::Enum(_)))
        }
        _ => false,
    }
}

#[test]
fn every_grammar_is_there() {
    let mut missing: Vec<&str> = every_type().filter_map(grammar_name).collect();
    missing.retain(|name| grammar::named(name).is_none());
    missing.sort_unstable();
    missing.dedup();
    assert!(missing.is_empty(), "types without their grammar: {missing:?}");
}

#[test]
fn fields_know_their_history() {
    let status = |mapping: &str, field: &str, release: &str| {
        let id = catalogue().named(mapping).expect("a type with this name");
        let (_, field) = catalogue().field(id, field).expect("a field with this name");
        match field.status(release.parse().expect("a release")) {
            Status::Current => "current".to_owned(),
            Status::Unavailable(since) => format!("unavailable until {since}"),
            Status::Deprecated(it) => format!("deprecated for {}", it.instead.as_deref().unwrap_or("nothing")),
            Status::Ignored(it) => format!("ignored since {}", it.ignored.expect("a release")),
            Status::Removed(since) => format!("removed in {since}"),
        }
    };
    assert_eq!(status("dev-environment", "termination_policy", "0.18.0"), "unavailable until 0.18.1");
    assert_eq!(status("dev-environment", "termination_policy", "0.18.33"), "current");
    assert_eq!(status("dev-environment", "termination_policy", "0.18.43"), "deprecated for idle_duration");
    assert_eq!(status("dev-environment", "termination_policy", "0.19.40"), "ignored since 0.19.0");
    assert_eq!(status("dev-environment", "termination_policy", "0.22.5"), "removed in 0.20.0");
    assert_eq!(status("dev-environment", "setup", "0.22.5"), "deprecated for init");
    assert_eq!(status("task", "setup", "0.22.5"), "ignored since 0.18.31");
    assert_eq!(status("service", "router", "0.20.9"), "unavailable until 0.20.10");
    assert_eq!(status("service", "router", "0.20.29"), "deprecated for nothing");
    assert_eq!(status("service", "router", "0.21.0"), "removed in 0.21.0");
}

#[test]
fn words_know_their_history() {
    let accepted = |name: &str, release: &str| {
        let id = catalogue().named(name).expect("a type with this name");
        let release = release.parse().expect("a release");
        let Some(Type::Enum(it)) = catalogue().get(id, release) else { panic!("`{name}` has no words") };
        let accepted = it.values.iter().filter(|word| word.status(release).is_accepted());
        accepted.map(|word| &*word.value).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(accepted("ide", "0.18.43"), "vscode");
    assert_eq!(accepted("ide", "0.22.5"), "vscode cursor windsurf zed");
    assert_eq!(accepted("replica-group-router-type", "0.20.17"), "sglang");
    assert_eq!(accepted("replica-group-router-type", "0.22.5"), "smg dynamo sglang");
    for (release, has_nebius) in [("0.18.44", true), ("0.19.0", false), ("0.19.1", false), ("0.19.2", true)] {
        assert_eq!(accepted("backend", release).contains("nebius"), has_nebius, "{release}");
    }
}

#[test]
fn configurations_are_chosen_by_type() {
    let id = catalogue().named("configuration").expect("configurations");
    let Some(Type::Union(union)) = catalogue().get(id, Release::NEWEST) else { panic!("not a union") };
    assert_eq!(union.discriminator.as_deref(), Some("type"));
    let accepted = |release: &str| {
        let release = release.parse().expect("a release");
        let accepts = |tag: &str| union.variant(tag, release).is_some_and(|(_, status)| status.is_accepted());
        union.tags.iter().map(AsRef::as_ref).filter(|tag| accepts(tag)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(accepted("0.18.0"), "dev-environment task service");
    assert_eq!(accepted("0.18.7"), "dev-environment task service fleet volume gateway");
    assert_eq!(accepted("0.22.5"), "dev-environment task service fleet volume gateway preset");
    assert!(union.readable("endpoint", Release::NEWEST).is_none());
    let reader = |tag: &str, release: &str| union.reader(tag, release.parse().expect("a release"));
    assert_eq!(reader("endpoint", "0.20.27"), None);
    assert_eq!(reader("endpoint", "0.20.28"), Some("dstack endpoint"));
    assert_eq!(reader("endpoint", "0.20.29"), None);
    assert_eq!(reader("preset", "0.20.28"), None);
    assert_eq!(reader("preset", "0.20.29"), Some("dstack preset"));
    assert_eq!(reader("preset", "0.21.1"), Some("dstack preset"));
    assert_eq!(reader("preset", "0.21.2"), None);
}

/// No type leads nowhere, and every field that is accepted has a type in its releases.
#[test]
fn every_type_resolves() {
    for (name, ty) in named() {
        let Type::Mapping(mapping) = ty else { continue };
        for field in &mapping.fields {
            for release in Release::all().filter(|release| field.status(*release).is_accepted()) {
                assert!(catalogue().get(field.ty, release).is_some(), "{name}.{} in {release}", field.name);
            }
        }
    }
}

fn named() -> impl Iterator<Item = (&'static str, &'static Type)> {
    let catalogue: &'static Catalogue = catalogue();
    catalogue.names().filter_map(move |(name, id)| Some((name, catalogue.raw(id)?)))
}

fn every_type() -> impl Iterator<Item = &'static Type> {
    (0..).map_while(|index| catalogue().raw(TypeId(index)))
}

fn grammar_name(ty: &'static Type) -> Option<&'static str> {
    match ty {
        Type::Grammar(name) => Some(name),
        _ => None,
    }
}

fn mapping(id: TypeId) -> Option<&'static Mapping> {
    catalogue().mapping(id)
}

#[test]
fn seed_page_is_complete() {
    let fields = [
        "type name ide version init inactivity_duration image user privileged entrypoint working_dir registry_auth",
        "python nvcc single_branch env resources volumes ports backends regions availability_zones instance_types",
        "reservation spot_policy retry max_duration stop_duration max_price creation_policy idle_duration",
        "termination_policy termination_idle_time",
    ];
    let id = catalogue().named("dev-environment").expect("dev environments");
    for name in fields.iter().flat_map(|it| it.split(' ')) {
        let field: Option<(_, &Field)> = catalogue().field(id, name);
        let field = field.map(|(_, field)| field).unwrap_or_else(|| panic!("`{name}` is missing"));
        assert!(field.status(Release::new(0, 18, 43)).is_accepted(), "`{name}` is not accepted by 0.18.43");
        assert!(!field.docs.is_empty(), "no word about `{name}`");
    }
}
