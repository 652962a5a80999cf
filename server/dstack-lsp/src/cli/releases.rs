//! `dstack-lsp releases`: the releases of dstack that files can be checked against, for users and for editors' menus.

use std::process::ExitCode;

use schema::Release;

use super::output::printed;

/// Prints the releases, one per line, the newest first.
pub(crate) fn run() -> ExitCode {
    let mut releases: Vec<String> = Release::all().map(|it| format!("{it}\n")).collect();
    releases.reverse();
    printed(&releases.concat())
}
