//! What is offered, as texts.

use proptest::prelude::*;
use schema::Release;

use super::*;
use crate::{Diagnostic, diagnostics, fixture};

/// The labels that are offered at the cursor.
fn labels(text: &str) -> String {
    labels_at(text, Release::NEWEST)
}

fn labels_at(text: &str, release: Release) -> String {
    let (text, offset) = fixture::cursor(text);
    let items = completion(&fixture::document_at(&text, release), offset);
    let shown = items.iter().take(8).map(|it| it.label.as_str());
    let more = if items.len() > 8 { " …" } else { "" };
    shown.collect::<Vec<_>>().join(", ") + more
}

/// What becomes of the text when the item with this label is taken.
fn accepted(text: &str, label: &str) -> String {
    let (text, offset) = fixture::cursor(text);
    let items = completion(&fixture::document(&text), offset);
    match items.iter().find(|it| it.label == label) {
        Some(it) => yaml::Edits::replace(it.span, it.text.clone()).apply(&text),
        None => format!("`{label}` is not offered"),
    }
}

fn check(cases: &[(&str, &str)], answer: impl Fn(&str) -> String) {
    let answers = cases.iter().map(|(text, expected)| (text, answer(text), expected));
    let wrong: Vec<_> = answers
        .filter(|it| it.1 != *it.2)
        .map(|it| format!("{}\n  is       {}\n  expected {}\n", it.0, it.1, it.2))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_field_takes_in_any_type_is_told_before_the_type_is_known() {
    let (text, offset) = fixture::cursor("$0");
    let items = completion(&fixture::document(&text), offset);
    let detail = |label: &str| items.iter().find(|it| it.label == label).map_or("", |it| &it.detail);
    assert_eq!(detail("type"), "dev-environment | task | service | fleet | volume | gateway | preset, required");
    assert_eq!(detail("port"), "port | mapping");
}

#[test]
fn keys() {
    check(
        &[
            ("$0", "type, dev-environment, task, service, fleet, fleet (ssh), volume, gateway …"),
            ("ty$0", "type, instance_type, instance_types"),
            ("name: x\n$0", "type, ide, nodes, port, backend, base, version, commands …"),
            ("type: task\n$0", "name, nodes, commands, image, docker, python, nvcc, user …"),
            ("type: task\nimag$0\n", "image"),
            ("type: task\nIMAGE$0\n", "image"),
            ("type: task\nspotp$0\n", "spot_policy"),
            ("type: task\nwd$0\n", "working_dir"),
            ("type: task\nimage: x\npyth$0\n", "python"),
            ("type: task\n<<: {image: x, python: 3.12}\npyth$0\n", ""),
            (
                "type: task\nresources: &r {gpu: 1}\ngroups:\n- resources:\n    <<: *r\n    $0",
                "cpu, memory, shm_size, disk",
            ),
            ("type: service\n$0", "port, name, model, gateway, https, auth, strip_prefix, replicas …"),
            ("type: task\nresources:\n  $0", "cpu, memory, shm_size, gpu, disk"),
            ("type: task\nresources:\n  gpu: 1\n  $0", "cpu, memory, shm_size, disk"),
            ("type: task\nresources:\n  cp$0\n  gpu: [\n", "cpu"),
            ("type: task\nresources:\n  gpu:\n    c$0", "count, compute_capability"),
            ("type: task\nvolumes:\n  - $0", "/mnt/data:/data, path, name, instance_path, optional"),
            ("type: task\nvolumes:\n  - instance_path: /x\n    $0", "path, optional"),
            ("type: task\nvolumes:\n  - path: /x\n    $0", "name, instance_path, optional"),
            ("type: task\nvolumes:\n  - path: /x\n    name: a\n    $0", ""),
            ("type: task\nresources: {$0}", "cpu, memory, shm_size, gpu, disk"),
            ("type: task\nresources: {gpu: 1, $0", "cpu, memory, shm_size, disk"),
            ("type: task\nregistry_auth:\n  $0", "username, password"),
            ("type: service\nport$0", "port, priority"),
            ("type: fleet\ninstance_type$0", "instance_types"),
            ("--$0", ""),
            ("---$0", ""),
            ("type: task\n--$0", ""),
            ("type: task\n_$0", ""),
            ("type: task\nterm$0", ""),
            ("type: task\nhome$0", ""),
            ("type: task\n# na$0", ""),
            ("type: task\nname: x\n    na$0", ""),
            ("type: wrong\n$0", "name, ide, nodes, port, backend, base, version, commands …"),
        ],
        labels,
    );
    let old = Release::new(0, 18, 43);
    assert_eq!(labels_at("type: task\nterm$0", old), "termination_policy, termination_idle_time");
    assert_eq!(labels_at("type: task\nschedu$0", old), "");
}

#[test]
fn values() {
    check(
        &[
            ("type: $0", "dev-environment, task, service, fleet, volume, gateway, preset"),
            ("type: t$0\nname: x\n", "task"),
            ("{type: t$0}", "task"),
            ("type: task\nspot_policy: $0", "spot, on-demand, auto"),
            ("type: task\nspot_policy: au$0", "auto"),
            ("type: task\nspot_policy: OND$0", "on-demand"),
            ("type: task\nspot_policy:$0", "spot, on-demand, auto"),
            ("type: task\nspot_policy: \"s$0\"\nname: x", "spot"),
            ("type: task\nspot_policy: 's$0\nname: x", "spot"),
            ("type: task\nspot_policy: # $0", ""),
            ("type: task\nspot_policy: $0 # why", "spot, on-demand, auto"),
            ("type: task\nprivileged: $0", "true, false"),
            ("type: task\nbackends: az$0", "azure"),
            ("type: task\nbackends:\n  - az$0", "azure"),
            ("type: task\nbackends:\n  -$0", "aws, azure, gcp, kubernetes, lambda, oci, runpod, vastai …"),
            ("type: task\nbackends:\n  - aws\n  az$0", "azure"),
            ("type: task\nbackends:\n  az$0", "- azure"),
            ("type: task\nbackends: [az$0]", "azure"),
            ("type: task\nbackends: [aws, az$0\nname: x", "azure"),
            ("type: task\nbackends:\n- az$0", "azure"),
            ("type: task\nresources: $0", "cpu: …"),
            ("type: task\nretry: $0", "true, false, on_events: …"),
            ("type: task\nretry:\n  on_events: $0", "- …, no-capacity, interruption, error"),
            ("type: task\nx: &any 1\nname: *$0", "*any"),
            ("type: task\ncommands:\n  - |\n    true $0", ""),
        ],
        labels,
    );
}

#[test]
fn every_corner_of_a_configuration() {
    check(
        &[
            (
                "type: task\n\nresources:\n  gpu: A100\n\n\n$0\n\ncommands:\n  - a\n",
                "name, nodes, image, docker, python, nvcc, user, privileged …",
            ),
            ("type: service\nreplicas: $0", "1, 2, 0..1, 0..4, min: …, - …"),
            ("type: service\nmodel:\n  format: openai\n  $0", "name, type, prefix"),
            ("type: service\nmodel:\n  format: $0", "openai, tgi"),
            ("type: service\nscaling:\n  $0", "metric, target, window, scale_up_delay, scale_down_delay"),
            ("type: service\nprobes:\n  - type: $0", "http"),
            ("type: task\nregistry_auth: $0", "username: …"),
            ("type: task\nregistry_auth: {$0}", "username, password"),
            ("type: task\ntags: $0", "NAME: …"),
            ("type: task\nenv:\n  - A=${{ $0", "secrets."),
            ("type: task\nvolumes:\n  - name: $0", "${{ dstack.node_rank }}, ${{ dstack.job_num }}, - …"),
            ("type: task\nresources:\n  gpu:\n    vendor: $0", "nvidia, amd, google, tpu, intel, tenstorrent, tt"),
            ("type: task\nresources:\n  gpu: A100\n cpu$0", ""),
            ("type: dev-environment\nide: $0\nname: x", "vscode, cursor, windsurf, zed"),
            ("type: task\nname: x\n---\nty$0", "type, instance_type, instance_types"),
        ],
        labels,
    );
}

#[test]
fn fleets() {
    check(
        &[
            ("type: fleet\n$0", "name, nodes, ssh_config, placement, blocks, resources, backends, regions …"),
            ("type: fleet\nterm$0", ""),
            ("type: fleet\nnodes: $0", "1.., 1, 2.., 2, 4.., 4, 8.., 8 …"),
            ("type: fleet\nnodes:\n  $0", "min, target, max, 1.., 1, 2.., 2, 4.. …"),
            ("type: fleet\nplacement: $0", "any, cluster"),
            ("type: fleet\nblocks: $0", "auto, 1, 2, 4, 8"),
            ("type: fleet\nidle_duration: $0", "off, 5m, 30m, 1h, 1d, 1w, 3d"),
            ("type: fleet\nresources:\n  gpu: h1$0", "H100, H100NVL"),
            ("type: fleet\nssh_config:\n  $0", "hosts, user, port, identity_file, proxy_jump, network"),
            (
                "type: fleet\nssh_config:\n  hosts:\n    - $0",
                "hostname, port, user, identity_file, proxy_jump, internal_ip, blocks",
            ),
            ("type: fleet\nssh_config:\n  hosts:\n    - hostname: a\n      blo$0", "blocks"),
            ("type: fleet\nssh_config:\n  proxy_jump:\n    $0", "hostname, user, identity_file, port"),
            ("type: fleet\nssh_config:\n  network: $0", "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"),
        ],
        labels,
    );
    let old = Release::new(0, 18, 43);
    assert_eq!(labels_at("type: fleet\nterm$0", old), "termination_policy, termination_idle_time");
    assert_eq!(labels_at("type: fleet\ntag$0", old), "");
    assert_eq!(labels_at("type: fleet\nnodes:\n  m$0", old), "min, max");
    assert_eq!(labels_at("type: fleet\nssh_config:\n  proxy$0", Release::new(0, 18, 40)), "");
    assert_eq!(labels_at("type: $0", Release::new(0, 18, 6)), "dev-environment, task, service, volume, gateway");
    let (text, offset) = fixture::cursor("type: fleet\nssh$0");
    let items = completion(&fixture::document(&text), offset);
    assert_eq!(items[0].snippet.as_deref(), Some("ssh_config:\n  hosts:\n    - $1"));
    assert_eq!(items[0].text, "ssh_config:\n  ");
}

#[test]
fn taken() {
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

/// What becomes of the text at Enter, which takes the first item; where there is none the text stays as it is.
fn entered(text: &str) -> String {
    let (text, offset) = fixture::cursor(text);
    let items = completion(&fixture::document(&text), offset);
    items.first().map_or(text.clone(), |it| yaml::Edits::replace(it.span, it.text.clone()).apply(&text))
}

/// What is valid as typed, a text a line with `⏎` for its line breaks.
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
fn enter_leaves_alone_what_is_valid_as_typed() {
    let texts = VALID_AS_TYPED.trim().lines().flat_map(|it| ["$0⏎", "$0", " $0⏎"].map(|end| format!("{it}{end}")));
    let texts: Vec<String> = texts.map(|it| it.replace('⏎', "\n")).collect();
    let wrong: Vec<_> =
        texts.iter().filter(|it| entered(it) != it.replace("$0", "")).map(|it| (it, entered(it))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // With the cursor in the middle, too, whether the editor inserts or replaces.
    let (text, offset) = fixture::cursor("type: task\nresources:\n  gpu: A1$000:80GB");
    let item = completion(&fixture::document(&text), offset).remove(0);
    assert_eq!((&*item.label, &*item.text, item.span.end), ("A100", "A1", offset));
}

#[test]
fn what_is_only_the_beginning_of_a_word_is_completed() {
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
fn what_a_value_means_is_told_beside_it() {
    let detail = |text: &str| {
        let (text, offset) = fixture::cursor(text);
        completion(&fixture::document(&text), offset).remove(0).detail
    };
    assert_eq!(detail("type: task\nresources:\n  memory: 24GB$0"), "exactly 24 GB");
    assert_eq!(detail("type: task\nresources:\n  gpu: A100:2$0"), "2 GPUs");
    assert_eq!(detail("type: task\nports:\n  - 9000$0"), "port 9000 on both sides");
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
    // Behind the space a value may follow, where the field takes one.
    case("type: task\nretry: $0", "type: task\nretry: true");
    // As the file is indented.
    case("type: task\nvolumes:\n- a:/b\nports:$0", "type: task\nvolumes:\n- a:/b\nports:\n- ");
    case(
        "type: service\nreplicas:\n    - name: a\n      commands:$0",
        "type: service\nreplicas:\n    - name: a\n      commands:\n          - ",
    );
    case("type: task\r\nports:$0\r\nname: x\r\n", "type: task\r\nports:\r\n  - \r\nname: x\r\n");
    case("type: task\nports: &p $0", "type: task\nports: &p\n  - ");
}

#[test]
fn what_follows_is_left_where_it_is() {
    let case = |text: &str, expected: &str| assert_eq!(entered(text), expected, "{text}");
    // A comment stays behind its key, and Enter there is the editor's.
    case("type: task\nresou$0 # c\nname: x\n", "type: task\nresources: # c\nname: x\n");
    case("type: task\ncomm$0 # c\nname: x\n", "type: task\ncommands: # c\nname: x\n");
    case("type: task\nports:$0 # c\n", "type: task\nports: # c\n");
    case("type: task\nports: $0 # c\n", "type: task\nports:  # c\n");
    case("tas$0 # c\n", "type: task # c\n");
    // Lines below belong to what stands above.
    case("type: task\nresources:\n$0\n  gpu: 1\n", "type: task\nresources:\n\n  gpu: 1\n");
    case("type: task\nresources:\n  gpu:\n  $0\n    count: 1\n", "type: task\nresources:\n  gpu:\n  \n    count: 1\n");
    case("type: task\nenv:\n$0\n- A=1\n", "type: task\nenv:\n\n- A=1\n");
    // What stands below can be the field's own if the field takes such a thing.
    case("type: task\nreso$0\n  gpu: 1\n", "type: task\nresources:\n  gpu: 1\n");
    case("type: task\nna$0\n  gpu: 1\n", "type: task\nna\n  gpu: 1\n");
    case("type: task\nen$0\n- A=1\n", "type: task\nenv:\n- A=1\n");
    // A key behind what is typed.
    case("type: task\nim$0 name: x\n", "type: task\nim name: x\n");
    // A document's first line.
    case("--$0\ntype: task\n", "--\ntype: task\n");
}

#[test]
fn what_is_in_the_list_is_not_offered_again() {
    check(
        &[
            ("type: task\nbackends: [aws,$0", "azure, gcp, kubernetes, lambda, oci, runpod, vastai, vultr …"),
            ("type: task\nbackends:\n  - aws\n  - a$0", "azure, amddevcloud"),
            ("type: task\nretry:\n  on_events: [error, $0]", "no-capacity, interruption"),
            ("type: task\nresources:\n  gpu: {name: [A100, A1$0", "A10, A16, A10G"),
        ],
        labels,
    );
}

#[test]
fn profiles() {
    let labels = |text: &str| {
        let (text, offset) = fixture::cursor(text);
        let document = Document::new(yaml::Text::new(&text), schema::DocumentKind::Profiles, Release::NEWEST);
        let items = completion(&document, offset);
        items.iter().take(4).map(|it| it.label.clone()).collect::<Vec<_>>().join(", ")
    };
    check(
        &[
            ("$0", "profiles, profile"),
            ("profiles:\n  - name: x\n    spot$0", "spot_policy"),
            ("profiles:\n  - $0", "name, default, fleets, instances"),
            ("profiles:\n  - name: x\n    spot_policy: $0", "spot, on-demand, auto"),
        ],
        labels,
    );
}

#[test]
fn documentation_tells_since_when_a_field_is_there_and_whether_it_still_counts() {
    let docs = |text: &str, release: Release| {
        let (text, offset) = fixture::cursor(text);
        let item = completion(&fixture::document_at(&text, release), offset).remove(0);
        (item.docs, item.deprecated)
    };
    let (schedule, is_deprecated) = docs("type: task\nschedu$0", Release::NEWEST);
    assert!(schedule.ends_with("\n\nSince 0.19.21") && !is_deprecated, "{schedule}");
    let (commands, _) = docs("type: task\ncomman$0", Release::NEWEST);
    assert!(!commands.contains("Since "), "{commands}");
    let (policy, is_deprecated) = docs("type: task\ntermination_p$0", Release::new(0, 18, 43));
    assert!(policy.starts_with("⚠ Outdated since 0.18.34") && is_deprecated, "{policy}");
}

#[test]
fn snippets_are_indented_from_their_line() {
    let (text, offset) = fixture::cursor("type: service\nreplicas:\n  - comm$0");
    let items = completion(&fixture::document(&text), offset);
    let item = items.iter().find(|it| it.label == "commands").expect("a replica group has commands");
    assert_eq!(item.text, "commands:\n      - ");
    assert_eq!(item.snippet.as_deref(), Some("commands:\n    - "));
    let (text, offset) = fixture::cursor("type: task\nregis$0");
    let items = completion(&fixture::document(&text), offset);
    assert_eq!(items[0].snippet.as_deref(), Some("registry_auth:\n  username: $1\n  password: $2"));
}

/// Texts with every kind of place.
const SAMPLES: [&str; 5] = [
    "type: dev-environment\nname: x\nide: vscode\nresources:\n  gpu:\n    name: [A100, H100]\n    count: 1..2\n  disk: 100GB\n\nvolumes:\n  - name: a\n    path: /b\n  - c:/d\nenv:\n  A: b\n",
    "# about\ntype: task\ncommands:\n- |\n  echo ${{ secrets.x }}\n\n- \"quoted\"\nbackends: [aws, gcp] # why\nports:\n- 8080\n- \"22:22\"\nresources: {gpu: A100, cpu: 2..}\nretry:\n    on_events: [error]\n    duration: 1h\n",
    "type: fleet\nnodes:\n  min: 0\n  max: 4\nssh_config:\n  user: a\n  hosts:\n    - 10.0.0.1\n    - hostname: b\n      blocks: auto\n  network: 10.0.0.0/8\n",
    "type: service\r\nport: 80\r\nreplicas: 1..4\r\nscaling:\r\n  metric: rps\r\n  target: 10\r\nimage:\r\nspot_policy: auto\r\n",
    "name: &n x\nregistry_auth: {username: *n,\n  password: y}\nresour\n  gpu: 1\nbackends:\n  - aws\n  \nenv: [\ntype: task",
];

/// Every item at every offset of the sample: what is taken loads no worse, and a field that is taken is known.
fn taking_is_harmless(text: &str, release: Release) {
    let document = fixture::document_at(text, release);
    let before = document.tree().problems().len();
    for offset in (0..=text.len() as u32).filter(|it| text.is_char_boundary(*it as usize)) {
        let items = completion(&document, offset);
        // Neighbours in a list of words differ in nothing but the word.
        for item in
            items.iter().enumerate().filter(|(i, _)| *i < 1 || (i + offset as usize).is_multiple_of(11)).map(|it| it.1)
        {
            let edited = document.edited(&yaml::Edits::replace(item.span, item.text.clone()));
            let shown = || format!("{offset} {item:?}\n{}", edited.text().as_str());
            assert!(edited.tree().problems().len() <= before, "{}", shown());
            if item.kind == ItemKind::Field {
                let unknown = |it: &Diagnostic| it.rule == "unknown-field" && it.span.touches(item.span.start + 2);
                assert!(!diagnostics(&edited).iter().any(unknown), "{}", shown());
            }
            assert!(item.span.touches(offset), "{item:?}");
            let typed = &text[item.span.start as usize..offset as usize];
            assert!(distance(typed, &item.label).is_some(), "{typed:?} {item:?}");
        }
    }
}

#[test]
fn taking_an_item_is_harmless_everywhere() {
    for text in SAMPLES {
        taking_is_harmless(text, Release::NEWEST);
        taking_is_harmless(text, Release::new(0, 18, 43));
    }
}

#[test]
fn taking_an_item_in_a_file_cut_off_is_harmless() {
    for text in SAMPLES {
        for end in (0..text.len()).filter(|it| text.is_char_boundary(*it)) {
            let document = fixture::document(&text[..end]);
            for item in completion(&document, end as u32).iter().take(2) {
                let edited = document.edited(&yaml::Edits::replace(item.span, item.text.clone()));
                let (before, after) = (document.tree().problems().len(), edited.tree().problems().len());
                assert!(after <= before, "{item:?}\n{}", edited.text().as_str());
            }
        }
    }
}

proptest! {
    // Every offset of a text is asked about, so a few texts are many questions.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn never_panics(
        text in r#"(type: task\n|resources:|  |\n|gpu|env:|- |: |backends|[a-c:\[\]{}"'|#&*$é\t\r\n]){0,24}"#
    ) {
        let document = fixture::document(&text);
        for offset in 0..=text.len() as u32 + 1 {
            completion(&document, offset);
            crate::hover(&document, offset);
        }
        crate::symbols(&document);
    }
}

#[test]
fn within_a_scalar() {
    check(
        &[
            ("type: task\nresources:\n  gpu: A10$0", "A10, A100, A10G"),
            ("type: task\nresources:\n  gpu: h1$0", "H100, H100NVL"),
            ("type: task\nresources:\n  gpu: A100:$0", "40GB.., 40GB, 80GB.., 80GB, 1, 1.., 2, 2.. …"),
            ("type: task\nresources:\n  gpu: A100:8$0", "8, 80GB.., 80GB, 8.."),
            ("type: task\nresources:\n  gpu: A100:80GB:$0\n  cpu: 2", "1, 1.., 2, 2.., 4, 4.., 8, 8.."),
            ("type: task\nresources:\n  gpu: {name: H2$0}", "H200, H200NVL"),
            ("type: task\nresources:\n  gpu:\n    name: [A100, H1$0]", "H100, H100NVL"),
            ("type: task\nresources:\n  cpu: x$0", "x86"),
            ("type: task\nresources:\n  memory: 1$0", "1, 1GB.., 1GB, 1MB.., 1MB, 1TB.., 1TB"),
            ("type: task\nresources:\n  memory: 300GB..$0", "300GB.., 512GB"),
            ("type: task\nmax_duration: $0", "off, 5m, 30m, 1h, 1d, 1w"),
            ("type: task\nmax_duration: 3$0", "3, 3s, 3m, 3h, 3d, 3w"),
            ("type: task\nports:\n  - 80$0", "80, 8000, 8080, *:80"),
            ("type: task\nports:\n  - 8080:80$0", "80, 8000, 8080"),
            ("type: task\nenv:\n  - HF_TO$0", "HF_TO, HF_TOKEN, HF_TOKEN="),
            ("type: task\nenv:\n  HF_TO$0", "HF_TOKEN, - HF_TOKEN, - HF_TOKEN="),
            ("type: task\nenv:\n  A: b\n  HF_TO$0", "HF_TOKEN"),
            ("type: task\nenv:\n  HF_TOKEN: ${{ $0", "secrets."),
            ("type: task\ncommands:\n  - echo ${{ $0", "secrets., run.args }}"),
            (
                "type: task\ngroups:\n  - nodes: 2\n    commands:\n      - echo ${{ $0",
                "secrets., run.args }}, groups[0].nodes[0].IP_ADDRESS }}",
            ),
            ("type: gateway\ndomain: ${{ $0", "run.project_name }}"),
            ("type: task\nvolumes:\n  - name: data-${{ $0", "dstack.node_rank }}, dstack.job_num }}"),
            ("type: task\ncommands:\n  - |\n    echo ${{ se$0 }}\n", "secrets."),
            ("type: task\ncommands:\n  - $0", ""),
            ("type: task\ncommands:\n  - echo $HOME $0", ""),
            ("type: task\ncommands:\n  - echo $HOME $$0", "$, ${{ secrets., ${{ run.args }}"),
            ("type: task\ncommands: $0", "- …"),
            ("type: service\nregistry_auth:\n  username: x\n  password: $0", "${{ secrets., ${{ env."),
            ("type: task\npython: $0", "3.15, 3.14, 3.13, 3.12, 3.11, 3.10, 3.9"),
            ("type: task\npython: \"3.15$0\"", "3.15"),
        ],
        labels,
    );
    let case = |text: &str, label: &str, expected: &str| assert_eq!(accepted(text, label), expected, "{text}");
    case("type: task\npython: $0", "3.10", "type: task\npython: \"3.10\"");
    case("type: task\npython: 3.$0", "3.10", "type: task\npython: \"3.10\"");
    case("type: task\npython: \"3.$0\"", "3.10", "type: task\npython: \"3.10\"");
    case("type: task\nmax_duration: $0", "off", "type: task\nmax_duration: off");
    case("type: task\nports:\n  - *$0", "*:80", "`*:80` is not offered");
    case("type: task\nports:\n  - 80$0", "*:80", "type: task\nports:\n  - \"*:80\"");
    case("type: task\nports:\n  - 22:$0", "8000", "type: task\nports:\n  - 22:8000");
    case("type: task\nresources:\n  cpu: $0", "2", "type: task\nresources:\n  cpu: 2");
    case("type: task\nresources:\n  gpu: A100:$0:2", "80GB", "type: task\nresources:\n  gpu: A100:80GB:2");
    case("type: task\nenv:\n  HF$0", "HF_TOKEN", "type: task\nenv:\n  HF_TOKEN: ");
    case("type: task\nenv:\n  HF$0", "- HF_TOKEN", "type: task\nenv:\n  - HF_TOKEN");
    case("type: task\nenv: HF$0", "HF_TOKEN", "type: task\nenv: [HF_TOKEN]");
}

#[test]
fn volumes_and_gateways() {
    check(
        &[
            (
                "type: volume\n$0",
                "backend, name, region, availability_zone, size, claim_name, volume_id, storage_class_name …",
            ),
            ("type: volume\nbackend: $0", "aws, gcp, runpod, kubernetes, daytona, lium"),
            ("backend: $0\ntype: volume\n", "aws, gcp, runpod, kubernetes, daytona, lium"),
            (
                "type: volume\nbackend: aws\n$0",
                "region, name, availability_zone, size, volume_id, auto_cleanup_duration, tags",
            ),
            ("type: volume\nbackend: runpod\n$0", "region, name, size, volume_id, auto_cleanup_duration, tags"),
            ("type: volume\nbackend: lium\n$0", "name, volume_id, auto_cleanup_duration, tags"),
            (
                "type: volume\nclaim_name: x\n$0",
                "backend, name, region, size, storage_class_name, access_modes, read_only, auto_cleanup_duration …",
            ),
            ("type: volume\nclaim_name: x\nbackend: $0", "aws, gcp, runpod, kubernetes, daytona, lium"),
            ("type: volume\nbackend: aws\nsi$0", "size"),
            ("type: volume\nbackend: aws\nauto_cleanup_duration: 7$0", "7, 7s, 7m, 7h, 7d, 7w"),
            ("type: gateway\nbackend: g$0", "gcp"),
            ("type: gateway\ncert$0", "certificate"),
            ("type: gateway\ncertificate:\n  $0", "type, arn, name"),
            ("type: gateway\ncertificate:\n  type: $0", "lets-encrypt, acm, gcp-cm"),
            ("type: gateway\ncertificate:\n  type: acm\n  $0", "arn"),
            ("type: gateway\ndomain: ${{ $0", "run.project_name }}"),
            ("type: gateway\nrouter$0", ""),
        ],
        labels,
    );
    let old = Release::new(0, 20, 16);
    assert_eq!(labels_at("type: volume\nbackend: az$0", old), "azure");
    assert_eq!(labels_at("type: gateway\nrouter:\n  $0", old), "type, policy");
    assert_eq!(labels_at("type: volume\nbackend: $0", Release::new(0, 22, 1)), "aws, gcp, runpod, kubernetes");
}
