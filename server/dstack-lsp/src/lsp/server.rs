//! The methods of the protocol, apart from the [requests] about documents. None of these handlers awaits
//! anything: see [`Guard`](super::guard::Guard).

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tower_lsp::{Client, ClientSocket, LanguageServer, LspService, jsonrpc::Result, ls_types as lsp};
use tracing::{Span, debug, info, trace, warn};

use super::{
    capabilities::{self, Abilities},
    convert::document,
    normalize, publish, requests,
    shared::{CLIENT_TIMEOUT, Shared},
    state::Changed,
    uri,
};
use crate::{log, project::version, sync::lock};

/// Maximum number of characters of a path in a message.
const MAX_PATH: usize = 300;

/// Files that may pin dstack: see [`disk::pin_files`](crate::disk::pin_files).
const WATCHED: [&str; 5] = [
    "**/{uv.lock,poetry.lock,pdm.lock,pylock.toml,pyproject.toml,dstack-lsp.toml}",
    "**/requirements*.txt",
    "**/requirements/*.txt",
    "**/{.venv,venv}/lib/python*/site-packages/dstack-*.dist-info",
    "**/{.venv,venv}/Lib/site-packages/dstack-*.dist-info",
];

/// The server, as the framework sees it.
pub(crate) struct Server {
    shared: Arc<Shared>,
}

impl Server {
    /// The framework's service with all methods, and its connection to the client.
    pub(crate) fn service() -> (LspService<Server>, ClientSocket) {
        let new = |client| Server { shared: Arc::new(Shared::new(client, publish::publish_all)) };
        let mut service = LspService::build(new)
            .custom_method(normalize::DID_OPEN.route, Server::open)
            .custom_method(normalize::DID_CHANGE.route, Server::change)
            .custom_method(normalize::DID_CLOSE.route, Server::close)
            .custom_method(normalize::UNREADABLE, Server::unreadable);
        for request in requests::ALL {
            let handle = |server: &Server, sent: Value| (request.handle)(server.shared.clone(), sent);
            service = service.custom_method(request.method.route, handle);
        }
        service.finish()
    }
}

impl LanguageServer for Server {
    async fn initialize(&self, params: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        let sent = params.initialization_options.unwrap_or_default();
        let abilities = self.shared.abilities.get_or_init(|| Abilities::of(&sent));
        let (settings, problems) = lock(&self.shared.state).settings().with(&sent["initializationOptions"]);
        let folders = uri::folders(&sent).iter().map(|it| uri::accepted(it).to_string()).collect();
        lock(&self.shared.state).change_folders(folders, &[]);
        lock(&self.shared.state).configure(settings, vec![]);
        for problem in problems {
            self.shared.show_message(lsp::MessageType::WARNING, problem);
        }
        let client = sent.pointer("/clientInfo/name").and_then(Value::as_str).unwrap_or_default();
        info!(client = schema::shown(client, 40), encoding = ?abilities.encoding, "a session begins");
        let mut capabilities = capabilities::server(abilities);
        requests::ALL.iter().for_each(|it| (it.advertise)(abilities, &mut capabilities));
        Ok(lsp::InitializeResult {
            capabilities,
            server_info: Some(lsp::ServerInfo {
                name: "dstack-lsp".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            offset_encoding: None,
        })
    }

    async fn initialized(&self, _: lsp::InitializedParams) {
        self.shared.log(format!("dstack-lsp {}", version()));
        let registrations = registrations(self.shared.abilities());
        if !registrations.is_empty() {
            tokio::spawn(register(self.shared.client.clone(), registrations));
        }
        self.shared.request_settings();
        // So that the first file that is opened does not wait for the catalogue to be unpacked.
        spawn_blocking(|| _ = schema::catalogue());
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_save(&self, _: lsp::DidSaveTextDocumentParams) {
        self.shared.scan_pins();
    }

    async fn did_change_watched_files(&self, _: lsp::DidChangeWatchedFilesParams) {
        self.shared.scan_pins();
    }

    async fn did_change_workspace_folders(&self, params: lsp::DidChangeWorkspaceFoldersParams) {
        let uris = |folders: Vec<lsp::WorkspaceFolder>| folders.into_iter().map(|it| it.uri.to_string()).collect();
        let (added, removed): (Vec<String>, Vec<String>) = (uris(params.event.added), uris(params.event.removed));
        lock(&self.shared.state).change_folders(added, &removed);
        self.shared.refresh_diagnostics();
        self.shared.request_settings();
    }

    async fn did_change_configuration(&self, params: lsp::DidChangeConfigurationParams) {
        self.shared.configure(&params.settings, vec![]);
        // Some clients only say that something has changed.
        self.shared.request_settings();
    }
}

/// Handlers of messages about the texts of documents, which get the parameters as the client sent them: see
/// [`normalize`].
impl Server {
    async fn open(&self, sent: Value) {
        let Some(opened) = document::opened(sent) else { return self.report_unnamed_document("opened a document") };
        let uri = &opened.uri;
        record(uri, opened.version);
        let changed = lock(&self.shared.state).open(&opened);
        let (language, bytes) = (schema::shown(&opened.language, 20), opened.text.as_ref().map(String::len));
        debug!(language, bytes, outcome = ?changed, "opened");
        self.after_change(uri, changed);
        if changed == Changed::Applied {
            self.shared.scan_pins();
        }
        if lock(&self.shared.state).take_early_request(uri.as_str()) {
            self.shared.request_pull();
        }
    }

    async fn change(&self, sent: Value) {
        let Some(edited) = document::edited(sent) else {
            let open = lock(&self.shared.state).uris();
            let lost = self.lose(open);
            // Once, not at each key.
            if !lost.is_empty() {
                self.report_unnamed_document("edited a document");
            }
            return self.report_lost(&lost);
        };
        record(&edited.uri, edited.version);
        let changed = lock(&self.shared.state).change(&edited, self.shared.abilities().encoding);
        trace!(changes = edited.changes.as_ref().map(Vec::len), outcome = ?changed, "edited");
        self.after_change(&edited.uri, changed);
    }

    async fn close(&self, sent: Value) {
        let Some(uri) = document::closed(&sent) else { return self.report_unnamed_document("closed a document") };
        record(&uri, None);
        if lock(&self.shared.state).close(uri.as_str()) {
            publish::withdraw(&self.shared, &uri);
        }
        self.shared.publish_config_reports();
    }

    /// Handles a message that cannot be read. It may have been an edit: then the text of its document is unknown, or all
    /// texts if the message does not name one.
    async fn unreadable(&self, sent: Value) {
        let open = lock(&self.shared.state).uris();
        let affected = match sent.as_str() {
            Some(message) => document::may_be_about(message, open),
            None => Some(open).filter(|it| !it.is_empty()),
        };
        let Some(affected) = affected else { return };
        if affected.is_empty() {
            let message = "cannot read a message from the editor about a document".to_owned();
            self.shared.show_message(lsp::MessageType::ERROR, message);
        }
        let lost = self.lose(affected);
        self.report_lost(&lost);
    }

    /// Marks the texts of these documents as unknown. Returns those whose text was known until now.
    fn lose(&self, uris: Vec<String>) -> Vec<String> {
        let mut state = lock(&self.shared.state);
        uris.into_iter().filter(|it| state.lose(it) == Changed::Lost).collect()
    }

    fn after_change(&self, uri: &lsp::Uri, changed: Changed) {
        match changed {
            Changed::Applied => publish::publish(&self.shared, uri),
            Changed::Ignored => {}
            Changed::Lost => self.report_lost(&[uri.to_string()]),
        }
    }

    /// Tells the user that the texts of these documents are unknown, and withdraws their diagnostics.
    fn report_lost(&self, uris: &[String]) {
        let path = |uri: &String| format!("`{}`", schema::shown(&uri::path(uri), MAX_PATH));
        let message = match uris {
            [] => return,
            [uri] => format!("lost track of the text of {}; close and reopen the file", path(uri)),
            uris => {
                let paths = uris.iter().map(path).collect::<Vec<_>>().join(", ");
                format!("lost track of the texts of these files; close and reopen them: {paths}")
            }
        };
        warn!(documents = uris.len(), "the texts of documents are unknown");
        self.shared.show_message(lsp::MessageType::ERROR, message);
        uris.iter().for_each(|it| publish::withdraw(&self.shared, &uri::accepted(it)));
        self.shared.request_pull();
    }

    /// Reports a message that does not name the document that it is about.
    fn report_unnamed_document(&self, what: &str) {
        let message = format!("the editor {what} without naming it");
        self.shared.show_message(lsp::MessageType::ERROR, message);
    }
}

/// Records in the log which document a message is about.
fn record(uri: &lsp::Uri, version: Option<i32>) {
    let span = Span::current();
    span.record("document", log::document(uri.as_str(), &uri::path(uri.as_str())));
    span.record("version", version);
}

/// The notifications to ask the client for, as far as it supports that.
fn registrations(abilities: &Abilities) -> Vec<lsp::Registration> {
    let registration = |id: &str, method: &str, options: Value| lsp::Registration {
        id: id.to_owned(),
        method: method.to_owned(),
        register_options: Some(options),
    };
    let settings = || registration("dstack-settings", "workspace/didChangeConfiguration", json!({"section": "dstack"}));
    let watchers: Vec<Value> = WATCHED.iter().map(|it| json!({"globPattern": it})).collect();
    let pins = || registration("dstack-pins", "workspace/didChangeWatchedFiles", json!({"watchers": watchers}));
    let settings = abilities.configuration_registration.then(settings);
    settings.into_iter().chain(abilities.watched_files.then(pins)).collect()
}

/// Registers for notifications. The error of a client that does not know registrations is ignored.
async fn register(client: Client, registrations: Vec<lsp::Registration>) {
    _ = tokio::time::timeout(CLIENT_TIMEOUT, client.register_capability(registrations)).await;
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc::channel, time::Duration};

    use futures_util::FutureExt;
    use ide::Target;
    use tower_lsp::jsonrpc::Request;

    use super::*;
    use crate::lsp::{
        guard::{Answer, Guard},
        turns::{Cancellation, Lane},
    };

    /// How long a test waits before it fails.
    const LIMIT: Duration = Duration::from_secs(60);

    const URI: &str = "file:///a/.dstack.yml";

    /// A runtime like the server's, with one thread for answers, which are computed in order.
    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(1).build().unwrap()
    }

    /// A server in a session, with one open document and no answer about it so far.
    fn opened() -> (Guard<LspService<Server>>, ClientSocket, Arc<Shared>) {
        let (service, socket) = Server::service();
        let shared = service.inner().shared.clone();
        let mut guard = Guard::new(service);
        let initialize = Request::build("initialize").id(1).params(json!({"capabilities": {}})).finish();
        assert!(matches!(guard.call(initialize), Answer::Now(Some(it)) if it.is_ok()));
        let opened = json!({"textDocument": {"uri": URI, "languageId": "yaml", "version": 1, "text": "type: task\n"}});
        assert_eq!(lock(&shared.state).open(&document::opened(opened).unwrap()), Changed::Applied);
        let snapshot = lock(&shared.state).snapshot(URI).unwrap();
        snapshot.options().0.set(Target::newest().into()).unwrap();
        (guard, socket, shared)
    }

    #[test]
    fn a_running_answer_is_cancelled_with_its_request() {
        let (_guard, _socket, shared) = opened();
        let snapshot = lock(&shared.state).snapshot(URI).unwrap();
        let (started, has_started) = channel();
        let (go_on, may_go_on) = channel();
        let (ended, has_ended) = channel();
        let work = move |_: &Arc<ide::Document>, cancellation: &Cancellation| {
            started.send(cancellation.is_cancelled()).unwrap();
            may_go_on.recv_timeout(LIMIT).unwrap();
            ended.send(cancellation.is_cancelled()).unwrap();
        };
        runtime().block_on(async {
            let mut asked = Box::pin(shared.answer(&snapshot, Lane::Cursor, work));
            assert!((&mut asked).now_or_never().is_none());
            assert_eq!(has_started.recv_timeout(LIMIT), Ok(false));
            drop(asked);
            go_on.send(()).unwrap();
            assert_eq!(has_ended.recv_timeout(LIMIT), Ok(true));
        });
    }

    /// From the notification of the client to the thread, which parses nothing for a request that was cancelled earlier.
    #[test]
    fn no_work_is_started_for_a_cancelled_request() {
        for is_cancelled in [false, true] {
            let (mut guard, _socket, shared) = opened();
            let snapshot = lock(&shared.state).snapshot(URI).unwrap();
            runtime().block_on(async {
                // The only thread is busy until it may continue.
                let (go_on, may_go_on) = channel::<()>();
                let busy = spawn_blocking(move || may_go_on.recv_timeout(LIMIT).unwrap());
                let at = json!({"textDocument": {"uri": URI}, "position": {"line": 0, "character": 1}});
                let hover = Request::build("dstack-lsp:textDocument/hover").id(2).params(at).finish();
                let Answer::Later(answer) = guard.call(hover) else { panic!("answered before a thread is free") };
                let mut answer = Some(answer);
                if is_cancelled {
                    let cancel = Request::build("$/cancelRequest").params(json!({"id": 2})).finish();
                    assert!(matches!(guard.call(cancel), Answer::Now(None)));
                    let response = answer.take().unwrap().now_or_never().flatten().expect("it is answered at once");
                    assert_eq!(response.error().map(|it| it.code.code()), Some(-32800));
                }
                go_on.send(()).unwrap();
                busy.await.unwrap();
                if let Some(answer) = answer {
                    assert!(answer.await.is_some_and(|it| it.is_ok()));
                }
                // The thread has finished its work.
                tokio::time::timeout(LIMIT, spawn_blocking(|| {})).await.unwrap().unwrap();
                assert_eq!(snapshot.is_made(), !is_cancelled);
            });
        }
    }
}
