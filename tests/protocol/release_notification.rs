//! `dstack/release`: what a client that asks for it is told of the release of each document, and when.

use serde_json::{Value, json};

use super::client::Client;
use crate::check::Folder;

const TEXT: &str = "type: task\ncommands: [a]\n";

fn uri(folder: &Folder, name: &str) -> String {
    folder.uri(name)
}

fn lock(version: &str) -> Vec<u8> {
    format!("version = 1\n\n[[package]]\nname = \"dstack\"\nversion = \"{version}\"\n").into_bytes()
}

/// A session of a client that wants to be told, and has these abilities for documents.
fn session(folder: &Folder, of_documents: Value) -> Client {
    let capabilities = json!({"experimental": {"dstackRelease": true}, "textDocument": of_documents});
    Client::with(json!({"rootUri": uri(folder, "").trim_end_matches('/'), "capabilities": capabilities}))
}

/// The next word about a release, whatever document it is about: that document, the release, and its origin.
fn told(client: &mut Client) -> (String, String) {
    let message = client.wait("a word about a release", |it| it["method"] == "dstack/release");
    let params = &message["params"];
    let word = |name: &str| params[name].as_str().expect("a text");
    let note = params.get("note").map_or(String::new(), |it| format!(": {}", it.as_str().expect("a text")));
    assert_eq!(message.get("id"), None);
    (word("uri").to_owned(), format!("{} {} ({}){note}", word("release"), word("origin"), word("source")))
}

/// Of one document; nothing was said of another before it.
fn told_of(client: &mut Client, uri: &str) -> String {
    let (about, words) = told(client);
    assert_eq!(about, uri);
    words
}

/// Wait until a version is dealt with.
fn dealt_with(client: &mut Client, uri: &str, version: i64, is_pushed: bool) {
    if is_pushed {
        client.published(uri, version);
    } else {
        client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
    }
}

/// Whether anything is said of a release until all that was sent is dealt with; of clients that get diagnostics pushed.
fn is_silent(client: &mut Client) -> bool {
    client.rest().iter().all(|it| it["method"] != "dstack/release")
}

#[test]
fn each_change_is_told_once_whoever_asks_for_findings() {
    for is_pushed in [true, false] {
        let of_documents = if is_pushed { json!({}) } else { json!({"diagnostic": {}}) };
        let folder = Folder::with(&[]);
        folder.write("uv.lock", &lock("0.19.40"));
        let mut client = session(&folder, of_documents);
        let (a, b) = (uri(&folder, "a.dstack.yml"), uri(&folder, "sub/b.dstack.yml"));
        let from_lock = |release: &str| format!("{release} uv.lock (from `uv.lock`)");
        client.open(&a, TEXT);
        assert_eq!(told_of(&mut client, &a), from_lock("0.19.40"));
        client.open(&b, TEXT);
        assert_eq!(told_of(&mut client, &b), from_lock("0.19.40"));

        // Edits change nothing of it, but for a comment at the top.
        client.change(&a, 2, &[(Some([2, 0, 2, 0]), "name: a\n")]);
        dealt_with(&mut client, &a, 2, is_pushed);
        client.change(&a, 3, &[(Some([0, 0, 0, 0]), "# dstack-lsp: release=0.18.43\n")]);
        assert_eq!(told_of(&mut client, &a), "0.18.43 comment (by a comment in the file)");
        client.change(&a, 4, &[(Some([0, 22, 0, 29]), "0.18.99")]);
        let note = "unknown dstack release 0.18.99; using the nearest known release, 0.18.44";
        assert_eq!(told_of(&mut client, &a), format!("0.18.44 comment (by a comment in the file): {note}"));
        client.change(&a, 5, &[(Some([1, 0, 1, 0]), "# more\n")]);
        dealt_with(&mut client, &a, 5, is_pushed);
        client.change(&a, 6, &[(Some([0, 0, 1, 0]), "")]);
        assert_eq!(told_of(&mut client, &a), from_lock("0.19.40"));

        // A setting is for both; one that changes nothing is not told.
        for _ in 0..2 {
            client.notify("workspace/didChangeConfiguration", json!({"settings": {"dstack": {"release": "0.20.1"}}}));
        }
        let mut both = [told(&mut client), told(&mut client)];
        both.sort();
        let by_setting = "0.20.1 setting (by the setting `dstack.release`)".to_owned();
        assert_eq!(both, [(a.clone(), by_setting.clone()), (b.clone(), by_setting)]);
        client.notify("textDocument/didClose", json!({"textDocument": {"uri": b}}));
        client.notify("workspace/didChangeConfiguration", json!({"settings": {"dstack": {"release": null}}}));
        assert_eq!(told_of(&mut client, &a), from_lock("0.19.40"));

        // A lock file of the same release is nothing new.
        folder.write("uv.lock", &lock("0.20.1"));
        client.notify("workspace/didChangeWatchedFiles", json!({"changes": []}));
        assert_eq!(told_of(&mut client, &a), from_lock("0.20.1"));
        folder.write("uv.lock", &[lock("0.20.1"), b"# more\n".to_vec()].concat());
        client.notify("workspace/didChangeWatchedFiles", json!({"changes": []}));
        std::fs::remove_file(folder.path().join("uv.lock")).unwrap();
        client.notify("workspace/didChangeWatchedFiles", json!({"changes": []}));
        assert_eq!(told_of(&mut client, &a), "0.22.5 newest (the newest known)");

        // Closing forgets.
        client.notify("textDocument/didClose", json!({"textDocument": {"uri": a}}));
        client.open(&a, TEXT);
        assert_eq!(told_of(&mut client, &a), "0.22.5 newest (the newest known)");
        client.open(&b, TEXT);
        assert_eq!(told_of(&mut client, &b), "0.22.5 newest (the newest known)");
        assert!(is_silent(&mut client));
    }
}

#[test]
fn it_comes_before_the_findings_of_that_release() {
    let folder = Folder::with(&[]);
    let name = uri(&folder, "a.dstack.yml");
    let mut client = session(&folder, json!({}));
    client.open(&name, TEXT);
    client.published(&name, 1);
    let earlier = client.rest();
    assert_eq!(earlier.iter().filter(|it| it["method"] == "dstack/release").count(), 1, "{earlier:?}");
}

#[test]
fn it_is_told_of_dstacks_documents_only() {
    let folder = Folder::with(&[]);
    let mut client = session(&folder, json!({}));
    let (foreign, name) = (uri(&folder, "values.yml"), uri(&folder, "a.dstack.yml"));
    client.open(&foreign, "service:\n  type: ClusterIP\n");
    client.open(&uri(&folder, "empty.yml"), "");
    client.at("hover", &foreign, 0, 0);
    client.open(&name, TEXT);
    assert_eq!(told_of(&mut client, &name), "0.22.5 newest (the newest known)");
    client.change(&foreign, 2, &[(None, TEXT)]);
    assert_eq!(told_of(&mut client, &foreign), "0.22.5 newest (the newest known)");
    // It stops being ours and is ours again: that is nothing new.
    client.change(&foreign, 3, &[(None, "service: {}\n")]);
    client.change(&foreign, 4, &[(None, TEXT)]);
    client.published(&foreign, 4);
    assert!(is_silent(&mut client));
}

#[test]
fn who_does_not_ask_is_not_told() {
    for capabilities in [
        json!({}),
        json!({"experimental": null}),
        json!({"experimental": {"dstackRelease": "yes"}}),
        json!({"experimental": {"dstackRelease": false}}),
    ] {
        let folder = Folder::with(&[]);
        let mut client = Client::with(json!({"capabilities": capabilities}));
        let name = uri(&folder, "a.dstack.yml");
        client.open(&name, TEXT);
        client.published(&name, 1);
        client.notify("workspace/didChangeConfiguration", json!({"settings": {"dstack": {"release": "0.20.1"}}}));
        client.published(&name, 1);
        assert!(is_silent(&mut client), "{capabilities}");
    }
}
