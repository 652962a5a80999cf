//! The examples in the documentation of the rules are run.

use schema::{DocumentKind, Release};
use yaml::Text;

use super::all;
use crate::{diagnostic::diagnostics, document::Document};

#[test]
fn the_examples_of_the_docs_say_what_they_claim() {
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
            let found: Vec<&str> = diagnostics(&document).iter().map(|it| it.rule).collect();
            if head.contains("bad") {
                assert_eq!(found, [rule.name], "{}:\n{text}", rule.name);
            } else {
                assert_eq!(found, [""; 0], "{}:\n{text}", rule.name);
            }
        }
        assert!(blocks >= 2, "`{}` has no examples", rule.name);
    }
}

#[test]
fn what_is_said_fits_what_was_written() {
    let said = |kind, text: &str| {
        let document = Document::new(Text::new(text), kind, Release::NEWEST);
        diagnostics(&document).into_iter().map(|it| it.message).collect::<Vec<_>>().join("\n")
    };
    for (text, expected) in [
        (
            "type: [task]",
            "`type` is a list; write `dev-environment`, `task`, `service`, `fleet`, `volume`, `gateway` or `preset`",
        ),
        (
            "type: {task: }",
            "`type` is a mapping; write `dev-environment`, `task`, `service`, `fleet`, `volume`, `gateway` or `preset`",
        ),
        ("type: dev", "unknown type `dev`; did you mean `dev-environment`?"),
        ("type: dev-environment\nide: vsc", "`vsc` is not known here; did you mean `vscode`?"),
        ("type: task\ncmd: [a]\nimage: b", "a task has no field `cmd`; use `commands`"),
        ("type: task\ncommands: [a]\nresources:\n  gpu:\n    mem: 80GB", "unknown field `mem`; did you mean `memory`?"),
        ("type: service\ncommands: [a]\nport: 80\nauth: 3", "`3` is neither true nor false; write `true` or `false`"),
        (
            "type: service\ncommands: [a]\nport: 80\nauth: 0.5",
            "`0.5` is neither true nor false; write `true` or `false`",
        ),
        ("type: task\ncommands: [a]\nenv: [A B=1]", "a name has no spaces in or around it; write `NAME=value`"),
        ("type: task\ncommands: [a]\nrepos: [., a]", "the list takes only one item; remove the others"),
        (
            "type: task\ncommands: [a]\nvolumes:\n  - data: /data",
            "the space makes `data: /data` a mapping; write `data:/data`",
        ),
        ("type: task\ncommands: [a]\nfiles:\n  - src: /b", "the space makes `src: /b` a mapping; write `src:/b`"),
        ("type: task\ncommands: [a]\nfleets:\n  - fleet: a", "an item of `fleets` has no field `fleet`; remove it"),
        ("type: task\ncommands: [a]\nvolumes:\n  - nam: x", "unknown field `nam`; did you mean `name`?"),
        (
            "type: task\ncommands: [a]\nregistry_auth: {user: a, password: b}",
            "unknown field `user`; did you mean `username`?",
        ),
        ("type: task\ncommands: [a]\n<<: {bogus: 1}", "a task has no field `bogus`; remove it"),
        ("type: task\ncommands: [a]\ngpus: 1", "a task has no field `gpus`; write `gpu` under `resources`"),
        ("type: service\ncommands: [a]\nport: 80\nrate_limits: [{rps: 0}]", "`0` is too small; write 0.0167 or more"),
        (
            "type: service\nname: &n x\ncommands: [a]\nport: 80\nreplicas: {min: *n, max: 4}",
            "`x` is not a whole number; write digits only",
        ),
        ("type: task\ncommands: [a]\nmax_price: low", "`low` is not a number; write for example `1.5`"),
    ] {
        assert_eq!(said(DocumentKind::Configuration, text), expected, "{text}");
    }
    assert_eq!(
        said(DocumentKind::Profiles, "type: task"),
        "the file has no field `type`; remove it\nthe file needs `profiles`; add it"
    );
}
