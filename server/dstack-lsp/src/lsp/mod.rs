//! The language server.
//!
//! ```text
//! stdin -> transport -> Guard -> LspService -> Server -> State            edits: at once, in order
//!                                                    \-> Snapshot -> ide  questions: in turn, on a thread, about what
//!                                                                         was then
//! stdout <- transport <------------------------------ convert
//! ```

mod capabilities;
mod convert;
mod guard;
mod lenient;
mod parent;
mod publish;
mod reorder;
pub(crate) mod settings;
mod state;
mod transport;
mod turns;
mod uri;

use std::{
    collections::{HashMap, HashSet},
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use ide::{Origin, Target};
use serde_json::{Value, json};
use tokio::{
    runtime::Handle,
    task::{JoinError, spawn_blocking},
};
use tower_lsp::{
    Client, LanguageServer, LspService,
    jsonrpc::{Error, Result},
    ls_types as lsp,
};

use capabilities::Abilities;
use convert::{View, action::Wanted, diagnostic::full_report, document, edit::difference, position};
use state::{Changed, Choice, Chosen, Snapshot, State};
use turns::{Cancellation, Lane, Turns};

use crate::{
    cli, disk,
    in_time::{Outcome, in_time},
};

/// How long a client may take to answer a question of ours.
const PATIENCE: Duration = Duration::from_secs(10);

/// Maximum number of characters of a message to the user. What it repeats of a setting or a file is cut before.
const MAX_MESSAGE: usize = 1_000;

/// Maximum number of lines of the log that are remembered, to say nothing twice in a row.
const MAX_TOLD: usize = 1_000;

/// Maximum number of characters of a path in a message.
const MAX_PATH: usize = 300;

/// How long the first answer about a document waits for the files that pin dstack.
const PATIENCE_WITH_FILES: Duration = Duration::from_secs(2);

/// Serve a client over standard input and output until it leaves; `client` is its process, if that is known already.
pub(crate) fn serve(client: Option<u32>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .max_blocking_threads(turns::THREADS)
        .thread_stack_size(8 << 20)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            _ = writeln!(io::stderr().lock(), "dstack-lsp: cannot start: {error}");
            return ExitCode::from(2);
        }
    };
    let (service, socket) = LspService::build(|client| Server { shared: Arc::new(Shared::new(client)) })
        .custom_method(lenient::DID_OPEN, Server::open)
        .custom_method(lenient::DID_CHANGE, Server::change)
        .custom_method(lenient::DID_CLOSE, Server::close)
        .custom_method(lenient::UNREADABLE, Server::unreadable)
        .finish();
    let end = runtime.block_on(transport::serve(service, socket, parent::Parent::new(client)));
    runtime.shutdown_background();
    if end == transport::End::Clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What all messages share.
struct Shared {
    client: Client,
    abilities: OnceLock<Abilities>,
    state: Mutex<State>,
    turns: Turns,
    /// What the log says of releases: the last line for a folder and what decided.
    told: Mutex<HashMap<(Option<PathBuf>, String), String>>,
    /// Folders of documents that have not answered in time: no other document waits for them.
    hanging: Mutex<HashSet<Option<PathBuf>>>,
}

/// What is shared, for as long as no `.await` is in between. An edit that panicked leaves it whole: see [`State::replace`].
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn new(client: Client) -> Shared {
        Shared {
            client,
            abilities: OnceLock::new(),
            state: Mutex::default(),
            turns: Turns::of_server(),
            told: Mutex::default(),
            hanging: Mutex::default(),
        }
    }

    fn abilities(&self) -> &Abilities {
        self.abilities.get_or_init(Abilities::default)
    }

    /// Take settings from a client, for the workspace and for folders of it, and look at everything anew where they differ.
    fn configure(self: &Arc<Shared>, sent: &Value, of_folders: Vec<(String, Value)>) {
        let (settings, mut problems) = lock(&self.state).settings().with(sent);
        let of_folder = |(uri, sent)| {
            let (settings, more) = settings.with(&sent);
            problems.extend(more);
            (uri, settings)
        };
        let of_folders = of_folders.into_iter().map(of_folder).collect();
        problems.dedup();
        for problem in problems {
            self.say(lsp::MessageType::WARNING, problem);
        }
        let release = settings.release.clone();
        if lock(&self.state).configure(settings, of_folders) {
            if let Some(named) = release {
                self.log(against(&Target::named(&named, Origin::Setting)));
            }
            self.renewed();
        }
    }

    /// All documents are made anew: whoever has findings gets new ones.
    fn renewed(self: &Arc<Shared>) {
        let uris = lock(&self.state).uris();
        for uri in uris.iter().filter_map(|it| lsp::Uri::from_str(it).ok()) {
            publish::publish(self, &uri);
        }
        self.have_asked_again();
    }

    /// Tell a client that asks for diagnostics to do so again, if it can be told. Returns at once.
    fn have_asked_again(&self) {
        if self.abilities().pull_refresh {
            let client = self.client.clone();
            tokio::spawn(async move { tokio::time::timeout(PATIENCE, client.workspace_diagnostic_refresh()).await });
        }
    }

    /// Look again at the files that pin dstack, on a thread. Returns at once; what is asked for meanwhile is done in one go.
    fn look_again(self: &Arc<Shared>) {
        let Some(mut pins) = lock(&self.state).begin_looking() else { return };
        let shared = self.clone();
        tokio::spawn(async move {
            loop {
                let (late, runtime) = (shared.clone(), Handle::current());
                let late = move || {
                    let _within = runtime.enter();
                    late.renew();
                };
                // A panic costs this look; where it happened is on standard error.
                let is_new = spawn_blocking(move || pins.again(PATIENCE_WITH_FILES, late)).await.unwrap_or_default();
                let next = lock(&shared.state).end_looking();
                if is_new {
                    shared.renew();
                }
                let Some(next) = next else { return };
                pins = next;
            }
        });
    }

    /// Makes all documents anew.
    fn renew(self: &Arc<Shared>) {
        lock(&self.state).renew();
        self.renewed();
    }

    /// The answer to a question about a version of a document, made on a thread when its turn comes. `None` if the document
    /// is not a dstack file. Dropping the future cancels the work.
    async fn ask<T: Send + 'static>(
        self: &Arc<Shared>,
        snapshot: &Arc<Snapshot>,
        lane: Lane,
        question: impl FnOnce(&Arc<ide::Document>, &Cancellation) -> T + Send + 'static,
    ) -> std::result::Result<Option<T>, JoinError> {
        let (cancellation, _cancel_on_drop) = Cancellation::new();
        if !self.decide(snapshot, lane).await? {
            return Ok(None);
        }
        let turn = self.turns.wait(snapshot.turns(), lane).await;
        let snapshot = snapshot.clone();
        let answer = move || {
            let _turn = turn;
            let document = (!cancellation.is_cancelled()).then(|| snapshot.document())??;
            (!cancellation.is_cancelled()).then(|| question(&document, &cancellation))
        };
        spawn_blocking(answer).await
    }

    /// Decides which release a document is checked against, unless that is decided. False if the document is not a dstack
    /// file; then no file is read for it. Holds no turn while it waits for files.
    async fn decide(self: &Arc<Shared>, snapshot: &Arc<Snapshot>, lane: Lane) -> std::result::Result<bool, JoinError> {
        let (target, choice) = snapshot.target();
        if target.initialized() {
            return Ok(true);
        }
        if snapshot.is_any_yaml() {
            let turn = self.turns.wait(snapshot.turns(), lane).await;
            let snapshot = snapshot.clone();
            let is_dstacks = move || {
                let _turn = turn;
                snapshot.kind().is_some()
            };
            if !spawn_blocking(is_dstacks).await? {
                return Ok(false);
            }
        }
        // A task of its own: if a cancelled request dropped it, an answer in time would be taken for a late one.
        let choose = || tokio::spawn(self.clone().choose(choice.clone()));
        target.get_or_try_init(async || choose().await).await?;
        Ok(true)
    }

    /// The release for a document: the newest while its folder does not answer; when it does, documents are made anew.
    async fn choose(self: Arc<Shared>, choice: Choice) -> Target {
        let folder = choice.folder();
        let mut outcome = Outcome::Later;
        if !lock(&self.hanging).contains(&folder) {
            let has_answered = Arc::new(Mutex::new(false));
            let (shared, answered, of, runtime) =
                (self.clone(), has_answered.clone(), folder.clone(), Handle::current());
            let late = move |_| {
                let _within = runtime.enter();
                *lock(&answered) = true;
                lock(&shared.hanging).remove(&of);
                shared.renew();
            };
            outcome = in_time(PATIENCE_WITH_FILES, move || choice.choose(), late).await;
            let has_answered = lock(&has_answered);
            if outcome.is_later() && !*has_answered {
                lock(&self.hanging).insert(folder);
            }
        }
        if let Outcome::Now(chosen) = outcome {
            self.tell(&chosen);
            return chosen.found.target;
        }
        let note = "the files that may pin a release cannot be read at the moment";
        let target = Target { note: Some(note.into()), ..Target::newest() };
        self.log(against(&target));
        target
    }

    /// Say in the log what files of a folder are checked against, unless that was said last.
    fn tell(&self, chosen: &Chosen) {
        let Chosen { folder, found } = chosen;
        let mut lines = vec![];
        if found.target.origin != Origin::Setting {
            let place = folder.as_ref().map_or(String::new(), |it| format!(" in `{}`", disk::shown(it)));
            let line = against(&found.target).replacen("files", &format!("files{place}"), 1);
            lines.push((found.target.origin.name().to_owned(), line));
        }
        // A problem is its own key: it is told once.
        lines.extend(found.problems.iter().map(|it| (it.clone(), it.clone())));
        let mut told = lock(&self.told);
        if told.len() > MAX_TOLD {
            told.clear();
        }
        for (who, line) in lines {
            let key = (folder.clone(), who);
            if told.get(&key) != Some(&line) {
                told.insert(key, line.clone());
                self.log(line);
            }
        }
    }

    /// Show the user a message. Returns at once.
    fn say(&self, kind: lsp::MessageType, message: String) {
        let (client, message) = (self.client.clone(), disk::drawn(&schema::shown(&message, MAX_MESSAGE)));
        tokio::spawn(async move { client.show_message(kind, message).await });
    }

    /// Write into the client's log. Returns at once.
    fn log(&self, message: String) {
        let (client, message) = (self.client.clone(), disk::drawn(&schema::shown(&message, MAX_MESSAGE)));
        tokio::spawn(async move { client.log_message(lsp::MessageType::INFO, message).await });
    }
}

/// `files are checked against dstack 0.19.40 (from `uv.lock`)`, and why it is not the release that was asked for.
fn against(target: &Target) -> String {
    let note = target.note.as_ref().map_or(String::new(), |it| format!(": {it}"));
    format!("files are checked against {}{note}", target.words())
}

/// The methods of the protocol. None but questions may `.await`: see [`guard`].
struct Server {
    shared: Arc<Shared>,
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
            self.shared.say(lsp::MessageType::WARNING, problem);
        }
        Ok(lsp::InitializeResult {
            capabilities: capabilities::server(abilities),
            server_info: Some(lsp::ServerInfo {
                name: "dstack-lsp".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            offset_encoding: None,
        })
    }

    async fn initialized(&self, _: lsp::InitializedParams) {
        self.shared.log(format!("dstack-lsp {}", cli::VERSION));
        let registrations = registrations(self.shared.abilities());
        if !registrations.is_empty() {
            tokio::spawn(register(self.shared.client.clone(), registrations));
        }
        self.ask_for_settings();
        // The first file that is opened need not wait until the catalogue is unpacked.
        spawn_blocking(|| _ = schema::catalogue());
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_save(&self, _: lsp::DidSaveTextDocumentParams) {
        self.shared.look_again();
    }

    async fn did_change_watched_files(&self, _: lsp::DidChangeWatchedFilesParams) {
        self.shared.look_again();
    }

    async fn did_change_workspace_folders(&self, params: lsp::DidChangeWorkspaceFoldersParams) {
        let uris = |folders: Vec<lsp::WorkspaceFolder>| folders.into_iter().map(|it| it.uri.to_string()).collect();
        let (added, removed): (Vec<String>, Vec<String>) = (uris(params.event.added), uris(params.event.removed));
        lock(&self.shared.state).change_folders(added, &removed);
        self.shared.renewed();
        self.ask_for_settings();
    }

    async fn did_change_configuration(&self, params: lsp::DidChangeConfigurationParams) {
        self.shared.configure(&params.settings, vec![]);
        // Some clients say only that something has changed.
        self.ask_for_settings();
    }

    async fn diagnostic(&self, params: lsp::DocumentDiagnosticParams) -> Result<lsp::DocumentDiagnosticReportResult> {
        lock(&self.shared.state).ask_early(params.text_document.uri.as_str());
        let previous = params.previous_result_id;
        let question = move |view: &View<'_>| view.report(&ide::diagnostics(view.document), previous.as_deref());
        let report = self.ask(Lane::Findings, params.text_document.uri, question).await?;
        Ok(report.unwrap_or_else(|| full_report(vec![])).into())
    }

    async fn hover(&self, params: lsp::HoverParams) -> Result<Option<lsp::Hover>> {
        let lsp::TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let question = move |view: &View<'_>| Some(view.hover(&ide::hover(view.document, offset(view, position))?));
        Ok(self.ask(Lane::Cursor, text_document.uri, question).await?.flatten())
    }

    async fn completion(&self, params: lsp::CompletionParams) -> Result<Option<lsp::CompletionResponse>> {
        let lsp::TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let typed = params.context.and_then(|it| it.trigger_character);
        let question = move |view: &View<'_>| {
            let offset = offset(view, position);
            // One who indents a line has not asked for anything, and would take the first item with his next line break.
            let indents = typed.as_deref() == Some(" ") && is_blank_before(view.document.text(), offset);
            (!indents).then(|| view.completion(&ide::completion(view.document, offset), offset).into())
        };
        Ok(self.ask(Lane::Cursor, text_document.uri, question).await?.flatten())
    }

    async fn code_action(&self, params: lsp::CodeActionParams) -> Result<Option<lsp::CodeActionResponse>> {
        let wanted = Wanted::of(&params.context);
        let question = move |view: &View<'_>| {
            let (document, encoding) = (view.document, view.abilities.encoding);
            let actions = ide::actions(document, position::span(document.text(), params.range, encoding));
            let fixed = wanted.fix_all.then(|| ide::fixed(document).0);
            let fixed = fixed.map(|fixed| difference(document.text().as_str(), fixed.text().as_str()));
            view.actions(&actions, fixed, wanted)
        };
        if !self.shared.abilities().actions {
            return Ok(None);
        }
        let lane = if wanted.fix_all { Lane::Whole } else { Lane::Cursor };
        self.ask(lane, params.text_document.uri, question).await
    }

    async fn document_symbol(&self, params: lsp::DocumentSymbolParams) -> Result<Option<lsp::DocumentSymbolResponse>> {
        let question = |view: &View<'_>| view.symbols(&ide::symbols(view.document));
        self.ask(Lane::Whole, params.text_document.uri, question).await
    }
}

/// Handlers of messages about texts, which get the parameters as the client sent them: see [`lenient`].
impl Server {
    async fn open(&self, sent: Value) {
        let Some(opened) = document::opened(sent) else { return self.names_no_document("opens a document") };
        let uri = &opened.uri;
        let changed = lock(&self.shared.state).open(&opened);
        self.changed(uri, changed);
        if changed == Changed::Applied {
            self.shared.look_again();
        }
        if lock(&self.shared.state).was_asked_early(uri.as_str()) {
            self.shared.have_asked_again();
        }
    }

    async fn change(&self, sent: Value) {
        let Some(edited) = document::edited(sent) else {
            let open = lock(&self.shared.state).uris();
            let lost = self.lose(open);
            // Once, not at each key.
            if !lost.is_empty() {
                self.names_no_document("edits a document");
            }
            return self.lost(&lost);
        };
        let changed = lock(&self.shared.state).change(&edited, self.shared.abilities().encoding);
        self.changed(&edited.uri, changed);
    }

    async fn close(&self, sent: Value) {
        let Some(uri) = document::closed(&sent) else { return self.names_no_document("closes a document") };
        if lock(&self.shared.state).close(uri.as_str()) {
            publish::withdraw(&self.shared, &uri);
        }
    }

    /// A message that cannot be read may have been an edit: then the text of its document is unknown, and all texts are if
    /// it does not say which.
    async fn unreadable(&self, sent: Value) {
        let open = lock(&self.shared.state).uris();
        let about = match sent.as_str() {
            Some(message) => document::may_be_about(message, open),
            None => Some(open).filter(|it| !it.is_empty()),
        };
        let Some(about) = about else { return };
        if about.is_empty() {
            self.shared.say(lsp::MessageType::ERROR, "cannot read a message of the editor about a document".to_owned());
        }
        let lost = self.lose(about);
        self.lost(&lost);
    }

    /// The texts of these documents are not known any more. Returns those of which that is news to the client.
    fn lose(&self, uris: Vec<String>) -> Vec<String> {
        let mut state = lock(&self.shared.state);
        uris.into_iter().filter(|it| state.lose(it) == Changed::Lost).collect()
    }

    fn changed(&self, uri: &lsp::Uri, changed: Changed) {
        match changed {
            Changed::Applied => publish::publish(&self.shared, uri),
            Changed::Ignored => {}
            Changed::Lost => self.lost(&[uri.to_string()]),
        }
    }

    /// Says that the texts of these documents are unknown, and takes back what was said about them.
    fn lost(&self, uris: &[String]) {
        let path = |uri: &String| format!("`{}`", schema::shown(&uri::path(uri), MAX_PATH));
        let message = match uris {
            [] => return,
            [uri] => format!("cannot follow the text of {}; close and reopen the file", path(uri)),
            uris => {
                let paths = uris.iter().map(path).collect::<Vec<_>>().join(", ");
                format!("cannot follow the text of these files; close and reopen them: {paths}")
            }
        };
        self.shared.say(lsp::MessageType::ERROR, message);
        uris.iter().for_each(|it| publish::withdraw(&self.shared, &uri::accepted(it)));
        self.shared.have_asked_again();
    }

    /// Reports a message that does not say which text it changes.
    fn names_no_document(&self, what: &str) {
        self.shared.say(lsp::MessageType::ERROR, format!("a message of the editor {what} without naming it"));
    }

    /// Ask something about a document as it is now. `None` if it is not a dstack file, or its text is unknown.
    async fn ask<T: Send + 'static>(
        &self,
        lane: Lane,
        uri: lsp::Uri,
        question: impl FnOnce(&View<'_>) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let Some(snapshot) = lock(&self.shared.state).snapshot(uri.as_str()) else { return Ok(None) };
        let (shared, version) = (self.shared.clone(), snapshot.version);
        let question = move |document: &Arc<ide::Document>, cancellation: &Cancellation| {
            question(&View { uri: &uri, version, document, abilities: shared.abilities(), cancellation })
        };
        self.shared.ask(&snapshot, lane, question).await.map_err(|_| Error {
            message: "internal error; standard error says where".into(),
            ..Error::internal_error()
        })
    }

    /// Ask the client for its settings, where it can be asked. Returns at once.
    fn ask_for_settings(&self) {
        if !self.shared.abilities().configuration {
            return;
        }
        let shared = self.shared.clone();
        let folders = lock(&shared.state).folders();
        tokio::spawn(async move {
            let item = |scope_uri| lsp::ConfigurationItem { scope_uri, section: Some("dstack".to_owned()) };
            let scopes = folders.iter().map(|it| Some(uri::accepted(it)));
            let items = [item(None)].into_iter().chain(scopes.map(item)).collect();
            let asked = tokio::time::timeout(PATIENCE, shared.client.configuration(items)).await;
            let Ok(Ok(sent)) = asked else { return };
            let mut sent = sent.into_iter();
            let workspace = sent.next().unwrap_or_default();
            shared.configure(&workspace, folders.into_iter().zip(sent).collect());
        });
    }
}

/// Where a project may pin dstack: see [`disk::pin_files`].
const WATCHED: [&str; 5] = [
    "**/{uv.lock,poetry.lock,pdm.lock,pylock.toml,pyproject.toml}",
    "**/requirements*.txt",
    "**/requirements/*.txt",
    "**/{.venv,venv}/lib/python*/site-packages/dstack-*.dist-info",
    "**/{.venv,venv}/Lib/site-packages/dstack-*.dist-info",
];

/// What we want to be told of, as far as the client can be asked to.
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

/// Ask to be told of changes. A client that knows no registration says so, and that is all right.
async fn register(client: Client, registrations: Vec<lsp::Registration>) {
    _ = tokio::time::timeout(PATIENCE, client.register_capability(registrations)).await;
}

/// Whether nothing but blanks stands before `offset` on its line.
fn is_blank_before(text: &yaml::Text, offset: u32) -> bool {
    let start = text.line(text.line_of(offset)).start;
    text.as_str().get(start as usize..offset as usize).is_some_and(|it| it.trim().is_empty())
}

fn offset(view: &View<'_>, position: lsp::Position) -> u32 {
    position::offset(view.document.text(), position, view.abilities.encoding)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use futures_util::FutureExt;
    use tower_lsp::{ClientSocket, jsonrpc::Request};

    use super::{
        guard::{Answer, Guard},
        *,
    };

    /// How long a test waits for what happens at once. Only reached by tests that fail.
    const LIMIT: Duration = Duration::from_secs(60);

    const URI: &str = "file:///a/.dstack.yml";

    /// A runtime like the server's, with one thread for answers: they are made in order.
    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(1).build().unwrap()
    }

    /// A server in a session, with one open document that nobody has asked about.
    fn opened() -> (Guard<LspService<Server>>, ClientSocket, Arc<Shared>) {
        let (service, socket) = LspService::new(|client| Server { shared: Arc::new(Shared::new(client)) });
        let shared = service.inner().shared.clone();
        let mut guard = Guard::new(service);
        let initialize = Request::build("initialize").id(1).params(json!({"capabilities": {}})).finish();
        assert!(matches!(guard.call(initialize), Answer::Now(Some(it)) if it.is_ok()));
        let opened = json!({"textDocument": {"uri": URI, "languageId": "yaml", "version": 1, "text": "type: task\n"}});
        assert_eq!(lock(&shared.state).open(&document::opened(opened).unwrap()), Changed::Applied);
        let snapshot = lock(&shared.state).snapshot(URI).unwrap();
        snapshot.target().0.set(Target::newest()).unwrap();
        (guard, socket, shared)
    }

    #[test]
    fn an_answer_that_is_being_made_is_cancelled_with_its_request() {
        let (_guard, _socket, shared) = opened();
        let snapshot = lock(&shared.state).snapshot(URI).unwrap();
        let (started, has_started) = channel();
        let (go_on, may_go_on) = channel();
        let (ended, has_ended) = channel();
        let question = move |_: &Arc<ide::Document>, cancellation: &Cancellation| {
            started.send(cancellation.is_cancelled()).unwrap();
            may_go_on.recv_timeout(LIMIT).unwrap();
            ended.send(cancellation.is_cancelled()).unwrap();
        };
        runtime().block_on(async {
            let mut asked = Box::pin(shared.ask(&snapshot, Lane::Cursor, question));
            assert!((&mut asked).now_or_never().is_none());
            assert_eq!(has_started.recv_timeout(LIMIT), Ok(false));
            drop(asked);
            go_on.send(()).unwrap();
            assert_eq!(has_ended.recv_timeout(LIMIT), Ok(true));
        });
    }

    /// From the notification of the client to the thread, which parses nothing for a request that was cancelled before.
    #[test]
    fn no_work_is_begun_for_a_request_that_is_cancelled() {
        for is_cancelled in [false, true] {
            let (mut guard, _socket, shared) = opened();
            let snapshot = lock(&shared.state).snapshot(URI).unwrap();
            runtime().block_on(async {
                // The only thread is busy until it is told to go on.
                let (go_on, may_go_on) = channel::<()>();
                let busy = spawn_blocking(move || may_go_on.recv_timeout(LIMIT).unwrap());
                let at = json!({"textDocument": {"uri": URI}, "position": {"line": 0, "character": 1}});
                let hover = Request::build("textDocument/hover").id(2).params(at).finish();
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
                // The thread has come to the end of what was asked of it.
                tokio::time::timeout(LIMIT, spawn_blocking(|| {})).await.unwrap().unwrap();
                assert_eq!(snapshot.is_made(), !is_cancelled);
            });
        }
    }
}
