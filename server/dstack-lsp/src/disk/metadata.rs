//! The metadata of a file, which a replacement keeps: owner, group, permissions, extended attributes.

use std::{
    fs::{File, Metadata},
    io,
    path::Path,
};

use super::path::reason;
#[cfg(unix)]
use super::{lock::lock, system::is_unsupported};

/// The metadata of a file, apart from its extended attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    mode: u32,
    pub(super) owner: u32,
    group: u32,
    pub(super) links: u64,
}

#[cfg(unix)]
pub(super) fn facts(metadata: &Metadata) -> Facts {
    use std::os::unix::fs::MetadataExt;

    Facts { mode: metadata.mode(), owner: metadata.uid(), group: metadata.gid(), links: metadata.nlink() }
}

#[cfg(not(unix))]
pub(super) fn facts(_: &Metadata) -> Facts {
    Facts { mode: 0, owner: 0, group: 0, links: 1 }
}

/// Copies the metadata of a file to a new one, the permissions last: at no time may a user read the new file who cannot read
/// the other. Returns the other file, locked until it is closed: for a moment it has the name of a temporary file, and must not
/// be taken for a leftover.
#[cfg(unix)]
pub(super) fn copy_attributes(from: &Path, metadata: &Metadata, to: &File) -> io::Result<File> {
    let from = File::open(from)?;
    let _ = lock(&from);
    let (wanted, made) = (facts(metadata), facts(&to.metadata()?));
    let owner = (wanted.owner != made.owner).then_some(wanted.owner);
    let group = (wanted.group != made.group).then_some(wanted.group);
    if owner.is_some() || group.is_some() {
        std::os::unix::fs::fchown(to, owner, group)
            .map_err(|error| explained("cannot preserve its owner and group", &error))?;
    }
    copy_extended(&from, to).map_err(|error| explained("cannot preserve its extended attributes", &error))?;
    to.set_permissions(metadata.permissions())?;
    match facts(&to.metadata()?) == wanted {
        true => Ok(from),
        false => Err(io::Error::other("cannot preserve its permissions")),
    }
}

#[cfg(not(unix))]
pub(super) fn copy_attributes(_: &Path, metadata: &Metadata, to: &File) -> io::Result<()> {
    to.set_permissions(metadata.permissions())
}

/// Copies the extended attributes of a file to another one, and removes those that the folder gave to it.
#[cfg(unix)]
fn copy_extended(from: &File, to: &File) -> io::Result<()> {
    use xattr::FileExt;

    let names = |file: &File| match file.list_xattr() {
        // Only macOS itself may write this one.
        Ok(names) => Ok(names.filter(|it| it != "com.apple.provenance").collect::<Vec<_>>()),
        Err(error) if is_unsupported(&error) => Ok(vec![]),
        Err(error) => Err(error),
    };
    let wanted = names(from)?;
    for name in names(to)?.iter().filter(|it| !wanted.contains(it)) {
        to.remove_xattr(name)?;
    }
    for name in &wanted {
        // A security module labels new files too, and may not allow to write the label that is already there.
        if let Some(value) = from.get_xattr(name)?.filter(|it| to.get_xattr(name).ok().flatten().as_ref() != Some(it)) {
            to.set_xattr(name, &value)?;
        }
    }
    Ok(())
}

/// An error of the system, with what failed before its description.
pub(super) fn explained(what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {}", reason(error)))
}
