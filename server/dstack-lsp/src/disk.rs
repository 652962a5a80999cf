//! Files: the only place that reads and writes them.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "files are read and written here and nowhere else"
)]

#[cfg(all(test, unix))]
mod fixture;
mod input;
mod lock;
mod log;
mod metadata;
mod path;
mod pin_files;
mod replace;
mod search;
mod system;
mod temporary;

pub(crate) use self::{
    input::read,
    log::append,
    path::{drawn, folder_of, is_bidirectional, kind_of, reason, shown},
    pin_files::{config_file, is_git_root, pin_files},
    replace::write,
    search::{Source, find},
    temporary::remove_leftovers_beside,
};
