//! Locks of files, where they do not keep other programs from reading.

use std::{
    fs::{self, File, Metadata, TryLockError},
    path::Path,
};

/// Locks a file, on systems whose locks do not keep other programs from reading it.
pub(super) fn lock(file: &File) -> Result<(), TryLockError> {
    if cfg!(unix) { file.try_lock() } else { Ok(()) }
}

/// Opens and locks a regular file, if possible.
pub(super) fn open_locked(path: &Path) -> Option<File> {
    let file = fs::symlink_metadata(path).ok().filter(Metadata::is_file).and_then(|_| File::open(path).ok())?;
    _ = lock(&file);
    Some(file)
}
