//! Messages that are unusual, but accepted: strange spellings, numbers, versions and parameters.

use serde_json::{Value, json};

use super::{
    client::{Client, framed, range},
    malformed::{TEXT, URI, acting, action_params, codes, published, send_change},
};
use crate::check::Folder;

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
