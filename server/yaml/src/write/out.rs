//! Collects the edits of a rewrite, and puts them in order.

use super::{
    block_scalar::{BlockScalar, skip_removed},
    source::Source,
};
use crate::{
    edits::{Edit, Edits},
    node::NodeId,
    span::Span,
};

/// Edits in any order: replacements, and removals of lines or parts of them, which may overlap.
#[derive(Default)]
pub(super) struct Out {
    pub(super) edits: Vec<Edit>,
    pub(super) removals: Vec<Span>,
    /// Block scalars that are moved to before the line at this offset.
    pub(super) moved_scalars: Vec<(u32, BlockScalar)>,
    /// Block scalars that are replaced.
    pub(super) set_scalars: Vec<NodeId>,
}

impl Out {
    pub(super) fn replace(&mut self, start: u32, end: u32, text: String) {
        self.edits.push(Edit { span: Span::new(start, end), text });
    }

    pub(super) fn insert(&mut self, at: u32, text: String) {
        self.replace(at, at, text);
    }

    pub(super) fn remove(&mut self, start: u32, end: u32) {
        if start < end {
            self.removals.push(Span::new(start, end));
        }
    }

    pub(super) fn finish(mut self, source: &Source<'_>) -> Option<Edits> {
        self.removals.sort();
        let mut merged: Vec<Span> = vec![];
        for span in self.removals {
            match merged.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        let places: Vec<u32> = self.edits.iter().map(|it| it.span.start).collect();
        for edit in &mut self.edits {
            // Text after a removed line is written after the line before it.
            let last_line = |it: &Span| it.end == source.len() && !source.ends_with_break();
            let at = edit.span.start;
            let around = merged.iter().find(|it| it.start < at && (at < it.end || at == it.end && last_line(it)));
            let Some(around) = around.filter(|_| edit.span.is_empty() && edit.text.starts_with(source.eol)) else {
                continue;
            };
            if !source.is_line_start(around.start) {
                continue;
            }
            match source.end_of_line_before(around.start) {
                Some(at) => edit.span = Span::at(at),
                None => {
                    let line = edit.text.split_off(source.eol.len());
                    *edit = Edit { span: Span::at(around.end), text: line + source.eol };
                }
            }
        }
        // At the same offset, text that continues the line comes before new lines, in the order of their original places.
        let mut edits: Vec<(u32, Edit)> = places.into_iter().zip(std::mem::take(&mut self.edits)).collect();
        edits.sort_by_key(|(place, it)| (it.span, it.text.starts_with(source.eol), *place));
        self.edits = edits.into_iter().map(|it| it.1).collect();

        let clear = merged.clone();
        for span in &mut merged {
            let inserted = |from: u32| self.edits.iter().any(|it| from <= it.span.start && it.span.end <= span.start);
            if !source.is_line_start(span.start) {
                continue;
            }
            // Without these lines, the text after them would follow a block scalar and become part of it.
            let block_scalar = source.block_scalar_before(span.start, &clear).filter(|it| !inserted(it.last_line_end));
            if let Some(it) = &block_scalar {
                it.keep_apart(source, span.end, &clear, &mut self.edits);
            }
            let at_end = span.end == source.len() && !source.ends_with_break();
            let follows = |it: &(u32, BlockScalar)| skip_removed(&clear, it.0) >= span.start && it.0 <= span.start;
            let keeps_break = block_scalar.is_some() || self.moved_scalars.iter().any(follows);
            if let Some(before) = source.end_of_line_before(span.start).filter(|_| at_end && !keeps_break) {
                span.start = before;
            }
        }
        for (line, scalar) in &self.moved_scalars {
            if *line == source.len() && !source.ends_with_break() {
                return None;
            }
            scalar.keep_apart(source, *line, &clear, &mut self.edits);
        }
        let removed = merged.into_iter().map(|span| Edit { span, text: String::new() });
        self.edits.extend(removed);
        Edits::new(self.edits)
    }
}
