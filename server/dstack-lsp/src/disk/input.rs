//! Reading the files to check.

use std::{fs, io, io::Read, path::Path};

use super::{
    path::{reason, shown, unreadable},
    search::Source,
};

/// Maximum size of a file in bytes; no dstack file is larger.
pub(super) const MAX_SIZE: u64 = 64 << 20;

/// Reads a source. Returns its bytes, and an error if these are not all of them. Of a file that only its content identifies, it
/// reads at most one byte more than is needed for that.
pub(crate) fn read(source: &Source) -> (Vec<u8>, Result<(), String>) {
    let mut bytes = vec![];
    let most = if let Source::Unknown(_) = source { ide::MAX_DETECTED_BYTES as u64 } else { MAX_SIZE };
    let read = match source.path().map(open) {
        None => io::stdin().lock().take(most + 1).read_to_end(&mut bytes),
        Some(Err(problem)) => return (bytes, Err(problem)),
        Some(Ok(file)) => file.and_then(|file| file.take(most + 1).read_to_end(&mut bytes)),
    };
    let problem = match (read, source.path()) {
        (Ok(_), _) if bytes.len() as u64 > MAX_SIZE => {
            Some(format!("`{}` is too large: more than {} MiB", source.name(), MAX_SIZE >> 20))
        }
        (Ok(_), _) => None,
        (Err(error), Some(path)) if error.kind() == io::ErrorKind::WouldBlock => Some(not_read(path, "endless")),
        (Err(error), Some(path)) => Some(unreadable(path, &error)),
        (Err(error), None) => Some(format!("cannot read standard input: {}", reason(&error))),
    };
    (bytes, problem.map_or(Ok(()), Err))
}

/// Opens a file to read it. The outer error says what it is instead of a file; reading that may never end, or have effects.
fn open(path: &Path) -> Result<io::Result<fs::File>, String> {
    if is_passed_by_shell(path) {
        return Ok(fs::File::open(path));
    }
    if let Ok(metadata) = fs::metadata(path)
        && let Some(what) = special(metadata.file_type())
    {
        return Err(not_read(path, what));
    }
    let mut options = fs::OpenOptions::new();
    // Some files that the system calls regular wait for more input.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NONBLOCK.bits() as i32);
    Ok(options.read(true).open(path))
}

/// Whether a shell passes it by number, as for `<(…)`: that is standard input by another name.
fn is_passed_by_shell(path: &Path) -> bool {
    let path = path.to_string_lossy();
    let number = ["/dev/fd/", "/proc/self/fd/"].iter().find_map(|it| path.strip_prefix(it));
    path == "/dev/stdin" || number.is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

/// What a file is, if it is neither a regular file nor a folder.
fn special(it: fs::FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;

        if it.is_fifo() {
            return Some("a named pipe");
        }
        if it.is_socket() {
            return Some("a socket");
        }
        if it.is_block_device() || it.is_char_device() {
            return Some("a device");
        }
    }
    (!it.is_file() && !it.is_dir()).then_some("a special file")
}

fn not_read(path: &Path, what: &str) -> String {
    format!("`{}` is {what}; only regular files are checked (`-` is standard input)", shown(path))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn only_what_a_shell_passes_is_read_without_a_check() {
        let is_passed_by_shell = |path: &str| super::is_passed_by_shell(Path::new(path));
        assert!(["/dev/stdin", "/dev/fd/0", "/dev/fd/63", "/proc/self/fd/3"].into_iter().all(is_passed_by_shell));
        for path in ["/dev/fd/../zero", "/dev/stdin/../zero", "/dev/fd", "/dev/fd/", "/proc/self/fd/3/../../mem", "-"] {
            assert!(!is_passed_by_shell(path), "{path}");
        }
    }
}
