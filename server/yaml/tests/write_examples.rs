//! Examples of edits. The law behind them is in `write.rs`.

use yaml::{
    NodeId, Text, Tree,
    write::{Place, Rewrite, Value},
};

/// Returns the node at a path of keys and indices: `k.0.name`. A `@` before the last key selects the key itself.
fn node(tree: &Tree, path: &str) -> NodeId {
    let mut at = tree.root().expect("a root");
    for step in path.split('.').filter(|it| !it.is_empty()) {
        at = match (step.parse::<usize>(), step.strip_prefix('@')) {
            (Ok(index), _) => tree.items(at).nth(index).expect(path),
            (_, Some(key)) => tree.entry(at, key).expect(path).key,
            _ => tree.get(at, step).expect(path),
        };
    }
    at
}

#[track_caller]
fn check(before: &str, change: impl for<'t> Fn(Rewrite<'t>, &'t Tree) -> Rewrite<'t>, after: &str) {
    for (from, to) in [("\n", "\n"), ("\n", "\r\n")] {
        if to == "\r\n" && !before.contains('\n') {
            continue; // the file has no line break to copy
        }
        let (before, after) = (before.replace(from, to), after.replace(from, to));
        let (_, tree) = yaml::parse(&Text::new(&before), None);
        let edits = change(Rewrite::new(&tree), &tree).finish().expect("it can be done");
        assert_eq!(edits.apply(&before), after, "{edits:?}");
    }
}

#[track_caller]
fn refuses(before: &str, change: impl for<'t> Fn(Rewrite<'t>, &'t Tree) -> Rewrite<'t>) {
    let (_, tree) = yaml::parse(&Text::new(before), None);
    assert_eq!(change(Rewrite::new(&tree), &tree).finish(), None);
}

#[test]
fn removes_an_entry_with_its_line() {
    check("a: 1\n# about b\nb: 2 # two\n\nc: 3\n", |it, t| it.remove(node(t, "b")), "a: 1\n# about b\n\nc: 3\n");
    check("a: 1\nb:\n  c: 2\n  # end of b\n# about d\nd: 3", |it, t| it.remove(node(t, "b")), "a: 1\n# about d\nd: 3");
    check("a: 1\nb: 2", |it, t| it.remove(node(t, "b")), "a: 1");
    check("a: 1\nb: 2", |it, t| it.remove(node(t, "a")), "b: 2");
}

#[test]
fn removes_an_entry_but_keeps_its_comments() {
    check(
        "a: 1\nb: # one\n  # two\n  c: 2 # three\nd: 3\n",
        |it, t| it.remove_keeping_comments(node(t, "b")),
        "a: 1\n# one\n# two\n# three\nd: 3\n",
    );
}

#[test]
fn removes_the_first_entry_of_an_item() {
    check("- a: 1\n  b: 2\n", |it, t| it.remove(node(t, "0.a")), "- b: 2\n");
    check("- a: 1 # x\n  # about b\n  b: 2\n", |it, t| it.remove(node(t, "0.a")), "-\n  # about b\n  b: 2\n");
    check("- a: 1 # x\n- c\n", |it, t| it.remove(node(t, "0.a")), "- {}\n- c\n");
}

#[test]
fn leaves_an_empty_collection_without_entries() {
    check("resources: # r\n  gpu: 1\nb: 2\n", |it, t| it.remove(node(t, "resources.gpu")), "resources: {} # r\nb: 2\n");
    check("env:\n- A\nb: 2\n", |it, t| it.remove(node(t, "env.0")), "env: []\nb: 2\n");
    check("# file\ngpu: 1 # one\n", |it, t| it.remove(node(t, "gpu")), "# file\n{}\n");
    check("a: { b: 1 }\n", |it, t| it.remove(node(t, "a.b")), "a: {}\n");
}

#[test]
fn removes_from_braces() {
    let text = "a: {b: 1, c: 2, d: 3}\n";
    check(text, |it, t| it.remove(node(t, "a.b")), "a: {c: 2, d: 3}\n");
    check(text, |it, t| it.remove(node(t, "a.c")), "a: {b: 1, d: 3}\n");
    check(text, |it, t| it.remove(node(t, "a.d")), "a: {b: 1, c: 2}\n");
    check(text, |it, t| it.remove(node(t, "a.c")).remove(node(t, "a.d")), "a: {b: 1}\n");
    check(text, |it, t| it.remove(node(t, "a.b")).remove(node(t, "a.d")), "a: {c: 2}\n");
    check("a: [\n  1, # one\n  2 # two\n]\n", |it, t| it.remove(node(t, "a.1")), "a: [\n  1, # one\n]\n");
    check("a: [\n  1, # one\n  2 # two\n]\n", |it, t| it.remove(node(t, "a.0")), "a: [\n  2 # two\n]\n");
}

#[test]
fn inserts_entries() {
    let text = "# file\na: 1 # one\n\n# about b\nb: 2\n";
    check(
        text,
        |it, t| it.insert(Place::Before(node(t, "a")), "n", "x"),
        "# file\nn: x\na: 1 # one\n\n# about b\nb: 2\n",
    );
    check(
        text,
        |it, t| it.insert(Place::After(node(t, "a")), "n", "x"),
        "# file\na: 1 # one\nn: x\n\n# about b\nb: 2\n",
    );
    check(
        text,
        |it, t| it.insert(Place::Before(node(t, "b")), "n", "x"),
        "# file\na: 1 # one\n\nn: x\n# about b\nb: 2\n",
    );
    check(
        text,
        |it, _| it.insert(Place::Root, "n", Value::raw("5m")),
        "# file\na: 1 # one\n\n# about b\nb: 2\nn: 5m\n",
    );
    check("\na: 1", |it, _| it.insert(Place::Root, "n", "off"), "\na: 1\nn: \"off\"");
    check("- a: 1\n", |it, t| it.insert(Place::Before(node(t, "0.a")), "n", "x"), "- n: x\n  a: 1\n");
    check("- a: 1\n- b", |it, t| it.insert(Place::End(node(t, "0")), "n", "x"), "- a: 1\n  n: x\n- b");
    check("a: {b: 1}\n", |it, t| it.insert(Place::End(node(t, "a")), "n", "x, y"), "a: {b: 1, n: \"x, y\"}\n");
    check("a: {}\n", |it, t| it.insert(Place::End(node(t, "a")), "n", "x"), "a: {n: x}\n");
    check("", |it, _| it.insert(Place::Root, "type", "task"), "type: task\n");
    check("# file\n", |it, _| it.insert(Place::Root, "type", "task"), "# file\ntype: task\n");
    check("---\n", |it, _| it.insert(Place::Root, "type", "task"), "---\ntype: task\n");
}

#[test]
fn inserts_into_an_empty_value() {
    let gpu = || Value::Mapping(vec![("name".into(), "A100".into()), ("count".into(), Value::raw("8"))]);
    check(
        "a:\n    b: 1\nresources: # r\nc: 2\n",
        |it, t| it.insert(Place::End(node(t, "resources")), "gpu", gpu()),
        "a:\n    b: 1\nresources: # r\n    gpu:\n        name: A100\n        count: 8\nc: 2\n",
    );
    check("a: {b: }\n", |it, t| it.insert(Place::End(node(t, "a.b")), "n", "x"), "a: {b: {n: x}}\n");
    check("a:\n- x\nb:\n", |it, t| it.insert_item(Place::End(node(t, "b")), "y"), "a:\n- x\nb:\n- y\n");
    check("a: null\n", |it, t| it.insert(Place::End(node(t, "a")), "n", "x"), "a:\n  n: x\n");
}

#[test]
fn inserts_after_a_block_scalar() {
    check("a: |\n  x\n\nb: 1\n", |it, t| it.insert(Place::After(node(t, "a")), "n", "x"), "a: |\n  x\nn: x\n\nb: 1\n");
    check(
        "a: |+\n  x\n\nb: 1\n",
        |it, t| it.insert(Place::After(node(t, "a")), "n", "x"),
        "a: |+\n  x\n\nn: x\nb: 1\n",
    );
    // Without a line break at the end of the text, the scalar has none, and must not get one.
    check("a: |\n  x", |it, t| it.insert(Place::After(node(t, "a")), "n", "x"), "a: |-\n  x\nn: x");
}

#[test]
fn keeps_following_lines_out_of_a_block_scalar() {
    check("a: |\n  x\nb: 1\n  # y\nc: 2\n", |it, t| it.remove(node(t, "b")), "a: |\n  x\n # y\nc: 2\n");
    check("a: |+\n  x\nb: 1\n\nc: 2\n", |it, t| it.remove(node(t, "b")), "a: |+\n  x\nc: 2\n");
    check("a: |\n  x\nb: 1", |it, t| it.remove(node(t, "b")), "a: |\n  x\n");
}

#[test]
fn inserts_items() {
    check("- a\n- b # x\n", |it, t| it.insert_item(Place::After(node(t, "0")), "n"), "- a\n- n\n- b # x\n");
    check("a: [1, 2]\n", |it, t| it.insert_item(Place::Before(node(t, "a.0")), "n"), "a: [n, 1, 2]\n");
    check("a: [\n  1\n]\n", |it, t| it.insert_item(Place::End(node(t, "a")), "n"), "a: [\n  1,\n  n\n]\n");
}

#[test]
fn sets_values() {
    check("a: 1 # one\n", |it, t| it.set(node(t, "a"), "x"), "a: x # one\n");
    check("a: 'y' # one\n", |it, t| it.set(node(t, "a"), "it's"), "a: 'it''s' # one\n");
    check("a: \"y\"\n", |it, t| it.set(node(t, "a"), "x"), "a: \"x\"\n");
    check("a: # one\nb: 2\n", |it, t| it.set(node(t, "a"), "off"), "a: \"off\" # one\nb: 2\n");
    check("a: | # one\n  text\nb: 2\n", |it, t| it.set(node(t, "a"), "x"), "a: x # one\nb: 2\n");
    check("a: # one\n  b: 2\nc: 3\n", |it, t| it.set(node(t, "a"), Value::raw("5")), "a: 5 # one\nc: 3\n");
    check("- &x !!str 5 # one\n- *x\n", |it, t| it.set(node(t, "0"), "y"), "- &x y # one\n- *x\n");
}

#[test]
fn writes_a_shorthand_out() {
    let gpu = || Value::Mapping(vec![("name".into(), "A100".into()), ("count".into(), Value::raw("8"))]);
    check(
        "resources:\n  gpu: A100:8 # fast\n  cpu: 2\n",
        |it, t| it.set(node(t, "resources.gpu"), gpu()),
        "resources:\n  gpu: # fast\n    name: A100\n    count: 8\n  cpu: 2\n",
    );
    check("- A100:8 # fast\n", |it, t| it.set(node(t, "0"), gpu()), "- name: A100\n  count: 8 # fast\n");
    check("r: {gpu: A100:8}\n", |it, t| it.set(node(t, "r.gpu"), gpu()), "r: {gpu: {name: A100, count: 8}}\n");
    check("g:\n  name: A100\n", |it, t| it.set(node(t, "g"), "A100:8"), "g: A100:8\n");
}

#[test]
fn renames_keys() {
    check("comands: # c\n  - x\n", |it, t| it.rename(node(t, "@comands"), "commands"), "commands: # c\n  - x\n");
    check("'comands': 1\n", |it, t| it.rename(node(t, "@comands"), "commands"), "'commands': 1\n");
}

#[test]
fn replaces_a_part_of_a_scalar() {
    check("a: A100:8\n", |it, t| it.set_part(node(t, "a"), 0..4, "H100"), "a: H100:8\n");
    check("a: \"A\\x3100:8\"\n", |it, t| it.set_part(node(t, "a"), 5..6, "4"), "a: \"A\\x3100:4\"\n");
    check("a: 'it''s'\n", |it, t| it.set_part(node(t, "a"), 2..4, "'ll"), "a: 'it''ll'\n");
    check("a: |\n  one\n  two\n", |it, t| it.set_part(node(t, "a"), 4..7, "2"), "a: |\n  one\n  2\n");
    // A string that would change without quotes gets them.
    check("a: A:8\n", |it, t| it.set_part(node(t, "a"), 0..2, ""), "a: \"8\"\n");
    check("a: A:8\n", |it, t| it.set_part(node(t, "a"), 1..1, ": "), "a: \"A: :8\"\n");
}

#[test]
fn moves_entries() {
    check(
        "resources:\n  cpu: 2\n# what we need\ngpu: # g\n  name: A100\nport: 1\n",
        |it, t| it.move_entry(node(t, "gpu"), Place::End(node(t, "resources"))),
        "resources:\n  cpu: 2\n  # what we need\n  gpu: # g\n    name: A100\nport: 1\n",
    );
    check(
        "gpu: 1\nresources:\n",
        |it, t| it.move_entry(node(t, "gpu"), Place::End(node(t, "resources"))),
        "resources:\n  gpu: 1\n",
    );
    check(
        "gpu: A100:8\nresources: {cpu: 2}\n",
        |it, t| it.move_entry(node(t, "gpu"), Place::End(node(t, "resources"))),
        "resources: {cpu: 2, gpu: A100:8}\n",
    );
    check("a: {b: 1, c: 2}\n", |it, t| it.move_entry(node(t, "a.c"), Place::End(node(t, ""))), "a: {b: 1}\nc: 2\n");
}

#[test]
fn moves_lines_with_different_breaks() {
    let before = "a: 1\nvolumes:\n- e:\n  commands:\n  -\r\n   n\n";
    let (_, tree) = yaml::parse(&Text::new(before), None);
    let rewrite =
        Rewrite::new(&tree).move_entry(node(&tree, "volumes.0.commands"), Place::After(node(&tree, "volumes")));
    let after = rewrite.finish().expect("a rewrite").apply(before);
    assert_eq!(after, "a: 1\nvolumes:\n- e:\ncommands:\n-\n n\n");
    refuses("a:\n  b: |\n    x\u{2028}    y\nc: 1\n", |it, t| it.move_entry(node(t, "a.b"), Place::End(node(t, ""))));
}

#[test]
fn refuses_changes_that_would_break_the_file() {
    refuses("a: &x 1\nb: *x\n", |it, t| it.remove(node(t, "a")));
    refuses("a: &x 1\nb: *x\n", |it, t| it.move_entry(node(t, "a"), Place::After(node(t, "b"))));
    refuses("a: [b: 1]\n", |it, t| it.remove(node(t, "a.0.b")));
    refuses("a: 1\n", |it, t| it.remove(node(t, "")));
    refuses("a: 1\n", |it, t| it.rename(node(t, ""), "b"));
    refuses("a:\n  b: 1\n  # c\nd: {e: 1}\n", |it, t| it.move_entry(node(t, "a"), Place::End(node(t, "d"))));
    // A block scalar may start at the margin, other values may not.
    refuses("c:\n|\n  t\n", |it, t| it.set(node(t, "c"), "x"));
    check("a: &x 1\nb: *x\n", |it, t| it.remove(node(t, "a")).remove(node(t, "b")), "{}\n");
}

/// Two deprecated fields become one, in any order and at any place.
#[test]
fn two_fields_become_one() {
    let both = |keep: &'static str, drop: &'static str, path: &'static str| {
        move |tree: &Tree| {
            let map = node(tree, path);
            let (keep, drop) = (tree.entry(map, keep).expect("kept"), tree.entry(map, drop).expect("dropped"));
            (keep, drop)
        }
    };
    let cases = [
        ("", "p: destroy # why\nt: 300 # how long\n", "# why\nidle: 5m # how long\n"),
        ("", "t: 300 # how long\np: destroy # why\n", "idle: 5m # how long\n# why\n"),
        ("", "# one\np: destroy\n# two\nt: 300\n# three\n", "# one\n# two\nidle: 5m\n# three\n"),
        ("", "t: 300\np: destroy", "idle: 5m"),
        ("", "a: 1\np: destroy\nb: 2\nt: 300", "a: 1\nb: 2\nidle: 5m"),
        ("x", "x: {p: destroy, t: 300}\n", "x: {idle: 5m}\n"),
        ("x", "x: {t: 300, a: 1, p: destroy}\n", "x: {idle: 5m, a: 1}\n"),
        ("x", "x: {\n  p: destroy, # why\n  t: 300 # how long\n}\n", "x: {\n  # why\n  idle: 5m # how long\n}\n"),
        ("0", "- p: destroy # why\n  t: 300\n", "- # why\n  idle: 5m\n"),
        ("0", "- p: destroy\n  t: 300 # how long\n", "- idle: 5m # how long\n"),
        ("0", "- t: \"300\"\n  p: destroy\n- a\n", "- idle: \"5m\"\n- a\n"),
    ];
    for (path, before, after) in cases {
        let find = both("t", "p", path);
        check(
            before,
            |it, tree| {
                let (keep, drop) = find(tree);
                it.rename(keep.key, "idle").set(keep.value, "5m").remove_keeping_comments(drop.key)
            },
            after,
        );
    }
}
