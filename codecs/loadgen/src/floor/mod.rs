//! The physical floor: the barest loop that receives, opens, seals anew and sends, on this kernel.
//!
//! What the relay does beyond it (who may send, replay, reports, repair, layers, statistics) is what the
//! ratio between the two measures. It shares neither sockets nor cryptography with the relay. Its traffic
//! comes from the same [`crate::generator`] that the relay is measured with.

pub mod cipher;
mod forwarding;
mod relay_loop;
mod runs;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use aws_lc_rs::rand;
use forward::srtp::Profile;
use serde::{Deserialize, Serialize};

use crate::generator::{self, Milestone, open_sockets};
use crate::hex;
use crate::kernel::{socket, thread as own_thread};
use crate::outcome::Outcome;
use crate::setup::{Extensions, KeySetup, LineSetup, ParticipantSetup, Setup, VideoCodec};
use cipher::Cipher;
use forwarding::{Forwarding, Peer};
use relay_loop::{Phase, Reading};

/// What the floor is measured under.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloorSetup {
    /// Two-party consultations; twice as many peers.
    pub consultations: usize,
    /// 1 is real pace: about 376 relayed packets a second for each consultation.
    pub pace: f64,
    /// Sizes and phases repeat for the same seed.
    pub seed: u64,
    /// Traffic flows so long before anything is measured, seconds.
    pub warm_up_s: f64,
    /// How long is measured, seconds.
    pub measure_s: f64,
    /// How long a batch gathers after its first packet, microseconds.
    pub gather_us: u64,
    /// The core of the relaying thread.
    pub relay_core: usize,
    /// The core of the generator.
    pub generator_core: usize,
    /// Asked of the kernel for the relaying socket.
    pub receive_buffer_bytes: u32,
    /// Whether the generator sends equal packets as runs.
    #[serde(default)]
    pub batched_sends: bool,
    /// Whether participants read runs as they were sent.
    #[serde(default)]
    pub receives_runs: bool,
}

/// What the floor costs.
#[derive(Clone, Debug, Serialize)]
pub struct FloorOutcome {
    /// Processor time of the relaying thread for each packet relayed.
    pub cpu_ns_per_packet: f64,
    /// Share of that time spent in the kernel.
    pub kernel_share: f64,
    /// Share of its core that the relaying thread used.
    pub core_share: f64,
    /// Packets relayed a second.
    pub packets_per_s: f64,
    /// Packets relayed.
    pub relayed: u64,
    /// Packets in one read.
    pub packets_per_batch: f64,
    /// Packets in one trip through the UDP stack.
    pub packets_per_message: f64,
    /// Packets for each time the thread woke up.
    pub packets_per_wakeup: f64,
    /// Packets it could not open or seal, and packets the kernel did not take.
    pub failed: u64,
    /// The receive buffer the kernel gave.
    pub receive_buffer_bytes: u32,
    /// What the generator saw.
    pub generator: Outcome,
}

/// Measures the floor.
///
/// # Errors
/// A sentence: a bad setup, a core that is not there, or a kernel that failed.
pub fn measure(
    setup: &FloorSetup,
    mut tell: impl FnMut(Milestone),
) -> Result<FloorOutcome, String> {
    let socket = socket::open(setup.receive_buffer_bytes)
        .map_err(|error| format!("the relaying socket: {error}"))?;
    let receive_buffer_bytes =
        socket::receive_buffer_bytes(&socket).map_err(|error| error.to_string())?;
    let relay = socket::local(&socket).map_err(|error| error.to_string())?;
    let generator_setup = generator_setup(setup, relay)?;
    let sockets = open_sockets(&generator_setup)?;
    let peers = peers(&generator_setup, &sockets)?;
    let gather = Duration::from_micros(setup.gather_us);
    // The relaying thread inherits its core, and a core that is not there is known before anything runs.
    own_thread::pin_to_core(setup.relay_core)
        .map_err(|error| format!("core {} is not ours to use: {error}", setup.relay_core))?;
    let phase = Arc::new(Phase::default());
    let relaying = {
        let phase = Arc::clone(&phase);
        thread::spawn(move || relay_loop::run(gather, &socket, Forwarding::new(peers), &phase))
    };
    let generated = own_thread::pin_to_core(setup.generator_core)
        .and_then(|()| own_thread::wake_promptly())
        .map_err(|error| format!("core {} is not ours to use: {error}", setup.generator_core))
        .and_then(|()| {
            generator::run(&generator_setup, sockets, |milestone| {
                phase.set(milestone as u8);
                tell(milestone);
            })
        });
    phase.set(relay_loop::ENDED);
    let readings = relaying
        .join()
        .map_err(|_| "the relaying thread panicked".to_owned())?
        .map_err(|error| format!("the relaying socket failed: {error}"));
    Ok(outcome(readings?, generated?, receive_buffer_bytes))
}

fn outcome(
    (before, after): (Reading, Reading),
    generator: Outcome,
    receive_buffer_bytes: u32,
) -> FloorOutcome {
    let (old, new) = (before.counts, after.counts);
    let relayed = new.relayed - old.relayed;
    let each = |total: u64, of: u64| total as f64 / (of.max(1)) as f64;
    let cpu_ns = after.cpu_ns - before.cpu_ns;
    FloorOutcome {
        cpu_ns_per_packet: each(cpu_ns, relayed),
        kernel_share: after.kernel_share,
        core_share: cpu_ns as f64 / 1e9 / generator.measurement.measured_s,
        packets_per_s: relayed as f64 / generator.measurement.measured_s,
        relayed,
        packets_per_batch: each(new.received - old.received, new.batches - old.batches),
        packets_per_message: each(relayed, new.messages - old.messages),
        packets_per_wakeup: each(relayed, after.wakeups - before.wakeups),
        failed: (new.failed + new.refused) - (old.failed + old.refused),
        receive_buffer_bytes,
        generator,
    }
}

fn generator_setup(setup: &FloorSetup, relay: std::net::SocketAddrV4) -> Result<Setup, String> {
    let participant = |ssrc: u32| {
        let line = |ssrc, payload_type, mid: &str| LineSetup {
            ssrc,
            payload_type,
            mid: mid.into(),
            rid: None,
            rtx: None,
        };
        Ok::<_, String>(ParticipantSetup {
            relay: Some(relay),
            ice: None,
            sends: random_key()?,
            receives: random_key()?,
            audio: line(ssrc, 111, "0"),
            video: line(ssrc + 1, 96, "1"),
        })
    };
    let consultation = |index: usize| {
        let ssrc = index as u32 * 4 + 1;
        Ok(vec![participant(ssrc)?, participant(ssrc + 2)?])
    };
    let generator = Setup {
        seed: setup.seed,
        core: setup.generator_core,
        warm_up_s: setup.warm_up_s,
        measure_s: setup.measure_s,
        pace: setup.pace,
        profile_iana: Profile::AeadAes128Gcm.iana(),
        extensions: EXTENSIONS,
        samples: 0,
        relay_core: setup.relay_core,
        window_ms: 100,
        batched_sends: setup.batched_sends,
        receives_runs: setup.receives_runs,
        codec: VideoCodec::Vp8,
        consultations: (0..setup.consultations)
            .map(consultation)
            .collect::<Result<_, String>>()?,
    };
    generator.checked()
}

fn random_key() -> Result<KeySetup, String> {
    let mut bytes = [0; 28];
    rand::fill(&mut bytes).map_err(|_| "the kernel has no randomness to give")?;
    let (key, salt) = bytes.split_at(16);
    Ok(KeySetup {
        key: hex::encode(key),
        salt: hex::encode(salt),
    })
}

fn peers(setup: &Setup, sockets: &[std::net::UdpSocket]) -> Result<Vec<Peer>, String> {
    let cipher = |keys: &KeySetup| {
        let bytes = hex::decode(&keys.key).zip(hex::decode(&keys.salt));
        bytes
            .and_then(|(key, salt)| Cipher::new(&key, &salt))
            .ok_or("a key the floor cannot use")
    };
    let participants = setup
        .consultations
        .iter()
        .flatten()
        .zip(sockets)
        .enumerate();
    let peers = participants.map(|(index, (own, socket))| {
        Ok(Peer {
            address: socket::local(socket).map_err(|error| error.to_string())?,
            // Participants come in pairs.
            partner: index as u32 ^ 1,
            opens: cipher(&own.sends)?,
            seals: cipher(&own.receives)?,
        })
    });
    peers.collect()
}

/// The ids Chromium offers.
const EXTENSIONS: Extensions = Extensions {
    audio_level: 1,
    abs_send_time: 2,
    transport_sequence: 3,
    mid: 4,
    rid: 0,
    repaired_rid: 0,
};
