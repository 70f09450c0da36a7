//! The thread of media, stage by stage.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver as News, Sender as Orders, TryRecvError};
use std::time::Duration;

use serde_json::json;

use super::joining::{Order, Report};
use super::joins::{Joins, Mark, PATIENCE_NS};
use super::legs::Legs;
use super::outcome::{GeneratorParts, LoadOutcome, StageOutcome};
use super::people;
use super::setup::{LoadSetup, MeasureFrom, StageSetup};
use crate::dtls::Client;
use crate::generator::{Generator, Settings, Way};
use crate::kernel::clock;
use crate::signalling::{Person, Video};

/// A run that goes on.
pub struct Run<'a> {
    setup: &'a LoadSetup,
    fingerprint: String,
    generator: Generator,
    joins: Joins,
    legs: Legs,
    ended: BTreeMap<String, usize>,
    orders: Orders<Order>,
    news: News<Report>,
    signalling_cpu_ns: Arc<AtomicU64>,
    told_ns: u64,
    watched_ns: u64,
}

impl<'a> Run<'a> {
    /// Nobody but the bare consultations yet.
    ///
    /// # Errors
    /// A sentence: the kernel has no descriptor left.
    pub fn new(
        setup: &'a LoadSetup,
        client: &Client,
        orders: Orders<Order>,
        news: News<Report>,
        signalling_cpu_ns: Arc<AtomicU64>,
    ) -> Result<Self, String> {
        let settings = Settings {
            seed: setup.seed,
            core: setup.core,
            relay_core: setup.relay_core,
            window: Duration::from_millis(setup.window_ms),
            samples: setup.samples,
            adapts: setup.video.adapts,
            ..Settings::default()
        };
        let mut run = Self {
            setup,
            fingerprint: client.fingerprint().into(),
            generator: Generator::new(settings)?,
            joins: Joins::default(),
            legs: Legs::new(setup.profile.profile(), setup.video.codec),
            ended: BTreeMap::new(),
            orders,
            news,
            signalling_cpu_ns,
            told_ns: 0,
            watched_ns: 0,
        };
        for index in 0..setup.bare_consultations {
            run.legs.add_bare(&mut run.generator, index)?;
        }
        Ok(run)
    }

    /// Plays all stages.
    ///
    /// # Errors
    /// A sentence: the kernel failed.
    pub fn play(mut self, mut say: impl FnMut(&serde_json::Value)) -> Result<LoadOutcome, String> {
        let (mut stages, mut samples) = (Vec::new(), Vec::new());
        let setup = self.setup;
        for (index, stage) in setup.stages.iter().enumerate() {
            stages.push(self.play_stage(index, stage, &mut say)?);
            samples.extend(self.generator.take_samples());
        }
        let samples = samples.into_iter().filter_map(|one| self.legs.keyed(one));
        Ok(LoadOutcome {
            samples: samples.collect(),
            stages,
        })
    }

    fn play_stage(
        &mut self,
        index: usize,
        stage: &StageSetup,
        say: &mut impl FnMut(&serde_json::Value),
    ) -> Result<StageOutcome, String> {
        let tell = |say: &mut dyn FnMut(&serde_json::Value), milestone: &str| {
            say(&json!({ "milestone": milestone, "stage": index }));
        };
        self.ended.clear();
        tell(say, "joining");
        let last_join_ns = self.begin_stage(index, stage)?;
        if stage.measure_from == MeasureFrom::Joined {
            self.turn_until_joined(index, last_join_ns, say)?;
            let settled_ns = clock::monotonic_ns() + ns(stage.settle_s);
            self.turn_until(settled_ns, index, say)?;
        }
        let measure = Duration::from_secs_f64(stage.measure_s);
        self.generator.begin_measurement(measure)?;
        let (media_ns, signalling_ns) = self.cpu_ns();
        tell(say, "measuring");
        let ends_ns = self.generator.measurement_ends_ns();
        self.turn_until(ends_ns, index, say)?;
        let (media_after_ns, signalling_after_ns) = self.cpu_ns();
        tell(say, "measured");
        while !self.generator.is_drained() {
            self.turn_until(clock::monotonic_ns() + LOOK_NS, index, say)?;
        }
        let mut measurement = self.generator.take_measurement();
        self.turn_until_joined(index, last_join_ns, say)?;
        let share = |used_ns: u64| used_ns as f64 / measure.as_nanos() as f64;
        let generator_parts = GeneratorParts {
            media: share(media_after_ns - media_ns),
            signalling: share(signalling_after_ns - signalling_ns),
        };
        measurement.generator_core_share = generator_parts.media + generator_parts.signalling;
        measurement.participants -= 2 * self.setup.bare_consultations;
        Ok(StageOutcome {
            name: stage.name.clone(),
            measurement,
            joins: self.joins.outcome(index),
            ended: std::mem::take(&mut self.ended),
            generator_parts,
        })
    }

    /// Orders everybody of a stage; gives when the last of them is to come.
    fn begin_stage(&mut self, index: usize, stage: &StageSetup) -> Result<u64, String> {
        let mut ordered = Vec::new();
        for consultation in &stage.consultations {
            let people = &consultation.participants;
            let number = self.generator.open_consultation(Way::Relayed, people.len());
            let room = self.joins.open_room();
            for each in people {
                let names = (consultation.room.as_str(), each.credential.as_str());
                ordered.push((self.person(number, names)?, room, each));
            }
        }
        // All are described; the other thread has a moment to hear of them.
        let start_ns = clock::monotonic_ns() + HEAR_NS;
        let mut last_ns = start_ns;
        for (person, room, each) in ordered {
            let join_at_ns = start_ns + ns(each.join_at_s);
            last_ns = last_ns.max(join_at_ns);
            let number = self.joins.expect(index, room, join_at_ns);
            let order = Order::Attend {
                number,
                person: Box::new(person),
                join_at_ns,
                leave_at_ns: each.leave_at_s.map(|at_s| start_ns + ns(at_s)),
            };
            self.orders
                .send(order)
                .map_err(|_| "the thread of signalling has ended")?;
        }
        Ok(last_ns)
    }

    fn person(&mut self, consultation: usize, names: (&str, &str)) -> Result<Person, String> {
        let video = Video {
            codec: self.setup.video.codec,
            simulcast: self.setup.video.simulcast,
        };
        let number = self.legs.people();
        let person = people::person(number, names, &self.fingerprint, video)?;
        self.legs.expect(&person, consultation);
        Ok(person)
    }

    fn turn_until_joined(
        &mut self,
        stage: usize,
        last_join_ns: u64,
        say: &mut impl FnMut(&serde_json::Value),
    ) -> Result<(), String> {
        // Whoever comes last has so long for signalling and so long for media.
        let given_up_ns = last_join_ns + 2 * PATIENCE_NS + PATIENCE_NS / 3;
        while clock::monotonic_ns() < given_up_ns {
            self.joins.watch(clock::monotonic_ns());
            let (there, failed, asked) = self.joins.progress(stage);
            if there + failed == asked {
                return Ok(());
            }
            self.turn_until(clock::monotonic_ns() + LOOK_NS, stage, say)?;
        }
        Ok(())
    }

    fn turn_until(
        &mut self,
        until_ns: u64,
        stage: usize,
        say: &mut impl FnMut(&serde_json::Value),
    ) -> Result<(), String> {
        loop {
            let now_ns = clock::monotonic_ns();
            if now_ns >= until_ns {
                return Ok(());
            }
            self.generator.turn(until_ns.min(now_ns + NEWS_NS))?;
            let heard: Vec<_> = self.generator.drain_first_media().collect();
            for first in heard {
                if let Some(number) = self.legs.number_at(first.place) {
                    self.joins.record(number, Mark::FirstMedia, first.at_ns);
                }
            }
            for _ in 0..REPORTS_AT_ONCE {
                match self.news.try_recv() {
                    Ok(report) => self.handle(report)?,
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => {
                        return Err("the thread of signalling has ended".into());
                    }
                }
            }
            self.watch(now_ns, stage, say);
        }
    }

    fn watch(&mut self, now_ns: u64, stage: usize, say: &mut impl FnMut(&serde_json::Value)) {
        if now_ns < self.watched_ns + LOOK_NS {
            return;
        }
        self.watched_ns = now_ns;
        self.joins.watch(now_ns);
        if now_ns >= self.told_ns + TELL_NS {
            let (joined, failed, of) = self.joins.progress(stage);
            self.told_ns = now_ns;
            say(&json!({ "progress":
                { "stage": stage, "joined": joined, "failed": failed, "of": of } }));
        }
    }

    fn handle(&mut self, report: Report) -> Result<(), String> {
        match report {
            Report::Reached {
                number,
                mark,
                at_ns,
            } => self.joins.record(number, mark, at_ns),
            Report::Failed { number, failure } => {
                if self.joins.has_come(number) {
                    *self.ended.entry(failure.word().into()).or_default() += 1;
                }
                self.joins.fail(number, failure);
                self.legs.remove(&mut self.generator, number);
            }
            Report::Asked { number, asks } => self.legs.obey(&mut self.generator, number, asks),
            Report::Left { number } => {
                self.joins.leave(number);
                self.legs.remove(&mut self.generator, number);
            }
            Report::Connected {
                number,
                ready,
                at_ns,
            } => {
                self.joins.record(number, Mark::Connected, at_ns);
                self.legs.add(&mut self.generator, number, ready)?;
            }
        }
        Ok(())
    }

    fn cpu_ns(&self) -> (u64, u64) {
        let signalling_ns = self.signalling_cpu_ns.load(Ordering::Relaxed);
        (clock::thread_cpu_ns(), signalling_ns)
    }
}

fn ns(seconds: f64) -> u64 {
    Duration::from_secs_f64(seconds).as_nanos() as u64
}

/// Twice as long as orders wait at most.
const HEAR_NS: u64 = 10_000_000;
/// How long news of the other thread may wait for a turn.
const NEWS_NS: u64 = 2_000_000;
/// A new leg costs about 50 µs: media is looked at in between.
const REPORTS_AT_ONCE: usize = 8;
/// All who come are looked at so often.
const LOOK_NS: u64 = 100_000_000;
/// At most four times a second.
const TELL_NS: u64 = 250_000_000;
