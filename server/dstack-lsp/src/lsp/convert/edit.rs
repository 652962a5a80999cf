//! Edits of documents.

use std::collections::HashMap;

use tower_lsp::ls_types as lsp;
use yaml::Edits;

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
