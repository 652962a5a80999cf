//! Settings, in each way in which clients send them.

use serde_json::{Value, json};

use schema::Release;

use super::client::Client;

const URI: &str = "file:///project/a.dstack.yml";
/// A field that exists in 0.18.43 and not in 0.21.0 and later.
const TEXT: &str = "type: task\ncommands: [a]\ntermination_policy: destroy\n";

/// The rule that reports the field, which shows the release in use.
fn rule(diagnostics: &[Value]) -> &str {
    diagnostics[0]["code"].as_str().unwrap()
}

#[test]
fn the_release_is_the_newest_unless_it_is_set() {
    for (options, expected) in [
        (Value::Null, "removed-field"),
        (json!({"release": "auto"}), "removed-field"),
        (json!({"release": "0.18.43"}), "deprecated-field"),
        (json!({"dstack": {"release": "0.18.43"}}), "deprecated-field"),
        (json!({"dstack.release": "0.18.43"}), "deprecated-field"),
    ] {
        let mut client = Client::with(json!({"initializationOptions": options}));
        client.open(URI, TEXT);
        assert_eq!(rule(&client.published(URI, 1)), expected, "{options}");
    }
}

#[test]
fn changed_settings_take_effect_at_once() {
    let mut client = Client::plain();
    client.open(URI, TEXT);
    assert_eq!(rule(&client.published(URI, 1)), "removed-field");
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"dstack": {"release": "0.18.43"}}}));
    assert_eq!(rule(&client.published(URI, 1)), "deprecated-field");
    // Settings of others change nothing.
    for settings in [json!(null), json!({}), json!({"yaml": {"release": "0.22.5"}}), json!([1])] {
        client.notify("workspace/didChangeConfiguration", json!({"settings": settings}));
    }
    client.change(URI, 2, &[(Some([0, 0, 0, 0]), "# \n")]);
    assert_eq!(rule(&client.published(URI, 2)), "deprecated-field");
}

#[test]
fn a_bad_setting_is_reported_and_not_used() {
    let mut client = Client::with(json!({"initializationOptions": {"release": "latest"}}));
    let said = client.wait("a message", |it| it["method"] == "window/showMessage");
    let message = format!("setting `dstack.release`: `latest` is not a release; write it as `{}`", Release::NEWEST);
    assert_eq!(said["params"], json!({"type": 2, "message": message}));
    client.open(URI, TEXT);
    assert_eq!(rule(&client.published(URI, 1)), "removed-field");
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"release": 18}}));
    let said = client.wait("a message", |it| it["method"] == "window/showMessage");
    assert!(said["params"]["message"].as_str().unwrap().starts_with("setting `dstack.release`: 18 is not a release"));
}

#[test]
fn for_an_unknown_release_the_nearest_one_is_used_and_reported() {
    let mut client = Client::plain();
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"dstack": {"release": "0.18.99"}}}));
    let note = "unknown dstack release 0.18.99; using the nearest known release, 0.18.44";
    let logged = format!("files are checked against dstack 0.18.44 (by the setting `dstack.release`): {note}");
    client.wait("a line in the log", |it| it["params"]["message"] == logged);
    client.open(URI, TEXT);
    assert_eq!(rule(&client.published(URI, 1)), "deprecated-field");
    let hover = client.at("hover", URI, 0, 1)["contents"]["value"].as_str().unwrap().replace('\n', " ");
    assert!(hover.contains(note), "{hover}");
}

#[test]
fn settings_are_requested_from_a_client_that_supports_it() {
    let mut client = Client::start();
    client.settings = Some(json!({"release": "0.18.43"}));
    let workspace = json!({"configuration": true, "didChangeConfiguration": {"dynamicRegistration": true}});
    client.initialize(json!({"capabilities": {"workspace": workspace}}));
    let request = client.wait("a request for settings", |it| it["method"] == "workspace/configuration");
    assert_eq!(request["params"], json!({"items": [{"section": "dstack"}]}));
    let registered = client.wait("a registration", |it| it["method"] == "client/registerCapability");
    assert_eq!(registered["params"]["registrations"][0]["method"], "workspace/didChangeConfiguration");
    let logged = "files are checked against dstack 0.18.43 (by the setting `dstack.release`)";
    client.wait("the release in the log", |it| it["params"]["message"] == logged);
    client.open(URI, TEXT);
    assert_eq!(rule(&client.published(URI, 1)), "deprecated-field");

    client.settings = Some(json!({"release": null}));
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    client.wait("another question", |it| it["method"] == "workspace/configuration");
    assert_eq!(rule(&client.published(URI, 1)), "removed-field");
}

#[test]
fn a_client_that_pulls_is_asked_to_pull_again() {
    let capabilities =
        json!({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": true}}});
    let mut client = Client::with(json!({"capabilities": capabilities}));
    client.open(URI, TEXT);
    let pull = |client: &mut Client| {
        let report = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": URI}}));
        rule(report["result"]["items"].as_array().unwrap()).to_owned()
    };
    assert_eq!(pull(&mut client), "removed-field");
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"dstack": {"release": "0.18.43"}}}));
    client.wait("a refresh", |it| it["method"] == "workspace/diagnostic/refresh");
    assert_eq!(pull(&mut client), "deprecated-field");
}

#[test]
fn a_client_that_pulls_before_it_opens_a_document_is_asked_to_pull_again() {
    let capabilities =
        json!({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": true}}});
    let mut client = Client::with(json!({"capabilities": capabilities}));
    let early = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": URI}}));
    assert_eq!(early["result"]["items"], json!([]));
    client.open(URI, TEXT);
    let refresh = client.wait("a refresh", |it| it["method"] == "workspace/diagnostic/refresh");
    assert_eq!(refresh.get("params"), None, "JSON-RPC has no `null` there");
    let report = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": URI}}));
    assert_eq!(rule(report["result"]["items"].as_array().unwrap()), "removed-field");
}
