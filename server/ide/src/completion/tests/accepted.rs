//! The text after an item is accepted.

use super::{accepted, entered};
use crate::{completion, fixture};

#[test]
fn accepted_items() {
    let case = |text: &str, label: &str, expected: &str| assert_eq!(accepted(text, label), expected, "{text}");
    case("ty$0", "type", "type: ");
    case("type: task\nimag$0\nname: x\n", "image", "type: task\nimage: \nname: x\n");
    case("type: task\nimag$0e: x\n", "image", "type: task\nimage: x\n");
    case("type: task\nna$0me: x\n", "nodes", "`nodes` is not offered");
    case("type: task\nn$0ame: x\n", "nodes", "type: task\nnodes: x\n");
    case("type: task\nreso$0", "resources", "type: task\nresources:\n  ");
    case("type: task\nreso$0\n  gpu: 1\n", "resources", "type: task\nresources:\n  gpu: 1\n");
    case("type: task\r\nreso$0\r\nname: x\r\n", "resources", "type: task\r\nresources:\r\n  \r\nname: x\r\n");
    case(
        "type: task\nretry:\n    duration: 1\nreso$0",
        "resources",
        "type: task\nretry:\n    duration: 1\nresources:\n    ",
    );
    case("type: task\ncomm$0", "commands", "type: task\ncommands:\n  - ");
    case("type: task\nports:\n- 80\ncomm$0", "commands", "type: task\nports:\n- 80\ncommands:\n- ");
    case("type: task\nresources: {gp$0}", "gpu", "type: task\nresources: {gpu: }");
    case("{type: task, comm$0}", "commands", "{type: task, commands: []}");
    case("type: task\nspot_policy:$0", "auto", "type: task\nspot_policy: auto");
    case("type: task\nspot_policy: \"s$0\"", "spot", "type: task\nspot_policy: \"spot\"");
    case("type: task\nbackends: $0", "aws", "type: task\nbackends: [aws]");
    case("type: task\nbackends: $0", "- …", "type: task\nbackends:\n  - ");
    case("type: task\nbackends:\n  $0", "- aws", "type: task\nbackends:\n  - aws");
    case("type: task\nbackends:\n  -$0", "aws", "type: task\nbackends:\n  - aws");
    case("type: task\nbackends:\n  - aws\n  $0\n", "gcp", "type: task\nbackends:\n  - aws\n  - gcp\n");
    case("type: task\nbackends: [aws, $0]", "gcp", "type: task\nbackends: [aws, gcp]");
    case("type: task\nvolumes:\n  - $0", "path", "type: task\nvolumes:\n  - path: ");
    case("type: task\nretry: $0", "on_events: …", "type: task\nretry:\n  ");
}

/// Texts that end with a valid value, one per line, with `⏎` for line breaks.
const VALID_AS_TYPED: &str = r#"
type: task⏎resources:⏎  gpu: 1
type: task⏎resources:⏎  gpu: H100:8
type: task⏎resources:⏎  gpu: 24GB
type: task⏎resources:⏎  gpu: "24GB
type: task⏎resources:⏎  gpu: h100
type: task⏎resources:⏎  gpu: A100,L4
type: task⏎resources:⏎  gpu: A30X
type: task⏎resources:⏎  gpu: A100:1
type: task⏎resources:⏎  gpu: nvidia
type: task⏎resources:⏎  gpu: {count: 8
type: task⏎resources:⏎  gpu: {name: [A100, L4
type: task⏎resources:⏎  gpu:⏎    A100
type: task⏎resources:⏎  disk: 200GB
type: task⏎resources:⏎  memory: 24GB..
type: task⏎resources:⏎  memory: 2
type: task⏎resources:⏎  memory: ..8GB
type: task⏎resources:⏎  shm_size: 16GB
type: task⏎resources:⏎  cpu: 4
type: task⏎resources:⏎  cpu: arm:8
type: task⏎resources:⏎  gpu: H20
type: task⏎resources:⏎  gpu: {name: [A100, h20
type: task⏎nodes: 2
type: task⏎python: 3.12
type: task⏎max_duration: 300
type: task⏎privileged: yes
type: task⏎spot_policy: auto
type: task⏎shell: bash
type: task⏎image: vllm
type: task⏎user: root
type: task⏎ports: [9000
type: task⏎ports: [8000, 9000
type: task⏎ports:⏎  - 9000
type: task⏎ports:⏎- 8501
type: task⏎ports:⏎  - 22:80
type: task⏎ports:⏎  - "9000
type: task⏎repos:⏎  - ..
type: task⏎repos:⏎  - https://github.com/a/b
type: task⏎files:⏎  - ~/.ssh/id_rsa
type: task⏎volumes:⏎  - name:/d
type: task⏎env:⏎  - HF_TO
type: task⏎env:⏎  - A=$
type: task⏎commands:⏎  - grep foo$
type: task⏎commands:⏎  - |⏎    grep foo$
type: task⏎schedule:⏎  cron: 0 8 * * 1
type: task⏎x: &a 1⏎y: &ab 2⏎name: *a
type: task⏎backends: [aws, aws
type: fleet⏎nodes: 2
type: fleet⏎blocks: 3
type: fleet⏎ssh_config:⏎  hosts:⏎    - host
type: fleet⏎ssh_config:⏎  hosts:⏎    - port
type: service⏎port: 80
type: service⏎replicas: 3
type: service⏎probes:⏎  - type: http⏎    url: /
type: service⏎gateway: t
type: task
type: volume⏎backend: aws
"#;

#[test]
fn enter_keeps_a_valid_value() {
    let texts = VALID_AS_TYPED.trim().lines().flat_map(|it| ["$0⏎", "$0", " $0⏎"].map(|end| format!("{it}{end}")));
    let texts: Vec<String> = texts.map(|it| it.replace('⏎', "\n")).collect();
    let wrong: Vec<_> =
        texts.iter().filter(|it| entered(it) != it.replace("$0", "")).map(|it| (it, entered(it))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // The same with the cursor in the middle, whether the editor inserts or replaces.
    let (text, offset) = fixture::cursor("type: task\nresources:\n  gpu: A1$000:80GB");
    let item = completion(&fixture::document(&text), offset).remove(0);
    assert_eq!((&*item.label, &*item.text, item.span.end), ("A100", "A1", offset));
}

#[test]
fn enter_completes_an_incomplete_value() {
    let case = |text: &str, expected: &str| {
        assert_eq!(entered(&format!("type: task\n{text}$0")), format!("type: task\n{expected}"))
    };
    case("resources:\n  gpu: H1", "resources:\n  gpu: H100");
    case("resources:\n  gpu: 8:nvi", "resources:\n  gpu: 8:nvidia");
    case("resources:\n  gpu: {name: [A100, H1", "resources:\n  gpu: {name: [A100, H100");
    case("resources:\n  gpu:\n    c", "resources:\n  gpu:\n    count: ");
    case("resources:\n  cpu: ar", "resources:\n  cpu: arm");
    case("privileged: t", "privileged: true");
    case("spot_policy: AUTO", "spot_policy: auto");
    case("commands:\n  - echo ${{ sec", "commands:\n  - echo ${{ secrets.");
}

#[test]
fn enter_behind_the_colon_opens_a_block() {
    let case = |text: &str, expected: &str| assert_eq!(entered(text), expected, "{text}");
    for list in ["ports", "env", "backends", "volumes", "files", "repos", "commands", "regions"] {
        case(&format!("type: task\n{list}:$0"), &format!("type: task\n{list}:\n  - "));
        case(&format!("type: task\n{list}: $0\nname: x\n"), &format!("type: task\n{list}:\n  - \nname: x\n"));
    }
    for mapping in ["resources", "registry_auth", "retry", "schedule", "tags"] {
        case(&format!("type: task\n{mapping}:$0"), &format!("type: task\n{mapping}:\n  "));
    }
    case("type: task\nresources:\n  gpu:$0", "type: task\nresources:\n  gpu:\n    ");
    case("type: task\nretry:\n  on_events:$0", "type: task\nretry:\n  on_events:\n    - ");
    case("type: task\nspot_policy:$0", "type: task\nspot_policy: spot");
    case("type: service\nreplicas:\n  - commands:$0", "type: service\nreplicas:\n  - commands:\n      - ");
    case("type: task\nvolumes:\n  - name:$0", "type: task\nvolumes:\n  - name:\n      - ");
    case("type: task\nvolumes:\n  - data:$0", "type: task\nvolumes:\n  - data:/data");
    // Behind the space, a value may follow if the field accepts one.
    case("type: task\nretry: $0", "type: task\nretry: true");
    // The block has the indentation of the file.
    case("type: task\nvolumes:\n- a:/b\nports:$0", "type: task\nvolumes:\n- a:/b\nports:\n- ");
    case(
        "type: service\nreplicas:\n    - name: a\n      commands:$0",
        "type: service\nreplicas:\n    - name: a\n      commands:\n          - ",
    );
    case("type: task\r\nports:$0\r\nname: x\r\n", "type: task\r\nports:\r\n  - \r\nname: x\r\n");
    case("type: task\nports: &p $0", "type: task\nports: &p\n  - ");
}

#[test]
fn the_text_after_the_cursor_keeps_its_place() {
    let case = |text: &str, expected: &str| assert_eq!(entered(text), expected, "{text}");
    // A comment stays behind its key, and Enter inserts a line break.
    case("type: task\nresou$0 # c\nname: x\n", "type: task\nresources: # c\nname: x\n");
    case("type: task\ncomm$0 # c\nname: x\n", "type: task\ncommands: # c\nname: x\n");
    case("type: task\nports:$0 # c\n", "type: task\nports: # c\n");
    case("type: task\nports: $0 # c\n", "type: task\nports:  # c\n");
    case("tas$0 # c\n", "type: task # c\n");
    // The lines below belong to the key above.
    case("type: task\nresources:\n$0\n  gpu: 1\n", "type: task\nresources:\n\n  gpu: 1\n");
    case("type: task\nresources:\n  gpu:\n  $0\n    count: 1\n", "type: task\nresources:\n  gpu:\n  \n    count: 1\n");
    case("type: task\nenv:\n$0\n- A=1\n", "type: task\nenv:\n\n- A=1\n");
    // The lines below become the value of the field if the field accepts their kind.
    case("type: task\nreso$0\n  gpu: 1\n", "type: task\nresources:\n  gpu: 1\n");
    case("type: task\nna$0\n  gpu: 1\n", "type: task\nna\n  gpu: 1\n");
    case("type: task\nen$0\n- A=1\n", "type: task\nenv:\n- A=1\n");
    // A key follows the typed word.
    case("type: task\nim$0 name: x\n", "type: task\nim name: x\n");
    // The first line of a document.
    case("--$0\ntype: task\n", "--\ntype: task\n");
}

#[test]
fn snippets_are_indented_relative_to_their_line() {
    let (text, offset) = fixture::cursor("type: service\nreplicas:\n  - comm$0");
    let items = completion(&fixture::document(&text), offset);
    let item = items.iter().find(|it| it.label == "commands").expect("a replica group has commands");
    assert_eq!(item.text, "commands:\n      - ");
    assert_eq!(item.snippet.as_deref(), Some("commands:\n    - "));
    let (text, offset) = fixture::cursor("type: task\nregis$0");
    let items = completion(&fixture::document(&text), offset);
    assert_eq!(items[0].snippet.as_deref(), Some("registry_auth:\n  username: $1\n  password: $2"));
}
