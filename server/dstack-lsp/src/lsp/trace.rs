//! What is recorded of each message: a span and an event in the [log](crate::log), and `$/logTrace` for a client that asked for
//! it with `trace` in `initialize` or with `$/setTrace`. Neither quotes parameters or results.

use std::time::Instant;

use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Request, Response};
use tracing::{Span, debug, debug_span, error, field::Empty};

use crate::disk::drawn;

/// Maximum number of characters of a method or an identifier.
const MAX_SHOWN: usize = 80;

/// What a client wants to know about messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trace {
    /// Nothing.
    #[default]
    Off,
    /// That a message was handled, and how long it took.
    Messages,
    /// Also its identifier and the code of its error.
    Verbose,
}

impl Trace {
    /// Follows what the client sets with a message.
    pub(crate) fn watch(&mut self, request: &Request) {
        let value = match request.method() {
            "initialize" => request.params().and_then(|it| it.get("trace")),
            "$/setTrace" if request.id().is_none() => request.params().and_then(|it| it.get("value")),
            _ => None,
        };
        match value.and_then(Value::as_str) {
            Some("off") => *self = Trace::Off,
            Some("messages") => *self = Trace::Messages,
            Some("verbose") => *self = Trace::Verbose,
            _ => {}
        }
    }
}

/// A message that is being handled.
pub(crate) struct Handling {
    method: String,
    id: Option<String>,
    started: Instant,
    /// Holds what is logged while the message is handled.
    pub(crate) span: Span,
}

impl Handling {
    /// Starts now.
    pub(crate) fn new(request: &Request) -> Handling {
        let shown = |it: &str| drawn(&schema::shown(it, MAX_SHOWN));
        let (method, id) = (shown(request.method()), request.id().map(|it| shown(&it.to_string())));
        let span = debug_span!("message", method, id, document = Empty, version = Empty);
        Handling { method, id, started: Instant::now(), span }
    }

    /// Logs the end of the work. Returns the `$/logTrace` notification for the client, if it wants one.
    pub(crate) fn finish(self, response: Option<&Response>, trace: Trace) -> Option<Value> {
        let milliseconds = self.started.elapsed().as_micros() as f64 / 1_000.0;
        let code = response.and_then(|it| it.error()).map(|it| it.code.code());
        match code {
            // The work panicked.
            Some(-32603) => error!(parent: &self.span, milliseconds, "failed"),
            _ => debug!(parent: &self.span, milliseconds, error = code, "done"),
        }
        let done = if self.id.is_some() { "answered" } else { "handled" };
        let message = format!("{} {done} in {milliseconds:.1} ms", self.method);
        let params = match trace {
            Trace::Off => return None,
            Trace::Messages => json!({"message": message}),
            Trace::Verbose => {
                let id = self.id.map(|it| format!("id {it}"));
                let code = code.map(|it| format!("error {it}"));
                let verbose = id.into_iter().chain(code).collect::<Vec<_>>().join(", ");
                let verbose = (!verbose.is_empty()).then_some(verbose);
                let more = verbose.map(|it| json!({"message": message, "verbose": it}));
                more.unwrap_or_else(|| json!({"message": message}))
            }
        };
        Some(json!({"jsonrpc": "2.0", "method": "$/logTrace", "params": params}))
    }
}

#[cfg(test)]
mod tests {
    use tower_lsp::jsonrpc::Error;

    use super::*;

    fn request(method: &'static str, params: Value) -> Request {
        Request::build(method).params(params).finish()
    }

    #[test]
    fn the_client_sets_what_it_wants_to_know() {
        let mut trace = Trace::default();
        let mut after = |method, params| {
            trace.watch(&request(method, params));
            trace
        };
        assert_eq!(after("initialize", json!({"trace": "messages"})), Trace::Messages);
        assert_eq!(after("$/setTrace", json!({"value": "verbose"})), Trace::Verbose);
        assert_eq!(after("$/setTrace", json!({"value": "loud"})), Trace::Verbose);
        assert_eq!(after("textDocument/hover", json!({"value": "off"})), Trace::Verbose);
        assert_eq!(after("$/setTrace", json!({"value": "off"})), Trace::Off);
    }

    #[test]
    fn a_trace_tells_the_method_and_the_outcome_but_no_parameters() {
        let hover = Request::build("textDocument/hover").id(7).params(json!({"secret": "hush"})).finish();
        let refused = Response::from_error(7.into(), Error::invalid_params("hush"));
        let traced = |trace| Handling::new(&hover).finish(Some(&refused), trace);
        assert_eq!(traced(Trace::Off), None);
        let messages = traced(Trace::Messages).unwrap();
        assert!(messages["params"]["message"].as_str().unwrap().starts_with("textDocument/hover answered in "));
        assert_eq!(messages["params"].get("verbose"), None);
        let verbose = traced(Trace::Verbose).unwrap();
        assert_eq!(verbose["params"]["verbose"], "id 7, error -32602");
        assert!(!verbose.to_string().contains("hush"));
        let edit = Handling::new(&request("textDocument/didChange", json!({}))).finish(None, Trace::Verbose).unwrap();
        assert!(edit["params"]["message"].as_str().unwrap().starts_with("textDocument/didChange handled in "));
    }
}
