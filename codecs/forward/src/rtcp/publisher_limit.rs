//! A cap on all that a leg's participant sends, told by REMB beside transport-wide feedback.
//!
//! libwebrtc sends at the lesser of its own estimate and the cap. The cap is a whole connection's, sound
//! included (draft-alvestrand-rmcat-remb-03 §2.1); which cap is wise is not decided here.

use slotmap::SlotMap;
use smallvec::SmallVec;
use wire::payload::Kind;
use wire::rtcp::write_remb;

use crate::control::counters::Counter;
use crate::legs::leg::Leg;
use crate::tracks::track::Track;
use crate::worker::Worker;
use crate::worker::ids::{LegId, TrackKey};
use crate::worker::now::Now;
use crate::worker::output::Output;

/// What a leg's participant is told to stay below.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PublisherLimit {
    /// Nothing, and it knows.
    #[default]
    None,
    /// A rate, told again and again, since nobody confirms it.
    Held {
        /// The cap.
        bps: u64,
        /// When it is next told, monotonic ns.
        due_ns: u64,
    },
    /// Nothing any more, told a few times: a cap whose end is lost would hold for ever.
    Released {
        /// How often it still is.
        times: u8,
        /// When it is next told, monotonic ns.
        due_ns: u64,
    },
}

impl PublisherLimit {
    /// Chooses the cap; 0 takes it back. What changes anything is told at once.
    pub fn set(&mut self, bps: u64, now_ns: u64) {
        *self = match *self {
            Self::None | Self::Released { .. } if bps == 0 => return,
            Self::Held { bps: before, .. } if bps == before => return,
            Self::Held { .. } if bps == 0 => Self::Released {
                times: RELEASES,
                due_ns: now_ns,
            },
            _ => Self::Held {
                bps,
                due_ns: now_ns,
            },
        };
    }

    /// When there is something to tell, monotonic ns.
    #[must_use]
    pub fn due_ns(&self) -> u64 {
        match self {
            Self::None => u64::MAX,
            Self::Held { due_ns, .. } | Self::Released { due_ns, .. } => *due_ns,
        }
    }

    /// What is to be told: a rate, or 0 for the end of one.
    fn told_bps(&self) -> u64 {
        match self {
            Self::Held { bps, .. } => *bps,
            Self::None | Self::Released { .. } => 0,
        }
    }

    /// It was told just now.
    fn told(&mut self, now_ns: u64) {
        let due_ns = now_ns + INTERVAL_NS;
        *self = match *self {
            Self::Held { bps, .. } => Self::Held { bps, due_ns },
            Self::Released { times, .. } if times > 1 => Self::Released {
                times: times - 1,
                due_ns,
            },
            Self::None | Self::Released { .. } => Self::None,
        };
    }
}

impl Worker {
    /// Caps what a leg's participant sends; 0 releases it.
    pub(crate) fn set_publisher_limit(
        &mut self,
        now: Now,
        id: LegId,
        bps: u64,
    ) -> Result<(), Counter> {
        let key = self.names.legs.get(&id).copied();
        let key = key.ok_or(Counter::CommandsUnknownTarget)?;
        let leg = self
            .legs
            .get_mut(key)
            .ok_or(Counter::CommandsUnknownTarget)?;
        leg.limit.set(bps, now.ns);
        send_due_limit(leg, &self.tracks, now, &mut self.output);
        self.agenda.plan(key, leg);
        Ok(())
    }
}

/// Tells a leg's participant its limit if that is due; without keys or a path it stays due.
pub fn send_due_limit(
    leg: &mut Leg,
    tracks: &SlotMap<TrackKey, Track>,
    now: Now,
    output: &mut Output,
) {
    if leg.limit.due_ns() > now.ns {
        return;
    }
    let bps = leg.limit.told_bps();
    let sources = video_sources(leg, tracks);
    let sent = output.send_feedback(leg, now, |out, sender| {
        write_remb(out, sender, bps, &sources)
    });
    if sent.is_some() {
        leg.limit.told(now.ns);
        output.counters.one(Counter::RembsSent);
    }
}

/// The SSRCs of a leg's pictures, as far as they are known.
fn video_sources(leg: &Leg, tracks: &SlotMap<TrackKey, Track>) -> SmallVec<[u32; 4]> {
    leg.tracks
        .iter()
        .filter_map(|key| tracks.get(*key))
        .filter(|track| track.kind == Kind::Video)
        .flat_map(|track| track.encodings.iter().filter_map(|encoding| encoding.ssrc))
        .collect()
}

/// The interval of the reports: a cap that was lost holds a second later.
const INTERVAL_NS: u64 = 1_000_000_000;
/// At 20 % of loss all three are lost once in 125 times.
const RELEASES: u8 = 3;
