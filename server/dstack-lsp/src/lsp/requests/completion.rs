//! `textDocument/completion`.

use serde_json::Value;
use tower_lsp::ls_types as lsp;
use yaml::{Position, Text};

use super::request::DocumentRequest;
use crate::lsp::{
    capabilities::Abilities,
    convert::{View, position},
    method::{Method, method},
};

/// Characters after which an editor asks for completion by itself. A value follows `:` and `- `; the others separate the parts
/// of one: `A100:8`, `24GB..`, `${{ env.X }}`.
const TRIGGERS: [&str; 8] = [":", " ", "-", "/", "$", "{", ".", ","];

/// What may be typed at the cursor.
pub(super) struct Completion {
    position: Position,
    /// Whether the request was triggered by a space that the user typed.
    is_after_space: bool,
}

impl DocumentRequest for Completion {
    const METHOD: Method = method!("textDocument/completion");

    type Answer = Option<lsp::CompletionResponse>;

    fn advertise(_: &Abilities, capabilities: &mut lsp::ServerCapabilities) {
        let trigger_characters = Some(TRIGGERS.map(str::to_owned).to_vec());
        capabilities.completion_provider = Some(lsp::CompletionOptions { trigger_characters, ..Default::default() });
    }

    fn parse(sent: &Value) -> Result<Completion, &'static str> {
        let is_after_space = sent["context"]["triggerCharacter"] == " ";
        Ok(Completion { position: position::parse(&sent["position"])?, is_after_space })
    }

    fn answer(self, view: &View<'_>) -> Option<lsp::CompletionResponse> {
        let offset = view.offset(self.position);
        // While a line is indented, no list is wanted: the next Enter would accept its first item.
        let is_indenting = self.is_after_space && is_blank_before(view.document.text(), offset);
        (!is_indenting).then(|| view.completion(&ide::completion(view.document, offset), offset).into())
    }

    fn empty(&self) -> Option<lsp::CompletionResponse> {
        None
    }
}

/// Whether only white space precedes `offset` on its line.
fn is_blank_before(text: &Text, offset: u32) -> bool {
    let start = text.line(text.line_of(offset)).start;
    text.as_str().get(start as usize..offset as usize).is_some_and(|it| it.trim().is_empty())
}
