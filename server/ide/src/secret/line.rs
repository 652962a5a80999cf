//! Lines that follow a secret: whether they belong to it or start something else.

use super::name;
use crate::limits::MAX_KEY_BYTES;

/// Whether a byte may be part of a key, an option or a token.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The offset of the first character from `at` on that is not a blank.
pub(super) fn skip_blanks(text: &str, at: usize) -> usize {
    at + text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len()
}

/// Whether a line starts with `key: …`, so that it is another entry, not the rest of the value above.
pub(super) fn is_entry(content: &str) -> bool {
    let content = content.trim_start_matches(['-', ' ', '{', ',', '"', '\'']);
    let end = content.bytes().take(MAX_KEY_BYTES).take_while(|it| is_word(*it)).count();
    let rest = content[end..].trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
    end > 0 && rest.strip_prefix(':').is_some_and(|it| it.is_empty() || it.starts_with([' ', '\t']))
}

/// The offset of the colon behind the first key of a line, whatever characters the key has.
fn colon_of_entry(content: &str) -> Option<usize> {
    let bytes = content.as_bytes();
    let is_colon = |at: usize| bytes[at] == b':' && matches!(bytes.get(at + 1), None | Some(b' ' | b'\t'));
    (1..bytes.len().min(MAX_KEY_BYTES)).find(|at| is_colon(*at))
}

/// The offset of the value of a line whose key has odd characters, such as `u!sername: …`, or is a known field, perhaps
/// misspelled, without the blank behind its colon. Any other text at the start of a line among secrets may be a secret.
pub(super) fn behind_odd_key(content: &str) -> Option<usize> {
    let known_field = || {
        let start = content.len() - content.trim_start_matches(['-', ' ', '{', ',', '"', '\'']).len();
        let end = start + content[start..].find([':', '=', ' ', '\t'])?;
        let key = content[start..end].trim_end_matches(['"', '\'']);
        name::is_field_beside_secrets(key).then_some(end)
    };
    let key_end = colon_of_entry(content).or_else(known_field)?;
    let value = content[key_end..].trim_start_matches([':', '=', ' ', '\t']);
    let start = content.len() - value.len();
    // `<<: {usrename: …}`: the mapping has another key, whose value may be the secret.
    let is_merged = &content[..key_end] == "<<" && value.starts_with('{');
    let within = is_merged.then(|| behind_odd_key(value).unwrap_or(0));
    Some(start + within.unwrap_or(0))
}

/// Whether a line that is indented too little is still the value of the key above: it starts no entry, no list item and no
/// document, and it is not a key that is being typed. `is_aligned` says whether it starts in the column of that key.
pub(super) fn is_stray(content: &str, is_aligned: bool) -> bool {
    let starts_item = content == "-" || content.starts_with("- ");
    let starts_other = ["? ", "---", "..."].iter().any(|it| content.starts_with(it));
    let word = content.trim_matches(['"', '\'']);
    let is_variable = !word.contains(char::is_lowercase) && (word.contains('_') || !word.contains(char::is_numeric));
    let is_typed_key = word.bytes().all(is_word) && (is_variable || name::starts_field(word));
    let is_field = content.split_once(':').is_some_and(|it| name::is_field(it.0));
    let is_key = is_typed_key || is_field || colon_of_entry(content).is_some();
    content.contains(char::is_alphanumeric) && !is_key && !starts_other && (is_aligned || !starts_item)
}

/// The offset of the closing quote.
pub(super) fn closing(text: &str, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            it if it == quote => return Some(at),
            _ => at += 1,
        }
    }
    None
}
