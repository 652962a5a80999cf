//! Tests the laws of the parser: pieces joined equal the whole, an edited text equals a new one, nothing panics.

mod common;

use common::*;
use yaml::{Edits, Grain, Syntax, Text, Tree};

/// Compares pieces of every size with the text as one piece.
fn check(text: &str) {
    let whole = tree(text, Grain::WHOLE);
    for (name, grain) in GRAINS {
        let joined = tree(text, grain);
        check_entries(&joined, text);
        let (ours, theirs) = (joined.problems().is_empty(), whole.problems().is_empty());
        assert_eq!(
            ours,
            theirs,
            "{name}: the verdict differs on {text:?}\npieces {:?}\nwhole {:?}",
            joined.problems(),
            whole.problems()
        );
        if theirs {
            assert_eq!(nodes(&joined), nodes(&whole), "{name}: the tree differs on {text:?}");
        }
    }
}

/// Compares the entry of each node with the entries of its mapping.
fn check_entries(tree: &Tree, text: &str) {
    let mut expected = vec![None; tree.len()];
    for entry in tree.ids().flat_map(|it| tree.entries(it)) {
        (expected[entry.key.0 as usize], expected[entry.value.0 as usize]) = (Some(entry), Some(entry));
    }
    for id in tree.ids() {
        assert_eq!(tree.entry_of(id), expected[id.0 as usize], "{id:?} of {text:?}");
    }
}

/// Reduces a text that breaks the law.
fn smaller(text: &str) -> String {
    let bad = |text: &str| std::panic::catch_unwind(|| check(text)).is_err();
    let mut text = text.to_string();
    'again: loop {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for i in 0..lines.len() {
            let without: String = lines.iter().enumerate().filter(|it| it.0 != i).map(|it| *it.1).collect();
            if bad(&without) {
                text = without;
                continue 'again;
            }
        }
        for (i, c) in text.char_indices() {
            let without = format!("{}{}", &text[..i], &text[i + c.len_utf8()..]);
            if bad(&without) {
                text = without;
                continue 'again;
            }
        }
        return text;
    }
}

/// Checks many texts, and reduces the first one that breaks the law.
fn check_all(texts: impl Iterator<Item = String>) {
    for text in texts {
        if std::panic::catch_unwind(|| check(&text)).is_err() {
            check(&smaller(&text));
            check(&text);
        }
    }
}

#[test]
fn joined_pieces_equal_the_whole() {
    check_all(texts().into_iter().chain(corpus()));
    check_all(texts().into_iter().map(|it| it.replace('\n', "\r\n")));
}

#[test]
fn joined_pieces_equal_the_whole_for_mutants() {
    let mut random = Random::new(5);
    let texts: Vec<String> = texts();
    let mutants = (0..120 * effort()).map(|i| mutant(&texts[i % texts.len()], &mut random));
    check_all(mutants.collect::<Vec<_>>().into_iter());
    let corpus = corpus();
    let mutants = (0..150 * effort()).filter(|_| !corpus.is_empty()).map(|_| {
        let i = random.below(corpus.len());
        mutant(&corpus[i], &mut random)
    });
    check_all(mutants.collect::<Vec<_>>().into_iter());
}

/// U+F000 to U+FFFF have the same first byte in UTF-8 as a byte order mark, but are text wherever the parser starts: at the
/// start of the text, of a document and of a piece.
#[test]
fn characters_that_start_like_a_byte_order_mark_are_text() {
    for c in ('\u{f000}'..='\u{fffd}').filter(|c| *c != '\u{feff}') {
        sound(&c.to_string(), Grain::DEFAULT, &[&c.to_string()]);
    }
    for c in ['\u{f000}', '\u{f8ff}', '豈', 'ﬁ', '︰', '＃', 'Ａ', '｛', '\u{fffd}'] {
        let key = &*format!("{c}key");
        // Longer than the longest run, so that each grain has several pieces.
        let keys: Vec<String> = (0..300).map(|i| format!("{c}{i}")).collect();
        let all: Vec<&str> = keys.iter().flat_map(|it| [&**it, "v"]).collect();
        let lines = |indent: &str| keys.iter().map(|it| format!("{indent}{it}: v\n")).collect::<String>();
        for (_, grain) in GRAINS.into_iter().chain([("whole", Grain::WHOLE)]) {
            sound(&format!("{key}: v\n"), grain, &[key, "v"]);
            sound(&format!("\u{feff}{key}: v\n"), grain, &[key, "v"]);
            sound(&format!("{key}:\n  {key}: v\n"), grain, &[key, key, "v"]);
            sound(&format!("- {key}\n-\n  {key}\n-  - {key}\n"), grain, &[key, key, key]);
            sound(&format!("--- {key}\n"), grain, &[key]);
            sound(&format!("---\n{key}: v\n"), grain, &[key, "v"]);
            sound(&format!("%YAML 1.1\n---\n{key}: v\n...\n"), grain, &[key, "v"]);
            sound(&format!("env:\n{}", lines("  ")), grain, &[&["env"], &*all].concat());
            for text in [lines(""), format!("---\n{}", lines(""))] {
                let tree = sound(&text, grain, &all);
                let mut later = tree.pieces().iter().skip(1);
                let is_cut = later.any(|it| text[it.base as usize..].starts_with(c));
                assert_eq!(is_cut, grain != Grain::WHOLE, "{grain:?}: a piece begins with {c:?}");
            }
        }
    }
}

/// Parses a text that must have no problems and these scalars.
#[track_caller]
fn sound(text: &str, grain: Grain, scalars: &[&str]) -> yaml::Tree {
    let tree = tree(text, grain);
    assert!(tree.problems().is_empty(), "{text:?} in {grain:?}: {:?}", tree.problems());
    let found = tree.ids().filter(|it| tree.kind(*it) == yaml::Kind::Scalar).map(|it| tree.value(it));
    assert!(found.eq(scalars.iter().copied()), "{text:?} in {grain:?}:\n{}", dump(&tree));
    tree
}

#[test]
fn an_edited_text_equals_a_new_one() {
    let mut random = Random::new(11);
    let texts: Vec<String> = texts().into_iter().chain(corpus().into_iter().step_by(40)).collect();
    for (i, text) in texts.iter().enumerate() {
        let (_, grain) = GRAINS[i % GRAINS.len()];
        let mut text = Text::new(text);
        let mut syntax = Syntax::default();
        for _ in 0..6 * effort() {
            let mut edits = vec![];
            for _ in 0..1 + random.below(3) {
                edits.push(random_edit(text.as_str(), &mut random));
            }
            let Some(edits) = Edits::new(edits) else { continue };
            text = text.edited(&edits);
            let (next, edited) = yaml::parse_in(&text, Some(&syntax), grain);
            syntax = next;
            assert_eq!(dump(&edited), dump(&tree(text.as_str(), grain)), "{:?}", text.as_str());
        }
    }
}

#[test]
fn an_edit_reads_only_what_it_touches() {
    for kind in ["env", "commands", "indentless", "profiles"] {
        let text = Text::new(&large(kind, 2000));
        let (syntax, _) = yaml::parse(&text, None);
        let middle = text.line(1000).end;
        for insert in ["x", "\n"] {
            let edited = text.edited(&Edits::insert(middle, insert));
            let (after, _) = yaml::parse(&edited, Some(&syntax));
            assert!(after.pieces() > 15, "{kind}: {} pieces", after.pieces());
            assert!(after.pieces_read() <= 2, "{kind}: {} of {} read", after.pieces_read(), after.pieces());
        }
    }
}

#[test]
fn no_prefix_panics() {
    let texts = texts().into_iter().chain(corpus().into_iter().step_by(300 / effort().min(300)));
    for text in texts.filter(|it| it.len() < 2000) {
        for end in (0..text.len()).filter(|it| text.is_char_boundary(*it)) {
            tree(&text[..end], Grain::DEFAULT);
            if end % 16 == 0 {
                tree(&text[..end], Grain::ENTRIES);
            }
        }
    }
}

/// Ids, links and spans have the properties that `Tree` documents, however broken the text is.
#[test]
fn trees_are_well_formed() {
    let mut random = Random::new(3);
    let texts = texts();
    for i in 0..120 * effort() {
        let mut text = mutant(&texts[i % texts.len()], &mut random);
        for _ in 0..random.below(3) {
            text = mutant(&text, &mut random);
        }
        well_formed(&tree(&text, GRAINS[i % 3].1), &text);
    }
}

#[test]
fn trees_are_well_formed_around_odd_line_breaks() {
    for text in [
        "a\u{85}:",
        "type\u{2028}: task",
        "a: 1\n# x\u{85}b: c: d\n",
        "- #\u{85} b: c: d\n",
        "- a\u{2029}: [b\n",
        "a:\u{2028}  b: c: d\u{85}- e\n",
        "\"a\"\u{85}: b: c\n",
        "{5, \u{2029}",
        "{a: 5, \u{85}b",
        "a: {b: \"c\u{2028}# d\"",
        "[a, 'b\n# c'\n",
    ] {
        for (_, grain) in GRAINS {
            let tree = tree(text, grain);
            well_formed(&tree, text);
            let numbers = |it: &yaml::SyntaxProblem| !it.message.contains("4294967295");
            assert!(tree.problems().iter().all(numbers), "{text:?}: {:?}", tree.problems());
        }
    }
}

fn well_formed(tree: &yaml::Tree, text: &str) {
    let mut before = 0;
    for id in tree.ids() {
        let span = tree.span(id);
        assert!(text.get(span.range()).is_some(), "{span:?} is no range of {text:?}");
        assert!(span.start >= before, "{id:?} begins before the node before it: {text:?}\n{}", dump(tree));
        before = span.start;
        if let Some(parent) = tree.parent(id) {
            let outer = tree.span(parent);
            assert!(
                outer.start <= span.start && span.end <= outer.end,
                "{id:?} leaves its parent: {text:?}\n{}",
                dump(tree)
            );
            assert!(
                tree.children(parent).any(|it| it == id),
                "{id:?} is no child of its parent: {text:?}\n{}",
                dump(tree)
            );
        }
        let children = tree.children(id).filter(|it| tree.kind(*it) != yaml::Kind::Broken).count();
        assert!(tree.kind(id) != yaml::Kind::Mapping || children % 2 == 0, "odd mapping: {text:?}\n{}", dump(tree));
    }
    for pair in tree.comments().windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start);
    }
    for pair in tree.problems().windows(2) {
        assert!(pair[0].span < pair[1].span, "problems are not sorted: {:?}", tree.problems());
    }
    for problem in tree.problems() {
        let spans = [Some(problem.span), problem.related.as_ref().map(|it| it.0)];
        for span in spans.into_iter().flatten() {
            assert!(text.get(span.range()).is_some(), "{span:?} is no range of {text:?}: {}", problem.message);
        }
    }
}
