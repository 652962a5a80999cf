//! The types of the catalogue: plain data, written by `build.rs` and read by the server.

use serde::{Deserialize, Serialize};

use crate::release::Release;

/// The compiled catalogue, which `build.rs` writes and [`catalogue`](fn@crate::catalogue) reads.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Compiled {
    /// All types; a [`TypeId`] is an index into this list.
    pub types: Vec<Type>,
    /// Named types: `task`, `gpu`, `spot-policy`, and the document types `configuration`, `profiles`, …
    pub names: Vec<(Box<str>, TypeId)>,
    /// Files to begin with, the likeliest first.
    pub skeletons: Vec<Skeleton>,
}

/// A type of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TypeId(pub u16);

/// A field of a mapping type, by its index in [`Mapping::fields`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldId {
    /// The mapping type.
    pub mapping: TypeId,
    /// Its index among the fields.
    pub index: u16,
}

/// A value that changed over time: each entry holds from its release until the next entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timed<T>(pub Vec<(Release, T)>);

/// What a place in a file can contain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Type {
    /// Anything.
    Any,
    /// The inner type, or null.
    Nullable(TypeId),
    /// A mapping with known fields.
    Mapping(Mapping),
    /// A mapping with keys of the user's own: `env`, `tags`.
    Table(Table),
    /// A list.
    Sequence(Sequence),
    /// One of several types, by YAML kind or by a discriminating field.
    Union(Union),
    /// One of a set of values.
    Enum(Enum),
    /// A string; the table in `grammar/plain.rs` lists the other scalars that dstack converts to strings.
    String(Limits),
    /// An integer.
    Integer(Limits),
    /// A number.
    Float(Limits),
    /// A boolean.
    Boolean,
    /// A scalar with a grammar, by its name in the registry of [`crate::grammar`].
    Grammar(Box<str>),
    /// A type that changed with a release.
    Timed(Timed<TypeId>),
}

/// Limits of a plain scalar; of a string, limits of its length in characters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// The minimum.
    pub min: Option<Timed<f64>>,
    /// Whether `min` itself is not allowed.
    pub exclusive: bool,
    /// The maximum.
    pub max: Option<Timed<f64>>,
}

/// A mapping with known fields; no others are allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// Its name in the catalogue: `task`, `gpu`.
    pub name: Box<str>,
    /// Its documentation, in Markdown.
    pub docs: Box<str>,
    /// The fields, in the order in which they are usually written.
    pub fields: Vec<Field>,
    /// The type that can be written instead: `gpu: A100:2`.
    pub shorthand: Option<TypeId>,
    /// Rules between the fields.
    pub constraints: Vec<Constraint>,
    /// The fields that identify such a mapping in a list, the best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label: Vec<Box<str>>,
}

/// A mapping with keys of the user's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The type of the keys.
    pub key: TypeId,
    /// The type of the values.
    pub value: TypeId,
}

/// A list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    /// The type of the items.
    pub item: TypeId,
    /// The minimum number of items.
    pub min: Option<Timed<u32>>,
    /// The maximum number of items.
    pub max: Option<Timed<u32>>,
}

/// One of several types.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Union {
    /// The field whose value tells the variants apart, if there is one.
    pub discriminator: Option<Box<str>>,
    /// For a discriminated union, the value of that field for each variant; otherwise empty.
    pub tags: Vec<Box<str>>,
    /// The types, in the order in which dstack tries them.
    pub variants: Vec<TypeId>,
    /// For a discriminated union, the releases that accept each variant; otherwise empty, which means always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Timed<bool>>,
    /// For a discriminated union, the documentation of each variant in Markdown; otherwise empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub docs: Vec<Box<str>>,
    /// By the tag of a variant, the command that reads it in releases where `dstack apply` does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<(Box<str>, Readers)>,
    /// By the tag of a variant, the tag of the variant that replaced it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub successors: Vec<(Box<str>, Box<str>)>,
    /// By the tag of a variant, the page of dstack's own reference about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<(Box<str>, Box<str>)>,
}

/// A file to begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skeleton {
    /// The name of the kind of document: `configuration`.
    pub kind: Box<str>,
    /// The name in the list of completions; for a file with a `type`, that type.
    pub label: Box<str>,
    /// A few words beside it.
    pub detail: Box<str>,
    /// A snippet. Where a release does not know a field at the top, the field is omitted, with the lines indented below it.
    /// `${1|@ide|}` is a choice among the values of the enum `ide` that the release accepts.
    pub body: Box<str>,
}

/// The command that reads a variant, or none.
pub type Readers = Timed<Option<Box<str>>>;

/// One of a set of values, case-sensitive unless [`Enum::any_case`] is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enum {
    /// Its name in the catalogue: `spot-policy`.
    pub name: Box<str>,
    /// The values.
    pub values: Vec<EnumValue>,
    /// Whether case does not matter.
    #[serde(default)]
    pub any_case: bool,
}

/// A value of an [`Enum`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnumValue {
    /// The value as written.
    pub value: Box<str>,
    /// Its documentation, in Markdown.
    pub docs: Box<str>,
    /// The releases that accept it.
    pub accepted: Timed<bool>,
    /// Its deprecation, if it is outdated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<Deprecation>,
}

/// A field of a [`Mapping`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The name as written.
    pub name: Box<str>,
    /// The type of its value.
    pub ty: TypeId,
    /// Its documentation with an example, in Markdown.
    pub docs: Box<str>,
    /// Whether it is required.
    #[serde(default = "never", skip_serializing_if = "is_never")]
    pub required: Timed<bool>,
    /// Its default, as it would be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Timed<Box<str>>>,
    /// The releases that accept it.
    pub accepted: Timed<bool>,
    /// Its deprecation, if it is outdated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<Deprecation>,
    /// Accepted by dstack, but not meant for users, and never offered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
    /// Whether its value is or contains a password, a key or the like, which is never shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// What `${{ … }}` can refer to in its string or in the strings of its items: `env`, `secrets`, `run.args`. Empty if dstack
    /// replaces nothing there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interpolates: Vec<Box<str>>,
    /// Names that users write instead and that can only mean this field: `cmd` for `commands`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Box<str>>,
    /// Names that users write instead and that may mean something else: `script` for `commands`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub perhaps: Vec<Box<str>>,
    /// What the presence of the field says about a file whose name says nothing.
    #[serde(default, skip_serializing_if = "Tells::is_much")]
    pub tells: Tells,
    /// The value that a quick fix writes for the field if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<Box<str>>,
}

/// What the presence of a field says about a file whose name says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tells {
    /// Nothing: files of all kinds have such a field (`name`).
    Nothing,
    /// Little: many other tools have such a field, too (`ports`).
    Little,
    /// Much: hardly any other tool has such a field.
    #[default]
    Much,
}

impl Tells {
    fn is_much(&self) -> bool {
        *self == Tells::Much
    }
}

/// Why a field or a value is outdated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deprecation {
    /// The first release in which it is outdated.
    pub since: Release,
    /// The first release that accepts and ignores it.
    pub ignored: Option<Release>,
    /// The replacement: a field or a value.
    pub instead: Option<Box<str>>,
    /// An additional note for the message.
    pub note: Option<Box<str>>,
    /// Whether only the name changed: `instead` takes the same values and means the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub renamed: bool,
}

/// A rule between the fields of a mapping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    /// The rule.
    pub kind: ConstraintKind,
    /// The first release with the rule.
    pub since: Release,
    /// The first release without the rule, if any.
    pub until: Option<Release>,
    /// The reason, for the message; of a [`ConstraintKind::Custom`], the rule itself in words.
    pub note: Option<Box<str>>,
}

/// The rule of a [`Constraint`]. A field is *set* if it is present and its value is neither null nor an empty string, list or
/// mapping. Rules that depend on the value of a boolean are [`ConstraintKind::Custom`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ConstraintKind {
    /// At most one of these may be set.
    Exclusive(Vec<Box<str>>),
    /// At least one of these must be set.
    AnyOf(Vec<Box<str>>),
    /// If the first is set, the second must be set too.
    Requires(Box<str>, Box<str>),
    /// The field is known, but must be omitted or null.
    Forbidden(Box<str>),
    /// A special rule, by the name of the function in `ide` that checks it.
    Custom(Box<str>),
}

/// The status of a field or value in a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status<'a> {
    /// Accepted and effective.
    Current,
    /// Accepted since this later release.
    Unavailable(Release),
    /// Accepted and effective, but outdated.
    Deprecated(&'a Deprecation),
    /// Accepted, but without effect.
    Ignored(&'a Deprecation),
    /// Not accepted since this release.
    Removed(Release),
}

impl<T> Timed<T> {
    /// A value that never changed.
    pub fn always(value: T) -> Timed<T> {
        Timed(vec![(Release::OLDEST, value)])
    }

    /// The value in `release`.
    pub fn at(&self, release: Release) -> Option<&T> {
        self.0.iter().rev().find(|(since, _)| *since <= release).map(|(_, value)| value)
    }
}

impl Field {
    /// The status of the field in `release`.
    pub fn status(&self, release: Release) -> Status<'_> {
        status(&self.accepted, self.deprecated.as_ref(), release)
    }

    /// Whether only the name of the field changed.
    pub fn is_renamed(&self) -> bool {
        self.deprecated.as_ref().is_some_and(|it| it.renamed)
    }

    /// Whether the field has no effect in `release`, or had none when it was removed.
    pub fn is_no_op(&self, release: Release) -> bool {
        match self.status(release) {
            Status::Ignored(_) => true,
            Status::Removed(_) => self.deprecated.as_ref().is_some_and(|it| it.ignored.is_some()),
            _ => false,
        }
    }

    /// Whether the field is required in `release`.
    pub fn is_required(&self, release: Release) -> bool {
        self.required.at(release).copied().unwrap_or(false)
    }
}

impl Enum {
    /// The index of the value that is written as `text`.
    pub fn index(&self, text: &str) -> Option<usize> {
        let is_same = |it: &EnumValue| *it.value == *text || self.any_case && it.value.eq_ignore_ascii_case(text);
        self.values.iter().position(is_same)
    }
}

impl EnumValue {
    /// The status of the value in `release`.
    pub fn status(&self, release: Release) -> Status<'_> {
        status(&self.accepted, self.deprecated.as_ref(), release)
    }
}

impl Status<'_> {
    /// Whether dstack accepts it.
    pub fn is_accepted(self) -> bool {
        matches!(self, Status::Current | Status::Deprecated(_) | Status::Ignored(_))
    }
}

impl Union {
    /// The variant with this tag, and its status in `release`.
    pub fn variant(&self, tag: &str, release: Release) -> Option<(TypeId, Status<'_>)> {
        let index = self.tags.iter().position(|it| &**it == tag)?;
        let status = self.accepted.get(index).map_or(Status::Current, |accepted| status(accepted, None, release));
        Some((*self.variants.get(index)?, status))
    }

    /// The variant with this tag, if `dstack apply` or another command of `release` reads it.
    pub fn readable(&self, tag: &str, release: Release) -> Option<TypeId> {
        let (variant, status) = self.variant(tag, release)?;
        (status.is_accepted() || self.reader(tag, release).is_some()).then_some(variant)
    }

    /// The command that reads the variant with this tag in `release` if `dstack apply` does not: `dstack preset`.
    pub fn reader(&self, tag: &str, release: Release) -> Option<&str> {
        let accepted = self.variant(tag, release).is_some_and(|it| it.1.is_accepted());
        self.readers(tag)?.at(release)?.as_deref().filter(|_| !accepted)
    }

    /// The commands other than `dstack apply` that read the variant with this tag in some release.
    pub fn readers(&self, tag: &str) -> Option<&Readers> {
        self.elsewhere.iter().find(|it| &*it.0 == tag).map(|it| &it.1)
    }

    /// The releases in which `dstack apply` or another command reads the variant with this tag.
    pub fn read(&self, tag: &str) -> Timed<bool> {
        let accepted = self.tags.iter().position(|it| &**it == tag).and_then(|it| self.accepted.get(it));
        let Some(readers) = self.readers(tag) else { return accepted.cloned().unwrap_or(Timed::always(true)) };
        let mut changes: Vec<Release> = readers.0.iter().map(|it| it.0).collect();
        changes.extend(accepted.iter().flat_map(|it| it.0.iter().map(|it| it.0)));
        changes.sort_unstable();
        changes.dedup();
        Timed(changes.into_iter().map(|it| (it, self.readable(tag, it).is_some())).collect())
    }

    /// The page of dstack's own reference about the variant with this tag.
    pub fn page(&self, tag: &str) -> Option<&str> {
        self.pages.iter().find(|it| &*it.0 == tag).map(|it| &*it.1)
    }

    /// The tag of the variant that replaced this one.
    pub fn successor(&self, tag: &str) -> Option<&str> {
        self.successors.iter().find(|it| &*it.0 == tag).map(|it| &*it.1)
    }
}

impl Constraint {
    /// Whether the rule applies in `release`.
    pub fn holds(&self, release: Release) -> bool {
        self.since <= release && self.until.is_none_or(|until| release < until)
    }
}

fn never() -> Timed<bool> {
    Timed::always(false)
}

fn is_never(timed: &Timed<bool>) -> bool {
    *timed == never()
}

fn status<'a>(accepted: &Timed<bool>, deprecated: Option<&'a Deprecation>, release: Release) -> Status<'a> {
    if !accepted.at(release).copied().unwrap_or(false) {
        let later = accepted.0.iter().find(|(since, accepted)| *since > release && *accepted);
        let ended = accepted.0.iter().rev().find(|(since, accepted)| *since <= release && !*accepted);
        return match (later, ended) {
            (_, Some((since, _))) if accepted.0[0].0 < *since => Status::Removed(*since),
            (Some((since, _)), _) => Status::Unavailable(*since),
            (None, _) => Status::Removed(Release::OLDEST),
        };
    }
    match deprecated {
        Some(it) if it.ignored.is_some_and(|ignored| ignored <= release) => Status::Ignored(it),
        Some(it) if it.since <= release => Status::Deprecated(it),
        _ => Status::Current,
    }
}
