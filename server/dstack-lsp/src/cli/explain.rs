//! `dstack-lsp explain`: the documentation of a rule.

use std::{fmt::Write, process::ExitCode};

use super::output::{COULD_NOT_RUN, complain, printed};

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The name of the rule, as in `error[unknown-field]`; if omitted, all rules are listed
    rule: Option<String>,
}

/// Prints the documentation of a rule, or the list of all rules.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let text = match arguments.rule.as_deref() {
        None => list(),
        Some(name) => match ide::rules::named(name) {
            Some(rule) => format!("# {}\n\n{}\n", rule.name(), rule.explained()),
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
    let width = rules.iter().map(|rule| rule.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:width$}  {}", rule.name(), rule.summary);
    }
    text
}
