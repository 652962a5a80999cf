//! `dstack-lsp explain`: what a rule finds, and what to do about it.

use std::{fmt::Write, process::ExitCode};

use super::output::{COULD_NOT_RUN, complain, printed};

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The name of the rule, as in `error[unknown-field]`; without it, all rules are listed
    rule: Option<String>,
}

/// Prints the documentation of a rule, or the list of all rules.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let text = match arguments.rule.as_deref() {
        None => list(),
        Some(name) => match ide::rules::named(name) {
            Some(rule) => format!("# {}\n\n{}\n", rule.name, rule.explained()),
            None => {
                complain(&format!("there is no rule `{name}`; `dstack-lsp explain` lists them"));
                return ExitCode::from(COULD_NOT_RUN);
            }
        },
    };
    printed(&text)
}

fn list() -> String {
    let rules = ide::rules::all();
    let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:width$}  {}", rule.name, first_sentence(rule.docs));
    }
    text
}

/// The first sentence of a Markdown text, on one line.
fn first_sentence(docs: &str) -> String {
    let paragraph = docs.trim().split("\n\n").next().unwrap_or("");
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.find(". ") {
        Some(end) => line[..end].to_owned(),
        None => line.trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::first_sentence;

    #[test]
    fn takes_the_first_sentence() {
        assert_eq!(first_sentence("\nA key that\nno release knows. More.\n\nAnd more."), "A key that no release knows");
        assert_eq!(first_sentence("One only."), "One only");
    }
}
