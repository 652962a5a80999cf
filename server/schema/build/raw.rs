//! The entries of the catalogue as written in YAML, with only their keys checked.

use serde::Deserialize;
use serde_yaml::{Mapping as Yaml, Value};

use crate::model::Tells;
use crate::release::Release;

/// An entry. Exactly one of `fields`, `group`, `values`, `by` and `is` defines its kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Entry {
    pub(crate) docs: Option<String>,
    pub(crate) fields: Option<Yaml>,
    pub(crate) group: Option<Yaml>,
    pub(crate) shorthand: Option<String>,
    #[serde(default)]
    pub(crate) label: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) constraints: Vec<Value>,
    pub(crate) values: Option<Yaml>,
    #[serde(default)]
    pub(crate) any_case: bool,
    pub(crate) by: Option<String>,
    pub(crate) variants: Option<Yaml>,
    pub(crate) is: Option<Value>,
    #[serde(flatten)]
    pub(crate) limits: RawLimits,
}

impl Entry {
    /// The keys that do not belong to the kind of the entry.
    pub(crate) fn stray_keys(&self) -> impl Iterator<Item = &'static str> {
        let is_mapping = self.fields.is_some();
        let is_group = self.group.is_some();
        let stray = [
            ("`docs`", self.docs.is_some() && !is_mapping),
            ("`shorthand`", self.shorthand.is_some() && !is_mapping),
            ("`label`", !self.label.is_empty() && !is_mapping),
            ("`constraints`", !self.constraints.is_empty() && !is_mapping && !is_group),
            ("`any-case`", self.any_case && self.values.is_none()),
            ("a limit", self.limits != RawLimits::default() && self.is.is_none()),
        ];
        stray.into_iter().filter(|it| it.1).map(|it| it.0)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawField {
    pub(crate) r#type: Value,
    pub(crate) since: Option<Release>,
    pub(crate) removed: Option<Release>,
    pub(crate) accepted: Option<Value>,
    pub(crate) required: Option<Value>,
    pub(crate) default: Option<Value>,
    pub(crate) deprecated: Option<RawDeprecation>,
    #[serde(default)]
    pub(crate) internal: bool,
    #[serde(default)]
    pub(crate) secret: bool,
    #[serde(default)]
    pub(crate) interpolates: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) also: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) perhaps: Vec<Box<str>>,
    #[serde(default)]
    pub(crate) tells: Tells,
    pub(crate) fill: Option<Box<str>>,
    pub(crate) docs: Option<String>,
    #[serde(flatten)]
    pub(crate) limits: RawLimits,
}

#[derive(Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawLimits {
    pub(crate) min: Option<Value>,
    pub(crate) above: Option<Value>,
    pub(crate) max: Option<Value>,
    pub(crate) min_length: Option<Value>,
    pub(crate) max_length: Option<Value>,
    pub(crate) min_items: Option<Value>,
    pub(crate) max_items: Option<Value>,
}

/// The options of an included group: `+profile: {since: 0.18.1}`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawInclude {
    pub(crate) since: Option<Release>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawWord {
    pub(crate) since: Option<Release>,
    pub(crate) removed: Option<Release>,
    pub(crate) accepted: Option<Value>,
    pub(crate) deprecated: Option<RawDeprecation>,
    pub(crate) docs: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawVariant {
    pub(crate) r#type: String,
    pub(crate) since: Option<Release>,
    pub(crate) removed: Option<Release>,
    pub(crate) accepted: Option<Value>,
    pub(crate) read_by: Option<Value>,
    pub(crate) r#use: Option<Box<str>>,
    pub(crate) page: Option<Box<str>>,
    pub(crate) docs: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDeprecation {
    pub(crate) since: Release,
    pub(crate) ignored: Option<Release>,
    pub(crate) r#use: Option<String>,
    pub(crate) note: Option<String>,
    #[serde(default)]
    pub(crate) renamed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSkeleton {
    pub(crate) kind: Box<str>,
    pub(crate) label: Box<str>,
    pub(crate) detail: Box<str>,
    pub(crate) body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawConstraint {
    pub(crate) exclusive: Option<Vec<Box<str>>>,
    pub(crate) any_of: Option<Vec<Box<str>>>,
    pub(crate) requires: Option<(Box<str>, Box<str>)>,
    pub(crate) forbidden: Option<Box<str>>,
    pub(crate) custom: Option<Box<str>>,
    pub(crate) since: Option<Release>,
    pub(crate) until: Option<Release>,
    pub(crate) note: Option<String>,
}
