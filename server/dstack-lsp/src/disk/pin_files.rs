//! The files of a folder that may pin a release of dstack.

use std::{fs, io, io::Read, path::Path};

use super::path::reason;
use crate::config::PROJECT;

/// Reads the files of a folder that may pin a release of dstack, in order of precedence. `take` gets the name relative to the
/// folder, and the text, or what is wrong with the file, to follow its name in a sentence. An installed package has an empty
/// text: its name is what matters. Of `pyproject.toml`, which may have a configuration, other files use up no bytes.
pub(crate) fn pin_files(folder: &Path, mut take: impl FnMut(String, Result<String, String>)) {
    let mut left = MAX_BYTES;
    let too_large = format!("is too large (at most {} MiB are read per folder)", MAX_BYTES >> 20);
    let mut text_of = |name: &str| {
        let bytes = read_pin(&folder.join(name), left, &too_large)?;
        Some(bytes.and_then(|bytes| {
            left -= bytes.len() as u64;
            decoded(bytes)
        }))
    };
    let project = text_of(PROJECT);
    let mut read = |name: String| {
        if let Some(text) = text_of(&name) {
            take(name, text);
        }
    };
    ["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"].into_iter().for_each(|it| read(it.to_owned()));
    let is_requirements = |name: &str| name.starts_with("requirements") && name.ends_with(".txt");
    names(folder, is_requirements).into_iter().for_each(&mut read);
    let in_folder = names(&folder.join("requirements"), |name| name.ends_with(".txt"));
    in_folder.into_iter().for_each(|name| read(format!("requirements/{name}")));
    if let Some(text) = project {
        take(PROJECT.to_owned(), text);
    }
    for environment in [".venv", "venv"] {
        let libraries = names(&folder.join(environment).join("lib"), |name| name.starts_with("python"));
        let libraries = libraries.into_iter().map(|it| format!("lib/{it}")).chain(["Lib".to_owned()]);
        for library in libraries {
            let packages = format!("{environment}/{library}/site-packages");
            let is_dstack = |name: &str| name.starts_with("dstack-") && name.ends_with(".dist-info");
            let installed = names(&folder.join(&packages), is_dstack);
            installed.into_iter().for_each(|name| take(format!("{packages}/{name}"), Ok(String::new())));
        }
    }
}

/// Reads a configuration of dstack-lsp: the text, or what is wrong with the file, to follow its name in a sentence; `None` if it
/// does not exist.
pub(crate) fn config_file(path: &Path) -> Option<Result<String, String>> {
    let bytes = read_pin(path, MAX_CONFIG, "is too large (at most 1 MiB is read)")?;
    Some(bytes.and_then(decoded))
}

/// Whether a folder is the root of a Git checkout.
pub(crate) fn is_git_root(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// Maximum number of bytes that are read of a folder; a file beyond it pins nothing. Lock files of large projects have a few
/// megabytes.
const MAX_BYTES: u64 = 16 << 20;
/// Maximum number of bytes of a configuration.
const MAX_CONFIG: u64 = 1 << 20;
/// Maximum number of names in a folder that are read.
const MAX_NAMES: usize = 20_000;
/// Maximum number of files of one kind.
const MAX_FILES: usize = 32;

/// The names in a folder that fit, sorted; none if it is not a folder.
fn names(folder: &Path, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().take(MAX_NAMES).flatten();
    let names = entries.filter_map(|it| it.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|it| fits(it)).collect();
    names.sort();
    names.truncate(MAX_FILES);
    names
}

/// The bytes of a regular file that is not too large, or what is wrong with it; `None` if it does not exist. Other files are
/// not opened: reading a pipe may never end.
fn read_pin(path: &Path, most: u64, too_large: &str) -> Option<Result<Vec<u8>, String>> {
    let read = || {
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Ok(Err("is not a regular file".to_owned()));
        }
        if metadata.len() > most {
            return Ok(Err(too_large.to_owned()));
        }
        let mut bytes = vec![];
        fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
        io::Result::Ok(Ok(bytes))
    };
    match read() {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
        Err(error) => Some(Err(format!("cannot be read ({})", reason(&error)))),
        Ok(it) => Some(it),
    }
}

/// Decodes UTF-8, or UTF-16 with a byte order mark, which PowerShell writes; or returns what is wrong, to follow the name of the
/// file in a sentence.
fn decoded(bytes: Vec<u8>) -> Result<String, String> {
    let units = |from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|it| from([it[0], it[1]])).collect();
        String::from_utf16(&units).ok()
    };
    let text = match &bytes[..] {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    };
    text.ok_or_else(|| "is not UTF-8".to_owned())
}
