//! From the outbox to TCP connections: what there is no room for is dropped as whole packets, and nobody waits.

use std::os::fd::AsFd;

use forward::outbox::Outbox;
use forward::runs::Run;

use super::connection::Ending;
use super::{FIRST_CONNECTION, Streams, living};
use crate::counters::{DriverCounter, DriverCounts};
use crate::epoll::Interest;

impl Streams {
    /// Sends what of an outbox leaves by TCP; what finds no room is counted and gone.
    ///
    /// Returns the arrival times of the forwarded packets among what left at once.
    pub fn send(&mut self, outbox: &Outbox, now_ns: u64, counts: &mut DriverCounts) -> &[u64] {
        self.forwarded.clear();
        // The runs of a socket lie together, in the order of sockets: those of TCP are the last.
        let first = outbox.runs().partition_point(|run| !run.tuple.is_tcp());
        for run in outbox.runs().get(first..).unwrap_or_default() {
            self.add(run, outbox, now_ns, counts);
        }
        while let Some(place) = self.added_to.pop() {
            self.flush(place, counts);
        }
        &self.forwarded
    }

    /// Gives the kernel what waits on a connection, and has it tell when there is room for the rest.
    pub(super) fn flush(&mut self, place: usize, counts: &mut DriverCounts) {
        let Some(connection) = living(&mut self.connections, place) else {
            return;
        };
        let Ok(is_left) = connection.flush() else {
            self.end(place, Ending::Broken, counts);
            return;
        };
        if std::mem::replace(&mut connection.is_blocked, is_left) == is_left {
            return;
        }
        let interest = if is_left {
            Interest::ReadingAndWriting
        } else {
            Interest::Reading
        };
        let number = FIRST_CONNECTION + place as u64;
        let changed = self.epoll.change(connection.as_fd(), number, interest);
        if changed.is_err() {
            self.end(place, Ending::Broken, counts);
        }
    }

    /// Queues a run's packets where it goes.
    fn add(&mut self, run: &Run, outbox: &Outbox, now_ns: u64, counts: &mut DriverCounts) {
        let place = self.by_path.get(&run.tuple).copied();
        let place = place.unwrap_or(usize::MAX);
        let Some(connection) = living(&mut self.connections, place) else {
            counts.add(DriverCounter::DropTcpGone, run.count as u64);
            return;
        };
        for span in outbox.of_run(run) {
            let start = span.start as usize;
            let packet = outbox.bytes().get(start..start + usize::from(span.len));
            match connection.push(packet.unwrap_or_default(), span.is_video, now_ns) {
                Ok(()) => {
                    counts.one(DriverCounter::TcpFramesSent);
                    if span.arrival_ns > 0 && !connection.is_blocked {
                        self.forwarded.push(span.arrival_ns);
                    }
                }
                Err(reason) => counts.one(reason),
            }
        }
        // One that is blocked says when it has room. What several runs add leaves with the first flush.
        if !connection.is_blocked {
            self.added_to.push(place);
        }
    }
}
