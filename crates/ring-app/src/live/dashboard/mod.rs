//! `--dashboard`: a page that draws the run, and its metrics for Prometheus. It only tells; nothing
//! that comes in changes anything.

mod metrics;
mod respond;
mod server;

pub(crate) use server::Server;
