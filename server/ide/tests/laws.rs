//! Laws that hold for every text: nothing panics, a fix adds no syntax error and removes its finding, and an edited document
//! equals a fresh one. Tested on the example files with one to three random changes.

use std::path::PathBuf;

use ide::{Applicability, Diagnostic, Document, RuleId, Stage, Symbol, diagnostics, fixed, fixes, path};
use proptest::prelude::*;
use schema::{DocumentKind, Release};
use yaml::{Edits, Span, Text};

mod mutants;

use mutants::{EXAMPLES, VALUES, collect, mutant};

fn document(text: &str, release: Release) -> Document {
    Document::new(Text::new(text), DocumentKind::Configuration, release)
}

fn is_safe(fix: &ide::Fix) -> bool {
    fix.applicability == Applicability::Safe
}

fn rejections(findings: &[Diagnostic]) -> usize {
    findings.iter().filter(|it| it.stage == Stage::Parse).count()
}

/// A finding without its span, which edits move.
type Unplaced = (RuleId, String, String);

fn unplaced(document: &Document, it: &Diagnostic) -> Unplaced {
    (it.rule, path(document, it).to_string(), it.message.clone())
}

/// The number of times that a document has a finding; two equal keys that are both wrong have the same one.
fn count(document: &Document, it: &Unplaced) -> usize {
    diagnostics(document).iter().filter(|other| unplaced(document, other) == *it).count()
}

/// Checks that the spans of all answers are within the text and between characters, and that their messages are one line.
fn check_spans(document: &Document) {
    let text = document.text().as_str();
    let check = |span: Span, what: &str| {
        assert!(text.get(span.range()).is_some(), "{what}: {span:?} is not a range of {text:?}");
    };
    for finding in diagnostics(document) {
        check(finding.span, &finding.message);
        let mut messages = vec![&finding.message];
        for it in &finding.related {
            check(it.span, &it.message);
            messages.push(&it.message);
        }
        let fixes = fixes(document, &finding);
        for fix in &fixes {
            fix.edits.iter().for_each(|edit| check(edit.span, &fix.title));
            messages.push(&fix.title);
        }
        for it in messages {
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
    // Hovering at every offset of a name would take half of the time.
    let step = if cfg!(debug_assertions) { 5 } else { 1 };
    let offsets = (text.len() % step..=text.len()).step_by(step).filter(|it| text.is_char_boundary(*it));
    for offset in offsets.map(|it| it as u32) {
        if let Some(hover) = ide::hover(document, offset) {
            check(hover.span, "hover");
            assert!(hover.span.touches(offset), "hover at {offset} is about {:?} of {text:?}", hover.span);
        }
    }
}

#[test]
fn spans_are_within_a_text_with_odd_characters() {
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
        check_spans(&document(text, Release::NEWEST));
        for offset in 0..=text.len() {
            ide::completion(&document(text, Release::NEWEST), offset as u32);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(debug_assertions) { 400 } else { 20_000 }, ..ProptestConfig::default() })]

    #[test]
    fn fixes_add_no_syntax_error_and_remove_their_finding((text, release) in mutant()) {
        let document = document(&text, release);
        let findings = diagnostics(&document);
        let sound = document.tree().problems().is_empty();
        for finding in &findings {
            for fix in fixes(&document, finding) {
                let next = document.edited(&fix.edits);
                prop_assert!(
                    !sound || next.tree().problems().is_empty(),
                    "{}\n{text}\n=>\n{}\n{:?}", fix.title, next.text().as_str(), next.tree().problems()
                );
                if sound && fix.applicability == Applicability::Safe {
                    let finding = unplaced(&document, finding);
                    prop_assert!(
                        count(&next, &finding) < count(&document, &finding),
                        "{}: {finding:?}\n{text}\n=>\n{}", fix.title, next.text().as_str()
                    );
                }
            }
        }
    }

    #[test]
    fn spans_are_within_the_text((text, release) in mutant()) {
        check_spans(&document(&text, release));
    }

    #[test]
    fn fixing_everything_never_makes_it_worse((text, release) in mutant()) {
        let document = document(&text, release);
        let (next, applied) = fixed(&document);
        // The findings within an unknown field appear only after it is renamed.
        let before = diagnostics(&document);
        let uncovers = before.iter().any(|it| it.rule == "unknown-field" && fixes(&document, it).first().is_some_and(is_safe));
        prop_assert!(uncovers || rejections(&diagnostics(&next)) <= rejections(&before));
        prop_assert_eq!(applied.is_empty(), next.text().as_str() == text);
        let (again, more) = fixed(&next);
        prop_assert_eq!((again.text().as_str(), more), (next.text().as_str(), vec![]));
    }

    #[test]
    fn an_edited_document_equals_a_fresh_one(
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
fn a_truncated_file_does_not_panic() {
    let mut texts = EXAMPLES.clone();
    let shared = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/dstack/corpus");
    let mut step = if cfg!(debug_assertions) { 7 } else { 1 };
    if shared.exists() && !cfg!(debug_assertions) {
        collect(&shared, &mut texts);
    } else if shared.exists() {
        collect(&shared, &mut texts);
        step = 211;
    } else {
        println!("skipped: the files of dstack are not at {}", shared.display());
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
fn bombs_and_loops_of_aliases_terminate() {
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
    // Wide rather than deep: thousands of items, each an alias of a mapping with thousands of keys.
    let keys: String = (0..5_000).map(|i| format!("  k{i}: v\n")).collect();
    let wide = |item: &str| format!("type: task\nx: &x\n{keys}volumes:\n{}", format!("  - {item}\n").repeat(5_000));
    let (aliased, merged) = (wide("*x"), wide("<<: *x"));
    for text in [bomb.as_str(), merges, &chain, &aliased, &merged] {
        assert!(rejections(&diagnostics(&document(text, Release::NEWEST))) > 0);
    }
}
