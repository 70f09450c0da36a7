//! The memory of departures: pages that go round, as many as a path's rate asks for.
//!
//! What nobody was sent costs nothing, and a packet allocates nothing but the first: that takes the pages that everybody has.
//! More are laid in between packets while all are needed, and the oldest is written anew when it is not.

use std::collections::VecDeque;

use super::Departure;

type Page = Box<[Departure; PAGE]>;

/// The last departures of one leg, by number.
pub struct Ring {
    /// The oldest first; each but the last is full.
    pages: VecDeque<Page>,
    /// Those that were never written.
    spare: Vec<Page>,
    /// The number of the oldest page's first packet.
    first: u64,
    /// The number of the next packet.
    next: u64,
}

impl Ring {
    /// Nothing has left; the first packet will have this number.
    #[must_use]
    pub const fn new(first: u64) -> Self {
        Self {
            pages: VecDeque::new(),
            spare: Vec::new(),
            first,
            next: first,
        }
    }

    /// The number of the next packet.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// How many packets a feedback may reach back.
    #[must_use]
    pub fn reach(&self) -> u64 {
        self.pages.len().max(LEAST_PAGES) as u64 * PAGE as u64
    }

    /// Enters a packet under the next number; it left just now.
    pub fn enter(&mut self, departure: Departure) {
        let end = self.first + (self.pages.len() * PAGE) as u64;
        if self.next == end {
            self.turn_page(departure.sent_us);
        }
        let number = self.next;
        self.next += 1;
        if let Some(place) = self.get_mut(number) {
            *place = departure;
        }
    }

    /// Lays in pages for a rate that asks for more than there are, so that no packet waits for the allocator.
    pub fn stock(&mut self, now_us: u64) {
        let is_growing = self.pages.len() >= LEAST_PAGES && !self.is_old(0, now_us as u32);
        let room = MOST_PAGES.saturating_sub(self.pages.len());
        while is_growing && self.spare.len() < room.min(SPARE_PAGES) {
            self.spare.push(empty_page());
        }
    }

    /// The packet with this number, if it left and is remembered.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<Departure> {
        let (page, place) = self.place_of(number)?;
        self.pages.get(page)?.get(place).copied()
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut Departure> {
        let (page, place) = self.place_of(number)?;
        self.pages.get_mut(page)?.get_mut(place)
    }

    /// How many packets there is memory for.
    #[cfg(test)]
    pub fn capacity(&self) -> usize {
        (self.pages.len() + self.spare.len()) * PAGE
    }

    fn place_of(&self, number: u64) -> Option<(usize, usize)> {
        if !(self.first..self.next).contains(&number) {
            return None;
        }
        let place = (number - self.first) as usize;
        Some((place / PAGE, place % PAGE))
    }

    fn turn_page(&mut self, now_us: u32) {
        let is_full = self.pages.len() >= MOST_PAGES;
        let page = if is_full || (self.has_enough() && self.is_old(0, now_us)) {
            self.first += PAGE as u64;
            self.pages.pop_front()
        } else {
            None
        };
        // Of a rate that has fallen; what it swings by stays.
        while self.has_enough() && self.is_old(SPARE_PAGES, now_us) {
            self.first += PAGE as u64;
            self.pages.pop_front();
        }
        if self.pages.capacity() == 0 {
            self.pages.reserve_exact(MOST_PAGES);
            self.spare.extend((0..LEAST_PAGES).map(|_| empty_page()));
        }
        let page = page.or_else(|| self.spare.pop());
        self.pages.push_back(page.unwrap_or_else(empty_page));
    }

    fn has_enough(&self) -> bool {
        self.pages.len() >= LEAST_PAGES
    }

    /// Whether all of a page left so long ago that nobody tells of it any more.
    fn is_old(&self, page: usize, now_us: u32) -> bool {
        let newest = self.pages.get(page).and_then(|page| page.last());
        newest.is_some_and(|newest| now_us.wrapping_sub(newest.sent_us) > KEPT_US)
    }
}

fn empty_page() -> Page {
    Box::new([Departure::default(); PAGE])
}

/// A page takes 1.5 KiB.
pub const PAGE: usize = 128;
/// 1,024 packets, 12 KiB: of sound alone 20 s, which is longer than any queue.
pub const LEAST_PAGES: usize = 8;
/// 4,096 packets behind the page that is being filled, 50 KiB: 2 s of the estimator's 20 Mbit/s.
pub const MOST_PAGES: usize = 33;
/// A long queue, and the interval of feedback.
const KEPT_US: u32 = 2_000_000;
/// Kept of those that are not needed just now, and laid in: what 2,000 packets a second take between two feedbacks.
const SPARE_PAGES: usize = 2;
