//! The open documents: their texts as the client sees them, and the settings that apply to them.
//!
//! An edit changes the text at once and parses nothing: see [`snapshot`](super::snapshot).

use std::{
    collections::{HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::Arc,
};

use ide::Target;
use yaml::{Change, Encoding, Text};

use super::{
    config_reports::Reports,
    convert::{
        document::{Edited, Opened},
        kind::{Known, kind},
    },
    reorder::Reorder,
    settings::Settings,
    snapshot::{OptionsSource, PerDocument, Snapshot},
    uri,
};
use crate::{pins::Pins, sync::lock};

/// Maximum number of documents that are remembered because their diagnostics were requested before they were opened.
const MAX_EARLY_REQUESTS: usize = 100;

/// Maximum length of a text in bytes; a longer one is treated as unknown.
const MAX_TEXT: u32 = 64 << 20;

/// Everything that a message of the client may change.
#[derive(Debug, Default)]
pub(crate) struct State {
    documents: HashMap<String, Open>,
    /// A change invalidates all documents.
    settings: Settings,
    /// The folders of the workspace.
    folders: Vec<Folder>,
    /// What the project's files pin.
    pins: Arc<Pins>,
    /// Whether these files are being read again.
    pin_scan: PinScan,
    /// The number of the last change to anything.
    revision: u64,
    /// Documents whose diagnostics are being computed.
    diagnosing: HashSet<String>,
    /// Documents whose diagnostics were requested while they were not open.
    early_requests: HashSet<String>,
}

/// The state of reading the files that pin dstack or configure dstack-lsp again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PinScan {
    #[default]
    Idle,
    Running,
    /// A scan is running, and another one was requested meanwhile.
    RunningAndRequested,
}

/// A folder of the workspace.
#[derive(Debug)]
struct Folder {
    uri: String,
    path: Option<PathBuf>,
    /// Its own settings, if the client sent any.
    settings: Option<Settings>,
}

/// An open document.
#[derive(Debug)]
struct Open {
    known: Known,
    /// `None` if the text is unknown.
    snapshot: Option<Arc<Snapshot>>,
    /// The revision whose diagnostics were computed last.
    diagnosed: u64,
    /// Whether the client has diagnostics for it.
    is_published: bool,
    /// The release that was last announced to the client.
    announced_release: Option<Target>,
    reorder: Reorder,
    per_document: PerDocument,
}

/// The outcome of a change to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    /// It is applied.
    Applied,
    /// The document is not open, is not a dstack file as far as the client knows, or its text was unknown before.
    Ignored,
    /// It could not be applied: the text is unknown until the client sends all of it.
    Lost,
}

impl Changed {
    /// By whether the text is known after the change, and whether the client expects answers about the document.
    fn of(is_known: bool, is_followed: bool) -> Changed {
        match (is_known, is_followed) {
            (true, _) => Changed::Applied,
            (false, true) => Changed::Lost,
            (false, false) => Changed::Ignored,
        }
    }
}

impl State {
    /// Opens a document.
    pub(crate) fn open(&mut self, opened: &Opened) -> Changed {
        let uri = opened.uri.as_str();
        let known = kind(uri, &opened.language);
        let is_dstack_file = matches!(known, Known::As(_) | Known::Dstack);
        let len = opened.text.as_ref().map_or(0, String::len);
        // Large files that are not known to be dstack files are not even kept.
        if !is_dstack_file && (known == Known::Other || len > ide::MAX_DETECTED_BYTES) {
            self.documents.remove(uri);
            return Changed::Ignored;
        }
        let per_document = PerDocument::default();
        let text = opened.text.as_deref().filter(|_| len <= MAX_TEXT as usize).map(Text::new);
        let snapshot = text.map(|text| self.snapshot_of(uri, known, opened.version, text, None, &per_document));
        let changed = Changed::of(snapshot.is_some(), is_dstack_file);
        let open = Open {
            known,
            snapshot,
            diagnosed: 0,
            is_published: is_dstack_file,
            announced_release: None,
            reorder: Reorder::new(opened.version),
            per_document,
        };
        self.documents.insert(uri.to_owned(), open);
        changed
    }

    /// Remembers that the diagnostics of a document were requested, if it is not open: VS Code requests those of the files that
    /// it shows before it opens them, and keeps the empty answer.
    pub(crate) fn note_early_request(&mut self, uri: &str) {
        if !self.documents.contains_key(uri) && self.early_requests.len() < MAX_EARLY_REQUESTS {
            self.early_requests.insert(uri.to_owned());
        }
    }

    /// Returns whether the diagnostics of a document were requested before it was opened, and forgets it.
    pub(crate) fn take_early_request(&mut self, uri: &str) -> bool {
        self.early_requests.remove(uri)
    }

    /// Edits a document.
    pub(crate) fn change(&mut self, edited: &Edited, encoding: Encoding) -> Changed {
        let uri = edited.uri.as_str();
        let Some(open) = self.documents.get(uri) else { return Changed::Ignored };
        let is_whole = |changes: &[Change]| changes.iter().any(|it| it.range.is_none());
        let before = match (&open.snapshot, &edited.changes) {
            (Some(before), _) => before.text.clone(),
            (None, Some(changes)) if is_whole(changes) => Text::new(""),
            // Edits of an unknown text.
            (None, _) => return Changed::Ignored,
        };
        let mut reorder = self.documents.get_mut(uri).map(|it| std::mem::take(&mut it.reorder)).unwrap_or_default();
        let changed = self.replace(uri, || {
            let changes = edited.changes.as_ref()?;
            Some(reorder.apply(&before, edited.version, changes, encoding))
        });
        // After an edit that cannot be applied, the order starts from the next one.
        if let Some(open) = self.documents.get_mut(uri).filter(|_| changed == Changed::Applied) {
            open.reorder = reorder;
        }
        changed
    }

    /// Marks the text of a document as unknown.
    pub(crate) fn lose(&mut self, uri: &str) -> Changed {
        match self.documents.get(uri).is_some_and(|it| it.snapshot.is_some()) {
            true => self.replace(uri, || None),
            false => Changed::Ignored,
        }
    }

    /// Replaces the text and the version of a document. If computing the text fails or panics, it is unknown from then on.
    fn replace(&mut self, uri: &str, text: impl FnOnce() -> Option<(Text, Option<i32>)>) -> Changed {
        let Some(open) = self.documents.get(uri) else { return Changed::Ignored };
        let (known, base) = (open.known, open.snapshot.as_ref().and_then(|it| it.base()));
        // Nothing is reported about files that are not dstack files.
        let is_followed = open.is_published || base.is_some();
        let per_document = open.per_document.clone();
        let text = catch_unwind(AssertUnwindSafe(text)).ok().flatten().filter(|it| it.0.len() <= MAX_TEXT);
        let changed = Changed::of(text.is_some(), is_followed);
        let snapshot = text.map(|(text, version)| self.snapshot_of(uri, known, version, text, base, &per_document));
        if let Some(open) = self.documents.get_mut(uri) {
            open.snapshot = snapshot;
        }
        changed
    }

    /// Closes a document. Returns whether the client has diagnostics that have to be withdrawn.
    pub(crate) fn close(&mut self, uri: &str) -> bool {
        self.documents.remove(uri).is_some_and(|it| it.is_published)
    }

    /// Records that diagnostics of a version are about to be published, or withdrawn because it is not a dstack file
    /// (`is_published` is false). Returns whether a message has to be sent: the version is the latest, and the client has
    /// diagnostics or gets them now.
    pub(crate) fn record_published(&mut self, uri: &str, revision: u64, is_published: bool) -> bool {
        let Some(open) = self.documents.get_mut(uri) else { return false };
        if open.snapshot.as_ref().is_none_or(|it| it.revision != revision) {
            return false;
        }
        std::mem::replace(&mut open.is_published, is_published) || is_published
    }

    /// Returns whether to announce that a version is checked against this release, and records that it is announced. That is
    /// so if the version is the latest, and another release or none was announced before.
    pub(crate) fn should_announce_release(&mut self, uri: &str, revision: u64, target: &Target) -> bool {
        let Some(open) = self.documents.get_mut(uri) else { return false };
        if open.snapshot.as_ref().is_none_or(|it| it.revision != revision)
            || open.announced_release.as_ref() == Some(target)
        {
            return false;
        }
        open.announced_release = Some(target.clone());
        true
    }

    /// Applies the settings of the workspace, and those of some of its folders. Returns false if nothing changed.
    pub(crate) fn configure(&mut self, settings: Settings, of_folders: Vec<(String, Settings)>) -> bool {
        let mut changed = self.settings != settings;
        self.settings = settings;
        for (uri, settings) in of_folders {
            for folder in self.folders.iter_mut().filter(|it| it.uri == uri && it.settings.as_ref() != Some(&settings))
            {
                changed |= folder.settings.as_ref().unwrap_or(&self.settings) != &settings;
                folder.settings = Some(settings.clone());
            }
        }
        if changed {
            self.invalidate_all();
        }
        changed
    }

    /// Adds and removes folders of the workspace.
    pub(crate) fn change_folders(&mut self, added: Vec<String>, removed: &[String]) {
        self.folders.retain(|it| !removed.contains(&it.uri) && !added.contains(&it.uri));
        let folder = |uri: String| Folder { path: uri::file(&uri), uri, settings: None };
        self.folders.extend(added.into_iter().map(folder));
        self.invalidate_all();
    }

    /// The folders of the workspace, by their URIs.
    pub(crate) fn folders(&self) -> Vec<String> {
        self.folders.iter().map(|it| it.uri.clone()).collect()
    }

    /// Starts to read the files that pin dstack or configure dstack-lsp again. Returns `None` if a scan is already running;
    /// another one follows it then.
    pub(crate) fn start_pin_scan(&mut self) -> Option<Arc<Pins>> {
        let is_idle = self.pin_scan == PinScan::Idle;
        self.pin_scan = if is_idle { PinScan::Running } else { PinScan::RunningAndRequested };
        is_idle.then(|| self.pins.clone())
    }

    /// Ends a scan. Returns what to scan again, if that was requested in the meantime.
    pub(crate) fn finish_pin_scan(&mut self) -> Option<Arc<Pins>> {
        let is_requested = self.pin_scan == PinScan::RunningAndRequested;
        self.pin_scan = PinScan::Idle;
        is_requested.then(|| self.start_pin_scan()).flatten()
    }

    /// Makes new versions of all documents from their texts, whose release is chosen again.
    pub(crate) fn invalidate_all(&mut self) {
        let uris: Vec<String> = self.documents.keys().cloned().collect();
        for uri in uris {
            let Some(open) = self.documents.get_mut(&uri) else { continue };
            open.per_document.options = Arc::default();
            let (known, per_document) = (open.known, open.per_document.clone());
            let Some(it) = open.snapshot.clone() else { continue };
            let snapshot = self.snapshot_of(&uri, known, it.version, it.text.clone(), None, &per_document);
            if let Some(open) = self.documents.get_mut(&uri) {
                open.snapshot = Some(snapshot);
            }
        }
    }

    /// Where to find the options of a document. One without a file belongs to the first folder of the workspace.
    fn options_source(&self, uri: &str, per_document: &PerDocument) -> OptionsSource {
        let file = uri::file(uri);
        let depth = |it: &&Folder| it.path.as_ref().map_or(0, |it| it.components().count());
        let holds = |it: &&Folder| match (&it.path, &file) {
            (Some(folder), Some(file)) => file.starts_with(folder),
            _ => false,
        };
        let folder = self.folders.iter().filter(holds).max_by_key(depth);
        let folder = folder.or(self.folders.first().filter(|_| file.is_none()));
        let root = folder.and_then(|it| it.path.clone());
        let settings = folder.and_then(|it| it.settings.as_ref()).unwrap_or(&self.settings);
        let file = file.or_else(|| Some(root.as_ref()?.join("-")));
        let (pins, read) = (self.pins.clone(), per_document.read.clone());
        OptionsSource { settings: settings.clone(), file, root, pins, read }
    }

    /// The configurations with mistakes that decide about open documents. Of two reports of one file the later one counts.
    pub(crate) fn config_reports(&self) -> Reports {
        let report = |it: &Open| lock(&it.per_document.read).report.clone();
        let mut reports: Vec<_> = self.documents.values().filter_map(report).collect();
        reports.sort_by_key(|it| it.0);
        let mut reports: Reports = reports.into_iter().map(|(_, it)| (it.path.clone(), it)).collect();
        reports.retain(|_, it| !it.problems.is_empty());
        reports
    }

    /// The settings of the workspace.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The latest version of a document.
    pub(crate) fn snapshot(&self, uri: &str) -> Option<Arc<Snapshot>> {
        self.documents.get(uri)?.snapshot.clone()
    }

    /// The URIs of all open documents.
    pub(crate) fn uris(&self) -> Vec<String> {
        self.documents.keys().cloned().collect()
    }

    /// Starts to compute the diagnostics of a document. Returns false if a task is already at it; it will not miss the latest
    /// version.
    pub(crate) fn start_diagnosing(&mut self, uri: &str) -> bool {
        self.diagnosing.insert(uri.to_owned())
    }

    /// The version to diagnose next; `None` ends what [`State::start_diagnosing`] started.
    pub(crate) fn next_to_diagnose(&mut self, uri: &str) -> Option<Arc<Snapshot>> {
        let open = self.documents.get_mut(uri);
        let snapshot = open.and_then(|open| {
            let snapshot = open.snapshot.clone().filter(|it| it.revision != open.diagnosed)?;
            open.diagnosed = snapshot.revision;
            Some(snapshot)
        });
        if snapshot.is_none() {
            self.diagnosing.remove(uri);
        }
        snapshot
    }

    fn snapshot_of(
        &mut self,
        uri: &str,
        known: Known,
        version: Option<i32>,
        text: Text,
        base: Option<Arc<ide::Document>>,
        per_document: &PerDocument,
    ) -> Arc<Snapshot> {
        self.revision += 1;
        let source = self.options_source(uri, per_document);
        Arc::new(Snapshot::new((version, self.revision), text, known, source, per_document.clone(), base))
    }
}

#[cfg(test)]
mod tests {
    use schema::Release;

    use super::*;

    const URI: &str = "file:///a/.dstack.yml";

    /// The document of a version, checked against the release that its files or settings say.
    fn made(snapshot: &Snapshot) -> Option<Arc<ide::Document>> {
        let (options, choice) = snapshot.options();
        _ = options.set(choice.choose().found.options);
        snapshot.document()
    }

    fn opened(text: &str) -> State {
        let mut state = State::default();
        assert_eq!(open(&mut state, URI, text), Changed::Applied);
        state
    }

    fn open(state: &mut State, uri: &str, text: &str) -> Changed {
        let (uri, language) = (uri.parse().unwrap(), "yaml".to_owned());
        state.open(&Opened { uri, language, version: Some(1), text: Some(text.to_owned()) })
    }

    /// Inserts a text at the start, or replaces the whole text.
    fn change(state: &mut State, uri: &str, version: i32, is_whole: bool, text: &str) -> Changed {
        let change = Change { range: (!is_whole).then(Default::default), text: text.to_owned() };
        let edited = Edited { uri: uri.parse().unwrap(), version: Some(version), changes: Some(vec![change]) };
        state.change(&edited, Encoding::Utf16)
    }

    fn text(state: &State) -> Option<String> {
        state.snapshot(URI).map(|it| it.text.as_str().to_owned())
    }

    #[test]
    fn after_a_panic_the_text_is_unknown_until_the_whole_text_is_sent() {
        let mut state = opened("type: task");
        let lost = state.replace(URI, || std::panic::resume_unwind(Box::new("on purpose")));
        assert_eq!((lost, text(&state)), (Changed::Lost, None));
        assert_eq!(change(&mut state, URI, 3, false, "#"), Changed::Ignored);
        assert_eq!(state.next_to_diagnose(URI).map(|it| it.revision), None);
        assert_eq!(change(&mut state, URI, 4, true, "type: dev"), Changed::Applied);
        assert_eq!(text(&state).as_deref(), Some("type: dev"));
        assert_eq!(change(&mut state, URI, 5, false, "#"), Changed::Applied);
        assert_eq!(text(&state).as_deref(), Some("#type: dev"));
    }

    #[test]
    fn a_version_without_a_request_is_not_parsed() {
        let mut state = opened("type: task");
        let first = state.snapshot(URI).unwrap();
        let document = made(&first).unwrap();
        for version in 2..10 {
            change(&mut state, URI, version, false, "#");
        }
        let last = state.snapshot(URI).unwrap();
        assert!(Arc::ptr_eq(&last.base().unwrap(), &document));
        assert_eq!(made(&last).unwrap().text().as_str(), "########type: task");
        assert!(Arc::ptr_eq(&made(&last).unwrap(), &last.base().unwrap()));
    }

    #[test]
    fn only_the_latest_version_is_diagnosed() {
        let mut state = opened("type: task");
        assert!(state.start_diagnosing(URI));
        assert_eq!(state.next_to_diagnose(URI).unwrap().version, Some(1));
        change(&mut state, URI, 2, true, "a");
        assert!(!state.start_diagnosing(URI));
        change(&mut state, URI, 3, true, "b");
        assert_eq!(state.next_to_diagnose(URI).unwrap().version, Some(3));
        assert!(state.next_to_diagnose(URI).is_none());
        assert!(state.start_diagnosing(URI));
        assert!(state.close(URI));
        assert!(state.next_to_diagnose(URI).is_none());
        assert!(state.start_diagnosing(URI));
    }

    #[test]
    fn a_snapshot_does_not_change() {
        let mut state = opened("type: task");
        let before = state.snapshot(URI).unwrap();
        change(&mut state, URI, 2, true, "type: service");
        assert!(!state.record_published(URI, before.revision, true));
        state.close(URI);
        assert_eq!(made(&before).unwrap().text().as_str(), "type: task");
    }

    #[test]
    fn another_release_invalidates_all_documents() {
        let mut state = opened("type: task");
        let old = Release::new(0, 18, 43);
        assert!(!state.configure(Settings::default(), vec![]));
        assert!(state.configure(Settings { release: old.to_string().parse().ok(), ..Settings::default() }, vec![]));
        assert_eq!(made(&state.snapshot(URI).unwrap()).unwrap().release(), old);
        change(&mut state, URI, 2, true, "type: service");
        assert_eq!(made(&state.snapshot(URI).unwrap()).unwrap().release(), old);
    }

    #[test]
    fn a_late_folder_announces_one_change_of_the_release() {
        let mut state = opened("type: task");
        let at_first = Target { note: Some("no answer".into()), ..Target::newest() };
        let later = Target::from(Release::new(0, 19, 40));
        let mut announced = |target: &Target| {
            state.invalidate_all();
            let snapshot = state.snapshot(URI).unwrap();
            _ = snapshot.options().0.set(target.clone().into());
            let document = snapshot.document().unwrap();
            assert!(!state.should_announce_release(URI, snapshot.revision - 1, document.target()));
            state.should_announce_release(URI, snapshot.revision, document.target())
        };
        assert_eq!([&at_first, &at_first, &later, &later].map(&mut announced), [true, false, true, false]);
        state.close(URI);
        assert!(!state.should_announce_release(URI, 1, &later));
    }

    #[test]
    fn yaml_is_a_dstack_file_as_long_as_its_content_is() {
        let uri = "untitled:Untitled-1";
        let mut state = State::default();
        assert_eq!(open(&mut state, uri, ""), Changed::Applied);
        let mut published = |version: i32, text: &str| {
            assert_eq!(change(&mut state, uri, version, true, text), Changed::Applied);
            let snapshot = state.snapshot(uri).unwrap();
            let kind = made(&snapshot).map(|it| it.kind().name());
            (kind, state.record_published(uri, snapshot.revision, kind.is_some()))
        };
        assert_eq!(published(2, "typ"), (None, false));
        assert_eq!(published(3, "type: task"), (Some("configuration"), true));
        assert_eq!(published(4, "type: tas"), (None, true));
        assert_eq!(published(5, "type: ta"), (None, false));
        assert_eq!(published(6, "profiles: [{name: a, retry: true}]"), (Some("profiles"), true));
        assert_eq!(published(7, "type: service"), (Some("configuration"), true));
        assert!(state.close(uri));
        let large = "# \n".repeat(500_000);
        assert_eq!(open(&mut state, uri, &large), Changed::Ignored);
    }
}
