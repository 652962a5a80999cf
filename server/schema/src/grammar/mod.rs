//! Scalars with a syntax of their own: `A100:80GB:2`, `90m`, `8000:80`. One file per family.
//!
//! [`all`] is the registry. `types` is the interface of all grammars; `python`, `squeezed` and `units` are shared by several:
//! numbers as Python and pydantic read them, texts without spaces, units of memory. `plain` covers the types without a
//! grammar: strings, numbers, booleans.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

pub mod address;
pub mod ami;
pub mod blocks;
pub mod compute_capability;
pub mod cpu;
pub mod cron;
pub mod duration;
pub mod encryption;
pub mod entity;
pub mod env;
pub mod file;
pub mod gpu;
pub mod http;
pub mod image;
pub mod instance;
pub mod interpolation;
pub mod memory;
pub mod mount;
pub mod name;
pub mod plain;
pub mod port;
pub mod preset;
pub mod python;
pub mod python_version;
pub mod range;
pub mod repo;
pub mod shell;
mod squeezed;
#[cfg(test)]
mod tests;
pub mod types;
mod units;
pub mod user;
pub mod vocabulary;

pub use types::{Expected, Grammar, Meta, Parsed, Part, Problem, Role};

/// All grammars, in the order of the list in `catalogue/grammars.yaml`.
pub fn all() -> &'static [&'static dyn Grammar] {
    &[
        &duration::Duration::PLAIN,
        &duration::Duration::MAX,
        &duration::Duration::STOP,
        &duration::Duration::INACTIVITY,
        &duration::Duration::IDLE,
        &duration::Duration::CLEANUP,
        &duration::Duration::TIME_WINDOW,
        &duration::Duration::SCALING_WINDOW,
        &duration::Duration::PROBE,
        &duration::Duration::TERMINATION_IDLE_TIME,
        &memory::Memory,
        &range::RangeGrammar::MEMORY,
        &range::RangeGrammar::DISK,
        &range::RangeGrammar::INT,
        &range::RangeGrammar::COUNT,
        &range::RangeGrammar::REPLICAS,
        &range::RangeGrammar::NODES,
        &blocks::Blocks,
        &cpu::Cpu,
        &gpu::Gpu,
        &gpu::GpuName,
        &compute_capability::ComputeCapability,
        &compute_capability::Version,
        &port::Port::MAPPING,
        &port::Port::SERVICE,
        &port::Port::NUMBER,
        &env::EnvItem,
        &env::EnvName,
        &env::EnvValue,
        &interpolation::Interpolated,
        &mount::Mount,
        &mount::MountPath,
        &file::FileMapping,
        &file::ContainerPath,
        &repo::Repo,
        &repo::RepoPath,
        &entity::Entity::ENTITY,
        &entity::Entity::FLEET,
        &entity::Gateway,
        &instance::InstanceName,
        &address::Private::ADDRESS,
        &address::Private::NETWORK,
        &cron::Cron,
        &python_version::PythonVersion,
        &user::User,
        &shell::Shell,
        &http::UrlPathPrefix,
        &http::HeaderName,
        &http::ProbeUrl,
        &name::Name::GROUP,
        &name::Name::TAG_KEY,
        &name::Name::TAG_VALUE,
        &image::Model,
        &image::Image,
        &ami::AmiOwner,
        &encryption::KeyName,
        &encryption::AesSecret,
        &preset::MODEL_REPO,
        &preset::MODEL_REPO_TEXT,
        &preset::PROMPT,
        &preset::PROMPT_PATH,
        &preset::DATASET,
        &preset::PRESET_ID,
    ]
}

/// The grammar with this name.
pub fn named(name: &str) -> Option<&'static dyn Grammar> {
    static BY_NAME: LazyLock<FxHashMap<&str, &dyn Grammar>> =
        LazyLock::new(|| all().iter().map(|grammar| (grammar.name(), *grammar)).collect());
    BY_NAME.get(name).copied()
}
