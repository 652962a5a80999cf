//! What is open: the texts as the client sees them, each version immutable.
//!
//! An edit changes the text at once and parses nothing. The first who asks a version for its [`ide::Document`] has it
//! made, from the latest version that was asked before; versions that nobody asks for, in a burst of keys, cost nothing.

use std::{
    collections::{HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use schema::{DocumentKind, Release};
use tower_lsp::ls_types as lsp;
use yaml::{Encoding, Text};

use super::{from_lsp, settings::Settings};

/// A text longer than this is not looked at.
const MAX_TEXT: u32 = 64 << 20;

/// Everything that messages change.
#[derive(Debug, Default)]
pub(crate) struct State {
    documents: HashMap<String, Open>,
    /// What is set; a change makes all documents anew.
    settings: Settings,
    /// The number of the last change to anything.
    revision: u64,
    /// Documents whose diagnostics are being made.
    diagnosing: HashSet<String>,
}

/// An open document.
#[derive(Debug)]
struct Open {
    kind: DocumentKind,
    /// `None` where we lost track of the text.
    snapshot: Option<Arc<Snapshot>>,
    /// The revision whose diagnostics were made last.
    diagnosed: u64,
}

/// One version of a document.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The client's number.
    pub(crate) version: i32,
    /// Ours: grows with every change to any document or setting.
    pub(crate) revision: u64,
    /// The text.
    pub(crate) text: Text,
    kind: DocumentKind,
    release: Release,
    /// An earlier version, to make this one from.
    base: Mutex<Option<Arc<ide::Document>>>,
    document: OnceLock<Arc<ide::Document>>,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    /// It is applied.
    Applied,
    /// The document is not open, or not ours, or lost before.
    Ignored,
    /// It could not be applied: the text is lost until the client sends all of it.
    Lost,
}

impl State {
    /// A document was opened. False if it is none of ours.
    pub(crate) fn open(&mut self, document: &lsp::TextDocumentItem) -> bool {
        let uri = document.uri.as_str();
        let Some(kind) = from_lsp::kind(uri, &document.language_id) else {
            self.documents.remove(uri);
            return false;
        };
        let snapshot = self.snapshot_of(kind, document.version, Text::new(&document.text), None);
        self.documents.insert(uri.to_owned(), Open { kind, snapshot: Some(snapshot), diagnosed: 0 });
        true
    }

    /// A document was edited.
    pub(crate) fn change(
        &mut self,
        uri: &str,
        version: i32,
        changes: &[lsp::TextDocumentContentChangeEvent],
        encoding: Encoding,
    ) -> Changed {
        let Some(open) = self.documents.get(uri) else { return Changed::Ignored };
        let before = match &open.snapshot {
            Some(before) => before.text.clone(),
            // The text is lost, and these changes do not bring it back.
            None if changes.iter().all(|it| it.range.is_some()) => return Changed::Ignored,
            None => Text::new(""),
        };
        self.replace(uri, version, || from_lsp::changed(&before, changes, encoding))
    }

    /// Replace the text of a document; one that cannot be made is lost, and the server lives.
    fn replace(&mut self, uri: &str, version: i32, text: impl FnOnce() -> Text) -> Changed {
        let Some(open) = self.documents.get(uri) else { return Changed::Ignored };
        let (kind, base) = (open.kind, open.snapshot.as_ref().and_then(|it| it.base()));
        let text = catch_unwind(AssertUnwindSafe(text)).ok().filter(|text| text.len() <= MAX_TEXT);
        let changed = if text.is_some() { Changed::Applied } else { Changed::Lost };
        let snapshot = text.map(|text| self.snapshot_of(kind, version, text, base));
        if let Some(open) = self.documents.get_mut(uri) {
            open.snapshot = snapshot;
        }
        changed
    }

    /// A document was closed. False if it was none of ours.
    pub(crate) fn close(&mut self, uri: &str) -> bool {
        self.documents.remove(uri).is_some()
    }

    /// Settings were changed. False if they are what they were.
    pub(crate) fn configure(&mut self, settings: Settings) -> bool {
        if self.settings == settings {
            return false;
        }
        self.settings = settings;
        let uris: Vec<String> = self.documents.keys().cloned().collect();
        for uri in uris {
            let Some((kind, Some(it))) = self.documents.get(&uri).map(|it| (it.kind, it.snapshot.clone())) else {
                continue;
            };
            let snapshot = self.snapshot_of(kind, it.version, it.text.clone(), None);
            if let Some(open) = self.documents.get_mut(&uri) {
                open.snapshot = Some(snapshot);
            }
        }
        true
    }

    /// What is set.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The latest version of a document.
    pub(crate) fn snapshot(&self, uri: &str) -> Option<Arc<Snapshot>> {
        self.documents.get(uri)?.snapshot.clone()
    }

    /// Whether this is the latest version of a document.
    pub(crate) fn is_latest(&self, uri: &str, revision: u64) -> bool {
        self.documents.get(uri).and_then(|it| it.snapshot.as_ref()).is_some_and(|it| it.revision == revision)
    }

    /// All open documents.
    pub(crate) fn uris(&self) -> Vec<String> {
        self.documents.keys().cloned().collect()
    }

    /// Take the diagnostics of a document in hand. False if someone has; he will see its latest version too.
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
        kind: DocumentKind,
        version: i32,
        text: Text,
        base: Option<Arc<ide::Document>>,
    ) -> Arc<Snapshot> {
        self.revision += 1;
        Arc::new(Snapshot {
            version,
            revision: self.revision,
            text,
            kind,
            release: self.settings.release,
            base: Mutex::new(base),
            document: OnceLock::new(),
        })
    }
}

impl Snapshot {
    /// What is derived from the text; made by the first who asks.
    pub(crate) fn document(&self) -> Arc<ide::Document> {
        let make = || {
            // Taken, so that it lives no longer than needed; if making panics, the next try starts afresh.
            let base = self.base.lock().unwrap_or_else(PoisonError::into_inner).take();
            Arc::new(match base {
                Some(base) => base.with_text(self.text.clone()),
                None => ide::Document::new(self.text.clone(), self.kind, self.release),
            })
        };
        self.document.get_or_init(make).clone()
    }

    /// What the next version may be made from.
    fn base(&self) -> Option<Arc<ide::Document>> {
        let base = || self.base.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.document.get().cloned().or_else(base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "file:///a/.dstack.yml";

    fn opened(text: &str) -> State {
        let mut state = State::default();
        assert!(state.open(&lsp::TextDocumentItem::new(URI.parse().unwrap(), "yaml".to_owned(), 1, text.to_owned())));
        state
    }

    fn change(state: &mut State, version: i32, range: Option<lsp::Range>, text: &str) -> Changed {
        let change = lsp::TextDocumentContentChangeEvent { range, range_length: None, text: text.to_owned() };
        state.change(URI, version, &[change], Encoding::Utf16)
    }

    fn text(state: &State) -> Option<String> {
        state.snapshot(URI).map(|it| it.text.as_str().to_owned())
    }

    #[test]
    fn an_edit_that_panics_loses_the_text_until_all_of_it_is_sent() {
        let mut state = opened("type: task");
        let lost = state.replace(URI, 2, || std::panic::resume_unwind(Box::new("on purpose")));
        assert_eq!((lost, text(&state)), (Changed::Lost, None));
        assert_eq!(change(&mut state, 3, Some(lsp::Range::default()), "#"), Changed::Ignored);
        assert_eq!(state.next_to_diagnose(URI).map(|it| it.revision), None);
        assert_eq!(change(&mut state, 4, None, "type: dev"), Changed::Applied);
        assert_eq!(text(&state).as_deref(), Some("type: dev"));
        assert_eq!(change(&mut state, 5, Some(lsp::Range::default()), "#"), Changed::Applied);
        assert_eq!(text(&state).as_deref(), Some("#type: dev"));
    }

    #[test]
    fn a_version_that_nobody_asks_for_is_not_parsed() {
        let mut state = opened("type: task");
        let first = state.snapshot(URI).unwrap();
        let document = first.document();
        for version in 2..10 {
            change(&mut state, version, Some(lsp::Range::default()), "#");
        }
        let last = state.snapshot(URI).unwrap();
        assert!(Arc::ptr_eq(&last.base().unwrap(), &document));
        assert_eq!(last.document().text().as_str(), "########type: task");
        assert!(Arc::ptr_eq(&last.document(), &last.base().unwrap()));
    }

    #[test]
    fn only_the_latest_version_is_diagnosed() {
        let mut state = opened("type: task");
        assert!(state.begin_diagnosing(URI));
        assert_eq!(state.next_to_diagnose(URI).unwrap().version, 1);
        change(&mut state, 2, None, "a");
        assert!(!state.begin_diagnosing(URI));
        change(&mut state, 3, None, "b");
        assert_eq!(state.next_to_diagnose(URI).unwrap().version, 3);
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
        change(&mut state, 2, None, "type: service");
        assert!(!state.is_latest(URI, before.revision));
        state.close(URI);
        assert_eq!(before.document().text().as_str(), "type: task");
    }

    #[test]
    fn another_release_makes_all_documents_anew() {
        let mut state = opened("type: task");
        let old = Release::new(0, 18, 43);
        assert!(!state.configure(Settings::default()));
        assert!(state.configure(Settings { release: old }));
        assert_eq!(state.snapshot(URI).unwrap().document().release(), old);
        change(&mut state, 2, None, "type: service");
        assert_eq!(state.snapshot(URI).unwrap().document().release(), old);
    }
}
