//! Changes to a text: sorted, disjoint replacements.
//!
//! All offsets of an [`Edits`] refer to the text before any of them. Nothing here panics on an offset that lies beyond
//! the text or within a character: it is moved back to the nearest place where the text can be cut.

use crate::text::{Span, floor};

/// Replace the bytes of `span` by `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced, in the text before any edit.
    pub span: Span,
    /// What it is replaced by.
    pub text: String,
}

/// Edits sorted by place that do not overlap; all offsets refer to the same text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    list: Vec<Edit>,
}

/// Where an offset goes that stands exactly where something is replaced or inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before the new text.
    Before,
    /// Behind the new text.
    After,
}

impl Edits {
    /// One replacement.
    pub fn replace(span: Span, text: impl Into<String>) -> Edits {
        Edits { list: vec![edit(span, text.into())] }
    }

    /// An insertion.
    pub fn insert(offset: u32, text: impl Into<String>) -> Edits {
        Edits::replace(Span::at(offset), text)
    }

    /// Several replacements in any order; `None` where two overlap. Insertions at the same place keep their order.
    pub fn new(list: Vec<Edit>) -> Option<Edits> {
        let mut list: Vec<Edit> = list.into_iter().map(|it| edit(it.span, it.text)).collect();
        list.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let disjoint = list.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
        disjoint.then_some(Edits { list })
    }

    /// From the first to the last.
    pub fn iter(&self) -> std::slice::Iter<'_, Edit> {
        self.list.iter()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// `text` after the edits.
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

    /// Both as one change: `a.compose(&b).apply(t)` is `b.apply(&a.apply(t))`. The offsets of `after` refer to the text
    /// that `self` leaves.
    pub fn compose(&self, after: &Edits) -> Edits {
        // The text between the two: stretches of the old text and what was inserted.
        let mut between = vec![];
        let mut at = 0;
        for edit in &self.list {
            between.push(Stretch::Old(Span::new(at, edit.span.start)));
            between.push(Stretch::New(&edit.text));
            at = edit.span.end;
        }
        between.push(Stretch::Old(Span::new(at, u32::MAX)));

        // The text after both, in the same terms.
        let mut left = between.into_iter();
        let mut first = left.next();
        let mut at = 0;
        let mut result = vec![];
        for edit in &after.list {
            take(&mut first, &mut left, edit.span.start - at, Some(&mut result));
            take(&mut first, &mut left, edit.span.end - edit.span.start, None);
            result.push(Stretch::New(&edit.text));
            at = edit.span.end;
        }
        result.extend(first);
        result.extend(left);

        let mut list: Vec<Edit> = vec![];
        let (mut at, mut text) = (0, String::new());
        for stretch in result {
            match stretch {
                Stretch::New(new) => text.push_str(new),
                Stretch::Old(old) if old.is_empty() => {}
                Stretch::Old(old) => {
                    if at < old.start || !text.is_empty() {
                        list.push(Edit { span: Span::new(at, old.start), text: std::mem::take(&mut text) });
                    }
                    at = old.end;
                }
            }
        }
        if at < u32::MAX || !text.is_empty() {
            list.push(Edit { span: Span::new(at, u32::MAX), text });
        }
        Edits { list }
    }

    /// Add edits of the same text if they keep clear of these: fixes that touch different places can be made at once.
    /// Returns whether they were added; all of them are, or none. Two insertions at one place do not keep clear, since
    /// their order would be chance.
    pub fn try_merge(&mut self, other: &Edits) -> bool {
        let place = |edit: &Edit| {
            let index = self.list.partition_point(|it| it.span < edit.span);
            let clear_before = index == 0 || self.list[index - 1].span.end <= edit.span.start;
            let clear_after =
                self.list.get(index).is_none_or(|it| edit.span.end <= it.span.start && it.span != edit.span);
            (clear_before && clear_after).then_some(index)
        };
        let Some(places) = other.list.iter().map(place).collect::<Option<Vec<usize>>>() else { return false };
        for (edit, index) in other.list.iter().zip(places).rev() {
            self.list.insert(index, edit.clone());
        }
        true
    }

    /// Where an offset of the old text is in the new one. Within a replaced stretch it goes to the side asked for.
    pub fn map_offset(&self, offset: u32, side: Side) -> u32 {
        let (mut removed, mut added) = (0u32, 0u32);
        for edit in &self.list {
            let Span { start, end } = edit.span;
            let new = edit.text.len() as u32;
            if offset < start {
                break;
            }
            // At the borders of a replacement the offset keeps to the text outside of it.
            let inside = start < offset && offset < end || start == end && offset == start;
            if inside {
                let base = (start - removed).saturating_add(added);
                return if side == Side::Before { base } else { base.saturating_add(new) };
            }
            if offset < end || offset == start {
                break;
            }
            removed += end - start;
            added = added.saturating_add(new);
        }
        (offset - removed).saturating_add(added)
    }
}

fn edit(span: Span, text: String) -> Edit {
    Edit { span: Span::new(span.start.min(span.end), span.start.max(span.end)), text }
}

/// A stretch of a text that came out of an edit.
#[derive(Clone, Copy)]
enum Stretch<'a> {
    Old(Span),
    New(&'a str),
}

/// Move `count` bytes from the front of the stretches to `out`, or drop them.
fn take<'a>(
    first: &mut Option<Stretch<'a>>,
    rest: &mut impl Iterator<Item = Stretch<'a>>,
    mut count: u32,
    mut out: Option<&mut Vec<Stretch<'a>>>,
) {
    while count > 0 {
        let Some(stretch) = *first else { return };
        let len = match stretch {
            Stretch::Old(span) => span.end - span.start,
            Stretch::New(text) => text.len() as u32,
        };
        if len <= count {
            count -= len;
            *first = rest.next();
            if let Some(out) = out.as_mut() {
                out.push(stretch);
            }
            continue;
        }
        let (head, tail) = match stretch {
            Stretch::Old(span) => {
                let cut = span.start + count;
                (Stretch::Old(Span::new(span.start, cut)), Stretch::Old(Span::new(cut, span.end)))
            }
            Stretch::New(text) => {
                let (head, tail) = text.split_at(floor(text, count));
                (Stretch::New(head), Stretch::New(tail))
            }
        };
        *first = Some(tail);
        if let Some(out) = out.as_mut() {
            out.push(head);
        }
        return;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_overlaps() {
        let edit = |start, end| Edit { span: Span::new(start, end), text: "x".into() };
        assert!(Edits::new(vec![edit(3, 5), edit(0, 4)]).is_none());
        assert!(Edits::new(vec![edit(3, 5), edit(0, 3)]).is_some());
        assert_eq!(Edits::replace(Span::new(3, 1), "x").apply("abcd"), "axd");
    }

    #[test]
    fn merges_neighbours_only() {
        let mut edits = Edits::replace(Span::new(2, 4), "X");
        assert!(edits.try_merge(&Edits::replace(Span::new(4, 5), "Y")));
        assert!(edits.try_merge(&Edits::replace(Span::new(0, 2), "")));
        assert!(!edits.try_merge(&Edits::replace(Span::new(1, 3), "")));
        assert!(!edits.try_merge(&Edits::replace(Span::new(2, 4), "X")));
        assert!(edits.try_merge(&Edits::insert(6, "!")));
        assert!(!edits.try_merge(&Edits::insert(6, "?")), "the order would be chance");
        assert_eq!(edits.apply("abcdefg"), "XYf!g");
    }

    #[test]
    fn maps_offsets() {
        let edits = Edits::new(vec![
            Edit { span: Span::new(1, 3), text: "wxyz".into() },
            Edit { span: Span::at(5), text: "!".into() },
        ]);
        let edits = edits.expect("disjoint"); // abcdefg ⇒ awxyzde!fg
        let map = |offset, side| edits.map_offset(offset, side);
        assert_eq!((map(0, Side::Before), map(1, Side::Before), map(1, Side::After)), (0, 1, 1));
        assert_eq!((map(2, Side::Before), map(2, Side::After), map(3, Side::Before)), (1, 5, 5));
        assert_eq!((map(5, Side::Before), map(5, Side::After), map(7, Side::Before)), (7, 8, 10));
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
        fn composed_is_one_after_the_other(text in "[a-z]{30}", one in any_edits(30), two in any_edits(40)) {
            let between = one.apply(&text);
            let cut = |offset: u32| floor(&between, offset) as u32;
            let two = Edits::new(two.iter().map(|edit| Edit {
                span: Span::new(cut(edit.span.start), cut(edit.span.end)),
                text: edit.text.clone(),
            }).collect()).expect("disjoint");
            let both = one.compose(&two);
            prop_assert_eq!(both.apply(&text), two.apply(&between));
            prop_assert!(Edits::new(both.iter().cloned().collect()).is_some(), "sorted and disjoint");
        }

        #[test]
        fn nothing_panics(text in "[a-z😀値]{0,12}", one in any_edits(60), two in any_edits(60), offset in 0u32..80) {
            one.compose(&two).apply(&text);
            one.clone().try_merge(&two);
            one.map_offset(offset, Side::After);
            one.map_offset(u32::MAX, Side::Before);
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
}
