//! What waits for a path, packet by packet and picture by picture.

use super::LONGEST_WAIT_NS;
use crate::worker::ids::{SlotKey, TrackKey};

/// A packet in its publisher's cache.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Waiting {
    /// On which line it is to leave.
    pub slot: SlotKey,
    /// Of which track,
    pub track: TrackKey,
    /// which encoding,
    pub encoding: u8,
    /// which extended sequence number there,
    pub sequence: u64,
    /// and which frame.
    pub timestamp: u32,
    /// How much of the path it will take; nothing where it is to be left out.
    pub size_bytes: usize,
    /// When it came, monotonic ns.
    pub arrival_ns: u64,
    /// Whether a decoder may start here.
    pub key_frame: bool,
    /// Whether the packets of its encoding before it will not come any more.
    pub begins_anew: bool,
}

/// A slot for pictures on a path that was narrow.
pub struct Picture {
    /// Which.
    pub slot: SlotKey,
    /// How much waits.
    pub packets: usize,
    /// The newest key frame that waits, or did until what follows it has waited as long: nothing shorter would
    /// show more, so all of it has more time.
    pub begins: Option<Beginning>,
    /// The frame of which packets have left last.
    pub begun: Option<u32>,
}

/// A key frame.
#[derive(Clone, Copy)]
pub struct Beginning {
    /// Of which frame.
    pub timestamp: u32,
    /// When its first packet came, monotonic ns.
    pub arrival_ns: u64,
}

impl Waiting {
    /// Whether both are packets of one encoding on one slot.
    pub fn continues(&self, other: &Self) -> bool {
        (self.slot, self.track, self.encoding) == (other.slot, other.track, other.encoding)
    }
}

impl Picture {
    /// One of which nothing waits, and nothing has left.
    pub fn new(slot: SlotKey) -> Self {
        Self {
            slot,
            packets: 0,
            begins: None,
            begun: None,
        }
    }

    /// Takes note of what comes.
    pub fn come(&mut self, packet: &Waiting) {
        if packet.key_frame {
            self.begins = Some(Beginning {
                timestamp: packet.timestamp,
                arrival_ns: packet.arrival_ns,
            });
        }
    }

    /// Takes note of what leaves. A key frame is over once what follows it has waited half as long as anything may.
    pub fn leave(&mut self, packet: &Waiting, now_ns: u64) {
        self.begun = Some(packet.timestamp);
        let waited_ns = now_ns.saturating_sub(packet.arrival_ns);
        self.begins = self.begins.filter(|key| {
            let is_after = packet.timestamp != key.timestamp && packet.arrival_ns > key.arrival_ns;
            !is_after || waited_ns > LONGEST_WAIT_NS / 2
        });
    }
}
