//! What a consultation's packets came to, and all consultations' together: pure.

use super::Way;
use super::windows::Entry;
use crate::distribution::Distribution;
use crate::outcome::{ConsultationsOutcome, PathOutcome, Spread};

/// Figures over all windows, or over the clean ones.
#[derive(Default)]
pub struct Account {
    expected: u64,
    /// Parts of pictures among which the relay chooses, times receivers; and those it passed on.
    offered: u64,
    promised: u64,
    received: u64,
    repaired: u64,
    reordered: u64,
    received_video: u64,
    freezes: u64,
    frozen_ms: u64,
    delay: Distribution<4>,
}

impl Account {
    /// Takes in one entry.
    pub fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Expected { packets, .. } => self.expected += u64::from(packets),
            Entry::Offered { packets, .. } => self.offered += u64::from(packets),
            Entry::Promised { packets, .. } => {
                self.expected += u64::from(packets);
                self.promised += u64::from(packets);
            }
            Entry::Received {
                delay_ns,
                video,
                reordered,
                ..
            } => {
                self.received += 1;
                self.received_video += u64::from(video);
                self.reordered += u64::from(reordered);
                self.delay.record(delay_ns.into());
            }
            Entry::Repaired { .. } => self.repaired += 1,
            Entry::Frozen { lasted_ms, .. } => {
                self.freezes += 1;
                self.frozen_ms += u64::from(lasted_ms);
            }
        }
    }

    /// Whether anything was to arrive.
    #[must_use]
    pub fn was_expected(&self) -> bool {
        self.expected > 0
    }

    /// Whether something that was to arrive has not, not even by retransmission.
    #[must_use]
    pub fn awaits(&self) -> bool {
        self.lost() > self.repaired
    }

    fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.received)
    }

    fn withheld(&self) -> u64 {
        self.offered.saturating_sub(self.promised)
    }

    fn loss_share(&self) -> f64 {
        self.lost() as f64 / self.expected.max(1) as f64
    }
}

/// Sums up accounts of one way; `delay` is their packets' in finer steps.
pub fn path<'a>(accounts: impl Iterator<Item = &'a Account>, delay: &Distribution) -> PathOutcome {
    let mut outcome = PathOutcome {
        expected: 0,
        received: 0,
        lost: 0,
        repaired: 0,
        reordered: 0,
        withheld: 0,
        received_video: 0,
        worst_consultation_lost: 0,
        delay: delay.summary(),
    };
    for account in accounts {
        outcome.expected += account.expected;
        outcome.received += account.received;
        outcome.lost += account.lost();
        outcome.repaired += account.repaired;
        outcome.reordered += account.reordered;
        outcome.withheld += account.withheld();
        outcome.received_video += account.received_video;
        outcome.worst_consultation_lost = outcome.worst_consultation_lost.max(account.lost());
    }
    outcome
}

/// Accounts one by one.
pub fn one_by_one<'a>(accounts: impl Iterator<Item = &'a Account>) -> ConsultationsOutcome {
    let accounts: Vec<_> = accounts.collect();
    let quantile_us =
        |account: &Account, share: f64| account.delay.quantile_ns(share) as f64 / 1_000.0;
    let row = |account: &&Account| {
        [
            account.expected as f64,
            account.lost() as f64,
            quantile_us(account, 0.50),
            quantile_us(account, 0.95),
            quantile_us(account, 0.99),
            quantile_us(account, 1.0),
        ]
    };
    let loss: Vec<f64> = accounts.iter().map(|one| one.loss_share()).collect();
    ConsultationsOutcome {
        worst_loss_share: loss.iter().copied().fold(0.0, f64::max),
        loss_share: Spread::of(loss),
        delay_p99_us: Spread::of(accounts.iter().map(|one| quantile_us(one, 0.99)).collect()),
        freezes: accounts.iter().map(|one| one.freezes).sum(),
        frozen_ms: accounts.iter().map(|one| one.frozen_ms).sum(),
        per_consultation: accounts.iter().map(row).collect(),
    }
}

/// A consultation: who is to be there, who is, and what its packets came to.
pub struct Consultation {
    /// How its packets travel.
    pub way: Way,
    planned: usize,
    present: usize,
    /// Whether it was whole when the measurement began, and still is.
    pub counts: bool,
    /// Whether the relay chooses among several encodings, or how much of one it passes on.
    pub chosen: bool,
    /// Over all windows.
    pub all: Account,
    /// Over those that are not void.
    pub clean: Account,
}

impl Consultation {
    /// One that nobody has entered.
    #[must_use]
    pub fn planned(way: Way, participants: usize) -> Self {
        Self {
            way,
            planned: participants,
            present: 0,
            counts: false,
            chosen: false,
            all: Account::default(),
            clean: Account::default(),
        }
    }

    /// One more is there.
    pub fn enter(&mut self) {
        self.present += 1;
    }

    /// One of them is not there any more: from here on nothing of it counts.
    pub fn leave(&mut self) {
        self.present = self.present.saturating_sub(1);
        self.counts = false;
    }

    /// Begins anew; counts if everybody is there.
    pub fn begin(&mut self) {
        self.counts = self.planned == self.present;
        (self.all, self.clean) = (Account::default(), Account::default());
    }

    /// How many are to get each packet that one of them sends.
    #[must_use]
    pub fn receivers(&self) -> u32 {
        self.planned.saturating_sub(1) as u32
    }
}
