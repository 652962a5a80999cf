//! Findings near a node that PyYAML rejects: none besides the syntax error on that node, and all of them on other nodes.

use ide::{Diagnostic, Document, Stage, diagnostics, fixes, path};
use schema::{DocumentKind, Release};
use yaml::{Edits, Encoding, Kind, NodeId, Span, Style, Text, Tree};

#[path = "../examples/documents/collect.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod collect;

fn document(text: &str) -> Document {
    Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST)
}

/// The start of a span and its first line: `2:11 *x`.
fn location(document: &Document, span: Span) -> String {
    let at = document.text().position(span.start, Encoding::Utf8);
    let text = &document.text().as_str()[span.range()];
    format!("{}:{} {}", at.line + 1, at.column + 1, text.lines().next().unwrap_or_default())
}

/// The findings of a document, one per line: the rule, the location, and the result of `more`.
fn listed(document: &Document, more: impl Fn(&Diagnostic) -> String) -> String {
    let line = |it: &Diagnostic| format!("{} at {}{}", it.rule, location(document, it.span), more(it));
    diagnostics(document).iter().map(line).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(listed(&document(text), |_| String::new()), expected.join("\n"), "{text}");
}

#[test]
fn an_alias_without_an_anchor_has_no_other_finding() {
    check("type: task\ncommands: *x\n", &["syntax-error at 2:11 *x"]);
    check("type: task\ncommands: [*x]\n", &["syntax-error at 2:12 *x"]);
    check(
        "type: task\ncommands: [a]\nenv:\n  - *x\n  - A B=1\n",
        &["syntax-error at 4:5 *x", "invalid-value at 5:6  "],
    );
    check("type: *t\ncommands: [a]\n", &["syntax-error at 1:7 *t"]);
    check("type: volume\nbackend: *b\nregion: r\n", &["syntax-error at 2:10 *b"]);
    check("type: task\ncommands: [a]\n*x : a\nbogus: 1\n", &["syntax-error at 3:1 *x", "unknown-field at 4:1 bogus"]);
    check("type: service\nport: 80\ncommands: [a]\nreplicas: {min: *x, max: 2}\n", &["syntax-error at 4:17 *x"]);
    check("type: service\nport: 80\ncommands: [a]\nreplicas: 1..2\nscaling: *x\n", &["syntax-error at 5:10 *x"]);
    check("type: task\ncommands: [a]\nimage: *i\npython: 3.12\n", &["syntax-error at 3:8 *i"]);
    // Other fields are still missing or wrong.
    check(
        "type: task\ncommands: [a]\nvolumes:\n  - name: *x\n",
        &["missing-field at 4:5 name", "syntax-error at 4:11 *x"],
    );
    check(
        "type: service\ncommands: *x\nnodes: 2\n",
        &["missing-field at 1:1 type: service", "syntax-error at 2:11 *x", "unknown-field at 3:1 nodes"],
    );
}

#[test]
fn no_field_is_missing_if_the_merged_mapping_is_unknown() {
    check("type: task\n<<: *x\n", &["syntax-error at 2:5 *x"]);
    check("<<: *x\ncommands: [a]\n", &["syntax-error at 1:5 *x"]);
    check("type: task\n<<: [*x, {name: a}]\n", &["syntax-error at 2:6 *x"]);
    check("type: task\n<<: 3\n", &["syntax-error at 2:5 3"]);
    check(
        "type: task\n<<: *x\nbogus: 1\nimage: a\npython: 3.12\n",
        &["syntax-error at 2:5 *x", "unknown-field at 3:1 bogus", "mutually-exclusive at 5:1 python"],
    );
}

#[test]
fn a_value_with_a_wrong_tag_has_no_other_finding() {
    check("type: task\ncommands: !x [a]\n", &["syntax-error at 2:11 !x"]);
    check("type: task\ncommands: !!map [a]\n", &["syntax-error at 2:11 !!map"]);
    check("type: task\ncommands: [a]\nresources: !x\n  gpu: A100:foo\n  bogus: 1\n", &["syntax-error at 3:12 !x"]);
    check("type: task\ncommands: [a]\nnodes: !!int x\n", &["syntax-error at 3:8 !!int"]);
    check("type: task\ncommands: [a]\nvolumes: [!x {name: a}]\n", &["syntax-error at 3:11 !x"]);
    check("type: task\ncommands: [a]\nimage: !x i\npython: 3.12\n", &["syntax-error at 3:8 !x"]);
    check("!x\ntype: task\ncommands: 3\n", &["syntax-error at 1:1 !x"]);
    // The value is clear despite the tag, so the other fields are checked.
    check("type: !x task\ncommands: [a]\nbogus: 1\n", &["syntax-error at 1:7 !x", "unknown-field at 3:1 bogus"]);
    check(
        "type: volume\nbackend: !x aws\nregion: r\nbogus: 1\nsize: 1GB\n",
        &["syntax-error at 2:10 !x", "unknown-field at 4:1 bogus"],
    );
    check("!x type: task\ncommands: [a]\nbogus: 1\n", &["syntax-error at 1:1 !x", "unknown-field at 3:1 bogus"]);
    check("type: task\n!x commands: [a]\n!x nam: a\n", &["syntax-error at 2:1 !x", "syntax-error at 3:1 !x"]);
    check("type: task\n!x commands: [a]\ncommands: [b]\n", &["syntax-error at 2:1 !x"]);
    // The same for an alias of the value.
    check("type: task\nname: &n !x a\ncommands: *n\n", &["syntax-error at 2:10 !x"]);
    check("type: task\nname: &n !x a\ncommands: [a]\nresources: {gpu: {count: *n}}\n", &["syntax-error at 2:10 !x"]);
}

#[test]
fn a_node_that_yaml_does_not_allow_has_no_other_finding() {
    check("type: task\nname: {{ name }}\ncommands: [a]\n", &["syntax-error at 2:7 {{ name }}"]);
    check("type: task\ncommands: {{ commands }}\n", &["syntax-error at 2:11 {{ commands }}"]);
    check("type: {{ type }}\ncommands: [a]\n", &["syntax-error at 1:7 {{ type }}"]);
    check("type: task\ncommands: [a]\n{a: b}: c\n", &["syntax-error at 3:1 {a: b}"]);
    check("type: task\n? [commands]\n: a\n", &["syntax-error at 2:3 [commands]"]);
    check("type: task\ncommands: [a]\nnodes: 2024-13-45\n", &["syntax-error at 3:8 2024-13-45"]);
    check("type: task\ncommands: [a]\npriority: =\n", &["syntax-error at 3:11 ="]);
    check("type: task\ncommands: [a]\nname: a\u{1}b\n", &["syntax-error at 3:8 \u{1}"]);
    check("type: &t task\nname: &t a\ncommands: *t\n", &["syntax-error at 2:7 &t"]);
    check("type: task\nname: &t a\ncommands: &t 3\n", &["syntax-error at 3:11 &t"]);
    check("type: task\ncommands: &c [*c]\n", &["wrong-type at 2:15 *c"]);
}

#[test]
fn an_empty_field_is_not_also_missing() {
    check("type: task\ncommands:\n", &["invalid-value at 2:1 commands"]);
    check("type: task\n? commands\n", &["invalid-value at 2:3 commands"]);
    check("type: task\nimage:\n", &["missing-field at 1:1 type: task"]);
}

#[test]
fn valid_entries_beside_a_broken_one_are_checked() {
    check(
        "type: task\nimage: a\npython: 3.12\ncom\n",
        &["mutually-exclusive at 3:1 python", "syntax-error at 4:1 com"],
    );
    check("type: service\ncom\nnodes: 2\n", &["syntax-error at 2:1 com", "unknown-field at 3:1 nodes"]);
}

/// Each example is valid. With one unreadable key or value it has one finding that makes dstack reject it, whatever the field.
#[test]
fn one_syntax_error_is_one_finding() {
    let mut tried = 0;
    for (n, example) in collect::documents().documents.into_iter().enumerate() {
        let document = Document::new(Text::new(&example.text), example.kind, example.release);
        let rejections = |document: &Document| {
            let found = diagnostics(document).into_iter().filter(|it| it.stage == Stage::Parse);
            found.map(|it| (it.rule.as_str(), it.message)).collect::<Vec<_>>()
        };
        if !rejections(&document).is_empty() {
            continue;
        }
        // Different nodes in each example, to save time.
        let edits = document.tree().ids().flat_map(|it| breaking_edits(document.tree(), it));
        for edits in edits.skip(n % 8).step_by(8) {
            let found = rejections(&document.edited(&edits));
            let rules: Vec<&str> = found.iter().map(|it| it.0).collect();
            assert_eq!(rules, ["syntax-error"], "{}\n{}\n{found:?}", example.id, edits.apply(&example.text));
            tried += 1;
        }
    }
    assert!(tried > 800, "{tried}");
}

/// Edits after which PyYAML rejects the node.
fn breaking_edits(tree: &Tree, node: NodeId) -> Vec<Edits> {
    let (span, text) = (tree.span(node), tree.text(node));
    let is_key = tree.entry_of(node).is_some_and(|it| it.key == node);
    let is_block = tree.kind(node) != Kind::Scalar && tree.style(node) == Style::Block;
    let is_inline = !is_block && !text.is_empty() && !text.contains('\n') && tree.parent(node).is_some();
    match tree.entry_of(node) {
        // The tag of a block follows its key.
        Some(entry) if !is_key && is_block => {
            vec![Edits::insert(tree.span(entry.key).end + 1, " !unknown")]
        }
        _ if !is_inline || tree.properties(node).is_some() => vec![],
        _ if is_key => vec![Edits::insert(span.start, "!unknown "), Edits::replace(span, "*nowhere ")],
        _ => vec![Edits::insert(span.start, "!unknown "), Edits::replace(span, "*nowhere")],
    }
}

#[test]
fn merged_fields_are_reported_for_the_mapping_that_merges_them() {
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let document = document(text);
        let more = |it: &Diagnostic| {
            let related = it.related.iter().map(|it| format!("; {} {}", location(&document, it.span), it.message));
            format!(" ({}): {}{}", path(&document, it), it.message, related.collect::<String>())
        };
        assert_eq!(listed(&document, more), expected.join("\n"), "{text}");
    }
    check(
        "env: &e {A: b}\ntype: task\ncommands: [a]\nresources: {<<: *e}\n",
        &["unknown-field at 4:17 *e (resources.A): `resources` has no field `A`; 1:10 A defined here"],
    );
    check(
        "env: &e {A: b}\ntype: task\ncommands: [a]\nresources: *e\n",
        &["unknown-field at 4:12 *e (resources.A): `resources` has no field `A`; 1:10 A defined here"],
    );
    check(
        "env: &e {A: b}\ntype: task\ncommands: [a]\n<<: [*e, {bogus: 1}]\n",
        &[
            "unknown-field at 4:6 *e (A): a task has no field `A`; 1:10 A defined here",
            "unknown-field at 4:11 bogus (bogus): a task has no field `bogus`",
        ],
    );
    check(
        "env: &e {A: b}\ntype: task\ncommands: [a]\nresources: {gpu: {<<: {<<: *e}}}\n",
        &["unknown-field at 4:28 *e (resources.gpu.A): `gpu` has no field `A`; 1:10 A defined here"],
    );
    check(
        "env: &e {name: x}\ntype: task\ncommands: [a]\nvolumes: [*e]\n",
        &["missing-field at 4:11 *e (volumes[0]): an item of `volumes` requires `path`; 1:9 {name: x} defined here"],
    );
    check(
        "env: &e {gpu: 'A100:x'}\ntype: task\ncommands: [a]\nresources: {<<: *e}\n",
        &["invalid-value at 4:17 *e (resources.gpu): second name `x`; separate names with commas: `A100,x`; \
         1:15 'A100:x' defined here"],
    );
    check(
        "env: &e {python: '3.12'}\ntype: task\nimage: a\n<<: *e\n",
        &[
            "mutually-exclusive at 4:5 *e (python): `python` cannot be combined with `image`; `python` selects a variant of \
         dstack's default image; 1:10 python defined here; 3:1 image conflicts with this field",
        ],
    );
    check(
        "env: &e {image: a}\ntype: task\n<<: *e\npython: 3.12\n",
        &[
            "mutually-exclusive at 4:1 python (python): `python` cannot be combined with `image`; `python` selects a variant of \
         dstack's default image; 3:5 *e conflicts with this field",
        ],
    );
    check(
        "type: task\nname: &n x\ncommands: *n\n",
        &["wrong-type at 3:11 *n (commands): expected a list, found a string; 2:10 x defined here"],
    );
    check(
        "type: task\ncommands: [a]\nenv: {A: &k bogus}\n*k : 1\n",
        &["unknown-field at 4:1 *k (bogus): a task has no field `bogus`; 3:13 bogus defined here"],
    );
    check(
        "env: &b {A: b}\ntags: &t {<<: *b}\ntype: task\ncommands: [a]\nresources: {<<: *t}\n",
        &["unknown-field at 5:17 *t (resources.A): `resources` has no field `A`; 1:10 A defined here"],
    );
    check(
        "# dstack-lsp: release=0.22.1\nenv: &e {backend: nope}\ntype: volume\nregion: r\n<<: *e\n",
        &[
            "invalid-value at 5:5 *e (backend): unknown backend `nope`; expected `aws`, `gcp`, `runpod` or `kubernetes`; \
             2:19 nope defined here",
        ],
    );
    let groups = "  - &g {name: a, replicas: 1, router: {type: smg}, commands: [a]}\n  - <<: *g\n    name: b\n";
    check(
        &format!("type: service\nport: 80\ngroups:\n{groups}"),
        &["mutually-exclusive at 5:9 *g (groups[1].router): only one group may have a `router`; \
         4:31 router defined here; 4:31 router the first router"],
    );
}

/// A merged field also counts where it is defined, so no fix removes it.
#[test]
fn merged_fields_are_not_removed() {
    for text in [
        "env: &e {image: a}\ntype: task\n<<: *e\npython: 3.12\n",
        "env: &e {python: '3.12'}\ntype: task\nimage: a\n<<: *e\n",
        "env: &e {image: a}\ntype: task\n<<: *e\ndocker: true\n",
    ] {
        let document = document(text);
        for fix in diagnostics(&document).iter().flat_map(|it| fixes(&document, it)) {
            let after = fix.edits.apply(text);
            assert!(
                after.starts_with(text.lines().next().unwrap()) && after.contains("<<: *e"),
                "{}\n{after}",
                fix.title
            );
        }
    }
}
