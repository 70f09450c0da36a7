//! A line towards a participant: what it carries, and what was sent on it.

use std::cmp::Ordering;

use wire::extensions::SmallToken;
use wire::payload::{Codec, Kind};

use crate::control::command::{AddSlot, CodecBinding, Codecs};
use crate::repair::history::History;
use crate::slots::layers::{Feeds, Layers};
use crate::slots::line::Line;
use crate::worker::ids::{LegKey, SlotId, TrackKey};

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
    /// Since when that is a better one than was chosen, monotonic ns.
    more_since_ns: Option<u64>,
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
    /// Bytes that may be spent on it: half of what was sent, so that repair never crowds out media.
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
    /// The payload type of what was sent last in order.
    pub payload_type: Option<u8>,
    /// Whether more of the picture is to follow that.
    pub is_within_picture: bool,
    /// Relay NTP time at which the last packet was captured, and its outgoing timestamp.
    pub capture: Option<(u64, u32)>,
    /// The newest key frame: the outgoing number of its first packet, and its timestamp.
    key_frame: Option<(u64, u32)>,
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
            more_since_ns: None,
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

    /// Whether it has been fed a better encoding than was chosen for as long as that may be: its path was found too small
    /// for that one, so it goes on for a moment only, where what was chosen does not come. Of one that has layers
    /// (`is_layered`), the least goes on, and longer.
    pub fn is_bridged_enough(&mut self, is_layered: bool, now_ns: u64) -> bool {
        if self.feeds() != Feeds::More {
            self.more_since_ns = None;
            return false;
        }
        let since_ns = *self.more_since_ns.get_or_insert(now_ns);
        let longest_ns = if is_layered {
            LAYERED_BRIDGE_NS
        } else {
            WHOLE_BRIDGE_NS
        };
        now_ns.saturating_sub(since_ns) >= longest_ns
    }

    /// Whether its packets carry the frames before them once more: that was chosen, and negotiated (RFC 2198).
    #[must_use]
    pub fn repeats(&self) -> bool {
        let can_repeat = |binding: &CodecBinding| binding.red_payload_type.is_some();
        self.redundancy > 0 && self.codecs.iter().any(can_repeat)
    }

    /// Lets nothing feed it any more: what comes next begins at a key frame. A picture that was under way stays as it
    /// is, so there is room behind it.
    pub const fn cease(&mut self) {
        self.current = None;
        self.more_since_ns = None;
        self.sent.is_within_picture = false;
        self.line.end_source();
    }

    /// Whether it has carried a picture: behind the end of one padding may follow.
    #[must_use]
    pub fn has_sent_pictures(&self) -> bool {
        self.kind == Kind::Video && self.line.last().is_some()
    }

    /// Whether padding may follow what it sent last: that was the end of a picture, or nothing has come of the picture
    /// for so long that nothing will.
    #[must_use]
    pub fn may_pad(&self, now_ns: u64) -> bool {
        let is_left = now_ns.saturating_sub(self.sent.last_ns) > LEFT_HALF_WAY_NS;
        self.has_sent_pictures()
            && (is_left || !self.sent.is_within_picture)
            && self.line.next_for_padding().is_some()
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

impl Sent {
    /// Registers a packet of a key frame, by its outgoing numbers.
    pub fn key_frame_leaves(&mut self, sequence: u64, timestamp: u32) {
        self.key_frame = Some(match self.key_frame {
            // Its packets may leave in another order than they are numbered in.
            Some((begins, of)) if of == timestamp => (begins.min(sequence), of),
            Some(newer) if newer.0 >= sequence => newer,
            _ => (sequence, timestamp),
        });
    }

    /// Whether a key frame has left behind a packet, by its outgoing number: then nothing needs that one.
    #[must_use]
    pub fn has_begun_behind(&self, sequence: u64) -> bool {
        self.key_frame.is_some_and(|(begins, _)| begins > sequence)
    }
}

impl Retransmission {
    /// Earns half of what was sent: so much takes repair where three in ten packets are lost (0.3 / 0.7, and what is asked
    /// for once too often). Whoever asks for what they have is sent half as much again, and no more.
    pub fn earn(&mut self, sent_bytes: usize) {
        self.give_back(sent_bytes / 2);
    }

    /// Has back what was taken for a packet that did not leave after all.
    pub fn give_back(&mut self, bytes: usize) {
        self.allowance_bytes = (self.allowance_bytes + bytes as u64).min(MAX_ALLOWANCE_BYTES);
    }
}

/// Discontinuous sound comes every 400 ms, a still screen each second.
const PAUSE_NS: u64 = 1_500_000_000;
/// Of a picture that is too much for its path, until the key frame of a smaller one: a round trip and a frame, twice.
/// More would stand before the sound where no pacer holds it back.
const WHOLE_BRIDGE_NS: u64 = 500_000_000;
/// Until it is decided what is sent where an encoding does not come (`relay.layers.publishing`: 1.5 s, once a second).
const LAYERED_BRIDGE_NS: u64 = 3_000_000_000;
/// As an encoding is taken for silent (`reports`): its sender went away within a picture.
const LEFT_HALF_WAY_NS: u64 = 2_000_000_000;
/// About 50 packets at once: a burst lost in one fade of a mobile link.
const MAX_ALLOWANCE_BYTES: u64 = 64 * 1024;

#[cfg(test)]
mod tests;
