//! What holds for every text: nothing panics, a fix leaves YAML that loads and mends what it says, an edited document is as a
//! fresh one. Tried on our example files with one to three random changes.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use ide::{Applicability, Diagnostic, Document, Stage, Symbol, diagnostics, fixed};
use proptest::prelude::*;
use schema::{DocumentKind, Release};
use yaml::{Edits, Span, Text};

/// Our example files.
static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut acc = vec![include_str!("seed.yml").to_string()];
    collect(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus"), &mut acc);
    assert!(acc.len() > 30);
    acc
});

fn collect(folder: &Path, acc: &mut Vec<String>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, acc);
        } else if let Ok(text) = fs::read_to_string(&path) {
            acc.push(text);
        }
    }
}

const RELEASES: [Release; 6] = [
    Release::new(0, 18, 20),
    Release::new(0, 18, 43),
    Release::new(0, 19, 30),
    Release::new(0, 20, 10),
    Release::new(0, 21, 2),
    Release::NEWEST,
];

/// What is put in the place of a value, or written as a line of its own.
const VALUES: &[&str] = &[
    "",
    "~",
    "true",
    "off",
    "0",
    "-1",
    "2.5",
    "\"2\"",
    "''",
    "abc",
    "\"a b\"",
    "5m",
    "1h30m",
    "1..2",
    "4..2",
    "16GiB",
    "A100:H100",
    "[]",
    "[a]",
    "[1, 2]",
    "{}",
    "{a: b}",
    "{min: 1, max: 2}",
    "spot",
    "on-demnad",
    "*x",
    "&x a",
    "!!str 1",
    "|",
    "# note",
    "- a",
    "2024-01-01",
    "8080/tcp",
    "0123",
    "a: b",
    "[a, {b: c",
    "é😀",
    "'a\\",
    "22:22",
    "2\n\n -",
    "a\u{85}b: c",
    "\u{2028}: x",
    "x # \u{2029}b: c: d",
    "\u{ff08}x",
    "[!!str, a]",
];

/// Lines that make findings with fixes.
const LINES: &[&str] = &[
    "termination_policy: dont-destroy # why",
    "termination_policy: destroy-after-idle",
    "termination_idle_time: 30m",
    "idle_duration: 1h",
    "retry_policy: {retry: true, duration: 1h}",
    "retry_policy:\n  retry: true # so\n  duration: 2h",
    "setup: [a, b]",
    "setup:\n  - a\n  # c\n  - b",
    "pool_name: p",
    "home_dir: /r",
    "gpu: 24GB",
    "gpu:\n  name: A100\n  count: 2",
    "resources:",
    "resources: {spot_policy: auto}",
    "spot_polcy: auto",
    "backends: datacrunch",
    "env: {A: 1}",
    "replicas: 1..3",
    "image: nginx",
    "python: 3.12",
    "- x: y",
    "  - echo Done: ok",
    "<<: {image: a}",
];

#[derive(Clone, Debug)]
enum Change {
    Drop,
    Double,
    Indent,
    Dedent,
    Misspell(usize),
    Value(&'static str),
    Line(&'static str),
    Borrow(usize),
    Unquote,
    CutShort(usize),
}

fn change() -> impl Strategy<Value = (usize, Change)> {
    let change = prop_oneof![
        Just(Change::Drop),
        Just(Change::Double),
        Just(Change::Indent),
        Just(Change::Dedent),
        any::<usize>().prop_map(Change::Misspell),
        prop::sample::select(VALUES).prop_map(Change::Value),
        prop::sample::select(LINES).prop_map(Change::Line),
        prop::sample::select(LINES).prop_map(Change::Line),
        any::<usize>().prop_map(Change::Borrow),
        Just(Change::Unquote),
        any::<usize>().prop_map(Change::CutShort),
    ];
    (any::<usize>(), change)
}

fn apply(text: &str, changes: &[(usize, Change)]) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_string).collect();
    for (at, change) in changes {
        let at = at % lines.len();
        let indent: String = lines[at].chars().take_while(|it| *it == ' ').collect();
        match change {
            Change::Drop if lines.len() > 1 => {
                lines.remove(at);
            }
            Change::Drop => {}
            Change::Double => lines.insert(at, lines[at].clone()),
            Change::Indent => lines[at].insert_str(0, "  "),
            Change::Dedent => lines[at] = lines[at].strip_prefix("  ").unwrap_or(&lines[at]).to_string(),
            Change::Misspell(i) => {
                let mut chars: Vec<char> = lines[at].chars().collect();
                if chars.len() > 1 {
                    let i = i % (chars.len() - 1);
                    chars.swap(i, i + 1);
                }
                lines[at] = chars.into_iter().collect();
            }
            Change::Value(value) => {
                if let Some((key, _)) = lines[at].clone().split_once(": ") {
                    lines[at] = format!("{key}: {value}");
                } else if let Some((dash, _)) = lines[at].clone().split_once("- ") {
                    lines[at] = format!("{dash}- {value}");
                }
            }
            Change::Line(line) => {
                let line = line.replace('\n', &format!("\n{indent}"));
                lines.insert(at, format!("{indent}{line}"));
            }
            Change::Borrow(other) => {
                let other = &EXAMPLES[other % EXAMPLES.len()];
                let count = other.split('\n').count();
                lines.insert(at, other.split('\n').nth(other.len() % count).unwrap_or("").to_string());
            }
            Change::Unquote => lines[at] = lines[at].replace(['"', '\''], ""),
            Change::CutShort(i) => {
                let length = lines[at].chars().count();
                if length > 0 {
                    lines[at] = lines[at].chars().take(i % length).collect();
                }
            }
        }
    }
    lines.join("\n")
}

fn mutant() -> impl Strategy<Value = (String, Release)> {
    let example = (0..EXAMPLES.len(), prop::collection::vec(change(), 1..4), any::<bool>());
    let text = example.prop_map(|(i, changes, crlf)| {
        let text = apply(&EXAMPLES[i], &changes);
        if crlf { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
    });
    (text, prop::sample::select(&RELEASES[..]))
}

fn document(text: &str, release: Release) -> Document {
    Document::new(Text::new(text), DocumentKind::Configuration, release)
}

fn is_safe(fix: &ide::Fix) -> bool {
    fix.applicability == Applicability::Safe
}

fn rejections(findings: &[Diagnostic]) -> usize {
    findings.iter().filter(|it| it.stage == Stage::Parse).count()
}

/// Whether a finding stands among others, wherever edits moved it.
fn tells(findings: &[Diagnostic], it: &Diagnostic) -> bool {
    findings.iter().any(|other| (other.rule, &other.path, &other.message) == (it.rule, &it.path, &it.message))
}

/// How often a finding is told: two equal keys that are both wrong look the same.
fn count(findings: &[Diagnostic], it: &Diagnostic) -> usize {
    findings.iter().filter(|other| tells(std::slice::from_ref(other), it)).count()
}

/// All that is said of a document is within its text, begins and ends between characters, and is one line.
fn check_places(document: &Document) {
    let text = document.text().as_str();
    let check = |span: Span, what: &str| {
        assert!(text.get(span.range()).is_some(), "{what}: {span:?} is no range of {text:?}");
    };
    for finding in diagnostics(document) {
        check(finding.span, &finding.message);
        let mut words = vec![&finding.message];
        for (span, message) in &finding.related {
            check(*span, message);
            words.push(message);
        }
        for fix in &finding.fixes {
            fix.edits.iter().for_each(|edit| check(edit.span, &fix.title));
            words.push(&fix.title);
        }
        for it in words {
            assert!(
                !it.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')),
                "{it:?} of {text:?}"
            );
            assert!(!it.ends_with('.') && !it.contains("4294967295"), "{it:?} of {text:?}");
        }
    }
    let mut symbols: Vec<(Span, Symbol)> = ide::symbols(document).into_iter().map(|it| (it.span, it)).collect();
    while let Some((outer, symbol)) = symbols.pop() {
        check(symbol.span, &symbol.name);
        check(symbol.selection, &symbol.name);
        let within = |inner: Span, outer: Span| outer.start <= inner.start && inner.end <= outer.end;
        assert!(within(symbol.span, outer) && within(symbol.selection, symbol.span), "{symbol:?} of {text:?}");
        symbols.extend(symbol.children.into_iter().map(|it| (symbol.span, it)));
    }
    for offset in (0..=text.len() as u32).filter(|it| text.is_char_boundary(*it as usize)) {
        if let Some(hover) = ide::hover(document, offset) {
            check(hover.span, "hover");
            assert!(hover.span.touches(offset), "hover at {offset} is about {:?} of {text:?}", hover.span);
        }
    }
}

#[test]
fn places_are_within_the_text_around_odd_characters() {
    for text in [
        "a\u{85}:",
        "type\u{2028}: task",
        "a: 1\n# x\u{85}b: c: d\n",
        "- #\u{85} b: c: d\n",
        "type: fleet\nnodes: 2\n\n -",
        "type: fleet\nnodes: \"2\\e\"",
        "commands: [!x,b]",
        "\u{feff}type: task\u{2029}commands: [\u{feff}\n",
        "type: task\n\u{ff03}x\n\u{f013}: 1\ncommands: [!!str, \"\u{85}\"\n",
    ] {
        check_places(&document(text, Release::NEWEST));
        for offset in 0..=text.len() {
            ide::completion(&document(text, Release::NEWEST), offset as u32);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(debug_assertions) { 400 } else { 20_000 }, ..ProptestConfig::default() })]

    #[test]
    fn fixes_leave_yaml_that_loads_and_mend_what_they_say((text, release) in mutant()) {
        let document = document(&text, release);
        let findings = diagnostics(&document);
        let sound = document.tree().problems().is_empty();
        for finding in &findings {
            for fix in &finding.fixes {
                let next = document.edited(&fix.edits);
                prop_assert!(
                    !sound || next.tree().problems().is_empty(),
                    "{}\n{text}\n=>\n{}\n{:?}", fix.title, next.text().as_str(), next.tree().problems()
                );
                let after = diagnostics(&next);
                if sound && fix.applicability == Applicability::Safe {
                    prop_assert!(
                        count(&after, finding) < count(&findings, finding),
                        "{}: {} at {}\n{text}\n=>\n{}", fix.title, finding.message, finding.path, next.text().as_str()
                    );
                }
            }
        }
    }

    #[test]
    fn places_are_within_the_text((text, release) in mutant()) {
        check_places(&document(&text, release));
    }

    #[test]
    fn fixing_everything_never_makes_it_worse((text, release) in mutant()) {
        let document = document(&text, release);
        let (next, applied) = fixed(&document);
        // What is wrong within an unknown field shows only when that has the right name.
        let before = diagnostics(&document);
        let uncovers = before.iter().any(|it| it.rule == "unknown-field" && it.fixes.first().is_some_and(is_safe));
        prop_assert!(uncovers || rejections(&diagnostics(&next)) <= rejections(&before));
        prop_assert_eq!(applied == 0, next.text().as_str() == text);
        let (again, more) = fixed(&next);
        prop_assert_eq!((again.text().as_str(), more), (next.text().as_str(), 0));
    }

    #[test]
    fn an_edited_document_is_as_a_fresh_one(
        (text, release) in mutant(), at in any::<usize>(), len in 0usize..12, new in prop::sample::select(VALUES)
    ) {
        let before = document(&text, release);
        let floor = |mut at: usize| {
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(at % (text.len() + 1));
        let end = floor((start + len).min(text.len())).max(start);
        let edits = Edits::replace(Span::new(start as u32, end as u32), new);
        let edited = before.edited(&edits);
        let fresh = document(edited.text().as_str(), release);
        prop_assert_eq!(edited.binding(), fresh.binding());
        prop_assert_eq!(diagnostics(&edited), diagnostics(&fresh));
    }
}

#[test]
fn a_file_cut_off_anywhere_is_no_reason_to_panic() {
    let mut texts = EXAMPLES.clone();
    let shared = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/dstack/corpus");
    let mut step = if cfg!(debug_assertions) { 3 } else { 1 };
    if shared.exists() && !cfg!(debug_assertions) {
        collect(&shared, &mut texts);
    } else if shared.exists() {
        collect(&shared, &mut texts);
        step = 211;
    } else {
        println!("skipped: dstack's files are not at {}", shared.display());
    }
    for text in texts {
        for end in (0..=text.len()).step_by(step).filter(|it| text.is_char_boundary(*it)) {
            let document = document(&text[..end], Release::NEWEST);
            for finding in diagnostics(&document) {
                assert!(finding.span.end as usize <= end);
            }
        }
    }
}

#[test]
fn bombs_and_loops_of_aliases_end() {
    let mut bomb = String::from("type: task\ncommands: [a]\nenv: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        bomb.push_str(&format!("x{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 9].join(", ")));
    }
    bomb.push_str("volumes: *a11\nports: *a11\nfiles: *a11\n");
    let merges =
        "type: task\nenv: &a\n  <<: *a\n  b: c\nresources: &r\n  <<: [*r, *r]\n  gpu: *r\ncommands: &c\n  - *c\n";
    let mut chain = String::from("a0: &a0 {b: c}\n");
    for i in 1..200 {
        chain.push_str(&format!("a{i}: &a{i} {{<<: [*a{0}, *a{0}], k{i}: 1}}\n", i - 1));
    }
    // Large rather than deep: thousands of items, each of thousands of keys that stand elsewhere.
    let keys: String = (0..5_000).map(|i| format!("  k{i}: v\n")).collect();
    let wide = |item: &str| format!("type: task\nx: &x\n{keys}volumes:\n{}", format!("  - {item}\n").repeat(5_000));
    let (aliased, merged) = (wide("*x"), wide("<<: *x"));
    for text in [bomb.as_str(), merges, &chain, &aliased, &merged] {
        assert!(rejections(&diagnostics(&document(text, Release::NEWEST))) > 0);
    }
}
