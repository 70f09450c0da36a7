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
    in_runs: bool,
}

impl Burst {
    /// Sends each datagram by itself, as a browser's socket does, or equal ones as runs (`UDP_SEGMENT`).
    #[must_use]
    pub fn new(in_runs: bool) -> Self {
        Self {
            arena: vec![0; CAPACITY_BYTES],
            ranges: Vec::new(),
            messages: Vec::new(),
            sender: Sender::default(),
            used: 0,
            in_runs,
        }
    }

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
        let run = self.messages.last_mut().filter(|run| {
            // A run ends with a datagram of another length or to somebody else.
            self.in_runs
                && run.to == to
                && usize::from(run.segment_bytes) == len
                && run.datagrams.len() < MOST_IN_A_RUN
                && (run.datagrams.len() + 1) * len <= LONGEST_RUN_BYTES
        });
        if let Some(run) = run {
            run.datagrams.end = position + 1;
        } else {
            self.messages.push(Message {
                to,
                datagrams: position..position + 1,
                segment_bytes: len as u16,
            });
        }
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
        if self.is_empty() {
            return 0;
        }
        let refused = self
            .sender
            .send(socket, &self.arena, &self.ranges, &self.messages);
        self.ranges.clear();
        self.messages.clear();
        self.used = 0;
        refused
    }
}

/// A key frame has about 18 packets, three of a simulcast camera fewer than 50, and a second's repairs fit.
const CAPACITY_BYTES: usize = 256 * 1_024;
const LONGEST_DATAGRAM_BYTES: usize = 1_500;
/// What every kernel that knows `UDP_SEGMENT` takes.
const MOST_IN_A_RUN: usize = 64;
/// One IP datagram.
const LONGEST_RUN_BYTES: usize = 60_000;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn runs(in_runs: bool, lengths: &[usize]) -> Vec<usize> {
        let mut burst = Burst::new(in_runs);
        let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9);
        for len in lengths {
            burst.push(to, |_| Some(*len)).expect("there is room");
        }
        assert_eq!(burst.datagrams().count(), lengths.len());
        burst
            .messages
            .iter()
            .map(|run| run.datagrams.len())
            .collect()
    }

    #[test]
    fn a_frames_packets_are_two_runs_because_they_differ_by_a_byte() {
        assert_eq!(runs(true, &[920, 920, 920, 921, 921]), [3, 2]);
        assert_eq!(runs(true, &[1_150; 60]), [52, 8]);
    }

    #[test]
    fn a_browser_sends_one_by_one() {
        assert_eq!(runs(false, &[920, 920, 921]), [1, 1, 1]);
    }

    #[test]
    fn what_was_not_written_is_not_sent() {
        let mut burst = Burst::new(true);
        let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9);
        assert_eq!(burst.push(to, |_| None), None);
        assert!(burst.is_empty());
    }
}
