//! Checking one file, from its bytes to its diagnostics.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Mutex,
};

use ide::{Document, Origin, RuleOptions, Secrets, Target};
use schema::{DocumentKind, release::Named};
use tracing::{debug, trace};
use yaml::{Encoding, Position, Text};

use super::{
    checked::{Checked, Finding},
    decode::{legible, not_utf8, wide_encoding},
};
use crate::{
    config::{Problem, Report},
    disk::{self, Source},
    log,
    pins::{ConfigSource, Found, Pins, Query},
    sync::lock,
};

/// Checks files, all in the same way.
pub(super) struct Checker<'a> {
    /// Whether to apply safe fixes first.
    pub(super) fix: bool,
    /// The kind of all files, if the user chose one.
    pub(super) kind: Option<DocumentKind>,
    /// The name of the file whose text standard input is.
    pub(super) stdin_filename: Option<&'a Path>,
    /// The release for all files, if the user chose one.
    pub(super) release: Option<&'a Named>,
    /// The levels of rules for all files, which take precedence over the configuration.
    pub(super) rules: RuleOptions,
    /// Where the configuration is.
    pub(super) config: ConfigSource<'a>,
    /// What the files of the projects pin.
    pub(super) pins: Pins,
    /// The current folder, to which paths in messages are relative.
    pub(super) here: &'a Path,
    /// Notes for the user, each once.
    pub(super) notes: Mutex<BTreeSet<String>>,
    /// The mistakes in each configuration, in the order of its lines.
    pub(super) config_problems: Mutex<BTreeMap<PathBuf, Vec<String>>>,
}

/// Why a file is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileOrigin {
    /// It is named on the command line.
    Named,
    /// It was found in a folder.
    Found,
}

/// The outcome for a file that could be checked, or need not be.
pub(super) enum Outcome {
    /// It was checked.
    Checked(Box<Checked>),
    /// It is not a dstack file.
    NotDstack,
    /// It was not read, because a configuration excludes it.
    Excluded {
        /// The file of the configuration, as it may be shown.
        by: String,
    },
}

impl Checker<'_> {
    /// Checks a file.
    ///
    /// # Errors
    /// A sentence about why it could not be checked.
    pub(super) fn check(&self, source: &Source, origin: FileOrigin) -> Result<Outcome, String> {
        let found = self.find(source);
        if found.is_excluded && origin == FileOrigin::Found {
            let by = found.report.as_ref().map_or(String::new(), |it| self.shown(&it.path));
            self.note_config(found.report);
            return Ok(Outcome::Excluded { by });
        }
        let checked = self.check_content(source, found)?;
        Ok(checked.map_or(Outcome::NotDstack, |it| Outcome::Checked(Box::new(it))))
    }

    /// Reads and checks a file; `None` if it is not a dstack file.
    fn check_content(&self, source: &Source, found: Found) -> Result<Option<Checked>, String> {
        let (bytes, whole) = disk::read(source);
        trace!(bytes = bytes.len(), "read a file");
        let checked = |fixed: &mut Option<Vec<u8>>| match whole.clone() {
            // A file that is not known to be a dstack file may be unreadable.
            Err(_) if matches!(source, Source::Unknown(_)) => Ok(None),
            Err(problem) => Err(problem),
            Ok(()) => self.check_bytes(source, &bytes, found.clone(), fixed),
        };
        if !self.fix || *source != Source::Stdin {
            return catching_panics(source, || checked(&mut None));
        }
        // At the end of its input, a terminal would wait for more.
        let rest = whole.is_err().then(|| io::stdin().lock());
        filtered(&bytes, rest, io::stdout().lock(), |fixed| catching_panics(source, || checked(fixed)))
    }

    /// Checks the bytes of a file. `fixed` becomes the text of standard input with all fixes.
    fn check_bytes(
        &self,
        source: &Source,
        bytes: &[u8],
        found: Found,
        fixed: &mut Option<Vec<u8>>,
    ) -> Result<Option<Checked>, String> {
        if matches!(source, Source::Unknown(_)) && bytes.len() > ide::MAX_DETECTED_BYTES {
            let head = bytes[..ide::MAX_DETECTED_BYTES].utf8_chunks().next().map_or("", |it| it.valid());
            self.note(ide::kind::of_text(head).map(|_| {
                let (name, limit) = (source.name(), ide::MAX_DETECTED_BYTES >> 20);
                format!(
                    "skipped `{name}`, which looks like a dstack file but exceeds {limit} MiB; pass it by name to check it"
                )
            }));
            return Ok(None);
        }
        let path = match source {
            Source::Stdin => self.stdin_filename,
            Source::File(path) | Source::Unknown(path) => Some(path.as_path()),
        };
        let (mark, content) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
            Some(content) => (&bytes[..3], content),
            None => (&bytes[..0], bytes),
        };
        let decoded = match wide_encoding(content) {
            Some(_) => Err(0),
            None => std::str::from_utf8(content).map_err(|error| error.valid_up_to()),
        };
        let Some(kind) = self.kind_of(source, path, decoded.ok()) else { return Ok(None) };
        let text = Text::new(&decoded.map_or_else(|_| legible(content), Cow::Borrowed));
        let Found { options, problems, report, .. } = found;
        self.note_config(report);
        let mut checked = Checked {
            name: path.map_or_else(|| "<stdin>".to_owned(), |it| it.to_string_lossy().into_owned()),
            kind,
            configuration_type: None,
            text: text.clone(),
            shift: mark.len() as u32,
            target: options.target.clone(),
            parses: true,
            diagnostics: vec![],
            suppressed: 0,
            suppressed_errors: 0,
            secrets: Secrets::default(),
            fixed: 0,
            unwritten: None,
        };
        if let Err(offset) = decoded {
            checked.diagnostics.push(not_utf8(content, offset).into());
            checked.parses = false;
            checked.mask_secrets(&Document::new(text, kind, checked.target.release));
            self.note(problems);
            return Ok(Some(checked));
        }

        let diagnose = |fix: bool| {
            let document = Document::new(text.clone(), kind, options.clone());
            let (document, fixes) = if fix { ide::fixed(&document) } else { (document, vec![]) };
            ide::findings(&document);
            (document, fixes)
        };
        let (mut document, mut fixes) = diagnose(self.fix);
        if self.fix {
            let changed = document.text().as_str().as_bytes();
            match source {
                Source::Stdin => *fixed = Some([mark, changed].concat()),
                Source::File(path) | Source::Unknown(path) if changed != content => {
                    if let Err(problem) = disk::write(path, bytes, &[mark, changed].concat()) {
                        // The file still has the diagnostics of the text that was read.
                        (document, fixes) = unfixed(source, &problem, || Ok(diagnose(false)))?;
                        checked.unwritten = Some(problem);
                    }
                }
                Source::File(_) | Source::Unknown(_) => {}
            }
        }
        if document.target().origin != Origin::Comment {
            self.note(problems);
        }
        if matches!(kind, DocumentKind::Configuration | DocumentKind::Template) {
            let hidden = |it: &str| document.secrets().hidden(it).into_owned();
            checked.configuration_type = document.configuration_type().map(hidden);
        }
        checked.mask_secrets(&document);
        checked.target = document.target().clone();
        let findings = ide::findings(&document);
        checked.parses = findings.parses();
        checked.suppressed = findings.suppressed.len();
        checked.suppressed_errors = findings.suppressed_errors();
        debug!(
            file = log::document(&checked.name, &checked.name),
            kind = kind.name(),
            diagnostics = findings.shown.len(),
            "checked a file"
        );
        let diagnostics = Finding::all(&document, &findings.shown);
        Ok(Some(Checked { diagnostics, fixed: fixes.len(), ..checked }))
    }

    /// The kind of a file; `None` if it is not a dstack file. `text` is `None` if it is not UTF-8.
    fn kind_of(&self, source: &Source, path: Option<&Path>, text: Option<&str>) -> Option<DocumentKind> {
        let by_content = match source {
            Source::Unknown(_) => Some(text.and_then(ide::kind::of_text)?),
            Source::Stdin | Source::File(_) => None,
        };
        let likeliest = || text.map_or(DocumentKind::Configuration, ide::kind::likeliest);
        Some(self.kind.or(by_content).or_else(|| path.and_then(disk::kind_of)).unwrap_or_else(likeliest))
    }

    /// How a file is checked.
    fn find(&self, source: &Source) -> Found {
        let path = match source {
            Source::Stdin => self.stdin_filename,
            Source::File(path) | Source::Unknown(path) => Some(path.as_path()),
        };
        let folder = path.map_or_else(|| self.here.to_owned(), disk::folder_of);
        let file = folder.join(path.and_then(Path::file_name).unwrap_or("-".as_ref()));
        let release = self.release.map(|it| Target::named(it, Origin::Argument));
        let mut found = self.pins.find(Query {
            file: &file,
            root: None,
            shown_from: Some(self.here),
            release: release.as_ref(),
            config: self.config,
        });
        found.options.rules.extend(self.rules.iter());
        found
    }

    /// Notes the mistakes in a configuration, as `dstack-lsp.toml:3:1: …`.
    pub(super) fn note_config(&self, report: Option<Report>) {
        let Some(report) = report.filter(|it| !it.problems.is_empty()) else { return };
        let lines = || {
            let name = self.shown(&report.path);
            let text = Text::new(&report.text);
            let line = |it: &Problem| {
                let Position { line, column } = text.position(it.span.start, Encoding::Utf32);
                format!("{name}:{}:{}: {}", line + 1, column + 1, it.message)
            };
            report.problems.iter().map(line).collect()
        };
        lock(&self.config_problems).entry(report.path.clone()).or_insert_with(lines);
    }

    /// A path as it may be shown, relative to the current folder.
    fn shown(&self, path: &Path) -> String {
        disk::shown(path.strip_prefix(self.here).unwrap_or(path))
    }

    fn note(&self, notes: impl IntoIterator<Item = String>) {
        lock(&self.notes).extend(notes);
    }
}

/// Prints standard input, fixed if that succeeds and unchanged otherwise: an editor that filters a text through the command
/// takes the output as the new text, whatever the exit status. `rest` is the input that was not read for the check.
fn filtered<T>(
    bytes: &[u8],
    rest: Option<impl io::Read>,
    mut out: impl Write,
    check: impl FnOnce(&mut Option<Vec<u8>>) -> Result<T, String>,
) -> Result<T, String> {
    let mut fixed = None;
    let checked = check(&mut fixed);
    let print = || {
        out.write_all(fixed.as_deref().unwrap_or(bytes))?;
        if let Some(mut rest) = rest {
            io::copy(&mut rest, &mut out)?;
        }
        out.flush()
    };
    match print() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot copy standard input to standard output: {error}"))
        }
        _ => checked,
    }
}

/// The result of `work`; if it panics, an error that says so. Its place is printed on standard error.
fn catching_panics<T>(source: &Source, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let failed =
        || format!("internal error while checking `{}`; this is a bug in dstack-lsp, please report it", source.name());
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(failed()))
}

/// The diagnostics without fixes, for a file that could not be written because of `problem`, which is reported even if they
/// panic.
fn unfixed<T>(source: &Source, problem: &str, diagnose: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catching_panics(source, diagnose).map_err(|failed| format!("{problem}; {failed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panics<T>() -> Result<T, String> {
        std::panic::resume_unwind(Box::new("on purpose"))
    }

    #[test]
    fn a_filter_prints_its_input_whatever_fails() {
        let filter = |check: fn(&mut Option<Vec<u8>>) -> Result<(), String>| {
            let mut out = vec![];
            let checked =
                filtered(b"tex", Some(&b"t"[..]), &mut out, |fixed| catching_panics(&Source::Stdin, || check(fixed)));
            (String::from_utf8(out).unwrap(), checked.is_ok())
        };
        assert_eq!(filter(|_| Ok(())), ("text".to_owned(), true));
        assert_eq!(filter(|_| Err("too large".to_owned())), ("text".to_owned(), false));
        assert_eq!(filter(|_| panics()), ("text".to_owned(), false));
        // Diagnostics may panic after the text is fixed.
        let fixed = |fixed: &mut Option<Vec<u8>>| {
            *fixed = Some(b"fixed ".to_vec());
            panics()
        };
        assert_eq!(filter(fixed), ("fixed t".to_owned(), false));
    }

    #[test]
    fn a_write_error_is_reported_even_if_the_checker_fails_afterwards() {
        let said = unfixed::<()>(&Source::File("a.yml".into()), "cannot write `a.yml`: it is read-only", panics);
        let failed = "internal error while checking `a.yml`; this is a bug in dstack-lsp, please report it";
        assert_eq!(said, Err(format!("cannot write `a.yml`: it is read-only; {failed}")));
    }
}
