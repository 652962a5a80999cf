//! The release that files are checked against, and the messages about it.

use serde_json::{Value, json};

use super::{Folder, output_of};

/// A field that exists in 0.18.43 and not in 0.21.0 and later.
const OLD: &str = "type: task\ncommands: [a]\ntermination_policy: destroy-after-idle\n";
const TASK: &str = "type: task\ncommands: [a]\n";

fn lock(version: &str) -> String {
    format!("version = 1\n\n[[package]]\nname = \"dstack\"\nversion = \"{version}\"\n")
}

/// `path release release_source parses` of each file.
#[track_caller]
fn releases(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let ran = folder.run(&[&["check", "--format", "json", "--exit-zero"], arguments].concat());
    assert_eq!(ran.stderr, "");
    let report: Value = serde_json::from_str(&ran.stdout).expect("the report is JSON");
    let word = |value: &Value| value.as_str().expect("a text").to_owned();
    let file = |it: &Value| {
        let words = ["path", "release", "release_source"].map(|name| word(&it[name]));
        // Windows has other separators.
        format!("{} {}", words.join(" ").replace('\\', "/"), it["parses"])
    };
    report["files"].as_array().expect("a list").iter().map(file).collect()
}

#[test]
fn the_project_pins_it() {
    let installed = "deep/er/.venv/lib/python3.12/site-packages/dstack-0.20.1.dist-info/METADATA";
    let folder = Folder::with(&[
        ("a.dstack.yml", OLD),
        ("uv.lock", &lock("0.18.43")),
        ("deep/b.dstack.yml", OLD),
        ("deep/er/c.dstack.yml", OLD),
        (installed, ""),
        ("other/requirements.txt", "dstack[all]~=0.21.0\n"),
        ("other/d.dstack.yml", OLD),
        ("comment.dstack.yml", &format!("# dstack-lsp: release=0.19.40\n{OLD}")),
    ]);
    assert_eq!(
        releases(&folder, &[]),
        [
            "a.dstack.yml 0.18.43 uv.lock true",
            "comment.dstack.yml 0.19.40 comment true",
            "deep/b.dstack.yml 0.18.43 uv.lock true",
            "deep/er/c.dstack.yml 0.20.1 deep/er/.venv/lib/python3.12/site-packages/dstack-0.20.1.dist-info false",
            "other/d.dstack.yml 0.21.5 other/requirements.txt false",
        ]
    );
    assert_eq!(
        releases(&folder, &["--release", "0.21.5", "a.dstack.yml", "comment.dstack.yml"]),
        ["a.dstack.yml 0.21.5 argument false", "comment.dstack.yml 0.19.40 comment true"]
    );
    let expected = "nothing to report in 1 file, checked against dstack 0.18.43 (from `uv.lock`)\nexit 0\n";
    folder.write("e.dstack.yml", TASK.as_bytes());
    assert_eq!(folder.run(&["check", "e.dstack.yml"]).all(), expected);
    assert_eq!(folder.run_on(&["check", "-"], TASK.as_bytes()).all(), expected);
    let both = folder.run(&["check", "--exit-zero", "a.dstack.yml", "deep/b.dstack.yml", "comment.dstack.yml"]).stdout;
    let summary = "checked against dstack 0.19.40 (by a comment in the file) (1 file) and dstack 0.18.43 (from `uv.lock`) (2 files)";
    assert!(both.contains(summary), "{both}");
}

#[test]
fn from_within_a_folder_the_files_above_apply_up_to_the_checkout() {
    let folder = Folder::with(&[
        ("uv.lock", &lock("0.19.40")),
        ("a/b/c.dstack.yml", TASK),
        ("inner/.git/HEAD", ""),
        ("inner/d.dstack.yml", TASK),
    ]);
    let mut command = folder.command(&["check", "c.dstack.yml"]);
    let output = output_of(command.current_dir(folder.path().join("a/b"))).expect("the executable starts");
    let shown = String::from_utf8(output.stdout).expect("text");
    assert!(shown.contains("checked against dstack 0.19.40 (from `") && !shown.contains("?/"), "{shown}");
    assert!(shown.contains("/uv.lock`)"), "{shown}");
    assert_eq!(releases(&folder, &["a/../inner/d.dstack.yml"]), ["a/../inner/d.dstack.yml NEWEST newest true"]);
}

#[test]
fn for_an_unknown_release_the_nearest_one_is_used_and_reported() {
    for (release, used) in [
        ("0.19.99", "0.19.40"),
        ("0.19.14", "0.19.13"),
        ("1000.0.0", "NEWEST"),
        ("0.19.40rc1", "0.19.40"),
        ("0.17.2", "0.18.0"),
    ] {
        let note = format!("unknown dstack release {release}; using the nearest known release, {used}");
        let folder = Folder::with(&[("a.dstack.yml", TASK)]);
        let ran = folder.run(&["check", "--release", release]);
        let summary = format!("nothing to report in 1 file, checked against dstack {used}\nexit 0\n");
        assert_eq!(ran.all(), format!("note: {note} (by `--release`)\n{summary}"));

        folder.write("uv.lock", lock(release).as_bytes());
        let report = folder.run(&["check", "--format", "json"]).stdout;
        let report: Value = serde_json::from_str(&report).expect("the report is JSON");
        assert_eq!(report["release"], used);
        let file = &report["files"][0];
        assert_eq!(
            (&file["release"], &file["release_source"], &file["release_note"]),
            (&json!(used), &json!("uv.lock"), &json!(note))
        );

        folder.write("dstack-lsp.toml", format!("release = \"{release}\"\n").as_bytes());
        let summary =
            format!("nothing to report in 1 file, checked against dstack {used} (by `dstack-lsp.toml`)\nexit 0\n");
        assert_eq!(folder.run(&["check"]).all(), format!("note: {note} (by `dstack-lsp.toml`)\n{summary}"));
    }
}

#[test]
fn an_invalid_comment_is_a_finding_with_a_fix() {
    let folder = Folder::with(&[("a.dstack.yml", &format!("# dstack-lsp: release=newest\n{TASK}"))]);
    let expected = "\
warning[release-comment]: `newest` is not a release; write it as `NEWEST`
 --> a.dstack.yml:1:23
  |
1 | # dstack-lsp: release=newest
  |                       ^^^^^^
  |
  = help: Replace `newest` with `NEWEST`

1 warning in 1 file, checked against dstack NEWEST
exit 0
";
    assert_eq!(folder.run(&["check"]).all(), expected);
}

#[test]
fn hostile_pins_pin_nothing() {
    let folder =
        Folder::with(&[("a.dstack.yml", TASK), ("uv.lock/dstack", ""), ("pdm.lock", &"# dstack\n".repeat(2_000_000))]);
    folder.write("pyproject.toml", b"[project]\ndependencies = ['dstack\xff']\n");
    folder.write("poetry.lock", b"token = 's3cret' dstack\n");
    let ran = folder.run(&["check"]);
    let instead = "so it pins no release; using dstack NEWEST (the newest known)";
    let expected = format!(
        "\
nothing to report in 1 file, checked against dstack NEWEST
note: `pdm.lock` is too large (at most 16 MiB are read per folder), {instead}
note: `poetry.lock` is not valid TOML, {instead}
note: `pyproject.toml` is not UTF-8, {instead}
note: `uv.lock` is not a regular file, {instead}
exit 0
"
    );
    assert_eq!(ran.all(), expected);

    // As PowerShell writes the output of `pip freeze`.
    let utf16: Vec<u8> = "\u{feff}dstack==0.19.40\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = Folder::with(&[("a.dstack.yml", TASK)]);
    folder.write("requirements.txt", &utf16);
    assert_eq!(releases(&folder, &[]), ["a.dstack.yml 0.19.40 requirements.txt true"]);
}

#[cfg(unix)]
#[test]
fn links_and_pipes_do_not_hang_the_program() {
    let folder =
        Folder::with(&[("a.dstack.yml", TASK), ("pyproject.toml", "[project]\ndependencies = ['dstack<0.19']\n")]);
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).expect("links");
    link("poetry.lock", "uv.lock");
    link("uv.lock", "poetry.lock");
    link(".", ".venv");
    link("..", "requirements");
    link("nowhere", "pdm.lock");
    assert!(folder.make_pipe("requirements.txt"), "mkfifo");
    let ran = folder.run_in_time(&["check"], std::process::Stdio::null());
    let instead = "so it pins no release; using dstack 0.18.44 (`<0.19` in `pyproject.toml`)";
    let expected = format!(
        "\
nothing to report in 1 file, checked against dstack 0.18.44 (`<0.19` in `pyproject.toml`)
note: `poetry.lock` cannot be read (Too many levels of symbolic links), {instead}
note: `requirements.txt` is not a regular file, {instead}
note: `uv.lock` cannot be read (Too many levels of symbolic links), {instead}
exit 0
"
    );
    assert_eq!(ran.all(), expected);
    // Not reported if a comment in the file names the release.
    folder.write("a.dstack.yml", format!("# dstack-lsp: release=0.21.5\n{TASK}").as_bytes());
    let expected = "nothing to report in 1 file, checked against dstack 0.21.5 (by a comment in the file)\nexit 0\n";
    assert_eq!(folder.run(&["check"]).all(), expected);
}

#[cfg(unix)]
#[test]
fn an_unreadable_lock_file_is_reported() {
    let folder = Folder::with(&[("a.dstack.yml", TASK), ("uv.lock", &lock("0.19.40"))]);
    let path = folder.path().join("uv.lock");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o000)).expect("the test owns it");
    let mut command = folder.command(&["check"]);
    if std::fs::File::open(&path).is_ok() {
        // The superuser may read everything.
        std::os::unix::process::CommandExt::uid(&mut command, 4321);
    }
    let Ok(output) = output_of(&mut command) else {
        return super::skipped("another user may not run the executable here");
    };
    let note = "note: `uv.lock` cannot be read (Permission denied), so it pins no release; using \
                dstack NEWEST (the newest known)\n";
    assert_eq!(super::Ran::from(output).stderr, note);
}

#[test]
fn auto_is_the_default() {
    let folder = Folder::with(&[("a.dstack.yml", TASK), ("uv.lock", &lock("0.19.40"))]);
    assert_eq!(releases(&folder, &["--release", "auto"]), ["a.dstack.yml 0.19.40 uv.lock true"]);
    assert_eq!(releases(&folder, &["--release=0.21.5"]), ["a.dstack.yml 0.21.5 argument true"]);
}

#[test]
fn suppressed_errors_are_still_rejected_by_dstack() {
    let text = "type: task\ncommands: [a]\nbogus: 1 # dstack-lsp: ignore[unknown-field]\n";
    let folder = Folder::with(&[("a.dstack.yml", text)]);
    let ran = folder.run(&["check", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).expect("the report is JSON");
    let file = &report["files"][0];
    assert_eq!((ran.code, &file["parses"], &file["suppressed"]), (Some(0), &json!(false), &json!(1)));
    assert_eq!((&file["diagnostics"], &report["summary"]["errors"]), (&json!([]), &json!(0)));
    assert_eq!(file["suppressed_errors"], 1);
    let ends = |text: &str, end: &str| {
        folder.write("a.dstack.yml", text.as_bytes());
        let expected = format!("nothing to report in 1 file, checked against dstack NEWEST; {end}\nexit 0\n");
        assert_eq!(folder.run(&["check"]).all(), expected);
    };
    ends(text, "1 error that dstack will report is suppressed");
    let more = format!("{text}nodez: 1 # dstack-lsp: ignore[unknown-field]\n");
    ends(&more, "2 errors that dstack will report are suppressed");
    let advice = "home_dir: /a # dstack-lsp: ignore[deprecated-field]\n";
    let both = format!("{text}{advice}");
    ends(&both, "1 error that dstack will report is suppressed; 1 finding ignored by a comment");
    ends(&format!("type: task\ncommands: [a]\n{advice}"), "1 finding ignored by a comment");
    let report: Value = serde_json::from_str(&folder.run(&["check", "--format", "json"]).stdout).expect("it is JSON");
    let file = &report["files"][0];
    assert_eq!((&file["suppressed"], &file["suppressed_errors"]), (&json!(1), &json!(0)));
}

#[test]
fn a_long_requirements_file_hides_no_configuration() {
    let folder = Folder::with(&[
        ("a.dstack.yml", TASK),
        ("requirements.txt", &"#\n".repeat(8 << 20)),
        ("pyproject.toml", "[tool.dstack-lsp]\nrelease = \"0.20.1\"\n"),
    ]);
    assert_eq!(releases(&folder, &[]), ["a.dstack.yml 0.20.1 pyproject.toml true"]);
}
