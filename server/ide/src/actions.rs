//! What an editor offers to do at a place: computed from document and range, never from what a client sends back.

use yaml::{Edits, Span};

use crate::{
    diagnostic::{Applicability, Diagnostic, diagnostics},
    document::Document,
};

/// Something that the editor can do for the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// What it does, as an order.
    pub title: String,
    /// The finding that it mends.
    pub diagnostic: Diagnostic,
    /// Whether it is the obvious choice.
    pub preferred: bool,
    /// The change.
    pub edits: Edits,
}

/// The actions for a selection: the fixes of all findings that touch it.
pub fn actions(document: &Document, selection: Span) -> Vec<Action> {
    let touched = diagnostics(document).into_iter().filter(|it| it.span.meets(selection));
    touched
        .flat_map(|diagnostic| {
            let fixes = diagnostic.fixes.clone();
            fixes.into_iter().enumerate().map(move |(i, fix)| Action {
                title: fix.title,
                preferred: i == 0 && fix.applicability == Applicability::Safe,
                diagnostic: diagnostic.clone(),
                edits: fix.edits,
            })
        })
        .collect()
}
