//! The units of memory, as users write them.

/// The unit that a word was meant to be (`GB` for `GiB`), and by what its number is divided to be in that unit: 1024 for
/// kilobytes, which dstack does not know.
pub(super) fn meant(word: &str) -> Option<(&'static str, f64)> {
    match word.to_ascii_lowercase().as_str() {
        "t" | "ti" | "tib" | "tb" | "tbs" | "terabyte" | "terabytes" => Some(("TB", 1.0)),
        "g" | "gi" | "gib" | "gb" | "gbs" | "gigabyte" | "gigabytes" | "gig" | "gigs" => Some(("GB", 1.0)),
        "m" | "mi" | "mib" | "mb" | "mbs" | "megabyte" | "megabytes" => Some(("MB", 1.0)),
        "k" | "ki" | "kib" | "kb" => Some(("MB", 1024.0)),
        _ => None,
    }
}
