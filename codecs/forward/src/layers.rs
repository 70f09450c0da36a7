//! Which temporal and spatial layers of an encoding a slot carries, and where it may carry others.
//!
//! `egress` asks for each packet. Layers of one stream share its numbers: those left out close up in `line`.

use crate::incoming::{FrameInfo, Incoming};
use crate::structures::Described;

/// The layers of one slot.
#[derive(Clone, Copy, Debug)]
pub struct Layers {
    /// The highest spatial layer it shall carry.
    pub most_spatial: u8,
    /// The highest temporal layer it shall carry.
    pub most_temporal: u8,
    /// That which it can carry: one, where its subscriber cannot put several together.
    wanted_spatial: u8,
    /// The highest spatial layer it carries just now: it rises at a key frame.
    spatial: u8,
    /// The highest temporal layer it carries just now: it rises where a decoder can follow.
    temporal: u8,
    /// RTP timestamp of the newest picture that has begun, as its publisher has it.
    picture: Option<u32>,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            most_spatial: u8::MAX,
            most_temporal: u8::MAX,
            wanted_spatial: u8::MAX,
            spatial: u8::MAX,
            temporal: u8::MAX,
            picture: None,
        }
    }
}

impl Layers {
    /// Whether a frame is above what is carried just now.
    #[must_use]
    pub const fn leave_out(&self, frame: &FrameInfo) -> bool {
        frame.temporal_layer > self.temporal || frame.spatial_layer > self.spatial
    }

    /// Whether a frame is left out that should be carried: a key frame would let it in.
    #[must_use]
    pub const fn lack(&self, frame: &FrameInfo) -> bool {
        frame.spatial_layer > self.spatial && frame.spatial_layer <= self.wanted_spatial
    }

    /// Whether a packet is the last of its picture for this slot although higher spatial layers follow it: a receiver
    /// waits for the marker (RFC 9628 §4.1; AV1 RTP specification §4.2).
    #[must_use]
    pub const fn end_picture(&self, frame: &FrameInfo) -> bool {
        frame.ends_frame && frame.spatial_layer == self.spatial
    }

    /// The highest spatial and temporal layer that are carried just now.
    #[must_use]
    pub const fn carried(&self) -> (u8, u8) {
        (self.spatial, self.temporal)
    }

    /// Begins with another source, at a key frame.
    pub const fn begin(&mut self) {
        self.picture = None;
    }

    /// Moves towards the chosen layers: down with any picture, up in space with a key frame, in time where the codec says
    /// that no reference is missed. `is_late` where a packet behind this one came before it: what depends on a
    /// higher layer of its picture has been left out by then. `is_described` where the subscriber takes dependency
    /// descriptors: without them, libwebrtc shows nothing of AV1 in several sizes.
    pub fn follow(&mut self, packet: &Incoming<'_>, is_late: bool, is_described: bool) {
        let frame = &packet.frame;
        if !frame.starts_frame || is_late {
            return;
        }
        let has_sizes = frame.described.as_ref().is_some_and(Described::has_sizes);
        self.wanted_spatial = if has_sizes && !is_described {
            0
        } else {
            self.most_spatial
        };
        let begins_picture =
            self.picture.replace(packet.header.timestamp) != Some(packet.header.timestamp);
        // Within a picture nothing falls: a lower layer has left without the marker already.
        if begins_picture {
            self.spatial = self.spatial.min(self.wanted_spatial);
            self.temporal = self.temporal.min(self.most_temporal);
        }
        if frame.key_frame {
            (self.spatial, self.temporal) = (self.wanted_spatial, self.most_temporal);
        } else if self.may_rise(frame, begins_picture) {
            self.temporal = self.most_temporal;
        }
    }

    fn may_rise(&self, frame: &FrameInfo, begins_picture: bool) -> bool {
        match &frame.described {
            Some(described) => {
                !self.leave_out(frame) && described.leads_to(self.spatial, self.most_temporal)
            }
            None => begins_picture && frame.layer_sync && frame.temporal_layer > self.temporal,
        }
    }
}
