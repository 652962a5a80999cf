//! Fixes preserve the meaning of a file, and its comments and formatting.

use ide::{Applicability, Diagnostic, Document, Stage, diagnostics, fixed, fixes, path};
use schema::{DocumentKind, Release};
use yaml::Text;

const SEED: Release = Release::new(0, 18, 43);

fn document(text: &str, release: Release) -> Document {
    Document::new(Text::new(text), DocumentKind::Configuration, release)
}

fn rejections(text: &str, release: Release) -> Vec<Diagnostic> {
    diagnostics(&document(text, release)).into_iter().filter(|it| it.stage == Stage::Parse).collect()
}

/// The text after all safe fixes.
fn repaired(text: &str, release: Release) -> String {
    fixed(&document(text, release)).0.text().as_str().to_string()
}

/// The first fix of the first finding of a rule, applied.
fn first_fix(text: &str, rule: &str, release: Release) -> (String, String) {
    let document = document(text, release);
    let finding = diagnostics(&document).into_iter().find(|it| it.rule == rule).expect(rule);
    let fix = fixes(&document, &finding).into_iter().next().unwrap_or_else(|| panic!("no fix for {}", finding.message));
    (fix.title, document.edited(&fix.edits).text().as_str().to_string())
}

const HEAD: &str = "type: dev-environment\nide: vscode\n";

/// Checks the text below the head of a dev environment after all safe fixes.
#[track_caller]
fn check(release: Release, before: &str, after: &str) {
    assert_eq!(repaired(&format!("{HEAD}{before}"), release), format!("{HEAD}{after}"));
}

#[test]
fn termination_fields_become_the_equivalent_idle_duration() {
    let newest = Release::NEWEST;
    for release in [Release::new(0, 18, 34), SEED, Release::new(0, 19, 20), Release::new(0, 20, 0), newest] {
        let policy = "termination_policy: destroy-after-idle\n";
        let never = "termination_policy: dont-destroy\n";
        let time = "termination_idle_time: 30m\n";
        check(release, time, "idle_duration: 30m\n");
        check(release, policy, "idle_duration: 5m\n");
        check(release, never, "idle_duration: off\n");
        check(release, &format!("{policy}{time}"), "idle_duration: 30m\n");
        check(release, &format!("{time}{policy}"), "idle_duration: 30m\n");
        check(release, &format!("{never}{time}"), "idle_duration: off\n");
        check(release, &format!("{time}{never}"), "idle_duration: off\n");
        // An existing idle duration overrides the time, but not `dont-destroy`.
        check(release, &format!("idle_duration: 1h\n{policy}{time}"), "idle_duration: 1h\n");
        check(release, &format!("idle_duration: 1h\n{time}"), "idle_duration: 1h\n");
        check(release, &format!("{time}idle_duration: 1h\n"), "idle_duration: 1h\n");
        check(release, &format!("idle_duration: 1h\n{never}"), "idle_duration: off\n");
        check(release, &format!("{never}{time}idle_duration: 1h\n"), "idle_duration: off\n");
        check(release, &format!("idle_duration: off\n{policy}{time}"), "idle_duration: off\n");
        check(release, &format!("idle_duration: -1\n{time}"), "idle_duration: -1\n");
        // `on` and an empty value have no effect.
        check(release, &format!("idle_duration: on\n{time}"), "idle_duration: 30m\n");
        check(release, &format!("idle_duration:\n{policy}"), "idle_duration: 5m\n");
        check(release, "termination_policy:\ntermination_idle_time: ~\n", "");
        check(release, "termination_idle_time: 300\n", "idle_duration: 300\n");
        check(release, "termination_idle_time: \"1 h\"\n", "idle_duration: \"1 h\"\n");
        // `off` meant 0 seconds in the old field, and means never in the new one.
        check(release, "termination_idle_time: off\n", "idle_duration: 0s\n");
        check(release, "termination_idle_time: -1\n", "idle_duration: 0s\n");
    }
}

#[test]
fn termination_fields_stay_in_a_release_without_a_replacement() {
    for text in ["termination_idle_time: 30m\n", "termination_policy: dont-destroy\n"] {
        let text = format!("{HEAD}{text}");
        assert_eq!(repaired(&text, Release::new(0, 18, 33)), text);
        assert_eq!(diagnostics(&document(&text, Release::new(0, 18, 33))), []);
    }
}

#[test]
fn termination_keeps_comments_order_and_style() {
    let before = "\
# How long it lives.
max_duration: 1d  # a day
# Because it is dear.
termination_policy: destroy-after-idle   # not forever
# Half an hour.
termination_idle_time: 30m # or less
spot_policy: auto
";
    let after = "\
# How long it lives.
max_duration: 1d  # a day
# Because it is dear.
# not forever
# Half an hour.
idle_duration: 30m # or less
spot_policy: auto
";
    check(Release::NEWEST, before, after);
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let text = format!("{HEAD}{before}");
    assert_eq!(repaired(&crlf(&text), SEED), crlf(&format!("{HEAD}{after}")));
    let flow = "{type: dev-environment, ide: vscode, termination_policy: dont-destroy, termination_idle_time: 1h}\n";
    assert_eq!(repaired(flow, SEED), "{type: dev-environment, ide: vscode, idle_duration: off}\n");
}

#[test]
fn one_fix_replaces_both_termination_fields() {
    let text = format!("{HEAD}termination_policy: destroy-after-idle\ntermination_idle_time: 30m\n");
    let document = document(&text, Release::NEWEST);
    let findings = diagnostics(&document);
    assert_eq!(findings.len(), 2);
    for it in &findings {
        assert_eq!((it.rule.as_str(), it.stage), ("removed-field", Stage::Parse));
        let fixes = fixes(&document, it);
        assert_eq!(fixes.len(), 1);
        assert_eq!(
            fixes[0].title,
            "Replace `termination_policy` and `termination_idle_time` with `idle_duration: 30m`"
        );
    }
    assert_eq!(fixes(&document, &findings[0]), fixes(&document, &findings[1]));
    assert_eq!(fixed(&document).1.len(), 1);
}

#[test]
fn every_documented_field_is_fixed_at_its_release_and_at_the_newest() {
    let seed = include_str!("seed.yml");
    let path = "termination_";
    let newest = rejections(seed, Release::NEWEST);
    assert_eq!(newest.len(), 2, "{newest:#?}");
    assert!(newest.iter().all(|it| it.rule == "removed-field" && it.message.starts_with(&format!("`{path}"))));
    assert_eq!(rejections(seed, SEED), []);
    let old = diagnostics(&document(seed, SEED));
    let rules: Vec<&str> = old.iter().map(|it| it.rule.as_str()).collect();
    assert_eq!(rules, ["deprecated-field", "deprecated-field"]);
    let after = repaired(seed, Release::NEWEST);
    let kept: Vec<&str> = seed.lines().filter(|it| !it.starts_with(path)).collect();
    assert_eq!(after.lines().collect::<Vec<_>>(), kept);
    assert_eq!(diagnostics(&document(&after, Release::NEWEST)), []);
}

#[test]
fn retry_policy_becomes_retry() {
    for release in [SEED, Release::new(0, 19, 20), Release::NEWEST] {
        check(
            release,
            "retry_policy: {retry: true, duration: 1h}\n",
            "retry: {on_events: [no-capacity, interruption, error], duration: 1h}\n",
        );
        check(
            release,
            "retry_policy:\n  duration: 1h # not longer\n",
            "retry:\n  on_events: [no-capacity, interruption, error]\n  duration: 1h # not longer\n",
        );
        check(release, "retry_policy:\n  retry: true\n", "retry: true\n");
        check(release, "retry_policy: {retry: no}\n", "retry: false\n");
        check(release, "retry_policy: {duration: 1h}\nretry: true\n", "retry: true\n");
        check(release, "retry_policy:\n", "");
    }
}

#[test]
fn fields_without_effect_are_removed() {
    check(Release::NEWEST, "pool_name: mine\nhome_dir: /root # so\n", "# so\n");
    check(SEED, "pool_name: mine\n", "pool_name: mine\n");
    check(Release::new(0, 19, 3), "instance_name: mine\n", "");
    check(Release::NEWEST, "setup:\n  - a\n", "init:\n  - a\n");
    check(Release::NEWEST, "init:\n  - b\nsetup:\n  - a\n  - 'c: d'\n", "init:\n  - a\n  - 'c: d'\n  - b\n");
}

#[test]
fn misspelled_and_misplaced_fields_are_fixed() {
    let task = "type: task\ncommands: [a]\n";
    let repair = |text: &str| repaired(text, Release::NEWEST);
    assert_eq!(repair("type: task\ncomands: [a]\n"), task);
    assert_eq!(repair("type: tsk\ncommands: [a]\n"), task);
    let beside = format!("{task}resources:\ngpu: 24GB\n");
    let empty = "`resources` is empty; indent `gpu` to put it there";
    let found = rejections(&beside, Release::NEWEST);
    let is_reported = |it: &Diagnostic| {
        it.message == empty && path(&document(&beside, Release::NEWEST), it).to_string() == "resources"
    };
    assert!(found.iter().any(is_reported), "dstack reports it, too");
    assert_eq!(repair(&beside), format!("{task}resources:\n  gpu: 24GB\n"));
    assert_eq!(
        repair(&format!("{task}resources:\ngpu: 24GB\nmemory: 8GB..\n")),
        format!("{task}resources:\n  gpu: 24GB\n  memory: 8GB..\n")
    );
    assert_eq!(repair(&format!("{task}gpu: 24GB\n")), format!("{task}resources:\n  gpu: 24GB\n"));
    // Each of the two fixes alone would add `resources`.
    assert_eq!(
        repair(&format!("{task}gpu: 24GB\nmemory: 8GB..\n")),
        format!("{task}resources:\n  gpu: 24GB\n  memory: 8GB..\n")
    );
    assert_eq!(repair(&format!("{task}gpus: 1\n")), format!("{task}resources:\n  gpu: 1\n"));
    assert_eq!(
        repair(&format!("{task}gpus: 1 # one\ncpus: 4..\nname: x\n")),
        format!("{task}resources:\n  gpu: 1 # one\n  cpu: 4..\nname: x\n")
    );
    assert_eq!(
        repair(&format!("{task}resources:\n  gpu: 24GB\ngpus: 1\n")),
        format!("{task}resources:\n  gpu: 24GB\ngpus: 1\n")
    );
    assert_eq!(repair(&format!("{task}env: A=1\n")), format!("{task}env: [A=1]\n"));
    assert_eq!(
        repair(&format!("{task}resources:\n  gpu: 24GB\n  spot_policy: auto\n")),
        format!("{task}resources:\n  gpu: 24GB\nspot_policy: auto\n")
    );
    assert_eq!(repair(&format!("{task}spot_policy: ondemand\n")), format!("{task}spot_policy: on-demand\n"));
    assert_eq!(repair(&format!("{task}backends: aws\n")), format!("{task}backends: [aws]\n"));
    assert_eq!(repair("type: task\ncommands:\n  - echo Done: ok\n"), "type: task\ncommands:\n  - \"echo Done: ok\"\n");
    assert_eq!(repair(&format!("{task}env:\n  - TOKEN: abc\n")), format!("{task}env:\n  - TOKEN=abc\n"));
    assert_eq!(repair(&format!("{task}env:\n  DEBUG: true # so\n")), format!("{task}env:\n  DEBUG: \"true\" # so\n"));
    assert_eq!(repair(&format!("{task}ports:\n  - 2222:22\n")), format!("{task}ports:\n  - \"2222:22\"\n"));
    assert_eq!(repair(&format!("{task}name: 2024-01-01\n")), format!("{task}name: \"2024-01-01\"\n"));
    assert_eq!(repair(&format!("{task}env: [A=1]\nenv: [A=1]\n")), format!("{task}env: [A=1]\n"));
    assert_eq!(
        repair(&format!("{task}resources: {{gpu: [A100, H100]}}\n")),
        format!("{task}resources: {{gpu: \"A100,H100\"}}\n")
    );
}

#[test]
fn ambiguous_fixes_are_only_offered() {
    let text = "type: task\nimage: a\npython: \"3.12\"\n";
    let document = document(text, Release::NEWEST);
    let findings = diagnostics(&document);
    let offered = fixes(&document, &findings[0]);
    let titles: Vec<&str> = offered.iter().map(|it| &*it.title).collect();
    assert_eq!(titles, ["Remove `python`", "Remove `image`"]);
    assert!(offered.iter().all(|it| it.applicability == Applicability::Unsafe));
    assert_eq!(repaired(text, Release::NEWEST), text);
    let (title, after) =
        first_fix("type: service\nport: 80\nimage: a\nreplicas: 1..2\n", "missing-field", Release::NEWEST);
    assert_eq!(title, "Add `scaling: {metric: rps, target: 10}`");
    assert_eq!(rejections(&after, Release::NEWEST), []);
    let text = "type: task\ncommands: [a]\nretry: {duration: 1h}\n";
    assert_eq!(repaired(text, SEED), text);
    let (title, after) = first_fix(text, "missing-field", SEED);
    assert_eq!(title, "Add `on_events: [no-capacity, interruption, error]`");
    assert_eq!(rejections(&after, SEED), []);
}

/// Below a broken line, a field that is to be moved may already be in its place.
#[test]
fn every_fix_changes_the_text() {
    for text in ["type: fleet\r\n\u{11} resources:\r\n  gpu:", "type: task\nresources:\nU\n : \nshm_size:"] {
        let document = Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST);
        let found = diagnostics(&document);
        assert!(found.iter().any(|it| it.message.contains("it belongs under `resources`")), "{text:?}: {found:?}");
        for fix in found.iter().flat_map(|it| fixes(&document, it)) {
            assert_ne!(fix.edits.apply(text), text, "{}", fix.title);
        }
    }
}
