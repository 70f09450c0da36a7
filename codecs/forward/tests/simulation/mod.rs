//! A worker and its participants under a virtual clock, with a network between them that does what it is told.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc
)]
#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    reason = "datagrams are handed over, packets have many fields"
)]

pub mod adapted;
pub mod bottleneck;
pub mod chance;
pub mod participant;
pub mod pictures;
pub mod receiving;
pub mod sending;
pub mod sound;
pub mod speech;
pub mod telling;
pub mod watching;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use bottleneck::Bottleneck;
use chance::Chance;
use forward::Tuple;
use forward::counters::Counter;
use forward::event::Event;
use forward::worker::{TICK_NS, Worker, WorkerConfig};
use participant::Participant;

pub const MS: u64 = 1_000_000;
pub const SECOND: u64 = 1_000 * MS;
/// 2026-01-01 in Unix nanoseconds, less the virtual monotonic zero.
pub const UNIX_MINUS_MONOTONIC_NS: i64 = 1_767_225_600_000_000_000;

/// What one direction of a link does to a datagram.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions {
    pub delay_ns: u64,
    pub jitter_ns: u64,
    pub loss_per_mille: u64,
    pub duplicate_per_mille: u64,
    /// How fast its bottleneck serves, headers of IP and UDP included; 0 is at once.
    pub rate_bps: u64,
}

#[derive(Eq, Ord, PartialEq, PartialOrd)]
struct Flight {
    at_ns: u64,
    order: u64,
    towards_relay: bool,
    participant: usize,
    datagram: Vec<u8>,
}

/// A datagram that arrived, and that the worker has not read yet.
struct Waiting {
    arrival_ns: u64,
    participant: usize,
    datagram: Vec<u8>,
}

/// The whole: a worker, participants, a network and a clock.
pub struct Simulation {
    pub now_ns: u64,
    pub worker: Worker,
    pub participants: Vec<Participant>,
    /// Indexed by participant: towards the relay, from the relay.
    pub links: Vec<(Conditions, Conditions)>,
    pub events: Vec<Event>,
    /// Until then the worker has no core: no tick comes, and what arrives waits to be read.
    pub stalled_until_ns: u64,
    chance: Chance,
    flights: BinaryHeap<Reverse<Flight>>,
    waiting: Vec<Waiting>,
    order: u64,
    tick_ns: u64,
    /// By participant, and whether towards the relay.
    bottlenecks: HashMap<(usize, bool), Bottleneck>,
}

impl Simulation {
    pub fn new(seed: u64) -> Self {
        let config = WorkerConfig {
            unix_minus_monotonic_ns: UNIX_MINUS_MONOTONIC_NS,
            seed,
            outbox_bytes: 1 << 20,
        };
        Self {
            now_ns: SECOND,
            worker: Worker::new(config),
            participants: Vec::new(),
            links: Vec::new(),
            events: Vec::new(),
            stalled_until_ns: 0,
            chance: Chance(seed),
            flights: BinaryHeap::new(),
            waiting: Vec::new(),
            order: 0,
            tick_ns: SECOND,
            bottlenecks: HashMap::new(),
        }
    }

    /// Adds a participant whose leg is connected and keyed.
    pub fn join(&mut self) -> usize {
        let index = self.participants.len();
        let participant = Participant::new(index as u32 + 1);
        for command in participant.join_commands() {
            self.worker.handle_command(self.now_ns, command);
        }
        self.participants.push(participant);
        self.links
            .push((Conditions::default(), Conditions::default()));
        let check = self.participants[index].check(true);
        self.towards_relay(index, check);
        self.settle();
        index
    }

    /// Hands a command to the worker.
    pub fn command(&mut self, command: forward::command::Command) {
        self.worker.handle_command(self.now_ns, command);
        self.flush();
    }

    /// Puts a participant's datagram on its link.
    pub fn towards_relay(&mut self, participant: usize, datagram: Vec<u8>) {
        let conditions = self.links[participant].0;
        self.launch(conditions, true, participant, datagram);
    }

    /// Delivers everything that is due now.
    pub fn settle(&mut self) {
        self.run_until(self.now_ns);
    }

    /// Lets virtual time pass, delivering datagrams and ticking the worker.
    pub fn run_for(&mut self, duration_ns: u64) {
        self.run_until(self.now_ns + duration_ns);
    }

    pub fn counted(&self, counter: Counter) -> u64 {
        self.worker.counters().get(counter)
    }

    /// Every packet that was dropped, by reason.
    pub fn drops(&self) -> Vec<(&'static str, u64)> {
        let named = Counter::ALL
            .iter()
            .map(|counter| (counter.name(), self.counted(*counter)));
        named
            .filter(|(name, count)| name.starts_with("drop_") && *count > 0)
            .collect()
    }

    fn run_until(&mut self, until_ns: u64) {
        loop {
            let flight_ns = self
                .flights
                .peek()
                .map_or(u64::MAX, |flight| flight.0.at_ns);
            // As the driver does.
            let pace_ns = if self.worker.is_pacing() {
                (self.now_ns + MS).max(self.stalled_until_ns)
            } else {
                u64::MAX
            };
            let tick_ns = self.tick_ns.max(self.stalled_until_ns);
            let next_ns = flight_ns.min(tick_ns).min(pace_ns);
            if next_ns > until_ns {
                self.now_ns = until_ns;
                return;
            }
            self.now_ns = next_ns;
            if next_ns == pace_ns {
                self.worker.handle_pace(self.now_ns);
                self.flush();
            } else if flight_ns <= tick_ns {
                let Reverse(flight) = self.flights.pop().unwrap();
                self.deliver(flight);
            } else {
                self.tick_ns = tick_ns + TICK_NS;
                self.read();
                self.worker.handle_tick(self.now_ns);
                self.flush();
            }
        }
    }

    fn deliver(&mut self, flight: Flight) {
        let Flight {
            towards_relay,
            participant,
            datagram,
            ..
        } = flight;
        if towards_relay {
            self.waiting.push(Waiting {
                arrival_ns: self.now_ns,
                participant,
                datagram,
            });
            self.read();
            return;
        }
        let answers = self.participants[participant].receive(self.now_ns, datagram);
        for answer in answers {
            self.towards_relay(participant, answer);
        }
    }

    /// Hands the worker what arrived, unless it has no core.
    fn read(&mut self) {
        if self.now_ns < self.stalled_until_ns {
            return;
        }
        for mut arrived in std::mem::take(&mut self.waiting) {
            let tuple = self.participants[arrived.participant].tuple;
            self.worker.handle_datagram(
                self.now_ns,
                arrived.arrival_ns,
                tuple,
                &mut arrived.datagram,
            );
            self.flush();
        }
    }

    fn flush(&mut self) {
        let outbox = self.worker.outbox();
        let sent: Vec<(Tuple, Vec<u8>)> = outbox
            .spans()
            .iter()
            .map(|span| {
                (
                    span.tuple,
                    outbox.bytes()[span.start as usize..][..usize::from(span.len)].to_vec(),
                )
            })
            .collect();
        outbox.clear();
        for (tuple, datagram) in sent {
            let owner = self
                .participants
                .iter()
                .position(|participant| participant.tuple == tuple);
            if let Some(participant) = owner {
                let conditions = self.links[participant].1;
                self.launch(conditions, false, participant, datagram);
            }
        }
        self.events.extend(self.worker.take_events());
    }

    fn launch(
        &mut self,
        conditions: Conditions,
        towards_relay: bool,
        participant: usize,
        datagram: Vec<u8>,
    ) {
        if self.chance.per_mille(conditions.loss_per_mille) {
            return;
        }
        let bottleneck = self
            .bottlenecks
            .entry((participant, towards_relay))
            .or_default();
        let served_ns = bottleneck.serve(self.now_ns, conditions.rate_bps, datagram.len());
        let copies = 1 + u64::from(self.chance.per_mille(conditions.duplicate_per_mille));
        for _ in 0..copies {
            let jitter_ns = self.chance.next() % (conditions.jitter_ns + 1);
            self.order += 1;
            self.flights.push(Reverse(Flight {
                at_ns: served_ns + conditions.delay_ns + jitter_ns,
                order: self.order,
                towards_relay,
                participant,
                datagram: datagram.clone(),
            }));
        }
    }
}
