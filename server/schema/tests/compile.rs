//! The errors of the build script for an invalid catalogue.

use schema::{model, release};

#[path = "../build/compile.rs"]
mod compile;
#[path = "../build/notation.rs"]
mod notation;
#[path = "../build/raw.rs"]
mod raw;

/// The problems of a catalogue of one file, one in a line.
fn problems(yaml: &str) -> String {
    match compile::compile(&[("a.yaml".to_owned(), yaml.to_owned())]) {
        Ok(compiled) => format!("fine: {} named of {} types", compiled.names.len(), compiled.types.len()),
        Err(problems) => problems.join("\n"),
    }
}

#[test]
fn a_valid_catalogue_compiles() {
    let yaml = "
grammars: [cpu]
task:
  fields:
    name: string?
    cpu: {type: {0.18.0: integer, 0.19.8: cpu | bounds}, min: 1}
    +shared: {since: 0.18.1}
shared:
  group:
    tags: '{string: string}?'
bounds:
  fields: {min: integer?}
  shorthand: cpu
word:
  values: {one: The first, two: {since: 0.19.0}}
any-task:
  by: type
  variants: {task: task}
";
    assert_eq!(problems(yaml), "fine: 4 named of 14 types");
}

#[test]
fn errors_name_the_place() {
    let check = |field: &str| problems(&format!("task:\n  fields:\n    nodes: {field}\n    x: string\n"));
    assert_eq!(check("itneger"), "a.yaml: task.nodes: `itneger` is not a type");
    assert_eq!(check("'[integer'"), "a.yaml: task.nodes: expected `]` before ``");
    assert_eq!(check("integer integer"), "a.yaml: task.nodes: `integer integer`: unexpected `integer`");
    assert_eq!(check("{}"), "a.yaml: task.nodes: missing field `type`");
    assert_eq!(
        check("{type: integer, since: 0.19.14}"),
        "a.yaml: task.nodes: 0.19.14 is not a known release of dstack"
    );
    assert_eq!(
        check("{type: integer, since: 0.20.0, removed: 0.19.0}"),
        "a.yaml: task.nodes: `removed` is not after `since`"
    );
    assert_eq!(
        check("{type: {0.20.0: integer, 0.19.0: string}}"),
        "a.yaml: task.nodes: 0.19.0 follows a later release\na.yaml: task.nodes: is accepted before it has a type"
    );
    assert_eq!(check("{type: string, min: 1}"), "a.yaml: task.nodes: a limit does not fit the type");
    assert_eq!(check("{type: integer, min: 1, above: 0}"), "a.yaml: task.nodes: `min` and `above` cannot both hold");
    assert_eq!(
        check("{type: integer, deprecated: {since: 0.19.0, use: y}}"),
        "a.yaml: task.nodes: `use` names `y`, which is not a field"
    );
    assert_eq!(
        check("{type: integer, removed: 0.19.0, deprecated: {since: 0.20.0}}"),
        "a.yaml: task.nodes: deprecated since 0.20.0, where it is not accepted"
    );
    assert_eq!(
        check("{type: string, interpolates: [envs]}"),
        "a.yaml: task.nodes: `envs` is not a namespace of `${{ … }}`"
    );
    assert!(check("{type: integer, requird: true}").starts_with("a.yaml: task.nodes: unknown field `requird`"));
    assert!(check("{type: integer, required: 1}").starts_with("a.yaml: task.nodes: unexpected value"));
}

#[test]
fn checks_what_names_something_else() {
    let cases = [
        ("task: {fields: {+run: }}", "a.yaml: task.+run: unknown group"),
        (
            "task: {fields: {a: string}, constraints: [{exclusive: [a, b]}]}",
            "a.yaml: task: a constraint names `b`, which is not a field",
        ),
        (
            "task: {fields: {a: string}, constraints: [{since: 0.19.0}]}",
            "a.yaml: task.constraints: needs exactly one of `exclusive`, `any-of`, `requires`, `forbidden` and `custom`",
        ),
        (
            "word: {values: {a: {deprecated: {since: 0.19.0, use: b}}}}",
            "a.yaml: word.a: `use` names `b`, which is not a value",
        ),
        ("grammars: [cpu]\ncpu: {values: {a: }}", "a.yaml: cpu: duplicate name"),
        (
            "task: {docs: A task}",
            "a.yaml: task: needs exactly one of `fields`, `group`, `values`, `is`, or `by` with `variants`",
        ),
        ("word: {docs: A word, values: {a: }}", "a.yaml: word: `docs` does not belong to an entry of this kind"),
        ("task: {fields: {a: string}, min: 1}", "a.yaml: task: a limit does not belong to an entry of this kind"),
        (
            "number: {is: integer, any-case: true}",
            "a.yaml: number: `any-case` does not belong to an entry of this kind",
        ),
        ("one: {by: type, variants: {a: b}}", "a.yaml: one.a: `b` is not a type"),
        ("shared: {group: {a: string}}\ntask: {fields: {a: string, +shared: }}", "a.yaml: shared.a: duplicate field"),
    ];
    for (yaml, problem) in cases {
        assert_eq!(problems(yaml), problem);
    }
}

#[test]
fn synonyms_labels_and_renames_name_what_exists() {
    let check = |rest: &str| problems(&format!("task:\n{rest}"));
    assert_eq!(
        check("  fields: {nodes: {type: integer, also: [x]}, x: string}"),
        "a.yaml: task.nodes: `also` names `x`, which is a field itself"
    );
    assert_eq!(
        check("  label: [name]\n  fields: {x: string}"),
        "a.yaml: task: `label` names `name`, which is not a field"
    );
    assert_eq!(
        check("  fields: {x: {type: string, deprecated: {since: 0.19.0, renamed: true}}}"),
        "a.yaml: task.x: `renamed` needs `use`"
    );
    assert!(check("  fields: {x: {type: string, tells: all}}").starts_with("a.yaml: task.x: unknown variant `all`"));
}

#[test]
fn skeletons_name_what_exists() {
    let check = |kind: &str, body: &str| {
        let skeleton = format!("skeletons:\n  - {{kind: {kind}, label: a, detail: b, body: \"{body}\"}}\n");
        let types = "any-task: {by: type, variants: {task: task}}\ntask: {fields: {type: string, ide: ide}}\n";
        problems(&format!("{types}ide: {{values: {{vscode: Code}}}}\n{skeleton}"))
    };
    assert_eq!(check("any-task", "type: task\\nide: ${1|@ide|}"), "fine: 3 named of 4 types");
    assert_eq!(check("file", "type: task"), "skeletons.a: `file` is not a kind of document");
    assert_eq!(check("any-task", "type: job"), "skeletons.a: its first line must be a `type` of this kind of document");
    assert_eq!(check("any-task", "type: task\\nname: x"), "skeletons.a: `name` is not a field");
    assert_eq!(check("any-task", "type: task\\nide: ${1|@idea|}"), "skeletons.a: `idea` is not a list of values");
}
