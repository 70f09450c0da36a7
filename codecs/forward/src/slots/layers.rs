//! Which temporal and spatial layers of an encoding a slot carries, and where it may carry others.
//!
//! `egress` asks for each packet. Layers of one stream share its numbers: those left out close up in `line`.

use crate::ingress::incoming::{FrameInfo, Incoming};
use crate::ingress::structures::Described;

/// Which encoding a slot carries beside that which was chosen for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Feeds {
    /// That which was chosen, or any.
    Chosen,
    /// A lesser one, until a key frame of the chosen one comes.
    Less,
    /// A better one, likewise, or because the chosen one does not come: more than its path was found to carry.
    More,
}

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

    /// Moves towards the chosen layers: down with any picture, up in space with a key frame, in time by one layer where
    /// the codec says that no reference is missed. What was chosen is meant for the chosen encoding: a lesser one goes
    /// on as it was, of a better one the least is sent. `is_late` where a packet behind this one came before it: what depends on a
    /// higher layer of its picture has been left out by then. `is_described` where the subscriber takes dependency
    /// descriptors: without them, libwebrtc shows nothing of AV1 in several sizes.
    pub fn follow(
        &mut self,
        packet: &Incoming<'_>,
        feeds: Feeds,
        is_late: bool,
        is_described: bool,
    ) {
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
        let most_temporal = match feeds {
            Feeds::Chosen => self.most_temporal,
            Feeds::Less => self.temporal,
            Feeds::More => 0,
        };
        let begins_picture =
            self.picture.replace(packet.header.timestamp) != Some(packet.header.timestamp);
        // Within a picture nothing falls: a lower layer has left without the marker already.
        if begins_picture {
            self.spatial = self.spatial.min(self.wanted_spatial);
            self.temporal = self.temporal.min(most_temporal);
        }
        if frame.key_frame {
            (self.spatial, self.temporal) = (self.wanted_spatial, most_temporal);
        } else if self.temporal < most_temporal {
            self.temporal = self.risen(frame, begins_picture, most_temporal);
        }
    }

    /// The highest temporal layer from a frame on. A described one may lead to all of them. In the payload VP8 and VP9
    /// only say of a frame that it needs none before it of its own layer: those above it may need them still.
    fn risen(&self, frame: &FrameInfo, begins_picture: bool, most_temporal: u8) -> u8 {
        let next = self.temporal + 1;
        match &frame.described {
            Some(described)
                if !self.leave_out(frame) && described.leads_to(self.spatial, most_temporal) =>
            {
                most_temporal
            }
            None if begins_picture && frame.layer_sync && frame.temporal_layer == next => next,
            _ => self.temporal,
        }
    }
}
