//! What the client can do, and what the server offers it.

use serde_json::Value;
use tower_lsp::ls_types as lsp;
use yaml::Encoding;

/// What the client can do, as far as the server depends on it. A client of 2016, for which all of it is false, is served too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Abilities {
    /// The units of a column.
    pub(crate) encoding: Encoding,
    /// Shows Markdown in a hover.
    pub(crate) hover_markdown: bool,
    /// Shows Markdown beside a completion.
    pub(crate) completion_markdown: bool,
    /// Supports `$1` and `${1:…}`.
    pub(crate) snippets: bool,
    /// Inserts a text that is not a snippet only up to its first space: Neovim 0.11.
    pub(crate) cuts_texts: bool,
    /// Lets its user choose between inserting and replacing.
    pub(crate) insert_replace: bool,
    /// Supports the choice whether inserted lines are indented.
    pub(crate) insert_modes: bool,
    /// Shows details of each item of a completion list, not only of the selected one.
    pub(crate) label_details: bool,
    /// Strikes through items that are tagged as deprecated.
    pub(crate) completion_tags: bool,
    /// Strikes through items that are marked as deprecated.
    pub(crate) completion_deprecated: bool,
    /// Supports the completion kind of `enum` members.
    pub(crate) enum_members: bool,
    /// Has the command that requests completion again.
    pub(crate) trigger_suggest: bool,
    /// Accepts code actions, not only commands.
    pub(crate) actions: bool,
    /// Requests the edits of an action when its user chooses it.
    pub(crate) action_resolve: bool,
    /// Accepts edits with the version that they are for.
    pub(crate) document_changes: bool,
    /// Accepts an outline as a tree.
    pub(crate) symbol_tree: bool,
    /// Supports the symbol kinds that later versions of the protocol added.
    pub(crate) symbol_kinds: bool,
    /// Shows related locations of a diagnostic.
    pub(crate) related: bool,
    /// Fades or strikes through the text of a diagnostic.
    pub(crate) diagnostic_tags: bool,
    /// Pulls diagnostics, without a delay.
    pub(crate) pull: bool,
    /// Can be asked to pull diagnostics again.
    pub(crate) pull_refresh: bool,
    /// Can be asked for its settings.
    pub(crate) configuration: bool,
    /// Reports changed settings if it is asked to.
    pub(crate) configuration_registration: bool,
    /// Reports changed files if it is asked to.
    pub(crate) watched_files: bool,
    /// Shows which release each document is checked against.
    pub(crate) releases: bool,
}

impl Abilities {
    /// From the parameters of `initialize`, as they were sent. Values of unexpected types count as missing.
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
            action_resolve: yes("/textDocument/codeAction/dataSupport")
                && lists("/textDocument/codeAction/resolveSupport/properties", "edit".into()),
            document_changes: yes("/workspace/workspaceEdit/documentChanges"),
            symbol_tree: yes("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            symbol_kinds: lists("/textDocument/documentSymbol/symbolKind/valueSet", 21.into()),
            related: yes("/textDocument/publishDiagnostics/relatedInformation")
                || yes("/textDocument/diagnostic/relatedInformation"),
            diagnostic_tags: at("/textDocument/publishDiagnostics/tagSupport") == true
                || has("/textDocument/publishDiagnostics/tagSupport")
                || has("/textDocument/diagnostic/tagSupport"),
            // Helix pulls only after a pause of 125 ms; pushed diagnostics it shows at once.
            pull: has("/textDocument/diagnostic") && client != "helix",
            // The second spelling is that of the Rust types that Helix and other clients use.
            pull_refresh: yes("/workspace/diagnostics/refreshSupport") || yes("/workspace/diagnostic/refreshSupport"),
            configuration: yes("/workspace/configuration"),
            configuration_registration: yes("/workspace/didChangeConfiguration/dynamicRegistration"),
            watched_files: yes("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            releases: yes("/experimental/dstackRelease"),
        }
    }
}

/// The encoding of positions: UTF-8 if the client supports it, since the server counts bytes; else the client's first choice.
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

/// What the server offers, apart from what each [request](super::requests) adds.
pub(crate) fn server(abilities: &Abilities) -> lsp::ServerCapabilities {
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
        // After a file is saved, the files that pin dstack or configure dstack-lsp are read again.
        save: Some(true.into()),
        ..Default::default()
    };
    let folders = lsp::WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(lsp::OneOf::Left(true)),
    };
    lsp::ServerCapabilities {
        position_encoding: Some(match abilities.encoding {
            Encoding::Utf8 => lsp::PositionEncodingKind::UTF8,
            Encoding::Utf16 => lsp::PositionEncodingKind::UTF16,
            Encoding::Utf32 => lsp::PositionEncodingKind::UTF32,
        }),
        text_document_sync: Some(sync.into()),
        workspace: Some(lsp::WorkspaceServerCapabilities { workspace_folders: Some(folders), ..Default::default() }),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_is_preferred() {
        let encoding = |offered: &str| super::encoding(&serde_json::from_str(offered).unwrap());
        assert_eq!(encoding(r#"["utf-16", "utf-8"]"#), Encoding::Utf8);
        assert_eq!(encoding(r#"["utf-32", "utf-16"]"#), Encoding::Utf32);
        assert_eq!(encoding(r#"["ebcdic", "utf-16"]"#), Encoding::Utf16);
        assert_eq!(encoding(r#"["ebcdic"]"#), Encoding::Utf16);
        assert_eq!(encoding(r#""utf-8""#), Encoding::Utf16);
        assert_eq!(encoding("null"), Encoding::Utf16);
    }
}
