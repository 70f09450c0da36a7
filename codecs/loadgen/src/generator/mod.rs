//! Participants on one thread, at real pace: one timetable, one epoll, no allocation per packet.

mod connecting;
pub mod ledger;
pub mod timetable;

use std::io;
use std::net::SocketAddrV4;
use std::time::Duration;

use crate::hex;
use crate::kernel::epoll::Epoll;
use crate::kernel::receive::Receiver;
use crate::kernel::{clock, socket, thread};
use crate::outcome::{Outcome, Sample};
use crate::participant::burst::Burst;
use crate::participant::{Arrival, Participant};
use crate::setup::{ParticipantSetup, Setup};
use ledger::{Ledger, Way, Window};
use timetable::{Event, Timetable};

/// All participants of a run.
pub struct Generator {
    setup: Setup,
    participants: Vec<Participant>,
    epoll: Epoll,
    receiver: Receiver,
    burst: Burst,
    ledger: Ledger,
    samples: Vec<Sample>,
}

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
pub fn open_sockets(setup: &Setup) -> Result<Vec<std::net::UdpSocket>, String> {
    let words =
        |error: io::Error| format!("a socket for each participant could not be had: {error}");
    thread::raise_descriptor_limit().map_err(words)?;
    let opened = setup.consultations.iter().flatten().map(|_| {
        let socket = socket::open(PARTICIPANT_BUFFER_BYTES)?;
        socket::stamp_arrivals(&socket)?;
        Ok(socket)
    });
    opened.collect::<io::Result<_>>().map_err(words)
}

impl Generator {
    /// Participants on sockets from [`open_sockets`].
    ///
    /// # Errors
    /// A sentence about what in the setup cannot be.
    pub fn new(setup: Setup, sockets: Vec<std::net::UdpSocket>) -> Result<Self, String> {
        let addresses: Vec<SocketAddrV4> = sockets
            .iter()
            .map(socket::local)
            .collect::<io::Result<_>>()
            .map_err(|error| format!("a socket has no address: {error}"))?;
        let epoll = Epoll::new().map_err(|error| format!("epoll: {error}"))?;
        let mut sockets = sockets.into_iter();
        let mut participants = Vec::new();
        let mut ledger = Ledger::default();
        for consultation in &setup.consultations {
            let first = participants.len();
            for own in consultation {
                let place = participants.len();
                let partner = first + usize::from(place == first);
                let way = Way::of(own);
                let remote = own.relay.or_else(|| addresses.get(partner).copied());
                let (Some(remote), Some(socket)) = (remote, sockets.next()) else {
                    return Err("there are fewer sockets than participants".into());
                };
                epoll
                    .add(&socket, place)
                    .map_err(|error| format!("epoll: {error}"))?;
                participants.push(Participant::new(&setup, own, place as u32, socket, remote)?);
                ledger.open_lines(way, first, consultation.len() - 1);
            }
        }
        Ok(Self {
            participants,
            epoll,
            receiver: Receiver::new(RECEIVE_BATCH, true),
            burst: Burst::default(),
            ledger,
            samples: Vec::new(),
            setup,
        })
    }

    /// Connects, sends, receives and measures.
    ///
    /// # Errors
    /// A sentence: nobody answered, or the kernel failed.
    pub fn run(&mut self, mut tell: impl FnMut(Milestone)) -> Result<Outcome, String> {
        let trouble = |error: io::Error| format!("the generator's sockets failed: {error}");
        self.connect()?;
        tell(Milestone::Connected);
        let start_ns = clock::monotonic_ns();
        let measure_ns = start_ns + ns(self.setup.warm_up_s);
        let window = Window {
            start_ns: measure_ns,
            end_ns: measure_ns + ns(self.setup.measure_s),
        };
        self.ledger.set_window(window);
        let mut timetable = self.timetable(start_ns);
        let (mut cpu_ns, mut phase) = (0, Milestone::Connected);
        loop {
            let now_ns = clock::monotonic_ns();
            if phase == Milestone::Connected && now_ns >= window.start_ns {
                phase = Milestone::Measuring;
                cpu_ns = clock::thread_cpu_ns();
                tell(phase);
            }
            if phase == Milestone::Measuring && now_ns >= window.end_ns {
                phase = Milestone::Measured;
                cpu_ns = clock::thread_cpu_ns() - cpu_ns;
                tell(phase);
            }
            if now_ns >= window.end_ns + DRAIN_NS {
                break;
            }
            for _ in 0..EVENTS_AT_ONCE {
                let Some((due_ns, place, event)) = timetable.next_due(clock::monotonic_ns()) else {
                    break;
                };
                self.perform(due_ns, place, event);
            }
            let wait_ns = timetable.next_ns().saturating_sub(clock::monotonic_ns());
            self.receive(Duration::from_nanos(wait_ns))
                .map_err(trouble)?;
        }
        Ok(self.outcome(window, cpu_ns))
    }

    fn timetable(&self, start_ns: u64) -> Timetable {
        let mut timetable = Timetable::new(self.setup.seed, self.setup.pace, start_ns);
        for (place, participant) in self.participants.iter().enumerate() {
            timetable.add(place, Event::Speak);
            timetable.add(place, Event::Show);
            if participant.has_manners() {
                timetable.add(place, Event::Check);
                timetable.add(place, Event::Report);
                timetable.add(place, Event::TellArrivals);
            }
        }
        timetable
    }

    fn perform(&mut self, due_ns: u64, place: usize, event: Event) {
        let now_ns = clock::monotonic_ns();
        let Some(participant) = self.participants.get_mut(place) else {
            return;
        };
        let made = participant.packets_made();
        match event {
            Event::Speak => participant.speak(now_ns, &mut self.burst),
            Event::Show => participant.show(now_ns, &mut self.burst),
            Event::Check => participant.check(&mut self.burst),
            Event::Report => participant.report(now_ns, ntp(), &mut self.burst),
            Event::TellArrivals => participant.tell_arrivals(&mut self.burst),
        }
        let (audio, video) = participant.packets_made();
        if matches!(event, Event::Speak | Event::Show) {
            let sent = (audio - made.0, video - made.1);
            self.ledger
                .record_sent(place, sent, now_ns, now_ns.saturating_sub(due_ns));
            if wants_sample(&self.samples, self.setup.samples, true) && self.ledger.counts(now_ns) {
                self.samples.extend(
                    self.burst
                        .datagrams()
                        .next()
                        .map(|bytes| sample(place, true, bytes)),
                );
            }
        }
        self.ledger.refused += self.burst.send(&participant.socket) as u64;
    }

    fn receive(&mut self, timeout: Duration) -> io::Result<()> {
        let ready = self.epoll.wait(timeout)?;
        // Both clocks once for all that is ready: stamps are wall-clock, delays are not.
        let unix_minus_monotonic_ns = clock::unix_ns().wrapping_sub(clock::monotonic_ns());
        for place in ready {
            let Some(participant) = self.participants.get_mut(place) else {
                continue;
            };
            let count = self.receiver.receive(&participant.socket)?;
            for index in 0..count {
                let stamp_ns = self.receiver.arrival_unix_ns(index).unwrap_or_default();
                let arrival_ns = stamp_ns.wrapping_sub(unix_minus_monotonic_ns);
                let bytes = self.receiver.bytes(index);
                let wanted = wants_sample(&self.samples, self.setup.samples, false)
                    && self.ledger.counts(arrival_ns);
                let kept = (wanted && bytes.first() == Some(&RTP_WITH_EXTENSION))
                    .then(|| sample(place, false, bytes));
                match participant.receive(arrival_ns, bytes) {
                    Arrival::Media { stamp, intact } => {
                        self.samples.extend(kept);
                        self.ledger.record_received(stamp, intact, arrival_ns);
                    }
                    Arrival::Control(feedback) => self.ledger.record_feedback(feedback),
                    Arrival::Unusable => self.ledger.unusable += 1,
                }
            }
        }
        Ok(())
    }

    fn outcome(&mut self, window: Window, cpu_ns: u64) -> Outcome {
        let measured_ns = (window.end_ns - window.start_ns) as f64;
        let overflows = self
            .participants
            .iter()
            .map(|one| socket::dropped(&one.socket).unwrap_or_default());
        let overflowed = overflows.map(u64::from).sum();
        let refused = self.ledger.refused;
        let lateness = self.ledger.lateness.summary();
        Outcome {
            measured_s: measured_ns / 1e9,
            participants: self.participants.len(),
            relayed: self.ledger.path(Way::Relayed),
            bare: Some(self.ledger.path(Way::Bare)).filter(|path| path.expected > 0),
            generator_is_bottleneck: lateness.p99_us > LATE_US || refused + overflowed > 0,
            generator_core_share: cpu_ns as f64 / measured_ns,
            lateness,
            refused,
            overflowed,
            unusable: self.ledger.unusable,
            damaged: self.ledger.damaged,
            feedback: self.ledger.feedback,
            samples: std::mem::take(&mut self.samples),
        }
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

/// Whether there are fewer than `limit` samples of this direction; cheap once both are complete.
fn wants_sample(samples: &[Sample], limit: usize, sent: bool) -> bool {
    samples.len() < limit * 2 && samples.iter().filter(|sample| sample.sent == sent).count() < limit
}

fn sample(participant: usize, sent: bool, datagram: &[u8]) -> Sample {
    Sample {
        participant,
        sent,
        datagram: hex::encode(datagram),
    }
}

fn ns(seconds: f64) -> u64 {
    Duration::from_secs_f64(seconds).as_nanos() as u64
}

/// Now, in NTP's 32.32 fixed point (RFC 3550 §4).
fn ntp() -> u64 {
    let unix_ns = u128::from(clock::unix_ns());
    (((unix_ns << 32) / 1_000_000_000) as u64).wrapping_add(NTP_MINUS_UNIX_S << 32)
}

const NTP_MINUS_UNIX_S: u64 = 2_208_988_800;
/// A key frame and more, whatever the default of the machine is.
const PARTICIPANT_BUFFER_BYTES: u32 = 1 << 20;
/// Then what arrived is looked at, however late the plan is.
const EVENTS_AT_ONCE: usize = 32;
const RECEIVE_BATCH: usize = 64;
/// Media goes on so long after the measurement, so that its last packets travel like the others.
const DRAIN_NS: u64 = 500_000_000;
/// A generator that sends this late in one of 100 cases shapes what it measures: half of the 2 ms at stake.
const LATE_US: f64 = 1_000.0;
/// Version 2, X set, no CSRC.
const RTP_WITH_EXTENSION: u8 = 0x90;
