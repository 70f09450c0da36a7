//! The thread of signalling: it brings everybody as far as their SRTP keys, and keeps their `WebSockets`.
//!
//! It yields to the thread of media, with which it shares a core, and hands over each leg with its socket when its
//! keys are there. Called by `load::run`.

mod alarms;
mod attendance;
mod leg;
mod stepping;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver as Orders, Sender as News, TryRecvError};
use std::time::Duration;

use super::joins::{Mark, PATIENCE_NS};
use super::legs::Ready;
use crate::dtls::Client;
use crate::kernel::epoll::Epoll;
use crate::kernel::receive::Receiver;
use crate::kernel::{clock, thread};
use crate::participant::burst::Burst;
use crate::participant::following::Ask;
use crate::signalling::websocket::{Channel, Endpoint};
use crate::signalling::{Failure, HEARTBEAT_NS, Kind, Person};
use alarms::{Alarm, Alarms};
use attendance::Attendance;

/// What the thread is told.
pub enum Order {
    /// Somebody comes, and perhaps leaves.
    Attend {
        /// Their number.
        number: usize,
        /// Who they are.
        person: Box<Person>,
        /// When they come, monotonic.
        join_at_ns: u64,
        /// When they leave, monotonic.
        leave_at_ns: Option<u64>,
    },
}

/// What the thread tells.
pub enum Report {
    /// A join reached a point.
    Reached {
        /// Whose.
        number: usize,
        /// Which.
        mark: Mark,
        /// When, monotonic.
        at_ns: u64,
    },
    /// A leg is connected.
    Connected {
        /// Whose.
        number: usize,
        /// Which.
        ready: Ready,
        /// When, monotonic.
        at_ns: u64,
    },
    /// A join, or what followed it, has failed.
    Failed {
        /// Whose.
        number: usize,
        /// Why.
        failure: Failure,
    },
    /// Somebody is asked to send other encodings.
    Asked {
        /// Who.
        number: usize,
        /// Which.
        asks: Vec<Ask>,
    },
    /// Somebody leaves, as they were told.
    Left {
        /// Who.
        number: usize,
    },
}

/// The thread's own.
pub struct Joining {
    kind: Kind,
    endpoint: Endpoint,
    client: Arc<Client>,
    epoll: Epoll,
    receiver: Receiver,
    burst: Burst,
    alarms: Alarms,
    coming: HashMap<usize, Box<Person>>,
    there: HashMap<usize, Attendance>,
    news: News<Report>,
}

impl Joining {
    /// Nobody yet.
    ///
    /// # Errors
    /// A sentence: the kernel has no descriptor left.
    pub fn new(
        kind: Kind,
        endpoint: Endpoint,
        client: Arc<Client>,
        news: News<Report>,
    ) -> Result<Self, String> {
        Ok(Self {
            kind,
            endpoint,
            client,
            epoll: Epoll::new().map_err(|error| format!("epoll: {error}"))?,
            receiver: Receiver::new(RECEIVE_BATCH, false),
            burst: Burst::new(false),
            alarms: Alarms::default(),
            coming: HashMap::new(),
            there: HashMap::new(),
            news,
        })
    }

    /// Works until nobody gives orders any more; tells its processor time in `cpu_ns`.
    ///
    /// # Errors
    /// A sentence: the kernel failed.
    pub fn run(mut self, orders: &Orders<Order>, cpu_ns: &AtomicU64) -> Result<(), String> {
        let trouble = |error| format!("the thread of signalling failed: {error}");
        thread::let_others_go_first().map_err(trouble)?;
        let mut ready = Vec::new();
        loop {
            loop {
                match orders.try_recv() {
                    Ok(order) => self.take(order),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return Ok(()),
                }
            }
            while let Some((number, alarm)) = self.alarms.next_due(clock::monotonic_ns()) {
                self.handle_alarm(number, alarm);
            }
            cpu_ns.store(clock::thread_cpu_ns(), Ordering::Relaxed);
            let now_ns = clock::monotonic_ns();
            let next_ns = self
                .alarms
                .next_ns()
                .map(|at_ns| at_ns.saturating_sub(now_ns));
            let wait_ns = next_ns.unwrap_or(ORDERS_NS).min(ORDERS_NS);
            ready.clear();
            ready.extend(
                self.epoll
                    .wait(Duration::from_nanos(wait_ns))
                    .map_err(trouble)?,
            );
            for number in &ready {
                self.handle_ready(number / PLACES_EACH, number % PLACES_EACH);
            }
        }
    }

    fn take(&mut self, order: Order) {
        let Order::Attend {
            number,
            person,
            join_at_ns,
            leave_at_ns,
        } = order;
        self.coming.insert(number, person);
        self.alarms.set(join_at_ns, number, Alarm::Begin);
        if let Some(leave_at_ns) = leave_at_ns {
            self.alarms.set(leave_at_ns, number, Alarm::Leave);
        }
    }

    fn handle_alarm(&mut self, number: usize, alarm: Alarm) {
        let now_ns = clock::monotonic_ns();
        if alarm == Alarm::Begin {
            self.begin(number, now_ns);
            return;
        }
        let Some(one) = self.there.get_mut(&number) else {
            return;
        };
        let mut steps = Vec::new();
        match alarm {
            Alarm::Begin => {}
            Alarm::Overdue => {
                if let Some(failure) = one.overdue() {
                    self.fail(number, failure);
                }
                return;
            }
            Alarm::Heartbeat => {
                one.adapter.handle_heartbeat(&mut steps);
                self.alarms
                    .set(now_ns + HEARTBEAT_NS, number, Alarm::Heartbeat);
            }
            Alarm::Leave => {
                one.leaving = true;
                one.adapter.leave(&mut steps);
                self.tell(Report::Left { number });
            }
            Alarm::Again(leg) => {
                let Some(Some(coming)) = one.legs.get_mut(leg) else {
                    return;
                };
                let result = coming.handle_time(&mut self.burst);
                self.alarms
                    .set(now_ns + AGAIN_NS, number, Alarm::Again(leg));
                self.handle_advance(number, leg, result);
                return;
            }
        }
        self.perform(number, steps);
    }

    fn begin(&mut self, number: usize, now_ns: u64) {
        let Some(person) = self.coming.remove(&number) else {
            return;
        };
        let adapter = self.kind.adapter(*person);
        let epoll = &self.epoll;
        let watch = |stream: &_| epoll.add_both_ways(stream, number * PLACES_EACH);
        let began = Channel::begin(&self.endpoint, adapter.subprotocol(), watch);
        self.reach(number, Mark::Began, now_ns);
        match began {
            Ok(channel) => {
                let attendance = Attendance {
                    adapter,
                    channel,
                    legs: Vec::new(),
                    reached: Mark::Began,
                    leaving: false,
                };
                self.there.insert(number, attendance);
                self.alarms
                    .set(now_ns + PATIENCE_NS, number, Alarm::Overdue);
            }
            Err(_) => self.tell(Report::Failed {
                number,
                failure: Failure::new("no_socket"),
            }),
        }
    }
}

/// A WebSocket and up to seven legs.
const PLACES_EACH: usize = 8;
const RECEIVE_BATCH: usize = 32;
/// Orders come at the beginning of a stage, for later.
const ORDERS_NS: u64 = 5_000_000;
/// libwebrtc sends the first checks of a pair every 48 ms or more, and none here is lost for long.
const AGAIN_NS: u64 = 100_000_000;
