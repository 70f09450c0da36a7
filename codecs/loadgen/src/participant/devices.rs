//! A microphone and a camera: what they make, packet by packet.

use super::following::{Ask, Budget};
use super::line::{Line, Packet, Transport};
use crate::setup::VideoCodec;
use crate::traffic::captured::{Replay, Series};
use crate::traffic::lead::Lead;
use crate::traffic::random::Random;
use crate::traffic::{frames, h264, opus, vp8};

/// Makes one datagram in the room it is given, and says how long it is.
pub type Write<'a> = &'a mut dyn FnMut(&mut [u8]) -> Option<usize>;

/// Makes sound.
pub struct Microphone {
    /// The line it goes out on.
    pub line: Line,
}

/// Makes pictures, in one encoding or in three.
pub struct Camera {
    /// Its encodings, the smallest first.
    pub encodings: Vec<Encoding>,
    codec: VideoCodec,
    /// What it sees, if not frames of any size.
    replay: Option<Replay>,
    /// On all that its participant sends, if the relay said one.
    cap_bps: Option<u64>,
}

/// One encoding of a camera.
pub struct Encoding {
    /// The line it goes out on.
    pub line: Line,
    /// Whether the next frame is to be a key frame, as the first one is.
    pub key_frame_wanted: bool,
    picture_id: u16,
    /// The part of a full frame's bytes that one of its has.
    share: f64,
    /// Whether it is sent.
    active: bool,
    /// The most it may take, if the relay said that.
    most_bps: Option<u64>,
    /// The part of its own frames' bytes that it may have.
    allowed: f64,
}

impl Microphone {
    /// Makes the next 20 ms; `push` finds room for a datagram.
    pub fn speak(
        &mut self,
        transport: &mut Transport,
        random: &mut Random,
        now_ns: u64,
        mut push: impl FnMut(Write<'_>) -> Option<()>,
    ) -> Option<()> {
        self.line.advance(OPUS_TICKS);
        let packet = Packet {
            marker: false,
            payload_bytes: opus::payload_bytes(random),
            lead: Lead::Opus,
            now_ns,
        };
        push(&mut |out| self.line.write(transport, packet, out))
    }
}

impl Camera {
    /// A camera on one line that sees frames of any size.
    #[must_use]
    pub fn new(line: Line, picture_id: u16) -> Self {
        Self {
            encodings: vec![Encoding::full(line, picture_id)],
            codec: VideoCodec::Vp8,
            replay: None,
            cap_bps: None,
        }
    }

    /// A camera on one line, or on three, the smallest first, that sees somebody who speaks.
    #[must_use]
    pub fn seeing(
        codec: VideoCodec,
        lines: impl Iterator<Item = Line>,
        random: &mut Random,
    ) -> Self {
        let picture_id = random.between(0, 1 << 14) as u16;
        let mut encodings: Vec<_> = lines.map(|line| Encoding::full(line, picture_id)).collect();
        let smaller = encodings.iter_mut().rev().skip(1);
        for (encoding, share) in smaller.zip(SMALLER_SHARES) {
            encoding.share = share;
        }
        Self {
            encodings,
            codec,
            replay: Some(Replay::anywhere(Series::consultation(codec), random)),
            cap_bps: None,
        }
    }

    /// Makes the next frame in each encoding; `push` finds room for each of its datagrams.
    pub fn show(
        &mut self,
        transport: &mut Transport,
        random: &mut Random,
        now_ns: u64,
        mut push: impl FnMut(Write<'_>) -> Option<()>,
    ) -> Option<()> {
        let mut other_bytes = None;
        for encoding in &mut self.encodings {
            encoding.line.advance(FRAME_TICKS);
            if !encoding.active {
                continue;
            }
            let key_frame = std::mem::take(&mut encoding.key_frame_wanted);
            let full_bytes = match &mut self.replay {
                Some(replay) if key_frame => replay.frame_bytes(true),
                // All encodings are of the same moment.
                Some(replay) => *other_bytes.get_or_insert_with(|| replay.frame_bytes(false)),
                None => frames::frame_bytes(random, key_frame),
            };
            let bytes = (full_bytes as f64 * encoding.share * encoding.allowed) as usize;
            let bytes = bytes.max(LEAST_FRAME_BYTES);
            let parameters = self.replay.as_ref().map_or((0, 0), Replay::parameters);
            encoding.picture_id = encoding.picture_id.wrapping_add(1) & PICTURE_ID_MASK;
            let mut send = |(lead, payload_bytes), marker| {
                let packet = Packet {
                    marker,
                    payload_bytes,
                    lead,
                    now_ns,
                };
                push(&mut |out| encoding.line.write(transport, packet, out))
            };
            match self.codec {
                VideoCodec::Vp8 => {
                    let packets = vp8::packets(bytes, encoding.picture_id, key_frame);
                    send_all(packets, &mut send)?;
                }
                VideoCodec::H264 => {
                    let packets = h264::packets(bytes, key_frame, parameters);
                    send_all(
                        packets.map(|(unit, len)| (Lead::H264(unit), len)),
                        &mut send,
                    )?;
                }
            }
        }
        Some(())
    }

    /// Sends the best encoding alone, as the relay's SDK begins.
    pub fn send_best_alone(&mut self) {
        for encoding in self.encodings.iter_mut().rev().skip(1) {
            encoding.active = false;
        }
    }

    /// Takes in a cap on all that its participant sends; 0 takes it back (libwebrtc
    /// `send_side_bandwidth_estimation.cc`, `UpdateReceiverEstimate`).
    pub fn cap(&mut self, bps: u64) {
        self.cap_bps = Some(bps).filter(|bps| *bps > 0);
        self.divide();
    }

    /// Does what is asked of its encodings; those that are not named stay as they are.
    pub fn obey(&mut self, asks: &[Ask]) {
        for encoding in &mut self.encodings {
            let Some(ask) = asks.iter().find(|ask| ask.rid == encoding.line.rid()) else {
                continue;
            };
            // What begins anew begins with a key frame.
            encoding.key_frame_wanted |= ask.active && !encoding.active;
            encoding.active = ask.active;
            encoding.most_bps = ask.most_bps;
        }
        self.divide();
    }

    /// Gives each encoding what it may have, the smallest first.
    fn divide(&mut self) {
        let Some(replay) = &self.replay else {
            return;
        };
        let mut budget = Budget::of_cap(self.cap_bps);
        for encoding in self.encodings.iter_mut().filter(|one| one.active) {
            let full_bps = replay.mean_bps() * encoding.share;
            let most_bps = encoding
                .most_bps
                .map_or(full_bps, |most| full_bps.min(most as f64));
            encoding.allowed = budget.take(most_bps) / full_bps;
        }
    }
}

impl Encoding {
    fn full(line: Line, picture_id: u16) -> Self {
        Self {
            line,
            key_frame_wanted: true,
            picture_id,
            share: 1.0,
            active: true,
            most_bps: None,
            allowed: 1.0,
        }
    }
}

/// Marks the last packet of a frame.
fn send_all(
    packets: impl Iterator<Item = (Lead, usize)>,
    send: &mut impl FnMut((Lead, usize), bool) -> Option<()>,
) -> Option<()> {
    let mut packets = packets.peekable();
    while let Some(packet) = packets.next() {
        send(packet, packets.peek().is_none())?;
    }
    Some(())
}

/// 20 ms at 48 kHz (RFC 7587 §4.1).
const OPUS_TICKS: u32 = 960;
/// A thirtieth of a second at 90 kHz (RFC 7741 §4.1).
const FRAME_TICKS: u32 = 3_000;
/// 15 bits (RFC 7741 §4.2).
const PICTURE_ID_MASK: u16 = 0x7fff;
/// Half and a quarter as wide and high: 500 and 150 kbit/s beside 1,200 (libwebrtc's `simulcast.cc`).
const SMALLER_SHARES: [f64; 2] = [0.417, 0.125];
/// Headers and a stamp.
const LEAST_FRAME_BYTES: usize = 64;
