//! Files: the only place that reads and writes them.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "files are read and written here and nowhere else"
)]

mod input;
mod log;
mod path;
mod pin_files;
mod replace;
mod search;

pub(crate) use self::{
    input::read,
    log::append,
    path::{drawn, folder_of, is_bidirectional, kind_of, shown},
    pin_files::{is_git_root, pin_files},
    replace::{remove_leftovers_beside, write},
    search::{Source, find},
};
