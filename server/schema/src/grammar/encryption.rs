//! The name and the secret of an encryption key of the server.
//!
//! ```ebnf
//! encryption-key-name = alnum , { alnum } ;                    (* letters and digits of any script *)
//! aes-secret          = 43 * base64-digit , "=" ;              (* 32 bytes *)
//! ```
//!
//! Mirrors `AESEncryptionKeyConfig` in dstack's `server/services/encryption/keys/aes.py`: `str.isalnum()`, and
//! `b64decode(…, validate=True)` of Python 3.11 and later. Unlike Python, this accepts spacing vowel signs of Indian scripts as
//! letters.

use super::{
    plain, python,
    types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role},
};
use crate::{release::Release, value::Value};

/// `name: key1`
pub struct KeyName;

/// `secret: AAEC…Hh8=`. No message repeats any of it.
pub struct AesSecret;

impl Grammar for KeyName {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "encryption-key-name",
            title: "a key name",
            docs: "The name of the key: letters and digits only, such as `key1`.",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let Some(text) = python::text(value, release) else { return Parsed::wrong(plain::not_a_text(value)) };
        if text.is_empty() {
            return Parsed::wrong(Problem::whole("the name is empty; expected letters and digits"));
        }
        let Some((at, c)) = text.char_indices().find(|it| !is_alphanumeric(it.1)) else {
            return Parsed::right(place(value, 0..text.len()), Role::Name, format!("`{text}`"));
        };
        let meant: String = text.chars().filter(|it| is_alphanumeric(*it)).collect();
        let message = format!("`{}` is not allowed in a key name; use letters and digits only", c.escape_debug());
        let problem = Problem::at(place(value, at..at + c.len_utf8()), message);
        Parsed::wrong(problem.suggest((!meant.is_empty()).then_some(meant)))
    }

    fn expected(&self, _: &str, _: usize, _: Release) -> Vec<Expected> {
        Vec::new()
    }
}

impl Grammar for AesSecret {
    fn meta(&self) -> &Meta {
        &Meta {
            name: "aes-secret",
            title: "a Base64-encoded 32-byte key",
            docs: "The key: 32 random bytes in Base64 (44 characters). `head -c 32 /dev/urandom | base64` generates one.",
        }
    }

    fn parse(&self, value: Value<'_>, release: Release) -> Parsed {
        let Some(text) = python::text(value, release) else { return Parsed::wrong(plain::not_a_text(value)) };
        let digits = text.trim_end_matches('=');
        let pads = text.len() - digits.len();
        let stray = digits.char_indices().find(|(_, c)| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/'));
        let make = "`head -c 32 /dev/urandom | base64` generates a key";
        let message = if text.is_empty() {
            format!("the secret is empty; {make}")
        } else if stray.is_some() {
            format!("invalid Base64; {make}")
        } else if (digits.len() + pads) % 4 != 0 || pads > 2 || digits.len() % 4 == 1 {
            format!("incomplete Base64; {make}")
        } else if digits.len() != 43 {
            let bytes = digits.len() * 3 / 4;
            format!("expected a 32-byte key, found {bytes} bytes; {make}")
        } else {
            let part = Part::new(place(value, 0..text.len()), Role::Key, "a 32-byte key");
            return Parsed { parts: vec![part], problems: vec![] };
        };
        let range = match stray {
            Some((at, c)) => at..at + c.len_utf8(),
            None => 0..text.len(),
        };
        Parsed::wrong(Problem::at(place(value, range), message))
    }

    fn expected(&self, _: &str, _: usize, _: Release) -> Vec<Expected> {
        Vec::new()
    }
}

/// The place of a part of the string; empty if YAML did not read a string.
fn place(value: Value<'_>, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    if matches!(value, Value::Str(_)) { range } else { 0..0 }
}

/// `str.isalnum()` of a character: like Rust's, but without combining marks and without circled and squared letters.
fn is_alphanumeric(c: char) -> bool {
    let is_mark = || c.escape_debug().count() > 1;
    let is_symbol = || matches!(c, '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}');
    c.is_ascii_alphanumeric() || !c.is_ascii() && c.is_alphanumeric() && !is_mark() && !is_symbol()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn problem(grammar: &dyn Grammar, value: Value<'_>) -> String {
        grammar.parse(value, Release::NEWEST).problems.pop().map_or(String::new(), |it| it.message)
    }

    #[test]
    fn names_are_alphanumeric() {
        // Results of `str.isalnum()`.
        for name in ["key1", "K", "ключ", "鍵", "²", "½", "Ⅷ", "ª"] {
            assert_eq!(problem(&KeyName, Value::Str(name)), "", "{name}");
        }
        for name in ["", "k-1", "k_1", "k 1", "k\n", "e\u{301}", "Ⓐ", "🅰", "€"] {
            assert_ne!(problem(&KeyName, Value::Str(name)), "", "{name}");
        }
        assert_eq!(problem(&KeyName, Value::Int(1)), "");
        assert_ne!(problem(&KeyName, Value::Int(-1)), "");
        assert_ne!(problem(&KeyName, Value::Float(1.5)), "");
        assert_ne!(problem(&KeyName, Value::Bool(true)), "");
        assert!(KeyName.parse(Value::Bool(true), Release::new(0, 20, 29)).is_ok());
        let parsed = KeyName.parse(Value::Str("my-key"), Release::NEWEST);
        assert_eq!(parsed.problems[0].suggestion.as_deref(), Some("mykey"));
    }

    #[test]
    fn secrets_are_32_bytes_in_base64() {
        assert_eq!(problem(&AesSecret, Value::Str(SECRET)), "");
        let short = &SECRET[..40];
        let wrong = [
            ("", "empty"),
            ("abc", "incomplete Base64"),
            ("abcd", "found 3 bytes"),
            (&SECRET[..43], "incomplete Base64"),
            (&format!("{SECRET}="), "incomplete Base64"),
            (&format!("{SECRET}\n"), "invalid Base64"),
            (&format!("={}", &SECRET[..43]), "invalid Base64"),
            (&SECRET.replace('A', "-"), "invalid Base64"),
            (&SECRET.replace('A', "é"), "invalid Base64"),
            (short, "found 30 bytes"),
        ];
        for (text, message) in wrong {
            let found = problem(&AesSecret, Value::Str(text));
            assert!(found.contains(message), "{text}: {found}");
            assert!(text.len() < 4 || !found.contains(text), "{found}");
        }
        assert_ne!(problem(&AesSecret, Value::Int(1)), "");
        assert_ne!(problem(&AesSecret, Value::Null), "");
    }
}
