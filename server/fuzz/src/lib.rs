//! The laws of the core: what must hold for every text, however broken. `laws` tries them on texts that libFuzzer makes
//! up, `replay` on those of files, which it makes smaller.
//!
//! In reading order:

pub mod laws;
pub mod mutate;
pub mod record;
pub mod seeds;

// Trees as lines, and random edits, are those of the tests.
#[path = "../../yaml/tests/common/mod.rs"]
mod common;
