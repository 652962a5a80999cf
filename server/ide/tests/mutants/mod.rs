//! The example files, unchanged and with one to three random changes.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use proptest::prelude::*;
use schema::Release;

/// The example files.
pub(crate) static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut acc = vec![include_str!("../seed.yml").to_string()];
    collect(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus"), &mut acc);
    assert!(acc.len() > 30);
    acc
});

/// Adds the texts of all files below a folder.
pub(crate) fn collect(folder: &Path, acc: &mut Vec<String>) {
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

/// Replacements for values, which are also inserted as separate lines.
pub(crate) const VALUES: &[&str] = &[
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

/// Lines that cause findings with fixes.
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
    "commands: [b, c] # other",
    "commands:\n  - b\n# c",
    "env:\n  # why\n  - A=1\nB\n  - C=2",
    "name: other",
    "name: my-name",
    "names: a",
    "ports: [2222:22, 8080/udp, 80:]",
    "env: [VAR:2=value, A = 1, MY-VAR=1, \"C: 2\"]",
    "env: {A: true, B: 2024-01-01}",
    "max_duration: -10",
    "max_duration: 1h30m",
    "resources: {vram: 24GB, cpu: 8cores, memory: 16-32GB}",
    "resources:\n  # big\n  gpu: A100:80GB:x # so\nresources: {gpu: 8xH100}",
    "volumes: [a:/b:ro, c:/d:rw]",
    "timeout: 5m",
    "private_key: x",
    "<<<<<<< HEAD\nname: a\n=======\nname: b\n>>>>>>> branch",
    "ide: vsc",
    "type: dev",
    "networking: {ssh_host: h, ssh_port: 22}",
    "creds: {type: defualt}",
    "type: kuberentes",
    "spot_policy: on_demand",
];

/// A change of one line.
#[derive(Clone, Debug)]
enum Mutation {
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

fn change() -> impl Strategy<Value = (usize, Mutation)> {
    let change = prop_oneof![
        Just(Mutation::Drop),
        Just(Mutation::Double),
        Just(Mutation::Indent),
        Just(Mutation::Dedent),
        any::<usize>().prop_map(Mutation::Misspell),
        prop::sample::select(VALUES).prop_map(Mutation::Value),
        prop::sample::select(LINES).prop_map(Mutation::Line),
        prop::sample::select(LINES).prop_map(Mutation::Line),
        any::<usize>().prop_map(Mutation::Borrow),
        Just(Mutation::Unquote),
        any::<usize>().prop_map(Mutation::CutShort),
    ];
    (any::<usize>(), change)
}

fn apply(text: &str, changes: &[(usize, Mutation)]) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_string).collect();
    for (at, change) in changes {
        let at = at % lines.len();
        let indent: String = lines[at].chars().take_while(|it| *it == ' ').collect();
        match change {
            Mutation::Drop if lines.len() > 1 => {
                lines.remove(at);
            }
            Mutation::Drop => {}
            Mutation::Double => lines.insert(at, lines[at].clone()),
            Mutation::Indent => lines[at].insert_str(0, "  "),
            Mutation::Dedent => lines[at] = lines[at].strip_prefix("  ").unwrap_or(&lines[at]).to_string(),
            Mutation::Misspell(i) => {
                let mut chars: Vec<char> = lines[at].chars().collect();
                if chars.len() > 1 {
                    let i = i % (chars.len() - 1);
                    chars.swap(i, i + 1);
                }
                lines[at] = chars.into_iter().collect();
            }
            Mutation::Value(value) => {
                if let Some((key, _)) = lines[at].clone().split_once(": ") {
                    lines[at] = format!("{key}: {value}");
                } else if let Some((dash, _)) = lines[at].clone().split_once("- ") {
                    lines[at] = format!("{dash}- {value}");
                }
            }
            Mutation::Line(line) => {
                let line = line.replace('\n', &format!("\n{indent}"));
                lines.insert(at, format!("{indent}{line}"));
            }
            Mutation::Borrow(other) => {
                let other = &EXAMPLES[other % EXAMPLES.len()];
                let count = other.split('\n').count();
                lines.insert(at, other.split('\n').nth(other.len() % count).unwrap_or("").to_string());
            }
            Mutation::Unquote => lines[at] = lines[at].replace(['"', '\''], ""),
            Mutation::CutShort(i) => {
                let length = lines[at].chars().count();
                if length > 0 {
                    lines[at] = lines[at].chars().take(i % length).collect();
                }
            }
        }
    }
    lines.join("\n")
}

/// An example with some changes, and a release to check it against.
pub(crate) fn mutant() -> impl Strategy<Value = (String, Release)> {
    mutant_of(&EXAMPLES)
}

/// One of the texts with some changes, and a release to check it against.
pub(crate) fn mutant_of(texts: &[String]) -> impl Strategy<Value = (String, Release)> {
    let example = (0..texts.len(), prop::collection::vec(change(), 1..4), any::<bool>());
    let text = example.prop_map(|(i, changes, crlf)| {
        let text = apply(&texts[i], &changes);
        if crlf { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
    });
    (text, prop::sample::select(&RELEASES[..]))
}
