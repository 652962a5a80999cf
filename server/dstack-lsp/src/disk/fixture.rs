//! A folder for tests.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

/// A folder for one test with one file; removed when it is dropped.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// Creates it; returns the path of the file, too.
    pub(super) fn with(name: &str, text: &str, mode: u32) -> (Folder, PathBuf) {
        let folder = std::env::temp_dir().join(format!("dstack-lsp-replace-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("a.yml");
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        (Folder(folder), file)
    }

    /// The names of its files, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(&self.0).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
