//! Edits of documents.

use std::collections::HashMap;

use tower_lsp::ls_types as lsp;
use yaml::{Edits, Span};

use super::view::View;

impl View<'_> {
    pub(super) fn workspace_edit(&self, edits: &Edits) -> lsp::WorkspaceEdit {
        let edit = |it: &yaml::Edit| lsp::TextEdit { range: self.range(it.span), new_text: it.text.clone() };
        let edits: Vec<lsp::TextEdit> = edits.iter().map(edit).collect();
        if !self.abilities.document_changes {
            let changes = Some(HashMap::from([(self.uri.clone(), edits)]));
            return lsp::WorkspaceEdit { changes, ..Default::default() };
        }
        let text_document =
            lsp::OptionalVersionedTextDocumentIdentifier { uri: self.uri.clone(), version: self.version };
        let edits = edits.into_iter().map(lsp::OneOf::Left).collect();
        let edit = lsp::TextDocumentEdit { text_document, edits };
        lsp::WorkspaceEdit { document_changes: Some(lsp::DocumentChanges::Edits(vec![edit])), ..Default::default() }
    }
}

/// The change that makes one text of another: what stands from the first difference to the last one is replaced.
pub(crate) fn difference(before: &str, after: &str) -> Edits {
    if before == after {
        return Edits::default();
    }
    let (start, end) = yaml::text::common_ends(before, after);
    let span = Span::new(start as u32, (before.len() - end) as u32);
    Edits::replace(span, &after[start..after.len() - end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_is_one_edit_between_characters() {
        for (before, after) in
            [("aé", "aè"), ("", "x"), ("x", ""), ("aaa", "aa"), ("a: 1\nb: 2\n", "a: 1\nc: 3\nb: 2\n"), ("é", "")]
        {
            let edits = difference(before, after);
            assert_eq!(edits.apply(before), after);
            assert_eq!(edits.iter().count(), 1);
        }
        assert!(difference("a", "a").is_empty());
    }
}
