//! Types in words, for messages: "a list", "`spot` or `on-demand`".

use schema::{Release, Type, TypeId, View};

/// What the type takes in `release`: "a whole number", "`true` or `false`, or a mapping".
pub(crate) fn expected(ty: TypeId, release: Release) -> String {
    let view = View::new(release);
    let mut found: Vec<(TypeId, &Type)> =
        view.choices(ty).into_iter().filter_map(|it| Some((it, view.get(it)?))).collect();
    // A shorthand comes before its mapping.
    found.sort_by_key(|it| matches!(it.1, Type::Mapping(_)));
    let mut parts: Vec<String> = vec![];
    for part in found.into_iter().flat_map(|it| titles(it.0, it.1, view)) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if parts.is_empty() { "something else".into() } else { or(&parts) }
}

/// The words that the type takes in `release`, where it is an enum or a union with one.
pub(crate) fn words(ty: TypeId, release: Release) -> Vec<&'static str> {
    View::new(release).values(ty)
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

fn titles(id: TypeId, ty: &Type, view: View) -> Vec<String> {
    let one = |it: &str| vec![it.to_string()];
    match ty {
        Type::Any => one("anything"),
        Type::Mapping(_) | Type::Table(_) | Type::Union(_) => one("a mapping"),
        Type::Sequence(_) => one("a list"),
        Type::Enum(_) => view.values(id).into_iter().map(quoted).collect(),
        Type::String(_) => one("text"),
        Type::Integer(_) => one("a whole number"),
        Type::Float(_) => one("a number"),
        Type::Boolean => vec![quoted("true"), quoted("false")],
        Type::Grammar(_) => one(view.grammar(id).map_or("text", |it| it.title())),
        Type::Nullable(_) | Type::Timed(_) => vec![],
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
