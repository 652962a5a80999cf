//! What we have to say, in the protocol's terms and as this client can take it.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use ide::{ItemKind, Severity};
use serde_json::json;
use tower_lsp::ls_types as lsp;
use yaml::{Edits, Encoding, Position, Span, Text};

use super::{capabilities::Abilities, turns::Cancellation};

/// Who speaks, beside a diagnostic.
pub(crate) const SOURCE: &str = "dstack";

/// Where the documentation of the rules can be read by everyone, `server/docs/rules.md` that is; nowhere yet. With an
/// address, the code of a diagnostic becomes a link.
const RULES_ADDRESS: Option<&str> = None;

/// How many findings of a file are shown.
const MAX_DIAGNOSTICS: usize = 1000;

/// Safe fixes of the whole file.
const FIX_ALL: lsp::CodeActionKind = lsp::CodeActionKind::new("source.fixAll.dstack");

/// `dstack/release`: which release a document is checked against, and who chose it. See `server/docs/protocol.md`.
pub(crate) enum DocumentRelease {}

impl lsp::notification::Notification for DocumentRelease {
    type Params = serde_json::Value;
    const METHOD: &'static str = "dstack/release";
}

/// What [`DocumentRelease`] says of a document.
pub(crate) fn release(uri: &lsp::Uri, target: &ide::Target) -> serde_json::Value {
    let mut params = json!({
        "uri": uri,
        "release": target.release.to_string(),
        "origin": target.origin.name(),
        "source": target.origin.words(),
    });
    if let Some(note) = &target.note {
        params["note"] = note.as_ref().into();
    }
    params
}

/// A document as a client sees it.
pub(crate) struct View<'a> {
    /// Its name there.
    pub(crate) uri: &'a lsp::Uri,
    /// The client's number of the version, if it has one.
    pub(crate) version: Option<i32>,
    /// The document.
    pub(crate) document: &'a ide::Document,
    /// What the client can do.
    pub(crate) abilities: &'a Abilities,
    /// Ends long lists early.
    pub(crate) cancellation: &'a Cancellation,
}

impl View<'_> {
    /// A range.
    fn range(&self, span: Span) -> lsp::Range {
        range(self.document.text(), span, self.abilities.encoding)
    }

    /// The items of a list until the answer is cancelled.
    fn until_cancelled<'i, T>(&self, items: &'i [T]) -> impl Iterator<Item = &'i T> {
        items.iter().take_while(|_| !self.cancellation.is_cancelled())
    }

    /// Findings, the first of them: nobody reads thousands, and to send them with each key makes an editor slow.
    pub(crate) fn diagnostics(&self, diagnostics: &[ide::Diagnostic]) -> Vec<lsp::Diagnostic> {
        self.until_cancelled(diagnostics).take(MAX_DIAGNOSTICS).map(|it| self.diagnostic(it)).collect()
    }

    fn diagnostic(&self, diagnostic: &ide::Diagnostic) -> lsp::Diagnostic {
        let related = |(span, message): &(Span, String)| lsp::DiagnosticRelatedInformation {
            location: lsp::Location { uri: self.uri.clone(), range: self.range(*span) },
            message: message.clone(),
        };
        let related: Vec<_> = diagnostic.related.iter().filter(|_| self.abilities.related).map(related).collect();
        let tag = diagnostic.tag.filter(|_| self.abilities.diagnostic_tags).map(|tag| match tag {
            ide::diagnostic::Tag::Deprecated => lsp::DiagnosticTag::DEPRECATED,
            ide::diagnostic::Tag::Unnecessary => lsp::DiagnosticTag::UNNECESSARY,
        });
        lsp::Diagnostic {
            range: self.range(diagnostic.span),
            severity: Some(match diagnostic.severity {
                Severity::Error => lsp::DiagnosticSeverity::ERROR,
                Severity::Warning => lsp::DiagnosticSeverity::WARNING,
                Severity::Info => lsp::DiagnosticSeverity::INFORMATION,
                Severity::Hint => lsp::DiagnosticSeverity::HINT,
            }),
            code: Some(lsp::NumberOrString::String(diagnostic.rule.to_owned())),
            code_description: RULES_ADDRESS
                .and_then(|address| format!("{address}#{}", diagnostic.rule).parse().ok())
                .map(|href| lsp::CodeDescription { href }),
            source: Some(SOURCE.to_owned()),
            message: diagnostic.message.clone(),
            related_information: (!related.is_empty()).then_some(related),
            tags: tag.map(|tag| vec![tag]),
            ..Default::default()
        }
    }

    /// Findings as an answer to one who asks, and may know them already.
    pub(crate) fn report(
        &self,
        diagnostics: &[ide::Diagnostic],
        previous: Option<&str>,
    ) -> lsp::DocumentDiagnosticReport {
        let items = self.diagnostics(diagnostics);
        let id = result_id(&items);
        if previous == Some(&id) {
            let unchanged_document_diagnostic_report = lsp::UnchangedDocumentDiagnosticReport { result_id: id };
            return lsp::RelatedUnchangedDocumentDiagnosticReport {
                related_documents: None,
                unchanged_document_diagnostic_report,
            }
            .into();
        }
        full_report(items)
    }

    /// What the thing under the cursor is.
    pub(crate) fn hover(&self, hover: &ide::Hover) -> lsp::Hover {
        let contents = lsp::HoverContents::Markup(markup(&hover.markdown, self.abilities.hover_markdown));
        lsp::Hover { contents, range: Some(self.range(hover.span)) }
    }

    /// What may be typed at `offset`.
    pub(crate) fn completion(&self, items: &[ide::CompletionItem], offset: u32) -> lsp::CompletionList {
        // With each character other things may be offered (`8` → `80GB`), and what is typed may have become a value that
        // must come first: the host `host` where `hostname` is a field.
        let is_incomplete = !items.is_empty();
        let items = items.iter().enumerate().map(|(i, it)| self.completion_item(it, i, offset)).collect();
        lsp::CompletionList { is_incomplete, items }
    }

    fn completion_item(&self, item: &ide::CompletionItem, rank: usize, offset: u32) -> lsp::CompletionItem {
        let abilities = self.abilities;
        let text = &item.text;
        let as_snippet = || (abilities.cuts_texts && text.contains(' ')).then(|| ide::completion::escaped(text));
        let snippet = item.snippet.clone().or_else(as_snippet).filter(|_| abilities.snippets);
        let insert_text_format = snippet.as_ref().map(|_| lsp::InsertTextFormat::SNIPPET);
        // The core says which lines are indented already, so that no client has to guess.
        let mode = if snippet.is_some() { lsp::InsertTextMode::ADJUST_INDENTATION } else { lsp::InsertTextMode::AS_IS };
        let new_text = snippet.unwrap_or_else(|| text.clone());
        let insert_text_mode = (abilities.insert_modes && new_text.contains('\n')).then_some(mode);
        let replace = self.range(item.span);
        let insert = self.range(Span::new(item.span.start, offset.clamp(item.span.start, item.span.end)));
        let text_edit = match abilities.insert_replace {
            true => lsp::CompletionTextEdit::InsertAndReplace(lsp::InsertReplaceEdit { new_text, insert, replace }),
            false => lsp::CompletionTextEdit::Edit(lsp::TextEdit { range: replace, new_text }),
        };
        let typed = &self.document.text().as_str()[item.span.start as usize..offset.max(item.span.start) as usize];
        let suggest = || lsp::Command {
            title: "Suggest".to_owned(),
            command: "editor.action.triggerSuggest".to_owned(),
            arguments: None,
        };
        lsp::CompletionItem {
            label: item.label.clone(),
            kind: Some(match item.kind {
                ItemKind::Field => lsp::CompletionItemKind::PROPERTY,
                ItemKind::Word if abilities.enum_members => lsp::CompletionItemKind::ENUM_MEMBER,
                ItemKind::Word | ItemKind::Value => lsp::CompletionItemKind::VALUE,
                ItemKind::Snippet => lsp::CompletionItemKind::SNIPPET,
            }),
            detail: (!item.detail.is_empty()).then(|| item.detail.clone()),
            label_details: (abilities.label_details && !item.detail.is_empty())
                .then(|| lsp::CompletionItemLabelDetails { detail: None, description: Some(brief(&item.detail)) }),
            documentation: (!item.docs.is_empty())
                .then(|| lsp::Documentation::MarkupContent(markup(&item.docs, abilities.completion_markdown))),
            deprecated: (item.deprecated && abilities.completion_deprecated).then_some(true),
            tags: (item.deprecated && abilities.completion_tags).then(|| vec![lsp::CompletionItemTag::DEPRECATED]),
            sort_text: Some(format!("{rank:05}")),
            filter_text: Some(filter_text(typed, item)),
            insert_text_format,
            insert_text_mode,
            text_edit: Some(text_edit),
            command: (item.retrigger && abilities.trigger_suggest).then(suggest),
            ..Default::default()
        }
    }

    /// What can be done: fixes at a place, and all safe fixes of the file.
    pub(crate) fn actions(
        &self,
        actions: &[ide::Action],
        fixed: Option<Edits>,
        wanted: Wanted,
    ) -> Vec<lsp::CodeActionOrCommand> {
        let mut acc = vec![];
        let quick_fix = |action: &ide::Action| lsp::CodeAction {
            title: action.title.clone(),
            kind: Some(lsp::CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![self.diagnostic(&action.diagnostic)]),
            edit: Some(self.workspace_edit(&action.edits)),
            is_preferred: action.preferred.then_some(true),
            ..Default::default()
        };
        let of_place =
            |ignores: bool| self.until_cancelled(actions).filter(move |it| wanted.quick_fixes && it.ignores == ignores);
        acc.extend(of_place(false).map(quick_fix));
        if let Some(edits) = fixed.filter(|edits| wanted.fix_all && !edits.is_empty()) {
            acc.push(lsp::CodeAction {
                title: "Apply all safe fixes".to_owned(),
                kind: Some(FIX_ALL),
                edit: Some(self.workspace_edit(&edits)),
                ..Default::default()
            });
        }
        // Clients offer the first one, and take it where it is the only one.
        acc.extend(of_place(true).map(quick_fix));
        acc.into_iter().map(lsp::CodeActionOrCommand::CodeAction).collect()
    }

    fn workspace_edit(&self, edits: &Edits) -> lsp::WorkspaceEdit {
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

    /// The outline: as a tree, or as a list for clients that know no other.
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
        #[expect(deprecated, reason = "the type has the field still")]
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
            #[expect(deprecated, reason = "the type has the field still")]
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

/// Which kinds of action are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Fixes at the place.
    pub(crate) quick_fixes: bool,
    /// All safe fixes of the file.
    pub(crate) fix_all: bool,
}

impl Wanted {
    /// From `context.only`: a kind stands for itself and all below it, none for everything. One who asks for everything
    /// because the cursor moved is not offered to change the whole file.
    pub(crate) fn of(context: &lsp::CodeActionContext) -> Wanted {
        let Some(only) = &context.only else {
            let automatic = context.trigger_kind == Some(lsp::CodeActionTriggerKind::AUTOMATIC);
            return Wanted { quick_fixes: true, fix_all: !automatic };
        };
        let wants = |kind: &lsp::CodeActionKind| {
            let below = |it: &str| {
                kind.as_str()
                    .strip_prefix(it)
                    .is_some_and(|rest| it.is_empty() || rest.is_empty() || rest.starts_with('.'))
            };
            only.iter().any(|it| below(it.as_str()))
        };
        Wanted { quick_fixes: wants(&lsp::CodeActionKind::QUICKFIX), fix_all: wants(&FIX_ALL) }
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

/// So many characters of a completion's detail stand on its line of the list.
const MOST_BRIEF: usize = 32;

/// A completion's detail where there is little room: of many alternatives the first ones.
fn brief(detail: &str) -> String {
    if detail.chars().count() <= MOST_BRIEF {
        return detail.to_owned();
    }
    let room = detail.char_indices().nth(MOST_BRIEF - 4).map_or(detail.len(), |(at, _)| at);
    let start = &detail[..room];
    let alternative = detail.match_indices(" | ").map(|(at, _)| at).take_while(|at| *at <= room).last();
    match (alternative, start.rfind(' ')) {
        (Some(end), _) => format!("{} | …", &detail[..end]),
        (None, Some(end)) => format!("{}…", start[..end].trim_end_matches([' ', '|', ',', '='])),
        (None, None) => format!("{start}…"),
    }
}

/// A report of findings that the client cannot know yet.
pub(crate) fn full_report(items: Vec<lsp::Diagnostic>) -> lsp::DocumentDiagnosticReport {
    let result_id = Some(result_id(&items));
    let full_document_diagnostic_report = lsp::FullDocumentDiagnosticReport { result_id, items };
    lsp::RelatedFullDocumentDiagnosticReport { related_documents: None, full_document_diagnostic_report }.into()
}

/// A name for findings: the same for the same ones, whatever the version, so that it needs no memory.
fn result_id(items: &[lsp::Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(items).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn range(text: &Text, span: Span, encoding: Encoding) -> lsp::Range {
    let position = |Position { line, column }| lsp::Position { line, character: column };
    let (start, end) = text.range(span, encoding);
    lsp::Range { start: position(start), end: position(end) }
}

/// What the client compares with the characters that are typed, to keep or drop an item. Some clients drop everything
/// that does not begin with these characters, opening quote included; the core has filtered already.
fn filter_text(typed: &str, item: &ide::CompletionItem) -> String {
    let begins = |text: &str| text.get(..typed.len()).is_some_and(|it| it.eq_ignore_ascii_case(typed));
    if begins(&item.label) {
        item.label.clone()
    } else if begins(&item.text) {
        item.text.lines().next().unwrap_or_default().to_owned()
    } else {
        format!("{typed}{}", item.label)
    }
}

/// A symbol without a name makes some clients refuse the whole outline.
fn symbol_name(symbol: &ide::Symbol) -> String {
    if symbol.name.trim().is_empty() { "\"\"".to_owned() } else { symbol.name.clone() }
}

fn markup(markdown: &str, as_markdown: bool) -> lsp::MarkupContent {
    match as_markdown {
        true => lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: markdown.to_owned() },
        false => lsp::MarkupContent { kind: lsp::MarkupKind::PlainText, value: plain(markdown) },
    }
}

/// Markdown for a client that shows it as it is: without fences and emphasis. Code keeps every character.
fn plain(markdown: &str) -> String {
    let mut lines = vec![];
    let mut in_code = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            lines.push(line.to_owned());
        } else if line.trim() != "---" {
            lines.push(plain_line(line.trim_start_matches('#').trim_start_matches(if line.starts_with('#') {
                " "
            } else {
                ""
            })));
        }
    }
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines.join("\n").trim().to_owned()
}

fn plain_line(line: &str) -> String {
    let mut out = String::new();
    for (i, part) in line.split('`').enumerate() {
        if i % 2 == 1 {
            out.push('`');
            out.push_str(part);
            out.push('`');
            continue;
        }
        let mut rest = part;
        while let Some((before, link)) = rest.split_once('[') {
            out.push_str(&before.replace("**", ""));
            match link.split_once("](").and_then(|(text, after)| Some((text, after.split_once(')')?))) {
                Some((text, (address, after))) => {
                    out.push_str(&format!("{text} ({address})"));
                    rest = after;
                }
                None => {
                    out.push('[');
                    rest = link;
                }
            }
        }
        out.push_str(&rest.replace("**", ""));
    }
    out
}

#[cfg(test)]
mod tests {
    use schema::{DocumentKind, Release};

    use super::*;

    #[test]
    fn lists_end_where_the_answer_is_cancelled() {
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
            let actions = ide::actions(&document, Span::new(0, document.text().len()));
            let wanted = Wanted { quick_fixes: true, fix_all: false };
            let actions = view.actions(&actions, None, wanted).len();
            [symbols, view.diagnostics(&ide::diagnostics(&document)).len(), actions]
        };
        assert!(sizes().iter().all(|it| *it > 0));
        drop(cancel_on_drop);
        assert_eq!(sizes(), [0; 3]);
    }

    #[test]
    fn plain_text_keeps_the_words() {
        let markdown = "# `gpu`\n\n**Type** [range](https://x.y/z), `**kwargs`; see [a]\n\n```yaml\n# **not** bold\ngpu: 1\n```\n\n---\n\nEnd";
        let expected = "`gpu`\n\nType range (https://x.y/z), `**kwargs`; see [a]\n\n# **not** bold\ngpu: 1\n\nEnd";
        assert_eq!(plain(markdown), expected);
    }

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

    #[test]
    fn where_there_is_little_room_the_first_alternatives_are_told() {
        for (detail, expected) in [
            ("integer = 1", "integer = 1"),
            ("list of environment variables | mapping", "list of environment…"),
            ("dev-environment | task | service | fleet | volume", "dev-environment | task | …"),
            ("integer | number or a range | mapping = 1", "integer | number or a range | …"),
            ("list of texts and of other things that are long", "list of texts and of other…"),
            (&"é".repeat(40), &format!("{}…", "é".repeat(28))),
        ] {
            assert_eq!(brief(detail), expected);
            assert!(brief(detail).chars().count() <= MOST_BRIEF);
        }
    }

    #[test]
    fn a_kind_stands_for_all_below_it() {
        let wanted = |only: &[&'static str]| {
            let only = Some(only.iter().map(|it| lsp::CodeActionKind::new(it)).collect());
            let it = Wanted::of(&lsp::CodeActionContext { only, ..Default::default() });
            (it.quick_fixes, it.fix_all)
        };
        assert_eq!(wanted(&["quickfix"]), (true, false));
        assert_eq!(wanted(&["source"]), (false, true));
        assert_eq!(wanted(&["source.fixAll"]), (false, true));
        assert_eq!(wanted(&["source.fixAll.dstack"]), (false, true));
        assert_eq!(wanted(&["source.fixAll.ruff", "refactor"]), (false, false));
        assert_eq!(wanted(&["source.fix"]), (false, false));
        assert_eq!(wanted(&[""]), (true, true));
        assert_eq!(wanted(&[]), (false, false));
    }

    #[test]
    fn a_client_that_filters_keeps_what_we_offer() {
        let item = |label: &str, text: &str| ide::CompletionItem {
            label: label.to_owned(),
            text: text.to_owned(),
            kind: ItemKind::Word,
            detail: String::new(),
            docs: String::new(),
            span: Span::at(0),
            snippet: None,
            deprecated: false,
            retrigger: false,
        };
        assert_eq!(filter_text("ta", &item("task", "task\n")), "task");
        assert_eq!(filter_text("\"ta", &item("task", "\"task\"")), "\"task\"");
        assert_eq!(filter_text("imge", &item("image", "image: ")), "imgeimage");
        assert_eq!(filter_text("", &item("image", "image: ")), "image");
    }
}
