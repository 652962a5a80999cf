//! Directives: `# dstack-lsp: …` comments that control how a file is checked.
//!
//! ```yaml
//! # dstack-lsp: release=0.19.40
//! type: task
//! home_dir: /root # dstack-lsp: ignore[deprecated-field]
//! ```

use yaml::{Comment, Span, Tree};

/// The name at the start of a directive.
pub(crate) const NAME: &str = "dstack-lsp";

/// The start of a directive, behind `#`.
pub(crate) const MARK: &str = "dstack-lsp:";

/// A directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Directive<'t> {
    /// `ignore[rule, other-rule]`
    Ignore(Vec<&'t str>),
    /// `release=0.19.40`
    Release(Written<'t>),
}

/// The release of a directive, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written<'t> {
    /// The text behind the `=`, up to the next blank.
    pub(crate) written: &'t str,
    /// The span of `written`.
    pub(crate) span: Span,
}

/// Whether a document may contain directives; cheaper than reading its comments.
pub(crate) fn any(source: &str) -> bool {
    source.contains(MARK)
}

/// The directive of a comment; `None` if it has none or an unknown one.
pub(crate) fn directive<'t>(tree: &'t Tree, comment: &Comment) -> Option<Directive<'t>> {
    let text = tree.source().get(comment.span.range())?;
    let rest = text.trim_start_matches('#').trim_start().strip_prefix(MARK)?.trim_start();
    if let Some(list) = rest.strip_prefix("ignore[") {
        return Some(Directive::Ignore(list.split_once(']')?.0.split(',').map(str::trim).collect()));
    }
    let value = rest.strip_prefix("release")?.trim_start().strip_prefix('=')?.trim_start();
    let written = value.split_whitespace().next().unwrap_or("");
    // `value` is the end of the comment.
    let start = comment.span.end - value.len() as u32;
    Some(Directive::Release(Written { written, span: Span::new(start, start + written.len() as u32) }))
}

/// The release that the file selects: that of the first `release=` directive on a separate line above all content.
pub(crate) fn release(tree: &Tree) -> Option<Written<'_>> {
    head(tree).find_map(|comment| match directive(tree, comment)? {
        Directive::Release(it) => Some(it),
        Directive::Ignore(_) => None,
    })
}

/// The comments on separate lines above the first node.
pub(crate) fn head(tree: &Tree) -> impl Iterator<Item = &Comment> {
    let start = tree.root().map_or(u32::MAX, |root| tree.span(root).start);
    tree.comments().iter().take_while(move |it| it.span.start < start).filter(|it| it.own_line)
}
