//! The documentation and the JSON Schema of the configuration, made from its keys.

use ide::Level;
use serde_json::{Map, Value, json};

use super::{
    Config, FILE,
    key::{Key, OVERRIDE, Shape, TOP},
};
use crate::generated::fresh;

const INTRODUCTION: &str = "\
# Configuration

Generated: `UPDATE=1 cargo test -p dstack-lsp --bins`.

Configure a project in `dstack-lsp.toml`, or in the `[tool.dstack-lsp]` table of `pyproject.toml`. Editors and `dstack-lsp check`
search upward from the folder of a file to the root of the workspace or of the Git checkout, and use the first file found. If a
folder has both, `dstack-lsp.toml` takes precedence. Use `check --config FILE` to read another file, whose patterns are then
relative to the current folder, or `check --no-config` to read none.

```toml
# dstack-lsp.toml
release = \"0.20.1\"
exclude = [\"vendor/\"]

[rules]
deprecated-field = \"off\"

[[overrides]]
paths = [\"legacy/\"]
release = \"0.18.43\"
```

An unknown key, rule or level is an error: `check` reports it with its line number and exits with status 2, and an editor shows
it in the file. The other entries still apply. [`dstack-lsp.schema.json`](dstack-lsp.schema.json) is a JSON Schema for editors.

## Precedence

The release that a file is checked against is determined by the first of these that applies:

1. a comment at the top of the file: `# dstack-lsp: release=0.19.40`
2. `--release` on the command line, or the editor setting `dstack.release`
3. `release` in the configuration
4. the release that the project pins or has installed: see [Releases](../../README.md#releases)
5. the newest known release

The level of a rule is determined by the first of these that applies:

1. a comment on the line or above it: `# dstack-lsp: ignore[deprecated-field]`
2. `--rule deprecated-field=off` on the command line
3. the editor setting `dstack.rules`
4. `rules` in the configuration, with matching overrides taking precedence
5. the default of the [rule](rules.md)
";

#[test]
fn the_page_about_the_configuration_is_fresh() {
    let mut text = INTRODUCTION.to_owned();
    for (title, keys) in [("Keys", TOP), ("Keys of an override", OVERRIDE)] {
        text += &format!("\n## {title}\n");
        for key in keys {
            text += &format!("\n### `{}`\n\n{}\n\n```toml\n{}\n```\n", key.name, key.docs, key.example);
        }
    }
    fresh("server/docs/configuration.md", |_| text);
}

#[test]
fn the_schema_of_the_configuration_is_fresh() {
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": FILE,
        "description": "The configuration of dstack-lsp in a project.",
    });
    let Value::Object(table) = table(TOP, &[]) else { panic!("a table is an object") };
    schema.as_object_mut().unwrap().extend(table);
    fresh("server/docs/dstack-lsp.schema.json", |_| format!("{schema:#}\n"));
}

fn table(keys: &[Key], required: &[&str]) -> Value {
    let property = |it: &Key| {
        let mut schema = shape(it.shape);
        schema["description"] = it.docs.into();
        (it.name.to_owned(), schema)
    };
    let properties: Map<String, Value> = keys.iter().map(property).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn shape(shape: Shape) -> Value {
    match shape {
        Shape::Release => json!({"type": "string", "pattern": "^(auto|[vV]?[0-9]+[.][0-9]+[.][0-9]+.*)$"}),
        Shape::Patterns => json!({"type": "array", "items": {"type": "string"}}),
        Shape::Overrides => json!({"type": "array", "items": table(OVERRIDE, &["paths"])}),
        Shape::Rules => {
            let levels: Vec<&str> = Level::all().map(Level::name).collect();
            let rule = |it: &ide::Rule| {
                (
                    it.name().to_owned(),
                    json!({"enum": levels, "default": it.severity.name(), "description": it.summary}),
                )
            };
            let rules: Map<String, Value> = ide::rules::all().iter().map(rule).collect();
            json!({"type": "object", "properties": rules, "additionalProperties": false})
        }
    }
}

#[test]
fn every_example_is_valid() {
    for key in TOP {
        assert_eq!(Config::parse(key.example).problems, [], "{}", key.name);
    }
    for key in OVERRIDE {
        let paths = if key.name == "paths" { "" } else { "paths = [\"a\"]\n" };
        assert_eq!(Config::parse(&format!("[[overrides]]\n{paths}{}", key.example)).problems, [], "{}", key.name);
    }
    let (_, example) = INTRODUCTION.split_once("```toml\n").unwrap();
    assert_eq!(Config::parse(example.split_once("```").unwrap().0).problems, []);
}
