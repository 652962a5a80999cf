//! What a user may choose: the release that a file is checked against, and the rules.

use std::{collections::BTreeMap, sync::Arc};

use schema::Release;

use crate::{
    diagnostic::{RuleId, Severity},
    target::Target,
};

/// How a document is checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The release, unless a comment of the document chooses another one.
    pub target: Target,
    /// The rules.
    pub rules: RuleOptions,
}

/// What rules are set to; a rule that is not set has its default severity. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleOptions(Arc<BTreeMap<RuleId, Level>>);

/// What a rule is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Its findings are not reported. That a file is rejected is still known.
    Off,
    /// Its findings have this severity.
    On(Severity),
}

impl RuleOptions {
    /// The level of a rule, if it is set.
    pub fn level(&self, rule: RuleId) -> Option<Level> {
        self.0.get(&rule).copied()
    }

    /// The rules that are set, by name.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, Level)> {
        self.0.iter().map(|(rule, level)| (*rule, *level))
    }

    /// Sets a rule, in place of an earlier setting.
    pub fn set(&mut self, rule: RuleId, level: Level) {
        Arc::make_mut(&mut self.0).insert(rule, level);
    }
}

impl Extend<(RuleId, Level)> for RuleOptions {
    fn extend<T: IntoIterator<Item = (RuleId, Level)>>(&mut self, settings: T) {
        settings.into_iter().for_each(|(rule, level)| self.set(rule, level));
    }
}

impl FromIterator<(RuleId, Level)> for RuleOptions {
    fn from_iter<T: IntoIterator<Item = (RuleId, Level)>>(settings: T) -> RuleOptions {
        let mut options = RuleOptions::default();
        options.extend(settings);
        options
    }
}

impl Level {
    /// `off`, or the name of a severity.
    pub fn name(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::On(severity) => severity.name(),
        }
    }

    /// Every level, `off` first.
    pub fn all() -> impl Iterator<Item = Level> {
        std::iter::once(Level::Off).chain(Severity::ALL.map(Level::On))
    }
}

impl From<Target> for Options {
    fn from(target: Target) -> Options {
        Options { target, rules: RuleOptions::default() }
    }
}

impl From<Release> for Options {
    fn from(release: Release) -> Options {
        Target::from(release).into()
    }
}
