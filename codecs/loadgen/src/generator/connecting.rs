//! The beginning of a run: every participant's first check, answered.

use std::io;
use std::time::Duration;

use super::Generator;
use crate::kernel::clock;

impl Generator {
    /// Checks until every participant that speaks ICE was answered.
    pub(super) fn connect(&mut self) -> Result<(), String> {
        let trouble = |error: io::Error| format!("the generator's sockets failed: {error}");
        let deadline_ns = clock::monotonic_ns() + CONNECT_NS;
        loop {
            let missing = self
                .participants
                .iter()
                .filter(|participant| !participant.is_connected())
                .count();
            if missing == 0 {
                return Ok(());
            }
            if clock::monotonic_ns() > deadline_ns {
                let all = self.participants.len();
                return Err(format!(
                    "{missing} of {all} participants got no answer from the relay within 10 s"
                ));
            }
            for participant in &mut self.participants {
                if !participant.is_connected() {
                    participant.check(&mut self.burst);
                    self.burst.send(&participant.socket);
                }
            }
            let round_ends_ns = clock::monotonic_ns() + CHECK_AGAIN_NS;
            while clock::monotonic_ns() < round_ends_ns
                && self.participants.iter().any(|one| !one.is_connected())
            {
                self.receive(Duration::from_nanos(CHECK_AGAIN_NS / 10))
                    .map_err(trouble)?;
            }
        }
    }
}

const CONNECT_NS: u64 = 10_000_000_000;
const CHECK_AGAIN_NS: u64 = 200_000_000;
