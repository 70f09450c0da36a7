//! Which track and encoding an SSRC of a leg stands for.

use smallvec::SmallVec;
use wire::extensions::SmallToken;

use crate::control::counters::Counter;
use crate::worker::ids::TrackKey;

/// What an SSRC of a leg stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SourceOf {
    /// The track.
    pub track: TrackKey,
    /// The encoding.
    pub encoding: u8,
}

/// How a sender names what an SSRC carries, whichever track that is just now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Identity {
    /// The m-line.
    pub mid: SmallToken,
    /// The encoding of it, with simulcast.
    pub rid: Option<SmallToken>,
}

/// The SSRCs of one leg, remembered for its life: a sender names them only until it knows that it was
/// understood (RFC 8852 §3), and not again when its track is published anew.
#[derive(Debug, Default)]
pub struct Sources {
    known: SmallVec<[Known; 4]>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    ssrc: u32,
    identity: Identity,
    /// `None` while no published track carries it.
    source: Option<SourceOf>,
}

impl Sources {
    /// What an SSRC stands for.
    #[must_use]
    pub fn get(&self, ssrc: u32) -> Option<SourceOf> {
        self.find(ssrc).and_then(|known| known.source)
    }

    /// How its sender once named an SSRC.
    #[must_use]
    pub fn identity(&self, ssrc: u32) -> Option<Identity> {
        self.find(ssrc).map(|known| known.identity)
    }

    /// Learns an SSRC; while its track is published, an SSRC keeps its meaning.
    ///
    /// # Errors
    ///
    /// The leg already has as many as one participant may.
    pub fn learn(
        &mut self,
        ssrc: u32,
        identity: Identity,
        source: SourceOf,
    ) -> Result<(), Counter> {
        if let Some(known) = self.known.iter_mut().find(|known| known.ssrc == ssrc) {
            known.source.get_or_insert(source);
            return Ok(());
        }
        if self.known.len() >= MAX_SOURCES {
            self.known.retain(|known| known.source.is_some());
        }
        if self.known.len() >= MAX_SOURCES {
            return Err(Counter::DropSsrcLimit);
        }
        self.known.push(Known {
            ssrc,
            identity,
            source: Some(source),
        });
        Ok(())
    }

    /// A track is gone; what its SSRCs were called is remembered.
    pub fn forget(&mut self, track: TrackKey) {
        for known in &mut self.known {
            known.source = known.source.filter(|source| source.track != track);
        }
    }

    fn find(&self, ssrc: u32) -> Option<&Known> {
        self.known.iter().find(|known| known.ssrc == ssrc)
    }
}

/// Security: at most 64 SSRCs a peer.
const MAX_SOURCES: usize = 64;
