//! Says what the grammars make of scalars: one JSON object a line on standard input,
//! `{"release": "0.22.5", "grammar": "gpu", "value": "A100:8"}`, and one answer a line on standard output. What JSON
//! cannot say is written `{"float": "nan"}`, `{"int": "99999999999999999999"}` or `{"other": true}`.
//!
//! `plain:string`, `plain:integer`, `plain:float` and `plain:boolean` are the types without a grammar, without limits.

use std::io::{BufRead, Write};

use schema::{
    Limits, Release, Value,
    grammar::{self, Parsed, plain},
};

fn main() {
    let stdout = std::io::stdout();
    let mut stdout = stdout.lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("standard input is UTF-8");
        let question: serde_json::Value = serde_json::from_str(&line).expect("a line is JSON");
        let release: Release = question["release"].as_str().expect("a release").parse().expect("a release");
        let name = question["grammar"].as_str().expect("a grammar");
        let value = value(&question["value"]);
        let parsed = answer(name, value, release);
        let problems: Vec<_> = parsed
            .problems
            .iter()
            .map(|it| serde_json::json!({"range": [it.range.start, it.range.end], "message": it.message, "suggestion": it.suggestion}))
            .collect();
        let parts: Vec<_> = parsed
            .parts
            .iter()
            .map(|it| serde_json::json!({"range": [it.range.start, it.range.end], "role": format!("{:?}", it.role), "meaning": it.meaning}))
            .collect();
        let answer = serde_json::json!({"ok": parsed.is_ok(), "problems": problems, "parts": parts});
        writeln!(stdout, "{answer}").expect("standard output can be written");
    }
}

fn answer(name: &str, value: Value<'_>, release: Release) -> Parsed {
    let limits = Limits::default();
    let problem = match name {
        "plain:string" => plain::string(value, &limits, release),
        "plain:integer" => plain::integer(value, &limits, release),
        "plain:float" => plain::float(value, &limits, release),
        "plain:boolean" => plain::boolean(value),
        _ => return grammar::named(name).expect("a known grammar").parse(value, release),
    };
    Parsed { parts: Vec::new(), problems: problem.into_iter().collect() }
}

fn value(json: &serde_json::Value) -> Value<'_> {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) if number.is_f64() => Value::Float(number.as_f64().expect("a float")),
        serde_json::Value::Number(number) => Value::Int(number.as_i64().expect("an integer").into()),
        serde_json::Value::String(text) => Value::Str(text),
        serde_json::Value::Object(map) => match (map.get("float"), map.get("int")) {
            (Some(float), _) => Value::Float(float.as_str().expect("a text").parse().expect("a float")),
            (_, Some(int)) => Value::Int(int.as_str().expect("a text").parse().expect("an integer")),
            _ => Value::Other,
        },
        serde_json::Value::Array(_) => Value::Other,
    }
}
