//! The layer between the transport and the framework: order, isolation, and the phases of a session.
//!
//! * A message is handled when it arrives: its handler runs up to its first `.await` within [`Guard::call`]. So a
//!   notification, whose handler never waits, is done before the next message is handled, and a request has taken its
//!   snapshot. Edits cannot overtake each other, and an answer is about the text that the client saw.
//! * A panic costs one answer.
//! * Before `initialize` and after `shutdown`, all requests are refused and all notifications dropped.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
};

use futures_util::FutureExt;
use serde_json::Value;
use tower_lsp::{
    ExitedError,
    jsonrpc::{Error, ErrorCode, Request, Response},
};
use tower_service::Service;

use super::method::in_protocol;

/// Maximum number of characters of an error, in which the framework quotes what it cannot read.
const MAX_SHOWN: usize = 300;

/// A service with isolated panics and ordered messages.
pub(crate) struct Guard<S> {
    inner: S,
    phase: Phase,
}

/// The phase of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Fresh,
    Running,
    ShutDown,
}

/// The outcome of a message.
pub(crate) enum Answer {
    /// The response; a notification has none.
    Now(Option<Response>),
    /// The response will follow.
    Later(Pin<Box<dyn Future<Output = Option<Response>> + Send>>),
}

impl<S> Guard<S> {
    /// Whether the client has requested `shutdown`.
    pub(crate) fn is_shut_down(&self) -> bool {
        self.phase == Phase::ShutDown
    }

    pub(crate) fn new(inner: S) -> Guard<S> {
        Guard { inner, phase: Phase::Fresh }
    }
}

impl<S> Guard<S>
where
    S: Service<Request, Response = Option<Response>, Error = ExitedError>,
    S::Future: Send + 'static,
{
    /// Handles a message up to its first `.await`. Must be called in order of arrival.
    pub(crate) fn call(&mut self, request: Request) -> Answer {
        let method = in_protocol(request.method()).to_owned();
        let id = request.id().cloned();
        let refusal = match self.phase {
            Phase::Fresh if method != "initialize" => Some((-32002, "the first request must be `initialize`")),
            Phase::ShutDown => Some((-32600, "the server has been shut down")),
            _ => None,
        };
        if let Some((code, message)) = refusal {
            let error = Error { code: ErrorCode::from(code), message: message.into(), data: None };
            return Answer::Now(id.map(|id| Response::from_error(id, error)));
        }

        if let Some(id) = id.clone().filter(|_| method.starts_with("$/")) {
            // The framework drops such a request, and the client would wait for an answer.
            return Answer::Now(Some(Response::from_error(id, Error::method_not_found())));
        }

        let panicked = {
            let (method, id) = (schema::shown(&method, MAX_SHOWN), id);
            move || {
                let message = format!("internal error in `{method}`; see standard error");
                let error = Error { code: ErrorCode::InternalError, message: message.into(), data: None };
                id.map(|id| Response::from_error(id, error))
            }
        };
        let Ok(answer) = catch_unwind(AssertUnwindSafe(|| self.inner.call(request))) else {
            return Answer::Now(panicked());
        };
        let mut answer = Box::pin(AssertUnwindSafe(answer).catch_unwind().map(move |outcome| match outcome {
            Ok(response) => response.unwrap_or_default().map(with_short_error),
            Err(_) => panicked(),
        }));
        let Some(response) = answer.as_mut().now_or_never() else {
            return Answer::Later(answer);
        };
        if response.as_ref().is_some_and(Response::is_ok) {
            match method.as_str() {
                "initialize" => self.phase = Phase::Running,
                "shutdown" => self.phase = Phase::ShutDown,
                _ => {}
            }
        }
        Answer::Now(response)
    }
}

fn with_short_error(response: Response) -> Response {
    if response.is_ok() {
        return response;
    }
    let (id, result) = response.into_parts();
    let short = |error: Error| Error {
        message: schema::shown(&error.message, MAX_SHOWN).into(),
        data: error.data.map(|it| it.as_str().map_or(Value::Null, |it| schema::shown(it, MAX_SHOWN).into())),
        ..error
    };
    Response::from_parts(id, result.map_err(short))
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        task::{Context, Poll},
    };

    use futures_util::future::BoxFuture;
    use serde_json::json;

    use super::*;

    /// Records the methods of its calls; panics or waits if the method says so.
    #[derive(Clone, Default)]
    struct Inner {
        seen: Arc<Mutex<Vec<String>>>,
    }

    impl Service<Request> for Inner {
        type Response = Option<Response>;
        type Error = ExitedError;
        type Future = BoxFuture<'static, Result<Option<Response>, ExitedError>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ExitedError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request) -> Self::Future {
            let seen = self.seen.clone();
            let (method, id, _) = request.into_parts();
            panic_if(method == "panic at once");
            Box::pin(async move {
                seen.lock().unwrap().push(method.to_string());
                panic_if(method == "panic");
                if method == "wait" {
                    tokio::task::yield_now().await;
                    panic_if(true);
                }
                Ok(id.map(|id| Response::from_ok(id, Value::Null)))
            })
        }
    }

    /// Without the report that a real panic prints.
    fn panic_if(it: bool) {
        if it {
            std::panic::resume_unwind(Box::new("on purpose"));
        }
    }

    fn running() -> (Guard<Inner>, Inner) {
        let inner = Inner::default();
        let mut guard = Guard::new(inner.clone());
        call(&mut guard, "initialize", Some(0));
        inner.seen.lock().unwrap().clear();
        (guard, inner)
    }

    /// The answer as a string; `later` for one that follows.
    fn call(guard: &mut Guard<Inner>, method: &'static str, id: Option<i64>) -> String {
        let request = id.into_iter().fold(Request::build(method), |request, id| request.id(id));
        match guard.call(request.finish()) {
            Answer::Now(None) => "nothing".to_owned(),
            Answer::Now(Some(response)) => json!(response).to_string(),
            Answer::Later(_) => "later".to_owned(),
        }
    }

    #[test]
    fn a_panic_costs_one_answer() {
        let (mut guard, _) = running();
        for method in ["panic", "panic at once"] {
            let message = format!("internal error in `{method}`; see standard error");
            let expected = json!({"jsonrpc": "2.0", "error": {"code": -32603, "message": message}, "id": 1});
            assert_eq!(call(&mut guard, method, Some(1)), expected.to_string());
            assert_eq!(call(&mut guard, method, None), "nothing");
        }
        let expected = json!({"jsonrpc": "2.0", "result": null, "id": 2});
        assert_eq!(call(&mut guard, "hover", Some(2)), expected.to_string());
    }

    #[tokio::test]
    async fn a_panic_after_an_await_costs_one_answer() {
        let (mut guard, _) = running();
        let Answer::Later(answer) = guard.call(Request::build("wait").id(1).finish()) else { panic!("not later") };
        assert_eq!(answer.await.unwrap().error().unwrap().code, ErrorCode::InternalError);
    }

    #[test]
    fn messages_are_handled_in_order_of_arrival() {
        let (mut guard, inner) = running();
        let methods = ["edit", "wait", "edit", "wait", "wait", "wait", "wait", "hover"];
        for (i, method) in methods.into_iter().enumerate() {
            call(&mut guard, method, (method != "edit").then_some(i as i64));
        }
        assert_eq!(*inner.seen.lock().unwrap(), methods);
    }

    #[test]
    fn requests_outside_of_a_session_are_refused() {
        let mut guard = Guard::new(Inner::default());
        assert!(call(&mut guard, "hover", Some(1)).contains("-32002"));
        assert_eq!(call(&mut guard, "edit", None), "nothing");
        assert!(call(&mut guard, "initialize", Some(2)).contains("result"));
        assert!(!guard.is_shut_down());
        assert!(call(&mut guard, "shutdown", Some(3)).contains("result"));
        assert!(guard.is_shut_down());
        assert!(call(&mut guard, "hover", Some(4)).contains("-32600"));
    }
}
