//! Types in words, for messages: "a list", "`spot` or `on-demand`".

use schema::{Release, Type, TypeId};

/// What the type takes in `release`: "a whole number", "`true` or `false`, or a mapping".
pub(crate) fn expected(ty: TypeId, release: Release) -> String {
    let mut parts: Vec<String> = vec![];
    collect(ty, release, 0, &mut parts);
    if parts.is_empty() { "something else".into() } else { or(&parts) }
}

/// The words that the type takes in `release`, where it is an enum or a union with one.
pub(crate) fn words(ty: TypeId, release: Release) -> Vec<&'static str> {
    let mut acc = vec![];
    words_of(ty, release, 0, &mut acc);
    acc
}

/// `a`, `b` or `c`.
pub(crate) fn or<T: AsRef<str>>(parts: &[T]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.as_ref().into(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", most.join(", "), last.as_ref())
        }
    }
}

/// The word between backticks.
pub(crate) fn quoted(word: &str) -> String {
    let short: String = word.chars().take(60).collect();
    let dots = if short.len() < word.len() { "…" } else { "" };
    format!("`{}{dots}`", short.replace(['\n', '\r'], " "))
}

fn collect(ty: TypeId, release: Release, depth: u32, acc: &mut Vec<String>) {
    let mut add = |text: String| {
        if !acc.contains(&text) {
            acc.push(text);
        }
    };
    let Some(it) = schema::catalogue().get(ty, release).filter(|_| depth < 8) else { return };
    match it {
        Type::Any => add("anything".into()),
        Type::Nullable(inner) => collect(*inner, release, depth + 1, acc),
        Type::Mapping(it) => {
            if let Some(shorthand) = it.shorthand {
                collect(shorthand, release, depth + 1, acc);
            }
            if !acc.iter().any(|it| it == "a mapping") {
                acc.push("a mapping".into());
            }
        }
        Type::Table(_) => add("a mapping".into()),
        Type::Sequence(_) => add("a list".into()),
        Type::Union(it) if it.discriminator.is_some() => add("a mapping".into()),
        Type::Union(it) => it.variants.iter().for_each(|it| collect(*it, release, depth + 1, acc)),
        Type::Enum(_) => words(ty, release).into_iter().for_each(|word| add(quoted(word))),
        Type::String(_) => add("text".into()),
        Type::Integer(_) => add("a whole number".into()),
        Type::Float(_) => add("a number".into()),
        Type::Boolean => {
            add("`true`".into());
            add("`false`".into());
        }
        Type::Grammar(name) => add(schema::grammar::named(name).map_or("text", |it| it.title()).into()),
        Type::Timed(_) => {}
    }
}

fn words_of(ty: TypeId, release: Release, depth: u32, acc: &mut Vec<&'static str>) {
    match schema::catalogue().get(ty, release).filter(|_| depth < 8) {
        Some(Type::Nullable(inner)) => words_of(*inner, release, depth + 1, acc),
        Some(Type::Enum(it)) => {
            let current = it.values.iter().filter(|it| matches!(it.status(release), schema::Status::Current));
            acc.extend(current.map(|it| &*it.value));
        }
        Some(Type::Union(it)) if it.discriminator.is_none() => {
            it.variants.iter().for_each(|it| words_of(*it, release, depth + 1, acc));
        }
        Some(Type::Mapping(it)) => {
            if let Some(shorthand) = it.shorthand {
                words_of(shorthand, release, depth + 1, acc);
            }
        }
        _ => {}
    }
}
