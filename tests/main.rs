//! The tests of the executable: what it says to a terminal, a script and an editor.

mod check;
mod edits;
mod imports;
mod log;
mod programs;
mod protocol;
mod reference;
mod secrets;
mod tidy;
