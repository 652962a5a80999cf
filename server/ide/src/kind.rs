//! Detects the kind of a YAML file from its content, for files whose name is not a dstack name.
//!
//! This runs for every YAML file that is opened and after each edit of it, so it must be cheap for files of other tools: a
//! file without a top-level key that distinguishes dstack files is not parsed at all, and of the others only the first
//! `MAX_DETECTED_HEAD` bytes are parsed.

use schema::{DocumentKind, files::Content};
use yaml::{Kind, NodeId, Text, Tree};

use crate::{
    limits::{MAX_DETECTED_BYTES, MAX_DETECTED_HEAD},
    words,
};

/// The kind of a file with this text; `None` if the file may just as well belong to another tool.
pub fn of_text(text: &str) -> Option<DocumentKind> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_DETECTED_BYTES || !has_telling_key(text) {
        return None;
    }
    let (_, tree) = yaml::parse(&Text::new(head(text)), None);
    DocumentKind::of_content(Node { tree: &tree, id: tree.root()? }, words::similar)
}

/// The most likely kind of a file that the user declared to be a dstack file.
pub fn likeliest(text: &str) -> DocumentKind {
    let (_, tree) = yaml::parse(&Text::new(head(text)), None);
    let root = tree.root().map(|id| Node { tree: &tree, id });
    root.map_or(DocumentKind::Configuration, DocumentKind::likeliest)
}

/// Whether one of the top-level keys is one that distinguishes kinds of files. Reads lines, not YAML.
fn has_telling_key(text: &str) -> bool {
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_content = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with(['#', '%', '-', '.']);
    let Some(first) = text.lines().find(is_content) else { return false };
    let outermost = indentation(first);
    first.trim_start().starts_with('{')
        || text.lines().filter(|it| indentation(it) == outermost).any(|line| {
            let line = line.trim_start().trim_start_matches(['"', '\'']);
            let rest = DocumentKind::telling_keys().iter().find_map(|key| line.strip_prefix(*key));
            rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
        })
}

/// The complete lines at the start of a text that are parsed.
fn head(text: &str) -> &str {
    if text.len() <= MAX_DETECTED_HEAD {
        return text;
    }
    let end = text.as_bytes()[..MAX_DETECTED_HEAD].iter().rposition(|it| *it == b'\n').unwrap_or(0);
    &text[..end]
}

/// A node of a tree, in the form that `schema` reads.
#[derive(Clone, Copy)]
struct Node<'t> {
    tree: &'t Tree,
    id: NodeId,
}

impl<'t> Content<'t> for Node<'t> {
    fn entries(self) -> impl Iterator<Item = (&'t str, Node<'t>)> {
        let tree = self.tree;
        let entries = tree.entries(self.id).filter(|it| tree.kind(it.key) == Kind::Scalar);
        entries.map(move |it| (tree.value(it.key), Node { tree, id: it.value }))
    }

    fn items(self) -> impl Iterator<Item = Node<'t>> {
        let tree = self.tree;
        tree.items(self.id).map(move |id| Node { tree, id })
    }

    fn word(self) -> Option<&'t str> {
        (self.tree.kind(self.id) == Kind::Scalar).then(|| self.tree.value(self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let start: String = text.chars().take(200).collect();
        assert_eq!(of_text(text).map_or("not dstack", DocumentKind::name), expected, "{start}");
    }

    #[test]
    fn dstack_files_are_detected() {
        for text in [
            "type: task",
            "type: dev-environment\nname: vscode\n",
            "type: dev-environment\nwhatever: 1\nelse: 2\n",
            "# train\n---\ntype: task\ncommands: [a]\n",
            "\u{feff}type: service\nport: 80\nimage: x\ncommands: [a]\nbogus: 1\n",
            "type: service\nport: 80\nimage: x\n",
            "type: service\nname: a\nreplicas:\n- count: 1\n  image: b\n",
            "type: service\nname: a\nreplicas:\n- replicas: 1\n  image: b\n",
            "type: service\nport: 80\nimage: x\nresources: {gpu: 24GB}\nbogus: 1\n",
            "name: a\npython: '3.12'\ntype: 'task'\ncommands:\n- a\n",
            "\"type\" : service\ngateway: true\n",
            "  type: task\n  commands: [a]\n",
            "{type: task, commands: [a]}\n",
            "type: fleet\nname: a\nnodes: 2\nplacement: cluster\n",
            "type: volume\nname: a\nbackend: aws\nregion: eu-west-1\nsize: 100GB\n",
            "type: gateway\nname: a\nbackend: aws\nregion: eu-west-1\ndomain: example.com\n",
            "type: fleet\nssh_config:\n  user: a\n  hosts: [b]\n",
            "type: task\ncommands: [a]\nbogus: 1\n",
            // A misspelled key, an incomplete key, broken YAML.
            "type: task\ncomands:\n  - a\n",
            "type: task\ncomm",
            "type: task\nenv: [a\ncommands:\n  - a\n",
        ] {
            check(text, "configuration");
        }
        check("profiles:\n  - name: a\n    spot_policy: auto\n", "profiles");
        check("type: template\nname: a\ntitle: b\nconfiguration: {type: task}\n", "template");
        let server = "projects:\n- name: main\n  backends:\n  - type: aws\n    creds: {type: default}\n";
        check(server, "server-config");
        check(&format!("{server}encryption:\n  keys: []\nplugins: [a]\n"), "server-config");
        check("plugins: [a]\nprojects:\n- name: main\n", "server-config");
        check("projects:\n- name: main\n  url: http://a\n  token: b\n  default: true\n", "client-config");
    }

    #[test]
    fn files_of_other_tools_are_ignored() {
        for text in [
            "",
            "# type: task\n",
            "type:",
            "type: tsk\n",
            "type: [task]\n",
            "- type: task\n",
            "task\n",
            "tasks:\n  type: task\n",
            // Kubernetes: a manifest, several in one file, a kustomization.
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  type: LoadBalancer\n  ports:\n  - port: 80\n",
            "apiVersion: v1\nkind: Secret\ntype: Opaque\ndata: {}\n---\ntype: task\n",
            "apiVersion: example.org/v1\nkind: Widget\ntype: gateway\nmetadata: {name: a}\nspec: {}\n",
            // GitHub: a workflow, an issue form with a type, dependabot.
            "name: ci\non: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n    - run: ls\n",
            "name: Chore\ndescription: Some work\ntitle: '[chore] '\ntype: task\nlabels: [chore]\nbody:\n- type: textarea\n",
            // Compose, Helm values, OpenAPI and JSON Schema, Ansible, Backstage, CloudFormation, Home Assistant.
            "services:\n  web:\n    image: a\n    ports: ['80:80']\n    profiles: [debug]\nvolumes: {}\n",
            "image: {repository: a}\nservice:\n  type: ClusterIP\n  port: 80\nresources: {}\n",
            "openapi: 3.0.0\ninfo: {title: a, version: '1'}\npaths: {}\n",
            "type: object\nproperties: {name: {type: string}}\nrequired: [name]\n",
            "- hosts: all\n  tasks:\n  - name: a\n    service: {name: nginx, state: started}\n",
            "type: service\nname: a\nstate: started\nenabled: true\n",
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a}\nspec:\n  type: service\n  owner: b\n",
            "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Fleet: {Type: 'AWS::EC2::Fleet'}\n",
            "type: service\nname: checkout\nteam: payments\nlifecycle: production\nlinks: []\n",
            "type: task\ndescription: Buy milk\ndue: tomorrow\n",
            "type: service\nname: a\nimage: b\nversion: 1\n",
            "type: service\nname: a\nreplicas:\n- name: b\n  image: c\n  docker: true\n",
            "type: gateway\nid: living-room\nmanufacturer: x\nentities: []\n",
            "type: template\nname: a\nbody: b\n",
            // `profiles` and `projects` of other tools: Skaffold, Spring, Atlantis, Infracost, a list of links.
            "apiVersion: skaffold/v4\nkind: Config\nprofiles:\n- name: gcb\n  build: {googleCloudBuild: {}}\n",
            "profiles:\n- name: dev\n  build: {}\n  deploy: {}\n",
            "profiles:\n  active: dev\n",
            "profiles: []\n",
            "version: 3\nprojects:\n- name: a\n  dir: b\n  workspace: c\n",
            "projects:\n- name: a\n  path: b\n",
            "projects:\n- name: a\n  url: https://a\n",
            "projects:\n- backends: [s3]\n",
            "plugins: [a]\nprojects:\n- name: a\n  root: b\n",
            "plugins: [a]\nprojects: [./a]\nrules: {}\n",
            "type: fleet\nname: vans\nvehicles: [a]\ndepot: b\n",
            "type: volume\nname: a\ndriver: local\nsymbol: BTC\n",
            // Fields of dstack that any file may have.
            "type: task\nname: Buy milk\npriority: 1\ntags: [home]\n",
            "type: task\nname: Buy milk\n",
            "type: gateway\nname: x\nbackend: http\nregion: eu\n",
            "type: task\nname: build\ncommand: make\nenv: {A: b}\n",
            "type: service\nresources: {cpu: 1, memory: 1Gi}\nport: 80\nlabels: {a: b}\n",
            "type: task\nname: x\nretry: 3\nschedule: daily\n",
            "type: service\nimage: x\nport: 80\nversion: 1\n",
        ] {
            check(text, "not dstack");
        }
    }

    #[test]
    fn only_the_start_of_a_long_file_is_read() {
        let long = format!("type: task\ncommands:\n{}", "  - echo hi\n".repeat(40_000));
        check(&long, "configuration");
        check(&format!("{long}{}", "# \n".repeat(300_000)), "not dstack");
        check(&format!("x: |\n{}type: task\n", "  a\n".repeat(20_000)), "not dstack");
        check(&"type: task ".repeat(10_000), "not dstack");
        // The first line is longer than the part that is parsed, or is broken.
        check(&format!("{{type: task, env: {}", "[".repeat(60_000)), "not dstack");
        check(&format!("{{type: task, env: {}", "[".repeat(90_000)), "not dstack");
    }

    #[test]
    fn a_file_that_is_declared_to_be_a_dstack_file_always_has_a_kind() {
        let kind = |text| likeliest(text).name();
        assert_eq!(kind(""), "configuration");
        assert_eq!(kind("- a"), "configuration");
        assert_eq!(kind("type: job"), "configuration");
        assert_eq!(kind("type: template"), "template");
        assert_eq!(kind("profiles: []"), "profiles");
        assert_eq!(kind("projects: [{name: a}]"), "server-config");
        assert_eq!(kind("projects: [{name: a}, {url: b}]"), "client-config");
    }
}
