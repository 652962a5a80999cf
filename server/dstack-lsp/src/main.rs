//! The executable: arguments in, exit code out. Without a command it is the language server.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use clap::{CommandFactory, Parser};

mod cli;
mod disk;
mod in_time;
mod lsp;
mod panic;
mod pins;
mod release;

/// Language server and checker for dstack configuration files.
///
/// Without a command it is the language server, which an editor starts and talks to over standard input and output.
#[derive(Debug, Parser)]
#[command(name = "dstack-lsp", version = cli::VERSION, after_long_help = lsp::settings::list())]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<cli::Command>,
    /// Be the language server, over standard input and output; the same as no command at all.
    #[arg(long)]
    stdio: bool,
    /// The process of the editor; the server ends when it is gone.
    #[arg(long = "clientProcessId", value_name = "PID", hide = true)]
    client_process_id: Option<u32>,
}

fn main() -> ExitCode {
    panic::report_places_only();
    let arguments = Arguments::parse();
    if let Some(command) = arguments.command {
        return command.run();
    }
    if !arguments.stdio && io::stdin().is_terminal() {
        // A person typed the bare name: a server that waits in silence would look like one that hangs.
        _ = writeln!(io::stderr().lock(), "{}", Arguments::command().render_help());
        return ExitCode::from(2);
    }
    lsp::serve(arguments.client_process_id)
}
