//! The executable: arguments in, exit code out. Without a command it is the language server.
#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

use std::{
    env,
    ffi::OsString,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use clap::{CommandFactory, Parser};

use cli::Arguments;

mod cli;
mod config;
mod disk;
#[cfg(test)]
mod generated;
mod in_time;
mod log;
mod lsp;
mod panic;
mod pins;
mod project;
mod release;
mod sync;

fn main() -> ExitCode {
    run(env::args_os())
}

/// Runs the program with these arguments, the first of which is its name.
fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    panic::report_places_only();
    let arguments = Arguments::parse_from(arguments);
    let _log = log::start(arguments.log());
    tracing::info!(version = project::version(), "dstack-lsp starts");
    if let Some(command) = arguments.command {
        return command.run();
    }
    if !arguments.stdio && io::stdin().is_terminal() {
        // A user typed the bare name: a server that waits silently would look as if it hangs.
        _ = writeln!(io::stderr().lock(), "{}", Arguments::command().render_help());
        return ExitCode::from(2);
    }
    lsp::serve(arguments.client_process_id)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Set in the child process, in which the test runs itself.
    const CHILD: &str = "DSTACK_LSP_TEST_RUNS";

    #[test]
    fn the_program_reports_only_the_place_of_a_panic() {
        if env::var_os(CHILD).is_some() {
            run(["dstack-lsp", "explain", "unknown-field"].into_iter().map(OsString::from));
            let secret = "hush-hush";
            _ = std::panic::catch_unwind(|| panic!("{secret}"));
            return;
        }
        let name = "tests::the_program_reports_only_the_place_of_a_panic";
        let child = Command::new(env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD, "1")
            // ends: the child waits for nothing.
            .output()
            .unwrap();
        let said = String::from_utf8(child.stderr).unwrap();
        let printed = String::from_utf8(child.stdout).unwrap();
        assert!(child.status.success() && printed.contains("unknown-field"), "{}: {said}", child.status);
        let place = "dstack-lsp: internal error at server/dstack-lsp/src/main.rs:";
        assert!(said.starts_with(place) && said.lines().count() == 1 && !said.contains("hush"), "{said}");
    }
}
