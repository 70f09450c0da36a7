//! Measures the packet path in memory: a [`loadgen::packet_path::PacketPathSetup`] in, a `PacketPathOutcome`
//! out, as JSON. Its end is a failure when a packet cost an allocation.

use std::process::ExitCode;

use allocations::Counting;
use loadgen::kernel::thread;
use loadgen::packet_path::{self, PacketPathSetup};
use loadgen::program;

#[global_allocator]
static COUNTING: Counting = Counting;

fn main() -> ExitCode {
    let mut asked = 0;
    let ended = program::run("packet_path", |document| {
        let setup: PacketPathSetup = serde_json::from_str(document)
            .map_err(|error| format!("the setup is not valid: {error}"))?;
        thread::pin_to_core(setup.core)
            .map_err(|error| format!("core {} is not ours to use: {error}", setup.core))?;
        let outcome = packet_path::measure(&setup)?;
        asked = outcome.cases.iter().map(|case| case.cost.allocations).sum();
        Ok(outcome)
    });
    if asked > 0 {
        eprintln!("packet_path: packets cost {asked} allocations where none is allowed");
        return ExitCode::from(ALLOCATED);
    }
    ended
}

const ALLOCATED: u8 = 3;
