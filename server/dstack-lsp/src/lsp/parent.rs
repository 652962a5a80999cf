//! The client's process: a second way to see that it is gone, where it dies without closing our input.

use std::path::PathBuf;

use tower_lsp::jsonrpc::Request;

/// The process that we live for, once we know it.
#[derive(Debug, Default)]
pub(crate) struct Parent {
    /// Only a process that was seen alive can be missed: the client may be in another process namespace.
    seen: Option<u32>,
    /// Who started us, as the system said at the beginning.
    starter: Option<u32>,
}

impl Parent {
    /// Live for a process, if it is there.
    pub(crate) fn new(process: Option<u32>) -> Parent {
        Parent { seen: process.filter(|it| is_alive(*it) == Some(true)), starter: starter() }
    }

    /// Live for the process that an `initialize` names.
    pub(crate) fn watch(&mut self, request: &Request) {
        if request.method() != "initialize" {
            return;
        }
        let named = request.params().and_then(|it| it.get("processId")?.as_u64());
        let named = named.and_then(|it| u32::try_from(it).ok());
        self.seen = self.seen.or(named.filter(|it| is_alive(*it).unwrap_or(Some(*it) == self.starter)));
    }

    /// Whether the process was there and is no more.
    pub(crate) fn is_gone(&self) -> bool {
        self.seen.is_some_and(|process| match is_alive(process) {
            Some(alive) => !alive,
            // Where processes cannot be asked for, an orphan still learns that it has another parent.
            None => self.starter.is_some() && self.starter != starter(),
        })
    }
}

/// Whether a process runs; `None` where that cannot be known without help.
fn is_alive(process: u32) -> Option<bool> {
    let processes = PathBuf::from("/proc");
    if !processes.join("self/stat").exists() {
        return None;
    }
    let Ok(stat) = std::fs::read_to_string(processes.join(process.to_string()).join("stat")) else {
        return Some(false);
    };
    // `PID (NAME) STATE …`: a zombie is dead, only not yet buried. The name may contain anything.
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
