//! Which files are checked, as which kind, and with which names.

use serde_json::Value;

use super::{Folder, output_of, wait};

const TASK: &str = "type: task\ncommands:\n  - echo hi\n";

/// `path kind type` of each file in the JSON report.
#[track_caller]
fn files(folder: &Folder, arguments: &[&str], input: &[u8]) -> Vec<String> {
    let ran = folder.run_on(&[&["check", "--format", "json", "--exit-zero"], arguments].concat(), input);
    assert_eq!(ran.stderr, "");
    let report: Value = serde_json::from_str(&ran.stdout).expect("the report is JSON");
    let files = report["files"].as_array().expect("a list");
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    files
        .iter()
        .map(|it| format!("{} {} {}", word(&it["path"]).replace('\\', "/"), word(&it["kind"]), word(&it["type"])))
        .collect()
}

#[test]
fn a_folder_is_searched_for_dstack_files() {
    let folder = Folder::with(&[
        ("train.dstack.yml", TASK),
        (".dstack.yml", TASK),
        ("deep/er/.dstack.yaml", TASK),
        ("deep/serve.dstack.yaml", TASK),
        (".dstack/profiles.yml", "profiles: []\n"),
        ("docker-compose.yml", "services: {}\n"),
        ("dstack.yml", "name: another\n"),
        // Found by their content, not by their names; or not found.
        ("deep/any.yml", TASK),
        ("deep/profiles.yaml", "profiles:\n  - name: a\n    spot_policy: auto\n"),
        (".github/ISSUE_TEMPLATE/task.yml", "name: Chore\ndescription: x\ntype: task\nlabels: [a]\nbody: []\n"),
        ("deep/any.txt", TASK),
        (".git/x.dstack.yml", TASK),
        ("node_modules/x/x.yml", TASK),
        ("env/pyvenv.cfg", ""),
        ("env/lib/x.yml", TASK),
        (".gitignore", "ignored/\n"),
        ("ignored/x.dstack.yml", TASK),
    ]);
    let expected = [
        ".dstack/profiles.yml profiles -",
        ".dstack.yml configuration task",
        "deep/any.yml configuration task",
        "deep/er/.dstack.yaml configuration task",
        "deep/profiles.yaml profiles -",
        "deep/serve.dstack.yaml configuration task",
        "train.dstack.yml configuration task",
    ];
    assert_eq!(files(&folder, &[], b""), expected);
    assert_eq!(files(&folder, &["."], b""), expected);
    assert_eq!(
        files(&folder, &["deep", "./train.dstack.yml"], b"").join("\n"),
        "\
deep/any.yml configuration task
deep/er/.dstack.yaml configuration task
deep/profiles.yaml profiles -
deep/serve.dstack.yaml configuration task
./train.dstack.yml configuration task"
    );
}

#[test]
fn a_given_file_is_checked_whatever_its_name() {
    let folder = Folder::with(&[
        ("a.txt", TASK),
        ("empty", ""),
        ("list.yml", "- a\n"),
        ("b.yml", "type: template\n"),
        ("c.yml", "profiles:\n  - name: a\n"),
        ("d.yml", "projects:\n  - name: main\n"),
        ("e.yml", "projects:\n  - name: main\n    url: there\n    token: t\n"),
        ("ignored.yml", TASK),
        (".gitignore", "ignored.yml\n"),
    ]);
    let names = ["a.txt", "empty", "list.yml", "b.yml", "c.yml", "d.yml", "e.yml", "ignored.yml"];
    assert_eq!(
        files(&folder, &names, b"").join("\n"),
        "\
a.txt configuration task
empty configuration -
list.yml configuration -
b.yml template template
c.yml profiles -
d.yml server-config -
e.yml client-config -
ignored.yml configuration task"
    );
    assert_eq!(files(&folder, &["c.yml", "--kind", "configuration"], b""), ["c.yml configuration -"]);
}

#[test]
fn a_given_file_is_checked_whatever_its_content() {
    let folder = Folder::with(&[("docker-compose.yml", "services: {}\n"), ("a.yml", TASK), ("b.yml", "\u{0}")]);
    folder.write("c.yml", b"type: task\ncommands: [\xff]\n");
    assert_eq!(files(&folder, &["."], b""), ["a.yml configuration task"]);
    let both = ["a.yml configuration task", "docker-compose.yml configuration -"];
    assert_eq!(files(&folder, &[".", "docker-compose.yml"], b""), both);
    assert_eq!(files(&folder, &["a.yml", "docker-compose.yml", "."], b""), both);
    assert_eq!(files(&folder, &["--kind", "profiles", "."], b""), ["a.yml profiles -"]);
}

#[cfg(unix)]
#[test]
fn a_file_with_links_has_the_given_name_or_else_its_own() {
    let folder = Folder::with(&[("train.dstack.yml", TASK), ("b/real.yml", TASK), ("c/x.dstack.yml", TASK)]);
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).expect("links");
    link("train.dstack.yml", "link.dstack.yml");
    link("train.dstack.yml", "zlink.yml");
    link("b/real.yml", "ours.dstack.yml");
    link("c/x.dstack.yml", "a.yml");
    let named = |names: &[&str]| -> Vec<String> {
        let files = files(&folder, names, b"");
        files.iter().map(|it| it.split(' ').next().unwrap_or("").to_owned()).collect()
    };
    // Each once, by its own name, sorted; or by a link, if only that has a name of a dstack file.
    assert_eq!(named(&["."]), ["c/x.dstack.yml", "ours.dstack.yml", "train.dstack.yml"]);
    assert_eq!(named(&["train.dstack.yml", "link.dstack.yml"]), ["train.dstack.yml"]);
    assert_eq!(named(&["link.dstack.yml", "train.dstack.yml"]), ["link.dstack.yml"]);
    assert_eq!(named(&["link.dstack.yml", "."]), ["link.dstack.yml", "c/x.dstack.yml", "ours.dstack.yml"]);
    assert_eq!(named(&[".", "link.dstack.yml"]), ["c/x.dstack.yml", "ours.dstack.yml", "link.dstack.yml"]);
    assert_eq!(named(&["b", "zlink.yml"]), ["b/real.yml", "zlink.yml"]);
    assert_eq!(named(&["b", "."]), ["ours.dstack.yml", "c/x.dstack.yml", "train.dstack.yml"]);
}

#[test]
fn the_folder_of_a_file_decides_about_its_kind_even_from_within() {
    let folder = Folder::with(&[(".dstack/profiles.yml", "a: 1\n")]);
    let mut command = folder.command(&["check", "--format", "json", "profiles.yml", "--exit-zero"]);
    let output = output_of(command.current_dir(folder.path().join(".dstack"))).expect("the executable starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    assert_eq!(report["files"][0]["kind"], "profiles");
}

#[test]
fn standard_input_is_checked_like_a_file() {
    let folder = Folder::with(&[("a.dstack.yml", TASK)]);
    assert_eq!(files(&folder, &["-"], TASK.as_bytes()), ["<stdin> configuration task"]);
    assert_eq!(files(&folder, &["-"], b"profiles: []\n"), ["<stdin> profiles -"]);
    let named = ["--stdin-filename", "x/.dstack/profiles.yml"];
    assert_eq!(files(&folder, &named, TASK.as_bytes()), ["x/.dstack/profiles.yml profiles -"]);
    let both = files(&folder, &["a.dstack.yml", "-", "-"], TASK.as_bytes());
    assert_eq!(both, ["a.dstack.yml configuration task", "<stdin> configuration task"]);
}

#[cfg(unix)]
#[test]
fn a_reader_that_closes_early_is_not_an_error() {
    use std::io::Read;

    let folder = Folder::with(&[]);
    for i in 0..2000 {
        folder.write(&format!("{i}.dstack.yml"), TASK.as_bytes());
    }
    let mut child = folder.command(&["check", "--format", "json"]).spawn().expect("the executable starts");
    let mut stdout = child.stdout.take().expect("it is piped");
    // ends: the program is killed if it does not end in time. The closure drops the pipe.
    let reader = std::thread::spawn(move || stdout.read_exact(&mut [0; 16]));
    let output = wait(child, "check");
    // ends: the program has ended, and no other process writes to the pipe.
    reader.join().expect("reading does not panic").expect("there is some output");
    assert_eq!((output.status.code(), &*String::from_utf8_lossy(&output.stderr)), (Some(0), ""));
}

#[test]
fn the_version_names_the_known_releases() {
    let ran = Folder::with(&[]).run(&["--version"]);
    let expected = format!("dstack-lsp {} (knows dstack 0.18.0 to NEWEST)\nexit 0\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(ran.all(), expected);
}

/// An editor shows these as hints, because the user is still typing; but dstack rejects the file as it is.
#[test]
fn a_file_with_only_a_first_word_is_an_error() {
    for text in ["", "# a\n", "com", "type:\n"] {
        let folder = Folder::with(&[("a.dstack.yml", text)]);
        let ran = folder.run(&["check"]);
        assert_eq!(ran.code, Some(1), "{text:?}");
        assert!(ran.stdout.starts_with("error["), "{text:?}\n{}", ran.stdout);
    }
}
