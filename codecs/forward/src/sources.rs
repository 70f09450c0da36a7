//! Which track and encoding an SSRC of a leg stands for.

use crate::counters::Counter;
use crate::ids::TrackKey;

/// What an SSRC of a leg stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SourceOf {
    /// The track.
    pub track: TrackKey,
    /// The encoding.
    pub encoding: u8,
}

/// The SSRCs of one leg, remembered for its life (RFC 8852: identifiers come only on the first packets).
#[derive(Debug, Default)]
pub struct Sources {
    known: Vec<(u32, SourceOf)>,
}

impl Sources {
    /// What an SSRC stands for.
    #[must_use]
    pub fn get(&self, ssrc: u32) -> Option<SourceOf> {
        self.known
            .iter()
            .find(|(known, _)| *known == ssrc)
            .map(|(_, source)| *source)
    }

    /// Learns an SSRC; an SSRC keeps its meaning.
    ///
    /// # Errors
    ///
    /// The leg already has as many as one participant may.
    pub fn learn(&mut self, ssrc: u32, source: SourceOf) -> Result<(), Counter> {
        if self.get(ssrc).is_some() {
            return Ok(());
        }
        if self.known.len() >= MAX_SOURCES {
            return Err(Counter::DropSsrcLimit);
        }
        self.known.push((ssrc, source));
        Ok(())
    }

    /// Forgets the SSRCs of a track that is gone.
    pub fn forget(&mut self, track: TrackKey) {
        self.known.retain(|(_, source)| source.track != track);
    }
}

/// Security: at most 64 SSRCs a peer.
const MAX_SOURCES: usize = 64;
