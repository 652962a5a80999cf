//! The start and the end of a session, and malformed messages.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::client::{Client, framed};

fn error(response: &Value) -> i64 {
    response["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error in {response}"))
}

#[test]
fn a_session_starts_and_ends() {
    let mut client = Client::start();
    let offered = client.initialize(json!({}));
    assert_eq!(offered["serverInfo"]["name"], "dstack-lsp");
    assert_eq!(offered["capabilities"]["textDocumentSync"], json!({"openClose": true, "change": 2, "save": true}));
    assert_eq!(offered["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(offered["capabilities"].get("diagnosticProvider"), None);
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn exit_without_shutdown_is_a_failure() {
    let mut client = Client::plain();
    client.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn exit_before_initialize_ends_the_server() {
    let mut client = Client::start();
    client.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn the_server_ends_with_its_input() {
    let mut client = Client::plain();
    client.close_input();
    assert_eq!(client.exit_code(), Some(1));

    let mut client = Client::start();
    client.close_input();
    assert_eq!(client.exit_code(), Some(1));

    let mut client = Client::plain();
    client.ask("shutdown", Value::Null);
    client.close_input();
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn requests_before_the_end_of_the_input_are_answered() {
    let mut client = Client::plain();
    client.open("file:///a.dstack.yml", "type: task\n");
    let params = json!({"textDocument": {"uri": "file:///a.dstack.yml"}});
    let id = client.request("textDocument/documentSymbol", params);
    client.close_input();
    assert!(client.response(id)["result"].is_array());
}

#[test]
#[cfg(target_os = "linux")]
fn the_server_ends_with_its_client() {
    let mut other = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
    let mut client = Client::with(json!({"processId": other.id()}));
    assert!(client.ask("dstack/nothing", Value::Null)["error"].is_object());
    other.kill().unwrap();
    // Not awaited yet: a zombie has ended too.
    assert_eq!(client.exit_code(), Some(1));
    // ends: it was killed.
    other.wait().unwrap();
}

#[test]
fn a_client_in_another_process_namespace_is_not_missed() {
    // The number of a process that is not visible, as from within a container.
    let mut client = Client::with(json!({"processId": 4_000_000_000_u32}));
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn requests_outside_of_a_session_are_refused() {
    let mut client = Client::start();
    assert_eq!(error(&client.ask("textDocument/hover", json!({}))), -32002);
    assert_eq!(error(&client.ask("dstack/nothing", json!({}))), -32002);
    client.initialize(json!({}));
    assert_eq!(error(&client.ask("initialize", json!({"capabilities": {}}))), -32600);
    client.ask("shutdown", Value::Null);
    assert_eq!(error(&client.ask("textDocument/hover", json!({}))), -32600);
    assert_eq!(error(&client.ask("shutdown", Value::Null)), -32600);
    client.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn unknown_methods_and_bad_parameters_are_refused() {
    let mut client = Client::plain();
    assert_eq!(error(&client.ask("dstack/nothing", json!({}))), -32601);
    assert_eq!(error(&client.ask("textDocument/rename", json!({}))), -32602);
    assert_eq!(error(&client.ask("textDocument/hover", json!({"textDocument": 1}))), -32602);
    assert_eq!(error(&client.ask("textDocument/hover", Value::Null)), -32602);
    client.notify("dstack/nothing", json!({}));
    client.notify("$/nothing", json!({}));
    client.notify("textDocument/didChange", json!({"nonsense": true}));
    client.notify("textDocument/didOpen", json!([]));
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn malformed_messages_are_refused_and_survived() {
    let cases: [(&[u8], i64); 9] = [
        (&framed(b"{{{{{"), -32700),
        (&framed(b""), -32700),
        (&framed(b"\xff\xfe{}"), -32700),
        (&framed(b"[{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"shutdown\"}]"), -32600),
        (&framed(b"17"), -32600),
        (&framed(b"{\"jsonrpc\": \"2.0\"}"), -32600),
        (&framed(b"{\"jsonrpc\": \"1.0\", \"id\": null, \"method\": \"shutdown\"}"), -32600),
        (b"Content-Length: 99999999999\r\n\r\n", -32700),
        (b"Hello: there\r\n\r\n", -32700),
    ];
    let mut client = Client::plain();
    for (bytes, code) in cases {
        client.send_bytes(bytes);
        let response = client.wait("refusal", |it| it["id"].is_null() && it.get("method").is_none());
        assert_eq!(error(&response), code, "{}", String::from_utf8_lossy(bytes));
        assert_eq!(error(&client.ask("dstack/nothing", json!({}))), -32601);
    }
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn unexpected_values_do_not_prevent_a_session() {
    let mut client = Client::start();
    let offered = client.initialize(json!({
        "processId": "none",
        "rootUri": "C:\\My Files",
        "trace": "loud",
        "workspaceFolders": [{"uri": 1}],
        "clientInfo": "me",
        "capabilities": {
            "general": {"positionEncodings": ["utf-7", 8, "utf-8"]},
            "textDocument": {"hover": {"contentFormat": "markdown"}, "completion": [], "codeAction": true},
            "workspace": null,
        },
    }));
    assert_eq!(offered["capabilities"]["positionEncoding"], "utf-8");
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn unexpected_replies_are_ignored() {
    let mut client = Client::plain();
    client.send(&json!({"jsonrpc": "2.0", "id": 77, "result": {}}));
    client.send(&json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32601, "message": "no"}}));
    client.send(&json!({"jsonrpc": "2.0", "id": [], "result": 1}));
    let answered = client.rest();
    assert!(answered.iter().all(|it| it["method"] == "window/logMessage"), "{answered:?}");
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn a_request_that_is_cancelled_is_answered_once() {
    let mut client = Client::plain();
    let text = "a: b\n".repeat(20_000);
    client.open("file:///a.dstack.yml", &text);
    let params = json!({"textDocument": {"uri": "file:///a.dstack.yml"}});
    let ids: Vec<i64> = (0..20).map(|_| client.request("textDocument/documentSymbol", params.clone())).collect();
    for id in &ids {
        client.notify("$/cancelRequest", json!({"id": id}));
    }
    client.notify("$/cancelRequest", json!({"id": 12345}));
    let responses: Vec<Value> = ids.iter().map(|id| client.response(*id)).collect();
    assert!(responses.iter().any(|it| it["error"]["code"] == -32800), "{responses:?}");
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn the_server_leaves_nothing_behind() {
    let mut client = Client::plain();
    let process = client.process_id();
    assert_eq!(client.quit(), Some(0));
    assert!(!std::path::Path::new(&format!("/proc/{process}/exe")).exists());
}
