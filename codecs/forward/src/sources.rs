//! Which track and encoding an SSRC of a leg stands for.

use slotmap::SlotMap;
use wire::extensions::{ExtensionKind, SmallToken};
use wire::rtp::RtpHeader;

use crate::counters::Counter;
use crate::incoming::extension;
use crate::leg::{Leg, LegKey};
use crate::track::{Track, TrackKey};

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

/// Finds out what a new SSRC stands for, from the identifiers its first packets carry (RFC 8852, RFC 8843 §9.2).
///
/// # Errors
///
/// Nothing published fits, or the leg has too many SSRCs.
pub fn learn_source(
    leg: &mut Leg,
    leg_key: LegKey,
    tracks: &SlotMap<TrackKey, Track>,
    header: &RtpHeader,
    packet: &[u8],
) -> Result<SourceOf, Counter> {
    let token = |kind| {
        extension(header, packet, &leg.extensions, kind)
            .and_then(|value| SmallToken::parse_untrusted(value).ok())
    };
    let rid = token(ExtensionKind::Rid).or_else(|| token(ExtensionKind::RepairedRid));
    let mid = token(ExtensionKind::Mid);
    let mut candidates = leg
        .tracks
        .iter()
        .filter_map(|key| Some((*key, tracks.get(*key)?)))
        .filter(|(_, track)| match mid {
            Some(mid) => track.mid == mid,
            // RFC 8843 §9.2: without a MID, a payload type that only one m-line has tells it.
            None => track.codec_of(header.payload_type).is_some(),
        });
    let (key, track) = candidates.next().ok_or(Counter::DropUnknownSsrc)?;
    if candidates.next().is_some() || track.leg != leg_key {
        return Err(Counter::DropUnknownSsrc);
    }
    let encoding = track.encoding_of(rid).ok_or(Counter::DropUnknownSsrc)?;
    let source = SourceOf {
        track: key,
        encoding,
    };
    leg.sources.learn(header.ssrc, source)?;
    Ok(source)
}

/// Security: at most 64 SSRCs a peer.
const MAX_SOURCES: usize = 64;
