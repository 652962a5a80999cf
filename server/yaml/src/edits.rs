//! Changes to a text: sorted, disjoint replacements.

use crate::text::Span;

/// Replace the bytes of `span` by `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced, in the text before any edit.
    pub span: Span,
    /// What it is replaced by.
    pub text: String,
}

/// Edits sorted by place that do not overlap; all offsets refer to the same text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    list: Vec<Edit>,
}

impl Edits {
    /// One replacement.
    pub fn replace(span: Span, text: impl Into<String>) -> Edits {
        Edits { list: vec![Edit { span, text: text.into() }] }
    }

    /// An insertion.
    pub fn insert(offset: u32, text: impl Into<String>) -> Edits {
        Edits::replace(Span::at(offset), text)
    }

    /// Several replacements in any order; `None` where two overlap.
    pub fn new(mut list: Vec<Edit>) -> Option<Edits> {
        list.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let disjoint = list.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
        disjoint.then_some(Edits { list })
    }

    /// From the first to the last.
    pub fn iter(&self) -> std::slice::Iter<'_, Edit> {
        self.list.iter()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// `text` after the edits.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for edit in &self.list {
            out.push_str(&text[at..edit.span.start as usize]);
            out.push_str(&edit.text);
            at = edit.span.end as usize;
        }
        out.push_str(&text[at..]);
        out
    }
}
