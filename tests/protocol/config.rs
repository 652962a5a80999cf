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
