//! What the driver counts, and how all counts reach Python without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

use forward::counters::{Counter, Counters};

macro_rules! driver_counters {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// What is counted around the packet path.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        #[repr(usize)]
        pub enum DriverCounter { $($(#[doc = $doc])* $variant,)* }

        impl DriverCounter {
            /// All of them, in the order of [`DriverCounts`].
            pub const ALL: &[Self] = &[$(Self::$variant,)*];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

driver_counters! {
    /// Datagrams read, whatever became of them.
    DatagramsReceived = "datagrams_received",
    /// Reads that brought at least one datagram.
    ReceiveBatches = "receive_batches",
    /// Reads that failed otherwise than by finding nothing.
    ReceiveErrors = "receive_errors",
    /// Datagrams the kernel dropped because a receive buffer was full (`SO_RXQ_OVFL`).
    KernelDrops = "kernel_drops",
    /// Messages given to the kernel, each one trip through its UDP stack.
    MessagesSent = "messages_sent",
    /// Those of them that carried several datagrams (`UDP_SEGMENT`).
    GsoMessages = "gso_messages",
    /// Datagrams sent.
    SegmentsSent = "segments_sent",
    /// Messages of several datagrams the kernel refused, sent again one by one.
    GsoFallbacks = "gso_fallbacks",
    /// Datagrams the kernel did not take.
    SendErrors = "send_errors",
    /// Events Python was too slow for; never one about the life of a leg, a track or a slot.
    EventsDropped = "events_dropped",
    /// Packets read from TCP connections, whatever became of them.
    TcpFramesReceived = "tcp_frames_received",
    /// Packets that left by TCP connections, or wait for their turn to.
    TcpFramesSent = "tcp_frames_sent",
    /// TCP connections that a check has proven, just now; like the next one it also falls.
    TcpProven = "tcp_connections_proven",
    /// TCP connections that nothing has proven yet, just now.
    TcpUnproven = "tcp_connections_unproven",
    /// TCP connections that came in.
    TcpAccepted = "tcp_accepted",
    /// TCP connections beyond those there may be in all.
    TcpRefusedFull = "tcp_refused_full",
    /// TCP connections beyond those that one place may have without having proven anything.
    TcpRefusedPlace = "tcp_refused_place",
    /// TCP connections beyond what the machine has, of descriptors and of memory.
    TcpRefusedMachine = "tcp_refused_machine",
    /// TCP connections that their far end has closed.
    TcpClosedByPeer = "tcp_closed_by_peer",
    /// TCP connections that broke.
    TcpClosedBroken = "tcp_closed_broken",
    /// TCP connections closed because of a length that no frame has.
    TcpClosedFraming = "tcp_closed_framing",
    /// TCP connections closed because no check proved them in time.
    TcpClosedUnproven = "tcp_closed_unproven",
    /// TCP connections closed because others came: the oldest unproven, or the one that was silent longest.
    TcpClosedCrowded = "tcp_closed_crowded",
    /// TCP connections closed because they said too much before a check had proven them.
    TcpClosedChatter = "tcp_closed_chatter",
    /// TCP connections closed because nothing came for long.
    TcpClosedIdle = "tcp_closed_idle",
    /// TCP connections closed because their leg is gone, or has enough other paths.
    TcpClosedUnknown = "tcp_closed_unknown",
    /// Packets of pictures for which a TCP connection had no room, because its far end reads slowly.
    DropTcpVideo = "drop_tcp_video",
    /// Other packets for which a TCP connection had no room.
    DropTcpFull = "drop_tcp_full",
    /// Packets that waited for a TCP connection until they were of no use any more.
    DropTcpOld = "drop_tcp_old",
    /// Packets for a TCP connection that is over.
    DropTcpGone = "drop_tcp_gone",
    /// Datagrams that made the packet path panic: each cost the leg it came from.
    DatagramPanics = "datagram_panics",
    /// Panics that cost a worker all its legs.
    WorkerPanics = "worker_panics",
}

/// The driver's own counts.
#[derive(Clone)]
pub struct DriverCounts {
    values: [u64; DriverCounter::COUNT],
}

impl Default for DriverCounts {
    fn default() -> Self {
        Self {
            values: [0; DriverCounter::COUNT],
        }
    }
}

impl DriverCounts {
    /// Counts one.
    pub fn one(&mut self, counter: DriverCounter) {
        self.add(counter, 1);
    }

    /// Counts several.
    pub fn add(&mut self, counter: DriverCounter, amount: u64) {
        if let Some(value) = self.values.get_mut(counter as usize) {
            *value += amount;
        }
    }

    /// Says how much there is of something that comes and goes.
    pub fn set(&mut self, counter: DriverCounter, amount: u64) {
        if let Some(value) = self.values.get_mut(counter as usize) {
            *value = amount;
        }
    }

    /// The count so far.
    #[must_use]
    pub fn get(&self, counter: DriverCounter) -> u64 {
        self.values.get(counter as usize).copied().unwrap_or(0)
    }
}

/// Every counter's name: the packet path's, then the driver's.
pub fn names() -> impl Iterator<Item = &'static str> {
    let forward = Counter::ALL.iter().map(|counter| counter.name());
    forward.chain(DriverCounter::ALL.iter().map(|counter| counter.name()))
}

/// One worker's figures as others may read them, at most one tick old.
///
/// Relaxed throughout: each number stands for itself.
pub struct SharedFigures {
    counts: Box<[AtomicU64]>,
    heartbeat_ns: AtomicU64,
}

impl SharedFigures {
    /// All zero.
    #[must_use]
    pub fn new() -> Self {
        let counts = (0..Counter::COUNT + DriverCounter::COUNT)
            .map(|_| AtomicU64::new(0))
            .collect();
        Self {
            counts,
            heartbeat_ns: AtomicU64::new(0),
        }
    }

    /// Copies a worker's counts; `retired` is what its predecessors counted before they panicked.
    pub fn publish(&self, retired: &Counters, forward: &Counters, driver: &DriverCounts) {
        let forward = retired
            .values
            .iter()
            .zip(&forward.values)
            .map(|(retired, living)| retired + living);
        for (shared, value) in self.counts.iter().zip(forward.chain(driver.values)) {
            shared.store(value, Ordering::Relaxed);
        }
    }

    /// Adds this worker's counts to `sums`, in the order of [`names`].
    pub fn add_to(&self, sums: &mut [u64]) {
        for (sum, shared) in sums.iter_mut().zip(&self.counts) {
            *sum += shared.load(Ordering::Relaxed);
        }
    }

    /// Says that the worker's loop turned.
    pub fn beat(&self, now_ns: u64) {
        self.heartbeat_ns.store(now_ns, Ordering::Relaxed);
    }

    /// When the worker's loop last turned, monotonic.
    #[must_use]
    pub fn heartbeat_ns(&self) -> u64 {
        self.heartbeat_ns.load(Ordering::Relaxed)
    }
}

impl Default for SharedFigures {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_counter_has_a_name_of_its_own() {
        let all: Vec<_> = names().collect();
        assert_eq!(all.len(), Counter::COUNT + DriverCounter::COUNT);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }

    #[test]
    fn what_a_failed_worker_counted_is_not_forgotten() {
        let (mut retired, mut living, mut driver) = (
            Counters::default(),
            Counters::default(),
            DriverCounts::default(),
        );
        retired.add(Counter::StunAnswered, 3);
        living.add(Counter::StunAnswered, 4);
        driver.one(DriverCounter::WorkerPanics);
        let figures = SharedFigures::new();
        figures.publish(&retired, &living, &driver);

        let mut sums = vec![0; names().count()];
        figures.add_to(&mut sums);
        let named: Vec<_> = names().zip(sums).filter(|(_, value)| *value > 0).collect();
        assert_eq!(named, [("stun_answered", 7), ("worker_panics", 1)]);
    }
}
