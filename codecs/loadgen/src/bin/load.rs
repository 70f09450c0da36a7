//! Drives thousands of participants at an SFU: a [`loadgen::load::setup::LoadSetup`] in, milestones and a
//! [`loadgen::load::outcome::LoadOutcome`] out, as JSON.

use std::process::ExitCode;

use loadgen::load::setup::LoadSetup;
use loadgen::{load, program};

fn main() -> ExitCode {
    program::run("load", |document| {
        load::measure(&LoadSetup::parse(document)?, program::say)
    })
}
