//! What the frames of an AV1 stream are to one another, as its dependency descriptors say.
//!
//! `ingress` hears them; packets from the cache are read anew by what is kept. `rewrite` sends them on where a receiver
//! needs them.

use wire::Malformed;
use wire::extensions::dependency_descriptor::{
    DependencyDescriptor, MAX_DECODE_TARGETS, Structure, template_id_untrusted,
};
use wire::extensions::{ExtensionKind, ExtensionMap};
use wire::payload::Codec;
use wire::rtp::RtpHeader;

use crate::ingress::incoming::{FrameInfo, extension};
use crate::slots::line::PictureIds;

/// The last two structures of an encoding: packets of the one before may come late, or wait.
#[derive(Default)]
pub struct Structures {
    latest: Option<Box<Structure>>,
    earlier: Option<Box<Structure>>,
    /// The decode targets that are sent, as it was last said; all where it was not.
    sent: Option<u32>,
}

/// A frame as its dependency descriptor describes it.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    said: DependencyDescriptor,
    /// By decode target its highest layers, as [`layers_of`] has them.
    targets: [u8; MAX_DECODE_TARGETS],
    target_count: usize,
    /// The targets that the publisher sends, one bit each.
    sent: u32,
    highest_spatial: u8,
    highest_temporal: u8,
    /// One bit for the layers of each target that may be had from here on.
    switches: u32,
}

impl Described {
    fn new(said: DependencyDescriptor, structure: &Structure, sent: Option<u32>) -> Self {
        let mut described = Self {
            said,
            targets: [0; MAX_DECODE_TARGETS],
            target_count: 0,
            sent: said.active_targets.or(sent).unwrap_or(u32::MAX),
            highest_spatial: 0,
            highest_temporal: 0,
            switches: 0,
        };
        for (target, place) in structure.targets().zip(&mut described.targets) {
            let (spatial, temporal) = (target.spatial_layer, target.temporal_layer);
            *place = layers_of(spatial, temporal);
            described.target_count += 1;
            described.highest_spatial = described.highest_spatial.max(spatial);
            described.highest_temporal = described.highest_temporal.max(temporal);
            if said.is_switch(target) {
                described.switches |= 1 << layers_of(spatial, temporal);
            }
        }
        described
    }

    /// Whether all layers up to these, as far as there are any, may be had from the frame on by who has some of them.
    #[must_use]
    pub fn leads_to(&self, spatial: u8, temporal: u8) -> bool {
        let spatial = spatial.min(self.highest_spatial);
        let temporal = temporal.min(self.highest_temporal);
        self.switches & (1 << layers_of(spatial, temporal)) != 0
    }

    /// Whether the stream has pictures of several sizes, which no receiver can put together without the descriptor.
    #[must_use]
    pub const fn has_sizes(&self) -> bool {
        self.highest_spatial > 0
    }

    /// The descriptor for a receiver of the layers up to these, with the outgoing number of the frame; `None` where
    /// it does not fit. Returns its length.
    #[must_use]
    pub fn rewrite(
        &self,
        value: &[u8],
        frame_number: u16,
        spatial: u8,
        temporal: u8,
        out: &mut [u8],
    ) -> Option<usize> {
        let targets = self.targets.iter().take(self.target_count).enumerate();
        let active = targets.fold(0, |active, (index, layers)| {
            let is_carried = layers >> 3 <= spatial && layers & 0x07 <= temporal;
            active | u32::from(is_carried) << index
        });
        self.said
            .rewrite(value, frame_number, active & self.sent, out)
    }
}

impl Structures {
    /// Keeps what a packet that has just come says of its stream, and adds what it says of its frame.
    ///
    /// # Errors
    ///
    /// Its descriptor is malformed.
    pub fn hear_untrusted(
        &mut self,
        codec: Codec,
        header: &RtpHeader,
        packet: &[u8],
        map: &ExtensionMap,
        is_late: bool,
        frame: &mut FrameInfo,
    ) -> Result<(), Malformed> {
        let Some(value) = descriptor(codec, header, packet, map) else {
            return Ok(());
        };
        // What was said before the newest packet left holds no more, unless it is all there is.
        let is_news = !is_late || self.latest.is_none();
        if is_news && let Some(structure) = Structure::parse_untrusted(value)? {
            self.keep(&structure);
        }
        self.describe_untrusted(codec, header, packet, map, frame)?;
        if !is_news {
            return Ok(());
        }
        let described = frame.described.as_ref();
        self.sent = described
            .and_then(|described| described.said.active_targets)
            .or(self.sent);
        Ok(())
    }

    fn keep(&mut self, structure: &Structure) {
        self.sent = None;
        if self.latest.as_deref() == Some(structure) {
            return;
        }
        std::mem::swap(&mut self.latest, &mut self.earlier);
        match &mut self.latest {
            Some(place) => **place = *structure,
            None => self.latest = Some(Box::new(*structure)),
        }
    }

    /// Adds to what is known of a frame what its packet's descriptor says. A frame whose structure has not come yet
    /// stays one of the lowest layer, so that nothing is left out that the others need.
    ///
    /// # Errors
    ///
    /// The descriptor is malformed.
    pub fn describe_untrusted(
        &self,
        codec: Codec,
        header: &RtpHeader,
        packet: &[u8],
        map: &ExtensionMap,
        frame: &mut FrameInfo,
    ) -> Result<(), Malformed> {
        let Some(value) = descriptor(codec, header, packet, map) else {
            return Ok(());
        };
        let template_id = template_id_untrusted(value)?;
        let mut known = [&self.latest, &self.earlier].into_iter().flatten();
        let Some(structure) = known.find(|structure| structure.has_template(template_id)) else {
            return Ok(());
        };
        let said = DependencyDescriptor::parse_untrusted(value, structure)?;
        frame.starts_frame = said.starts_frame;
        frame.ends_frame = said.ends_frame;
        frame.spatial_layer = said.spatial_layer;
        frame.temporal_layer = said.temporal_layer;
        frame.picture = Some(PictureIds {
            frame_number: said.frame_number,
            ..PictureIds::default()
        });
        frame.described = Some(Described::new(said, structure, self.sent));
        Ok(())
    }
}

/// The descriptor of a packet; other codecs say in their payload what is read here.
pub fn descriptor<'a>(
    codec: Codec,
    header: &RtpHeader,
    packet: &'a [u8],
    map: &ExtensionMap,
) -> Option<&'a [u8]> {
    let kind = ExtensionKind::DependencyDescriptor;
    extension(header, packet, map, kind).filter(|_| codec == Codec::Av1)
}

/// Four spatial and eight temporal layers: below 32.
fn layers_of(spatial: u8, temporal: u8) -> u8 {
    spatial.min(3) << 3 | temporal.min(7)
}
