//! An allocator that counts, so that "no allocation per packet" is a number.
#![expect(unsafe_code, reason = "an allocator is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Calls that asked for memory, or for more of it, on this thread.
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator; a program or a test makes it its `#[global_allocator]`.
pub struct Counting;

// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(place, layout, new_size) }
    }
}

/// How often this thread has asked for memory; always 0 under another allocator.
#[must_use]
pub fn asked() -> u64 {
    ASKED.get()
}

/// How often `work` asked for memory; other threads do not count.
#[must_use]
pub fn asked_in(work: impl FnOnce()) -> u64 {
    let before = asked();
    work();
    asked() - before
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[global_allocator]
    static COUNTING: Counting = Counting;

    #[test]
    fn memory_that_is_asked_for_counts_and_so_does_more_of_it() {
        assert_eq!(asked_in(|| drop(black_box(vec![0_u8; 100]))), 1);
        let mut bytes = Vec::<u8>::with_capacity(10);
        assert_eq!(asked_in(|| black_box(&mut bytes).reserve(1_000)), 1);
        assert_eq!(asked_in(|| assert_eq!(black_box(1_u64), 1)), 0);
    }
}
