//! The example files of `tests/corpus`: their findings, and that no prefix of them causes a panic.
//!
//! `expected.txt` beside them contains the findings; `UPDATE=1 cargo test` writes it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ide::{Diagnostic, Document, Stage};
use schema::{DocumentKind, Release};
use yaml::{Encoding, Text};

const NEWEST: Release = Release::NEWEST;
/// The release that the project's starting page was about.
const STARTING_PAGE: Release = Release::new(0, 18, 43);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus")
}

/// `valid/train.dstack.yml` and its text, for each file.
fn files() -> Vec<(String, String)> {
    let mut acc = vec![];
    for group in ["broken", "outdated", "suspect", "valid"] {
        below(&folder().join(group), group, &mut acc);
    }
    acc.sort();
    assert!(acc.len() > 40);
    acc
}

fn below(folder: &Path, name: &str, acc: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("the folder is there").map(|it| it.expect("it can be read")) {
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true => below(&entry.path(), &name, acc),
            false => acc.push((name, fs::read_to_string(entry.path()).expect("it is UTF-8"))),
        }
    }
}

/// The document of a file, of the kind that its name says, or else a configuration.
fn document(name: &str, text: &str, release: Release) -> Document {
    let kind = DocumentKind::of_path(name).unwrap_or(DocumentKind::Configuration);
    Document::new(Text::new(text), kind, release)
}

fn findings(name: &str, text: &str, release: Release) -> Vec<Diagnostic> {
    ide::diagnostics(&document(name, text, release))
}

#[test]
fn each_example_has_the_expected_findings() {
    let mut found =
        "# The findings in the files of this folder at two releases; `UPDATE=1 cargo test` writes this file.\n"
            .to_owned();
    for (name, text) in files() {
        for release in [NEWEST, STARTING_PAGE] {
            let document = document(&name, &text, release);
            for it in ide::diagnostics(&document) {
                let at = document.text().position(it.span.start, Encoding::Utf32);
                let stage = if it.stage == Stage::Parse { "parse" } else { "later" };
                let place = format!("{name}:{}:{}", at.line + 1, at.column + 1);
                let path = ide::path(&document, &it);
                found += &format!("{place} [{release}] {} ({stage}) {path}: {}\n", it.rule, it.message);
            }
        }
    }
    let path = folder().join("expected.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &found).expect("it can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected, "`UPDATE=1 cargo test` if it is meant");
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "`UPDATE=1 cargo test` if it is meant");
}

#[test]
fn each_folder_contains_what_its_name_says() {
    let parses =
        |name: &str, text: &str, release| findings(name, text, release).iter().all(|it| it.stage != Stage::Parse);
    for (name, text) in files() {
        match name.split_once('/').map(|it| it.0) {
            Some("valid") => assert_eq!(findings(&name, &text, NEWEST), [], "{name}"),
            Some("broken") => assert!(!parses(&name, &text, NEWEST), "{name}"),
            Some("suspect") => {
                assert!(parses(&name, &text, NEWEST) && !findings(&name, &text, NEWEST).is_empty(), "{name}")
            }
            _ => assert!(!findings(&name, &text, NEWEST).is_empty(), "{name}"),
        }
    }
}

#[test]
fn the_starting_page_at_both_ends_of_history() {
    let (_, text) = files().into_iter().find(|it| it.0 == "outdated/starting-page.dstack.yml").expect("it is there");
    let summary = |text: &str, release| -> Vec<String> {
        let document = document("", text, release);
        let line = |it: &Diagnostic| format!("{:?} {} {}", it.stage, it.rule, ide::path(&document, it));
        ide::diagnostics(&document).iter().map(line).collect()
    };
    let newest = ["Parse removed-field termination_policy", "Parse removed-field termination_idle_time"];
    assert_eq!(summary(&text, NEWEST), newest);
    let then = ["Advice deprecated-field termination_policy", "Advice deprecated-field termination_idle_time"];
    assert_eq!(summary(&text, STARTING_PAGE), then);

    let (fixed, titles) = ide::fixed(&document("", &text, NEWEST));
    let kept = text.lines().filter(|it| !it.starts_with("termination_")).collect::<Vec<_>>();
    assert_eq!((fixed.text().as_str().lines().collect::<Vec<_>>(), titles.len()), (kept, 1));
    assert_eq!(ide::diagnostics(&fixed), []);
}

/// Checks prefixes of a file, which editors show while a file is typed; their lengths differ by `step` bytes.
fn cut_off_everywhere(name: &str, text: &str, step: usize) {
    let ends = (0..text.len()).step_by(step).filter(|it| text.is_char_boundary(*it));
    for end in ends {
        let cut = document(name, &text[..end], NEWEST);
        for it in ide::diagnostics(&cut) {
            assert!(it.span.start <= it.span.end && it.span.end <= end as u32, "{name} cut at {end}: {it:?}");
        }
    }
}

#[test]
fn example_files_may_end_anywhere() {
    for (name, text) in files() {
        cut_off_everywhere(&name, &text, 3);
    }
}

/// Set `DSTACK_LSP_CUTS=1` for every byte of every real file; without it some of them.
#[test]
fn real_files_may_end_anywhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/dstack/corpus");
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: real_files_may_end_anywhere (../shared is not here)");
        return;
    };
    let step = std::env::var("DSTACK_LSP_CUTS").ok().and_then(|it| it.parse().ok()).unwrap_or(97);
    let paths = entries.map(|it| it.expect("it can be read").path()).collect::<Vec<_>>();
    let half = paths.len().div_ceil(2);
    std::thread::scope(|scope| {
        for part in paths.chunks(half.max(1)) {
            scope.spawn(move || {
                for path in part {
                    let text = String::from_utf8_lossy(&fs::read(path).expect("it can be read")).into_owned();
                    cut_off_everywhere(&path.to_string_lossy(), &text, step);
                }
            });
        }
    });
}
