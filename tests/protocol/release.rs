//! The release that documents are checked against: what the project pins, in real folders, and changes of it.

use serde_json::{Value, json};

use schema::Release;

use super::client::Client;
use crate::check::Folder;

/// Accepted until 0.19.40, without effect since 0.19.0; unknown since 0.20.0.
const TEXT: &str = "type: task\ncommands: [a]\ntermination_policy: destroy-after-idle\n";

fn lock(version: &str) -> Vec<u8> {
    format!("version = 1\n\n[[package]]\nname = \"dstack\"\nversion = \"{version}\"\n# s3cret\n").into_bytes()
}

fn uri(folder: &Folder, name: &str) -> String {
    folder.uri(name)
}

/// The last line of the hover on `type`.
fn checked_against(client: &mut Client, uri: &str) -> String {
    let line = TEXT.lines().position(|it| it.starts_with("type")).unwrap() as u32;
    let hover = client.at("hover", uri, line, 1);
    let words = hover["contents"]["value"].as_str().expect("a hover").to_owned();
    words.rsplit("\n\n").next().unwrap_or_default().replace('\n', " ")
}

fn logged(client: &mut Client, words: &str) {
    client.wait(words, |it| it["method"] == "window/logMessage" && it["params"]["message"] == words);
}

fn session(folder: &Folder, capabilities: Value) -> Client {
    let folders = json!([{"uri": uri(folder, "").trim_end_matches('/'), "name": "a"}]);
    Client::with(json!({"workspaceFolders": folders, "capabilities": {"workspace": capabilities}}))
}

#[test]
fn the_project_pins_it_and_hover_and_log_name_it() {
    let folder = Folder::with(&[("deep/pyproject.toml", "[project]\ndependencies = ['dstack>=0.18,<0.19']\n")]);
    folder.write("uv.lock", &lock("0.19.40"));
    let root = folder.path().canonicalize().unwrap().display().to_string().replace(r"\\?\", "");
    let mut client = session(&folder, json!({}));
    for (name, expected) in [
        ("a.dstack.yml", "dstack 0.19.40 (from `uv.lock`)"),
        ("deep/b.dstack.yml", "dstack 0.18.44 (`>=0.18,<0.19` in `deep/pyproject.toml`)"),
    ] {
        client.open(&uri(&folder, name), TEXT);
        assert_eq!(client.published(&uri(&folder, name), 1)[0]["code"], "deprecated-field", "{name}");
        assert_eq!(checked_against(&mut client, &uri(&folder, name)), format!("Checked against {expected}"));
        logged(&mut client, &format!("files in `{root}` are checked against {expected}"));
    }
    // Another file of the same folder logs nothing new; and no text of the files is logged.
    client.open(&uri(&folder, "c.dstack.yml"), TEXT);
    client.published(&uri(&folder, "c.dstack.yml"), 1);
    let rest = format!("{:?}", client.rest());
    assert!(!rest.contains("checked against") && !rest.contains("s3cret"), "{rest}");
}

#[test]
fn the_log_names_a_lock_file_that_cannot_be_read_and_the_release_that_is_used() {
    let folder = Folder::with(&[("requirements.txt", "dstack==0.19.40\n")]);
    folder.write("uv.lock", &b"# dstack\n".repeat(2_000_000));
    let mut client = session(&folder, json!({}));
    client.open(&uri(&folder, "a.dstack.yml"), TEXT);
    let problem = "`uv.lock` is too large (at most 16 MiB are read per folder), so it pins no release; using \
                   dstack 0.19.40 (from `requirements.txt`)";
    logged(&mut client, problem);
}

#[test]
fn the_search_ends_at_the_workspace() {
    let folder = Folder::with(&[("inner/a.dstack.yml", TEXT)]);
    folder.write("uv.lock", &lock("0.19.40"));
    let inner = uri(&folder, "inner");
    let mut client = Client::with(json!({"rootUri": inner}));
    client.open(&uri(&folder, "inner/a.dstack.yml"), TEXT);
    assert_eq!(
        checked_against(&mut client, &uri(&folder, "inner/a.dstack.yml")),
        format!("Checked against dstack {} (the newest known)", Release::NEWEST)
    );
    // For a file outside of the workspace, the search ends at the root of the checkout.
    client.open(&uri(&folder, "b.dstack.yml"), TEXT);
    let words = checked_against(&mut client, &uri(&folder, "b.dstack.yml"));
    assert!(
        words.starts_with("Checked against dstack 0.19.40 (from `")
            && !words.contains("?/")
            && words.ends_with("/uv.lock`)"),
        "{words}"
    );
    // A document without a file belongs to the workspace.
    client.open("untitled:Untitled-1", TEXT);
    let words = checked_against(&mut client, "untitled:Untitled-1");
    assert_eq!(words, format!("Checked against dstack {} (the newest known)", Release::NEWEST));
}

#[test]
fn a_changed_pin_takes_effect_if_the_client_reports_changed_files() {
    let folder = Folder::with(&[]);
    let name = uri(&folder, "a.dstack.yml");
    let root = folder.path().canonicalize().unwrap().display().to_string().replace(r"\\?\", "");
    let mut client = session(&folder, json!({"didChangeWatchedFiles": {"dynamicRegistration": true}}));
    let request = client.wait("a registration", |it| it["method"] == "client/registerCapability");
    let registration = &request["params"]["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    let globs = registration["registerOptions"]["watchers"].as_array().unwrap();
    assert!(globs.iter().any(|it| it["globPattern"].as_str().unwrap().contains("uv.lock")));

    client.open(&name, TEXT);
    assert_eq!(client.published(&name, 1)[0]["code"], "removed-field");
    for (version, code) in
        [("0.19.40", "deprecated-field"), ("0.20.1", "removed-field"), ("0.18.43", "deprecated-field")]
    {
        folder.write("uv.lock", &lock(version));
        let changes = json!([{"uri": uri(&folder, "uv.lock"), "type": 2}]);
        client.notify("workspace/didChangeWatchedFiles", json!({"changes": changes}));
        assert_eq!(client.published(&name, 1)[0]["code"], code);
        logged(&mut client, &format!("files in `{root}` are checked against dstack {version} (from `uv.lock`)"));
    }
    std::fs::remove_file(folder.path().join("uv.lock")).unwrap();
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": []}));
    assert_eq!(client.published(&name, 1)[0]["code"], "removed-field");
}

#[test]
fn otherwise_a_changed_pin_takes_effect_when_a_file_is_saved_or_opened() {
    let folder = Folder::with(&[]);
    let name = uri(&folder, "a.dstack.yml");
    let mut client = session(&folder, json!({}));
    client.open(&name, TEXT);
    assert_eq!(client.published(&name, 1)[0]["code"], "removed-field");
    folder.write("requirements.txt", b"dstack==0.19.40\n");
    client.notify("textDocument/didSave", json!({"textDocument": {"uri": name}}));
    assert_eq!(client.published(&name, 1)[0]["code"], "deprecated-field");
    folder.write("requirements.txt", b"dstack==0.20.0\n");
    client.open(&uri(&folder, "b.dstack.yml"), TEXT);
    assert_eq!(client.published(&name, 1)[0]["code"], "removed-field");
    assert_eq!(checked_against(&mut client, &name), "Checked against dstack 0.20.0 (from `requirements.txt`)");
}

#[test]
fn a_comment_takes_effect_while_it_is_typed() {
    let folder = Folder::with(&[]);
    folder.write("uv.lock", &lock("0.22.5"));
    let name = uri(&folder, "a.dstack.yml");
    let mut client = session(&folder, json!({}));
    client.open(&name, TEXT);
    assert_eq!(client.published(&name, 1)[0]["code"], "removed-field");
    client.change(&name, 2, &[(Some([0, 0, 0, 0]), "# dstack-lsp: release=0.19.40\n")]);
    assert_eq!(client.published(&name, 2)[0]["code"], "deprecated-field");
    client.change(&name, 3, &[(Some([0, 22, 0, 29]), "0.22.99")]);
    let codes: Vec<Value> = client.published(&name, 3).iter().map(|it| it["code"].clone()).collect();
    assert_eq!(codes, ["release-comment", "removed-field"]);
    client.change(&name, 4, &[(Some([0, 0, 1, 0]), "")]);
    assert_eq!(client.published(&name, 4)[0]["code"], "removed-field");
}

#[test]
fn a_folder_of_the_workspace_may_have_its_own_setting() {
    let folder = Folder::with(&[]);
    let (one, two) = (uri(&folder, "one"), uri(&folder, "two"));
    let mut client = Client::start();
    client.settings = Some(json!([{"release": "auto"}, {"release": "0.19.40"}, {"release": "0.22.5"}]));
    let folders = json!([{"uri": one, "name": "one"}, {"uri": two, "name": "two"}]);
    let capabilities = json!({"workspace": {"configuration": true}});
    client.initialize(json!({"workspaceFolders": folders, "capabilities": capabilities}));
    let request = client.wait("a request for settings", |it| it["method"] == "workspace/configuration");
    let scopes: Vec<&Value> = request["params"]["items"].as_array().unwrap().iter().map(|it| &it["scopeUri"]).collect();
    assert_eq!(scopes, [&Value::Null, &json!(one), &json!(two)]);
    // The settings were sent before the documents, so they apply.
    for (folder, code) in [(&one, "deprecated-field"), (&two, "removed-field")] {
        let name = format!("{folder}/a.dstack.yml");
        client.open(&name, TEXT);
        let found = client.wait("the right findings", |it| {
            it["params"]["uri"] == name && it["params"]["diagnostics"][0]["code"] == code
        });
        assert_eq!(found["params"]["version"], 1);
    }
    let event = json!({"added": [], "removed": [{"uri": one, "name": "one"}]});
    client.notify("workspace/didChangeWorkspaceFolders", json!({"event": event}));
    let name = format!("{one}/a.dstack.yml");
    assert_eq!(client.published(&name, 1)[0]["code"], "removed-field");
}
