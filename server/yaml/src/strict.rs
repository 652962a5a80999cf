//! A piece of text to nodes, by the strict parser.
//!
//! libyaml-safer shares the lineage of PyYAML: what one accepts, the other does, apart from a few things that
//! [`read`] adds (tabs, characters that are not printable), and those that its [`Input`] is changed for. Its marks count
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

/// With more of these a long piece is cut finer, and its parts are repaired by themselves.
const MOST_REPAIRS: usize = 32;
/// A short one, which may be a line of `{x:}` that cannot be cut, is read again and again up to so many bytes in all.
const MOST_READ_AGAIN: usize = 1 << 20;

/// The piece that `text` is, or why the strict parser rejects it.
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

/// The value of a scalar that stands alone.
pub(crate) fn value(text: &str) -> Option<Box<str>> {
    let piece = nodes(text).ok()?;
    let [scalar] = piece.nodes[..] else { return None };
    let cooked = piece.cooked.first().map(|it| &*it.1);
    Some(cooked.unwrap_or(&text[scalar.start as usize..scalar.end as usize]).into())
}

/// The nodes alone, with the strict parser's verdict.
///
/// That parser panics at a comma right behind a tag (`[!!str, a]`), which PyYAML takes for a part of the tag. So it gets a
/// space before each comma that might be one, and where nothing else was meant than a comma, the text as it is.
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

/// The nodes of a text that gets a space before each offset in `spaces`.
fn with_spaces(text: &str, spaces: &[u32]) -> Result<Piece, Refusal> {
    let mut input = Input::new(text, spaces);
    let most = MOST_REPAIRS.max(MOST_READ_AGAIN / text.len().max(1));
    for _ in 0..most {
        // A panic in the parser must not take the editor down, though none is known that its input is not kept from.
        let read = catch_unwind(AssertUnwindSafe(|| Reader::new(text, &input).read()));
        match read.unwrap_or_else(|_| Err(Refusal::unknown())) {
            Err(refusal) if input.repair(text, &refusal) => {}
            read => return read,
        }
    }
    Err(Refusal::unknown())
}
