//! Replaces the text of a file: as a whole or not at all, and never over what another program saved in the meantime.
//!
//! The new text is written to a temporary file in the same folder, which gets the metadata of the file: permissions, owner,
//! group, extended attributes (which include access control lists). Then the two files are exchanged in one step, and the old
//! one is compared with what was read. If another program saved the file in between, they are exchanged again. If the system
//! cannot exchange files, the file is compared right before it is replaced, and a save in the few microseconds between these
//! two steps is lost. On all systems, two saves are lost: what a program writes after the comparison through a handle that it
//! opened before the exchange, and a save right before the exchange if this process is killed right after it.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

use super::{
    input::MAX_SIZE,
    lock::open_locked,
    metadata::{Facts, copy_attributes, explained, facts},
    path::{reason, shown},
    system::{exchange, is_unsupported, rename_to_free},
    temporary::{PREFIX, Temporary},
};

/// Replaces the text of a file atomically: other programs see the old or the new text, never a part. The file is left alone if
/// its text is no longer `before`, or if some of its metadata would be lost.
pub(crate) fn write(path: &Path, before: &[u8], after: &[u8]) -> Result<(), String> {
    replace(path, before, after).map_err(|error| format!("cannot write `{}`: {}", shown(path), reason(&error)))
}

/// A moment at which another program may interfere; only tests use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// The temporary file exists, empty.
    Created,
    /// The temporary file is complete.
    Written,
    /// The file is unchanged since it was read, and the two files are about to be exchanged, or exchanged again.
    BeforeExchange,
    /// They are exchanged.
    AfterExchange,
}

/// Replaces the text of a file, `before`, with `after`; for a link, that of the file that it leads to.
///
/// # Errors
/// If the text of the file is no longer `before`, if metadata would be lost, or if the system fails. The file then has the text
/// `before`, or what another program saved in the meantime. If that cannot be put back, the file has the text `after`, what
/// was saved stays in the same folder, and the error names that file.
fn replace(path: &Path, before: &[u8], after: &[u8]) -> io::Result<()> {
    replace_while(path, before, after, &mut |_, _| Ok(()))
}

/// Called at the moments of a replacement; returns the error of the system at that moment.
type Happens<'a> = &'a mut dyn FnMut(Moment, &Path) -> io::Result<()>;

fn replace_while(path: &Path, before: &[u8], after: &[u8], happens: Happens<'_>) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let path = &fs::canonicalize(path)?;
    if metadata.permissions().readonly() {
        return Err(io::Error::other("it is read-only"));
    }
    let facts = facts(&metadata);
    if facts.links > 1 {
        let links = facts.links;
        return Err(io::Error::other(format!("it has {links} hard links, which replacing it would break")));
    }
    let folder = path.parent().unwrap_or(path);
    let mut temporary =
        Temporary::create(folder).map_err(|error| explained("cannot create a temporary file in its folder", &error))?;
    happens(Moment::Created, &temporary.path)?;
    temporary.file.write_all(after)?;
    let _old = copy_attributes(path, &metadata, &temporary.file)?;
    temporary.file.sync_all()?;
    happens(Moment::Written, &temporary.path)?;

    let is_unchanged = |path: &Path| holds(path, before).is_ok_and(|it| it == Some(facts));
    // Another run may do the same at the same time.
    let is_done = |path: &Path| holds(path, after).is_ok_and(|it| it.is_some());
    if !is_unchanged(path) {
        return if is_done(path) { Ok(()) } else { Err(changed()) };
    }
    match happens(Moment::BeforeExchange, &temporary.path).and_then(|()| exchange(&temporary.path, path)) {
        Ok(()) => {}
        Err(error) if is_unsupported(&error) => {
            fs::rename(&temporary.path, path)?;
            temporary.is_gone = true;
            return Ok(());
        }
        Err(error) => return Err(error),
    }
    // An editor may have created another file there, which is not locked yet.
    let _saved = open_locked(&temporary.path);
    _ = happens(Moment::AfterExchange, &temporary.path);
    if is_unchanged(&temporary.path) || is_done(&temporary.path) {
        return Ok(());
    }
    Err(put_back(&mut temporary, path, after, happens))
}

/// Puts back what another program saved right before the exchange. `temporary` is now the only file with that text, so it is
/// never removed unless its text is known to be another one: `placed`, or an earlier save. Returns the error for the user.
fn put_back(temporary: &mut Temporary, path: &Path, placed: &[u8], happens: Happens<'_>) -> io::Error {
    temporary.is_gone = true;
    let mut placed = Some(placed.to_vec());
    while let Some(text) = placed {
        // Read before the exchange: afterwards a program may write into it. It is put back even if it cannot be read.
        let saved = read_regular(&temporary.path).ok();
        match happens(Moment::BeforeExchange, &temporary.path).and_then(|()| exchange(&temporary.path, path)) {
            Ok(()) => {}
            // The file was removed in the meantime, and possibly another one was created after that.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match rename_to_free(&temporary.path, path) {
                    Ok(()) => return changed(),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => placed = Some(text),
                    Err(_) => return keep(temporary, &error),
                }
                continue;
            }
            Err(error) => return keep(temporary, &error),
        }
        let _saved = open_locked(&temporary.path);
        // If it is not what was placed, there was another save in between, and the later one is kept.
        if matches!(holds(&temporary.path, &text), Ok(Some(_))) {
            temporary.is_gone = false;
            return changed();
        }
        placed = saved;
    }
    keep(temporary, &io::Error::other("it cannot be read"))
}

/// Renames a temporary file that contains what another program saved, so that no run removes it as a leftover.
fn keep(temporary: &Temporary, why: &io::Error) -> io::Error {
    let number = temporary.path.to_string_lossy().rsplit(PREFIX).next().unwrap_or_default().replace(".tmp", "");
    let kept = temporary.path.with_file_name(format!("dstack-lsp-saved-{number}"));
    let kept = if rename_to_free(&temporary.path, &kept).is_ok() { &kept } else { &temporary.path };
    let (why, kept) = (reason(why), shown(kept));
    io::Error::other(format!(
        "another program saved the file at the same time, and its text could not be put back ({why}); it is in `{kept}`"
    ))
}

fn changed() -> io::Error {
    io::Error::other("it changed on disk while it was being checked; run the command again")
}

/// The metadata of a regular file, if this is its whole text.
fn holds(path: &Path, text: &[u8]) -> io::Result<Option<Facts>> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() || metadata.len() != text.len() as u64 {
        return Ok(None);
    }
    let mut found = vec![];
    File::open(path)?.take(text.len() as u64 + 1).read_to_end(&mut found)?;
    Ok((found == text).then(|| facts(&metadata)))
}

/// Reads a regular file that is not too large.
fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::symlink_metadata(path)?;
    match metadata.is_file() && metadata.len() <= MAX_SIZE {
        true => fs::read(path),
        false => Err(io::ErrorKind::Unsupported.into()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{
        cell::RefCell,
        fs::{Metadata, TryLockError},
        os::unix::fs::PermissionsExt,
    };

    use super::*;
    use crate::disk::{
        fixture::Folder,
        lock::lock,
        temporary::{process_of, remove_leftovers},
    };

    /// As editors save: some write into the file, others put a new one in its place.
    fn save(file: &Path, text: &str, in_place: bool) {
        if in_place {
            return fs::write(file, text).unwrap();
        }
        let new = file.with_file_name("editor.tmp");
        fs::write(&new, text).unwrap();
        fs::rename(&new, file).unwrap();
    }

    /// Gives a file the time of its last change that another one has, which a clock of low resolution does by itself.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    fn set_time_of(file: &Path, metadata: &Metadata) {
        File::options().write(true).open(file).unwrap().set_modified(metadata.modified().unwrap()).unwrap();
        assert_eq!(fs::metadata(file).unwrap().modified().unwrap(), metadata.modified().unwrap());
    }

    /// The content decides: also where neither the length nor the time of a saved file tells it from the old or the new one.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    #[test]
    fn a_save_at_any_moment_is_kept() {
        use Moment::{AfterExchange, BeforeExchange, Created, Written};

        let (folder, file) = Folder::with("saved", "", 0o644);
        for moments in [&[Created][..], &[Written], &[BeforeExchange], &[AfterExchange]] {
            for (in_place, same_size) in [(true, true), (true, false), (false, true), (false, false)] {
                for second in [None, Some(true), Some(false)] {
                    fs::write(&file, "old").unwrap();
                    let old = fs::metadata(&file).unwrap();
                    let saves = RefCell::new(vec![]);
                    let ended = replace_while(&file, b"old", b"new", &mut |moment, temporary| {
                        let n = saves.borrow().len();
                        let is_first = n == 0 && moments.contains(&moment);
                        // The files have changed places once, and are about to change back.
                        let is_second = n == 1 && moments == [BeforeExchange] && moment == BeforeExchange;
                        let how = if is_first { Some(in_place) } else { second.filter(|_| is_second) };
                        if let Some(in_place) = how {
                            let text = if same_size { format!("sv{n}") } else { format!("saved {n}") };
                            save(&file, &text, in_place);
                            if same_size {
                                set_time_of(&file, &old);
                                set_time_of(temporary, &old);
                            }
                            saves.borrow_mut().push(text);
                        }
                        Ok(())
                    });
                    let last = saves.borrow().last().cloned().unwrap();
                    let case = format!("{moments:?} {in_place} {same_size} {second:?}: {ended:?}");
                    assert_eq!(fs::read_to_string(&file).unwrap(), last, "{case}");
                    // A save that comes later is one of the new text.
                    assert_eq!(ended.is_ok(), moments == [AfterExchange], "{case}");
                    assert_eq!(folder.names(), ["a.yml"], "{case}");
                }
            }
        }
    }

    /// On file systems that cannot exchange two files, the new one is renamed over the old one.
    #[test]
    fn a_file_is_replaced_as_a_whole_where_files_cannot_be_exchanged() {
        let (folder, file) = Folder::with("renamed", "old", 0o640);
        let attempt = |kind: io::ErrorKind, saved: Option<(Moment, &str)>| {
            save(&file, "old", false);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
            // A program that has it open goes on reading the old text.
            let mut reader = File::open(&file).unwrap();
            let mut exchanges = 0;
            let ended = replace_while(&file, b"old", b"new", &mut |moment, _| {
                if let Some((_, text)) = saved.filter(|it| it.0 == moment) {
                    save(&file, text, false);
                }
                exchanges += usize::from(moment == Moment::BeforeExchange);
                if moment == Moment::BeforeExchange { Err(kind.into()) } else { Ok(()) }
            });
            let mut read = String::new();
            reader.read_to_string(&mut read).unwrap();
            assert_eq!((&*read, &folder.names()[..]), ("old", &["a.yml".to_owned()][..]), "{kind:?} {saved:?}");
            (ended.map_err(|it| it.to_string()), fs::read_to_string(&file).unwrap(), exchanges)
        };
        // As the standard library names what systems say of it.
        for kind in [io::ErrorKind::Unsupported, io::ErrorKind::InvalidInput] {
            assert_eq!(attempt(kind, None), (Ok(()), "new".to_owned(), 1), "{kind:?}");
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o640);
            for moment in [Moment::Created, Moment::Written] {
                let saved = attempt(kind, Some((moment, "sav")));
                assert_eq!(saved, (Err(changed().to_string()), "sav".to_owned(), 0), "{kind:?} {moment:?}");
            }
        }
        // Any other error leaves the file as it is.
        let refused = io::ErrorKind::PermissionDenied;
        let expected = (Err(io::Error::from(refused).to_string()), "old".to_owned(), 1);
        assert_eq!(attempt(refused, None), expected);
    }

    /// Replaces a text while another program saves at the first exchange, and `happens` at the second one.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    fn replace_while_saved(file: &Path, happens: impl Fn(&Path) -> io::Result<()>) -> String {
        let mut exchanges = 0;
        let ended = replace_while(file, b"old", b"new", &mut |moment, temporary| {
            exchanges += usize::from(moment == Moment::BeforeExchange);
            match (moment, exchanges) {
                (Moment::BeforeExchange, 1) => save(file, "saved", false),
                (Moment::BeforeExchange, 2) => return happens(temporary),
                _ => {}
            }
            Ok(())
        });
        ended.unwrap_err().to_string()
    }

    #[cfg(any(target_os = "linux", target_os = "macos"))]
    #[test]
    fn a_save_is_kept_if_the_file_is_removed_afterwards() {
        let (folder, file) = Folder::with("removed", "old", 0o644);
        let said = replace_while_saved(&file, |_| fs::remove_file(&file));
        assert_eq!(fs::read_to_string(&file).unwrap(), "saved");
        assert_eq!(said, changed().to_string());
        assert_eq!(folder.names(), ["a.yml"]);
    }

    #[cfg(any(target_os = "linux", target_os = "macos"))]
    #[test]
    fn a_save_that_cannot_be_put_back_is_kept_and_named() {
        let (folder, file) = Folder::with("kept", "old", 0o644);
        let said = replace_while_saved(&file, |_| Err(io::ErrorKind::PermissionDenied.into()));
        let names = folder.names();
        let [text, kept] = &names[..] else { panic!("{names:?}") };
        assert_eq!((&**text, process_of(kept)), ("a.yml", None));
        assert!(said.contains(&format!("{kept}`")) && said.contains("permission denied"), "{said}");
        remove_leftovers(&folder.0);
        assert_eq!(folder.names(), names);
        assert_eq!(fs::read_to_string(folder.0.join(kept)).unwrap(), "saved");
    }

    /// The name of the temporary file says that a run made it; only a lock keeps a run on another machine from removing it.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    #[test]
    fn a_file_of_an_editor_is_locked_while_it_has_the_name_of_a_temporary_file() {
        let (_folder, file) = Folder::with("locked", "old", 0o644);
        replace_while_saved(&file, |temporary| {
            assert_eq!(fs::read_to_string(temporary).unwrap(), "saved");
            assert!(matches!(lock(&File::open(temporary).unwrap()), Err(TryLockError::WouldBlock)));
            Ok(())
        });
        assert_eq!(fs::read_to_string(&file).unwrap(), "saved");
    }

    #[test]
    fn another_run_that_writes_the_same_text_does_not_conflict() {
        let (folder, file) = Folder::with("same", "", 0o644);
        for at in [Moment::Created, Moment::Written, Moment::BeforeExchange] {
            fs::write(&file, "old").unwrap();
            replace_while(&file, b"old", b"new", &mut |moment, _| {
                if moment == at {
                    replace(&file, b"old", b"new").unwrap();
                }
                Ok(())
            })
            .unwrap();
            assert_eq!(
                (fs::read(&file).unwrap(), folder.names()),
                (b"new".to_vec(), vec!["a.yml".to_owned()]),
                "{at:?}"
            );
        }
    }

    /// An access control list as Linux stores it: version 2; then the owner, user 12345, the group, the mask and all others.
    fn access_list(group: u8, others: u8) -> Vec<u8> {
        let entry = |tag: u8, rights: u8, user: u32| [&[tag, 0, rights, 0][..], &user.to_le_bytes()].concat();
        let no_user = u32::MAX;
        let entries = [
            entry(0x01, 7, no_user),
            entry(0x02, 6, 12345),
            entry(0x04, group, no_user),
            entry(0x10, 7, no_user),
            entry(0x20, others, no_user),
        ];
        [&2u32.to_le_bytes()[..], &entries.concat()].concat()
    }

    #[test]
    fn the_new_file_is_never_readable_for_more_users() {
        for mode in [0o600, 0o640, 0o644, 0o660, 0o755] {
            let (folder, file) = Folder::with(&format!("mode-{mode:o}"), "old", mode);
            // What the folder gives to new files this one has not.
            let has_lists = xattr::set(&folder.0, "system.posix_acl_default", &access_list(7, 7)).is_ok();
            let of = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777;
            let mut moments = 0;
            replace_while(&file, b"old", b"new", &mut |moment, temporary| {
                moments += 1;
                assert_eq!(of(&file), mode, "{moment:?}");
                assert_eq!(of(temporary) & !mode, 0, "{moment:?}");
                assert!(moment == Moment::Created || of(temporary) == mode, "{moment:?}");
                Ok(())
            })
            .unwrap();
            assert_eq!((of(&file), &*fs::read(&file).unwrap()), (mode, &b"new"[..]));
            assert!(moments >= 3 && (!has_lists || xattr::get(&file, "system.posix_acl_access").unwrap().is_none()));
        }
    }

    #[test]
    fn extended_attributes_and_access_control_lists_are_kept() {
        let (_folder, file) = Folder::with("attributes", "old", 0o644);
        let attributes = [("user.note", b"mine".to_vec()), ("system.posix_acl_access", access_list(4, 0))];
        let set = attributes.iter().filter(|(name, value)| xattr::set(&file, name, value).is_ok());
        let set: Vec<_> = set.collect();
        if set.len() < attributes.len() {
            let why = format!("the folder for temporary files takes only {set:?}");
            assert!(!std::env::var("CI").is_ok_and(|it| it == "true"), "with CI=true nothing may be skipped: {why}");
            println!("skipped in part: {why}");
        }
        replace(&file, b"old", b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        for (name, value) in set {
            assert_eq!(xattr::get(&file, name).unwrap().as_ref(), Some(value), "{name}");
        }
    }
}
