//! What a worker thread drives, seen from the thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use forward::Tuple;
use forward::command::Command;
use forward::counters::Counters;
use forward::event::Event;
use forward::outbox::Outbox;
use forward::worker::Worker;

use crate::counters::{DriverCounter, DriverCounts};

/// What a worker drives: `forward::worker::Worker`, or a test's own.
pub trait PacketPath {
    /// Takes in one datagram, changing it in place.
    fn handle_datagram(&mut self, now_ns: u64, arrival_ns: u64, tuple: Tuple, datagram: &mut [u8]);
    /// Whether a path belongs to a leg: a check that came by it has authenticated.
    fn knows(&self, tuple: Tuple) -> bool;
    /// Forgets a path, a connection that is over.
    fn handle_closed(&mut self, tuple: Tuple);
    /// Gives up the leg that a datagram which made the path panic came from.
    fn expel(&mut self, tuple: Tuple);
    /// Does what Python asks.
    fn handle_command(&mut self, now_ns: u64, command: Command);
    /// Does what is due.
    fn handle_tick(&mut self, now_ns: u64);
    /// Whether something leaves by the clock, a millisecond apart.
    fn is_pacing(&self) -> bool;
    /// Goes on with it.
    fn handle_pace(&mut self, now_ns: u64);
    /// Whether what should leave must be sent before more is handed in.
    fn must_send(&self) -> bool;
    /// What should leave, in runs.
    fn outbox(&mut self) -> &mut Outbox;
    /// What Python should know.
    fn take_events(&mut self) -> Vec<Event>;
    /// What was counted.
    fn counters(&self) -> &Counters;
    /// Takes note that a packet that arrived then was sent on now.
    fn record_latency(&mut self, arrival_ns: u64, sent_ns: u64);
}

impl PacketPath for Worker {
    fn handle_datagram(&mut self, now_ns: u64, arrival_ns: u64, tuple: Tuple, datagram: &mut [u8]) {
        Worker::handle_datagram(self, now_ns, arrival_ns, tuple, datagram);
    }

    fn knows(&self, tuple: Tuple) -> bool {
        Worker::knows(self, tuple)
    }

    fn handle_closed(&mut self, tuple: Tuple) {
        Worker::handle_closed(self, tuple);
    }

    fn expel(&mut self, tuple: Tuple) {
        Worker::expel(self, tuple);
    }

    fn handle_command(&mut self, now_ns: u64, command: Command) {
        Worker::handle_command(self, now_ns, command);
    }

    fn handle_tick(&mut self, now_ns: u64) {
        Worker::handle_tick(self, now_ns);
    }

    fn is_pacing(&self) -> bool {
        Worker::is_pacing(self)
    }

    fn handle_pace(&mut self, now_ns: u64) {
        Worker::handle_pace(self, now_ns);
    }

    fn must_send(&self) -> bool {
        Worker::must_send(self)
    }

    fn outbox(&mut self) -> &mut Outbox {
        Worker::outbox(self)
    }

    fn take_events(&mut self) -> Vec<Event> {
        Worker::take_events(self)
    }

    fn counters(&self) -> &Counters {
        Worker::counters(self)
    }

    fn record_latency(&mut self, arrival_ns: u64, sent_ns: u64) {
        Worker::record_latency(self, arrival_ns, sent_ns);
    }
}

/// Hands a packet in, whichever way it came. Everything a participant sends passes here.
///
/// A bug that one participant's packet finds costs that participant; only if giving it up fails too is the whole path
/// replaced (`worker_thread`).
pub fn hand_in(
    path: &mut impl PacketPath,
    now_ns: u64,
    arrival_ns: u64,
    tuple: Tuple,
    packet: &mut [u8],
    counts: &mut DriverCounts,
) {
    let handled = catch_unwind(AssertUnwindSafe(|| {
        path.handle_datagram(now_ns, arrival_ns, tuple, packet);
    }));
    if handled.is_err() {
        counts.one(DriverCounter::DatagramPanics);
        path.expel(tuple);
    }
}
