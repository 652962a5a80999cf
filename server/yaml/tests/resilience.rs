//! Tests that a mistake only affects its own entry: breaks one line of a real file, and counts the entries elsewhere that
//! are lost or moved.
//!
//! Needs the real files in `../shared`; skipped without them.

mod common;

use std::collections::HashSet;

use common::Random;
use yaml::{Grain, Span};

#[test]
fn a_broken_line_costs_little_else() {
    let texts: Vec<String> =
        common::corpus().into_iter().filter(|it| common::tree(it, Grain::WHOLE).problems().is_empty()).collect();
    if texts.is_empty() {
        println!("skipped: no ../shared beside the checkout");
        return;
    }
    let mut random = Random::new(1);
    let (mut broken, mut hurt, mut entries, mut lost) = (0, 0, 0, 0);
    let mut worst = vec![];
    for round in 0..common::effort() {
        for text in texts.iter().skip(round % 2).step_by(if common::effort() > 1 { 1 } else { 2 }) {
            let Some((after, kept)) = break_a_line(text, &mut random) else { continue };
            let tree = common::tree(&after, Grain::DEFAULT);
            if tree.problems().is_empty() {
                continue;
            }
            let wanted = wanted(text, &kept);
            let found: HashSet<(String, Span)> = common::leaves(&tree).into_iter().collect();
            let missing: Vec<_> = wanted.iter().filter(|it| !found.contains(it)).cloned().collect();
            broken += 1;
            entries += wanted.len();
            lost += missing.len();
            if !missing.is_empty() {
                hurt += 1;
                worst.push((after.len(), after, missing));
            }
        }
    }
    worst.sort();
    for (_, text, missing) in worst.iter().take(if std::env::var_os("SHOW").is_some() { 12 } else { 0 }) {
        println!("{text:?}\n{missing:?}\n");
    }
    let share = 100.0 * lost as f64 / entries as f64;
    println!(
        "{broken} broken texts, {entries} entries outside of the broken line: {lost} lost or moved = {share:.2} %, in {:.1} % of the texts",
        100.0 * f64::from(hurt) / f64::from(broken)
    );
    assert!(share <= 6.0, "{share} % of the entries outside of a broken line are lost");
}

/// A line that stays: its old start and end, and its new start.
type Kept = (u32, u32, u32);

fn break_a_line(text: &str, random: &mut Random) -> Option<(String, Vec<Kept>)> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let content = |line: &str| !line.trim().is_empty() && !line.trim().starts_with('#');
    let candidates: Vec<usize> = (0..lines.len()).filter(|it| content(lines[*it])).collect();
    if candidates.len() < 4 {
        return None;
    }
    let hit = random.choice(&candidates);
    let (mut after, mut kept, mut offset) = (String::new(), vec![], 0);
    for (i, line) in lines.iter().enumerate() {
        if i == hit {
            after += &break_line(line.trim_end_matches('\n'), random);
            after += "\n";
        } else {
            kept.push((offset, offset + line.len() as u32, after.len() as u32));
            after += line;
        }
        offset += line.len() as u32;
    }
    Some((after, kept))
}

fn break_line(line: &str, random: &mut Random) -> String {
    let chars: Vec<char> = line.chars().collect();
    let indent = chars.iter().take_while(|it| **it == ' ').count();
    let place = indent + random.below(chars.len() + 1 - indent);
    let insert = |at: usize, text: &str| -> String {
        chars[..at].iter().copied().chain(text.chars()).chain(chars[at..].iter().copied()).collect()
    };
    match random.below(10) {
        0 => line.replacen(':', "", 1),
        1 => insert(place, random.choice(&["\"", "'", "[", "{", "]", "}"])),
        2 => insert(place, random.choice(&[": ", ":", " #", "- ", "&", "*", "!", "|", "%", "@", "`", ",", "\t"])),
        3 => insert(0, &" ".repeat(1 + random.below(3))),
        4 => line[random.below(indent + 1)..].to_string(),
        5 => chars[..place].iter().collect(),
        6 => {
            let half = [
                "imag",
                "- ",
                "key: a: b",
                "x: \"a",
                "- [1, 2",
                "\"",
                "{",
                "y: 'it's'",
                "-abc",
                "a: @x",
                "b: *",
                "a: &",
            ];
            format!("{}{}", " ".repeat(indent), random.choice(&half))
        }
        7 => insert(0, "\t"),
        8 => {
            let without = random.below(chars.len());
            chars.iter().enumerate().filter(|it| it.0 != without).map(|it| *it.1).collect()
        }
        _ => line.replacen(": ", ": \"", 1),
    }
}

/// Returns the entries that should remain: all of their text is in consecutive lines that stay, and no key above them is
/// broken.
fn wanted(text: &str, kept: &[Kept]) -> Vec<(String, Span)> {
    let before = common::leaves(&common::tree(text, Grain::WHOLE));
    let stays = |span: Span| -> Option<Span> {
        let first = kept.iter().position(|it| it.0 <= span.start && span.start < it.1)?;
        let last = kept.iter().position(|it| it.0 < span.end && span.end <= it.1)?;
        let together = kept[first..=last].windows(2).all(|it| it[0].1 == it[1].0);
        let moved = |at: u32, line: Kept| at - line.0 + line.2;
        together.then(|| Span::new(moved(span.start, kept[first]), moved(span.end, kept[last])))
    };
    let damaged: Vec<&str> = before
        .iter()
        .filter(|it| it.0.ends_with('#') && stays(it.1).is_none())
        .map(|it| it.0.trim_end_matches('#'))
        .collect();
    let sound = |path: &str| !damaged.iter().any(|it| path.trim_end_matches('#').starts_with(it));
    before.iter().filter(|it| sound(&it.0)).filter_map(|it| Some((it.0.clone(), stays(it.1)?))).collect()
}
