//! Files that are not UTF-8.

use std::borrow::Cow;

use ide::Diagnostic;
use yaml::Span;

/// Bytes that are not UTF-8 as a text of the same length, with a `?` for each byte that cannot be decoded. Of UTF-16 and
/// UTF-32 only the line breaks are kept, because secrets cannot be recognized in it.
pub(super) fn legible(bytes: &[u8]) -> Cow<'static, str> {
    if wide_encoding(bytes).is_some() {
        let shown = |it: &u8| if matches!(it, b'\n' | b'\r') { char::from(*it) } else { '?' };
        return bytes.iter().map(shown).collect();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text.into()
}

/// The encoding of a text of wide characters, recognized as in YAML 1.2: by its byte order mark or, since a YAML text begins
/// with an ASCII character, by the NULs of that character.
pub(super) fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, _, ..] | [0xff, 0xfe, 0, 0, ..] | [_, 0, 0, 0, ..] => Some("UTF-32"),
        [0xfe, 0xff, ..] | [0, _, ..] | [0xff, 0xfe, ..] | [_, 0, ..] => Some("UTF-16"),
        _ => None,
    }
}

/// The diagnostic of a file that is not UTF-8, which dstack cannot open; `offset` is that of the first invalid byte.
pub(super) fn not_utf8(bytes: &[u8], offset: usize) -> Diagnostic {
    let encoding = match wide_encoding(bytes) {
        Some(encoding) => encoding.to_owned(),
        None => format!("not UTF-8: invalid byte 0x{:02X}", bytes.get(offset).copied().unwrap_or(0)),
    };
    let span = Span::new(offset as u32, offset as u32 + 1);
    ide::rules::syntax_error(span, format!("the file is {encoding}; save it as UTF-8"))
}
