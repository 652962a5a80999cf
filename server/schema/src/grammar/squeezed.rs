//! A text without its spaces, and where each of its bytes was. dstack's `v.replace(" ", "")`.

use std::{borrow::Cow, ops::Range};

/// A text without spaces.
pub(super) struct Squeezed<'a> {
    /// The text with its spaces.
    original: &'a str,
    /// The text without them.
    pub text: Cow<'a, str>,
}

impl<'a> Squeezed<'a> {
    /// `original` without its spaces (U+0020 only).
    pub(super) fn new(original: &'a str) -> Squeezed<'a> {
        let text = if original.contains(' ') { Cow::Owned(original.replace(' ', "")) } else { Cow::Borrowed(original) };
        Squeezed { original, text }
    }

    /// The bytes of the original that `range` of the squeezed text came from, without spaces around them.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        if let Cow::Borrowed(_) = self.text {
            return range;
        }
        let start = self.byte(range.start);
        let end = if range.is_empty() { start } else { self.byte(range.end - 1) + 1 };
        start..end
    }

    /// Where the byte `at` of the squeezed text was.
    fn byte(&self, at: usize) -> usize {
        let mut kept = self.original.bytes().enumerate().filter(|(_, byte)| *byte != b' ').map(|(place, _)| place);
        kept.nth(at).unwrap_or_else(|| self.original.trim_end_matches(' ').len())
    }
}
