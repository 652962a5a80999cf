//! The log for developers: off unless `--log FILE` or the environment variable `DSTACK_LSP_LOG` is given.
//!
//! The log has methods, versions, sizes and durations, and of a document only its file name: never a text, a value or a
//! folder. Events of other crates are left out, because they may quote messages.
//!
//! Lines are written by a thread of its own. If that is slow or hangs, lines are dropped and counted; if it fails, they are
//! lost. Neither delays or ends the program.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
    str::FromStr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::disk;

/// Options of the log.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// Append a log for developers to this file; `DSTACK_LSP_LOG` sets its level, such as `trace`
    #[arg(long = "log", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
}

/// The environment variable with the filter.
pub(crate) const VARIABLE: &str = "DSTACK_LSP_LOG";

/// The name of this crate in the filter.
const TARGET: &str = "dstack_lsp";

/// Maximum number of lines that wait to be written; more are dropped.
const MAX_LINES: usize = 1024;

/// How long the end of the program waits for the last lines.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(200);

/// What to log: a level such as `debug`, or levels of modules such as `dstack_lsp::lsp=trace`, separated by commas.
#[derive(Clone, Debug)]
struct Filter(Targets);

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Filter, String> {
        let mut targets = Targets::new();
        for part in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let (target, level) = part.split_once('=').unwrap_or((TARGET, part));
            let is_ours = target == TARGET || target.strip_prefix(TARGET).is_some_and(|it| it.starts_with("::"));
            let level = level.parse::<LevelFilter>().ok().filter(|_| is_ours);
            let level = level.ok_or_else(|| {
                let part = schema::shown(part, 40);
                format!("`{part}` is not a filter; write `error`, `warn`, `info`, `debug`, `trace` or `{TARGET}::MODULE=LEVEL`")
            })?;
            targets = targets.with_target(target, level);
        }
        Ok(Filter(targets))
    }
}

/// The log, if it goes to standard error.
static ON_STDERR: OnceLock<Lines> = OnceLock::new();

/// Writes a line to standard error in the order of the log, whatever its filter. Returns false if the log does not go there;
/// if it does, another way to write there may block.
pub(crate) fn write_to_stderr(line: &str) -> bool {
    ON_STDERR.get().is_some_and(|it| it.clone().write_all(format!("{line}\n").as_bytes()).is_ok())
}

/// The running log; dropping it waits for the last lines, but not for long.
pub(crate) struct Log {
    lines: Option<Lines>,
}

/// Starts the log that the user asked for: into a file if there is one, else to standard error if the environment variable is
/// set. Problems are reported on standard error, and the program continues without a log.
pub(crate) fn start(options: &Options) -> Log {
    let file = options.file.clone();
    let variable = env::var_os(VARIABLE).filter(|it| !it.is_empty());
    if file.is_none() && variable.is_none() {
        return Log { lines: None };
    }
    let default = Filter(Targets::new().with_target(TARGET, LevelFilter::DEBUG));
    let filter = variable.map_or(Ok(default.clone()), |it| it.to_string_lossy().parse());
    let Filter(targets) = filter.unwrap_or_else(|problem| {
        warn(&format!("{VARIABLE}: {problem}"));
        default
    });
    let is_on_stderr = file.is_none();
    let lines = Lines::spawn(file);
    if is_on_stderr {
        _ = ON_STDERR.set(lines.clone());
    }
    let writer = lines.clone();
    let layer =
        fmt::layer().with_ansi(false).with_target(false).with_writer(move || writer.clone()).with_filter(targets);
    // There is no other subscriber.
    _ = tracing_subscriber::registry().with(layer).try_init();
    Log { lines: Some(lines) }
}

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(lines) = &self.lines {
            lines.flush();
        }
    }
}

fn warn(problem: &str) {
    _ = writeln!(io::stderr().lock(), "dstack-lsp: warning: {}", disk::drawn(problem));
}

/// The lines on their way to the thread that writes them.
#[derive(Clone)]
struct Lines {
    sender: SyncSender<Message>,
    dropped: Arc<AtomicUsize>,
}

enum Message {
    Line(Vec<u8>),
    /// All lines before it are written when its sender is dropped.
    Flush(SyncSender<()>),
}

impl Lines {
    /// Starts the thread. It also opens the file, which never returns for a named pipe without a reader.
    fn spawn(file: Option<PathBuf>) -> Lines {
        let (sender, messages) = sync_channel(MAX_LINES);
        let dropped = Arc::<AtomicUsize>::default();
        let count = dropped.clone();
        let write = move || match file {
            None => write_all(&messages, &count, || io::stderr().lock()),
            Some(file) => match disk::append(&file) {
                Ok(opened) => write_all(&messages, &count, || &opened),
                Err(error) => {
                    warn(&format!("cannot open the log `{}`: {}", disk::shown(&file), disk::reason(&error)));
                }
            },
        };
        _ = thread::Builder::new().name("log".to_owned()).spawn(write);
        Lines { sender, dropped }
    }

    /// Waits until all lines so far are written, but not for long.
    fn flush(&self) {
        let end = Instant::now() + FLUSH_TIMEOUT;
        let (done, is_done) = sync_channel(0);
        let mut message = Message::Flush(done);
        while Instant::now() < end {
            match self.sender.try_send(message) {
                Ok(()) => {
                    _ = is_done.recv_timeout(end.saturating_duration_since(Instant::now()));
                    return;
                }
                Err(TrySendError::Full(it)) => message = it,
                Err(TrySendError::Disconnected(_)) => return,
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Takes one line per call.
impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.sender.try_send(Message::Line(line.to_vec())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes lines until no sender is left. A line that cannot be written, on a full disk, is lost.
fn write_all<W: Write>(messages: &Receiver<Message>, dropped: &AtomicUsize, output: impl Fn() -> W) {
    for message in messages {
        let line = match message {
            Message::Line(line) => line,
            Message::Flush(done) => {
                drop(done);
                continue;
            }
        };
        let mut output = output();
        match dropped.swap(0, Ordering::Relaxed) {
            0 => {}
            n => _ = writeln!(output, "{n} lines were dropped"),
        }
        _ = output.write_all(&line);
    }
}

/// The name of a document in the log: its file name, and a number that tells it from documents of the same name in other
/// folders.
pub(crate) fn document(uri: &str, path: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};

    let mut hasher = DefaultHasher::new();
    uri.hash(&mut hasher);
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    format!("{}#{:04x}", disk::drawn(&schema::shown(name, 60)), hasher.finish() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_level_or_levels_of_modules() {
        let enabled = |filter: &str, target: &str, level: tracing::Level| {
            filter.parse::<Filter>().unwrap().0.would_enable(target, &level)
        };
        let (debug, trace) = (tracing::Level::DEBUG, tracing::Level::TRACE);
        assert!(enabled("debug", "dstack_lsp::lsp::server", debug));
        assert!(!enabled("debug", "dstack_lsp::lsp::server", trace));
        assert!(!enabled("trace", "tower_lsp_server::service", tracing::Level::ERROR));
        assert!(enabled("info, dstack_lsp::lsp=TRACE", "dstack_lsp::lsp::server", trace));
        assert!(!enabled("info,dstack_lsp::lsp=trace", "dstack_lsp::cli::check", debug));
        assert!(!enabled("off", "dstack_lsp", tracing::Level::ERROR));
        for bad in ["loud", "tower_lsp=trace", "dstack_lsp=loud", "dstack_lspx=info", "tokio"] {
            assert!(bad.parse::<Filter>().is_err(), "{bad}");
        }
    }

    #[test]
    fn lines_that_cannot_be_written_in_time_are_dropped_and_counted() {
        let (sender, messages) = sync_channel(MAX_LINES);
        let mut lines = Lines { sender, dropped: Arc::default() };
        for i in 0..MAX_LINES + 3 {
            // ends: a full queue drops lines.
            assert!(lines.write_all(format!("{i}\n").as_bytes()).is_ok());
        }
        let started = Instant::now();
        Lines::flush(&lines);
        assert!(started.elapsed() < Duration::from_secs(60));
        let written = std::sync::Mutex::new(vec![]);
        struct Sink<'a>(&'a std::sync::Mutex<Vec<u8>>);
        impl Write for Sink<'_> {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                crate::sync::lock(self.0).extend(bytes);
                Ok(bytes.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let dropped = lines.dropped.clone();
        drop(lines);
        write_all(&messages, &dropped, || Sink(&written));
        let written = String::from_utf8(written.into_inner().unwrap()).unwrap();
        assert!(written.starts_with("3 lines were dropped\n0\n1\n"), "{}", &written[..60]);
        assert_eq!(written.lines().count(), MAX_LINES + 1);
    }

    #[test]
    fn a_document_is_named_without_its_folders() {
        let name = document("file:///u/jo/.dstack.yml", "/u/jo/.dstack.yml");
        let other = document("file:///u/al/.dstack.yml", "/u/al/.dstack.yml");
        assert!(name.starts_with(".dstack.yml#") && !name.contains("jo") && name != other, "{name} {other}");
    }
}
