//! One worker: its loop, and what a turn of it does.
//!
//! The loop owns its sockets, its memory and its part of the packet path by `&mut`; it takes no lock a
//! packet would wait for and never Python's. What it does in a turn reads top to bottom in `turn`: packets come in by
//! UDP in `receive`, by TCP in `streams`, and leave by either in `send`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread;
use std::time::Duration;

use forward::Tuple;
use forward::command::Command;
use forward::counters::Counters;
use forward::worker::TICK_NS;

use crate::counters::{DriverCounter, DriverCounts, SharedFigures};
use crate::event_queue::{EventSender, News};
use crate::eventfd::EventFd;
use crate::gathering::Gathering;
use crate::packet_path::{PacketPath, hand_in};
use crate::readiness::Readiness;
use crate::sockets::WorkerSocket;
use crate::sockets::receive::Reader;
use crate::sockets::streams::{Streams, frames::Frames};
use crate::sockets::transmit::Writer;
use crate::system;

mod streams;

/// What a worker thread is given.
pub struct WorkerThread<P> {
    /// Makes an empty packet path, at the start and after each panic.
    pub new_path: Box<dyn Fn() -> P + Send>,
    /// Its sockets, in the order of `Tuple::socket`.
    pub sockets: Vec<WorkerSocket>,
    /// Its TCP connections.
    pub streams: Streams,
    /// What Python asks; the worker ends when the other end is gone.
    pub commands: Receiver<Command>,
    /// Readable when there are commands, or their other end is gone.
    pub wake: Arc<EventFd>,
    /// Where events go.
    pub events: EventSender,
    /// Where figures go.
    pub figures: Arc<SharedFigures>,
    /// How long a batch may gather after a wake-up, at most.
    pub gather: Duration,
}

impl<P: PacketPath> WorkerThread<P> {
    /// Works until nobody can send commands any more.
    pub fn run(self) {
        // Only delay is at stake: where the kernel will not, packets wait for others' turns as before.
        let _ = system::ask_for_short_turns(SHORT_TURN);
        let mut worker = Running::new(self);
        loop {
            match catch_unwind(AssertUnwindSafe(|| worker.turn())) {
                Ok(Turn::Again) => {}
                Ok(Turn::Last) => return worker.publish(),
                // The sockets, queues and buffers hold no half-made state between two of their calls; the
                // packet path might, so it is replaced. Its legs are gone, and Python is told.
                Err(_) => worker.start_over(),
            }
        }
    }
}

enum Turn {
    Again,
    Last,
}

struct Running<P> {
    own: WorkerThread<P>,
    path: P,
    readiness: Readiness,
    reader: Reader,
    frames: Frames,
    writer: Writer,
    counts: DriverCounts,
    /// What packet paths that panicked had counted.
    retired: Counters,
    next_tick_ns: u64,
    gathering: Gathering,
    /// How many commands this turn may still obey.
    commands_left: usize,
    /// Whether the last turn left work behind: then there is no waiting and no gathering.
    is_behind: bool,
}

impl<P: PacketPath> Running<P> {
    fn new(own: WorkerThread<P>) -> Self {
        Self {
            path: (own.new_path)(),
            readiness: Readiness::new(&own.wake, &own.sockets, &own.streams),
            reader: Reader::default(),
            frames: Frames::default(),
            writer: Writer::default(),
            counts: DriverCounts::default(),
            retired: Counters::default(),
            next_tick_ns: system::monotonic_ns(),
            gathering: Gathering::new(own.gather, system::monotonic_ns()),
            commands_left: 0,
            is_behind: false,
            own,
        }
    }

    fn turn(&mut self) -> Turn {
        self.wait();
        self.is_behind = false;
        self.commands_left = COMMANDS_PER_TURN;
        if self.readiness.has_commands() {
            // Quiet first: what is queued from here on signals again.
            self.own.wake.reset();
        }
        let turn = self.obey();
        for index in 0..self.own.sockets.len() {
            if self.readiness.is_readable(index) {
                self.receive(index);
            }
        }
        if self.readiness.has_streams() {
            self.receive_streams();
        }
        let now_ns = system::monotonic_ns();
        if now_ns >= self.next_tick_ns {
            self.tick(now_ns);
        }
        if self.path.is_pacing() {
            self.path.handle_pace(now_ns);
            self.send();
        }
        self.tell();
        self.own.figures.beat(now_ns);
        turn
    }

    /// Sleeps until there is something to do, then a little longer so that a batch gathers: each trip of a
    /// thread through the scheduler costs more than a packet does (reference: relaying floor, lesson 2).
    fn wait(&mut self) {
        if self.is_behind {
            self.readiness.wait(Duration::ZERO);
            return;
        }
        let asleep_ns = system::monotonic_ns();
        let until_tick_ns = self.next_tick_ns.saturating_sub(asleep_ns);
        let until_due_ns = if self.path.is_pacing() {
            until_tick_ns.min(PACE_STEP_NS)
        } else {
            until_tick_ns
        };
        self.readiness.wait(Duration::from_nanos(until_due_ns));
        let window = self.gathering.window();
        if self.readiness.is_any_readable() && !window.is_zero() {
            thread::sleep(window);
            // Sockets that became readable meanwhile have waited too.
            self.readiness.wait(Duration::ZERO);
        }
        self.gathering
            .slept(system::monotonic_ns().saturating_sub(asleep_ns));
    }

    fn receive(&mut self, index: usize) {
        let Some(socket) = self.own.sockets.get_mut(index) else {
            return;
        };
        let Some(batch) = self.reader.read(socket, &mut self.counts) else {
            return;
        };
        // What was asked before the batch was read is done before it is: a leg is known before the first packet
        // that its answer invited, unless more commands wait than a turn obeys. That this is the last turn, the
        // next one finds out.
        let _ = self.obey();
        let now_ns = batch.clock.now_ns();
        for position in 0..batch.len {
            let Some(socket) = self.own.sockets.get_mut(index) else {
                return;
            };
            if let Some(arrival) = self
                .reader
                .arrival(batch, position, socket, &mut self.counts)
            {
                let tuple = Tuple {
                    socket: index as u8,
                    remote: arrival.remote,
                };
                hand_in(
                    &mut self.path,
                    now_ns,
                    arrival.arrival_ns,
                    tuple,
                    arrival.bytes,
                    &mut self.counts,
                );
                if self.path.must_send() {
                    self.send();
                }
            }
        }
        self.is_behind |= batch.is_full();
        self.send();
    }

    fn obey(&mut self) -> Turn {
        let now_ns = system::monotonic_ns();
        while self.commands_left > 0 {
            match self.own.commands.try_recv() {
                Ok(command) => {
                    self.commands_left -= 1;
                    self.path.handle_command(now_ns, command);
                }
                Err(TryRecvError::Empty) => {
                    self.send();
                    return Turn::Again;
                }
                Err(TryRecvError::Disconnected) => {
                    self.send();
                    return Turn::Last;
                }
            }
            if self.path.must_send() {
                self.send();
            }
        }
        self.send();
        self.is_behind = true;
        Turn::Again
    }

    fn tick(&mut self, now_ns: u64) {
        self.gathering.measure(now_ns);
        self.path.handle_tick(now_ns);
        self.sweep_streams(now_ns);
        self.send();
        self.publish();
        // After a stall the missed ticks are not made up for: a tick does what is due, however late.
        self.next_tick_ns = (self.next_tick_ns + TICK_NS).max(now_ns);
    }

    fn send(&mut self) {
        let outbox = self.path.outbox();
        if outbox.spans().is_empty() {
            return;
        }
        let forwarded = self
            .writer
            .send(&mut self.own.sockets, outbox, &mut self.counts);
        let sent_ns = system::monotonic_ns();
        let by_tcp = self.own.streams.send(outbox, sent_ns, &mut self.counts);
        outbox.clear();
        for arrival_ns in forwarded.iter().chain(by_tcp) {
            self.path.record_latency(*arrival_ns, sent_ns);
        }
    }

    fn tell(&mut self) {
        for event in self.path.take_events() {
            if !self.own.events.send(News::Event(event)) {
                self.counts.one(DriverCounter::EventsDropped);
            }
        }
        self.own.events.flush();
    }

    fn publish(&self) {
        self.own
            .figures
            .publish(&self.retired, self.path.counters(), &self.counts);
    }

    fn start_over(&mut self) {
        self.retired.inherit(self.path.counters());
        self.path = (self.own.new_path)();
        self.counts.one(DriverCounter::WorkerPanics);
        // The turn that panicked may have taken the wake-up for commands that still wait.
        self.own.wake.signal();
        self.own.events.send(News::Failed);
        self.own.events.flush();
        self.publish();
    }
}

/// The shortest the kernel knows.
const SHORT_TURN: Duration = Duration::from_micros(100);
/// How often what waits for a path, or makes up a burst, is looked at.
const PACE_STEP_NS: u64 = 1_000_000;
/// A join is about twenty commands: a dozen of them in one turn, however many sockets it reads, then packets again.
const COMMANDS_PER_TURN: usize = 256;
