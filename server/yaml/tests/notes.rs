//! Executes the blocks of parts 1 and 2 of `grammar-notes.md`. `UPDATE=1` writes the actual results.
//!
//! * `yaml` is a text; it has no problems unless a `problems` block follows.
//! * `tree`, `problems` and `pieces` are the results for the text above them.
//! * `values`: scalars with their Python values. `written`: strings, with their spelling outside and within brackets.
//!
//! `scalar …` and `ebnf …` blocks belong to part 3, which the `schema` crate executes.

use yaml::{
    Encoding, Grain, Kind, NodeId, Scalar, Style, Text, Tree,
    write::{Context, scalar},
};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../grammar-notes.md");

#[test]
fn the_notes_match_the_parser() {
    let notes = std::fs::read_to_string(PATH).expect("the notes are there");
    let (mut updated, mut differences, mut executed) = (String::new(), vec![], 0);
    let mut text: Option<Text> = None;
    let mut loads = true;
    let mut lines = notes.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        updated.push_str(line);
        updated.push('\n');
        let Some(language) = line.strip_prefix("```") else { continue };
        let block: String =
            lines.by_ref().map(|it| it.1).take_while(|it| *it != "```").map(|it| format!("{it}\n")).collect();
        let new = match language {
            "yaml" => {
                if let Some(text) = text.filter(|_| !loads) {
                    differences.push(format!("{number}: the text above this line has problems:\n{}", problems(&text)));
                }
                text = Some(Text::new(&block));
                loads = problems(&Text::new(&block)).is_empty();
                block.clone()
            }
            "tree" | "problems" | "pieces" => {
                let text = text.as_ref().expect("a text above it");
                match language {
                    "tree" => show_tree(text),
                    "pieces" => pieces(text),
                    _ => {
                        loads = true;
                        problems(text)
                    }
                }
            }
            "values" => block.lines().map(value_line).collect(),
            "written" => block.lines().map(written_line).collect(),
            language if language.starts_with("scalar ") || language.starts_with("ebnf ") => block.clone(),
            other => panic!("line {number}: no test executes a block in {other:?}"),
        };
        executed += 1;
        if new != block {
            differences.push(format!("line {}:\n{block}should be\n{new}", number + 1));
        }
        updated.push_str(&new);
        updated.push_str("```\n");
    }
    assert!(executed > 20, "only {executed} blocks were found");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PATH, updated).expect("the notes can be written");
    } else {
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}

fn parse(text: &Text) -> Tree {
    yaml::parse(text, None).1
}

fn problems(text: &Text) -> String {
    let tree = parse(text);
    let line = |it: &yaml::SyntaxProblem| {
        let at = text.position(it.span.start, Encoding::Utf32);
        format!("{}:{} {}\n", at.line + 1, at.column + 1, it.message)
    };
    tree.problems().iter().map(line).collect()
}

/// Returns the pieces, one for each entry, with their lines joined by bars.
fn pieces(text: &Text) -> String {
    let (_, tree) = yaml::parse_in(text, None, Grain::ENTRIES);
    let starts: Vec<usize> = tree.pieces().iter().map(|it| it.base as usize).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len() as usize]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| text.as_str()[*start..end].trim_end().replace('\n', " | ") + "\n")
        .collect()
}

fn show_tree(text: &Text) -> String {
    let tree = parse(text);
    let mut out = String::new();
    for root in tree.roots() {
        show(&tree, *root, 0, false, &mut out);
    }
    out
}

fn show(tree: &Tree, id: NodeId, depth: usize, key: bool, out: &mut String) {
    let mut line = match tree.kind(id) {
        Kind::Mapping => "mapping",
        Kind::Sequence => "sequence",
        Kind::Scalar if key => "key",
        Kind::Scalar if tree.span(id).is_empty() => "empty",
        Kind::Scalar => "scalar",
        Kind::Alias => "alias",
        Kind::Broken => "broken",
    }
    .to_string();
    line += match tree.style(id) {
        Style::Flow if tree.kind(id) == Kind::Mapping => " {}",
        Style::Flow => " []",
        Style::SingleQuoted => " ''",
        Style::DoubleQuoted => " \"\"",
        Style::Literal => " |",
        Style::Folded => " >",
        Style::Block | Style::Plain => "",
    };
    if let Some(properties) = tree.properties(id) {
        let sign = if tree.kind(id) == Kind::Alias { '*' } else { '&' };
        line += &properties.anchor.as_ref().map_or(String::new(), |it| format!(" {sign}{it}"));
        line += &properties.tag.as_ref().map_or(String::new(), |it| format!(" !<{it}>"));
    }
    if tree.kind(id) == Kind::Scalar && !tree.span(id).is_empty() {
        line += &format!(" {:?}", tree.value(id));
    }
    out.push_str(&format!("{}{line}\n", "  ".repeat(depth)));
    let mut at_key = tree.kind(id) == Kind::Mapping;
    for child in tree.children(id) {
        show(tree, child, depth + 1, at_key, out);
        at_key ^= tree.kind(id) == Kind::Mapping && tree.kind(child) != Kind::Broken;
    }
}

/// Returns a line of a `values` block: `off            False`.
fn value_line(line: &str) -> String {
    let source = line.split("  ").next().unwrap_or(line);
    let width = line.len() - line[source.len()..].trim_start().len();
    let tree = parse(&Text::new(&format!("k: {source}\n")));
    let root = tree.root().expect("a root");
    let value = match tree.get(root, "k").and_then(|it| tree.scalar(it)) {
        Some(Scalar::Null) => "None".to_string(),
        Some(Scalar::Bool(true)) => "True".to_string(),
        Some(Scalar::Bool(false)) => "False".to_string(),
        Some(Scalar::Int(it)) => it.to_string(),
        Some(Scalar::Float(it)) if it.is_nan() => "nan".to_string(),
        Some(Scalar::Float(it)) => format!("{it:?}"),
        Some(Scalar::Str(it)) => format!("'{it}'"),
        Some(Scalar::Timestamp) => "timestamp".to_string(),
        Some(Scalar::Binary) => "bytes".to_string(),
        Some(Scalar::Invalid) => "error".to_string(),
        Some(Scalar::Merge) | None => "?".to_string(),
    };
    format!("{source:width$}{value}\n")
}

/// Returns a line of a `written` block: `off            "off"          "off"`.
fn written_line(line: &str) -> String {
    let value = line.split("  ").next().unwrap_or(line);
    let (block, flow) = (scalar(value, Context::Block), scalar(value, Context::Flow));
    format!("{value:14} {block:14} {flow}\n")
}
