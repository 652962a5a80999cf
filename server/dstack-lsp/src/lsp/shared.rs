//! What all messages share: the client, the open documents, and how an answer about one of them is computed.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use ide::{Options, Origin, Target};
use serde_json::Value;
use tokio::{
    runtime::Handle,
    task::{JoinError, spawn_blocking},
};
use tower_lsp::{Client, ls_types as lsp};
use tracing::{Span, debug, info, trace};

use super::{
    capabilities::Abilities,
    config_reports::ConfigReports,
    snapshot::{Chosen, OptionsSource, Snapshot},
    state::State,
    turns::{Cancellation, Lane, Turns},
    uri,
};
use crate::{
    disk,
    in_time::{Outcome, in_time},
    sync::lock,
};

/// How long a client may take to answer a request of the server.
pub(crate) const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the first answer about a document waits for the files that pin dstack or configure dstack-lsp.
const PIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Maximum number of characters of a message to the user; what it quotes from a setting or a file is shortened earlier.
const MAX_MESSAGE: usize = 1_000;

/// Maximum number of log lines that are remembered, so that a line is not repeated.
const MAX_LOGGED: usize = 1_000;

/// What all messages share.
pub(crate) struct Shared {
    pub(crate) client: Client,
    pub(crate) abilities: OnceLock<Abilities>,
    pub(crate) state: Mutex<State>,
    turns: Turns,
    /// The last line that was logged about the release of each folder, by the folder and the origin of the release.
    logged: Mutex<HashMap<(Option<PathBuf>, String), String>>,
    /// Folders of documents that did not answer in time; no other document waits for them.
    unresponsive: Mutex<HashSet<Option<PathBuf>>>,
    /// The mistakes in configurations, as the client has them.
    config_reports: ConfigReports,
    /// Sends the diagnostics of all documents again, to clients that do not pull them.
    republish: fn(&Arc<Shared>),
}

impl Shared {
    /// For a client; `republish` is called when all documents are invalidated.
    pub(crate) fn new(client: Client, republish: fn(&Arc<Shared>)) -> Shared {
        Shared {
            client,
            abilities: OnceLock::new(),
            state: Mutex::default(),
            turns: Turns::of_server(),
            logged: Mutex::default(),
            unresponsive: Mutex::default(),
            config_reports: ConfigReports::default(),
            republish,
        }
    }

    /// What the client can do; nothing before `initialize`.
    pub(crate) fn abilities(&self) -> &Abilities {
        self.abilities.get_or_init(Abilities::default)
    }

    /// Applies settings from a client, those of the workspace and those of folders in it; documents are checked again if the
    /// settings differ.
    pub(crate) fn configure(self: &Arc<Shared>, sent: &Value, of_folders: Vec<(String, Value)>) {
        let (settings, mut problems) = lock(&self.state).settings().with(sent);
        let of_folder = |(uri, sent)| {
            let (settings, more) = settings.with(&sent);
            problems.extend(more);
            (uri, settings)
        };
        let of_folders = of_folders.into_iter().map(of_folder).collect();
        problems.dedup();
        for problem in problems {
            self.show_message(lsp::MessageType::WARNING, problem);
        }
        let release = settings.release.clone();
        if lock(&self.state).configure(settings, of_folders) {
            if let Some(named) = release {
                self.log(checked_against(&Target::named(&named, Origin::Setting)));
            }
            self.refresh_diagnostics();
        }
    }

    /// Requests the settings from a client that can be asked for them. Returns at once.
    pub(crate) fn request_settings(self: &Arc<Shared>) {
        if !self.abilities().configuration {
            return;
        }
        let shared = self.clone();
        let folders = lock(&shared.state).folders();
        tokio::spawn(async move {
            let item = |scope_uri| lsp::ConfigurationItem { scope_uri, section: Some("dstack".to_owned()) };
            let scopes = folders.iter().map(|it| Some(uri::accepted(it)));
            let items = [item(None)].into_iter().chain(scopes.map(item)).collect();
            let response = tokio::time::timeout(CLIENT_TIMEOUT, shared.client.configuration(items)).await;
            let Ok(Ok(sent)) = response else { return };
            let mut sent = sent.into_iter();
            let workspace = sent.next().unwrap_or_default();
            shared.configure(&workspace, folders.into_iter().zip(sent).collect());
        });
    }

    /// Sends or announces new diagnostics of all documents, after they were invalidated. Returns at once.
    pub(crate) fn refresh_diagnostics(self: &Arc<Shared>) {
        (self.republish)(self);
        self.request_pull();
    }

    /// Asks a client that pulls diagnostics to pull them again, if it supports that. Returns at once.
    pub(crate) fn request_pull(&self) {
        if self.abilities().pull_refresh {
            let client = self.client.clone();
            tokio::spawn(
                async move { tokio::time::timeout(CLIENT_TIMEOUT, client.workspace_diagnostic_refresh()).await },
            );
        }
    }

    /// Reads the files that pin dstack or configure dstack-lsp again, on a thread. Returns at once; requests that arrive during
    /// a scan are combined into one more scan.
    pub(crate) fn scan_pins(self: &Arc<Shared>) {
        let Some(mut pins) = lock(&self.state).start_pin_scan() else { return };
        let shared = self.clone();
        tokio::spawn(async move {
            loop {
                let (late, runtime) = (shared.clone(), Handle::current());
                let late = move || {
                    let _within = runtime.enter();
                    late.invalidate_all();
                };
                // A panic costs this scan; its place is printed on standard error.
                let is_new = spawn_blocking(move || pins.again(PIN_TIMEOUT, late)).await.unwrap_or_default();
                debug!(is_new, "read the files that pin dstack or configure dstack-lsp again");
                let next = lock(&shared.state).finish_pin_scan();
                if is_new {
                    shared.invalidate_all();
                }
                let Some(next) = next else { return };
                pins = next;
            }
        });
    }

    /// Checks all documents again.
    fn invalidate_all(self: &Arc<Shared>) {
        lock(&self.state).invalidate_all();
        self.refresh_diagnostics();
    }

    /// Computes an answer about a version of a document, on a thread when its turn comes. `None` if the document is not a
    /// dstack file, or the answer was cancelled. Dropping the future cancels the work.
    ///
    /// # Errors
    /// If the work panicked.
    pub(crate) async fn answer<T: Send + 'static>(
        self: &Arc<Shared>,
        snapshot: &Arc<Snapshot>,
        lane: Lane,
        work: impl FnOnce(&Arc<ide::Document>, &Cancellation) -> T + Send + 'static,
    ) -> Result<Option<T>, JoinError> {
        let (cancellation, _cancel_on_drop) = Cancellation::new();
        if !self.choose_options(snapshot, lane).await? {
            return Ok(None);
        }
        let turn = self.turns.wait(snapshot.turns(), lane).await;
        let snapshot = snapshot.clone();
        let span = Span::current();
        let work = move || {
            let _turn = turn;
            let _in_span = span.entered();
            trace!("on a thread");
            let document = (!cancellation.is_cancelled()).then(|| snapshot.document())??;
            trace!(bytes = document.text().len(), "parsed and bound");
            let answer = (!cancellation.is_cancelled()).then(|| work(&document, &cancellation));
            trace!(is_cancelled = cancellation.is_cancelled(), "computed");
            answer
        };
        spawn_blocking(work).await
    }

    /// Chooses the options of a document, unless that was done before. Returns false if the document is
    /// not a dstack file; then no file is read for it. Holds no turn while it waits for files.
    async fn choose_options(self: &Arc<Shared>, snapshot: &Arc<Snapshot>, lane: Lane) -> Result<bool, JoinError> {
        let (options, source) = snapshot.options();
        if options.initialized() {
            return Ok(true);
        }
        if snapshot.is_any_yaml() {
            let turn = self.turns.wait(snapshot.turns(), lane).await;
            let snapshot = snapshot.clone();
            let is_dstack_file = move || {
                let _turn = turn;
                snapshot.kind().is_some()
            };
            if !spawn_blocking(is_dstack_file).await? {
                return Ok(false);
            }
        }
        // A task of its own: if a cancelled request dropped it, a result in time would be treated as a late one.
        let find = || tokio::spawn(self.clone().find_options(source.clone()));
        options.get_or_try_init(async || find().await).await?;
        Ok(true)
    }

    /// The options of a document: without those of its files while its folder does not answer; when it does, documents are checked again.
    async fn find_options(self: Arc<Shared>, source: OptionsSource) -> Options {
        let folder = source.folder();
        let mut outcome = Outcome::Later;
        if !lock(&self.unresponsive).contains(&folder) {
            let has_answered = Arc::new(Mutex::new(false));
            let (shared, answered, of, runtime) =
                (self.clone(), has_answered.clone(), folder.clone(), Handle::current());
            let late = move |_| {
                let _within = runtime.enter();
                *lock(&answered) = true;
                lock(&shared.unresponsive).remove(&of);
                shared.invalidate_all();
            };
            let asked = source.clone();
            outcome = in_time(PIN_TIMEOUT, move || asked.choose(), late).await;
            let has_answered = lock(&has_answered);
            if outcome.is_later() && !*has_answered {
                lock(&self.unresponsive).insert(folder);
            }
        }
        if let Outcome::Now(chosen) = outcome {
            let target = &chosen.found.options.target;
            info!(release = %target.release, origin = target.origin.name(), "chose the release of a document");
            self.log_release(&chosen);
            self.publish_config_reports();
            return chosen.found.options;
        }
        info!("the folder of a document does not answer in time");
        let note = "the files that may pin a release cannot be read at the moment";
        let options = source.without_files(Target { note: Some(note.into()), ..Target::newest() });
        self.log(checked_against(&options.target));
        options
    }

    /// Logs what the files of a folder are checked against, unless that was the last line about it.
    fn log_release(&self, chosen: &Chosen) {
        let Chosen { folder, found } = chosen;
        let mut lines = vec![];
        let target = &found.options.target;
        if target.origin != Origin::Setting {
            let place = folder.as_ref().map_or(String::new(), |it| format!(" in `{}`", disk::shown(it)));
            let line = checked_against(target).replacen("files", &format!("files{place}"), 1);
            lines.push((target.origin.name().to_owned(), line));
        }
        // A problem is its own key, so that it is logged once.
        lines.extend(found.problems.iter().map(|it| (it.clone(), it.clone())));
        let mut logged = lock(&self.logged);
        if logged.len() > MAX_LOGGED {
            logged.clear();
        }
        for (origin, line) in lines {
            let key = (folder.clone(), origin);
            if logged.get(&key) != Some(&line) {
                logged.insert(key, line.clone());
                self.log(line);
            }
        }
    }

    /// Publishes the mistakes in the configurations of the open documents, as far as the client does not have them. Returns at
    /// once.
    pub(crate) fn publish_config_reports(self: &Arc<Shared>) {
        let shared = self.clone();
        tokio::spawn(async move {
            let current = || lock(&shared.state).config_reports();
            shared.config_reports.publish(current, &shared.client, shared.abilities().encoding).await;
        });
    }

    /// Shows the user a message. Returns at once.
    pub(crate) fn show_message(&self, kind: lsp::MessageType, message: String) {
        let (client, message) = (self.client.clone(), disk::drawn(&schema::shown(&message, MAX_MESSAGE)));
        tokio::spawn(async move { client.show_message(kind, message).await });
    }

    /// Writes into the client's log. Returns at once.
    pub(crate) fn log(&self, message: String) {
        let (client, message) = (self.client.clone(), disk::drawn(&schema::shown(&message, MAX_MESSAGE)));
        tokio::spawn(async move { client.log_message(lsp::MessageType::INFO, message).await });
    }
}

/// `files are checked against dstack 0.19.40 (from `uv.lock`)`, and why it is not the requested release.
fn checked_against(target: &Target) -> String {
    let note = target.note.as_ref().map_or(String::new(), |it| format!(": {it}"));
    format!("files are checked against {}{note}", target.words())
}
