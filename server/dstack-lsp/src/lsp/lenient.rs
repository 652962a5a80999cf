//! Messages as the framework takes them.
//!
//! It refuses a message for one odd value in a field that we never look at: a diagnostic of another server, a column that
//! is written `3.0`, parameters where there should be none. So it gets of each message only the fields that we read, in
//! a form that parses. An edit that it refuses would be dropped in silence, and all later edits would be applied to the
//! wrong text; so messages about texts go to methods of our own, which get what the client sent.

use serde_json::{Value, json};
use tower_lsp::jsonrpc::Request;

use super::{
    convert::number::{count, whole},
    uri::{self, Spellings, accepted},
};

/// `textDocument/didOpen`, for `convert::document::opened`.
pub(crate) const DID_OPEN: &str = "dstack-lsp/didOpen";
/// `textDocument/didChange`, for `convert::document::edited`.
pub(crate) const DID_CHANGE: &str = "dstack-lsp/didChange";
/// `textDocument/didClose`, for `convert::document::closed`.
pub(crate) const DID_CLOSE: &str = "dstack-lsp/didClose";

/// A message that is refused, as a string, for `convert::document::may_be_about`; `{}` if it cannot be read at all.
pub(crate) const UNREADABLE: &str = "dstack-lsp/unreadable";

/// A message in a form that the framework accepts.
pub(crate) fn lenient(request: Request, spellings: &mut Spellings) -> Request {
    let (method, id, params) = request.into_parts();
    let sent = params.unwrap_or_default();
    let at_position = || json!({"textDocument": identified(&sent), "position": position(&sent["position"])});
    let (method, params) = match &*method {
        "initialize" => {
            uri::folders(&sent).iter().for_each(|it| _ = spellings.learn(it));
            // We read what the client sent from where its options should be.
            (method, Some(json!({"capabilities": {}, "initializationOptions": sent})))
        }
        "initialized" => (method, Some(json!({}))),
        "shutdown" => (method, None),
        "textDocument/didOpen" => (DID_OPEN.into(), Some(with_uri(sent, |it| spellings.learn(it)))),
        "textDocument/didChange" => (DID_CHANGE.into(), Some(with_uri(sent, plainly_accepted))),
        "textDocument/didClose" => (DID_CLOSE.into(), Some(with_uri(sent, |it| spellings.close(it)))),
        "textDocument/didSave" => (method, Some(json!({"textDocument": {"uri": "unknown:"}}))),
        "workspace/didChangeWatchedFiles" => (method, Some(json!({"changes": []}))),
        "workspace/didChangeConfiguration" => (method, Some(json!({"settings": sent["settings"]}))),
        "workspace/didChangeWorkspaceFolders" => {
            let folders = |which: &str, accept: &mut dyn FnMut(&str) -> String| -> Vec<Value> {
                let uris = sent["event"][which].as_array().into_iter().flatten().filter_map(|it| it["uri"].as_str());
                uris.map(|uri| json!({"uri": accept(uri), "name": ""})).collect()
            };
            let removed = folders("removed", &mut |it| spellings.close(it));
            let event = json!({"added": folders("added", &mut |it| spellings.learn(it)), "removed": removed});
            (method, Some(json!({"event": event})))
        }
        "$/cancelRequest" => {
            let id = whole(&sent["id"]).map_or_else(|| sent["id"].clone(), Value::from);
            (method, Some(json!({"id": id})))
        }
        "textDocument/hover" => (method, Some(at_position())),
        "textDocument/completion" => {
            let mut params = at_position();
            if let Some(typed) = sent["context"]["triggerCharacter"].as_str() {
                params["context"] = json!({"triggerKind": 2, "triggerCharacter": typed});
            }
            (method, Some(params))
        }
        "textDocument/codeAction" => {
            let range = json!({"start": position(&sent["range"]["start"]), "end": position(&sent["range"]["end"])});
            let context = action_context(&sent["context"]);
            (method, Some(json!({"textDocument": identified(&sent), "range": range, "context": context})))
        }
        "textDocument/documentSymbol" => (method, Some(json!({"textDocument": identified(&sent)}))),
        "textDocument/diagnostic" => {
            let previous = sent["previousResultId"].as_str();
            (method, Some(json!({"textDocument": identified(&sent), "previousResultId": previous})))
        }
        _ => (method, Some(sent).filter(|it| !it.is_null())),
    };
    // As a request the framework would refuse it, and the text would be another one than the client's.
    let id = id.filter(|_| ![DID_OPEN, DID_CHANGE, DID_CLOSE].contains(&&*method));
    let request = Request::build(method);
    let request = params.into_iter().fold(request, |request, params| request.params(params));
    id.into_iter().fold(request, |request, id| request.id(id)).finish()
}

fn plainly_accepted(uri: &str) -> String {
    accepted(uri).as_str().to_owned()
}

/// What was sent about a text, with its URI as the framework takes it.
fn with_uri(mut sent: Value, mut accept: impl FnMut(&str) -> String) -> Value {
    if let Some(Value::String(uri)) = sent.pointer_mut("/textDocument/uri") {
        *uri = accept(uri);
    }
    sent
}

/// The document that a question is about; `null`, which the framework refuses, where it has no URI.
fn identified(sent: &Value) -> Value {
    sent["textDocument"]["uri"].as_str().map_or(Value::Null, |uri| json!({"uri": accepted(uri)}))
}

/// A position; with `null`, which the framework refuses, for what is none.
fn position(sent: &Value) -> Value {
    json!({"line": count(&sent["line"]), "character": count(&sent["character"])})
}

/// What is wanted of code actions. Which diagnostics the client sees there we know better.
fn action_context(sent: &Value) -> Value {
    let mut context = json!({"diagnostics": []});
    if let Some(only) = sent["only"].as_array() {
        context["only"] = only.iter().filter(|it| it.is_string()).cloned().collect();
    }
    if let Some(kind) = count(&sent["triggerKind"]) {
        context["triggerKind"] = kind.into();
    }
    context
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(method: &'static str, sent: Value) -> Option<Value> {
        let request = lenient(Request::build(method).params(sent).id(1).finish(), &mut Spellings::default());
        request.into_parts().2
    }

    #[test]
    fn of_a_question_the_fields_that_we_read_are_kept() {
        let sent = json!({
            "textDocument": {"uri": "file:///a b", "version": "x"},
            "position": {"line": 1.0, "character": 4_294_967_296_u64, "more": 1},
            "context": {"triggerKind": "?", "triggerCharacter": ":"},
            "workDoneToken": {},
        });
        let position = json!({"line": 1, "character": u32::MAX});
        let expected = json!({"textDocument": {"uri": "file:///a%20b"}, "position": position});
        assert_eq!(params("textDocument/hover", sent.clone()), Some(expected.clone()));
        let context = json!({"triggerKind": 2, "triggerCharacter": ":"});
        let with_context = json!({"context": context, "position": position, "textDocument": expected["textDocument"]});
        assert_eq!(params("textDocument/completion", sent), Some(with_context));
        for no_parameters in [json!({}), json!([]), json!(null), json!("x")] {
            assert_eq!(params("shutdown", no_parameters.clone()), None);
            assert_eq!(params("initialized", no_parameters), Some(json!({})));
        }
    }

    #[test]
    fn a_question_is_cancelled_by_its_number_however_that_is_written() {
        for (sent, expected) in [(json!(70.0), json!(70)), (json!(70), json!(70)), (json!("70"), json!("70"))] {
            let request = Request::build("$/cancelRequest").params(json!({"id": sent})).finish();
            let params = lenient(request, &mut Spellings::default()).into_parts().2;
            assert_eq!(params, Some(json!({"id": expected})));
        }
    }

    #[test]
    fn diagnostics_of_other_servers_are_dropped() {
        let context = |sent: Value| {
            let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
            let sent = json!({"textDocument": {"uri": "file:///a"}, "range": range, "context": sent});
            params("textDocument/codeAction", sent).map(|it| it["context"].clone())
        };
        let foreign = json!([{"range": null, "code": 5e10, "message": {"kind": "markdown"}}]);
        let sent = json!({"diagnostics": foreign, "only": ["quickfix", 1], "triggerKind": 2.0});
        assert_eq!(context(sent), Some(json!({"diagnostics": [], "only": ["quickfix"], "triggerKind": 2})));
        assert_eq!(context(json!(null)), Some(json!({"diagnostics": []})));
    }
}
