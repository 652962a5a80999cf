//! `dstack-lsp check`: the findings of an editor, in a terminal.
//!
//! Exit code: 0 without errors, be it with warnings or without any dstack files; 1 with findings of severity error; 2 where
//! something could not be checked.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    io::{self, IsTerminal, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use ide::{Diagnostic, Document, Origin, Secrets, Severity, Stage, Target};
use schema::{DocumentKind, release::Named};
use yaml::{Span, Text};

use super::{COULD_NOT_RUN, complain, human, print, remark, report, statistics, warn};
use crate::{
    disk::{self, Source},
    pins::{Found, Pins},
    sync::lock,
};

/// What stands below the options in the help: what scripts rely on.
const EXIT_STATUS: &str = "\
Exit status:
  0  no errors; there may be warnings, or no dstack files
  1  errors were found (0 with `--exit-zero`)
  2  something could not be checked or written, or an argument is wrong";

/// What `check` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_STATUS)]
pub(crate) struct Arguments {
    /// Files and folders; a folder is searched for dstack files, `-` is standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The release of dstack to check against; `auto` is what the project pins, else the newest known
    #[arg(long, default_value = "auto")]
    release: Wanted,
    /// What the files are, where their names and contents do not tell
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(DocumentKind::ALL.map(DocumentKind::name)))]
    kind: Option<String>,
    /// How to print the findings
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// When to use colors [default: on a terminal, unless the environment says otherwise]
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto", hide_default_value = true)]
    color: human::When,
    /// Count the findings by rule and by file instead of listing them
    #[arg(long)]
    statistics: bool,
    /// Apply all safe fixes first; text from standard input goes to standard output, unchanged if it cannot be fixed, and the
    /// findings to standard error
    #[arg(long)]
    fix: bool,
    /// Exit with 0 even if there are findings
    #[arg(long)]
    exit_zero: bool,
    /// The name of the file that standard input is the text of
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<PathBuf>,
}

/// The release that was asked for; none with `auto`.
#[derive(Clone, Debug)]
struct Wanted(Option<Named>);

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Wanted, String> {
        Ok(Wanted(if text == "auto" { None } else { Some(text.parse()?) }))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: the line, what is wrong with it, what to do
    Human,
    /// For programs
    Json,
}

/// A file and what was found in it.
pub(crate) struct Checked {
    /// The path as given or found.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: DocumentKind,
    /// The value of `type` in a configuration.
    pub(crate) configuration_type: Option<String>,
    /// The text that the findings are about, without a byte order mark, its secrets covered.
    pub(crate) text: Text,
    /// Bytes of the file before the text: those of the byte order mark.
    pub(crate) shift: u32,
    /// The release that it was checked against, and who chose it.
    pub(crate) target: Target,
    /// Whether dstack takes it, whatever a comment of ours suppresses.
    pub(crate) parses: bool,
    /// What is wrong.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How many more findings a comment suppresses.
    pub(crate) suppressed: usize,
    /// How many of these dstack will report nevertheless.
    pub(crate) suppressed_errors: usize,
    /// What no report may show.
    pub(crate) secrets: Secrets,
    /// How many fixes were applied.
    pub(crate) fixed: usize,
    /// Why the text with the fixes could not be written; the findings are those without fixes then.
    pub(crate) unwritten: Option<String>,
}

impl Checked {
    /// Takes the text of the document as reports may show it: each character in its place, but those of secrets.
    fn show_without_secrets(&mut self, document: &Document) {
        self.secrets = document.secrets().clone();
        self.text = match self.secrets.is_empty() {
            true => document.text().clone(),
            false => Text::new(&self.secrets.covered(document.text().as_str())),
        };
    }
}

/// Checks everything that the arguments name, and reports.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let from_stdin = arguments.paths.is_empty() && arguments.stdin_filename.is_some();
    let paths = match &arguments.paths[..] {
        [] => vec![PathBuf::from(if from_stdin { "-" } else { "." })],
        paths => paths.to_vec(),
    };
    let found = disk::find(&paths);
    let mut problems = found.problems;
    let mut warnings = vec![];
    let around = Around {
        release: arguments.release.0.as_ref(),
        pins: Pins::default(),
        here: disk::folder_of(Path::new("-")),
        remarks: Mutex::default(),
    };
    if arguments.fix {
        disk::remove_leftovers(&found.sources);
    }
    let results = in_parallel(&found.sources, |source| check(source, arguments, &around));
    for (folder, places) in &found.folders {
        if places.iter().all(|it| matches!(results[*it], Ok(None))) {
            warnings.push(format!(
                "no dstack files in `{}`: none ends in `.dstack.yml`, and no other YAML file looks like one; pass a \
                 file by name to check it anyway",
                disk::shown(folder)
            ));
        }
    }
    let mut checked = vec![];
    for result in results {
        match result {
            Ok(it) => checked.extend(it),
            Err(problem) => problems.push(problem),
        }
    }
    problems.extend(checked.iter().filter_map(|it: &Checked| it.unwritten.clone()));

    let stdout_is_text = arguments.fix && found.sources.contains(&Source::Stdin);
    let report = match arguments.format {
        Format::Json if arguments.statistics => statistics::json(&checked),
        Format::Json => report::json(&checked, around.release.map(|it| it.release)),
        // What could not be checked is said below; "nothing to report" would be a strange thing to say above it.
        Format::Human if checked.is_empty() => String::new(),
        Format::Human => {
            let terminal = if stdout_is_text { io::stderr().is_terminal() } else { io::stdout().is_terminal() };
            let look = human::Look::new(arguments.color, terminal);
            if arguments.statistics { statistics::text(&checked, look) } else { human::text(&checked, look) }
        }
    };
    // Characters that turn the direction of the text around would make a name or a value read as another one. A program gets
    // the same strings, written as escapes.
    let report = in_one_direction(report, arguments.format);
    if stdout_is_text {
        // That nobody listens there is no reason to hold back the text.
        let _ = io::stderr().lock().write_all(report.as_bytes());
    } else if let Err(error) = print(&report) {
        problems.push(format!("cannot write to standard output: {error}"));
    }
    lock(&around.remarks).iter().for_each(|it| remark(it));
    warnings.iter().for_each(|it| warn(it));
    for problem in &problems {
        complain(problem);
    }
    let errors = checked.iter().flat_map(|it| &it.diagnostics).any(|it| it.severity == Severity::Error);
    match (problems.is_empty(), errors && !arguments.exit_zero) {
        (false, _) => ExitCode::from(COULD_NOT_RUN),
        (true, true) => ExitCode::from(1),
        (true, false) => ExitCode::SUCCESS,
    }
}

/// What is the same for all files.
struct Around<'a> {
    /// The release that was asked for.
    release: Option<&'a Named>,
    pins: Pins,
    /// The current folder: what people see is named from there.
    here: PathBuf,
    /// What is worth knowing, each once.
    remarks: Mutex<BTreeSet<String>>,
}

impl Around<'_> {
    /// The release for a file with this name, or for standard input.
    fn target(&self, name: Option<&Path>) -> Found {
        if let Some(named) = self.release {
            return Found::without_files(Target::named(named, Origin::Argument));
        }
        let folder = name.map_or_else(|| self.here.clone(), disk::folder_of);
        self.pins.target(&folder, None, Some(&self.here))
    }

    fn remark(&self, remarks: impl IntoIterator<Item = String>) {
        lock(&self.remarks).extend(remarks);
    }
}

/// One file from its bytes to its findings; `None` for one that is none of dstack's.
fn check(source: &Source, arguments: &Arguments, around: &Around<'_>) -> Result<Option<Checked>, String> {
    let (bytes, whole) = disk::read(source);
    let checked = |mended: &mut Option<Vec<u8>>| match whole.clone() {
        // What stands in files of others is not our business, be it that they cannot be read.
        Err(_) if matches!(source, Source::Unknown(_)) => Ok(None),
        Err(problem) => Err(problem),
        Ok(()) => check_bytes(source, &bytes, arguments, around, mended),
    };
    if !arguments.fix || *source != Source::Stdin {
        return survived(source, || checked(&mut None));
    }
    // Where all was read a terminal would ask for more.
    let rest = whole.is_err().then(|| io::stdin().lock());
    filtered(&bytes, rest, io::stdout().lock(), |mended| survived(source, || checked(mended)))
}

/// Prints standard input, mended where that succeeds and unchanged else: an editor that filters a text through the command
/// takes what is printed for the text, whatever the exit status. `rest` is what was not read for the check.
fn filtered<T>(
    bytes: &[u8],
    rest: Option<impl io::Read>,
    mut out: impl Write,
    check: impl FnOnce(&mut Option<Vec<u8>>) -> Result<T, String>,
) -> Result<T, String> {
    let mut mended = None;
    let checked = check(&mut mended);
    let print = || {
        out.write_all(mended.as_deref().unwrap_or(bytes))?;
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

/// The result of `work`; if it panics, a sentence that says so. Where it happened is on standard error.
fn survived<T>(source: &Source, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let worked = catch_unwind(AssertUnwindSafe(work));
    let failed = || format!("`{}` made the checker fail: this is a bug in dstack-lsp, please report it", source.name());
    worked.unwrap_or_else(|_| Err(failed()))
}

/// A file from its bytes to its findings. `mended` becomes the text of standard input with all fixes.
fn check_bytes(
    source: &Source,
    bytes: &[u8],
    arguments: &Arguments,
    around: &Around<'_>,
    mended: &mut Option<Vec<u8>>,
) -> Result<Option<Checked>, String> {
    const MOST_READ: usize = ide::kind::MOST_READ;
    if matches!(source, Source::Unknown(_)) && bytes.len() > MOST_READ {
        let head = bytes[..MOST_READ].utf8_chunks().next().map_or("", |it| it.valid());
        around.remark(ide::kind::of_text(head).map(|_| {
            let (name, most) = (source.name(), MOST_READ >> 20);
            format!(
                "skipped `{name}`, which looks like a dstack file but exceeds {most} MiB; pass it by name to check it"
            )
        }));
        return Ok(None);
    }
    let named = match source {
        Source::Stdin => arguments.stdin_filename.as_deref(),
        Source::File(path) | Source::Unknown(path) => Some(path.as_path()),
    };
    let name = named.map_or_else(|| "<stdin>".to_owned(), |it| it.to_string_lossy().into_owned());
    let (mark, content) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(content) => (&bytes[..3], content),
        None => (&bytes[..0], bytes),
    };
    let forced = arguments.kind.as_deref().and_then(|kind| DocumentKind::ALL.into_iter().find(|it| it.name() == kind));
    let by_name = || named.and_then(disk::kind_of);

    let decoded = match wide_encoding(content) {
        Some(_) => Err(0),
        None => std::str::from_utf8(content).map_err(|error| error.valid_up_to()),
    };
    let by_content = match (source, decoded) {
        (Source::Unknown(_), _) => match decoded.ok().and_then(ide::kind::of_text) {
            None => return Ok(None),
            kind => kind,
        },
        _ => None,
    };
    let likeliest = || decoded.map_or(DocumentKind::Configuration, ide::kind::likeliest);
    let kind = forced.or(by_content).or_else(by_name).unwrap_or_else(likeliest);
    let text = Text::new(&decoded.map_or_else(|_| legible(content), Cow::Borrowed));
    let Found { target, problems, .. } = around.target(named);
    let mut checked = Checked {
        name,
        kind,
        configuration_type: None,
        text: text.clone(),
        shift: mark.len() as u32,
        target,
        parses: true,
        diagnostics: vec![],
        suppressed: 0,
        suppressed_errors: 0,
        secrets: Secrets::default(),
        fixed: 0,
        unwritten: None,
    };
    if let Err(offset) = decoded {
        checked.diagnostics.push(not_utf8(content, offset));
        checked.parses = false;
        checked.show_without_secrets(&Document::new(text, kind, checked.target.release));
        around.remark(problems);
        return Ok(Some(checked));
    }

    let look = |fix: bool| {
        let document = Document::new(text.clone(), kind, checked.target.clone());
        let (document, fixed) = if fix { ide::fixed(&document) } else { (document, vec![]) };
        let findings = ide::findings(&document);
        (document, fixed, findings)
    };
    let (mut document, mut fixed, mut findings) = look(arguments.fix);
    if arguments.fix {
        let changed = document.text().as_str().as_bytes();
        match source {
            Source::Stdin => *mended = Some([mark, changed].concat()),
            Source::File(path) | Source::Unknown(path) if changed != content => {
                if let Err(problem) = disk::write(path, bytes, &[mark, changed].concat()) {
                    // What is wrong with the text that was read is not mended.
                    (document, fixed, findings) = unfixed(source, &problem, || Ok(look(false)))?;
                    checked.unwritten = Some(problem);
                }
            }
            Source::File(_) | Source::Unknown(_) => {}
        }
    }
    if document.target().origin != Origin::Comment {
        around.remark(problems);
    }
    if matches!(kind, DocumentKind::Configuration | DocumentKind::Template) {
        let hidden = |it: &str| document.secrets().hidden(it).into_owned();
        checked.configuration_type = document.configuration_type().map(hidden);
    }
    checked.show_without_secrets(&document);
    checked.target = document.target().clone();
    checked.parses = findings.parses();
    checked.suppressed = findings.suppressed.len();
    checked.suppressed_errors = findings.suppressed_errors();
    Ok(Some(Checked { diagnostics: findings.shown, fixed: fixed.len(), ..checked }))
}

/// The findings without fixes, for a file that could not be written; why it could not is said even if they panic.
fn unfixed<T>(source: &Source, problem: &str, look: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    survived(source, look).map_err(|failed| format!("{problem}; {failed}"))
}

/// A report without the characters that turn the direction of the text around.
fn in_one_direction(report: String, format: Format) -> String {
    if !report.contains(disk::is_bidirectional) {
        return report;
    }
    let drawn = |c: char| match format {
        _ if !disk::is_bidirectional(c) => c.to_string(),
        // Within a string of JSON, the only place where one can stand, this is the same character.
        Format::Json => format!("\\u{:04x}", u32::from(c)),
        Format::Human => "\u{fffd}".to_owned(),
    };
    report.chars().map(drawn).collect()
}

/// Bytes that are not UTF-8 as a text of the same length, with a `?` for each byte that cannot be read. Of UTF-16 and UTF-32
/// only the line breaks are left: what is secret in it cannot be told.
fn legible(bytes: &[u8]) -> Cow<'static, str> {
    if wide_encoding(bytes).is_some() {
        let shown = |it: &u8| if matches!(it, b'\n' | b'\r') { char::from(*it) } else { '?' };
        return bytes.iter().map(shown).collect();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text.into()
}

/// The encoding of a text of wide characters, recognized as YAML 1.2 does: by its byte order mark or, since a YAML text begins
/// with an ASCII character, by the NULs of that.
fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, _, ..] | [0xff, 0xfe, 0, 0, ..] | [_, 0, 0, 0, ..] => Some("UTF-32"),
        [0xfe, 0xff, ..] | [0, _, ..] | [0xff, 0xfe, ..] | [_, 0, ..] => Some("UTF-16"),
        _ => None,
    }
}

/// dstack opens its files as UTF-8 and fails on anything else.
fn not_utf8(bytes: &[u8], offset: usize) -> Diagnostic {
    let encoding = match wide_encoding(bytes) {
        Some(encoding) => encoding.to_owned(),
        None => format!("not UTF-8: a byte 0x{:02X} cannot stand here", bytes.get(offset).copied().unwrap_or(0)),
    };
    Diagnostic {
        rule: "syntax-error",
        stage: Stage::Parse,
        severity: Severity::Error,
        message: format!("the file is {encoding}; save it as UTF-8"),
        span: Span::new(offset as u32, offset as u32 + 1),
        path: yaml::Path::default(),
        related: vec![],
        tag: None,
        fixes: vec![],
    }
}

/// The results in the order of the input, computed by as many threads as there are processors.
fn in_parallel<T: Sync, R: Send>(input: &[T], compute: impl Fn(&T) -> R + Sync) -> Vec<R> {
    /// Starting a thread costs more than a few files.
    const WORTH_A_THREAD: usize = 8;
    let n_threads = thread::available_parallelism().map_or(1, usize::from).min(input.len() / WORTH_A_THREAD);
    if n_threads < 2 {
        return input.iter().map(compute).collect();
    }
    let next = AtomicUsize::new(0);
    let results = Mutex::new(vec![]);
    thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(|| {
                while let Some((i, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, input.get(i)?)))
                {
                    let result = compute(item);
                    lock(&results).push((i, result));
                }
            });
        }
    });
    let mut results = std::mem::take(&mut *lock(&results));
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
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
                filtered(b"tex", Some(&b"t"[..]), &mut out, |mended| survived(&Source::Stdin, || check(mended)));
            (String::from_utf8(out).unwrap(), checked.is_ok())
        };
        assert_eq!(filter(|_| Ok(())), ("text".to_owned(), true));
        assert_eq!(filter(|_| Err("too large".to_owned())), ("text".to_owned(), false));
        assert_eq!(filter(|_| panics()), ("text".to_owned(), false));
        // The findings may panic when the text is mended already.
        let mended = |mended: &mut Option<Vec<u8>>| {
            *mended = Some(b"mended ".to_vec());
            panics()
        };
        assert_eq!(filter(mended), ("mended t".to_owned(), false));
    }

    #[test]
    fn why_a_file_was_not_written_is_said_even_if_the_checker_fails_then() {
        let said = unfixed::<()>(&Source::File("a.yml".into()), "cannot write `a.yml`: it is read-only", panics);
        let failed = "`a.yml` made the checker fail: this is a bug in dstack-lsp, please report it";
        assert_eq!(said, Err(format!("cannot write `a.yml`: it is read-only; {failed}")));
    }
}
