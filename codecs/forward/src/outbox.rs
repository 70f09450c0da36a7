//! Where a worker puts what should leave: one arena, one list of spans, no allocation per packet.

use crate::ids::Tuple;

/// One datagram in the arena.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Where it goes.
    pub tuple: Tuple,
    /// Offset of its first byte.
    pub start: u32,
    /// Length in bytes.
    pub len: u16,
    /// When the packet it forwards arrived, monotonic ns; 0 for what the relay says itself.
    pub arrival_ns: u64,
}

/// Datagrams waiting for one batched send, in the order they were made.
pub struct Outbox {
    bytes: Box<[u8]>,
    used: usize,
    spans: Vec<Span>,
}

impl Outbox {
    /// An empty outbox of a fixed size.
    #[must_use]
    pub fn new(capacity_bytes: usize) -> Self {
        Self {
            bytes: vec![0; capacity_bytes].into_boxed_slice(),
            used: 0,
            spans: Vec::with_capacity(capacity_bytes / MEAN_DATAGRAM_BYTES),
        }
    }

    /// The datagrams, in order.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The arena the spans point into.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets everything; the driver has sent it.
    pub fn clear(&mut self) {
        self.used = 0;
        self.spans.clear();
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
        if self.spans.len() == self.spans.capacity() {
            return false;
        }
        let Some(room) = self
            .bytes
            .get_mut(self.used..self.used + MAX_OUTGOING_BYTES)
        else {
            return false;
        };
        let Some(len) = write(room).filter(|len| *len > 0 && *len <= MAX_OUTGOING_BYTES) else {
            return false;
        };
        self.spans.push(Span {
            tuple,
            start: self.used as u32,
            len: len as u16,
            arrival_ns,
        });
        self.used += len;
        true
    }
}

/// A forwarded 1,500-byte datagram may grow by our extensions and tag; nothing else comes near.
pub const MAX_OUTGOING_BYTES: usize = 2_048;

/// Shortest common datagram is an Opus packet of about 120 bytes: the list of spans fills last.
const MEAN_DATAGRAM_BYTES: usize = 120;

/// Ten receivers of a full-size packet, and a NACK answered with 17 x 8 packets to one of them.
const HEADROOM_BYTES: usize = 256 * 1024;
const HEADROOM_SPANS: usize = 512;
