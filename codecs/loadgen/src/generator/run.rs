//! A whole setup, played: connect, warm up, measure.

use std::net::{SocketAddrV4, UdpSocket};
use std::time::Duration;

use forward::srtp::Profile;

use super::{Generator, Settings, Way, open_socket};
use crate::kernel::{clock, socket, thread};
use crate::outcome::Outcome;
use crate::participant::connected::{Connected, MasterKey, ReceivedTypes};
use crate::setup::{ParticipantSetup, Setup};

/// What those who watch a run should know at once, in their order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Milestone {
    /// Every participant's check was answered.
    Connected,
    /// From here on, what is sent counts.
    Measuring,
    /// What is sent from here on does not count.
    Measured,
}

/// A socket for every participant of a setup.
///
/// # Errors
/// A sentence: descriptors or ports ran out.
pub fn open_sockets(setup: &Setup) -> Result<Vec<UdpSocket>, String> {
    thread::raise_descriptor_limit()
        .map_err(|error| format!("descriptors are not to be had: {error}"))?;
    let participants = setup.consultations.iter().flatten();
    participants.map(|_| open_socket()).collect()
}

/// Connects, sends, receives and measures, with sockets from [`open_sockets`].
///
/// # Errors
/// A sentence: the setup cannot be, nobody answered, or the kernel failed.
pub fn run(
    setup: &Setup,
    sockets: Vec<UdpSocket>,
    mut tell: impl FnMut(Milestone),
) -> Result<Outcome, String> {
    let mut generator = Generator::new(settings(setup))?;
    generator.seat_all(setup, sockets)?;
    generator.connect()?;
    tell(Milestone::Connected);
    (0..generator.participants.len()).for_each(|place| generator.start(place));
    generator.turn_until(clock::monotonic_ns() + ns(setup.warm_up_s))?;
    generator.begin_measurement(Duration::from_secs_f64(setup.measure_s))?;
    tell(Milestone::Measuring);
    generator.turn_until(generator.measurement_ends_ns())?;
    tell(Milestone::Measured);
    while !generator.is_drained() {
        generator.turn_until(clock::monotonic_ns() + LOOK_NS)?;
    }
    Ok(Outcome {
        measurement: generator.take_measurement(),
        samples: generator.take_samples(),
    })
}

impl Generator {
    fn turn_until(&mut self, until_ns: u64) -> Result<(), String> {
        while clock::monotonic_ns() < until_ns {
            self.turn(until_ns)?;
        }
        Ok(())
    }

    fn seat_all(&mut self, setup: &Setup, sockets: Vec<UdpSocket>) -> Result<(), String> {
        let addresses: Vec<SocketAddrV4> = sockets
            .iter()
            .map(socket::local)
            .collect::<Result<_, _>>()
            .map_err(|error| format!("a socket has no address: {error}"))?;
        let mut sockets = sockets.into_iter();
        let mut place = 0;
        for participants in &setup.consultations {
            let first = place;
            let way = participants.first().map_or(Way::Relayed, Way::of);
            let consultation = self.open_consultation(way, participants.len());
            for own in participants {
                let partner = first + usize::from(place == first);
                let remote = own.relay.or_else(|| addresses.get(partner).copied());
                let (Some(remote), Some(socket)) = (remote, sockets.next()) else {
                    return Err("there are fewer sockets than participants".into());
                };
                self.seat(connected(setup, own, consultation, socket, remote)?, None)?;
                place += 1;
            }
        }
        Ok(())
    }

    /// Checks until every participant that speaks ICE was answered.
    fn connect(&mut self) -> Result<(), String> {
        let deadline_ns = clock::monotonic_ns() + CONNECT_NS;
        loop {
            let missing = self.unanswered();
            if missing == 0 {
                return Ok(());
            }
            if clock::monotonic_ns() > deadline_ns {
                let all = self.participants.len();
                return Err(format!(
                    "{missing} of {all} participants got no answer from the relay within 10 s"
                ));
            }
            for participant in self.participants.iter_mut().flatten() {
                if !participant.is_connected() {
                    participant.check(&mut self.burst);
                    self.burst.send(&participant.socket);
                }
            }
            let round_ends_ns = clock::monotonic_ns() + CHECK_AGAIN_NS;
            while clock::monotonic_ns() < round_ends_ns && self.unanswered() > 0 {
                self.turn(clock::monotonic_ns() + CHECK_AGAIN_NS / 10)?;
            }
        }
    }

    fn unanswered(&self) -> usize {
        let present = self.participants.iter().flatten();
        present.filter(|one| !one.is_connected()).count()
    }
}

impl Way {
    fn of(participant: &ParticipantSetup) -> Self {
        match participant.relay {
            Some(_) => Self::Relayed,
            None => Self::Bare,
        }
    }
}

fn settings(setup: &Setup) -> Settings {
    Settings {
        seed: setup.seed,
        pace: setup.pace,
        core: setup.core,
        relay_core: setup.relay_core,
        window: Duration::from_millis(setup.window_ms),
        samples: setup.samples,
        batched_sends: setup.batched_sends,
        receives_runs: setup.receives_runs,
        adapts: false,
    }
}

fn connected(
    setup: &Setup,
    own: &ParticipantSetup,
    consultation: usize,
    socket: UdpSocket,
    remote: SocketAddrV4,
) -> Result<Connected, String> {
    let profile = Profile::from_iana(setup.profile_iana)
        .ok_or_else(|| format!("{} is no protection profile", setup.profile_iana))?;
    Ok(Connected {
        consultation,
        socket,
        remote,
        ice: own.ice.clone(),
        profile,
        sends: MasterKey::of(&own.sends)?,
        receives: MasterKey::of(&own.receives)?,
        extensions: setup.extensions,
        codec: setup.codec,
        audio: Some(own.audio.clone()),
        video: vec![own.video.clone()],
        received: ReceivedTypes {
            audio: own.audio.payload_type,
            red: None,
            video: own.video.payload_type,
            rtx: own.video.rtx.map(|rtx| rtx.payload_type),
        },
    })
}

fn ns(seconds: f64) -> u64 {
    Duration::from_secs_f64(seconds).as_nanos() as u64
}

const CONNECT_NS: u64 = 10_000_000_000;
const CHECK_AGAIN_NS: u64 = 200_000_000;
const LOOK_NS: u64 = 100_000_000;
