//! Which documents are dstack files: by name, by language, by content; and what happens when that changes.

use serde_json::{Value, json};

use super::client::Client;

const WRONG: &str = "type: task\ncommands: [a]\nbogus: 1\nname: a\n";

fn open(client: &mut Client, uri: &str, language: &str, text: &str) {
    let document = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
    client.notify("textDocument/didOpen", json!({"textDocument": document}));
}

/// The notifications about a document, after everything that was sent is handled and a later document is diagnosed.
fn notifications(client: &mut Client, uri: &str) -> Vec<Value> {
    // The documents before this one are handled by then.
    client.open("file:///last.dstack.yml", "type: task\ncommands: [a]\n");
    client.published("file:///last.dstack.yml", 1);
    client.at("hover", uri, 0, 0);
    let about = |it: &Value| it["method"] == "textDocument/publishDiagnostics" && it["params"]["uri"] == uri;
    client.rest().into_iter().filter(about).collect()
}

#[test]
fn yaml_with_the_content_of_a_dstack_file_is_checked_whatever_its_name() {
    for (uri, language) in [
        ("file:///a/train.yml", "yaml"),
        ("file:///a/train.yaml", ""),
        ("untitled:Untitled-1", "yaml"),
        ("file:///a/train.dstack.yml", "plaintext"),
        ("untitled:Untitled-2", "dstack"),
    ] {
        let mut client = Client::plain();
        open(&mut client, uri, language, WRONG);
        let found = client.published(uri, 1);
        assert_eq!((found.len(), &found[0]["code"]), (1, &json!("unknown-field")), "{uri}");
        assert_ne!(client.at("hover", uri, 0, 1), Value::Null, "{uri}");
    }
}

#[test]
fn an_untitled_document_is_a_configuration_by_its_name_or_its_language() {
    for (uri, language) in [
        ("untitled:/project/train.dstack.yml", "dstack"),
        ("untitled:/project/train.dstack.yml", "plaintext"),
        ("untitled:Untitled-1", "dstack"),
        ("untitled:Untitled-1", "yaml.dstack"),
        ("file:///project/new", "dstack"),
    ] {
        let mut client = Client::plain();
        open(&mut client, uri, language, "");
        assert_eq!(client.published(uri, 1).len(), 1, "{uri} {language}: an empty file is no configuration");
        let offered = client.at("completion", uri, 0, 0);
        let labels: Vec<&Value> = offered["items"].as_array().unwrap().iter().map(|it| &it["label"]).collect();
        assert_eq!(labels[..3], [&json!("type"), &json!("dev-environment"), &json!("task")], "{uri} {language}");
        let task = offered["items"][2]["textEdit"]["newText"].as_str().unwrap();
        client.change(uri, 2, &[(None, task)]);
        assert_eq!(client.published(uri, 2), [Value::Null; 0], "{uri} {language}");
    }
}

#[test]
fn the_content_decides_about_the_kind_if_only_the_language_is_known() {
    let uri = "untitled:Untitled-1";
    let mut client = Client::plain();
    open(&mut client, uri, "dstack", "profiles:\n  - name: a\n");
    assert_eq!(client.published(uri, 1), [Value::Null; 0]);
    client.change(uri, 2, &[(None, "projects:\n  - name: a\n    url: b\n    token: c\n")]);
    assert_eq!(client.published(uri, 2), [Value::Null; 0]);
    client.change(uri, 3, &[(None, WRONG)]);
    assert_eq!(client.published(uri, 3)[0]["code"], "unknown-field");
    // It remains a dstack file whatever its content is.
    client.change(uri, 4, &[(None, "services: {}\n")]);
    assert!(!client.published(uri, 4).is_empty());
}

#[test]
fn nothing_is_sent_about_files_of_other_programs() {
    for (uri, language, text) in [
        ("file:///a/values.yml", "yaml", "service:\n  type: ClusterIP\n"),
        ("file:///a/form.yml", "yaml", "name: Chore\ntype: task\nlabels: []\nbody: []\n"),
        ("file:///a/empty.yml", "yaml", ""),
        ("untitled:Untitled-1", "yaml", "t"),
        ("file:///a/compose.yml", "dockercompose", WRONG),
        ("file:///a/notes.txt", "plaintext", WRONG),
    ] {
        let mut client = Client::plain();
        open(&mut client, uri, language, text);
        for method in ["hover", "completion"] {
            assert_eq!(client.at(method, uri, 0, text.lines().next().map_or(0, str::len) as u32), Value::Null, "{uri}");
        }
        let outline = client.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
        assert_eq!(outline["result"], Value::Null);
        assert_eq!(notifications(&mut client, uri), [Value::Null; 0], "{uri}");
        client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
        assert_eq!(notifications(&mut client, uri), [Value::Null; 0], "{uri}");
    }
}

#[test]
fn a_file_becomes_a_dstack_file_while_it_is_typed_and_stops_being_one() {
    let uri = "untitled:Untitled-1";
    let mut client = Client::plain();
    open(&mut client, uri, "yaml", "");
    assert_eq!(client.at("completion", uri, 0, 0), Value::Null);
    client.change(uri, 2, &[(None, "type: task")]);
    let found = client.published(uri, 2);
    assert!(!found.is_empty(), "a task without commands is not whole");
    client.change(uri, 3, &[(Some([0, 10, 0, 10]), "\ncommands: [a]\n")]);
    assert_eq!(client.published(uri, 3), [Value::Null; 0]);
    assert_ne!(client.at("completion", uri, 2, 0), Value::Null);
    client.change(uri, 4, &[(Some([2, 0, 2, 0]), "bogus: 1\nname: a\nimage: b\n")]);
    assert_eq!(client.published(uri, 4).len(), 1);
    // Without `type` it is not a dstack file: its diagnostics are withdrawn, and nothing more is sent.
    client.change(uri, 5, &[(Some([0, 0, 1, 0]), "")]);
    assert_eq!(client.published(uri, 5), [Value::Null; 0]);
    assert_eq!(client.at("hover", uri, 0, 1), Value::Null);
    client.change(uri, 6, &[(Some([0, 0, 0, 0]), "#\n")]);
    assert_eq!(notifications(&mut client, uri), [Value::Null; 0]);
    client.change(uri, 7, &[(None, "profiles:\n  - name: a\n    max_price: x\n")]);
    assert_eq!(client.published(uri, 7).len(), 1);
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    let withdrawn = client
        .wait("an empty list", |it| it["method"] == "textDocument/publishDiagnostics" && it["params"]["uri"] == uri);
    assert_eq!(withdrawn["params"]["diagnostics"], json!([]));
}

#[test]
fn a_client_that_pulls_gets_no_diagnostics_for_files_of_other_programs() {
    let uri = "file:///a/b.yml";
    let mut client = Client::with(json!({"capabilities": {"textDocument": {"diagnostic": {}}}}));
    let pull = |client: &mut Client| {
        let report = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
        report["result"]["items"].as_array().map(Vec::len)
    };
    open(&mut client, uri, "yaml", "services: {}\n");
    assert_eq!(pull(&mut client), Some(0));
    client.change(uri, 2, &[(None, WRONG)]);
    assert_eq!(pull(&mut client), Some(1));
    client.change(uri, 3, &[(None, "services: {}\n")]);
    assert_eq!(pull(&mut client), Some(0));
}
