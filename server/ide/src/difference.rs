//! The edits between two texts.

use yaml::{Edits, Span};

use crate::limits::{MAX_DIFFERENCES, MAX_DIFFERENT_LINES};

/// The edits that turn one text into another. They touch only the lines that differ, and of those the characters between the
/// first and the last difference, so that cursors, folds and breakpoints elsewhere keep their positions.
pub(crate) fn difference(before: &str, after: &str) -> Edits {
    let in_one = || Edits::new(replacement(before, 0, before, after).into_iter().collect()).unwrap_or_default();
    by_lines(before, after).unwrap_or_else(in_one)
}

/// The same as several edits; `None` if there are too many lines or too many differences.
fn by_lines(before: &str, after: &str) -> Option<Edits> {
    let (start, end) = yaml::text::common_ends(before, after);
    let start = before[..start].rfind('\n').map_or(0, |it| it + 1);
    let end = before[before.len() - end..].find('\n').map_or(0, |it| end - it - 1);
    let old: Vec<&str> = before[start..before.len() - end].split_inclusive('\n').collect();
    let new: Vec<&str> = after[start..after.len() - end].split_inclusive('\n').collect();
    if old.len() + new.len() > MAX_DIFFERENT_LINES {
        return None;
    }
    let mut edits = vec![];
    let mut at = start;
    for op in similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new) {
        let (tag, old_range, new_range) = op.as_tag_tuple();
        let (old, new) = (&old[old_range], &new[new_range]);
        if tag == similar::DiffTag::Equal {
            at += old.iter().map(|it| it.len()).sum::<usize>();
        } else if old.len() == new.len() {
            for (old, new) in old.iter().zip(new) {
                edits.extend(replacement(before, at, old, new));
                at += old.len();
            }
        } else {
            let (old, new) = (old.concat(), new.concat());
            edits.extend(replacement(before, at, &old, &new));
            at += old.len();
        }
    }
    (edits.len() <= MAX_DIFFERENCES).then(|| Edits::new(edits)).flatten()
}

/// The edit that turns `old`, which is at offset `at` of `text`, into `new`, without the characters that both have in common
/// at their ends. `None` if they are equal.
fn replacement(text: &str, at: usize, old: &str, new: &str) -> Option<yaml::Edit> {
    if old == new {
        return None;
    }
    let (head, tail) = yaml::text::common_ends(old, new);
    let (mut start, mut end) = (at + head, at + old.len() - tail);
    let mut new = new[head..new.len() - tail].to_owned();
    // The protocol has no position between CR and LF.
    let is_within_break = |at: usize| text[..at].ends_with('\r') && text[at..].starts_with('\n');
    if is_within_break(start) {
        start -= 1;
        new.insert(0, '\r');
    }
    if is_within_break(end) {
        end += 1;
        new.push('\n');
    }
    Some(yaml::Edit { span: Span::new(start as u32, end as u32), text: new })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use yaml::{Change, Encoding, Text};

    use super::*;

    /// Start, end and text of each edit.
    fn edits(before: &str, after: &str) -> Vec<(u32, u32, String)> {
        difference(before, after).iter().map(|it| (it.span.start, it.span.end, it.text.clone())).collect()
    }

    #[test]
    fn only_the_characters_that_differ_are_replaced() {
        let edit = |start, end, text: &str| (start, end, text.to_owned());
        assert_eq!(edits("a", "a"), []);
        assert_eq!(edits("aé", "aè"), [edit(1, 3, "è")]);
        assert_eq!(edits("", "x"), [edit(0, 0, "x")]);
        assert_eq!(edits("x", ""), [edit(0, 1, "")]);
        assert_eq!(edits("a: 1\nb: 2\n", "a: 1\nc: 3\nb: 2\n"), [edit(5, 5, "c: 3\n")]);
        let between = "x: y\n".repeat(300);
        let text = |first: &str, second: &str| format!("{first}: 1\n{between}{second}: 2\n");
        let expected = [edit(2, 2, "m"), edit(1512, 1512, "i")];
        assert_eq!(edits(&text("coands", "prorty"), &text("comands", "priorty")), expected);
        // On adjacent lines.
        assert_eq!(edits("naem: x\nimge: y\n", "name: x\nimage: y\n"), [edit(2, 4, "me"), edit(10, 10, "a")]);
        assert_eq!(edits("a\r\nb\r\n", "a\nb\r\n"), [edit(1, 3, "\n")]);
    }

    #[test]
    fn too_many_differences_are_one_edit() {
        let text = |n: usize, key: &str| format!("{key}: 1\nx: y\n").repeat(n);
        assert_eq!(edits(&text(MAX_DIFFERENCES, "a"), &text(MAX_DIFFERENCES, "b")).len(), MAX_DIFFERENCES);
        assert_eq!(edits(&text(MAX_DIFFERENCES + 1, "a"), &text(MAX_DIFFERENCES + 1, "b")).len(), 1);
        assert_eq!(edits(&text(MAX_DIFFERENT_LINES / 4 + 1, "a"), &text(MAX_DIFFERENT_LINES / 4 + 1, "b")).len(), 1);
    }

    fn any_text() -> impl Strategy<Value = String> {
        let parts = vec!["a: 1", "b", " ", "é", "😀", "\n", "\n", "\r\n", "\r", "- c\n"];
        prop::collection::vec(prop::sample::select(parts), 0..24).prop_map(|it| it.concat())
    }

    proptest! {
        #[test]
        fn the_edits_turn_the_first_text_into_the_second(before in any_text(), after in any_text()) {
            let edits = difference(&before, &after);
            prop_assert_eq!(edits.apply(&before), after.clone());
            let spans: Vec<Span> = edits.iter().map(|it| it.span).collect();
            prop_assert!(spans.windows(2).all(|it| it[0].end <= it[1].start), "{:?}", spans);
            // A client applies them by lines and columns.
            let text = Text::new(&before);
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                let change = |it: &yaml::Edit| Change { range: Some(text.range(it.span, encoding)), text: it.text.clone() };
                let changes: Vec<Change> = edits.iter().rev().map(change).collect();
                let changed = text.changed(&changes, encoding);
                prop_assert_eq!(changed.as_str(), &*after);
            }
        }
    }
}
