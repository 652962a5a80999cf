//! The findings for people: the line, the guilty characters underlined, what is wrong, what to do.
//!
//! ```text
//! error[unknown-field]: unknown field `gpuu`; did you mean `gpu`?
//!  --> train.dstack.yml:4:3
//!   |
//! 4 |   gpuu: A100
//!   |   ^^^^
//!   |
//!   = help: Rename `gpuu` to `gpu` (`--fix` does it)
//!   = help: Remove `gpuu`
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write,
    path::Path,
};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use ide::{Applicability, Diagnostic, Origin, Severity};
use schema::Release;
use yaml::{Encoding, Span, Text};

use super::{
    check::Checked,
    report::{self, Summary},
};
use crate::disk;

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) color: bool,
    pub(crate) width: usize,
}

/// When to use colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless the environment says otherwise
    Auto,
    /// Whatever the output is
    Always,
    /// Not at all
    Never,
}

/// Columns, where the terminal does not say.
const WIDTH: usize = 120;
/// More findings than this are more than anybody reads from the top.
const MANY: usize = 100;
/// Another place is drawn into the same picture if it is at most so many lines away.
const NEAR: u32 = 200;

impl Look {
    /// Colors as the user wants them: by the option, else by `NO_COLOR`, else by `FORCE_COLOR` or `CLICOLOR_FORCE`, else on a
    /// terminal that has them and a user who did not say `CLICOLOR=0`.
    pub(crate) fn new(when: When, is_terminal: bool) -> Look {
        let is_set = |name| env::var_os(name).is_some_and(|it| !it.is_empty() && it != "0" && it != "false");
        let forced = is_set("FORCE_COLOR") || is_set("CLICOLOR_FORCE");
        let dumb = env::var_os("TERM").is_some_and(|it| it == "dumb");
        let wanted = match when {
            When::Always => true,
            When::Never => false,
            When::Auto if anstyle_query::no_color() => false,
            When::Auto if forced => true,
            When::Auto => is_terminal && !dumb && anstyle_query::clicolor() != Some(false),
        };
        // An old console of Windows shows the codes themselves, until it is told to obey them.
        let color = wanted && !(is_terminal && anstyle_query::windows::enable_ansi_colors() == Some(false));
        let width = env::var("COLUMNS").ok().and_then(|it| it.parse().ok()).filter(|it| *it >= 40);
        Look { color, width: width.unwrap_or(WIDTH) }
    }
}

/// All findings, and a line that sums them up.
pub(crate) fn text(checked: &[Checked], look: Look) -> String {
    let renderer = if look.color { Renderer::styled() } else { Renderer::plain() }.term_width(look.width);
    let mut out = String::new();
    for file in checked {
        for diagnostic in &file.diagnostics {
            out += &rendered(&renderer, file, diagnostic, Reach::of(look.width));
            out += "\n\n";
        }
    }
    if checked.iter().map(|it| it.diagnostics.len()).sum::<usize>() > MANY {
        out += "note: `--statistics` counts the findings by rule and by file\n";
    }
    out + &end(checked)
}

/// What is worth knowing of all files together, and the line that sums them up.
pub(crate) fn end(checked: &[Checked]) -> String {
    let mut out = String::new();
    let notes = checked.iter().filter_map(|it| Some((it.target.note.as_ref()?, it.target.origin.words())));
    for (note, who) in notes.collect::<BTreeSet<_>>() {
        let _ = writeln!(out, "note: {note} ({who})");
    }
    out += &summary(checked);
    out.push('\n');
    out
}

/// A finding, with as much of its lines as is seen.
fn rendered(renderer: &Renderer, file: &Checked, diagnostic: &Diagnostic, reach: Reach) -> String {
    let marks = Marks::of(&file.text, diagnostic, reach);
    let whole = renderer.render(&[group(file, diagnostic, &marks, reach)]);
    let at = file.text.position(diagnostic.span.start, Encoding::Utf32);
    let cut = reach.around(&file.text, at.line, &marks.on_line(at.line)).start;
    if cut == file.text.line(at.line).start {
        return whole;
    }
    // The renderer counts the column from the cut. The line with the path is the one below the message.
    let place = |column: u32| format!(":{}:{}", at.line + 1, column + 1);
    let from_cut = place(at.column - file.text.position(cut, Encoding::Utf32).column);
    let path = whole.find('\n').map_or(0, |it| it + 1);
    let end = whole[path..].find('\n').map_or(whole.len(), |it| path + it);
    let Some(found) = whole[path..end].rfind(&from_cut).map(|it| path + it) else { return whole };
    format!("{}{}{}", &whole[..found], place(at.column), &whole[found + from_cut.len()..])
}

/// Places in a text, with what is said about each.
struct Marks<'a> {
    /// Those in the picture, clipped to their first lines, with their lines; the guilty one first.
    drawn: Vec<(u32, Span, &'a str)>,
    /// The others.
    noted: Vec<(Span, &'a str)>,
}

impl<'a> Marks<'a> {
    fn of(text: &Text, diagnostic: &'a Diagnostic, reach: Reach) -> Marks<'a> {
        let clipped = |span: Span| {
            let line = text.line_of(span.start);
            let whole = text.line(line);
            // What goes on below its line is underlined on its first line only: the eye needs the place, not the extent.
            let start = span.start.clamp(whole.start, whole.end);
            (line, Span::new(start, span.end.clamp(start, whole.end)))
        };
        let (line, guilty) = clipped(diagnostic.span);
        let mut marks = Marks { drawn: vec![(line, guilty, "")], noted: vec![] };
        for (span, label) in &diagnostic.related {
            let (at, mark) = clipped(*span);
            let is_near = at.abs_diff(line) <= NEAR && marks.on_line(at).iter().all(|it| reach.joins(*it, mark));
            match is_near {
                true => marks.drawn.push((at, mark, label)),
                false => marks.noted.push((*span, label)),
            }
        }
        marks
    }

    fn on_line(&self, line: u32) -> Vec<Span> {
        self.drawn.iter().filter(|it| it.0 == line).map(|it| it.1).collect()
    }
}

/// How many bytes of a line are drawn before and behind the start of a mark. The renderer cuts a line to the width of the
/// terminal, but looks at all of it: with a thousand findings on one long line that would be a thousand times the line.
#[derive(Clone, Copy, Debug)]
struct Reach(u32);

impl Reach {
    /// Enough for the whole terminal on both sides, of whatever characters.
    fn of(width: usize) -> Reach {
        Reach(u32::try_from(width.saturating_mul(4)).unwrap_or(u32::MAX))
    }

    /// Whether two marks can be drawn into the same excerpt.
    fn joins(self, one: Span, other: Span) -> bool {
        one.start.abs_diff(other.start) <= self.0
    }

    /// The part of a line around these marks that is drawn, between characters; without marks its beginning.
    fn around(self, text: &Text, line: u32, marks: &[Span]) -> Span {
        let whole = text.line(line);
        let first = marks.iter().map(|it| it.start).min().unwrap_or(whole.start).clamp(whole.start, whole.end);
        let last = marks.iter().map(|it| it.start).max().unwrap_or(whole.start).clamp(whole.start, whole.end);
        let boundary =
            |at: u32| (0..4).map(|it| at - it.min(at)).find(|it| text.as_str().is_char_boundary(*it as usize));
        let start = first.saturating_sub(self.0).max(whole.start);
        let end = last.saturating_add(self.0).min(whole.end);
        Span::new(boundary(start).unwrap_or(whole.start), boundary(end).unwrap_or(whole.end))
    }
}

fn group<'a>(file: &'a Checked, diagnostic: &'a Diagnostic, marks: &Marks<'a>, reach: Reach) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
        Severity::Hint => Level::HELP.with_name(report::severity(Severity::Hint)),
    };
    let group = Group::with_title(level.primary_title(&*diagnostic.message).id(diagnostic.rule));
    let mut group = group.element(picture(&file.text, marks, reach).path(disk::shown(Path::new(&file.name))));
    for (span, label) in &marks.noted {
        let at = file.text.position(span.start, Encoding::Utf32);
        let place = match marks.on_line(at.line)[..] {
            [] => format!("line {}", at.line + 1),
            _ => format!("line {}, column {}", at.line + 1, at.column + 1),
        };
        group = group.element(Level::NOTE.message(format!("{label} ({place})")));
    }
    for fix in &diagnostic.fixes {
        let how = if is_in_reach(file, fix) { " (`--fix` does it)" } else { "" };
        group = group.element(Level::HELP.message(format!("{}{how}", fix.title)));
    }
    group
}

/// The lines from the first to the last mark; the first mark is the guilty one, the others explain it.
fn picture<'a>(text: &'a Text, marks: &Marks<'a>, reach: Reach) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let first = marks.drawn.iter().map(|it| it.0).min().unwrap_or(0);
    let last = marks.drawn.iter().map(|it| it.0).max().unwrap_or(0);

    // Line by line, because a lone CR ends a line here.
    let mut source = String::new();
    let mut annotations = vec![];
    for line in first..=last {
        let part = reach.around(text, line, &marks.on_line(line));
        let base = source.len();
        for (i, (_, span, label)) in marks.drawn.iter().enumerate().filter(|(_, it)| it.0 == line) {
            let within = |offset: u32| base + (offset.clamp(part.start, part.end) - part.start) as usize;
            let kind = if i == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let label = (!label.is_empty()).then_some(*label);
            annotations.push(kind.span(within(span.start)..within(span.end)).label(label));
        }
        source.push_str(&text.as_str()[part.range()]);
        source.push('\n');
    }
    Snippet::source(source).line_start(first as usize + 1).annotations(annotations)
}

/// Whether `--fix` applies a fix; where it could not write the file, it does not.
fn is_in_reach(file: &Checked, fix: &ide::Fix) -> bool {
    fix.applicability == Applicability::Safe && file.unwritten.is_none()
}

/// Whether `--fix` mends a finding.
pub(crate) fn is_fixable(file: &Checked, diagnostic: &Diagnostic) -> bool {
    diagnostic.fixes.iter().any(|fix| is_in_reach(file, fix))
}

/// How many findings of a file `--fix` mends.
pub(crate) fn n_fixable(file: &Checked) -> usize {
    file.diagnostics.iter().filter(|it| is_fixable(file, it)).count()
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
    let guilty = checked.iter().filter(|it| !it.diagnostics.is_empty()).count();
    let files = counted(summary.files, "file");
    let mut text = match parts.is_empty() {
        true => format!("nothing to report in {files}"),
        false if summary.files == 1 => format!("{} in 1 file", parts.join(", ")),
        false => format!("{} in {guilty} of {files}", parts.join(", ")),
    };
    let _ = write!(text, ", checked against {}", releases(checked));
    let fixed: usize = checked.iter().map(|it| it.fixed).sum();
    let in_reach: usize = checked.iter().map(n_fixable).sum();
    let of_all = |count: fn(&Checked) -> usize| checked.iter().map(count).sum();
    let (suppressed, errors): (usize, usize) = (of_all(|it| it.suppressed), of_all(|it| it.suppressed_errors));
    match errors {
        0 => {}
        1 => text.push_str("; 1 error that dstack will report is ignored by a comment"),
        _ => _ = write!(text, "; {errors} errors that dstack will report are ignored by comments"),
    }
    match suppressed - errors {
        0 => {}
        1 => text.push_str("; 1 finding ignored by a comment"),
        n => _ = write!(text, "; {n} findings ignored by comments"),
    }
    if fixed > 0 {
        let _ = write!(text, "; {fixed} fixed");
    }
    if in_reach > 0 {
        let _ = write!(text, "; `--fix` mends {in_reach}");
    }
    text
}

/// So many releases are told one by one.
const MOST_RELEASES: usize = 4;

/// `dstack 0.19.40 (from `uv.lock`)`; of several, with the number of files of each.
fn releases(checked: &[Checked]) -> String {
    let mut counts: BTreeMap<(Release, String), usize> = BTreeMap::new();
    for it in checked {
        // Where nobody chose there is nobody to name; and who wrote `--release` knows it.
        let who = match it.target.origin {
            Origin::Newest | Origin::Argument => String::new(),
            _ => it.target.origin.words(),
        };
        *counts.entry((it.target.release, who)).or_default() += 1;
    }
    let bracketed = |who: &str| if who.is_empty() { String::new() } else { format!(" ({who})") };
    let several = counts.len() > 1;
    let told = counts.iter().rev().take(MOST_RELEASES).map(|((release, who), n)| match (several, n) {
        (false, _) => format!("dstack {release}{}", bracketed(who)),
        (true, 1) => format!("dstack {release}{} (1 file)", bracketed(who)),
        (true, n) => format!("dstack {release}{} ({n} files)", bracketed(who)),
    });
    let mut told: Vec<String> = told.collect();
    if counts.len() > MOST_RELEASES {
        told.push("others".to_owned());
    }
    told.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: u32 = 100_000;

    fn finding(start: u32, related: &[u32]) -> Diagnostic {
        let span = |start| Span::new(start, start + 3);
        Diagnostic {
            rule: "unknown-field",
            stage: ide::Stage::Parse,
            severity: Severity::Error,
            message: "wrong".to_owned(),
            span: span(start),
            path: yaml::Path::default(),
            related: related.iter().map(|it| (span(*it), "there".to_owned())).collect(),
            tag: None,
            fixes: vec![],
        }
    }

    /// How much of the text the renderer gets to see for a finding.
    fn seen(text: &Text, diagnostic: &Diagnostic) -> usize {
        let reach = Reach::of(WIDTH);
        let marks = Marks::of(text, diagnostic, reach);
        let lines = marks.drawn.iter().map(|it| it.0);
        let lines = lines.clone().min().unwrap()..=lines.max().unwrap();
        lines.map(|line| reach.around(text, line, &marks.on_line(line)).range().len()).sum()
    }

    #[test]
    fn of_a_long_line_only_what_is_near_is_looked_at() {
        for line in ["x".repeat(LONG as usize), "ü€".repeat(LONG as usize / 5)] {
            let text = Text::new(&format!("{line}\n{line}\n"));
            for start in [0, 3, 50_000, LONG - 3, LONG, LONG + 2, 2 * LONG] {
                for related in [&[][..], &[0, LONG, 2 * LONG - 9], &[start.saturating_sub(20), 50_005]] {
                    let seen = seen(&text, &finding(start, related));
                    assert!(seen <= 3 * 2 * 4 * WIDTH, "{seen} bytes at {start}, {related:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_cut_looks_as_if_it_were_whole() {
        let words: String = (0..2_000).map(|i| format!("w{i:04}€ ")).collect();
        let text = Text::new(&format!("first\n{words}\nlast\n"));
        let checked = |text: &Text| Checked { text: text.clone(), ..checked() };
        for color in [false, true] {
            let renderer = if color { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH);
            for start in (6..words.len() as u32).step_by(937).map(|it| it / 9 * 9 + 6) {
                for related in [&[][..], &[start + 18]] {
                    let diagnostic = finding(start, related);
                    let draw = |reach| rendered(&renderer, &checked(&text), &diagnostic, reach);
                    assert_eq!(draw(Reach::of(WIDTH)), draw(Reach(u32::MAX)), "{start} {related:?}");
                }
            }
        }
    }

    fn checked() -> Checked {
        Checked {
            name: "a:2:1.dstack.yml".to_owned(),
            kind: schema::DocumentKind::Configuration,
            configuration_type: None,
            text: Text::new(""),
            shift: 0,
            target: ide::Target::newest(),
            parses: true,
            diagnostics: vec![],
            suppressed: 0,
            suppressed_errors: 0,
            secrets: ide::Secrets::default(),
            fixed: 0,
            unwritten: None,
        }
    }
}
