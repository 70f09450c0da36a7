//! What the delay of groups says of a path: groups, their slope, and whether it is an overuse.

use crate::groups::Groups;
use crate::overuse::{Overuse, Usage};
use crate::trendline::Trendline;

/// From packets to usage.
#[derive(Clone, Debug)]
pub struct Delay {
    groups: Groups,
    trendline: Trendline,
    overuse: Overuse,
}

impl Delay {
    pub fn new() -> Self {
        Self {
            groups: Groups::default(),
            trendline: Trendline::new(),
            overuse: Overuse::new(),
        }
    }

    /// Adds a packet that arrived, by a steady clock.
    pub fn add(&mut self, sent_us: i64, arrival_us: i64) {
        if let Some(delta) = self.groups.add(sent_us, arrival_us) {
            let trend = self.trendline.add(delta);
            self.overuse.detect(delta, trend);
        }
    }

    pub fn usage(&self) -> Usage {
        self.overuse.usage()
    }
}
