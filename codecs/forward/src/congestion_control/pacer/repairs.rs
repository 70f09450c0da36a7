//! What was asked for again while its path is full: it leaves before pictures that wait, which need it, and after sound.

use std::collections::VecDeque;

use super::Pacer;
use crate::repair::history::Record;
use crate::worker::ids::SlotKey;

/// A packet that is to be sent again.
#[derive(Clone, Copy, Debug)]
pub struct Repair {
    /// On whose line it left.
    pub slot: SlotKey,
    /// How it left.
    pub record: Record,
    /// What was taken for it from its slot's allowance.
    pub bytes: usize,
    /// When it was asked for, monotonic ns.
    pub asked_ns: u64,
}

/// Those that wait, the first that was asked for first.
#[derive(Default)]
pub struct Repairs(VecDeque<Repair>);

impl Pacer {
    /// Has a packet wait that is to be sent again.
    pub fn add_repair(&mut self, repair: Repair) {
        self.repairs.0.push_back(repair);
    }

    /// Whether a packet of a slot waits to be sent again, by its outgoing sequence number.
    #[must_use]
    pub fn has_repair(&self, slot: SlotKey, sequence: u64) -> bool {
        let mut repairs = self.repairs.0.iter();
        repairs.any(|it| it.slot == slot && it.record.sequence == sequence)
    }

    /// The next packet to send again, if it may leave now.
    pub fn take_repair(&mut self, rate_bps: u64, now_ns: u64) -> Option<Repair> {
        self.fill(rate_bps, now_ns);
        let may_leave = self.has_room_for_repair();
        may_leave.then(|| self.repairs.0.pop_front())?
    }

    /// Whether something may be sent again now. A picture stands still until it has come: so it may take up to
    /// seven hundredths of a second of the rate at once, most of which pictures then owe.
    pub(super) const fn has_room_for_repair(&self) -> bool {
        self.budget_nanobits > -(self.most_owed_nanobits / 2)
    }

    /// Gives up a packet that has waited too long to be sent again, which is asked for anew.
    pub fn give_up_repair(&mut self, now_ns: u64) -> Option<Repair> {
        let repairs = &mut self.repairs.0;
        let first = repairs.front()?;
        let is_late = now_ns.saturating_sub(first.asked_ns) > LONGEST_WAIT_NS;
        is_late.then(|| repairs.pop_front())?
    }

    /// Gives up a packet that is to be sent again of a slot that was given up.
    pub fn give_up_repair_of(&mut self, slot: SlotKey) -> Option<Repair> {
        let repairs = &mut self.repairs.0;
        let place = repairs.iter().position(|it| it.slot == slot)?;
        repairs.remove(place)
    }
}

impl Repairs {
    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets those of a slot; returns how many.
    pub fn forget(&mut self, slot: SlotKey) -> usize {
        let before = self.0.len();
        self.0.retain(|it| it.slot != slot);
        before - self.0.len()
    }
}

/// Half as long as a picture waits: what comes later is hardly of use to one that is shown.
const LONGEST_WAIT_NS: u64 = super::LONGEST_WAIT_NS / 2;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use slotmap::KeyData;

    use super::*;
    use crate::congestion_control::pacer::Waiting;

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
            bytes: 1_000,
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
        assert!(pacer.give_up_repair(400 * MS).is_none());
        let given_up = pacer.give_up_repair(401 * MS);
        assert_eq!(given_up.map(|it| it.slot), Some(repair(1, 0, 0).slot));
        assert!(pacer.give_up_repair(401 * MS).is_none());
        pacer.add(picture(2));
        let (slot, packets) = pacer.give_up(801 * MS).unwrap();
        assert_eq!((slot, packets), (repair(2, 0, 0).slot, 1));
        assert!(pacer.give_up_repair_of(slot).is_some());
        assert!(pacer.is_idle());
    }

    #[test]
    fn what_waits_is_known_until_it_has_left() {
        let mut pacer = Pacer::default();
        let waits = repair(1, 7, 0);
        pacer.add_repair(waits);
        assert!(pacer.has_repair(waits.slot, 7));
        assert!(!pacer.has_repair(waits.slot, 8));
        assert!(!pacer.has_repair(repair(2, 7, 0).slot, 7));
        assert!(pacer.take_repair(1_000_000, MS).is_some());
        assert!(!pacer.has_repair(waits.slot, 7));
    }
}
