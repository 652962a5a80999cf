//! The configuration of a project and its precedence, on the command line.

use serde_json::Value;

use super::{Folder, Ran, output_of};

/// A deprecated field, and a key that is set twice.
const TEXT: &str = "type: task\ncommands: [a]\nhome_dir: /a\nname: a\nname: b\n";

/// `severity rule` of each finding of a file, without those of other files.
#[track_caller]
fn findings(folder: &Folder, arguments: &[&str], file: &str) -> String {
    let ran = folder.run(&[&["check", "--format", "json", "--exit-zero"], arguments].concat());
    assert_eq!(ran.stderr, "");
    let report: Value = serde_json::from_str(&ran.stdout).expect("the report is JSON");
    let mut files = report["files"].as_array().expect("a list").iter();
    let Some(found) = files.find(|it| it["path"] == file) else { return "not checked".to_owned() };
    let word = |it: &Value| format!("{} {}", it["severity"].as_str().unwrap(), it["rule"].as_str().unwrap());
    found["diagnostics"].as_array().unwrap().iter().map(word).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_nearest_configuration_counts() {
    let folder = Folder::with(&[
        ("dstack-lsp.toml", "[rules]\ndeprecated-field = \"off\"\nduplicate-key = \"error\"\n"),
        ("a.dstack.yml", TEXT),
        ("b/pyproject.toml", "[tool.dstack-lsp.rules]\nduplicate-key = \"hint\"\n"),
        ("b/b.dstack.yml", TEXT),
        ("b/c/pyproject.toml", "[project]\nname = \"c\"\n"),
        ("b/c/c.dstack.yml", TEXT),
        ("d/dstack-lsp.toml", ""),
        ("d/pyproject.toml", "[tool.dstack-lsp.rules]\nduplicate-key = \"hint\"\n"),
        ("d/d.dstack.yml", TEXT),
    ]);
    let default = "warning deprecated-field, warning duplicate-key";
    for (file, expected) in [
        ("a.dstack.yml", "error duplicate-key"),
        ("b/b.dstack.yml", "warning deprecated-field, hint duplicate-key"),
        ("b/c/c.dstack.yml", "warning deprecated-field, hint duplicate-key"),
        ("d/d.dstack.yml", default),
    ] {
        assert_eq!(findings(&folder, &[file], file), expected, "{file}");
    }
    assert_eq!(findings(&folder, &["--no-config", "a.dstack.yml"], "a.dstack.yml"), default);
    let other = ["--config", "b/pyproject.toml", "a.dstack.yml"];
    assert_eq!(findings(&folder, &other, "a.dstack.yml"), "warning deprecated-field, hint duplicate-key");
}

#[test]
fn a_comment_and_the_command_line_take_precedence() {
    let folder = Folder::with(&[
        ("dstack-lsp.toml", "[rules]\nduplicate-key = \"error\"\n"),
        ("a.dstack.yml", TEXT),
        ("b.dstack.yml", "type: task\ncommands: [a]\nname: a # dstack-lsp: ignore[duplicate-key]\nname: b\n"),
    ]);
    let rule = ["--rule", "duplicate-key=info", "--rule", "deprecated-field=off", "a.dstack.yml", "b.dstack.yml"];
    assert_eq!(findings(&folder, &rule, "a.dstack.yml"), "info duplicate-key");
    assert_eq!(findings(&folder, &rule, "b.dstack.yml"), "");
    let ran = folder.run(&["check", "a.dstack.yml"]);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    for (argument, message) in [
        ("duplicate-key", "expected `RULE=LEVEL`, such as `deprecated-field=off`"),
        ("duplicate-kye=off", "unknown rule `duplicate-kye`; did you mean `duplicate-key`?"),
        ("duplicate-key=of", "unknown level `of`; expected `off`, `error`, `warning`, `info` or `hint`"),
    ] {
        let ran = folder.run(&["check", "--rule", argument]);
        assert!(ran.code == Some(2) && ran.stderr.contains(message), "{}", ran.all());
    }
}

#[test]
fn a_rejected_file_is_not_accepted_by_turning_a_rule_off() {
    let folder = Folder::with(&[
        ("dstack-lsp.toml", "rules = { unknown-field = \"off\" }\n"),
        ("a.dstack.yml", "type: task\ncommands: [a]\nbogus: 1\n"),
    ]);
    let ran = folder.run(&["check", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let file = &report["files"][0];
    assert_eq!(file["parses"], false, "{report}");
    assert_eq!((&file["suppressed"], &file["suppressed_errors"]), (&1.into(), &1.into()));
    let ran = folder.run(&["check"]);
    assert!(ran.stdout.contains("1 error that dstack will report is suppressed"), "{}", ran.all());
}

#[test]
fn the_release_comes_from_the_configuration_before_the_pins() {
    let folder = Folder::with(&[
        (
            "dstack-lsp.toml",
            "release = \"0.19.40\"\n\
             [[overrides]]\npaths = [\"old/\"]\nrelease = \"0.18.43\"\n\
             [[overrides]]\npaths = [\"old/pinned/\"]\nrelease = \"auto\"\n",
        ),
        ("requirements.txt", "dstack==0.20.1\n"),
        ("a.dstack.yml", TEXT),
        ("old/b.dstack.yml", TEXT),
        ("old/pinned/d.dstack.yml", TEXT),
        ("auto/dstack-lsp.toml", "release = \"auto\"\n"),
        ("auto/c.dstack.yml", TEXT),
    ]);
    let release = |arguments: &[&str]| {
        let ran = folder.run(&[&["check", "--format", "json", "--exit-zero"], arguments].concat());
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let file = &report["files"][0];
        format!("{} {}", file["release"].as_str().unwrap(), file["release_source"].as_str().unwrap())
    };
    assert_eq!(release(&["a.dstack.yml"]), "0.19.40 dstack-lsp.toml");
    assert_eq!(release(&["old/b.dstack.yml"]), "0.18.43 dstack-lsp.toml");
    assert_eq!(release(&["old/pinned/d.dstack.yml"]), "0.20.1 requirements.txt");
    assert_eq!(release(&["auto/c.dstack.yml"]), "0.20.1 requirements.txt");
    assert_eq!(release(&["--release", "0.22.0", "a.dstack.yml"]), "0.22.0 argument");
    let ran = folder.run(&["check", "--rule", "duplicate-key=off", "a.dstack.yml"]);
    assert!(ran.stdout.contains("dstack 0.19.40 (by `dstack-lsp.toml`)"), "{}", ran.all());
}

#[test]
fn excluded_files_are_checked_only_by_name() {
    let folder = Folder::with(&[
        ("dstack-lsp.toml", "exclude = [\"vendor/\", \"*.draft.dstack.yml\"]\n"),
        ("a.dstack.yml", TEXT),
        ("b.draft.dstack.yml", TEXT),
        ("vendor/deep/c.dstack.yml", TEXT),
    ]);
    for (file, is_checked) in
        [("./a.dstack.yml", true), ("./b.draft.dstack.yml", false), ("./vendor/deep/c.dstack.yml", false)]
    {
        assert_eq!(findings(&folder, &["."], file.trim_start_matches("./")) != "not checked", is_checked, "{file}");
    }
    let named = "vendor/deep/c.dstack.yml";
    for arguments in [&[named][..], &[named, "."], &[".", named], &["vendor", named]] {
        let found = findings(&folder, arguments, named);
        assert_eq!(found, "warning deprecated-field, warning duplicate-key", "{arguments:?}");
    }
}

#[test]
fn mistakes_are_reported_with_their_lines_and_the_rest_applies() {
    let folder = Folder::with(&[
        ("dstack-lsp.toml", "ruls = {}\n[rules]\nduplicate-key = \"error\"\nunknwon-field = \"off\"\n"),
        ("a.dstack.yml", TEXT),
        ("b.dstack.yml", TEXT),
    ]);
    let ran = folder.run(&["check"]);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    let expected = [
        "dstack-lsp.toml:1:1: unknown key `ruls`; did you mean `rules`?",
        "dstack-lsp.toml:4:1: unknown rule `unknwon-field`; did you mean `unknown-field`?",
    ];
    for line in expected {
        assert_eq!(ran.stderr.matches(line).count(), 1, "{}", ran.all());
    }
    assert!(ran.stdout.contains("error[duplicate-key]"), "{}", ran.all());
    folder.write("dstack-lsp.toml", b"[rules\n");
    let ran = folder.run(&["check"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("dstack-lsp.toml:1:7: invalid TOML"), "{}", ran.all());
    let ran = folder.run(&["check", "--config", "none.toml"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("`none.toml` does not exist"), "{}", ran.all());
}

#[test]
fn a_given_configuration_has_its_own_name_and_patterns_from_the_current_folder() {
    let toml = "release = \"0.19.40\"\nexclude = [\"vendor/\"]\nbogus = 1\n";
    let folder = Folder::with(&[
        ("shared/strict.toml", toml),
        ("project/strict.toml", toml),
        ("project/a.dstack.yml", "type: task\ncommands: [a]\n"),
        ("project/vendor/b.dstack.yml", TEXT),
    ]);
    for (file, name) in [
        ("../shared/strict.toml", "../shared/strict.toml"),
        ("strict.toml", "strict.toml"),
        ("./strict.toml", "strict.toml"),
    ] {
        let mut command = folder.command(&["check", "--config", file]);
        let output = output_of(command.current_dir(folder.path().join("project"))).expect("the executable starts");
        let expected = format!(
            "nothing to report in 1 file, checked against dstack 0.19.40 (by `{name}`)\n\
             error: {name}:3:1: unknown key `bogus`; expected `release`, `rules`, `exclude` or `overrides`\nexit 2\n"
        );
        // Windows has other separators.
        assert_eq!(Ran::from(output).all().replace('\\', "/"), expected);
    }
}

#[test]
fn mistakes_are_reported_even_if_no_file_is_checked() {
    let folder = Folder::with(&[("strict.toml", "bogus = 1\n"), ("empty/a.txt", "")]);
    let ran = folder.run(&["check", "--config", "strict.toml", "empty"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("error: strict.toml:1:1: unknown key"), "{}", ran.all());
    folder.write("dstack-lsp.toml", b"exclude = [\"*\"]\nbogus = 1\n");
    folder.write("a.dstack.yml", TEXT.as_bytes());
    let ran = folder.run(&["check"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("error: dstack-lsp.toml:2:1: unknown key"), "{}", ran.all());
}

#[test]
fn mistakes_are_in_the_order_of_files_and_lines() {
    let toml: String = (1..=12).map(|it| format!("k{it} = 1\n")).collect();
    let folder = Folder::with(&[
        ("b/dstack-lsp.toml", &toml),
        ("b/b.dstack.yml", TEXT),
        ("b/c.dstack.yml", TEXT),
        ("a/dstack-lsp.toml", "bogus = 1\n"),
        ("a/a.dstack.yml", TEXT),
    ]);
    let stderr = folder.run(&["check"]).stderr.replace('\\', "/");
    let places: Vec<&str> = stderr.lines().filter_map(|it| it.strip_prefix("error: ")?.split(": ").next()).collect();
    let expected: Vec<String> = (1..=12).map(|it| format!("b/dstack-lsp.toml:{it}:1")).collect();
    assert_eq!(places[0], "a/dstack-lsp.toml:1:1");
    assert_eq!(places[1..], expected);
}

#[test]
fn a_folder_whose_files_are_excluded_is_not_called_empty() {
    let folder = Folder::with(&[
        ("a/dstack-lsp.toml", "exclude = [\"*\"]\n"),
        ("a/a.dstack.yml", TEXT),
        ("a/compose.yml", "services: {}\n"),
        ("b/pyproject.toml", "[tool.dstack-lsp]\nexclude = [\"*.yml\"]\n"),
        ("b/compose.yml", "services: {}\n"),
        ("b/compose.yaml", "services: {}\n"),
        ("c/compose.yml", "services: {}\n"),
    ]);
    let end = "; pass a file by name to check it anyway\nexit 0\n";
    let none = |it: &str| {
        format!("warning: no dstack files in `{it}`: none ends in `.dstack.yml`, and no other YAML file looks like one")
    };
    for (name, expected) in [
        ("a", "warning: all dstack files in `a` are excluded by `a/dstack-lsp.toml`".to_owned()),
        ("b", format!("{}, not counting those that are excluded by `b/pyproject.toml`", none("b"))),
        ("c", none("c")),
    ] {
        assert_eq!(folder.run(&["check", name]).all().replace('\\', "/"), format!("{expected}{end}"));
    }
    let ran = folder.run(&["check"]);
    let expected = "warning: all dstack files in `.` are excluded by `a/dstack-lsp.toml`, `b/pyproject.toml`";
    assert!(ran.stderr.replace('\\', "/").contains(expected), "{}", ran.all());
}

#[test]
fn a_project_file_that_does_not_parse_is_not_ignored() {
    let folder = Folder::with(&[
        ("pyproject.toml", "[tool.dstack-lsp]\nexclude = []\n\n[project\n"),
        ("a.dstack.yml", "type: task\ncommands: [a]\n"),
        ("other/pyproject.toml", "[project\n"),
    ]);
    for arguments in [&["check"][..], &["check", "--config", "pyproject.toml"]] {
        let ran = folder.run(arguments);
        assert!(
            ran.code == Some(2) && ran.stderr.contains("error: pyproject.toml:4:9: invalid TOML: "),
            "{}",
            ran.all()
        );
    }
    let ran = folder.run(&["check", "--config", "other/pyproject.toml"]);
    assert!(ran.stderr.contains("`other/pyproject.toml` has no table `[tool.dstack-lsp]`"), "{}", ran.all());
}
