//! The laws of the core, which must hold for every text, however broken. `laws` checks them on texts that libFuzzer
//! generates, `replay` on files, and reduces them.
//!
//! In reading order:

pub mod laws;
pub mod mutate;
pub mod record;
pub mod seeds;

// Trees as lines, and random edits, are those of the tests.
#[path = "../../yaml/tests/common/mod.rs"]
mod common;
