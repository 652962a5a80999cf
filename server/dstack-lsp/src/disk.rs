//! Files: which ones to check, what is in them, and how to write them back. The only place that knows a disk.

use std::{
    collections::HashMap,
    fs, io,
    io::{Read, Write},
    path::{Path, PathBuf},
};

use schema::DocumentKind;

/// What is to be checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// Standard input.
    Stdin,
    /// A file, by its path as it was given, or found by its name.
    File(PathBuf),
    /// A YAML file that was found and whose name says nothing: only its content tells whether it is dstack's.
    Unknown(PathBuf),
}

/// The files behind the arguments of a command, and what is wrong with the arguments.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In the order of the arguments, those of a folder sorted; none twice.
    pub(crate) sources: Vec<Source>,
    /// The folders among the arguments, each with the places of its files in `sources`.
    pub(crate) folders: Vec<(PathBuf, Vec<usize>)>,
    /// Whole sentences for the user.
    pub(crate) problems: Vec<String>,
}

/// No configuration is larger; beyond it somebody named the wrong file.
const LARGEST: u64 = 64 << 20;

/// The files to check: a file named explicitly whatever its name, the YAML files in a folder, `-` for standard input.
pub(crate) fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    let mut seen = HashMap::new();
    for path in paths {
        if path.as_os_str() == "-" {
            add(Source::Stdin, &mut seen, &mut found.sources);
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                let files = search(path, &mut found.problems);
                let places = files.into_iter().map(|file| add(file, &mut seen, &mut found.sources)).collect();
                found.folders.push((path.clone(), places));
            }
            Ok(_) => _ = add(Source::File(path.clone()), &mut seen, &mut found.sources),
            Err(error) => found.problems.push(unreadable(path, &error)),
        }
    }
    found
}

/// Adds a source unless it is there; its place.
fn add(source: Source, seen: &mut HashMap<Option<PathBuf>, usize>, sources: &mut Vec<Source>) -> usize {
    // A link and the file that it leads to are one file: reported once, written once.
    let identity = source.path().map(|path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()));
    let place = *seen.entry(identity).or_insert(sources.len());
    match (sources.get(place), &source) {
        (None, _) => sources.push(source),
        // Who names a file explicitly wants it checked, also where it was found before.
        (Some(Source::Unknown(_)), Source::File(_)) => sources[place] = source,
        _ => {}
    }
    place
}

/// The YAML files below a folder, hidden ones too, without what `.gitignore` leaves out and without installed packages. Links
/// to folders are not followed.
fn search(folder: &Path, problems: &mut Vec<String>) -> Vec<Source> {
    let mut files = vec![];
    let walk = ignore::WalkBuilder::new(folder)
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| entry.depth() == 0 || !is_foreign_ground(entry))
        .build();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                problems.push(format!("cannot search `{}`: {error}", shown(folder)));
                continue;
            }
        };
        let path = entry.path().strip_prefix("./").unwrap_or(entry.path());
        let is_yaml = path.extension().is_some_and(|it| it == "yml" || it == "yaml");
        if is_yaml && fs::metadata(entry.path()).is_ok_and(|it| it.is_file()) {
            files.push(path.to_owned());
        }
    }
    files.sort();
    files.into_iter().map(|it| if kind_of(&it).is_some() { Source::File(it) } else { Source::Unknown(it) }).collect()
}

/// Whether what stands below is not the user's: Git's own folder, and installed packages.
fn is_foreign_ground(entry: &ignore::DirEntry) -> bool {
    let is_folder = entry.file_type().is_some_and(|it| it.is_dir());
    is_folder
        && (entry.file_name() == ".git"
            || entry.file_name() == "node_modules"
            || entry.path().join("pyvenv.cfg").exists())
}

/// The kind of a file by its name and the folders above it, also those that the path given does not name.
pub(crate) fn kind_of(path: &Path) -> Option<DocumentKind> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    DocumentKind::of_path(&whole.to_string_lossy())
}

/// Reads the files of a folder that may pin a release of dstack, one after the other in the order in which they count:
/// `take` gets the name relative to the folder, and the text or `None` if it is none. An installed package has no text: its
/// name says everything.
pub(crate) fn pin_files(folder: &Path, mut take: impl FnMut(String, Option<String>)) {
    let mut left = MOST_BYTES;
    let mut read = |name: String| {
        if let Some(bytes) = read_pin(&folder.join(&name), left) {
            left -= bytes.len() as u64;
            take(name, decoded(bytes));
        }
    };
    ["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"].into_iter().for_each(|it| read(it.to_owned()));
    let is_requirements = |name: &str| name.starts_with("requirements") && name.ends_with(".txt");
    names(folder, is_requirements).into_iter().for_each(&mut read);
    let in_folder = names(&folder.join("requirements"), |name| name.ends_with(".txt"));
    in_folder.into_iter().for_each(|name| read(format!("requirements/{name}")));
    read("pyproject.toml".to_owned());
    for environment in [".venv", "venv"] {
        let libraries = names(&folder.join(environment).join("lib"), |name| name.starts_with("python"));
        let libraries = libraries.into_iter().map(|it| format!("lib/{it}")).chain(["Lib".to_owned()]);
        for library in libraries {
            let packages = format!("{environment}/{library}/site-packages");
            let is_dstack = |name: &str| name.starts_with("dstack-") && name.ends_with(".dist-info");
            let installed = names(&folder.join(&packages), is_dstack);
            installed.into_iter().for_each(|name| take(format!("{packages}/{name}"), Some(String::new())));
        }
    }
}

/// Whether a folder is the root of a Git checkout.
pub(crate) fn is_git_root(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// So much is read of a folder, and a file beyond it pins nothing: lock files of large projects have a few megabytes.
const MOST_BYTES: u64 = 16 << 20;
/// So many names of a folder are looked at, and so many files of a kind are taken.
const MOST_NAMES: usize = 20_000;
const MOST_FILES: usize = 32;

/// The names in a folder that fit, sorted; none if it is no folder.
fn names(folder: &Path, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().take(MOST_NAMES).flatten();
    let names = entries.filter_map(|it| it.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|it| fits(it)).collect();
    names.sort();
    names.truncate(MOST_FILES);
    names
}

/// The bytes of a regular file that is not too long. Nothing else is opened: reading a pipe might never end.
fn read_pin(path: &Path, most: u64) -> Option<Vec<u8>> {
    if !fs::metadata(path).is_ok_and(|it| it.is_file() && it.len() <= most) {
        return None;
    }
    let mut bytes = vec![];
    fs::File::open(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// UTF-8, or what PowerShell writes into a file: UTF-16 with a mark.
fn decoded(bytes: Vec<u8>) -> Option<String> {
    let units = |from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|it| from([it[0], it[1]])).collect();
        String::from_utf16(&units).ok()
    };
    match &bytes[..] {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    }
}

/// The folder in which a file is, without links and `..`, as far as it exists.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = whole.parent().unwrap_or(&whole);
    // A new file may be meant for a folder that is still to be made, within one that has another name by now.
    let there = folder.ancestors().find_map(|it| Some((fs::canonicalize(it).ok()?, folder.strip_prefix(it).ok()?)));
    there.map_or_else(
        || folder.to_owned(),
        |(mut resolved, rest)| {
            resolved.extend(rest);
            resolved
        },
    )
}

/// The bytes of a source, or a sentence that says why there are none.
pub(crate) fn read(source: &Source) -> Result<Vec<u8>, String> {
    let mut bytes = vec![];
    let largest = if matches!(source, Source::Unknown(_)) { ide::kind::MOST_READ as u64 } else { LARGEST };
    let read = match source {
        Source::Stdin => io::stdin().lock().take(largest + 1).read_to_end(&mut bytes),
        Source::File(path) | Source::Unknown(path) => {
            fs::File::open(path).and_then(|file| file.take(largest + 1).read_to_end(&mut bytes))
        }
    };
    match (read, source) {
        (Ok(_), _) if bytes.len() as u64 > largest => {
            Err(format!("`{}` is too large: more than {} MiB", source.name(), largest >> 20))
        }
        (Ok(_), _) => Ok(bytes),
        (Err(error), Source::File(path) | Source::Unknown(path)) => Err(unreadable(path, &error)),
        (Err(error), Source::Stdin) => Err(format!("cannot read standard input: {}", reason(&error))),
    }
}

/// Replaces the content of a file as a whole: who reads it meanwhile sees the old or the new one, never a part.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    replace(path, bytes).map_err(|error| format!("cannot write `{}`: {}", shown(path), reason(&error)))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Through a link to the file itself: the link stays a link.
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::set_permissions(&beside, permissions))
        .and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

impl Source {
    /// What it is called in reports: the path with `/` or `\` as given, without characters that a terminal obeys.
    pub(crate) fn name(&self) -> String {
        self.path().map_or_else(|| "<stdin>".to_owned(), shown)
    }

    /// Where it is, if it is a file.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Source::Stdin => None,
            Source::File(path) | Source::Unknown(path) => Some(path),
        }
    }
}

/// A path as it may be printed: control characters are replaced, and what Windows puts before a path that it has resolved,
/// `\\?\C:\project` and `\\?\UNC\server\project`, is left out.
pub(crate) fn shown(path: &Path) -> String {
    let whole = path.to_string_lossy();
    let path = match whole.strip_prefix(r"\\?\") {
        Some(rest) if rest.starts_with(|it: char| it.is_ascii_alphabetic()) && rest[1..].starts_with(':') => {
            rest.into()
        }
        Some(rest) => rest.strip_prefix(r"UNC\").map_or(whole.clone(), |it| format!(r"\\{it}").into()),
        None => whole,
    };
    path.replace(char::is_control, "\u{fffd}")
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file or folder `{}`", shown(path)),
        _ => format!("cannot read `{}`: {}", shown(path), reason(error)),
    }
}

/// The words of the system, without the number of the error.
fn reason(error: &io::Error) -> String {
    let words = error.to_string();
    words.split_once(" (os error").map_or(words.clone(), |(words, _)| words.to_owned())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    #[test]
    fn a_folder_is_resolved_as_far_as_it_exists() {
        let here = std::env::temp_dir().join(format!("dstack-lsp-disk-{}", std::process::id()));
        fs::create_dir_all(here.join("there")).unwrap();
        let resolved = fs::canonicalize(&here).unwrap();
        let mut cases = vec![("a.yml", ""), ("there/a.yml", "there"), ("there/../a.yml", "")];
        cases.push(("new/folder/a.yml", "new/folder"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("there", here.join("link")).unwrap();
            cases.push(("link/new/a.yml", "there/new"));
        }
        let found: Vec<_> = cases.iter().map(|(file, _)| super::folder_of(&here.join(file))).collect();
        fs::remove_dir_all(&here).unwrap();
        for (found, (file, folder)) in found.into_iter().zip(cases) {
            // Compared by their parts: `join` leaves a separator at the end.
            assert!(found.components().eq(resolved.join(folder).components()), "{file}: {}", found.display());
        }
    }

    #[test]
    fn paths_are_shown_as_people_write_them() {
        let cases = [
            ("a/b.yml", "a/b.yml"),
            ("a\u{1b}[1m", "a\u{fffd}[1m"),
            (r"C:\project\a.yml", r"C:\project\a.yml"),
            (r"\\?\C:\project\a.yml", r"C:\project\a.yml"),
            (r"\\?\UNC\server\project", r"\\server\project"),
            (r"\\server\project", r"\\server\project"),
            (r"\\?\Volume{1}\project", r"\\?\Volume{1}\project"),
        ];
        for (path, expected) in cases {
            assert_eq!(super::shown(Path::new(path)), expected);
        }
    }
}
