//! The requests about documents, one file each: what is offered, the parameters, the work and the answer.

mod code_action;
mod code_action_resolve;
mod completion;
mod diagnostic;
mod document_symbol;
mod hover;
mod request;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;
use tower_lsp::{
    jsonrpc::{Error, Result},
    ls_types as lsp,
};
use tracing::Span;

use self::request::DocumentRequest;
use super::{
    capabilities::Abilities, convert::View, encoded::encode, method::Method, shared::Shared, turns::Cancellation, uri,
};
use crate::{log, sync::lock};

/// All requests.
pub(crate) const ALL: &[Request] = &[
    Request::of::<code_action::CodeAction>(),
    Request::of::<code_action_resolve::CodeActionResolve>(),
    Request::of::<completion::Completion>(),
    Request::of::<diagnostic::PullDiagnostics>(),
    Request::of::<document_symbol::DocumentSymbol>(),
    Request::of::<hover::Hover>(),
];

/// A [`DocumentRequest`] whose type is erased.
#[derive(Clone, Copy)]
pub(crate) struct Request {
    /// Its name.
    pub(crate) method: Method,
    /// See [`DocumentRequest::advertise`].
    pub(crate) advertise: fn(&Abilities, &mut lsp::ServerCapabilities),
    /// Answers the request with these parameters.
    pub(crate) handle: fn(Arc<Shared>, Value) -> BoxFuture<'static, Result<Value>>,
}

impl Request {
    const fn of<R: DocumentRequest>() -> Request {
        Request {
            method: R::METHOD,
            advertise: R::advertise,
            handle: |shared, sent| Box::pin(handle::<R>(shared, sent)),
        }
    }
}

async fn handle<R: DocumentRequest>(shared: Arc<Shared>, sent: Value) -> Result<Value> {
    let uri = R::document(&sent).ok_or_else(|| Error::invalid_params("`textDocument` needs a `uri`"))?;
    let request = R::parse(&sent).map_err(Error::invalid_params)?;
    let snapshot = {
        let mut state = lock(&shared.state);
        R::arrived(&mut state, uri.as_str());
        state.snapshot(uri.as_str())
    };
    let span = Span::current();
    span.record("document", log::document(uri.as_str(), &uri::path(uri.as_str())));
    let empty = request.empty();
    let Some(snapshot) = snapshot else { return encoded(empty) };
    span.record("version", snapshot.version);
    let (lane, version, asked) = (request.lane(), snapshot.version, shared.clone());
    let work = move |document: &Arc<ide::Document>, cancellation: &Cancellation| {
        encoded(request.answer(&View { uri: &uri, version, document, abilities: asked.abilities(), cancellation }))
    };
    match shared.answer(&snapshot, lane, work).await {
        Ok(answer) => answer.unwrap_or_else(|| encoded(empty)),
        // The work panicked.
        Err(_) => Err(Error { message: "internal error; see standard error".into(), ..Error::internal_error() }),
    }
}

fn encoded(answer: impl serde::Serialize) -> Result<Value> {
    encode(&answer).map_err(|_| Error::internal_error())
}
