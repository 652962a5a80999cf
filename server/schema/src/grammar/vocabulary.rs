//! The GPUs that dstack knows by name, from `catalogue/vocab/gpus.json`: facts from gpuhunt's tables, and for TPUs the
//! numbers of cores that fit on one host.
//!
//! dstack accepts any name and asks the clouds what they offer; this list only serves completion and hover.

use std::sync::LazyLock;

use serde::Deserialize;

/// A GPU that dstack knows.
#[derive(Debug, Deserialize)]
pub struct Gpu {
    /// As dstack writes it; case does not matter.
    pub name: String,
    /// Its vendor, as dstack writes it.
    pub vendor: String,
    /// Available memory sizes in gigabytes; empty for TPUs.
    pub memory: Vec<u32>,
    /// The name of its architecture.
    pub architecture: Option<String>,
    /// NVIDIA's compute capability.
    pub compute_capability: Option<String>,
    /// For TPUs, the numbers of cores that may follow the name: `v5litepod-8`.
    #[serde(default)]
    pub cores: Vec<u32>,
}

static GPUS: LazyLock<Vec<Gpu>> = LazyLock::new(|| {
    // The file is part of the program, and a test reads it.
    serde_json::from_str(include_str!("../../catalogue/vocab/gpus.json")).unwrap_or_default()
});

/// The vendor names that `gpu` accepts, with the names of the vendors.
pub const VENDORS: [(&str, &str); 7] = [
    ("nvidia", "NVIDIA"),
    ("amd", "AMD"),
    ("google", "Google"),
    ("tpu", "Google"),
    ("intel", "Intel"),
    ("tenstorrent", "Tenstorrent"),
    ("tt", "Tenstorrent"),
];

/// The GPUs that dstack knows.
pub fn gpus() -> &'static [Gpu] {
    &GPUS
}

/// The GPU with this name, `v5litepod-8` and `tpu-v5litepod-8` included.
pub fn gpu(name: &str) -> Option<&'static Gpu> {
    let name = name.strip_prefix("tpu-").unwrap_or(name);
    let tpu = name.rsplit_once('-').map_or(name, |(version, _)| version);
    GPUS.iter()
        .find(|it| it.name.eq_ignore_ascii_case(name))
        .or_else(|| GPUS.iter().find(|it| !it.cores.is_empty() && it.name.eq_ignore_ascii_case(tpu)))
}

/// The display name of a vendor.
pub fn vendor(word: &str) -> Option<&'static str> {
    VENDORS.iter().find(|(it, _)| it.eq_ignore_ascii_case(word)).map(|(_, name)| *name)
}

/// The vendor that a misspelled word was meant to be: with one letter missing, doubled, swapped or wrong, and with the same
/// first two letters.
pub(crate) fn misspelled_vendor(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let (mut found, mut letters) = (None, word.chars().collect::<Vec<_>>());
    letters.sort_unstable();
    letters.dedup();
    for (vendor, _) in VENDORS.iter().filter(|it| it.0.len() >= 5) {
        let mut wanted: Vec<char> = vendor.chars().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let others = letters.iter().filter(|it| !wanted.contains(it)).count();
        let lacking = wanted.iter().filter(|it| !letters.contains(it)).count();
        if word.len().abs_diff(vendor.len()) <= 1 && word.get(..2) == vendor.get(..2) && others.max(lacking) <= 1 {
            found = Some(*vendor);
        }
    }
    found
}

impl Gpu {
    /// `NVIDIA, Ampere, 40 or 80 GB`
    pub fn summary(&self) -> String {
        let vendor = vendor(&self.vendor).unwrap_or_default();
        let architecture = self.architecture.iter().map(|it| format!(", {it}"));
        let sizes: Vec<String> = self.memory.iter().map(u32::to_string).collect();
        let memory = (!sizes.is_empty()).then(|| format!(", {} GB", sizes.join(" or ")));
        let tpu = (!self.cores.is_empty()).then(|| " TPU".to_string());
        std::iter::once(vendor.to_string()).chain(tpu).chain(architecture).chain(memory).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_complete() {
        assert_eq!(gpus().len(), 87);
        assert_eq!(gpu("a100").map(Gpu::summary).as_deref(), Some("NVIDIA, Ampere, 40 or 80 GB"));
        assert_eq!(gpu("tpu-v5litepod-8").map(Gpu::summary).as_deref(), Some("Google TPU"));
        assert!(gpus().iter().all(|it| vendor(&it.vendor).is_some()));
    }
}
