//! Anchors and tags in text that is not parsed.

use crate::lines::{line_end, line_start};

/// Returns the offsets of commas directly after what may be a tag. In a directive (`%TAG !e! !x,2000:`) they are text.
pub(super) fn commas_behind_tags(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut commas = vec![];
    let (mut at, mut line) = (0, 0);
    while let Some(found) = memchr::memchr(b'!', &bytes[at..]) {
        match line_start(&text[at..], found) {
            0 => {}
            start => line = at + start,
        }
        at += found;
        if bytes[line] == b'%' {
            at = line_end(text, at);
            continue;
        }
        at += tag_len(&bytes[at..]);
        if bytes.get(at) == Some(&b',') {
            commas.push(at as u32);
        }
    }
    commas
}

/// Returns the length of the anchor at the start of the text.
pub(super) fn anchor_len(anchor: &[u8]) -> usize {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    1 + anchor[1..].iter().take_while(is_part).count()
}

/// Returns the length of the tag at the start of the text, as the strict parser reads it.
pub(super) fn tag_len(tag: &[u8]) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-;/?:@&=+$.%!~*'()".contains(byte);
    if tag.get(1) == Some(&b'<') {
        let uri = tag[2..].iter().take_while(|byte| is_part(byte) || b",[]".contains(byte)).count();
        return 2 + uri + usize::from(tag.get(2 + uri) == Some(&b'>'));
    }
    1 + tag[1..].iter().take_while(|byte| is_part(byte)).count()
}
