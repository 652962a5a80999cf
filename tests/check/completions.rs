//! The completions of shells; bash completes half-typed words as for a user.

use std::process::{Command, Stdio};

use super::{Folder, output_of};

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

/// What bash offers at the end of a line, sorted; `None` if bash is not installed.
fn offered(folder: &Folder, line: &str) -> Option<Vec<String>> {
    let program = r#"
        source ./completions
        # The words of the line, and the function and the options that were registered, as bash itself would use them.
        read -ra COMP_WORDS <<< "$1"
        [[ $1 == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        cur=${COMP_WORDS[COMP_CWORD]}
        [[ $(complete -p dstack-lsp) =~ -F\ ([^ ]+) ]] || exit 3
        "${BASH_REMATCH[1]}" dstack-lsp "$cur" "${COMP_WORDS[COMP_CWORD - 1]}"
        if [ ${#COMPREPLY[@]} -eq 0 ] && [[ $(complete -p dstack-lsp) == *"-o default"* ]]; then
            compgen -f -- "$cur"
        fi
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut command = Command::new("bash");
    command.args(["--norc", "-c", program, "bash", line]).current_dir(folder.path());
    let ran = output_of(&mut command).ok()?;
    assert_eq!((ran.status.code(), String::from_utf8_lossy(&ran.stderr).as_ref()), (Some(0), ""));
    let words = String::from_utf8(ran.stdout).expect("words are text");
    let mut words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    words.sort();
    Some(words)
}

fn with_script(shell: &str) -> Folder {
    let folder = Folder::with(&[("train.dstack.yml", "type: task\n")]);
    let ran = folder.run(&["completions", shell]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    folder.write("completions", ran.stdout.as_bytes());
    folder
}

#[test]
fn bash_completes() {
    let folder = with_script("bash");
    let cases: [(&str, &[&str]); 8] = [
        ("dstack-lsp ch", &["check"]),
        ("dstack-lsp --", &["--help", "--log", "--stdio", "--version"]),
        ("dstack-lsp explain removed", &["removed-field"]),
        ("dstack-lsp check --release 0.19.40", &["0.19.40"]),
        ("dstack-lsp check --fi", &["--fix"]),
        ("dstack-lsp check --format ", &["human", "json"]),
        ("dstack-lsp check tr", &["train.dstack.yml"]),
        ("dstack-lsp completions ", &["--help", "-h", "bash", "elvish", "fish", "powershell", "zsh"]),
    ];
    for (line, expected) in cases {
        let Some(words) = offered(&folder, line) else { return };
        assert_eq!(words, expected, "at the end of `{line}`");
    }
    let words = offered(&folder, "dstack-lsp check ").expect("bash is here");
    assert_eq!(words, [".git", "completions", "train.dstack.yml"], "files where a path is expected");
}

#[test]
fn fish_completes() {
    let folder = with_script("fish");
    for (line, expected) in
        [("dstack-lsp explain removed", "removed-field"), ("dstack-lsp check tr", "train.dstack.yml")]
    {
        let mut command = Command::new("fish");
        command.args(["--no-config", "-c", "source completions; complete -C $argv[1]", line]);
        let Ok(ran) = output_of(command.current_dir(folder.path()).stdin(Stdio::null())) else { return };
        assert_eq!(String::from_utf8_lossy(&ran.stdout).trim(), expected);
    }
}

/// The other installed shells read their scripts without errors.
#[test]
fn shells_read_their_completions() {
    for shell in SHELLS {
        let folder = with_script(shell);
        let script = String::from_utf8(folder.read("completions")).expect("scripts are text");
        for word in ["check", "stdin-filename", "mutually-exclusive", "0.18.43", "server-config"] {
            // The scripts for PowerShell and elvish contain no values.
            let is_value = !matches!(word, "check" | "stdin-filename");
            assert!(
                script.contains(word) || (is_value && matches!(shell, "powershell" | "elvish")),
                "{shell} script lacks `{word}`"
            );
        }
        assert!(!script.contains("clientProcessId"), "{shell} script has an option for editors");
        if matches!(shell, "bash" | "zsh" | "fish") {
            let mut command = Command::new(shell);
            command.args(["-n", "completions"]).current_dir(folder.path()).stdin(Stdio::null());
            let Ok(ran) = output_of(&mut command) else { continue };
            assert!(ran.status.success(), "{shell}: {}", String::from_utf8_lossy(&ran.stderr));
        }
    }
}
