//! Random edits over the protocol: afterwards the server answers as for a new document with the same text.

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::protocol::client::Client;

/// The parts of texts: pieces of real files, half-typed ones, all line breaks, and characters of one to four bytes.
const PIECES: [&str; 32] = [
    "type: task\n",
    "type: service\r\n",
    "name: x\r",
    "commands:\n",
    "  - echo\n",
    "- pip install\n",
    "resources:\n",
    "  gpu: A100:8\n",
    "    memory: 24GB..\r\n",
    "gpu",
    ": ",
    ":",
    " ",
    "\n",
    "\r",
    "\r\n",
    "  ",
    "\t",
    "# ü\n",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "ü",
    "😀",
    "€",
    "port: 80\n",
    "---\n",
    "termination_policy: x\n",
    "- ",
];

/// A change: its start and end as fractions of the text, and the new text. `None` replaces the whole text.
type Change = (Option<(u16, u16)>, Vec<usize>);

fn text(pieces: &[usize]) -> String {
    pieces.iter().map(|it| PIECES[*it]).collect()
}

fn pieces(most: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..PIECES.len(), 0..most)
}

fn change() -> impl Strategy<Value = Change> {
    // Mostly short ranges, as when typing, and sometimes the whole text.
    let range = (any::<u16>(), prop_oneof![8 => 0..2000u16, 1 => any::<u16>()]);
    let range = range.prop_map(|(start, length)| (start, start.saturating_add(length)));
    (prop::option::weighted(0.95, range), pieces(4))
}

/// The edited text, and the change in the form of the protocol, in UTF-16. Simple and slow.
fn apply(text: &str, (range, pieces): &Change) -> (String, Value) {
    let new = self::text(pieces);
    let Some((start, end)) = range else { return (new.clone(), json!({"text": new})) };
    let place = |fraction: u16| {
        let mut at = text.len() * fraction as usize / u16::MAX as usize;
        // The protocol has no position between CR and LF.
        while !text.is_char_boundary(at) || (text[..at].ends_with('\r') && text[at..].starts_with('\n')) {
            at -= 1;
        }
        at
    };
    let (start, end) = (place(*start), place(*end));
    let position = |at: usize| {
        let unified = text[..at].replace("\r\n", "\n").replace('\r', "\n");
        let (line, column) = (unified.matches('\n').count(), unified.rsplit('\n').next().unwrap_or(""));
        json!({"line": line, "character": column.encode_utf16().count()})
    };
    let range = json!({"start": position(start), "end": position(end)});
    (format!("{}{new}{}", &text[..start], &text[end..]), json!({"range": range, "text": new}))
}

#[test]
fn an_edited_document_is_like_a_new_one() {
    let mut client = Client::with(json!({"capabilities": {"textDocument": {"diagnostic": {}}}}));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) };
    let messages = prop::collection::vec(prop::collection::vec(change(), 1..4), 1..6);
    let client = &mut std::cell::RefCell::new(&mut client);
    let outcome = TestRunner::new(config).run(&(pieces(24), messages), |(start, messages)| {
        let mut client = client.borrow_mut();
        let (edited, fresh) = ("file:///edited.dstack.yml", "file:///fresh.dstack.yml");
        let mut text = text(&start);
        client.open(edited, &text);
        for (version, message) in messages.iter().enumerate() {
            let mut changes = vec![];
            for change in message {
                let (after, change) = apply(&text, change);
                text = after;
                changes.push(change);
            }
            let document = json!({"uri": edited, "version": version + 2});
            client.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
            // Requested only sometimes, so that a version is not always made from the previous one.
            if version % 2 == 0 {
                client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": edited}}));
            }
        }
        client.open(fresh, &text);
        for method in ["diagnostic", "documentSymbol"] {
            let mut said = |uri: &str| {
                let answer = client.ask(&format!("textDocument/{method}"), json!({"textDocument": {"uri": uri}}));
                answer["result"].to_string().replace(uri, "URI")
            };
            prop_assert_eq!(said(edited), said(fresh), "{} of {:?}", method, text);
        }
        for uri in [edited, fresh] {
            client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
        }
        Ok(())
    });
    outcome.unwrap();
}
