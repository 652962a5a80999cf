//! The items that are offered, and what they say.

use schema::Release;

use super::{accepted, check, labels, labels_at};
use crate::{Document, completion, fixture};

#[test]
fn details_list_the_types_of_all_variants_before_the_type_is_known() {
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
fn nested_fields() {
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
fn details_explain_values() {
    let detail = |text: &str| {
        let (text, offset) = fixture::cursor(text);
        completion(&fixture::document(&text), offset).remove(0).detail
    };
    assert_eq!(detail("type: task\nresources:\n  memory: 24GB$0"), "exactly 24 GB");
    assert_eq!(detail("type: task\nresources:\n  gpu: A100:2$0"), "2 GPUs");
    assert_eq!(detail("type: task\nports:\n  - 9000$0"), "port 9000 on both sides");
}

#[test]
fn items_of_a_list_are_not_offered_again() {
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
fn documentation_names_the_releases_of_a_field() {
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
    assert!(policy.starts_with("⚠ Deprecated since 0.18.34") && is_deprecated, "{policy}");
}

#[test]
fn parts_of_a_scalar() {
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
            ("# dstack-lsp: release=0.22.1\ntype: task\npython: $0", "3.14, 3.13, 3.12, 3.11, 3.10, 3.9"),
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
            ("# dstack-lsp: release=0.22.1\ntype: volume\nbackend: $0", "aws, gcp, runpod, kubernetes"),
            ("# dstack-lsp: release=0.22.1\nbackend: $0\ntype: volume\n", "aws, gcp, runpod, kubernetes"),
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
            ("# dstack-lsp: release=0.22.1\ntype: volume\nclaim_name: x\nbackend: $0", "aws, gcp, runpod, kubernetes"),
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
