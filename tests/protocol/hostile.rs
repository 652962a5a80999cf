//! Unusual clients: what real ones send and omit, and what only a hostile one would do.

use serde_json::{Value, json};

use super::client::{Client, range};
use super::malformed::TEXT;

const URI: &str = "file:///project/a.dstack.yml";

/// The capabilities of ALE 4.0: no snippets, no kinds of action, no requests of the server, plain text first.
fn ale() -> Value {
    json!({
        "rootPath": "/work",
        "rootUri": "file:///work",
        "capabilities": {
            "workspace": {"applyEdit": false, "configuration": false},
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": false, "documentationFormat": ["plaintext"]}},
                "hover": {"contentFormat": ["plaintext", "markdown"]},
                "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}},
                "publishDiagnostics": {"relatedInformation": true},
            },
        },
    })
}

#[test]
fn ale_gets_no_requests_that_it_does_not_support() {
    let mut client = Client::with(ale());
    client.open(URI, "type: task\nnam: x\ncommands: [a]\n");
    assert_eq!(client.published(URI, 1).len(), 1);
    for message in client.rest() {
        assert_eq!(message.get("id"), None, "{message}");
    }
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn a_client_that_never_answers_is_served() {
    let workspace = json!({"configuration": true, "didChangeConfiguration": {"dynamicRegistration": true}});
    let mut client = Client::with(json!({"capabilities": {"workspace": workspace}}));
    for version in 0..50 {
        client.notify("workspace/didChangeConfiguration", json!({"settings": {"round": version}}));
    }
    client.open(URI, "type: task\nnam: x\ncommands: [a]\n");
    assert_eq!(client.published(URI, 1).len(), 1);
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn a_client_that_refuses_every_request_is_served() {
    let workspace = json!({"configuration": true, "didChangeConfiguration": {"dynamicRegistration": true}});
    let mut client = Client::with(json!({"capabilities": {"workspace": workspace}}));
    for method in ["client/registerCapability", "workspace/configuration"] {
        let request = client.wait(method, |it| it["method"] == method);
        let error = json!({"code": -32601, "message": "no such method"});
        client.send(&json!({"jsonrpc": "2.0", "id": request["id"], "error": error}));
    }
    client.open(URI, "type: task\nnam: x\ncommands: [a]\n");
    assert_eq!(client.published(URI, 1).len(), 1);
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn slow_requests_do_not_delay_a_quick_one() {
    let mut client = Client::plain();
    let slow: String = (0..30_000).map(|i| format!("key_{i}: value\n")).collect();
    client.open(URI, "type: task\n");
    client.published(URI, 1);
    let uris: Vec<String> = (0..12).map(|i| format!("file:///slow/{i}.dstack.yml")).collect();
    uris.iter().for_each(|uri| client.open(uri, &slow));
    for uri in &uris {
        client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    }
    let position = json!({"line": 0, "character": 0});
    let quick = client.request("textDocument/hover", json!({"textDocument": {"uri": URI}, "position": position}));
    let is_answer = |it: &Value| it.get("method").is_none();
    let answers: Vec<i64> =
        (0..=uris.len()).filter_map(|_| client.wait("an answer", is_answer)["id"].as_i64()).collect();
    // Some slow requests may be done before the quick one is sent. If handlers waited for each other, four at a time as in
    // the framework, nine would be.
    let before = answers.iter().position(|id| *id == quick);
    assert!(before.is_some_and(|it| it < 9), "{quick} in {answers:?}");
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn a_client_may_write_everything_before_it_reads() {
    let mut client = Client::plain();
    client.open(URI, "type: task\ncommands: [a]\n");
    let params = json!({"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}});
    let ids: Vec<i64> = (0..300).map(|_| client.request("textDocument/completion", params.clone())).collect();
    for id in ids {
        assert!(client.response(id)["result"].is_object());
    }
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn positions_out_of_bounds_are_answered() {
    let mut client = Client::plain();
    client.open(URI, "type: task\nname: \"ü😀\"\r\n");
    for (line, column) in [(0, u32::MAX), (u32::MAX, 0), (u32::MAX, u32::MAX), (1, 8), (1, 9), (2, 0)] {
        client.at("hover", URI, line, column);
        client.at("completion", URI, line, column);
        let context = json!({"diagnostics": []});
        let params = json!({"textDocument": {"uri": URI}, "range": range([line, column, 0, 0]), "context": context});
        assert_eq!(client.ask("textDocument/codeAction", params).get("error"), None);
    }
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn hostile_texts_are_survived() {
    let mut client = Client::plain();
    let texts = [
        String::new(),
        "\0".to_owned(),
        "\u{feff}type: task\n".to_owned(),
        "[".repeat(100_000),
        "- ".repeat(50_000),
        (0..300).map(|i| format!("{}a:\n", "  ".repeat(i))).collect(),
        "&a [*a, *a]\n".repeat(1_000),
        "a: b: c: d\n\t- x\n%YAML 9\n---\n...\n".to_owned(),
        "k: |\n\r\r\n \n".repeat(100),
        "x".repeat(300_000),
    ];
    for (i, text) in texts.iter().enumerate() {
        let uri = format!("file:///odd/{i}.dstack.yml");
        client.open(&uri, text);
        client.published(&uri, 1);
        client.at("hover", &uri, 0, 0);
        client.at("completion", &uri, 0, 1);
        let symbols = client.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
        assert_eq!(symbols.get("error"), None, "text {i}");
        client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn a_file_with_a_mistake_in_every_line_is_survived() {
    let mut client = Client::plain();
    client.open(URI, &"key: [\n".repeat(40_000));
    assert_eq!(client.published(URI, 1).len(), 1_000);
    client.change(URI, 2, &[(None, "type: task\nname: [\n")]);
    assert_eq!(client.published(URI, 2)[0]["code"], "syntax-error");
    assert_eq!(client.quit(), Some(0));
}

/// Many values on one line.
fn long_line(values: usize) -> String {
    format!("type: task\ncommands: [{}b]\n", "a, ".repeat(values))
}

#[test]
fn a_long_line_and_cancelled_requests_do_not_delay_other_documents() {
    let mut client = Client::plain();
    client.open(URI, "type: task\ncommands: [a]\n");
    let long = "file:///project/long.dstack.yml";
    client.open(long, &long_line(80_000));
    for _ in 0..8 {
        let id = client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": long}}));
        std::thread::sleep(std::time::Duration::from_millis(50));
        client.notify("$/cancelRequest", json!({"id": id}));
    }
    assert!(client.at("hover", URI, 0, 1).is_object());
    assert!(client.at("completion", URI, 0, 1).is_object());
    assert_eq!(client.quit(), Some(0));
}

#[test]
fn many_slow_requests_about_one_document_do_not_delay_another_document() {
    let mut client = Client::plain();
    client.open(URI, "type: task\ncommands: [a]\n");
    let long = "file:///project/long.dstack.yml";
    client.open(long, &long_line(10_000));
    client.published(URI, 1);
    client.published(long, 1);
    for _ in 0..40 {
        client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": long}}));
    }
    // Requests about the other document do not wait in the same queue.
    let about = json!({"textDocument": {"uri": URI}, "position": {"line": 0, "character": 1}});
    let methods = ["textDocument/documentSymbol", "textDocument/hover", "textDocument/completion"];
    let mut ids: Vec<i64> = methods.iter().map(|it| client.request(it, about.clone())).collect();
    let mut before = 0;
    while !ids.is_empty() {
        let answer = client.wait("an answer", |it| it.get("method").is_none());
        ids.retain(|id| answer["id"] != *id);
        before += 1;
    }
    // A few are answered while the others are sent. With one queue and eight threads, at least 33 would be.
    assert!(before < 30, "answered after {before} of 40 about the other document");
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
