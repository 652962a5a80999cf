//! Compares verdicts with PyYAML's, on mutants that `tests/differential/yaml_verdicts.py` makes and judges.
//!
//! Needs a Python with PyYAML in `DSTACK_LSP_PYTHON`; skipped without it. `DSTACK_LSP_FUZZ=20` tests more mutants,
//! `DSTACK_LSP_SEED=2` others.

mod common;

use std::process::Command;

use yaml::Grain;

#[test]
fn agrees_with_pyyaml() {
    compare(&[]);
}

#[test]
fn agrees_with_pyyaml_on_mutants_of_real_files() {
    match common::corpus_files() {
        files if files.is_empty() => println!("skipped: no ../shared beside the checkout"),
        files => compare(&files),
    }
}

fn compare(files: &[std::path::PathBuf]) {
    let Some(python) = common::python() else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/differential/yaml_verdicts.py");
    let seed = std::env::var("DSTACK_LSP_SEED").unwrap_or_else(|_| "1".into());
    let count = (3000 * common::effort()).to_string();
    // ends: the script answers a fixed number of questions.
    let output = Command::new(python).args([script, &seed, &count]).args(files).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let mut different = vec![];
    let (mut asked, mut accepted) = (0, 0);
    for line in lines.lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        let text = case["text"].as_str().expect("a text");
        let tree = common::tree(text, Grain::DEFAULT);
        asked += 1;
        accepted += usize::from(case["accepted"] == true);
        if tree.problems().is_empty() != (case["accepted"] == true) && known(text).is_none() {
            let ours = tree.problems().first().map(|it| it.message.clone());
            different.push((text.to_string(), format!("PyYAML: {}\nwe: {ours:?}", case["error"])));
        }
    }
    different.sort_by_key(|it| it.0.len());
    println!("{asked} texts, {accepted} of them accepted, {} verdicts differ", different.len());
    for (text, verdicts) in different.iter().take(40) {
        println!("{text:?}\n{verdicts}\n");
    }
    assert!(different.is_empty(), "{} of {asked} verdicts differ", different.len());
}

/// Returns the reason for a known difference: PyYAML accepts more than the strict parser, in texts that do not occur in
/// practice.
fn known(text: &str) -> Option<&'static str> {
    let bare = |at: usize| {
        let (before, after) = (text[..at].trim_end(), text[at + 1..].trim_start());
        after.starts_with([',', ']', '}']) || before.ends_with(['[', '{', ',']) && !text[at + 1..].starts_with(' ')
    };
    if text.match_indices('?').any(|it| bare(it.0)) {
        return Some("an explicit key without a key, within brackets");
    }
    None
}
