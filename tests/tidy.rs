//! Rules of the house that no compiler keeps, and documents that are made from the code.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// Lines of code that a file may have, its tests and comments aside.
const MAX_LINES: usize = 700;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All Rust files of the project with their text, by their path from the top.
fn sources() -> Vec<(String, String)> {
    let mut acc = vec![];
    let mut folders = vec![root().join("server"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                if entry.file_name() != "target" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|it| it == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                acc.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    acc.sort();
    assert!(acc.len() > 50);
    acc
}

/// Whether a file is part of what runs, not a test or a build script.
fn is_product(name: &str) -> bool {
    name.contains("/src/") && !name.ends_with("/tests.rs") && !name.contains("/tests/")
}

/// The lines of code of a file without its tests, numbered from 1.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
    let lines = product.lines().enumerate().map(|(i, line)| (i + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with("//"))
}

fn report(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent = sources().into_iter().filter(|(_, text)| !text.starts_with("//! "));
    report(&silent.map(|(name, _)| format!("{name} does not begin with `//!`")).collect::<Vec<_>>());
}

#[test]
fn no_file_is_too_long() {
    let lines = |(name, text): (String, String)| (code(&text).count() > MAX_LINES).then_some(name);
    let long = sources().into_iter().filter(|(name, _)| is_product(name)).filter_map(lines);
    report(&long.map(|name| format!("{name} has more than {MAX_LINES} lines of code")).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_for_later() {
    let mut broken = vec![];
    for (name, text) in sources() {
        for (i, line) in text.lines().enumerate() {
            // Written apart, so that this file does not find itself.
            let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X "), concat!("HA", "CK")];
            if let Some(mark) = marks.iter().find(|it| line.contains(**it)) {
                broken.push(format!("{name}:{}: {mark}", i + 1));
            }
        }
    }
    report(&broken);
}

#[test]
fn the_core_knows_no_world() {
    let world = [
        "std::fs",
        "std::io",
        "std::env",
        "std::net",
        "std::process",
        "std::time",
        "std::thread",
        "println!",
        "eprintln!",
        "print!(",
        "tokio",
        "tower_lsp",
        "async fn",
    ];
    let mut broken = vec![];
    for (name, text) in sources() {
        let is_core = ["yaml", "schema", "ide"].iter().any(|it| name.starts_with(&format!("server/{it}/src/")));
        if is_core && is_product(&name) {
            for (line, code) in code(&text) {
                let met = world.iter().filter(|it| code.contains(**it));
                broken.extend(met.map(|it| format!("{name}:{line}: the core must not use `{it}`")));
            }
        }
    }
    report(&broken);
}

#[test]
fn the_arrows_between_the_crates_go_one_way() {
    let may_use: [(&str, &[&str]); 4] =
        [("yaml", &[]), ("schema", &[]), ("ide", &["yaml", "schema"]), ("dstack-lsp", &["yaml", "schema", "ide"])];
    for (name, may) in may_use {
        let manifest = fs::read_to_string(root().join(format!("server/{name}/Cargo.toml"))).unwrap();
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
        for other in ["yaml", "schema", "ide", "dstack-lsp", "tokio", "tower-lsp", "clap"] {
            let is_ours = may_use.iter().any(|(name, _)| *name == other);
            let uses = dependencies
                .lines()
                .any(|it| it.starts_with(&format!("{other}.")) || it.starts_with(&format!("{other} ")));
            let allowed = if is_ours { may.contains(&other) } else { name == "dstack-lsp" };
            assert!(!uses || allowed, "{name} must not depend on {other}");
        }
    }
}

#[test]
fn every_rule_is_one_file_of_its_name() {
    let folder = root().join("server/ide/src/rules");
    for rule in ide::rules::all() {
        let file = folder.join(format!("{}.rs", rule.name.replace('-', "_")));
        assert!(file.exists(), "{} is not there", file.display());
    }
}

#[test]
fn the_list_of_rules_is_fresh() {
    let mut text = "# Rules\n\nMade from the code: `UPDATE=1 cargo test --test tests tidy`. `dstack-lsp explain RULE` shows the same.\n\n".to_owned();
    for rule in ide::rules::all() {
        writeln!(text, "* [`{0}`](#{0})", rule.name).unwrap();
    }
    for rule in ide::rules::all() {
        // `bad` is for the test that executes the blocks; a reader sees it from the words.
        let docs = rule.docs.trim().replace("```yaml bad", "```yaml\n# found by this rule");
        write!(text, "\n## {}\n\n{docs}\n", rule.name).unwrap();
    }
    let path = root().join("server/docs/rules.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "server/docs/rules.md is stale; run `UPDATE=1 cargo test --test tests tidy`");
}
