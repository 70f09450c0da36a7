//! The last second of one video encoding (longer while some of it has not left yet), kept once per publisher.
//!
//! Holds packets as they arrived (decrypted), so that every subscriber's retransmission is rewritten
//! from the one copy. Written by `worker`, read by `retransmit`. It takes and gives back pages as packets
//! come and grow old, so that its memory follows the encoding's rate.

use std::collections::VecDeque;

use crate::repair::pages::{PAGE_BYTES, Page, Pages};

/// Whole packets in the order in which they came, found by number.
pub struct PacketCache {
    /// The oldest first.
    pages: VecDeque<Page>,
    /// Number of the oldest page; each has the next one.
    first_page: u32,
    entries: Box<[Entry]>,
    /// Until then packets are kept longer than usual.
    longer_until_ns: u64,
}

#[derive(Clone, Copy, Default)]
struct Entry {
    sequence: u64,
    kept_ns: u64,
    page: u32,
    start: u16,
    /// 0 marks an entry that was never used.
    len: u16,
}

impl PacketCache {
    /// An empty cache; but for pages, the only allocation it ever makes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            pages: VecDeque::with_capacity(MAX_PAGES),
            first_page: 0,
            entries: vec![Entry::default(); ENTRIES].into_boxed_slice(),
            longer_until_ns: 0,
        }
    }

    /// Keeps what it holds, and what comes, for [`KEPT_LONGER_NS`] from now on: somebody's path is full, and it
    /// has to wait (`pacer`).
    pub fn keep_longer(&mut self, now_ns: u64) {
        self.longer_until_ns = now_ns + KEPT_LONGER_NS;
    }

    /// Keeps a packet under its extended sequence number.
    pub fn insert(&mut self, sequence: u64, packet: &[u8], now_ns: u64, free: &mut Pages) {
        while self.pages.len() > 1
            && self
                .pages
                .front()
                .is_some_and(|page| self.is_old(page.newest_ns(), now_ns))
        {
            self.give_oldest(free);
        }
        let last = self.pages.back();
        if last.is_none_or(|page| !page.has_room(packet.len())) {
            if self.pages.len() == MAX_PAGES {
                self.give_oldest(free);
            }
            self.pages.push_back(free.take());
        }
        let number = self.pages.len().saturating_sub(1) as u32;
        let page = self.first_page.wrapping_add(number);
        let start = self
            .pages
            .back_mut()
            .and_then(|page| page.append(packet, now_ns));
        let (Some(start), Some(entry)) = (start, self.entries.get_mut(index_of(sequence))) else {
            return;
        };
        *entry = Entry {
            sequence,
            kept_ns: now_ns,
            page,
            start: start as u16,
            len: packet.len() as u16,
        };
    }

    /// The packet with this number, while it is kept and not too old, or of the newest page.
    #[must_use]
    pub fn get(&self, sequence: u64, now_ns: u64) -> Option<&[u8]> {
        let entry = self.entries.get(index_of(sequence))?;
        if entry.len == 0 || entry.sequence != sequence {
            return None;
        }
        // One that was given back since is before the first, which is beyond the last.
        let place = entry.page.wrapping_sub(self.first_page) as usize;
        let page = self.pages.get(place)?;
        // A still screen is a frame a second (libwebrtc), whose loss shows with the next: the page that is
        // written to is served however old.
        if self.is_old(entry.kept_ns, now_ns) && place + 1 < self.pages.len() {
            return None;
        }
        page.read(usize::from(entry.start), usize::from(entry.len))
    }

    /// Gives back all it holds.
    pub fn release(mut self, free: &mut Pages) {
        while !self.pages.is_empty() {
            self.give_oldest(free);
        }
    }

    /// What it takes of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.pages.len() * PAGE_BYTES + TABLE_BYTES
    }

    const fn is_old(&self, kept_ns: u64, now_ns: u64) -> bool {
        let longest_ns = if now_ns < self.longer_until_ns {
            KEPT_LONGER_NS
        } else {
            KEPT_NS
        };
        now_ns.saturating_sub(kept_ns) > longest_ns
    }

    fn give_oldest(&mut self, free: &mut Pages) {
        if let Some(page) = self.pages.pop_front() {
            self.first_page = self.first_page.wrapping_add(1);
            free.give(page);
        }
    }
}

const fn index_of(sequence: u64) -> usize {
    (sequence % ENTRIES as u64) as usize
}

/// A packet that is older comes too late to be shown.
const KEPT_NS: u64 = 1_000_000_000;
/// While pictures wait for a full path: as long as a key frame may take (`pacer`).
pub const KEPT_LONGER_NS: u64 = 6_000_000_000;
/// 576 KiB: a second of 4 Mbit/s, and the most that a hostile publisher's encoding takes.
const MAX_PAGES: usize = 36;
/// A second of 4 Mbit/s in packets of 1,000 bytes; what a slot remembers of its sending is as long (`history`).
const ENTRIES: usize = 512;
const TABLE_BYTES: usize = ENTRIES * size_of::<Entry>() + MAX_PAGES * size_of::<Page>();

#[cfg(test)]
mod tests;
