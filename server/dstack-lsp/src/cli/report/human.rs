//! The report for people: each diagnostic with an excerpt, and a line that sums them up.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
};

use annotate_snippets::Renderer;
use ide::Origin;
use schema::Release;

use super::{
    excerpt::{Reach, rendered},
    format::{Report, Run},
    look::Look,
    statistics::{FileCounts, RuleCounts, Statistics},
};
use crate::{
    cli::checked::{Checked, Summary},
    disk,
};

/// Number of diagnostics above which the report mentions `--statistics`.
const MANY: usize = 100;

/// Maximum number of files in the statistics, so that both tables fit on a screen.
const MAX_FILES: usize = 8;

/// The report for people.
pub(super) struct Human {
    /// Colors and width.
    pub(super) look: Look,
}

impl Report for Human {
    fn diagnostics(&self, run: Run<'_>) -> String {
        if run.checked.is_empty() {
            return String::new();
        }
        let renderer = if self.look.color { Renderer::styled() } else { Renderer::plain() }.term_width(self.look.width);
        let mut out = String::new();
        for file in run.checked {
            for finding in &file.diagnostics {
                out += &rendered(&renderer, file, finding, Reach::of(self.look.width));
                out += "\n\n";
            }
        }
        if run.checked.iter().map(|it| it.diagnostics.len()).sum::<usize>() > MANY {
            out += "note: `--statistics` counts the findings by rule and by file\n";
        }
        out + &end(run.checked)
    }

    /// Two tables:
    ///
    /// ```text
    /// findings  fixable  rule
    ///       17       14  unknown-field     unknown field `gpuu`; did you mean `gpu`?
    ///        2        0  missing-field     an item of `volumes` requires `path`
    ///
    /// findings  fixable  file
    ///       19       14  train.dstack.yml
    /// ```
    fn statistics(&self, run: Run<'_>) -> String {
        if run.checked.is_empty() {
            return String::new();
        }
        let mut out = String::new();
        let Statistics { rules, files, .. } = Statistics::of(run.checked);
        if !rules.is_empty() {
            let width = rules.iter().map(|it| it.rule.len()).max().unwrap_or(0);
            out += "findings  fixable  rule\n";
            for RuleCounts { rule, findings, fixable, example } in rules {
                let line = format!("{findings:8}  {fixable:7}  {rule:width$}  {example}");
                out += &cut(&line, self.look.width);
                out.push('\n');
            }
            out += "\nfindings  fixable  file\n";
            for FileCounts { path, findings, fixable } in files.iter().take(MAX_FILES) {
                let _ = writeln!(out, "{findings:8}  {fixable:7}  {}", disk::shown(Path::new(path)));
            }
            if let Some(more @ 1..) = files.len().checked_sub(MAX_FILES) {
                let rest = files[MAX_FILES..].iter();
                let (findings, fixable) = rest.fold((0, 0), |(a, b), it| (a + it.findings, b + it.fixable));
                let files = if more == 1 { "file" } else { "files" };
                let _ = writeln!(out, "{findings:8}  {fixable:7}  in {more} more {files}");
            }
            out.push('\n');
        }
        out + &end(run.checked)
    }

    fn bidirectional(&self, _: char) -> String {
        "\u{fffd}".to_owned()
    }
}

/// A line that is no longer than the terminal is wide.
fn cut(line: &str, width: usize) -> String {
    match line.char_indices().nth(width) {
        None => line.to_owned(),
        Some(_) => line.chars().take(width - 1).chain(['…']).collect(),
    }
}

/// The notes about releases, and the line that sums up all files.
fn end(checked: &[Checked]) -> String {
    let mut out = String::new();
    let notes = checked.iter().filter_map(|it| Some((it.target.note.as_ref()?, it.target.origin.words())));
    for (note, origin) in notes.collect::<BTreeSet<_>>() {
        let _ = writeln!(out, "note: {note} ({origin})");
    }
    out += &summary(checked);
    out.push('\n');
    out
}

/// `2 errors, 1 warning in 1 of 5 files, checked against dstack 0.19.40 (from `uv.lock`)`
fn summary(checked: &[Checked]) -> String {
    let summary = Summary::of(checked);
    let counted = |n: usize, word: &str| match n {
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    };
    let counts =
        [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "remark"), (summary.hints, "hint")];
    let parts = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| counted(n, word)).collect::<Vec<_>>();
    let affected = checked.iter().filter(|it| !it.diagnostics.is_empty()).count();
    let files = counted(summary.files, "file");
    let mut text = match parts.is_empty() {
        true => format!("nothing to report in {files}"),
        false if summary.files == 1 => format!("{} in 1 file", parts.join(", ")),
        false => format!("{} in {affected} of {files}", parts.join(", ")),
    };
    let _ = write!(text, ", checked against {}", releases(checked));
    let fixed: usize = checked.iter().map(|it| it.fixed).sum();
    let fixable: usize = checked.iter().map(Checked::fixable).sum();
    let of_all = |count: fn(&Checked) -> usize| checked.iter().map(count).sum();
    let (suppressed, errors): (usize, usize) = (of_all(|it| it.suppressed), of_all(|it| it.suppressed_errors));
    match errors {
        0 => {}
        1 => text.push_str("; 1 error that dstack will report is suppressed"),
        _ => _ = write!(text, "; {errors} errors that dstack will report are suppressed"),
    }
    match suppressed - errors {
        0 => {}
        1 => text.push_str("; 1 finding ignored by a comment"),
        n => _ = write!(text, "; {n} findings ignored by comments"),
    }
    if fixed > 0 {
        let _ = write!(text, "; {fixed} fixed");
    }
    if fixable > 0 {
        let _ = write!(text, "; {fixable} fixable with `--fix`");
    }
    text
}

/// Maximum number of releases that the summary names.
const MAX_RELEASES: usize = 4;

/// `dstack 0.19.40 (from `uv.lock`)`; of several, with the number of files of each.
fn releases(checked: &[Checked]) -> String {
    let mut counts: BTreeMap<(Release, String), usize> = BTreeMap::new();
    for it in checked {
        // The newest release has no origin, and the user knows what `--release` was.
        let origin = match it.target.origin {
            Origin::Newest | Origin::Argument => String::new(),
            _ => it.target.origin.words(),
        };
        *counts.entry((it.target.release, origin)).or_default() += 1;
    }
    let in_parentheses = |origin: &str| if origin.is_empty() { String::new() } else { format!(" ({origin})") };
    let several = counts.len() > 1;
    let named = counts.iter().rev().take(MAX_RELEASES).map(|((release, origin), n)| match (several, n) {
        (false, _) => format!("dstack {release}{}", in_parentheses(origin)),
        (true, 1) => format!("dstack {release}{} (1 file)", in_parentheses(origin)),
        (true, n) => format!("dstack {release}{} ({n} files)", in_parentheses(origin)),
    });
    let mut named: Vec<String> = named.collect();
    if counts.len() > MAX_RELEASES {
        named.push("others".to_owned());
    }
    named.join(" and ")
}
