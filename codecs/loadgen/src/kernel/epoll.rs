//! Which of many sockets have something.
#![expect(unsafe_code, reason = "the border to the kernel")]

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

use super::checked;

/// Watches descriptors for something to read.
pub struct Epoll {
    descriptor: OwnedFd,
    ready: Vec<libc::epoll_event>,
}

impl Epoll {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn new() -> io::Result<Self> {
        // SAFETY: no pointers; the result is checked before it is owned.
        let descriptor = checked(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: the kernel just gave us this descriptor and nobody else has it.
        let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
        let ready = vec![libc::epoll_event { events: 0, u64: 0 }; READY_AT_ONCE as usize];
        Ok(Self { descriptor, ready })
    }

    /// Watches one more, under a number of the caller's.
    ///
    /// # Errors
    /// It is watched already, or there are too many.
    pub fn add(&self, watched: &impl AsRawFd, number: usize) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, libc::EPOLLIN, watched, number)
    }

    /// Watches one more, and tells once of what came (`EPOLLET`): its owner reads until nothing is left.
    ///
    /// # Errors
    /// It is watched already, or there are too many.
    pub fn add_once_told(&self, watched: &impl AsRawFd, number: usize) -> io::Result<()> {
        let events = libc::EPOLLIN | libc::EPOLLET;
        self.control(libc::EPOLL_CTL_ADD, events, watched, number)
    }

    /// Watches one more for both directions, and tells of each change once (`EPOLLET`): its owner reads and
    /// writes until nothing more is possible.
    ///
    /// # Errors
    /// It is watched already, or there are too many.
    pub fn add_both_ways(&self, watched: &impl AsRawFd, number: usize) -> io::Result<()> {
        let events = libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET;
        self.control(libc::EPOLL_CTL_ADD, events, watched, number)
    }

    /// Watches one no longer that goes on to live.
    ///
    /// # Errors
    /// It was not watched.
    pub fn remove(&self, watched: &impl AsRawFd) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, 0, watched, 0)
    }

    fn control(
        &self,
        operation: libc::c_int,
        events: libc::c_int,
        watched: &impl AsRawFd,
        number: usize,
    ) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: events.cast_unsigned(),
            u64: number as u64,
        };
        // SAFETY: `event` outlives the call.
        let result = unsafe {
            libc::epoll_ctl(
                self.descriptor.as_raw_fd(),
                operation,
                watched.as_raw_fd(),
                &raw mut event,
            )
        };
        checked(result).map(drop)
    }

    /// Waits until something is readable or the time is over; gives the numbers of what is readable.
    ///
    /// # Errors
    /// Never by a signal: that ends the wait with nothing readable.
    pub fn wait(&mut self, timeout: Duration) -> io::Result<impl Iterator<Item = usize> + '_> {
        let timeout = libc::timespec {
            tv_sec: libc::time_t::try_from(timeout.as_secs()).unwrap_or(libc::time_t::MAX),
            tv_nsec: libc::c_long::from(timeout.subsec_nanos()),
        };
        // SAFETY: pointer and count describe `ready`; `timeout` outlives the call; no signal mask.
        let count = unsafe {
            libc::epoll_pwait2(
                self.descriptor.as_raw_fd(),
                self.ready.as_mut_ptr(),
                READY_AT_ONCE,
                &raw const timeout,
                std::ptr::null(),
            )
        };
        let count = match checked(count) {
            Ok(count) => count.unsigned_abs() as usize,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(error),
        };
        Ok(self
            .ready
            .iter()
            .take(count)
            .map(|event| event.u64 as usize))
    }
}

/// The rest is found by the next wait, which then does not wait.
const READY_AT_ONCE: libc::c_int = 256;
