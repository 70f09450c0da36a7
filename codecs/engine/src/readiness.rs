//! Which of a worker's descriptors have something for it.

use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use libc::pollfd;

use crate::eventfd::EventFd;
use crate::sockets::WorkerSocket;
use crate::sockets::streams::Streams;
use crate::system;

/// The worker's descriptors as `ppoll` takes them, the commands' first, all of TCP as the last one.
///
/// A worker has a handful of them, and `ppoll` takes its timeout in nanoseconds where `epoll_wait` has
/// milliseconds.
pub struct Readiness {
    descriptors: Vec<pollfd>,
}

impl Readiness {
    /// Watches a worker's wake-up, its sockets and its streams, which outlive this value beside it.
    #[must_use]
    pub fn new(wake: &EventFd, sockets: &[WorkerSocket], streams: &Streams) -> Self {
        let fds = std::iter::once(wake.as_fd())
            .chain(sockets.iter().map(AsFd::as_fd))
            .chain(std::iter::once(streams.as_fd()));
        let descriptors = fds
            .map(|fd| pollfd {
                fd: fd.as_raw_fd(),
                events: libc::POLLIN,
                revents: 0,
            })
            .collect();
        Self { descriptors }
    }

    /// Waits until something is there or the time is over.
    pub fn wait(&mut self, timeout: Duration) {
        if system::poll(&mut self.descriptors, timeout).is_err() {
            // A signal: nothing is known to be ready, and the loop comes back at once.
            self.descriptors
                .iter_mut()
                .for_each(|descriptor| descriptor.revents = 0);
        }
    }

    /// Whether the worker was woken for commands.
    #[must_use]
    pub fn has_commands(&self) -> bool {
        self.is_ready(0)
    }

    /// Whether one of the sockets, by its index, has something to read.
    #[must_use]
    pub fn is_readable(&self, socket: usize) -> bool {
        self.is_ready(socket + 1)
    }

    /// Whether there is something to do for TCP.
    #[must_use]
    pub fn has_streams(&self) -> bool {
        self.descriptors
            .last()
            .is_some_and(|descriptor| descriptor.revents != 0)
    }

    /// Whether any socket has something to read.
    #[must_use]
    pub fn is_any_readable(&self) -> bool {
        self.descriptors
            .iter()
            .skip(1)
            .any(|descriptor| descriptor.revents != 0)
    }

    fn is_ready(&self, position: usize) -> bool {
        self.descriptors
            .get(position)
            .is_some_and(|descriptor| descriptor.revents != 0)
    }
}
