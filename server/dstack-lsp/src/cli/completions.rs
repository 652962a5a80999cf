//! `dstack-lsp completions`: scripts with which shells complete commands, options, rules and releases.

use std::{fmt::Write, process::ExitCode};

use clap::builder::PossibleValuesParser;
use clap_complete::Shell;
use schema::Release;

use super::output::printed;
use crate::project::version;

const NAME: &str = "dstack-lsp";

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

/// Prints the script for a shell.
pub(crate) fn run(arguments: &Arguments, whole: &clap::Command) -> ExitCode {
    let mut command = command(whole);
    let mut script = vec![];
    clap_complete::generate(arguments.shell, &mut command, NAME, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    printed(&match arguments.shell {
        Shell::Bash => for_bash(&script),
        Shell::Fish => script + &words_for_fish(&command),
        _ => script,
    })
}

/// Corrects two defects of clap_complete 4.6.11: it treats the hyphen in the command's name as a step to a subcommand, whose
/// words are then never found; and where a path is expected and nothing is typed, it offers options instead of files.
fn for_bash(script: &str) -> String {
    let script = script.replace("dstack__subcmd__lsp", "dstack__lsp");
    let check = "        dstack__lsp__subcmd__check)\n";
    let files = "            [[ ${cur} == -* ]] || opts=\"\"\n";
    match script.split_once(check).and_then(|(before, at)| Some((before, at.split_once('\n')?))) {
        Some((before, (options, after))) => format!("{before}{check}{options}\n{files}{after}"),
        None => script,
    }
}

/// The values of a subcommand's arguments, which clap_complete omits for fish.
fn words_for_fish(command: &clap::Command) -> String {
    let mut lines = String::new();
    for subcommand in command.get_subcommands() {
        let words = subcommand.get_positionals().flat_map(|it| it.get_possible_values());
        let words: Vec<String> = words.map(|it| it.get_name().to_owned()).collect();
        if !words.is_empty() {
            let (name, words) = (subcommand.get_name(), words.join(" "));
            let condition = format!("__fish_dstack_lsp_using_subcommand {name}");
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "complete -c {NAME} -n \"{condition}\" -f -a \"{words}\"");
        }
    }
    lines
}

/// The command as users type it, with lists of rules and releases. The command itself accepts any string for these, because its
/// own error messages are better than a list of all values.
fn command(whole: &clap::Command) -> clap::Command {
    let rules = PossibleValuesParser::new(ide::rules::all().iter().map(|it| it.name()));
    // The newest first, if the shell keeps the order.
    let mut releases: Vec<String> = Release::all().map(|it| it.to_string()).collect();
    releases.push("auto".to_owned());
    releases.reverse();
    let releases = PossibleValuesParser::new(releases);
    let whole = whole
        .clone()
        .mut_subcommand("explain", |it| it.mut_arg("rule", |it| it.value_parser(rules)))
        .mut_subcommand("check", |it| it.mut_arg("release", |it| it.value_parser(releases)));
    clap::Command::new(NAME)
        .version(version())
        .disable_help_subcommand(true)
        .args(whole.get_arguments().filter(|it| !it.is_hide_set()))
        .subcommands(whole.get_subcommands().filter(|it| !it.is_hide_set()))
}
