//! The examples in the documentation of the rules are run.

use schema::{DocumentKind, Release};
use yaml::Text;

use super::all;
use crate::{diagnostics, document::Document};

#[test]
fn documented_examples_yield_what_they_claim() {
    for rule in all() {
        let mut blocks = 0;
        let mut rest = rule.docs;
        while let Some(start) = rest.find("```yaml") {
            let (head, body) = rest[start + 7..].split_once('\n').unwrap();
            let (text, after) = body.split_once("```").unwrap();
            rest = after;
            blocks += 1;
            let release = head.split("release=").nth(1).map_or(Release::NEWEST, |it| it.trim().parse().unwrap());
            let document = Document::new(Text::new(text), DocumentKind::Configuration, release);
            let found: Vec<&str> = diagnostics(&document).iter().map(|it| it.rule.as_str()).collect();
            if head.contains("bad") {
                assert_eq!(found, [rule.name()], "{}:\n{text}", rule.name());
            } else {
                assert_eq!(found, [""; 0], "{}:\n{text}", rule.name());
            }
        }
        assert!(blocks >= 2, "`{}` has no examples", rule.name());
    }
}

#[test]
fn messages_fit_what_is_written() {
    let said = |kind, text: &str| {
        let document = Document::new(Text::new(text), kind, Release::NEWEST);
        diagnostics(&document).into_iter().map(|it| it.message).collect::<Vec<_>>().join("\n")
    };
    for (text, expected) in [
        (
            "type: [task]",
            "expected `dev-environment`, `task`, `service`, `fleet`, `volume`, `gateway` or `preset` as `type`, found a list",
        ),
        (
            "type: {task: }",
            "expected `dev-environment`, `task`, `service`, `fleet`, `volume`, `gateway` or `preset` as `type`, found a mapping",
        ),
        (
            "type: volume\nbackend: aws\nregion: r\nclaim_name: x",
            "a volume on `aws` has no field `claim_name`; use it with `backend: kubernetes`",
        ),
        (
            "# dstack-lsp: release=0.22.1\ntype: volume\nregion: r",
            "a volume requires `backend`; expected `aws`, `gcp`, `runpod` or `kubernetes`",
        ),
        (
            "# dstack-lsp: release=0.22.1\ntype: volume\nbackend: azure\nregion: r",
            "dstack does not support volumes on `azure`; expected `aws`, `gcp`, `runpod` or `kubernetes`",
        ),
        ("type: volume\nbackend: runpd\nregion: r", "unknown backend `runpd`; did you mean `runpod`?"),
        ("type: volume\nbackend: lium\nvolume_di: r", "unknown field `volume_di`; did you mean `volume_id`?"),
        (
            "type: volume\nbackend: runpod\nregion: r\navailability_zone: a",
            "`availability_zone` has had no effect since dstack 0.20.17; Runpod has no availability zones",
        ),
        (
            "type: gateway\nbackend: aws\nregion: r\ncertificate: {arn: a}",
            "missing `type`; expected `lets-encrypt`, `acm` or `gcp-cm`",
        ),
        (
            "type: gateway\nbackend: aws\nregion: r\ncertificate: {type: lets-encrypt, arn: a}",
            "`certificate` of type `lets-encrypt` has no field `arn`; use it with `type: acm`",
        ),
        ("type: gateway\nbackend: aws\nregion: r\nload_balancer: {}", "`load_balancer` requires `type`"),
        ("type: gateway\nbackend: aws\nregion: r\ninstance_type: \"\"", "the string is empty"),
        (
            "type: gateway\nbackend: aws\nregion: r\nrouter: {}",
            "`router` was removed in dstack 0.21.0; set `router` in a replica group of the service",
        ),
        ("type: dev", "unknown type `dev`; did you mean `dev-environment`?"),
        ("type: dev-environment\nide: vsc", "invalid value `vsc`; did you mean `vscode`?"),
        ("type: task\ncmd: [a]\nimage: b", "a task has no field `cmd`; use `commands`"),
        ("type: task\ncommands: [a]\nresources:\n  gpu:\n    mem: 80GB", "unknown field `mem`; did you mean `memory`?"),
        ("type: service\ncommands: [a]\nport: 80\nauth: 3", "expected `true` or `false`, found `3`"),
        ("type: service\ncommands: [a]\nport: 80\nauth: 0.5", "expected `true` or `false`, found `0.5`"),
        (
            "type: task\ncommands: [a]\nenv: [A B=1]",
            "spaces are not allowed in or around a name; expected `NAME=value`",
        ),
        ("type: task\ncommands: [a]\nrepos: [., a]", "expected at most one item, found 2"),
        (
            "type: task\ncommands: [a]\nvolumes:\n  - data: /data",
            "YAML reads `data: /data` as a mapping; write `data:/data`",
        ),
        ("type: task\ncommands: [a]\nfiles:\n  - src: /b", "YAML reads `src: /b` as a mapping; write `src:/b`"),
        ("type: task\ncommands: [a]\nfleets:\n  - fleet: a", "an item of `fleets` has no field `fleet`"),
        ("type: task\ncommands: [a]\nvolumes:\n  - nam: x", "unknown field `nam`; did you mean `name`?"),
        (
            "type: task\ncommands: [a]\nregistry_auth: {user: a, password: b}",
            "unknown field `user`; did you mean `username`?",
        ),
        ("type: task\ncommands: [a]\n<<: {bogus: 1}", "a task has no field `bogus`"),
        ("type: task\ncommands: [a]\ngpus: 1", "a task has no field `gpus`; use `gpu` under `resources`"),
        (
            "type: service\ncommands: [a]\nport: 80\nrate_limits: [{rps: 0}]",
            "`0` is too small; expected at least 0.0167",
        ),
        (
            "type: service\nname: &n x\ncommands: [a]\nport: 80\nreplicas: {min: *n, max: 4}",
            "expected an integer, found `x`",
        ),
        ("Type: task\ncommands: [a]", "unknown field `Type`; did you mean `type`?"),
        ("kind: fleet\nnodes: 1", "unknown field `kind`; did you mean `type`?"),
        ("type: volume\nbackend: lium\nsize: 1GB", "a volume on `lium` has no field `size`"),
        (
            "type: volume\nbackend: gcp\nregion: a\nsize: 100GB..200GB",
            "expected one size, found the range `100GB..200GB`",
        ),
        (
            "type: gateway\nbackend: aws\nregion: a\ncertificate: {type: lets-encrypt, arn: x}",
            "`certificate` of type `lets-encrypt` has no field `arn`; use it with `type: acm`",
        ),
        ("type: fleet\nssh_config:\n  hosts:", "`hosts` is empty; expected a list"),
        ("type: fleet\nnodes: 1\ntags: {b c: d}", "a space is not allowed here; use letters, digits, `_` and `-`"),
        ("type: task\ncommands: [a]\nenviroment: {A: b}", "a task has no field `enviroment`; use `env`"),
        (
            "type: task\ncommands: [a]\nworking_directory: /a",
            "a task has no field `working_directory`; use `working_dir`",
        ),
        ("type: task\ncommands: [a]\nmax_price: low", "expected a number, found `low`"),
        // Equal keys of Python's, and those that pydantic makes equal texts of.
        (
            "type: task\ncommands: [a]\nenv: {1: a, 0x1: b}",
            "duplicate key `1` (set again as `0x1`); only the last value is used",
        ),
        (
            "type: task\ncommands: [a]\nenv: {1: a, '1': b, 1.0: c}",
            "duplicate key `1` (set again as `1.0`); only the last value is used\n\
             duplicate key `1`; only the last value is used",
        ),
        ("type: task\ncommands: [a]\nenv: {1.0: a, 1.5: b, '1': c, 0x2: d, '0x2': e}", ""),
    ] {
        assert_eq!(said(DocumentKind::Configuration, text), expected, "{text}");
    }
    assert_eq!(
        said(DocumentKind::Profiles, "type: task"),
        "the file has no field `type`\nthe file requires `profiles`"
    );
}

#[test]
fn messages_fit_other_kinds_of_files() {
    let said = |kind, text: &str, release| {
        let document = Document::new(Text::new(text), kind, release);
        diagnostics(&document).into_iter().map(|it| it.message).collect::<Vec<_>>().join("\n")
    };
    let template = |text: &str| said(DocumentKind::Template, text, Release::NEWEST);
    let client = |text: &str| said(DocumentKind::ClientConfig, text, Release::NEWEST);
    let old = |text: &str| said(DocumentKind::Configuration, text, Release::new(0, 20, 16));
    assert_eq!(template(""), "the file is empty; expected `type: template`");
    assert_eq!(template("type: task"), "dstack ignores files in this folder unless they have `type: template`");
    assert_eq!(
        template("type: template\nname: a\ntitel: b\nconfiguration: {type: nope, x: 1}"),
        "unknown field `titel`; did you mean `title`?"
    );
    assert_eq!(
        template("type: template\nname: a\ntitle: b\nconfiguration: {}\nparameters: [{type: ide, value: a}]"),
        "an item of `parameters` of type `ide` has no field `value`; use it with `type: env`"
    );
    assert_eq!(
        said(DocumentKind::Template, "type: template", Release::new(0, 20, 11)),
        "`type: template` requires dstack 0.20.12 or later (checking against 0.20.11)"
    );
    // Two keys where nothing makes texts of them, and `True` and `true` where pydantic 1 does.
    assert_eq!(template("type: template\nname: a\ntitle: b\nparameters: []\nconfiguration: {x: {1: a, '1': b}}"), "");
    assert_eq!(old("type: task\ncommands: [a]\nenv: {true: a, 'true': b}"), "");
    assert_eq!(client("projects:\n  - {name: a, url: b}"), "an item of `projects` requires `token`");
    assert_eq!(
        client("repos: []"),
        "`repos` has had no effect since dstack 0.20.0; dstack no longer keeps repos here; remove it"
    );
    assert_eq!(old("type: gateway\nbackend: aws\nregion: r\ncertificate: {type: acm}"), "`certificate` requires `arn`");
    assert_eq!(old("type: volume\nbackend: azure\nregion: r\nclaim_name: x"), "a volume has no field `claim_name`");
}
