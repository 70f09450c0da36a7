//! Connections come in: so many at a time, so many in all, and so many that have proven nothing.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;

use forward::{FIRST_TCP_SOCKET, Tuple};

use super::admission::Unproven;
use super::connection::{Connection, Ending};
use super::listener::Listener;
use super::{FIRST_CONNECTION, Streams};
use crate::counters::{DriverCounter, DriverCounts};
use crate::epoll::Interest;

impl Streams {
    /// Takes in who waits at a listener.
    pub(super) fn accept(&mut self, listener: usize, now_ns: u64, counts: &mut DriverCounts) {
        for _ in 0..ACCEPTED_AT_ONCE {
            let Some(accepted) = self.listeners.get(listener).map(Listener::accept) else {
                return;
            };
            match accepted {
                Ok((stream, remote)) => {
                    let tuple = Tuple {
                        socket: FIRST_TCP_SOCKET + listener as u8,
                        remote: without_flow(remote),
                    };
                    self.admit(stream, tuple, now_ns, counts);
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => return,
                    // Gone again before it was accepted (accept(2)).
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => {}
                    _ => {
                        // No descriptor or no memory: whoever comes waits in the kernel, and is not asked about in
                        // every turn.
                        counts.one(DriverCounter::TcpRefusedMachine);
                        self.is_deaf = true;
                        self.listen(Interest::Nothing);
                        return;
                    }
                },
            }
        }
    }

    /// Has the listeners tell of newcomers, or not.
    pub(super) fn listen(&self, interest: Interest) {
        for (place, listener) in self.listeners.iter().enumerate() {
            // They were watched from the start: there is nothing to refuse.
            let _ = self.epoll.change(listener.as_fd(), place as u64, interest);
        }
    }

    /// Takes a connection in, or closes it by letting go of it.
    fn admit(&mut self, stream: TcpStream, tuple: Tuple, now_ns: u64, counts: &mut DriverCounts) {
        let remote = tuple.remote.ip();
        if self.admission.is_full() {
            self.end_most_silent(now_ns, counts);
        }
        // The same far end may speak to another address of ours, or have come back before its last connection was
        // taken out: a path is one of them.
        let admitted = if self.by_path.contains_key(&tuple) {
            Err(DriverCounter::TcpRefusedPlace)
        } else {
            self.admission.admit(remote)
        };
        if let Err(reason) = admitted {
            counts.one(reason);
            return;
        }
        counts.one(DriverCounter::TcpAccepted);
        let Ok(connection) = Connection::new(stream, tuple, now_ns) else {
            self.admission.leave(remote, false);
            counts.one(DriverCounter::TcpClosedBroken);
            return;
        };
        let place = self.free.pop().unwrap_or(self.connections.len());
        let number = FIRST_CONNECTION + place as u64;
        let watched = self
            .epoll
            .add(connection.as_fd(), number, Interest::Reading);
        match self.connections.get_mut(place) {
            Some(room) => *room = Some(connection),
            None => self.connections.push(Some(connection)),
        }
        self.by_path.insert(tuple, place);
        if watched.is_err() {
            self.end(place, Ending::Broken, counts);
        }
        if self.admission.is_crowded() {
            self.end_one_unproven(counts);
        }
    }

    /// Makes room, if there is one to spare: browsers keep ways that they do not use, and say nothing by them.
    pub(super) fn end_most_silent(&mut self, now_ns: u64, counts: &mut DriverCounts) {
        let places = self.connections.iter().enumerate();
        let spare = places.filter_map(|(place, connection)| {
            let connection = connection.as_ref().filter(|one| !one.has_ended)?;
            let silent_ns = now_ns.saturating_sub(connection.heard_ns);
            (silent_ns > SPARE_NS).then_some((connection.heard_ns, place))
        });
        if let Some((_, place)) = spare.min() {
            self.end(place, Ending::Crowded, counts);
        }
    }

    /// Makes room among those that have proven nothing.
    pub(super) fn end_one_unproven(&mut self, counts: &mut DriverCounts) {
        let places = self.connections.iter().enumerate();
        let unproven = places.filter_map(|(place, connection)| {
            let connection = connection.as_ref()?;
            let stays = connection.is_proven || connection.has_ended;
            (!stays).then(|| Unproven {
                remote: connection.tuple.remote.ip(),
                opened_ns: connection.opened_ns,
                place,
            })
        });
        if let Some(place) = self.admission.first_to_leave(unproven) {
            self.end(place, Ending::Crowded, counts);
        }
    }
}

/// An address as datagrams have it: the flow label is no part of who somebody is.
fn without_flow(remote: SocketAddr) -> SocketAddr {
    match remote {
        SocketAddr::V6(mut v6) => {
            v6.set_flowinfo(0);
            v6.into()
        }
        SocketAddr::V4(_) => remote,
    }
}

/// Twice of what browsers take to check the path in use, or to send a report by it.
const SPARE_NS: u64 = 5_000_000_000;
/// A flood of connections costs a turn no more than this; the others wait in the kernel. Where it is crowded each of
/// them has all who have proven nothing looked through, two look-ups each: some 16,000.
const ACCEPTED_AT_ONCE: usize = 16;
