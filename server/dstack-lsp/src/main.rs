//! The executable: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser;

mod cli;
mod disk;

/// What the user typed.
#[derive(Debug, Parser)]
#[command(name = "dstack-lsp", version = cli::VERSION, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: cli::Command,
}

fn main() -> ExitCode {
    Arguments::parse().command.run()
}
