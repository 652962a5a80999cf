//! Malformed and unusual messages cost no text, no answer and no session.

use std::{
    process::{Command, Stdio},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::client::{Client, framed, range};
use crate::check::Folder;

const URI: &str = "file:///project/a.dstack.yml";
const TEXT: &str = "type: task\nnam: x\ncommands: [a]\n";

fn send_change(client: &mut Client, version: Value, changes: Value) {
    let document = json!({"uri": URI, "version": version});
    client.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
}

fn codes(diagnostics: &Value) -> Vec<&str> {
    diagnostics.as_array().expect("a list").iter().map(|it| it["code"].as_str().expect("a code")).collect()
}

/// The next diagnostics of a document, whatever their version.
fn published(client: &mut Client, uri: &str) -> Value {
    let is_it = |it: &Value| it["method"] == "textDocument/publishDiagnostics" && it["params"]["uri"] == uri;
    client.wait(&format!("diagnostics of {uri}"), is_it)["params"].clone()
}

fn shown_message(client: &mut Client) -> String {
    let message = client.wait("a message to the user", |it| it["method"] == "window/showMessage");
    message["params"]["message"].as_str().expect("a text").to_owned()
}

fn action_params(uri: &str, line: u32, context: Value) -> Value {
    json!({"textDocument": {"uri": uri}, "range": range([line, 0, line, 1]), "context": context})
}

fn acting() -> Value {
    let literals = json!({"codeActionKind": {"valueSet": ["quickfix"]}});
    json!({"capabilities": {"textDocument": {
        "codeAction": {"codeActionLiteralSupport": literals},
        "publishDiagnostics": {"relatedInformation": true},
    }}})
}

/// Changes that cannot be applied, after one that can.
fn invalid_changes() -> Vec<Value> {
    let good = json!({"range": range([0, 6, 0, 10]), "text": "service"});
    let at = |line: Value| {
        let place = json!({"line": line, "character": 0});
        json!({"range": {"start": place, "end": place}, "text": "#"})
    };
    let bad = [at(json!(-1)), at(json!(0.5)), at(json!("0")), at(json!(null)), json!({"range": {}, "text": ""})];
    let mut all: Vec<Value> = bad.into_iter().map(|bad| json!([good, bad])).collect();
    all.extend([json!([good, {"text": 1}]), json!([good, {}]), json!([good, null]), json!({"text": "a: 1"})]);
    all.extend([json!(null), json!("a: 1")]);
    all
}

#[test]
fn after_an_invalid_edit_the_text_is_unknown_until_the_whole_text_is_sent() {
    for changes in invalid_changes() {
        let mut client = Client::plain();
        client.open(URI, TEXT);
        assert_eq!(client.published(URI, 1)[0]["code"], "unknown-field");
        send_change(&mut client, json!(2), changes.clone());
        assert_eq!(published(&mut client, URI), json!({"uri": URI, "diagnostics": []}), "{changes}");
        let message = shown_message(&mut client);
        assert!(message.contains("`/project/a.dstack.yml`") && message.contains("reopen"), "{message}");

        // A valid edit of an unknown text.
        client.change(URI, 3, &[(Some([0, 0, 0, 0]), "#")]);
        send_change(&mut client, json!(4), changes.clone());
        for method in ["hover", "completion"] {
            assert_eq!(client.at(method, URI, 0, 1), Value::Null, "{changes}");
        }
        let symbols = client.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": URI}}));
        assert_eq!(symbols["result"], Value::Null, "{changes}");
        let is_news = |it: &&Value| it["method"] != "window/logMessage";
        assert_eq!(client.rest().iter().find(is_news), None, "reported once: {changes}");

        client.change(URI, 5, &[(None, "typ: task\n"), (Some([0, 0, 0, 0]), "# \n")]);
        assert_eq!(client.published(URI, 5)[0]["range"]["start"]["line"], 1, "{changes}");
        send_change(&mut client, json!(6), changes);
        shown_message(&mut client);
        client.open(URI, TEXT);
        assert_eq!(client.published(URI, 1)[0]["code"], "unknown-field");
        assert_eq!(client.quit(), Some(0));
    }
}

#[test]
fn a_client_that_pulls_gets_no_diagnostics_for_an_unknown_text() {
    let mut client = Client::with(json!({"capabilities": {"textDocument": {"diagnostic": {}}}}));
    client.open(URI, TEXT);
    let mut pull = || {
        let response = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": URI}}));
        codes(&response["result"]["items"]).len()
    };
    assert_eq!(pull(), 1);
    send_change(&mut client, json!(2), json!([{"range": range([0, 0, 0, 0]), "text": null}]));
    let response = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": URI}}));
    assert_eq!(response["result"]["items"], json!([]));
}

#[test]
fn a_change_of_the_whole_text_replaces_invalid_changes_before_it() {
    let mut client = Client::plain();
    client.open(URI, TEXT);
    client.published(URI, 1);
    let bad = json!({"range": {"start": {"line": -1}}, "text": "#"});
    send_change(&mut client, json!(2), json!([bad, {"text": TEXT.replace("nam", "nom")}]));
    assert_eq!(codes(&published(&mut client, URI)["diagnostics"]), ["unknown-field"]);
    assert!(client.rest().iter().all(|it| it["method"] == "window/logMessage"));
}

#[test]
fn an_edit_without_a_valid_version_is_applied() {
    for version in [json!(null), json!(1_u64 << 40), json!("two"), json!(2.5), json!({})] {
        let mut client = Client::with(acting());
        client.open(URI, TEXT);
        client.published(URI, 1);
        send_change(&mut client, version.clone(), json!([{"range": range([1, 0, 1, 3]), "text": "port"}]));
        // The client would drop diagnostics with another version.
        let now = published(&mut client, URI);
        assert_eq!(now.get("version"), None, "{version}");
        assert!(now["diagnostics"][0]["message"].as_str().is_some_and(|it| it.contains("`port`")), "{version}: {now}");
        client.change(URI, 3, &[(Some([1, 0, 1, 4]), "name")]);
        assert_eq!(client.published(URI, 3), [] as [Value; 0]);
    }
    let mut client = Client::plain();
    client.open(URI, TEXT);
    client.published(URI, 1);
    send_change(&mut client, json!(2.0), json!([{"range": range([1, 0, 1, 3]), "text": "name"}]));
    assert_eq!(client.published(URI, 2), [] as [Value; 0]);
}

#[test]
fn a_document_without_a_readable_text_is_unknown_until_the_text_is_sent() {
    let mut client = Client::plain();
    client.notify("textDocument/didOpen", json!({"textDocument": {"uri": URI, "languageId": 7, "version": null}}));
    assert!(shown_message(&mut client).contains("`/project/a.dstack.yml`"));
    client.change(URI, 2, &[(Some([0, 0, 0, 0]), "#")]);
    assert_eq!(client.at("hover", URI, 0, 0), Value::Null);
    client.change(URI, 3, &[(None, TEXT)]);
    assert_eq!(client.published(URI, 3).len(), 1);
    // Everything except the URI and the text may be missing.
    let other = "file:///project/b.dstack.yml";
    client.notify("textDocument/didOpen", json!({"textDocument": {"uri": other, "text": TEXT}}));
    assert_eq!(codes(&published(&mut client, other)["diagnostics"]), ["unknown-field"]);
}

#[test]
fn a_message_that_names_no_document_is_reported() {
    for (method, params) in [
        ("textDocument/didChange", json!({"contentChanges": [{"text": "a"}]})),
        ("textDocument/didChange", json!({"textDocument": {"uri": 1}, "contentChanges": [{"text": "a"}]})),
        ("textDocument/didOpen", json!([])),
        ("textDocument/didClose", json!({"textDocument": "file:///project/a.dstack.yml"})),
        ("textDocument/didClose", Value::Null),
    ] {
        let mut client = Client::plain();
        client.open(URI, TEXT);
        client.published(URI, 1);
        client.notify(method, params.clone());
        assert!(shown_message(&mut client).contains("without naming it"), "{method}");
        // It may have been an edit of any document.
        let is_known = client.at("hover", URI, 0, 1).is_object();
        assert_eq!(is_known, method != "textDocument/didChange", "{method}");
        if !is_known {
            assert!(shown_message(&mut client).contains("reopen"));
            client.notify(method, params);
            assert!(client.rest().iter().all(|it| it["method"] != "window/showMessage"), "reported once");
        }
        assert_eq!(client.quit(), Some(0));
    }
}

#[test]
fn an_edit_that_is_not_json_makes_the_text_unknown() {
    let change = json!({"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"text": "CUT"}]});
    let message = json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": change}).to_string();
    for wrong in ["\u{1}", "\"", "\\u12", "\\x"] {
        let mut client = Client::plain();
        let other = "file:///project/other.dstack.yml";
        client.open(URI, TEXT);
        client.open(other, TEXT);
        client.published(URI, 1);
        client.published(other, 1);
        client.send_bytes(&framed(message.replace("CUT", wrong).as_bytes()));
        assert_eq!(published(&mut client, URI), json!({"uri": URI, "diagnostics": []}));
        assert!(shown_message(&mut client).contains("reopen"));
        assert_eq!(client.at("hover", URI, 0, 1), Value::Null);
        assert!(client.at("hover", other, 0, 1).is_object());
        // In Latin-1, as from a program that does not use UTF-8.
        let bytes: Vec<u8> =
            message.replace(URI, other).chars().map(|it| if it == 'C' { 0xe4 } else { it as u8 }).collect();
        client.send_bytes(&framed(&bytes));
        assert_eq!(published(&mut client, other), json!({"uri": other, "diagnostics": []}));
        client.change(URI, 3, &[(None, TEXT)]);
        assert_eq!(client.published(URI, 3).len(), 1);
    }
}

/// The diagnostics are withdrawn, and later edits are not applied to the old text.
#[track_caller]
fn is_lost(client: &mut Client, uri: &str) {
    assert_eq!(published(client, uri), json!({"uri": uri, "diagnostics": []}));
    client.change(uri, 8, &[(Some([0, 0, 0, 0]), "#")]);
    assert_eq!(client.at("hover", uri, 0, 1), Value::Null);
}

#[test]
fn an_edit_that_is_not_json_is_matched_to_each_spelling_of_its_document() {
    let (blank, umlaut) = ("file:///project/a b.dstack.yml", "file:///project/ü.dstack.yml");
    for (uri, written) in [
        (blank, blank),
        (blank, "file:\\/\\/\\/project\\/a\\u0020b.dstack.yml"),
        (umlaut, umlaut),
        (umlaut, "file:///project/\\u00fc.dstack.yml"),
        ("file:///project/%5B.dstack.yml", "file:///project/%5B.dstack.yml"),
    ] {
        let mut client = Client::plain();
        for it in [uri, URI] {
            client.open(it, TEXT);
            client.published(it, 1);
        }
        let edit = r#"{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"version": 2,
            "uri": "URI"}, "contentChanges": [{"text": "\x"}]}}"#;
        for _ in 0..2 {
            client.send_bytes(&framed(edit.replace("URI", written).as_bytes()));
        }
        is_lost(&mut client, uri);
        assert!(shown_message(&mut client).contains("reopen"));
        assert!(client.at("hover", URI, 0, 1).is_object(), "{written}");
        assert!(client.rest().iter().all(|it| it["method"] != "window/showMessage"), "{written}");
    }
}

#[test]
fn an_unreadable_message_may_have_been_an_edit_of_any_document() {
    let other = "file:///project/other.dstack.yml";
    let latin = r#"{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"version": 2,
        "uri": "file:///project/~.dstack.yml"}, "contentChanges": [{"text": "a"}]}}"#;
    // `ü` in Latin-1.
    let latin: Vec<u8> = latin.bytes().map(|it| if it == b'~' { 0xfc } else { it }).collect();
    for bytes in [
        framed(&latin),
        b"Content-Length: 99999999\r\n\r\n{\"jsonrpc\": ".to_vec(),
        b"Content-Length: many\r\n\r\n{}".to_vec(),
        b"Length: 2\r\n\r\n{}".to_vec(),
        // The length is too small: the rest is not a header.
        [b"Content-Length: 2\r\n\r\n{}".as_slice(), &latin].concat(),
    ] {
        let mut client = Client::plain();
        for it in [URI, other] {
            client.open(it, TEXT);
            client.published(it, 1);
        }
        client.send_bytes(&bytes);
        client.send_bytes(&bytes);
        for it in [URI, other] {
            is_lost(&mut client, it);
        }
        let message = shown_message(&mut client);
        assert!(
            message.contains("reopen") && message.contains("a.dstack.yml") && message.contains("other"),
            "{message}"
        );
        assert!(client.rest().iter().all(|it| it["method"] != "window/showMessage"), "reported once");
        client.change(URI, 9, &[(None, TEXT)]);
        assert_eq!(client.published(URI, 9).len(), 1);
    }
}

#[test]
fn an_edit_that_violates_the_protocol_makes_the_text_unknown() {
    let change = json!({"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"text": "a"}]});
    let edit = json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": change});
    for (name, value) in [("jsonrpc", json!("1.0")), ("jsonrpc", Value::Null), ("id", json!([1])), ("", json!(null))] {
        let mut client = Client::plain();
        client.open(URI, TEXT);
        client.published(URI, 1);
        let mut sent = edit.clone();
        sent[name] = value.clone();
        // In a batch, which the protocol does not allow.
        let sent = if name.is_empty() { json!([edit]) } else { sent };
        client.send(&sent);
        is_lost(&mut client, URI);
        assert!(shown_message(&mut client).contains("reopen"), "{sent}");
        assert_eq!(client.quit(), Some(0));
    }
}

#[test]
fn an_edit_that_is_sent_as_a_request_is_applied() {
    let mut client = Client::plain();
    let document = json!({"uri": URI, "languageId": "yaml", "version": 1, "text": TEXT});
    let open = json!({"textDocument": document});
    client.send(&json!({"jsonrpc": "2.0", "id": 70, "method": "textDocument/didOpen", "params": open}));
    assert_eq!(client.published(URI, 1).len(), 1);
    let change = json!({"range": range([1, 0, 1, 3]), "text": "name"});
    let edit = json!({"textDocument": {"uri": URI, "version": 2}, "contentChanges": [change]});
    client.send(&json!({"jsonrpc": "2.0", "id": "71", "method": "textDocument/didChange", "params": edit}));
    assert_eq!(client.published(URI, 2), [] as [Value; 0]);
}

#[test]
fn a_refused_message_that_is_not_an_edit_costs_no_text() {
    let mut client = Client::plain();
    client.open(URI, TEXT);
    client.published(URI, 1);
    for message in [json!({}), json!({"id": 1}), json!({"id": 1, "method": ["x"]}), json!([]), json!(3), Value::Null] {
        client.send(&message);
    }
    assert!(client.at("hover", URI, 0, 1).is_object());
    assert!(client.rest().iter().all(|it| it["method"] != "window/showMessage"));
}

#[test]
fn other_messages_that_are_not_json_cost_no_text() {
    let mut client = Client::plain();
    client.open(URI, TEXT);
    client.published(URI, 1);
    for method in ["textDocument/didSave", "textDocument/hover", "workspace/didChangeConfiguration"] {
        let message =
            format!(r#"{{"method": "{method}", "params": {{"textDocument": {{"uri": "{URI}"}}, "text": "\x"}}}}"#);
        client.send_bytes(&framed(message.as_bytes()));
    }
    assert!(client.at("hover", URI, 0, 1).is_object());
    assert!(client.rest().iter().all(|it| it["method"] != "window/showMessage"));
}

#[test]
fn nothing_is_reported_about_edits_of_files_of_other_programs() {
    for params in [json!({}), json!({"capabilities": {"textDocument": {"diagnostic": {}}}})] {
        let mut client = Client::with(params);
        let (other, untitled) = ("file:///project/compose.yml", "untitled:Untitled-1");
        client.open(other, "services: {}\n");
        client.open(untitled, TEXT);
        assert_eq!(client.at("hover", other, 0, 1), Value::Null);
        assert!(client.at("hover", untitled, 0, 1).is_object());
        for uri in [other, untitled] {
            let document = json!({"uri": uri, "version": 2});
            client.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": [1]}));
        }
        let message = shown_message(&mut client);
        assert!(message.contains("`Untitled-1`"), "{message}");
        assert!(client.rest().iter().all(|it| it["method"] != "window/showMessage"));
    }
}

#[test]
fn messages_do_not_change_the_direction_of_text() {
    let mut client = Client::plain();
    let uri = "file:///project/a%1B%5B31m%E2%80%AElmy.dstack.yml";
    client.notify("textDocument/didOpen", json!({"textDocument": {"uri": uri}}));
    assert!(shown_message(&mut client).contains("`/project/a\u{fffd}[31m\u{fffd}lmy.dstack.yml`"));
}

#[test]
fn messages_quote_little_of_a_text() {
    let mut client = Client::with(acting());
    let long = "x".repeat(100_000);
    for (i, text) in [
        format!("type: task\ncommands: [a] # dstack-lsp: ignore[{long}]\n"),
        format!("# dstack-lsp: release={long}\ntype: task\ncommands: [a]\n"),
        format!("# dstack-lsp: release=0.19.40rc{}\ntype: task\ncommands: [a]\n", "1".repeat(100_000)),
        format!("type: task\ncommands: [*{long}]\n"),
        format!("type: task\ncommands: [a]\n{long}: 1\n{long}: 2\n"),
        format!("type: {long}\n"),
        format!("type: task\ncommands: {long}\nresources: {{gpu: '{long}:{long}'}}\n"),
        format!("type: task\nenv: ['{long}=1', '{long}=2']\n{long}\n"),
    ]
    .iter()
    .enumerate()
    {
        let uri = format!("file:///long/{i}.dstack.yml");
        client.open(&uri, text);
        let found = client.published(&uri, 1);
        assert!(!found.is_empty(), "text {i}");
        for it in found {
            let words = [&it["message"], &it["relatedInformation"]].map(|it| it.to_string().len());
            assert!(words.iter().all(|it| *it < 2_000), "text {i}: {words:?} bytes of {}", it["code"]);
        }
    }
}

/// Sends a message with half of a surrogate pair in place of `HALF`.
fn send_halved(client: &mut Client, message: &Value, half: &[u8]) {
    let text = message.to_string();
    let body: Vec<u8> = text.split("HALF").map(|it| it.as_bytes().to_vec()).collect::<Vec<_>>().join(half);
    client.send_bytes(&framed(&body));
}

#[test]
fn half_of_a_surrogate_pair_is_one_character() {
    for half in [br"\ud83d" as &[u8], br"\uDE00", b"\xed\xa0\xbd"] {
        let mut client = Client::plain();
        let document = json!({"uri": URI, "languageId": "yaml", "version": 1, "text": "# HALF\ntype: task\n"});
        let open = json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}});
        send_halved(&mut client, &open, half);
        client.published(URI, 1);
        // The second edit counts the half in the first one as one unit of UTF-16, as the client does.
        let change = json!({"range": range([0, 3, 0, 3]), "text": "HALF"});
        let params = json!({"textDocument": {"uri": URI, "version": 2}, "contentChanges": [change]});
        let edit = json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params});
        send_halved(&mut client, &edit, half);
        client.change(URI, 3, &[(Some([0, 4, 0, 4]), "\nnam: x # ")]);
        let found = client.published(URI, 3);
        let places: Vec<&Value> =
            found.iter().filter(|it| it["code"] == "unknown-field").map(|it| &it["range"]).collect();
        assert_eq!(places, [&range([1, 0, 1, 3])]);
    }
}

#[test]
fn shutdown_and_exit_may_have_empty_parameters() {
    for params in [json!({}), json!([]), json!(null)] {
        let mut client = Client::plain();
        client.send(&json!({"jsonrpc": "2.0", "id": 7, "method": "shutdown", "params": params}));
        let response = client.response(7);
        assert_eq!((response.get("result"), response.get("error")), (Some(&Value::Null), None), "{params}");
        client.send(&json!({"jsonrpc": "2.0", "method": "exit", "params": params}));
        assert_eq!(client.exit_code(), Some(0), "{params}");
    }
}

#[test]
fn diagnostics_of_other_servers_do_not_prevent_actions() {
    let mut client = Client::with(acting());
    client.open(URI, TEXT);
    client.published(URI, 1);
    let message = json!("unexpected");
    let place = range([1, 0, 1, 3]);
    for foreign in [
        json!({"range": place, "message": message, "code": 3_000_000_000_u64}),
        json!({"range": place, "message": message, "code": 1.0}),
        json!({"range": place, "message": message, "code": {"value": 1}}),
        json!({"range": place, "message": message, "codeDescription": {"href": "https://a b/c[d]%"}}),
        json!({"range": place, "message": {"kind": "markdown", "value": "*x*"}}),
        json!({"range": null, "message": message}),
        json!({"range": place, "message": null, "severity": "error", "tags": [1.5], "relatedInformation": [{}]}),
        json!({"message": message}),
        json!("unexpected"),
        json!(null),
    ] {
        for context in [json!({"diagnostics": [foreign]}), json!({"diagnostics": foreign, "only": null})] {
            let response = client.ask("textDocument/codeAction", action_params(URI, 1, context));
            let actions = response["result"].as_array().unwrap_or_else(|| panic!("{foreign}: {response}"));
            assert!(!actions.is_empty(), "{foreign}");
        }
    }
    for context in [json!({}), json!(null), json!([]), json!({"diagnostics": null, "only": [1], "triggerKind": "?"})] {
        let response = client.ask("textDocument/codeAction", action_params(URI, 1, context));
        assert!(response["result"].is_array(), "{response}");
    }
}

#[test]
fn a_client_gets_its_own_spelling_of_a_uri_back() {
    let text = "type: task\nnam: x\ncommands: [a]\nuser: a\nuser: b\n";
    for uri in [
        "file:///c:/My Files/a.dstack.yml",
        "file:///a/[x]/b.dstack.yml",
        "file:///a/100%/b.dstack.yml",
        "file:///ä/\"b\"|<c>.dstack.yml",
        "file:///a%20b/c d.dstack.yml",
        r"file:\\server\b.dstack.yml",
        r"C:\a b\c.dstack.yml",
        "/a/b c.dstack.yml",
        "file:///a/%/%zz/#1#2/b.yml",
        "[.dstack.yml",
    ] {
        for document_changes in [false, true] {
            let mut params = acting();
            params["capabilities"]["workspace"] = json!({"workspaceEdit": {"documentChanges": document_changes}});
            let mut client = Client::with(params);
            let document = json!({"uri": uri, "languageId": "dstack", "version": 1, "text": text});
            client.notify("textDocument/didOpen", json!({"textDocument": document}));
            let found = published(&mut client, uri);
            let related: Vec<&Value> =
                found["diagnostics"].as_array().unwrap().iter().filter_map(|it| it.get("relatedInformation")).collect();
            assert_eq!(related[0][0]["location"]["uri"], uri, "{found}");
            assert!(client.at("hover", uri, 0, 1).is_object(), "{uri}");
            let symbols = client.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
            assert_eq!(symbols["result"][0]["location"]["uri"], uri);
            let context = json!({"diagnostics": [], "only": ["quickfix"]});
            let actions = client.ask("textDocument/codeAction", action_params(uri, 1, context))["result"].clone();
            let edit = &actions[0]["edit"];
            match document_changes {
                true => assert_eq!(edit["documentChanges"][0]["textDocument"]["uri"], uri, "{edit}"),
                false => assert!(edit["changes"].get(uri).is_some(), "{edit}"),
            }
            let document = json!({"uri": uri, "version": 2});
            let change = json!({"text": "type: task\ncommands: [a]\n"});
            let params = json!({"textDocument": document, "contentChanges": [change]});
            client.notify("textDocument/didChange", params);
            assert_eq!(published(&mut client, uri), json!({"uri": uri, "version": 2, "diagnostics": []}));
            client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
            assert_eq!(published(&mut client, uri), json!({"uri": uri, "diagnostics": []}));
            assert_eq!(client.quit(), Some(0));
        }
    }
}

/// The URI of a folder from a client that escapes nothing.
fn raw(folder: &Folder, name: &str) -> String {
    format!("{}/{name}", folder.uri("").trim_end_matches('/'))
}

#[test]
#[cfg(not(windows))]
fn folders_and_files_may_have_unusual_names() {
    let folder = Folder::with(&[]);
    let names = ["a [b] 100%", "c d", "100%zz", "ü"];
    for name in names {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        folder.write(&format!("{name}/uv.lock"), b"[[package]]\nname = \"dstack\"\nversion = \"0.19.40\"\n");
    }
    // Unknown since 0.20.0.
    let text = "type: task\ncommands: [a]\ntermination_policy: destroy-after-idle\n";
    for name in names {
        let root = raw(&folder, name);
        let file = format!("{root}/x y.dstack.yml");
        for params in [
            json!({"rootUri": root}),
            json!({"workspaceFolders": [{"uri": root, "name": name}]}),
            json!({"rootUri": null}),
        ] {
            let by_message = params["rootUri"].is_null() && params.get("workspaceFolders").is_none();
            let mut client = Client::start();
            client.settings = Some(json!([{"release": "auto"}, {"release": "auto"}]));
            let mut params = params;
            params["capabilities"] = json!({"workspace": {"configuration": true}});
            client.initialize(params);
            if by_message {
                let event = json!({"added": [{"uri": root, "name": name}], "removed": [{"uri": "file:///[ %"}]});
                client.notify("workspace/didChangeWorkspaceFolders", json!({"event": event}));
            }
            let scoped = client.wait("a question about the folder", |it| {
                it["method"] == "workspace/configuration" && it["params"]["items"].get(1).is_some()
            });
            assert_eq!(scoped["params"]["items"][1]["scopeUri"], root);
            client.open(&file, text);
            assert_eq!(codes(&published(&mut client, &file)["diagnostics"]), ["deprecated-field"], "{name}");
            folder.write(&format!("{name}/uv.lock"), b"[[package]]\nname = \"dstack\"\nversion = \"0.20.1\"\n");
            let changes = json!([{"uri": format!("{root}/uv.lock"), "type": 2.0}, {"uri": "%"}, 1]);
            client.notify("workspace/didChangeWatchedFiles", json!({"changes": changes}));
            assert_eq!(codes(&published(&mut client, &file)["diagnostics"]), ["removed-field"], "{name}");
            folder.write(&format!("{name}/uv.lock"), b"[[package]]\nname = \"dstack\"\nversion = \"0.19.40\"\n");
            client.notify("textDocument/didSave", json!({"textDocument": {"uri": "%"}, "text": 1}));
            assert_eq!(codes(&published(&mut client, &file)["diagnostics"]), ["deprecated-field"], "{name}");
            assert_eq!(client.quit(), Some(0));
        }
    }
}

#[test]
fn unknown_requests_of_the_protocol_itself_are_refused() {
    let mut client = Client::plain();
    for method in ["$/foo", "$/", "$/setTrace"] {
        for params in [json!({}), Value::Null, json!([1])] {
            assert_eq!(client.ask(method, params)["error"]["code"], -32601, "{method}");
        }
        client.notify(method, json!({"value": "off"}));
    }
    assert!(client.rest().iter().all(|it| it["method"] == "window/logMessage"));
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn numbers_may_be_written_as_floats() {
    let mut client = Client::with(acting());
    let document = json!({"uri": URI, "languageId": "yaml", "version": 1.0, "text": TEXT});
    client.notify("textDocument/didOpen", json!({"textDocument": document}));
    client.published(URI, 1);
    let position = json!({"line": 0.0, "character": 1.0});
    let params = json!({"textDocument": {"uri": URI}, "position": position});
    client.send(&json!({"jsonrpc": "2.0", "id": 70.0, "method": "textDocument/hover", "params": params}));
    assert!(client.response(70)["result"].is_object());
    // A time in milliseconds.
    client.send(&json!({"jsonrpc": "2.0", "id": 1.7e12, "method": "textDocument/hover", "params": params}));
    assert!(client.response(1_700_000_000_000)["result"].is_object());
    assert!(client.ask("textDocument/completion", params)["result"].is_object());
    let place = json!({"start": {"line": 1.0, "character": 0.0}, "end": {"line": 1.0, "character": 3e0}});
    let context = json!({"diagnostics": [], "triggerKind": 1.0});
    let actions = json!({"textDocument": {"uri": URI}, "range": place, "context": context});
    assert!(!client.ask("textDocument/codeAction", actions)["result"].as_array().unwrap().is_empty());
    send_change(&mut client, json!(3.0), json!([{"range": place, "rangeLength": 3.0, "text": "name"}]));
    assert_eq!(client.published(URI, 3), [] as [Value; 0]);
}

#[test]
fn errors_quote_little_of_what_a_client_sends() {
    let long = "x".repeat(4_000_000);
    let longest_answer = |message: &Value| {
        let size = message.to_string().len();
        assert!(size < 3_000, "{size} bytes: {}", message.to_string().chars().take(300).collect::<String>());
    };
    let mut client = Client::start();
    client.settings = Some(json!({"release": long}));
    client.initialize(json!({"capabilities": {"workspace": {"configuration": true}}}));
    let message = shown_message(&mut client);
    assert!(message.contains("`xxx") && message.contains('…') && message.len() < 1_000, "{}", message.len());
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"release": [long]}}));
    assert!(shown_message(&mut client).contains('…'));
    longest_answer(&client.ask(&long, json!({})));
    longest_answer(&client.ask("textDocument/rename", json!(long)));
    longest_answer(&client.ask("textDocument/hover", json!({"textDocument": {"uri": long}, "position": long})));
    client.send(&json!({"jsonrpc": "2.0", "id": 77, "method": [long]}));
    longest_answer(&client.response(77));
    client.send(&json!({"jsonrpc": long, "id": 78, "method": "x"}));
    longest_answer(&client.response(78));
    // The URI of a document is repeated where it must be, but not in messages.
    let uri = format!("file:///{}.dstack.yml", &long[..1_000_000]);
    client.notify("textDocument/didOpen", json!({"textDocument": {"uri": uri}}));
    let message = shown_message(&mut client);
    assert!(message.len() < 1_000, "{}", message.len());
    client.rest().iter().filter(|it| it["method"] == "window/logMessage").for_each(longest_answer);
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn the_server_does_not_wait_for_a_client_that_neither_reads_nor_writes() {
    let mut server = Command::new(env!("CARGO_BIN_EXE_dstack-lsp"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = server.stdin.take().unwrap();
    let (report, reported) = channel();
    // The client does not read the answers: 64 MiB are kept for it, and no more requests are handled. The answers repeat
    // the long method names, so that they are computed quickly.
    thread::spawn(move || {
        use std::io::Write;
        let initialize = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"capabilities": {}}});
        // ends: with the server, which is killed below.
        _ = input.write_all(&framed(initialize.to_string().as_bytes()));
        for _ in 0..76 {
            let message = json!({"jsonrpc": "2.0", "id": "x".repeat(1 << 20), "method": "dstack/nothing"});
            // ends: as above.
            _ = input.write_all(&framed(message.to_string().as_bytes()));
        }
        drop(input);
        _ = report.send(());
    });
    let is_written = reported.recv_timeout(Duration::from_secs(60)).is_ok();
    let mut status = None;
    for _ in 0..200 {
        status = server.try_wait().unwrap();
        if status.is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    _ = server.kill();
    // ends: it was killed.
    _ = server.wait();
    assert!(is_written, "the server stopped reading before the end of its input");
    assert_eq!(status.map(|it| it.code()), Some(Some(1)), "the server is still running");
}

/// The parameters that Helix 25.07 sends, as far as the server reads them.
fn helix() -> Value {
    json!({
        "processId": std::process::id(),
        "rootPath": "/project",
        "rootUri": "file:///project",
        "workspaceFolders": [{"name": "project", "uri": "file:///project"}],
        "clientInfo": {"name": "helix", "version": "25.07.1 (a05c151b)"},
        "capabilities": {
            "general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]},
            "workspace": {
                "applyEdit": true,
                "configuration": true,
                "diagnostic": {"refreshSupport": true},
                "didChangeConfiguration": {"dynamicRegistration": false},
                "didChangeWatchedFiles": {"dynamicRegistration": true, "relativePatternSupport": true},
                "workspaceEdit": {"documentChanges": true, "failureHandling": "abort", "normalizesLineEndings": false},
                "workspaceFolders": true,
            },
            "textDocument": {
                "codeAction": {
                    "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "source.fixAll"]}},
                    "isPreferredSupport": true,
                },
                "completion": {"completionItem": {"snippetSupport": true, "insertReplaceSupport": true}},
                "diagnostic": {"dynamicRegistration": false, "relatedDocumentSupport": true},
                "hover": {"contentFormat": ["markdown"]},
                "publishDiagnostics": {"tagSupport": {"valueSet": [1, 2]}, "versionSupport": true},
            },
        },
    })
}

#[test]
fn helix_gets_diagnostics_pushed_because_it_pulls_with_a_delay() {
    let mut client = Client::start();
    client.settings = Some(json!([null, null]));
    let offered = client.initialize(helix());
    assert_eq!(offered["capabilities"].get("diagnosticProvider"), None);
    client.open(URI, TEXT);
    assert_eq!(client.published(URI, 1).len(), 1);
    client.change(URI, 2, &[(Some([1, 0, 1, 3]), "name")]);
    assert_eq!(client.published(URI, 2), [] as [Value; 0]);
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn a_client_is_asked_to_pull_again_with_both_spellings_of_the_capability() {
    for name in ["diagnostics", "diagnostic"] {
        let mut client = Client::with(json!({"capabilities": {
            "workspace": {name: {"refreshSupport": true}},
            "textDocument": {"diagnostic": {}},
        }}));
        client.open(URI, TEXT);
        client.notify("workspace/didChangeConfiguration", json!({"settings": {"release": "0.19.40"}}));
        client.wait(name, |it| it["method"] == "workspace/diagnostic/refresh");
    }
}
