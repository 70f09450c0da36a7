//! The memory of a worker's packet caches: pages that go round, so that keeping a packet allocates nothing.

/// A piece of memory that packets are appended to.
pub struct Page {
    bytes: Box<[u8]>,
    used: usize,
    newest_ns: u64,
}

impl Page {
    fn new() -> Self {
        Self {
            bytes: vec![0; PAGE_BYTES].into_boxed_slice(),
            used: 0,
            newest_ns: 0,
        }
    }

    /// Appends a packet, the newest of this page; returns where it begins, `None` where it has no room.
    pub fn append(&mut self, packet: &[u8], now_ns: u64) -> Option<usize> {
        let start = self.used;
        let end = start + packet.len();
        self.bytes.get_mut(start..end)?.copy_from_slice(packet);
        (self.used, self.newest_ns) = (end, now_ns);
        Some(start)
    }

    /// What was appended there.
    #[must_use]
    pub fn read(&self, start: usize, len: usize) -> Option<&[u8]> {
        self.bytes.get(..self.used)?.get(start..start + len)
    }

    /// Whether a packet of this length can be appended.
    #[must_use]
    pub const fn has_room(&self, len: usize) -> bool {
        self.used + len <= PAGE_BYTES
    }

    /// When its newest packet was appended, monotonic ns.
    #[must_use]
    pub const fn newest_ns(&self) -> u64 {
        self.newest_ns
    }
}

/// One worker's pages that no cache holds.
pub struct Pages {
    free: Vec<Page>,
    /// Whether any was ever wanted: who carries sound only lays in nothing.
    is_used: bool,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            free: Vec::with_capacity(MAX_FREE),
            is_used: false,
        }
    }
}

impl Pages {
    /// An empty page: one that was given back or laid in, else a new one.
    pub fn take(&mut self) -> Page {
        self.is_used = true;
        self.free.pop().unwrap_or_else(Page::new)
    }

    /// Lays in some, so that a cache that grows does not make a packet wait for the allocator.
    pub fn stock(&mut self) {
        while self.is_used && self.free.len() < STOCK {
            self.free.push(Page::new());
        }
    }

    /// Takes a page back, to be used again; what is more than a worker's swings need is freed.
    pub fn give(&mut self, mut page: Page) {
        if self.free.len() < MAX_FREE {
            page.used = 0;
            self.free.push(page);
        }
    }

    /// What the pages that no cache holds take of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.free.len() * PAGE_BYTES
    }
}

/// 0.1 s of 1.2 Mbit/s: little is held beyond its time, and what no packet fits into at the end is 4 %.
pub const PAGE_BYTES: usize = 16 * 1024;
/// More than the swings of a worker that is full: its encodings take about as many pages in a tick as they give back.
const STOCK: usize = 32;
/// 2 MiB a worker: pages that hundreds of encodings give back and take do not leave by the allocator.
const MAX_FREE: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_takes_what_fits_and_is_empty_when_it_comes_again() {
        let mut pages = Pages::default();
        let mut page = pages.take();
        assert_eq!(page.append(&[1; 1_000], 5), Some(0));
        assert_eq!(page.append(&[2; 100], 6), Some(1_000));
        assert_eq!(page.newest_ns(), 6);
        assert_eq!(page.read(1_000, 100), Some(&[2; 100][..]));
        assert_eq!(page.read(1_000, 101), None, "nothing was written there");
        assert!(!page.has_room(PAGE_BYTES - 1_099));
        assert_eq!(page.append(&vec![3; PAGE_BYTES - 1_099], 7), None);
        pages.give(page);
        assert_eq!(pages.bytes(), PAGE_BYTES);
        let again = pages.take();
        assert_eq!(pages.bytes(), 0);
        assert_eq!(again.read(0, 1), None);
    }

    #[test]
    fn what_was_laid_in_is_what_is_taken() {
        let mut pages = Pages::default();
        pages.stock();
        assert_eq!(pages.bytes(), 0, "nobody has wanted one yet");
        let page = pages.take();
        pages.give(page);
        pages.stock();
        pages.stock();
        assert_eq!(pages.bytes(), STOCK * PAGE_BYTES);
        let page = pages.take();
        assert_eq!(pages.bytes(), (STOCK - 1) * PAGE_BYTES);
        assert_eq!(page.read(0, 1), None);
    }

    #[test]
    fn a_worker_keeps_a_few_free_pages_and_no_more() {
        let mut pages = Pages::default();
        let many: Vec<Page> = (0..3 * MAX_FREE).map(|_| pages.take()).collect();
        for page in many {
            pages.give(page);
        }
        assert_eq!(pages.bytes(), MAX_FREE * PAGE_BYTES);
    }
}
