//! GPUs: `A100`, `A100:80GB:2`, `nvidia:24GB..:1..4`, `2`.
//!
//! ```ebnf
//! gpu    = part , { ":" , part } ;              (* each kind at most once, in any order; spaces anywhere *)
//! part   = vendor | names | memory | count ;
//! vendor = "nvidia" | "amd" | "google" | "tpu" | "intel" | "tenstorrent" | "tt" ;      (* any case *)
//! names  = name , { "," , name } ;              (* the first begins with a letter *)
//! memory = memory-range ;                       (* has a letter: a unit is needed *)
//! count  = int-range ;                          (* has no letter *)
//! ```
//!
//! Mirrors `GPUSpec.parse` in dstack's `resources.py`. Vendors are recognized since 0.18.11, `tt` since 0.19.6; before
//! that, they are names.

use std::{borrow::Cow, ops::Range};

use super::{
    memory, plain, python, range,
    range::Kind,
    squeezed::{Squeezed, joins_words},
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
    vocabulary::{self, VENDORS},
};
use crate::{release::Release, value::Value};

/// `gpu: A100:80GB:2`
pub struct Gpu;

/// A GPU name, an item of `gpu.name`.
pub struct GpuName;

const DOCS: &str = "Name, memory, count and vendor of the GPUs, separated by `:`, in any order.\n\n\
    * `A100`: the name; `A100,H100`: any of these\n\
    * `80GB`: the memory of each GPU; the unit is required (`80` alone means 80 GPUs)\n\
    * `2`: the count; `2..` for at least 2, `1..4` for 1 to 4\n\
    * `nvidia`, `amd`, `google` (or `tpu`), `intel`, `tenstorrent` (or `tt`): the vendor\n\n\
    Combined: `A100:80GB:2`, `nvidia:24GB..80GB:1..4`, `v5litepod-8`. Memory and count are exact unless written as a \
    range.";

const NAME_DOCS: &str = "A GPU name, such as `A100`, `H100`, `MI300X` or `v5litepod-8`. Case-insensitive.";

const COUNT: Kind = Kind::Count("GPU", "GPUs");
const VENDORS_KNOWN: Release = Release::new(0, 18, 11);
const TT_KNOWN: Release = Release::new(0, 19, 6);
/// Sizes that are offered if the name does not imply any.
const SIZES: [&str; 7] = ["16GB", "24GB", "40GB", "48GB", "80GB", "141GB", "192GB"];

/// The kind of a part of the value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Segment {
    Vendor,
    Name,
    Memory,
    Count,
}

impl Grammar for Gpu {
    fn meta(&self) -> &Meta {
        &Meta { name: "gpu", title: "a GPU spec", docs: DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        match value {
            Value::Str(text) => parse(text, release),
            Value::Int(_) => range::read_value(value, COUNT, release).parsed(|read| counted(COUNT.parts(read))),
            // `str(True)` begins with a letter, so it is a name.
            Value::Bool(value) => {
                let name = if value { "True" } else { "False" };
                Parsed::right(0..0, Role::Name, format!("a GPU named `{name}`, because YAML reads this as `{value}`"))
            }
            Value::Float(number) => Parsed::wrong(Problem::whole(format!(
                "expected a GPU spec such as `A100:80GB:2` or an integer, found `{}`",
                python::float_repr(number)
            ))),
            Value::Null | Value::Bytes | Value::Other => {
                Parsed::wrong(Problem::whole("expected a GPU spec such as `A100`, `24GB..` or `2`"))
            }
        }
    }

    fn of_items(&self, items: &[&str]) -> Option<(String, bool)> {
        // `80GB` in a list of names would become a name, too.
        if items.is_empty() || !items.iter().all(|it| it.starts_with(|c: char| c.is_ascii_alphabetic())) {
            return None;
        }
        // A vendor goes before a colon, and not among the names.
        let (vendors, names): (Vec<&str>, Vec<&str>) = items.iter().partition(|it| vocabulary::vendor(it).is_some());
        let is_known = names.iter().all(|it| vocabulary::gpu(it).is_some());
        let names = names.join(",");
        let spec = vendors.iter().copied().chain([names.as_str()]).collect::<Vec<_>>().join(":");
        Some((spec, is_known && vendors.is_empty()))
    }

    fn is_whole(&self, text: &str) -> bool {
        text.split([':', ',']).all(|it| is_whole_name(it.trim()))
    }

    fn expected(&self, text: &str, at: usize, release: Release) -> Vec<Expected> {
        expected(text, at, release)
    }
}

impl Grammar for GpuName {
    fn meta(&self) -> &Meta {
        &Meta { name: "gpu-name", title: "a GPU name", docs: NAME_DOCS }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let Some(text) = python::text(value, release) else { return Parsed::wrong(plain::not_a_text(value)) };
        let range = if let Value::Str(text) = value { 0..text.len() } else { 0..0 };
        Parsed::right(range, Role::Name, name_meaning(&text))
    }

    fn is_whole(&self, text: &str) -> bool {
        is_whole_name(text.trim())
    }

    fn expected(&self, text: &str, _: usize, _: Release) -> Vec<Expected> {
        names(0..text.len(), None)
    }
}

fn parse(text: &str, release: Release) -> Parsed {
    let mut parsed = parse_squeezed(text, release);
    if !parsed.is_ok() && joins_words(text) {
        parsed.problems.iter_mut().for_each(|it| it.is_same = false);
    }
    parsed
}

fn parse_squeezed(text: &str, release: Release) -> Parsed {
    let squeezed = Squeezed::new(text);
    let tokens = tokens(&squeezed.text);
    let mut parsed = Parsed::default();
    let mut seen: Vec<(Segment, Range<usize>)> = Vec::with_capacity(4);
    for (place, token) in &tokens {
        let original = squeezed.original(place.clone());
        if token.is_empty() {
            let meant = joined(tokens.iter().map(|(_, token)| Cow::Borrowed(*token)), release);
            let (range, message) = empty_part(original, text);
            return Parsed::wrong(Problem::at(range, message).respell(meant));
        }
        let segment = segment(token, release);
        if seen.iter().any(|(it, _)| *it == segment) {
            return Parsed::wrong(twice(segment, token, original, &tokens, release, &squeezed));
        }
        seen.push((segment, place.clone()));
        let (parts, problem) = part(segment, token, release);
        if let Some(problem) = problem {
            // dstack checks names first, sizes and counts after splitting; the first problem of either kind is reported.
            let range = squeezed.original(place.start + problem.range.start..place.start + problem.range.end);
            let range = if problem.range.is_empty() { original.clone() } else { range };
            let replaced = |fixed: &str| {
                let fixed = fixed.to_string();
                let all = tokens.iter().map(|(it, token)| match it == place {
                    true => Cow::Owned(fixed.clone()),
                    false => Cow::Borrowed(*token),
                });
                joined(all, release)
            };
            if let Some((fixed, is_same)) = times(token, &tokens, release) {
                let message = format!("invalid GPU spec `{token}`; write `{fixed}`");
                parsed.problems.push(Problem::at(original, message).offer(fixed, is_same));
                continue;
            }
            let suggestion = problem.suggestion.as_deref().and_then(replaced);
            parsed.problems.push(Problem::at(range, problem.message).offer(suggestion, problem.is_same));
            continue;
        }
        let shifted = parts.into_iter().map(|it| {
            let range = squeezed.original(place.start + it.range.start..place.start + it.range.end);
            Part { range, ..it }
        });
        parsed.parts.extend(shifted);
    }
    parsed
}

/// The parts between colons, with their ranges.
fn tokens(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut start = 0;
    let place = |token| {
        let range: Range<usize> = start..start + str::len(token);
        start = range.end + 1;
        (range, token)
    };
    text.split(':').map(place).collect()
}

fn segment(token: &str, release: Release) -> Segment {
    let is_vendor = release >= VENDORS_KNOWN
        && vocabulary::vendor(token).is_some()
        && (release >= TT_KNOWN || !token.eq_ignore_ascii_case("tt"));
    if is_vendor {
        Segment::Vendor
    } else if token.starts_with(is_letter) {
        Segment::Name
    } else if token.contains(is_letter) {
        Segment::Memory
    } else {
        Segment::Count
    }
}

/// `str.isalpha()`: letters, but not the numbers that Rust counts as alphabetic (`Ⅷ`).
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !c.is_numeric()
}

/// The meaning of one part, with ranges within the part.
fn part(segment: Segment, token: &str, release: Release) -> (Vec<Part>, Option<Problem>) {
    match segment {
        Segment::Vendor => {
            let meaning = vocabulary::vendor(token).unwrap_or_default();
            (vec![Part::new(0..token.len(), Role::Vendor, meaning)], None)
        }
        Segment::Name => {
            let mut start = 0;
            let mut parts = Vec::new();
            for name in token.split(',') {
                let range = start..start + name.len();
                if name.is_empty() {
                    let comma = start.min(token.len() - 1);
                    let comma = if token.as_bytes()[comma] == b',' { comma } else { comma - 1 };
                    let fixed: Vec<&str> = token.split(',').filter(|it| !it.is_empty()).collect();
                    let message = "missing name beside `,`; remove the comma or add a name";
                    let problem = Problem::at(comma..comma + 1, message).respell(fixed.join(","));
                    return (Vec::new(), Some(problem));
                }
                start = range.end + 1;
                parts.push(Part::new(range, Role::Name, name_meaning(name)));
            }
            (parts, None)
        }
        Segment::Memory => {
            let read = range::read(token, Kind::Memory, release).parsed(|read| Kind::Memory.parts(read));
            let parts = read.parts.into_iter().map(|it| {
                let meaning = format!("{} per GPU", without_exactly(&it.meaning));
                Part { meaning, role: Role::Memory, ..it }
            });
            (parts.collect(), read.problems.into_iter().next())
        }
        Segment::Count => {
            let read = range::read(token, COUNT, release).parsed(|read| COUNT.parts(read));
            let problem = read.problems.into_iter().next();
            (counted(read.parts), problem)
        }
    }
}

fn counted(parts: Vec<Part>) -> Vec<Part> {
    let part = |it: Part| {
        let meaning = without_exactly(&it.meaning).to_string();
        Part { role: Role::Count, meaning, ..it }
    };
    parts.into_iter().map(part).collect()
}

/// `8 GPUs` of `exactly 8 GPUs`.
fn without_exactly(meaning: &str) -> &str {
    meaning.strip_prefix("exactly ").unwrap_or(meaning)
}

fn name_meaning(name: &str) -> String {
    match vocabulary::gpu(name) {
        Some(gpu) => format!("{} ({})", gpu.name, gpu.summary()),
        None => format!("a GPU named `{name}`, unknown to dstack"),
    }
}

fn empty_part(range: Range<usize>, text: &str) -> (Range<usize>, &'static str) {
    if text.trim().is_empty() {
        return (0..0, "the GPU spec is empty; expected a spec such as `A100`, `24GB..` or `2`");
    }
    // Mark a colon beside the gap.
    let before = text[..range.start].rfind(':').map(|it| it..it + 1);
    let after = text[range.start..].find(':').map(|it| range.start + it..range.start + it + 1);
    let colon = before.or(after).unwrap_or(range);
    (colon, "empty part beside `:`; remove the colon or add a GPU name, a size or a count")
}

/// The problem of a second part of the same kind.
fn twice(
    segment: Segment,
    token: &str,
    range: Range<usize>,
    tokens: &[(Range<usize>, &str)],
    release: Release,
    squeezed: &Squeezed<'_>,
) -> Problem {
    let of_segment =
        || tokens.iter().map(|it| it.1).filter(|it| !it.is_empty() && self::segment(it, release) == segment);
    match segment {
        Segment::Vendor => Problem::at(range, format!("second vendor `{token}`; expected one")),
        Segment::Memory => Problem::at(
            range,
            format!("unexpected second memory size `{token}`; expected one size or a range such as `24GB..80GB`"),
        ),
        Segment::Count => {
            Problem::at(range, format!("second count `{token}`; a memory size needs a unit, as in `{token}GB`"))
        }
        Segment::Name => {
            let old_vendor = of_segment().find(|it| vocabulary::vendor(it).is_some());
            if let Some(vendor) = old_vendor {
                let since = if vendor.eq_ignore_ascii_case("tt") { TT_KNOWN } else { VENDORS_KNOWN };
                let rest = tokens.iter().map(|it| Cow::Borrowed(it.1)).filter(|it| it != vendor);
                let message = format!("vendor `{vendor}` requires dstack {since} or later; write the GPU name alone");
                let old = tokens.iter().find(|it| it.1 == vendor).map(|it| it.0.clone());
                return Problem::at(old.map_or(range, |it| squeezed.original(it)), message)
                    .suggest(joined(rest, release));
            }
            // `nvida:H100`
            let unknown = tokens.iter().find(|it| {
                self::segment_of(it.1, release) == Some(segment)
                    && it.1.split(',').all(|it| vocabulary::gpu(it).is_none())
            });
            let meant = unknown.and_then(|(place, word)| Some((place, word, vocabulary::misspelled_vendor(word)?)));
            if let Some((place, word, vendor)) = meant {
                let fixed = tokens.iter().map(|it| Cow::Borrowed(if it.1 == *word { vendor } else { it.1 }));
                let message = format!("unknown vendor `{word}`; did you mean `{vendor}`?");
                return Problem::at(squeezed.original(place.clone()), message).respell(joined(fixed, release));
            }
            let names = of_segment().collect::<Vec<_>>().join(",");
            let mut once = Some(names.clone());
            let all = tokens.iter().filter_map(|it| match self::segment_of(it.1, release) == Some(segment) {
                true => once.take().map(Cow::Owned),
                false => Some(Cow::Borrowed(it.1)),
            });
            let message = format!("second name `{token}`; separate names with commas: `{names}`");
            Problem::at(range, message).suggest(joined(all, release))
        }
    }
}

fn segment_of(token: &str, release: Release) -> Option<Segment> {
    (!token.is_empty()).then(|| segment(token, release))
}

/// `A100:8` for `8xA100`, and whether it surely means the same, because the name is known.
fn times(token: &str, tokens: &[(Range<usize>, &str)], release: Release) -> Option<(String, bool)> {
    let (count, name) = token.split_once(['x', 'X', '*', '×'])?;
    // Four digits begin a name: `7900XTX`.
    let is_count = (1..=3).contains(&count.len()) && count.bytes().all(|it| it.is_ascii_digit());
    if !is_count || !name.starts_with(is_letter) {
        return None;
    }
    let fixed = format!("{name}:{count}");
    let all = tokens.iter().map(|it| match it.1 == token {
        true => Cow::Owned(fixed.clone()),
        false => Cow::Borrowed(it.1),
    });
    Some((joined(all, release)?, name.split(',').all(|it| vocabulary::gpu(it).is_some())))
}

/// The parts joined by colons, if dstack accepts the result.
fn joined<'a>(tokens: impl Iterator<Item = Cow<'a, str>>, release: Release) -> Option<String> {
    let text = tokens.filter(|it| !it.is_empty()).collect::<Vec<_>>().join(":");
    let sound = !text.is_empty() && {
        let tokens = self::tokens(&text);
        let segments: Vec<Option<Segment>> = tokens.iter().map(|it| segment_of(it.1, release)).collect();
        let once = segments.iter().enumerate().all(|(at, it)| it.is_some() && !segments[..at].contains(it));
        once && tokens.iter().all(|it| part(segment(it.1, release), it.1, release).1.is_none())
    };
    sound.then_some(text)
}

fn expected(text: &str, at: usize, release: Release) -> Vec<Expected> {
    let tokens = tokens(text);
    let Some((place, token)) = tokens.iter().find(|(place, _)| at <= place.end) else { return Vec::new() };
    let others = || tokens.iter().filter(|it| it.0 != *place).map(|it| it.1.trim());
    let has = |segment: Segment| others().any(|it| segment_of(it, release) == Some(segment));
    let name = others().find(|it| segment_of(it, release) == Some(Segment::Name));
    let vendor = others().find_map(vocabulary::vendor);
    // The name at the cursor in a list of names.
    let start = text[place.start..at].rfind(',').map_or(place.start, |comma| place.start + comma + 1);
    let end = text[at..place.end].find(',').map_or(place.end, |comma| at + comma);
    let start = start + (text[start..at].len() - text[start..at].trim_start().len());
    let typed = text[start..at].trim();
    let listed = token.contains(',');
    let mut all = Vec::new();
    if typed.starts_with(is_letter) || typed.is_empty() {
        if !has(Segment::Name) {
            all.extend(names(start..end, vendor));
        }
        if !has(Segment::Vendor) && name.is_none() && !listed && release >= VENDORS_KNOWN {
            let known = VENDORS.iter().filter(|it| release >= TT_KNOWN || it.0 != "tt");
            all.extend(known.map(|(word, name)| Expected::new(start..end, *word, format!("any {name} GPU"))));
        }
    }
    if !listed && (typed.is_empty() || typed.starts_with(|c: char| c.is_ascii_digit() || c == '.')) {
        if !has(Segment::Memory) {
            all.extend(sizes(typed, start..end, name));
        }
        if !has(Segment::Count) && typed.bytes().all(|it| it.is_ascii_digit()) {
            all.extend(counts(typed, start..end));
        }
    }
    all
}

/// Whether `name` is more than the beginning of a known name; dstack accepts any. With two digits it is: an `H20` is not the
/// beginning of an `H200`, even if only the latter is known.
fn is_whole_name(name: &str) -> bool {
    let begins = |known: &str| known.get(..name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name));
    let is_known = vocabulary::gpu(name).is_some() || vocabulary::vendor(name).is_some();
    let has_number = name.bytes().rev().take(2).filter(u8::is_ascii_digit).count() == 2;
    let mut known = vocabulary::gpus().iter().map(|it| &*it.name).chain(VENDORS.iter().map(|it| it.0));
    name.is_empty() || is_known || has_number || !known.any(begins)
}

/// GPU names, only those of the vendor if it is known.
fn names(replace: Range<usize>, vendor: Option<&str>) -> Vec<Expected> {
    let wanted = vocabulary::gpus().iter().filter(|it| vendor.is_none() || vocabulary::vendor(&it.vendor) == vendor);
    let offer = |gpu: &vocabulary::Gpu| -> Vec<Expected> {
        if gpu.cores.is_empty() {
            return vec![Expected::new(replace.clone(), gpu.name.as_str(), gpu.summary())];
        }
        let tpu = |cores: &u32| {
            Expected::new(replace.clone(), format!("{}-{cores}", gpu.name), format!("{}, {cores} cores", gpu.summary()))
        };
        gpu.cores.iter().map(tpu).collect()
    };
    wanted.flat_map(offer).collect()
}

/// Memory sizes of the named GPU, or common ones, each as an exact size and as a lower bound.
fn sizes(typed: &str, replace: Range<usize>, name: Option<&str>) -> Vec<Expected> {
    let known = name.and_then(|it| vocabulary::gpu(it.split(',').next().unwrap_or(it)));
    let sizes: Vec<String> = match known {
        Some(gpu) => gpu.memory.iter().map(|it| format!("{it}GB")).collect(),
        None if typed.is_empty() => SIZES.iter().map(|it| (*it).to_string()).collect(),
        None => {
            let common = SIZES.iter().filter(|it| it.starts_with(typed)).map(|it| (*it).to_string());
            let typed = memory::sizes(typed, 0..0).into_iter().map(|it| it.text).filter(|it| it.starts_with(typed));
            let mut all: Vec<String> = common.chain(typed).collect();
            all.dedup();
            all
        }
    };
    let offer = |size: String| {
        let words = memory::gigabytes(&size).map(memory::in_words).unwrap_or_default();
        [
            Expected::new(replace.clone(), format!("{size}.."), format!("at least {words} per GPU")),
            Expected::new(replace.clone(), size, format!("{words} per GPU")),
        ]
    };
    sizes.into_iter().flat_map(offer).collect()
}

fn counts(typed: &str, replace: Range<usize>) -> Vec<Expected> {
    let counts: Vec<u32> = match typed.parse() {
        Ok(count) => vec![count],
        Err(_) => vec![1, 2, 4, 8],
    };
    let offer = |count: u32| {
        let gpus = if count == 1 { "GPU" } else { "GPUs" };
        [
            Expected::new(replace.clone(), count.to_string(), format!("{count} {gpus}")),
            Expected::new(replace.clone(), format!("{count}.."), format!("at least {count} {gpus}")),
        ]
    };
    counts.into_iter().flat_map(offer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_names_is_a_spec() {
        assert_eq!(Gpu.of_items(&["A100", "H100"]), Some(("A100,H100".into(), true)));
        assert_eq!(Gpu.of_items(&["nvidia", "A100"]), Some(("nvidia:A100".into(), false)));
        assert_eq!(Gpu.of_items(&["A100", "X1"]), Some(("A100,X1".into(), false)));
        assert_eq!(Gpu.of_items(&["A100", "80GB"]), None);
        assert_eq!(Gpu.of_items(&[]), None);
    }
}
