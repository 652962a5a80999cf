//! The report for programs, described by `server/docs/check.schema.json`.

use ide::{Applicability, Tag};
use schema::Release;
use serde::Serialize;
use yaml::{Encoding, Span, Step};

use super::{
    format::{Report, Run},
    statistics::Statistics,
};
use crate::{
    cli::checked::{self, Checked, Summary},
    project::rule_address,
};

/// The version of the format. It is raised when a field is removed or changes its meaning, not when one is added.
const VERSION: u32 = 1;

/// The report for programs.
pub(super) struct Json;

impl Report for Json {
    fn diagnostics(&self, run: Run<'_>) -> String {
        // With several releases in use, it is the newest; each file has its own.
        let newest = || run.checked.iter().map(|it| it.target.release).max();
        let release = run.release.or_else(newest).unwrap_or(Release::NEWEST);
        encoded(&Diagnostics {
            version: VERSION,
            release: release.to_string(),
            files: run.checked.iter().map(file).collect(),
            summary: Summary::of(run.checked),
        })
    }

    fn statistics(&self, run: Run<'_>) -> String {
        encoded(&Versioned { version: VERSION, rest: Statistics::of(run.checked) })
    }

    fn bidirectional(&self, c: char) -> String {
        // It can only be in a string, where an escape means the same character.
        format!("\\u{:04x}", u32::from(c))
    }
}

fn encoded(report: &impl Serialize) -> String {
    // It has no maps with keys that are not strings, and no numbers that are not finite: encoding cannot fail.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Versioned<T> {
    version: u32,
    #[serde(flatten)]
    rest: T,
}

#[derive(Serialize)]
struct Diagnostics<'a> {
    version: u32,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    stage: &'static str,
    severity: &'static str,
    tags: Vec<&'static str>,
    message: &'a str,
    path: Vec<PathStep<'a>>,
    start: Position,
    end: Position,
    related: Vec<Related<'a>>,
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum PathStep<'a> {
    Key(&'a str),
    Index(u32),
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
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

fn finding<'a>(finding: &'a checked::Finding, checked: &Checked) -> Finding<'a> {
    let checked::Finding { diagnostic, path, fixes } = finding;
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
    let related = |it: &'a ide::Related| {
        let (start, end) = range(checked, it.span);
        Related { message: &it.message, start, end }
    };
    let (start, end) = range(checked, diagnostic.span);
    Finding {
        rule: diagnostic.rule.as_str(),
        url: rule_address(diagnostic.rule),
        stage: diagnostic.stage.name(),
        severity: diagnostic.severity.name(),
        tags: diagnostic.tag.into_iter().map(Tag::name).collect(),
        message: &diagnostic.message,
        path: path.0.iter().map(step).collect(),
        start,
        end,
        related: diagnostic.related.iter().map(related).collect(),
        // Edits that repeat a secret are not printed.
        fixes: fixes.iter().filter(|it| !checked.secrets.are_in(&it.edits)).map(fix).collect(),
    }
}

fn range(checked: &Checked, span: Span) -> (Position, Position) {
    let position = |offset| {
        let yaml::Position { line, column } = checked.text.position(offset, Encoding::Utf32);
        Position { line: line + 1, column: column + 1, offset: offset + checked.shift }
    };
    (position(span.start), position(span.end))
}
