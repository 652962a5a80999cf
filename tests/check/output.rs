//! The reports and their formats.

use std::path::MAIN_SEPARATOR;

use super::{Folder, output_of};

const BROKEN: &str = "\
# 🚀
type: task
commands: [ls]
resources: {gpuu: A100, memory: 16 GiB}
volumes: [a:/b, {name: c}]
termination_idle_time: 1h
";

#[test]
fn the_human_report() {
    let folder = Folder::with(&[("src/a.dstack.yml", BROKEN), ("src/b.dstack.yml", "type: task\nimage: a\n")]);
    let expected = "\
error[unknown-field]: unknown field `gpuu`; did you mean `gpu`?
 --> src/a.dstack.yml:4:13
  |
4 | resources: {gpuu: A100, memory: 16 GiB}
  |             ^^^^
  |
  = help: Rename `gpuu` to `gpu` (`--fix` applies it)
  = help: Remove `gpuu`

error[invalid-value]: unknown unit `GiB`; expected `MB`, `GB` or `TB`
 --> src/a.dstack.yml:4:36
  |
4 | resources: {gpuu: A100, memory: 16 GiB}
  |                                    ^^^
  |
  = help: Replace `16 GiB` with `16GB` (`--fix` applies it)

error[missing-field]: an item of `volumes` requires `path`
 --> src/a.dstack.yml:5:18
  |
5 | volumes: [a:/b, {name: c}]
  |                  ^^^^

error[removed-field]: `termination_idle_time` was removed in dstack 0.20.0; use `idle_duration`
 --> src/a.dstack.yml:6:1
  |
6 | termination_idle_time: 1h
  | ^^^^^^^^^^^^^^^^^^^^^
  |
  = help: Replace `termination_idle_time` with `idle_duration: 1h` (`--fix` applies it)

4 errors in 1 of 2 files, checked against dstack NEWEST; 3 fixable with `--fix`
exit 1
";
    let expected = expected.replace("src/", &format!("src{MAIN_SEPARATOR}"));
    assert_eq!(folder.run(&["check", "src"]).all(), expected);
    assert_eq!(folder.run(&["check", "src", "--exit-zero"]).all(), expected.replace("exit 1", "exit 0"));
}

/// Characters with which a name or a value would read as another one in a terminal are replaced; programs get them escaped.
#[cfg(unix)]
#[test]
fn the_direction_of_text_is_never_changed() {
    let name = "a\u{202e}lmy.\u{200e}x.dstack.yml";
    let text = "type: task\ncommands: [a]\nfo\u{202e}o\u{200e}\u{61c}: \"x\u{2066}y\"\n";
    let folder = Folder::with(&[(name, text)]);
    let is_turn = |c: char| "\u{61c}\u{200e}\u{202e}\u{2066}".contains(c);
    let said = folder.run(&["check", "."]).all();
    assert!(!said.contains(is_turn) && said.contains("a\u{fffd}lmy.\u{fffd}x.dstack.yml:3"), "{said}");
    let json = folder.run(&["check", "--format", "json", "."]).stdout;
    assert!(!json.contains(is_turn) && json.contains("a\\u202elmy"), "{json}");
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["files"][0]["path"], name);
    let said = folder.run(&["check", "nowhere\u{202e}.yml"]).all();
    assert!(!said.contains(is_turn) && said.contains("nowhere\u{fffd}.yml"), "{said}");
}

/// The option takes precedence, then `NO_COLOR`, then the variables that force colors, then whether there is a terminal, which
/// there is not in this test.
#[test]
fn colors_follow_the_option_and_the_environment() {
    let folder = Folder::with(&[("a.dstack.yml", BROKEN)]);
    for (option, environment, expected) in [
        (None, &[][..], false),
        (Some("auto"), &[], false),
        (Some("always"), &[], true),
        (Some("always"), &[("NO_COLOR", "1")], true),
        (Some("never"), &[("FORCE_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
        (None, &[("FORCE_COLOR", "1")], true),
        (None, &[("FORCE_COLOR", "")], false),
        (None, &[("FORCE_COLOR", "0")], false),
        (None, &[("CLICOLOR_FORCE", "1")], true),
        (None, &[("CLICOLOR_FORCE", "0")], false),
        (Some("auto"), &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")], true),
        (None, &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false),
        (None, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (None, &[("FORCE_COLOR", "1"), ("NO_COLOR", "")], true),
    ] {
        let mut command = folder.command(&["check", "a.dstack.yml"]);
        command.args(option.map(|it| format!("--color={it}"))).envs(environment.iter().copied());
        let ran = super::Ran::from(output_of(&mut command).expect("the executable starts"));
        assert_eq!(ran.stdout.contains('\u{1b}'), expected, "{option:?} {environment:?}");
        // The JSON has no colors.
        let json = output_of(command.args(["--format", "json"])).expect("the executable starts");
        assert!(!json.stdout.contains(&0x1b));
    }
}

/// Runs commands on a terminal with `script`, which prints the output to the terminal.
#[cfg(target_os = "linux")]
#[test]
fn colors_are_used_on_a_terminal_that_supports_them() {
    use std::process::Command;

    let version = output_of(Command::new("script").arg("--version"));
    if !version.is_ok_and(|it| String::from_utf8_lossy(&it.stdout).contains("util-linux")) {
        return super::skipped("there is no `script` of util-linux, which runs a program on a terminal");
    }
    let folder = Folder::with(&[("a.dstack.yml", BROKEN)]);
    // The output to the terminal of a shell command, in which `check` means the executable with this option.
    let shown = |command: &str, option: &str, environment: &[(&str, &str)]| {
        let command = command.replace("check", &format!("\"$DSTACK_LSP\" check {option}"));
        let mut script = Command::new("script");
        script.args(["-qec", &command, "/dev/null"]).current_dir(folder.path()).stdin(std::process::Stdio::null());
        for name in ["COLUMNS", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            script.env_remove(name);
        }
        script.envs([("DSTACK_LSP", env!("CARGO_BIN_EXE_dstack-lsp")), ("SHELL", "/bin/sh"), ("TERM", "xterm")]);
        let ran = output_of(script.envs(environment.iter().copied())).expect("`script` starts");
        super::Ran::from(ran).all()
    };
    let is_colored = |shown: &str| {
        assert!(shown.contains("an item of `volumes` requires `path`"), "{shown}");
        shown.contains("\u{1b}[")
    };
    for (option, environment, expected) in [
        ("", &[][..], true),
        ("--color=auto", &[], true),
        ("--color=never", &[], false),
        ("--color=auto", &[("NO_COLOR", "1")], false),
        ("--color=auto", &[("NO_COLOR", "")], true),
        ("--color=auto", &[("TERM", "dumb")], false),
        ("--color=auto", &[("CLICOLOR", "0")], false),
        ("--color=always", &[("NO_COLOR", "1"), ("TERM", "dumb")], true),
    ] {
        // The second one reports on standard error, since standard output gets the text.
        for command in ["check a.dstack.yml", "check --fix - < a.dstack.yml > fixed"] {
            let shown = shown(command, option, environment);
            assert_eq!(is_colored(&shown), expected, "{command} {option} {environment:?}: {shown}");
        }
        assert!(!folder.read("fixed").contains(&0x1b));
    }
    // The other stream is a terminal, not the one with the report.
    for command in ["check a.dstack.yml | cat", "check --fix - < a.dstack.yml 2> said; cat said"] {
        let shown = shown(command, "--color=auto", &[]);
        assert!(!is_colored(&shown), "{command}: {shown}");
    }
}

#[test]
fn counts_by_rule_and_by_file() {
    let folder = Folder::with(&[("b.dstack.yml", BROKEN), ("a.dstack.yml", "type: task\ncomands: [ls]\n")]);
    folder.write("c.dstack.yml", b"type: task\ncommands: [ls]\n");
    let expected = "\
findings  fixable  rule
       2        2  unknown-field  unknown field `comands`; did you mean `commands`?
       1        1  invalid-value  unknown unit `GiB`; expected `MB`, `GB` or `TB`
       1        0  missing-field  an item of `volumes` requires `path`
       1        1  removed-field  `termination_idle_time` was removed in dstack 0.20.0; use `idle_duration`

findings  fixable  file
       4        3  b.dstack.yml
       1        1  a.dstack.yml

5 errors in 2 of 3 files, checked against dstack NEWEST; 4 fixable with `--fix`
exit 1
";
    assert_eq!(folder.run(&["check", "--statistics"]).all(), expected);
    let mut narrow = folder.command(&["check", "--statistics"]);
    let narrow = super::Ran::from(output_of(narrow.env("COLUMNS", "50")).expect("the executable starts"));
    assert!(narrow.stdout.lines().take(5).all(|it| it.chars().count() <= 50), "{}", narrow.stdout);

    let ran = folder.run(&["check", "--statistics", "--format", "json", "--exit-zero"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    assert_eq!(report["rules"][0], serde_json::json!({"rule": "unknown-field", "findings": 2, "fixable": 2}));
    assert_eq!(report["files"][1], serde_json::json!({"path": "a.dstack.yml", "findings": 1, "fixable": 1}));
    assert_eq!((&report["summary"]["errors"], ran.code), (&5.into(), Some(0)));

    let nothing = "nothing to report in 1 file, checked against dstack NEWEST\nexit 0\n";
    assert_eq!(folder.run(&["check", "--statistics", "c.dstack.yml"]).all(), nothing);

    // Without the option all findings are printed; if there are many, a note mentions the option.
    let many: String = (0..101).map(|i| format!("x{i}: 1\n")).collect();
    folder.write("c.dstack.yml", format!("type: task\ncommands: [ls]\n{many}").as_bytes());
    let ran = folder.run(&["check", "c.dstack.yml"]);
    assert_eq!(ran.stdout.matches("error[unknown-field]").count(), 101);
    let note = "note: `--statistics` counts the findings by rule and by file\n101 errors in 1 file, ";
    assert!(ran.stdout.contains(note), "{}", ran.stdout);
}

#[test]
fn the_first_command_of_the_readme_prints_a_screenful() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("it is there");
    let (_, blocks) = readme.split_once("```sh\n").expect("there are commands");
    let first = blocks.lines().next().expect("there is a command");
    let arguments = first.strip_prefix("cargo run --release -- ").expect("what needs nothing but Rust");
    let mut command = Folder::with(&[]).command(&arguments.split(' ').collect::<Vec<_>>());
    let ran = super::Ran::from(output_of(command.current_dir(root)).expect("the executable starts"));
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!((10..=25).contains(&ran.stdout.lines().count()) && ran.stderr.is_empty(), "{}", ran.all());
}

#[test]
fn the_help_explains_the_exit_status() {
    let help = Folder::with(&[]).run(&["check", "-h"]).stdout;
    let statuses = ["  0  no errors", "  1  errors were found", "  2  something could not be checked"];
    assert!(statuses.iter().all(|it| help.contains(it)), "{help}");
}

#[test]
fn the_json_report() {
    let folder =
        Folder::with(&[("a.dstack.yml", "\u{feff}# 🚀\ntype: task\ncommands: [é, [b]]\nresources: {gpuu: 1}\n")]);
    let ran = folder.run(&["check", "--format", "json", "a.dstack.yml"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    assert_eq!(ran.code, Some(1));
    assert_eq!(report["release"], "NEWEST");
    assert_eq!(report["summary"], serde_json::json!({"files": 1, "errors": 2, "warnings": 0, "infos": 0, "hints": 0}));
    let file = &report["files"][0];
    assert_eq!(file["path"], "a.dstack.yml");
    assert_eq!((&file["kind"], &file["type"]), (&"configuration".into(), &"task".into()));
    assert_eq!((&file["release"], &file["parses"]), (&"NEWEST".into(), &false.into()));
    // The byte order mark counts in offsets, not in columns; a list index is a number; a column is a character.
    let first = &file["diagnostics"][0];
    assert_eq!((&first["rule"], &first["stage"]), (&"wrong-type".into(), &"parse".into()));
    assert_eq!((&first["severity"], &first["path"]), (&"error".into(), &serde_json::json!(["commands", 1])));
    assert_eq!(first["start"], serde_json::json!({"line": 3, "column": 15, "offset": 36}));
    assert_eq!(first["end"], serde_json::json!({"line": 3, "column": 18, "offset": 39}));
    let second = &file["diagnostics"][1];
    assert_eq!(second["path"], serde_json::json!(["resources", "gpuu"]));
    let fix = &second["fixes"][0];
    assert_eq!(fix["safe"], true);
    assert_eq!(fix["edits"], serde_json::json!([{"start": 53, "end": 57, "text": "gpu"}]));
}

#[test]
fn a_deprecation_is_not_an_error() {
    let folder = Folder::with(&[("a.dstack.yml", "type: task\ncommands: [ls]\ntermination_idle_time: 1h\n")]);
    let ran = folder.run(&["check", "--format", "json", "--release", "0.18.43"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    assert_eq!((ran.code, &report["files"][0]["parses"]), (Some(0), &true.into()));
    assert_eq!(report["summary"]["warnings"], 1);
    assert_eq!(report["files"][0]["diagnostics"][0]["stage"], "advice");
}

#[test]
fn rules_are_explained() {
    let folder = Folder::with(&[]);
    let list = folder.run(&["explain"]);
    assert_eq!(list.code, Some(0));
    for rule in ide::rules::all() {
        assert!(list.stdout.lines().any(|line| line.starts_with(&format!("{} ", rule.name()))), "{}", list.stdout);
        let one = folder.run(&["explain", rule.name()]);
        assert!(one.stdout.starts_with(&format!("# {}\n\n", rule.name())), "{}", one.stdout);
        assert_eq!(one.code, Some(0));
    }
}

#[test]
fn releases_are_listed_newest_first() {
    let listed = Folder::with(&[]).run(&["releases"]);
    assert_eq!(listed.code, Some(0));
    let lines: Vec<&str> = listed.stdout.lines().collect();
    assert_eq!((lines.first(), lines.last()), (Some(&"NEWEST"), Some(&"0.18.0")));
    assert!(lines.contains(&"0.19.40"), "{}", listed.stdout);
}

/// The message comes from a library.
#[cfg(unix)]
#[test]
fn control_characters_in_the_name_of_an_unreadable_folder_are_replaced() {
    let folder = Folder::with(&[("a.dstack.yml", "type: task\ncommands: [a]\n")]);
    let path = folder.path().join("x\u{1b}[31m\u{202e}");
    std::fs::create_dir(&path).expect("folders can be made");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o000)).expect("the test owns it");
    let mut command = folder.command(&["check"]);
    if std::fs::read_dir(&path).is_ok() {
        // The superuser may read everything.
        std::os::unix::process::CommandExt::uid(&mut command, 4321);
    }
    let Ok(output) = output_of(&mut command) else {
        return super::skipped("another user may not run the executable here");
    };
    let ran = super::Ran::from(output);
    assert!(ran.stderr.contains("x\u{fffd}[31m\u{fffd}: Permission denied"), "{}", ran.stderr);
    assert_eq!(ran.code, Some(2));
}

#[cfg(unix)]
#[test]
fn control_characters_in_paths_are_replaced_for_people_and_kept_for_programs() {
    let name = "a\nb\u{1b}[31m.dstack.yml";
    let folder = Folder::with(&[(name, "type: task\n")]);
    let report: serde_json::Value =
        serde_json::from_str(&folder.run(&["check", "--format", "json", name]).stdout).expect("it is JSON");
    assert_eq!(report["files"][0]["path"], name);
    let shown = folder.run(&["check", name]).stdout;
    assert!(shown.contains(" --> a\u{fffd}b\u{fffd}[31m.dstack.yml:1:1\n"), "{shown}");
}
