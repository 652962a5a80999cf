//! What the client can do, and what we offer it.

use serde_json::Value;
use tower_lsp::ls_types as lsp;
use yaml::Encoding;

/// What the client can do, as far as we care. All false is a client of 2016, which we serve too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Abilities {
    /// What a column counts.
    pub(crate) encoding: Encoding,
    /// Shows Markdown in a hover.
    pub(crate) hover_markdown: bool,
    /// Shows Markdown beside a completion.
    pub(crate) completion_markdown: bool,
    /// Knows `$1` and `${1:…}`.
    pub(crate) snippets: bool,
    /// Of a text to insert that is no snippet it takes what stands before the first space: Neovim 0.11.
    pub(crate) cuts_texts: bool,
    /// Lets its user choose between inserting and replacing.
    pub(crate) insert_replace: bool,
    /// Can be told whether it shall indent the lines that it inserts.
    pub(crate) insert_modes: bool,
    /// Shows a few words at the end of each line of the list, not only of the chosen one.
    pub(crate) label_details: bool,
    /// Strikes through what is tagged as deprecated.
    pub(crate) completion_tags: bool,
    /// Strikes through what is marked as deprecated.
    pub(crate) completion_deprecated: bool,
    /// Knows the kind of completion that an `enum` member is.
    pub(crate) enum_members: bool,
    /// Has the command that asks for completion again.
    pub(crate) trigger_suggest: bool,
    /// Takes code actions, not only commands.
    pub(crate) actions: bool,
    /// Takes edits with the version that they are for.
    pub(crate) document_changes: bool,
    /// Takes an outline as a tree.
    pub(crate) symbol_tree: bool,
    /// Knows the kinds of symbol that came later.
    pub(crate) symbol_kinds: bool,
    /// Shows other places that explain a diagnostic.
    pub(crate) related: bool,
    /// Fades or strikes through the text of a diagnostic.
    pub(crate) diagnostic_tags: bool,
    /// Asks for diagnostics itself, without waiting before it asks.
    pub(crate) pull: bool,
    /// Can be told to ask for diagnostics again.
    pub(crate) pull_refresh: bool,
    /// Can be asked for its settings.
    pub(crate) configuration: bool,
    /// Wants to be asked whether it shall tell of changed settings.
    pub(crate) configuration_registration: bool,
    /// Can be asked to tell of changed files.
    pub(crate) watched_files: bool,
    /// Wants to know which release each document is checked against.
    pub(crate) releases: bool,
}

impl Abilities {
    /// From the parameters of `initialize`, as they were sent: nothing in them is relied upon.
    pub(crate) fn of(params: &Value) -> Abilities {
        let capabilities = &params["capabilities"];
        let at = |path: &str| capabilities.pointer(path).unwrap_or(&Value::Null);
        let yes = |path: &str| at(path).as_bool().unwrap_or(false);
        let has = |path: &str| at(path).is_object();
        let lists = |path: &str, value: Value| at(path).as_array().is_some_and(|it| it.contains(&value));
        let markdown = |path: &str| at(path).get(0).is_some_and(|it| it == "markdown");
        let client = params.pointer("/clientInfo/name").and_then(Value::as_str).unwrap_or("");
        let item = |name: &str| format!("/textDocument/completion/completionItem/{name}");
        Abilities {
            encoding: encoding(at("/general/positionEncodings")),
            hover_markdown: markdown("/textDocument/hover/contentFormat"),
            completion_markdown: markdown(&item("documentationFormat")),
            snippets: yes(&item("snippetSupport")),
            cuts_texts: client == "Neovim",
            insert_replace: yes(&item("insertReplaceSupport")),
            insert_modes: [1, 2].iter().all(|it| lists(&item("insertTextModeSupport/valueSet"), (*it).into())),
            label_details: yes(&item("labelDetailsSupport")),
            completion_tags: lists(&item("tagSupport/valueSet"), 1.into()),
            completion_deprecated: yes(&item("deprecatedSupport")),
            enum_members: lists("/textDocument/completion/completionItemKind/valueSet", 20.into()),
            trigger_suggest: ["Visual Studio Code", "VSCodium", "code-server"].iter().any(|it| client.starts_with(it)),
            actions: has("/textDocument/codeAction/codeActionLiteralSupport"),
            document_changes: yes("/workspace/workspaceEdit/documentChanges"),
            symbol_tree: yes("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            symbol_kinds: lists("/textDocument/documentSymbol/symbolKind/valueSet", 21.into()),
            related: yes("/textDocument/publishDiagnostics/relatedInformation")
                || yes("/textDocument/diagnostic/relatedInformation"),
            diagnostic_tags: at("/textDocument/publishDiagnostics/tagSupport") == true
                || has("/textDocument/publishDiagnostics/tagSupport")
                || has("/textDocument/diagnostic/tagSupport"),
            // Helix waits until nothing was typed for 125 ms before it asks; what it is told it shows at once.
            pull: has("/textDocument/diagnostic") && client != "helix",
            // The second is how the Rust types that Helix and others use spell it.
            pull_refresh: yes("/workspace/diagnostics/refreshSupport") || yes("/workspace/diagnostic/refreshSupport"),
            configuration: yes("/workspace/configuration"),
            configuration_registration: yes("/workspace/didChangeConfiguration/dynamicRegistration"),
            watched_files: yes("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            releases: yes("/experimental/dstackRelease"),
        }
    }
}

/// The encoding of positions: UTF-8 where the client knows it, since we count bytes; else what it likes best.
fn encoding(offered: &Value) -> Encoding {
    let known = |name: &Value| match name.as_str()? {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" => Some(Encoding::Utf16),
        "utf-32" => Some(Encoding::Utf32),
        _ => None,
    };
    let offered: Vec<Encoding> = offered.as_array().into_iter().flatten().filter_map(known).collect();
    let utf8 = offered.iter().find(|it| **it == Encoding::Utf8);
    utf8.or(offered.first()).copied().unwrap_or_default()
}

/// What we offer.
pub(crate) fn server(abilities: &Abilities) -> lsp::ServerCapabilities {
    let strings = |all: &[&str]| Some(all.iter().map(|it| (*it).to_owned()).collect());
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
        // Who saves a file may have changed others: what pins dstack is looked at again.
        save: Some(true.into()),
        ..Default::default()
    };
    let folders = lsp::WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(lsp::OneOf::Left(true)),
    };
    let completion = lsp::CompletionOptions {
        // After `:` and `- ` comes a value; the others stand between the parts of one: `A100:8`, `24GB..`, `${{ env.X }}`.
        trigger_characters: strings(&[":", " ", "-", "/", "$", "{", ".", ","]),
        ..Default::default()
    };
    let actions = lsp::CodeActionOptions {
        code_action_kinds: Some(vec![lsp::CodeActionKind::QUICKFIX, lsp::CodeActionKind::SOURCE_FIX_ALL]),
        ..Default::default()
    };
    let pull = lsp::DiagnosticOptions { identifier: Some("dstack".to_owned()), ..Default::default() };
    lsp::ServerCapabilities {
        position_encoding: Some(match abilities.encoding {
            Encoding::Utf8 => lsp::PositionEncodingKind::UTF8,
            Encoding::Utf16 => lsp::PositionEncodingKind::UTF16,
            Encoding::Utf32 => lsp::PositionEncodingKind::UTF32,
        }),
        text_document_sync: Some(sync.into()),
        hover_provider: Some(true.into()),
        completion_provider: Some(completion),
        code_action_provider: Some(actions.into()),
        document_symbol_provider: Some(lsp::OneOf::Left(true)),
        workspace: Some(lsp::WorkspaceServerCapabilities { workspace_folders: Some(folders), ..Default::default() }),
        diagnostic_provider: abilities.pull.then_some(lsp::DiagnosticServerCapabilities::Options(pull)),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_best_encoding() {
        let encoding = |offered: &str| super::encoding(&serde_json::from_str(offered).unwrap());
        assert_eq!(encoding(r#"["utf-16", "utf-8"]"#), Encoding::Utf8);
        assert_eq!(encoding(r#"["utf-32", "utf-16"]"#), Encoding::Utf32);
        assert_eq!(encoding(r#"["ebcdic", "utf-16"]"#), Encoding::Utf16);
        assert_eq!(encoding(r#"["ebcdic"]"#), Encoding::Utf16);
        assert_eq!(encoding(r#""utf-8""#), Encoding::Utf16);
        assert_eq!(encoding("null"), Encoding::Utf16);
    }
}
