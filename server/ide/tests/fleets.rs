//! Findings, fixes, hover and outline of fleets.

use ide::{Document, Stage, Symbol, diagnostics, fixed, hover, symbols};
use schema::{DocumentKind, Release};
use yaml::Text;

const OLD: Release = Release::new(0, 18, 43);

fn document(text: &str, release: Release) -> Document {
    Document::new(Text::new(text), DocumentKind::Configuration, release)
}

/// The messages about a fleet, given the lines below its `type`, one per line; in parentheses if dstack does not reject the
/// file.
fn messages(text: &str, release: Release) -> String {
    let found = diagnostics(&document(&format!("type: fleet\n{text}"), release));
    let line = |it: &ide::Diagnostic| match it.stage {
        Stage::Parse => it.message.clone(),
        _ => format!("({})", it.message),
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(messages(text, Release::NEWEST), expected, "{text}");
}

/// The fleet after all safe fixes, without its first line.
fn repaired(text: &str, release: Release) -> String {
    let (document, _) = fixed(&document(&format!("type: fleet\n{text}"), release));
    document.text().as_str().trim_start_matches("type: fleet\n").to_string()
}

/// Checks that the hover at `$0` contains each of the strings.
#[track_caller]
fn check_hover(text: &str, release: Release, expected: &[&str]) {
    let at = text.find("$0").expect("a cursor");
    let hover = hover(&document(&text.replace("$0", ""), release), at as u32).expect("a hover");
    for it in expected {
        assert!(hover.markdown.contains(it), "{it:?} is not in\n{}", hover.markdown);
    }
}

#[test]
fn nodes_are_a_number_a_range_or_a_mapping() {
    for value in ["2", "\"2\"", "0..4", "..", "..4", "{}", "{min: 1, target: 2, max: 3}", "{target: 2}", "~"] {
        check(&format!("nodes: {value}\n"), "");
    }
    check("nodes: -1\n", "the number of instances is negative; expected at least 0");
    check("nodes: 2.0\n", "expected an integer or a range, such as `2..`");
    check("nodes: [1]\n", "expected a number, a range or a mapping, found a list");
    check("nodes: 4..2\n", "range `4..2` is reversed; write `2..4`");
    check("nodes: {min: -1}\n", "`-1` is too small; expected at least 0");
    check("nodes: {min: 2, max: 1}\n", "`max` is less than `min`; expected at least 2");
    check("nodes: {min: 2, target: 1}\n", "`target` is less than `min`; expected at least 2");
    check("nodes: {target: 5, max: 4}\n", "`max` is less than `target`; expected at least 5");
    check("nodes: {max: -1}\n", "`max` is negative; expected at least 0");
    check("nodes: {minimum: 1}\n", "`nodes` has no field `minimum`; use `min`");
    let before = Release::new(0, 19, 26);
    assert_eq!(messages("nodes: -1\n", before), "");
    assert_eq!(messages("nodes: ..\n", before), "missing bound; write `2..` for at least 2");
    assert_eq!(messages("nodes: {min: 1, max: 2}\n", before), "");
    assert_eq!(
        messages("nodes: {min: 1, target: 2}\n", before),
        "`target` requires dstack 0.19.27 or later (checking against 0.19.26)"
    );
}

#[test]
fn hosts_are_names_or_mappings() {
    let hosts = |it: &str| format!("ssh_config:\n  hosts:\n    - {it}\n");
    for value in ["a", "10.0.0.1", "{hostname: a}", "{hostname: a, port: 22, blocks: auto, internal_ip: fd00::1}", "7"]
    {
        check(&hosts(value), "");
    }
    check("ssh_config:\n  hosts: []\n", "");
    check("ssh_config:\n  user: a\n", "`ssh_config` requires `hosts`");
    check(&hosts("{user: a}"), "an item of `hosts` requires `hostname`");
    check(&hosts("{host: a}"), "unknown field `host`; did you mean `hostname`?");
    check(
        &hosts("{hostname: a, internal_ip: 8.8.8.8}"),
        "`8.8.8.8` is a public address; expected the private address of this host",
    );
    check(&hosts("{hostname: a, blocks: 0}"), "`0` is too small; expected an integer of at least 1, or `auto`");
    check(
        &hosts("{hostname: a, proxy_jump: {hostname: b}}"),
        "`proxy_jump` requires `identity_file`\n`proxy_jump` requires `user`",
    );
    check("ssh_config:\n  hosts: [a]\n  network: 10.0.0.0/24\n", "");
    check(
        "ssh_config:\n  hosts: [a]\n  network: 10.0.0/24\n",
        "invalid IP address `10.0.0`; expected a network such as `10.0.0.0/24`",
    );
}

#[test]
fn misspellings_are_corrected() {
    check("placment: cluster\n", "unknown field `placment`; did you mean `placement`?");
    check("placement: clustr\n", "invalid value `clustr`; did you mean `cluster`?");
    check("gpu: A100\n", "a fleet has no field `gpu`; it belongs under `resources`");
    check("instances: 2\n", "a fleet has no field `instances`; use `nodes`");
    check("hosts: [a]\n", "a fleet has no field `hosts`; it belongs under `ssh_config`");
    check("env: [A=1, A=2]\n", "duplicate environment variable `A`");
    assert_eq!(repaired("nodes: 1\ngpu: A100\n", Release::NEWEST), "nodes: 1\nresources:\n  gpu: A100\n");
    assert_eq!(
        repaired("ssh_config:\n  host: [a]\n  user: b\n", Release::NEWEST),
        "ssh_config:\n  hosts: [a]\n  user: b\n"
    );
}

#[test]
fn outdated_fields_are_replaced_by_their_equivalents_in_fleets() {
    for release in [OLD, Release::new(0, 19, 20), Release::NEWEST] {
        assert_eq!(repaired("termination_idle_time: 1h\n", release), "idle_duration: 1h\n");
        assert_eq!(repaired("termination_policy: dont-destroy\n", release), "idle_duration: off\n");
        assert_eq!(repaired("termination_policy: destroy-after-idle\n", release), "idle_duration: 3d\n");
    }
    assert_eq!(messages("termination_idle_time: 1h\n", Release::new(0, 18, 33)), "");
    assert_eq!(
        messages("termination_idle_time: 1h\n", Release::NEWEST),
        "`termination_idle_time` was removed in dstack 0.20.0; use `idle_duration`"
    );
}

#[test]
fn fields_require_their_release() {
    for (field, value, since) in [
        ("env", "[A=1]", Release::new(0, 18, 9)),
        ("reservation", "x", Release::new(0, 18, 30)),
        ("idle_duration", "1h", Release::new(0, 18, 34)),
        ("blocks", "auto", Release::new(0, 18, 41)),
        ("availability_zones", "[a]", Release::new(0, 18, 41)),
        ("tags", "{a: b}", Release::new(0, 19, 5)),
        ("backend_options", "[{min_score: 1}]", Release::new(0, 20, 22)),
    ] {
        let text = format!("{field}: {value}\n");
        let before = Release::all().take_while(|it| *it < since).last().expect("a release before");
        assert_eq!(messages(&text, since), "", "{field}");
        assert!(messages(&text, before).contains(&format!("{since}")), "{field}: {}", messages(&text, before));
    }
    let too_old = diagnostics(&document("type: fleet\nnodes: 1\n", Release::new(0, 18, 6)));
    assert_eq!(too_old.len(), 1, "{too_old:?}");
}

#[test]
fn hover_describes_fleets() {
    let newest = Release::NEWEST;
    check_hover("type: fle$0et\n", newest, &["**`fleet`**", "your own machines over SSH"]);
    check_hover("type: fleet\nidle_dur$0ation: 1h\n", newest, &["default `3d`", "Since 0.18.34"]);
    check_hover("type: fleet\nplacement: clus$0ter\n", newest, &["**`cluster`**: a value of `placement`"]);
    check_hover("type: fleet\nnodes: 0..$04\n", newest, &["at least 0 instances", "at most 4 instances"]);
    check_hover("type: fleet\nblocks: au$0to\n", newest, &["as many blocks as possible"]);
    check_hover("type: fleet\nssh_config:\n  netw$0ork: x\n", newest, &["`network`", "10.0.0.0/24"]);
    check_hover("type: fleet\nssh_config:\n  network: 10.0.0$0.9/24\n", newest, &["10.0.0.0 to 10.0.0.255"]);
    check_hover("type: fleet\nssh_config:\n  hosts:\n    - host$0name: a\n", newest, &["**`hostname`**", "(required)"]);
    check_hover("type: fleet\ntermination_pol$0icy: x\n", OLD, &["⚠ Deprecated since 0.18.34; use `idle_duration`"]);
    check_hover("type: fleet\nta$0gs: {}\n", OLD, &["⚠ Requires dstack 0.19.5 or later"]);
}

#[test]
fn the_outline_names_hosts() {
    fn names(symbols: &[Symbol], depth: usize, acc: &mut String) {
        for it in symbols {
            acc.push_str(&format!("{}{}\n", "  ".repeat(depth), it.name));
            names(&it.children, depth + 1, acc);
        }
    }
    let text =
        "type: fleet\nnodes: {min: 1}\nssh_config:\n  hosts:\n    - 10.0.0.1\n    - hostname: b\n      port: 2222\n";
    let mut outline = String::new();
    names(&symbols(&document(text, OLD)), 0, &mut outline);
    assert_eq!(outline, "type\nnodes\n  min\nssh_config\n  hosts\n    10.0.0.1\n    b\n      hostname\n      port\n");
}
