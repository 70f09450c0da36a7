//! A counter that wakes whoever polls it: Python's loop for events, a worker for commands.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use crate::system;

/// A non-blocking eventfd; signalling it twice before a reset wakes once.
pub struct EventFd(File);

impl EventFd {
    /// A quiet eventfd.
    ///
    /// # Errors
    /// No file descriptor is left.
    pub fn new() -> io::Result<Self> {
        system::new_eventfd().map(|descriptor| Self(File::from(descriptor)))
    }

    /// Makes it readable.
    ///
    /// The only possible failure is a full counter, and a full counter is readable already.
    pub fn signal(&self) {
        let _ = (&self.0).write(&1_u64.to_ne_bytes());
    }

    /// Makes it quiet again; call before taking what it announced, so that no announcement is lost.
    ///
    /// The only possible failure is that it was quiet.
    pub fn reset(&self) {
        let _ = (&self.0).read(&mut [0; 8]);
    }

    /// For Python's `add_reader`.
    #[must_use]
    pub fn raw(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl AsFd for EventFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
