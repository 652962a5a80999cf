//! Secrets that are recognized without a key: tokens of well-known forms, passwords in URLs, and PEM blocks.

use std::ops::Range;

use super::harmless::is_harmless;

/// Prefixes of well-known tokens, each with the minimum number of characters after it.
const TOKENS: [(&str, usize); 9] = [
    ("hf_", 30),
    ("AKIA", 16),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 36),
    ("sk-", 20),
];
/// Minimum length of a token in bytes: `AKIA` and 16 characters.
const MIN_TOKEN_BYTES: usize = 20;

/// The first token within a part of a line. A token starts behind a character that is not a letter or digit.
pub(super) fn token_in(line: &str, part: Range<usize>) -> Option<Range<usize>> {
    let bytes = line.as_bytes();
    let mut at = part.start;
    while at + MIN_TOKEN_BYTES <= part.end {
        let is_start = bytes[at].is_ascii_alphabetic() && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
        if is_start && let Some((length, is_token)) = token(&line[at..part.end]) {
            yaml::work::add(length);
            if is_token {
                return Some(at..at + length);
            }
            // Text that is too short for a token contains no other one: that would be even shorter.
            at += length;
        }
        at += 1;
    }
    None
}

/// The length of the candidate at the start of a text with the prefix of a token, and whether it is a token.
fn token(text: &str) -> Option<(usize, bool)> {
    let (prefix, min) = TOKENS.iter().find(|it| text.starts_with(it.0))?;
    let rest = &text[prefix.len()..];
    let is_part = |it: u8| match *prefix {
        "sk-" | "github_pat_" => it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-'),
        "AKIA" => it.is_ascii_uppercase() || it.is_ascii_digit(),
        _ => it.is_ascii_alphanumeric(),
    };
    let length = rest.bytes().take_while(|it| is_part(*it)).count();
    // Words with hyphens, as in `sk-learn-pipeline-for-training`, are not a key.
    let is_random = || {
        let part = &rest[..length];
        let is_mixed =
            part.contains(|it: char| it.is_ascii_digit()) && part.contains(|it: char| it.is_ascii_uppercase());
        is_mixed || part.split(['-', '_']).any(|it| it.len() >= 16)
    };
    Some((prefix.len() + length, length >= *min && (*prefix != "sk-" || is_random())))
}

/// Offsets that all URLs of a line share: each search starts where the last one ended.
#[derive(Default)]
pub(super) struct Ahead {
    at_sign: usize,
    blank: usize,
}

impl Ahead {
    /// The next `@` from `from` on, if no blank or quote precedes it. `from` is positive and does not decrease between calls.
    fn at_sign(&mut self, line: &str, from: usize) -> Option<usize> {
        let next = |is: fn(&u8) -> bool| {
            let found = line.as_bytes()[from..].iter().position(is).map_or(line.len(), |it| from + it);
            yaml::work::add(found - from);
            found
        };
        if self.at_sign < from {
            self.at_sign = next(|it| *it == b'@');
        }
        if self.blank < from {
            self.blank = next(ends_url);
        }
        (self.at_sign < self.blank).then_some(self.at_sign)
    }
}

fn ends_url(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`')
}

/// The password of the URL whose `://` ends at `start`: between `:` and `@`, as in `https://user:password@host`.
pub(super) fn password(line: &str, start: usize, ahead: &mut Ahead) -> Option<Range<usize>> {
    let is_end = |it: &u8| ends_url(it) || matches!(it, b'/' | b'?' | b'#');
    let authority = &line[start..];
    let authority = &authority[..authority.bytes().position(|it| is_end(&it)).unwrap_or(authority.len())];
    let colon = start + authority.find(':')?;
    let rest = &line[colon + 1..start + authority.len()];
    let end = match authority.rfind('@') {
        Some(sign) => start + sign,
        // Not a port, and followed by `@`: a password with an unescaped special character, as in `u:p/w@host`.
        None if rest.contains(|it: char| !it.is_ascii_digit()) && !rest.contains(['$', '{', ']']) => {
            ahead.at_sign(line, start + authority.len())?
        }
        None => return None,
    };
    let is_digest = line[end..].starts_with("@sha256:");
    let password = line.get(colon + 1..end)?;
    let is_placeholder = matches!(password.as_bytes(), [b'{', .., b'}'] | [b'<', .., b'>']);
    (!is_digest && !is_placeholder && !is_harmless(password)).then_some(colon + 1..end)
}

/// The offset of a PEM block in a word. Nearly all words are too short, or have no hyphen.
pub(super) fn pem_begin(word: &str) -> Option<usize> {
    const BEGIN: &str = "-----BEGIN";
    let may_have = word.len() >= BEGIN.len() && memchr::memchr(b'-', word.as_bytes()).is_some();
    if may_have { word.find(BEGIN) } else { None }
}

/// The end of a PEM block in its last line.
pub(super) fn pem_end(text: &str) -> Option<usize> {
    let end = text.find("-----END")? + "-----END".len();
    Some(text[end..].find("-----").map_or(text.len(), |it| end + it + "-----".len()))
}
