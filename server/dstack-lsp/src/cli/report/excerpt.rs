//! One diagnostic with an excerpt of its file:
//!
//! ```text
//! error[unknown-field]: unknown field `gpuu`; did you mean `gpu`?
//!  --> train.dstack.yml:4:3
//!   |
//! 4 |   gpuu: A100
//!   |   ^^^^
//!   |
//!   = help: Rename `gpuu` to `gpu` (`--fix` applies it)
//!   = help: Remove `gpuu`
//! ```

use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use ide::{Diagnostic, Severity};
use yaml::{Encoding, Span, Text};

use crate::{
    cli::checked::{Checked, Finding},
    disk,
};

/// Maximum number of lines between a diagnostic and a related span that is drawn into the same excerpt.
const MAX_DISTANCE: u32 = 200;

/// A diagnostic, with the visible part of its lines.
pub(super) fn rendered(renderer: &Renderer, file: &Checked, finding: &Finding, reach: Reach) -> String {
    let diagnostic = &finding.diagnostic;
    let marks = Marks::of(&file.text, diagnostic, reach);
    let whole = renderer.render(&[group(file, finding, &marks, reach)]);
    let at = file.text.position(diagnostic.span.start, Encoding::Utf32);
    let cut = reach.around(&file.text, at.line, &marks.on_line(at.line)).start;
    if cut == file.text.line(at.line).start {
        return whole;
    }
    // The renderer counts columns from the cut. The path is on the line below the message.
    let place = |column: u32| format!(":{}:{}", at.line + 1, column + 1);
    let from_cut = place(at.column - file.text.position(cut, Encoding::Utf32).column);
    let path = whole.find('\n').map_or(0, |it| it + 1);
    let end = whole[path..].find('\n').map_or(whole.len(), |it| path + it);
    let Some(found) = whole[path..end].rfind(&from_cut).map(|it| path + it) else { return whole };
    format!("{}{}{}", &whole[..found], place(at.column), &whole[found + from_cut.len()..])
}

/// Spans of a text, with their labels.
struct Marks<'a> {
    /// Those in the excerpt, clipped to their first lines, with their lines; the span of the diagnostic first.
    drawn: Vec<(u32, Span, &'a str)>,
    /// The others.
    noted: Vec<(Span, &'a str)>,
}

impl<'a> Marks<'a> {
    fn of(text: &Text, diagnostic: &'a Diagnostic, reach: Reach) -> Marks<'a> {
        let clipped = |span: Span| {
            let line = text.line_of(span.start);
            let whole = text.line(line);
            // A span of several lines is underlined on its first line only: what matters is where it starts.
            let start = span.start.clamp(whole.start, whole.end);
            (line, Span::new(start, span.end.clamp(start, whole.end)))
        };
        let (line, primary) = clipped(diagnostic.span);
        let mut marks = Marks { drawn: vec![(line, primary, "")], noted: vec![] };
        for ide::Related { span, message: label } in &diagnostic.related {
            let (at, mark) = clipped(*span);
            let is_near =
                at.abs_diff(line) <= MAX_DISTANCE && marks.on_line(at).iter().all(|it| reach.joins(*it, mark));
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

/// Number of bytes of a line that are drawn before and after the start of a span. The renderer cuts a line to the width of the
/// terminal, but reads all of it; with a thousand diagnostics on one long line, that is a thousand times the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach(u32);

impl Reach {
    /// Enough to fill the terminal on both sides, with any characters.
    pub(super) fn of(width: usize) -> Reach {
        Reach(u32::try_from(width.saturating_mul(4)).unwrap_or(u32::MAX))
    }

    /// Whether two spans fit into one excerpt.
    fn joins(self, one: Span, other: Span) -> bool {
        one.start.abs_diff(other.start) <= self.0
    }

    /// The part of a line around these spans that is drawn, on character boundaries; without spans, its start.
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

fn group<'a>(file: &'a Checked, finding: &'a Finding, marks: &Marks<'a>, reach: Reach) -> Group<'a> {
    let diagnostic = &finding.diagnostic;
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
        Severity::Hint => Level::HELP.with_name(Severity::Hint.name()),
    };
    let group = Group::with_title(level.primary_title(&*diagnostic.message).id(diagnostic.rule.as_str()));
    let mut group = group.element(snippet(&file.text, marks, reach).path(disk::shown(Path::new(&file.name))));
    for (span, label) in &marks.noted {
        let at = file.text.position(span.start, Encoding::Utf32);
        let place = match marks.on_line(at.line)[..] {
            [] => format!("line {}", at.line + 1),
            _ => format!("line {}, column {}", at.line + 1, at.column + 1),
        };
        group = group.element(Level::NOTE.message(format!("{label} ({place})")));
    }
    for fix in &finding.fixes {
        let how = if file.applies(fix) { " (`--fix` applies it)" } else { "" };
        group = group.element(Level::HELP.message(format!("{}{how}", fix.title)));
    }
    group
}

/// The lines from the first to the last span; the first span is that of the diagnostic, the others are related to it.
fn snippet<'a>(text: &'a Text, marks: &Marks<'a>, reach: Reach) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::report::look::WIDTH;

    const LONG: u32 = 100_000;

    fn diagnostic(start: u32, at: &[u32]) -> Diagnostic {
        let span = |start| Span::new(start, start + 3);
        let related = |it: &u32| ide::Related { span: span(*it), message: "there".to_owned() };
        let mut diagnostic = ide::rules::syntax_error(span(start), "wrong".to_owned());
        diagnostic.related = at.iter().map(related).collect();
        diagnostic
    }

    /// Number of bytes that the renderer gets for a diagnostic.
    fn seen(text: &Text, diagnostic: &Diagnostic) -> usize {
        let reach = Reach::of(WIDTH);
        let marks = Marks::of(text, diagnostic, reach);
        let lines = marks.drawn.iter().map(|it| it.0);
        let lines = lines.clone().min().unwrap()..=lines.max().unwrap();
        lines.map(|line| reach.around(text, line, &marks.on_line(line)).range().len()).sum()
    }

    #[test]
    fn only_the_visible_part_of_a_long_line_is_rendered() {
        for line in ["x".repeat(LONG as usize), "ü€".repeat(LONG as usize / 5)] {
            let text = Text::new(&format!("{line}\n{line}\n"));
            for start in [0, 3, 50_000, LONG - 3, LONG, LONG + 2, 2 * LONG] {
                for related in [&[][..], &[0, LONG, 2 * LONG - 9], &[start.saturating_sub(20), 50_005]] {
                    let seen = seen(&text, &diagnostic(start, related));
                    assert!(seen <= 3 * 2 * 4 * WIDTH, "{seen} bytes at {start}, {related:?}");
                }
            }
        }
    }

    #[test]
    fn a_cut_line_renders_like_the_whole_line() {
        let words: String = (0..2_000).map(|i| format!("w{i:04}€ ")).collect();
        let text = Text::new(&format!("first\n{words}\nlast\n"));
        let checked = |text: &Text| Checked { text: text.clone(), ..checked() };
        for color in [false, true] {
            let renderer = if color { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH);
            for start in (6..words.len() as u32).step_by(937).map(|it| it / 9 * 9 + 6) {
                for related in [&[][..], &[start + 18]] {
                    let diagnostic = diagnostic(start, related);
                    let draw = |reach| rendered(&renderer, &checked(&text), &diagnostic.clone().into(), reach);
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
