//! Problems of YAML.

use crate::{
    chars::{is_blank, is_break},
    lines::line_start,
    node::MAX_DEPTH,
    span::Span,
};

/// A reason for which PyYAML's `safe_load` rejects the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// The characters to underline.
    pub span: Span,
    /// The problem and its solution, without a final period.
    pub message: String,
    /// Another place that explains the problem, with a short message.
    pub related: Option<(Span, String)>,
}

impl SyntaxProblem {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> SyntaxProblem {
        SyntaxProblem { span, message: message.into(), related: None }
    }

    /// Returns the same problem in a text that starts `base` bytes earlier.
    pub(crate) fn shifted(&self, base: u32) -> SyntaxProblem {
        let shift = |span: Span| Span::new(span.start + base, span.end + base);
        let related = self.related.as_ref().map(|(span, words)| (shift(*span), words.clone()));
        SyntaxProblem { span: shift(self.span), message: self.message.clone(), related }
    }
}

/// Maximum number of lines that start with `%` before a document; the strict parser compares each with all before it.
pub(crate) const MAX_DIRECTIVES: usize = 100;

/// An error of the strict parser, in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) what: &'static str,
    pub(crate) at: u32,
    /// What the parser was reading.
    pub(crate) during: &'static str,
    /// The start of what it was reading.
    pub(crate) from: Option<u32>,
    /// Whether nothing follows the place: more text might complete it.
    pub(crate) at_end: bool,
}

pub(crate) const TOO_DEEP: &str = "nested too deeply";
pub(crate) const NO_ENTRY: &str = "no entry";
pub(crate) const TOO_MANY_DIRECTIVES: &str = "too many directives";
const UNKNOWN: &str = "unknown";

impl Refusal {
    fn at(what: &'static str, at: u32) -> Refusal {
        Refusal { what, at, during: "", from: None, at_end: false }
    }

    /// The parser panicked, or the text needs too many repairs: no statement about the text itself.
    pub(crate) fn unknown() -> Refusal {
        Refusal::at(UNKNOWN, 0)
    }

    /// More levels than [`MAX_DEPTH`].
    pub(crate) fn too_deep(at: u32) -> Refusal {
        Refusal::at(TOO_DEEP, at)
    }

    /// Directives without the `---` of their document.
    pub(crate) fn no_document(at: u32) -> Refusal {
        Refusal::at("did not find expected <document start>", at)
    }

    /// More than [`MAX_DIRECTIVES`].
    pub(crate) fn too_many_directives(at: u32) -> Refusal {
        Refusal::at(TOO_MANY_DIRECTIVES, at)
    }

    /// A piece that is legal YAML, but not a block collection.
    pub(crate) fn no_entry(at: u32) -> Refusal {
        Refusal::at(NO_ENTRY, at)
    }

    pub(crate) fn is_too_deep(&self) -> bool {
        self.what == TOO_DEEP
    }

    pub(crate) fn is_unknown(&self) -> bool {
        self.what == UNKNOWN
    }

    pub(crate) fn is_no_entry(&self) -> bool {
        self.what == NO_ENTRY
    }

    /// Whether the text could be right together with the text after it.
    pub(crate) fn may_end_in(&self, rest: &[u8]) -> bool {
        match self.what {
            "found unexpected end of stream" => memchr::memchr2(b'"', b'\'', rest).is_some(),
            _ => self.at_end,
        }
    }
}

/// The problem of a tab at a place where YAML requires spaces.
pub(crate) fn tab(text: &str, at: u32) -> SyntaxProblem {
    let line = line_start(text, at as usize);
    let start = text[..at as usize].trim_end_matches(is_blank).len().max(line);
    let end = text.len() - text[at as usize..].trim_start_matches(is_blank).len();
    let message = if start == line {
        "tab in indentation; use spaces"
    } else {
        "tab between values; use a space, or quote the value"
    };
    SyntaxProblem::new(Span::new(start as u32, end as u32), message)
}

/// The problem of a tag directly followed by a comma, which PyYAML reads as a part of the tag.
pub(crate) fn tag_before_comma(span: Span, written: &str, tag: &str) -> SyntaxProblem {
    if is_known_tag(tag) {
        SyntaxProblem::new(span, format!("missing space between the tag `{written}` and the `,`"))
    } else {
        unknown_tag(span, written)
    }
}

/// The problem of a tag for which PyYAML has no constructor.
pub(crate) fn unknown_tag(span: Span, written: &str) -> SyntaxProblem {
    SyntaxProblem::new(span, format!("unknown tag `{written}`; remove it"))
}

/// The tags that may follow `!!`.
const KNOWN_TAGS: [&str; 12] =
    ["null", "bool", "int", "float", "binary", "timestamp", "omap", "pairs", "set", "str", "seq", "map"];

/// Whether PyYAML has a constructor for a tag, whose handle is resolved.
pub(crate) fn is_known_tag(tag: &str) -> bool {
    tag == "!" || tag.strip_prefix("tag:yaml.org,2002:").is_some_and(|it| KNOWN_TAGS.contains(&it))
}

/// The problem of a `?` in a plain scalar within brackets.
pub(crate) fn question_mark(span: Span) -> SyntaxProblem {
    SyntaxProblem::new(span, "text with `?` within brackets must be in quotes")
}

/// The problem of `|# comment`.
pub(crate) fn space_before_comment(span: Span) -> SyntaxProblem {
    SyntaxProblem::new(span, "missing space before the `#` of this comment")
}

/// The problem of a character that YAML forbids.
pub(crate) fn unprintable(span: Span, c: char) -> SyntaxProblem {
    let code = u32::from(c);
    let advice = if code == 0 { "is this a binary file?" } else { "remove it" };
    SyntaxProblem::new(span, format!("character U+{code:04X} is not allowed in YAML; {advice}"))
}

/// The problem of nesting beyond [`MAX_DEPTH`], at the character that opens one level too many.
pub(crate) fn too_deep(text: &str, at: u32) -> SyntaxProblem {
    let message = format!("nested more than {} levels deep; flatten this part", MAX_DEPTH);
    SyntaxProblem::new(first_char(text, at), message)
}

/// Returns the span of the character at `at`.
pub(crate) fn first_char(text: &str, at: u32) -> Span {
    let width = text.get(at as usize..).and_then(|it| it.chars().next()).map_or(0, char::len_utf8);
    Span::new(at, at + width as u32)
}

/// Quotes the first line of a text, shortened.
pub(crate) fn quoted(text: &str) -> String {
    let first = text.split(is_break).next().unwrap_or("");
    let cut = first.char_indices().nth(40).map_or(first.len(), |it| it.0);
    let dots = if cut < text.len() { "…" } else { "" };
    format!("`{}{dots}`", &first[..cut])
}
