//! The language server.
//!
//! ```text
//! stdin -> transport -> Guard -> LspService -> Server -> State               edits: at once, in order
//!                                                    \-> requests -> ide     in turn, on a thread, about the document as
//!                                                                            it was when the request arrived
//! stdout <- transport <---------------------- convert <-/
//! ```

mod capabilities;
mod config_reports;
mod convert;
mod encoded;
mod frame;
mod guard;
mod message;
mod method;
mod normalize;
mod parent;
mod publish;
mod reorder;
mod requests;
mod server;
pub(crate) mod settings;
mod shared;
mod snapshot;
mod state;
mod trace;
mod transport;
mod turns;
mod uri;

use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Serves a client over standard input and output until it leaves; `client` is its process, if that is already known.
pub(crate) fn serve(client: Option<u32>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .max_blocking_threads(turns::THREADS)
        .thread_stack_size(8 << 20)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            _ = writeln!(io::stderr().lock(), "dstack-lsp: cannot start: {error}");
            return ExitCode::from(2);
        }
    };
    let (service, socket) = server::Server::service();
    let end = runtime.block_on(transport::serve(service, socket, parent::Parent::new(client)));
    tracing::info!(?end, "the session ends");
    runtime.shutdown_background();
    if end == transport::End::Clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
