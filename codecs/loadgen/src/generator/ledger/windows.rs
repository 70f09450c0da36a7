//! Time cut into windows, and what happened in those that are not settled yet: pure.
//!
//! Whether a window counts as clean is known only some time after it, so that what happened in it is kept as a
//! list until then. Lists are written and read from front to back and used again: one packet costs 12 bytes
//! that are in the cache twice.

use std::collections::VecDeque;

/// One thing that happened to a consultation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Entry {
    /// Packets were sent, each to so many.
    Expected {
        /// To whom.
        consultation: u32,
        /// Packets times receivers.
        packets: u32,
    },
    /// Parts of pictures were sent of which the relay chooses what it passes on.
    Offered {
        /// To whom.
        consultation: u32,
        /// Packets times receivers.
        packets: u32,
    },
    /// What the relay's numbering says of them: so many are to arrive.
    Promised {
        /// Where.
        consultation: u32,
        /// Packets.
        packets: u32,
    },
    /// A packet arrived as it was first sent.
    Received {
        /// Where.
        consultation: u32,
        /// On its way for so long, at most 4.29 s.
        delay_ns: u32,
        /// Whether it is video.
        video: bool,
        /// Whether a later one of its line came first.
        reordered: bool,
    },
    /// A packet arrived by retransmission.
    Repaired {
        /// Where.
        consultation: u32,
    },
    /// A picture moved again.
    Frozen {
        /// Where.
        consultation: u32,
        /// It had stood still for so long.
        lasted_ms: u32,
    },
}

/// Why a window is void.
#[derive(Clone, Copy, Default)]
struct Flaws {
    stolen: bool,
    late: bool,
}

impl Flaws {
    fn any(self) -> bool {
        self.stolen || self.late
    }
}

/// The windows of one measurement.
pub struct Windows {
    start_ns: u64,
    end_ns: u64,
    window_ns: u64,
    flaws: Vec<Flaws>,
    /// Lists of the windows from `settled` on.
    open: VecDeque<Vec<Entry>>,
    settled: usize,
    /// How far the first of the open lists was read.
    read: usize,
    spare: Vec<Vec<Entry>>,
    /// The window in which stolen time was looked at last.
    looked_at: usize,
}

impl Windows {
    /// Windows from one moment to another, the last of which may be shorter.
    #[must_use]
    pub fn new(start_ns: u64, end_ns: u64, window_ns: u64) -> Self {
        let window_ns = window_ns.max(1);
        let count = end_ns.saturating_sub(start_ns).div_ceil(window_ns);
        Self {
            start_ns,
            end_ns,
            window_ns,
            flaws: vec![Flaws::default(); count as usize],
            open: VecDeque::new(),
            settled: 0,
            read: 0,
            spare: Vec::new(),
            looked_at: 0,
        }
    }

    /// When the last one ends.
    #[must_use]
    pub fn end_ns(&self) -> u64 {
        self.end_ns
    }

    /// How long all of them last.
    #[must_use]
    pub fn measured_ns(&self) -> u64 {
        self.end_ns - self.start_ns
    }

    /// Share of them that are void.
    #[must_use]
    pub fn void_share(&self) -> f64 {
        self.share(Flaws::any)
    }

    /// Share of them that are void because the host took a core away.
    #[must_use]
    pub fn stolen_share(&self) -> f64 {
        self.share(|flaws| flaws.stolen)
    }

    /// Share of them that are void because the generator was late.
    #[must_use]
    pub fn late_share(&self) -> f64 {
        self.share(|flaws| flaws.late)
    }

    fn share(&self, is_so: impl Fn(Flaws) -> bool) -> f64 {
        let count = self.flaws.iter().filter(|flaws| is_so(**flaws)).count();
        count as f64 / self.flaws.len().max(1) as f64
    }

    /// Whether a moment lies in one of them.
    #[must_use]
    pub fn contain(&self, at_ns: u64) -> bool {
        (self.start_ns..self.end_ns).contains(&at_ns)
    }

    /// Writes down what happened at a moment in one of them, if its window is still open; else says whether
    /// that window is clean, and whoever told of it books it.
    pub fn record(&mut self, at_ns: u64, entry: Entry) -> Option<bool> {
        if !self.contain(at_ns) {
            return None;
        }
        let index = self.index_of(at_ns);
        let Some(place) = index.checked_sub(self.settled) else {
            return Some(self.is_clean(index, entry));
        };
        while self.open.len() <= place {
            self.open.push_back(self.spare.pop().unwrap_or_default());
        }
        self.open.get_mut(place)?.push(entry);
        None
    }

    /// Makes void the window in which the generator was late.
    pub fn record_late(&mut self, at_ns: u64) {
        if self.contain(at_ns) {
            let index = self.index_of(at_ns);
            if let Some(flaws) = self.flaws.get_mut(index) {
                flaws.late = true;
            }
        }
    }

    /// Whether a window has ended since stolen time was looked at.
    #[must_use]
    pub fn edge_passed(&self, now_ns: u64) -> bool {
        now_ns >= self.start_ns
            && self.index_of(now_ns) > self.looked_at
            && self.looked_at <= self.flaws.len()
    }

    /// Takes in whether time was stolen since the last edge.
    ///
    /// The window before is void too, for what was on its way, and so is the one after, for what had to wait:
    /// the kernel tells of stolen time late and in steps.
    pub fn pass_edge(&mut self, now_ns: u64, stolen: bool) {
        let current = self.index_of(now_ns);
        if stolen {
            let first = self.looked_at.saturating_sub(1);
            let beside = self.flaws.iter_mut().take(current + 1).skip(first);
            beside.for_each(|flaws| flaws.stolen = true);
        }
        self.looked_at = current;
    }

    /// The next entry of a window whose fate was sealed by `now_ns`, and whether that window is clean.
    pub fn settle(&mut self, now_ns: u64) -> Option<(Entry, bool)> {
        loop {
            let window_end_ns = self.start_ns + (self.settled as u64 + 1) * self.window_ns;
            if window_end_ns + SETTLED_AFTER_NS > now_ns {
                return None;
            }
            let list = self.open.front_mut()?;
            if let Some(entry) = list.get(self.read).copied() {
                self.read += 1;
                return Some((entry, self.is_clean(self.settled, entry)));
            }
            let mut list = self.open.pop_front()?;
            list.clear();
            self.spare.push(list);
            (self.settled, self.read) = (self.settled + 1, 0);
        }
    }

    /// Whether what happened in a window is free of flaws, back to where it began.
    fn is_clean(&self, index: usize, entry: Entry) -> bool {
        let lasted_ns = match entry {
            Entry::Frozen { lasted_ms, .. } => u64::from(lasted_ms) * 1_000_000,
            _ => 0,
        };
        let first = index - (lasted_ns.div_ceil(self.window_ns) as usize).min(index);
        let spanned = self.flaws.get(first..=index);
        spanned.is_some_and(|windows| !windows.iter().copied().any(Flaws::any))
    }

    fn index_of(&self, at_ns: u64) -> usize {
        (at_ns.saturating_sub(self.start_ns) / self.window_ns) as usize
    }
}

/// Stolen time has been told by then, and nearly everything has arrived: what comes later is booked alone.
pub const SETTLED_AFTER_NS: u64 = 500_000_000;
