//! Parses a text to a tree, and keeps what an edit does not touch.
//!
//! The text is cut (`cut.rs`), each piece is parsed (`strict.rs`, `broken.rs`), and the trees are joined (`join.rs`).
//! Pieces whose text is unchanged keep their trees. As the cuts depend only on the text, and a piece only on its own text,
//! an edited text has the same tree as a new one.

use std::sync::Arc;

use crate::{
    brackets, broken,
    chars::{is_blank, is_break},
    comments::comments,
    compose,
    cut::{self, Cut, Grain},
    explain,
    group::{Group, Part, Refused},
    join,
    node::Kind,
    piece::Piece,
    problem::Refusal,
    strict,
    text::Text,
    tree::Tree,
};

/// The state that a parse leaves for the next one: the pieces of the text and their trees. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Syntax {
    source: Option<Arc<str>>,
    grain: Grain,
    cuts: Arc<[Cut]>,
    groups: Arc<[Arc<Group>]>,
    /// Number of pieces that the last parse had to read.
    read: usize,
}

impl Syntax {
    /// Returns the number of pieces.
    pub fn pieces(&self) -> usize {
        self.cuts.len()
    }

    /// Returns the number of pieces that differ from the previous version and had to be read.
    pub fn pieces_read(&self) -> usize {
        self.read
    }
}

/// Parses `text`. `previous` is the state of an earlier version; the tree is the same with and without it.
pub fn parse(text: &Text, previous: Option<&Syntax>) -> (Syntax, Tree) {
    parse_in(text, previous, Grain::DEFAULT)
}

/// Parses as [`parse`] does, with pieces of another size; the tree is the same at every size.
pub fn parse_in(text: &Text, previous: Option<&Syntax>, grain: Grain) -> (Syntax, Tree) {
    let source = text.shared();
    let syntax = keep(source.clone(), previous.filter(|it| it.grain == grain), grain);
    let mut joined = join::join(source.clone(), &syntax.cuts, &syntax.groups);
    if let Some(whole) = joined.trouble.and_then(|trouble| in_one_piece(&source, &syntax, trouble)) {
        let cut = Cut { end: source.len() as u32, indent: 0, document: 0, marker: false, ..syntax.cuts[0] };
        joined = join::join(source, &[cut], &[Arc::new(whole)]);
    }
    (syntax, compose::check(joined))
}

/// Cuts the text, keeps the unchanged pieces at its start and its end, and reads the others.
fn keep(source: Arc<str>, previous: Option<&Syntax>, grain: Grain) -> Syntax {
    let cuts = cut::cut(&source, grain);
    let alone = cuts.len() == 1;
    let (mut head, mut tail) = (0, 0);
    let mut groups: Vec<Arc<Group>> = Vec::with_capacity(cuts.len());
    if let Some(previous) = previous.filter(|it| (it.cuts.len() == 1) == alone)
        && let Some(before) = &previous.source
    {
        let same = |new: &Cut, old: &Cut| {
            new.marker == old.marker
                && new.end - new.start == old.end - old.start
                && source[new.start as usize..new.end as usize] == before[old.start as usize..old.end as usize]
        };
        head = cuts.iter().zip(&*previous.cuts).take_while(|(new, old)| same(new, old)).count();
        let rest = cuts.len().min(previous.cuts.len()) - head;
        let backwards = cuts.iter().rev().zip(previous.cuts.iter().rev()).take(rest);
        tail = backwards.take_while(|(new, old)| same(new, old)).count();
        groups.extend_from_slice(&previous.groups[..head]);
        groups.extend(cuts[head..cuts.len() - tail].iter().map(|cut| Arc::new(group(&source, cut, alone))));
        groups.extend_from_slice(&previous.groups[previous.groups.len() - tail..]);
    } else {
        groups.extend(cuts.iter().map(|cut| Arc::new(group(&source, cut, alone))));
    }
    let read = cuts.len() - head - tail;
    Syntax { source: Some(source), grain, cuts: cuts.into(), groups: groups.into(), read }
}

/// Returns the whole text as one piece, if the strict parser accepts it although it rejects the pieces: quoted or flow text
/// that reaches the left margin is cut in two, and a document need not be a block collection.
fn in_one_piece(source: &str, syntax: &Syntax, trouble: usize) -> Option<Group> {
    let cut = syntax.cuts[trouble];
    let refusal = syntax.groups[trouble].refusal?;
    let first = |cut: &Cut| cut.document == syntax.cuts[trouble].document && !cut.marker;
    let starts_document = || {
        let mut before = syntax.cuts[..trouble].iter().zip(&*syntax.groups).filter(|(cut, _)| first(cut));
        before.all(|(_, group)| group.parts.iter().all(|part| part.piece.nodes.is_empty()))
    };
    let curable = syntax.cuts.len() > 1
        && (refusal.at_end && refusal.may_end_in(&source.as_bytes()[cut.end as usize..])
            || refusal.is_no_entry() && starts_document());
    let whole = &source[syntax.cuts.first()?.start as usize..];
    let piece = curable.then(|| strict::read(whole).ok()).flatten()?;
    Some(Group { parts: vec![Part { offset: 0, indent: 0, piece: Arc::new(piece) }], ..Group::default() })
}

/// Maximum number of rounds of cutting finer.
const MAX_ROUNDS: u32 = 40;

fn group(source: &str, cut: &Cut, alone: bool) -> Group {
    let text = &source[cut.start as usize..cut.end as usize];
    let mut group = Group::default();
    if cut.marker {
        group.parts.push(Part { offset: 0, indent: 0, piece: Arc::new(frame(text)) });
    } else {
        group.refusal = refine(text, 0, cut.indent, alone, 0, &mut group);
    }
    group
}

/// Whether the text only frames documents: directives, `---`, `...`.
fn is_frame(text: &str) -> bool {
    let is_frame = |line: &str| line.starts_with('%') || matches!(line.trim_end_matches(is_blank), "---" | "..." | "");
    text.split(is_break).all(|line| is_frame(line.split(" #").next().unwrap_or("")))
}

fn frame(text: &str) -> Piece {
    Piece { comments: comments(text, &[]), ..Piece::default() }
}

/// Reads a text. If it is rejected, cuts it finer and reads the sound parts, until one broken entry is left.
fn refine(text: &str, offset: u32, indent: u32, alone: bool, round: u32, acc: &mut Group) -> Option<Refusal> {
    let refusal = match read(text, alone) {
        Ok(piece) => {
            acc.parts.push(Part { offset, indent, piece: Arc::new(piece) });
            return None;
        }
        Err(refusal) => refusal,
    };
    if round > 0 && is_frame(text) {
        acc.parts.push(Part { offset, indent, piece: Arc::new(frame(text)) });
        return Some(refusal);
    }
    let problem = explain::explain(text, &refusal);
    let (cuts, one_entry) = if round < MAX_ROUNDS { finer(text, &refusal) } else { (vec![], false) };
    if cuts.len() < 2 {
        let mut piece = broken::read(text);
        piece.problems.push(problem);
        acc.parts.push(Part { offset, indent, piece: Arc::new(piece) });
        return Some(refusal);
    }
    let first = acc.parts.len();
    for cut in cuts {
        let part = &text[cut.start as usize..cut.end as usize];
        refine(part, offset + cut.start, cut.indent, false, round + 1, acc);
    }
    // If the parser failed without finding a mistake, only its parts are judged.
    if !refusal.is_unknown() {
        acc.refused.push(Refused { parts: first..acc.parts.len(), problem: problem.shifted(offset), one_entry });
    }
    Some(refusal)
}

/// Reads a text. A piece that is not `alone` must be a block collection without anchor or tag, or nothing.
fn read(text: &str, alone: bool) -> Result<Piece, Refusal> {
    let piece = strict::read(text)?;
    let Some(root) = piece.nodes.first() else { return Ok(piece) };
    let plain = piece.properties.first().is_none_or(|it| it.0 > 0);
    let block = matches!(root.kind, Kind::Mapping | Kind::Sequence) && piece.is_block(0);
    if alone || plain && block && piece.roots.len() == 1 { Ok(piece) } else { Err(Refusal::no_entry(root.start)) }
}

/// Cuts a rejected text, and returns whether the parts are lines of one entry: first into its entries, or head and
/// children; an entry without these, before the line with the mistake, or before all lines that look like entries.
fn finer(text: &str, refusal: &Refusal) -> (Vec<Cut>, bool) {
    let cuts = cut::finer(text, !refusal.is_too_deep());
    if cuts.len() > 1 || refusal.is_too_deep() {
        return (cuts, false);
    }
    let cuts = cut::into_lines(text, Some(refusal.at));
    if let [first, _] = cuts[..]
        && read(&text[..first.end as usize], false).is_ok()
    {
        return (cuts, true);
    }
    if brackets::opens_bracket(text) {
        return (vec![], true);
    }
    (cut::into_lines(text, None), true)
}
