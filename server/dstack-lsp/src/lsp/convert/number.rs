//! Numbers as clients write them.

use serde_json::Value;

/// A whole number. Some clients know only one kind of number, and write `3.0`; some have more than 32 bits of it.
pub(crate) fn whole(sent: &Value) -> Option<i64> {
    // Beyond 53 bits it may have been another number before it was rounded.
    let float = || sent.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < 9e15).map(|it| it as i64);
    sent.as_i64().or_else(float)
}

/// A line, column or the like. Some clients know only one kind of number, and write `3.0`; what is beyond 32 bits is
/// beyond every text.
pub(crate) fn count(sent: &Value) -> Option<u32> {
    let whole = || sent.as_f64().filter(|it| it.fract() == 0.0 && *it >= 0.0).map(|it| it as u64);
    let count = sent.as_u64().or_else(whole)?;
    Some(u32::try_from(count).unwrap_or(u32::MAX))
}
