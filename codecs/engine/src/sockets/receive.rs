//! From a socket to the packet path, a batch at a time.

use std::io;
use std::os::fd::AsFd;

use super::WorkerSocket;
use super::receive_buffers::{RECEIVE_BATCH, ReceiveBuffers};
use crate::clock::BatchClock;
use crate::counters::{DriverCounter, DriverCounts};

/// Reads sockets; allocates once.
#[derive(Default)]
pub struct Reader {
    buffers: ReceiveBuffers,
}

/// What one read brought.
#[derive(Clone, Copy)]
pub struct Batch {
    /// How many datagrams, to be asked for one by one.
    pub len: usize,
    /// When they were read.
    pub clock: BatchClock,
}

/// One datagram for the packet path.
pub struct Arrival<'a> {
    /// Who sent it.
    pub remote: std::net::SocketAddr,
    /// When it reached the machine, monotonic.
    pub arrival_ns: u64,
    /// What it holds.
    pub bytes: &'a mut [u8],
}

impl Batch {
    /// Whether more may be waiting.
    #[must_use]
    pub fn is_full(self) -> bool {
        self.len == RECEIVE_BATCH
    }
}

impl Reader {
    /// Reads one batch; `None` when there was nothing.
    pub fn read(&mut self, socket: &WorkerSocket, counts: &mut DriverCounts) -> Option<Batch> {
        match self.buffers.receive(socket.as_fd()) {
            Ok(len) => {
                counts.one(DriverCounter::ReceiveBatches);
                counts.add(DriverCounter::DatagramsReceived, len as u64);
                Some(Batch {
                    len,
                    clock: BatchClock::read(),
                })
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) =>
            {
                None
            }
            Err(_) => {
                counts.one(DriverCounter::ReceiveErrors);
                None
            }
        }
    }

    /// One datagram of the batch just read; `None` where it is of no use, which is counted.
    pub fn arrival(
        &mut self,
        batch: Batch,
        index: usize,
        socket: &mut WorkerSocket,
        counts: &mut DriverCounts,
    ) -> Option<Arrival<'_>> {
        let received = self.buffers.datagram(index)?;
        if let Some(dropped) = received.notes.dropped {
            counts.add(
                DriverCounter::KernelDrops,
                u64::from(socket.newly_dropped(dropped)),
            );
        }
        Some(Arrival {
            remote: received.remote,
            arrival_ns: batch.clock.arrival_ns(received.notes.unix_ns),
            bytes: received.bytes,
        })
    }
}
