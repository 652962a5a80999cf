//! Runs programs for tests, each with a time limit.

use std::{
    io::{self, Read},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

/// How long a program may run, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs a command and returns its output. An error if it does not start.
///
/// # Panics
///
/// If the command hangs: it is killed, and the test fails with its name.
pub(crate) fn output_of(command: &mut Command) -> io::Result<Output> {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    Ok(wait(child, &format!("{command:?}")))
}

/// Waits for a program and returns its exit status and its output.
///
/// # Panics
///
/// If the program does not end, or its output does not: it is killed, and the test fails with this name.
pub(crate) fn wait(child: Child, name: &str) -> Output {
    wait_at_most(child, name, LIMIT)
}

/// [`wait`], with another limit.
pub(crate) fn wait_at_most(mut child: Child, name: &str, limit: Duration) -> Output {
    let stdout = child.stdout.take().map(all_of);
    let stderr = child.stderr.take().map(all_of);
    let end = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait().expect("it is our child") {
            break status;
        }
        if Instant::now() > end {
            _ = child.kill();
            // ends: the child is killed.
            _ = child.wait();
            panic!("still running after {limit:?}: {name}");
        }
        thread::sleep(Duration::from_millis(1));
    };
    // A child process of the program may keep the pipes open.
    let read = |pipe: Option<Receiver<Vec<u8>>>| match pipe.map(|it| it.recv_timeout(limit)) {
        Some(Ok(bytes)) => bytes,
        Some(Err(error)) => panic!("its output has no end ({error}): {name}"),
        None => vec![],
    };
    Output { status, stdout: read(stdout), stderr: read(stderr) }
}

fn all_of(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // ends: waits for this thread have a limit.
        if pipe.read_to_end(&mut bytes).is_ok() {
            _ = send.send(bytes);
        }
    });
    receive
}

/// A test of a program that never ends fails with its name, and the program is killed.
#[test]
#[cfg(target_os = "linux")]
fn a_hanging_program_fails() {
    let child = Command::new("sleep").arg("600").spawn().expect("it starts");
    let pid = child.id();
    let hung = std::panic::catch_unwind(|| wait_at_most(child, "sleep", Duration::from_millis(50)));
    let words = *hung.expect_err("it hangs").downcast::<String>().expect("a message");
    assert!(words.starts_with("still running") && words.ends_with("sleep"), "{words}");
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "it was killed");
}

/// A child process keeps the pipes open.
#[test]
#[cfg(unix)]
fn output_without_an_end_fails() {
    let child = Command::new("sh").args(["-c", "sleep 5 &"]).stdout(Stdio::piped()).spawn().expect("it starts");
    let hung = std::panic::catch_unwind(|| wait_at_most(child, "sh", Duration::from_millis(500)));
    let words = *hung.expect_err("it hangs").downcast::<String>().expect("a message");
    assert!(words.starts_with("its output has no end") && words.ends_with("sh"), "{words}");
}
