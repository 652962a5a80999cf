//! Computes columns on long lines without counting from the start of the line.

use std::sync::Arc;

use super::Encoding;

/// Number of bytes of a block. About as many are read to find a position. Small in tests, so that short texts have many
/// blocks.
pub(super) const BLOCK: usize = if cfg!(test) { 8 } else { 256 };

/// Counts of the characters before an offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Before {
    /// Number of characters.
    chars: u32,
    /// Number of characters that take two units of UTF-16.
    astral: u32,
}

impl Before {
    /// Returns the counts after `bytes`, which follow.
    pub(super) fn after(self, bytes: &[u8]) -> Before {
        let mut after = self;
        // Counts that fit into a byte are added up 16 or more at a time.
        for part in bytes.chunks(u8::MAX as usize) {
            after.chars += u32::from(part.iter().fold(0, |count: u8, byte| count + u8::from(begins_char(byte))));
            after.astral += u32::from(part.iter().fold(0, |count: u8, byte| count + u8::from(begins_astral(byte))));
        }
        after
    }

    /// Returns the counts in units of an encoding, for text of `bytes` bytes.
    pub(super) fn units_of(self, encoding: Encoding, bytes: usize) -> u32 {
        if encoding == Encoding::Utf8 { bytes as u32 } else { self.units(encoding) }
    }

    pub(super) fn units(self, encoding: Encoding) -> u32 {
        match encoding {
            Encoding::Utf16 => self.chars + self.astral,
            Encoding::Utf8 | Encoding::Utf32 => self.chars,
        }
    }
}

fn begins_char(byte: &u8) -> bool {
    (*byte as i8) >= -0x40
}

/// Whether a byte starts a character of two units of UTF-16, which are exactly those of four bytes.
fn begins_astral(byte: &u8) -> bool {
    *byte >= 0xf0
}

/// Returns the counts before each block, and before the end if that is the start of a block.
pub(super) fn blocks(bytes: &[u8]) -> Arc<[Before]> {
    let mut before = Before::default();
    let after = bytes.chunks_exact(BLOCK).map(|block| {
        before = before.after(block);
        before
    });
    std::iter::once(Before::default()).chain(after).collect()
}
