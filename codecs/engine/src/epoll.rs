//! Which of many descriptors have something for the worker, found without waiting.
//!
//! A set of them is a descriptor itself: the worker waits for that one beside its few others
//! (`crate::readiness`), so that a turn costs the same however many TCP connections are idle.
#![expect(unsafe_code, reason = "the border to the kernel")]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use libc::{c_int, epoll_event};

use crate::system::{self, checked};

/// Descriptors that are watched, each under a number of the caller's.
pub struct Epoll {
    descriptor: OwnedFd,
    found: Box<[epoll_event]>,
}

/// What is wanted to be known of a descriptor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Interest {
    /// Nothing for now.
    Nothing,
    /// That there is something to read, or an end to it.
    Reading,
    /// That too, and that there is room to write.
    ReadingAndWriting,
}

/// A descriptor that has something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ready {
    /// Which one, by the caller's number.
    pub number: u64,
    /// Something to read, an end, or an error that reading will tell.
    pub is_readable: bool,
    /// Room to write.
    pub is_writable: bool,
}

impl Epoll {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn new() -> io::Result<Self> {
        let descriptor = system::new_epoll()?;
        let nothing = epoll_event { events: 0, u64: 0 };
        Ok(Self {
            descriptor,
            found: vec![nothing; FOUND_AT_ONCE].into_boxed_slice(),
        })
    }

    /// Watches one more, until it is closed.
    ///
    /// # Errors
    /// It is watched already, or the kernel watches no more.
    pub fn add(&self, watched: BorrowedFd<'_>, number: u64, interest: Interest) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, watched, number, interest)
    }

    /// Wants to know something else of one that is watched.
    ///
    /// # Errors
    /// It is not watched.
    pub fn change(
        &self,
        watched: BorrowedFd<'_>,
        number: u64,
        interest: Interest,
    ) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, watched, number, interest)
    }

    /// Looks which have something; returns how many, [`FOUND_AT_ONCE`] at most. The others have their turn next time.
    pub fn look(&mut self) -> usize {
        // SAFETY: pointer and count describe `found`; nothing is waited for.
        let count = unsafe {
            libc::epoll_wait(
                self.descriptor.as_raw_fd(),
                self.found.as_mut_ptr(),
                c_int::try_from(self.found.len()).unwrap_or(c_int::MAX),
                0,
            )
        };
        // A signal: whatever is ready is found by the next look.
        usize::try_from(count).unwrap_or(0)
    }

    /// One of those that the last look found.
    #[must_use]
    pub fn found(&self, place: usize) -> Option<Ready> {
        let event = *self.found.get(place)?;
        // By value: the kernel's structure is packed.
        let (events, number) = (event.events, event.u64);
        let has = |wanted: c_int| events & wanted.cast_unsigned() != 0;
        Some(Ready {
            number,
            is_readable: has(libc::EPOLLIN | libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR),
            is_writable: has(libc::EPOLLOUT),
        })
    }

    fn control(
        &self,
        operation: c_int,
        watched: BorrowedFd<'_>,
        number: u64,
        interest: Interest,
    ) -> io::Result<()> {
        let events = match interest {
            Interest::Nothing => 0,
            Interest::Reading => libc::EPOLLIN | libc::EPOLLRDHUP,
            Interest::ReadingAndWriting => libc::EPOLLIN | libc::EPOLLRDHUP | libc::EPOLLOUT,
        };
        let mut event = epoll_event {
            events: events.cast_unsigned(),
            u64: number,
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
}

impl AsFd for Epoll {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// With what is read of each at once, about the packets of a full read of UDP: nobody waits longer for one than for
/// the other.
pub const FOUND_AT_ONCE: usize = 64;

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn what_is_ready_is_found_under_its_number_as_long_as_it_is() {
        let (mut near, mut far) = UnixStream::pair().expect("descriptors are free");
        let mut epoll = Epoll::new().expect("a descriptor is free");
        epoll
            .add(near.as_fd(), 7, Interest::Reading)
            .expect("it is not watched yet");
        assert_eq!(epoll.look(), 0);
        far.write_all(b"a").expect("there is room");
        for _ in 0..2 {
            assert_eq!(epoll.look(), 1);
            let ready = Ready {
                number: 7,
                is_readable: true,
                is_writable: false,
            };
            assert_eq!(epoll.found(0), Some(ready));
        }
        near.read_exact(&mut [0]).expect("it is there");
        assert_eq!(epoll.look(), 0);
        epoll
            .change(near.as_fd(), 8, Interest::ReadingAndWriting)
            .expect("it is watched");
        assert_eq!(epoll.look(), 1);
        assert!(epoll.found(0).is_some_and(|ready| ready.is_writable));
        epoll
            .change(near.as_fd(), 8, Interest::Nothing)
            .expect("it is watched");
        assert_eq!(epoll.look(), 0);
        drop(far);
        epoll
            .change(near.as_fd(), 9, Interest::Reading)
            .expect("it is watched");
        assert_eq!(epoll.look(), 1);
        assert!(epoll.found(0).is_some_and(|ready| ready.is_readable));
    }
}
