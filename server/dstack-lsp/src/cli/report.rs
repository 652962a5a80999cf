//! The findings for programs: the JSON of `check --format json`, and the numbers at the end of both reports.
//!
//! Lines and columns count from 1, columns in characters; offsets are bytes of the file. Of each file: `release` is what it
//! was checked against and `release_source` who chose that (`argument`, `comment`, `newest`, or the file that pins dstack);
//! `release_note` is there if that is not quite what was asked for. `parses` is dstack's verdict, which findings that a
//! comment hides from the list, `suppressed` in number, change nothing of; dstack will report `suppressed_errors` of them.

use ide::{Applicability, Diagnostic, Severity, Stage};
use schema::Release;
use serde::Serialize;
use yaml::{Encoding, Step, Text};

use super::check::Checked;

/// How many findings there are, and in how many files was looked for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Summary {
    pub(crate) files: usize,
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) infos: usize,
    pub(crate) hints: usize,
}

impl Summary {
    /// Of these files.
    pub(crate) fn of(checked: &[Checked]) -> Summary {
        let mut summary = Summary { files: checked.len(), ..Summary::default() };
        for diagnostic in checked.iter().flat_map(|it| &it.diagnostics) {
            match diagnostic.severity {
                Severity::Error => summary.errors += 1,
                Severity::Warning => summary.warnings += 1,
                Severity::Info => summary.infos += 1,
                Severity::Hint => summary.hints += 1,
            }
        }
        summary
    }
}

/// The findings as one JSON document with a line break at its end; `wanted` is the release that was asked for.
pub(crate) fn json(checked: &[Checked], wanted: Option<Release>) -> String {
    // What was asked for, else the newest in use; where it matters that there may be several, each file has its own.
    let in_use = || checked.iter().map(|it| it.target.release).max();
    let release = wanted.or_else(in_use).unwrap_or(Release::NEWEST);
    let report = Report {
        release: release.to_string(),
        files: checked.iter().map(file).collect(),
        summary: Summary::of(checked),
    };
    // Nothing in it can fail to be JSON: no maps, no numbers that are not finite.
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Report<'a> {
    release: String,
    files: Vec<File<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    kind: &'static str,
    #[serde(rename = "type")]
    configuration_type: Option<&'a str>,
    release: String,
    release_source: &'a str,
    release_note: Option<&'a str>,
    parses: bool,
    suppressed: usize,
    suppressed_errors: usize,
    diagnostics: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    stage: &'static str,
    severity: &'static str,
    message: &'a str,
    path: Vec<PathStep<'a>>,
    start: Place,
    end: Place,
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum PathStep<'a> {
    Key(&'a str),
    Index(u32),
}

#[derive(Serialize)]
struct Place {
    line: u32,
    column: u32,
    offset: u32,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    start: u32,
    end: u32,
    text: &'a str,
}

fn file(checked: &Checked) -> File<'_> {
    File {
        path: &checked.name,
        kind: checked.kind.name(),
        configuration_type: checked.configuration_type.as_deref(),
        release: checked.target.release.to_string(),
        release_source: checked.target.origin.name(),
        release_note: checked.target.note.as_deref(),
        parses: checked.parses,
        suppressed: checked.suppressed,
        suppressed_errors: checked.suppressed_errors,
        diagnostics: checked.diagnostics.iter().map(|it| finding(it, checked)).collect(),
    }
}

fn finding<'a>(diagnostic: &'a Diagnostic, checked: &Checked) -> Finding<'a> {
    let step = |step: &'a Step| match step {
        Step::Key(key) => PathStep::Key(key),
        Step::Index(index) => PathStep::Index(*index),
    };
    let edit = |edit: &'a yaml::Edit| Edit {
        start: edit.span.start + checked.shift,
        end: edit.span.end + checked.shift,
        text: &edit.text,
    };
    let fix = |fix: &'a ide::Fix| Fix {
        title: &fix.title,
        safe: fix.applicability == Applicability::Safe,
        edits: fix.edits.iter().map(edit).collect(),
    };
    Finding {
        rule: diagnostic.rule,
        stage: match diagnostic.stage {
            Stage::Parse => "parse",
            Stage::Apply => "apply",
            Stage::Advice => "advice",
        },
        severity: severity(diagnostic.severity),
        message: &diagnostic.message,
        path: diagnostic.path.0.iter().map(step).collect(),
        start: place(&checked.text, diagnostic.span.start, checked.shift),
        end: place(&checked.text, diagnostic.span.end, checked.shift),
        // A change that repeats a secret is none to print.
        fixes: diagnostic.fixes.iter().filter(|it| !checked.secrets.are_in(&it.edits)).map(fix).collect(),
    }
}

fn place(text: &Text, offset: u32, shift: u32) -> Place {
    let position = text.position(offset, Encoding::Utf32);
    Place { line: position.line + 1, column: position.column + 1, offset: offset + shift }
}

/// The word for a severity in both reports.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
        Severity::Hint => "hint",
    }
}
