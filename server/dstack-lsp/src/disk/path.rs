//! Paths: what a name says, the folder of a file, and how paths and errors are shown.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use schema::DocumentKind;

/// The kind of a file by its name and the folders above it, including those that a relative path does not name.
pub(crate) fn kind_of(path: &Path) -> Option<DocumentKind> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    DocumentKind::of_path(&whole.to_string_lossy())
}

/// The folder of a file, without links and `..` as far as it exists.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = whole.parent().unwrap_or(&whole);
    // A new file may be in a folder that does not exist yet, within one that is reached by a link.
    let there = folder.ancestors().find_map(|it| Some((fs::canonicalize(it).ok()?, folder.strip_prefix(it).ok()?)));
    there.map_or_else(
        || folder.to_owned(),
        |(mut resolved, rest)| {
            resolved.extend(rest);
            resolved
        },
    )
}

/// A path as it may be printed: control characters are replaced, and the prefix that Windows adds to a resolved path, as in
/// `\\?\C:\project` and `\\?\UNC\server\project`, is removed.
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

/// A text as it may be printed on one line: control characters and those that change the direction of text are replaced.
pub(crate) fn drawn(text: &str) -> String {
    text.replace(is_interpreted, "\u{fffd}")
}

/// Whether a terminal interprets a character instead of drawing it.
fn is_interpreted(c: char) -> bool {
    c.is_control() || is_bidirectional(c)
}

/// Whether a character changes the direction of the text around it, which then reads as something else.
pub(crate) fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The error about a file that cannot be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file or folder `{}`", shown(path)),
        _ => format!("cannot read `{}`: {}", shown(path), reason(error)),
    }
}

/// The system's description of an error, without its number.
pub(crate) fn reason(error: &io::Error) -> String {
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
    fn paths_are_shown_as_users_write_them() {
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
