//! Completion items.

use ide::ItemKind;
use tower_lsp::ls_types as lsp;
use yaml::Span;

use super::{markup::markup, view::View};

/// Maximum number of characters of a detail on the line of an item.
const MAX_BRIEF: usize = 32;

impl View<'_> {
    /// The completion list at `offset`.
    pub(crate) fn completion(&self, items: &[ide::CompletionItem], offset: u32) -> lsp::CompletionList {
        // With each character other items may fit (`8` → `80GB`), and the typed text may have become a value that must come
        // first: the host `host`, although `hostname` is a field.
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
        // The core decides which lines are already indented, so that the client does not have to.
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
                ItemKind::Variant if abilities.enum_members => lsp::CompletionItemKind::ENUM_MEMBER,
                ItemKind::Variant | ItemKind::Value => lsp::CompletionItemKind::VALUE,
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
}

/// A shortened detail: of many alternatives, the first ones.
fn brief(detail: &str) -> String {
    if detail.chars().count() <= MAX_BRIEF {
        return detail.to_owned();
    }
    let room = detail.char_indices().nth(MAX_BRIEF - 4).map_or(detail.len(), |(at, _)| at);
    let start = &detail[..room];
    let alternative = detail.match_indices(" | ").map(|(at, _)| at).take_while(|at| *at <= room).last();
    match (alternative, start.rfind(' ')) {
        (Some(end), _) => format!("{} | …", &detail[..end]),
        (None, Some(end)) => format!("{}…", start[..end].trim_end_matches([' ', '|', ',', '='])),
        (None, None) => format!("{start}…"),
    }
}

/// The text that the client compares with the typed characters to keep or drop an item. Some clients drop all items that do
/// not begin with these characters, including an opening quote; but the core has already filtered them.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortened_detail_has_the_first_alternatives() {
        for (detail, expected) in [
            ("integer = 1", "integer = 1"),
            ("list of environment variables | mapping", "list of environment…"),
            ("dev-environment | task | service | fleet | volume", "dev-environment | task | …"),
            ("integer | number or a range | mapping = 1", "integer | number or a range | …"),
            ("list of texts and of other things that are long", "list of texts and of other…"),
            (&"é".repeat(40), &format!("{}…", "é".repeat(28))),
        ] {
            assert_eq!(brief(detail), expected);
            assert!(brief(detail).chars().count() <= MAX_BRIEF);
        }
    }

    #[test]
    fn a_client_that_filters_keeps_all_items() {
        let item = |label: &str, text: &str| ide::CompletionItem {
            label: label.to_owned(),
            text: text.to_owned(),
            kind: ItemKind::Variant,
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
