//! Sends and receives for all participants of a [`loadgen::setup::Setup`], and says what it saw, as JSON.

use std::process::ExitCode;

use loadgen::generator::{self, open_sockets};
use loadgen::kernel::thread;
use loadgen::program;
use loadgen::setup::Setup;

fn main() -> ExitCode {
    program::run("paced_sender", |document| {
        let setup = Setup::parse(document)?;
        thread::pin_to_core(setup.core)
            .and_then(|()| thread::wake_promptly())
            .map_err(|error| format!("core {} is not ours to use: {error}", setup.core))?;
        let sockets = open_sockets(&setup)?;
        generator::run(&setup, sockets, program::tell)
    })
}
