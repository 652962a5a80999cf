//! What PyYAML makes of a scalar: YAML 1.1, as `yaml.resolver.Resolver` and `yaml.constructor.SafeConstructor` have it.
//!
//! Two steps, as there: a plain scalar gets a *type* by its looks, then a *value* is made from it. The second step can
//! fail (`0b_` looks like a number and is none), and an explicit tag (`!!int`) goes straight to it. Python's own
//! conversions show through: `!!int 0o17` is 15, and a decimal number of more than 4,300 digits is refused.
//!
//! One thing is left out: Python reads digits of other scripts (`!!int ٣`), which here are refused.

use crate::node::Style;

/// The Python value of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// `None`
    Null,
    /// `bool`
    Bool(bool),
    /// `int`; beyond 128 bits the nearest that fits.
    Int(i128),
    /// `float`
    Float(f64),
    /// `str`
    Str(&'a str),
    /// `datetime.date` or `datetime.datetime`
    Timestamp,
    /// `bytes`, from `!!binary`
    Binary,
    /// A plain `<<` as a key: the entries of its value are merged into the mapping. Only [`key`] gives it.
    Merge,
    /// PyYAML raises an error: `=`, an impossible date, a tag it does not know.
    Invalid,
}

/// Resolve a scalar as `yaml.safe_load` does. `value` is the cooked text, `tag` the explicit tag in its long form.
pub fn scalar<'a>(value: &'a str, style: Style, tag: Option<&str>) -> Scalar<'a> {
    match kind_of(value, style, tag) {
        Kind::Null => Scalar::Null,
        Kind::Bool => bool(value).map_or(Scalar::Invalid, Scalar::Bool),
        Kind::Int => int(value).map_or(Scalar::Invalid, Scalar::Int),
        Kind::Float => float(value).map_or(Scalar::Invalid, Scalar::Float),
        Kind::Str => Scalar::Str(value),
        Kind::Timestamp if timestamp(value) => Scalar::Timestamp,
        Kind::Binary if base64(value) => Scalar::Binary,
        Kind::Timestamp | Kind::Binary | Kind::Merge | Kind::Value | Kind::Unknown => Scalar::Invalid,
    }
}

/// Resolve the key of an entry: as [`scalar`], but `<<` merges and `=` is a string.
pub fn key<'a>(value: &'a str, style: Style, tag: Option<&str>) -> Scalar<'a> {
    match kind_of(value, style, tag) {
        Kind::Merge => Scalar::Merge,
        Kind::Value => Scalar::Str(value),
        _ => scalar(value, style, tag),
    }
}

/// Whether `value`, written without quotes, is a string.
pub fn is_plain_string(value: &str) -> bool {
    implicit(value) == Kind::Str
}

/// The last part of `tag:yaml.org,2002:…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    Bool,
    Int,
    Float,
    Str,
    Timestamp,
    Binary,
    Merge,
    Value,
    /// A tag without a constructor for scalars.
    Unknown,
}

fn kind_of(value: &str, style: Style, tag: Option<&str>) -> Kind {
    match tag {
        None if style == Style::Plain => implicit(value),
        None => Kind::Str,
        // `! "1"` is the number 1: the non-specific tag makes PyYAML look at the text whatever its quotes.
        Some("!") => implicit(value),
        Some(tag) => match tag.strip_prefix("tag:yaml.org,2002:") {
            Some("null") => Kind::Null,
            Some("bool") => Kind::Bool,
            Some("int") => Kind::Int,
            Some("float") => Kind::Float,
            Some("str") => Kind::Str,
            Some("timestamp") => Kind::Timestamp,
            Some("binary") => Kind::Binary,
            Some("merge") => Kind::Merge,
            Some("value") => Kind::Value,
            _ => Kind::Unknown,
        },
    }
}

/// The type of a plain scalar by its looks: the regular expressions of `resolver.py`, by hand.
fn implicit(value: &str) -> Kind {
    let Some(first) = value.bytes().next() else { return Kind::Null };
    // `$` in Python also matches before a line break at the end; only `! "1\n"` can have one.
    let it = value.strip_suffix('\n').unwrap_or(value);
    match it {
        "~" | "null" | "Null" | "NULL" => Kind::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Kind::Bool,
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Kind::Bool,
        "<<" => Kind::Merge,
        "=" => Kind::Value,
        // No plain scalar can be one of these; `! "*"` can.
        "!" | "&" | "*" => Kind::Unknown,
        _ if !matches!(first, b'0'..=b'9' | b'+' | b'-' | b'.') => Kind::Str,
        _ if looks_float(it) => Kind::Float,
        _ if looks_int(it) => Kind::Int,
        _ if looks_timestamp(it) => Kind::Timestamp,
        _ => Kind::Str,
    }
}

fn looks_int(it: &str) -> bool {
    let it = unsigned(it);
    let all = |digits: &str, ok: fn(char) -> bool| !digits.is_empty() && digits.chars().all(|c| c == '_' || ok(c));
    if let Some(digits) = it.strip_prefix("0b") {
        return all(digits, |c| matches!(c, '0' | '1'));
    }
    if let Some(digits) = it.strip_prefix("0x") {
        return all(digits, |c| c.is_ascii_hexdigit());
    }
    if let Some(digits) = it.strip_prefix('0') {
        return digits.is_empty() || all(digits, |c| matches!(c, '0'..='7'));
    }
    let after = skip_digits(it);
    after.len() < it.len() && !it.starts_with('_') && (after.is_empty() || skip_base60(after) == Some(""))
}

fn looks_float(it: &str) -> bool {
    if matches!(it, ".nan" | ".NaN" | ".NAN") || matches!(unsigned(it), ".inf" | ".Inf" | ".INF") {
        return true;
    }
    // Without digits before the dot there may be no sign: `-.5` is a string.
    if let Some(fraction) = it.strip_prefix('.') {
        return fraction.starts_with(|c: char| c.is_ascii_digit()) && is_exponent(skip_digits(fraction));
    }
    let it = unsigned(it);
    let after = skip_digits(it);
    if after.len() == it.len() || it.starts_with('_') {
        return false;
    }
    if let Some(fraction) = after.strip_prefix('.') {
        return is_exponent(skip_digits(fraction));
    }
    let fraction = skip_base60(after).and_then(|it| it.strip_prefix('.'));
    fraction.is_some_and(|it| skip_digits(it).is_empty())
}

/// Nothing, or `e+5`: the sign is not optional, so `1.0e5` is a string.
fn is_exponent(it: &str) -> bool {
    let Some(it) = it.strip_prefix(['e', 'E']) else { return it.is_empty() };
    it.strip_prefix(['+', '-']).is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()))
}

fn looks_timestamp(it: &str) -> bool {
    let date_only = it.len() == 10
        && it.bytes().enumerate().all(|(i, c)| match i {
            4 | 7 => c == b'-',
            _ => c.is_ascii_digit(),
        });
    date_only || Timestamp::parse(it).is_some_and(|it| it.time.is_some())
}

fn unsigned(it: &str) -> &str {
    it.strip_prefix(['+', '-']).unwrap_or(it)
}

/// Without the digits and underscores at the front.
fn skip_digits(it: &str) -> &str {
    it.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_')
}

/// Without one or more `:59` at the front.
fn skip_base60(mut it: &str) -> Option<&str> {
    let all = it;
    while let Some(digits) = it.strip_prefix(':') {
        let bytes = digits.as_bytes();
        let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
        it = match (digit(0), digit(1)) {
            (true, true) if bytes[0] <= b'5' => &digits[2..],
            (true, _) => &digits[1..],
            _ => break,
        };
    }
    (it.len() < all.len()).then_some(it)
}

/// `construct_yaml_bool`
fn bool(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// `construct_yaml_int`
fn int(value: &str) -> Option<i128> {
    let value = value.replace('_', "");
    let negative = value.starts_with('-');
    let digits = unsigned(&value);
    if digits == "0" {
        return Some(0);
    }
    if let Some(digits) = digits.strip_prefix("0b") {
        return python_int(digits, 2, negative);
    }
    if let Some(digits) = digits.strip_prefix("0x") {
        return python_int(digits, 16, negative);
    }
    if digits.starts_with('0') {
        return python_int(digits, 8, negative);
    }
    digits
        .split(':')
        .try_fold(0i128, |number, part| Some(number.saturating_mul(60).saturating_add(python_int(part, 10, negative)?)))
}

/// Python's `int(text, base)`, without underscores; negated on demand, so that it is held at the right end.
fn python_int(text: &str, base: u32, negate: bool) -> Option<i128> {
    let text = text.trim();
    let digits = unsigned(text);
    let prefixes: &[&str] = match base {
        2 => &["0b", "0B"],
        8 => &["0o", "0O"],
        16 => &["0x", "0X"],
        _ => &[],
    };
    let digits = prefixes.iter().find_map(|it| digits.strip_prefix(it)).unwrap_or(digits);
    // `sys.int_info.default_max_str_digits`; bases that are powers of two have no limit.
    if digits.is_empty() || base == 10 && digits.len() > 4300 {
        return None;
    }
    let negative = text.starts_with('-') != negate;
    digits.chars().try_fold(0i128, |number, c| {
        let digit = i128::from(c.to_digit(base)?);
        Some(number.saturating_mul(i128::from(base)).saturating_add(if negative { -digit } else { digit }))
    })
}

/// `construct_yaml_float`
fn float(value: &str) -> Option<f64> {
    let value = value.replace('_', "").to_lowercase();
    let digits = unsigned(&value);
    let number = match digits {
        ".inf" => f64::INFINITY,
        ".nan" => return Some(f64::NAN),
        _ if digits.contains(':') => base60_float(digits)?,
        _ => python_float(digits)?,
    };
    Some(if value.starts_with('-') { -number } else { number })
}

/// `1:30.5`. Python multiplies by 60 to a power as an exact integer and turns that into a float, or fails to.
fn base60_float(digits: &str) -> Option<f64> {
    let parts = digits.split(':').map(python_float).collect::<Option<Vec<f64>>>()?;
    let mut sum = 0.0;
    // The power in decimal digits, the last first; parsing its text rounds as Python does.
    let mut power = vec![1u8];
    for part in parts.into_iter().rev() {
        let text: String = power.iter().rev().map(|digit| char::from(b'0' + digit)).collect();
        let base: f64 = text.parse().ok().filter(|it: &f64| it.is_finite())?;
        sum += part * base;
        let mut carry = 0u32;
        for digit in &mut power {
            let product = *digit as u32 * 60 + carry;
            *digit = (product % 10) as u8;
            carry = product / 10;
        }
        while carry > 0 {
            power.push((carry % 10) as u8);
            carry /= 10;
        }
    }
    Some(sum)
}

/// Python's `float(text)`; Rust's grammar is the same but for the spaces around.
fn python_float(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

/// `construct_yaml_timestamp`: whether Python can make a date of it.
fn timestamp(value: &str) -> bool {
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

/// `2001-12-14t21:59:43.10-05:00`, taken apart but not checked.
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

/// A number of `min` to `max` digits, as many as there are, and what follows it.
fn number(it: &str, min: usize, max: usize) -> Option<(u32, &str)> {
    let digits = it.bytes().take(max).take_while(u8::is_ascii_digit).count();
    if digits < min {
        return None;
    }
    Some((it[..digits].parse().ok()?, &it[digits..]))
}

/// `construct_yaml_binary`: whether Python's `base64.decodebytes` takes it. It passes over what is not of the alphabet.
fn base64(value: &str) -> bool {
    let (mut quad, mut pads) = (0, 0);
    for byte in value.bytes() {
        match byte {
            b'=' if quad >= 2 => {
                pads += 1;
                if quad + pads >= 4 {
                    return value.is_ascii();
                }
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                pads = 0;
                quad = (quad + 1) % 4;
            }
            _ => {}
        }
    }
    quad == 0 && value.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Scalar<'_> {
        scalar(text, Style::Plain, None)
    }

    fn tagged<'a>(tag: &str, text: &'a str) -> Scalar<'a> {
        scalar(text, Style::Plain, Some(&format!("tag:yaml.org,2002:{tag}")))
    }

    #[test]
    fn words() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), Scalar::Null, "{text}");
        }
        for text in ["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            assert_eq!(plain(text), Scalar::Bool(true), "{text}");
        }
        for text in ["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            assert_eq!(plain(text), Scalar::Bool(false), "{text}");
        }
        for text in ["y", "N", "nULL", "yEs", "oFF", "none", "None", "inf", "nan", "5m", "1h30m", "24GB", "1..8"] {
            assert_eq!(plain(text), Scalar::Str(text));
        }
    }

    #[test]
    fn integers() {
        let cases = [
            ("0", 0),
            ("+12", 12),
            ("-0", 0),
            ("1_000", 1000),
            ("1__", 1),
            ("017", 15),
            ("0_", 0),
            ("-0_7", -7),
            ("0b1_1", 3),
            ("-0b11", -3),
            ("0xFF", 255),
            ("0x_f", 15),
            ("1:30", 90),
            ("190:20:30", 685230),
            ("-1:30", -90),
            ("8080:59", 484859),
        ];
        for (text, value) in cases {
            assert_eq!(plain(text), Scalar::Int(value), "{text}");
        }
        for text in ["08", "0o17", "0XFF", "1:60", "0:30", "01:30", "1e3", "1:", "_1", "--1", "1.2.3", "8080:80", "+"] {
            assert_eq!(plain(text), Scalar::Str(text));
        }
        for text in ["0b_", "0x_", "-0b__"] {
            assert_eq!(plain(text), Scalar::Invalid, "{text} looks like a number and is none");
        }
        assert_eq!(plain(&"9".repeat(50)), Scalar::Int(i128::MAX));
        assert_eq!(plain(&format!("-{}", "9".repeat(50))), Scalar::Int(i128::MIN));
        assert_eq!(plain(&"9".repeat(4301)), Scalar::Invalid, "Python refuses to read it");
    }

    #[test]
    fn floats() {
        let cases = [
            ("1.0", 1.0),
            ("5.", 5.0),
            ("5._", 5.0),
            (".5", 0.5),
            (".5_e", f64::NAN),
            ("1.0e+3", 1000.0),
            (".5e-3", 0.0005),
            ("-1_0.5", -10.5),
            ("08.5", 8.5),
            ("1:30.5", 90.5),
            ("0:1.", 1.0),
            ("190:20:30.15", 685230.15),
            (".inf", f64::INFINITY),
            ("-.INF", f64::NEG_INFINITY),
            ("1.0e+400", f64::INFINITY),
        ];
        for (text, value) in cases {
            let expected = if value.is_nan() { Scalar::Str(text) } else { Scalar::Float(value) };
            assert_eq!(plain(text), expected, "{text}");
        }
        assert!(matches!(plain(".NaN"), Scalar::Float(it) if it.is_nan()));
        for text in ["-.5", "+.5", "._5", "1.0e3", "1e+3", "1:60.5", "-.nan", ".iNF", ".", "3.11.4", "16.."] {
            assert_eq!(plain(text), Scalar::Str(text));
        }
        let long = format!("1{}.5", ":1".repeat(180));
        assert_eq!(plain(&long), Scalar::Invalid, "60 to that power is no float");
    }

    #[test]
    fn timestamps() {
        for text in [
            "2001-12-14",
            "2000-02-29",
            "2001-12-14t21:59:43.10-05:00",
            "2001-1-4  1:59:43 Z",
            "2001-12-14 21:59:43 +5",
            "2001-12-14T21:59:43.+23:59",
        ] {
            assert_eq!(plain(text), Scalar::Timestamp, "{text}");
        }
        for text in ["2001-1-1", "2001-12-14T1:00", "2001-12-14T1:00:00z", "2001-12-14x1:00:00", "12001-12-14"] {
            assert_eq!(plain(text), Scalar::Str(text));
        }
        for text in [
            "2001-02-29",
            "1900-02-29",
            "2001-13-01",
            "0000-01-01",
            "2001-12-14T24:00:00",
            "2001-12-14T1:00:60",
            "2001-12-14T1:00:00+24:00",
        ] {
            assert_eq!(plain(text), Scalar::Invalid, "{text} is an impossible date");
        }
        assert_eq!(tagged("timestamp", "2001-1-1"), Scalar::Timestamp);
    }

    #[test]
    fn tags_and_quotes() {
        assert_eq!(scalar("yes", Style::DoubleQuoted, None), Scalar::Str("yes"));
        assert_eq!(scalar("1", Style::Literal, None), Scalar::Str("1"));
        assert_eq!(scalar("1", Style::SingleQuoted, Some("!")), Scalar::Int(1), "`! '1'` is looked at as if plain");
        assert_eq!(scalar("1\n", Style::DoubleQuoted, Some("!")), Scalar::Int(1));
        assert_eq!(tagged("str", "1"), Scalar::Str("1"));
        assert_eq!(tagged("null", "anything"), Scalar::Null);
        assert_eq!(tagged("bool", "yEs"), Scalar::Bool(true));
        assert_eq!(tagged("bool", "1"), Scalar::Invalid);
        assert_eq!(tagged("int", "0o17 "), Scalar::Int(15));
        assert_eq!(tagged("int", "1:75"), Scalar::Int(135));
        assert_eq!(tagged("int", "--1"), Scalar::Int(1));
        assert_eq!(tagged("int", "x"), Scalar::Invalid);
        assert_eq!(tagged("int", ""), Scalar::Invalid);
        assert_eq!(tagged("float", "1e3"), Scalar::Float(1000.0));
        assert_eq!(tagged("binary", "aGVsbG8="), Scalar::Binary);
        assert_eq!(tagged("binary", "aGVsbG8"), Scalar::Invalid);
        assert_eq!(tagged("map", "x"), Scalar::Invalid);
        assert_eq!(scalar("x", Style::Plain, Some("!local")), Scalar::Invalid);
    }

    #[test]
    fn keys() {
        assert_eq!((plain("<<"), plain("=")), (Scalar::Invalid, Scalar::Invalid));
        assert_eq!(key("<<", Style::Plain, None), Scalar::Merge);
        assert_eq!(key("<<", Style::DoubleQuoted, None), Scalar::Str("<<"));
        assert_eq!(key("=", Style::Plain, None), Scalar::Str("="));
        assert_eq!(key("on", Style::Plain, None), Scalar::Bool(true));
    }
}
