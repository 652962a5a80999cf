//! Ranges of numbers and of sizes: `2`, `2..8`, `16GB..`, `..80GB`.
//!
//! ```ebnf
//! range = bound                        (* exactly *)
//!       | bound , ".."                 (* at least *)
//!       | ".." , bound                 (* at most *)
//!       | bound , ".." , bound ;       (* the first must not exceed the second; spaces anywhere *)
//! bound = integer | memory ;
//! ```
//!
//! Mirrors `Range._parse` and `Range._post_validate` in dstack's `resources.py`, `_validate_replica_range` in
//! `configurations.py` and `FleetNodesSpec` in `fleets.py`. The mapping `{min, max}`, which dstack also accepts, is a
//! type of the catalogue; [`misordered`] and [`replicas_bounds`] check its two fields against each other.

use std::{cmp::Ordering, ops::Range};

use super::{
    memory, plain, python,
    squeezed::{Squeezed, joins_words},
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// A range in a field of dstack.
pub struct RangeGrammar {
    meta: Meta,
    kind: Kind,
}

/// What a range counts, which decides its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A memory size.
    Memory,
    /// A disk size: at least 50 GB from 0.18.1 to 0.18.8.
    Disk,
    /// A number of things, with their names in singular and plural.
    Count(&'static str, &'static str),
    /// Replicas of a service: the upper bound is required, and bounds must not be negative.
    Replicas,
    /// Instances of a fleet: since 0.19.27, `..` means at least 0, and bounds must not be negative.
    Nodes,
}

/// A bound of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// An integer.
    Integer(i128),
    /// Gigabytes.
    Size(f64),
}

/// A range as read.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The lower bound and its place.
    pub min: Option<(Range<usize>, Bound)>,
    /// The upper bound and its place.
    pub max: Option<(Range<usize>, Bound)>,
    /// What is wrong.
    pub problem: Option<Problem>,
}

const DISKS_OF_50: std::ops::Range<Release> = Release::new(0, 18, 1)..Release::new(0, 18, 9);
/// Since this release, `replicas: ..4` means `0..4`.
const REPLICAS_FROM_0: Release = Release::new(0, 19, 25);
/// Since this release, a fleet's `nodes` is a `FleetNodesSpec`, before that a `Range[int]`.
const NODES_SPEC: Release = Release::new(0, 19, 27);

impl RangeGrammar {
    /// `memory`, `gpu.memory`, `gpu.total_memory`
    pub const MEMORY: RangeGrammar = RangeGrammar {
        meta: Meta {
            name: "memory-range",
            title: "a size or a range of sizes",
            docs: "An exact size or a range: `16GB..` is at least 16 GB, `..64GB` at most 64 GB, `16GB..64GB` from 16 to 64 GB. \
                   Units are `MB`, `GB` and `TB`; without a unit, gigabytes.\n\n\
                   Prefer `16GB..` over `16GB`, which means exactly 16 GB.",
        },
        kind: Kind::Memory,
    };
    /// `disk`, `disk.size`
    pub const DISK: RangeGrammar = RangeGrammar {
        meta: Meta {
            name: "disk",
            docs: "An exact disk size or a range: `100GB..` is at least 100 GB. Units are `MB`, `GB` and `TB`; without a unit, \
                   gigabytes.\n\n\
                   Prefer `200GB..` over `200GB`, which means exactly 200 GB.",
            ..RangeGrammar::MEMORY.meta
        },
        kind: Kind::Disk,
    };
    /// `cpu.count`
    pub const INT: RangeGrammar = RangeGrammar {
        meta: Meta {
            name: "int-range",
            title: "a number or a range",
            docs: "An exact number or a range: `2..` is at least 2, `..8` at most 8, `2..8` from 2 to 8.\n\n\
                   Prefer `4..` over `4`, which means exactly 4.",
        },
        kind: Kind::Count("", ""),
    };
    /// `gpu.count`
    pub const COUNT: RangeGrammar =
        RangeGrammar { meta: Meta { name: "count-range", ..RangeGrammar::INT.meta }, kind: Kind::Count("GPU", "GPUs") };
    /// `replicas`, `groups[].replicas`
    pub const REPLICAS: RangeGrammar = RangeGrammar {
        meta: Meta {
            name: "replicas-range",
            docs: "The number of replicas: an integer, or a range such as `1..4` for autoscaling. The upper bound is \
                   required; `0..4` lets the service scale down to zero.",
            ..RangeGrammar::INT.meta
        },
        kind: Kind::Replicas,
    };
    /// `nodes` of a fleet
    pub const NODES: RangeGrammar = RangeGrammar {
        meta: Meta {
            name: "nodes-range",
            docs: "The number of instances: an integer or a range. `2` keeps two instances, `0..` provisions on demand, \
                   `0..4` on demand up to four.",
            ..RangeGrammar::INT.meta
        },
        kind: Kind::Nodes,
    };
}

impl Grammar for RangeGrammar {
    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        read_value(value, self.kind, release).parsed(|read| self.kind.parts(read))
    }

    fn expected(&self, text: &str, at: usize, release: Release) -> Vec<Expected> {
        expected(text, at, self.kind, release)
    }
}

impl Read {
    /// The parts, or the problem if there is one.
    pub(super) fn parsed(self, parts: impl FnOnce(&Read) -> Vec<Part>) -> Parsed {
        match self.problem {
            None => Parsed { parts: parts(&self), problems: Vec::new() },
            Some(problem) => Parsed::wrong(problem),
        }
    }
}

impl Kind {
    fn is_size(self) -> bool {
        matches!(self, Kind::Memory | Kind::Disk)
    }

    /// `3 replicas`, `16 GB`.
    pub(super) fn phrase(self, bound: Bound) -> String {
        match bound {
            Bound::Size(size) => memory::in_words(size),
            Bound::Integer(1) if !self.many().is_empty() => format!("1 {}", self.one()),
            Bound::Integer(count) => format!("{count} {}", self.many()).trim_end().to_string(),
        }
    }

    fn one(self) -> &'static str {
        match self {
            Kind::Count(one, _) => one,
            Kind::Replicas => "replica",
            Kind::Nodes => "instance",
            Kind::Memory | Kind::Disk => "",
        }
    }

    fn many(self) -> &'static str {
        match self {
            Kind::Count(_, many) => many,
            Kind::Replicas => "replicas",
            Kind::Nodes => "instances",
            Kind::Memory | Kind::Disk => "",
        }
    }

    /// The parts of the range with their meaning.
    pub(super) fn parts(self, read: &Read) -> Vec<Part> {
        match (&read.min, &read.max) {
            (Some((range, min)), Some((other, max))) if range == other || min == max => {
                let range = range.start..other.end;
                vec![Part::new(range, Role::Exactly, format!("exactly {}", self.phrase(*max)))]
            }
            (None, None) => vec![Part::new(0..0, Role::Range, format!("at least 0 {}", self.many()))],
            (min, max) => {
                let min = min.as_ref().map(|(range, it)| {
                    Part::new(range.clone(), Role::Minimum, format!("at least {}", self.phrase(*it)))
                });
                let max = max.as_ref().map(|(range, it)| {
                    Part::new(range.clone(), Role::Maximum, format!("at most {}", self.phrase(*it)))
                });
                min.into_iter().chain(max).collect()
            }
        }
    }

    /// An example of a bound.
    fn example(self) -> &'static str {
        if self.is_size() { "16GB" } else { "2" }
    }

    /// A bound as dstack reads it.
    fn bound(self, text: &str, release: Release) -> Option<Bound> {
        if self.is_size() {
            memory::gigabytes(text).map(Bound::Size)
        } else {
            python::int_field(text, release).map(Bound::Integer)
        }
    }

    /// What is wrong with bounds that are valid by themselves.
    fn limits(self, read: &Read, release: Release) -> Option<Problem> {
        let min = read.min.as_ref();
        let max = read.max.as_ref();
        let place = |it: Option<&(Range<usize>, Bound)>| it.map_or(0..0, |(range, _)| range.clone());
        if min.is_none() && max.is_none() {
            return (self != Kind::Nodes || release < NODES_SPEC).then(|| {
                let example = self.example();
                Problem::whole(format!("missing bound; write `{example}..` for at least {example}"))
            });
        }
        let negative = |it: Option<&(Range<usize>, Bound)>| matches!(it, Some((_, Bound::Integer(..0))));
        match self {
            Kind::Replicas if max.is_none() => {
                Some(Problem::whole("missing upper bound; add the maximum number of replicas after `..`"))
            }
            Kind::Replicas if min.is_none() && release < REPLICAS_FROM_0 => {
                let message = format!(
                    "omitting the lower bound requires dstack {REPLICAS_FROM_0} or later; write `0` before `..`"
                );
                let meant = match max {
                    Some((_, Bound::Integer(max @ 0..))) => Some(format!("0..{max}")),
                    _ => None,
                };
                Some(Problem::whole(message).respell(meant))
            }
            // `..-1` passes because an omitted bound is only set to 0 after the order was checked.
            Kind::Replicas if negative(min) => {
                Some(Problem::at(place(min), "the number of replicas is negative; expected at least 0"))
            }
            Kind::Nodes if release >= NODES_SPEC && (negative(min) || (min.is_none() && negative(max))) => {
                Some(Problem::at(place(min.or(max)), "the number of instances is negative; expected at least 0"))
            }
            Kind::Disk if DISKS_OF_50.contains(&release) => {
                let small =
                    [min, max].into_iter().flatten().find(|it| matches!(it.1, Bound::Size(size) if size < 50.0));
                small.map(|(range, _)| {
                    Problem::at(range.clone(), "the disk is too small for this release; expected at least `50GB`")
                })
            }
            _ => None,
        }
    }
}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Bound) -> Option<Ordering> {
        match (self, other) {
            (Bound::Integer(one), Bound::Integer(two)) => one.partial_cmp(two),
            (Bound::Size(one), Bound::Size(two)) => one.partial_cmp(two),
            _ => None,
        }
    }
}

/// Reads a value as dstack does.
pub(super) fn read_value(value: Value<'_>, kind: Kind, release: Release) -> Read {
    let bound = match value {
        Value::Str(text) => return read(text, kind, release),
        _ if kind.is_size() => memory::number(value).map(Bound::Size),
        Value::Float(_) if kind == Kind::Nodes && release >= NODES_SPEC => None,
        _ => plain::as_integer(value, release).map(Bound::Integer),
    };
    let Some(bound) = bound else {
        let (what, example) = if kind.is_size() { ("a size", "16GB..") } else { ("an integer", "2..") };
        let problem = Problem::whole(format!("expected {what} or a range, such as `{example}`"));
        return Read { problem: Some(problem), ..Read::default() };
    };
    let read = Read { min: Some((0..0, bound)), max: Some((0..0, bound)), problem: None };
    let problem = kind.limits(&read, release);
    Read { problem, ..read }
}

/// Reads a text as dstack does. Ranges are bytes of `text`.
pub(super) fn read(text: &str, kind: Kind, release: Release) -> Read {
    if !text.contains("..") {
        let range = 0..text.len();
        let bound = kind.bound(text, release).map(|it| (range.clone(), it));
        if bound.is_none() {
            let problem = offered(misspelled(text, range, kind, release), text, kind, release);
            return Read { problem: Some(problem), ..Read::default() };
        }
        let read = Read { min: bound.clone(), max: bound, problem: None };
        let problem = kind.limits(&read, release);
        return Read { problem, ..read };
    }
    let squeezed = Squeezed::new(text);
    let Some(dots) = squeezed.text.find("..") else {
        // The dots are separated, as in `2. .4`: the text is one invalid bound.
        let problem = offered(misspelled(text, 0..text.len(), kind, release), text, kind, release);
        return Read { problem: Some(problem), ..Read::default() };
    };
    if let Some(second) = squeezed.text[dots + 2..].find("..") {
        let range = squeezed.original(dots + 2 + second..dots + 4 + second);
        let problem = Problem::at(range, "unexpected second `..`");
        let problem = offered(problem, text, kind, release);
        return Read { problem: Some(problem), ..Read::default() };
    }
    let mut problem = None;
    let mut bound = |range: Range<usize>| {
        if range.is_empty() {
            return None;
        }
        let place = squeezed.original(range.clone());
        let Some(bound) = kind.bound(&squeezed.text[range.clone()], release) else {
            problem.get_or_insert_with(|| {
                let wrong = misspelled(&squeezed.text[range.clone()], range, kind, release);
                let guilty = squeezed.original(wrong.range.clone());
                offered(Problem { range: guilty, ..wrong }, text, kind, release)
            });
            return None;
        };
        Some((place, bound))
    };
    let min = bound(0..dots);
    let max = bound(dots + 2..squeezed.text.len());
    let mut read = Read { min, max, problem };
    if read.problem.is_none() {
        read.problem = reversed(&read, text, kind, release).or_else(|| kind.limits(&read, release));
    }
    read
}

/// The problem of a lower bound above the upper bound.
fn reversed(read: &Read, text: &str, kind: Kind, release: Release) -> Option<Problem> {
    let (Some((min_place, min)), Some((max_place, max))) = (&read.min, &read.max) else { return None };
    if min.partial_cmp(max) != Some(Ordering::Greater) {
        return None;
    }
    let (low, high) = (text[max_place.clone()].trim(), text[min_place.clone()].trim());
    if let Some(meant) = text.contains("...").then(|| meant(text, kind, release)).flatten() {
        let dots = text.find("...").unwrap_or_default();
        let message = "a range has two dots, found three";
        return Some(Problem::at(dots..dots + 3, message).offer(meant.0, meant.1));
    }
    let message = format!("range `{high}..{low}` is reversed; write `{low}..{high}`");
    Some(
        Problem::at(min_place.start..max_place.end, message)
            .suggest(Some(format!("{low}..{high}")).filter(|it| is_sound(it, kind, release))),
    )
}

/// What is wrong with `text`, at `range`, which is not a valid bound.
fn misspelled(text: &str, range: Range<usize>, kind: Kind, release: Release) -> Problem {
    let meant = meant(text, kind, release).map(|it| it.0);
    if kind.is_size() && meant.as_ref().is_none_or(|it| !it.contains("..")) {
        return memory::misspelled(text, range);
    }
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Problem::whole("the number is empty; expected an integer or a range such as `2..8`");
    }
    if kind.is_size() {
        return Problem::at(range, format!("invalid range `{trimmed}`; expected two dots, as in `16GB..32GB`"));
    }
    match meant {
        Some(it) if it.contains("..") => Problem::at(range, format!("invalid range `{trimmed}`; write `{it}`")),
        _ => Problem::at(range, format!("expected an integer or a range such as `2..8`, found `{trimmed}`")),
    }
}

/// The problem, with what was meant as its suggestion.
fn offered(problem: Problem, text: &str, kind: Kind, release: Release) -> Problem {
    match meant(text, kind, release) {
        Some((meant, is_same)) => problem.offer(meant, is_same),
        None => problem,
    }
}

/// The range that was meant (`2..4` for `2-4`, `16GB..` for `16GB+` or `>=16GB`), and whether it surely means the same.
pub(super) fn meant(text: &str, kind: Kind, release: Release) -> Option<(String, bool)> {
    let (meant, is_same) = guess(text, kind, release).filter(|it| is_sound(&it.0, kind, release))?;
    // `8 cores` would lose a word, and `>8` is not `8..`.
    let is_strict = text.trim().starts_with('>') && !text.trim().starts_with(">=");
    let loses_word = !kind.is_size() && text.replace(" to ", "").contains(char::is_alphabetic);
    let is_torn = joins_words(&text.replace(" to ", ".."));
    Some((meant, is_same && !is_strict && !loses_word && !is_torn))
}

fn guess(text: &str, kind: Kind, release: Release) -> Option<(String, bool)> {
    let text = text.trim();
    let bound = |text: &str| -> Option<String> {
        let text = text.trim();
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        if kind.bound(text, release).is_some() {
            return Some(text.replace(' ', ""));
        }
        if kind.is_size() { memory::meant(text).map(|it| it.replace(' ', "")) } else { whole(text) }
    };
    if let Some(rest) = text.strip_suffix('+') {
        return bound(rest).map(|it| (format!("{it}.."), true));
    }
    for (prefix, before, after) in
        [(">=", "", ".."), ("≥", "", ".."), (">", "", ".."), ("<=", "..", ""), ("≤", "..", "")]
    {
        if let Some(rest) = text.strip_prefix(prefix) {
            return bound(rest).map(|it| (format!("{before}{it}{after}"), true));
        }
    }
    for separator in ["....", "...", "…", "..", "–", "—", " to ", "-", "~"] {
        let Some((min, max)) = text.split_once(separator) else { continue };
        if min.trim().is_empty() || max.trim().is_empty() {
            // Only ranges that are open on one side: `16GiB..`.
            let open = |it: &str| if it.trim().is_empty() { Some(String::new()) } else { bound(it) };
            return if separator == ".." { Some((format!("{}..{}", open(min)?, open(max)?), true)) } else { None };
        }
        let (min, max) = (bound(min)?, bound(max)?);
        if !kind.is_size() {
            return Some((format!("{min}..{max}"), true));
        }
        // In `0.5-1TB` the unit applies to both bounds. In `512MB-2` it may apply to one only, and in `1..2TiB`, which has
        // dstack's own dots, a bound without a unit is in GB.
        let is_gb = |unit: &str| unit.is_empty() || unit.eq_ignore_ascii_case("GB");
        return Some(match (memory::unit(&min), memory::unit(&max)) {
            ("", unit) => (format!("{min}{unit}..{max}"), separator != ".." || is_gb(unit)),
            (unit, "") => (format!("{min}..{max}{unit}"), is_gb(unit)),
            _ => (format!("{min}..{max}"), true),
        });
    }
    bound(text).map(|it| (it, true))
}

/// Whether dstack accepts `text`, a suggested range.
fn is_sound(text: &str, kind: Kind, release: Release) -> bool {
    let (min, max) = text.split_once("..").unwrap_or((text, text));
    let bound = |text: &str| if text.is_empty() { Some(None) } else { kind.bound(text, release).map(Some) };
    let (Some(min), Some(max)) = (bound(min), bound(max)) else { return false };
    let place = |it: Option<Bound>| it.map(|it| (0..0, it));
    let read = Read { min: place(min), max: place(max), problem: None };
    let ordered = min.zip(max).is_none_or(|(min, max)| min <= max);
    ordered && kind.limits(&read, release).is_none()
}

/// `8` for `8 cores`, `2` for `2.0`.
fn whole(text: &str) -> Option<String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = text[digits..].trim();
    let unit = rest.bytes().all(|it| it.is_ascii_alphabetic());
    let zeros = rest.strip_prefix('.').is_some_and(|it| it.bytes().all(|it| it == b'0'));
    (digits > 0 && (unit || zeros)).then(|| text[..digits].to_string())
}

/// Whether the fields of `{min, max}` are in the wrong order; values that are no bounds are reported by their own types.
pub fn misordered(min: Value<'_>, max: Value<'_>, kind: Kind, release: Release) -> bool {
    let bound = |value: Value<'_>| match value {
        Value::Str(text) => kind.bound(text, release),
        _ if kind.is_size() => memory::number(value).map(Bound::Size),
        _ => plain::as_integer(value, release).map(Bound::Integer),
    };
    match (bound(min), bound(max)) {
        (Some(min), Some(max)) => min > max,
        _ => false,
    }
}

/// What is wrong with `replicas: {min, max}`, apart from the order and the types of its fields.
pub fn replicas_bounds(min: Option<Value<'_>>, max: Option<Value<'_>>, release: Release) -> Option<Problem> {
    let bound = |value: Value<'_>| match value {
        Value::Str(text) => python::int_field(text, release),
        _ => plain::as_integer(value, release),
    };
    let place = |value: Option<Value<'_>>| value.and_then(bound).map(|it| (0..0, Bound::Integer(it)));
    Kind::Replicas.limits(&Read { min: place(min), max: place(max), problem: None }, release)
}

/// What can be typed in a range.
pub(super) fn expected(text: &str, at: usize, kind: Kind, release: Release) -> Vec<Expected> {
    let phrase = |text: &str| kind.bound(text, release).map(|it| kind.phrase(it)).unwrap_or_default();
    if let Some((min, max)) = text.split_once("..").filter(|(min, _)| at >= min.len() + 2) {
        let replace = text.len() - max.len()..text.len();
        let low = kind.bound(min, release);
        let above = |it: &Expected| match (low, kind.bound(&it.text, release)) {
            (Some(low), Some(high)) => low <= high,
            _ => true,
        };
        let bounds = if kind.is_size() {
            memory::sizes(max, replace)
        } else {
            let offer = |it: &&str| Expected::new(replace.clone(), *it, format!("at most {}", phrase(it)));
            ["1", "2", "4", "8", "16"].iter().map(offer).collect()
        };
        return bounds.into_iter().filter(above).collect();
    }
    let bound = text.split_once("..").map_or(text, |(min, _)| min);
    let replace = 0..text.len();
    let at_least = |it: &str| Expected::new(replace.clone(), format!("{it}.."), format!("at least {}", phrase(it)));
    let exactly = |it: &str| Expected::new(replace.clone(), it, format!("exactly {}", phrase(it)));
    if kind == Kind::Replicas {
        let up_to = |max: &str| Expected::new(replace.clone(), format!("0..{max}"), format!("up to {}", phrase(max)));
        return vec![exactly("1"), exactly("2"), up_to("1"), up_to("4")];
    }
    let bounds: Vec<String> = match (kind.is_size(), bound.trim()) {
        (true, bound) => memory::sizes(bound, 0..0).into_iter().map(|it| it.text).collect(),
        (false, "") => ["1", "2", "4", "8", "16"].map(str::to_string).to_vec(),
        (false, bound) => vec![bound.to_string()],
    };
    let sound = |it: &&String| kind.bound(it, release).is_some();
    bounds.iter().filter(sound).flat_map(|it| [at_least(it), exactly(it)]).collect()
}
