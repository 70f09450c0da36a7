//! A line towards a participant: what it carries, and what was sent on it.

use std::cmp::Ordering;

use wire::extensions::SmallToken;
use wire::payload::{Codec, Kind};

use crate::command::{AddSlot, CodecBinding, Codecs};
use crate::history::History;
use crate::ids::{LegKey, SlotId, TrackKey};
use crate::layers::{Feeds, Layers};
use crate::line::Line;

/// One m-line on which the relay sends.
pub struct Slot {
    /// Its name in the process.
    pub id: SlotId,
    /// Towards whom.
    pub leg: LegKey,
    /// The m-line it leaves on.
    pub mid: SmallToken,
    /// Audio or video.
    pub kind: Kind,
    /// The SSRC of everything it ever sends.
    pub ssrc: u32,
    /// Retransmissions, where negotiated.
    pub retransmission: Option<Retransmission>,
    /// What may be sent on it.
    pub codecs: Codecs,
    /// What it carries.
    pub track: Option<TrackKey>,
    /// The encoding chosen for it; `None` is the best alive.
    pub chosen_encoding: Option<u8>,
    /// Whether it shall carry nothing for now; what it is bound to stays.
    pub paused: bool,
    /// The layers of that encoding that it carries.
    pub layers: Layers,
    /// Whether its first packet since it was bound was told.
    pub told_started: bool,
    /// How many of the frames before it each packet of sound carries once more.
    pub redundancy: u8,
    /// The encoding that feeds it just now.
    pub current: Option<u8>,
    /// Its numbers.
    pub line: Line,
    /// What was sent on it.
    pub sent: Sent,
    /// What the subscriber says of it.
    pub heard: Heard,
}

/// A slot's second SSRC, for retransmissions (RFC 4588 §8.3).
pub struct Retransmission {
    /// Its SSRC.
    pub ssrc: u32,
    /// Its next extended sequence number.
    pub next: u64,
    /// What may be asked for again.
    pub history: History,
    /// Bytes that may be spent on it: a quarter of what was sent, so that repair never crowds out media.
    pub allowance_bytes: u64,
    /// When repair was last given up for a key frame, monotonic ns.
    pub given_up_ns: Option<u64>,
}

/// Totals of one slot.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent {
    /// RTP packets, retransmissions excluded.
    pub packets: u64,
    /// Their bytes, headers included.
    pub bytes: u64,
    /// Their payload bytes, as sender reports count (RFC 3550 §6.4.1).
    pub payload_bytes: u64,
    /// When the last of them left, monotonic ns; 0 before any.
    pub last_ns: u64,
    /// Clock rate of what was sent last, Hz.
    pub clock_rate_hz: u32,
    /// The payload type of what was sent last in order, where that was the end of a picture.
    pub picture_ended: Option<u8>,
    /// Relay NTP time at which the last packet was captured, and its outgoing timestamp.
    pub capture: Option<(u64, u32)>,
}

/// The subscriber's last word on a slot.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heard {
    /// When its last report block came, monotonic ns.
    pub report_ns: Option<u64>,
    /// The highest sequence number that it received, by that.
    pub highest_sequence: u32,
    /// When it was last known to receive anything, monotonic ns, to within a look at what is still; or when something
    /// was sent again after a while without.
    pub arrived_ns: u64,
    /// Share lost in its last interval, 1/256.
    pub fraction_lost_q8: u8,
    /// Lost since the beginning.
    pub cumulative_lost: i32,
    /// In RTP timestamp units.
    pub jitter: u32,
    /// Round trip, where a sender report came back.
    pub round_trip_ns: Option<u64>,
    /// Packets asked for again.
    pub nacks: u64,
    /// Key frames asked for.
    pub key_frame_requests: u64,
}

impl Slot {
    /// A slot that carries nothing yet; its lines begin at the given numbers, both below 2^15.
    #[must_use]
    pub fn new(add: &AddSlot, leg: LegKey, first_sequence: u16, first_rtx_sequence: u16) -> Self {
        Self {
            id: add.slot,
            leg,
            mid: add.mid,
            kind: add.kind,
            ssrc: add.ssrc,
            retransmission: add.rtx_ssrc.map(|ssrc| Retransmission {
                ssrc,
                next: u64::from(first_rtx_sequence),
                history: History::default(),
                allowance_bytes: MAX_ALLOWANCE_BYTES,
                given_up_ns: None,
            }),
            codecs: add.codecs.iter().copied().collect(),
            track: None,
            chosen_encoding: None,
            paused: false,
            layers: Layers::default(),
            told_started: false,
            redundancy: 0,
            current: None,
            line: Line::new(first_sequence),
            sent: Sent::default(),
            heard: Heard::default(),
        }
    }

    /// Registers that a packet leaves now: nobody can have told of one that goes out after a pause.
    pub fn leaves(&mut self, now_ns: u64) {
        if now_ns.saturating_sub(self.sent.last_ns) > PAUSE_NS {
            self.heard.arrived_ns = now_ns;
        }
        self.sent.last_ns = now_ns;
    }

    /// The payload types of a codec on this slot.
    #[must_use]
    pub fn binding_of(&self, codec: Codec) -> Option<CodecBinding> {
        self.codecs
            .iter()
            .find(|binding| binding.codec == codec)
            .copied()
    }

    /// The encoding that should feed the slot, given which are alive: the chosen one, else the next lower in quality;
    /// none while it is paused. A better one than was chosen may be more than the path carries: whoever chose is told
    /// when an encoding ceases, and chooses anew.
    #[must_use]
    pub fn wanted(&self, alive: u8) -> Option<u8> {
        if self.paused {
            return None;
        }
        let from = self.chosen_encoding.unwrap_or(0);
        let is_alive = |encoding: &u8| alive & (1 << encoding) != 0;
        (from..8).find(is_alive)
    }

    /// How the encoding that feeds it stands to that which was chosen.
    #[must_use]
    pub fn feeds(&self) -> Feeds {
        let compared = self.chosen_encoding.zip(self.current);
        match compared.map(|(chosen, current)| current.cmp(&chosen)) {
            Some(Ordering::Less) => Feeds::More,
            Some(Ordering::Greater) => Feeds::Less,
            Some(Ordering::Equal) | None => Feeds::Chosen,
        }
    }

    /// Whether its packets carry the frames before them once more: that was chosen, and negotiated (RFC 2198).
    #[must_use]
    pub fn repeats(&self) -> bool {
        let can_repeat = |binding: &CodecBinding| binding.red_payload_type.is_some();
        self.redundancy > 0 && self.codecs.iter().any(can_repeat)
    }

    /// Whether it has carried a picture: behind the end of one padding may follow.
    #[must_use]
    pub fn has_sent_pictures(&self) -> bool {
        self.kind == Kind::Video && self.line.last().is_some()
    }

    /// Whether packets of an encoding are forwarded, or will be from its next key frame on.
    #[must_use]
    pub fn would_take(&self, encoding: u8, alive: u8) -> bool {
        !self.paused && (self.current == Some(encoding) || self.wanted(alive) == Some(encoding))
    }

    /// Whether the slot waits for a key frame of an encoding it does not carry yet.
    #[must_use]
    pub fn awaits_key_frame(&self, alive: u8) -> bool {
        self.kind == Kind::Video && self.track.is_some() && self.wanted(alive) != self.current
    }
}

impl Retransmission {
    /// Earns a quarter of what was sent.
    pub fn earn(&mut self, sent_bytes: usize) {
        self.allowance_bytes =
            (self.allowance_bytes + sent_bytes as u64 / 4).min(MAX_ALLOWANCE_BYTES);
    }
}

/// Discontinuous sound comes every 400 ms, a still screen each second.
const PAUSE_NS: u64 = 1_500_000_000;
/// About 50 packets at once: a burst lost in one fade of a mobile link.
const MAX_ALLOWANCE_BYTES: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slot(chosen: Option<u8>) -> Slot {
        let add = AddSlot {
            leg: crate::LegId(1),
            slot: SlotId(1),
            mid: SmallToken::parse_untrusted(b"1").expect("a digit is a token"),
            kind: Kind::Video,
            ssrc: 1,
            rtx_ssrc: None,
            codecs: Vec::new(),
        };
        Slot {
            chosen_encoding: chosen,
            ..Slot::new(&add, LegKey::default(), 0, 0)
        }
    }

    #[test]
    fn the_best_alive_is_wanted_unless_another_is_chosen() {
        assert_eq!(slot(None).wanted(0b110), Some(1));
        assert_eq!(slot(Some(2)).wanted(0b111), Some(2));
        assert_eq!(
            slot(Some(1)).wanted(0b101),
            Some(2),
            "next lower quality first"
        );
        assert_eq!(slot(Some(2)).wanted(0b011), None, "nothing above it");
        assert_eq!(slot(None).wanted(0), None);
    }

    #[test]
    fn nothing_is_wanted_of_a_paused_slot() {
        let paused = Slot {
            paused: true,
            ..slot(Some(1))
        };
        assert_eq!(paused.wanted(0b111), None);
        assert!(!paused.awaits_key_frame(0b111));
    }

    proptest! {
        #[test]
        fn what_is_wanted_is_alive_and_no_better_than_chosen(
            chosen in proptest::option::of(0..3_u8),
            alive in 0..8_u8,
        ) {
            let least = chosen.unwrap_or(0);
            if let Some(wanted) = slot(chosen).wanted(alive) {
                prop_assert!(wanted >= least && alive & (1 << wanted) != 0);
            } else {
                prop_assert_eq!(alive >> least, 0);
            }
        }
    }
}
