//! What becomes of packets, and how many of them.

use serde::Serialize;

/// What became of a packet. The numbers stand in the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Verdict {
    /// It arrived.
    Delivered = 0,
    /// The loss model took it.
    Lost = 1,
    /// It came while nothing gets in.
    Blackout = 2,
    /// It found the queue full.
    QueueFull = 3,
    /// The emulator itself had no room left.
    Overflow = 4,
    /// The kernel did not take it on the other side.
    Refused = 5,
}

/// What a link made itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Copies {
    /// How many.
    pub packets: u64,
    /// Of IP.
    pub bytes: u64,
}

/// Packets of one direction by what became of them: in + copies = delivered + dropped + still held.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Tally {
    /// That came.
    pub packets_in: u64,
    /// Of IP.
    pub bytes_in: u64,
    /// That the link made itself.
    pub copies: u64,
    /// Of IP.
    pub bytes_copied: u64,
    /// See [`Verdict`].
    pub delivered: u64,
    /// Of IP.
    pub bytes_delivered: u64,
    /// Of IP, whatever the verdict.
    pub bytes_dropped: u64,
    /// See [`Verdict`].
    pub lost: u64,
    /// See [`Verdict`].
    pub blackout: u64,
    /// See [`Verdict`].
    pub queue_full: u64,
    /// See [`Verdict`].
    pub overflow: u64,
    /// See [`Verdict`].
    pub refused: u64,
}

impl Tally {
    /// One came.
    pub const fn came(&mut self, bytes: usize) {
        self.packets_in += 1;
        self.bytes_in += bytes as u64;
    }

    /// One is dealt with.
    pub const fn left(&mut self, verdict: Verdict, bytes: usize) {
        let (count, total) = match verdict {
            Verdict::Delivered => (&mut self.delivered, &mut self.bytes_delivered),
            Verdict::Lost => (&mut self.lost, &mut self.bytes_dropped),
            Verdict::Blackout => (&mut self.blackout, &mut self.bytes_dropped),
            Verdict::QueueFull => (&mut self.queue_full, &mut self.bytes_dropped),
            Verdict::Overflow => (&mut self.overflow, &mut self.bytes_dropped),
            Verdict::Refused => (&mut self.refused, &mut self.bytes_dropped),
        };
        *count += 1;
        *total += bytes as u64;
    }
}
