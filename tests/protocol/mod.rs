//! The server as clients see it: scripted sessions with the real executable.

mod client;
mod life;
mod sync;
