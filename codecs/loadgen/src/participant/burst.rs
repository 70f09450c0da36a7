//! Datagrams of one participant that leave in one call.

use std::net::{SocketAddrV4, UdpSocket};
use std::ops::Range;

use crate::kernel::send::{Message, Sender};

/// One arena for all participants, filled and sent one participant at a time.
pub struct Burst {
    arena: Vec<u8>,
    ranges: Vec<Range<usize>>,
    messages: Vec<Message>,
    sender: Sender,
    used: usize,
}

impl Default for Burst {
    fn default() -> Self {
        Self {
            arena: vec![0; CAPACITY_BYTES],
            ranges: Vec::new(),
            messages: Vec::new(),
            sender: Sender::default(),
            used: 0,
        }
    }
}

impl Burst {
    /// Lets `write` make one datagram; keeps nothing when it returns `None`.
    pub fn push(
        &mut self,
        to: SocketAddrV4,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Option<()> {
        let room = self
            .arena
            .get_mut(self.used..self.used + LONGEST_DATAGRAM_BYTES)?;
        let len = write(room)?;
        let position = self.ranges.len();
        self.ranges.push(self.used..self.used + len);
        self.used += len;
        // One message each: a browser's socket does not make runs either.
        self.messages.push(Message {
            to,
            datagrams: position..position + 1,
            segment_bytes: 0,
        });
        Some(())
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The datagrams so far.
    pub fn datagrams(&self) -> impl Iterator<Item = &[u8]> {
        self.ranges
            .iter()
            .filter_map(|range| self.arena.get(range.clone()))
    }

    /// Sends them; returns how many the kernel did not take.
    pub fn send(&mut self, socket: &UdpSocket) -> usize {
        let refused = self
            .sender
            .send(socket, &self.arena, &self.ranges, &self.messages);
        self.ranges.clear();
        self.messages.clear();
        self.used = 0;
        refused
    }
}

/// A key frame has about 18 packets.
const CAPACITY_BYTES: usize = 128 * 1_024;
const LONGEST_DATAGRAM_BYTES: usize = 1_500;
