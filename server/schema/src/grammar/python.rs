//! Numbers and strings as Python and pydantic read and write them.
//!
//! dstack passes a scalar to Python's `int()` and `float()` (its own parsers, and pydantic 1 for plain fields) or to the
//! parsers of pydantic 2. They differ from each other and from Rust's in whitespace, underscores, digits outside ASCII and
//! trailing zeros; agreement is tested on generated strings (`tests/differential`).

use std::borrow::Cow;

use crate::{release::Release, value::Value};

/// Maximum number of digits; Python (`sys.int_info.default_max_str_digits`) and pydantic 2 refuse longer numbers.
const MAX_DIGITS: usize = 4300;

/// The zeros of the decimal digits outside ASCII (category Nd of Unicode 14); nine more digits follow each.
const ZEROS: [u32; 65] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0,
    0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0,
    0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// The value of a decimal digit of any script, as `\d` of Python's `re` and `int()` know them.
pub fn digit(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let c = u32::from(c);
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= c)].last()?;
    (c - zero < 10).then_some(c - zero)
}

/// Whitespace of `str.split()`, `str.strip()` and `\s` in Python's `re`: like Rust's, and four separators.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// `int(text)`; a number beyond 128 bits becomes the nearest that fits.
pub fn int(text: &str) -> Option<i128> {
    // `int` first converts whitespace and digits of any script to ASCII; the separators 0x1c to 0x1f are not whitespace here.
    let (negative, digits) = sign(text.trim());
    digits_with_underscores(digits).map(|it| if negative { it.saturating_neg() } else { it })
}

/// The value of one or more digits with single underscores between them.
fn digits_with_underscores(digits: &str) -> Option<i128> {
    let mut value: i128 = 0;
    let mut count = 0;
    let mut after_digit = false;
    for c in digits.chars() {
        if c == '_' && after_digit {
            after_digit = false;
            continue;
        }
        value = value.saturating_mul(10).saturating_add(digit(c)?.into());
        count += 1;
        after_digit = true;
    }
    (after_digit && count <= MAX_DIGITS).then_some(value)
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// `float(text)`.
pub fn float(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.bytes().all(|it| it.is_ascii_digit() || it == b'.') {
        return text.parse().ok();
    }
    let mut ascii = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, digit(c)) {
            (_, Some(value)) => ascii.push(char::from_digit(value, 10)?),
            ('_', _) => {
                let between = ascii.ends_with(|it: char| it.is_ascii_digit())
                    && chars.peek().is_some_and(|next| digit(*next).is_some());
                if !between {
                    return None;
                }
            }
            (c, None) if c.is_ascii() => ascii.push(c),
            _ => return None,
        }
    }
    ascii.parse().ok()
}

/// How a field of type `int` reads a string: pydantic 1 calls `int`, pydantic 2 has its own parser.
pub fn int_field(text: &str, release: Release) -> Option<i128> {
    if release.is_pydantic_2() { int_of_pydantic_2(text) } else { int(text) }
}

/// How a field of type `float` reads a string: pydantic 1 calls `float`, pydantic 2 has its own parser.
pub fn float_field(text: &str, release: Release) -> Option<f64> {
    if !release.is_pydantic_2() {
        return float(text);
    }
    let text = text.trim();
    if !text.contains('_') {
        return text.parse().ok();
    }
    let well_placed = !text.starts_with('_') && !text.ends_with('_') && !text.contains("__");
    if well_placed { text.replace('_', "").parse().ok() } else { None }
}

/// ASCII digits with single underscores, optionally followed by `.0`.
fn int_of_pydantic_2(text: &str) -> Option<i128> {
    let text = text.trim();
    let (negative, digits) = sign(text);
    let digits = match digits.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|it| it == b'0') => whole,
        Some(_) => return None,
        None => digits,
    };
    if !digits.is_ascii() {
        return None;
    }
    digits_with_underscores(digits).map(|it| if negative { it.saturating_neg() } else { it })
}

/// How `str(number)` writes a float: `1.0`, `1e+16`, `nan`.
pub fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = number.to_string();
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// The string that a field of type `str` gets: numbers are converted; so are booleans up to 0.20 (`True`), which pydantic 2
/// refuses.
pub fn text<'a>(value: Value<'a>, release: Release) -> Option<Cow<'a, str>> {
    match value {
        Value::Str(text) => Some(Cow::Borrowed(text)),
        Value::Int(number) => Some(Cow::Owned(number.to_string())),
        Value::Float(number) => Some(Cow::Owned(float_repr(number))),
        Value::Bool(true) if !release.is_pydantic_2() => Some(Cow::Borrowed("True")),
        Value::Bool(false) if !release.is_pydantic_2() => Some(Cow::Borrowed("False")),
        Value::Bool(_) | Value::Null | Value::Bytes | Value::Other => None,
    }
}

/// Whether `str.isprintable()` holds for the character.
pub fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\0'..='\u{7f}' => false,
        // Rust escapes non-printable characters by the same definition (categories C* and Z* except the space), but
        // combining marks only at the start of a string.
        _ => {
            let pair = String::from_iter(['a', c]);
            pair.escape_debug().count() == 2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYDANTIC_1: Release = Release::new(0, 20, 29);

    #[test]
    fn integers_are_read_as_in_python() {
        // Results of `int()` and pydantic 2.
        let asked = [
            ("1", Some(1), Some(1)),
            (" 1\n", Some(1), Some(1)),
            ("\u{a0}1", Some(1), Some(1)),
            ("1\u{1c}", None, None),
            ("+1", Some(1), Some(1)),
            ("-007", Some(-7), Some(-7)),
            ("1_000", Some(1000), Some(1000)),
            ("1__0", None, None),
            ("_1", None, None),
            ("1_", None, None),
            ("1.0", None, Some(1)),
            ("1_0.00", None, Some(10)),
            ("1.", None, None),
            (".0", None, None),
            ("1e3", None, None),
            ("\u{ff11}", Some(1), None),
            ("\u{663}", Some(3), None),
            ("", None, None),
            ("-", None, None),
        ];
        for (text, one, two) in asked {
            assert_eq!((int_field(text, PYDANTIC_1), int_field(text, Release::NEWEST)), (one, two), "{text:?}");
        }
        assert_eq!(int(&"9".repeat(4300)), Some(i128::MAX));
        assert_eq!(int(&"9".repeat(4301)), None);
    }

    #[test]
    fn floats_are_read_as_in_python() {
        let asked = [
            ("1.5", Some(1.5), Some(1.5)),
            (" 5. ", Some(5.0), Some(5.0)),
            ("1e3", Some(1000.0), Some(1000.0)),
            ("1_000.5", Some(1000.5), Some(1000.5)),
            ("1_.5", None, Some(1.5)),
            ("1e_5", None, Some(1e5)),
            ("1__0", None, None),
            ("-Infinity", Some(f64::NEG_INFINITY), Some(f64::NEG_INFINITY)),
            ("1e999", Some(f64::INFINITY), Some(f64::INFINITY)),
            ("\u{ff11}", Some(1.0), None),
            ("1,5", None, None),
            ("0x10", None, None),
            (".", None, None),
        ];
        for (text, one, two) in asked {
            assert_eq!((float_field(text, PYDANTIC_1), float_field(text, Release::NEWEST)), (one, two), "{text:?}");
        }
        assert!(float("nan").is_some_and(f64::is_nan));
    }

    #[test]
    fn floats_are_written_as_in_python() {
        let written = [1.0, 7.5, 1e15, 1e16, 1.5e300, 1e-4, 1e-5, -0.5, f64::NAN].map(float_repr);
        assert_eq!(
            written,
            ["1.0", "7.5", "1000000000000000.0", "1e+16", "1.5e+300", "0.0001", "1e-05", "-0.5", "nan"]
        );
    }

    #[test]
    fn printable_characters_are_those_of_python() {
        let printable = |c| is_printable(c);
        assert!(['a', '\'', '\\', 'é', '\u{301}', '\u{1f600}'].into_iter().all(printable));
        assert!(
            !['\n', '\u{7f}', '\u{85}', '\u{ad}', '\u{200b}', '\u{2028}', '\u{3000}', '\u{e000}']
                .into_iter()
                .any(printable)
        );
    }
}
