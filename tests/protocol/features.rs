//! Each feature, for clients with different capabilities.

use serde_json::{Value, json};

use super::client::{Client, range};

const URI: &str = "file:///project/a.dstack.yml";

/// A session with a document; `$0` marks the cursor.
struct Session {
    client: Client,
    line: u32,
    column: u32,
}

impl Session {
    fn new(params: Value, text: &str) -> Session {
        let at = text.find("$0").unwrap_or(0);
        let before = &text[..at];
        let line = before.matches('\n').count() as u32;
        let column = before.rsplit('\n').next().unwrap_or("").encode_utf16().count() as u32;
        let mut client = Client::with(params);
        client.open(URI, &text.replacen("$0", "", 1));
        Session { client, line, column }
    }

    fn at(&mut self, method: &str) -> Value {
        self.client.at(method, URI, self.line, self.column)
    }

    fn completion(&mut self, label: &str) -> Value {
        let list = self.at("completion");
        let items = list["items"].as_array().expect("a list");
        items.iter().find(|it| it["label"] == label).unwrap_or_else(|| panic!("no `{label}` in {list:#}")).clone()
    }

    fn actions(&mut self, context: Value) -> Value {
        let range = range([self.line, self.column, self.line, self.column]);
        let params = json!({"textDocument": {"uri": URI}, "range": range, "context": context});
        self.client.ask("textDocument/codeAction", params)["result"].clone()
    }

    fn symbols(&mut self) -> Value {
        self.client.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": URI}}))["result"].clone()
    }
}

fn can(what: &str, ability: Value) -> Value {
    json!({"capabilities": {"textDocument": {what: ability}}})
}

fn completing(item: Value) -> Value {
    can("completion", json!({"completionItem": item}))
}

#[test]
fn a_hover_is_markdown_if_the_client_prefers_it() {
    let text = "type: task\nima$0ge: ubuntu\ncommands: [a]\n";
    let hover = Session::new(can("hover", json!({"contentFormat": ["markdown", "plaintext"]})), text).at("hover");
    assert_eq!(hover["contents"]["kind"], "markdown");
    assert_eq!(hover["range"], range([1, 0, 1, 5]));
    for formats in [json!(["plaintext", "markdown"]), json!([]), json!(null)] {
        let hover = Session::new(can("hover", json!({"contentFormat": formats})), text).at("hover");
        assert_eq!(hover["contents"]["kind"], "plaintext");
        let words = hover["contents"]["value"].as_str().unwrap();
        assert!(words.contains("image") && !words.contains("**") && !words.contains("```"), "{words}");
    }
}

#[test]
fn there_is_no_hover_on_an_empty_line() {
    assert_eq!(Session::new(json!({}), "type: task\n\n$0\n").at("hover"), Value::Null);
}

#[test]
fn a_completion_replaces_the_typed_text() {
    let text = "type: task\nima$0\ncommands: [a]\n";
    let item = Session::new(json!({}), text).completion("image");
    let edit = &item["textEdit"];
    assert_eq!(edit["range"], range([1, 0, 1, 3]));
    assert!(edit["newText"].as_str().unwrap().starts_with("image:"), "{edit}");
    assert_eq!((&item["filterText"], &item["kind"]), (&json!("image"), &json!(10)));
    for (unknown, name) in
        [("tags", "deprecated"), ("command", "commitCharacters"), ("insertTextFormat", "insertTextMode")]
    {
        assert_eq!(item.get(unknown).or(item.get(name)), None, "{item}");
    }
}

#[test]
fn nothing_is_offered_while_the_user_indents_a_line() {
    let completed = |text: &str, context: Value| {
        let mut session = Session::new(json!({}), text);
        let position = json!({"line": session.line, "character": session.column});
        let params = json!({"textDocument": {"uri": URI}, "position": position, "context": context});
        session.client.ask("textDocument/completion", params)["result"]["items"].as_array().map_or(0, Vec::len)
    };
    let space = json!({"triggerKind": 2, "triggerCharacter": " "});
    assert_eq!(completed("type: task\nresources:\n $0\n", space.clone()), 0);
    assert_ne!(completed("type: task\nresources:\n  $0\n", json!({"triggerKind": 1})), 0);
    assert_ne!(completed("type: $0\n", space.clone()), 0);
    assert_ne!(completed("type: dev-environment\nide: $0\n", space), 0);
}

#[test]
fn a_client_may_choose_between_inserting_and_replacing() {
    let text = "type: ta$0ks\ncommands: [a]\n";
    let item = Session::new(completing(json!({"insertReplaceSupport": true})), text).completion("task");
    let edit = &item["textEdit"];
    assert_eq!((&edit["insert"], &edit["replace"]), (&range([0, 6, 0, 8]), &range([0, 6, 0, 10])));
    let item = Session::new(json!({}), text).completion("task");
    assert_eq!(item["textEdit"]["range"], range([0, 6, 0, 10]));
}

#[test]
fn details_are_on_the_line_of_an_item_if_the_client_supports_it() {
    let text = "type: task\n$0\n";
    let item = Session::new(completing(json!({"labelDetailsSupport": true})), text).completion("creation_policy");
    assert_eq!(item["detail"], "reuse | reuse-or-create = reuse-or-create");
    assert_eq!(item["labelDetails"], json!({"description": "reuse | …"}));
    let item = Session::new(completing(json!({"labelDetailsSupport": true})), text).completion("nodes");
    assert_eq!((&item["detail"], &item["labelDetails"]["description"]), (&json!("integer = 1"), &json!("integer = 1")));
    assert_eq!(Session::new(json!({}), text).completion("nodes").get("labelDetails"), None);
}

#[test]
fn snippets_are_sent_to_clients_that_support_them() {
    let text = "type: task\n$0\n";
    let list = Session::new(completing(json!({"snippetSupport": false})), text).at("completion");
    for item in list["items"].as_array().unwrap() {
        assert_eq!(item.get("insertTextFormat"), None, "{item}");
        let inserted = item["textEdit"]["newText"].as_str().unwrap();
        assert!(!inserted.contains("${") && !inserted.contains("$0") && !inserted.contains("$1"), "{item}");
    }
}

#[test]
fn neovim_gets_texts_with_spaces_as_snippets() {
    let text = "type: task\npriv$0\n";
    for (client, snippets, expected) in
        [("Neovim", true, json!(2)), ("Neovim", false, Value::Null), ("other", true, Value::Null)]
    {
        let mut params = completing(json!({"snippetSupport": snippets}));
        params["clientInfo"] = json!({"name": client});
        let item = Session::new(params, text).completion("privileged");
        assert_eq!(item["textEdit"]["newText"], "privileged: ");
        assert_eq!(item.get("insertTextFormat").unwrap_or(&Value::Null), &expected, "{client}");
    }
}

#[test]
fn the_insert_mode_of_several_lines_is_sent() {
    let text = "type: task\nresources:\n  $0";
    for snippets in [true, false] {
        let support = json!({"snippetSupport": snippets, "insertTextModeSupport": {"valueSet": [1, 2]}});
        let list = Session::new(completing(support), "type: service\n$0\n").at("completion");
        let items = list["items"].as_array().unwrap();
        let several = items.iter().filter(|it| it["textEdit"]["newText"].as_str().unwrap().contains('\n'));
        let modes: Vec<(bool, &Value)> =
            several.map(|it| (it["insertTextFormat"] == 2, &it["insertTextMode"])).collect();
        assert!(modes.iter().any(|(is_snippet, _)| *is_snippet == snippets));
        assert!(modes.iter().all(|(is_snippet, mode)| **mode == if *is_snippet { 2 } else { 1 }), "{modes:?}");
    }
    let item = Session::new(json!({}), text).completion("gpu");
    assert_eq!(item.get("insertTextMode"), None);
}

#[test]
fn the_server_decides_the_order_of_completions() {
    let list = Session::new(json!({}), "type: task\n$0\n").at("completion");
    let order: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|it| it["sortText"].as_str().unwrap()).collect();
    assert!(order.len() > 10 && order.is_sorted());
}

#[test]
fn enter_keeps_a_valid_typed_value() {
    // Editors that filter rank items by how well the `filterText` matches the text from the start of the range to the cursor,
    // then by `sortText`. The first item is exactly that text.
    let cases = [
        ("type: task\nports:\n  - 9000$0\n", [2, 4, 2, 8], "9000"),
        ("type: task\nresources:\n  gpu: 1$0\n", [2, 7, 2, 8], "1"),
        ("type: task\nresources:\n  gpu: A100:8$0:80GB\n", [2, 12, 2, 13], "8"),
        ("type: task\nresources:\n  memory: 24GB..$0\n", [2, 10, 2, 16], "24GB.."),
        ("type: fleet\nssh_config:\n  hosts:\n    - host$0\n", [3, 6, 3, 10], "host"),
    ];
    for (text, place, typed) in cases {
        let list = Session::new(completing(json!({"insertReplaceSupport": true})), text).at("completion");
        let items = list["items"].as_array().unwrap();
        let first = items.iter().min_by_key(|it| it["sortText"].as_str()).unwrap();
        let place = range(place);
        let edit = json!({"newText": typed, "insert": place, "replace": place});
        assert_eq!((&first["textEdit"], &first["filterText"]), (&edit, &json!(typed)), "{text}");
        assert!(items.len() > 1, "{text}");
        let start = |it: &Value| it["textEdit"]["insert"]["start"]["character"].as_u64();
        assert!(items.iter().all(|it| start(it) >= start(first)), "{list:#}");
    }
}

#[test]
fn the_list_is_incomplete_so_that_it_is_requested_with_each_character() {
    // Only fields; `hostname` would remain when a host called `host` is typed.
    let list = Session::new(json!({}), "type: fleet\nssh_config:\n  hosts:\n    - $0\n").at("completion");
    assert_eq!(list["isIncomplete"], true);
}

#[test]
fn the_documentation_of_a_completion_has_the_format_that_the_client_prefers() {
    let text = "type: task\nima$0\n";
    for (formats, kind) in [(json!(["markdown"]), "markdown"), (json!(["plaintext", "markdown"]), "plaintext")] {
        let item = Session::new(completing(json!({"documentationFormat": formats})), text).completion("image");
        assert_eq!(item["documentation"]["kind"], kind);
        assert_ne!(item["documentation"]["value"], "");
    }
}

#[test]
fn a_client_that_supports_only_commands_gets_no_actions() {
    let text = "type: task\ncoma$0nds: [a]\n";
    assert_eq!(Session::new(json!({}), text).actions(json!({"diagnostics": []})), Value::Null);
}

#[test]
fn the_outline_is_a_tree_or_a_list() {
    let text = "type: task\nresources:\n  gpu: A100\n";
    let tree = can("documentSymbol", json!({"hierarchicalDocumentSymbolSupport": true}));
    let symbols = Session::new(tree, text).symbols();
    let resources = &symbols[1];
    assert_eq!((&resources["name"], &resources["selectionRange"]), (&json!("resources"), &range([1, 0, 1, 9])));
    assert_eq!((&resources["children"][0]["name"], &resources["kind"]), (&json!("gpu"), &json!(7)));

    let symbols = Session::new(json!({}), text).symbols();
    let names: Vec<&str> = symbols.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["type", "resources", "gpu"]);
    assert_eq!((&symbols[2]["containerName"], &symbols[2]["location"]["uri"]), (&json!("resources"), &json!(URI)));
}

fn acting() -> Value {
    can("codeAction", json!({"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}))
}

#[test]
fn a_quick_fix_needs_no_diagnostics_from_the_client() {
    let text = "type: task\ncoma$0nds: [a]\n";
    let kate = json!({"diagnostics": []});
    let ale = json!({"diagnostics": [{"range": range([1, 0, 1, 8]), "message": "something else", "code": "1", "severity": 1}]});
    for context in [kate, ale] {
        let mut session = Session::new(acting(), text);
        let actions = session.actions(context);
        let action = &actions[0];
        assert_eq!((&action["kind"], &action["isPreferred"]), (&json!("quickfix"), &json!(true)));
        assert_eq!(action["diagnostics"][0]["code"], "unknown-field");
        assert_eq!(action["diagnostics"][0], session.client.published(URI, 1)[0]);
        let edits = &action["edit"]["changes"][URI];
        assert_eq!(*edits, json!([{"range": range([1, 0, 1, 7]), "newText": "commands"}]));
    }
}

#[test]
fn an_edit_has_a_version_if_the_client_checks_it() {
    let mut params = acting();
    params["capabilities"]["workspace"] = json!({"workspaceEdit": {"documentChanges": true}});
    let mut session = Session::new(params, "type: task\ncoma$0nds: [a]\n");
    session.client.change(URI, 5, &[(Some([0, 10, 0, 10]), " ")]);
    let edit = session.actions(json!({"diagnostics": []}))[0]["edit"].clone();
    assert_eq!(edit.get("changes"), None);
    assert_eq!(edit["documentChanges"][0]["textDocument"], json!({"uri": URI, "version": 5}));
}

#[test]
fn the_edits_of_all_fixes_are_computed_when_the_action_is_chosen() {
    let mut params = acting();
    let action = &mut params["capabilities"]["textDocument"]["codeAction"];
    action["dataSupport"] = true.into();
    action["resolveSupport"] = json!({"properties": ["edit"]});
    let text = "type: task\ncoma$0nds: [a]\nspot_policy: ondemand\n";
    let mut session = Session::new(params, text);
    let actions = session.actions(json!({"diagnostics": []}));
    let actions = actions.as_array().unwrap();
    let all = actions.iter().find(|it| it["kind"] == "source.fixAll.dstack").expect("it is offered");
    assert_eq!(all.get("edit"), None);
    assert!(actions.iter().all(|it| it["kind"] != "quickfix" || it["edit"].is_object()), "{actions:?}");
    let resolved = session.client.ask("codeAction/resolve", all.clone())["result"].clone();
    assert_eq!(resolved["edit"]["changes"][URI].as_array().unwrap().len(), 2, "{resolved}");
    assert_eq!(resolved["title"], all["title"]);
    // Its edits are for the text that it was offered for.
    session.client.change(URI, 5, &[(Some([0, 10, 0, 10]), " ")]);
    assert_eq!(session.client.ask("codeAction/resolve", all.clone())["result"], *all);
    for data in [json!(null), json!({}), json!({"textDocument": {"uri": URI}, "id": "x", "selection": []})] {
        let response = session.client.ask("codeAction/resolve", json!({"title": "a", "data": data}));
        assert!(response["error"]["code"] == -32602, "{response}");
    }
    let unknown = json!({"textDocument": {"uri": "file:///x.dstack.yml"}, "id": "fix-all/0", "selection": [0, 0]});
    let action = json!({"title": "a", "data": unknown});
    assert_eq!(session.client.ask("codeAction/resolve", action.clone())["result"], action);
}

#[test]
fn only_the_requested_kinds_of_action_are_offered() {
    let text = "type: task\ncoma$0nds: [a]\nnam: x\n";
    let kinds = |context: Value| -> Vec<String> {
        let actions = Session::new(acting(), text).actions(context);
        let mut kinds: Vec<_> = actions.as_array().unwrap().iter().map(|it| it["kind"].to_string()).collect();
        kinds.dedup();
        kinds
    };
    assert_eq!(kinds(json!({"diagnostics": [], "only": ["quickfix"]})), ["\"quickfix\""]);
    assert_eq!(kinds(json!({"diagnostics": [], "only": ["refactor"]})), [""; 0]);
    assert_eq!(kinds(json!({"diagnostics": [], "only": ["source.organizeImports"]})), [""; 0]);
    assert_eq!(kinds(json!({"diagnostics": [], "triggerKind": 2})), ["\"quickfix\""]);
    assert_eq!(kinds(json!({"diagnostics": []})), ["\"quickfix\"", "\"source.fixAll.dstack\""]);
}

#[test]
fn ignoring_a_diagnostic_is_offered_last_and_never_for_errors_of_dstack() {
    let offered = |text: &str| -> Vec<(String, bool)> {
        let actions = Session::new(acting(), text).actions(json!({"diagnostics": []}));
        let offered = |it: &Value| (it["title"].as_str().unwrap().to_owned(), it["isPreferred"] == true);
        actions.as_array().unwrap().iter().map(offered).collect()
    };
    let titles = |text: &str| offered(text).into_iter().map(|it| it.0).collect::<Vec<_>>();
    let home = "type: task\ncommands: [a]\nhome_$0dir: /a\n";
    assert_eq!(
        titles(home),
        ["Remove `home_dir`, which has no effect", "Apply all safe fixes", "Ignore `deprecated-field` on this line"]
    );
    assert!(offered(home).iter().all(|it| !(it.1 && it.0.starts_with("Ignore"))));
    // A finding without a fix.
    let alone = "# dstack-lsp: ignore[no$0pe]\ntype: task\ncommands: [a]\n";
    assert!(offered(alone).iter().all(|it| !it.1), "{:?}", offered(alone));
    assert_eq!(titles("type: task\ncommands: $0a\n"), ["Replace `a` with `[a]`", "Apply all safe fixes"]);
    assert_eq!(titles("type: task\ncommands: [a]\nmax_price: $0low\n"), [""; 0]);
    let policy = "type: task\ncommands: [a]\ntermi$0nation_policy: destroy-after-idle\nidle_duration: 5 minutes\n";
    assert_eq!(titles(policy), ["Remove `termination_policy`", "Apply all safe fixes"]);
}

#[test]
fn the_outline_of_a_long_file_is_short() {
    let tree = can("documentSymbol", json!({"hierarchicalDocumentSymbolSupport": true}));
    let symbols = |items: usize| {
        let items: String = (0..items).map(|i| format!("  - name: g{i}\n    replicas: 1\n")).collect();
        let text = format!("type: service\nenv:\n{}groups:\n{items}port: 80\n", "  A: b\n".repeat(1_000));
        Session::new(tree.clone(), &text).symbols()
    };
    let (short, long) = (symbols(1_000), symbols(8_000));
    assert_eq!((&short[1]["name"], &short[1]["detail"]), (&json!("env"), &json!("1000 keys")));
    assert_eq!((&long[2]["name"], &long[2]["detail"]), (&json!("groups"), &json!("8000 items")));
    assert_eq!(long[3]["name"], "port");
    let lengths = [&short, &long].map(|it| it.to_string().len());
    assert!(lengths[1] < lengths[0] * 2, "{lengths:?}");
}

#[test]
fn all_safe_fixes_are_one_action() {
    let text = "type: task\ncommands: [a]\ntermination_policy: dont-destroy\n# why\ntermination_idle_time: 1h\n";
    let actions = Session::new(acting(), text).actions(json!({"diagnostics": [], "only": ["source.fixAll"]}));
    let [action] = actions.as_array().unwrap().as_slice() else { panic!("{actions:#}") };
    assert_eq!(action["kind"], "source.fixAll.dstack");
    let edits = action["edit"]["changes"][URI].as_array().unwrap();
    let written: String = edits.iter().map(|it| it["newText"].as_str().unwrap()).collect();
    assert!(written.contains("idle_duration"), "{edits:?}");
}
