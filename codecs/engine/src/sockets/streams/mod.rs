//! The worker's TCP side: connections come in (`newcomers`), are read, are written to (`departures`), and go.
//!
//! A packet that comes by a connection goes the way of a datagram from `worker_thread::streams` on; one that is to
//! leave by a connection comes from the outbox in [`Streams::send`]. Nothing here waits: a connection whose far end
//! reads slowly has a bounded queue, and one that ends is forgotten with its path.

mod admission;
mod connection;
mod departures;
pub mod frames;
pub mod listener;
mod newcomers;
mod queue;
mod sweep;

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use forward::Tuple;

use crate::counters::DriverCounts;
use crate::epoll::{Epoll, FOUND_AT_ONCE, Interest, Ready};
use admission::Admission;
use connection::{Connection, Ending};
use frames::Frames;
use listener::Listener;

/// Every TCP connection of one worker.
pub struct Streams {
    listeners: Vec<Listener>,
    connections: Vec<Option<Connection>>,
    /// Places among `connections` that nobody has.
    free: Vec<usize>,
    by_path: HashMap<Tuple, usize>,
    admission: Admission,
    epoll: Epoll,
    /// Whether the listeners wait for the next sweep, because the machine had no more.
    is_deaf: bool,
    /// What is over and has not been taken out yet.
    ended: Vec<usize>,
    /// What the outbox has just added to.
    added_to: Vec<usize>,
    /// Arrival times of the forwarded packets that the last outbox gave to connections with room.
    forwarded: Vec<u64>,
    swept_ns: u64,
}

/// Whose bytes were just read.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    /// The path that the connection is.
    pub tuple: Tuple,
    place: usize,
}

impl Streams {
    /// Nobody has come yet. A connection's `Tuple::socket` is [`forward::FIRST_TCP_SOCKET`] and its listener's place
    /// in the list.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn new(listeners: Vec<Listener>) -> io::Result<Self> {
        let epoll = Epoll::new()?;
        for (place, listener) in listeners.iter().enumerate() {
            epoll.add(listener.as_fd(), place as u64, Interest::Reading)?;
        }
        Ok(Self {
            listeners,
            connections: Vec::new(),
            free: Vec::new(),
            by_path: HashMap::new(),
            admission: Admission::default(),
            epoll,
            is_deaf: false,
            ended: Vec::new(),
            added_to: Vec::new(),
            forwarded: Vec::new(),
            swept_ns: 0,
        })
    }

    /// Looks, without waiting, where there is something to do; returns at how many places.
    pub fn look(&mut self) -> usize {
        self.epoll.look()
    }

    /// Does what there is to do at one of them. Gives whose bytes are now in `frames`, where there are any.
    pub fn handle(
        &mut self,
        found: usize,
        frames: &mut Frames,
        now_ns: u64,
        counts: &mut DriverCounts,
    ) -> Option<Heard> {
        let ready = self.epoll.found(found)?;
        let Some(place) = ready.number.checked_sub(FIRST_CONNECTION) else {
            self.accept(ready.number as usize, now_ns, counts);
            return None;
        };
        self.attend(place as usize, ready, frames, now_ns, counts)
    }

    /// Takes note that a packet of somebody's was handed in, and whether their path is known now.
    ///
    /// Returns whether they may go on.
    pub fn note(&mut self, heard: Heard, is_known: bool, counts: &mut DriverCounts) -> bool {
        let Some(connection) = living(&mut self.connections, heard.place) else {
            return false;
        };
        if connection.is_proven {
            return true;
        }
        if is_known {
            connection.is_proven = true;
            self.admission.prove(heard.tuple.remote.ip());
            return true;
        }
        connection.strange_frames += 1;
        let may_go_on = connection.strange_frames < STRANGE_FRAMES;
        if !may_go_on {
            self.end(heard.place, Ending::Chatter, counts);
        }
        may_go_on
    }

    /// Keeps what has come of somebody's next frame.
    pub fn keep(&mut self, heard: Heard, begun: &[u8]) {
        if let Some(connection) = living(&mut self.connections, heard.place) {
            connection.keep(begun);
        }
    }

    /// Closes a connection whose bytes make no sense.
    pub fn refuse(&mut self, heard: Heard, counts: &mut DriverCounts) {
        self.end(heard.place, Ending::Framing, counts);
    }

    /// Closes one that is over, and gives the path it was. Nobody may be at work on one meanwhile.
    pub fn take_ended(&mut self) -> Option<Tuple> {
        let place = self.ended.pop()?;
        let connection = self.connections.get_mut(place)?.take()?;
        self.by_path.remove(&connection.tuple);
        self.free.push(place);
        Some(connection.tuple)
    }

    /// Writes and reads, whichever a connection is ready for.
    fn attend(
        &mut self,
        place: usize,
        ready: Ready,
        frames: &mut Frames,
        now_ns: u64,
        counts: &mut DriverCounts,
    ) -> Option<Heard> {
        if ready.is_writable {
            self.flush(place, counts);
        }
        let connection = living(&mut self.connections, place)?;
        if !ready.is_readable {
            return None;
        }
        let tuple = connection.tuple;
        match connection.read(frames, now_ns) {
            Ok(has_come) => has_come.then_some(Heard { tuple, place }),
            Err(ending) => {
                self.end(place, ending, counts);
                None
            }
        }
    }

    /// Ends a connection; it stays in its place until nobody can be at work on it.
    fn end(&mut self, place: usize, ending: Ending, counts: &mut DriverCounts) {
        let Some(connection) = living(&mut self.connections, place) else {
            return;
        };
        connection.has_ended = true;
        let remote = connection.tuple.remote.ip();
        self.admission.leave(remote, connection.is_proven);
        self.ended.push(place);
        counts.one(ending.counter());
    }
}

impl AsFd for Streams {
    /// Readable when [`Streams::look`] finds something.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}

/// The connection at a place, unless it is over.
fn living(connections: &mut [Option<Connection>], place: usize) -> Option<&mut Connection> {
    let connection = connections.get_mut(place)?.as_mut()?;
    (!connection.has_ended).then_some(connection)
}

/// Whether a look has found as much as it can, so that more may be waiting.
#[must_use]
pub const fn is_full(found: usize) -> bool {
    found == FOUND_AT_ONCE
}

/// Numbers below are listeners, of which a worker has 16 at most.
const FIRST_CONNECTION: u64 = 256;
/// A browser tries a path with a handful of checks. Whoever sends more that prove nothing is none.
const STRANGE_FRAMES: u32 = 32;

#[cfg(test)]
mod tests;
