//! The interface of all grammars, and their results.

use std::{fmt, ops::Range};

use crate::{release::Release, value::Value};

/// A scalar with a syntax of its own: what it accepts, what it means, how to complete it.
pub trait Grammar: Sync {
    /// Its name, title and documentation.
    fn meta(&self) -> &Meta;

    /// Its name in the catalogue: `gpu`, `max-duration`.
    fn name(&self) -> &'static str {
        self.meta().name
    }

    /// A noun with its article, for messages: "a GPU spec", "a duration".
    fn title(&self) -> &'static str {
        self.meta().title
    }

    /// How it is written, in Markdown, with examples.
    fn docs(&self) -> &'static str {
        self.meta().docs
    }

    /// Whether pydantic converts the value to a string before dstack checks it: bytes (`!!binary`) then pass.
    fn takes_bytes(&self) -> bool {
        false
    }

    /// Whether dstack validates a mapping with such keys itself before pydantic converts it: a list of pairs is then no mapping.
    fn is_validated_first(&self) -> bool {
        false
    }

    /// The scalar that says the same as a mapping with this one entry, if there is one: `A=1` for `{A: 1}`.
    fn of_entry(&self, _key: &str, _value: Option<&str>) -> Option<String> {
        None
    }

    /// The scalar that says the same as a list of these items, and whether it surely does: `A100,H100` for `[A100, H100]`.
    fn of_items(&self, _items: &[&str]) -> Option<(String, bool)> {
        None
    }

    /// The parts of `value` and what is wrong with it in `release`. dstack accepts the value if and only if there is no
    /// problem. Ranges are bytes within the string of a [`Value::Str`]; for other values, and for problems of the value as a
    /// whole, they are empty (`0..0`).
    fn parse(&self, value: Value<'_>, release: Release) -> Parsed;

    /// Whether `text`, which dstack accepts, is complete by itself, rather than the beginning of a known word, as `H1` is of
    /// `H100`. Completion does not replace complete values.
    fn is_whole(&self, _text: &str) -> bool {
        true
    }

    /// What can be typed at the byte `at` of `text`, a half-typed value.
    fn expected(&self, text: &str, at: usize, release: Release) -> Vec<Expected>;
}

impl fmt::Debug for dyn Grammar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grammar({})", self.name())
    }
}

/// The description of a grammar.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// Its name in the catalogue: `gpu`, `max-duration`.
    pub name: &'static str,
    /// A noun with its article, for messages: "a GPU spec", "a duration".
    pub title: &'static str,
    /// How it is written, in Markdown, with examples.
    pub docs: &'static str,
}

/// What a grammar reads in a value.
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
    /// Bytes within the scalar.
    pub range: Range<usize>,
    /// What the part is.
    pub role: Role,
    /// Its meaning, in words: "80 GB per GPU".
    pub meaning: String,
}

/// What a part of a scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// An IP address or a network.
    Address,
    /// The architecture of a CPU.
    Architecture,
    /// A number of blocks.
    Blocks,
    /// A CUDA compute capability.
    Capability,
    /// A port of the container.
    ContainerPort,
    /// A number of things.
    Count,
    /// The digest of an image.
    Digest,
    /// A duration.
    Duration,
    /// Both bounds of a range at once.
    Exactly,
    /// A gateway, or none.
    Gateway,
    /// The group of a user in the container.
    Group,
    /// The name of an HTTP header.
    Header,
    /// An image as a whole.
    Image,
    /// An instance.
    Instance,
    /// A path on the instance.
    InstancePath,
    /// A key for encryption.
    Key,
    /// A path on the machine of the user.
    LocalPath,
    /// A port of the machine of the user.
    LocalPort,
    /// The upper bound of a range.
    Maximum,
    /// The memory of a GPU.
    Memory,
    /// The lower bound of a range.
    Minimum,
    /// A model.
    Model,
    /// A name.
    Name,
    /// An account that owns something.
    Owner,
    /// A path in the container, or in a URL.
    Path,
    /// A port on both sides.
    Port,
    /// The beginning of paths.
    Prefix,
    /// A project.
    Project,
    /// A range without bounds.
    Range,
    /// `${{ … }}`
    Reference,
    /// A registry of images.
    Registry,
    /// A repository of images.
    Repository,
    /// A shell.
    Shell,
    /// An amount of memory.
    Size,
    /// The tag of an image.
    Tag,
    /// Text without a meaning of its own.
    Text,
    /// A field of a cron expression.
    Time,
    /// A URL.
    Url,
    /// A user in the container.
    User,
    /// The value of a variable.
    Value,
    /// The vendor of a GPU.
    Vendor,
    /// A version.
    Version,
    /// A network volume.
    Volume,
}

/// The reason dstack refuses a scalar.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The wrong bytes within the scalar; empty if the value as a whole is wrong.
    pub range: Range<usize>,
    /// What is wrong and what to write, without a final period.
    pub message: String,
    /// A replacement for the whole value.
    pub suggestion: Option<String>,
    /// Whether the suggestion surely means the same as the value, in the spelling dstack accepts. Otherwise it is a guess that
    /// drops, adds or chooses something.
    pub is_same: bool,
}

/// Something that can be typed in a scalar.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// The bytes it replaces.
    pub replace: Range<usize>,
    /// The text shown and inserted.
    pub text: String,
    /// A few words about it.
    pub detail: String,
    /// Documentation in Markdown; may be empty.
    pub docs: String,
}

impl Parsed {
    /// A result with one problem.
    pub fn wrong(problem: Problem) -> Parsed {
        Parsed { parts: Vec::new(), problems: vec![problem] }
    }

    /// A result with one part.
    pub fn right(range: Range<usize>, role: Role, meaning: impl Into<String>) -> Parsed {
        Parsed { parts: vec![Part::new(range, role, meaning)], problems: Vec::new() }
    }

    /// Whether dstack accepts the value.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }
}

impl Part {
    /// A part.
    pub fn new(range: Range<usize>, role: Role, meaning: impl Into<String>) -> Part {
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

    /// Adds a value that may have been meant, if there is one.
    pub fn suggest(self, suggestion: impl Into<Option<String>>) -> Problem {
        Problem { suggestion: suggestion.into(), is_same: false, ..self }
    }

    /// Adds another spelling of the value, if there is one. It must keep the whole meaning, because it is applied without asking.
    pub fn respell(self, spelling: impl Into<Option<String>>) -> Problem {
        Problem { suggestion: spelling.into(), is_same: true, ..self }
    }

    /// [`Problem::respell`] where `is_same`, else [`Problem::suggest`].
    pub(super) fn offer(self, suggestion: impl Into<Option<String>>, is_same: bool) -> Problem {
        Problem { suggestion: suggestion.into(), is_same, ..self }
    }
}

impl Expected {
    /// Something to type in place of `replace`.
    pub fn new(replace: Range<usize>, text: impl Into<String>, detail: impl Into<String>) -> Expected {
        Expected { replace, text: text.into(), detail: detail.into(), docs: String::new() }
    }
}
