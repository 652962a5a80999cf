//! CPUs: `4`, `4..8`, `arm:8..`.
//!
//! ```ebnf
//! cpu   = int-range                          (* before 0.19.8 *)
//!       | part , [ ":" , part ] ;            (* each kind at most once, in any order; spaces anywhere *)
//! part  = arch | count ;
//! arch  = "x86" | "arm" ;                    (* any case *)
//! count = digits | range with ".." ;
//! ```
//!
//! Mirrors `CPUSpec.parse` in dstack's `resources.py`. From 0.19.8 to 0.20.29 the field accepts a `CPUSpec` or a
//! `Range[int]`, so `-1` and `1.5` pass; since 0.21.0 only a `CPUSpec`.

use std::ops::Range;

use super::{
    range,
    range::Kind,
    squeezed::{Squeezed, joins_words},
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// `cpu: arm:8..`
pub struct Cpu;

const DOCS: &str = "The number of CPU cores: `4` is exactly 4, `4..` at least 4, `2..8` between 2 and 8. Since 0.19.8 with an \
    optional architecture: `arm:8..`, `x86`.";

const CORES: Kind = Kind::Count("core", "cores");
const SPEC: Release = Release::new(0, 19, 8);

impl Grammar for Cpu {
    fn meta(&self) -> &Meta {
        &Meta { name: "cpu", title: "a CPU spec", docs: DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let range = || range::read_value(value, CORES, release).parsed(|read| CORES.parts(read));
        if release < SPEC {
            return range();
        }
        let spec = match value {
            Value::Str(text) => parse(text, release, true),
            Value::Int(0..) => return range(),
            Value::Int(count) => Parsed::wrong(Problem::whole(format!(
                "`{count}` is negative; expected a number of cores such as `4..`"
            ))),
            _ => Parsed::wrong(Problem::whole("expected a CPU spec such as `4..` or `arm:8`")),
        };
        if spec.is_ok() || release.is_pydantic_2() {
            return spec;
        }
        let range = range();
        if range.is_ok() { range } else { spec }
    }

    fn expected(&self, text: &str, at: usize, release: Release) -> Vec<Expected> {
        let start = text[..at].rfind(':').map_or(0, |colon| colon + 1);
        let end = text[at..].find(':').map_or(text.len(), |colon| at + colon);
        let alone = start == 0 && end == text.len();
        let token = &text[start..end];
        let mut all = Vec::new();
        let digits = token.contains(|c: char| c.is_ascii_digit() || c == '.');
        let counted = !alone && text.contains(|c: char| c.is_ascii_digit()) && !digits;
        if (digits || token.trim().is_empty()) && !counted {
            let shift = |it: Expected| Expected { replace: start + it.replace.start..start + it.replace.end, ..it };
            all.extend(range::expected(token, at - start, CORES, release).into_iter().map(shift));
        }
        if release >= SPEC && !digits && (alone || counted) {
            let names = [("x86", "64-bit x86 (Intel, AMD)"), ("arm", "64-bit ARM")];
            all.extend(names.map(|(word, detail)| Expected::new(start..end, word, detail)));
        }
        all
    }
}

/// With `suggest`, problems suggest what was probably meant.
fn parse(text: &str, release: Release, suggest: bool) -> Parsed {
    let sound = |it: &String| suggest && !it.is_empty() && parse(it, release, false).is_ok();
    let squeezed = Squeezed::new(text);
    let mut parts: Vec<Part> = Vec::new();
    let mut count_seen = false;
    let mut arch_seen = false;
    let mut start = 0;
    if squeezed.text.is_empty() {
        return Parsed::wrong(Problem::whole("the CPU spec is empty; expected a spec such as `4..` or `arm:8`"));
    }
    for token in squeezed.text.split(':') {
        let place = start..start + token.len();
        start = place.end + 1;
        let range = squeezed.original(place.clone());
        let wrong = |range: Range<usize>, message: String, fixed: Option<String>, is_same: bool| {
            Parsed::wrong(Problem::at(range, message).offer(fixed, is_same && !joins_words(text)))
        };
        if token.is_empty() {
            let rest: Vec<&str> = squeezed.text.split(':').filter(|it| !it.is_empty()).collect();
            let meant = Some(rest.join(":")).filter(sound);
            let colon = text[..range.start].rfind(':').or(text.find(':')).unwrap_or_default();
            let message = "empty part beside `:`; remove the colon or add an architecture or a count";
            return wrong(colon..colon + 1, message.into(), meant, true);
        }
        // `str.isdigit()` is also true for `²`, which `int()` then refuses.
        if token.contains("..") || token.bytes().all(|it| it.is_ascii_digit()) || is_digits(token) {
            if std::mem::replace(&mut count_seen, true) {
                return wrong(range, format!("second count `{token}`; expected one, as in `arm:8`"), None, false);
            }
            let read = range::read(token, CORES, release).parsed(|read| CORES.parts(read));
            if let Some(problem) = read.problems.into_iter().next() {
                let guilty = if problem.range.is_empty() { 0..token.len() } else { problem.range };
                let guilty = squeezed.original(place.start + guilty.start..place.start + guilty.end);
                let meant = problem.suggestion.map(|it| squeezed.text.replacen(token, &it, 1));
                let meant = meant.filter(sound);
                return wrong(guilty, problem.message, meant, problem.is_same);
            }
            let shift = |it: Part| {
                let range = squeezed.original(place.start + it.range.start..place.start + it.range.end);
                Part { range, ..it }
            };
            parts.extend(read.parts.into_iter().map(shift));
            continue;
        }
        let name = if token.eq_ignore_ascii_case("x86") {
            "64-bit x86"
        } else if token.eq_ignore_ascii_case("arm") {
            "64-bit ARM"
        } else {
            let fixed = meant(token, release).map(|it| (squeezed.text.replacen(token, &it.0, 1), it.1));
            let (fixed, is_same) = fixed.filter(|it| sound(&it.0)).unzip();
            return wrong(range, misspelled(token, fixed.as_deref()), fixed, is_same == Some(true));
        };
        if std::mem::replace(&mut arch_seen, true) {
            return wrong(range, format!("second architecture `{token}`; expected one"), None, false);
        }
        parts.push(Part::new(range, Role::Architecture, name));
    }
    Parsed { parts, problems: Vec::new() }
}

/// `str.isdigit()`: decimal digits of any script, and superscripts and the like.
fn is_digits(token: &str) -> bool {
    token
        .chars()
        .all(|c| super::python::digit(c).is_some() || matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '₀'..='₉'))
}

fn misspelled(token: &str, fixed: Option<&str>) -> String {
    match fixed {
        Some(fixed) if fixed.contains("..") => format!("`{token}` is not a range; write two dots: `{fixed}`"),
        Some(fixed) => format!("`{token}` is not known here; write `{fixed}`"),
        None => format!("`{token}` is neither a count nor an architecture; write a number, a range, `x86` or `arm`"),
    }
}

/// `arm` for `arm64`, `2..4` for `2-4`. With it, whether that says the same: `intel` says more than `x86`.
fn meant(token: &str, release: Release) -> Option<(String, bool)> {
    match token.to_ascii_lowercase().as_str() {
        "arm64" | "aarch64" | "arm64v8" => Some(("arm".into(), true)),
        "amd64" | "x86_64" | "x86-64" | "x64" => Some(("x86".into(), true)),
        "graviton" => Some(("arm".into(), false)),
        "intel" | "amd" => Some(("x86".into(), false)),
        _ => range::meant(token, CORES, release),
    }
}
