//! One worker: its rooms' legs, tracks and slots, and what it does with whatever it is given.
//!
//! A packet's journey begins here: which protocol, whose leg, then `ingress` and `egress`. A room lives
//! on one worker, which owns everything by `&mut`; there is no lock and no sharing.

mod agenda;
pub(crate) mod allowance;
pub mod ids;
mod names;
pub(crate) mod now;
pub(crate) mod output;
mod random;
mod removal;

use std::collections::HashMap;

use slotmap::SlotMap;
use wire::datagram::{MAX_DATAGRAM_BYTES, Protocol};

use crate::congestion_control::clocked::Clocked;
use crate::control::command::Command;
use crate::control::counters::{Counter, Counters};
use crate::control::event::{Event, LegEstimate};
use crate::egress::fan_out::{Subscribers, fan_out};
use crate::egress::outbox::Outbox;
use crate::ingress::admitting::{admit, register};
use crate::legs::leg::Leg;
use crate::legs::rebinding::SEARCHES_PER_SECOND;
use crate::repair::pages::Pages;
use crate::rtcp::transport_feedback::Riders;
use crate::slots::slot::Slot;
use crate::tracks::key_frames::Need;
use crate::tracks::track::Track;
use crate::worker::agenda::Agenda;
use crate::worker::allowance::Allowance;
use crate::worker::ids::{LegId, LegKey, SlotId, SlotKey, TrackId, TrackKey, Tuple};
use crate::worker::now::Now;
use crate::worker::output::Output;
use crate::worker::random::Random;

/// How a worker is set up.
#[derive(Clone, Copy, Debug)]
pub struct WorkerConfig {
    /// Unix time minus monotonic time, nanoseconds, for the NTP times of reports.
    pub unix_minus_monotonic_ns: i64,
    /// Where first sequence numbers and timestamps come from; unpredictable in production, fixed in tests.
    pub seed: u64,
    /// Size of the outbox: how much a batch may fan out to before it must be sent.
    pub outbox_bytes: usize,
}

/// Everything one thread looks after.
pub struct Worker {
    pub(crate) legs: SlotMap<LegKey, Leg>,
    pub(crate) tracks: SlotMap<TrackKey, Track>,
    pub(crate) slots: SlotMap<SlotKey, Slot>,
    pub(crate) names: Names,
    pub(crate) output: Output,
    pub(crate) random: Random,
    pub(crate) agenda: Agenda,
    pub(crate) pages: Pages,
    pub(crate) report_due_ns: u64,
    /// Which part of the figures is told next.
    pub(crate) report_part: u64,
    pub(crate) still_due_ns: u64,
    pub(crate) still_told_ns: u64,
    pub(crate) clocked: Clocked,
    /// Scratch: what one feedback told.
    pub(crate) samples: Vec<congestion::Sample>,
    /// News of paths that Python will be told.
    pub(crate) estimates: Vec<LegEstimate>,
    pub(crate) estimates_due_ns: u64,
    /// How often media from an unknown address may still be looked for among the legs.
    pub(crate) searches: Allowance,
    unix_minus_monotonic_ns: i64,
}

/// From the names others use to the places things are kept in.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) legs: HashMap<LegId, LegKey>,
    pub(crate) tracks: HashMap<TrackId, TrackKey>,
    pub(crate) slots: HashMap<SlotId, SlotKey>,
    pub(crate) ufrags: HashMap<Vec<u8>, LegKey>,
    pub(crate) paths: HashMap<Tuple, LegKey, foldhash::quality::RandomState>,
    /// Addresses that were asked whether they are a leg's.
    pub(crate) questions: HashMap<Tuple, LegKey>,
}

impl Worker {
    /// A worker with nothing to do.
    #[must_use]
    pub fn new(config: WorkerConfig) -> Self {
        Self {
            legs: SlotMap::with_key(),
            tracks: SlotMap::with_key(),
            slots: SlotMap::with_key(),
            names: Names::default(),
            output: Output {
                outbox: Outbox::new(config.outbox_bytes),
                riders: Riders::default(),
                events: Vec::new(),
                counters: Counters::default(),
            },
            random: Random::new(config.seed),
            agenda: Agenda::default(),
            pages: Pages::default(),
            report_due_ns: 0,
            report_part: 0,
            still_due_ns: 0,
            still_told_ns: 0,
            clocked: Clocked::default(),
            samples: Vec::with_capacity(USUAL_SAMPLES),
            estimates: Vec::new(),
            estimates_due_ns: 0,
            searches: Allowance::new(SEARCHES_PER_SECOND, 0),
            unix_minus_monotonic_ns: config.unix_minus_monotonic_ns,
        }
    }

    /// Handles one datagram that arrived on `tuple` at `arrival_ns`; both times are monotonic.
    pub fn handle_datagram(
        &mut self,
        now_ns: u64,
        arrival_ns: u64,
        tuple: Tuple,
        datagram: &mut [u8],
    ) {
        let now = self.now(now_ns);
        if let Err(reason) = self.route(now, arrival_ns, tuple, datagram) {
            self.output.counters.one(reason);
        }
    }

    /// Obeys a command.
    pub fn handle_command(&mut self, now_ns: u64, command: Command) {
        let now = self.now(now_ns);
        if let Err(reason) = self.obey(now, command) {
            self.output.counters.one(reason);
        }
    }

    /// Does what time asks for; call it every [`TICK_NS`].
    pub fn handle_tick(&mut self, now_ns: u64) {
        let now = self.now(now_ns);
        self.pages.stock();
        self.repair(now);
        self.report(now);
        if self.agenda.is_watch_due(now_ns) {
            self.watch(now);
            self.tell_stillness(now);
            self.count_paths();
        }
    }

    /// What Python should hear.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.output.events)
    }

    /// What was counted.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.output.counters
    }

    /// Registers how long a forwarded packet was on its way through.
    pub fn record_latency(&mut self, arrival_ns: u64, sent_ns: u64) {
        self.output
            .counters
            .record_latency(sent_ns.saturating_sub(arrival_ns));
    }

    pub(crate) fn now(&self, ns: u64) -> Now {
        Now {
            ns,
            unix_minus_monotonic_ns: self.unix_minus_monotonic_ns,
        }
    }

    fn route(
        &mut self,
        now: Now,
        arrival_ns: u64,
        tuple: Tuple,
        datagram: &mut [u8],
    ) -> Result<(), Counter> {
        if datagram.len() > MAX_DATAGRAM_BYTES {
            return Err(Counter::DropOversize);
        }
        let protocol = Protocol::of_untrusted(datagram).ok_or(Counter::DropUnknownProtocol)?;
        if protocol == Protocol::Stun {
            return self.handle_stun(now, tuple, datagram);
        }
        let Some(leg) = self.names.paths.get(&tuple).copied() else {
            return self.handle_unknown(now, arrival_ns, tuple, protocol, datagram);
        };
        match protocol {
            Protocol::Rtp => self.handle_rtp(now, arrival_ns, tuple, leg, datagram),
            Protocol::Rtcp => self.handle_rtcp(now, arrival_ns, tuple, leg, datagram),
            Protocol::Dtls => self.handle_dtls(now, tuple, leg, datagram),
            Protocol::Stun => Ok(()),
        }
    }

    pub(crate) fn handle_rtp(
        &mut self,
        now: Now,
        arrival_ns: u64,
        tuple: Tuple,
        key: LegKey,
        datagram: &mut [u8],
    ) -> Result<(), Counter> {
        let mut leg = self.legs.get_mut(key).ok_or(Counter::DropUnknownSource)?;
        leg.ice.credit(tuple, datagram.len());
        let had_proved = leg.ice.has_proved();
        let admitted = admit(
            leg,
            key,
            &self.tracks,
            tuple,
            arrival_ns,
            datagram,
            &mut self.output,
        );
        if !had_proved {
            self.want_starts_if_proved(now, key);
            leg = self.legs.get_mut(key).ok_or(Counter::DropUnknownSource)?;
        }
        let admitted = admitted?;
        if leg.arrivals.take_sooner() {
            self.agenda.plan(key, leg);
        }
        let track_key = admitted.track();
        let track = self
            .tracks
            .get_mut(track_key)
            .ok_or(Counter::DropUnknownSsrc)?;
        let alive_before = track.alive();
        let packet = register(
            &admitted,
            leg,
            track,
            now,
            arrival_ns,
            datagram,
            &mut self.output,
        )?;
        track.keep(&packet, now.ns, &mut self.pages);
        self.agenda.note(track_key, track);
        if !track.forwarding {
            return Err(Counter::DropNotForwarded);
        }
        let mut subscribers = Subscribers {
            slots: &mut self.slots,
            legs: &mut self.legs,
            clocked: &mut self.clocked,
            output: &mut self.output,
        };
        let awaited = fan_out(&packet, track_key, track, &mut subscribers, now);
        if awaited {
            let need = if packet.alive == alive_before {
                Need::Repair
            } else {
                Need::Start
            };
            self.want_key_frame(track_key, packet.encoding, need, now);
        }
        Ok(())
    }
}

/// How often [`Worker::handle_tick`] wants to be called: the grain of NACKs, feedback and reports.
pub const TICK_NS: u64 = 10_000_000;
/// As much as a feedback can find (`departures`), so that the list does not grow.
const USUAL_SAMPLES: usize = 4_224;
