//! Compares the resolver with PyYAML on 200,000 generated scalars. Needs `DSTACK_LSP_PYTHON`, a Python with PyYAML 6.

mod common;

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use yaml::{Scalar, Style, resolve};

const COUNT: usize = 200_000;

#[derive(serde::Deserialize)]
struct Asked {
    text: String,
    tag: Option<String>,
    quoted: bool,
    r#type: String,
    value: String,
}

#[test]
fn equals_pyyaml() {
    let Some(python) = common::python() else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/differential/scalars.py");
    let mut child =
        Command::new(python).args([script, &COUNT.to_string()]).stdout(Stdio::piped()).spawn().expect("python runs");
    let answers = BufReader::new(child.stdout.take().expect("its output is piped"));
    let mut asked = 0;
    let mut wrong = vec![];
    for line in answers.lines() {
        let line = line.expect("UTF-8");
        let it: Asked = serde_json::from_str(&line).expect("JSON");
        asked += 1;
        let style = if it.quoted { Style::DoubleQuoted } else { Style::Plain };
        let ours = resolve::scalar(&it.text, style, it.tag.as_deref());
        if !equal(&ours, &it) {
            wrong.push(format!("{line}\n  ours: {ours:?}"));
        }
    }
    // ends: the script answers a fixed number of questions.
    assert!(child.wait().expect("python ends").success(), "the script failed");
    assert_eq!(asked, COUNT);
    assert!(wrong.is_empty(), "{} of {asked} differ:\n{}", wrong.len(), wrong[..wrong.len().min(30)].join("\n"));
    println!("{asked} scalars as PyYAML has them");
}

fn equal(ours: &Scalar<'_>, asked: &Asked) -> bool {
    let value = asked.value.as_str();
    match ours {
        Scalar::Null => asked.r#type == "null",
        Scalar::Bool(it) => asked.r#type == "bool" && it.to_string() == value,
        Scalar::Int(it) => asked.r#type == "int" && it.to_string() == value,
        Scalar::Float(it) => {
            let theirs: f64 = value.parse().unwrap_or(0.0);
            asked.r#type == "float" && (it.is_nan() && theirs.is_nan() || it.to_bits() == theirs.to_bits())
        }
        Scalar::Str(it) => asked.r#type == "str" && *it == value,
        Scalar::Timestamp => asked.r#type == "timestamp",
        Scalar::Binary => asked.r#type == "binary",
        Scalar::Merge => false,
        Scalar::Invalid => asked.r#type == "error",
    }
}
