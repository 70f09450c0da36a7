//! One direction of a link, as a computation: packets in, packets out, each at its time.
//!
//! `loss → rate server with a drop-tail queue → delay and jitter → out`. Times are nanoseconds of a clock that the caller
//! reads; they may be handed over late, and what happened meanwhile still has the time at which it should have happened.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use super::delay::Delay;
use super::loss::{Loss, LossModel};
use super::server::{Capacity, Server};
use super::setting::{QueueLimit, Setting};
use super::tally::{Copies, Verdict};
use crate::traffic::random::Random;

/// One direction; `T` is what the caller knows a packet by.
pub struct Link<T> {
    random: Random,
    now_ns: u64,
    loss: Loss,
    blackout: bool,
    duplicated: f64,
    server: Server,
    /// The first one is being served.
    queue: VecDeque<Waiting<T>>,
    queued_bytes: u64,
    limit: QueueLimit,
    /// In the long run, for limits in time; a link that stands still keeps the one that it had.
    mean_bps: Option<u64>,
    delay: Delay,
    flying: BinaryHeap<Flying<T>>,
    flown: u64,
    dropped: VecDeque<Departure<T>>,
    copies: Copies,
}

/// A packet that is dealt with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Departure<T> {
    /// What became of it.
    pub verdict: Verdict,
    /// When it came.
    pub came_ns: u64,
    /// When it leaves the link, or was dropped.
    pub due_ns: u64,
    /// From when it came until its last bit left the queue.
    pub queued_ns: u64,
    /// Of IP.
    pub bytes: usize,
    /// Whether the link made it.
    pub is_copy: bool,
    /// The caller's.
    pub payload: T,
}

struct Waiting<T> {
    came_ns: u64,
    bytes: usize,
    is_copy: bool,
    payload: T,
}

struct Flying<T> {
    number: u64,
    departure: Departure<T>,
}

impl<T: Clone> Link<T> {
    /// A link that does nothing to packets yet. The same seed, settings and packets have the same end.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            now_ns: 0,
            loss: Loss::new(LossModel::Even(0.0)),
            blackout: false,
            duplicated: 0.0,
            server: Server::default(),
            queue: VecDeque::new(),
            queued_bytes: 0,
            limit: QueueLimit::Ns(USUAL_QUEUE_NS),
            mean_bps: None,
            delay: Delay::default(),
            flying: BinaryHeap::new(),
            flown: 0,
            dropped: VecDeque::new(),
            copies: Copies::default(),
        }
    }

    /// Changes a figure from `at_ns` on. Packets that wait go on at a new rate; what is on its way stays on it.
    pub fn set(&mut self, at_ns: u64, setting: Setting) {
        self.advance(at_ns);
        match setting {
            Setting::Capacity(capacity) => self.change(capacity),
            Setting::Queue(limit) => self.limit = limit,
            Setting::DelayNs(constant_ns) => self.delay.constant_ns = constant_ns,
            Setting::Jitter(jitter) => self.delay.jitter = jitter,
            Setting::Reorders(reorders) => self.delay.reorders = reorders,
            Setting::Loss(model) => self.loss = Loss::new(model),
            Setting::Duplicated(share) => self.duplicated = share,
            Setting::Blackout(blackout) => self.blackout = blackout,
        }
    }

    /// A packet comes in.
    pub fn admit(&mut self, at_ns: u64, bytes: usize, payload: T) {
        self.advance(at_ns);
        let waiting = Waiting {
            came_ns: self.now_ns,
            bytes,
            is_copy: false,
            payload,
        };
        if self.blackout {
            return self.discard(Verdict::Blackout, waiting);
        }
        if self.loss.takes(&mut self.random) {
            return self.discard(Verdict::Lost, waiting);
        }
        let copy = (self.random.unit() < self.duplicated).then(|| Waiting {
            is_copy: true,
            payload: waiting.payload.clone(),
            ..waiting
        });
        self.enqueue(waiting);
        if let Some(copy) = copy {
            self.copies.packets += 1;
            self.copies.bytes += copy.bytes as u64;
            self.enqueue(copy);
        }
    }

    /// The next packet that is dealt with by now; those dropped come first, and leave at once.
    pub fn poll(&mut self, now_ns: u64) -> Option<Departure<T>> {
        self.advance(now_ns);
        if let Some(dropped) = self.dropped.pop_front() {
            return Some(dropped);
        }
        let next_ns = self.flying.peek()?.departure.due_ns;
        if next_ns > now_ns {
            return None;
        }
        self.flying.pop().map(|flying| flying.departure)
    }

    /// When [`Link::poll`] is worth a call; `None`: not before another packet or setting.
    #[must_use]
    pub fn next_timeout(&self) -> Option<u64> {
        if !self.dropped.is_empty() {
            return Some(self.now_ns);
        }
        let due_ns = self.flying.peek().map(|flying| flying.departure.due_ns);
        // A packet's delay is drawn when it leaves the queue.
        [due_ns, self.server.done_ns()].into_iter().flatten().min()
    }

    /// What it made itself until now.
    #[must_use]
    pub const fn copies(&self) -> Copies {
        self.copies
    }

    /// How many packets are on their way.
    #[must_use]
    pub fn held(&self) -> usize {
        self.queue.len() + self.flying.len()
    }

    /// How many bytes are on their way.
    #[must_use]
    pub fn held_bytes(&self) -> u64 {
        let flying = self.flying.iter();
        self.queued_bytes + flying.map(|each| each.departure.bytes as u64).sum::<u64>()
    }

    fn change(&mut self, capacity: Capacity) {
        match capacity.mean_bps() {
            Some(0) => {}
            mean_bps => self.mean_bps = mean_bps,
        }
        self.server.change(self.now_ns, capacity);
        self.advance(self.now_ns);
    }

    fn enqueue(&mut self, waiting: Waiting<T>) {
        let after = self.queued_bytes + waiting.bytes as u64;
        if !self.queue.is_empty() && after > self.limit_bytes() {
            return self.discard(Verdict::QueueFull, waiting);
        }
        if self.held() >= HELD_AT_MOST {
            return self.discard(Verdict::Overflow, waiting);
        }
        if !self.server.is_busy() {
            self.server.begin(self.now_ns, waiting.bytes);
        }
        self.queued_bytes = after;
        self.queue.push_back(waiting);
        // Without a limit it is through at once, and its copy finds no queue.
        self.advance(self.now_ns);
    }

    fn limit_bytes(&self) -> u64 {
        match (self.limit, self.mean_bps) {
            (QueueLimit::Bytes(bytes), _) => bytes,
            (QueueLimit::Ns(_), None) => u64::MAX,
            (QueueLimit::Ns(limit_ns), Some(mean_bps)) => {
                let work = u128::from(limit_ns) * u128::from(mean_bps);
                (work / 8_000_000_000) as u64
            }
        }
    }

    fn discard(&mut self, verdict: Verdict, waiting: Waiting<T>) {
        self.dropped.push_back(Departure {
            verdict,
            came_ns: waiting.came_ns,
            due_ns: self.now_ns,
            queued_ns: 0,
            bytes: waiting.bytes,
            is_copy: waiting.is_copy,
            payload: waiting.payload,
        });
    }

    /// Lets happen what should have happened by now, each at its own time.
    fn advance(&mut self, now_ns: u64) {
        self.now_ns = self.now_ns.max(now_ns);
        while let Some(done_ns) = self.server.done_ns().filter(|at| *at <= self.now_ns) {
            self.server.finish();
            let Some(served) = self.queue.pop_front() else {
                return;
            };
            self.queued_bytes -= served.bytes as u64;
            self.fly(done_ns, served);
            if let Some(next) = self.queue.front() {
                self.server.begin(done_ns, next.bytes);
            }
        }
    }

    fn fly(&mut self, left_ns: u64, served: Waiting<T>) {
        self.flown += 1;
        self.flying.push(Flying {
            number: self.flown,
            departure: Departure {
                verdict: Verdict::Delivered,
                came_ns: served.came_ns,
                due_ns: self.delay.due_ns(left_ns, &mut self.random),
                queued_ns: left_ns - served.came_ns,
                bytes: served.bytes,
                is_copy: served.is_copy,
                payload: served.payload,
            },
        });
    }
}

impl<T> Flying<T> {
    const fn order(&self) -> (u64, u64) {
        (self.departure.due_ns, self.number)
    }
}

/// The greatest of the heap is the next one due.
impl<T> Ord for Flying<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.order().cmp(&self.order())
    }
}

impl<T> PartialOrd for Flying<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Flying<T> {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl<T> Eq for Flying<T> {}

/// What RFC 8867's test cases have.
const USUAL_QUEUE_NS: u64 = 300_000_000;
/// 400 MB of memory; in full packets, eight seconds of 300 Mbit/s.
const HELD_AT_MOST: usize = 200_000;

#[cfg(test)]
mod tests;
