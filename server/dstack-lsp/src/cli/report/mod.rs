//! The reports of `check`, one file per format.

mod excerpt;
mod format;
mod human;
mod json;
mod look;
mod statistics;

pub(crate) use self::{
    format::Run,
    look::{Look, WhenToColor},
};

use self::{format::Report, human::Human, json::Json};
use crate::disk::is_bidirectional;

/// A format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people: the line, what is wrong with it, how to fix it
    Human,
    /// For programs
    Json,
}

impl Format {
    /// Returns the report about a run, or the counts of its diagnostics.
    pub(crate) fn render(self, run: Run<'_>, look: Look, statistics: bool) -> String {
        let report: &dyn Report = match self {
            Format::Human => &Human { look },
            Format::Json => &Json,
        };
        let text = if statistics { report.statistics(run) } else { report.diagnostics(run) };
        if !text.contains(is_bidirectional) {
            return text;
        }
        let shown = |c| if is_bidirectional(c) { report.bidirectional(c) } else { String::from(c) };
        text.chars().map(shown).collect()
    }
}
