//! Edits of a text: sorted, disjoint replacements.
//!
//! All offsets of an [`Edits`] refer to the text before any of them. An offset beyond the text or within a character does
//! not panic: it is moved back to the nearest character boundary.

use crate::span::{Span, floor};

/// The replacement of the bytes of `span` with `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The replaced bytes, in the text before any edit.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// Disjoint edits, sorted by offset; all offsets refer to the same text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    list: Vec<Edit>,
}

impl Edits {
    /// Creates a single replacement.
    pub fn replace(span: Span, text: impl Into<String>) -> Edits {
        Edits { list: vec![edit(span, text.into())] }
    }

    /// Creates a single insertion.
    pub fn insert(offset: u32, text: impl Into<String>) -> Edits {
        Edits::replace(Span::at(offset), text)
    }

    /// Creates edits from replacements in any order; `None` if two overlap. Insertions at the same offset keep their order.
    pub fn new(list: Vec<Edit>) -> Option<Edits> {
        let mut list: Vec<Edit> = list.into_iter().map(|it| edit(it.span, it.text)).collect();
        list.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let disjoint = list.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
        disjoint.then_some(Edits { list })
    }

    /// Iterates over the edits in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Edit> {
        self.list.iter()
    }

    /// Whether there are no edits.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns `text` after the edits.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for edit in &self.list {
            out.push_str(&text[at..floor(text, edit.span.start)]);
            out.push_str(&edit.text);
            at = floor(text, edit.span.end);
        }
        out.push_str(&text[at..]);
        out
    }

    /// Whether `text` is the same after the edits, for example if one edit inserts what another one removes. Stops at the
    /// first difference.
    pub fn is_noop(&self, text: &str) -> bool {
        let spans = || self.list.iter().map(|it| floor(text, it.span.start)..floor(text, it.span.end));
        let (Some(first), Some(last)) = (spans().next(), spans().next_back()) else { return true };
        let removed: usize = spans().map(|it| it.len()).sum();
        let written: usize = self.list.iter().map(|it| it.text.len()).sum();
        if removed != written {
            return false;
        }
        // The text between two edits, then the text of the second one.
        let between = std::iter::once(first.start).chain(spans().map(|it| it.end));
        let parts =
            between.zip(spans()).zip(&self.list).flat_map(|((end, span), edit)| [&text[end..span.start], &edit.text]);
        parts.flat_map(str::bytes).eq(text[first.start..last.end].bytes())
    }

    /// Adds edits of the same text that keep clear of these, so that fixes at different places can be applied together.
    /// Adds all of them or none, and returns whether it did. Two insertions at the same offset do not keep clear, since
    /// their order would be arbitrary; nor does an insertion next to a replacement, since it continues the text that is
    /// replaced.
    pub fn try_merge(&mut self, other: &Edits) -> bool {
        let clear = |one: &Edit, two: &Edit| {
            let meet = if one.span.is_empty() || two.span.is_empty() { u32::gt } else { u32::ge };
            meet(&two.span.start, &one.span.end)
        };
        let place = |edit: &Edit| {
            let index = self.list.partition_point(|it| it.span < edit.span);
            let clear_before = index == 0 || clear(&self.list[index - 1], edit);
            let clear_after = self.list.get(index).is_none_or(|it| clear(edit, it));
            (clear_before && clear_after).then_some(index)
        };
        let Some(places) = other.list.iter().map(place).collect::<Option<Vec<usize>>>() else { return false };
        for (edit, index) in other.list.iter().zip(places).rev() {
            self.list.insert(index, edit.clone());
        }
        true
    }

    /// Returns the offset in the new text of an offset in the old text: after the text that is inserted at it. An offset
    /// within a replaced range maps to the start of that range.
    pub fn map_offset(&self, offset: u32) -> u32 {
        self.map_offsets(&[offset])[0]
    }

    /// Returns [`Edits::map_offset`] of each of these offsets, which must ascend, in one pass.
    pub fn map_offsets(&self, offsets: &[u32]) -> Vec<u32> {
        let mut edits = self.list.iter().peekable();
        let mut longer = 0;
        let map = |offset: &u32| {
            while let Some(it) = edits.next_if(|it| it.span.end <= *offset) {
                longer += it.text.len() as i64 - i64::from(it.span.end - it.span.start);
            }
            let into = edits.peek().map_or(0, |it| offset.saturating_sub(it.span.start));
            u32::try_from(i64::from(*offset) + longer - i64::from(into)).unwrap_or(0)
        };
        offsets.iter().map(map).collect()
    }
}

fn edit(span: Span, text: String) -> Edit {
    Edit { span: Span::new(span.start.min(span.end), span.start.max(span.end)), text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rejects_overlapping_edits() {
        let edit = |start, end| Edit { span: Span::new(start, end), text: "x".into() };
        assert!(Edits::new(vec![edit(3, 5), edit(0, 4)]).is_none());
        assert!(Edits::new(vec![edit(3, 5), edit(0, 3)]).is_some());
        assert_eq!(Edits::replace(Span::new(3, 1), "x").apply("abcd"), "axd");
    }

    #[test]
    fn merges_only_edits_that_keep_clear() {
        let mut edits = Edits::replace(Span::new(2, 4), "X");
        assert!(edits.try_merge(&Edits::replace(Span::new(4, 5), "Y")));
        assert!(edits.try_merge(&Edits::replace(Span::new(0, 2), "")));
        assert!(!edits.try_merge(&Edits::replace(Span::new(1, 3), "")));
        assert!(!edits.try_merge(&Edits::replace(Span::new(2, 4), "X")));
        assert!(edits.try_merge(&Edits::insert(6, "!")));
        assert!(!edits.try_merge(&Edits::insert(6, "?")), "the order would be arbitrary");
        assert!(!edits.try_merge(&Edits::insert(5, "?")), "the text before it is replaced");
        assert_eq!(edits.apply("abcdefg"), "XYf!g");
    }

    fn any_edits(max: u32) -> impl Strategy<Value = Edits> {
        let parts = (prop::collection::vec(0..=max, 0..8), prop::collection::vec("[a-c😀]{0,3}", 4));
        parts.prop_map(|(mut offsets, texts)| {
            offsets.sort();
            let list = offsets
                .chunks(2)
                .zip(texts)
                .map(|(pair, text)| Edit { span: Span::new(pair[0], pair[pair.len() - 1]), text });
            Edits::new(list.collect()).expect("disjoint")
        })
    }

    proptest! {
        #[test]
        fn a_noop_leaves_the_text_as_it_is(text in "[ab]{0,8}", edits in any_edits(8), letters in "[ab]{12}") {
            let mut letters = letters.chars();
            let list = edits.list.iter().map(|it| {
                let text = letters.by_ref().take(it.text.chars().count()).collect();
                Edit { span: it.span, text }
            });
            let edits = Edits { list: list.collect() };
            prop_assert_eq!(edits.is_noop(&text), edits.apply(&text) == text);
        }

        #[test]
        fn nothing_panics(text in "[a-z😀値]{0,12}", one in any_edits(60), two in any_edits(60)) {
            one.apply(&text);
            one.clone().try_merge(&two);
        }

        #[test]
        fn merged_is_both(text in "[a-z]{30}", one in any_edits(30), two in any_edits(30)) {
            let mut both = one.clone();
            let added = both.try_merge(&two);
            let all = one.iter().chain(two.iter()).cloned().collect();
            match Edits::new(all) {
                None => prop_assert!(!added),
                Some(all) => if added { prop_assert_eq!(both.apply(&text), all.apply(&text)) },
            }
        }
    }

    #[test]
    fn offsets_move_with_the_text() {
        // `abcdef` → `aXYZdef!`
        let edits = Edits::new(vec![
            Edit { span: Span::new(1, 3), text: "XYZ".into() },
            Edit { span: Span::new(6, 6), text: "!".into() },
        ])
        .unwrap();
        let moved: Vec<u32> = (0..=6).map(|it| edits.map_offset(it)).collect();
        assert_eq!(moved, [0, 1, 1, 4, 5, 6, 8]);
    }
}
