//! The last second or so of one video encoding, kept once per publisher, for retransmission.
//!
//! Holds packets as they arrived (decrypted), so that every subscriber's retransmission is rewritten
//! from the one copy. Written by `ingress`, read by `retransmit`.

/// A ring of whole packets in one arena; the newest overwrite the oldest.
pub struct PacketCache {
    arena: Box<[u8]>,
    /// Bytes ever written, gaps at the wrap included: a position is alive while it is less than one arena behind.
    written: u64,
    entries: Box<[Entry]>,
}

#[derive(Clone, Copy, Default)]
struct Entry {
    sequence: u64,
    position: u64,
    /// 0 marks an entry that was never used.
    len: u16,
}

impl PacketCache {
    /// What one takes of memory, full or not.
    pub const BYTES: usize = ARENA_BYTES + ENTRIES * size_of::<Entry>();

    /// An empty cache; the only allocation it ever makes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            arena: vec![0; ARENA_BYTES].into_boxed_slice(),
            written: 0,
            entries: vec![Entry::default(); ENTRIES].into_boxed_slice(),
        }
    }

    /// Keeps a packet under its extended sequence number.
    pub fn insert(&mut self, sequence: u64, packet: &[u8]) {
        let offset = (self.written % ARENA_BYTES as u64) as usize;
        if offset + packet.len() > ARENA_BYTES {
            self.written += (ARENA_BYTES - offset) as u64;
        }
        let start = (self.written % ARENA_BYTES as u64) as usize;
        let Some(place) = self.arena.get_mut(start..start + packet.len()) else {
            return;
        };
        place.copy_from_slice(packet);
        if let Some(entry) = self.entries.get_mut(index_of(sequence)) {
            *entry = Entry {
                sequence,
                position: self.written,
                len: packet.len() as u16,
            };
        }
        self.written += packet.len() as u64;
    }

    /// The packet with this number, while it has not been overwritten.
    #[must_use]
    pub fn get(&self, sequence: u64) -> Option<&[u8]> {
        let entry = self.entries.get(index_of(sequence))?;
        let alive = entry.len > 0 && self.written - entry.position <= ARENA_BYTES as u64;
        if !alive || entry.sequence != sequence {
            return None;
        }
        let start = (entry.position % ARENA_BYTES as u64) as usize;
        self.arena.get(start..start + usize::from(entry.len))
    }
}

const fn index_of(sequence: u64) -> usize {
    (sequence % ENTRIES as u64) as usize
}

/// 1.7 s of the planned 1.2 Mbit/s, 0.8 s of 2.5 Mbit/s.
const ARENA_BYTES: usize = 256 * 1024;
/// Video packets of such a line are rarely under 500 bytes: the arena is what limits.
const ENTRIES: usize = 512;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn packet(sequence: u64, len: usize) -> Vec<u8> {
        (0..len)
            .map(|index| (sequence as usize * 31 + index) as u8)
            .collect()
    }

    #[test]
    fn what_is_served_is_what_was_kept_and_old_packets_leave() {
        let mut cache = PacketCache::new();
        let len_of = |sequence: u64| 300 + (sequence as usize * 37) % 900;
        for sequence in 0..5_000 {
            cache.insert(sequence, &packet(sequence, len_of(sequence)));
            let served: Vec<u64> = (sequence.saturating_sub(600)..=sequence)
                .filter(|old| cache.get(*old).is_some())
                .collect();
            assert!(served.contains(&sequence));
            for old in served {
                assert_eq!(
                    cache.get(old).unwrap(),
                    packet(old, len_of(old)),
                    "{old} at {sequence}"
                );
            }
        }
        assert!(cache.get(0).is_none());
        assert!((4_700..5_000).all(|recent| cache.get(recent).is_some()));
    }

    #[test]
    fn a_number_one_ring_away_is_not_mistaken() {
        let mut cache = PacketCache::new();
        cache.insert(7, &[1, 2, 3]);
        assert!(cache.get(7 + ENTRIES as u64).is_none());
    }

    #[test]
    fn a_late_packet_is_kept_too() {
        let mut cache = PacketCache::new();
        cache.insert(10, &[10; 20]);
        cache.insert(9, &[9; 20]);
        assert_eq!(cache.get(9).unwrap(), [9; 20]);
        assert_eq!(cache.get(10).unwrap(), [10; 20]);
    }
}
