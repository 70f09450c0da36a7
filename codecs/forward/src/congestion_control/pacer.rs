//! The queue of pictures that wait because their path is full: they leave at the rate it carries.
//!
//! After a path has narrowed, a picture's encoder needs a moment to follow. What is too much meanwhile waits here
//! and not in the path's own queue, where sound would stand behind it. What waits is named and not copied: the packet
//! lies in its publisher's cache. Who waits and what becomes of it is for `held_back`. What is sent again waits here too
//! (`repairs`), and leaves first.

use std::collections::VecDeque;

use smallvec::SmallVec;

use crate::repair::cache::KEPT_LONGER_NS;
use crate::worker::ids::SlotKey;

mod repairs;
mod waiting;

pub use repairs::Repair;
use repairs::Repairs;
use waiting::Picture;
pub use waiting::Waiting;

/// What one leg's path may be sent now, and what waits for it.
#[derive(Default)]
pub struct Pacer {
    waiting: VecDeque<Waiting>,
    waiting_bytes: u64,
    repairs: Repairs,
    /// The leg's slots for pictures, as far as something was sent to them here.
    pictures: SmallVec<[Picture; 2]>,
    /// Until then nothing is given up: something else was, which makes room.
    spared_until_ns: u64,
    /// Whether so much waited that encoders are to send less until nothing does.
    owes: bool,
    /// Below zero after what could not wait: sound, and a packet longer than what was left.
    budget_nanobits: i64,
    /// The most of it that is owed.
    most_owed_nanobits: i64,
    filled_ns: u64,
}

impl Pacer {
    /// Takes what a packet that leaves costs.
    pub fn spend(&mut self, size_bytes: usize) {
        let nanobits = (size_bytes as u64).cast_signed().saturating_mul(8 * NANO);
        // What is owed is bounded: sound alone must not keep back a picture that comes much later.
        self.budget_nanobits = self
            .budget_nanobits
            .saturating_sub(nanobits)
            .max(-self.most_owed_nanobits);
    }

    /// Whether a picture's packet has to wait: others do, or the path has no room.
    pub fn is_full(&mut self, rate_bps: u64, now_ns: u64) -> bool {
        self.fill(rate_bps, now_ns);
        !self.is_idle() || self.budget_nanobits <= 0
    }

    /// Whether a packet that is to be sent again has to wait: others like it do, or the path has no room.
    pub fn is_full_for_repair(&mut self, rate_bps: u64, now_ns: u64) -> bool {
        self.fill(rate_bps, now_ns);
        !self.repairs.is_empty() || !self.has_room_for_repair()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.repairs.is_empty()
    }

    /// Whether some of a slot's key frame waits.
    #[must_use]
    pub fn has_key_frame(&self, slot: SlotKey) -> bool {
        let begins = self.picture(slot).and_then(|picture| picture.begins);
        begins.is_some_and(|key| {
            let mut of_slot = self.waiting.iter().filter(|it| it.slot == slot);
            of_slot.any(|it| it.timestamp == key.timestamp)
        })
    }

    /// By how much less than the rate should be sent anew, so that what waits is made up for.
    ///
    /// Half a second of the rate waits without consequence, so that no key frame of a usual length has any; more is
    /// to leave until hardly anything waits. A picture needs something of the rate to go on.
    pub fn owed_bps(&mut self, rate_bps: u64) -> u64 {
        let waiting_bits = self.waiting_bytes * 8;
        self.owes |= waiting_bits > rate_bps / 2;
        self.owes &= waiting_bits > rate_bps / 20;
        if self.owes {
            waiting_bits.min(rate_bps * 3 / 5)
        } else {
            0
        }
    }

    /// Adds a packet behind those of its encoding that go before it, and before those that follow it: one that
    /// was lost on its way to the relay comes again late. Returns whether it was added; it is too late once a key
    /// frame has taken the place of what it belongs to.
    pub fn add(&mut self, packet: Waiting) -> bool {
        let follows =
            |other: &Waiting| other.continues(&packet) && other.sequence > packet.sequence;
        let newest = self.waiting.iter().rev().find(|it| it.continues(&packet));
        let place = newest
            .filter(|newest| follows(newest))
            .and_then(|_| self.waiting.iter().position(follows));
        let place = place.unwrap_or(self.waiting.len());
        if self.waiting.get(place).is_some_and(|next| next.begins_anew) {
            return false;
        }
        self.insert(place, packet);
        true
    }

    /// Takes note of a packet that leaves without waiting: what follows it may have to.
    pub fn pass(&mut self, packet: &Waiting, now_ns: u64) {
        self.note(packet.slot, |picture| {
            picture.come(packet);
            picture.leave(packet, now_ns);
        });
    }

    /// Forgets a slot and what waits for it; returns how much that was.
    pub fn forget(&mut self, slot: SlotKey) -> usize {
        let forgotten = self.take_out(|it| it.slot == slot) + self.repairs.forget(slot);
        self.pictures.retain(|picture| picture.slot != slot);
        forgotten
    }

    /// Puts packets before all others: they were to leave with one that has just left.
    pub fn put_first(&mut self, packets: impl DoubleEndedIterator<Item = Waiting>) {
        for packet in packets.rev() {
            self.insert(0, packet);
        }
    }

    /// The lowest sequence number that waits of the encoding of a packet that has left.
    #[must_use]
    pub fn next_after(&self, left: &Waiting) -> Option<u64> {
        let mut others = self.waiting.iter().filter(|it| it.continues(left));
        others.next().map(|next| next.sequence)
    }

    /// Takes out what waits for a slot and is of no use once this key frame is there; returns how much that was.
    ///
    /// A frame of which some packets have left stays: on a path that takes longer for one key frame than others
    /// need to ask for the next, none would ever be whole. So does all, if of this frame or of later ones some
    /// packet waits already.
    pub fn overtake(&mut self, packet: &Waiting) -> usize {
        let is_no_older = |other: &Waiting| {
            other.continues(packet)
                && (other.timestamp == packet.timestamp || other.sequence > packet.sequence)
        };
        if self.waiting.iter().any(is_no_older) {
            return 0;
        }
        let begun = self.picture(packet.slot).and_then(|it| it.begun);
        self.take_out(|it| it.slot == packet.slot && Some(it.timestamp) != begun)
    }

    /// Takes out what waits of a packet's encoding, whose numbers begin again with it; returns how much that was.
    pub fn restart(&mut self, packet: &Waiting) -> usize {
        self.take_out(|it| it.continues(packet))
    }

    /// The next packet, if it may leave now.
    pub fn take(&mut self, rate_bps: u64, now_ns: u64) -> Option<Waiting> {
        self.fill(rate_bps, now_ns);
        if self.budget_nanobits <= 0 {
            return None;
        }
        let next = self.waiting.pop_front()?;
        self.waiting_bytes -= next.size_bytes as u64;
        self.note(next.slot, |picture| {
            picture.packets -= 1;
            picture.leave(&next, now_ns);
        });
        Some(next)
    }

    /// A slot that is to be given up: something has waited too long, or there is more than a cache keeps, and most
    /// waits for this one. How much that was comes with it; what is to be sent again of it is left to the caller.
    ///
    /// One whose key frame waits is only given up for its own waiting; and what is left is spared for a while.
    pub fn give_up(&mut self, now_ns: u64) -> Option<(SlotKey, usize)> {
        let is_crowded = self.waiting.len() > MOST_WAITING;
        if !is_crowded && now_ns < self.spared_until_ns {
            return None;
        }
        let front = self.waiting.front()?;
        let waited_ns = now_ns.saturating_sub(front.arrival_ns);
        let is_late = |begins| waited_ns > longest_wait_ns(begins);
        let begins = |picture: &Picture| picture.begins.is_some();
        if !is_crowded && !is_late(self.picture(front.slot).is_some_and(begins)) {
            return None;
        }
        let eligible = self.pictures.iter().filter(|picture| {
            let is_own = picture.slot == front.slot && is_late(true);
            picture.packets > 0 && (is_crowded || is_own || !begins(picture))
        });
        let slot = eligible.max_by_key(|picture| picture.packets)?.slot;
        self.spared_until_ns = now_ns + LONGEST_WAIT_NS;
        Some((slot, self.take_out(|it| it.slot == slot)))
    }

    fn insert(&mut self, place: usize, packet: Waiting) {
        self.waiting_bytes += packet.size_bytes as u64;
        self.waiting.insert(place, packet);
        self.note(packet.slot, |picture| {
            picture.packets += 1;
            picture.come(&packet);
        });
    }

    fn take_out(&mut self, goes: impl Fn(&Waiting) -> bool) -> usize {
        let before = self.waiting.len();
        let (pictures, bytes) = (&mut self.pictures, &mut self.waiting_bytes);
        self.waiting.retain(|packet| {
            let gone = goes(packet);
            if gone {
                *bytes -= packet.size_bytes as u64;
                if let Some(picture) = pictures.iter_mut().find(|it| it.slot == packet.slot) {
                    picture.packets -= 1;
                }
            }
            !gone
        });
        before - self.waiting.len()
    }

    fn picture(&self, slot: SlotKey) -> Option<&Picture> {
        self.pictures.iter().find(|picture| picture.slot == slot)
    }

    fn note(&mut self, slot: SlotKey, change: impl FnOnce(&mut Picture)) {
        if let Some(picture) = self.pictures.iter_mut().find(|it| it.slot == slot) {
            change(picture);
        } else {
            let mut picture = Picture::new(slot);
            change(&mut picture);
            self.pictures.push(picture);
        }
    }

    fn fill(&mut self, rate_bps: u64, now_ns: u64) {
        let elapsed_ns = now_ns.saturating_sub(self.filled_ns).min(NANO as u64);
        self.filled_ns = now_ns;
        let rate_bps = rate_bps.min(HIGHEST_BPS).cast_signed();
        let gained = rate_bps * PACE_PERCENT / 100 * elapsed_ns.cast_signed();
        self.most_owed_nanobits = rate_bps * MOST_OWED_NS;
        self.budget_nanobits = self
            .budget_nanobits
            .saturating_add(gained)
            .min(rate_bps * BURST_NS);
    }
}

const fn longest_wait_ns(begins: bool) -> u64 {
    if begins {
        LONGEST_BEGINNING_NS
    } else {
        LONGEST_WAIT_NS
    }
}

const NANO: i64 = 1_000_000_000;
/// Of the rate: what has waited is made up for slowly, so that no queue stands in the path instead.
const PACE_PERCENT: i64 = 110;
/// As much as so long at the rate leaves as it comes, and the packet that ends it. The rest of a frame leaves by the rate and
/// arrives no later, since its path takes as long for it; but sound need not stand behind it there. With a tenth of a
/// second, frames on 0.5 Mbit/s were a queue of 70 ms (in Chromium, 95th percentile).
const BURST_NS: i64 = 20_000_000;
/// So much at the rate pictures owe at the most for what did not wait.
const MOST_OWED_NS: i64 = 100_000_000;
/// Longer than an encoder needs to follow; then a fresh start shows sooner what is going on.
const LONGEST_WAIT_NS: u64 = 800_000_000;
/// Whoever gives up a key frame asks for another of this length. One of 25 kB takes five seconds where 40 kbit/s are
/// left beside sound that is repeated, and pictures pause soon below that (`relay.layers`).
const LONGEST_BEGINNING_NS: u64 = KEPT_LONGER_NS - 200_000_000;
/// As many packets as an encoding's cache holds (`cache`).
const MOST_WAITING: usize = 512;
/// The estimator's highest, five times over.
pub const HIGHEST_BPS: u64 = 100_000_000;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_giving_up;
