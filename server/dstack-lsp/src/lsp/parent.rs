//! The client's process, to notice its end even if it does not close standard input.

use std::path::PathBuf;

use tower_lsp::jsonrpc::Request;

/// The process whose end ends the server, once it is known.
#[derive(Debug, Default)]
pub(crate) struct Parent {
    /// A process that was seen running: the client may be in another process namespace.
    seen: Option<u32>,
    /// The process that started the server.
    starter: Option<u32>,
}

impl Parent {
    /// Watches a process, if it is running.
    pub(crate) fn new(process: Option<u32>) -> Parent {
        Parent { seen: process.filter(|it| is_alive(*it) == Some(true)), starter: starter() }
    }

    /// Watches the process that an `initialize` names.
    pub(crate) fn watch(&mut self, request: &Request) {
        if request.method() != "initialize" {
            return;
        }
        let named = request.params().and_then(|it| it.get("processId")?.as_u64());
        let named = named.and_then(|it| u32::try_from(it).ok());
        self.seen = self.seen.or(named.filter(|it| is_alive(*it).unwrap_or(Some(*it) == self.starter)));
    }

    /// Whether the process was running and has ended.
    pub(crate) fn is_gone(&self) -> bool {
        self.seen.is_some_and(|process| match is_alive(process) {
            Some(alive) => !alive,
            // Without `/proc`, an orphan still notices that it has another parent.
            None => self.starter.is_some() && self.starter != starter(),
        })
    }
}

/// Whether a process is running; `None` on a system without `/proc`.
#[expect(clippy::disallowed_methods, reason = "`/proc` has no files of the user")]
fn is_alive(process: u32) -> Option<bool> {
    let processes = PathBuf::from("/proc");
    if !processes.join("self/stat").exists() {
        return None;
    }
    let Ok(stat) = std::fs::read_to_string(processes.join(process.to_string()).join("stat")) else {
        return Some(false);
    };
    // `PID (NAME) STATE …`: a zombie has ended. The name may contain anything.
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.trim_start().chars().next());
    Some(!matches!(state, Some('Z' | 'X')))
}

#[cfg(unix)]
fn starter() -> Option<u32> {
    Some(std::os::unix::process::parent_id())
}

#[cfg(not(unix))]
fn starter() -> Option<u32> {
    None
}
