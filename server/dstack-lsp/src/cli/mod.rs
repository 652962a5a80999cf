//! The command line: what a terminal, a script or a CI job gets from the same core as the editor.

mod check;
mod checked;
mod command;
mod completions;
mod debug;
mod decode;
mod explain;
mod file;
mod output;
mod parallel;
mod releases;
mod report;

pub(crate) use command::Arguments;
