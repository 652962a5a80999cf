//! Determines the style of a file, so that new text looks like the text around it.

use crate::{
    lines::{Habits, first_break, line_start},
    node::{Kind, NodeId, Style},
    tree::Tree,
    work,
};

/// Maximum number of nodes that are searched for an example of indentation.
const MAX_NODES: usize = 4_000;
/// Maximum indentation; a greater one is not used as an example.
const MAX_INDENT: usize = 8;
/// The indentation of a mapping without an example.
const DEFAULT_INDENT: usize = 2;

impl Tree {
    /// The style of the text: its first line break, and the first examples of indentation. A sequence without an example is
    /// indented as a mapping is, and vice versa.
    pub fn habits(&self) -> Habits {
        *self.habits.get_or_init(|| {
            let (mapping, sequence) = self.indentation();
            let mapping = mapping.or(sequence.filter(|it| *it > 0)).unwrap_or(DEFAULT_INDENT);
            Habits { line_break: first_break(self.source()), mapping, sequence: sequence.unwrap_or(mapping) }
        })
    }

    /// The indentation of the first mapping and the first sequence that are the value of a key.
    fn indentation(&self) -> (Option<usize>, Option<usize>) {
        let (mut mapping, mut sequence) = (None, None);
        for id in self.ids().take(MAX_NODES) {
            work::add(1);
            let (found, min) = match self.kind(id) {
                Kind::Mapping => (&mut mapping, 1),
                Kind::Sequence => (&mut sequence, 0),
                _ => continue,
            };
            let parent = self.parent(id).filter(|it| self.kind(*it) == Kind::Mapping);
            let Some(parent) = parent.filter(|it| [id, *it].iter().all(|it| self.style(*it) == Style::Block)) else {
                continue;
            };
            if found.is_none() {
                let deeper = self.column(id).checked_sub(self.column(parent));
                *found = deeper.filter(|it| (min..=MAX_INDENT).contains(it));
            }
            if mapping.is_some() && sequence.is_some() {
                break;
            }
        }
        (mapping, sequence)
    }

    /// The column, in characters, at which a node starts.
    fn column(&self, id: NodeId) -> usize {
        let at = self.span(id).start as usize;
        let before = &self.source()[line_start(self.source(), at)..at];
        work::add(before.len());
        before.trim_start_matches('\u{feff}').chars().count()
    }
}
