//! Tests that PyYAML reads back the strings that `yaml::write` writes. Needs `DSTACK_LSP_PYTHON`, a Python with PyYAML 6.

mod common;

use std::{
    io::Write,
    process::{Command, Stdio},
};

use yaml::{
    Style,
    write::{Context, scalar_in_style},
};

const COUNT: usize = 5_000;

/// Characters that are syntax in YAML, and words that are not strings without quotes.
const PARTS: &[&str] = &[
    "a",
    "b1",
    " ",
    "  ",
    ":",
    ": ",
    "#",
    " #",
    "-",
    "- ",
    "?",
    ",",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "\\",
    "!",
    "&",
    "*",
    "|",
    ">",
    "%",
    "@",
    "`",
    "=",
    "<<",
    "~",
    "---",
    "...",
    "\n",
    "\r",
    "\t",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{7}",
    "é",
    "😀",
    "0",
    "1.5",
    "1:30",
    "off",
    "null",
    "5m",
    "24GB",
    "2024-01-01",
    "\u{7f}",
    "ghcr.io/x:1",
    "${{ env.A }}",
];

#[test]
fn pyyaml_reads_it_back() {
    let Some(python) = common::python() else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/differential/quoting.py");
    let mut seed = 11u64;
    let mut below = |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % n
    };
    let mut input = String::new();
    for _ in 0..COUNT {
        let value: String = (0..below(6)).map(|_| PARTS[below(PARTS.len())]).collect();
        let style = [Style::Plain, Style::SingleQuoted, Style::DoubleQuoted][below(3)];
        let block = scalar_in_style(&value, Context::Block, style);
        let flow = scalar_in_style(&value, Context::Flow, style);
        let texts = [
            format!("- {block} # c\n"),
            format!("{block}: {block}\n"),
            format!("- - {block}\n  - {block}: {block}"),
            format!("[{flow}, {{{flow}: {flow}}}, {flow}]"),
        ];
        input += &serde_json::json!({ "value": value, "texts": texts }).to_string();
        input.push('\n');
    }
    let mut child =
        Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("runs");
    let mut stdin = child.stdin.take().expect("its input is piped");
    // ends: with the child, which reads its input.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    // ends: the script answers a fixed number of questions.
    let output = child.wait_with_output().expect("python ends");
    // ends: with the child, which reads its input.
    writer.join().expect("no panic").expect("all of it is read");
    let output = String::from_utf8(output.stdout).expect("UTF-8");
    let (asked, wrong): (Vec<&str>, Vec<&str>) = output.lines().partition(|it| it.parse::<usize>().is_ok());
    assert!(
        wrong.is_empty(),
        "{} are read as something else:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    assert_eq!(asked, [(COUNT * 4).to_string()]);
}
