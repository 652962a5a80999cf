//! Messages in the form that the framework accepts.
//!
//! The framework refuses a message for one odd value in a field that is never read: a diagnostic of another server, a column
//! that is written `3.0`, parameters where there should be none. So it gets of each message only the fields that are read, in
//! a form that parses. An edit that it refuses would be dropped silently, and all later edits would be applied to the wrong
//! text. So messages about documents are routed to methods of our own, which get what the client sent.

use serde_json::{Value, json};
use tower_lsp::jsonrpc::Request;

use super::{
    convert::number::whole,
    method::{Method, method},
    requests,
    uri::{self, Spellings, accepted},
};

/// Read by `convert::document::opened`.
pub(crate) const DID_OPEN: Method = method!("textDocument/didOpen");
/// Read by `convert::document::edited`.
pub(crate) const DID_CHANGE: Method = method!("textDocument/didChange");
/// Read by `convert::document::closed`.
pub(crate) const DID_CLOSE: Method = method!("textDocument/didClose");

/// A refused message, as a string, for `convert::document::may_be_about`; `{}` if it cannot be read at all.
pub(crate) const UNREADABLE: &str = "dstack-lsp/unreadable";

/// Returns a message in a form that the framework accepts.
pub(crate) fn normalized(request: Request, spellings: &mut Spellings) -> Request {
    let (method, id, params) = request.into_parts();
    let sent = params.unwrap_or_default();
    let about_document = requests::ALL.iter().find(|it| it.method.name == method).map(|it| it.method);
    let (method, params) = match &*method {
        "initialize" => {
            uri::folders(&sent).iter().for_each(|it| _ = spellings.learn(it));
            // The server reads what the client sent from the place of its options.
            (method, Some(json!({"capabilities": {}, "initializationOptions": sent})))
        }
        "initialized" => (method, Some(json!({}))),
        "shutdown" => (method, None),
        it if it == DID_OPEN.name => (DID_OPEN.route.into(), Some(with_uri(sent, |it| spellings.learn(it)))),
        it if it == DID_CHANGE.name => (DID_CHANGE.route.into(), Some(with_uri(sent, accepted_string))),
        it if it == DID_CLOSE.name => (DID_CLOSE.route.into(), Some(with_uri(sent, |it| spellings.close(it)))),
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
        _ => match about_document {
            Some(method) => (method.route.into(), Some(sent)),
            None => (method, Some(sent).filter(|it| !it.is_null())),
        },
    };
    // The framework would refuse it as a request, and the text would differ from the client's.
    let id = id.filter(|_| ![DID_OPEN, DID_CHANGE, DID_CLOSE].iter().any(|it| it.route == method));
    let request = Request::build(method);
    let request = params.into_iter().fold(request, |request, params| request.params(params));
    id.into_iter().fold(request, |request, id| request.id(id)).finish()
}

fn accepted_string(uri: &str) -> String {
    accepted(uri).as_str().to_owned()
}

/// What was sent about a document, with its URI as the framework takes it.
fn with_uri(mut sent: Value, mut accept: impl FnMut(&str) -> String) -> Value {
    if let Some(Value::String(uri)) = sent.pointer_mut("/textDocument/uri") {
        *uri = accept(uri);
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized(method: &'static str, sent: Value) -> (String, Option<Value>) {
        let request = Request::build(method).params(sent).id(1).finish();
        let (method, _, params) = super::normalized(request, &mut Spellings::default()).into_parts();
        (method.into_owned(), params)
    }

    #[test]
    fn parameters_that_should_be_absent_are_dropped() {
        for odd in [json!({}), json!([]), json!(null), json!("x")] {
            assert_eq!(normalized("shutdown", odd.clone()).1, None);
            assert_eq!(normalized("initialized", odd).1, Some(json!({})));
        }
    }

    #[test]
    fn requests_about_documents_keep_their_parameters() {
        for request in requests::ALL {
            for sent in [json!({"textDocument": {"uri": "file:///a b"}, "more": 1.0}), Value::Null] {
                let expected = (request.method.route.to_owned(), Some(sent.clone()));
                assert_eq!(normalized(request.method.name, sent), expected);
            }
        }
    }

    #[test]
    fn a_cancelled_request_is_found_however_its_number_is_written() {
        for (sent, expected) in [(json!(70.0), json!(70)), (json!(70), json!(70)), (json!("70"), json!("70"))] {
            assert_eq!(normalized("$/cancelRequest", json!({"id": sent})).1, Some(json!({"id": expected})));
        }
    }
}
