//! Turns errors of the strict parser into messages, at the place where the mistake is.

use crate::{
    brackets::unclosed_bracket,
    chars::{is_blank, is_blank_or_break, is_break},
    lines::{line_end, line_start},
    problem::{
        MAX_DIRECTIVES, NO_ENTRY, Refusal, SyntaxProblem, TOO_DEEP, TOO_MANY_DIRECTIVES, first_char, quoted, tab,
        too_deep,
    },
    span::{Span, floor},
};

/// Returns the problem that corresponds to a refusal of `text`.
pub(crate) fn explain(text: &str, refusal: &Refusal) -> SyntaxProblem {
    // From here on both offsets are character boundaries, whatever the marks of the parser are.
    let place = |at: u32| floor(text, at) as u32;
    let refusal = &Refusal { at: place(refusal.at), from: refusal.from.map(place), ..*refusal };
    let ctx = Context { text, at: refusal.at as usize };
    unclosed(&ctx, refusal).unwrap_or_else(|| match refusal.what {
        "found character that cannot start any token" => bad_start(&ctx),
        "mapping values are not allowed in this context" => second_colon(&ctx),
        "could not find expected ':'" => missing_colon(&ctx, refusal.from),
        NO_ENTRY => missing_colon(&ctx, Some(refusal.at)),
        "did not find expected <document start>" => no_document(&ctx),
        "did not find expected key" => not_a_key(&ctx),
        "did not find expected '-' indicator" => not_an_item(&ctx),
        "block sequence entries are not allowed in this context" => ctx.problem(
            ctx.rest_of_line(),
            "a list cannot start on the line of its key; put each `- ` on a line of its own",
        ),
        "did not find expected ',' or ']'" => between_items(&ctx, ']', refusal.from),
        "did not find expected ',' or '}'" => between_items(&ctx, '}', refusal.from),
        "did not find expected node content" => no_value(&ctx),
        "found unknown escape character" => unknown_escape(&ctx),
        "did not find expected hexdecimal number" | "found invalid Unicode character escape code" => {
            ctx.problem(ctx.word(), "invalid escape sequence; write `\\x41`, `\\u0041` or `\\U00000041`")
        }
        "did not find expected alphabetic or numeric character" => name_missing(&ctx, refusal.from),
        "did not find expected comment or line break" => {
            let header = refusal.during.contains("block scalar");
            let text = "the text of a `|` or `>` block starts on the next line; move it there and indent it";
            ctx.problem(ctx.rest_of_line(), if header { text } else { "unexpected text; remove it" })
        }
        "found an indentation indicator equal to 0" => {
            ctx.problem(ctx.rest_of_line(), "the indentation of a block must be 1 to 9; write `|2`, or only `|`")
        }
        "found a tab character where an indentation space is expected"
        | "found a tab character that violates indentation" => tab(text, ctx.at as u32),
        "found undefined tag handle" => {
            ctx.problem(ctx.word(), "undeclared tag prefix; declare it with `%TAG`, or remove the tag")
        }
        "found incompatible YAML document" => {
            ctx.problem(ctx.line(), "unsupported version of YAML; write `%YAML 1.1`, or remove the line")
        }
        TOO_DEEP => too_deep(text, refusal.at),
        TOO_MANY_DIRECTIVES => {
            let message =
                format!("more than {MAX_DIRECTIVES} lines that start with `%`; remove those that are not needed");
            ctx.problem(ctx.line(), message)
        }
        _ => by_context(&ctx, refusal),
    })
}

/// The text around the place where the parser stopped.
struct Context<'a> {
    text: &'a str,
    at: usize,
}

impl Context<'_> {
    fn problem(&self, span: Span, message: impl Into<String>) -> SyntaxProblem {
        SyntaxProblem::new(span, message)
    }

    /// Returns the content of the line at `at`, without indentation and without a comment after `at`, which must not be in
    /// one.
    fn line_at(&self, at: usize) -> Span {
        let start = line_start(self.text, at);
        let end = line_end(self.text, at);
        let comment = self.text[at..end].find(" #").map_or(end, |comment| at + comment);
        let line = self.text[start..comment].trim_end_matches(is_blank);
        let indent = line.len() - line.trim_start_matches(is_blank).len();
        Span::new((start + indent) as u32, (start + line.len().max(indent)) as u32)
    }

    fn line(&self) -> Span {
        self.line_at(self.at)
    }

    fn rest_of_line(&self) -> Span {
        let line = self.line();
        Span::new(self.at as u32, line.end.max(self.at as u32))
    }

    /// Returns the characters from `at` to the next blank, at least one unless the text ends there.
    fn word(&self) -> Span {
        let rest = &self.text[self.at..];
        let len = rest.find(is_blank_or_break).unwrap_or(rest.len());
        let len = len.max(rest.chars().next().filter(|c| !is_break(*c)).map_or(0, char::len_utf8));
        Span::new(self.at as u32, (self.at + len) as u32)
    }

    fn str(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Returns the last line with content before the one at `at`.
    fn line_before(&self, at: usize) -> Option<Span> {
        let above = &self.text[..line_start(self.text, at)];
        let content = above.trim_end_matches(is_blank_or_break);
        (!content.is_empty()).then(|| self.line_at(line_start(content, content.len())))
    }
}

/// Returns the problem of a quote or bracket that is not closed, at its opener.
fn unclosed(ctx: &Context, refusal: &Refusal) -> Option<SyntaxProblem> {
    let opener = if refusal.during.contains("quoted scalar") {
        let unfinished =
            matches!(refusal.what, "found unexpected end of stream" | "found unexpected document indicator");
        refusal.from.filter(|_| unfinished).map(|at| at as usize)
    } else {
        let in_brackets = refusal.during.contains("flow") || refusal.at_end;
        unclosed_bracket(ctx.text).filter(|at| in_brackets && *at < ctx.at.max(1))
    }?;
    let opener_char = ctx.text[opener..].chars().next()?;
    let closer = match opener_char {
        '[' => ']',
        '{' => '}',
        quote => quote,
    };
    let span = Span::new(opener as u32, opener as u32 + 1);
    Some(ctx.problem(span, format!("unclosed `{opener_char}`; add `{closer}`")))
}

fn no_value(ctx: &Context) -> SyntaxProblem {
    match ctx.text[ctx.at..].chars().next() {
        Some(closer @ (']' | '}')) if unclosed_bracket(&ctx.text[..ctx.at]).is_none() => {
            let span = Span::new(ctx.at as u32, ctx.at as u32 + 1);
            ctx.problem(span, format!("unmatched `{closer}`; remove it, or quote the value"))
        }
        _ => ctx.problem(ctx.word(), "missing value before this"),
    }
}

fn bad_start(ctx: &Context) -> SyntaxProblem {
    let c = ctx.text[ctx.at..].chars().next().unwrap_or(' ');
    if c == '\t' {
        return tab(ctx.text, ctx.at as u32);
    }
    let span = ctx.rest_of_line();
    let text = ctx.str(span);
    let fix = if text.contains('"') { format!("'{text}'") } else { format!("\"{text}\"") };
    ctx.problem(span, format!("a value cannot start with `{c}`; put it in quotes: {}", quoted(&fix)))
}

/// The problem of `name: a: b`, or of a line below a value that cannot have lines below it.
fn second_colon(ctx: &Context) -> SyntaxProblem {
    let line = ctx.line();
    let before = &ctx.text[line.start as usize..ctx.at.max(line.start as usize)];
    if let Some(colon) = before.find(": ") {
        let value = &before[colon + 1..];
        let start = line.start as usize + colon + 1 + (value.len() - value.trim_start_matches(is_blank).len());
        let span = Span::new(start as u32, line.end);
        let value = ctx.str(span);
        return ctx.problem(span, format!("{} contains `: `; quote the value", quoted(value)));
    }
    match ctx.line_before(ctx.at) {
        Some(above) => ctx.problem(
            line,
            format!(
                "wrong indentation: {} is below {}, which already has a value",
                quoted(ctx.str(line)),
                quoted(ctx.str(above))
            ),
        ),
        None => ctx.problem(ctx.word(), "missing key before this `:`; quote the value"),
    }
}

/// The problem of a line that should be `key: value`.
fn missing_colon(ctx: &Context, from: Option<u32>) -> SyntaxProblem {
    let start = from.map_or(ctx.at, |it| it as usize);
    let line = ctx.line_at(start);
    let text = ctx.str(line);
    if let Some(colon) = text.find(':').filter(|colon| *colon > 0 && !text.contains(": ")) {
        let (key, value) = (&text[..colon], &text[colon + 1..]);
        if !value.is_empty() && !value.starts_with('/') && !key.contains(' ') {
            return ctx.problem(line, format!("missing space after `:`; write {}", quoted(&format!("{key}: {value}"))));
        }
    }
    if let Some(rest) = text.strip_prefix('-').filter(|rest| !rest.is_empty() && !rest.starts_with([' ', '-'])) {
        return ctx.problem(line, format!("missing space after `-`; write {}", quoted(&format!("- {rest}"))));
    }
    if let Some(mark) = text.find('\u{feff}') {
        let start = line.start + mark as u32;
        let message = "a byte order mark (U+FEFF) is only allowed at the start of the file; remove it";
        return ctx.problem(first_char(ctx.text, start), message);
    }
    if text.is_empty() {
        return ctx.problem(line, "expected `key: value`");
    }
    ctx.problem(line, format!("expected `key: value`, found {}; add `:` and a value, or remove the line", quoted(text)))
}

fn not_a_key(ctx: &Context) -> SyntaxProblem {
    let line = ctx.line();
    let before = ctx.text[line.start as usize..ctx.at.max(line.start as usize)].trim_end_matches(is_blank);
    match before.chars().next_back() {
        Some('\'') if ctx.str(ctx.line()).ends_with('\'') => ctx.problem(
            ctx.rest_of_line(),
            "unexpected text after the closing `'`; write `''` for a quote within single quotes",
        ),
        Some(quote @ ('"' | '\'')) => ctx.problem(
            ctx.rest_of_line(),
            format!("unexpected text after the closing `{quote}`; remove it, or put the whole value in quotes"),
        ),
        Some(bracket @ (']' | '}')) => ctx.problem(
            ctx.rest_of_line(),
            format!("unexpected text after the closing `{bracket}`; remove it, or put the whole value in quotes"),
        ),
        Some(_) => ctx.problem(ctx.rest_of_line(), "unexpected text; remove it, or quote the value"),
        None if ctx.str(line).starts_with(':') => {
            ctx.problem(ctx.word(), "missing key before this `:`; add a key, or remove the line")
        }
        None => ctx.problem(
            line,
            format!("wrong indentation: {} does not align with the entries above", quoted(ctx.str(line))),
        ),
    }
}

/// The problem of a directive without the `---` that ends the directives, or of text after the only node of a document.
fn no_document(ctx: &Context) -> SyntaxProblem {
    let before = &ctx.text[..ctx.at];
    let mut starts = std::iter::once(0).chain(before.match_indices(is_break).map(|it| it.0 + it.1.len()));
    match starts.find(|start| before[*start..].starts_with(['%', '-'])) {
        Some(start) if before[start..].starts_with('%') => {
            let message =
                "a line that starts with `%` requires a line `---` before the document; add it, or remove this line";
            ctx.problem(ctx.line_at(start), message)
        }
        _ => not_a_key(ctx),
    }
}

fn not_an_item(ctx: &Context) -> SyntaxProblem {
    let line = ctx.line();
    if ctx.at > line.start as usize {
        return not_a_key(ctx);
    }
    let text = ctx.str(line);
    ctx.problem(
        line,
        format!("expected a list item, found {}; start the line with `- `, or change its indentation", quoted(text)),
    )
}

fn between_items(ctx: &Context, closer: char, opener: Option<u32>) -> SyntaxProblem {
    let mut problem = ctx.problem(ctx.word(), format!("missing `,` or `{closer}` before this"));
    problem.related = opener.map(|at| (Span::new(at, at + 1), "opened here".into()));
    problem
}

fn unknown_escape(ctx: &Context) -> SyntaxProblem {
    let escape = if ctx.text[ctx.at..].starts_with('\\') { Some(ctx.at) } else { ctx.text[..ctx.at].rfind('\\') };
    let start = escape.unwrap_or(ctx.at);
    let c = ctx.text[start..].chars().nth(1).unwrap_or('\\');
    let span = Span::new(start as u32, (start + 1 + c.len_utf8()).min(ctx.text.len()) as u32);
    ctx.problem(span, format!("unknown escape `\\{c}` in double quotes; write `\\\\{c}`, or use single quotes"))
}

fn name_missing(ctx: &Context, from: Option<u32>) -> SyntaxProblem {
    let start = from.map_or(ctx.at, |it| it as usize);
    let start = Context { text: ctx.text, at: start };
    // `[ -f x ] && run`
    let before = ctx.text[start.line().start as usize..start.at].trim_end_matches(is_blank);
    if before.ends_with([']', '}']) {
        return not_a_key(&start);
    }
    let what = if ctx.text[start.at..].starts_with('*') { "alias" } else { "anchor" };
    ctx.problem(start.word(), format!("missing or invalid {what} name; quote the value if it is a string"))
}

fn by_context(ctx: &Context, refusal: &Refusal) -> SyntaxProblem {
    if refusal.during.contains("directive") {
        return ctx.problem(ctx.line(), "a line that starts with `%` must be `%YAML 1.1` or `%TAG`; remove it");
    }
    if refusal.during.contains("tag") {
        let at = refusal.from.map_or(ctx.at, |it| it as usize);
        let tag = Context { text: ctx.text, at };
        return ctx.problem(tag.word(), "incomplete tag; complete it, or quote the value if it is a string");
    }
    ctx.problem(ctx.rest_of_line(), "invalid YAML; check quotes, brackets and indentation")
}
