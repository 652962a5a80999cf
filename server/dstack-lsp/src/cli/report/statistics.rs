//! The counts of `check --statistics`.

use std::{cmp::Reverse, collections::HashMap};

use serde::Serialize;

use crate::cli::checked::{Checked, Summary};

/// Rules and files with their numbers of findings: the most frequent first, then by name. Files without findings are left out.
#[derive(Serialize)]
pub(super) struct Statistics<'a> {
    pub(super) rules: Vec<RuleCounts<'a>>,
    pub(super) files: Vec<FileCounts<'a>>,
    pub(super) summary: Summary,
}

/// The findings of a rule.
#[derive(Serialize)]
pub(super) struct RuleCounts<'a> {
    pub(super) rule: &'static str,
    pub(super) findings: usize,
    /// Number of findings that `--fix` resolves.
    pub(super) fixable: usize,
    /// The message of the first finding.
    #[serde(skip)]
    pub(super) example: &'a str,
}

/// The findings in a file.
#[derive(Serialize)]
pub(super) struct FileCounts<'a> {
    pub(super) path: &'a str,
    pub(super) findings: usize,
    /// Number of findings that `--fix` resolves.
    pub(super) fixable: usize,
}

impl<'a> Statistics<'a> {
    /// Counts the findings of these files.
    pub(super) fn of(checked: &'a [Checked]) -> Statistics<'a> {
        let mut rules: HashMap<&str, RuleCounts<'_>> = HashMap::new();
        for (file, finding) in checked.iter().flat_map(|file| file.diagnostics.iter().map(move |it| (file, it))) {
            let (rule, example) = (finding.diagnostic.rule.as_str(), &*finding.diagnostic.message);
            let counts = rules.entry(rule).or_insert(RuleCounts { rule, findings: 0, fixable: 0, example });
            counts.findings += 1;
            counts.fixable += usize::from(file.is_fixable(finding));
        }
        let mut rules: Vec<_> = rules.into_values().collect();
        rules.sort_by_key(|it| (Reverse(it.findings), it.rule));
        let counts =
            |it: &'a Checked| FileCounts { path: &it.name, findings: it.diagnostics.len(), fixable: it.fixable() };
        let mut files: Vec<_> = checked.iter().filter(|it| !it.diagnostics.is_empty()).map(counts).collect();
        files.sort_by_key(|it| (Reverse(it.findings), it.path));
        Statistics { rules, files, summary: Summary::of(checked) }
    }
}
