//! Resolves scalars to Python values: YAML 1.1, as `yaml.resolver.Resolver` and `yaml.constructor.SafeConstructor` of
//! PyYAML implement it.
//!
//! There are two steps, as in PyYAML: a plain scalar gets a *type* by its form, then a *value* is constructed from it. The
//! second step can fail (`0b_` looks like a number but is not one), and an explicit tag (`!!int`) goes straight to it.
//! Python's own conversions show through: `!!int 0o17` is 15, and a decimal number of more than 4,300 digits is rejected.
//!
//! One difference remains: Python reads digits of other scripts (`!!int ٣`), which are rejected here.

mod number;
mod timestamp;

use crate::node::Style;
use number::{float, int, looks_float, looks_int};
use timestamp::{looks_timestamp, timestamp};

/// The Python value of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// `None`
    Null,
    /// `bool`
    Bool(bool),
    /// `int`; a number beyond 128 bits is clamped.
    Int(i128),
    /// `float`
    Float(f64),
    /// `str`
    Str(&'a str),
    /// `datetime.date` or `datetime.datetime`
    Timestamp,
    /// `bytes`, from `!!binary`
    Binary,
    /// A plain `<<` as a key: the entries of its value are merged into the mapping. Only returned by [`key`].
    Merge,
    /// PyYAML raises an error: `=`, an impossible date, an unknown tag.
    Invalid,
}

/// Resolves a scalar as `yaml.safe_load` does. `value` is the cooked text, `tag` the explicit tag in its long form.
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

/// Resolves the key of an entry: as [`scalar`], but `<<` merges and `=` is a string.
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
        // `! "1"` is the number 1: the non-specific tag makes PyYAML resolve the text whatever its quotes are.
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

/// Returns the type of a plain scalar by its form: the regular expressions of `resolver.py`.
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

/// `construct_yaml_bool`
fn bool(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// `construct_yaml_binary`: whether Python's `base64.decodebytes` accepts the value. It ignores characters that are not in
/// the alphabet.
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
