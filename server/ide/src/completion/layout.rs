//! How a file is indented, so that what is inserted looks like what is there.

use yaml::{Encoding, Kind, Style};

use crate::document::Document;

/// How many nodes are looked at for an example.
const LOOK: usize = 4000;

/// How a file is indented.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    /// The line break.
    pub(super) newline: &'static str,
    /// Columns that a nested mapping is indented by.
    pub(super) step: usize,
    /// Columns that a nested list is indented by; often 0.
    pub(super) list: usize,
    /// The columns of white space that the cursor's line starts with.
    pub(super) line: usize,
}

impl Layout {
    /// As the first examples in the document show; two columns where there is none.
    pub(super) fn of(document: &Document, offset: u32) -> Layout {
        let (text, tree) = (document.text(), document.tree());
        let column = |offset: u32| text.position(offset, Encoding::Utf32).column as usize;
        let (mut step, mut list) = (None, None);
        for id in tree.ids().take(LOOK).filter(|id| tree.style(*id) == Style::Block) {
            let wanted = match tree.kind(id) {
                Kind::Mapping if step.is_none() => &mut step,
                Kind::Sequence if list.is_none() => &mut list,
                _ => continue,
            };
            let Some(parent) = tree.parent(id).filter(|it| tree.kind(*it) == Kind::Mapping) else { continue };
            let (inner, outer) = (column(tree.span(id).start), column(tree.span(parent).start));
            *wanted = inner.checked_sub(outer).filter(|it| *it <= 8);
            if step.is_some() && list.is_some() {
                break;
            }
        }
        let step = step.filter(|it| *it > 0).or(list.filter(|it| *it > 0)).unwrap_or(2);
        let line = text.line(text.position(offset, Encoding::Utf8).line);
        let start = &text.as_str()[line.range()];
        let crlf = text.as_str().find('\n').is_some_and(|it| text.as_str()[..it].ends_with('\r'));
        Layout {
            newline: if crlf { "\r\n" } else { "\n" },
            step,
            list: list.unwrap_or(step),
            line: start.len() - start.trim_start_matches([' ', '\t']).len(),
        }
    }

    /// `text`, whose lines are indented from `column`, as it stands in the file.
    pub(super) fn absolute(&self, text: &str, column: usize) -> String {
        text.replace('\n', &format!("{}{}", self.newline, " ".repeat(column)))
    }

    /// `text`, whose lines are indented from `column`, indented from the indentation of the cursor's line instead.
    pub(super) fn relative(&self, text: &str, column: usize) -> String {
        text.replace('\n', &format!("\n{}", " ".repeat(column.saturating_sub(self.line))))
    }
}
