//! A link between two network namespaces: the setup that [`loadgen::emulator::setup::Plan`] reads in, and an
//! [`loadgen::emulator::outcome::EmulatorOutcome`] out, as JSON. The input stays open: changes come in as lines, and its end is the link's.

use std::io::{self, BufReader};
use std::process::ExitCode;

use loadgen::emulator::run;
use loadgen::program;

fn main() -> ExitCode {
    program::end("emulator", run::serve(BufReader::new(io::stdin())))
}
