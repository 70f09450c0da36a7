//! Where a worker puts what should leave: one arena, one list of spans, no allocation per packet.
//!
//! RTP lies here in clear until the driver asks for what to send: only then is known which packets leave
//! together, and a run of them wants one length (`runs`) before it is protected.

use crate::egress::runs::{Grouping, Run};
use crate::worker::ids::{LegKey, Tuple};

/// One datagram in the arena.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Where it goes.
    pub tuple: Tuple,
    /// Offset of its first byte.
    pub start: u32,
    /// Length in bytes, protection included.
    pub len: u16,
    /// When the packet it forwards arrived, monotonic ns; 0 for what the relay says itself.
    pub arrival_ns: u64,
    /// Whether it is a part of a picture, which yields to everything else where a path has no room.
    pub is_video: bool,
    /// What it lacks yet.
    pub(crate) open: Option<Open>,
}

/// An RTP packet that is not protected yet.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// Under whose keys it leaves.
    pub leg: LegKey,
    /// Its line.
    pub ssrc: u32,
    /// Rollover counter and sequence number.
    pub index: u64,
    /// Length of header and extensions.
    pub header_len: u16,
    /// Length of header and payload.
    pub plain_len: u16,
    /// What protection adds.
    pub overhead: u16,
    /// Whether it is padding alone, to which no more is added.
    pub is_padding: bool,
    /// Whether its line carries pictures.
    pub is_video: bool,
}

/// Datagrams waiting for one batched send, in the order they were made.
pub struct Outbox {
    bytes: Box<[u8]>,
    /// Never more than there is.
    used: usize,
    spans: Vec<Span>,
    grouping: Grouping,
}

impl Outbox {
    /// An empty outbox of a fixed size.
    #[must_use]
    pub fn new(capacity_bytes: usize) -> Self {
        Self {
            bytes: vec![0; capacity_bytes].into_boxed_slice(),
            used: 0,
            spans: Vec::with_capacity(capacity_bytes / MEAN_DATAGRAM_BYTES),
            grouping: Grouping::default(),
        }
    }

    /// The datagrams, in the order they were made.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The arena the spans point into.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The messages to send, those of one socket together; as [`Outbox::close`] left them.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        self.grouping.runs()
    }

    /// A run's datagrams.
    pub fn of_run(&self, run: &Run) -> impl Iterator<Item = &Span> {
        self.grouping.of_run(run, &self.spans)
    }

    /// Forgets everything; the driver has sent it.
    pub fn clear(&mut self) {
        self.used = 0;
        self.spans.clear();
        self.grouping.clear();
    }

    /// Whether the driver should send before it hands in another datagram.
    #[must_use]
    pub fn is_nearly_full(&self) -> bool {
        self.bytes.len() - self.used < HEADROOM_BYTES
            || self.spans.capacity() - self.spans.len() < HEADROOM_SPANS
    }

    /// Lets `write` make one datagram in place; keeps nothing when it returns `None` or there is no room.
    ///
    /// Returns whether a datagram was kept.
    pub fn push_with(
        &mut self,
        tuple: Tuple,
        arrival_ns: u64,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> bool {
        self.push(tuple, arrival_ns, |room| Some((write(room)?, None)))
    }

    /// As [`Outbox::push_with`], for an RTP packet that [`Outbox::close`] is to protect.
    pub fn push_open(
        &mut self,
        tuple: Tuple,
        arrival_ns: u64,
        write: impl FnOnce(&mut [u8]) -> Option<Open>,
    ) -> bool {
        self.push(tuple, arrival_ns, |room| {
            let open = write(room)?;
            Some((
                usize::from(open.plain_len) + usize::from(open.overhead),
                Some(open),
            ))
        })
    }

    /// Groups what is here by where it goes, makes the packets of a run equal, and has `seal` protect each.
    ///
    /// `seal` gets an open packet and its bytes, with room for what protection adds at the end. A packet that
    /// it refuses is in no run. Nothing is sealed twice, however often this is called. Returns the bytes of
    /// padding that were added.
    pub fn close(&mut self, mut seal: impl FnMut(&Open, &mut [u8]) -> bool) -> usize {
        let padding = self.grouping.equalise(&mut self.spans);
        let (bytes, grouping) = (&mut self.bytes, &mut self.grouping);
        grouping.cut(&mut self.spans, |span| {
            let Some(open) = span.open.take() else {
                return span.len > 0;
            };
            let start = span.start as usize;
            let sealed = bytes
                .get_mut(start..start + usize::from(span.len))
                .is_some_and(|packet| pad(packet, &open).is_some() && seal(&open, packet));
            if !sealed {
                span.len = 0;
            }
            sealed
        });
        padding
    }

    fn push(
        &mut self,
        tuple: Tuple,
        arrival_ns: u64,
        write: impl FnOnce(&mut [u8]) -> Option<(usize, Option<Open>)>,
    ) -> bool {
        if self.spans.len() == self.spans.capacity() {
            return false;
        }
        // What is kept may grow by its padding and stays within the arena even so.
        let room = self
            .bytes
            .get_mut(self.used..)
            .filter(|rest| rest.len() >= MAX_OUTGOING_BYTES + usize::from(MAX_PADDING_BYTES));
        let Some(room) = room.and_then(|rest| rest.get_mut(..MAX_OUTGOING_BYTES)) else {
            return false;
        };
        let Some((len, open)) =
            write(room).filter(|(len, _)| *len > 0 && *len <= MAX_OUTGOING_BYTES)
        else {
            return false;
        };
        self.spans.push(Span {
            tuple,
            start: self.used as u32,
            len: len as u16,
            arrival_ns,
            is_video: open.is_some_and(|open| open.is_video),
            open,
        });
        let may_grow = open.is_some_and(|open| !open.is_padding);
        self.used += len
            + if may_grow {
                usize::from(MAX_PADDING_BYTES)
            } else {
                0
            };
        true
    }
}

/// Fills what lies between the payload and the tag with RTP padding (RFC 3550 §5.1).
fn pad(packet: &mut [u8], open: &Open) -> Option<()> {
    let end = packet.len().checked_sub(usize::from(open.overhead))?;
    let padding = packet.get_mut(usize::from(open.plain_len)..end)?;
    let count = padding.len() as u8;
    if let Some((last, zeroes)) = padding.split_last_mut() {
        zeroes.fill(0);
        *last = count;
        *packet.first_mut()? |= PADDING_BIT;
    }
    Some(())
}

/// A forwarded 1,500-byte datagram may grow by our extensions and tag; nothing else comes near.
pub const MAX_OUTGOING_BYTES: usize = 2_048;
/// What making a frame's packets equal may add to one; libwebrtc's differ by one byte.
pub const MAX_PADDING_BYTES: u16 = 4;

/// Shortest common datagram is an Opus packet of about 120 bytes: the list of spans fills last.
const MEAN_DATAGRAM_BYTES: usize = 120;

/// Ten receivers of a full-size packet, and a NACK answered with 17 x 8 packets to one of them.
const HEADROOM_BYTES: usize = 256 * 1024;
const HEADROOM_SPANS: usize = 512;

/// The P bit (RFC 3550 §5.1).
const PADDING_BIT: u8 = 0x20;

#[cfg(test)]
mod tests;
