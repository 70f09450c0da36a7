//! Participants on one thread, at real pace: one timetable, one epoll, no allocation per packet.
//!
//! [`run`] plays a whole setup; who joins and leaves while it goes on drives a [`Generator`] turn by turn.

mod ledger;
mod measuring;
mod receiving;
mod run;
mod samples;
mod settings;
mod timetable;

use std::collections::VecDeque;
use std::io;
use std::net::UdpSocket;
use std::time::Duration;

use crate::kernel::epoll::Epoll;
use crate::kernel::receive::Receiver;
use crate::kernel::steal::Steal;
use crate::kernel::{clock, socket, thread};
use crate::participant::Participant;
use crate::participant::burst::Burst;
use crate::participant::connected::Connected;
use crate::participant::following::Ask;
use ledger::Ledger;
pub use ledger::Way;
use measuring::Measuring;
pub use run::{Milestone, open_sockets, run};
use samples::Samples;
pub use settings::Settings;
use timetable::{Event, Timetable};

/// All participants of a thread.
pub struct Generator {
    settings: Settings,
    /// By place; who is gone leaves it empty.
    participants: Vec<Option<Box<Participant>>>,
    epoll: Epoll,
    receiver: Receiver,
    burst: Burst,
    timetable: Timetable,
    ledger: Ledger,
    steal: Steal,
    measuring: Measuring,
    samples: Samples,
    first_media: Vec<FirstMedia>,
    read_at_ns: u64,
    /// Places whose sockets were told of and are not read to the end.
    unread: VecDeque<usize>,
}

/// Somebody was given the first packet of another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FirstMedia {
    /// Who.
    pub place: usize,
    /// When the kernel had it, monotonic.
    pub at_ns: u64,
}

/// A socket as participants need it: not blocking, with room for key frames and with stamps of arrival.
///
/// # Errors
/// A sentence: descriptors or ports ran out.
pub fn open_socket() -> Result<UdpSocket, String> {
    let opened = || {
        let socket = socket::open(PARTICIPANT_BUFFER_BYTES)?;
        socket::stamp_arrivals(&socket)?;
        Ok(socket)
    };
    opened().map_err(|error: io::Error| format!("a participant's socket could not be had: {error}"))
}

impl Generator {
    /// Nobody yet.
    ///
    /// # Errors
    /// A sentence: the kernel has no descriptor left.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let trouble = |error: io::Error| format!("the generator cannot start: {error}");
        thread::raise_descriptor_limit().map_err(trouble)?;
        Ok(Self {
            participants: Vec::new(),
            epoll: Epoll::new().map_err(trouble)?,
            receiver: Receiver::of_runs(RECEIVE_BATCH),
            burst: Burst::new(settings.batched_sends),
            timetable: Timetable::new(settings.seed, settings.pace),
            ledger: Ledger::of_relay(settings.adapts),
            steal: Steal::of(&[settings.core, settings.relay_core]).map_err(trouble)?,
            measuring: Measuring::default(),
            samples: Samples::new(settings.samples),
            first_media: Vec::new(),
            read_at_ns: 0,
            unread: VecDeque::new(),
            settings,
        })
    }

    /// Opens a consultation that is whole when so many are there; gives its number.
    pub fn open_consultation(&mut self, way: Way, planned_participants: usize) -> usize {
        self.ledger.open_consultation(way, planned_participants)
    }

    /// Adds a participant, whose media begins at once, and gives its place.
    ///
    /// # Errors
    /// A sentence about what in it cannot be.
    pub fn add(&mut self, connected: Connected) -> Result<usize, String> {
        let place = self.seat(connected, None)?;
        self.start(place);
        Ok(place)
    }

    /// Adds a leg on which a participant at `of_place` receives what others send, and goes when it goes; gives
    /// the leg's own place, which its samples name.
    ///
    /// # Errors
    /// A sentence about what in it cannot be.
    pub fn add_receiving(
        &mut self,
        connected: Connected,
        of_place: usize,
    ) -> Result<usize, String> {
        let place = self.seat(connected, Some(of_place))?;
        self.start(place);
        Ok(place)
    }

    /// Has a participant do what the relay asks of its camera's encodings.
    pub fn obey(&mut self, place: usize, asks: &[Ask]) {
        if let Some(Some(participant)) = self.participants.get_mut(place) {
            participant.obey(asks);
        }
    }

    /// Takes a participant away: its media stops, its sockets close, its consultation no longer counts.
    pub fn remove(&mut self, of_place: usize) {
        for place in of_place..self.participants.len() {
            let seat = self.participants.get_mut(place);
            if seat.is_some_and(|seat| seat.take_if(|one| one.of_place == of_place).is_some()) {
                self.timetable.remove(place);
                if place == of_place {
                    self.ledger.leave(place);
                }
            }
        }
    }

    /// How many participants there are.
    #[must_use]
    pub fn participants(&self) -> usize {
        let present = self.participants.iter().enumerate();
        present
            .filter(|(place, seat)| seat.as_ref().is_some_and(|one| one.of_place == *place))
            .count()
    }

    /// Those who were given their first packet of another since the last call.
    pub fn drain_first_media(&mut self) -> impl Iterator<Item = FirstMedia> + '_ {
        self.first_media.drain(..)
    }

    /// Sends what is due and reads what came; sleeps until there is something, at most until `until_ns`.
    ///
    /// # Errors
    /// A sentence: the kernel failed.
    pub fn turn(&mut self, until_ns: u64) -> Result<(), String> {
        for _ in 0..EVENTS_AT_ONCE {
            let Some((due_ns, place, event)) = self.timetable.next_due(clock::monotonic_ns())
            else {
                break;
            };
            self.perform(due_ns, place, event);
        }
        let next_ns = self.timetable.next_ns().unwrap_or(until_ns).min(until_ns);
        let now_ns = clock::monotonic_ns();
        let wait = Duration::from_nanos(next_ns.saturating_sub(now_ns));
        // The kernel stamps what arrives: it may wait for more, and one look finds several sockets' packets.
        let read_next_ns = self.read_at_ns + READ_EVERY_NS;
        if self.unread.is_empty() && now_ns < read_next_ns && !wait.is_zero() {
            let gather = Duration::from_nanos(read_next_ns - now_ns);
            std::thread::sleep(wait.min(gather));
        } else if !self.unread.is_empty() || now_ns >= read_next_ns {
            self.receive(wait)
                .map_err(|error| format!("the generator's sockets failed: {error}"))?;
        }
        self.book();
        Ok(())
    }

    /// Gives a participant its place and its lines, and lets it receive.
    fn seat(&mut self, connected: Connected, of_place: Option<usize>) -> Result<usize, String> {
        let place = self.participants.len();
        let mut participant = Participant::new(place as u32, self.settings.seed, connected)?;
        participant.of_place = of_place.unwrap_or(place);
        if self.settings.adapts {
            participant.send_best_alone();
        }
        self.epoll
            .add_once_told(&participant.socket, place)
            .map_err(|error| format!("epoll: {error}"))?;
        if self.settings.receives_runs {
            socket::receive_runs(&participant.socket)
                .map_err(|error| format!("runs cannot be received: {error}"))?;
        }
        if !self
            .ledger
            .enter(participant.consultation, of_place.is_none())
        {
            return Err("there is no such consultation".into());
        }
        self.participants.push(Some(Box::new(participant)));
        Ok(place)
    }

    /// Plans what a participant does from now on.
    fn start(&mut self, place: usize) {
        let now_ns = clock::monotonic_ns();
        let participant = self.participants.get(place).and_then(Option::as_deref);
        let (sends, has_manners) = participant.map_or((false, false), |participant| {
            (participant.sends(), participant.has_manners())
        });
        for event in [Event::Speak, Event::Show].iter().filter(|_| sends) {
            self.timetable.add(now_ns, place, *event);
        }
        let manners = [Event::Check, Event::Report, Event::TellArrivals];
        for event in manners.iter().filter(|_| has_manners) {
            self.timetable.add(now_ns, place, *event);
        }
    }

    fn perform(&mut self, due_ns: u64, place: usize, event: Event) {
        let now_ns = clock::monotonic_ns();
        let Some(participant) = self
            .participants
            .get_mut(place)
            .and_then(Option::as_deref_mut)
        else {
            return;
        };
        let made = participant.packets_made();
        match event {
            Event::Speak => participant.speak(now_ns, &mut self.burst),
            Event::Show => participant.show(now_ns, &mut self.burst),
            Event::Check => participant.check(&mut self.burst),
            Event::Report => participant.report(now_ns, ntp(), &mut self.burst),
            Event::TellArrivals => {
                participant.tell_arrivals(&mut self.burst);
                let asked = participant.ask(now_ns, &mut self.burst);
                self.ledger.record_feedback(asked);
            }
        }
        if matches!(event, Event::Speak | Event::Show) {
            let mut packets = participant.packets_made();
            packets
                .iter_mut()
                .zip(made)
                .for_each(|(count, before)| *count -= before);
            let late_ns = now_ns.saturating_sub(due_ns);
            self.ledger.record_sent(place, packets, now_ns, late_ns);
            if self.ledger.windows().contain(now_ns)
                && self.ledger.is_relayed(place)
                && let Some(bytes) = self.burst.datagrams().next()
                && self.samples.want(true, bytes)
            {
                self.samples.keep(place, true, bytes);
            }
        }
        self.ledger.counts.refused += self.burst.send(&participant.socket) as u64;
    }
}

/// Now, in NTP's 32.32 fixed point (RFC 3550 §4).
fn ntp() -> u64 {
    let unix_ns = u128::from(clock::unix_ns());
    (((unix_ns << 32) / 1_000_000_000) as u64).wrapping_add(NTP_MINUS_UNIX_S << 32)
}

/// Media goes on so long after a measurement, so that its last packets travel like the others, and are settled.
const DRAIN_NS: u64 = ledger::SETTLED_AFTER_NS + 200_000_000;
/// And so long if something has not arrived: what libwebrtc waits for a frame before it gives up
/// (`video_receive_stream2.cc`, 3 s), and longer than a host was seen to take a core away (0.6 s).
const LONGEST_DRAIN_NS: u64 = 3_000_000_000;
const NTP_MINUS_UNIX_S: u64 = 2_208_988_800;
/// A key frame and more, whatever the default of the machine is.
const PARTICIPANT_BUFFER_BYTES: u32 = 1 << 20;
/// Then what arrived is looked at, however late the plan is.
const EVENTS_AT_ONCE: usize = 32;
/// Half of the relay's gathering, and a tenth of what a browser takes to read.
const READ_EVERY_NS: u64 = 500_000;
/// A participant seldom has more waiting; when it has, it is read again.
const RECEIVE_BATCH: usize = 16;
