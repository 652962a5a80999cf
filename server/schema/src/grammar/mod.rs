//! Scalars with a grammar of their own: `A100:80GB:2`, `1h30m`, `8000:80`. One file each.
//!
//! [`all`] is the registry. `python` and `squeezed` are what the grammars share: numbers as Python and pydantic read
//! them, and texts without their spaces. `plain` is for the types without a grammar: texts, numbers, booleans.

use std::{fmt, ops::Range, sync::LazyLock};

use rustc_hash::FxHashMap;

use crate::{release::Release, value::Value};

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
pub mod user;
pub mod vocabulary;

/// What a scalar means: four faces on one parse.
pub trait Grammar: Sync {
    /// Its name in the catalogue: `gpu`, `max-duration`.
    fn name(&self) -> &'static str;

    /// What it is, for messages: "a GPU spec", "a duration".
    fn title(&self) -> &'static str;

    /// How it is written, in Markdown, with examples.
    fn docs(&self) -> &'static str;

    /// Whether pydantic makes a text of the value before dstack looks at it: bytes (`!!binary`) pass then, whatever they say.
    fn takes_bytes(&self) -> bool {
        false
    }

    /// The parts of `value` and what is wrong with it in `release`. dstack accepts the value exactly where there is no
    /// problem. Ranges are bytes within the text of a [`Value::Str`]; for other values, and for what concerns the value
    /// as a whole, they are empty (`0..0`).
    fn parse(&self, value: Value<'_>, release: Release) -> Parsed;

    /// Whether `text`, which dstack takes, may be meant as it stands, rather than be the beginning of a word that is known
    /// here: `H1` of `H100`. Completion leaves alone what may be meant as it stands.
    fn is_whole(&self, _text: &str) -> bool {
        true
    }

    /// What may be typed at the byte `at` of `text`, a half-typed value.
    fn expected(&self, text: &str, at: usize, release: Release) -> Vec<Expected>;
}

impl fmt::Debug for dyn Grammar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grammar({})", self.name())
    }
}

/// What a grammar understood of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// The parts with their meaning, in order.
    pub parts: Vec<Part>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// A part of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Bytes within the scalar's text.
    pub range: Range<usize>,
    /// What the part is: "memory", "count".
    pub role: &'static str,
    /// What it says, in words: "80 GB for each GPU".
    pub meaning: String,
}

/// Why dstack refuses a scalar.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The guilty bytes within the scalar's text; empty if the value as a whole is wrong.
    pub range: Range<usize>,
    /// What is wrong and what to do, without a final dot.
    pub message: String,
    /// What may replace the whole value.
    pub suggestion: Option<String>,
    /// Whether the suggestion says the same as the value, only spelled as dstack reads it. Otherwise it is a guess, which
    /// drops, adds or chooses something.
    pub is_same: bool,
}

/// Something that may be typed in a scalar.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// The bytes that it replaces.
    pub replace: Range<usize>,
    /// What is shown and inserted.
    pub text: String,
    /// A few words about it.
    pub detail: String,
    /// More about it, in Markdown; may be empty.
    pub docs: String,
}

impl Parsed {
    /// Only a problem.
    pub fn wrong(problem: Problem) -> Parsed {
        Parsed { parts: Vec::new(), problems: vec![problem] }
    }

    /// Only a part.
    pub fn right(range: Range<usize>, role: &'static str, meaning: impl Into<String>) -> Parsed {
        Parsed { parts: vec![Part::new(range, role, meaning)], problems: Vec::new() }
    }

    /// Whether dstack takes the value.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }
}

impl Part {
    /// A part.
    pub fn new(range: Range<usize>, role: &'static str, meaning: impl Into<String>) -> Part {
        Part { range, role, meaning: meaning.into() }
    }
}

impl Problem {
    /// A problem at `range`.
    pub fn at(range: Range<usize>, message: impl Into<String>) -> Problem {
        Problem { range, message: message.into(), suggestion: None, is_same: false }
    }

    /// A problem of the value as a whole.
    pub fn whole(message: impl Into<String>) -> Problem {
        Problem::at(0..0, message)
    }

    /// The same with a value that may have been meant, if there is one.
    pub fn suggest(self, suggestion: impl Into<Option<String>>) -> Problem {
        Problem { suggestion: suggestion.into(), is_same: false, ..self }
    }

    /// The same with another spelling of the value, if there is one. It must keep all that the value says: it is written
    /// without asking.
    pub fn respell(self, spelling: impl Into<Option<String>>) -> Problem {
        Problem { suggestion: spelling.into(), is_same: true, ..self }
    }

    /// [`Problem::respell`] where `is_same`, else [`Problem::suggest`].
    fn offer(self, suggestion: impl Into<Option<String>>, is_same: bool) -> Problem {
        Problem { suggestion: suggestion.into(), is_same, ..self }
    }
}

impl Expected {
    /// Something to type instead of `replace`.
    pub fn new(replace: Range<usize>, text: impl Into<String>, detail: impl Into<String>) -> Expected {
        Expected { replace, text: text.into(), detail: detail.into(), docs: String::new() }
    }
}

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
    // Asked for each scalar of a file, where a walk over all of them would cost more than the grammar itself.
    static BY_NAME: LazyLock<FxHashMap<&str, &dyn Grammar>> =
        LazyLock::new(|| all().iter().map(|grammar| (grammar.name(), *grammar)).collect());
    BY_NAME.get(name).copied()
}
