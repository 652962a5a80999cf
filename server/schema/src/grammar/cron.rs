//! Schedules: `0 8 * * mon-fri`.
//!
//! ```ebnf
//! cron   = minute , hour , day , month , weekday ;         (* separated by spaces *)
//! field  = item , { "," , item } ;
//! item   = "*" , [ "/" , step ]
//!        | number , [ "-" , number ] , [ "/" , step ]
//!        | name , [ "-" , name ]                           (* months "jan", weekdays "mon"; any case *)
//!        | "last" ;                                        (* days only: the last day of the month *)
//! ```
//!
//! Weekdays count from Monday = 0 to Sunday = 6, unlike Unix. Times are UTC. Mirrors APScheduler's
//! `CronTrigger.from_crontab`, its `fields.py` and `expressions.py`, which dstack calls in `validate_cron`. There, names
//! and `last` are only matched at the start of an item; what follows is ignored.

use std::ops::Range;

use super::{
    python,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// `schedule.cron`
pub struct Cron;

const DOCS: &str = "The start times, in five fields: minute, hour, day of the month, month, day of the week. Times are \
    UTC.\n\n\
    * `0 8 * * mon-fri`: at 8:00 on weekdays\n\
    * `*/15 * * * *`: every 15 minutes\n\
    * `0 0 last * *`: at midnight on the last day of each month\n\n\
    Weekday numbers count from Monday = 0 to Sunday = 6; names are safer.";

/// A field: its name, its minimum and maximum, and the names of its values.
struct Field {
    name: &'static str,
    min: i128,
    max: i128,
    words: &'static [&'static str],
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAY_NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const FIELDS: [Field; 5] = [
    Field { name: "minute", min: 0, max: 59, words: &[] },
    Field { name: "hour", min: 0, max: 23, words: &[] },
    Field { name: "day of the month", min: 1, max: 31, words: &[] },
    Field { name: "month", min: 1, max: 12, words: &MONTHS },
    Field { name: "day of the week", min: 0, max: 6, words: &WEEKDAYS },
];

impl Grammar for Cron {
    fn meta(&self) -> &Meta {
        &Meta { name: "cron", title: "a cron expression", docs: DOCS }
    }

    fn parse(&self, value: Value<'_>, _: Release) -> Parsed {
        let Value::Str(text) = value else {
            return Parsed::wrong(Problem::whole("expected a cron expression such as `0 8 * * mon-fri`"));
        };
        let fields = fields(text);
        if fields.len() != FIELDS.len() {
            return Parsed::wrong(wrong_number(text, &fields));
        }
        let mut parsed = Parsed::default();
        for (field, range) in FIELDS.iter().zip(fields) {
            match misspelled(field, text, range.clone()) {
                Some(problem) => parsed.problems.push(problem),
                None => parsed.parts.push(Part::new(range.clone(), Role::Time, meaning(field, &text[range]))),
            }
        }
        parsed
    }

    fn expected(&self, text: &str, at: usize, _: Release) -> Vec<Expected> {
        if text.trim().is_empty() {
            let whole = [
                ("0 8 * * mon-fri", "at 8:00 UTC on weekdays"),
                ("0 0 * * *", "at midnight UTC every day"),
                ("0 * * * *", "every hour"),
                ("*/15 * * * *", "every 15 minutes"),
                ("0 0 * * sun", "at midnight UTC on Sundays"),
            ];
            return whole.map(|(it, detail)| Expected::new(0..text.len(), it, detail)).into();
        }
        let idx = fields(&text[..at]).len().saturating_sub(usize::from(!text[..at].ends_with(python::is_space)));
        let Some(field) = FIELDS.get(idx) else { return Vec::new() };
        let start = text[..at]
            .rfind(|c: char| python::is_space(c) || c == ',' || c == '-')
            .map_or(0, |it| it + text[it..].chars().next().map_or(1, char::len_utf8));
        let end =
            text[at..].find(|c: char| python::is_space(c) || c == ',' || c == '-').map_or(text.len(), |it| at + it);
        let any = Expected::new(start..end, "*", format!("every {}", field.name));
        let numbers: &[&str] = match field.name {
            "minute" => &["0", "15", "30", "45", "*/5", "*/15"],
            "hour" => &["0", "8", "12", "18", "*/2", "*/6"],
            "day of the month" => &["1", "15", "last"],
            _ => field.words,
        };
        let numbers = numbers.iter().map(|it| Expected::new(start..end, *it, meaning(field, it)));
        std::iter::once(any).chain(numbers).collect()
    }
}

/// The places of the fields: `str.split()`.
fn fields(text: &str) -> Vec<Range<usize>> {
    let mut fields = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (python::is_space(c), start) {
            (true, Some(from)) => {
                fields.push(from..at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    fields
}

fn wrong_number(text: &str, fields: &[Range<usize>]) -> Problem {
    let trimmed = text.trim();
    let aliases = [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * sun"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
    ];
    if let Some((_, meant)) = aliases.iter().find(|it| it.0 == trimmed) {
        let message = format!("`{trimmed}` is not supported; write `{meant}`");
        return Problem::at(0..text.len(), message).respell((*meant).to_string());
    }
    let count = fields.len();
    let message = format!("expected 5 fields (minute, hour, day, month, weekday), found {count}");
    let range = match fields.get(FIELDS.len()) {
        Some(sixth) => sixth.start..fields[count - 1].end,
        None => 0..text.len(),
    };
    // A sixth field in front stands for seconds, which dstack does not support; one at the end would be the year.
    let without_seconds = fields.get(1).map(|it| text[it.start..].trim().to_string());
    let meant = without_seconds.filter(|it| {
        count == 6 && &text[fields[0].clone()] == "0" && Cron.parse(Value::Str(it), Release::NEWEST).is_ok()
    });
    match &meant {
        Some(meant) => {
            let message = format!("seconds are not supported; write `{meant}`");
            Problem::at(fields[0].clone(), message).suggest(meant.clone())
        }
        None => Problem::at(range, message),
    }
}

/// What is wrong with the field at `range` of `text`.
fn misspelled(field: &Field, text: &str, range: Range<usize>) -> Option<Problem> {
    let mut start = range.start;
    for item in text[range.clone()].split(',') {
        let place = start..start + item.len();
        start = place.end + 1;
        let Some(message) = misspelled_item(field, item) else { continue };
        let place = if place.is_empty() { range.clone() } else { place };
        let sunday = (field.words == WEEKDAYS && &text[range.clone()] == "7").then(|| {
            let fixed = format!("{}sun{}", &text[..range.start], &text[range.end..]);
            fixed.trim().to_string()
        });
        let sound = sunday.filter(|it| Cron.parse(Value::Str(it), Release::NEWEST).is_ok());
        return Some(Problem::at(place, message).respell(sound));
    }
    None
}

/// What is wrong with an item, as a message.
fn misspelled_item(field: &Field, item: &str) -> Option<String> {
    let Field { name, min, max, words } = field;
    if item.is_empty() {
        return Some(format!("missing {name} beside `,`"));
    }
    if item == "*" {
        return None;
    }
    if let Some(step) = item.strip_prefix("*/").and_then(number) {
        return misspelled_step(field, step, max - min);
    }
    if let Some(numbers) = numbers(item) {
        return misspelled_numbers(field, item, numbers);
    }
    if !words.is_empty() && item.starts_with(is_word) {
        return misspelled_words(field, item);
    }
    let is_last = item.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("last"));
    // Python also ignores case outside ASCII: `ſ` matches `s`.
    let is_last = is_last || (item.to_lowercase().replace('ſ', "s").starts_with("last"));
    if *name == "day of the month" && is_last {
        return None;
    }
    Some(format!("invalid {name} `{item}`; expected `*`, a number from {min} to {max} or a range"))
}

/// What is wrong with a step through a span of values.
fn misspelled_step(field: &Field, step: i128, span: i128) -> Option<String> {
    match step {
        0 => Some("the step is 0; expected at least 1".into()),
        _ if step > span => {
            Some(format!("step {step} is too large for the {}; expected at most {}", field.name, span.max(1)))
        }
        _ => None,
    }
}

/// `8`, `8-17` or `8-17/2`, as [`numbers`] reads it.
fn misspelled_numbers(
    field: &Field,
    item: &str,
    (first, last, step): (i128, Option<i128>, Option<i128>),
) -> Option<String> {
    let Field { name, min, max, words } = field;
    let end = last.or(step.is_none().then_some(first));
    if step == Some(0) {
        return misspelled_step(field, 0, max - min);
    }
    if last.is_some_and(|last| first > last) {
        return Some(format!("range `{item}` is reversed; write the smaller number first"));
    }
    if first < *min {
        return Some(format!("invalid {name} {first}; expected {min} to {max}"));
    }
    if end.is_some_and(|it| it > *max) {
        return Some(match words == &WEEKDAYS {
            true => format!("invalid {name} `{item}`; expected `mon` to `sun` (0 is Monday, 6 is Sunday)"),
            false => format!("invalid {name} `{item}`; expected {min} to {max}"),
        });
    }
    // A last value of 0 counts as missing.
    let to = last.filter(|it| *it != 0).unwrap_or(*max);
    step.and_then(|step| misspelled_step(field, step, max - min).or_else(|| misspelled_step(field, step, to - first)))
}

/// `mon` or `mon-fri`; what follows is ignored.
fn misspelled_words(field: &Field, item: &str) -> Option<String> {
    let Field { name, words, .. } = field;
    let end = item.find(|c| !is_word(c)).unwrap_or(item.len());
    let (first, rest) = item.split_at(end);
    let last = rest.strip_prefix('-').map(|it| &it[..it.find(|c| !is_word(c)).unwrap_or(it.len())]);
    let last = last.filter(|it| !it.is_empty());
    let place = |word: &str| words.iter().position(|it| word.eq_ignore_ascii_case(it));
    let unknown = |word: &str| {
        let (first, last) = (words[0], words[words.len() - 1]);
        Some(format!("invalid {name} `{word}`; expected `{first}` to `{last}`"))
    };
    match (place(first), last.map(|it| (it, place(it)))) {
        (None, _) => unknown(first),
        (_, Some((last, None))) => unknown(last),
        (Some(one), Some((_, Some(two)))) if one > two => {
            Some(format!("range `{item}` is reversed; write two ranges separated by a comma"))
        }
        _ => None,
    }
}

/// Whether `[a-z]` matches the character when Python ignores case.
fn is_word(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, 'ı' | 'İ' | 'ſ' | '\u{212a}')
}

/// `\d+`
fn number(text: &str) -> Option<i128> {
    let is_number = !text.is_empty() && text.chars().all(|it| python::digit(it).is_some());
    if is_number { python::int(text) } else { None }
}

/// `\d+(-\d+)?(/\d+)?`
fn numbers(text: &str) -> Option<(i128, Option<i128>, Option<i128>)> {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(number(step)?)),
        None => (text, None),
    };
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => (first, Some(number(last)?)),
        None => (range, None),
    };
    Some((number(first)?, last, step))
}

/// What a field means, in words.
fn meaning(field: &Field, text: &str) -> String {
    let unit = field.name.split(' ').next().unwrap_or_default();
    let one = |it: &str| -> String {
        let idx = match number(it) {
            Some(number) => usize::try_from(number - field.min).ok(),
            None => field.words.iter().position(|word| it.get(..3).is_some_and(|it| it.eq_ignore_ascii_case(word))),
        };
        let full = if field.words == WEEKDAYS { &WEEKDAY_NAMES[..] } else { &MONTH_NAMES[..] };
        match idx.filter(|_| !field.words.is_empty()).and_then(|it| full.get(it)) {
            Some(name) => (*name).to_string(),
            None if it.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("last")) => "the last day".into(),
            None => format!("{unit} {it}"),
        }
    };
    let item = |item: &str| match (item, item.split_once('/')) {
        ("*", _) => format!("every {}", field.name),
        (_, Some(("*", step))) => format!("every {step} {unit}s"),
        (_, Some((range, step))) => format!("every {step} {unit}s of {range}"),
        _ => match item.split_once('-') {
            Some((first, last)) => format!("{} to {}", one(first), one(last)),
            None => one(item),
        },
    };
    text.split(',').map(item).collect::<Vec<_>>().join(", ")
}
