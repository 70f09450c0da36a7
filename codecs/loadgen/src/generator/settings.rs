//! What all participants of a generator have in common.

use std::time::Duration;

/// How a generator works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Sizes and phases repeat for the same seed.
    pub seed: u64,
    /// 1 is real pace; 0.5 sends half as many frames and packets a second.
    pub pace: f64,
    /// The core its thread keeps to, watched for stolen time.
    pub core: usize,
    /// The core of what is measured, watched for stolen time.
    pub relay_core: usize,
    /// Length of the windows of which some are void.
    pub window: Duration,
    /// How many datagrams of each direction are shown as they were on the wire.
    pub samples: usize,
    /// Whether equal packets of a frame leave as one run. On loopback the kernel cuts a run for a receiver
    /// without `UDP_GRO` while it is still in the sender's thread, so that only the sender saves.
    pub batched_sends: bool,
    /// Whether participants read runs as the relay sent them (`UDP_GRO`). It spares the relay's thread the
    /// cutting, which in a network its adapter does (or its kernel, where the adapter cannot).
    pub receives_runs: bool,
    /// Whether the relay adapts: cameras begin with their best encoding alone, and what the relay's numbering
    /// promises of pictures is to arrive, not what was sent.
    pub adapts: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            pace: 1.0,
            core: 1,
            relay_core: 0,
            window: Duration::from_millis(100),
            samples: 0,
            batched_sends: true,
            receives_runs: true,
            adapts: false,
        }
    }
}
