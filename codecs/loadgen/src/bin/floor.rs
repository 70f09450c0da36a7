//! Measures the physical floor of relaying: a [`loadgen::floor::FloorSetup`] in, a `FloorOutcome` out, as JSON.

use std::process::ExitCode;

use loadgen::{floor, program};

fn main() -> ExitCode {
    program::run("floor", |document| {
        let setup = serde_json::from_str(document)
            .map_err(|error| format!("the setup is not valid: {error}"))?;
        floor::measure(&setup, program::tell)
    })
}
