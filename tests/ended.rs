//! Programs that tests run, each waited for no longer than it may take.

use std::{
    io::{self, Read},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The longest that a program may run, on a machine that is busy with other things.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs a command and returns its output. An error if it does not start.
///
/// # Panics
///
/// If the command hangs: it is killed, and the test fails with its name.
pub(crate) fn output_of(command: &mut Command) -> io::Result<Output> {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    Ok(ended(child, &format!("{command:?}")))
}

/// What is left of a program when it has ended, with what it has written to pipes.
///
/// # Panics
///
/// If the program hangs: it is killed, and the test fails with this name.
pub(crate) fn ended(child: Child, name: &str) -> Output {
    ended_within(child, name, LIMIT)
}

/// [`ended`], with another limit.
pub(crate) fn ended_within(mut child: Child, name: &str, limit: Duration) -> Output {
    let stdout = child.stdout.take().map(|it| thread::spawn(|| all_of(it)));
    let stderr = child.stderr.take().map(|it| thread::spawn(|| all_of(it)));
    let end = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait().expect("it is our child") {
            break status;
        }
        if Instant::now() > end {
            _ = child.kill();
            panic!("still running after {limit:?}: {name}");
        }
        thread::sleep(Duration::from_millis(1));
    };
    // ends: the program has, and with it its ends of the pipes.
    let read = |it: thread::JoinHandle<Vec<u8>>| it.join().expect("reading does not panic");
    Output { status, stdout: stdout.map(read).unwrap_or_default(), stderr: stderr.map(read).unwrap_or_default() }
}

fn all_of(mut pipe: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).expect("pipes can be read");
    bytes
}

/// A program that never ends fails its test, and is named.
#[test]
#[cfg(unix)]
fn what_hangs_fails() {
    let child = Command::new("sleep").arg("600").spawn().expect("it starts");
    let pid = child.id();
    let hung = std::panic::catch_unwind(|| ended_within(child, "sleep", Duration::from_millis(50)));
    let words = *hung.expect_err("it hangs").downcast::<String>().expect("a message");
    assert!(words.starts_with("still running") && words.ends_with("sleep"), "{words}");
    assert!(!std::path::Path::new(&format!("/proc/{pid}/fd/0")).exists(), "it was killed");
}
