//! Rules of the project that the compiler does not check, and documents that are generated from the code.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// Maximum number of lines of code in a file, without tests and comments.
const MAX_LINES: usize = 700;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All text files of the project, with their paths from the root; without those that `.gitignore` excludes.
fn texts() -> Vec<(String, String)> {
    let walk = ignore::WalkBuilder::new(root())
        .hidden(false)
        .require_git(false)
        .filter_entry(|it| it.file_name() != ".git")
        .sort_by_file_path(Path::cmp)
        .build();
    let text = |path: &Path| {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        Some((name, String::from_utf8(fs::read(path).unwrap()).ok()?))
    };
    let files = walk.map(Result::unwrap).filter(|it| it.path().is_file());
    files.filter_map(|it| text(it.path())).collect()
}

/// All Rust files of the project.
fn sources() -> Vec<(String, String)> {
    let sources: Vec<_> = texts().into_iter().filter(|(name, _)| name.ends_with(".rs")).collect();
    assert!(sources.len() > 50);
    sources
}

/// Whether a file is product code, not a test or a build script.
fn is_product(name: &str) -> bool {
    name.contains("/src/") && !name.ends_with("/tests.rs") && !name.contains("/tests/")
}

/// The lines of code of a file without its tests, numbered from 1.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = ["test", "all(test, unix)"].map(|it| text.find(&format!("#[cfg({it})]\nmod tests {{")));
    let product = &text[..end.into_iter().flatten().min().unwrap_or(text.len())];
    let lines = product.lines().enumerate().map(|(i, line)| (i + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with("//"))
}

fn report(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn every_file_begins_with_a_description() {
    let silent = sources().into_iter().filter(|(_, text)| !text.starts_with("//! "));
    report(&silent.map(|(name, _)| format!("{name} does not begin with `//!`")).collect::<Vec<_>>());
}

#[test]
fn no_file_is_too_long() {
    let lines = |(name, text): (String, String)| (code(&text).count() > MAX_LINES).then_some(name);
    let long = sources().into_iter().filter(|(name, _)| is_product(name)).filter_map(lines);
    report(&long.map(|name| format!("{name} has more than {MAX_LINES} lines of code")).collect::<Vec<_>>());
}

/// Without `--locked`, Cargo builds other versions of the dependencies than those that were tested.
#[test]
fn cargo_install_uses_the_tested_dependencies() {
    let mut broken = vec![];
    for (name, text) in texts() {
        for (i, line) in text.lines().enumerate() {
            // Split, so that this file does not match.
            let installs = line.contains(concat!("cargo install", " ")) && line.contains("server/dstack-lsp");
            if installs && !line.contains("--locked") {
                broken.push(format!("{name}:{}: `cargo install` without `--locked`", i + 1));
            }
        }
    }
    report(&broken);
}

#[test]
fn there_are_no_marks_of_unfinished_work() {
    let mut broken = vec![];
    for (name, text) in sources() {
        for (i, line) in text.lines().enumerate() {
            // Split, so that this file does not match.
            let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X "), concat!("HA", "CK")];
            if let Some(mark) = marks.iter().find(|it| line.contains(**it)) {
                broken.push(format!("{name}:{}: {mark}", i + 1));
            }
        }
    }
    report(&broken);
}

/// The registries of packages and the folders of users belong to the configuration of a machine: other machines have mirrors and
/// other home folders.
#[test]
fn no_machine_and_no_registry_is_named() {
    // In two parts, so that this file does not match.
    let hosts = [
        ("pypi", ".org"),
        ("python", "hosted"),
        ("crates", ".io"),
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("deb.debian", ".org"),
        ("debian", ".net"),
        ("archive.ubuntu", ".com"),
    ];
    let hosts = hosts.map(|(a, b)| format!("{a}{b}"));
    let folders = ["work", "farm", "root", "home", "Users"].map(|it| format!("/{it}/"));
    // Folders of tools in the home of the root user of a container, which appear in example configurations.
    let in_containers = ["/root/.cache", "/root/.ssh"];
    let mut broken = vec![];
    let mut met_in_containers = 0;
    for (name, text) in texts() {
        for (i, line) in text.lines().enumerate() {
            let mut say = |what: &str| broken.push(format!("{name}:{}: `{what}`", i + 1));
            // Cargo writes the registry there.
            if !name.ends_with("Cargo.lock") {
                hosts.iter().filter(|it| line.contains(&***it)).for_each(|it| say(it));
            }
            for (at, folder) in folders.iter().flat_map(|it| line.match_indices(&**it)) {
                let is_beginning = !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-~}*".contains(c));
                let is_in_container = in_containers.iter().any(|it| line[at..].starts_with(it));
                met_in_containers += usize::from(is_in_container);
                if is_beginning && !is_in_container {
                    say(folder);
                }
            }
        }
    }
    report(&broken);
    assert!(met_in_containers > 0, "the exception for containers is not needed");
}

/// What product code must not use is listed in the `clippy.toml` of each crate, or of the folder above it; clippy says nothing
/// if a crate does not deny the lints.
#[test]
fn every_crate_denies_what_is_disallowed() {
    let denied = "#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]";
    for name in ["yaml/src/lib.rs", "schema/src/lib.rs", "ide/src/lib.rs", "dstack-lsp/src/main.rs"] {
        let text = fs::read_to_string(root().join("server").join(name)).unwrap();
        assert!(text.contains(denied), "{name} does not contain `{denied}`");
    }
    for name in ["clippy.toml", "dstack-lsp/clippy.toml"] {
        let text = fs::read_to_string(root().join("server").join(name)).unwrap();
        for key in ["disallowed-macros", "disallowed-methods", "disallowed-types"] {
            assert!(text.contains(&format!("\n{key} = [\n    {{ path = \"std::")), "{name} has no `{key}`");
        }
    }
}

#[test]
fn crates_depend_on_each_other_in_one_direction() {
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
fn every_rule_has_a_file_with_its_name() {
    let folder = root().join("server/ide/src/rules");
    for rule in ide::rules::all() {
        let file = folder.join(rule.stage.name()).join(format!("{}.rs", rule.name().replace('-', "_")));
        assert!(file.exists(), "{} does not exist", file.display());
    }
}

#[test]
fn the_list_of_rules_is_up_to_date() {
    let mut text = "# Rules\n\nGenerated: `UPDATE=1 cargo test --test tests tidy`. To read this in a terminal, run \
        `dstack-lsp explain RULE`.\n\n\
        `parse` rules report what dstack's parser rejects. `apply` rules report what the CLI or the server rejects later.\n\
        `advice` rules report what is accepted but outdated, ineffective, or probably unintended.\n\n\
        | rule | what it reports | stage | severity | fix | since |\n| --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for rule in ide::rules::all() {
        let ide::Rule { summary, since, .. } = rule;
        let (stage, severity, fixes) = (rule.stage.name(), rule.severity.name(), rule.fixes.name());
        writeln!(text, "| [`{0}`](#{0}) | {summary} | {stage} | {severity} | {fixes} | {since} |", rule.name())
            .unwrap();
    }
    writeln!(text, "\nSee also [What `--fix` changes](#what---fix-changes).").unwrap();
    for rule in ide::rules::all() {
        write!(text, "\n## {}\n\n{}\n", rule.name(), rule.explained()).unwrap();
    }
    write!(text, "\n## What `--fix` changes\n\n{}\n", ide::fixing()).unwrap();
    let path = root().join("server/docs/rules.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "server/docs/rules.md is out of date; run `UPDATE=1 cargo test --test tests tidy`");
}
