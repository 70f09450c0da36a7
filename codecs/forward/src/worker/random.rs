//! Numbers that need only differ, not hide: first sequence numbers, report SSRCs, transaction hashes.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A small generator (`SplitMix64`, Steele et al. 2014) and a keyed hash for what the network chose.
#[derive(Debug)]
pub struct Random {
    state: u64,
    hasher: RandomState,
}

impl Random {
    /// Begins at `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            hasher: RandomState::new(),
        }
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A first sequence number, below 2^15: a subscriber that misses the first packets still guesses the rollover
    /// counter right (RFC 3711 §3.3.1).
    pub fn first_sequence(&mut self) -> u16 {
        (self.next() & 0x7fff) as u16
    }

    /// A hash of bytes that a stranger chose, under a key of this process.
    #[must_use]
    pub fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(bytes);
        hasher.finish()
    }
}
