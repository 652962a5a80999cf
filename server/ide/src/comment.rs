//! `# dstack-lsp: …`: what a file says to us in its comments.
//!
//! ```yaml
//! # dstack-lsp: release=0.19.40
//! type: task
//! home_dir: /root # dstack-lsp: ignore[deprecated-field]
//! ```

use yaml::{Comment, Span, Tree};

/// Whom such a comment speaks to.
pub(crate) const NAME: &str = "dstack-lsp";

/// What such a comment begins with.
pub(crate) const MARK: &str = "dstack-lsp:";

/// What a comment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Directive<'t> {
    /// `ignore[rule, other-rule]`
    Ignore(Vec<&'t str>),
    /// `release=0.19.40`
    Release(Written<'t>),
}

/// A release as it stands in a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written<'t> {
    /// What stands behind the `=`, up to the next blank.
    pub(crate) written: &'t str,
    /// Where that is.
    pub(crate) span: Span,
}

/// Whether there is any such comment; cheaper than to read them.
pub(crate) fn any(source: &str) -> bool {
    source.contains(MARK)
}

/// What a comment says to us, if anything that we understand.
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

/// The release that the file asks for: by the first such comment on a line of its own above everything else.
pub(crate) fn release(tree: &Tree) -> Option<Written<'_>> {
    head(tree).find_map(|comment| match directive(tree, comment)? {
        Directive::Release(it) => Some(it),
        Directive::Ignore(_) => None,
    })
}

/// The comments on lines of their own above the first thing that is no comment.
pub(crate) fn head(tree: &Tree) -> impl Iterator<Item = &Comment> {
    let start = tree.root().map_or(u32::MAX, |root| tree.span(root).start);
    tree.comments().iter().take_while(move |it| it.span.start < start).filter(|it| it.own_line)
}
