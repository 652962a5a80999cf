//! The types of the catalogue. Plain data: `build.rs` writes them, the server reads them.

use serde::{Deserialize, Serialize};

use crate::release::Release;

/// A type of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TypeId(pub u16);

/// A field of a mapping type: its mapping, and its place in [`Mapping::fields`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldId {
    /// The mapping type.
    pub mapping: TypeId,
    /// Its place among the fields.
    pub index: u16,
}

/// Something that changed from release to release: each value holds from its release on, up to the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timed<T>(pub Vec<(Release, T)>);

/// What may stand at a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Type {
    /// Anything.
    Any,
    /// The inner type, or null.
    Nullable(TypeId),
    /// A mapping with known fields.
    Mapping(Mapping),
    /// A mapping with free keys: `env`, `tags`.
    Table(Table),
    /// A list.
    Sequence(Sequence),
    /// One of several types, by YAML kind or by a discriminating field.
    Union(Union),
    /// One of some words.
    Enum(Enum),
    /// Text; the table in `grammar/plain.rs` says which other scalars dstack takes for text.
    String(Limits),
    /// A whole number.
    Integer(Limits),
    /// A number.
    Float(Limits),
    /// True or false.
    Boolean,
    /// A scalar with a grammar of its own, by its name in the registry of [`crate::grammar`].
    Grammar(Box<str>),
    /// A type that changed with a release.
    Timed(Timed<TypeId>),
}

/// Limits of a plain scalar. For strings the numbers count characters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// The least number (or length) allowed.
    pub min: Option<Timed<f64>>,
    /// Whether `min` itself is refused.
    pub exclusive: bool,
    /// The greatest number (or length) allowed.
    pub max: Option<Timed<f64>>,
}

/// A mapping with known fields; no others are allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// Its name in the catalogue: `task`, `gpu`.
    pub name: Box<str>,
    /// What it is, in Markdown.
    pub docs: Box<str>,
    /// The fields, in the order in which one would write them.
    pub fields: Vec<Field>,
    /// What one may write instead: `gpu: A100:2`.
    pub shorthand: Option<TypeId>,
    /// Rules between the fields.
    pub constraints: Vec<Constraint>,
    /// The fields that identify such a mapping in a list, the best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label: Vec<Box<str>>,
}

/// A mapping with free keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// What the keys must be.
    pub key: TypeId,
    /// What the values must be.
    pub value: TypeId,
}

/// A list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    /// What each item must be.
    pub item: TypeId,
    /// The least number of items.
    pub min: Option<Timed<u32>>,
    /// The greatest number of items.
    pub max: Option<Timed<u32>>,
}

/// One of several types.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Union {
    /// The field whose value tells which mapping is meant, if there is one.
    pub discriminator: Option<Box<str>>,
    /// For a discriminated union, the value of the field of each variant, else empty: told apart by shape.
    pub tags: Vec<Box<str>>,
    /// The types, in the order in which dstack tries them.
    pub variants: Vec<TypeId>,
    /// For a discriminated union, in which releases each variant is accepted, else empty: always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Timed<bool>>,
    /// For a discriminated union, what each variant is, in Markdown, else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub docs: Vec<Box<str>>,
    /// By the tag of a variant, the command that reads it in releases in which `dstack apply` does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<(Box<str>, Readers)>,
    /// By the tag of a variant, the tag of the one that took its place.
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

/// Which command reads a variant; nothing where none does.
pub type Readers = Timed<Option<Box<str>>>;

/// One of some words, exactly as written unless [`Enum::any_case`] says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enum {
    /// Its name in the catalogue: `spot-policy`.
    pub name: Box<str>,
    /// The words.
    pub values: Vec<EnumValue>,
    /// Whether dstack takes them in upper and lower case alike.
    #[serde(default)]
    pub any_case: bool,
}

/// A word of an [`Enum`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnumValue {
    /// As it is written.
    pub value: Box<str>,
    /// What it means, in Markdown.
    pub docs: Box<str>,
    /// In which releases it is accepted.
    pub accepted: Timed<bool>,
    /// Since when something else should be used, and what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<Deprecation>,
}

/// A field of a [`Mapping`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// As it is written.
    pub name: Box<str>,
    /// What its value must be.
    pub ty: TypeId,
    /// What it does, what to write, an example: in Markdown.
    pub docs: Box<str>,
    /// Whether it must be there.
    #[serde(default = "never", skip_serializing_if = "is_never")]
    pub required: Timed<bool>,
    /// What holds if it is left out, as one would write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Timed<Box<str>>>,
    /// In which releases it is accepted.
    pub accepted: Timed<bool>,
    /// Since when something else should be used, and what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<Deprecation>,
    /// Accepted by dstack, but not meant for users: never offered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
    /// Whether its value is a password, a key or the like, or holds one: it is never shown, neither in messages nor elsewhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// What `${{ … }}` may name in its text, or in that of its items: `env`, `secrets`, `run.args`; empty if it is not
    /// looked at.
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

/// Why a field or a word should no longer be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deprecation {
    /// The first release in which it is outdated.
    pub since: Release,
    /// The first release that accepts it and does nothing with it.
    pub ignored: Option<Release>,
    /// What to use instead: a field or a word.
    pub instead: Option<Box<str>>,
    /// A few words about it, if there is more to say.
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
    /// From this release on.
    pub since: Release,
    /// The first release without it.
    pub until: Option<Release>,
    /// Why, in a few words for the message, if there is more to say; of a [`ConstraintKind::Custom`], what it is.
    pub note: Option<Box<str>>,
}

/// The rule of a [`Constraint`]. A field is *set* if it is there and its value is neither null nor an empty text, list or
/// mapping. Rules that look at the truth of a boolean are [`ConstraintKind::Custom`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ConstraintKind {
    /// At most one of these may be set.
    Exclusive(Vec<Box<str>>),
    /// At least one of these must be set.
    AnyOf(Vec<Box<str>>),
    /// If the first is set, the second must be set too.
    Requires(Box<str>, Box<str>),
    /// The field is known, but must be left out or null.
    Forbidden(Box<str>),
    /// A rule of its own, by the name of the function in `ide` that checks it.
    Custom(Box<str>),
}

/// What a release makes of a field or word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status<'a> {
    /// Accepted and effective.
    Current,
    /// Accepted only from this later release on.
    Unavailable(Release),
    /// Accepted and effective, but outdated.
    Deprecated(&'a Deprecation),
    /// Accepted, without effect.
    Ignored(&'a Deprecation),
    /// No longer accepted since this release.
    Removed(Release),
}

impl<T> Timed<T> {
    /// The same at all times.
    pub fn always(value: T) -> Timed<T> {
        Timed(vec![(Release::OLDEST, value)])
    }

    /// What holds in `release`.
    pub fn at(&self, release: Release) -> Option<&T> {
        self.0.iter().rev().find(|(since, _)| *since <= release).map(|(_, value)| value)
    }
}

impl Field {
    /// What `release` makes of the field.
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

    /// Whether the field must be there in `release`.
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
    /// What `release` makes of the word.
    pub fn status(&self, release: Release) -> Status<'_> {
        status(&self.accepted, self.deprecated.as_ref(), release)
    }
}

impl Status<'_> {
    /// Whether dstack takes it.
    pub fn is_accepted(self) -> bool {
        matches!(self, Status::Current | Status::Deprecated(_) | Status::Ignored(_))
    }
}

impl Union {
    /// The place of the variant with this tag, and what `release` makes of it.
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

    /// The command that reads the variant with this tag in `release`, as `dstack apply` does not: `dstack preset`.
    pub fn reader(&self, tag: &str, release: Release) -> Option<&str> {
        let accepted = self.variant(tag, release).is_some_and(|it| it.1.is_accepted());
        self.readers(tag)?.at(release)?.as_deref().filter(|_| !accepted)
    }

    /// Which commands other than `dstack apply` have read the variant with this tag, if there ever were any.
    pub fn readers(&self, tag: &str) -> Option<&Readers> {
        self.elsewhere.iter().find(|it| &*it.0 == tag).map(|it| &it.1)
    }

    /// In which releases the variant with this tag is read, by `dstack apply` or another command.
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

    /// The tag of the variant that took the place of this one.
    pub fn successor(&self, tag: &str) -> Option<&str> {
        self.successors.iter().find(|it| &*it.0 == tag).map(|it| &*it.1)
    }
}

impl Constraint {
    /// Whether the rule holds in `release`.
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
