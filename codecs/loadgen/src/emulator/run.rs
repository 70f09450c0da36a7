//! The program `emulator`: two devices, two directions, one thread that waits for whichever is next.

use std::io::{self, BufRead};
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;

use super::change::{Change, ChangeSetup, Direction};
use super::journal::Journal;
use super::link::{Departure, Link};
use super::orders::{Order, Orders};
use super::outcome::{DirectionOutcome, EmulatorOutcome, EndedBy};
use super::packets::{Packet, Pool};
use super::record::Record;
use super::schedule::Schedule;
use super::setting::Setting;
use super::setup::{Plan, Side};
use super::tally::{Tally, Verdict};
use crate::distribution::Distribution;
use crate::kernel::epoll::Epoll;
use crate::kernel::signals::EndSignals;
use crate::kernel::tun::Tun;
use crate::kernel::{clock, namespace, thread};

/// Makes the link that the input's first line asks for, obeys the lines behind it, and ends with it, in its time, or when it is
/// asked to.
///
/// # Errors
/// A sentence that says what could not be had.
pub fn serve(mut input: impl BufRead + Send + 'static) -> Result<EmulatorOutcome, String> {
    let mut line = String::new();
    input
        .read_line(&mut line)
        .map_err(|error| format!("standard input could not be read: {error}"))?;
    let plan = Plan::parse(&line)?;
    let signals =
        EndSignals::catch().map_err(|error| format!("signals cannot be caught: {error}"))?;
    if let Some(core) = plan.core {
        thread::pin_to_core(core)
            .map_err(|error| format!("core {core} is not ours to use: {error}"))?;
    }
    thread::wake_promptly().map_err(|error| format!("timers are not exact: {error}"))?;
    let (client, server) = (device(&plan.client)?, device(&plan.server)?);
    let began_ns = clock::monotonic_ns();
    let journal = Journal::open(plan.log_path.as_deref(), began_ns)
        .map_err(|error| format!("the log cannot be written: {error}"))?;
    let failed = |error: io::Error| format!("the link failed: {error}");
    let orders = Orders::listen(input).map_err(failed)?;
    let mut emulator = Emulator {
        began_ns,
        end_ns: plan.duration_ns.unwrap_or(u64::MAX),
        busy_wait_ns: plan.busy_wait_ns,
        ways: [
            Way::new(Direction::Down, plan.seed, plan.down, &server, &client),
            Way::new(Direction::Up, !plan.seed, plan.up, &client, &server),
        ],
        schedule: Schedule::default(),
        orders,
        journal,
        pool: Pool::default(),
        late: Distribution::default(),
        changes: Vec::new(),
    };
    emulator.schedule.add(0, plan.schedule);
    emulator
        .journal
        .say(json!({ "ready": { "began_monotonic_ns": began_ns } }));
    let ended_by = emulator.run(&signals).map_err(failed)?;
    emulator.conclude(ended_by)
}

struct Emulator {
    began_ns: u64,
    end_ns: u64,
    busy_wait_ns: u64,
    /// Down, then up.
    ways: [Way; 2],
    schedule: Schedule,
    orders: Orders,
    journal: Journal,
    pool: Pool,
    late: Distribution,
    changes: Vec<ChangeSetup>,
}

/// One direction, between its devices.
struct Way {
    direction: Direction,
    link: Link<Packet>,
    entrance: Rc<Tun>,
    exit: Rc<Tun>,
    tally: Tally,
}

/// What was found to be readable.
#[derive(Clone, Copy, Default)]
struct Readable([bool; WATCHED]);

impl Emulator {
    fn run(&mut self, signals: &EndSignals) -> io::Result<EndedBy> {
        let mut epoll = Epoll::new()?;
        for (number, way) in self.ways.iter().enumerate() {
            epoll.add(&*way.entrance, number)?;
        }
        epoll.add(&self.orders, ORDERS)?;
        epoll.add(signals, SIGNALS)?;
        loop {
            let readable = Readable::wait(&mut epoll, self.timeout())?;
            if readable.has(SIGNALS) {
                return Ok(EndedBy::Signal);
            }
            if readable.has(ORDERS) && self.obey().is_break() {
                return Ok(EndedBy::Input);
            }
            if self.now_ns() >= self.end_ns {
                return Ok(EndedBy::Duration);
            }
            self.change();
            for number in 0..self.ways.len() {
                if readable.has(number) {
                    self.take_in(number)?;
                }
            }
            self.let_out();
        }
    }

    fn now_ns(&self) -> u64 {
        clock::monotonic_ns() - self.began_ns
    }

    /// Until something is due, less the time for which the core is kept busy instead of waiting.
    fn timeout(&self) -> Duration {
        let due_ns = self.ways.iter().filter_map(|way| way.link.next_timeout());
        let next_ns = due_ns.chain(self.schedule.next_ns()).min();
        let next_ns = next_ns.unwrap_or(u64::MAX).min(self.end_ns);
        let wait_ns = next_ns.saturating_sub(self.now_ns() + self.busy_wait_ns);
        Duration::from_nanos(wait_ns).min(LONGEST_WAIT)
    }

    fn obey(&mut self) -> std::ops::ControlFlow<()> {
        while let Some(order) = self.orders.poll() {
            let now_ns = self.now_ns();
            match order {
                Order::Change(change) => {
                    let t_ms = ms(now_ns + change.after_ns);
                    self.journal.say(json!({ "accepted": { "t_ms": t_ms } }));
                    self.schedule.add(now_ns, [*change]);
                }
                Order::Refuse(sentence) => self.journal.say(json!({ "refused": sentence })),
                Order::End => return std::ops::ControlFlow::Break(()),
            }
        }
        std::ops::ControlFlow::Continue(())
    }

    fn change(&mut self) {
        let now_ns = self.now_ns();
        while let Some((at_ns, change)) = self.schedule.poll(now_ns) {
            let Change {
                direction,
                setting,
                asked,
                ..
            } = change;
            if let Some(way) = self.ways.get_mut(direction as usize) {
                way.link.set(at_ns, setting);
            }
            self.changes.push(ChangeSetup {
                t_ms: ms(at_ns),
                ..asked
            });
        }
    }

    fn take_in(&mut self, number: usize) -> io::Result<()> {
        let began_ns = self.began_ns;
        let Some(way) = self.ways.get_mut(number) else {
            return Ok(());
        };
        for _ in 0..AT_ONCE {
            let Some(packet) = self.pool.read(&way.entrance)? else {
                break;
            };
            let bytes = packet.bytes().len();
            way.tally.came(bytes);
            way.link
                .admit(clock::monotonic_ns() - began_ns, bytes, packet);
        }
        Ok(())
    }

    fn let_out(&mut self) {
        for way in &mut self.ways {
            for _ in 0..AT_ONCE {
                let now_ns = clock::monotonic_ns() - self.began_ns;
                let Some(departure) = way.link.poll(now_ns) else {
                    break;
                };
                let record = way.hand_over(&departure, now_ns);
                if record.verdict == Verdict::Delivered {
                    self.late.record(record.late_ns);
                }
                self.journal.record(&record);
                self.pool.keep(departure.payload);
            }
        }
    }

    fn conclude(self, ended_by: EndedBy) -> Result<EmulatorOutcome, String> {
        let lasted_s = self.now_ns() as f64 / 1e9;
        let [down, up] = self.ways.map(Way::outcome);
        let lost = self.journal.close();
        Ok(EmulatorOutcome {
            began_monotonic_ns: self.began_ns,
            lasted_s,
            ended_by,
            down,
            up,
            late: self.late.summary(),
            log_records_lost: lost
                .map_err(|error| format!("the log could not be written: {error}"))?,
            changes: self.changes,
        })
    }
}

impl Way {
    fn new(
        direction: Direction,
        seed: u64,
        settings: Vec<Setting>,
        entrance: &Rc<Tun>,
        exit: &Rc<Tun>,
    ) -> Self {
        let mut link = Link::new(seed);
        for setting in settings {
            link.set(0, setting);
        }
        Self {
            direction,
            link,
            entrance: Rc::clone(entrance),
            exit: Rc::clone(exit),
            tally: Tally::default(),
        }
    }

    fn hand_over(&mut self, departure: &Departure<Packet>, now_ns: u64) -> Record {
        let mut verdict = departure.verdict;
        let mut left_ns = departure.due_ns;
        if verdict == Verdict::Delivered {
            left_ns = now_ns;
            if self.exit.write(departure.payload.bytes()).is_err() {
                verdict = Verdict::Refused;
            }
        }
        self.tally.left(verdict, departure.bytes);
        Record {
            came_ns: departure.came_ns,
            left_ns,
            queued_ns: departure.queued_ns,
            late_ns: left_ns - departure.due_ns,
            bytes: departure.bytes,
            verdict,
            direction: self.direction,
            is_copy: departure.is_copy,
            label: departure.payload.label,
        }
    }

    fn outcome(self) -> DirectionOutcome {
        let copies = self.link.copies();
        DirectionOutcome {
            tally: Tally {
                copies: copies.packets,
                bytes_copied: copies.bytes,
                ..self.tally
            },
            held: self.link.held(),
            bytes_held: self.link.held_bytes(),
        }
    }
}

impl Readable {
    fn wait(epoll: &mut Epoll, timeout: Duration) -> io::Result<Self> {
        let mut readable = Self::default();
        for number in epoll.wait(timeout)? {
            if let Some(flag) = readable.0.get_mut(number) {
                *flag = true;
            }
        }
        Ok(readable)
    }

    fn has(self, number: usize) -> bool {
        self.0.get(number).copied().unwrap_or_default()
    }
}

fn device(side: &Side) -> Result<Rc<Tun>, String> {
    let made = namespace::inside(&side.namespace, || Tun::make(&side.device));
    made.map(Rc::new).map_err(|error| {
        let (name, place) = (&side.device, side.namespace.display());
        format!("the device {name} could not be made in {place} (this needs root): {error}")
    })
}

fn ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}

/// Beside the numbers of the two ways.
const ORDERS: usize = 2;
const SIGNALS: usize = 3;
const WATCHED: usize = 4;
/// Packets of one direction before the other has its turn.
const AT_ONCE: usize = 64;
const LONGEST_WAIT: Duration = Duration::from_secs(1);
