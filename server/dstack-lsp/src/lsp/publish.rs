//! What the server sends about documents without a request: diagnostics, to clients that do not pull them, and the release
//! that a document is checked against, to clients that show it.
//!
//! There is no delay: after a change, diagnostics are computed at once, on a thread. If the text changes again in the
//! meantime, they are dropped and computed for the latest version, so that a burst of keys costs two rounds.

use std::{str::FromStr, sync::Arc};

use tower_lsp::ls_types as lsp;
use tracing::{Instrument, debug, debug_span};

use super::{
    convert::{
        View,
        release::{DocumentRelease, release},
    },
    shared::Shared,
    turns::{Cancellation, Lane},
    uri,
};
use crate::{log, sync::lock};

/// Publishes what there is to say about all open documents. Returns at once.
pub(crate) fn publish_all(shared: &Arc<Shared>) {
    let uris = lock(&shared.state).uris();
    for uri in uris.iter().filter_map(|it| lsp::Uri::from_str(it).ok()) {
        publish(shared, &uri);
    }
}

/// Publishes what there is to say about a document, unless a task for it is already running. Returns at once.
pub(crate) fn publish(shared: &Arc<Shared>, uri: &lsp::Uri) {
    let is_awaited = !shared.abilities().pull || shared.abilities().releases;
    if !is_awaited || !lock(&shared.state).start_diagnosing(uri.as_str()) {
        return;
    }
    tokio::spawn(publish_until_latest(shared.clone(), uri.clone()));
}

/// Withdraws the diagnostics of a document that is closed, or whose text is unknown. Returns at once.
pub(crate) fn withdraw(shared: &Arc<Shared>, uri: &lsp::Uri) {
    if shared.abilities().pull {
        return;
    }
    let (client, uri) = (shared.client.clone(), uri.clone());
    tokio::spawn(async move { client.publish_diagnostics(uri, vec![], None).await });
}

async fn publish_until_latest(shared: Arc<Shared>, uri: lsp::Uri) {
    loop {
        let Some(snapshot) = lock(&shared.state).next_to_diagnose(uri.as_str()) else { return };
        let (revision, version) = (snapshot.revision, snapshot.version);
        let (asked, about) = (shared.clone(), uri.clone());
        let work = move |document: &Arc<ide::Document>, cancellation: &Cancellation| {
            let view = View { uri: &about, version, document, abilities: asked.abilities(), cancellation };
            let is_pushed = !asked.abilities().pull;
            let diagnostics = is_pushed.then(|| view.diagnostics(&ide::diagnostics(document)));
            (document.target().clone(), diagnostics)
        };
        let span = debug_span!("publish", document = log::document(uri.as_str(), &uri::path(uri.as_str())), version);
        let answer = shared.answer(&snapshot, Lane::Findings, work).instrument(span.clone()).await;
        // A panic costs the diagnostics of this version; its place is printed on standard error.
        let (target, diagnostics) = answer.unwrap_or_default().unzip();
        if let Some(target) = target
            && shared.abilities().releases
            && lock(&shared.state).should_announce_release(uri.as_str(), revision, &target)
        {
            let release = release(&uri, &target);
            shared.client.send_notification::<DocumentRelease>(release).await;
        }
        if shared.abilities().pull {
            continue;
        }
        let diagnostics = diagnostics.flatten();
        // A document that is no longer a dstack file is cleared once; nothing is sent about other files.
        if lock(&shared.state).record_published(uri.as_str(), revision, diagnostics.is_some()) {
            let diagnostics = diagnostics.unwrap_or_default();
            debug!(parent: &span, diagnostics = diagnostics.len(), "published");
            shared.client.publish_diagnostics(uri.clone(), diagnostics, version).await;
        }
    }
}
