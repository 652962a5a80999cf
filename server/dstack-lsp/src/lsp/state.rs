//! What is open: the texts as the client sees them, each version immutable.
//!
//! An edit changes the text at once and parses nothing. The first question about a version makes its [`ide::Document`],
//! from the latest version that was asked about before; versions that nothing is asked about, in a burst of keys, cost
//! nothing.
//!
//! YAML whose name says nothing is followed too: each version is ours or not by its content, which is looked at for the
//! same first question.

use std::{
    collections::{HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use ide::{Origin, Target};
use schema::{DocumentKind, release::Named};
use tokio::sync::OnceCell;
use yaml::{Change, Encoding, Text};

use super::{
    convert::{
        document::{Edited, Opened},
        kind::{Known, kind},
    },
    reorder::Reorder,
    settings::Settings,
    turns::Turns,
    uri,
};
use crate::{
    disk,
    pins::{Found, Pins, Place},
};

/// How many documents that are not open we remember to have been asked about.
const MAX_ASKED_EARLY: usize = 100;

/// A text longer than this is not looked at.
const MAX_TEXT: u32 = 64 << 20;

/// Everything that messages change.
#[derive(Debug, Default)]
pub(crate) struct State {
    documents: HashMap<String, Open>,
    /// What is set; a change makes all documents anew.
    settings: Settings,
    /// The folders of the workspace.
    folders: Vec<Folder>,
    /// What the project's files pin.
    pins: Arc<Pins>,
    /// Whether these files are being looked at again, and whether that is to be done once more.
    looking: Option<bool>,
    /// The number of the last change to anything.
    revision: u64,
    /// Documents whose diagnostics are being made.
    diagnosing: HashSet<String>,
    /// Documents whose diagnostics were asked for while they were not open.
    asked_early: HashSet<String>,
}

/// A folder of the workspace.
#[derive(Debug)]
struct Folder {
    uri: String,
    path: Option<PathBuf>,
    /// What is set there, if the client tells.
    settings: Option<Settings>,
}

/// Where the release for a document is found.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    setting: Option<Named>,
    /// The document's file.
    file: Option<PathBuf>,
    /// The folder of the workspace that it is in.
    root: Option<PathBuf>,
    pins: Arc<Pins>,
    /// The folders that were read for the document, held as long as it is open.
    places: Arc<Mutex<Vec<Place>>>,
}

/// The release that was found for files of a folder.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The folder of the workspace, or else that of the document.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) found: Found,
}

/// An open document.
#[derive(Debug)]
struct Open {
    known: Known,
    /// `None` where the text is unknown.
    snapshot: Option<Arc<Snapshot>>,
    /// The revision whose diagnostics were made last.
    diagnosed: u64,
    /// Whether the client has diagnostics of ours about it.
    told: bool,
    /// The release that the client was told last.
    told_release: Option<Target>,
    reorder: Reorder,
    lasting: Lasting,
}

/// What all versions of an open document share.
#[derive(Clone, Debug)]
struct Lasting {
    /// See [`Choice`].
    places: Arc<Mutex<Vec<Place>>>,
    turns: Arc<Turns>,
    /// The release that the document is checked against; another one where all documents are made anew.
    target: Arc<OnceCell<Target>>,
}

impl Default for Lasting {
    fn default() -> Lasting {
        Lasting { places: Arc::default(), turns: Arc::new(Turns::of_document()), target: Arc::default() }
    }
}

/// One version of a document.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The client's number, if it has one.
    pub(crate) version: Option<i32>,
    /// Ours: grows with every change to any document or setting.
    pub(crate) revision: u64,
    /// The text.
    pub(crate) text: Text,
    known: Known,
    choice: Choice,
    lasting: Lasting,
    /// An earlier version, to make this one from.
    base: Mutex<Option<Arc<ide::Document>>>,
    /// `None` where the content is not dstack's.
    document: OnceLock<Option<Arc<ide::Document>>>,
}

/// What became of a change.
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
    /// What became of a change of a document, by whether the text is known then.
    fn of(is_known: bool, is_ours: bool) -> Changed {
        match (is_known, is_ours) {
            (true, _) => Changed::Applied,
            (false, true) => Changed::Lost,
            (false, false) => Changed::Ignored,
        }
    }
}

impl State {
    /// A document was opened.
    pub(crate) fn open(&mut self, opened: &Opened) -> Changed {
        let uri = opened.uri.as_str();
        let known = kind(uri, &opened.language);
        let is_dstacks = matches!(known, Known::As(_) | Known::Dstack);
        let len = opened.text.as_ref().map_or(0, String::len);
        // Large files of others are not even kept.
        if !is_dstacks && (known == Known::Other || len > ide::kind::MOST_READ) {
            self.documents.remove(uri);
            return Changed::Ignored;
        }
        let lasting = Lasting::default();
        let text = opened.text.as_deref().filter(|_| len <= MAX_TEXT as usize).map(Text::new);
        let snapshot = text.map(|text| self.snapshot_of(uri, known, opened.version, text, None, &lasting));
        let changed = Changed::of(snapshot.is_some(), is_dstacks);
        let open = Open {
            known,
            snapshot,
            diagnosed: 0,
            told: is_dstacks,
            told_release: None,
            reorder: Reorder::new(opened.version),
            lasting,
        };
        self.documents.insert(uri.to_owned(), open);
        changed
    }

    /// The diagnostics of a document are asked for. Remembers it if it is not open: VS Code asks about the files that it shows
    /// before it opens them, and takes the empty answer for good.
    pub(crate) fn ask_early(&mut self, uri: &str) {
        if !self.documents.contains_key(uri) && self.asked_early.len() < MAX_ASKED_EARLY {
            self.asked_early.insert(uri.to_owned());
        }
    }

    /// Whether the diagnostics of a document that is open now were asked for before it was. Says so once.
    pub(crate) fn was_asked_early(&mut self, uri: &str) -> bool {
        self.asked_early.remove(uri)
    }

    /// A document was edited.
    pub(crate) fn change(&mut self, edited: &Edited, encoding: Encoding) -> Changed {
        let uri = edited.uri.as_str();
        let Some(open) = self.documents.get(uri) else { return Changed::Ignored };
        let is_whole = |changes: &[Change]| changes.iter().any(|it| it.range.is_none());
        let before = match (&open.snapshot, &edited.changes) {
            (Some(before), _) => before.text.clone(),
            (None, Some(changes)) if is_whole(changes) => Text::new(""),
            // These changes do not bring the text back.
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

    /// The text of a document is not known any more.
    pub(crate) fn lose(&mut self, uri: &str) -> Changed {
        match self.documents.get(uri).is_some_and(|it| it.snapshot.is_some()) {
            true => self.replace(uri, || None),
            false => Changed::Ignored,
        }
    }

    /// Replaces the text and the version of a document. If making the text fails or panics, it is unknown from then on.
    fn replace(&mut self, uri: &str, text: impl FnOnce() -> Option<(Text, Option<i32>)>) -> Changed {
        let Some(open) = self.documents.get(uri) else { return Changed::Ignored };
        let (known, base) = (open.known, open.snapshot.as_ref().and_then(|it| it.base()));
        // Of files of others the client hears nothing, also if it asks for diagnostics itself.
        let is_ours = open.told || base.is_some();
        let lasting = open.lasting.clone();
        let text = catch_unwind(AssertUnwindSafe(text)).ok().flatten().filter(|it| it.0.len() <= MAX_TEXT);
        let changed = Changed::of(text.is_some(), is_ours);
        let snapshot = text.map(|(text, version)| self.snapshot_of(uri, known, version, text, base, &lasting));
        if let Some(open) = self.documents.get_mut(uri) {
            open.snapshot = snapshot;
        }
        changed
    }

    /// A document was closed. Whether there is something to take back.
    pub(crate) fn close(&mut self, uri: &str) -> bool {
        self.documents.remove(uri).is_some_and(|it| it.told)
    }

    /// Diagnostics of a version are to be sent, or none because it is not ours (`told` is false). Whether that is worth a
    /// message: the version is the latest, and the client has something of ours or gets it now.
    pub(crate) fn tell(&mut self, uri: &str, revision: u64, told: bool) -> bool {
        let Some(open) = self.documents.get_mut(uri) else { return false };
        if open.snapshot.as_ref().is_none_or(|it| it.revision != revision) {
            return false;
        }
        std::mem::replace(&mut open.told, told) || told
    }

    /// A version is checked against this release. Whether that is worth a message: the version is the latest, and the client
    /// does not know it yet.
    pub(crate) fn tell_release(&mut self, uri: &str, revision: u64, target: &Target) -> bool {
        let Some(open) = self.documents.get_mut(uri) else { return false };
        if open.snapshot.as_ref().is_none_or(|it| it.revision != revision) || open.told_release.as_ref() == Some(target)
        {
            return false;
        }
        open.told_release = Some(target.clone());
        true
    }

    /// Settings were changed: those of the workspace, and for some of its folders others. False if they are what they were.
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
            self.renew();
        }
        changed
    }

    /// Folders of the workspace came or went.
    pub(crate) fn change_folders(&mut self, added: Vec<String>, removed: &[String]) {
        self.folders.retain(|it| !removed.contains(&it.uri) && !added.contains(&it.uri));
        let folder = |uri: String| Folder { path: uri::file(&uri), uri, settings: None };
        self.folders.extend(added.into_iter().map(folder));
        self.renew();
    }

    /// The folders of the workspace, by their URIs.
    pub(crate) fn folders(&self) -> Vec<String> {
        self.folders.iter().map(|it| it.uri.clone()).collect()
    }

    /// What pins dstack is to be looked at again. `None` if that is being done; then it is done once more.
    pub(crate) fn begin_looking(&mut self) -> Option<Arc<Pins>> {
        let is_first = self.looking.is_none();
        self.looking = Some(!is_first);
        is_first.then(|| self.pins.clone())
    }

    /// It was looked at. What to look at again, if files have changed meanwhile.
    pub(crate) fn end_looking(&mut self) -> Option<Arc<Pins>> {
        let again = self.looking.take() == Some(true);
        again.then(|| self.begin_looking()).flatten()
    }

    /// Make all documents anew.
    pub(crate) fn renew(&mut self) {
        let uris: Vec<String> = self.documents.keys().cloned().collect();
        for uri in uris {
            let Some(open) = self.documents.get_mut(&uri) else { continue };
            open.lasting.target = Arc::default();
            let (known, lasting) = (open.known, open.lasting.clone());
            let Some(it) = open.snapshot.clone() else { continue };
            let snapshot = self.snapshot_of(&uri, known, it.version, it.text.clone(), None, &lasting);
            if let Some(open) = self.documents.get_mut(&uri) {
                open.snapshot = Some(snapshot);
            }
        }
    }

    /// Where the release for a document is found. One that is no file counts to the first folder.
    fn choice(&self, uri: &str, lasting: &Lasting) -> Choice {
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
        let (pins, places) = (self.pins.clone(), lasting.places.clone());
        Choice { setting: settings.release.clone(), file, root, pins, places }
    }

    /// What is set.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The latest version of a document.
    pub(crate) fn snapshot(&self, uri: &str) -> Option<Arc<Snapshot>> {
        self.documents.get(uri)?.snapshot.clone()
    }

    /// All open documents.
    pub(crate) fn uris(&self) -> Vec<String> {
        self.documents.keys().cloned().collect()
    }

    /// Begins to make the diagnostics of a document. False if that is being done; then its latest version is seen too.
    pub(crate) fn begin_diagnosing(&mut self, uri: &str) -> bool {
        self.diagnosing.insert(uri.to_owned())
    }

    /// The version to diagnose next; where there is none the document is out of hand again.
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
        lasting: &Lasting,
    ) -> Arc<Snapshot> {
        self.revision += 1;
        Arc::new(Snapshot {
            version,
            revision: self.revision,
            text,
            known,
            choice: self.choice(uri, lasting),
            lasting: lasting.clone(),
            base: Mutex::new(base),
            document: OnceLock::new(),
        })
    }
}

impl Choice {
    /// The folder of the document's file, as its name says it.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        Some(self.file.as_ref()?.parent()?.to_owned())
    }

    /// Reads files, unless that is done already.
    pub(crate) fn choose(&self) -> Chosen {
        let folder = self.file.as_deref().map(disk::folder_of);
        // With links followed, as they are in `folder`.
        let root = self.root.as_ref().map(|it| disk::folder_of(&it.join("-")));
        let found = match (&self.setting, &folder) {
            (Some(named), _) => Found::without_files(Target::named(named, Origin::Setting)),
            (None, Some(folder)) => self.pins.target(folder, root.as_deref(), root.as_deref()),
            (None, None) => Found::without_files(Target::newest()),
        };
        *self.places.lock().unwrap_or_else(PoisonError::into_inner) = found.places.clone();
        Chosen { folder: root.or(folder), found }
    }
}

impl Snapshot {
    /// What the document is to dstack; `None` if the text is not dstack's.
    pub(crate) fn kind(&self) -> Option<DocumentKind> {
        let text = self.text.as_str();
        match self.known {
            Known::As(kind) => Some(kind),
            Known::Dstack => Some(ide::kind::of_text(text).unwrap_or_else(|| ide::kind::likeliest(text))),
            Known::Yaml => ide::kind::of_text(text),
            Known::Other => None,
        }
    }

    /// Whether only the content tells what the document is.
    pub(crate) fn is_any_yaml(&self) -> bool {
        self.known == Known::Yaml
    }

    /// The release that the document is checked against, and the way to it, as long as it is not decided.
    pub(crate) fn target(&self) -> (&OnceCell<Target>, &Choice) {
        (&self.lasting.target, &self.choice)
    }

    /// Whose turn it is in the document.
    pub(crate) fn turns(&self) -> &Turns {
        &self.lasting.turns
    }

    /// What is derived from the text; made at the first call. `None` if the text is not dstack's. Where no release is
    /// decided it is the newest.
    pub(crate) fn document(&self) -> Option<Arc<ide::Document>> {
        let make = || {
            let kind = self.kind()?;
            // Taken, so that it lives no longer than needed; if making panics, the next try starts afresh.
            let base = self.base.lock().unwrap_or_else(PoisonError::into_inner).take();
            let target = || self.lasting.target.get().cloned().unwrap_or_else(Target::newest);
            Some(Arc::new(match base.filter(|it| it.kind() == kind) {
                Some(base) => base.with_text(self.text.clone()),
                None => ide::Document::new(self.text.clone(), kind, target()),
            }))
        };
        self.document.get_or_init(make).clone()
    }

    /// Whether the document is made already.
    #[cfg(test)]
    pub(crate) fn is_made(&self) -> bool {
        self.document.get().is_some()
    }

    /// What the next version may be made from.
    fn base(&self) -> Option<Arc<ide::Document>> {
        let base = || self.base.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.document.get().cloned().flatten().or_else(base)
    }
}

#[cfg(test)]
mod tests {
    use schema::Release;

    use super::*;

    const URI: &str = "file:///a/.dstack.yml";

    /// The document of a version, checked against the release that its files or settings say.
    fn made(snapshot: &Snapshot) -> Option<Arc<ide::Document>> {
        let (target, choice) = snapshot.target();
        _ = target.set(choice.choose().found.target);
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
    fn an_edit_that_panics_loses_the_text_until_all_of_it_is_sent() {
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
    fn a_version_that_nobody_asks_for_is_not_parsed() {
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
        assert!(state.begin_diagnosing(URI));
        assert_eq!(state.next_to_diagnose(URI).unwrap().version, Some(1));
        change(&mut state, URI, 2, true, "a");
        assert!(!state.begin_diagnosing(URI));
        change(&mut state, URI, 3, true, "b");
        assert_eq!(state.next_to_diagnose(URI).unwrap().version, Some(3));
        assert!(state.next_to_diagnose(URI).is_none());
        assert!(state.begin_diagnosing(URI));
        assert!(state.close(URI));
        assert!(state.next_to_diagnose(URI).is_none());
        assert!(state.begin_diagnosing(URI));
    }

    #[test]
    fn a_snapshot_stays_as_it_was() {
        let mut state = opened("type: task");
        let before = state.snapshot(URI).unwrap();
        change(&mut state, URI, 2, true, "type: service");
        assert!(!state.tell(URI, before.revision, true));
        state.close(URI);
        assert_eq!(made(&before).unwrap().text().as_str(), "type: task");
    }

    #[test]
    fn another_release_makes_all_documents_anew() {
        let mut state = opened("type: task");
        let old = Release::new(0, 18, 43);
        assert!(!state.configure(Settings::default(), vec![]));
        assert!(state.configure(Settings { release: old.to_string().parse().ok() }, vec![]));
        assert_eq!(made(&state.snapshot(URI).unwrap()).unwrap().release(), old);
        change(&mut state, URI, 2, true, "type: service");
        assert_eq!(made(&state.snapshot(URI).unwrap()).unwrap().release(), old);
    }

    #[test]
    fn a_folder_that_answers_late_is_one_change_of_the_release() {
        let mut state = opened("type: task");
        let at_first = Target { note: Some("nothing answers".into()), ..Target::newest() };
        let later = Target::from(Release::new(0, 19, 40));
        let mut told = |target: &Target| {
            state.renew();
            let snapshot = state.snapshot(URI).unwrap();
            _ = snapshot.target().0.set(target.clone());
            let document = snapshot.document().unwrap();
            assert!(!state.tell_release(URI, snapshot.revision - 1, document.target()));
            state.tell_release(URI, snapshot.revision, document.target())
        };
        assert_eq!([&at_first, &at_first, &later, &later].map(&mut told), [true, false, true, false]);
        state.close(URI);
        assert!(!state.tell_release(URI, 1, &later));
    }

    #[test]
    fn yaml_is_ours_as_long_as_it_reads_so() {
        let uri = "untitled:Untitled-1";
        let mut state = State::default();
        assert_eq!(open(&mut state, uri, ""), Changed::Applied);
        let mut told = |version: i32, text: &str| {
            assert_eq!(change(&mut state, uri, version, true, text), Changed::Applied);
            let snapshot = state.snapshot(uri).unwrap();
            let kind = made(&snapshot).map(|it| it.kind().name());
            (kind, state.tell(uri, snapshot.revision, kind.is_some()))
        };
        assert_eq!(told(2, "typ"), (None, false));
        assert_eq!(told(3, "type: task"), (Some("configuration"), true));
        assert_eq!(told(4, "type: tas"), (None, true));
        assert_eq!(told(5, "type: ta"), (None, false));
        assert_eq!(told(6, "profiles: [{name: a, retry: true}]"), (Some("profiles"), true));
        assert_eq!(told(7, "type: service"), (Some("configuration"), true));
        assert!(state.close(uri));
        let large = "# \n".repeat(500_000);
        assert_eq!(open(&mut state, uri, &large), Changed::Ignored);
    }
}
