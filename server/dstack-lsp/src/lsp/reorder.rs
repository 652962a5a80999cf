//! Applies edits in the order of their versions, whatever the order in which they arrive.
//!
//! Helix 25.01 sends each edit from a separate task. If several keys arrive at once, the edit of version 6 may come after those
//! of versions 7 and 8, which have then been applied at the wrong positions. So while a version is missing, each edit is kept
//! together with the text before it. When the missing edit arrives, it is applied to the text that it was made for, and the
//! later edits are applied again.

use yaml::{Change, Encoding, Text};

/// Maximum number of edits that are kept, each with a text. A version that is still missing after that many edits does not
/// exist: clients may skip numbers.
const MAX_KEPT: usize = 8;

/// The edits of a document since a version was missing.
#[derive(Debug, Default)]
pub(crate) struct Reorder {
    /// The version before the missing one, or the latest one if none is missing.
    before: Option<i32>,
    /// In the order of their versions.
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    version: i32,
    /// The text that the edit was applied to.
    before: Text,
    changes: Vec<Change>,
}

impl Reorder {
    /// Starts from a text of this version.
    pub(crate) fn new(version: Option<i32>) -> Reorder {
        Reorder { before: version, kept: vec![] }
    }

    /// Returns the text after an edit, with the highest version that is part of it. `text` has all edits so far.
    pub(crate) fn apply(
        &mut self,
        text: &Text,
        version: Option<i32>,
        changes: &[Change],
        encoding: Encoding,
    ) -> (Text, Option<i32>) {
        let (Some(number), Some(before)) = (version, self.before) else {
            *self = Reorder::new(version);
            return (text.changed(changes, encoding), version);
        };
        let at = self.kept.partition_point(|it| it.version < number);
        let is_missing = before < number && self.kept.get(at).is_some_and(|it| it.version != number);
        let is_next = self.kept.is_empty() && before.checked_add(1) == Some(number);
        if is_next || !is_missing && self.kept.last().map_or(before, |it| it.version) >= number {
            // In order, or the client restarts its numbering.
            *self = Reorder::new(version);
            return (text.changed(changes, encoding), version);
        }
        let mut text = self.kept.get(at).map_or(text, |it| &it.before).clone();
        self.kept.insert(at, Kept { version: number, before: text.clone(), changes: changes.to_vec() });
        for it in &mut self.kept[at..] {
            it.before = text;
            text = it.before.changed(&it.changes, encoding);
        }
        let latest = self.kept.last().map(|it| it.version);
        while self.kept.first().is_some_and(|it| Some(it.version) == self.before.and_then(|it| it.checked_add(1)))
            || self.kept.len() > MAX_KEPT
        {
            self.before = Some(self.kept.remove(0).version);
        }
        (text, latest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use yaml::Position;

    use super::*;

    /// An insertion or, without text, a deletion at a column of the first line.
    fn change(column: u32, text: &str) -> Vec<Change> {
        let at = |column| Position { line: 0, column };
        let end = if text.is_empty() { column + 1 } else { column };
        vec![Change { range: Some((at(column), at(end))), text: text.into() }]
    }

    fn after(first: i32, edits: &[(i32, Vec<Change>)]) -> (String, Option<i32>, usize) {
        let (mut reorder, mut text, mut version) = (Reorder::new(Some(first)), Text::new("nodes: 1"), Some(first));
        for (number, changes) in edits {
            (text, version) = reorder.apply(&text, Some(*number), changes, Encoding::Utf16);
        }
        (text.as_str().to_owned(), version, reorder.kept.len())
    }

    /// Four backspaces at once, as Helix sent them.
    #[test]
    fn an_edit_that_arrives_late_is_applied_in_order() {
        let typed = [(1, change(8, "2")), (2, change(9, "3")), (3, change(10, "4")), (4, change(11, "x"))];
        let deleted = [(5, change(11, "")), (7, change(9, "")), (8, change(8, "")), (6, change(10, ""))];
        let edits = [typed, deleted].concat();
        assert_eq!(after(0, &edits), ("nodes: 1".into(), Some(8), 0));
        assert_eq!(after(0, &edits[..7]).2, 2);
    }

    #[test]
    fn versions_may_be_skipped_and_restart() {
        let every: Vec<_> = (0..40).map(|it| (it * 2, change(8, "0"))).collect();
        let (text, version, kept) = after(-2, &every);
        assert_eq!((text.len(), version, kept), (48, Some(78), MAX_KEPT));
        let again = [(5, change(8, "a")), (6, change(9, "b")), (1, change(10, "c")), (2, change(11, "d"))];
        assert_eq!(after(4, &again), ("nodes: 1abcd".into(), Some(2), 0));
        let same = [(0, change(8, "a")), (0, change(9, "b"))];
        assert_eq!(after(0, &same), ("nodes: 1ab".into(), Some(0), 0));
        let ends = [(i32::MAX, change(8, "a")), (i32::MAX, change(9, "b")), (i32::MIN, change(10, "c"))];
        assert_eq!(after(i32::MAX - 1, &ends).0, "nodes: 1abc");
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_makes_no_difference(
            edits in prop::collection::vec((0u32..12, "[a-c]{0,2}"), 1..7), order in Just((0..7).collect::<Vec<usize>>()).prop_shuffle()
        ) {
            let edits: Vec<_> = (1..).zip(&edits).map(|(number, (column, text))| (number, change(*column, text))).collect();
            let arriving: Vec<_> = order.iter().filter_map(|it| edits.get(*it).cloned()).collect();
            prop_assert_eq!(after(0, &arriving), after(0, &edits));
        }
    }
}
