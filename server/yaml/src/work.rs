//! Work that tests count, since they cannot trust a clock: what is done for `8n` must be little more than eight times what is
//! done for `n`.
//!
//! Counted are characters and nodes that are looked at where the length of a text, a line or a collection could come in. Each
//! thread counts for itself, and only in builds with debug assertions.

use std::cell::Cell;

thread_local! {
    static DONE: Cell<u64> = const { Cell::new(0) };
}

/// Notes that so much was looked at.
pub fn add(amount: usize) {
    if cfg!(debug_assertions) {
        DONE.set(DONE.get().saturating_add(amount as u64));
    }
}

/// What this thread has looked at so far.
pub fn done() -> u64 {
    DONE.get()
}
