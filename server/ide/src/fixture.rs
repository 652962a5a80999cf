//! Test only: documents as texts, with `$0` for the cursor and `^^^` under what is meant.

use schema::{DocumentKind, Release};
use yaml::{Span, Text};

use crate::document::Document;

/// A configuration at the newest release.
pub(crate) fn document(text: &str) -> Document {
    document_at(text, Release::NEWEST)
}

/// A configuration at this release.
pub(crate) fn document_at(text: &str, release: Release) -> Document {
    Document::new(Text::new(text), DocumentKind::Configuration, release)
}

/// The text without its `$0`, and where that was. A first line break is left out, so that a text may start on a line of its own.
pub(crate) fn cursor(text: &str) -> (String, u32) {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let at = text.find("$0").expect("the text has a `$0`");
    (format!("{}{}", &text[..at], &text[at + 2..]), at as u32)
}

/// The lines of `text` that `spans` touch, each with `^^^` under the characters that are meant.
pub(crate) fn underlined(text: &str, spans: &[Span]) -> String {
    let mut out = String::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let end = start + content.len();
        let touched: Vec<&Span> =
            spans.iter().filter(|it| it.start as usize <= end && it.end as usize >= start).collect();
        if !touched.is_empty() {
            out.push_str(content);
            out.push('\n');
        }
        for span in touched {
            let from = (span.start as usize).max(start) - start;
            let to = (span.end as usize).min(end) - start;
            let columns = |to: usize| content[..to].chars().count();
            out.push_str(&" ".repeat(columns(from)));
            out.push_str(&"^".repeat((columns(to) - columns(from)).max(1)));
            out.push('\n');
        }
        start += line.len();
    }
    out
}
