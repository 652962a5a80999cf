//! Temporary files beside the file that they replace.
//!
//! A temporary file is locked as long as its process lives, and named after it, so that the next run recognizes those of killed
//! runs.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicUsize, Ordering},
};

use super::{lock::lock, metadata::facts, search::Source};

/// The prefix of the names of temporary files; the number of the process, `-`, a number of the file and `.tmp` follow. It is
/// short, because names are limited to 255 bytes.
pub(super) const PREFIX: &str = ".dstack-lsp-fix-";

/// A temporary file; removed when it is dropped.
pub(super) struct Temporary {
    pub(super) path: PathBuf,
    /// Locked until it is closed.
    pub(super) file: File,
    /// Whether there is no file to remove any more.
    pub(super) is_gone: bool,
}

impl Temporary {
    /// Creates a file that only its owner may read.
    pub(super) fn create(folder: &Path) -> io::Result<Temporary> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{PREFIX}{}-{number}.tmp", process::id()));
            let file = match options.open(&path) {
                // A run with the same number left it, or is using it on another machine.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                other => other?,
            };
            // On another machine that shares the folder, a run may have taken it for a leftover before it was locked.
            let is_taken = matches!(lock(&file), Err(TryLockError::WouldBlock)) || facts(&file.metadata()?).links == 0;
            if !is_taken {
                return Ok(Temporary { path, file, is_gone: false });
            }
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_gone {
            // If it cannot be removed, the next run tries again.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes the temporary files of killed runs from a folder. Must be called before this process creates any.
#[cfg(unix)]
pub(super) fn remove_leftovers(folder: &Path) {
    let me = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !entry.file_name().to_str().and_then(process_of).is_some_and(has_ended) {
            continue;
        }
        let path = entry.path();
        // For the superuser, the owner of a file is changed before it is complete.
        let is_own = |it: fs::Metadata| it.is_file() && (me == 0 || facts(&it).owner == me);
        if fs::symlink_metadata(&path).is_ok_and(is_own) {
            // The process may run on another machine or in another container; its lock is visible from here.
            let file = OpenOptions::new().read(true).write(true).open(&path);
            if file.is_ok_and(|it| lock(&it).is_ok()) {
                // A file that cannot be removed does no harm.
                let _ = fs::remove_file(&path);
            }
        }
    }
}

/// Removes nothing: on this system it is not known whether a lock tells which files are in use.
#[cfg(not(unix))]
pub(super) fn remove_leftovers(_: &Path) {}

/// The number of the process that created a temporary file, from its name.
#[cfg(unix)]
pub(super) fn process_of(name: &str) -> Option<i32> {
    let (process, number) = name.strip_prefix(PREFIX)?.strip_suffix(".tmp")?.split_once('-')?;
    number.parse::<usize>().ok()?;
    process.parse().ok()
}

/// Whether no process of this machine has that number, apart from this one, which has created no file yet.
#[cfg(unix)]
fn has_ended(process: i32) -> bool {
    use rustix::{
        io::Errno,
        process::{Pid, getpid, test_kill_process},
    };

    Pid::from_raw(process).is_some_and(|it| it == getpid() || test_kill_process(it) == Err(Errno::SRCH))
}

/// Removes temporary files that killed runs left beside these files. Must be called before anything is written.
pub(crate) fn remove_leftovers_beside(sources: &[Source]) {
    let folders: BTreeSet<PathBuf> = sources.iter().filter_map(Source::path).filter_map(folder_of_file).collect();
    folders.iter().for_each(|it| remove_leftovers(it));
}

/// The folder of the file that a link leads to.
fn folder_of_file(path: &Path) -> Option<PathBuf> {
    Some(fs::canonicalize(path).ok()?.parent()?.to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::disk::fixture::Folder;

    #[test]
    fn only_leftovers_of_ended_runs_are_removed() {
        let (folder, file) = Folder::with("leftovers", "old", 0o600);
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        let (me, parent, ended) = (process::id(), std::os::unix::process::parent_id(), ended.id());
        let name = |process: u32, number: u32| format!("{PREFIX}{process}-{number}.tmp");
        let path = |name: &str| folder.0.join(name);
        let stay = [name(parent, 0), name(ended, 2), format!("{PREFIX}{ended}-3"), format!("{PREFIX}0-0.tmp")];
        for it in [name(ended, 0), name(ended, 1), name(me, 9_999_999)].iter().chain(&stay) {
            fs::write(path(it), "half").unwrap();
        }
        // As of a process on another machine.
        let locked = File::open(path(&name(ended, 2))).unwrap();
        locked.try_lock().unwrap();
        std::os::unix::fs::symlink(&file, path(&name(ended, 4))).unwrap();
        remove_leftovers(&folder.0);
        let mut expected = vec!["a.yml".to_owned(), name(ended, 4)];
        expected.extend(stay);
        expected.sort();
        assert_eq!(folder.names(), expected);
    }
}
