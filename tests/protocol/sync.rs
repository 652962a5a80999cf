//! The server has the same text as the client after all edits, in any order and encoding.

use serde_json::{Value, json};

use super::client::Client;

const URI: &str = "file:///project/a.dstack.yml";

/// Checks the text of an edited document: a document with the same text has the same diagnostics and outline.
fn assert_text(client: &mut Client, uri: &str, version: i64, text: &str) {
    let fresh = format!("file:///fresh/{version}.dstack.yml");
    client.open(&fresh, text);
    let expected = client.published(&fresh, 1);
    assert_eq!(client.published(uri, version), expected, "{text:?}");
    let mut symbols = |uri: &str| {
        let response = client.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
        response["result"].to_string().replace(uri, "URI")
    };
    assert_eq!(symbols(uri), symbols(&fresh), "{text:?}");
}

#[test]
fn two_thousand_edits_are_applied_in_order() {
    let mut client = Client::plain();
    client.open(URI, "name: \ntype: tas\n");
    let word: String = (0..2_000).map(|i| char::from(b'a' + (i * 7 % 26) as u8)).collect();
    for (i, c) in word.char_indices() {
        let at = 6 + i as u32;
        client.change(URI, i as i64 + 2, &[(Some([0, at, 0, at]), &c.to_string())]);
    }
    assert_text(&mut client, URI, 2_001, &format!("name: {word}\ntype: tas\n"));
}

/// As Helix sends several backspaces at once.
#[test]
fn edits_that_arrive_out_of_order_are_applied_in_the_order_of_their_versions() {
    let mut client = Client::plain();
    client.open(URI, "nodes: 1234x\ntype: tas\n");
    for (version, at) in [(2, 11), (4, 9), (5, 8), (3, 10)] {
        client.change(URI, version, &[(Some([0, at, 0, at + 1]), "")]);
    }
    client.change(URI, 6, &[(Some([0, 8, 0, 8]), "0")]);
    assert_text(&mut client, URI, 6, "nodes: 10\ntype: tas\n");
}

#[test]
fn several_changes_in_one_message_are_applied_in_order() {
    let mut client = Client::plain();
    client.open(URI, "type: task\n");
    let changes = [(Some([1, 0, 1, 0]), "nam: x\n"), (Some([1, 3, 1, 3]), "e"), (Some([0, 6, 0, 10]), "dev")];
    client.change(URI, 2, &changes);
    assert_text(&mut client, URI, 2, "type: dev\nname: x\n");
    client.change(URI, 3, &[(Some([0, 0, 2, 0]), "nonsense"), (None, "a: 1\n"), (Some([0, 3, 0, 4]), "2")]);
    assert_text(&mut client, URI, 3, "a: 2\n");
}

#[test]
fn columns_have_the_negotiated_encoding() {
    for (encoding, column) in [("utf-8", 8), ("utf-16", 5), ("utf-32", 4)] {
        let mut client =
            Client::with(json!({"capabilities": {"general": {"positionEncodings": [encoding, "utf-16"]}}}));
        client.open(URI, "ü😀: x\r\nb: \"ü\"\r\n");
        client.change(URI, 2, &[(Some([0, column, 0, column + 1]), "task")]);
        assert_text(&mut client, URI, 2, "ü😀: task\r\nb: \"ü\"\r\n");
    }
}

#[test]
fn a_range_out_of_bounds_is_clamped() {
    let mut client = Client::plain();
    client.open(URI, "a: 1");
    client.change(URI, 2, &[(Some([7, 0, u32::MAX, u32::MAX]), "\nb: 2")]);
    assert_text(&mut client, URI, 2, "a: 1\nb: 2");
    client.change(URI, 3, &[(Some([1, 4, 1, 3]), "3")]);
    assert_text(&mut client, URI, 3, "a: 1\nb: 3");
}

#[test]
fn opening_again_replaces_the_text_and_edits_of_unknown_documents_are_ignored() {
    let mut client = Client::plain();
    client.open(URI, "type: task\n");
    client.open(URI, "type: nonsense\n");
    client.change(URI, 2, &[(Some([0, 0, 0, 0]), "# \n")]);
    client.change("file:///never/opened.dstack.yml", 9, &[(None, "type: x\n")]);
    assert_text(&mut client, URI, 2, "# \ntype: nonsense\n");
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": URI}}));
    client.change(URI, 3, &[(None, "type: x\n")]);
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": URI}}));
    let withdrawn = client.wait("empty diagnostics", |it| it["params"] == json!({"uri": URI, "diagnostics": []}));
    assert_eq!(withdrawn["method"], "textDocument/publishDiagnostics");
}

#[test]
fn files_of_other_programs_are_ignored() {
    let mut client = Client::plain();
    client.open("file:///project/docker-compose.yml", "services: [\n");
    client.open("file:///project/config.yml", "a: [\n");
    client.change("file:///project/config.yml", 2, &[(None, "b: [\n")]);
    assert_eq!(client.at("hover", "file:///project/config.yml", 0, 0), Value::Null);
    assert_eq!(client.at("completion", "file:///project/config.yml", 0, 0), Value::Null);
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": "file:///project/config.yml"}}));
    client.open(URI, "type: task\n");
    client.published(URI, 1);
    assert!(client.rest().iter().all(|it| it["method"] == "window/logMessage"));
}

#[test]
fn a_file_is_a_dstack_file_by_its_name_or_by_its_language() {
    let mut client = Client::plain();
    for (uri, language) in [
        ("file:///c%3A/My%20Files/%2Edstack.yml", "YAML"),
        ("file:///C:/my files/train.dstack.yaml", "plaintext"),
        ("untitled:Untitled-1", "dstack"),
        ("file:///a/anything.yml", "yaml.dstack"),
    ] {
        let document = json!({"uri": uri, "languageId": language, "version": 4, "text": "type: [\n"});
        client.notify("textDocument/didOpen", json!({"textDocument": document}));
        client.published(uri, 4);
    }
}
