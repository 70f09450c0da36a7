//! What sockets and adapters bring about, step by step.

use super::leg::{Advance, Leg};
use super::{AGAIN_NS, Alarm, Joining, PLACES_EACH, Report};
use crate::dtls::Keys;
use crate::kernel::clock;
use crate::load::joins::Mark;
use crate::load::legs::Ready;
use crate::signalling::websocket::Heard;
use crate::signalling::{Failure, HEARTBEAT_NS, LegPlan, Point, Step};

impl Joining {
    /// Place 0 is the WebSocket's, the others are the legs'.
    pub(super) fn handle_ready(&mut self, number: usize, place: usize) {
        let Some(one) = self.there.get_mut(&number) else {
            return;
        };
        let Some(leg) = place.checked_sub(1) else {
            self.handle_channel(number);
            return;
        };
        if let Some(Some(coming)) = one.legs.get_mut(leg) {
            let result = coming.handle_ready(&self.client, &mut self.receiver, &mut self.burst);
            self.handle_advance(number, leg, result);
        }
    }

    fn handle_channel(&mut self, number: usize) {
        let Some(one) = self.there.get_mut(&number) else {
            return;
        };
        let (mut heard, mut steps) = (Vec::new(), Vec::new());
        let result = one.channel.handle_ready(&mut heard);
        let mut opened = false;
        for each in heard {
            match each {
                Heard::Opened => {
                    opened = true;
                    one.adapter.handle_open(&mut steps);
                }
                Heard::Text(text) => one.adapter.handle_text_untrusted(&text, &mut steps),
            }
        }
        if opened {
            let now_ns = clock::monotonic_ns();
            self.reach(number, Mark::Opened, now_ns);
            self.alarms
                .set(now_ns + HEARTBEAT_NS, number, Alarm::Heartbeat);
        }
        self.perform(number, steps);
        if let Err(failure) = result {
            self.fail(number, failure);
        }
    }

    pub(super) fn perform(&mut self, number: usize, steps: Vec<Step>) {
        for step in steps {
            let Some(one) = self.there.get_mut(&number) else {
                return;
            };
            match step {
                Step::Send(text) => {
                    if let Err(failure) = one.channel.send(text) {
                        self.fail(number, failure);
                    }
                }
                Step::Reached(point) => {
                    let mark = match point {
                        Point::Joined => Mark::Joined,
                        Point::Answered => Mark::Answered,
                    };
                    self.reach(number, mark, clock::monotonic_ns());
                }
                Step::Connect(plan) => self.connect(number, *plan),
                Step::Obey(asks) => self.tell(Report::Asked { number, asks }),
                Step::Fail(failure) => self.fail(number, failure),
                Step::Close => {
                    one.channel.close();
                    self.there.remove(&number);
                }
            }
        }
    }

    fn connect(&mut self, number: usize, plan: LegPlan) {
        let Some(one) = self.there.get_mut(&number) else {
            return;
        };
        let place = one.legs.len();
        if place + 1 >= PLACES_EACH {
            self.fail(number, Failure::new("too_many_legs"));
            return;
        }
        match Leg::begin(plan) {
            Ok(mut leg) => {
                let watched = self
                    .epoll
                    .add(leg.socket(), number * PLACES_EACH + 1 + place);
                let result = leg.handle_time(&mut self.burst);
                one.legs.push(Some(leg));
                let again_ns = clock::monotonic_ns() + AGAIN_NS;
                self.alarms.set(again_ns, number, Alarm::Again(place));
                self.handle_advance(number, place, watched.map_err(|_| "no_socket").and(result));
            }
            Err(word) => self.fail(number, Failure::new(word)),
        }
    }

    pub(super) fn handle_advance(
        &mut self,
        number: usize,
        leg: usize,
        result: Result<Advance, &'static str>,
    ) {
        match result {
            Ok(Advance::Going) => {}
            Ok(Advance::Checked) => self.reach(number, Mark::Checked, clock::monotonic_ns()),
            Ok(Advance::Connected(keys)) => self.hand_over(number, leg, keys),
            Err(word) => self.fail(number, Failure::new(word)),
        }
    }

    fn hand_over(&mut self, number: usize, leg: usize, keys: Box<Keys>) {
        let Some(one) = self.there.get_mut(&number) else {
            return;
        };
        let Some(connected) = one.legs.get_mut(leg).and_then(Option::take) else {
            return;
        };
        if self.epoll.remove(connected.socket()).is_err() {
            self.fail(number, Failure::new("no_socket"));
            return;
        }
        let (socket, plan) = connected.into_parts();
        let mut steps = Vec::new();
        one.adapter.handle_connected(leg, &mut steps);
        one.reached = one.reached.max(Mark::Connected);
        self.tell(Report::Connected {
            number,
            ready: Ready {
                socket,
                plan: Box::new(plan),
                keys,
            },
            at_ns: clock::monotonic_ns(),
        });
        self.perform(number, steps);
    }

    pub(super) fn reach(&mut self, number: usize, mark: Mark, at_ns: u64) {
        if let Some(one) = self.there.get_mut(&number) {
            one.reached = one.reached.max(mark);
        }
        self.tell(Report::Reached {
            number,
            mark,
            at_ns,
        });
    }

    /// Whoever fails is gone: the SFU is left to notice, as it would be with a browser that was closed.
    pub(super) fn fail(&mut self, number: usize, failure: Failure) {
        let Some(mut one) = self.there.remove(&number) else {
            return;
        };
        one.channel.close();
        if !one.leaving {
            self.tell(Report::Failed { number, failure });
        }
    }

    pub(super) fn tell(&self, report: Report) {
        // When nobody listens any more, the run is over, and so is this thread's next wait.
        let _ = self.news.send(report);
    }
}
