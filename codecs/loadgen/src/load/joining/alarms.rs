//! What is to be done when: pure.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What somebody's time has come for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Alarm {
    /// To come.
    Begin,
    /// To have come.
    Overdue,
    /// To say that they are there.
    Heartbeat,
    /// To check, or to say again what a handshake has said.
    Again(usize),
    /// To leave.
    Leave,
}

/// Alarms of everybody.
#[derive(Default)]
pub struct Alarms(BinaryHeap<Reverse<(u64, usize, Alarm)>>);

impl Alarms {
    /// Sets one.
    pub fn set(&mut self, at_ns: u64, number: usize, alarm: Alarm) {
        self.0.push(Reverse((at_ns, number, alarm)));
    }

    /// Takes the next one that is due.
    pub fn next_due(&mut self, now_ns: u64) -> Option<(usize, Alarm)> {
        let Reverse((at_ns, ..)) = *self.0.peek()?;
        if at_ns > now_ns {
            return None;
        }
        self.0
            .pop()
            .map(|Reverse((_, number, alarm))| (number, alarm))
    }

    /// When the next one is due.
    #[must_use]
    pub fn next_ns(&self) -> Option<u64> {
        self.0.peek().map(|Reverse((at_ns, ..))| *at_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_come_in_their_order_and_not_before_their_time() {
        let mut alarms = Alarms::default();
        alarms.set(20, 1, Alarm::Leave);
        alarms.set(10, 2, Alarm::Begin);
        assert_eq!((alarms.next_ns(), alarms.next_due(9)), (Some(10), None));
        assert_eq!(alarms.next_due(30), Some((2, Alarm::Begin)));
        assert_eq!(alarms.next_due(30), Some((1, Alarm::Leave)));
        assert_eq!((alarms.next_due(30), alarms.next_ns()), (None, None));
    }
}
