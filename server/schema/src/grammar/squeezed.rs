//! A text without its spaces, with the original place of each byte: dstack's `v.replace(" ", "")`.

use std::{borrow::Cow, ops::Range};

use super::units;

/// A text without spaces.
pub(super) struct Squeezed<'a> {
    /// The text without spaces.
    pub text: Cow<'a, str>,
    /// The place in the original of each byte of `text` and of its end; empty if the original has no spaces.
    places: Vec<usize>,
}

impl<'a> Squeezed<'a> {
    /// `original` without its spaces (U+0020 only).
    pub(super) fn new(original: &'a str) -> Squeezed<'a> {
        if !original.contains(' ') {
            return Squeezed { text: Cow::Borrowed(original), places: Vec::new() };
        }
        let kept = original.bytes().enumerate().filter(|(_, byte)| *byte != b' ').map(|(place, _)| place);
        let places = kept.chain([original.trim_end_matches(' ').len()]).collect();
        Squeezed { text: Cow::Owned(original.replace(' ', "")), places }
    }

    /// The range of the original that `range` of the squeezed text came from, without spaces around it.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        let Some(end) = self.places.last() else { return range };
        let place = |at: usize| self.places.get(at).unwrap_or(end);
        let start = *place(range.start);
        if range.is_empty() { start..start } else { start..place(range.end - 1) + 1 }
    }
}

/// Whether removing spaces joins two words or numbers into one: `A100 H100`, but not `80 GB`. dstack does so, but it is not
/// certain that this was meant.
pub(super) fn joins_words(text: &str) -> bool {
    let mut words = text.split_whitespace().peekable();
    std::iter::from_fn(|| Some((words.next()?, *words.peek()?))).any(|(word, next)| {
        let end = next.find(|c: char| !c.is_alphanumeric()).unwrap_or(next.len());
        let is_unit = units::meant(&next[..end]).is_some_and(|(_, factor)| factor == 1.0);
        let is_size = word.ends_with(|c: char| c.is_ascii_digit()) && next.starts_with(char::is_alphabetic) && is_unit;
        word.ends_with(char::is_alphanumeric) && end > 0 && !is_size
    })
}
