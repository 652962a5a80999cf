//! Describes types in messages: "a list", "`spot` or `on-demand`".

use schema::{Release, Type, TypeId, View};

/// What the type accepts in `release`: "an integer", "`true`, `false` or a mapping".
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
    if parts.is_empty() { "another value".into() } else { or(&parts) }
}

/// `a`, `b` or `c`.
pub fn or<T: AsRef<str>>(parts: &[T]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.as_ref().into(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", first.join(", "), last.as_ref())
        }
    }
}

/// The text between backticks.
pub(crate) fn quoted(word: &str) -> String {
    format!("`{}`", cut(word, MAX_QUOTE))
}

/// Maximum number of characters of a quote.
const MAX_QUOTE: usize = 60;
/// Maximum number of bytes of a message; the quotes of a longer one are cut.
const MAX_MESSAGE: usize = 400;

/// The message, with its quotes cut if it is long: the quoted scalar may have any length, and thousands of aliases may refer
/// to it.
pub(crate) fn shortened(message: String) -> String {
    if message.len() <= MAX_MESSAGE {
        return message;
    }
    let max = |i: usize| if i % 2 == 1 { MAX_QUOTE } else { MAX_MESSAGE };
    let parts: Vec<String> = message.split('`').enumerate().map(|(i, it)| cut(it, max(i))).collect();
    cut(&parts.join("`"), 2 * MAX_MESSAGE)
}

/// The first `max` characters, with line breaks as blanks.
fn cut(text: &str, max: usize) -> String {
    schema::shown(text, max).replace(['\n', '\r'], " ")
}

fn titles(id: TypeId, ty: &Type, view: View) -> Vec<String> {
    let one = |it: &str| vec![it.to_string()];
    match ty {
        Type::Any => one("anything"),
        Type::Mapping(_) | Type::Table(_) | Type::Union(_) => one("a mapping"),
        Type::Sequence(_) => one("a list"),
        Type::Enum(_) => view.values(id).into_iter().map(quoted).collect(),
        Type::String(_) => one("a string"),
        Type::Integer(_) => one("an integer"),
        Type::Float(_) => one("a number"),
        Type::Boolean => vec![quoted("true"), quoted("false")],
        Type::Grammar(_) => {
            let title = view.grammar(id).map_or("a string", |it| it.title());
            title.split(" or ").map(str::to_string).collect()
        }
        Type::Nullable(_) | Type::Timed(_) => vec![],
    }
}

#[cfg(test)]
mod tests {
    use crate::{diagnostics, fixes, fixture};

    #[test]
    fn messages_do_not_repeat_long_texts() {
        for value in ["1.".repeat(100_000), "`".repeat(1_000), "a\\n".repeat(1_000), "é".repeat(1_000)] {
            let field = |text: &str| format!("  - {{hostname: b, internal_ip: {text}}}\n");
            let again = field("*a").repeat(20);
            let text = format!("type: fleet\nssh_config:\n  hosts:\n{}{again}", field(&format!("&a \"{value}\"")));
            let document = fixture::document(&text);
            let found = diagnostics(&document);
            assert!(!found.is_empty());
            for it in found {
                assert!(it.message.len() < 2_000, "{}", it.message.len());
                assert!(fixes(&document, &it).iter().all(|fix| fix.title.len() < 500));
            }
        }
    }
}
