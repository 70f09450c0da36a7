//! What was written down, booked on accounts when its window is settled, and summed up.

use super::accounts::{self, Account};
use super::windows::Entry;
use super::{Delays, LINES_EACH, Ledger, Way};
use crate::outcome::{ConsultationsOutcome, PathOutcome};

impl Ledger {
    /// Books what happened in windows whose fate is known, up to `most` of it at once.
    pub fn settle(&mut self, now_ns: u64, most: usize) {
        for _ in 0..most {
            let Some((entry, clean)) = self.windows.settle(now_ns) else {
                return;
            };
            self.book(entry, clean);
        }
    }

    /// Counts a picture that stood still until now.
    pub fn record_freeze(&mut self, place: usize, now_ns: u64, lasted_ns: u64) {
        let Some(line) = self.lines.get(place * LINES_EACH).copied() else {
            return;
        };
        if self.consultation(line).is_some_and(|found| found.counts) {
            let entry = Entry::Frozen {
                consultation: line.consultation,
                lasted_ms: (lasted_ns / 1_000_000) as u32,
            };
            self.record(now_ns, entry);
        }
    }

    /// Takes in what happened at a moment: at once if the fate of its window is known.
    pub(super) fn record(&mut self, at_ns: u64, entry: Entry) {
        if let Some(clean) = self.windows.record(at_ns, entry) {
            self.book(entry, clean);
        }
    }

    /// Whether something that was sent has not arrived, as far as it is booked.
    #[must_use]
    pub fn awaits_packets(&self) -> bool {
        let consultations = self.consultations.iter().filter(|one| one.counts);
        consultations.map(|one| &one.all).any(Account::awaits)
    }

    fn book(&mut self, entry: Entry, clean: bool) {
        let (Entry::Expected { consultation, .. }
        | Entry::Offered { consultation, .. }
        | Entry::Promised { consultation, .. }
        | Entry::Received { consultation, .. }
        | Entry::Repaired { consultation }
        | Entry::Frozen { consultation, .. }) = entry;
        let Some(booked) = self.consultations.get_mut(consultation as usize) else {
            return;
        };
        // Who has left took the others' last packets along: what was not settled then is not counted.
        if !booked.counts {
            return;
        }
        booked.all.add(entry);
        if clean {
            booked.clean.add(entry);
        }
        let Some(delays) = self.delays.get_mut(booked.way as usize) else {
            return;
        };
        if let Entry::Received { delay_ns, .. } = entry {
            delays.all.record(delay_ns.into());
            if clean {
                delays.clean.record(delay_ns.into());
            }
        }
    }

    /// Sums up one way: over all windows, and over the clean ones.
    #[must_use]
    pub fn path(&self, way: Way) -> [PathOutcome; 2] {
        let none = Delays::default();
        let delays = self.delays.get(way as usize).unwrap_or(&none);
        [
            accounts::path(self.accounts(way, false), &delays.all),
            accounts::path(self.accounts(way, true), &delays.clean),
        ]
    }

    /// Consultations through the relay one by one, over all windows and over the clean ones.
    #[must_use]
    pub fn consultations(&self) -> [ConsultationsOutcome; 2] {
        [false, true].map(|clean| accounts::one_by_one(self.accounts(Way::Relayed, clean)))
    }

    /// How many consultations through the relay were whole all the time.
    #[must_use]
    pub fn whole(&self) -> usize {
        let relayed = self.consultations.iter();
        relayed
            .filter(|one| one.counts && one.way == Way::Relayed)
            .count()
    }

    fn accounts(&self, way: Way, clean: bool) -> impl Iterator<Item = &Account> {
        // One that was left counts with what was settled before.
        let of_this_way = self.consultations.iter().filter(move |one| one.way == way);
        of_this_way
            .map(move |one| if clean { &one.clean } else { &one.all })
            .filter(|account| account.was_expected())
    }
}
