//! The hidden command `debug`.

use super::Folder;

const TEXT: &str = "type: task\nenv: [TOKEN=hush-hush]\nnam: a\ncommands: [a]\n";

#[test]
fn each_representation_is_printed() {
    let folder = Folder::with(&[("a.dstack.yml", TEXT), ("requirements.txt", "dstack==0.19.40\n")]);
    for (what, expected) in [
        ("pieces", "0..55 lines 1-4: 11 nodes"),
        ("tree", "  Scalar@34..37 \"nam\"\n"),
        ("binding", "  Scalar@0..4 \"type\" field type\n"),
        ("findings", "error[unknown-field] parse 34..37 \"nam\": "),
        ("target", "release: 0.19.40\norigin: requirements.txt\n"),
    ] {
        let ran = folder.run(&["debug", what, "a.dstack.yml"]);
        assert!(ran.code == Some(0) && ran.stdout.contains(expected), "{what}: {}", ran.all());
        assert!(!ran.stdout.contains("hush"), "{what}: {}", ran.stdout);
    }
    let ran = folder.run_on(&["debug", "target", "-", "--release", "0.20.1"], TEXT.as_bytes());
    assert!(ran.stdout.contains("release: 0.20.1\norigin: argument\n"), "{}", ran.all());
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let folder = Folder::with(&[]);
    folder.write("latin.yml", b"name: \xe9\n");
    for file in ["none.yml", "latin.yml"] {
        let ran = folder.run(&["debug", "tree", file]);
        assert!(ran.code == Some(2) && ran.stderr.starts_with("error: "), "{}", ran.all());
    }
}

#[test]
fn it_is_hidden_from_the_help_and_from_completions() {
    let folder = Folder::with(&[]);
    for arguments in [&["--help"][..], &["completions", "bash"], &["completions", "zsh"], &["completions", "fish"]] {
        let ran = folder.run(arguments);
        assert!(ran.code == Some(0) && ran.stdout.contains("check") && !ran.stdout.contains("debug"), "{arguments:?}");
    }
}
