//! The server as clients see it: scripted sessions with the real executable.

pub(crate) mod client;
mod diagnostics;
mod features;
mod hostile;
mod kinds;
mod life;
mod odd;
mod release;
mod settings;
mod sync;
mod told_release;
