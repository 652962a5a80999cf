//! Dates and times as PyYAML reads them.

pub(super) fn looks_timestamp(it: &str) -> bool {
    let date_only = it.len() == 10
        && it.bytes().enumerate().all(|(i, c)| match i {
            4 | 7 => c == b'-',
            _ => c.is_ascii_digit(),
        });
    date_only || Timestamp::parse(it).is_some_and(|it| it.time.is_some())
}

/// `construct_yaml_timestamp`: whether Python can construct a date from the value.
pub(super) fn timestamp(value: &str) -> bool {
    let value = value.strip_suffix('\n').unwrap_or(value);
    let Some(it) = Timestamp::parse(value) else { return false };
    let leap = it.year % 4 == 0 && (it.year % 100 != 0 || it.year % 400 == 0);
    let days = match it.month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    let date = it.year >= 1 && (1..=days).contains(&it.day);
    let time = it.time.is_none_or(|(hour, minute, second)| hour < 24 && minute < 60 && second < 60);
    date && time && it.zone_minutes < 24 * 60
}

/// The parts of `2001-12-14t21:59:43.10-05:00`, not validated.
struct Timestamp {
    year: u32,
    month: u32,
    day: u32,
    time: Option<(u32, u32, u32)>,
    zone_minutes: u32,
}

impl Timestamp {
    /// `SafeConstructor.timestamp_regexp`
    fn parse(it: &str) -> Option<Timestamp> {
        let (year, it) = number(it, 4, 4)?;
        let (month, it) = number(it.strip_prefix('-')?, 1, 2)?;
        let (day, it) = number(it.strip_prefix('-')?, 1, 2)?;
        let mut timestamp = Timestamp { year, month, day, time: None, zone_minutes: 0 };
        if it.is_empty() {
            return Some(timestamp);
        }
        let spaces = it.trim_start_matches([' ', '\t']);
        let it = if spaces.len() < it.len() { spaces } else { it.strip_prefix(['T', 't'])? };
        let (hour, it) = number(it, 1, 2)?;
        let (minute, it) = number(it.strip_prefix(':')?, 2, 2)?;
        let (second, it) = number(it.strip_prefix(':')?, 2, 2)?;
        timestamp.time = Some((hour, minute, second));
        let it = it.strip_prefix('.').map_or(it, |it| it.trim_start_matches(|c: char| c.is_ascii_digit()));
        if it.is_empty() {
            return Some(timestamp);
        }
        let it = it.trim_start_matches([' ', '\t']);
        if it == "Z" {
            return Some(timestamp);
        }
        let (hours, it) = number(it.strip_prefix(['+', '-'])?, 1, 2)?;
        let (minutes, it) = if it.is_empty() { (0, it) } else { number(it.strip_prefix(':')?, 2, 2)? };
        timestamp.zone_minutes = hours * 60 + minutes;
        it.is_empty().then_some(timestamp)
    }
}

/// Reads a number of `min` to `max` digits, as many as there are. Returns it with the rest of the text.
fn number(it: &str, min: usize, max: usize) -> Option<(u32, &str)> {
    let digits = it.bytes().take(max).take_while(u8::is_ascii_digit).count();
    if digits < min {
        return None;
    }
    Some((it[..digits].parse().ok()?, &it[digits..]))
}
