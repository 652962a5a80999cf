//! Durations: `90`, `5m`, `2h`, `off`.
//!
//! ```ebnf
//! duration = seconds | amount , { " " } , unit ;
//! seconds  = [ "+" | "-" ] , digits ;            (* as Python's int() reads it: "1_000", " 90 " *)
//! amount   = digit , { digit } ;
//! unit     = "s" | "m" | "h" | "d" | "w" ;
//! ```
//!
//! Mirrors `Duration.parse`, `parse_off_duration` and `parse_idle_duration` in dstack's `duration.py` (before 0.21.0 in
//! `common.py` and `profiles.py`). The instances differ in the meaning of `off`, `true` and negative numbers, and in limits.

use std::ops::Range;

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// A duration in a field of dstack.
pub struct Duration {
    meta: Meta,
    off: OffWord,
    limit: Limit,
}

/// The meaning of `off` and `true`.
#[derive(Clone, Copy, PartialEq)]
enum OffWord {
    /// No special meaning: `off` is YAML's false, and thus 0 seconds.
    Unknown,
    /// `off` means no limit; negative numbers are refused since 0.19.32.
    NoLimit,
    /// Any negative number means `off`; the quoted string is accepted since 0.19.19.
    Idle,
}

/// Which durations are not allowed.
#[derive(Clone, Copy, PartialEq)]
enum Limit {
    None,
    AtLeast(i128),
    OneOf(&'static [i128]),
}

/// Before this release, a negative duration was accepted where `off` is.
const NOT_NEGATIVE: Release = Release::new(0, 19, 32);
/// Since this release, `idle_duration: "off"` is also accepted with quotes.
const IDLE_OFF_QUOTED: Release = Release::new(0, 19, 19);
/// Before this release, `off` was 0 seconds and `on` 1 second.
const OFF_KNOWN: Release = Release::new(0, 18, 38);

/// Since this release, `termination_idle_time` has no effect.
const UNUSED: Release = Release::new(0, 19, 0);

/// The units with their seconds and names.
const UNITS: [(char, i128, &str); 5] =
    [('w', 604_800, "week"), ('d', 86_400, "day"), ('h', 3_600, "hour"), ('m', 60, "minute"), ('s', 1, "second")];

impl Duration {
    /// `retry.duration`, `scale_up_delay`.
    pub const PLAIN: Duration = Duration {
        meta: Meta {
            name: "duration",
            title: "a duration",
            docs: "An integer with a unit (`s`, `m`, `h`, `d` or `w`): `90s`, `5m`, `2h`, `1d`, `1w`. Without a unit, seconds. \
                   Only one number and one unit: write `90m` for 1½ hours.",
        },
        off: OffWord::Unknown,
        limit: Limit::None,
    };
    /// `max_duration`
    pub const MAX: Duration = Duration {
        meta: Meta {
            name: "max-duration",
            docs: "An integer with a unit (`s`, `m`, `h`, `d` or `w`), such as `2h` or `1d`, or `off` for no limit. Without a \
                   unit, seconds. Only one number and one unit: write `90m` for 1½ hours.",
            ..Duration::PLAIN.meta
        },
        off: OffWord::NoLimit,
        ..Duration::PLAIN
    };
    /// `stop_duration`
    pub const STOP: Duration = Duration { meta: Meta { name: "stop-duration", ..Duration::MAX.meta }, ..Duration::MAX };
    /// `inactivity_duration`
    pub const INACTIVITY: Duration =
        Duration { meta: Meta { name: "inactivity-duration", ..Duration::MAX.meta }, ..Duration::MAX };
    /// `idle_duration`
    pub const IDLE: Duration = Duration {
        meta: Meta {
            name: "idle-duration",
            docs: "An integer with a unit (`s`, `m`, `h`, `d` or `w`), such as `5m` or `3d`, or `off` to keep idle instances. \
                   Without a unit, seconds. A negative number means `off`. Only one number and one unit: write `90m` for 1½ \
                   hours.",
            ..Duration::PLAIN.meta
        },
        off: OffWord::Idle,
        ..Duration::PLAIN
    };
    /// `auto_cleanup_duration`
    pub const CLEANUP: Duration = Duration {
        meta: Meta {
            name: "cleanup-duration",
            docs: "An integer with a unit (`s`, `m`, `h`, `d` or `w`), such as `12h` or `7d`, or `off` to keep the volume. \
                   Without a unit, seconds. A negative number means `off`. Only one number and one unit: write `36h` for 1½ \
                   days.",
            ..Duration::IDLE.meta
        },
        ..Duration::IDLE
    };
    /// `utilization_policy.time_window`
    pub const TIME_WINDOW: Duration = Duration {
        meta: Meta {
            name: "time-window",
            docs: "An integer with a unit (`s`, `m`, `h`, `d` or `w`), at least `5m`: `5m`, `30m`, `1h`. Without a unit, seconds.",
            ..Duration::PLAIN.meta
        },
        limit: Limit::AtLeast(300),
        ..Duration::PLAIN
    };
    /// `scaling.window`
    pub const SCALING_WINDOW: Duration = Duration {
        meta: Meta { name: "scaling-window", docs: "`30s`, `60s` or `300s`.", ..Duration::PLAIN.meta },
        limit: Limit::OneOf(&[30, 60, 300]),
        ..Duration::PLAIN
    };
    /// `probes[].timeout`, `probes[].interval`
    pub const PROBE: Duration = Duration {
        meta: Meta {
            name: "probe-duration",
            docs: "An integer with a unit (`s`, `m`, `h`, `d` or `w`), at least `1s`: `10s`, `1m`. Without a unit, seconds.",
            ..Duration::PLAIN.meta
        },
        limit: Limit::AtLeast(1),
        ..Duration::PLAIN
    };
    /// `termination_idle_time`
    pub const TERMINATION_IDLE_TIME: Duration =
        Duration { meta: Meta { name: "termination-idle-time", ..Duration::PLAIN.meta }, ..Duration::PLAIN };

    /// What is wrong with this number of seconds.
    fn limits(&self, seconds: i128, range: Range<usize>, written: &str, release: Release) -> Option<Problem> {
        if self.off == OffWord::NoLimit && seconds < 0 && release >= NOT_NEGATIVE {
            let message = format!("`{written}` is negative; write `off` for no limit");
            return Some(Problem::at(range, message).suggest("off".to_string()));
        }
        match self.limit {
            Limit::AtLeast(least) if seconds < least => {
                let least = short(least);
                let message = format!("`{written}` is too short; expected at least `{least}`");
                Some(Problem::at(range, message).suggest(least))
            }
            Limit::OneOf(allowed) if !allowed.contains(&seconds) => {
                let nearest = allowed.iter().min_by_key(|it| seconds.saturating_sub(**it).unsigned_abs());
                let message = format!("invalid window `{written}`; expected `30s`, `60s` or `300s`");
                Some(Problem::at(range, message).suggest(nearest.map(|it| format!("{it}s"))))
            }
            _ => None,
        }
    }

    fn of_seconds(&self, seconds: i128, range: Range<usize>, written: &str, release: Release) -> Parsed {
        let meaning =
            if self.off == OffWord::Idle && seconds < 0 { "off: no time limit".into() } else { in_words(seconds) };
        let problems = self.limits(seconds, range.clone(), written, release).into_iter().collect();
        Parsed { parts: vec![Part::new(range, Role::Duration, meaning)], problems }
    }

    fn boolean(&self, value: bool, release: Release) -> Parsed {
        let off_is_known = match self.off {
            OffWord::Unknown => false,
            OffWord::NoLimit => release >= OFF_KNOWN,
            OffWord::Idle => !value || release >= OFF_KNOWN,
        };
        match (off_is_known, value) {
            (true, false) => Parsed::right(0..0, Role::Duration, "off: no time limit"),
            (true, true) => Parsed::right(0..0, Role::Duration, "the default"),
            (false, _) => self.of_seconds(i128::from(value), 0..0, if value { "true" } else { "off" }, release),
        }
    }

    fn text(&self, text: &str, release: Release) -> Parsed {
        let range = 0..text.len();
        if text == "off" && self.off != OffWord::Unknown {
            if self.off == OffWord::NoLimit || release >= IDLE_OFF_QUOTED {
                return Parsed::right(range, Role::Duration, "off: no time limit");
            }
            let message = "`off` in quotes requires dstack 0.19.19 or later; remove the quotes or write `-1`";
            return Parsed::wrong(Problem::at(range, message).respell("-1".to_string()));
        }
        match seconds_of_text(text) {
            Some(it) => self.of_seconds(it, range, text, release),
            None => Parsed::wrong(self.misspelled(text, release)),
        }
    }

    /// What is wrong with a text that is no duration, and which duration it may mean.
    fn misspelled(&self, text: &str, release: Release) -> Problem {
        let trimmed = text.trim();
        let how = "expected an integer with one of `s`, `m`, `h`, `d`, `w`";
        if trimmed.is_empty() {
            return Problem::whole(format!("the duration is empty; {how}, such as `5m`"));
        }
        let range = guilty(text);
        let no_limit =
            ["off", "no", "none", "never", "unlimited", "infinite", "infinity", "inf", "forever", "disabled"];
        if no_limit.iter().any(|it| trimmed.eq_ignore_ascii_case(it)) {
            return match self.off {
                OffWord::Unknown => Problem::at(range, format!("invalid duration `{trimmed}`; {how}, such as `5m`")),
                _ => {
                    // As a string, `off` is not accepted everywhere.
                    let off = if self.text("off", release).is_ok() { "off" } else { "-1" };
                    // `never` may mean never idle or never stop, and `none` that no time is allowed.
                    let is_endless =
                        !["no", "none", "never", "disabled"].iter().any(|it| trimmed.eq_ignore_ascii_case(it));
                    Problem::at(range, format!("invalid duration `{trimmed}`; write `{off}` for no limit"))
                        .offer(off.to_string(), is_endless)
                }
            };
        }
        match meant(trimmed).filter(|it| self.text(it, Release::NEWEST).is_ok()) {
            Some(it) => {
                // `3M` may be months.
                let is_same = trimmed.split(|c: char| !c.is_ascii_alphabetic()).all(|it| it != "M");
                let message = format!("invalid duration `{trimmed}`; write `{it}`");
                Problem::at(range, message).offer(it, is_same)
            }
            None => Problem::at(range, format!("invalid duration `{trimmed}`; {how}, such as `90m`")),
        }
    }
}

impl Grammar for Duration {
    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        // Since 0.19.0, the old field is neither used nor validated: any string passes.
        if self.meta.name == Duration::TERMINATION_IDLE_TIME.meta.name && release >= UNUSED {
            return plain::any_text(value, release, Role::Duration, "has no effect");
        }
        match value {
            Value::Str(text) => self.text(text, release),
            Value::Int(seconds) => self.of_seconds(seconds, 0..0, &seconds.to_string(), release),
            // `int(1.9)` is 1.
            Value::Float(seconds) if seconds.is_finite() => {
                self.of_seconds(seconds as i128, 0..0, &python::float_repr(seconds), release)
            }
            Value::Bool(value) => self.boolean(value, release),
            Value::Null if self.off != OffWord::Unknown => Parsed::right(0..0, Role::Duration, "the default"),
            Value::Float(_) | Value::Null | Value::Bytes | Value::Other => {
                Parsed::wrong(Problem::whole("expected a duration such as `5m`"))
            }
        }
    }

    fn expected(&self, text: &str, at: usize, _: Release) -> Vec<Expected> {
        let replace = 0..text.len();
        if let Limit::OneOf(allowed) = self.limit {
            return allowed.iter().map(|it| Expected::new(0..text.len(), format!("{it}s"), in_words(*it))).collect();
        }
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 || digits > at {
            let common: &[&str] = match self.limit {
                Limit::AtLeast(300) => &["5m", "30m", "1h"],
                Limit::AtLeast(_) => &["1s", "10s", "30s", "1m"],
                _ => &["5m", "30m", "1h", "1d", "1w"],
            };
            let off = (self.off != OffWord::Unknown).then(|| Expected::new(0..text.len(), "off", "no time limit"));
            let common = common
                .iter()
                .map(|it| Expected::new(0..text.len(), *it, in_words(seconds_of_text(it).unwrap_or_default())));
            return off.into_iter().chain(common).collect();
        }
        let Ok(amount) = text[..digits].parse::<u32>() else { return Vec::new() };
        let offer = |(unit, seconds, _): &(char, i128, &str)| {
            let seconds = i128::from(amount) * seconds;
            let fits = self.limits(seconds, 0..0, "", Release::NEWEST).is_none();
            fits.then(|| Expected::new(replace.clone(), format!("{amount}{unit}"), in_words(seconds)))
        };
        UNITS.iter().rev().filter_map(offer).collect()
    }
}

/// The seconds of a value that dstack reads as a duration: `90`, `5m`, `true` (1). `None` for words such as `off` and for what
/// is no duration.
pub fn seconds(value: Value<'_>) -> Option<i128> {
    match value {
        Value::Str(text) => seconds_of_text(text),
        Value::Int(seconds) => Some(seconds),
        // `int(1.9)` is 1.
        Value::Float(seconds) if seconds.is_finite() => Some(seconds as i128),
        Value::Bool(value) => Some(i128::from(value)),
        Value::Float(_) | Value::Null | Value::Bytes | Value::Other => None,
    }
}

/// `int(text)`, or `(\d+) *([smhdw])$` at the start of the text, where `$` allows one line break.
fn seconds_of_text(text: &str) -> Option<i128> {
    if let Some(seconds) = python::int(text) {
        return Some(seconds);
    }
    let text = text.strip_suffix('\n').unwrap_or(text);
    let unit = text.chars().next_back()?;
    let (_, seconds, _) = UNITS.iter().find(|it| it.0 == unit)?;
    let amount = text[..text.len() - 1].trim_end_matches(' ');
    let is_number = !amount.is_empty() && amount.chars().all(|it| python::digit(it).is_some());
    if is_number { python::int(amount).map(|it| it.saturating_mul(*seconds)) } else { None }
}

/// The bytes that keep `text`, which is not blank, from being a duration: the unit of `5min`, the second pair of `2h30m`, or
/// else all of it.
fn guilty(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    let end = text.trim_end().len();
    let number = text[start..end].trim_start_matches(|c: char| c.is_ascii_digit());
    let after = end - number.len();
    let sound = number.starts_with(['s', 'm', 'h', 'd', 'w']) && number.len() > 1 && after > start;
    let followed = number.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic());
    match (sound, followed) {
        (true, true) => after..end,
        (true, false) => after + 1..end,
        _ => start..end,
    }
}

/// The duration meant by `1.5h`, `2h30m`, `5min` or `3D`, as one integer and one unit.
fn meant(text: &str) -> Option<String> {
    let mut rest = text;
    let mut total = 0.0;
    let mut largest = 0;
    while !rest.is_empty() {
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let amount: f64 = rest[..number].parse().ok()?;
        rest = rest[number..].trim_start();
        let word = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let unit = unit_meant(&rest[..word])?;
        rest = rest[word..].trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
        total += amount * unit as f64;
        largest = largest.max(unit);
    }
    if largest == 0 || total.fract() != 0.0 || total > 1e15 {
        return None;
    }
    let total = total as i128;
    let (unit, seconds, _) = UNITS.iter().find(|it| it.1 <= largest && total % it.1 == 0)?;
    Some(format!("{}{unit}", total / seconds))
}

fn unit_meant(word: &str) -> Option<i128> {
    let word = word.to_ascii_lowercase();
    let names: [(&[&str], i128); 5] = [
        (&["s", "sec", "secs", "second", "seconds"], 1),
        (&["m", "min", "mins", "minute", "minutes"], 60),
        (&["h", "hr", "hrs", "hour", "hours"], 3_600),
        (&["d", "day", "days"], 86_400),
        (&["w", "wk", "wks", "week", "weeks"], 604_800),
    ];
    names.iter().find(|(names, _)| names.contains(&word.as_str())).map(|(_, seconds)| *seconds)
}

/// `5m` for 300.
fn short(seconds: i128) -> String {
    let (unit, size, _) =
        UNITS.iter().find(|it| seconds % it.1 == 0 && it.1 <= 3_600).unwrap_or(&UNITS[UNITS.len() - 1]);
    format!("{}{unit}", seconds / size)
}

/// `1 hour 30 minutes` for 5,400.
pub(super) fn in_words(seconds: i128) -> String {
    let one = |amount: i128, name: &str| if amount == 1 { format!("1 {name}") } else { format!("{amount} {name}s") };
    let mut rest = seconds;
    let mut words = String::new();
    for (_, size, name) in UNITS {
        if rest / size != 0 {
            let separator = if words.is_empty() { "" } else { " " };
            words = format!("{words}{separator}{}", one(rest / size, name));
            rest %= size;
        }
    }
    if words.is_empty() { one(0, "second") } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_those_that_dstack_reads() {
        assert_eq!(seconds(Value::Str("90")), Some(90));
        assert_eq!(seconds(Value::Str(" 90 ")), Some(90));
        assert_eq!(seconds(Value::Str("5m")), Some(300));
        assert_eq!(seconds(Value::Str("2  h\n")), Some(7_200));
        assert_eq!(seconds(Value::Str("1w")), Some(604_800));
        assert_eq!(seconds(Value::Str("-1")), Some(-1));
        assert_eq!(seconds(Value::Float(1.9)), Some(1));
        assert_eq!(seconds(Value::Bool(true)), Some(1));
        for no_duration in ["off", "", "m", "1.5h", "5min", "-1m"] {
            assert_eq!(seconds(Value::Str(no_duration)), None, "{no_duration}");
        }
        assert_eq!(seconds(Value::Float(f64::NAN)), None);
        assert_eq!(seconds(Value::Null), None);
    }
}
