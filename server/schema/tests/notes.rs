//! Executes the blocks of part 3 of `grammar-notes.md`. `UPDATE=1` writes down what the code says now.
//!
//! * `ebnf FILE`: the grammar in the header of that file of `src/grammar/`.
//! * `scalar NAME [RELEASE]`: a value of that grammar, and `→` what its parts mean, or `✗` what is wrong with it, with
//!   the guilty characters in front and `⇒` what was plainly meant. Quotes make a text; what looks like a number is one.

use schema::{Problem, Release, Value, grammar};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../grammar-notes.md");
const GRAMMARS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/grammar/");

#[test]
fn the_notes_are_true() {
    let notes = std::fs::read_to_string(PATH).expect("the notes are there");
    let (mut updated, mut differences, mut shown) = (String::new(), vec![], vec![]);
    let mut lines = notes.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        updated.push_str(line);
        updated.push('\n');
        let Some(language) = line.strip_prefix("```") else { continue };
        let block: String =
            lines.by_ref().map(|it| it.1).take_while(|it| *it != "```").map(|it| format!("{it}\n")).collect();
        let mut words = language.split(' ');
        let new = match (words.next(), words.next()) {
            (Some("ebnf"), Some(file)) => ebnf(file),
            (Some("scalar"), Some(name)) => {
                shown.push(name.to_string());
                let release = words.next().map_or(Release::NEWEST, |it| it.parse().expect("a release"));
                scalars(&block, name, release)
            }
            _ => block.clone(),
        };
        if new != block {
            differences.push(format!("line {}:\n{block}should be\n{new}", number + 1));
        }
        updated.push_str(&new);
        updated.push_str("```\n");
    }
    let missing: Vec<_> =
        grammar::all().iter().map(|it| it.name()).filter(|it| !shown.iter().any(|s| s == it)).collect();
    assert!(missing.is_empty(), "no block shows {missing:?}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PATH, updated).expect("the notes can be written");
    } else {
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}

/// The first `ebnf` block of a file's header.
fn ebnf(file: &str) -> String {
    let source = std::fs::read_to_string(format!("{GRAMMARS}{file}")).expect("the file is there");
    let header = source.lines().map_while(|it| it.strip_prefix("//!")).map(|it| it.strip_prefix(' ').unwrap_or(it));
    let block = header.skip_while(|it| *it != "```ebnf").skip(1).take_while(|it| *it != "```");
    block.map(|it| format!("{it}\n")).collect()
}

fn scalars(block: &str, name: &str, release: Release) -> String {
    let grammar = grammar::named(name).expect("a grammar");
    let written = |line: &str| line.split(['→', '✗']).next().unwrap_or_default().trim_end().to_string();
    let values: Vec<String> = block.lines().map(written).collect();
    let width = values.iter().map(|it| it.chars().count()).max().unwrap_or_default();
    let line = |written: &String| {
        let text = unquoted(written);
        let parsed = grammar.parse(value(written, &text), release);
        let says = if parsed.is_ok() {
            let parts: Vec<&str> = parsed.parts.iter().map(|it| it.meaning.as_str()).collect();
            format!("→  {}", parts.join(" · "))
        } else {
            let problems: Vec<String> = parsed.problems.iter().map(|it| problem(it, &text)).collect();
            format!("✗  {}", problems.join(" · "))
        };
        format!("{}\n", format!("{written:width$}  {says}").trim_end())
    };
    values.iter().map(line).collect()
}

fn problem(problem: &Problem, text: &str) -> String {
    let guilty = match &text[problem.range.clone()] {
        "" => String::new(),
        all if all == text => String::new(),
        part => format!("[{part}] "),
    };
    let meant = problem.suggestion.as_ref().map(|it| format!("  ⇒  {it}")).unwrap_or_default();
    format!("{guilty}{}{meant}", problem.message)
}

fn unquoted(written: &str) -> String {
    written.trim_matches('"').replace("\\n", "\n")
}

/// What YAML makes of the plainest scalars.
fn value<'a>(written: &str, text: &'a str) -> Value<'a> {
    if written.starts_with('"') {
        return Value::Str(text);
    }
    match written {
        "null" => Value::Null,
        "true" | "on" | "yes" => Value::Bool(true),
        "false" | "off" | "no" => Value::Bool(false),
        _ => match (written.parse(), written.parse()) {
            (Ok(int), _) => Value::Int(int),
            (_, Ok(float)) if written.contains('.') => Value::Float(float),
            _ => Value::Str(text),
        },
    }
}
