//! Invalid input: clear messages, and the right exit code.

use std::process::Stdio;

use schema::Release;

use super::{Folder, neutral};

const TASK: &str = "type: task\ncommands:\n  - echo hi\n";

#[track_caller]
fn check(folder: &Folder, arguments: &[&str], expected: &str) {
    assert_eq!(folder.run(arguments).all(), expected);
}

#[test]
fn a_path_that_does_not_exist() {
    check(&Folder::with(&[]), &["check", "nope.yml"], "error: there is no file or folder `nope.yml`\nexit 2\n");
}

#[test]
fn a_folder_without_dstack_files_is_not_an_error() {
    let folder = Folder::with(&[("src/docker-compose.yml", "services: {}\n"), ("a.dstack.yml", TASK)]);
    let warning = "warning: no dstack files in `src`: none ends in `.dstack.yml`, and no other YAML file looks like one; \
                   pass a file by name to check it anyway\n";
    check(&folder, &["check", "src"], &format!("{warning}exit 0\n"));
    check(&folder, &["check", "--fix", "src"], &format!("{warning}exit 0\n"));
    let ran = folder.run(&["check", "--format", "json", "src"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    assert_eq!((&report["files"], &*ran.stderr, ran.code), (&serde_json::json!([]), warning, Some(0)));
    let nothing = "nothing to report in 1 file, checked against dstack NEWEST\n";
    check(&folder, &["check", "src", "a.dstack.yml"], &format!("{nothing}{warning}exit 0\n"));
    let missing = "error: there is no file or folder `nope`\n";
    check(&folder, &["check", "src", "nope"], &format!("{warning}{missing}exit 2\n"));
}

#[test]
fn the_other_files_are_checked_nevertheless() {
    let expected = "nothing to report in 1 file, checked against dstack NEWEST\n\
                    error: there is no file or folder `nope.yml`\nexit 2\n";
    check(&Folder::with(&[("a.dstack.yml", TASK)]), &["check", "nope.yml", "a.dstack.yml"], expected);
}

#[test]
fn an_invalid_release() {
    let folder = Folder::with(&[("a.dstack.yml", TASK)]);
    for release in ["latest", "0.19", "0.19.x", "", "0.19.40.1"] {
        let ran = folder.run(&["check", "--release", release]);
        let reason = neutral(&format!("`{release}` is not a release; write it as `{}`", Release::like(release)));
        assert!(ran.stderr.contains(&reason), "{}", ran.stderr);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""));
    }
}

#[test]
fn a_kind_a_format_an_option_that_does_not_exist() {
    let folder = Folder::with(&[("a.dstack.yml", TASK)]);
    for (arguments, words) in [
        (["check", "--kind", "job"], "[possible values: configuration, profiles, "),
        (["check", "--format", "xml"], "[possible values: human, json]"),
        (["check", "--frobnicate", "a.dstack.yml"], "unexpected argument '--frobnicate'"),
        (["chekc", "a.dstack.yml", "b"], "unrecognized subcommand 'chekc'"),
    ] {
        let ran = folder.run(&arguments);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
        assert_eq!(ran.code, Some(2));
    }
}

#[test]
fn a_file_that_is_not_utf_8() {
    let folder = Folder::with(&[]);
    folder.write("latin.dstack.yml", b"type: task\nname: caf\xe9\n");
    let expected = "\
error[syntax-error]: the file is not UTF-8: invalid byte 0xE9; save it as UTF-8
 --> latin.dstack.yml:2:10
  |
2 | name: caf?
  |          ^

1 error in 1 file, checked against dstack NEWEST
exit 1
";
    check(&folder, &["check", "latin.dstack.yml"], expected);

    folder.write("wide.dstack.yml", b"\xff\xfet\0y\0");
    let ran = folder.run(&["check", "wide.dstack.yml"]);
    assert!(ran.stdout.contains("the file is UTF-16; save it as UTF-8"), "{}", ran.stdout);
}

#[test]
fn a_file_that_is_too_large_is_reported_with_the_limit() {
    let folder = Folder::with(&[("a.dstack.yml", TASK)]);
    let large = std::fs::File::create(folder.path().join("large.dstack.yml")).expect("it can be written");
    large.set_len((64 << 20) + 1).expect("a file may have a hole");
    let error = "error: `large.dstack.yml` is too large: more than 64 MiB\nexit 2\n";
    check(&folder, &["check", "large.dstack.yml"], error);
    let nothing = "nothing to report in 1 file, checked against dstack NEWEST\n";
    check(&folder, &["check", "."], &format!("{nothing}{error}"));
}

#[test]
fn a_large_file_that_looks_like_a_dstack_file_is_reported_as_skipped() {
    let long = "# x\n".repeat(300_000);
    let folder = Folder::with(&[
        ("a.dstack.yml", TASK),
        ("ours.yml", &format!("{TASK}{long}")),
        ("others.yml", &format!("kind: Deployment\n{long}")),
    ]);
    let nothing = "nothing to report in 1 file, checked against dstack NEWEST\n";
    let note =
        "note: skipped `ours.yml`, which looks like a dstack file but exceeds 1 MiB; pass it by name to check it\n";
    check(&folder, &["check", "."], &format!("{nothing}{note}exit 0\n"));
    check(&folder, &["check", "ours.yml"], &format!("{nothing}exit 0\n"));
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_read() {
    let folder = Folder::with(&[]);
    assert!(folder.make_pipe("pipe.dstack.yml"), "mkfifo");
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket.dstack.yml")).expect("sockets");
    std::os::unix::fs::symlink("pipe.dstack.yml", folder.path().join("link.dstack.yml")).expect("links");
    for (name, what) in [
        ("pipe.dstack.yml", "a named pipe"),
        ("link.dstack.yml", "a named pipe"),
        ("socket.dstack.yml", "a socket"),
        ("/dev/null", "a device"),
        ("/dev/zero", "a device"),
    ] {
        let error =
            format!("error: `{name}` is {what}; only regular files are checked (`-` is standard input)\nexit 2\n");
        for arguments in [&["check", name][..], &["check", "--fix", name]] {
            assert_eq!(folder.run_in_time(arguments, Stdio::null()).all(), error);
        }
    }
    // They are not found in folders.
    let ran = folder.run_in_time(&["check", "--fix", "."], Stdio::null());
    assert!(ran.stderr.starts_with("warning: no dstack files in `.`") && ran.code == Some(0), "{}", ran.all());
}

#[cfg(unix)]
#[test]
fn pipes_from_a_shell_are_read() {
    let folder = Folder::with(&[("a.dstack.yml", TASK)]);
    let nothing = "nothing to report in 1 file, checked against dstack NEWEST\nexit 0\n";
    let file = std::fs::File::open(folder.path().join("a.dstack.yml")).expect("it is there");
    assert_eq!(folder.run_in_time(&["check", "/dev/stdin"], file.into()).all(), nothing);
    let (reader, mut writer) = std::io::pipe().expect("there are pipes");
    let text = b"type: task\ncomands: [ls]\n";
    std::io::Write::write_all(&mut writer, text).expect("there is room for it");
    drop(writer);
    let ran = folder.run_in_time(&["check", "--fix", "/dev/fd/0"], reader.into());
    let error = "\n1 error in 1 file, checked against dstack NEWEST\n\
                 error: cannot write `/dev/fd/0`: it is not a regular file\nexit 2\n";
    assert!(ran.all().ends_with(error), "{}", ran.all());
}

#[cfg(unix)]
#[test]
fn links_in_a_circle() {
    let folder = Folder::with(&[("project/a.dstack.yml", TASK)]);
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).expect("links");
    link("one", "two");
    link("two", "one");
    link(".", "project/again");
    link("a.dstack.yml", "project/b.dstack.yml");
    check(&folder, &["check", "one"], "error: cannot read `one`: Too many levels of symbolic links\nexit 2\n");
    // Neither the folder that contains itself nor the second name of the file is checked as a second file.
    check(&folder, &["check", "project"], "nothing to report in 1 file, checked against dstack NEWEST\nexit 0\n");
}

#[test]
fn a_file_named_twice_is_checked_once() {
    let folder = Folder::with(&[("a.dstack.yml", TASK)]);
    let once = "nothing to report in 1 file, checked against dstack NEWEST\nexit 0\n";
    check(&folder, &["check", "a.dstack.yml", "./a.dstack.yml", "."], once);
}

// Windows has no such names.
#[cfg(unix)]
#[test]
fn control_characters_in_names_are_replaced() {
    let expected = "error: there is no file or folder `a\u{fffd}[31m`\nexit 2\n";
    check(&Folder::with(&[]), &["check", "a\u{1b}[31m"], expected);
}

#[test]
fn a_rule_that_does_not_exist() {
    let expected = "error: there is no rule `nope`; `dstack-lsp explain` lists them\nexit 2\n";
    check(&Folder::with(&[]), &["explain", "nope"], expected);
}

/// The first line of the report on a text, and the exit code.
#[track_caller]
fn first_line(text: &str) -> (String, Option<i32>) {
    let ran = Folder::with(&[]).run_on(&["check", "-"], text.as_bytes());
    (ran.stdout.lines().next().unwrap_or("").to_owned(), ran.code)
}

#[test]
fn an_empty_file() {
    let expected = "\
error[missing-field]: the file is empty; expected a `type` field, such as `type: task`
 --> empty.dstack.yml:1:1
  |
1 |
  | ^

1 error in 1 file, checked against dstack NEWEST
exit 1
";
    check(&Folder::with(&[("empty.dstack.yml", "")]), &["check", "empty.dstack.yml"], expected);
    assert!(first_line("# only a comment\n").0.contains("the file is empty"));
}

#[test]
fn two_documents_a_nul_and_300_levels() {
    let error = |message: &str| (format!("error[syntax-error]: {message}"), Some(1));
    let second = "unexpected second document; write one document per file";
    assert_eq!(first_line(&format!("{TASK}---\n{TASK}")), error(second));
    let nul = "character U+0000 is not allowed in YAML; is this a binary file?";
    assert_eq!(first_line(&format!("{TASK}name: a\0b\n")), error(nul));
    let deep = "nested more than 250 levels deep; flatten this part";
    assert_eq!(first_line(&format!("{TASK}env: {}{}\n", "[".repeat(300), "]".repeat(300))), error(deep));
    assert_eq!(first_line(&format!("{TASK}env: {}\n", "[".repeat(50_000))), error(deep));
}

#[test]
fn forty_thousand_lines() {
    let sound = format!("type: task\ncommands:\n{}", "  - echo hi\n".repeat(40_000));
    let ran = Folder::with(&[]).run_on(&["check", "-"], sound.as_bytes());
    assert_eq!(ran.all(), "nothing to report in 1 file, checked against dstack NEWEST\nexit 0\n");
    let broken = format!("{sound}env: [a\nname: \"b\n");
    assert_eq!(first_line(&broken), ("error[syntax-error]: unclosed `[`; add `]`".into(), Some(1)));
}
