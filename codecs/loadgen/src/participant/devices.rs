//! A microphone and a camera: what they make, packet by packet.

use super::line::{Line, Packet, Transport};
use crate::traffic::random::Random;
use crate::traffic::{frames, opus, vp8};

/// Makes one datagram in the room it is given, and says how long it is.
pub type Write<'a> = &'a mut dyn FnMut(&mut [u8]) -> Option<usize>;

/// Makes sound.
pub struct Microphone {
    /// The line it goes out on.
    pub line: Line,
}

/// Makes pictures.
pub struct Camera {
    /// The line it goes out on.
    pub line: Line,
    /// Whether the next frame is to be a key frame, as the first one is.
    pub key_frame_wanted: bool,
    picture_id: u16,
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
            audio: true,
            now_ns,
        };
        push(&mut |out| {
            self.line.write(transport, packet, out, |payload| {
                *payload.first_mut()? = opus::CONTENTS;
                Some(1)
            })
        })
    }
}

impl Camera {
    /// A camera whose pictures are numbered from here.
    #[must_use]
    pub fn new(line: Line, picture_id: u16) -> Self {
        Self {
            line,
            key_frame_wanted: true,
            picture_id,
        }
    }

    /// Makes the next frame; `push` finds room for each of its datagrams.
    pub fn show(
        &mut self,
        transport: &mut Transport,
        random: &mut Random,
        now_ns: u64,
        mut push: impl FnMut(Write<'_>) -> Option<()>,
    ) -> Option<()> {
        let key_frame = std::mem::take(&mut self.key_frame_wanted);
        self.line.advance(FRAME_TICKS);
        self.picture_id = self.picture_id.wrapping_add(1) & PICTURE_ID_MASK;
        let picture_id = self.picture_id;
        let bytes = frames::frame_bytes(random, key_frame);
        let mut fragments = frames::split(bytes).enumerate().peekable();
        while let Some((index, fragment_bytes)) = fragments.next() {
            let packet = Packet {
                marker: fragments.peek().is_none(),
                payload_bytes: vp8::DESCRIPTOR_BYTES + fragment_bytes,
                audio: false,
                now_ns,
            };
            push(&mut |out| {
                self.line.write(transport, packet, out, |payload| {
                    vp8::write_lead(payload, picture_id, index == 0, key_frame)
                })
            })?;
        }
        Some(())
    }
}

/// 20 ms at 48 kHz (RFC 7587 §4.1).
const OPUS_TICKS: u32 = 960;
/// A thirtieth of a second at 90 kHz (RFC 7741 §4.1).
const FRAME_TICKS: u32 = 3_000;
/// 15 bits (RFC 7741 §4.2).
const PICTURE_ID_MASK: u16 = 0x7fff;
