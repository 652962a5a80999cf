//! Presets and endpoints: their findings, and the command that reads them in each release.

use ide::{Diagnostic, Document, completion, diagnostics, fixed, fixes, hover, path, symbols};
use schema::{DocumentKind, Release, catalogue};
use yaml::Text;

const HEAD: &str = "type: preset\nbase: a/b\n";
const ENDPOINT: Release = Release::new(0, 20, 28);
const FIRST: Release = Release::new(0, 20, 29);
const SECOND: Release = Release::new(0, 21, 0);

fn document(text: &str, release: Release) -> Document {
    Document::new(Text::new(text), DocumentKind::Configuration, release)
}

/// The text after the first fix of the last finding.
fn first_fix(text: &str, release: Release) -> String {
    let document = document(text, release);
    let finding = diagnostics(&document).pop().unwrap();
    fixes(&document, &finding)[0].edits.apply(text)
}

/// The findings, each as `rule at path: message`.
fn findings(text: &str, release: Release) -> Vec<String> {
    let document = document(text, release);
    let line = |it: &Diagnostic| format!("{} at {}: {}", it.rule, path(&document, it), it.message);
    diagnostics(&document).iter().map(line).collect()
}

/// Checks the findings below the head of a preset, except the one on its type.
#[track_caller]
fn check_at(release: Release, text: &str, expected: &[&str]) {
    let mut found = findings(&format!("{HEAD}{text}"), release);
    found.retain(|it| !it.starts_with("invalid-value at type:"));
    assert_eq!(found, expected, "{text}");
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    check_at(Release::NEWEST, text, expected);
}

/// The labels that are offered at `$0`.
fn labels(text: &str, release: Release) -> String {
    let offset = text.find("$0").unwrap();
    let items = completion(&document(&text.replace("$0", ""), release), offset as u32);
    items.iter().map(|it| it.label.as_str()).collect::<Vec<_>>().join(", ")
}

/// The hover at `$0`.
fn hovered(text: &str, release: Release) -> String {
    let offset = text.find("$0").unwrap();
    hover(&document(&text.replace("$0", ""), release), offset as u32).map_or("nothing".into(), |it| it.markdown)
}

#[test]
fn the_finding_on_the_type_names_the_command_that_reads_the_file() {
    let finding = |ty: &str, release: &str| {
        let found = findings(&format!("type: {ty}\nmodel: a/b\n"), release.parse().unwrap());
        assert!(found.len() <= 1, "{found:?}");
        found.join("")
    };
    let reads = |release: &str| {
        format!(
            "invalid-value at type: `dstack apply` accepts `type: preset` since 0.21.2; in {release}, this file is read by \
             `dstack preset`"
        )
    };
    assert_eq!(
        finding("preset", "0.20.28"),
        "invalid-value at type: `type: preset` requires dstack 0.21.2 or later (checking against 0.20.28)"
    );
    for release in ["0.20.29", "0.21.0", "0.21.1"] {
        assert_eq!(finding("preset", release), reads(release));
    }
    for release in ["0.21.2", "0.21.3", "0.22.0", "0.22.5"] {
        assert_eq!(finding("preset", release), "");
    }
    assert_eq!(
        finding("endpoint", "0.20.28"),
        "invalid-value at type: `dstack apply` does not accept `type: endpoint`; in 0.20.28, this file is read by `dstack endpoint`"
    );
    for release in ["0.18.43", "0.20.27", "0.20.29", "0.22.5"] {
        assert_eq!(
            finding("endpoint", release),
            "invalid-value at type: `type: endpoint` was removed in dstack 0.20.29; use `type: preset`"
        );
    }
}

#[test]
fn files_of_another_command_are_checked_as_that_command_reads_them() {
    check_at(
        FIRST,
        "max_trials: 3\ncontext_length: 0\n",
        &["invalid-value at context_length: `0` is too small; expected at least 1"],
    );
    check_at(SECOND, "output_tokens: 1\n", &[]);
    check_at(
        Release::new(0, 21, 2),
        "output_tokens: 1\n",
        &["invalid-value at output_tokens: `1` is too small; expected at least 2"],
    );
    let text = "type: endpoint\nmodel: {repo: a, base: b}\npreset: ' '\n";
    assert_eq!(
        findings(text, ENDPOINT)[1..],
        [
            "unknown-field at model.base: `model` has no field `base`",
            "invalid-value at preset: the ID is empty; add a preset ID or remove it"
        ]
    );
}

#[test]
fn the_model_has_one_name() {
    let both = |later: &str, first: &str| {
        vec![format!("mutually-exclusive at {later}: `{later}` cannot be combined with `{first}`; both name the model")]
    };
    let found = |text: &str| findings(&format!("type: preset\n{text}"), Release::NEWEST);
    assert_eq!(found("base: a\nrepo: b\n"), both("repo", "base"));
    assert_eq!(found("model: a\nbase: b\n"), both("base", "model"));
    assert_eq!(found("base: a\nmodel: {base: b}\n"), both("model", "base"));
    let none = "missing-field at : a preset requires `base`, `repo` or `model`";
    assert_eq!(found(""), [none]);
    assert_eq!(found("base: ''\n"), [none]);
    assert_eq!(found("model:\n"), [none]);
    let endpoint = diagnostics(&document("type: endpoint\n", ENDPOINT));
    assert!(endpoint.iter().any(|it| it.message == "an endpoint requires `model`"), "{endpoint:?}");
    assert_eq!(found("bsae: x\n"), ["unknown-field at bsae: unknown field `bsae`; did you mean `base`?"]);
    // A value that is falsy in Python is ignored beside another one.
    assert_eq!(found("base: a\nrepo: ''\nmodel:\n"), [""; 0]);
    assert_eq!(found("base: a\nrepo: []\n"), [""; 0]);
    assert_eq!(found("base: a\nrepo: false\n"), [""; 0]);
    assert_eq!(found("base: ' '\n").len(), 1);
    assert_eq!(found("model: ' '\n").len(), 1);
    assert_eq!(found("model: {repo: a, name: b}\n"), [""; 0]);
}

#[test]
fn benchmark_settings_are_consistent() {
    let prefix =
        "invalid-value at shared_prefix_tokens: `shared_prefix_tokens` is too large; expected less than `input_tokens`";
    check("shared_prefix_tokens: 1023\n", &[]);
    check("shared_prefix_tokens: 1024\n", &[&format!("{prefix} (1024 by default)")]);
    check("shared_prefix_tokens: 1024\ninput_tokens: 2000\n", &[]);
    check("shared_prefix_tokens: 99\ninput_tokens: '99'\n", &[prefix]);
    let dataset = |name: &str| {
        format!(
            "mutually-exclusive at {name}: `{name}` cannot be combined with `dataset`; it describes generated requests"
        )
    };
    check(
        "dataset: sharegpt\ninput_tokens: 10\noutput_tokens: 10\n",
        &[&dataset("input_tokens"), &dataset("output_tokens")],
    );
    check("dataset: sharegpt\ninput_tokens:\n", &[]);
    check(
        "dataset: random\n",
        &["invalid-value at dataset: `random` was removed in dstack 0.21.3; remove `dataset` to use random requests"],
    );
    check_at(Release::new(0, 21, 2), "dataset: ' random '\ninput_tokens: 10\n", &[]);
    check("agent: {provider: codex, effort: xhigh}\n", &[]);
    check(
        "agent: {provider: codex, effort: max}\n",
        &[
            "mutually-exclusive at agent.effort: `effort: max` requires `provider: claude`; use `effort: xhigh` with `provider: codex`",
        ],
    );
    check("agent: claude\n", &["wrong-type at agent: expected a mapping, found a string"]);
}

#[test]
fn fields_that_were_renamed_get_their_new_name() {
    let old = "type: preset # mine\nmodel: a/b\nmax_trials: 3 # few\ncontext_length: 8192\n";
    let new = "type: preset # mine\nmodel: a/b\ntrials: 3 # few\nmin_context_length: 8192\n";
    assert_eq!(
        findings(old, Release::NEWEST),
        [
            "removed-field at max_trials: `max_trials` was removed in dstack 0.21.0; use `trials`",
            "removed-field at context_length: `context_length` was removed in dstack 0.21.0; use `min_context_length`"
        ]
    );
    assert_eq!(fixed(&document(old, Release::NEWEST)).0.text().as_str(), new);
    check_at(
        FIRST,
        "trials: 3\n",
        &[
            "unavailable-field at trials: `trials` requires dstack 0.21.0 or later (checking against 0.20.29); use `max_trials`",
        ],
    );
    assert_eq!(first_fix(&format!("{HEAD}trials: 3\n"), FIRST), format!("{HEAD}max_trials: 3\n"));
    // In a release with presets, an endpoint may become a preset.
    assert_eq!(first_fix("type: endpoint\nmodel: a\n", Release::NEWEST), "type: preset\nmodel: a\n");
}

#[test]
fn misspellings_are_corrected() {
    check("concurency: 3\n", &["unknown-field at concurency: unknown field `concurency`; did you mean `concurrency`?"]);
    check(
        "agent: {provider: cluade}\n",
        &["invalid-value at agent.provider: invalid value `cluade`; did you mean `claude`?"],
    );
    check("trials: 0\n", &["invalid-value at trials: `0` is too small; expected at least 1"]);
    check("prompt: ''\n", &["invalid-value at prompt: `prompt` is empty; add instructions or remove `prompt`"]);
    check(
        "prompt: {file: a.md}\n",
        &[
            "missing-field at prompt: `prompt` requires `path`",
            "unknown-field at prompt.file: `prompt` has no field `file`",
        ],
    );
}

#[test]
fn completion_follows_the_release() {
    let at = |text: &str, release| labels(&format!("{HEAD}{text}"), release);
    assert_eq!(at("tr$0", Release::NEWEST), "trials");
    assert_eq!(at("tri$0", FIRST), "max_trials");
    assert_eq!(at("agent:\n  $0", Release::NEWEST), "provider, model, effort");
    assert_eq!(at("age$0", SECOND), "");
    assert_eq!(at("agent:\n  provider: $0", Release::NEWEST), "claude, codex");
    assert_eq!(at("agent:\n  effort: $0", Release::NEWEST), "low, medium, high, xhigh, max");
    assert_eq!(at("dataset: $0", Release::NEWEST), "sharegpt, spec_bench");
    assert_eq!(at("dataset: $0", Release::new(0, 21, 1)), "sharegpt, spec_bench, random");
    assert_eq!(at("prompt:\n  $0", Release::NEWEST), "path");
    assert_eq!(labels("type: preset\nmodel:\n  $0", FIRST), "repo, base, name");
    assert_eq!(labels("type: endpoint\ncont$0", ENDPOINT), "context_length");
    assert!(labels("type: $0", Release::NEWEST).ends_with("preset"));
    assert!(!labels("type: $0", FIRST).contains("preset"), "`dstack apply` does not accept it");
}

#[test]
fn hover_describes_fields_and_types() {
    let at = |text: &str, release| hovered(&format!("{HEAD}{text}"), release);
    assert!(at("min_cont$0ext_length: 1\n", Release::NEWEST).contains("Since 0.21.0"));
    assert!(at("baseline$0: true\n", SECOND).contains("default `false`"));
    assert!(at("baseline$0: true\n", Release::NEWEST).contains("default `true`"));
    assert!(at("agent: {effort: xh$0igh}\n", Release::NEWEST).contains("**`xhigh`**: a value of `effort`"));
    let preset = hovered("type: pre$0set\nbase: a\n", FIRST);
    assert!(
        preset.contains("⚠ `dstack apply` accepts `type: preset` since 0.21.2; in 0.20.29, this file\nis read by"),
        "{preset}"
    );
    let endpoint = hovered("type: end$0point\nmodel: a\n", Release::NEWEST);
    assert!(endpoint.contains("⚠ `type: endpoint` was removed in dstack 0.20.29"), "{endpoint}");
    assert!(hovered("type: endpoint\ncontext_le$0ngth: 1\n", ENDPOINT).contains("context length in tokens"));
}

#[test]
fn the_outline_shows_the_model() {
    let outline: Vec<String> =
        symbols(&document("type: preset\nmodel: {repo: a}\nprevious: [x, y]\n", Release::NEWEST))
            .iter()
            .map(|it| format!("{} {}: {}", it.name, it.detail, it.children.len()))
            .collect();
    assert_eq!(outline, ["type preset: 0", "model : 1", "previous : 2"]);
}

/// `dstack apply` never read endpoints, so their examples are not among the documents that it is tested with.
#[test]
fn examples_of_endpoints_are_endpoints() {
    let endpoint = catalogue().mapping(catalogue().named("endpoint").unwrap()).unwrap();
    let blocks = |docs: &str| -> Vec<String> {
        docs.split("```yaml\n").skip(1).filter_map(|it| it.split("```").next()).map(str::to_string).collect()
    };
    let whole = blocks(&endpoint.docs);
    let parts = endpoint.fields.iter().filter(|it| it.status(ENDPOINT).is_accepted()).flat_map(|it| blocks(&it.docs));
    let parts = parts.map(|it| match it.starts_with("model:") {
        true => format!("type: endpoint\n{it}"),
        false => format!("type: endpoint\nmodel: a/b\n{it}"),
    });
    let all: Vec<String> = whole.into_iter().chain(parts).collect();
    assert!(all.len() > 8, "{all:?}");
    for text in all {
        let found = findings(&text, ENDPOINT);
        assert!(found.len() == 1 && found[0].contains("this file is read by"), "{found:?}\n{text}");
    }
}
