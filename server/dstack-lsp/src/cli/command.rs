//! The command line: the options of the server, and the commands.

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use super::{check, completions, debug, explain, releases};
use crate::{log, lsp, project::version};

/// Language server and checker for dstack configuration files.
///
/// Without a command it runs as a language server, which an editor starts and talks to over standard input and output.
#[derive(Debug, Parser)]
#[command(name = "dstack-lsp", version = version(), after_long_help = lsp::settings::list())]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Run as a language server over standard input and output; the same as no command
    #[arg(long)]
    pub(crate) stdio: bool,
    /// The process of the editor; the server ends when it ends
    #[arg(long = "clientProcessId", value_name = "PID", hide = true)]
    pub(crate) client_process_id: Option<u32>,
    #[command(flatten)]
    log: log::Options,
}

impl Arguments {
    /// The options of the log, of the server or of the command.
    pub(crate) fn log(&self) -> &log::Options {
        match &self.command {
            Some(Command::Check(arguments)) => &arguments.log,
            _ => &self.log,
        }
    }
}

/// A command.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Check dstack files, and fix them with `--fix`
    Check(check::Arguments),
    /// Explain a rule, or list all rules
    Explain(explain::Arguments),
    /// List the releases of dstack that files can be checked against, newest first
    Releases,
    /// Print a script with which a shell completes this command
    Completions(completions::Arguments),
    /// Print what dstack-lsp makes of a file, for its developers
    #[command(hide = true)]
    Debug(debug::Arguments),
}

impl Command {
    /// Runs the command.
    pub(crate) fn run(self) -> ExitCode {
        match self {
            Command::Check(arguments) => check::run(&arguments),
            Command::Explain(arguments) => explain::run(&arguments),
            Command::Debug(arguments) => debug::run(&arguments),
            Command::Releases => releases::run(),
            Command::Completions(arguments) => completions::run(&arguments, &Arguments::command()),
        }
    }
}
