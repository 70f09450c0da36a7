//! How everybody comes, point by point: pure.

use std::collections::BTreeMap;

use super::outcome::{JoinParts, JoinsOutcome};
use crate::distribution::Distribution;
use crate::signalling::Failure;

/// Everybody of a run, in the order of the setup.
#[derive(Default)]
pub struct Joins {
    attendances: Vec<Attendance>,
    /// Of each room, who is in it.
    rooms: Vec<Vec<usize>>,
}

/// A point that a join reaches, in their order.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Mark {
    /// The generator begins to connect the WebSocket.
    Began,
    /// It is open.
    Opened,
    /// The SFU knows the participant.
    Joined,
    /// The SFU's description of the first leg is there.
    Answered,
    /// ICE was answered.
    Checked,
    /// The DTLS handshake is done, and media leaves.
    Connected,
    /// The first media of somebody else is there.
    FirstMedia,
}

/// How far somebody is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fate {
    /// They come, or will.
    Coming,
    /// They see or hear somebody.
    There,
    /// They never did.
    Failed(Failure),
    /// They came, and nobody else did.
    Alone,
}

struct Attendance {
    stage: usize,
    room: usize,
    planned_ns: u64,
    marks: [Option<u64>; MARKS],
    /// From when both were connected to the first media.
    waited_ns: Option<u64>,
    fate: Fate,
    /// They left, or their signalling failed, after they had been there.
    over: bool,
}

impl Joins {
    /// One more room.
    pub fn open_room(&mut self) -> usize {
        self.rooms.push(Vec::new());
        self.rooms.len() - 1
    }

    /// One more who will come; gives their number.
    pub fn expect(&mut self, stage: usize, room: usize, planned_ns: u64) -> usize {
        let number = self.attendances.len();
        self.attendances.push(Attendance {
            stage,
            room,
            planned_ns,
            marks: [None; MARKS],
            waited_ns: None,
            fate: Fate::Coming,
            over: false,
        });
        if let Some(room) = self.rooms.get_mut(room) {
            room.push(number);
        }
        number
    }

    /// Somebody reached a point; only the first time counts, for a participant may have several legs.
    pub fn record(&mut self, number: usize, mark: Mark, at_ns: u64) {
        let since_ns = match mark {
            Mark::FirstMedia => self.could_see_since(number),
            _ => None,
        };
        let Some(attendance) = self.attendances.get_mut(number) else {
            return;
        };
        if let Some(place) = attendance.marks.get_mut(mark as usize) {
            place.get_or_insert(at_ns);
        }
        if mark == Mark::FirstMedia && attendance.fate == Fate::Coming {
            attendance.fate = Fate::There;
            attendance.waited_ns = since_ns.map(|since_ns| at_ns.saturating_sub(since_ns));
        }
    }

    /// Somebody's signalling or transport failed.
    pub fn fail(&mut self, number: usize, failure: Failure) {
        if let Some(attendance) = self.attendances.get_mut(number) {
            match attendance.fate {
                Fate::Coming => attendance.fate = Fate::Failed(failure),
                _ => attendance.over = true,
            }
        }
    }

    /// Somebody left, as planned.
    pub fn leave(&mut self, number: usize) {
        self.fail(number, Failure::new("left_before"));
    }

    /// Whether somebody had come before, so that what fails now is no join.
    #[must_use]
    pub fn has_come(&self, number: usize) -> bool {
        let attendance = self.attendances.get(number);
        attendance.is_some_and(|one| !one.over && one.fate != Fate::Coming)
    }

    /// Decides about those who wait for media: too long, or for nobody.
    pub fn watch(&mut self, now_ns: u64) {
        let waiting: Vec<usize> = (0..self.attendances.len())
            .filter(|number| self.is_waiting(*number))
            .collect();
        for number in waiting {
            let since_ns = self.could_see_since(number);
            let fate = match since_ns {
                Some(since_ns) if now_ns > since_ns + PATIENCE_NS => {
                    Fate::Failed(Failure::new("timeout_media"))
                }
                None if self.nobody_comes_to(number) => Fate::Alone,
                _ => continue,
            };
            if let Some(attendance) = self.attendances.get_mut(number) {
                attendance.fate = fate;
            }
        }
    }

    /// How many of a stage are there, failed (or alone), and were asked.
    #[must_use]
    pub fn progress(&self, stage: usize) -> (usize, usize, usize) {
        let of_stage = self.of_stage(stage);
        of_stage.fold((0, 0, 0), |(there, failed, asked), one| match one.fate {
            Fate::Coming => (there, failed, asked + 1),
            Fate::There => (there + 1, failed, asked + 1),
            Fate::Failed(_) | Fate::Alone => (there, failed + 1, asked + 1),
        })
    }

    /// What is to be told of a stage.
    #[must_use]
    pub fn outcome(&self, stage: usize) -> JoinsOutcome {
        let mut failed = BTreeMap::new();
        let (mut asked, mut succeeded, mut alone) = (0, 0, 0);
        let mut times = Times::default();
        for one in self.of_stage(stage) {
            asked += 1;
            match &one.fate {
                Fate::There => succeeded += 1,
                Fate::Alone => alone += 1,
                Fate::Failed(failure) => *failed.entry(failure.word().into()).or_default() += 1,
                Fate::Coming => *failed.entry("unfinished".into()).or_default() += 1,
            }
            times.add(one);
        }
        times.outcome(asked, succeeded, failed, alone)
    }

    fn of_stage(&self, stage: usize) -> impl Iterator<Item = &Attendance> {
        self.attendances
            .iter()
            .filter(move |one| one.stage == stage)
    }

    fn is_waiting(&self, number: usize) -> bool {
        let attendance = self.attendances.get(number);
        attendance.is_some_and(|one| one.fate == Fate::Coming && one.at(Mark::Connected).is_some())
    }

    /// From when on both somebody and at least one other of their room were connected.
    fn could_see_since(&self, number: usize) -> Option<u64> {
        let own = self.attendances.get(number)?;
        let connected_ns = own.at(Mark::Connected)?;
        let others = self.others(number).filter(|one| !one.over);
        let theirs_ns = others.filter_map(|one| one.at(Mark::Connected)).min()?;
        Some(theirs_ns.max(connected_ns))
    }

    fn nobody_comes_to(&self, number: usize) -> bool {
        self.others(number)
            .all(|one| one.over || matches!(one.fate, Fate::Failed(_) | Fate::Alone))
    }

    fn others(&self, number: usize) -> impl Iterator<Item = &Attendance> {
        let room = self.attendances.get(number).map(|one| one.room);
        let room = room.and_then(|room| self.rooms.get(room));
        let others = room
            .into_iter()
            .flatten()
            .filter(move |one| **one != number);
        others.filter_map(|one| self.attendances.get(*one))
    }
}

impl Attendance {
    fn at(&self, mark: Mark) -> Option<u64> {
        self.marks.get(mark as usize).copied().flatten()
    }
}

#[derive(Default)]
struct Times {
    whole: Distribution,
    /// From each mark to the next.
    parts: [Distribution; MARKS - 1],
    began_late: Distribution,
}

impl Times {
    fn add(&mut self, one: &Attendance) {
        if let Some(began_ns) = one.at(Mark::Began) {
            self.began_late
                .record(began_ns.saturating_sub(one.planned_ns));
        }
        let steps = one.marks.iter().zip(one.marks.iter().skip(1));
        for (index, ((before, after), part)) in steps.zip(&mut self.parts).enumerate() {
            // Others may have been sending for long, or come later.
            let lasted_ns = if index + 2 == MARKS {
                one.waited_ns
            } else {
                before
                    .zip(*after)
                    .map(|(before, after)| after.saturating_sub(before))
            };
            if let Some(lasted_ns) = lasted_ns {
                part.record(lasted_ns);
            }
        }
        let own_part = one.at(Mark::Began).zip(one.at(Mark::Connected));
        if let (Some((began_ns, connected_ns)), Some(waited_ns)) = (own_part, one.waited_ns) {
            self.whole
                .record(connected_ns.saturating_sub(began_ns) + waited_ns);
        }
    }

    fn outcome(
        self,
        asked: usize,
        succeeded: usize,
        failed: BTreeMap<String, usize>,
        alone: usize,
    ) -> JoinsOutcome {
        let [socket, joined, answer, ice, dtls, first_media] =
            self.parts.map(|part| part.summary());
        JoinsOutcome {
            asked,
            succeeded,
            failed,
            alone,
            join_ms: self.whole.summary(),
            parts: JoinParts {
                socket,
                joined,
                answer,
                ice,
                dtls,
                first_media,
            },
            began_late: self.began_late.summary(),
        }
    }
}

/// Somebody who waits longer, for the SFU or for the first media, has failed to join.
pub const PATIENCE_NS: u64 = 15_000_000_000;
const MARKS: usize = Mark::FirstMedia as usize + 1;

#[cfg(test)]
mod tests;
