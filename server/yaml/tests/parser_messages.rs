//! Tests that the messages that are matched are those of the version of libyaml-safer in use.

use std::collections::BTreeSet;

use libyaml_safer::{Encoding, EventData, Parser};

/// Returns the message of the parser about a text, and its context.
fn refusal(text: &str) -> (String, String) {
    let mut bytes = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    parser.set_encoding(Encoding::Utf8);
    loop {
        match parser.parse() {
            Ok(event) if matches!(event.data, EventData::StreamEnd) => panic!("{text:?} is accepted"),
            Ok(_) => {}
            Err(error) => return (error.problem().to_owned(), error.context().unwrap_or("").to_owned()),
        }
    }
}

/// Texts with the message of the parser and its context.
const CASES: [(&str, &str, &str); 26] = [
    ("a: @b\n", "found character that cannot start any token", "while scanning for the next token"),
    ("a: b: c\n", "mapping values are not allowed in this context", ""),
    ("a: 1\nb\nc: 2\n", "could not find expected ':'", "while scanning a simple key"),
    ("%YAML 1.1\na: 1\n", "did not find expected <document start>", ""),
    ("a: \"b\" c\n", "did not find expected key", "while parsing a block mapping"),
    ("- a\nb: 1\n", "did not find expected '-' indicator", "while parsing a block collection"),
    ("a: - b\n", "block sequence entries are not allowed in this context", ""),
    ("[a\n", "did not find expected ',' or ']'", "while parsing a flow sequence"),
    ("{a\n", "did not find expected ',' or '}'", "while parsing a flow mapping"),
    ("a: ]\n", "did not find expected node content", "while parsing a block node"),
    ("a: \"\\q\"\n", "found unknown escape character", "while parsing a quoted scalar"),
    ("a: \"\\xZZ\"\n", "did not find expected hexdecimal number", "while parsing a quoted scalar"),
    ("a: \"\\ud83d\"\n", "found invalid Unicode character escape code", "while parsing a quoted scalar"),
    ("a: &\n", "did not find expected alphabetic or numeric character", "while scanning an anchor"),
    ("a: *\n", "did not find expected alphabetic or numeric character", "while scanning an alias"),
    ("a: | b\n", "did not find expected comment or line break", "while scanning a block scalar"),
    ("a: |0\n b\n", "found an indentation indicator equal to 0", "while scanning a block scalar"),
    ("a: |\n \tb\n", "found a tab character where an indentation space is expected", "while scanning a block scalar"),
    ("a: b\n\tc\n", "found a tab character that violates indentation", "while scanning a plain scalar"),
    ("a: !b!c d\n", "found undefined tag handle", "while parsing a node"),
    ("%YAML 2.0\n---\na: 1\n", "found incompatible YAML document", ""),
    ("%FOO\n---\na: 1\n", "found unknown directive name", "while scanning a directive"),
    ("{a:}\n", "found unexpected ':'", "while scanning a plain scalar"),
    ("a: \"b\n", "found unexpected end of stream", "while scanning a quoted scalar"),
    ("a: \"b\n---\n", "found unexpected document indicator", "while scanning a quoted scalar"),
    ("a: !<b c\n", "did not find the expected '>'", "while scanning a tag"),
];

#[test]
fn the_parser_emits_the_messages_that_are_matched() {
    let found = CASES.map(|(text, ..)| (text, refusal(text)));
    let expected = CASES.map(|(text, message, context)| (text, (message.to_owned(), context.to_owned())));
    let wrong: Vec<_> = found.iter().zip(&expected).filter(|(found, expected)| found != expected).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Each string in the source that looks like a message or a part of a context has a case above.
#[test]
fn every_matched_message_has_a_case() {
    let sources =
        [include_str!("../src/explain.rs"), include_str!("../src/problem.rs"), include_str!("../src/strict/input.rs")];
    let is_message = |it: &&str| {
        ["found ", "did not ", "could not ", "mapping values ", "block sequence "]
            .iter()
            .any(|start| it.starts_with(start))
    };
    let literals = |text: &'static str| text.split('"').skip(1).step_by(2);
    let code = |text: &'static str| text.split("\n").filter(|it| !it.trim_start().starts_with("//"));
    let messages: BTreeSet<&str> = sources.into_iter().flat_map(code).flat_map(literals).filter(is_message).collect();
    let provoked: BTreeSet<&str> = CASES.iter().map(|it| it.1).collect();
    let missing: Vec<_> = messages.difference(&provoked).collect();
    assert!(messages.len() > 20 && missing.is_empty(), "{messages:?} without a case: {missing:?}");
    for source in sources {
        for part in source.split("during.contains(\"").skip(1).filter_map(|it| it.split('"').next()) {
            assert!(CASES.iter().any(|it| it.2.contains(part)), "no context contains {part:?}");
        }
    }
}
