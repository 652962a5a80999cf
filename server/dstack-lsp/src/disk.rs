//! Files: which ones to check, what is in them, and how to write them back. The only place that knows a disk.

mod replace;

use std::{
    collections::{BTreeSet, HashMap},
    fs, io,
    io::Read,
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

/// Maximum size of a file in bytes. No configuration is larger: somebody named the wrong file.
const LARGEST: u64 = 64 << 20;

/// The files to check: a file named explicitly whatever its name, the YAML files in a folder, `-` for standard input.
///
/// A link and the file that it leads to are one file: reported once, written once. It goes by the name that was given first,
/// else by one by which dstack would take it, else by its own.
pub(crate) fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    let mut seen = HashMap::new();
    for path in paths {
        let given = |source| Candidate::new(Rank::Given, source);
        if path.as_os_str() == "-" {
            add(given(Source::Stdin), &mut seen, &mut found.sources);
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                let files = search(path, &mut found.problems);
                let places = files.into_iter().map(|file| add(file, &mut seen, &mut found.sources)).collect();
                found.folders.push((path.clone(), places));
            }
            Ok(_) => _ = add(given(Source::File(path.clone())), &mut seen, &mut found.sources),
            Err(error) => found.problems.push(unreadable(path, &error)),
        }
    }
    found
}

/// How good a name for a file is, the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A link that was found, by whose name dstack would not take the file.
    Link,
    /// The file's own name, that does not make it dstack's either.
    Own,
    /// A link that was found, by whose name dstack takes the file.
    DstacksLink,
    /// The file's own name, by which dstack takes it.
    Dstacks,
    /// A name among the arguments.
    Given,
}

/// A file by one of its names.
struct Candidate {
    /// The path of the file behind all links, the same for all its names; `None` for standard input.
    identity: Option<PathBuf>,
    rank: Rank,
    source: Source,
}

impl Candidate {
    fn new(rank: Rank, source: Source) -> Candidate {
        let identity = source.path().map(|path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()));
        Candidate { identity, rank, source }
    }
}

/// Adds a source, or only its name if that is better than the one by which it is there; its place.
fn add(new: Candidate, seen: &mut HashMap<Option<PathBuf>, (Rank, usize)>, sources: &mut Vec<Source>) -> usize {
    let (best, place) = seen.entry(new.identity).or_insert((new.rank, sources.len()));
    if *place == sources.len() {
        sources.push(new.source);
    } else if new.rank > *best {
        (*best, sources[*place]) = (new.rank, new.source);
    }
    *place
}

/// The YAML files below a folder, hidden ones too, without what `.gitignore` leaves out and without installed packages; each
/// by its best name, sorted. Links to folders are not followed.
fn search(folder: &Path, problems: &mut Vec<String>) -> Vec<Candidate> {
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
                problems.push(format!("cannot search `{}`: {}", shown(folder), drawn(&error.to_string())));
                continue;
            }
        };
        let path = entry.path().strip_prefix("./").unwrap_or(entry.path());
        let is_yaml = path.extension().is_some_and(|it| it == "yml" || it == "yaml");
        if !is_yaml || !fs::metadata(entry.path()).is_ok_and(|it| it.is_file()) {
            continue;
        }
        let (is_link, path) = (entry.path_is_symlink(), path.to_owned());
        files.push(match (kind_of(&path).is_some(), is_link) {
            (true, false) => Candidate::new(Rank::Dstacks, Source::File(path)),
            (true, true) => Candidate::new(Rank::DstacksLink, Source::File(path)),
            (false, false) => Candidate::new(Rank::Own, Source::Unknown(path)),
            (false, true) => Candidate::new(Rank::Link, Source::Unknown(path)),
        });
    }
    // The best name of each file comes first and stays.
    files.sort_by(|a, b| (&a.identity, b.rank, a.source.path()).cmp(&(&b.identity, a.rank, b.source.path())));
    files.dedup_by(|a, b| a.identity == b.identity);
    files.sort_by(|a, b| a.source.path().cmp(&b.source.path()));
    files
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
/// `take` gets the name relative to the folder, and the text, or what is wrong with a file that is there, to be read behind
/// its name. An installed package has no text: its name says everything.
pub(crate) fn pin_files(folder: &Path, mut take: impl FnMut(String, Result<String, String>)) {
    let mut left = MOST_BYTES;
    let mut read = |name: String| {
        if let Some(bytes) = read_pin(&folder.join(&name), left) {
            let text = bytes.and_then(|bytes| {
                left -= bytes.len() as u64;
                decoded(bytes).ok_or_else(|| "is not text".to_owned())
            });
            take(name, text);
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
            installed.into_iter().for_each(|name| take(format!("{packages}/{name}"), Ok(String::new())));
        }
    }
}

/// Whether a folder is the root of a Git checkout.
pub(crate) fn is_git_root(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// Maximum number of bytes that are read of a folder; a file beyond it pins nothing. Lock files of large projects have a few
/// megabytes.
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

/// The bytes of a regular file that is not too long, or what is wrong with it; `None` if it does not exist. Nothing else is
/// opened: reading a pipe might never end.
fn read_pin(path: &Path, most: u64) -> Option<Result<Vec<u8>, String>> {
    let read = || {
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Ok(Err("is not a regular file".to_owned()));
        }
        if metadata.len() > most {
            return Ok(Err(format!("is too large (at most {} MiB are read per folder)", MOST_BYTES >> 20)));
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

/// What was read of a source: its bytes, and a sentence that says why these are not all, if they are not. Of a file whose name
/// says nothing at most one byte more than is looked at to tell what it is.
pub(crate) fn read(source: &Source) -> (Vec<u8>, Result<(), String>) {
    let mut bytes = vec![];
    let most = if let Source::Unknown(_) = source { ide::kind::MOST_READ as u64 } else { LARGEST };
    let read = match source.path().map(open) {
        None => io::stdin().lock().take(most + 1).read_to_end(&mut bytes),
        Some(Err(problem)) => return (bytes, Err(problem)),
        Some(Ok(file)) => file.and_then(|file| file.take(most + 1).read_to_end(&mut bytes)),
    };
    let problem = match (read, source.path()) {
        (Ok(_), _) if bytes.len() as u64 > LARGEST => {
            Some(format!("`{}` is too large: more than {} MiB", source.name(), LARGEST >> 20))
        }
        (Ok(_), _) => None,
        (Err(error), Some(path)) if error.kind() == io::ErrorKind::WouldBlock => Some(not_read(path, "endless")),
        (Err(error), Some(path)) => Some(unreadable(path, &error)),
        (Err(error), None) => Some(format!("cannot read standard input: {}", reason(&error))),
    };
    (bytes, problem.map_or(Ok(()), Err))
}

/// Opens a file to read it. The outer error says what it is instead of a file: reading that might never end, or do something.
fn open(path: &Path) -> Result<io::Result<fs::File>, String> {
    if is_handed_over(path) {
        return Ok(fs::File::open(path));
    }
    if let Ok(metadata) = fs::metadata(path)
        && let Some(what) = special(metadata.file_type())
    {
        return Err(not_read(path, what));
    }
    let mut options = fs::OpenOptions::new();
    // Some things that the system calls regular files wait for what is still to come.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NONBLOCK.bits() as i32);
    Ok(options.read(true).open(path))
}

/// Whether a shell hands it over, as for `<(…)`: that is standard input by another name.
fn is_handed_over(path: &Path) -> bool {
    let path = path.to_string_lossy();
    let number = ["/dev/fd/", "/proc/self/fd/"].iter().find_map(|it| path.strip_prefix(it));
    path == "/dev/stdin" || number.is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

/// What it is, if it is neither a file nor a folder.
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

/// Replaces the text of a file as a whole: who reads it meanwhile sees the old or the new one, never a part. The file is left
/// alone if it does not hold `before` any more, or if something that it has beside its text would be lost.
pub(crate) fn write(path: &Path, before: &[u8], after: &[u8]) -> Result<(), String> {
    replace::replace(path, before, after).map_err(|error| format!("cannot write `{}`: {}", shown(path), reason(&error)))
}

/// Removes what earlier runs that were killed left beside these files. To be called before anything is written.
pub(crate) fn remove_leftovers(sources: &[Source]) {
    let folders: BTreeSet<PathBuf> = sources.iter().filter_map(Source::path).filter_map(folder_of_file).collect();
    folders.iter().for_each(|it| replace::remove_leftovers(it));
}

/// The folder in which a file itself is, where it is a link.
fn folder_of_file(path: &Path) -> Option<PathBuf> {
    Some(fs::canonicalize(path).ok()?.parent()?.to_owned())
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

/// A path as it may be printed: characters that a terminal obeys are replaced, and what Windows puts before a path that it has resolved,
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
    drawn(&path)
}

/// A text as it may be printed on one line: characters that a terminal obeys are replaced.
pub(crate) fn drawn(text: &str) -> String {
    text.replace(is_obeyed, "\u{fffd}")
}

/// Whether a terminal obeys a character and does not draw it: control characters, and those that turn the direction of the
/// text around, so that it reads as something else.
fn is_obeyed(c: char) -> bool {
    c.is_control() || is_bidirectional(c)
}

/// Whether a character turns the direction of the text around it.
pub(crate) fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
    fn only_what_a_shell_hands_over_is_read_without_a_look() {
        let is_handed_over = |path: &str| super::is_handed_over(Path::new(path));
        assert!(["/dev/stdin", "/dev/fd/0", "/dev/fd/63", "/proc/self/fd/3"].into_iter().all(is_handed_over));
        for path in ["/dev/fd/../zero", "/dev/stdin/../zero", "/dev/fd", "/dev/fd/", "/proc/self/fd/3/../../mem", "-"] {
            assert!(!is_handed_over(path), "{path}");
        }
    }

    #[test]
    fn paths_are_shown_as_people_write_them() {
        let cases = [
            ("a/b.yml", "a/b.yml"),
            ("a\u{1b}[1m", "a\u{fffd}[1m"),
            ("a\u{202e}lmy\u{2066}\u{200f}\u{61c}", "a\u{fffd}lmy\u{fffd}\u{fffd}\u{fffd}"),
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
