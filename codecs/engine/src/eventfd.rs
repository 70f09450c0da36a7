//! A counter that wakes whoever polls it: Python's loop for events, a worker for commands.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::system;

/// A non-blocking eventfd; signalling it twice before a reset wakes once, and costs one system call.
pub struct EventFd {
    file: File,
    /// Whether it was signalled since the last reset.
    raised: AtomicBool,
}

impl EventFd {
    /// A quiet eventfd.
    ///
    /// # Errors
    /// No file descriptor is left.
    pub fn new() -> io::Result<Self> {
        system::new_eventfd().map(|descriptor| Self {
            file: File::from(descriptor),
            raised: AtomicBool::new(false),
        })
    }

    /// Makes it readable.
    ///
    /// The only possible failure is a full counter, and a full counter is readable already.
    pub fn signal(&self) {
        if !self.raised.swap(true, Ordering::AcqRel) {
            let _ = (&self.file).write(&1_u64.to_ne_bytes());
        }
    }

    /// Makes it quiet again; call before taking what it announced, so that no announcement is lost.
    ///
    /// The only possible failure is that it was quiet.
    pub fn reset(&self) {
        let _ = (&self.file).read(&mut [0; 8]);
        // In this order: who signals in between is not heard by the descriptor, but what it announced was there
        // before, and the swap makes that visible to the caller, who looks next.
        self.raised.swap(false, Ordering::AcqRel);
    }

    /// For Python's `add_reader`.
    #[must_use]
    pub fn raw(&self) -> RawFd {
        self.file.as_raw_fd()
    }
}

impl AsFd for EventFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}
