//! The log for developers, and `$/logTrace`: what they contain, what they never contain, and that they fail nothing.

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    check::Folder,
    protocol::client::{Client, framed},
};

/// Each word of it, and of the messages below, begins with `hush`: none of them may be logged.
const TEXT: &str = "\
# hushcomment
type: task
name: hushname
env:
  - HUSHPASSWORD=hushvalue
  - hushkey
hushfield: hushtoken
image: hushimage # dstack-lsp: hushdirective
commands: [hushcommand, 'hushquoted]
";

fn server(folder: &Folder, arguments: &[&str], filter: Option<&str>) -> Command {
    let mut command = folder.command(&[&["--stdio"], arguments].concat());
    command.env_remove("DSTACK_LSP_LOG").envs(filter.map(|it| ("DSTACK_LSP_LOG", it)));
    command
}

/// A session with a document, each request about it, and messages that cannot be read. Returns all that the client got.
fn session(command: &mut Command, folder: &Folder, trace: &str) -> Vec<Value> {
    let mut client = Client::spawn(command);
    client.initialize(json!({"trace": trace, "clientInfo": {"name": "test"}}));
    let uri = folder.uri("hushfolder/train.dstack.yml");
    client.open(&uri, TEXT);
    client.published(&uri, 1);
    client.change(&uri, 2, &[(Some([1, 0, 1, 0]), "hushedit: 1\n")]);
    client.published(&uri, 2);
    let document = json!({"textDocument": {"uri": uri}});
    for method in ["hover", "completion"] {
        client.at(method, &uri, 6, 1);
    }
    client.ask("textDocument/documentSymbol", document.clone());
    client.ask("textDocument/diagnostic", document);
    let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
    let actions = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}});
    client.ask("textDocument/codeAction", actions);
    client.ask("textDocument/hover", json!({"textDocument": {"uri": uri}, "position": {"line": "hushline"}}));
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"dstack": {"release": "hushrelease"}}}));
    client.send_bytes(&framed(br#"{"jsonrpc": "hushversion", "method": "textDocument/hover", "id": 99}"#));
    client.send_bytes(&framed(br#"{"method": "textDocument/didChange", "text": "hushbroken"#));
    client.send_bytes(b"Content-Length: hushlength\r\n\r\n");
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    let mut got = client.rest();
    got.extend([client.ask("shutdown", Value::Null)]);
    client.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
    assert_eq!(client.exit_code(), Some(0));
    got
}

#[test]
fn a_log_has_methods_and_durations_but_no_texts_and_no_folders() {
    let folder = Folder::with(&[]);
    session(&mut server(&folder, &["--log", "log.txt"], Some("trace")), &folder, "off");
    let log = String::from_utf8(folder.read("log.txt")).expect("the log is UTF-8");
    for expected in [
        "client=\"test\"",
        "method=\"textDocument/hover\" id=",
        "document=\"train.dstack.yml#",
        "version=2",
        "milliseconds=",
        "error=-32602",
        "published diagnostics=",
        "TRACE",
        "the session ends",
    ] {
        assert!(log.contains(expected), "{expected} is not in {log}");
    }
    let name = folder.path().file_name().expect("it has a name").to_string_lossy().into_owned();
    let private = |line: &&str| line.to_lowercase().contains("hush") || line.contains(&name);
    assert_eq!(log.lines().find(private), None);
}

#[test]
fn a_check_logs_no_texts_and_no_folders_either() {
    let folder = Folder::with(&[("hushfolder/train.dstack.yml", TEXT)]);
    let mut command = folder.command(&["check", ".", "--log", "log.txt"]);
    let ran = crate::programs::output_of(command.env("DSTACK_LSP_LOG", "trace")).expect("the executable starts");
    assert_eq!(ran.status.code(), Some(1));
    let log = String::from_utf8(folder.read("log.txt")).expect("the log is UTF-8");
    assert!(log.contains("file=\"train.dstack.yml#") && log.contains("diagnostics="), "{log}");
    assert!(!log.to_lowercase().contains("hush"), "{log}");
}

#[test]
fn a_trace_for_the_client_quotes_nothing() {
    let folder = Folder::with(&[]);
    for (trace, expected) in [("off", None), ("messages", Some(false)), ("verbose", Some(true))] {
        let got = session(&mut server(&folder, &[], None), &folder, trace);
        let traced: Vec<&Value> = got.iter().filter(|it| it["method"] == "$/logTrace").collect();
        assert_eq!(!traced.is_empty(), expected.is_some(), "{trace}");
        assert_eq!(traced.iter().any(|it| it["params"].get("verbose").is_some()), expected == Some(true), "{trace}");
        let hover = traced.iter().any(|it| {
            it["params"]["message"].as_str().is_some_and(|it| it.starts_with("textDocument/hover answered in "))
        });
        assert_eq!(hover, expected.is_some(), "{trace}");
        assert!(traced.iter().all(|it| !it.to_string().contains("hush")), "{trace}: {traced:?}");
    }
}

#[test]
fn a_client_can_switch_the_trace_on_and_off() {
    let mut client = Client::plain();
    let mut traces = |value: &str| {
        client.notify("$/setTrace", json!({"value": value}));
        // The trace of this request may come after the next response.
        client.rest();
        client.ask("dstack/other", Value::Null);
        client.rest().iter().any(|it| {
            let message = it["params"]["message"].as_str().unwrap_or_default();
            it["method"] == "$/logTrace" && message.starts_with("dstack/other answered in ")
        })
    };
    assert_eq!(["off", "messages", "verbose", "off"].map(&mut traces), [false, true, true, false]);
}

#[test]
fn nothing_is_logged_by_default() {
    let folder = Folder::with(&[]);
    for (filter, is_logged) in [(None, false), (Some(""), false), (Some("off"), false), (Some("info"), true)] {
        let errors = fs::File::create(folder.path().join("errors.txt")).expect("files can be written");
        session(server(&folder, &[], filter).stderr(errors), &folder, "off");
        assert_eq!(!folder.read("errors.txt").is_empty(), is_logged, "{filter:?}");
    }
}

#[test]
fn a_wrong_filter_is_reported_and_not_used() {
    let folder = Folder::with(&[]);
    let errors = fs::File::create(folder.path().join("errors.txt")).expect("files can be written");
    session(server(&folder, &[], Some("loud")).stderr(errors), &folder, "off");
    let errors = String::from_utf8(folder.read("errors.txt")).expect("the log is UTF-8");
    assert!(errors.starts_with("dstack-lsp: warning: DSTACK_LSP_LOG: `loud` is not a filter"), "{errors}");
}

#[test]
#[cfg(unix)]
fn a_log_that_cannot_be_opened_is_reported() {
    let folder = Folder::with(&[]);
    let errors = fs::File::create(folder.path().join("errors.txt")).expect("files can be written");
    session(server(&folder, &["--log", "none/log.txt"], None).stderr(errors), &folder, "off");
    let errors = String::from_utf8(folder.read("errors.txt")).expect("the warning is UTF-8");
    assert_eq!(errors, "dstack-lsp: warning: cannot open the log `none/log.txt`: No such file or directory\n");
}

/// A full disk, a closed standard error, a pipe that is full or that nothing reads, a folder that does not exist.
#[test]
#[cfg(target_os = "linux")]
fn a_log_that_cannot_be_written_fails_nothing() {
    let folder = Folder::with(&[]);
    assert!(folder.make_pipe("pipe"));
    for file in ["/dev/full", "pipe", "none/log.txt", "."] {
        session(&mut server(&folder, &["--log", file], Some("trace")), &folder, "off");
    }
    let (reader, closed) = std::io::pipe().expect("there are pipes");
    drop(reader);
    session(server(&folder, &[], Some("trace")).stderr(Stdio::from(closed)), &folder, "off");
    // Some hundred sessions would fill the pipe; so its buffer is filled before.
    let (_reader, mut full) = std::io::pipe().expect("there are pipes");
    let filler = full.try_clone().expect("it can be cloned");
    std::thread::spawn(move || {
        let mut filler = filler;
        // ends: with the test, when the reader is closed.
        _ = std::io::Write::write_all(&mut filler, &[b'.'; 1 << 20]);
    });
    std::thread::sleep(std::time::Duration::from_millis(50));
    _ = std::io::Write::flush(&mut full);
    session(server(&folder, &[], Some("trace")).stderr(Stdio::from(full)), &folder, "off");
}
