//! The outline.

use tower_lsp::ls_types as lsp;

use super::view::View;

impl View<'_> {
    /// The outline: a tree, or a list for clients that do not support trees.
    pub(crate) fn symbols(&self, symbols: &[ide::Symbol]) -> lsp::DocumentSymbolResponse {
        if self.abilities.symbol_tree {
            return lsp::DocumentSymbolResponse::Nested(
                self.until_cancelled(symbols).map(|it| self.symbol(it)).collect(),
            );
        }
        let mut acc = vec![];
        self.flat_symbols(symbols, None, &mut acc);
        lsp::DocumentSymbolResponse::Flat(acc)
    }

    fn symbol(&self, symbol: &ide::Symbol) -> lsp::DocumentSymbol {
        let children: Vec<_> = self.until_cancelled(&symbol.children).map(|it| self.symbol(it)).collect();
        #[expect(deprecated, reason = "the type still has the field")]
        lsp::DocumentSymbol {
            name: symbol_name(symbol),
            detail: (!symbol.detail.is_empty()).then(|| symbol.detail.clone()),
            kind: self.symbol_kind(symbol),
            tags: None,
            deprecated: None,
            range: self.range(symbol.span),
            selection_range: self.range(symbol.selection),
            children: (!children.is_empty()).then_some(children),
        }
    }

    fn flat_symbols(&self, symbols: &[ide::Symbol], within: Option<&str>, acc: &mut Vec<lsp::SymbolInformation>) {
        for symbol in self.until_cancelled(symbols) {
            #[expect(deprecated, reason = "the type still has the field")]
            acc.push(lsp::SymbolInformation {
                name: symbol_name(symbol),
                kind: self.symbol_kind(symbol),
                tags: None,
                deprecated: None,
                location: lsp::Location { uri: self.uri.clone(), range: self.range(symbol.span) },
                container_name: within.map(str::to_owned),
            });
            self.flat_symbols(&symbol.children, Some(&symbol.name), acc);
        }
    }

    fn symbol_kind(&self, symbol: &ide::Symbol) -> lsp::SymbolKind {
        match symbol.kind {
            ide::SymbolKind::Array => lsp::SymbolKind::ARRAY,
            ide::SymbolKind::String => lsp::SymbolKind::STRING,
            ide::SymbolKind::Number => lsp::SymbolKind::NUMBER,
            ide::SymbolKind::Boolean => lsp::SymbolKind::BOOLEAN,
            ide::SymbolKind::Object if self.abilities.symbol_kinds => lsp::SymbolKind::OBJECT,
            ide::SymbolKind::Null if self.abilities.symbol_kinds => lsp::SymbolKind::NULL,
            ide::SymbolKind::Object | ide::SymbolKind::Null => lsp::SymbolKind::PROPERTY,
        }
    }
}

/// The name of a symbol; never empty, because some clients refuse an outline with an empty name.
fn symbol_name(symbol: &ide::Symbol) -> String {
    if symbol.name.trim().is_empty() { "\"\"".to_owned() } else { symbol.name.clone() }
}
