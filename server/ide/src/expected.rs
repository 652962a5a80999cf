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
    format!("`{}`", cut(word, LONGEST_WORD))
}

/// So many characters of a word are shown.
const LONGEST_WORD: usize = 60;
/// A message of more bytes repeats a text that nobody wants to read twice.
const LONGEST_MESSAGE: usize = 400;

/// The message with what it quotes cut, where it would be long otherwise: the scalar that it is about may have any length,
/// and stand behind a thousand aliases.
pub(crate) fn shortened(message: String) -> String {
    if message.len() <= LONGEST_MESSAGE {
        return message;
    }
    let most = |i: usize| if i % 2 == 1 { LONGEST_WORD } else { LONGEST_MESSAGE };
    let parts: Vec<String> = message.split('`').enumerate().map(|(i, it)| cut(it, most(i))).collect();
    cut(&parts.join("`"), 2 * LONGEST_MESSAGE)
}

/// The first `most` characters on one line.
fn cut(text: &str, most: usize) -> String {
    schema::shown(text, most).replace(['\n', '\r'], " ")
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

#[cfg(test)]
mod tests {
    use crate::{diagnostics, fixture};

    #[test]
    fn a_message_does_not_repeat_a_text_of_any_length() {
        for value in ["1.".repeat(100_000), "`".repeat(1_000), "a\\n".repeat(1_000), "é".repeat(1_000)] {
            let field = |text: &str| format!("  - {{hostname: b, internal_ip: {text}}}\n");
            let again = field("*a").repeat(20);
            let text = format!("type: fleet\nssh_config:\n  hosts:\n{}{again}", field(&format!("&a \"{value}\"")));
            let found = diagnostics(&fixture::document(&text));
            assert!(!found.is_empty());
            for it in found {
                assert!(it.message.len() < 2_000, "{}", it.message.len());
                assert!(it.fixes.iter().all(|fix| fix.title.len() < 500));
            }
        }
    }
}
