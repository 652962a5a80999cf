//! Safe fixes lose nothing: they keep every comment, and they keep every key and value unless the title of a fix names both the
//! old and the new one. The only other removals are the reasons in [`Removal`].

use std::collections::BTreeMap;

use ide::{Document, Removal, fixed};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use schema::{DocumentKind, Release};
use yaml::{Entry, Kind, NodeId, Text, Tree};

#[path = "../examples/documents/collect.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod collect;
mod mutants;

use mutants::{EXAMPLES, mutant, mutant_of};

fn document(text: &str, release: Release) -> Document {
    Document::new(Text::new(text), DocumentKind::Configuration, release)
}

/// The comments, keys and values of a document, each with the number of its occurrences.
fn written(tree: &Tree) -> BTreeMap<String, i64> {
    let comments = tree.comments().iter().map(|it| tree.source()[it.span.range()].trim_end().to_string());
    let node = |it| match tree.kind(it) {
        Kind::Scalar => tree.value(it).to_string(),
        Kind::Alias => tree.text(it).to_string(),
        Kind::Broken if tree.children(it).next().is_none() => tree.text(it).to_string(),
        _ => String::new(),
    };
    let mut acc = BTreeMap::new();
    for it in comments.chain(tree.ids().map(node)).filter(|it| !it.trim().is_empty()) {
        *acc.entry(it).or_default() += 1;
    }
    acc
}

/// The strings between backticks.
fn quoted(title: &str) -> impl Iterator<Item = &str> {
    title.split('`').skip(1).step_by(2)
}

/// The starts of titles of fixes that replace an outdated entry as a whole.
const ENTRY_REPLACED: [&str; 3] =
    ["Replace `termination_", "Replace `idle_duration` with", "Replace `retry_policy` with"];

/// The strings that a title says are replaced, and their replacements; empty unless it names both. A moved entry stays, so it
/// is in neither.
fn replaced(title: &str) -> (Vec<&str>, Vec<&str>) {
    let parts: Vec<&str> = title.split('`').collect();
    let (mut old, mut new) = (vec![], vec![]);
    let mut is_new = false;
    for (before, name) in parts.iter().zip(&parts[1..]).step_by(2) {
        match *before {
            "Replace " | "Rename " | ", " => is_new = false,
            "Move " if parts[2] == " to the start of " => is_new = false,
            " with " | " to " | " under " | " to the start of " => is_new = true,
            " and " => {}
            _ => continue,
        }
        if is_new { new.push(*name) } else { old.push(*name) }
    }
    let is_move = title.starts_with("Move ");
    if new.is_empty() || old.is_empty() && !is_move { (vec![], vec![]) } else { (old, new) }
}

/// How often a key or value equals one of these names, or is a word within it.
fn times_named(string: &str, names: &[&str]) -> i64 {
    let string = string.replace(['\n', '\r'], " ");
    let times = |name: &&str| {
        let is_bounded = |(at, _): &(usize, &str)| {
            let beside = |it: Option<char>| it.is_none_or(|it| !it.is_alphanumeric());
            beside(name[..*at].chars().next_back()) && beside(name[at + string.len()..].chars().next())
        };
        let cut = name.strip_suffix('…').filter(|it| it.chars().count() == 60);
        match name.match_indices(&*string).filter(is_bounded).count() {
            0 => usize::from(cut.is_some_and(|it| string.starts_with(it))),
            times => times,
        }
    };
    names.iter().map(times).sum::<usize>() as i64
}

/// The keys whose entries may be removed according to the titles of the fixes: for a reason of [`Removal`], or because an
/// outdated field was replaced as a whole. Includes the names that a key had before it was renamed. The flag says whether the
/// title claims that the entry is repeated elsewhere.
fn justified(titles: &[String]) -> Vec<(&str, bool)> {
    let removed = |title: &'_ str| -> Option<String> {
        let all = Removal::ALL.iter().map(|it| it.0).chain([Removal::Overridden("retry")]);
        let templates = all.map(|it| it.title("\0"));
        templates
            .filter_map(|it| {
                let (before, after) = it.split_once('\0')?;
                Some(title.strip_prefix(before)?.strip_suffix(after)?.to_string())
            })
            .min_by_key(String::len)
    };
    let is_repeated =
        |title: &str| title.ends_with(Removal::Repeated.title("").trim_start_matches("Remove the earlier "));
    let mut acc: Vec<(&str, bool)> = vec![];
    for title in titles.iter().rev() {
        let names: Vec<&str> = quoted(title).collect();
        if let Some(removed) = removed(title) {
            acc.extend(names.iter().take(quoted(&removed).count()).map(|it| (*it, is_repeated(title))));
        } else if ENTRY_REPLACED.iter().any(|it| title.starts_with(it)) {
            acc.extend(names.iter().map(|it| (*it, false)));
        } else if title.starts_with("Rename") {
            let renamed = acc.iter().find(|it| it.0 == names[1]).map(|it| (names[0], it.1));
            acc.extend(renamed);
        }
    }
    acc
}

/// The strings that disappear or appear more often than the titles of the fixes explain.
fn lost(before: &Document, after: &Document, titles: &[String]) -> Vec<String> {
    let tree = before.tree();
    let (old, new) = (written(tree), written(after.tree()));
    let justified = justified(titles);
    // The old key of an entry that was replaced as a whole is counted with the entry.
    let is_entry = |title: &&String| ENTRY_REPLACED.iter().any(|it| title.starts_with(it));
    let from: Vec<&str> = titles.iter().filter(|it| !is_entry(it)).flat_map(|it| replaced(it).0).collect();
    let to: Vec<&str> = titles.iter().flat_map(|it| replaced(it).1).collect();
    let count = |all: &BTreeMap<String, i64>, string: &str| all.get(string).copied().unwrap_or(0);
    // How often a string occurs in entries that may be removed: one entry for each time that its key is named.
    let in_entries = |string: &str, is_repeated: bool| -> i64 {
        let mut named: BTreeMap<&str, usize> = BTreeMap::new();
        for (key, _) in justified.iter().filter(|it| it.1 == is_repeated) {
            *named.entry(key).or_default() += 1;
        }
        let times = |(key, max): (&str, usize)| -> i64 {
            let keys = tree.ids().filter(|it| tree.value(*it) == key);
            let entries = keys.filter_map(|it| tree.entry_of(it).filter(|entry| entry.key == it));
            let within = |entry: Entry| {
                let is_within = |it: &NodeId| tree.ancestors(*it).any(|it| it == entry.key || it == entry.value);
                tree.ids().filter(|it| tree.value(*it) == string).filter(is_within).count() as i64
            };
            let mut times: Vec<i64> = entries.map(within).collect();
            times.sort_unstable();
            times.iter().rev().take(max).sum()
        };
        named.into_iter().map(times).sum()
    };
    let removable = |string: &str| {
        let times = times_named(string, &from) + in_entries(string, false);
        // A repeated entry must remain somewhere, or be removed for another reason.
        times + if times > 0 || count(&new, string) > 0 { in_entries(string, true) } else { 0 }
    };
    let mut acc = vec![];
    for string in old.keys().chain(new.keys().filter(|it| !old.contains_key(*it))) {
        let more = count(&new, string) - count(&old, string);
        let is_comment = string.starts_with('#');
        if more < 0 && (is_comment || -more > removable(string)) {
            acc.push(format!("lost `{string}` {} times", -more));
        }
        if more > 0 && more > times_named(string, &to) {
            acc.push(format!("`{string}` is new {more} times"));
        }
    }
    acc.into_iter().map(|it| format!("{it} after {titles:?}")).collect()
}

#[track_caller]
fn check(text: &str, release: Release) -> bool {
    check_document(&document(text, release))
}

/// Checks one document. Returns whether something was fixed.
#[track_caller]
fn check_document(document: &Document) -> bool {
    let (after, titles) = fixed(document);
    let lost = lost(document, &after, &titles);
    let (release, text) = (document.release(), document.text().as_str());
    assert!(lost.is_empty(), "{}\n--- {release}\n{text}\n---\n{}", lost.join("\n"), after.text().as_str());
    !titles.is_empty()
}

#[test]
fn no_example_loses_anything() {
    for text in EXAMPLES.iter() {
        for release in Release::all().step_by(if cfg!(debug_assertions) { 21 } else { 1 }) {
            check(text, release);
        }
    }
}

/// The documentation of rules contains examples with the mistakes that the rules fix.
#[test]
fn no_example_of_a_rule_loses_anything() {
    let mut changed = 0;
    for rule in ide::rules::all() {
        for (head, text) in rule.docs.split("```yaml").skip(1).filter_map(|it| it.split_once('\n')) {
            let text = text.split("```").next().unwrap_or_default();
            let named = head.split("release=").nth(1).and_then(|it| it.trim().parse().ok());
            for release in named.into_iter().chain([Release::NEWEST, Release::new(0, 19, 40), Release::new(0, 18, 43)])
            {
                changed += usize::from(check(text, release));
            }
        }
    }
    assert!(changed > 20, "only {changed} examples were fixed");
}

#[test]
fn no_mutant_loses_anything() {
    let mut runner = TestRunner::deterministic();
    let mut changed = 0;
    for _ in 0..if cfg!(debug_assertions) { 1_000 } else { 50_000 } {
        let (text, release) = mutant().new_tree(&mut runner).expect("a mutant").current();
        changed += usize::from(check(&text, release));
    }
    assert!(changed > 250, "only {changed} mutants were fixed");
}

/// The examples of the documentation as documents of each kind, and mutants of them.
#[test]
fn no_kind_of_document_loses_anything() {
    let documents = collect::newest();
    let mut runner = TestRunner::deterministic();
    for kind in DocumentKind::ALL {
        let texts: Vec<String> = documents.iter().filter(|it| it.kind == kind).map(|it| it.text.clone()).collect();
        assert!(texts.len() > 2, "only {} examples of {}", texts.len(), kind.name());
        for it in documents.iter().filter(|it| it.kind == kind) {
            check_document(&Document::new(Text::new(&it.text), kind, it.release));
        }
        let mut changed = 0;
        let times = if cfg!(debug_assertions) { 250 } else { 10_000 };
        for _ in 0..times {
            let (text, release) = mutant_of(&texts).new_tree(&mut runner).expect("a mutant").current();
            changed += usize::from(check_document(&Document::new(Text::new(&text), kind, release)));
        }
        assert!(changed > times / 25, "only {changed} mutants of {} were fixed", kind.name());
    }
}

/// Fixes in documents other than configurations.
#[test]
fn no_fix_of_another_kind_loses_anything() {
    let backends = "projects:\n  - name: main\n    backends:\n";
    for (kind, text) in [
        (
            DocumentKind::ServerConfig,
            "      - type: kubernetes\n        networking: {ssh_host: h, ssh_port: 22} # so\n",
        ),
        (
            DocumentKind::ServerConfig,
            "      - type: datacrunch\n        creds: {type: api_key, client_id: a, client_secrt: b}\n",
        ),
        (
            DocumentKind::ServerConfig,
            "      - tpye: aws\n        creds: {type: defualt}\n        creds: {type: defualt}\n",
        ),
        (DocumentKind::Profiles, "profiles:\n  - name: a\n    retry_policy: {retry: true, duration: 1h} # so\n"),
        (
            DocumentKind::Profiles,
            "profiles:\n  - name: a\n    termination_policy: destroy-after-idle\n    termination_idle_time: 1h\n",
        ),
        (DocumentKind::Profiles, "profiles:\n  - name: a\n    pool_name: a # so\n    spot_polcy: on_demand\n"),
        (DocumentKind::ClientConfig, "projects:\n  - name: main\n    url: a\n    toekn: b\n    defualt: yes\n"),
        (DocumentKind::Template, "type: template\nname: a\ntitel: b\nparameters: []\nconfiguration: {}\n"),
    ] {
        let text = if kind == DocumentKind::ServerConfig { format!("{backends}{text}") } else { text.to_string() };
        assert!(check_document(&Document::new(Text::new(&text), kind, Release::NEWEST)), "nothing was fixed:\n{text}");
    }
}

/// Mistakes whose correction is ambiguous: the text stays, and the editor offers the possible corrections.
#[test]
fn ambiguous_mistakes_are_not_changed() {
    let task = "type: task\ncommands: [a]\n";
    for text in [
        // A dash or an indentation is missing, or two versions were merged.
        "commands: [b]\n",
        "env: {A: 1}\nenv: {A: 2}\n",
        "env: {A: 1111111111111111111111111111111111111111}\nenv: {A: 2222222222222222222222222222222222222222}\n",
        "env: {A: -0x1ffffffffffffffffffffffffffffffffffffff}\nenv: {A: -0x2ffffffffffffffffffffffffffffffffffffff}\n",
        "env: {A: 0x10}\nenv: {A: 16}\n",
        "env: {1: a, \"1\": a}\n",
        "resources: {cpu: 2}\nresources: {gpu: 1}\n",
        "volumes:\n  - name: a\n    path: /a\n    name: b\n    path: /b\n",
        "<<<<<<< HEAD\nname: a\n=======\nname: b\n>>>>>>> branch\n",
        "<<<<<<< HEAD\nname: a\n=======\nname: a\n>>>>>>> branch\n",
        "env:\nFOO\n  - A=1\nenv: [B=2]\n",
        "env:\n  - A=1\n b: important\nenv: [B=2]\n",
        "env:\nFOO\n  - A=1\nenv:\n",
        // The field has no effect, but its value was meant to have one.
        "setup:\n  - apt install x\n",
        "setup: [apt install x]\n",
        "setup: |\n  apt install x\n  pip install y\n",
        "setup: >-\n  apt install x\n",
        "setup: pip install x\n",
        "setup: \"apt install x\n  pip install y\"\n",
        "working_dir: &s /a\nsetup: *s\n",
        "setup: &s a\nworking_dir: *s\n",
        "home_dir: |\n  /root\n",
        "home_dir: /a\n  /b\n",
        "working_dir: &s /a\nhome_dir: *s\n",
        "pool_name: [a]\n",
        // The intended value is unknown.
        "resources: {gpu: &H100:1}\n",
        "resources:\n  gpu: &H100:1\n",
        "env: [VAR:2=value]\n",
        "env: [MY-VAR=1]\n",
        "env: [\"http://a\"]\n",
        "env:\n  - TOKEN:\n",
        "max_duration: -10\n",
        "stop_duration: none\n",
        "max_duration: never\n",
        "resources: {vram: 24GB}\n",
        "resources: {tpu: 1}\n",
        "resources: {gpu: \"A100:80GB:x\"}\n",
        "resources: {gpu: [A100, 80GB]}\n",
        "resources: {gpu: [nvidia, A100]}\n",
        "resources: {gpu: [A100, amd]}\n",
        "resources: {gpu: [&x A100, H100]}\n",
        "resources: {gpu: [A100, spot]}\n",
        "resources: {gpu: 7900XTX}\n",
        "resources: {cpu: \">8\"}\n",
        "env: ['export A=\"x y\"', export B=1 C=2, localhost:8080]\n",
        "resources: {cpu: 8cores}\n",
        "resources: {cpu: 8..2}\n",
        "resources: {cpu: \"intel:4\"}\n",
        "resources: {shm_size: 16GB+}\n",
        "resources: {gpu: {name: T4, compute_capability: 86}}\n",
        "resources: {gpu: {type: A100}}\n",
        "volumes: [\"a:/b:ro\"]\n",
        "ports: [8080/udp]\n",
        "python: 3.11.4\n",
        "shell: zsh\n",
        "regions: eu, us\n",
        "regions: eu us\n",
        "env:\n  - A: &x 1\n",
        "env:\n  - &x A: 1\n",
        "env:\n  - A: !!str 1\n",
        "timeout: 5m\n",
        "use: x\n",
        "image2: a\n",
        "commands1: [b]\n",
        "backends: [aws2]\n",
        "auto: true\n",
        "tag: a\n",
        "unit: [a]\n",
        "volumes: [{instance_name: /a, path: /b}]\n",
        "max_price: \"1,000\"\n",
        "registry_auth: {name: a, password: b}\n",
        "tags: {a b: c}\n",
        "fleets: [/a]\n",
    ] {
        let text = format!("{task}{text}");
        let (after, titles) = fixed(&document(&text, Release::NEWEST));
        assert_eq!((after.text().as_str(), titles), (&*text, vec![]));
    }
    for text in [
        "type: dev-environment\ncommands: [a]\n",
        "type: dev\ncommands: [a]\n",
        "type: service\nimage: a\nports: [8000]\n",
        "type: service\nimage: a\nport: 80\nmode: production\n",
        "type: service\nimage: a\nport: 80\nauto: true\n",
        "type: fleet\nssh_config:\n  user: a\n  hosts: [{hostname: h, private_key: k}]\n",
        "type: fleet\nssh_config:\n  user: a\n  hosts: [{hostname: h, internal_ip: 10.0.0.05}]\n",
        "type: service\nport: 80\nimage: a\nprobes: [{type: http, url: \"localhost:8000/health\"}]\n",
        "type: service\nport: 80\nimage: a\nprobes: [{type: http, url: localhost/health}]\n",
        "type: gateway\nname: a\nbackend: aws\nregion: r\nload_balancer: {}\n",
        "type: gateway\nname: /a\nbackend: aws\nregion: r\ninstances: 2\n",
    ] {
        let (after, _) = fixed(&document(text, Release::NEWEST));
        let same_or_type = |it: &str| it == text || it == text.replace("type: dev\n", "type: dev-environment\n");
        assert!(same_or_type(after.text().as_str()), "{text}\n=>\n{}", after.text().as_str());
    }
}

#[test]
fn a_moved_field_keeps_its_comments() {
    let text =
        "type: task\ncommands: [a]\nresources:\ngpu:\n  # big\n  memory: 24GB.. # or more\n  # one\n  count: 1\n";
    let after = "type: task\ncommands: [a]\nresources:\n  gpu:\n    # big\n    memory: 24GB.. # or more\n    # one\n    count: 1\n";
    assert_eq!(fixed(&document(text, Release::NEWEST)).0.text().as_str(), after);
}

/// A finding that appears only after another fix is not fixed by a guess, either.
#[test]
fn later_rounds_do_not_change_names() {
    let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let text =
        format!("projects: []\nencryption:\n  keys:\n    - type: aess\n      name: my-name\n      secret: {secret}\n");
    let document = Document::new(Text::new(&text), DocumentKind::ServerConfig, Release::NEWEST);
    let (after, titles) = fixed(&document);
    assert_eq!(titles, ["Replace `aess` with `aes`"]);
    assert_eq!(after.text().as_str(), text.replace("aess", "aes"));
}

#[test]
fn a_field_without_effect_is_removed_if_its_value_is_a_word_or_empty() {
    let task = "type: task\ncommands: [a]\n";
    for field in ["setup: []", "setup:", "setup: ''", "home_dir: /root", "home_dir: \"/root\"", "home_dir:"] {
        let (after, _) = fixed(&document(&format!("{task}{field}\n"), Release::NEWEST));
        assert_eq!(after.text().as_str(), task, "{field}");
    }
}

/// The events to retry on are missing, and the file does not say which are intended.
#[test]
fn a_missing_field_is_not_added() {
    let text = "type: task\ncommands: [a]\nretry: {duration: 1h}\n";
    let (after, titles) = fixed(&document(text, Release::new(0, 18, 43)));
    assert_eq!((after.text().as_str(), titles), (text, vec![]));
}

/// Values such as dates and large numbers are compared by their text.
#[test]
fn a_duplicate_with_another_value_stays() {
    let pairs = [
        ("2024-01-01", "2025-12-31"),
        ("2024-01-01T10:00:00Z", "2024-01-01T11:00:00Z"),
        ("1111111111111111111111111111111111111111", "2222222222222222222222222222222222222222"),
        ("-0x1ffffffffffffffffffffffffffffffffffffff", "-0x2ffffffffffffffffffffffffffffffffffffff"),
        ("!!binary YWJj", "!!binary YWJk"),
    ];
    for (one, two) in pairs {
        for key in ["env", "labels"] {
            let text = format!("type: task\ncommands: [a]\n{key}: {{A: {one}}}\n{key}: {{A: {two}}}\n");
            check(&text, Release::NEWEST);
            let (after, _) = fixed(&document(&text, Release::NEWEST));
            assert!(after.text().as_str().contains(one), "{text}\n=>\n{}", after.text().as_str());
        }
    }
}

#[test]
fn an_equal_duplicate_is_removed_and_its_comments_stay() {
    let text = "type: task\n# two\nenv:\n  # why\n  - A=1 # so\ncommands: [a]\nenv: [\"A=1\"]\n";
    let (after, titles) = fixed(&document(text, Release::NEWEST));
    assert_eq!(titles, ["Remove the earlier `env`, which has the same value"]);
    assert_eq!(after.text().as_str(), "type: task\n# two\n# why\n# so\ncommands: [a]\nenv: [\"A=1\"]\n");
}
