//! What was asked for again while its path is full: it leaves before pictures that wait, which need it, and after sound.

use std::collections::VecDeque;

use crate::history::Record;
use crate::ids::SlotKey;

/// A packet that is to be sent again.
#[derive(Clone, Copy, Debug)]
pub struct Repair {
    /// On whose line it left.
    pub slot: SlotKey,
    /// How it left.
    pub record: Record,
    /// When it was asked for, monotonic ns.
    pub asked_ns: u64,
}

/// Those that wait, the first that was asked for first.
#[derive(Default)]
pub struct Repairs(VecDeque<Repair>);

impl Repairs {
    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Has one wait behind the others.
    pub fn add(&mut self, repair: Repair) {
        self.0.push_back(repair);
    }

    /// The next one.
    pub fn take(&mut self) -> Option<Repair> {
        self.0.pop_front()
    }

    /// Gives up those that have waited too long, which are asked for anew; returns how many.
    pub fn give_up(&mut self, now_ns: u64) -> usize {
        self.retain(|it| now_ns.saturating_sub(it.asked_ns) <= LONGEST_WAIT_NS)
    }

    /// Forgets those of a slot; returns how many.
    pub fn forget(&mut self, slot: SlotKey) -> usize {
        self.retain(|it| it.slot != slot)
    }

    fn retain(&mut self, stays: impl Fn(&Repair) -> bool) -> usize {
        let before = self.0.len();
        self.0.retain(stays);
        before - self.0.len()
    }
}

/// Half as long as a picture waits: what comes later is hardly of use to one that is shown.
const LONGEST_WAIT_NS: u64 = super::LONGEST_WAIT_NS / 2;

#[cfg(test)]
mod tests {
    use slotmap::KeyData;

    use super::*;
    use crate::pacer::{Pacer, Waiting};

    const MS: u64 = 1_000_000;

    /// A packet of a picture, which came at the beginning.
    fn picture(slot: u64) -> Waiting {
        Waiting {
            slot: KeyData::from_ffi(slot).into(),
            track: KeyData::from_ffi(7).into(),
            encoding: 0,
            sequence: 9,
            timestamp: 3_600,
            size_bytes: 1_000,
            arrival_ns: 0,
            key_frame: false,
            begins_anew: false,
        }
    }

    /// A packet that was asked for again.
    fn repair(slot: u64, sequence: u64, asked_ns: u64) -> Repair {
        Repair {
            slot: KeyData::from_ffi(slot).into(),
            record: Record {
                sequence,
                ..Record::default()
            },
            asked_ns,
        }
    }

    #[test]
    fn what_is_asked_for_again_leaves_first_and_by_the_budget() {
        let mut pacer = Pacer::default();
        pacer.add(picture(1));
        for sequence in 0..2 {
            pacer.add_repair(repair(1, sequence, 0));
        }
        assert!(pacer.is_full_for_repair(1_000_000, MS) && pacer.is_full(1_000_000, MS));
        let mut left = Vec::new();
        for at in 2..40 {
            while let Some(repair) = pacer.take_repair(1_000_000, at * MS) {
                pacer.spend(1_000);
                left.push((at, repair.record.sequence));
            }
        }
        // At 1.1 Mbit/s 1,000 bytes take 7.3 ms: the budget is empty at first.
        let sequences: Vec<u64> = left.iter().map(|(_, sequence)| *sequence).collect();
        assert_eq!(sequences, [0, 1]);
        assert!(!pacer.is_idle());
        assert!(pacer.take(1_000_000, 60 * MS).is_some());
        assert!(pacer.is_idle());
    }

    #[test]
    fn what_is_asked_for_again_waits_for_so_long_and_goes_with_its_picture() {
        let mut pacer = Pacer::default();
        pacer.add_repair(repair(1, 0, 0));
        pacer.add_repair(repair(2, 0, 300 * MS));
        assert_eq!(pacer.give_up_repairs(400 * MS), 0);
        assert_eq!(pacer.give_up_repairs(401 * MS), 1);
        pacer.add(picture(2));
        let given_up = pacer.give_up(801 * MS);
        assert_eq!(given_up.map(|(_, packets)| packets), Some(2));
        assert!(pacer.is_idle());
    }
}
