//! Standard output and standard error of a command, and its exit code.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use crate::disk::drawn;

/// Exit code if a command could not run, for whatever reason; also that of a wrong argument.
pub(crate) const COULD_NOT_RUN: u8 = 2;

/// Prints an error on standard error.
pub(crate) fn complain(what: &str) {
    // If standard error is closed, there is nowhere to report that.
    let _ = writeln!(io::stderr().lock(), "error: {}", drawn(what));
}

/// Prints a warning on standard error.
pub(crate) fn warn(what: &str) {
    let _ = writeln!(io::stderr().lock(), "warning: {}", drawn(what));
}

/// Prints a note on standard error.
pub(crate) fn note(what: &str) {
    let _ = writeln!(io::stderr().lock(), "note: {}", drawn(what));
}

/// Writes to standard output at once. It is not an error if a reader such as `head` closes it early.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Prints the result of a command; returns its exit code.
pub(crate) fn printed(text: &str) -> ExitCode {
    match print(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("cannot write to standard output: {error}"));
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}
