//! What each request about a document declares.

use serde::Serialize;
use serde_json::Value;
use tower_lsp::ls_types as lsp;

use crate::lsp::{
    capabilities::Abilities,
    convert::{View, document},
    method::Method,
    state::State,
    turns::Lane,
};

/// A request about one document. The value holds its parameters, apart from the document.
pub(crate) trait DocumentRequest: Sized + Send + 'static {
    /// Its name.
    const METHOD: Method;

    /// The result, as the protocol defines it.
    type Answer: Serialize + Send;

    /// Adds the request to what the server offers this client.
    fn advertise(abilities: &Abilities, capabilities: &mut lsp::ServerCapabilities);

    /// The document, from the parameters as the client sent them.
    fn document(sent: &Value) -> Option<lsp::Uri> {
        document::uri_of(sent)
    }

    /// Reads the parameters as the client sent them: only the fields that are used, however they are written. The error says
    /// which one is missing or wrong.
    fn parse(sent: &Value) -> Result<Self, &'static str>;

    /// The lane in which the request waits for its turn.
    fn lane(&self) -> Lane {
        Lane::Cursor
    }

    /// Called when the request arrives, before anything is awaited, whether or not the document is open.
    fn arrived(_state: &mut State, _uri: &str) {}

    /// Computes the answer, on a blocking thread.
    fn answer(self, view: &View<'_>) -> Self::Answer;

    /// The answer about a document that is not open, is not a dstack file, or has an unknown text.
    fn empty(&self) -> Self::Answer;
}
