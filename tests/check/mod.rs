//! The command line: what it prints, how it exits, what it does to files.
//!
//! Each test creates a folder with some files and runs the real executable in it.

mod bad_input;
mod completions;
mod config;
mod corpus;
mod debug;
mod fix;
mod input;
mod json_schema;
mod output;
mod release;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use schema::Release;

use crate::programs::{output_of, wait, wait_at_most};

/// A folder for one test, removed when it is dropped.
pub(crate) struct Folder {
    path: PathBuf,
}

/// The outcome of a run of the executable.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    /// Creates a folder with these files, and the folders in their names.
    pub(crate) fn with(files: &[(&str, &str)]) -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("dstack-lsp-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = Folder { path: std::env::temp_dir().join(name) };
        // Like a checkout, so that the folders above it are not searched.
        fs::create_dir_all(folder.path.join(".git")).expect("the folder for temporary files can be written");
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The URI of a file.
    pub(crate) fn uri(&self, name: &str) -> String {
        let path = self.path.canonicalize().expect("the folder is there").display().to_string().replace('\\', "/");
        // On Windows, `//?/` precedes the drive.
        let path = path.trim_start_matches("//?").trim_start_matches('/');
        format!("file:///{path}/{name}")
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("folders can be made");
        fs::write(path, bytes).expect("files can be written");
    }

    /// The bytes of a file.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A command that runs the executable in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dstack-lsp"));
        command.args(arguments).current_dir(&self.path);
        for name in ["COLUMNS", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the executable in the folder, without input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(output_of(&mut self.command(arguments)).expect("the executable starts"))
    }

    /// Runs the executable in the folder, and fails if it has not ended after ten seconds.
    pub(crate) fn run_in_time(&self, arguments: &[&str], input: Stdio) -> Ran {
        let child = self.command(arguments).stdin(input).spawn().expect("the executable starts");
        Ran::from(wait_at_most(child, &format!("dstack-lsp {arguments:?}"), Duration::from_secs(10)))
    }

    /// Creates a named pipe; returns false if the system does not support that.
    pub(crate) fn make_pipe(&self, name: &str) -> bool {
        output_of(Command::new("mkfifo").arg(self.path.join(name))).is_ok_and(|it| it.status.success())
    }

    /// Runs the executable in the folder with `input` on its standard input.
    pub(crate) fn run_on(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().expect("the executable starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        let input = input.to_vec();
        // A program that exits before it has read everything closes the pipe; that does not fail the test.
        // ends: the program is killed if it does not end in time.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = wait(child, &format!("dstack-lsp {arguments:?}"));
        // ends: the program has closed the pipe.
        writer.join().expect("writing does not panic");
        Ran::from(output)
    }
}

/// Reports that a test is skipped, at least in part. With `CI=true`, where reports are not read, the test fails.
#[cfg(unix)]
#[track_caller]
pub(crate) fn skipped(why: &str) {
    assert!(!std::env::var("CI").is_ok_and(|it| it == "true"), "with CI=true nothing may be skipped: {why}");
    println!("skipped: {why}");
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl From<std::process::Output> for Ran {
    fn from(output: std::process::Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
        let ran = Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        // With `check --fix -`, the report is on standard error.
        [&ran.stdout, &ran.stderr].into_iter().for_each(|it| json_schema::check_output(it));
        Ran { stdout: neutral(&ran.stdout), stderr: neutral(&ran.stderr), ..ran }
    }
}

/// The text with `NEWEST` for the newest known release, so that tests need no change for a new release.
pub(crate) fn neutral(text: &str) -> String {
    text.replace(&Release::NEWEST.to_string(), "NEWEST")
}

impl Ran {
    /// Everything in one text, for comparisons: output, messages, exit code.
    pub(crate) fn all(&self) -> String {
        let code = self.code.map_or("none".to_owned(), |code| code.to_string());
        format!("{}{}exit {code}\n", self.stdout, self.stderr)
    }
}
