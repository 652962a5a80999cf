//! The file of the log.

use std::{fs::File, io, path::Path};

/// Opens a file to append to it. Does not return as long as it is a named pipe that no program reads.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    File::options().create(true).append(true).open(path)
}
