//! The report of a panic: its place in the source code, and nothing else.
//!
//! Rust's own report may quote the text that caused the panic, and names folders of the machine that built the executable. Both
//! are private, so it is replaced, in the server and in every command.

use std::{
    io::{self, Write},
    panic::Location,
};

use crate::log;

/// Replaces Rust's report of panics, for all threads. `RUST_BACKTRACE` has no effect on it.
pub(crate) fn report_places_only() {
    // Not `eprintln!`, which panics if standard error is closed: a panic in the hook ends the process.
    std::panic::set_hook(Box::new(|panic| {
        let report = report(panic.location());
        if !log::write_to_stderr(&report) {
            _ = writeln!(io::stderr().lock(), "{report}");
            tracing::error!("{report}");
        }
    }));
}

fn report(location: Option<&Location<'_>>) -> String {
    let place = location.map_or_else(|| "an unknown place".to_owned(), |it| place(it.file(), it.line()));
    format!("dstack-lsp: internal error at {place}; this is a bug in dstack-lsp, please report it")
}

/// The folders of the project's crates.
const CRATES: [&str; 4] = ["dstack-lsp", "ide", "schema", "yaml"];

/// `server/ide/src/hover.rs:42`; for code of other crates, the name of the crate.
fn place(file: &str, line: u32) -> String {
    let file = file.replace('\\', "/");
    let parts: Vec<&str> = file.split('/').collect();
    let at = |name: &str| parts.iter().rposition(|it| *it == name);
    // In a checkout, in one that Cargo created, and in the package that pip builds from.
    let in_project = at("src").and_then(|it| it.checked_sub(1)).filter(|it| CRATES.contains(&parts[*it]));
    let is_foreign =
        at("registry").is_some() || parts.first().is_some_and(|it| it.is_empty()) && at("library").is_some();
    if let Some(start) = in_project.filter(|_| !is_foreign) {
        return format!("server/{}:{line}", parts[start..].join("/"));
    }
    // `…/registry/src/INDEX/tokio-1.54.1/src/…` and `/rustc/HASH/library/core/src/…`
    let of_registry = at("registry").and_then(|it| parts.get(it + 3));
    let of_library = at("library").and_then(|it| parts.get(it + 1));
    format!("a place in {}", of_registry.or(of_library).unwrap_or(&"a library"))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn only_places_in_the_project_are_named() {
        let foreign = "u/jo/.cargo/registry/src/index-0123456789abcdef";
        for (file, expected) in [
            ("server/ide/src/cursor/scan.rs", "server/ide/src/cursor/scan.rs:7"),
            (r"server\ide\src\cursor\scan.rs", "server/ide/src/cursor/scan.rs:7"),
            ("/u/jo/.cargo/git/checkouts/x-1/2/server/yaml/src/cut.rs", "server/yaml/src/cut.rs:7"),
            ("dstack-lsp/src/main.rs", "server/dstack-lsp/src/main.rs:7"),
            (&format!("/{foreign}/libyaml-safer-0.3.0/src/scanner.rs"), "a place in libyaml-safer-0.3.0"),
            (&format!(r"C:\{}\yaml\src\lib.rs", foreign.replace('/', r"\")), "a place in yaml"),
            ("cargo/registry/src/index-0123456789abcdef/tokio-1.54.1/src/a.rs", "a place in tokio-1.54.1"),
            ("/rustc/59807616/library/core/src/slice/index.rs", "a place in core"),
            ("/u/jo/vendor/tokio/src/a.rs", "a place in a library"),
            ("", "a place in a library"),
        ] {
            assert_eq!(place(file, 7), expected);
        }
    }

    /// Set in the child process, in which the test runs itself.
    const CHILD: &str = "DSTACK_LSP_TEST_PANICS";

    #[test]
    fn a_panic_report_contains_neither_text_nor_folders() {
        if std::env::var_os(CHILD).is_some() {
            report_places_only();
            let text = "password: hush-hush é";
            let _ = std::panic::catch_unwind(|| panic!("{text}"));
            let _ = std::panic::catch_unwind(|| text[..text.len() - 1].len());
            // ends: with the panic.
            let _ = std::thread::spawn(move || text.parse::<u32>().expect(text)).join();
            return;
        }
        for backtrace in ["0", "1", "full"] {
            let name = "panic::tests::a_panic_report_contains_neither_text_nor_folders";
            let child = Command::new(std::env::current_exe().unwrap())
                .args([name, "--exact", "--nocapture", "--test-threads=1"])
                .env(CHILD, "1")
                .env("RUST_BACKTRACE", backtrace)
                // ends: the child waits for nothing.
                .output()
                .unwrap();
            let said = String::from_utf8(child.stderr).unwrap();
            let lines: Vec<&str> = said.lines().collect();
            assert_eq!(lines.len(), 3, "{said}");
            for line in lines {
                let rest = line.strip_prefix("dstack-lsp: internal error at server/dstack-lsp/src/panic.rs:");
                let rest = rest.unwrap_or_else(|| panic!("{said}")).trim_start_matches(|it: char| it.is_ascii_digit());
                assert_eq!(rest, "; this is a bug in dstack-lsp, please report it");
            }
        }
    }

    #[test]
    fn a_panic_is_survived_if_standard_error_is_closed_or_full() {
        if std::env::var_os(CHILD).is_some() {
            report_places_only();
            let panicked = std::panic::catch_unwind(|| panic!("on purpose")).is_err();
            println!("survived: {panicked}");
            return;
        }
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut streams: Vec<Stdio> = vec![writer.into()];
        // Every write to this device fails, as on a disk that is full.
        streams.extend(std::fs::File::options().write(true).open("/dev/full").map(Stdio::from));
        for stderr in streams {
            let name = "panic::tests::a_panic_is_survived_if_standard_error_is_closed_or_full";
            let child = Command::new(std::env::current_exe().unwrap())
                .args([name, "--exact", "--nocapture", "--test-threads=1"])
                .env(CHILD, "1")
                .stderr(stderr)
                // ends: the child waits for nothing.
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&child.stdout);
            assert!(child.status.success() && said.contains("survived: true"), "{}: {said}", child.status);
        }
    }
}
