//! The JSON of `check` conforms to its schema: checked for each output of each test.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::Folder;
use crate::programs::output_of;

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/check.schema.json");
    serde_json::from_str(&fs::read_to_string(path).expect("the schema is there")).expect("the schema is JSON")
}

/// Checks an output, if it is a report in JSON.
pub(super) fn check_output(output: &str) {
    let Ok(report) = serde_json::from_str::<Value>(output) else { return };
    if report.get("files").is_some() && report.get("summary").is_some() {
        let schema = schema();
        let problems = problems(&schema, &schema, &report, "");
        assert!(problems.is_empty(), "{problems:?} in {output}");
    }
}

/// Where a value differs from a schema. Supports the keywords of the project's schema, and panics on others.
fn problems(root: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let mut problems = vec![];
    let mut check = |is_right: bool, what: &str| {
        if !is_right {
            problems.push(format!("{place}: {what}, found {value}"));
        }
    };
    let mut nested = vec![];
    for (keyword, expected) in schema.as_object().expect("a schema is an object") {
        match &**keyword {
            "$schema" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let path =
                    expected.as_str().and_then(|it| it.strip_prefix('#')).expect("a reference within the schema");
                let target = root.pointer(path).unwrap_or_else(|| panic!("there is no `{path}`"));
                nested.push((target, value, place.to_owned()));
            }
            "anyOf" => {
                let any =
                    expected.as_array().unwrap().iter().any(|it| self::problems(root, it, value, place).is_empty());
                check(any, "expected one of several schemas");
            }
            "const" => check(value == expected, &format!("expected {expected}")),
            "enum" => check(expected.as_array().unwrap().contains(value), &format!("expected one of {expected}")),
            "type" => {
                let types = expected.as_array().cloned().unwrap_or_else(|| vec![expected.clone()]);
                check(types.iter().any(|it| is_of_type(value, it.as_str().unwrap())), &format!("expected {expected}"));
            }
            "minimum" => check(value.as_i64() >= expected.as_i64(), &format!("expected at least {expected}")),
            "pattern" => {
                let pattern = regex::Regex::new(expected.as_str().unwrap()).unwrap();
                check(value.as_str().is_some_and(|it| pattern.is_match(it)), &format!("expected {expected}"));
            }
            "required" => {
                for key in expected.as_array().unwrap() {
                    check(value.get(key.as_str().unwrap()).is_some(), &format!("expected the key {key}"));
                }
            }
            "properties" => {
                for (key, expected) in expected.as_object().unwrap() {
                    nested.extend(value.get(key).map(|it| (expected, it, format!("{place}/{key}"))));
                }
            }
            "additionalProperties" => {
                assert_eq!(expected, false);
                for key in value.as_object().into_iter().flat_map(|it| it.keys()) {
                    check(schema["properties"].get(key).is_some(), &format!("unexpected key `{key}`"));
                }
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                nested.extend(items.map(|(i, it)| (expected, it, format!("{place}/{i}"))));
            }
            other => panic!("unknown keyword `{other}`"),
        }
    }
    problems.extend(nested.into_iter().flat_map(|(schema, value, place)| self::problems(root, schema, value, &place)));
    problems
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("unknown type `{other}`"),
    }
}

fn report(arguments: &[&str]) -> Value {
    let text = "type: task\nnam: a\nnam: a\ncommands: [a]\npython: 3.10\ntermination_idle_time: 1h\nvolumes: [a, a]\n";
    let folder = Folder::with(&[("a.dstack.yml", text)]);
    let arguments = [&["check", "--format", "json", "--exit-zero"], arguments].concat();
    let output = output_of(&mut folder.command(&arguments)).expect("the executable starts");
    serde_json::from_slice(&output.stdout).expect("the report is JSON")
}

#[test]
fn a_report_that_differs_from_the_schema_fails() {
    let schema = schema();
    let problems = |report: &Value| problems(&schema, &schema, report, "").len();
    for good in [report(&[]), report(&["--statistics"])] {
        assert_eq!(problems(&good), 0);
        for key in good.as_object().unwrap().keys() {
            let mut bad = good.clone();
            bad.as_object_mut().unwrap().remove(key);
            assert_ne!(problems(&bad), 0, "without {key}");
            bad[key] = json!([[0]]);
            assert_ne!(problems(&bad), 0, "with another {key}");
            let mut bad = good.clone();
            bad["more"] = json!(1);
            assert_ne!(problems(&bad), 0);
        }
    }
    for place in ["/files/0/parses", "/files/0/diagnostics/0/start/line", "/files/0/diagnostics/0/severity"] {
        let mut bad = report(&[]);
        *bad.pointer_mut(place).unwrap_or_else(|| panic!("{place} is there")) = json!("0");
        assert_ne!(problems(&bad), 0, "{place}");
    }
}

/// Each documented field is in some output, apart from the address of the documentation, which is not published yet.
#[test]
fn the_schema_names_no_field_that_is_never_written() {
    let schema = schema();
    let mut documented = vec![];
    collect_properties(&schema, &mut documented);
    let written = [report(&[]), report(&["--statistics"])].map(|it| it.to_string()).concat();
    let never: Vec<&String> = documented.iter().filter(|it| !written.contains(&format!("\"{it}\":"))).collect();
    assert_eq!(never, ["url"]);
}

fn collect_properties(schema: &Value, acc: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(properties) = schema["properties"].as_object() {
                acc.extend(properties.keys().cloned());
            }
            fields.values().for_each(|it| collect_properties(it, acc));
        }
        Value::Array(items) => items.iter().for_each(|it| collect_properties(it, acc)),
        _ => {}
    }
}

#[test]
fn related_places_and_tags_are_reported() {
    let report = report(&[]);
    let diagnostics = report["files"][0]["diagnostics"].as_array().expect("a list");
    let of =
        |rule: &str| diagnostics.iter().find(|it| it["rule"] == rule).unwrap_or_else(|| panic!("{rule}: {report}"));
    let duplicate = of("duplicate-key");
    let related = &duplicate["related"][0];
    assert_eq!((&duplicate["start"]["line"], &related["start"]["line"]), (&json!(2), &json!(3)), "{duplicate}");
    assert!(related["message"].is_string());
    assert!(diagnostics.iter().any(|it| it["tags"] != json!([])), "{report}");
}
