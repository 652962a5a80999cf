//! Numbers as clients write them.

use serde_json::Value;

/// Reads an integer. Some clients have only one type of number and write `3.0`; some send more than 32 bits.
pub(crate) fn whole(sent: &Value) -> Option<i64> {
    // Beyond 53 bits it may have been rounded.
    let float = || sent.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < 9e15).map(|it| it as i64);
    sent.as_i64().or_else(float)
}

/// Reads a line, a column or the like. Some clients have only one type of number and write `3.0`; a number beyond 32 bits is
/// beyond every text.
pub(crate) fn count(sent: &Value) -> Option<u32> {
    let whole = || sent.as_f64().filter(|it| it.fract() == 0.0 && *it >= 0.0).map(|it| it as u64);
    let count = sent.as_u64().or_else(whole)?;
    Some(u32::try_from(count).unwrap_or(u32::MAX))
}
