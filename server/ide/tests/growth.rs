//! The cost of safe fixes and of finding secrets grows linearly. The cost is counted by [`yaml::work`], not timed: eight
//! times the input may cost at most ten times as much.
#![cfg(debug_assertions)]

use ide::{Document, fixed};
use schema::{DocumentKind, Release};
use yaml::{Text, work};

/// The work for the safe fixes of a text, and their number.
fn fixing(text: &str, kind: DocumentKind) -> (u64, usize) {
    let document = Document::new(Text::new(text), kind, Release::NEWEST);
    let before = work::done();
    let (_, titles) = fixed(&document);
    (work::done() - before, titles.len())
}

/// The `i`-th misspelling of `utilization_policy`.
fn misspelled(i: usize) -> String {
    let letter = |i: usize| char::from(b'a' + (i % 26) as u8);
    format!("utiliz{}{}ion_pol{}cy", letter(i), letter(i / 26), letter(i / 26 / 26 + 9))
}

/// Texts with `n` findings of different kinds, and whether each finding has a safe fix.
fn shapes(n: usize) -> Vec<(&'static str, String, DocumentKind, bool)> {
    let task = "type: task\ncommands: [a]\n";
    let each = |line: &dyn Fn(usize) -> String| (0..n).map(line).collect::<String>();
    let configuration = DocumentKind::Configuration;
    let same = "name: x\n".repeat(n);
    let one_line = |item: &str| vec![item; n].join(", ");
    let service = |group: &str| {
        let groups = format!("  - name: g\n    count: 1\n{group}").repeat(n);
        format!("type: service\nport: 80\nimage: a\nreplicas:\n{groups}")
    };
    vec![
        ("a key n times", format!("{task}{same}"), configuration, true),
        ("a key n times with comments", format!("{task}{}", "name: x # c\n".repeat(n)), configuration, true),
        ("a key n times in braces", format!("{task}env: {{{}}}\n", one_line("a: b")), configuration, true),
        (
            "a key n times with other values",
            format!("{task}{}", each(&|i| format!("name: x{i}\n"))),
            configuration,
            false,
        ),
        ("unquoted ports", format!("{task}ports:\n{}", "  - 2222:22\n".repeat(n)), configuration, true),
        ("unquoted ports on a line", format!("{task}ports: [{}]\n", one_line("2222:22")), configuration, true),
        ("variables", format!("{task}env:\n{}", each(&|i| format!("  A{i}: true\n"))), configuration, true),
        ("variables on a line", format!("{task}env: {{{}}}\n", one_line("A: true")), configuration, true),
        ("variables as mappings", format!("{task}env:\n{}", "  - A: b\n".repeat(n)), configuration, true),
        (
            "commands with a colon",
            format!("type: task\ncommands:\n{}", "  - echo Done: ok\n".repeat(n)),
            configuration,
            true,
        ),
        ("groups with a misspelled field", service("    comands: [a]\n"), configuration, true),
        (
            "groups with a misplaced field",
            service("    commands: [a]\n    gpu: 24GB\n    memory: 8GB..\n"),
            configuration,
            true,
        ),
        (
            "profiles",
            format!("profiles:\n{}", "  - name: a\n    spot_polcy: auto\n    pool_name: b\n".repeat(n)),
            DocumentKind::Profiles,
            true,
        ),
        ("unknown fields", format!("{task}{}", each(&|i| format!("zz{i}: x\n"))), configuration, false),
        (
            "unknown fields on a line",
            format!(
                "{{type: task, commands: [a], {}}}\n",
                (0..n).map(|i| format!("zz{i}: x")).collect::<Vec<_>>().join(", ")
            ),
            configuration,
            false,
        ),
        ("volumes without a path", format!("{task}volumes:\n{}", "  - name: x\n".repeat(n)), configuration, false),
        ("misspelled fields", format!("{task}{}", each(&|i| format!("{}: x\n", misspelled(i)))), configuration, false),
        (
            "groups with a field of the service, which has many",
            format!("{}{}", service("    spot_policy: auto\n"), each(&|i| format!("zz{i}: x\n"))),
            configuration,
            false,
        ),
        ("an open quote at the top", format!("\"a\n{task}{same}"), configuration, false),
        ("line separators", format!("{task}{same}").replace('\n', "\u{2028}"), configuration, false),
        ("next lines", format!("{task}{same}").replace('\n', "\u{85}"), configuration, false),
        ("carriage returns", format!("{task}{same}").replace('\n', "\r"), configuration, true),
        ("byte order marks", format!("{task}{}", "\u{feff}name: x\n".repeat(n)), configuration, false),
        ("anchors", format!("{task}x: &x a\n{}", "name: x\nregions: [*x]\n".repeat(n)), configuration, true),
        (
            "an unsafe fix that makes it worse",
            format!("{task}{same}resources: {{gpu: {{vendor: nvida, x: 1}}}}\n"),
            configuration,
            true,
        ),
    ]
}

#[test]
fn the_cost_of_fixes_grows_linearly() {
    let n = 100;
    for ((name, small, kind, has_fixes), (_, large, ..)) in shapes(n).into_iter().zip(shapes(8 * n)) {
        let (one, fixes) = fixing(&small, kind);
        let (eight, more) = fixing(&large, kind);
        println!(
            "{name}: {fixes} fixes, {} per byte; {more} fixes, {} per byte",
            one / small.len() as u64,
            eight / large.len() as u64
        );
        assert!(eight <= 10 * one, "{name}: {one}, then {eight}");
        assert!(!has_fixes || fixes + 1 >= n && more + 1 >= 8 * n, "{name}: {fixes}, then {more} fixes");
    }
}

/// The work for finding the secrets of a text, and their number.
fn scanning(text: &str) -> (u64, usize) {
    let document = Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST);
    let before = work::done();
    let secrets = document.secrets().spans().len();
    (work::done() - before, secrets)
}

/// Lines with `n` repetitions, most of which look like secrets.
fn lines(n: usize) -> Vec<(&'static str, String)> {
    let many = |part: &str| part.repeat(n);
    vec![
        ("words in quotes", format!("- echo {}\n", many("token:\"a\", "))),
        ("closing brackets", format!("{{token: a{}x\n", many("]"))),
        ("brackets among secrets", format!("x: {}\n", many("credentials=["))),
        ("brackets among secrets and a colon", format!("x: {}a:\n", many("credentials=["))),
        ("blanks at the end", format!("{{{}}}{}\n", many("token: a, "), many("          "))),
        ("brackets at the end", format!("{}{}\n", many("{}token "), many("}}}}}}}}}}"))),
        ("prefixes of tokens", format!("x: {}\n", many("sk-a-"))),
        ("words with underscores", format!("token: {}\n", many("q_"))),
        ("tokens", format!("x: {}\n", many("sk-abcdefghijklmnopqrstuvwxyz."))),
        ("URLs without a password", format!("x: {}\n", many("a://b:c"))),
        ("URLs with a password", format!("x: {}\n", many("a://b:c@d "))),
    ]
}

#[test]
fn the_cost_of_finding_secrets_in_a_line_grows_linearly() {
    let n = 200;
    for ((name, small), (_, large)) in lines(n).into_iter().zip(lines(8 * n)) {
        let ((one, _), (eight, secrets)) = (scanning(&small), scanning(&large));
        println!("{name}: {one}, then {eight} for {secrets} secrets");
        assert!(eight <= 10 * one, "{name}: {one}, then {eight}");
    }
}

#[test]
fn an_edit_scans_only_the_lines_around_it_for_secrets() {
    let variables: String = (0..10_000).map(|i| format!("  NAME_{i}: é\n")).collect();
    let text = format!("type: task\ncommands: [a]\nenv:\n{variables}  HF_TOKEN: abcdefgh\n");
    let mut document = Document::new(Text::new(&text), DocumentKind::Configuration, Release::NEWEST);
    assert_eq!(document.secrets().spans().len(), 1);
    for (at, typed) in [("NAME_9", "x"), ("NAME_5000", "\n  DB_PASSWORD: ab\n "), ("NAME_9990", "y"), ("HF_TOKEN", "z")]
    {
        let at = document.text().as_str().find(at).unwrap() as u32;
        document = document.edited(&yaml::Edits::insert(at, typed));
        let before = work::done();
        document.secrets();
        let scanned = work::done() - before;
        assert!(scanned < 8 << 10, "{scanned} of {} for {typed:?}", text.len());
    }
    assert_eq!(document.secrets().spans().len(), 2);
}
