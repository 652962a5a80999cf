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
    ">",
    ">=",
    "x",
    "v",
    "sm_",
    "py",
    "to",
    "export ",
    "\"",
    "localhost",
    "k",
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

/// The first word or number of `text` that a spelling of it leaves out, if there is one.
fn left_out(grammar: &str, text: &str, spelling: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (mut allowed, mut text_read) = (vec!["to"], text.clone());
    match grammar {
        // Another number of another unit is the same time.
        _ if grammar.ends_with("-duration")
            || ["duration", "time-window", "scaling-window", "termination-idle-time"].contains(&grammar) =>
        {
            let is_endless = ["off", "unlimited", "infinite", "infinity", "inf", "forever"].contains(&&*text);
            return (!is_endless && added_up(&text) != added_up(spelling)).then_some(text);
        }
        "compute-capability" | "ami-owner" => {
            return (!digits(spelling).starts_with(digits(&text).trim_start_matches('0'))).then_some(text);
        }
        "cron" if text.starts_with('@') => return None,
        "cron" if text.ends_with('7') => text_read = format!("{}sun", &text[..text.len() - 1]),
        "cpu" => {
            let arm = ["aarch64", "arm64v8", "arm64"].map(|it| (it, "arm"));
            let x86 = ["amd64", "x86_64", "x86-64", "x64"].map(|it| (it, "x86"));
            text_read = arm.iter().chain(&x86).fold(text, |text, it| text.replace(it.0, it.1));
        }
        // `8xA100`
        "gpu" => {
            let count = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if let Some(name) = text[count..].strip_prefix('x').filter(|_| count > 0) {
                text_read = format!("{} {name}", &text[..count]);
            }
        }
        "python" => allowed.extend(["py", "python"]),
        "env-item" => allowed.push("export"),
        "mount" | "file-mapping" => allowed.push("rw"),
        _ => {}
    }
    let mut left = words(&spelling.to_lowercase());
    let mut before = None;
    for word in words(&text_read) {
        let is_fraction = before.replace(word.clone()).as_deref() == Some(".");
        // Two sizes may have one unit, which has many names.
        let unit = ["gb", "tb", "mb"].into_iter().find(|it| {
            let names = ["", "b", "i", "ib", "bs", "ig", "igs", "igabyte", "igabytes", "erabytes", "egabytes"];
            names.iter().any(|name| *word == format!("{}{name}", &it[..1]))
        });
        let is_kept = match left.iter().position(|it| *it == word) {
            Some(at) => left.remove(at) == word,
            None => unit.is_some_and(|it| spelling.to_lowercase().contains(it)),
        };
        let is_zero = is_fraction && word.bytes().all(|it| it == b'0');
        if !is_kept && !is_zero && !allowed.contains(&&*word) && word.contains(char::is_alphanumeric) {
            return Some(word);
        }
    }
    None
}

/// Runs of letters, runs of digits, and all else character by character.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    let kind = |c: char| (c.is_numeric(), c.is_alphabetic());
    for c in text.chars() {
        match words.last_mut() {
            Some(word) if c.is_alphanumeric() && word.chars().next().map(kind) == Some(kind(c)) => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    words
}

/// The seconds of numbers with units, whatever follows the first letter of a unit.
fn added_up(text: &str) -> f64 {
    let numbers = |c: char| !c.is_ascii_digit() && c != '.';
    let mut rest = text;
    let mut seconds = 0.0;
    while let Some(at) = rest.find(|c| !numbers(c)) {
        let number = &rest[at..];
        let end = number.find(numbers).unwrap_or(number.len());
        let unit = number[end..].trim_start().chars().next();
        let unit =
            [('w', 604_800.0), ('d', 86_400.0), ('h', 3_600.0), ('m', 60.0)].iter().find(|it| Some(it.0) == unit);
        seconds += number[..end].parse::<f64>().unwrap_or(f64::NAN) * unit.map_or(1.0, |it| it.1);
        rest = &number[end..];
    }
    seconds
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
                let lost = left_out(grammar.name(), &text, suggestion).filter(|_| problem.is_same);
                prop_assert!(lost.is_none(), "{}: {text:?} → {suggestion:?} loses {lost:?}", grammar.name());
                let again = grammar.parse(Value::Str(suggestion), release);
                prop_assert!(again.is_ok(), "{}: {text:?} → {suggestion:?}: {again:?}", grammar.name());
            }
        }
    }

    #[test]
    fn parses_any_value(int: i128, float: f64, release in releases()) {
        let values = [Value::Null, Value::Bytes, Value::Other, Value::Bool(true), Value::Bool(false), Value::Int(int),
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

/// What is written without asking says all that was written, in the same units, and nothing else.
#[test]
fn another_spelling_says_the_same() {
    let spelling = |grammar: &str, text: &str| -> Option<String> {
        let parsed = super::named(grammar).unwrap().parse(Value::Str(text), Release::NEWEST);
        parsed.problems.into_iter().find(|it| it.is_same).and_then(|it| it.suggestion)
    };
    let same = [
        ("disk", "0.5-1TB", "0.5TB..1TB"),
        ("disk", "80 GB - 160 GiB", "80GB..160GB"),
        ("memory-range", "16-32GiB", "16GB..32GB"),
        ("memory-range", "8GB to 16", "8GB..16GB"),
        ("memory-range", "16GB+", "16GB.."),
        ("memory-range", "16..32GiB", "16GB..32GB"),
        ("cpu", ">=8", "8.."),
        ("cpu", "2-4", "2..4"),
        ("cpu", "arm64:8", "arm:8"),
        ("cpu", "8..:x86_64", "8..:x86"),
        ("python", "py3.11", "3.11"),
        ("python", "Python 3.11", "3.11"),
        ("python", "==3.11", "3.11"),
        ("compute-capability", "sm_86", "8.6"),
        ("compute-capability", "v8.6", "8.6"),
        ("gpu", "8xA100", "A100:8"),
        ("gpu", "A100:80GiB", "A100:80GB"),
        ("env-item", "A = 1", "A=1"),
        ("env-item", "A = x y", "A=x y"),
        ("env-item", "A: 1", "A=1"),
        ("env-item", "export A=1", "A=1"),
        ("port-mapping", "8080 : 80", "8080:80"),
        ("probe-url", "health", "/health"),
        ("max-duration", "1h30m", "90m"),
        ("cron", "0 8 * * 7", "0 8 * * sun"),
        ("ami-owner", "1234-5678-9012", "123456789012"),
    ];
    let other = [
        ("disk", "500-1TB"),
        ("memory-range", "512MB-2"),
        ("memory-range", "1..2TiB"),
        ("memory-range", "0.5..1TiB"),
        ("memory-range", "1TB-2"),
        ("memory-range", "1 6GB..32GiB"),
        ("gpu", "A100 H100,"),
        ("memory", "16GB+"),
        ("memory-range", ">16GB"),
        ("cpu", ">8"),
        ("cpu", "8cores"),
        ("cpu", "2-4 cores"),
        ("cpu", "intel:8"),
        ("cpu", "graviton"),
        ("int-range", ">8"),
        ("count-range", "8 GPUs"),
        ("python", "pypy3.11"),
        ("python", "less than 3.12"),
        ("python", "anaconda 3.11"),
        ("python", ">=3.11"),
        ("python", "<3.12"),
        ("python", "~=3.11"),
        ("python", "3.11.4"),
        ("compute-capability", "v86"),
        ("compute-capability", "86"),
        ("compute-capability", "sm_8"),
        ("gpu", "7900XTX"),
        ("gpu", "2xFOO"),
        ("env-item", "export A=\"x y\""),
        ("env-item", "export A='x'"),
        ("env-item", "export A=1 B=2"),
        ("env-item", "export A=$HOME/x"),
        ("env-item", "export A=~/x"),
        ("env-item", "A = \"x y\""),
        ("env-item", "A = 1 B=2"),
        ("env-item", "A: \"x\""),
        ("env-item", "localhost:8080"),
        ("env-item", "HOST:8080"),
        ("env-item", "A:"),
        ("env-item", "A-B=1"),
        ("port-mapping", "80 80"),
        ("port-mapping", "8080/tcp"),
        ("probe-url", "localhost/health"),
        ("probe-url", "localhost"),
        ("probe-url", "app/health"),
        ("probe-url", "app:80/health"),
        ("probe-url", "10.0.0.1"),
        ("url-path-prefix", "localhost/api/"),
        ("max-duration", "3M"),
        ("cron", "0 0 8 * * 1"),
        ("mount", "a:/b:ro"),
    ];
    for (grammar, text, meant) in same {
        assert_eq!(spelling(grammar, text).as_deref(), Some(meant), "{grammar}: {text}");
    }
    for (grammar, text) in other {
        assert_eq!(spelling(grammar, text), None, "{grammar}: {text}");
    }
    let texts = same.iter().map(|it| it.1).chain(other.iter().map(|it| it.1));
    for (text, release) in texts.flat_map(|text| Release::all().map(move |release| (text, release))) {
        for grammar in all() {
            for problem in grammar.parse(Value::Str(text), release).problems.iter().filter(|it| it.is_same) {
                let Some(meant) = &problem.suggestion else { continue };
                assert_eq!(left_out(grammar.name(), text, meant), None, "{}: {text} → {meant}", grammar.name());
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
