//! `--fix`: what it changes, and what it leaves alone.

use schema::Release;

use super::Folder;

/// The file after `check --fix --release RELEASE`, which ends with `code`.
#[track_caller]
fn fixed(text: &str, release: &str, code: i32) -> String {
    let folder = Folder::with(&[("a.dstack.yml", text)]);
    let ran = folder.run(&["check", "--fix", "--release", release, "a.dstack.yml"]);
    assert_eq!(ran.code, Some(code), "{}", ran.all());
    String::from_utf8(folder.read("a.dstack.yml")).expect("it is UTF-8")
}

#[test]
fn a_file_without_findings_keeps_every_byte() {
    let text = "\u{feff}type: task\r\ncommands: [ls]   # list\r\n\r\n\r\n";
    let folder = Folder::with(&[("a.dstack.yml", text)]);
    let ran = folder.run(&["check", "--fix", "a.dstack.yml"]);
    assert_eq!(ran.all(), "nothing to report in 1 file, checked against dstack NEWEST\nexit 0\n");
    assert_eq!(folder.read("a.dstack.yml"), text.as_bytes());

    let ran = folder.run_on(&["check", "--fix", "-"], text.as_bytes());
    assert_eq!(ran.stdout, text, "text from standard input goes to standard output");
    assert_eq!(ran.stderr, "nothing to report in 1 file, checked against dstack NEWEST\n");
}

/// Both outdated fields, in every order and surrounding: one `idle_duration` remains, and every comment.
#[test]
fn the_fields_for_termination_become_idle_duration() {
    let policy = "termination_policy: destroy-after-idle # policy";
    let time = "termination_idle_time: 30m # time";
    let idle = "idle_duration: 10m # idle";
    let orders: [(&[&str], &str); 8] = [
        (&[policy, time], "30m"),
        (&[time, policy], "30m"),
        (&[policy], "5m"),
        (&[time], "30m"),
        (&[idle, policy, time], "10m"),
        (&[policy, idle, time], "10m"),
        (&[time, policy, idle], "10m"),
        (&[time, idle], "10m"),
    ];
    for (fields, duration) in orders {
        for (before, after) in [("", ""), ("# before\n", "# after\n"), ("name: a\n\n", "\n\nspot_policy: auto\n")] {
            for newline in ["\n", "\r\n"] {
                for end in ["\n", ""] {
                    let lines = fields.join("\n");
                    let text = format!("# top\ntype: task\ncommands:\n  - ls # list\n{before}{lines}\n{after}");
                    let text = format!("{}{end}", text.trim_end()).replace('\n', newline);
                    let after_fix = fixed(&text, &Release::NEWEST.to_string(), 0);
                    assert!(!after_fix.contains("termination_"), "{text:?} became {after_fix:?}");
                    // A value that is the default is not written.
                    let is_default = duration == "5m" && !after_fix.contains("idle_duration:");
                    let written = after_fix.lines().filter(|it| it.starts_with("idle_duration:")).collect::<Vec<_>>();
                    let as_expected =
                        written.len() == 1 && written[0].starts_with(&format!("idle_duration: {duration}"));
                    assert!(is_default || as_expected, "{text:?} became {after_fix:?}");
                    for line in text.lines().filter(|it| !it.is_empty()) {
                        let outdated = line.starts_with("termination_");
                        let kept =
                            if outdated { line.split_once('#').map_or("", |(_, it)| it) } else { line.trim_end() };
                        assert!(after_fix.contains(kept), "{text:?} lost {kept:?}: {after_fix:?}");
                    }
                    let lone = after_fix.replace("\r\n", "");
                    assert!(newline == "\n" || !lone.contains('\n'), "{text:?} became {after_fix:?}");
                    assert_eq!(
                        fixed(&after_fix, &Release::NEWEST.to_string(), 0),
                        after_fix,
                        "a second run has nothing to do"
                    );
                }
            }
        }
    }
}

#[test]
fn the_fields_for_termination_in_braces_and_as_the_only_ones() {
    let text = "{type: task, commands: [ls], termination_policy: dont-destroy, termination_idle_time: 1h}\n";
    assert_eq!(fixed(text, &Release::NEWEST.to_string(), 0), "{type: task, commands: [ls], idle_duration: off}\n");
    let text = "type: task\ncommands: [ls]\n# why\ntermination_policy: dont-destroy\n";
    assert_eq!(fixed(text, &Release::NEWEST.to_string(), 0), "type: task\ncommands: [ls]\n# why\nidle_duration: off\n");
}

#[test]
fn the_encoding_is_kept_and_only_the_affected_line_changes() {
    let text = "\u{feff}# Grüße 🚀\r\ntype: task\r\ncomands:   [ls]  # 你好\r\n\r\n# the end";
    assert_eq!(fixed(text, &Release::NEWEST.to_string(), 0), text.replace("comands", "commands"));
}

#[test]
fn guesses_are_left_to_the_user() {
    let text = "type: task\ncommands: [ls]\nfrobnicate: 1\n";
    assert_eq!(fixed(text, &Release::NEWEST.to_string(), 1), text);
}

#[test]
fn fixed_standard_input_is_printed() {
    let ran = Folder::with(&[]).run_on(&["check", "--fix", "-"], b"type: task\ncomands: [ls]\n");
    assert_eq!(ran.stdout, "type: task\ncommands: [ls]\n");
    assert_eq!(ran.stderr, "nothing to report in 1 file, checked against dstack NEWEST; 1 fixed\n");
    assert_eq!(ran.code, Some(0));
}

/// An editor takes the output as the new text: an empty output would be an empty file.
#[test]
fn standard_input_that_cannot_be_fixed_is_printed_unchanged() {
    let folder = Folder::with(&[]);
    let printed = |input: &[u8]| {
        let command = &mut folder.command(&["check", "--fix", "-"]);
        let mut child = command.stdin(std::process::Stdio::piped()).spawn().expect("the executable starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        let input = input.to_vec();
        let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &input));
        let output = super::wait(child, "check --fix -");
        // ends: the program has closed the pipe.
        writer.join().expect("writing does not panic").expect("all is read");
        (output.stdout, output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (latin, utf16) = (b"type: task # \xe4\n", b"\xff\xfet\0y\0");
    for input in [&latin[..], utf16, b"\xef\xbb\xbf\xe4", b"type: [", b"# no fix\n"] {
        assert_eq!(printed(input).0, input);
    }
    let large = "# large\n".repeat((64 << 20) / 8 + 100);
    let (out, code, said) = printed(large.as_bytes());
    assert!(out == large.as_bytes(), "{} bytes of {}", out.len(), large.len());
    assert_eq!((code, &*said), (Some(2), "error: `<stdin>` is too large: more than 64 MiB\n"));
}

#[cfg(unix)]
#[test]
fn links_and_permissions_are_kept() {
    use std::{fs, os::unix::fs::PermissionsExt};

    let folder = Folder::with(&[("real/a.yml", "type: task\ncomands: [ls]\n")]);
    let real = folder.path().join("real/a.yml");
    let link = folder.path().join("a.dstack.yml");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("the test owns it");
    std::os::unix::fs::symlink("real/a.yml", &link).expect("links can be made");
    assert_eq!(folder.run(&["check", "--fix"]).code, Some(0));
    assert!(link.is_symlink());
    assert_eq!(folder.read("real/a.yml"), b"type: task\ncommands: [ls]\n");
    assert_eq!(fs::metadata(&real).expect("it is there").permissions().mode() & 0o777, 0o640);
    let left = fs::read_dir(folder.path().join("real")).expect("it is a folder").count();
    assert_eq!(left, 1, "nothing is left beside the file");

    fs::write(&real, "type: task\ncomands: [ls]\n").expect("it can be written");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).expect("the test owns it");
    let ran = folder.run(&["check", "--fix", "a.dstack.yml"]);
    // No message claims that `--fix` applies the fix.
    let expected = "\
error[unknown-field]: unknown field `comands`; did you mean `commands`?
 --> a.dstack.yml:2:1
  |
2 | comands: [ls]
  | ^^^^^^^
  |
  = help: Rename `comands` to `commands`
  = help: Remove `comands`

1 error in 1 file, checked against dstack NEWEST
error: cannot write `a.dstack.yml`: it is read-only
exit 2
";
    assert_eq!(ran.all(), expected);
}

const BROKEN: &str = "type: task\ncomands: [ls]\n";
const MENDED: &str = "type: task\ncommands: [ls]\n";

#[cfg(unix)]
#[test]
fn a_file_with_hard_links_is_left_alone() {
    let folder = Folder::with(&[("a.dstack.yml", BROKEN)]);
    let path = |name: &str| folder.path().join(name);
    std::fs::hard_link(path("a.dstack.yml"), path("other")).expect("it can have two names");
    let ran = folder.run(&["check", "--fix"]);
    let error = "\n1 error in 1 file, checked against dstack NEWEST\nerror: cannot write `a.dstack.yml`: it has 2 hard \
                 links, which replacing it would break\nexit 2\n";
    assert!(ran.all().ends_with(error), "{}", ran.all());
    std::fs::remove_file(path("other")).expect("the test owns it");
    assert_eq!(folder.run(&["check", "--fix"]).code, Some(0));
    assert_eq!(folder.read("a.dstack.yml"), MENDED.as_bytes());
}

#[cfg(unix)]
#[test]
fn the_owner_of_a_file_is_kept() {
    use std::os::unix::fs::{MetadataExt, chown};

    let folder = Folder::with(&[("a.dstack.yml", BROKEN)]);
    let file = folder.path().join("a.dstack.yml");
    if chown(&file, Some(1234), Some(5678)).is_err() {
        return super::skipped("only the superuser can give files away");
    }
    assert_eq!(folder.run(&["check", "--fix"]).code, Some(0));
    let metadata = std::fs::metadata(&file).expect("it is there");
    assert_eq!((metadata.uid(), metadata.gid()), (1234, 5678));
    assert_eq!(folder.read("a.dstack.yml"), MENDED.as_bytes());

    // A user who may write into the folder, but not change the owner of files.
    folder.write("a.dstack.yml", BROKEN.as_bytes());
    let for_all = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(folder.path(), for_all).expect("the test owns it");
    let mut command = folder.command(&["check", "--fix", "a.dstack.yml"]);
    std::os::unix::process::CommandExt::uid(&mut command, 4321);
    let Ok(output) = super::output_of(&mut command) else {
        return super::skipped("another user may not run the executable here");
    };
    let ran = super::Ran::from(output);
    let error =
        "error: cannot write `a.dstack.yml`: cannot preserve its owner and group: Operation not permitted\nexit 2\n";
    assert!(ran.all().ends_with(error), "{}", ran.all());
    assert_eq!(folder.read("a.dstack.yml"), BROKEN.as_bytes());
    let names = std::fs::read_dir(folder.path()).expect("it is a folder").count();
    assert_eq!(names, 2, "nothing is left beside the file");
}

#[cfg(unix)]
#[test]
fn a_name_may_have_the_maximum_length() {
    let name = format!("{}.dstack.yml", "n".repeat(255 - ".dstack.yml".len()));
    let folder = Folder::with(&[(&name, BROKEN)]);
    let fixed = "nothing to report in 1 file, checked against dstack NEWEST; 1 fixed\nexit 0\n";
    assert_eq!(folder.run(&["check", "--fix"]).all(), fixed);
    assert_eq!(folder.read(&name), MENDED.as_bytes());
}

#[cfg(unix)]
#[test]
fn leftovers_of_a_killed_run_are_removed_by_the_next() {
    let folder = Folder::with(&[("deep/a.dstack.yml", MENDED), ("deep/er/b.txt", "")]);
    let child = folder.command(&["releases"]).spawn().expect("the executable starts");
    let left = format!(".dstack-lsp-fix-{}-0.tmp", child.id());
    super::wait(child, "releases");
    let live = format!(".dstack-lsp-fix-{}-0.tmp", std::process::id());
    for name in [&left, &live] {
        folder.write(&format!("deep/{name}"), b"type: ta");
    }
    let names = || {
        let entries = std::fs::read_dir(folder.path().join("deep")).expect("it is a folder");
        let mut names: Vec<_> = entries.map(|it| it.expect("it can be read").file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(folder.run(&["check"]).code, Some(0));
    assert_eq!(names().len(), 4, "without `--fix` nothing is removed");
    // Also where there is nothing to fix.
    assert_eq!(folder.run(&["check", "--fix"]).code, Some(0));
    assert_eq!(names(), [live.as_str(), "a.dstack.yml", "er"]);
}
