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
