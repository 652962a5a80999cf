//! The configuration of the server: completion, findings, fixes and hover, and that no secret is shown.

use ide::{Document, Stage, Symbol, completion, diagnostics, fixed, fixes, hover, path, symbols};
use schema::{DocumentKind, Release};
use yaml::Text;

fn document(text: &str, kind: DocumentKind, release: Release) -> Document {
    Document::new(Text::new(text), kind, release)
}

fn server(text: &str) -> Document {
    document(text, DocumentKind::ServerConfig, Release::NEWEST)
}

/// The text without its `$0`, and the offset of the `$0`.
fn cursor(text: &str) -> (String, u32) {
    let offset = text.find("$0").expect("a cursor");
    (text.replacen("$0", "", 1), offset as u32)
}

/// The labels that are offered at `$0`.
fn offered(text: &str, release: Release) -> Vec<String> {
    let (text, offset) = cursor(text);
    let document = document(&text, DocumentKind::ServerConfig, release);
    completion(&document, offset).into_iter().map(|it| it.label).collect()
}

/// The hover at `$0`, or an empty string.
fn hovered(text: &str) -> String {
    let (text, offset) = cursor(text);
    hover(&server(&text), offset).map_or(String::new(), |it| it.markdown)
}

/// The findings, each as `path: message`.
fn findings(document: &Document) -> String {
    let lines = diagnostics(document).into_iter().map(|it| format!("{}: {}", path(document, &it), it.message));
    lines.collect::<Vec<_>>().join("\n")
}

const HEAD: &str = "projects:\n  - name: main\n    backends:\n";

#[test]
fn backends_and_their_fields_are_offered() {
    let at = |rest: &str, release| offered(&format!("{HEAD}{rest}"), release);
    let newest = at("      - type: $0\n", Release::NEWEST);
    for name in ["aws", "kubernetes", "slurm", "verda", "datacrunch", "lium"] {
        assert!(newest.iter().any(|it| it == name), "{name}: {newest:?}");
    }
    assert!(!newest.iter().any(|it| it == "dstack"), "{newest:?}");
    let old = at("      - type: $0\n", Release::new(0, 18, 43));
    assert!(old.iter().any(|it| it == "dstack") && old.iter().any(|it| it == "datacrunch"), "{old:?}");
    assert!(!old.iter().any(|it| it == "slurm" || it == "verda"), "{old:?}");
    let none = at("      - type: $0\n", Release::new(0, 19, 1));
    assert!(!none.iter().any(|it| it == "nebius"), "{none:?}");

    let fields = at("      - type: kubernetes\n        $0\n", Release::NEWEST);
    assert!(
        ["kubeconfig", "contexts", "proxy_jump"].iter().all(|name| fields.iter().any(|it| it == name)),
        "{fields:?}"
    );
    assert!(!fields.iter().any(|it| it == "networking" || it == "vpc_ids" || it == "creds"), "{fields:?}");
    let fields = at("      - type: kubernetes\n        $0\n", Release::new(0, 19, 30));
    assert!(fields.iter().any(|it| it == "networking") && !fields.iter().any(|it| it == "contexts"), "{fields:?}");
    let fields = at("      - type: hotaisle\n        $0\n", Release::new(0, 22, 2));
    assert!(fields.iter().any(|it| it == "team_handle") && !fields.iter().any(|it| it == "bare_metal"), "{fields:?}");

    let types = at("      - type: azure\n        creds:\n          type: $0\n", Release::NEWEST);
    assert_eq!(types, ["default", "client"]);
    let types = at("      - type: lambda\n        creds:\n          type: $0\n", Release::NEWEST);
    assert_eq!(types, ["api_key"]);
    let fields = at("      - type: azure\n        creds:\n          type: client\n          $0\n", Release::NEWEST);
    assert_eq!(fields, ["client_id", "client_secret"]);
}

#[test]
fn top_level_fields_are_offered() {
    let keys = offered("projects: []\n$0\n", Release::NEWEST);
    assert_eq!(keys, ["encryption", "default_permissions", "plugins"]);
    assert_eq!(offered("projects: []\n$0\n", Release::new(0, 18, 10)), [""; 0]);
    assert_eq!(offered("projects: []\nencryption:\n  keys:\n    - type: $0\n", Release::NEWEST), ["aes", "identity"]);
}

#[test]
fn hover_describes_fields_and_values() {
    let at = |rest: &str| hovered(&format!("{HEAD}{rest}"));
    for (text, expected) in [
        ("      - type: verd$0a\n", "**`verda`**"),
        ("      - type: verd$0a\n", "https://dstack.ai/docs/reference/server/config.yml"),
        ("      - type: aws\n        vpc_id$0s: {}\n", "Since 0.18.1"),
        ("      - type: aws\n        cre$0ds: {type: default}\n", "(required)"),
        ("      - type: aws\n        creds: {type: defau$0lt}\n", "environment variables"),
        ("      - type: oci\n        creds: {type: default, fi$0le: x}\n", "default `~/.oci/config`"),
        ("      - type: kubernetes\n        networ$0king: {}\n", "Removed in dstack 0.19.31"),
        ("      - type: gcp\n        vpc_name: my-v$0pc\n", "**`vpc_name`**"),
    ] {
        let hover = at(text);
        assert!(hover.contains(expected), "{text}: {hover}");
    }
}

#[test]
fn mistakes_are_reported() {
    let at = |rest: &str| findings(&server(&format!("{HEAD}{rest}")));
    for (text, expected) in [
        ("      - type: awss\n", "unknown type `awss`; did you mean `aws`?"),
        ("      - type: aws\n", "requires `creds`"),
        ("      - creds: {type: default}\n", "missing `type`"),
        ("      - type: aws\n        cred: {type: default}\n", "unknown field `cred`; did you mean `creds`?"),
        (
            "      - type: aws\n        creds: {type: acces_key}\n",
            "unknown type `acces_key`; did you mean `access_key`?",
        ),
        ("      - type: dstack\n", "`type: dstack` was removed in dstack 0.19.0"),
        (
            "      - type: kubernetes\n        kubeconfig: {data: x}\n        networking: {ssh_host: h}\n",
            "`networking` was removed in dstack 0.19.31; use `proxy_jump`",
        ),
        ("      - type: kubernetes\n        kubeconfig: {}\n", "requires `filename` or `data`"),
        ("      - type: kubernetes\n        kubeconfig: {filename: ''}\n", "`filename` is empty"),
        (
            "      - type: gcp\n        project_id: p\n        creds: {type: service_account, filename: ''}\n",
            "`filename` is empty",
        ),
        ("      - type: nebius\n        creds: {}\n", "requires either `filename`, or all of `service_account_id`"),
        (
            "      - type: oci\n        creds: {type: client, user: u, tenancy: t, region: r, fingerprint: f}\n",
            "requires `key_file` or `key_content`",
        ),
        (
            "      - type: gcp\n        project_id: p\n        creds: {type: default}\n        roce_vpcs: [a, b]\n",
            "expected at most one item, found 2",
        ),
        ("      - type: lium\n        creds: {api_key: ''}\n", "the string is empty"),
    ] {
        let found = at(text);
        assert!(found.contains(expected), "{text}: {found}");
    }
    assert_eq!(
        findings(&server("projects: []\nencryption: {keys: [{type: aes, name: k-1, secret: c2hvcnQ=}]}\n"))
            .lines()
            .count(),
        2
    );
}

#[test]
fn named_files_are_assumed_to_exist() {
    for rest in [
        "      - type: kubernetes\n        kubeconfig: {filename: /nowhere}\n",
        "      - type: gcp\n        project_id: p\n        creds: {type: service_account, filename: /nowhere}\n",
        "      - type: nebius\n        creds: {filename: /nowhere}\n",
        "      - type: nebius\n        creds: {private_key_content: ''}\n",
    ] {
        assert_eq!(findings(&server(&format!("{HEAD}{rest}"))), "", "{rest}");
    }
}

#[test]
fn networking_is_renamed_to_proxy_jump() {
    let text = format!(
        "{HEAD}      - type: kubernetes\n        kubeconfig: {{filename: a}}\n        networking: # note\n          ssh_host: h\n          ssh_port: 32000\n"
    );
    let (after, applied) = fixed(&server(&text));
    assert_eq!(applied, ["Rename `networking` to `proxy_jump`, `ssh_host` to `hostname`, `ssh_port` to `port`"]);
    let expected = text.replace("networking", "proxy_jump").replace("ssh_host", "hostname").replace("ssh_port", "port");
    assert_eq!(after.text().as_str(), expected);
    assert_eq!(findings(&after), "");
}

#[test]
fn a_misspelled_field_is_fixed_even_if_the_fix_uncovers_other_findings() {
    let text = "project: # note\n  - naem: main\n    backends:\n      - type: aws\n        creds: {type: key}\n";
    let (after, _) = fixed(&server(text));
    assert_eq!(after.text().as_str(), text.replace("project:", "projects:").replace("naem:", "name:"));
    assert_eq!(
        findings(&after),
        "projects[0].backends[0].creds.type: unknown type `key`; expected `default` or `access_key`"
    );
}

#[test]
fn a_key_that_belongs_in_a_missing_field_has_one_finding() {
    let text = format!("{HEAD}      - type: lambda\n        api_key: hush-hush\n");
    assert_eq!(
        findings(&server(&text)),
        "projects[0].backends[0].api_key: an item of `backends` of type `lambda` has no field `api_key`; it belongs under `creds`"
    );
}

#[test]
fn a_secret_may_have_any_characters() {
    for secret in ["é", "aé_é", "token_é🞄b", "_é_", "ab🞄cdefgh"] {
        let document =
            server(&format!("{HEAD}      - type: lambda\n        creds: {{type: api_key, api_key: {secret}}}\n"));
        assert!(!document.secrets().is_empty());
    }
}

/// A secret that starts with the name of a field must not hide that name.
#[test]
fn names_of_fields_are_shown_even_if_a_secret_starts_with_them() {
    let text = format!(
        "{HEAD}      - type: nebius\n        creds:\n          service_account_ids: serviceaccount-e00dhnv9ft\n"
    );
    let found = diagnostics(&server(&text));
    assert!(
        found.iter().any(|it| it.message == "unknown field `service_account_ids`; did you mean `service_account_id`?"),
        "{found:?}"
    );
    assert!(found.iter().all(|it| !it.message.contains("dhnv")), "{found:?}");
    let text = format!("{HEAD}      - type: nebius%\n        creds:\n          filename: ~/.nebius/credentials.json\n");
    let found = diagnostics(&server(&text));
    assert!(found.iter().any(|it| it.message == "unknown type `nebius%`; did you mean `nebius`?"), "{found:?}");
    // The lines below `kubeconfig` are its value.
    let text = format!(
        "{HEAD}      - type: kubernetes\n        kubeconfig: a\n          ssh_port: 1\n        networking:\n          ssh_port: 1\n"
    );
    let document = server(&text);
    let titles: Vec<String> =
        diagnostics(&document).iter().flat_map(|it| fixes(&document, it)).map(|it| it.title).collect();
    assert_eq!(titles, ["Rename `networking` to `proxy_jump`, `ssh_port` to `port`"]);
    // A misspelled key, the first time below a broken line.
    let again = "          - type: tensordock\n            creds:\n              ap_itoken: very-secret\n";
    let creds = format!("        creds:\n          type: api_key\n          api_key: hush-hush\n{again}");
    let text = format!("{HEAD}      - type: tensordock\n{creds}          ap_itoken: very-secret\n");
    let found = diagnostics(&server(&text));
    assert!(found.iter().any(|it| it.message.contains("unknown field `ap_itoken`")), "{found:?}");
    assert!(found.iter().all(|it| !it.message.contains("very")), "{found:?}");
}

#[test]
fn a_secret_on_a_line_that_is_not_an_entry_is_hidden() {
    let document = document("projects:\n- name: a\n  token hush-hush\n", DocumentKind::ClientConfig, Release::NEWEST);
    assert!(!findings(&document).contains("hush"), "{}", findings(&document));
    assert!(!document.secrets().is_empty());
}

#[test]
fn pydantic_1_accepts_pairs_as_a_mapping() {
    // Verified with 0.20.29: `dict([["name", "main"]])` is a project.
    let parses = |text: &str, release| {
        let document = document(text, DocumentKind::ServerConfig, release);
        diagnostics(&document).iter().all(|it| it.stage != Stage::Parse)
    };
    let old = Release::new(0, 20, 29);
    for text in [
        "projects: [[[name, main]]]",
        "projects: [[{name: x, backends: y}]]",
        "[[projects, []]]",
        "!!omap [projects: []]",
        "projects:\n- !!pairs [name: main, backends: []]",
        "projects: []\ndefault_permissions: !!set {}",
    ] {
        assert_eq!((parses(text, old), parses(text, Release::NEWEST)), (true, false), "{text}");
    }
    // An empty list of pairs is a list in every release.
    for (text, is_valid) in [("!!omap []", true), ("!!pairs []", true), ("!!omap [name: main]", false)] {
        let text = format!("projects: {text}");
        assert_eq!((parses(&text, old), parses(&text, Release::NEWEST)), (is_valid, is_valid), "{text}");
    }
    for tags in ["[ab, [c, d]]", "!!set {ab}"] {
        let aws = format!("{HEAD}      - {{type: aws, creds: {{type: default}}, tags: {tags}}}\n");
        assert_eq!((parses(&aws, old), parses(&aws, Release::NEWEST)), (true, false), "{tags}");
    }
}

const SECRET: &str = "AKIA-very-secret-42";

/// Files with the secret in wrong places of many kinds.
fn careless_files() -> Vec<(DocumentKind, String)> {
    let server = [
        format!("{HEAD}      - type: lambda\n        creds: {SECRET}\n"),
        format!("{HEAD}      - type: lambda\n        creds: [{SECRET}]\n"),
        format!("{HEAD}      - type: lambda\n        creds: {{api_key: [{SECRET}]}}\n"),
        format!("{HEAD}      - type: lambda\n        creds: {{apikey: {SECRET}}}\n"),
        format!("{HEAD}      - type: lambda\n        creds: {{api_key: &k {SECRET}}}\n        regions: *k\n"),
        format!("{HEAD}      - type: lambda\n        api_key: {SECRET}\n"),
        format!("{HEAD}      - type: lambda\n        creds: {{type: {SECRET}}}\n"),
        format!("{HEAD}      - type: lambda\n        creds:\n          api_key: \"{SECRET}\n"),
        format!("{HEAD}      - type: lambda\n        creds:\n          api_key: {SECRET}: x\n"),
        format!(
            "{HEAD}      - type: lambda\n        creds:\n          api_key: {SECRET}\n         x\n          y: [\n"
        ),
        format!("{HEAD}      - type: lambda\n        creds:\n          api_key: '{SECRET}' x\n"),
        format!("{HEAD}      - type: lambda\n        creds:\n          api_key: *{SECRET}\n"),
        format!(
            "{HEAD}      - type: aws\n        creds: {{type: access_key, access_key: {SECRET}, secret_key: {{{SECRET}: {SECRET}}}}}\n"
        ),
        format!("{HEAD}      - type: kubernetes\n        kubeconfig: {SECRET}\n"),
        format!(
            "{HEAD}      - type: kubernetes\n        kubeconfig:\n          data: |\n            token: {SECRET}\n           x\n"
        ),
        format!("projects: []\nencryption:\n  keys:\n    - {{type: aes, name: k, secret: {SECRET}}}\n"),
        format!("projects: []\nencryption: {{keys: {SECRET}, secret: {SECRET}}}\n"),
    ];
    let task = format!("type: task\nimage: a\nregistry_auth:\n  username: u\n  password: [{SECRET}]\n");
    let run = format!("type: task\nimage: a\nregistry_auth: {{username: u, password: {SECRET}, user: x}}\n");
    let all = server.into_iter().map(|it| (DocumentKind::ServerConfig, it));
    all.chain([task, run].map(|it| (DocumentKind::Configuration, it))).collect()
}

#[test]
fn no_message_shows_a_secret() {
    for (kind, text) in careless_files() {
        for release in [Release::OLDEST, Release::new(0, 20, 29), Release::NEWEST] {
            let document = document(&text, kind, release);
            for it in diagnostics(&document) {
                let fixes = fixes(&document, &it);
                let titles = fixes.iter().map(|it| &*it.title);
                let related = it.related.iter().map(|it| &*it.message);
                for shown in titles.chain(related).chain([&*it.message]) {
                    // A value that selects a variant of a union, or a key, is not a secret.
                    let is_key = text.contains(&format!("type: {SECRET}")) || text.contains(&format!("{{{SECRET}:"));
                    assert!(is_key || !shown.contains("very-secret"), "{text}{shown}");
                }
            }
        }
    }
}

#[test]
fn no_hover_and_no_outline_shows_a_secret() {
    fn collect<'a>(symbols: &'a [Symbol], acc: &mut Vec<&'a Symbol>) {
        for it in symbols {
            acc.push(it);
            collect(&it.children, acc);
        }
    }
    for (kind, text) in careless_files() {
        if text.contains(&format!("type: {SECRET}")) || text.contains(&format!("{{{SECRET}:")) {
            continue;
        }
        let document = document(&text, kind, Release::NEWEST);
        for offset in (0..text.len()).filter(|it| text.is_char_boundary(*it)) {
            let hover = hover(&document, offset as u32).map_or(String::new(), |it| it.markdown);
            assert!(!hover.contains("very-secret"), "{text}{hover}");
        }
        let (outline, mut all) = (symbols(&document), vec![]);
        collect(&outline, &mut all);
        for it in all {
            assert!(!format!("{} {}", it.name, it.detail).contains("very-secret"), "{text}{it:?}");
        }
    }
    let hover = hovered(&format!("{HEAD}      - type: lambda\n        creds: {{api_key: o$0ff}}\n"));
    assert!(hover.contains("**`api_key`**") && !hover.contains("off"), "{hover}");
}

#[test]
fn secrets_have_spans() {
    let found = |kind, text: &str| {
        let document = document(text, kind, Release::NEWEST);
        let at = |it: &yaml::Span| text[it.range()].to_string();
        document.secrets().spans().iter().map(at).collect::<Vec<_>>()
    };
    let text = format!(
        "{HEAD}      - type: aws\n        regions: [r]\n        creds: {{type: access_key, access_key: abc, secret_key: d}}\n"
    );
    assert_eq!(found(DocumentKind::ServerConfig, &text), ["abc", "d"]);
    let text = "type: task\nimage: a\nregistry_auth: {username: u, password: \"${{ secrets.x }}\"}\nenv: [A=1]\n";
    assert_eq!(found(DocumentKind::Configuration, text), [""; 0]);
    assert_eq!(found(DocumentKind::Configuration, &text.replace("\"${{ secrets.x }}\"", "p")), ["p"]);
}

#[test]
fn the_outline_names_projects_and_backends() {
    let text = format!("{HEAD}      - type: lambda\n        creds: {{api_key: abc}}\n");
    let outline = symbols(&server(&text));
    let project = &outline[0].children[0];
    assert_eq!((&*outline[0].name, &*project.name), ("projects", "main"));
    let backend = &project.children[1].children[0];
    assert_eq!(&*backend.name, "lambda");
    let key = &backend.children[1].children[0];
    assert_eq!((&*key.name, &*key.detail), ("api_key", ""));
}
