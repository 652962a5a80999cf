//! Conversions between the types of the protocol and those of the core, one file per subject. No other file looks into the
//! protocol's types for documents.

pub(crate) mod action;
mod completion;
pub(crate) mod diagnostic;
pub(crate) mod document;
pub(crate) mod edit;
pub(crate) mod kind;
mod markup;
pub(crate) mod number;
pub(crate) mod position;
pub(crate) mod release;
mod symbol;
mod view;

pub(crate) use view::View;

#[cfg(test)]
mod tests {
    use schema::{DocumentKind, Release};
    use tower_lsp::ls_types as lsp;
    use yaml::{Span, Text};

    use super::{action::Kinds, *};
    use crate::lsp::{capabilities::Abilities, turns::Cancellation};

    #[test]
    fn lists_end_when_the_answer_is_cancelled() {
        let text = "type: task\nnam: x\nenv: [A=1, B=2]\n";
        let document = ide::Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST);
        let (cancellation, cancel_on_drop) = Cancellation::new();
        let uri = "file:///a".parse().unwrap();
        let abilities = Abilities { symbol_tree: true, ..Abilities::default() };
        let view =
            View { uri: &uri, version: None, document: &document, abilities: &abilities, cancellation: &cancellation };
        let sizes = || {
            let symbols = match view.symbols(&ide::symbols(&document)) {
                lsp::DocumentSymbolResponse::Nested(symbols) => symbols.len(),
                lsp::DocumentSymbolResponse::Flat(symbols) => symbols.len(),
            };
            let kinds = Kinds { quick_fixes: true, fix_all: false };
            let actions =
                ide::actions(&document, Span::new(0, document.text().len()), &kinds.list(), ide::Resolve::Now);
            let actions = view.actions(&actions, Span::at(0)).len();
            [symbols, view.diagnostics(&ide::diagnostics(&document)).len(), actions]
        };
        assert!(sizes().iter().all(|it| *it > 0));
        drop(cancel_on_drop);
        assert_eq!(sizes(), [0; 3]);
    }
}
