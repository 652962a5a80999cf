//! Malformed messages cost no text, no answer and no session.

use std::{
    process::{Command, Stdio},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::client::{Client, framed, range};

pub(super) const URI: &str = "file:///project/a.dstack.yml";
pub(super) const TEXT: &str = "type: task\nnam: x\ncommands: [a]\n";

pub(super) fn send_change(client: &mut Client, version: Value, changes: Value) {
    let document = json!({"uri": URI, "version": version});
    client.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
}

pub(super) fn codes(diagnostics: &Value) -> Vec<&str> {
    diagnostics.as_array().expect("a list").iter().map(|it| it["code"].as_str().expect("a code")).collect()
}

/// The next diagnostics of a document, whatever their version.
pub(super) fn published(client: &mut Client, uri: &str) -> Value {
    let is_it = |it: &Value| it["method"] == "textDocument/publishDiagnostics" && it["params"]["uri"] == uri;
    client.wait(&format!("diagnostics of {uri}"), is_it)["params"].clone()
}

fn shown_message(client: &mut Client) -> String {
    let message = client.wait("a message to the user", |it| it["method"] == "window/showMessage");
    message["params"]["message"].as_str().expect("a text").to_owned()
}

pub(super) fn action_params(uri: &str, line: u32, context: Value) -> Value {
    json!({"textDocument": {"uri": uri}, "range": range([line, 0, line, 1]), "context": context})
}

pub(super) fn acting() -> Value {
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
