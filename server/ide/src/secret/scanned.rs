//! The secrets of a text, kept so that the next version of the text is scanned only where it changed.

use std::{ops::Range, sync::Arc};

use super::scan::{Checkpoint, Scan};

/// A text with the secrets that were found in it. The scan of the next version reads only the lines that changed.
#[derive(Debug)]
pub(crate) struct Scanned {
    text: Arc<str>,
    among_credentials: bool,
    found: Vec<Range<usize>>,
    checkpoints: Vec<Checkpoint>,
}

impl Scanned {
    /// Scans a text. `before` is the scan of an earlier version, which saves time and does not change the result.
    pub(crate) fn new(text: Arc<str>, among_credentials: bool, before: Option<&Scanned>) -> Scanned {
        let Some(before) = before.filter(|it| it.among_credentials == among_credentials) else {
            let mut scan = Scan { among_credentials, ..Scan::default() };
            scan.lines(&text, 0, |_, _| false);
            return Scanned { text, among_credentials, found: scan.found, checkpoints: scan.checkpoints };
        };
        let (head, tail) = yaml::text::common_ends(&before.text, &text);
        let kept = &before.checkpoints[..before.checkpoints.partition_point(|it| it.offset <= head)];
        let start = kept.last().copied().unwrap_or(Checkpoint { offset: 0, open: None, found: 0 });
        let mut scan = Scan {
            among_credentials,
            found: before.found[..start.found].to_vec(),
            open: start.open,
            checkpoints: kept.to_vec(),
        };
        // The checkpoints behind the change, and their new offsets.
        let moved = |it: &Checkpoint| it.offset + text.len() - before.text.len();
        let mut rest =
            &before.checkpoints[before.checkpoints.partition_point(|it| it.offset < before.text.len() - tail)..];
        let is_met = scan.lines(&text, start.offset, |at, open| {
            while rest.first().is_some_and(|it| moved(it) < at) {
                rest = &rest[1..];
            }
            rest.first().is_some_and(|it| moved(it) == at && it.open == open)
        });
        if let Some(checkpoint) = rest.first().filter(|_| is_met) {
            let found = scan.found.len();
            scan.found.extend(before.found[checkpoint.found..].iter().map(|it| {
                let start = it.start + text.len() - before.text.len();
                start..start + it.len()
            }));
            scan.checkpoints.extend(rest.iter().map(|it| Checkpoint {
                offset: moved(it),
                open: it.open,
                found: it.found - checkpoint.found + found,
            }));
        }
        Scanned { text, among_credentials, found: scan.found, checkpoints: scan.checkpoints }
    }

    /// The secrets of the text, in order and disjoint, each within a line.
    pub(super) fn spans(&self) -> &[Range<usize>] {
        &self.found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::secret::scan::spans;

    /// Lines that start, continue and end secrets.
    const LINES: &[&str] = &[
        "token: abc",
        "token:",
        "token: |",
        "  more of it",
        "- HF_TOKEN=hf_abcdefghijklmnopqrstuvwxyzABCDEF",
        "creds:",
        "  type: é",
        "password: \"open",
        "  closed\"",
        "-----BEGIN PRIVATE KEY-----",
        "MIIEvQ",
        "-----END PRIVATE KEY-----",
        "- python train.py",
        "# a comment",
        "",
        "\r",
        "https://a:b@c",
    ];

    fn lines() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(LINES), 0..20).prop_map(|it| it.join("\n"))
    }

    proptest! {
        #[test]
        fn the_scan_of_an_edited_text_equals_a_full_scan(
            text in lines(), edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..9, lines()), 1..5)
        ) {
            let mut text = text;
            let mut scanned = Scanned::new((&*text).into(), false, None);
            for (at, length, new) in edits {
                let floor = |at: usize| (0..=at.min(text.len())).rev().find(|it| text.is_char_boundary(*it)).unwrap();
                let start = floor(at.index(text.len() + 1));
                let end = floor(start + length);
                text.replace_range(start..end, &new);
                scanned = Scanned::new((&*text).into(), false, Some(&scanned));
                prop_assert_eq!(&scanned.found, &spans(&text, false), "{}", text);
                prop_assert!(scanned.checkpoints.is_sorted_by_key(|it| it.offset), "{:?}", scanned.checkpoints);
            }
        }
    }
}
