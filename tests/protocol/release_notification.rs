//! `dstack/release`: the notifications about the release of each document, for clients that support them.

use serde_json::{Value, json};

use schema::Release;

use super::client::Client;
use crate::check::Folder;

const TEXT: &str = "type: task\ncommands: [a]\n";

fn uri(folder: &Folder, name: &str) -> String {
    folder.uri(name)
}

fn lock(version: &str) -> Vec<u8> {
    format!("version = 1\n\n[[package]]\nname = \"dstack\"\nversion = \"{version}\"\n").into_bytes()
}

/// A session of a client that supports the notification and has these capabilities for documents.
fn session(folder: &Folder, of_documents: Value) -> Client {
    let capabilities = json!({"experimental": {"dstackRelease": true}, "textDocument": of_documents});
    Client::with(json!({"rootUri": uri(folder, "").trim_end_matches('/'), "capabilities": capabilities}))
}

/// The next notification: its document, the release, and its origin.
fn notified(client: &mut Client) -> (String, String) {
    let message = client.wait("a word about a release", |it| it["method"] == "dstack/release");
    let params = &message["params"];
    let word = |name: &str| params[name].as_str().expect("a text");
    let note = params.get("note").map_or(String::new(), |it| format!(": {}", it.as_str().expect("a text")));
    assert_eq!(message.get("id"), None);
    (word("uri").to_owned(), format!("{} {} ({}){note}", word("release"), word("origin"), word("source")))
}

/// The next notification, which must be about this document.
fn notified_of(client: &mut Client, uri: &str) -> String {
    let (about, words) = notified(client);
    assert_eq!(about, uri);
    words
}

/// Waits until a version is handled.
fn wait_for_version(client: &mut Client, uri: &str, version: i64, is_pushed: bool) {
    if is_pushed {
        client.published(uri, version);
    } else {
        client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
    }
}

/// Whether no notification comes until everything that was sent is handled; for clients that get diagnostics pushed.
fn is_silent(client: &mut Client) -> bool {
    client.rest().iter().all(|it| it["method"] != "dstack/release")
}

#[test]
fn each_change_is_announced_once_with_pushed_and_pulled_diagnostics() {
    for is_pushed in [true, false] {
        let of_documents = if is_pushed { json!({}) } else { json!({"diagnostic": {}}) };
        let folder = Folder::with(&[]);
        folder.write("uv.lock", &lock("0.19.40"));
        let mut client = session(&folder, of_documents);
        let (a, b) = (uri(&folder, "a.dstack.yml"), uri(&folder, "sub/b.dstack.yml"));
        let from_lock = |release: &str| format!("{release} uv.lock (from `uv.lock`)");
        client.open(&a, TEXT);
        assert_eq!(notified_of(&mut client, &a), from_lock("0.19.40"));
        client.open(&b, TEXT);
        assert_eq!(notified_of(&mut client, &b), from_lock("0.19.40"));

        // Edits do not change it, except for a comment at the top.
        client.change(&a, 2, &[(Some([2, 0, 2, 0]), "name: a\n")]);
        wait_for_version(&mut client, &a, 2, is_pushed);
        client.change(&a, 3, &[(Some([0, 0, 0, 0]), "# dstack-lsp: release=0.18.43\n")]);
        assert_eq!(notified_of(&mut client, &a), "0.18.43 comment (by a comment in the file)");
        client.change(&a, 4, &[(Some([0, 22, 0, 29]), "0.18.99")]);
        let note = "unknown dstack release 0.18.99; using the nearest known release, 0.18.44";
        assert_eq!(notified_of(&mut client, &a), format!("0.18.44 comment (by a comment in the file): {note}"));
        client.change(&a, 5, &[(Some([1, 0, 1, 0]), "# more\n")]);
        wait_for_version(&mut client, &a, 5, is_pushed);
        client.change(&a, 6, &[(Some([0, 0, 1, 0]), "")]);
        assert_eq!(notified_of(&mut client, &a), from_lock("0.19.40"));

        // A setting applies to both; one that changes nothing is not announced.
        for _ in 0..2 {
            client.notify("workspace/didChangeConfiguration", json!({"settings": {"dstack": {"release": "0.20.1"}}}));
        }
        let mut both = [notified(&mut client), notified(&mut client)];
        both.sort();
        let by_setting = "0.20.1 setting (by the setting `dstack.release`)".to_owned();
        assert_eq!(both, [(a.clone(), by_setting.clone()), (b.clone(), by_setting)]);
        client.notify("textDocument/didClose", json!({"textDocument": {"uri": b}}));
        client.notify("workspace/didChangeConfiguration", json!({"settings": {"dstack": {"release": null}}}));
        assert_eq!(notified_of(&mut client, &a), from_lock("0.19.40"));

        // A lock file with the same release is not announced.
        folder.write("uv.lock", &lock("0.20.1"));
        client.notify("workspace/didChangeWatchedFiles", json!({"changes": []}));
        assert_eq!(notified_of(&mut client, &a), from_lock("0.20.1"));
        folder.write("uv.lock", &[lock("0.20.1"), b"# more\n".to_vec()].concat());
        client.notify("workspace/didChangeWatchedFiles", json!({"changes": []}));
        std::fs::remove_file(folder.path().join("uv.lock")).unwrap();
        client.notify("workspace/didChangeWatchedFiles", json!({"changes": []}));
        assert_eq!(notified_of(&mut client, &a), format!("{} newest (the newest known)", Release::NEWEST));

        // After a document is closed, it is announced again.
        client.notify("textDocument/didClose", json!({"textDocument": {"uri": a}}));
        client.open(&a, TEXT);
        assert_eq!(notified_of(&mut client, &a), format!("{} newest (the newest known)", Release::NEWEST));
        client.open(&b, TEXT);
        assert_eq!(notified_of(&mut client, &b), format!("{} newest (the newest known)", Release::NEWEST));
        assert!(is_silent(&mut client));
    }
}

#[test]
fn it_precedes_the_diagnostics_for_that_release() {
    let folder = Folder::with(&[]);
    let name = uri(&folder, "a.dstack.yml");
    let mut client = session(&folder, json!({}));
    client.open(&name, TEXT);
    client.published(&name, 1);
    let earlier = client.rest();
    assert_eq!(earlier.iter().filter(|it| it["method"] == "dstack/release").count(), 1, "{earlier:?}");
}

#[test]
fn it_is_sent_for_dstack_files_only() {
    let folder = Folder::with(&[]);
    let mut client = session(&folder, json!({}));
    let (foreign, name) = (uri(&folder, "values.yml"), uri(&folder, "a.dstack.yml"));
    client.open(&foreign, "service:\n  type: ClusterIP\n");
    client.open(&uri(&folder, "empty.yml"), "");
    client.at("hover", &foreign, 0, 0);
    client.open(&name, TEXT);
    assert_eq!(notified_of(&mut client, &name), format!("{} newest (the newest known)", Release::NEWEST));
    client.change(&foreign, 2, &[(None, TEXT)]);
    assert_eq!(notified_of(&mut client, &foreign), format!("{} newest (the newest known)", Release::NEWEST));
    // It stops being a dstack file and becomes one again: that is not announced.
    client.change(&foreign, 3, &[(None, "service: {}\n")]);
    client.change(&foreign, 4, &[(None, TEXT)]);
    client.published(&foreign, 4);
    assert!(is_silent(&mut client));
}

#[test]
fn a_client_that_does_not_support_it_gets_none() {
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
