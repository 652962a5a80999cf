//! The notification `dstack/release`, described in `server/docs/protocol.md`.

use serde_json::json;
use tower_lsp::ls_types as lsp;

/// `dstack/release`: the release that a document is checked against, and its origin. See `server/docs/protocol.md`.
pub(crate) enum DocumentRelease {}

impl lsp::notification::Notification for DocumentRelease {
    type Params = serde_json::Value;
    const METHOD: &'static str = "dstack/release";
}

/// The parameters of [`DocumentRelease`] for a document.
pub(crate) fn release(uri: &lsp::Uri, target: &ide::Target) -> serde_json::Value {
    let mut params = json!({
        "uri": uri,
        "release": target.release.to_string(),
        "origin": target.origin.name(),
        "source": target.origin.words(),
    });
    if let Some(note) = &target.note {
        params["note"] = note.as_ref().into();
    }
    params
}
