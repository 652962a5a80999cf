//! The configuration of a project, in an editor.

use serde_json::{Value, json};

use super::client::{Client, range};
use crate::check::Folder;

const TEXT: &str = "type: task\ncommands: [a]\nhome_dir: /a\nname: a\nname: b\n";

fn session(folder: &Folder) -> Client {
    let folders = json!([{"uri": folder.uri("").trim_end_matches('/'), "name": "a"}]);
    let watches = json!({"didChangeWatchedFiles": {"dynamicRegistration": true}});
    Client::with(json!({"workspaceFolders": folders, "capabilities": {"workspace": watches}}))
}

fn rules(diagnostics: &[Value]) -> Vec<(String, u64)> {
    let rule = |it: &Value| (it["code"].as_str().unwrap().to_owned(), it["severity"].as_u64().unwrap());
    diagnostics.iter().map(rule).collect()
}

fn expected(rules: &[(&str, u64)]) -> Vec<(String, u64)> {
    rules.iter().map(|it| (it.0.to_owned(), it.1)).collect()
}

/// The diagnostics of a configuration, once they are published.
fn of_config(client: &mut Client, uri: &str) -> Vec<Value> {
    let published = client.wait("diagnostics of the configuration", |it| {
        it["method"] == "textDocument/publishDiagnostics" && it["params"]["uri"] == uri
    });
    published["params"]["diagnostics"].as_array().unwrap().clone()
}

#[test]
fn the_configuration_decides_until_a_setting_does() {
    let folder = Folder::with(&[(
        "dstack-lsp.toml",
        "[rules]\ndeprecated-field = \"off\"\nduplicate-key = \"error\"\n[[overrides]]\npaths = [\"b/\"]\nrules = { duplicate-key = \"hint\" }\n",
    )]);
    let (a, b) = (folder.uri("a.dstack.yml"), folder.uri("b/b.dstack.yml"));
    let mut client = session(&folder);
    client.open(&a, TEXT);
    assert_eq!(rules(&client.published(&a, 1)), expected(&[("duplicate-key", 1)]));
    client.open(&b, TEXT);
    assert_eq!(rules(&client.published(&b, 1)), expected(&[("duplicate-key", 4)]));
    let settings = json!({"dstack": {"rules": {"duplicate-key": "info"}}});
    client.notify("workspace/didChangeConfiguration", json!({"settings": settings}));
    assert_eq!(rules(&client.published(&a, 1)), expected(&[("duplicate-key", 3)]));
}

#[test]
fn an_excluded_file_has_no_findings() {
    let folder = Folder::with(&[("dstack-lsp.toml", "exclude = [\"vendor/\"]\n")]);
    let uri = folder.uri("vendor/a.dstack.yml");
    let mut client = session(&folder);
    client.open(&uri, "type: task\nbogus: 1\n");
    assert_eq!(client.published(&uri, 1), [Value::Null; 0]);
    assert!(client.at("hover", &uri, 0, 1)["contents"]["value"].is_string(), "hover still answers");
}

#[test]
fn mistakes_are_diagnostics_of_the_configuration_until_they_are_gone() {
    let folder = Folder::with(&[("dstack-lsp.toml", "release = \"0.20.1\"\nruls = {}\n")]);
    let (uri, config) = (folder.uri("a.dstack.yml"), folder.uri("dstack-lsp.toml"));
    let mut client = session(&folder);
    client.open(&uri, TEXT);
    let found = of_config(&mut client, &config);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["message"], "unknown key `ruls`; did you mean `rules`?");
    assert_eq!(found[0]["range"], range([1, 0, 1, 4]));
    client.published(&uri, 1);
    folder.write("dstack-lsp.toml", b"rules = { duplicate-key = \"off\", deprecated-field = \"off\" }\n");
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": config, "type": 2}]}));
    assert_eq!(of_config(&mut client, &config), [Value::Null; 0]);
    assert_eq!(client.published(&uri, 1), [Value::Null; 0]);
}

/// Changes the pinned release, waits until a document is checked again, and returns what was published about the configuration
/// meanwhile.
fn until_checked_again(client: &mut Client, folder: &Folder, config: &str) -> Vec<Value> {
    folder.write("requirements.txt", b"dstack==0.19.40\n");
    let changed = folder.uri("requirements.txt");
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": changed, "type": 2}]}));
    let mut seen = vec![];
    loop {
        let message = client.wait("any message", |_| true);
        if message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == config {
            seen.push(message["params"]["diagnostics"].clone());
        } else if message["method"] == "textDocument/publishDiagnostics" {
            return seen;
        }
    }
}

#[test]
fn mistakes_that_stay_are_sent_once() {
    let folder = Folder::with(&[("dstack-lsp.toml", "bogus = 1\n"), ("requirements.txt", "dstack==0.20.1\n")]);
    let (uri, config) = (folder.uri("a.dstack.yml"), folder.uri("dstack-lsp.toml"));
    let mut client = session(&folder);
    client.open(&uri, TEXT);
    assert_eq!(of_config(&mut client, &config).len(), 1);
    client.published(&uri, 1);
    assert_eq!(until_checked_again(&mut client, &folder, &config), [Value::Null; 0]);
}

#[test]
fn mistakes_are_withdrawn_when_no_open_document_has_the_configuration() {
    let folder = Folder::with(&[("dstack-lsp.toml", "bogus = 1\n")]);
    let (uri, config) = (folder.uri("a.dstack.yml"), folder.uri("dstack-lsp.toml"));
    let mut client = session(&folder);
    client.open(&uri, TEXT);
    assert_eq!(of_config(&mut client, &config).len(), 1);
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    assert_eq!(of_config(&mut client, &config), [Value::Null; 0]);
    // Nor when the document belongs to another folder of the workspace.
    client.open(&uri, TEXT);
    assert_eq!(of_config(&mut client, &config).len(), 1);
    let (whole, part) = (folder.uri("").trim_end_matches('/').to_owned(), folder.uri("part"));
    let inner = folder.uri("part/b.dstack.yml");
    folder.write("part/b.dstack.yml", TEXT.as_bytes());
    client.open(&inner, TEXT);
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    let event = json!({"added": [{"uri": part, "name": "part"}], "removed": [{"uri": whole, "name": "a"}]});
    client.notify("workspace/didChangeWorkspaceFolders", json!({"event": event}));
    assert_eq!(of_config(&mut client, &config), [Value::Null; 0]);
}

#[test]
fn a_configuration_that_cannot_be_read_is_reported_until_it_can() {
    let folder = Folder::with(&[]);
    folder.write("dstack-lsp.toml", b"release = \"\xff\"\n");
    let (uri, config) = (folder.uri("a.dstack.yml"), folder.uri("dstack-lsp.toml"));
    let mut client = session(&folder);
    client.open(&uri, TEXT);
    assert_eq!(of_config(&mut client, &config).len(), 1);
    folder.write("dstack-lsp.toml", b"");
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": config, "type": 2}]}));
    assert_eq!(of_config(&mut client, &config), [Value::Null; 0]);
}

#[cfg(unix)]
#[test]
fn mistakes_are_reported_at_the_path_that_the_editor_knows() {
    let folder = Folder::with(&[("real/dstack-lsp.toml", "bogus = 1\n"), ("real/sub/a.dstack.yml", TEXT)]);
    std::os::unix::fs::symlink("real", folder.path().join("link")).unwrap();
    let folders = json!([{"uri": folder.uri("link"), "name": "a"}]);
    let mut client = Client::with(json!({"workspaceFolders": folders, "capabilities": {}}));
    client.open(&folder.uri("link/sub/a.dstack.yml"), TEXT);
    assert_eq!(of_config(&mut client, &folder.uri("link/dstack-lsp.toml")).len(), 1);
}
