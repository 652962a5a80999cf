//! What holds for every grammar, on any text.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Parsed, all};
use crate::{release::Release, value::Value};

/// Texts made of what the grammars are made of.
fn texts() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..8).prop_map(|it| it.concat())
}

const PIECES: &[&str] = &[
    "1",
    "0",
    "5",
    "16",
    "80",
    "m",
    "h",
    "s",
    "min",
    "GB",
    "gb",
    "G",
    "TB",
    "MiB",
    "..",
    ".",
    ",",
    ":",
    "-",
    "+",
    "/",
    "_",
    " ",
    "\n",
    "\t",
    "A100",
    "H100",
    "nvidia",
    "tpu",
    "arm",
    "x86",
    "off",
    "on",
    "=",
    "A",
    "a",
    "*",
    "~",
    "https",
    "://",
    "@",
    "\\",
    "C:",
    "${{",
    "}}",
    "$",
    "secrets.",
    "env.",
    "é",
    "５",
    "²",
    "\u{1f600}",
    "mon",
    "last",
    "0 8 * *",
    "sh",
    "auto",
    "10.0.0.",
    "fc00::",
    "/24",
    "%",
    "3.1",
    "{",
    "}",
    "[0]",
];

fn releases() -> impl Strategy<Value = Release> {
    prop::sample::select(Release::all().collect::<Vec<_>>())
}

/// The value of a suggestion that is written into the file as it is.
fn resolved(text: &str) -> Value<'_> {
    match text {
        "off" | "false" => Value::Bool(false),
        "true" => Value::Bool(true),
        _ => match (text.parse(), text.parse()) {
            (Ok(int), _) => Value::Int(int),
            (_, Ok(float)) => Value::Float(float),
            _ => Value::Str(text),
        },
    }
}

fn in_place(text: &str, parsed: &Parsed) {
    let ranges = parsed.parts.iter().map(|it| &it.range).chain(parsed.problems.iter().map(|it| &it.range));
    for range in ranges {
        assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}: {parsed:?}");
    }
}

proptest! {
    #[test]
    fn parses_any_text(text in prop_oneof![texts(), any::<String>()], release in releases()) {
        for grammar in all() {
            let parsed = grammar.parse(Value::Str(&text), release);
            in_place(&text, &parsed);
            for problem in &parsed.problems {
                prop_assert!(!problem.message.ends_with('.'), "{}", problem.message);
                let Some(suggestion) = &problem.suggestion else { continue };
                let again = grammar.parse(Value::Str(suggestion), release);
                prop_assert!(again.is_ok(), "{}: {text:?} → {suggestion:?}: {again:?}", grammar.name());
            }
        }
    }

    #[test]
    fn parses_any_value(int: i128, float: f64, release in releases()) {
        let values = [Value::Null, Value::Other, Value::Bool(true), Value::Bool(false), Value::Int(int),
            Value::Int(i128::from(int as i16)), Value::Float(float), Value::Float(f64::NAN), Value::Float(f64::INFINITY)];
        for grammar in all() {
            for value in values {
                in_place("", &grammar.parse(value, release));
            }
        }
    }

    #[test]
    fn offers_within_the_text(text in texts(), at: prop::sample::Index, release in releases()) {
        let places: Vec<usize> = text.char_indices().map(|it| it.0).chain([text.len()]).collect();
        let at = places[at.index(places.len())];
        for grammar in all() {
            for it in grammar.expected(&text, at, release) {
                prop_assert!(text.get(it.replace.clone()).is_some(), "{}: {it:?} in {text:?}", grammar.name());
                prop_assert!(it.replace.start <= at && at <= it.replace.end, "{}: {it:?} at {at} of {text:?}", grammar.name());
                prop_assert!(!it.text.is_empty());
            }
        }
    }
}

#[test]
fn offers_sound_values_for_an_empty_text() {
    for grammar in all() {
        for it in grammar.expected("", 0, Release::NEWEST) {
            let parsed = grammar.parse(resolved(&it.text), Release::NEWEST);
            let half = it.text.ends_with([':', '/', '.', '=', '@']) && !it.text.ends_with("..");
            assert!(half || parsed.is_ok(), "{}: {it:?}: {parsed:?}", grammar.name());
        }
    }
}

/// A text that nobody writes costs what it is long, not its square.
#[test]
fn long_texts_are_quick() {
    // Far more than any of these takes, even in a debug build on a busy machine.
    let patience = Duration::from_secs(2);
    for part in ["A, ", "A,", "a: ", "1 ", "1,", "1h", "..", "/..", "${{ ", "A="] {
        let text = part.repeat(60_000) + "B";
        for grammar in all() {
            let started = Instant::now();
            let parsed = grammar.parse(Value::Str(&text), Release::NEWEST);
            in_place(&text, &parsed);
            assert!(started.elapsed() < patience, "{} and `{part}`", grammar.name());
        }
    }
}

#[test]
fn names_are_unique_and_documented() {
    let mut names: Vec<_> = all().iter().map(|it| it.name()).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    for grammar in all() {
        assert!(grammar.docs().len() > 20 && grammar.docs().contains('`'), "{}", grammar.name());
        assert!(grammar.title().starts_with("a"), "{}: {}", grammar.name(), grammar.title());
    }
}
