//! Tests that hostile texts cause no hang, abort or excessive work.

mod common;

use std::time::{Duration, Instant};

use common::tree;
use yaml::{Grain, Kind, MAX_DEPTH, Syntax, Text, Tree};

/// Time limit for each text. Far more than any of them takes, even in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Number of lines of texts without a number of their own.
const MANY: usize = 1_000;

fn check(what: &str, text: &str) -> Tree {
    let started = Instant::now();
    let (syntax, tree) = yaml::parse(&Text::new(text), None);
    let took = started.elapsed();
    println!("{what}: {took:?}, {} nodes, {} problems, {} pieces", tree.len(), tree.problems().len(), syntax.pieces());
    assert!(took < PATIENCE, "{what} took {took:?}");
    // Also check an edit of the text.
    let edited = Text::new(&format!("{text}x"));
    yaml::parse(&edited, Some(&syntax));
    let (mut depth, mut deepest) = (vec![0usize; tree.len()], 0);
    for id in tree.ids() {
        depth[id.0 as usize] = tree.parent(id).map_or(1, |it| depth[it.0 as usize] + 1);
        deepest = deepest.max(depth[id.0 as usize]);
    }
    assert!(deepest <= MAX_DEPTH + 3, "{what} is {deepest} levels deep");
    tree
}

/// Spans of problems end at character boundaries: clients slice the text there.
#[test]
fn problems_span_whole_characters() {
    let dashes = |n: usize| format!("{}é: 1\n", "- ".repeat(n));
    let keys = |n: usize| (0..n).map(|i| format!("{}é:\n", " ".repeat(i))).collect::<String>();
    for text in [
        "a: 1\n...\né: 2\n".to_string(),
        "'a'\n... # x\né\n".to_string(),
        "a: 1\n--- é\n".to_string(),
        dashes(249),
        dashes(250),
        dashes(300),
        keys(251),
        keys(300),
        format!("{}é: 1{}", "[".repeat(250), "]".repeat(250)),
        "a: \"\\é\"\n".to_string(),
        "a: \"\\".to_string(),
        "a: \"\\xé\"\n".to_string(),
        "a: \"x\\\u{1f600}".to_string(),
        "a: {é: é é: é\nb}".to_string(),
        "a: [é\nb: c\n".to_string(),
        "a: &é 1\nb: *é é\nc: &\u{1f600} x\n d: *é\n".to_string(),
        "a: !é 1\nb: !<é> é\nc: !é!x y".to_string(),
        "%é\n---\na: b".to_string(),
        "\u{feff}a: é: b\n".to_string(),
        "a: @é\nb: `é".to_string(),
        "a: |é\n  b\nc: >9é\n".to_string(),
        "a:\u{85}b: é: c\u{2028} - é\u{2029}".to_string(),
        "é:\té\n\té: b\n".to_string(),
        "é\u{1}: \u{81}é\u{1}\n".to_string(),
    ] {
        for (_, grain) in common::GRAINS {
            for problem in tree(&text, grain).problems() {
                let spans = [Some(problem.span), problem.related.as_ref().map(|it| it.0)];
                let whole = spans.into_iter().flatten().all(|it| text.get(it.range()).is_some());
                assert!(whole, "{text:?}: {problem:?}");
            }
        }
    }
}

fn nested(levels: usize) -> String {
    let line = |i: usize| format!("{}k:\n", " ".repeat(i));
    (0..levels).map(line).collect()
}

#[test]
fn many_lines() {
    let text: String = (0..40_000).map(|i| format!("key{i}: value {i}\n")).collect();
    let tree = check("40,000 lines", &text);
    assert_eq!((tree.len(), tree.problems().len()), (80_001, 0));
}

#[test]
fn deep_nesting() {
    assert_eq!(check("240 levels", &nested(240)).problems(), []);
    for (what, text) in [
        ("300 levels", nested(300)),
        ("1,500 levels", nested(1500)),
        ("300 levels in brackets", "[".repeat(300) + &"]".repeat(300)),
        ("300 dashes on a line", "- ".repeat(300) + "x\n"),
        ("300 levels of lists", (0..300).map(|i| format!("{}-\n", " ".repeat(i))).collect()),
        ("300 question marks", "? ".repeat(300) + "x\n"),
    ] {
        let tree = check(what, &text);
        let said = tree.problems().iter().any(|it| it.message.contains("levels deep"));
        assert!(said, "{what}: {:?}", tree.problems().first());
        assert!(!super_long(&tree), "{what}: {:?}", tree.problems());
        for (_, grain) in common::GRAINS {
            assert!(!common::tree(&text, grain).problems().is_empty());
        }
    }
}

fn super_long(tree: &Tree) -> bool {
    tree.problems().iter().any(|it| it.message.len() > 300)
}

#[test]
fn brackets() {
    for (what, text) in [
        ("a megabyte of [", "[".repeat(1 << 20)),
        ("a megabyte of {", "{".repeat(1 << 20)),
        ("a megabyte of ]", "]".repeat(1 << 20)),
        ("many lines of - [", "- [\n".repeat(MANY)),
        ("many lines of [[", "[[\n".repeat(MANY)),
        ("a: [ on every line", "a: [\n".repeat(MANY)),
        ("{a: {a: …", "{a: ".repeat(100_000)),
    ] {
        let tree = check(what, &text);
        assert!(!tree.problems().is_empty(), "{what}");
    }
}

#[test]
fn quotes_and_other_mistakes_on_every_line() {
    for (what, text) in [
        ("a: \" on every line", "a: \"\n".repeat(20_000)),
        ("an open quote, once", format!("a: \"\n{}", "b: c\n".repeat(MANY))),
        ("a: ' on every line", "a: 'x\n".repeat(MANY + 1)),
        ("@ on every line", "a: @x\n".repeat(MANY)),
        ("two colons on every line", "a: b: c\n".repeat(MANY)),
        ("no colon on every other line", "a: b\nword\n".repeat(MANY)),
        ("no space after any colon", "a:b\n".repeat(MANY)),
        ("stars", "*\n".repeat(MANY)),
        ("question marks", "? \n".repeat(MANY)),
        ("tabs", "\ta: b\n".repeat(MANY)),
        ("dashes and keys in turn", "- a\nb: c\n".repeat(MANY)),
        ("ever deeper strays", (0..400).map(|i| format!("{}a: b\n", " ".repeat(i))).collect()),
        ("ever shallower", (0..400).map(|i| format!("{}a:\n", " ".repeat(400 - i))).collect()),
        ("words", "word\n".repeat(MANY)),
        ("one long line", "x".repeat(1 << 20)),
        ("one long line of keys", "a: ".repeat(100_000)),
        ("lone CR", "a: b\r".repeat(MANY)),
        ("lone CR, broken", "a: b: c\r".repeat(3_000)),
        ("tags", "- !x y\n".repeat(MANY)),
        ("NUL", "\0".repeat(100_000)),
        ("tabs only", "\t".repeat(200_000)),
        ("tabs in a line", "a\t".repeat(100_000)),
        ("tabs in a block", format!("a: |\n  {}\n", "\t".repeat(200_000))),
        ("anchors in a line", format!("[{}]", "&a [], ".repeat(50_000))),
        ("comments", "a: 1 # x\n".repeat(MANY)),
        ("NUL in every line", "a: \0\n".repeat(MANY)),
    ] {
        check(what, &text);
    }
}

/// One collection that cannot be cut, with more empty values than are repaired in a long text.
#[test]
fn a_line_of_empty_values() {
    for separator in [", ", ",\n  "] {
        let text = format!("a: [{}]\nb: c\n", vec!["{x:}"; 200].join(separator));
        let tree = common::tree(&text, common::GRAINS[0].1);
        assert!(tree.problems().is_empty(), "{:?}", tree.problems());
        assert_eq!(tree.entries(tree.root().unwrap()).count(), 2);
    }
}

/// The strict parser compares each `%TAG` with all before it, so the number that it gets is bounded.
#[test]
fn many_directives() {
    for n in [200, 8 * 200, 8 * 8 * 200] {
        let directives: String = (0..n).map(|i| format!("%TAG !e{i}! tag:x,2000:\n")).collect();
        let text = format!("{directives}---\na: 1\nb: 2\n");
        let tree = check("directives", &text);
        let said: Vec<&str> = tree.problems().iter().map(|it| &text[it.span.range()]).collect();
        assert_eq!(said, ["%TAG !e100! tag:x,2000:"]);
        assert!(tree.problems()[0].message.contains("more than 100 lines"), "{:?}", tree.problems());
        assert_eq!(tree.entries(tree.root().unwrap()).count(), 2);
    }
    let directives: String = (0..100).map(|i| format!("%TAG !e{i}! tag:yaml.org,2002:\n")).collect();
    let text = format!("{directives}---\na: !e99!str 1\n").replace("!e98!", "!!");
    assert_eq!(check("directives", &text).problems(), []);
    for prefix in ["!foo,2000:", "!,", "!,!,"] {
        let text = format!("%TAG !e! {prefix}\n---\na: [!!str b, c] # !x, %!y,\n");
        assert_eq!(check("a comma in a directive", &text).problems(), []);
    }
    let unknown: String = (0..100).map(|i| format!("%FOO {i}\n")).collect();
    assert_eq!(check("directives that are passed over", &format!("{unknown}---\na: 1\n")).problems(), []);
}

/// Eight times as many directives cost at most ten times as much work: in one document, which has too many, and in
/// consecutive documents, each of which has the maximum number.
#[cfg(debug_assertions)]
#[test]
fn work_grows_linearly_with_the_number_of_directives() {
    let work = |text: &str| {
        let before = yaml::work::done();
        yaml::parse(&Text::new(text), None);
        yaml::work::done() - before
    };
    let tags = |n: usize| (0..n).map(|i| format!("%TAG !e{i}! tag:x,2000:\n")).collect::<String>();
    let others = |n: usize| (0..n).map(|i| format!("%FOO {i}\n")).collect::<String>();
    let document = |directives: &str| format!("{directives}---\na: 1\nb: [2, é]\n");
    let after = |above: &str, directives: &str| format!("{above}...\n{}", document(directives));
    for (what, n, text) in [
        ("too many in a document", 200, &(|n| document(&tags(n))) as &dyn Fn(usize) -> String),
        ("too many behind a document", 200, &|n| after("a: 1\n", &tags(n))),
        ("too many before no document", 200, &tags),
        ("too many of several kinds", 200, &|n| document(&(others(n) + &tags(n)))),
        ("unknown ones alone", 200, &|n| document(&others(n))),
        ("documents with one", 100, &|n| vec![document(&tags(1)); n].join("...\n")),
        ("documents with as many as are allowed", 5, &|n| vec![document(&tags(100)); n].join("...\n")),
        ("documents with one too many", 5, &|n| vec![document(&tags(101)); n].join("...\n")),
        ("lines without directives", 200, &|n| document(&tags(1)) + &"c: x\n".repeat(n)),
    ] {
        let (one, eight) = (work(&text(n)), work(&text(8 * n)));
        println!("{what}: {one}, then {eight}");
        assert!(eight <= 10 * one, "{what}: {one}, then {eight}");
    }
}

/// Text that needs a repair for the strict parser, more often in a piece than the maximum number of repairs.
#[test]
fn many_repairs() {
    let smile = r#""\ud83d\ude00""#;
    let far = "x".repeat(40_000);
    for text in [
        "a: {gpu:}\n".repeat(2_000),
        format!("a:\n{}", " - |\n  \tx\n".repeat(2_000)),
        format!(r#"{{"a": "{}"}}"#, r"\ud83d\ude00".repeat(20_000)),
        format!("[{far}, {}]", vec![smile; 5_000].join(", ")),
    ] {
        assert_eq!(check("many repairs", &text).problems(), []);
    }
}

/// Half a pair is an escape in double quotes only. Elsewhere it is text, and so is its temporary replacement.
#[test]
fn halves_of_surrogate_pairs() {
    let text = concat!(
        "\u{feff}a: [\"\\ud83d\\ude00\\uE000 \u{feff}\", \"\\\\ud83d \\\\\\ud83d \\U0000dFfF\", ",
        "C:\\ud83d\\udfff\n  \\ue000\\ud800, '\\ud83d', \"\\ue001\"]\nb: |\n  \\ud83d\\\\ud83d\\U0000ddde\\\n",
    );
    let tree = tree(text, Grain::WHOLE);
    assert_eq!(tree.problems().iter().map(|it| &*it.message).collect::<Vec<_>>(), [""; 0]);
    let scalars = tree.ids().filter(|it| tree.kind(*it) == Kind::Scalar);
    let values: Vec<&str> =
        scalars.filter(|it| tree.span(*it).end - tree.span(*it).start > 1).map(|it| tree.value(it)).collect();
    let half = "\u{fffd}";
    assert_eq!(
        values,
        [
            &*format!("{half}{half}\u{e000} \u{feff}"),
            &*format!("\\ud83d \\{half} {half}"),
            "C:\\ud83d\\udfff \\ue000\\ud800",
            "\\ud83d",
            "\u{e001}",
            "\\ud83d\\\\ud83d\\U0000ddde\\\n",
        ]
    );
}

#[test]
fn aliases() {
    let mut bomb = "a0: &a0 [x]\n".to_string();
    for i in 1..60 {
        let alias = format!("*a{}, ", i - 1).repeat(10);
        bomb += &format!("a{i}: &a{i} [{alias}]\n");
    }
    assert_eq!(check("a billion laughs", &bomb).problems(), []);
    let merges: String = (1..5000).map(|i| format!("m{i}: &m{i}\n  <<: *m{}\n", i - 1)).collect();
    assert_eq!(check("merges of merges", &format!("m0: &m0 {{a: 1}}\n{merges}")).problems(), []);
    let list = (0..3000).map(|i| format!("- &x{i} {{a: 1}}\n")).collect::<String>();
    let uses = (0..3000).map(|i| format!("- *x{i}\n")).collect::<String>();
    assert_eq!(check("anchors and aliases", &(list + &uses)).problems(), []);
    assert_eq!(check("an alias of what it is in", "a: &a [*a]\nb: &b {c: *b}\n").problems(), []);
}

/// An edit in the middle of a large broken text is fast, too.
#[test]
fn edits_of_hostile_texts() {
    let text = Text::new(&"a: @x\n".repeat(20_000));
    let (mut syntax, _) = yaml::parse(&text, None);
    let started = Instant::now();
    for i in 0..5 {
        let edits = yaml::Edits::insert(text.line(10_000).end, "y".repeat(i));
        (syntax, _) = yaml::parse(&text.edited(&edits), Some(&syntax));
    }
    assert!(started.elapsed() < PATIENCE);
    assert!(syntax.pieces_read() < 4, "{} pieces read", syntax.pieces_read());
}

#[test]
fn empty_and_almost_empty_texts() {
    for text in [
        "", "\n", " ", "\t", "#", "\0", "-", ":", "?", "\u{feff}", "\r", "---", "...", "%", "|", "\"", "🎉", "\u{2028}",
    ] {
        for (_, grain) in common::GRAINS {
            tree(text, grain);
        }
        let once = yaml::parse(&Text::new(text), Some(&Syntax::default())).1;
        assert_eq!(common::dump(&once), common::dump(&tree(text, Grain::DEFAULT)));
    }
}
