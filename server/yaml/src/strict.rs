//! Parses a piece of text with the strict parser.
//!
//! libyaml-safer descends from the same code as PyYAML: what one accepts, the other does, apart from a few differences that
//! [`read`] checks (tabs, characters that are not printable), and those for which its [`Input`] is changed. Its marks count
//! bytes.

pub(crate) mod checks;
mod directives;
mod events;
mod input;
mod tags;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{chars::is_blank_or_break, comments::comments, piece::Piece, problem::Refusal};
use checks::{printable, stricter, tabs};
use directives::one_directive_too_many;
use events::Reader;
use input::Input;
use tags::commas_behind_tags;

/// Maximum number of repairs of a long piece; one that needs more is cut finer, and its parts are repaired separately.
const MAX_REPAIRS: usize = 32;
/// Maximum number of bytes that are read for the repairs of a short piece, which may be a line of `{x:}` that cannot be
/// cut.
const MAX_READ_AGAIN: usize = 1 << 20;

/// Parses `text`; an error of the strict parser is returned.
pub(crate) fn read(text: &str) -> Result<Piece, Refusal> {
    let mut problems = vec![];
    let text = &*printable(text, &mut problems);
    let mut piece = nodes(text)?;
    piece.comments = comments(text, &piece.nodes);
    stricter(text, &piece.nodes, &mut problems);
    tabs(text, &piece, &mut problems);
    piece.problems.append(&mut problems);
    piece.problems.sort_by_key(|problem| problem.span);
    Ok(piece)
}

/// Returns the value of a text that is a single scalar.
pub(crate) fn value(text: &str) -> Option<Box<str>> {
    let piece = nodes(text).ok()?;
    let [scalar] = piece.nodes[..] else { return None };
    let cooked = piece.cooked.first().map(|it| &*it.1);
    Some(cooked.unwrap_or(&text[scalar.start as usize..scalar.end as usize]).into())
}

/// Returns the nodes only, or the error of the strict parser.
///
/// The parser panics at a comma directly after a tag (`[!!str, a]`), which PyYAML reads as a part of the tag. So its input
/// has a space before each comma that may follow a tag. If some of these commas did not follow a tag, the text is parsed
/// again without the spaces before them.
fn nodes(text: &str) -> Result<Piece, Refusal> {
    if let Some(at) = one_directive_too_many(text) {
        return Err(Refusal::too_many_directives(at));
    }
    let commas = commas_behind_tags(text);
    let piece = with_spaces(text, &commas).map_err(|refusal| {
        if commas.binary_search(&refusal.at).is_err() {
            return refusal;
        }
        let before = &text[..refusal.at as usize];
        let tag = before.rsplit(is_blank_or_break).next().unwrap_or("");
        let from = Some((before.len() - tag.len()) as u32);
        Refusal { what: "", during: "while scanning a tag", from, ..refusal }
    })?;
    if piece.problems.len() == commas.len() {
        return Ok(piece);
    }
    let behind_tags: Vec<u32> = piece.problems.iter().map(|problem| problem.span.end).collect();
    with_spaces(text, &behind_tags)
}

/// Returns the nodes of a text that gets a space before each offset in `spaces`.
fn with_spaces(text: &str, spaces: &[u32]) -> Result<Piece, Refusal> {
    let mut input = Input::new(text, spaces);
    let rounds = MAX_REPAIRS.max(MAX_READ_AGAIN / text.len().max(1));
    for _ in 0..rounds {
        // A panic in the parser must not end the process. None is known that its input does not prevent.
        let read = catch_unwind(AssertUnwindSafe(|| Reader::new(text, &input).read()));
        match read.unwrap_or_else(|_| Err(Refusal::unknown())) {
            Err(refusal) if input.repair(text, &refusal) => {}
            read => return read,
        }
    }
    Err(Refusal::unknown())
}
