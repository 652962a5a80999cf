//! `check --statistics`: how many findings there are of each rule and in each file.
//!
//! ```text
//! findings  fixable  rule
//!       17       14  unknown-field     unknown field `gpuu`; did you mean `gpu`?
//!        2        0  missing-field     an item of `volumes` needs `path`; add it
//!
//! findings  fixable  file
//!       19       14  train.dstack.yml
//! ```

use std::{cmp::Reverse, collections::HashMap, fmt::Write, path::Path};

use serde::Serialize;

use super::{
    check::Checked,
    human::{self, Look},
    report::Summary,
};
use crate::disk;

/// Maximum number of files that are listed for people: both tables fit on a screen.
const MOST_FILES: usize = 8;

/// The counts for people, with an example of each rule.
pub(crate) fn text(checked: &[Checked], look: Look) -> String {
    let mut out = String::new();
    let Statistics { rules, files, .. } = count(checked);
    if !rules.is_empty() {
        let width = rules.iter().map(|it| it.rule.len()).max().unwrap_or(0);
        out += "findings  fixable  rule\n";
        for Rule { rule, findings, fixable, example } in rules {
            let line = format!("{findings:8}  {fixable:7}  {rule:width$}  {example}");
            out += &cut(&line, look.width);
            out.push('\n');
        }
        out += "\nfindings  fixable  file\n";
        for File { path, findings, fixable } in files.iter().take(MOST_FILES) {
            let _ = writeln!(out, "{findings:8}  {fixable:7}  {}", disk::shown(Path::new(path)));
        }
        if let Some(more @ 1..) = files.len().checked_sub(MOST_FILES) {
            let (findings, fixable) =
                files[MOST_FILES..].iter().fold((0, 0), |(a, b), it| (a + it.findings, b + it.fixable));
            let files = if more == 1 { "file" } else { "files" };
            let _ = writeln!(out, "{findings:8}  {fixable:7}  in {more} more {files}");
        }
        out.push('\n');
    }
    out + &human::end(checked)
}

/// The counts as one JSON document with a line break at its end.
pub(crate) fn json(checked: &[Checked]) -> String {
    // Nothing in it can fail to be JSON: no maps, no numbers that are not finite.
    let mut text = serde_json::to_string_pretty(&count(checked)).unwrap_or_default();
    text.push('\n');
    text
}

/// The most frequent first, of equals by name; without files that have no findings.
#[derive(Serialize)]
struct Statistics<'a> {
    rules: Vec<Rule<'a>>,
    files: Vec<File<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Rule<'a> {
    rule: &'static str,
    findings: usize,
    fixable: usize,
    /// The message of the first.
    #[serde(skip)]
    example: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    findings: usize,
    /// How many of them `--fix` mends.
    fixable: usize,
}

fn count<'a>(checked: &'a [Checked]) -> Statistics<'a> {
    let mut rules: HashMap<&str, Rule<'_>> = HashMap::new();
    for (file, diagnostic) in checked.iter().flat_map(|file| file.diagnostics.iter().map(move |it| (file, it))) {
        let example = &*diagnostic.message;
        let rule =
            rules.entry(diagnostic.rule).or_insert(Rule { rule: diagnostic.rule, findings: 0, fixable: 0, example });
        rule.findings += 1;
        rule.fixable += usize::from(human::is_fixable(file, diagnostic));
    }
    let mut rules: Vec<_> = rules.into_values().collect();
    rules.sort_by_key(|it| (Reverse(it.findings), it.rule));
    let file = |it: &'a Checked| File { path: &it.name, findings: it.diagnostics.len(), fixable: human::n_fixable(it) };
    let mut files: Vec<_> = checked.iter().filter(|it| !it.diagnostics.is_empty()).map(file).collect();
    files.sort_by_key(|it| (Reverse(it.findings), it.path));
    Statistics { rules, files, summary: Summary::of(checked) }
}

/// A line that is no longer than the terminal is wide.
fn cut(line: &str, width: usize) -> String {
    match line.char_indices().nth(width) {
        None => line.to_owned(),
        Some(_) => line.chars().take(width - 1).chain(['…']).collect(),
    }
}
