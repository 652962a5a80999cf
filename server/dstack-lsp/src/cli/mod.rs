//! The command line: what a terminal, a script or a CI job gets from the same core as the editor.
//!
//! In reading order:

mod check;
mod completions;
mod explain;
mod human;
mod releases;
mod report;
mod statistics;

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::LazyLock,
};

use schema::Release;

use crate::disk::drawn;

/// The version that `--version` prints, with the known releases of dstack: `0.1.0 (knows dstack 0.18.0 to 0.22.5)`.
pub(crate) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let (own, oldest, newest) = (env!("CARGO_PKG_VERSION"), Release::OLDEST, Release::NEWEST);
        format!("{own} (knows dstack {oldest} to {newest})")
    });
    &VERSION
}

/// A command that is run in a terminal.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Check dstack files, and mend them with `--fix`
    Check(check::Arguments),
    /// Explain a rule, or list all rules
    Explain(explain::Arguments),
    /// List the releases of dstack that files can be checked against, the newest first
    Releases,
    /// Print the completions of a shell for this command
    Completions(completions::Arguments),
}

impl Command {
    /// Runs it to its end.
    pub(crate) fn run(self) -> ExitCode {
        match self {
            Command::Check(arguments) => check::run(&arguments),
            Command::Explain(arguments) => explain::run(&arguments),
            Command::Releases => releases::run(),
            Command::Completions(arguments) => completions::run(&arguments),
        }
    }
}

/// Exit code for "could not run", whatever the reason; that of a wrong argument, too.
const COULD_NOT_RUN: u8 = 2;

/// Says on standard error why something could not be done.
fn complain(what: &str) {
    // Nobody is left to hear that standard error is closed.
    let _ = writeln!(io::stderr().lock(), "error: {}", drawn(what));
}

/// Says on standard error what is probably not as it was meant, though nothing failed.
fn warn(what: &str) {
    let _ = writeln!(io::stderr().lock(), "warning: {}", drawn(what));
}

/// Says on standard error what is worth knowing, though nothing failed.
fn remark(what: &str) {
    let _ = writeln!(io::stderr().lock(), "note: {}", drawn(what));
}

/// Writes to standard output at once. That a reader such as `head` has seen enough is no error.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Prints the answer of a command, and says how that went.
fn printed(text: &str) -> ExitCode {
    match print(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("cannot write to standard output: {error}"));
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}
