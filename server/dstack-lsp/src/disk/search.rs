//! Which files to check.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use super::path::{drawn, kind_of, shown, unreadable};

/// A file to check.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// Standard input.
    Stdin,
    /// A file, by its path as given, or found by its name.
    File(PathBuf),
    /// A YAML file that was found; only its content decides whether it is a dstack file.
    Unknown(PathBuf),
}

impl Source {
    /// Its name in reports: the path with `/` or `\` as given, without control characters.
    pub(crate) fn name(&self) -> String {
        self.path().map_or_else(|| "<stdin>".to_owned(), shown)
    }

    /// Its path, if it is a file.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Source::Stdin => None,
            Source::File(path) | Source::Unknown(path) => Some(path),
        }
    }
}

/// The files that the arguments of a command name, and errors in the arguments.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In the order of the arguments, those of a folder sorted, without duplicates.
    pub(crate) sources: Vec<Source>,
    /// The indices of the sources that are arguments themselves, by any of their names.
    pub(crate) named: HashSet<usize>,
    /// The folders among the arguments, each with the indices of its files in `sources`.
    pub(crate) folders: Vec<(PathBuf, Vec<usize>)>,
    /// Messages for the user.
    pub(crate) problems: Vec<String>,
}

/// Finds the files to check: a file that is given whatever its name, the YAML files in a folder, `-` for standard input.
///
/// A link and the file that it leads to are one file: reported once, written once. Its name is the first that was given, else
/// one by which dstack recognizes it, else its own.
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
    found.named = seen.into_values().filter(|it| it.0 == Rank::Given).map(|it| it.1).collect();
    found
}

/// Ranks names of a file, the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A link that was found, by whose name dstack does not recognize the file.
    Link,
    /// The file's own name, by which dstack does not recognize it either.
    Own,
    /// A link that was found, by whose name dstack recognizes the file.
    RecognizedLink,
    /// The file's own name, by which dstack recognizes it.
    Recognized,
    /// A name among the arguments.
    Given,
}

/// A file with one of its names.
struct Candidate {
    /// The path of the file itself, the same for all its names; `None` for standard input.
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

/// Adds a source, or replaces its name by a better one; returns its index.
fn add(new: Candidate, seen: &mut HashMap<Option<PathBuf>, (Rank, usize)>, sources: &mut Vec<Source>) -> usize {
    let (best, place) = seen.entry(new.identity).or_insert((new.rank, sources.len()));
    if *place == sources.len() {
        sources.push(new.source);
    } else if new.rank > *best {
        (*best, sources[*place]) = (new.rank, new.source);
    }
    *place
}

/// The YAML files below a folder, including hidden ones, without those that `.gitignore` excludes and without installed
/// packages; each by its best name, sorted. Links to folders are not followed.
fn search(folder: &Path, problems: &mut Vec<String>) -> Vec<Candidate> {
    let mut files = vec![];
    let walk = ignore::WalkBuilder::new(folder)
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| entry.depth() == 0 || !is_excluded(entry))
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
            (true, false) => Candidate::new(Rank::Recognized, Source::File(path)),
            (true, true) => Candidate::new(Rank::RecognizedLink, Source::File(path)),
            (false, false) => Candidate::new(Rank::Own, Source::Unknown(path)),
            (false, true) => Candidate::new(Rank::Link, Source::Unknown(path)),
        });
    }
    // The best name of each file comes first and is kept.
    files.sort_by(|a, b| (&a.identity, b.rank, a.source.path()).cmp(&(&b.identity, a.rank, b.source.path())));
    files.dedup_by(|a, b| a.identity == b.identity);
    files.sort_by(|a, b| a.source.path().cmp(&b.source.path()));
    files
}

/// Whether a folder is not the user's: Git's own, or one of installed packages.
fn is_excluded(entry: &ignore::DirEntry) -> bool {
    let is_folder = entry.file_type().is_some_and(|it| it.is_dir());
    is_folder
        && (entry.file_name() == ".git"
            || entry.file_name() == "node_modules"
            || entry.path().join("pyvenv.cfg").exists())
}
