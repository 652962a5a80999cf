//! One version of an open document, immutable, and what is derived from it on demand.
//!
//! The first request about a version makes its [`ide::Document`], from the latest version that has one. Versions that no
//! request is about, in a burst of keys, cost nothing.
//!
//! YAML whose name says nothing is followed too: the content of each version decides whether it is a dstack file, which is
//! also determined by the first request.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock},
    time::Instant,
};

use ide::{Level, Options, Origin, Target};
use schema::DocumentKind;
use tokio::sync::OnceCell;
use yaml::Text;

use super::{convert::kind::Known, settings::Settings, turns::Turns};
use crate::{
    config::Report,
    disk,
    pins::{ConfigSource, Found, Pins, Place, Query},
    sync::lock,
};

/// Where to find out how a document is checked.
#[derive(Clone, Debug)]
pub(crate) struct OptionsSource {
    /// What the settings choose.
    pub(crate) settings: Settings,
    /// The document's file.
    pub(crate) file: Option<PathBuf>,
    /// The folder of the workspace that the file is in.
    pub(crate) root: Option<PathBuf>,
    /// What the project's files pin.
    pub(crate) pins: Arc<Pins>,
    /// What was read for the document.
    pub(crate) read: Arc<Mutex<Read>>,
}

/// What was read for a document the last time that its options were chosen, kept as long as it is open.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// The folders; not read, but held: see [`Found::places`].
    _places: Vec<Place>,
    /// The configuration that decides, with the path that the client knows, and when that was found out.
    pub(crate) report: Option<(Instant, Arc<Report>)>,
}

/// How the files of a folder are checked.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The folder of the workspace, or else that of the document.
    pub(crate) folder: Option<PathBuf>,
    /// What was found.
    pub(crate) found: Found,
}

/// What all versions of an open document share.
#[derive(Clone, Debug)]
pub(crate) struct PerDocument {
    /// See [`OptionsSource::read`].
    pub(crate) read: Arc<Mutex<Read>>,
    /// The queue of the work about this document.
    pub(crate) turns: Arc<Turns>,
    /// How the document is checked; replaced when all documents are invalidated.
    pub(crate) options: Arc<OnceCell<Options>>,
}

impl Default for PerDocument {
    fn default() -> PerDocument {
        PerDocument { read: Arc::default(), turns: Arc::new(Turns::of_document()), options: Arc::default() }
    }
}

/// One version of a document.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The client's number of the version, if it has one.
    pub(crate) version: Option<i32>,
    /// The server's number: it grows with every change to any document or setting.
    pub(crate) revision: u64,
    /// The text.
    pub(crate) text: Text,
    /// What the name and the language of the document say.
    known: Known,
    source: OptionsSource,
    per_document: PerDocument,
    /// An earlier version, to make this one from.
    base: Mutex<Option<Arc<ide::Document>>>,
    /// `None` if the content is not that of a dstack file.
    document: OnceLock<Option<Arc<ide::Document>>>,
}

impl OptionsSource {
    /// The folder of the document's file, with links as they are.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        Some(self.file.as_ref()?.parent()?.to_owned())
    }

    /// Finds out how the document is checked. Reads files, unless they were read before.
    pub(crate) fn choose(&self) -> Chosen {
        let folder = self.file.as_deref().map(disk::folder_of);
        let file =
            folder.as_ref().map(|it| it.join(self.file.as_deref().and_then(Path::file_name).unwrap_or_default()));
        // With links followed, as they are in `folder`.
        let root = self.root.as_ref().map(|it| disk::folder_of(&it.join("-")));
        let release = self.release();
        let mut found = match &file {
            Some(file) => self.pins.find(Query {
                file,
                root: root.as_deref(),
                shown_from: root.as_deref(),
                release: release.as_ref(),
                config: ConfigSource::Nearest,
            }),
            None => Found::without_files(self.target(Target::newest())),
        };
        found.options.rules.extend(self.settings.rules.iter());
        if found.is_excluded {
            found.options.rules = ide::rules::all().iter().map(|it| (it.id, Level::Off)).collect();
        }
        let report = found.report.take().map(|it| {
            let path = self.known_path(&it.path, folder.as_deref());
            (Instant::now(), Arc::new(Report { path, ..it }))
        });
        *lock(&self.read) = Read { _places: found.places.clone(), report };
        Chosen { folder: root.or(folder), found }
    }

    /// The options as far as they do not depend on files; `otherwise` is checked against if the settings choose no release.
    pub(crate) fn without_files(&self, otherwise: Target) -> Options {
        Options { target: self.target(otherwise), rules: self.settings.rules.clone() }
    }

    fn target(&self, otherwise: Target) -> Target {
        self.release().unwrap_or(otherwise)
    }

    fn release(&self) -> Option<Target> {
        self.settings.release.as_ref().map(|it| Target::named(it, Origin::Setting))
    }

    /// The path of a file in a folder above the document, as the client knows it: with links as they are in the path of the
    /// document, not followed as in `folder`.
    fn known_path(&self, path: &Path, folder: Option<&Path>) -> PathBuf {
        let known = || {
            let below = folder?.strip_prefix(path.parent()?).ok()?;
            let own = self.file.as_ref()?.parent()?;
            let above = own.ancestors().nth(below.components().count())?;
            (above.join(below) == own).then(|| above.join(path.file_name().unwrap_or_default()))
        };
        known().unwrap_or_else(|| PathBuf::from(disk::shown(path)))
    }
}

impl Snapshot {
    /// A version without a document so far.
    pub(crate) fn new(
        (version, revision): (Option<i32>, u64),
        text: Text,
        known: Known,
        source: OptionsSource,
        per_document: PerDocument,
        base: Option<Arc<ide::Document>>,
    ) -> Snapshot {
        let (base, document) = (Mutex::new(base), OnceLock::new());
        Snapshot { version, revision, text, known, source, per_document, base, document }
    }

    /// The kind of dstack file; `None` if the text is not that of a dstack file.
    pub(crate) fn kind(&self) -> Option<DocumentKind> {
        let text = self.text.as_str();
        match self.known {
            Known::As(kind) => Some(kind),
            Known::Dstack => Some(ide::kind::of_text(text).unwrap_or_else(|| ide::kind::likeliest(text))),
            Known::Yaml => ide::kind::of_text(text),
            Known::Other => None,
        }
    }

    /// Whether only the content decides if the document is a dstack file.
    pub(crate) fn is_any_yaml(&self) -> bool {
        self.known == Known::Yaml
    }

    /// How the document is checked, once it is known, and where to find that out until then.
    pub(crate) fn options(&self) -> (&OnceCell<Options>, &OptionsSource) {
        (&self.per_document.options, &self.source)
    }

    /// The queue of the work about this document.
    pub(crate) fn turns(&self) -> &Turns {
        &self.per_document.turns
    }

    /// What is derived from the text; made at the first call. `None` if the text is not that of a dstack file. Until a release
    /// is chosen it is the newest.
    pub(crate) fn document(&self) -> Option<Arc<ide::Document>> {
        let make = || {
            let kind = self.kind()?;
            // Taken, so that it is freed as soon as possible; after a panic the next call starts from scratch.
            let base = lock(&self.base).take();
            let options = || self.per_document.options.get().cloned().unwrap_or_else(|| Target::newest().into());
            Some(Arc::new(match base.filter(|it| it.kind() == kind) {
                Some(base) => base.with_text(self.text.clone()),
                None => ide::Document::new(self.text.clone(), kind, options()),
            }))
        };
        self.document.get_or_init(make).clone()
    }

    /// Whether the document has been made.
    #[cfg(test)]
    pub(crate) fn is_made(&self) -> bool {
        self.document.get().is_some()
    }

    /// The document that the next version may be made from.
    pub(crate) fn base(&self) -> Option<Arc<ide::Document>> {
        let base = || lock(&self.base).clone();
        self.document.get().cloned().flatten().or_else(base)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_apply_while_files_cannot_be_read() {
        let options = |sent| {
            let (settings, _) = Settings::default().with(&sent);
            let source = OptionsSource { settings, file: None, root: None, pins: Arc::default(), read: Arc::default() };
            let Options { target, rules } = source.without_files(Target::newest());
            (target, rules.iter().map(|(rule, level)| format!("{rule}={}", level.name())).collect::<Vec<_>>())
        };
        assert_eq!(options(json!({})), (Target::newest(), vec![]));
        let (target, rules) = options(json!({"release": "0.19.40", "rules": {"unknown-field": "off"}}));
        assert_eq!((target.release.to_string(), target.origin), ("0.19.40".into(), Origin::Setting));
        assert_eq!(rules, ["unknown-field=off"]);
    }
}
