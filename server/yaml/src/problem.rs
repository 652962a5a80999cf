//! What is wrong with the YAML, in our words and at the place that a person means.

use crate::text::Span;

/// A reason why PyYAML's `safe_load` refuses the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// The characters to underline.
    pub span: Span,
    /// What is wrong and what to do, without a final dot.
    pub message: String,
    /// Another place that explains it, with a few words.
    pub related: Option<(Span, String)>,
}
