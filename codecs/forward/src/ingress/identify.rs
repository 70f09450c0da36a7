//! Finds the track of an SSRC that nobody signalled.

use slotmap::SlotMap;
use wire::extensions::{ExtensionKind, SmallToken};
use wire::rtp::RtpHeader;

use crate::control::counters::Counter;
use crate::ingress::incoming::extension;
use crate::ingress::sources::{Identity, SourceOf};
use crate::legs::leg::Leg;
use crate::tracks::track::Track;
use crate::worker::ids::{LegKey, TrackKey};

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
    let remembered = leg.sources.identity(header.ssrc);
    let rid = token(ExtensionKind::Rid)
        .or_else(|| token(ExtensionKind::RepairedRid))
        .or(remembered.and_then(|identity| identity.rid));
    let mid = token(ExtensionKind::Mid).or(remembered.map(|identity| identity.mid));
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
    let identity = Identity {
        mid: track.mid,
        rid,
    };
    leg.sources.learn(header.ssrc, identity, source)?;
    Ok(source)
}
