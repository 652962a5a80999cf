//! `--fix`: what it changes, and what it leaves alone.

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
fn a_file_in_order_stays_as_it_is_byte_by_byte() {
    let text = "\u{feff}type: task\r\ncommands: [ls]   # list\r\n\r\n\r\n";
    let folder = Folder::with(&[("a.dstack.yml", text)]);
    let ran = folder.run(&["check", "--fix", "a.dstack.yml"]);
    assert_eq!(ran.all(), "nothing to report in 1 file, checked against dstack 0.22.5\nexit 0\n");
    assert_eq!(folder.read("a.dstack.yml"), text.as_bytes());

    let ran = folder.run_on(&["check", "--fix", "-"], text.as_bytes());
    assert_eq!(ran.stdout, text, "text from standard input goes to standard output");
    assert_eq!(ran.stderr, "nothing to report in 1 file, checked against dstack 0.22.5\n");
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
                    let after_fix = fixed(&text, "0.22.5", 0);
                    assert!(!after_fix.contains("termination_"), "{text:?} became {after_fix:?}");
                    // What holds anyway need not be written down.
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
                    assert_eq!(fixed(&after_fix, "0.22.5", 0), after_fix, "a second run has nothing to do");
                }
            }
        }
    }
}

#[test]
fn the_fields_for_termination_in_braces_and_as_the_only_ones() {
    let text = "{type: task, commands: [ls], termination_policy: dont-destroy, termination_idle_time: 1h}\n";
    assert_eq!(fixed(text, "0.22.5", 0), "{type: task, commands: [ls], idle_duration: off}\n");
    let text = "type: task\ncommands: [ls]\n# why\ntermination_policy: dont-destroy\n";
    assert_eq!(fixed(text, "0.22.5", 0), "type: task\ncommands: [ls]\n# why\nidle_duration: off\n");
}

#[test]
fn the_encoding_stays_and_only_the_guilty_line_changes() {
    let text = "\u{feff}# Grüße 🚀\r\ntype: task\r\ncomands:   [ls]  # 你好\r\n\r\n# the end";
    assert_eq!(fixed(text, "0.22.5", 0), text.replace("comands", "commands"));
}

#[test]
fn what_is_a_guess_is_left_to_the_user() {
    let text = "type: task\ncommands: [ls]\nfrobnicate: 1\n";
    assert_eq!(fixed(text, "0.22.5", 1), text);
}

#[test]
fn standard_input_is_printed_mended() {
    let ran = Folder::with(&[]).run_on(&["check", "--fix", "-"], b"type: task\ncomands: [ls]\n");
    assert_eq!(ran.stdout, "type: task\ncommands: [ls]\n");
    assert_eq!(ran.stderr, "nothing to report in 1 file, checked against dstack 0.22.5; 1 fixed\n");
    assert_eq!(ran.code, Some(0));
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_rights_stay_rights() {
    use std::{fs, os::unix::fs::PermissionsExt};

    let folder = Folder::with(&[("real/a.yml", "type: task\ncomands: [ls]\n")]);
    let real = folder.path().join("real/a.yml");
    let link = folder.path().join("a.dstack.yml");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("it is ours");
    std::os::unix::fs::symlink("real/a.yml", &link).expect("links can be made");
    assert_eq!(folder.run(&["check", "--fix"]).code, Some(0));
    assert!(link.is_symlink());
    assert_eq!(folder.read("real/a.yml"), b"type: task\ncommands: [ls]\n");
    assert_eq!(fs::metadata(&real).expect("it is there").permissions().mode() & 0o777, 0o640);
    let left = fs::read_dir(folder.path().join("real")).expect("it is a folder").count();
    assert_eq!(left, 1, "nothing is left beside the file");

    fs::write(&real, "type: task\ncomands: [ls]\n").expect("it can be written");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).expect("it is ours");
    let ran = folder.run(&["check", "--fix", "a.dstack.yml"]);
    let expected = "1 error in 1 file, checked against dstack 0.22.5; `--fix` mends 1\n\
                    error: cannot write `a.dstack.yml`: it is read-only\nexit 2\n";
    assert!(ran.all().starts_with("error[unknown-field]: ") && ran.all().ends_with(expected), "{}", ran.all());
}
