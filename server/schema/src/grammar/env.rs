//! Environment variables: `NAME=value`, `NAME`.
//!
//! ```ebnf
//! env-item = name , [ "=" , value ] ;        (* without "=": the value of the variable in the local shell *)
//! name     = ( letter | "_" ) , { letter | digit | "_" } ;
//! value    = (* any characters but line breaks *) ;
//! ```
//!
//! Mirrors `_ENV_STRING_REGEX` and `Env` in dstack's `envs.py`. From 0.18.9 to 0.20.29 dstack does not enforce the
//! pattern and accepts any string. Keys of the mapping form are never checked. Values may contain `${{ secrets.NAME }}`.

use super::{
    interpolation, plain, python,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// An item of the list form: `NAME=value`.
pub struct EnvItem;
/// A key of the mapping form.
pub struct EnvName;
/// A value of the mapping form.
pub struct EnvValue;

const UNCHECKED: std::ops::Range<Release> = Release::new(0, 18, 9)..Release::PYDANTIC_2;

const ITEM_DOCS: &str = "An environment variable: `NAME=value`, or `NAME` alone to pass the variable of the shell in which \
    you run dstack. A name consists of letters, digits and `_` and does not begin with a digit. A value can contain \
    secrets: `HF_TOKEN=${{ secrets.hf_token }}`. Shell variables are not expanded here.";
const NAME_DOCS: &str = "The name of an environment variable, such as `HF_TOKEN`: letters, digits and `_`, not beginning \
    with a digit.";
const VALUE_DOCS: &str = "The value of an environment variable: a string or a number. Put `true`, `on` and the like in \
    quotes. It can contain secrets: `${{ secrets.hf_token }}`. To pass a variable of your shell, use the list form with \
    the name alone.";

impl Grammar for EnvItem {
    fn meta(&self) -> &Meta {
        &Meta { name: "env-item", title: "an environment variable", docs: ITEM_DOCS }
    }

    fn of_entry(&self, key: &str, value: Option<&str>) -> Option<String> {
        Some(value.map_or_else(|| key.to_string(), |value| format!("{key}={value}")))
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let Some(text) = python::text(value, release) else { return Parsed::wrong(not_an_item(value)) };
        let in_text = |range: std::ops::Range<usize>| if matches!(value, Value::Str(_)) { range } else { 0..0 };
        if !UNCHECKED.contains(&release)
            && !is_pair(value, release)
            && let Some(problem) = misspelled(&text, release)
        {
            return Parsed::wrong(Problem { range: in_text(problem.range), ..problem });
        }
        let Some((name, set)) = text.split_once('=') else {
            let meaning = format!("the value of `{text}` in your shell");
            return Parsed::right(in_text(0..text.len()), Role::Name, meaning);
        };
        let start = name.len() + 1;
        let meaning = if set.is_empty() { "empty".to_string() } else { "the value".to_string() };
        let mut parts = vec![
            Part::new(in_text(0..name.len()), Role::Name, format!("variable `{name}`")),
            Part::new(in_text(start..text.len()), Role::Value, meaning),
        ];
        if let Value::Str(_) = value {
            parts.extend(interpolation::parts(set, start));
        }
        Parsed { parts, problems: Vec::new() }
    }

    fn expected(&self, text: &str, at: usize, _: Release) -> Vec<Expected> {
        match text.find('=') {
            Some(sign) if at > sign => interpolation::expected(text, at, &["secrets"]),
            _ => names(0..text.find('=').unwrap_or(text.len()), if text.contains('=') { "" } else { "=" }),
        }
    }
}

impl Grammar for EnvName {
    fn meta(&self) -> &Meta {
        &Meta { name: "env-name", title: "an environment variable name", docs: NAME_DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        plain::any_text(value, release, Role::Name, "an environment variable")
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        names(0..text.len(), "")
    }
}

impl Grammar for EnvValue {
    fn meta(&self) -> &Meta {
        &Meta { name: "env-value", title: "an environment variable value", docs: VALUE_DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let mut parsed = match value {
            Value::Null => Parsed::wrong(Problem::whole(
                "missing value; add one, or use the list form with the name alone to pass the variable of your shell",
            )),
            Value::Bool(it) if release.is_pydantic_2() => Parsed::wrong(Problem::whole(format!(
                "YAML reads this as `{it}`, expected a string or a number; quote the value"
            ))),
            _ => plain::any_text(value, release, Role::Value, "the value"),
        };
        if let Value::Str(text) = value {
            parsed.parts.extend(interpolation::parts(text, 0));
        }
        parsed
    }

    fn expected(&self, text: &str, at: usize, _: Release) -> Vec<Expected> {
        interpolation::expected(text, at, &["secrets"])
    }
}

/// Common variables.
fn names(replace: std::ops::Range<usize>, after: &str) -> Vec<Expected> {
    let common = [
        ("HF_TOKEN", "Hugging Face token"),
        ("WANDB_API_KEY", "Weights & Biases key"),
        ("WANDB_PROJECT", "Weights & Biases project"),
        ("NGC_API_KEY", "NVIDIA NGC registry key"),
        ("OPENAI_API_KEY", "OpenAI key"),
        ("MODEL_ID", "the model to serve or train"),
        ("NCCL_DEBUG", "NCCL log level"),
        ("HF_HUB_ENABLE_HF_TRANSFER", "faster Hugging Face downloads"),
    ];
    let alone = common.map(|(name, detail)| Expected::new(replace.clone(), name, detail));
    let set = common.map(|(name, detail)| Expected::new(replace.clone(), format!("{name}{after}"), detail));
    if after.is_empty() { alone.into() } else { alone.into_iter().chain(set).collect() }
}

fn not_an_item(value: Value<'_>) -> Problem {
    match value {
        Value::Null => Problem::whole("empty item; expected `NAME=value` or `NAME`"),
        _ => Problem::whole("expected `NAME=value` or `NAME`"),
    }
}

/// Whether pydantic 1 accepts the item as a pair: where it refuses the list form it tries `dict(list)`, which splits a string of
/// two characters into key and value.
fn is_pair(value: Value<'_>, release: Release) -> bool {
    !release.is_pydantic_2() && matches!(value, Value::Str(text) if text.chars().count() == 2)
}

/// What is wrong with an item where the pattern is enforced.
fn misspelled(text: &str, release: Release) -> Option<Problem> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let name = &text[..end];
    // Python's `$` allows one line break at the end.
    let line = if release.is_pydantic_2() { text } else { text.strip_suffix('\n').unwrap_or(text) };
    let sound_name = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
    let rest = &line[end.min(line.len())..];
    if sound_name && (rest.is_empty() || rest.starts_with('=')) && !rest.contains('\n') {
        return None;
    }
    if let Some(at) = line.find('\n').filter(|at| *at > 0 && sound_name && rest.starts_with('=') && *at > end) {
        let message = "line breaks are not allowed in the list form; use the mapping form";
        return Some(Problem::at(at..at + 1, message));
    }
    if text.trim().is_empty() {
        return Some(Problem::whole("empty item; expected `NAME=value` or `NAME`"));
    }
    let offered = |problem: Problem| problem.offer(meant(text), is_spelling(text));
    if text.trim_start().starts_with("export ") {
        let range = 0..text.find("export ").unwrap_or_default() + 7;
        return Some(offered(Problem::at(range, "unexpected `export`; expected `NAME=value`")));
    }
    if text.starts_with('=') {
        return Some(Problem::at(0..1, "missing name before `=`"));
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        let message = format!("invalid name `{name}`; must start with a letter or `_`");
        return Some(Problem::at(0..end, message));
    }
    let guilty = text[end..].chars().next().unwrap_or('\n');
    let range = end..end + guilty.len_utf8();
    let message = match guilty {
        ':' => "expected `NAME=value`; replace `:` with `=`".to_string(),
        ' ' | '\t' | '\n' => "spaces are not allowed in or around a name; expected `NAME=value`".to_string(),
        _ => format!("`{guilty}` is not allowed in a name; use letters, digits and `_`"),
    };
    let range = if range.end > text.len() { text.len()..text.len() } else { range };
    Some(offered(Problem::at(range, message)))
}

/// Whether [`meant`] only respells the item: yes for `A: 1` and `A = 1`. `A-B=1` has another name, `VAR:2=value`,
/// `localhost:8080` and `http://a` can mean anything, and in a shell quotes are not part of the value.
fn is_spelling(text: &str) -> bool {
    let exported = text.trim().strip_prefix("export ");
    let item = exported.unwrap_or(text.trim());
    let (name, rest) = item.split_at(item.find(['=', ':']).unwrap_or(item.len()));
    let Some(sign) = rest.chars().next().filter(|_| !name.contains('-')) else { return false };
    let value = &rest[1..];
    let is_quoted = value.contains(['"', '\'', '`', '\\']);
    let has_second = value.contains('=') && value.trim().contains(char::is_whitespace);
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:,@%+=".contains(c);
    match (sign, exported) {
        (':', _) => {
            exported.is_none()
                && value.starts_with(' ')
                && !value.trim().is_empty()
                && !value.contains('=')
                && !is_quoted
        }
        (_, Some(_)) => !name.ends_with(' ') && value.trim_end().chars().all(is_plain),
        (_, None) => !is_quoted && !has_second,
    }
}

/// `A=1` for `export A=1`, `A = 1`, `A: 1`.
fn meant(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("export ").unwrap_or(text).trim_start();
    let at = text.find(['=', ':'])?;
    let (name, value) = (text[..at].trim().replace('-', "_"), text[at + 1..].trim());
    let fixed = if value.is_empty() { format!("{name}=") } else { format!("{name}={value}") };
    let sound = !name.is_empty() && !value.contains('\n') && misspelled_name(&name).is_none();
    sound.then_some(fixed)
}

/// The first character that is not allowed in a name.
fn misspelled_name(name: &str) -> Option<char> {
    let wrong = |(at, c): &(usize, char)| !(c.is_ascii_alphabetic() || *c == '_' || (*at > 0 && c.is_ascii_digit()));
    name.char_indices().find(wrong).map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_variable() {
        assert_eq!(EnvItem.of_entry("A", Some("1")).as_deref(), Some("A=1"));
        assert_eq!(EnvItem.of_entry("A", None).as_deref(), Some("A"));
        assert_eq!(EnvName.of_entry("A", None), None);
    }
}
