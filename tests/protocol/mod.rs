//! The server as clients see it: scripted sessions with the real executable.

pub(crate) mod client;
mod config;
mod diagnostics;
mod features;
mod hostile;
mod kinds;
mod life;
mod malformed;
mod release;
mod release_notification;
mod settings;
mod sync;
mod unusual;
