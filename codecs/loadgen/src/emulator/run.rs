//! The program `emulator`: two devices, two directions, one thread that waits for whichever is next.

use std::io::{self, BufRead};
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;

use super::change::{Change, ChangeSetup, Direction};
use super::journal::Journal;
use super::orders::{Order, Orders};
use super::outcome::{EmulatorOutcome, EndedBy};
use super::packets::Pool;
use super::schedule::Schedule;
use super::setup::{Plan, Side};
use super::tally::Verdict;
use super::way::{AT_ONCE, Way};
use crate::distribution::Distribution;
use crate::kernel::awake::Awake;
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
    // Where that is not allowed it has its turns like anybody, and the outcome says so.
    let goes_first = thread::go_first().is_ok();
    let awake = plan.keep_awake.then(Awake::wish).transpose();
    let _awake = awake.map_err(|error| format!("cores cannot be kept awake: {error}"))?;
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
        goes_first,
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
    goes_first: bool,
    /// Down, then up.
    ways: [Way; 2],
    schedule: Schedule,
    orders: Orders,
    journal: Journal,
    pool: Pool,
    late: Distribution,
    changes: Vec<ChangeSetup>,
}

/// What was found to be readable.
#[derive(Clone, Copy, Default)]
struct Readable([bool; WATCHED]);

impl Emulator {
    fn run(&mut self, signals: &EndSignals) -> io::Result<EndedBy> {
        let mut epoll = Epoll::new()?;
        for (number, way) in self.ways.iter().enumerate() {
            epoll.add(way.entrance(), number)?;
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
            for (number, way) in self.ways.iter_mut().enumerate() {
                if readable.has(number) {
                    way.take_in(&mut self.pool, self.began_ns)?;
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
        let due_ns = self.ways.iter().filter_map(Way::next_timeout);
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
                way.set(at_ns, setting);
            }
            self.changes.push(ChangeSetup {
                t_ms: ms(at_ns),
                ..asked
            });
        }
    }

    fn let_out(&mut self) {
        for way in &mut self.ways {
            for _ in 0..AT_ONCE {
                let now_ns = clock::monotonic_ns() - self.began_ns;
                let Some((record, packet)) = way.let_out(now_ns) else {
                    break;
                };
                if record.verdict == Verdict::Delivered {
                    self.late.record(record.late_ns);
                }
                self.journal.record(&record);
                self.pool.keep(packet);
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
            goes_first: self.goes_first,
            log_records_lost: lost
                .map_err(|error| format!("the log could not be written: {error}"))?,
            changes: self.changes,
        })
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
const LONGEST_WAIT: Duration = Duration::from_secs(1);
