//! From the outbox to the sockets: few trips through the kernel, and no destination harms another.

use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use forward::outbox::Outbox;
use forward::runs::Run;

use super::WorkerSocket;
use super::send_buffers::SendBuffers;
use crate::counters::{DriverCounter, DriverCounts};
use crate::system;

/// Sends outboxes; allocates until it has seen its largest batch.
#[derive(Default)]
pub struct Writer {
    buffers: SendBuffers,
    /// The datagrams of a run the kernel refused, as messages of one.
    singles: Vec<Run>,
    /// Arrival times of the forwarded packets that were sent.
    forwarded: Vec<u64>,
}

impl Writer {
    /// Sends everything in the outbox that goes by UDP; what the kernel will not take is counted and gone.
    ///
    /// What goes by TCP is for `streams`, and left out here.
    ///
    /// Returns the arrival times of the forwarded packets among what was sent.
    pub fn send(
        &mut self,
        sockets: &mut [WorkerSocket],
        outbox: &Outbox,
        counts: &mut DriverCounts,
    ) -> &[u64] {
        let Self {
            buffers,
            singles,
            forwarded,
        } = self;
        forwarded.clear();
        let mut patience = Patience::Fresh;
        for of_one_socket in outbox
            .runs()
            .chunk_by(|run, next| run.tuple.socket == next.tuple.socket)
        {
            let Some(socket) = of_one_socket
                .first()
                .and_then(|run| sockets.get_mut(usize::from(run.tuple.socket)))
            else {
                continue;
            };
            let mut sending = Sending {
                socket,
                outbox,
                buffers,
                forwarded,
                counts,
                patience,
            };
            if sending.socket.sends_runs {
                sending.runs(of_one_socket, singles);
            } else {
                sending.one_by_one(of_one_socket, singles);
            }
            patience = sending.patience;
        }
        forwarded
    }
}

/// Whether this outbox has already waited for the kernel; it waits once.
#[derive(Clone, Copy)]
enum Patience {
    Fresh,
    Spent,
}

/// One socket's part of one outbox on its way.
struct Sending<'a> {
    socket: &'a mut WorkerSocket,
    outbox: &'a Outbox,
    buffers: &'a mut SendBuffers,
    forwarded: &'a mut Vec<u64>,
    counts: &'a mut DriverCounts,
    patience: Patience,
}

/// What to do about a message the kernel refused.
#[derive(Debug, Eq, PartialEq)]
enum Refusal {
    Interrupted,
    NoRoom,
    /// The device cannot cut runs (`EIO`), so it need not be asked again.
    NeverRuns,
    /// This run cannot be cut: `EINVAL` and `EMSGSIZE` also mean a path narrower than one segment, which says
    /// nothing about the other receivers.
    NotThisRun,
    /// A destination's own trouble: unreachable, refused, forbidden, or a port that is none.
    Lost,
}

impl Sending<'_> {
    fn runs(&mut self, runs: &[Run], singles: &mut Vec<Run>) {
        let mut rest = runs;
        while let Some(head) = rest.first() {
            let taken = match self.buffers.send(self.socket.as_fd(), rest, self.outbox) {
                Ok(taken) => {
                    rest.iter().take(taken).for_each(|run| self.count_sent(run));
                    taken
                }
                Err(error) => match refusal(error.raw_os_error(), head.count > 1) {
                    Refusal::Interrupted => 0,
                    Refusal::NoRoom => self.wait_or_drop(head),
                    Refusal::Lost => self.drop_run(head),
                    refusal @ (Refusal::NeverRuns | Refusal::NotThisRun) => {
                        self.counts.one(DriverCounter::GsoFallbacks);
                        self.socket.sends_runs &= refusal != Refusal::NeverRuns;
                        self.one_by_one(std::slice::from_ref(head), singles);
                        1
                    }
                },
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    /// Sends the datagrams of runs as messages of one.
    fn one_by_one(&mut self, runs: &[Run], singles: &mut Vec<Run>) {
        let mut own = std::mem::take(singles);
        own.clear();
        for run in runs {
            own.extend(run.singles(self.outbox.of_run(run)));
        }
        // Singles are never refused as runs, so this goes one level deep.
        self.runs(&own, singles);
        *singles = own;
    }

    /// Waits for the socket's buffer to drain, once an outbox; returns how many runs are done with.
    fn wait_or_drop(&mut self, run: &Run) -> usize {
        if matches!(self.patience, Patience::Spent) {
            return self.drop_run(run);
        }
        self.patience = Patience::Spent;
        let fd = self.socket.as_fd().as_raw_fd();
        let mut writable = [libc::pollfd {
            fd,
            events: libc::POLLOUT,
            revents: 0,
        }];
        // Whether it is writable now is what the next send will say.
        let _ = system::poll(&mut writable, SEND_PATIENCE);
        0
    }

    fn drop_run(&mut self, run: &Run) -> usize {
        self.counts.add(DriverCounter::SendErrors, run.count as u64);
        1
    }

    fn count_sent(&mut self, run: &Run) {
        self.counts.one(DriverCounter::MessagesSent);
        self.counts
            .add(DriverCounter::SegmentsSent, run.count as u64);
        if run.count > 1 {
            self.counts.one(DriverCounter::GsoMessages);
        }
        let arrivals = self.outbox.of_run(run).map(|span| span.arrival_ns);
        self.forwarded
            .extend(arrivals.filter(|arrival_ns| *arrival_ns > 0));
    }
}

fn refusal(errno: Option<i32>, is_run: bool) -> Refusal {
    match errno {
        Some(libc::EINTR) => Refusal::Interrupted,
        Some(libc::EAGAIN) => Refusal::NoRoom,
        Some(libc::EIO) if is_run => Refusal::NeverRuns,
        Some(libc::EINVAL | libc::EMSGSIZE) if is_run => Refusal::NotThisRun,
        // ENOBUFS too: a full queue of the device says nothing about when it will have room.
        _ => Refusal::Lost,
    }
}

/// What a full send buffer may cost the packets behind it; half of the forwarding budget (2 ms).
const SEND_PATIENCE: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests;
