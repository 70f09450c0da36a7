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

pub mod participant;
pub mod pictures;
pub mod receiving;
pub mod sending;
pub mod speech;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

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
}

/// A deterministic source of chance (`SplitMix64`).
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn per_mille(&mut self, share: u64) -> bool {
        self.next() % 1_000 < share
    }
}

#[derive(Eq, Ord, PartialEq, PartialOrd)]
struct Flight {
    at_ns: u64,
    order: u64,
    towards_relay: bool,
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
    chance: Chance,
    flights: BinaryHeap<Reverse<Flight>>,
    order: u64,
    tick_ns: u64,
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
            chance: Chance(seed),
            flights: BinaryHeap::new(),
            order: 0,
            tick_ns: SECOND,
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
            let next_ns = flight_ns.min(self.tick_ns);
            if next_ns > until_ns {
                self.now_ns = until_ns;
                return;
            }
            self.now_ns = next_ns;
            if flight_ns <= self.tick_ns {
                let Reverse(flight) = self.flights.pop().unwrap();
                self.deliver(flight);
            } else {
                self.tick_ns += TICK_NS;
                self.worker.handle_tick(self.now_ns);
                self.flush();
            }
        }
    }

    fn deliver(&mut self, flight: Flight) {
        let Flight {
            towards_relay,
            participant,
            mut datagram,
            ..
        } = flight;
        if towards_relay {
            let tuple = self.participants[participant].tuple;
            self.worker
                .handle_datagram(self.now_ns, self.now_ns, tuple, &mut datagram);
            self.flush();
            return;
        }
        let answers = self.participants[participant].receive(self.now_ns, datagram);
        for answer in answers {
            self.towards_relay(participant, answer);
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
        let copies = 1 + u64::from(self.chance.per_mille(conditions.duplicate_per_mille));
        for _ in 0..copies {
            let jitter_ns = self.chance.next() % (conditions.jitter_ns + 1);
            self.order += 1;
            self.flights.push(Reverse(Flight {
                at_ns: self.now_ns + conditions.delay_ns + jitter_ns,
                order: self.order,
                towards_relay,
                participant,
                datagram: datagram.clone(),
            }));
        }
    }
}
