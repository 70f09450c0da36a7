//! The queue of pictures that wait because their path is full: they leave at the rate it carries.
//!
//! After a path has narrowed, a picture's encoder needs a moment to follow. What is too much meanwhile waits here
//! and not in the path's own queue, where sound would stand behind it. What waits is named and not copied: the packet
//! lies in its publisher's cache. Who waits and what becomes of it is for `held_back`.

use std::collections::VecDeque;

use crate::cache::KEPT_LONGER_NS;
use crate::ids::{SlotKey, TrackKey};

/// What one leg's path may be sent now, and what waits for it.
#[derive(Default)]
pub struct Pacer {
    waiting: VecDeque<Waiting>,
    waiting_bytes: u64,
    /// Whether a key frame is among what waits, or was: nothing shorter would show more, so it has more time.
    begins: bool,
    /// Whether so much waited that encoders are to send less until nothing does.
    owes: bool,
    /// Below zero after what could not wait: sound, and a packet longer than what was left.
    budget_nanobits: i64,
    /// The most of it that is saved up, and owed.
    most_nanobits: i64,
    filled_ns: u64,
}

/// A packet in its publisher's cache.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Waiting {
    /// On which line it is to leave.
    pub slot: SlotKey,
    /// Whose packet it is,
    pub track: TrackKey,
    /// of which encoding,
    pub encoding: u8,
    /// with which extended sequence number there,
    pub sequence: u64,
    /// of which frame,
    pub timestamp: u32,
    /// and how long.
    pub size_bytes: usize,
    /// When it came, monotonic ns.
    pub arrival_ns: u64,
    /// Whether a decoder may start with its frame.
    pub key_frame: bool,
}

impl Pacer {
    /// Takes what a packet that leaves costs.
    pub fn spend(&mut self, size_bytes: usize) {
        let nanobits = (size_bytes as u64).cast_signed().saturating_mul(8 * NANO);
        // What is owed is bounded: sound alone must not keep back a picture that comes much later.
        self.budget_nanobits = self
            .budget_nanobits
            .saturating_sub(nanobits)
            .max(-self.most_nanobits);
    }

    /// Whether a picture's packet has to wait: others do, or the path has no room.
    pub fn is_full(&mut self, rate_bps: u64, now_ns: u64) -> bool {
        self.fill(rate_bps, now_ns);
        !self.waiting.is_empty() || self.budget_nanobits <= 0
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// By how much less than the rate should be sent anew, so that what waits is made up for.
    ///
    /// Half a second of the rate waits without consequence, so that no key frame of a usual length has any; more is
    /// to leave until nothing waits. A picture needs something of the rate to go on.
    pub fn owed_bps(&mut self, rate_bps: u64) -> u64 {
        let waiting_bits = self.waiting_bytes * 8;
        self.owes |= waiting_bits > rate_bps / 2;
        self.owes &= !self.waiting.is_empty();
        if self.owes {
            waiting_bits.min(rate_bps * 3 / 5)
        } else {
            0
        }
    }

    /// Adds a packet behind those of its encoding that go before it, and before those that follow it: one that
    /// was lost on its way to the relay comes again late.
    pub fn add(&mut self, packet: Waiting) {
        let follows =
            |other: &Waiting| other.continues(&packet) && other.sequence > packet.sequence;
        let newest = self.waiting.iter().rev().find(|it| it.continues(&packet));
        let place = newest
            .filter(|newest| follows(newest))
            .and_then(|_| self.waiting.iter().position(follows));
        self.begins |= packet.key_frame;
        self.waiting_bytes += packet.size_bytes as u64;
        self.waiting
            .insert(place.unwrap_or(self.waiting.len()), packet);
    }

    /// Takes out what waits for a slot and is of no use once this packet's key frame is there, and says how much
    /// that was; nothing, if of this frame or of later ones some packet waits already.
    pub fn overtake(&mut self, packet: &Waiting) -> usize {
        let is_no_older = |other: &Waiting| {
            other.continues(packet)
                && (other.timestamp == packet.timestamp || other.sequence > packet.sequence)
        };
        if !packet.key_frame || self.waiting.iter().any(is_no_older) {
            return 0;
        }
        self.take_out(packet.slot).len()
    }

    /// The next packet, if it may leave now.
    pub fn take(&mut self, rate_bps: u64, now_ns: u64) -> Option<Waiting> {
        self.fill(rate_bps, now_ns);
        if self.budget_nanobits <= 0 {
            return None;
        }
        let next = self.waiting.pop_front()?;
        self.waiting_bytes -= next.size_bytes as u64;
        self.begins &= !self.waiting.is_empty();
        Some(next)
    }

    /// What waits for the slot for which most does, once the first has waited too long or there is more than a
    /// cache keeps.
    pub fn give_up(&mut self, now_ns: u64) -> Vec<Waiting> {
        let longest_ns = if self.begins {
            LONGEST_BEGINNING_NS
        } else {
            LONGEST_WAIT_NS
        };
        let too_long = |first: &Waiting| now_ns.saturating_sub(first.arrival_ns) > longest_ns;
        if self.waiting.len() <= MOST_WAITING && !self.waiting.front().is_some_and(too_long) {
            return Vec::new();
        }
        let of = |slot| self.waiting.iter().filter(|it| it.slot == slot).count();
        let most = self
            .waiting
            .iter()
            .map(|it| it.slot)
            .max_by_key(|it| of(*it));
        most.map_or_else(Vec::new, |slot| self.take_out(slot))
    }

    fn take_out(&mut self, slot: SlotKey) -> Vec<Waiting> {
        let (out, stays) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition::<Vec<_>, _>(|it| it.slot == slot);
        self.waiting = stays.into();
        self.waiting_bytes = self.waiting.iter().map(|it| it.size_bytes as u64).sum();
        self.begins = self.waiting.iter().any(|it| it.key_frame);
        out
    }

    fn fill(&mut self, rate_bps: u64, now_ns: u64) {
        let elapsed_ns = now_ns.saturating_sub(self.filled_ns).min(NANO as u64);
        self.filled_ns = now_ns;
        let rate_bps = rate_bps.min(HIGHEST_BPS).cast_signed();
        let gained = rate_bps * PACE_PERCENT / 100 * elapsed_ns.cast_signed();
        self.most_nanobits = rate_bps * BURST_NS;
        self.budget_nanobits = self
            .budget_nanobits
            .saturating_add(gained)
            .min(self.most_nanobits);
    }
}

impl Waiting {
    /// Whether both are packets of one encoding on one slot.
    fn continues(&self, other: &Self) -> bool {
        (self.slot, self.track, self.encoding) == (other.slot, other.track, other.encoding)
    }
}

const NANO: i64 = 1_000_000_000;
/// Of the rate: what has waited is made up for slowly, so that no queue stands in the path instead.
const PACE_PERCENT: i64 = 110;
/// As much as so long at the rate leaves as it comes: any usual frame, but not all of a key frame.
const BURST_NS: i64 = 100_000_000;
/// Longer than an encoder needs to follow; then a fresh start shows sooner what is going on.
const LONGEST_WAIT_NS: u64 = 800_000_000;
/// A key frame of 25 kB takes two seconds at 100 kbit/s: whoever gives it up asks for another of this length. What
/// follows it waits as long, until the publisher has sent so much less.
const LONGEST_BEGINNING_NS: u64 = KEPT_LONGER_NS - 200_000_000;
/// As many packets as an encoding's cache holds (`cache`).
const MOST_WAITING: usize = 512;
/// The estimator's highest, five times over.
pub const HIGHEST_BPS: u64 = 100_000_000;

#[cfg(test)]
mod tests;
