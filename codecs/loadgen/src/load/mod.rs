//! Thousands of synthetic participants at an SFU, from their WebSocket to their last packet.
//!
//! Two threads share one core. One of them signals, checks and shakes hands ([`joining`]) in the gaps that the other
//! leaves, which sends, receives and measures ([`run`], [`crate::generator`]).

mod bare;
pub mod joining;
pub mod joins;
mod legs;
pub mod outcome;
mod people;
pub mod run;
pub mod setup;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, mpsc};

use crate::dtls::Client;
use crate::kernel::thread;
use crate::signalling::websocket::Endpoint;
use joining::Joining;
use outcome::LoadOutcome;
use run::Run;
use setup::LoadSetup;

/// Does what a setup says; `say` is given what those who watch should know at once.
///
/// # Errors
/// A sentence: the setup cannot be, or the kernel failed.
pub fn measure(
    setup: &LoadSetup,
    say: impl FnMut(&serde_json::Value),
) -> Result<LoadOutcome, String> {
    let endpoint = Endpoint::parse(&setup.peer.url)?;
    let client = Arc::new(Client::new(setup.profile.profile())?);
    thread::pin_to_core(setup.core)
        .map_err(|error| format!("core {} is not ours to use: {error}", setup.core))?;
    let (orders_out, orders) = mpsc::channel();
    let (news_out, news) = mpsc::channel();
    let signalling_cpu_ns = Arc::new(AtomicU64::new(0));
    let joining = Joining::new(setup.peer.kind, endpoint, Arc::clone(&client), news_out)?;
    let cpu_ns = Arc::clone(&signalling_cpu_ns);
    let signalling = std::thread::Builder::new()
        .name("signalling".into())
        .spawn(move || joining.run(&orders, &cpu_ns))
        .map_err(|error| format!("there is no second thread: {error}"))?;
    // Threads that were started before keep their own slack.
    thread::wake_promptly().map_err(|error| format!("sleeps end late: {error}"))?;
    let outcome =
        Run::new(setup, &client, orders_out, news, signalling_cpu_ns).and_then(|run| run.play(say));
    // The run has given up its orders, at which that thread ends.
    let ended = signalling
        .join()
        .unwrap_or_else(|_| Err("the thread of signalling panicked".into()));
    ended.and(outcome)
}
