//! What clients hear without asking: diagnostics, unless they ask for them, and the release that a document is checked
//! against, where they want to show it.
//!
//! There is no delay: after a change they are made at once, on a thread of their own. While they are made the text may
//! change again; then they are dropped, and made for the latest version, so that a burst of keys costs two rounds.

use std::sync::Arc;

use tower_lsp::ls_types as lsp;

use super::{
    Shared,
    convert::{
        View,
        release::{DocumentRelease, release},
    },
    lock,
    turns::{Cancellation, Lane},
};

/// Make and send what there is to say of a document, unless someone is at it. Returns at once.
pub(crate) fn publish(shared: &Arc<Shared>, uri: &lsp::Uri) {
    let is_awaited = !shared.abilities().pull || shared.abilities().releases;
    if !is_awaited || !lock(&shared.state).begin_diagnosing(uri.as_str()) {
        return;
    }
    tokio::spawn(publish_until_latest(shared.clone(), uri.clone()));
}

/// Take back what was said about a document that is closed, or whose text is unknown. Returns at once.
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
        let make = move |document: &Arc<ide::Document>, cancellation: &Cancellation| {
            let view = View { uri: &about, version, document, abilities: asked.abilities(), cancellation };
            let is_pushed = !asked.abilities().pull;
            let diagnostics = is_pushed.then(|| view.diagnostics(&ide::diagnostics(document)));
            (document.target().clone(), diagnostics)
        };
        let made = shared.ask(&snapshot, Lane::Findings, make).await;
        // A panic costs the diagnostics of this version; where it happened is on standard error.
        let (target, diagnostics) = made.unwrap_or_default().unzip();
        if let Some(target) = target
            && shared.abilities().releases
            && lock(&shared.state).tell_release(uri.as_str(), revision, &target)
        {
            let release = release(&uri, &target);
            shared.client.send_notification::<DocumentRelease>(release).await;
        }
        if shared.abilities().pull {
            continue;
        }
        let diagnostics = diagnostics.flatten();
        // What is no longer ours is cleared once; about files of others we keep silent.
        if lock(&shared.state).tell(uri.as_str(), revision, diagnostics.is_some()) {
            let diagnostics = diagnostics.unwrap_or_default();
            shared.client.publish_diagnostics(uri.clone(), diagnostics, version).await;
        }
    }
}
