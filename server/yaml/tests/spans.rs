//! Tests the exact spans of nodes and comments.

mod common;

use yaml::{Grain, Kind};

fn comments(text: &str) -> Vec<String> {
    let tree = common::tree(text, Grain::DEFAULT);
    let mark = |own_line: bool| if own_line { "" } else { "after: " };
    tree.comments().iter().map(|it| format!("{}{}", mark(it.own_line), &text[it.span.range()])).collect()
}

#[test]
fn finds_exactly_the_comments() {
    assert_eq!(comments("# a\na: 1 # b\n  # c\nb: c#d\n"), ["# a", "after: # b", "# c"]);
    assert_eq!(comments("a: \"x # y\"\nb: 'x # y' # z\n"), ["after: # z"]);
    assert_eq!(comments("a: | # head\n  # text\n  x\n# b\nc: >\n\n  # text\n"), ["after: # head", "# b"]);
    assert_eq!(comments("- a\n# b\n- c\n-\n  # d\n- e\n"), ["# b", "# d"]);
    assert_eq!(comments("a: [ # b\n  c, # d\n  # e\n  f]#g\n"), ["after: # b", "after: # d", "# e", "after: #g"]);
    assert_eq!(comments("a: !x#y z # c\nb: &p # d\n  q\n"), ["after: # c", "after: # d"]);
    assert_eq!(comments("--- # a\nb: \"c\" # d\r\ne: f\r\n"), ["after: # a", "after: # d"]);
    assert_eq!(comments("a: @x # b\nc: \"d # e\n"), ["after: # b"]);
}

/// Returns the text of all scalars and collections; for an empty value, the text before it.
fn spans(text: &str) -> Vec<String> {
    let tree = common::tree(text, Grain::WHOLE);
    assert_eq!(common::dump(&tree), common::dump(&common::tree(text, Grain::ENTRIES)));
    let show = |id| match tree.span(id) {
        span if span.is_empty() => format!("{}^", text[..span.end as usize].lines().last().unwrap_or("")),
        span => text[span.range()].to_string(),
    };
    tree.ids().filter(|id| tree.kind(*id) != Kind::Broken).map(show).collect()
}

#[test]
fn empty_values_follow_their_indicator() {
    assert_eq!(spans("a:\nb: # x\nc: 1\n"), ["a:\nb: # x\nc: 1", "a", "a:^", "b", "b:^", "c", "1"]);
    assert_eq!(spans("a:\n  -\n  - b\n  -\n\n"), ["a:\n  -\n  - b\n  -", "a", "-\n  - b\n  -", "  -^", "b", "  -^"]);
    assert_eq!(spans("{a, b: , c: }\n"), ["{a, b: , c: }", "a", "{a^", "b", "{a, b:^", "c", "{a, b: , c:^"]);
    assert_eq!(spans("? a\n? b\n:\n"), ["? a\n? b\n:", "a", "? a^", "b", ":^"]);
}

#[test]
fn collections_end_with_their_last_child() {
    assert_eq!(
        spans("a:\n  b:\n    - c # d\n\n# e\nf: [g] # h\n"),
        ["a:\n  b:\n    - c # d\n\n# e\nf: [g]", "a", "b:\n    - c", "b", "- c", "c", "f", "[g]", "g"]
    );
    assert_eq!(spans("- |\n  a\n\n\n- b\n"), ["- |\n  a\n\n\n- b", "|\n  a", "b"]);
}

#[test]
fn anchors_and_tags_are_not_part_of_their_node() {
    assert_eq!(spans("a: &x !!str b\n"), ["a: &x !!str b", "a", "b"]);
    assert_eq!(spans("a: &x # y\n  b: c\n"), ["a: &x # y\n  b: c", "a", "b: c", "b", "c"]);
    assert_eq!(spans("- &m:{x: 1}\n- 2\n"), ["- &m:{x: 1}\n- 2", "&m:{x: 1}", ":{x", "1}", "2"]);
    assert_eq!(spans("a: &x\nb: !!null\n"), ["a: &x\nb: !!null", "a", "a: &x^", "b", "b: !!null^"]);
}

#[test]
fn values_are_what_pyyaml_reads() {
    let value = |text: &str| {
        let tree = common::tree(text, Grain::DEFAULT);
        let id = tree.ids().last().expect("a node");
        tree.value(id).to_string()
    };
    assert_eq!(value("a: 'it''s\n\n  so'\n"), "it's\nso");
    assert_eq!(value("a: \"\\x41\\\n  b\"\n"), "Ab");
    assert_eq!(value("a: b\n  c\n"), "b c");
    assert_eq!(value("a: |\n \tb\n"), "\tb\n");
    assert_eq!(value("a: |\n  b"), "b");
    assert_eq!(value("a: |\n  b\n  "), "b\n");
    assert_eq!(value("a: >-\n  b\n  c"), "b c");
    assert_eq!(value("{gpu:}\n"), "");
    assert_eq!(value("%YAML 1.3\n---\na: b\n"), "b");
}
