//! Counts work for tests, which cannot rely on a clock: the work for input of size `8n` must be little more than eight
//! times the work for `n`.
//!
//! Counts characters and nodes that are visited where the length of a text, a line or a collection may matter. Each thread
//! has its own count, and only builds with debug assertions count.

use std::cell::Cell;

thread_local! {
    static DONE: Cell<u64> = const { Cell::new(0) };
}

/// Adds an amount of work.
pub fn add(amount: usize) {
    if cfg!(debug_assertions) {
        DONE.set(DONE.get().saturating_add(amount as u64));
    }
}

/// Returns the work that this thread has done so far.
pub fn done() -> u64 {
    DONE.get()
}
