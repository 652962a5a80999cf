//! Diagnostics, pushed to clients and pulled by clients.

use serde_json::{Value, json};

use super::client::{Client, range};

const URI: &str = "file:///project/a.dstack.yml";

/// One line for each diagnostic: its code and range.
fn codes(diagnostics: &[Value]) -> Vec<String> {
    let code = |it: &Value| {
        let [start, end] = ["start", "end"].map(|end| &it["range"][end]);
        let code = it["code"].as_str().expect("the name of a rule");
        format!("{code} {}:{}-{}:{}", start["line"], start["character"], end["line"], end["character"])
    };
    diagnostics.iter().map(code).collect()
}

fn pulling() -> Client {
    Client::with(json!({"capabilities": {"textDocument": {"diagnostic": {"dynamicRegistration": true}}}}))
}

fn pull(client: &mut Client, uri: &str, previous: Option<&Value>) -> Value {
    let params = json!({"textDocument": {"uri": uri}, "previousResultId": previous});
    client.ask("textDocument/diagnostic", params)["result"].clone()
}

#[test]
fn a_diagnostic_has_no_superfluous_fields() {
    let mut client = Client::plain();
    client.open(URI, "type: task\ncomands: [a]\n");
    let diagnostics = client.published(URI, 1);
    let unknown = diagnostics.iter().find(|it| it["code"] == "unknown-field").expect("it is found");
    let message = "unknown field `comands`; did you mean `commands`?";
    let expected = json!({
        "range": range([1, 0, 1, 7]), "severity": 1, "code": "unknown-field", "source": "dstack", "message": message,
    });
    assert_eq!(*unknown, expected);
}

#[test]
fn diagnostics_follow_the_text() {
    let mut client = Client::plain();
    client.open(URI, "type: task\nnam: x\ncommands: [a]\n");
    assert_eq!(codes(&client.published(URI, 1)), ["unknown-field 1:0-1:3"]);
    client.change(URI, 2, &[(Some([1, 3, 1, 3]), "e")]);
    assert_eq!(codes(&client.published(URI, 2)), [""; 0]);
    client.change(URI, 7, &[(Some([0, 0, 0, 0]), "# 😀\n"), (Some([2, 0, 2, 1]), "")]);
    assert_eq!(codes(&client.published(URI, 7)), ["unknown-field 2:0-2:3"]);
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": URI}}));
    client.wait("empty diagnostics", |it| it["params"] == json!({"uri": URI, "diagnostics": []}));
}

#[test]
fn columns_of_diagnostics_have_the_negotiated_encoding() {
    for (encoding, end) in [("utf-8", 11), ("utf-16", 8), ("utf-32", 7)] {
        let mut client = Client::with(json!({"capabilities": {"general": {"positionEncodings": [encoding]}}}));
        client.open(URI, "type: task\ncommands: [a]\n\"ü😀 a\": 1\n");
        let diagnostics = client.published(URI, 1);
        assert_eq!(codes(&diagnostics), [format!("unknown-field 2:0-2:{}", end - 1)], "{encoding}");
    }
}

#[test]
fn a_file_with_only_a_first_word_has_no_errors() {
    let (mut client, mut pulled) = (Client::plain(), pulling());
    client.open(URI, "");
    pulled.open(URI, "");
    for (version, text, severity) in
        [(2, "", 4), (3, "com", 4), (4, "comands:", 4), (5, "comands:\n  - a", 1), (6, "# a\n", 4)]
    {
        client.change(URI, version, &[(None, text)]);
        pulled.change(URI, version, &[(None, text)]);
        let report = pull(&mut pulled, URI, None);
        for found in [client.published(URI, version), report["items"].as_array().unwrap().clone()] {
            let severities: Vec<&Value> = found.iter().map(|it| &it["severity"]).collect();
            assert!(!severities.is_empty() && severities.iter().all(|it| **it == severity), "{text:?} {found:?}");
        }
    }
}

#[test]
fn a_burst_of_keys_ends_with_the_diagnostics_of_the_last() {
    let mut client = Client::plain();
    client.open(URI, "type: task\ncommands: [a]\n");
    for version in 2..500 {
        let text = if version % 2 == 0 { "type: task\ncommands: [a]\nnam: x\n" } else { "type: task\ncommands: [a]\n" };
        client.change(URI, version, &[(None, text)]);
    }
    assert_eq!(codes(&client.published(URI, 499)), [""; 0]);
    let published: Vec<i64> = client.rest().iter().filter_map(|it| it["params"]["version"].as_i64()).collect();
    assert!(published.is_sorted(), "{published:?}");
    assert!(published.iter().all(|it| *it < 499), "{published:?}");
}

#[test]
fn related_locations_and_tags_are_sent_to_clients_that_support_them() {
    let text = "type: task\nimage: ubuntu\npython: \"3.11\"\ncommands: [a]\ntermination_policy: destroy\n";
    let release = json!({"release": "0.18.43"});
    let mut client = Client::with(json!({"initializationOptions": release}));
    client.open(URI, text);
    for diagnostic in client.published(URI, 1) {
        assert_eq!(diagnostic.get("relatedInformation").or(diagnostic.get("tags")), None, "{diagnostic}");
    }
    let capabilities = json!({"relatedInformation": true, "tagSupport": {"valueSet": [1, 2]}});
    let capabilities = json!({"textDocument": {"publishDiagnostics": capabilities}});
    let mut client = Client::with(json!({"initializationOptions": release, "capabilities": capabilities}));
    client.open(URI, text);
    let diagnostics = client.published(URI, 1);
    let of = |rule: &str| diagnostics.iter().find(|it| it["code"] == rule).unwrap_or_else(|| panic!("no {rule}"));
    let location = json!({"uri": URI, "range": range([1, 0, 1, 5])});
    assert_eq!(of("mutually-exclusive")["relatedInformation"][0]["location"], location);
    assert_eq!(of("deprecated-field")["tags"], json!([2]));
}

#[test]
fn unchanged_diagnostics_are_not_sent_twice_to_a_client_that_pulls() {
    let mut client = pulling();
    client.open(URI, "type: task\nnam: x\ncommands: [a]\n");
    let first = pull(&mut client, URI, None);
    assert_eq!(first["kind"], "full");
    assert_eq!(codes(first["items"].as_array().unwrap()), ["unknown-field 1:0-1:3"]);

    let again = pull(&mut client, URI, Some(&first["resultId"]));
    assert_eq!(again, json!({"kind": "unchanged", "resultId": first["resultId"]}));

    client.change(URI, 2, &[(Some([1, 3, 1, 3]), "e")]);
    let mended = pull(&mut client, URI, Some(&first["resultId"]));
    assert_eq!((&mended["kind"], &mended["items"]), (&json!("full"), &json!([])));

    client.notify("textDocument/didClose", json!({"textDocument": {"uri": URI}}));
    assert!(client.rest().iter().all(|it| it["method"] == "window/logMessage"));
}

#[test]
fn a_file_of_another_program_has_no_diagnostics() {
    let mut client = pulling();
    client.open("file:///project/compose.yml", "a: [\n");
    let report = pull(&mut client, "file:///project/compose.yml", None);
    assert_eq!((&report["kind"], &report["items"]), (&json!("full"), &json!([])));
    let report = pull(&mut client, "file:///never/opened.dstack.yml", None);
    assert_eq!((&report["kind"], &report["items"]), (&json!("full"), &json!([])));
}

#[test]
fn pull_diagnostics_are_offered_to_clients_that_support_them() {
    let offered = Client::start().initialize(json!({"capabilities": {"textDocument": {"diagnostic": {}}}}));
    let expected = json!({"identifier": "dstack", "interFileDependencies": false, "workspaceDiagnostics": false});
    assert_eq!(offered["capabilities"]["diagnosticProvider"], expected);
}
