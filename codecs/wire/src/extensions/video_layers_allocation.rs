//! Bitrate and size of every layer that a publisher sends, all its encodings together.
//!
//! Source: webrtc.org `rtp-hdrext/video-layers-allocation00`.

use crate::Malformed;
use crate::reader::Reader;

/// What a publisher says it is sending; bounded by the format itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct VideoLayersAllocation {
    /// The encoding whose packet carried this.
    pub stream_index: u8,
    /// How many encodings are described, 1 to 4; 0 if nothing is being sent.
    pub stream_count: u8,
    /// By encoding, then by spatial layer; `None` is a layer that is not sent.
    pub layers: [[Option<SpatialLayer>; MAX_SPATIAL_LAYERS]; MAX_STREAMS],
}

/// One spatial layer of one encoding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SpatialLayer {
    /// 1 to 4.
    pub temporal_layer_count: u8,
    /// By temporal layer, each with all the layers it needs; zero beyond the count.
    pub target_kbps: [u32; MAX_TEMPORAL_LAYERS],
    /// Absent where the sender keeps the packet short.
    pub resolution: Option<Resolution>,
}

/// Size and rate of one spatial layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Resolution {
    /// 1 to 65,536.
    pub width: u32,
    /// 1 to 65,536.
    pub height: u32,
    /// Highest frame rate.
    pub max_fps: u8,
}

/// Encodings that two bits can number.
pub const MAX_STREAMS: usize = 4;
/// Spatial layers that a four-bit mask can hold.
pub const MAX_SPATIAL_LAYERS: usize = 4;
/// Temporal layers that two bits can count.
pub const MAX_TEMPORAL_LAYERS: usize = 4;

impl VideoLayersAllocation {
    /// The spatial layers that are sent, in the order in which the format lists them.
    pub fn active(&self) -> impl Iterator<Item = &SpatialLayer> {
        self.layers.iter().flatten().flatten()
    }
}

/// Reads one extension value.
///
/// Fuzz target `video_layers_allocation`.
///
/// # Errors
///
/// The value ends early, has bytes left over, a bitrate beyond 32 bits, or claims to travel on
/// an encoding that it does not describe.
pub fn parse_untrusted(value: &[u8]) -> Result<VideoLayersAllocation, Malformed> {
    if value == [0] {
        return Ok(VideoLayersAllocation::default());
    }
    let mut reader = Reader::new(value);
    let head = reader.u8()?;
    let (stream_index, stream_count) = (head >> 6, (head >> 4 & 0x03) + 1);
    if stream_index >= stream_count {
        return Err(Malformed::Value);
    }
    let masks = spatial_masks(&mut reader, head & 0x0f, stream_count)?;
    let mut allocation = VideoLayersAllocation {
        stream_index,
        stream_count,
        ..Default::default()
    };
    for (layers, mask) in allocation.layers.iter_mut().zip(masks) {
        for (spatial, layer) in layers.iter_mut().enumerate() {
            *layer = (mask >> spatial & 1 == 1).then_some(SpatialLayer {
                temporal_layer_count: 1,
                target_kbps: [0; MAX_TEMPORAL_LAYERS],
                resolution: None,
            });
        }
    }
    temporal_counts(&mut reader, &mut allocation)?;
    for layer in allocation.layers.iter_mut().flatten().flatten() {
        let sent = usize::from(layer.temporal_layer_count);
        for target in layer.target_kbps.iter_mut().take(sent) {
            *target = reader.leb128()?;
        }
    }
    // Present or absent as a whole; only the length tells which.
    if !reader.is_empty() {
        for layer in allocation.layers.iter_mut().flatten().flatten() {
            let (width, height) = (reader.u16()?, reader.u16()?);
            layer.resolution = Some(Resolution {
                width: u32::from(width) + 1,
                height: u32::from(height) + 1,
                max_fps: reader.u8()?,
            });
        }
    }
    if reader.is_empty() {
        Ok(allocation)
    } else {
        Err(Malformed::Length)
    }
}

/// One mask per described encoding: the shared one, or else one nibble each.
fn spatial_masks(
    reader: &mut Reader<'_>,
    shared: u8,
    stream_count: u8,
) -> Result<[u8; MAX_STREAMS], Malformed> {
    let mut masks = [shared; MAX_STREAMS];
    if shared == 0 {
        let first = reader.u8()?;
        let second = if stream_count > 2 { reader.u8()? } else { 0 };
        masks = [first >> 4, first & 0x0f, second >> 4, second & 0x0f];
    }
    for mask in masks.iter_mut().skip(usize::from(stream_count)) {
        *mask = 0;
    }
    Ok(masks)
}

/// Two bits per active spatial layer, four layers to a byte.
fn temporal_counts(
    reader: &mut Reader<'_>,
    allocation: &mut VideoLayersAllocation,
) -> Result<(), Malformed> {
    let mut packed = 0;
    for (place, layer) in allocation.layers.iter_mut().flatten().flatten().enumerate() {
        if place % 4 == 0 {
            packed = reader.u8()?;
        }
        layer.temporal_layer_count = (packed >> 6) + 1;
        packed <<= 2;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn layer(kbps: &[u32], resolution: Option<(u32, u32, u8)>) -> SpatialLayer {
        let mut target_kbps = [0; MAX_TEMPORAL_LAYERS];
        target_kbps[..kbps.len()].copy_from_slice(kbps);
        SpatialLayer {
            temporal_layer_count: kbps.len() as u8,
            target_kbps,
            resolution: resolution.map(|(width, height, max_fps)| Resolution {
                width,
                height,
                max_fps,
            }),
        }
    }

    /// The format's own words, the other way round; always with one mask per encoding.
    fn encode(allocation: &VideoLayersAllocation) -> Vec<u8> {
        let masks: Vec<u8> = allocation
            .layers
            .iter()
            .map(|layers| (0..4).map(|at| u8::from(layers[at].is_some()) << at).sum())
            .collect();
        let mut bytes = vec![allocation.stream_index << 6 | (allocation.stream_count - 1) << 4];
        bytes.push(masks[0] << 4 | masks[1]);
        if allocation.stream_count > 2 {
            bytes.push(masks[2] << 4 | masks[3]);
        }
        let active: Vec<&SpatialLayer> = allocation.active().collect();
        for four in active.chunks(4) {
            let fields = four.iter().enumerate();
            bytes.push(
                fields
                    .map(|(at, layer)| (layer.temporal_layer_count - 1) << (6 - 2 * at))
                    .sum(),
            );
        }
        for layer in &active {
            for &kbps in &layer.target_kbps[..usize::from(layer.temporal_layer_count)] {
                let mut left = kbps;
                while left >= 0x80 {
                    bytes.push(left as u8 | 0x80);
                    left >>= 7;
                }
                bytes.push(left as u8);
            }
        }
        for resolution in active.iter().filter_map(|layer| layer.resolution) {
            bytes.extend(((resolution.width - 1) as u16).to_be_bytes());
            bytes.extend(((resolution.height - 1) as u16).to_be_bytes());
            bytes.push(resolution.max_fps);
        }
        bytes
    }

    #[test]
    fn three_encodings_with_sizes_are_read() {
        // RID 1 of 3, one shared spatial layer, temporal counts 3 3 1.
        let mut value = vec![0b0110_0001, 0b1010_0000];
        value.extend([
            60, 90, 0x96, 0x01, 0xc8, 0x01, 0xac, 0x02, 0xf4, 0x03, 0xdc, 0x0b,
        ]);
        for (width, height) in [(320_u16, 180_u16), (640, 360), (1280, 720)] {
            value.extend((width - 1).to_be_bytes());
            value.extend((height - 1).to_be_bytes());
            value.push(30);
        }
        let allocation = parse_untrusted(&value).unwrap();
        assert_eq!((allocation.stream_index, allocation.stream_count), (1, 3));
        assert_eq!(
            allocation.layers[0][0],
            Some(layer(&[60, 90, 150], Some((320, 180, 30))))
        );
        assert_eq!(
            allocation.layers[1][0],
            Some(layer(&[200, 300, 500], Some((640, 360, 30))))
        );
        assert_eq!(
            allocation.layers[2][0],
            Some(layer(&[1500], Some((1280, 720, 30))))
        );
        assert_eq!(allocation.active().count(), 3);
    }

    #[test]
    fn nothing_sent_is_one_zero_byte() {
        let allocation = parse_untrusted(&[0]).unwrap();
        assert_eq!(
            (allocation.stream_count, allocation.active().count()),
            (0, 0)
        );
        assert_eq!(parse_untrusted(&[]), Err(Malformed::Truncated));
    }

    #[test]
    fn an_encoding_outside_those_described_is_refused() {
        assert_eq!(
            parse_untrusted(&[0b0100_0001, 0, 50]),
            Err(Malformed::Value)
        );
    }

    #[test]
    fn sizes_for_some_layers_only_are_refused() {
        let value = [0b0000_0011, 0, 50, 100, 0, 99, 0, 99, 30];
        assert!(parse_untrusted(&value[..4]).is_ok());
        assert_eq!(parse_untrusted(&value), Err(Malformed::Truncated));
        let mut long = value.to_vec();
        long.extend([0, 99, 0, 99, 30]);
        assert!(parse_untrusted(&long).is_ok());
        long.push(0);
        assert_eq!(parse_untrusted(&long), Err(Malformed::Length));
    }

    prop_compose! {
        fn allocations()(
            stream_count in 1..=4_u8, index in 0..4_u8, masks in any::<[u8; 4]>(), sized: bool,
            layers in vec((1..=4_u8, any::<[u32; 4]>(), 1..=65_536_u32, 1..=65_536_u32, any::<u8>()), 16),
        ) -> VideoLayersAllocation {
            let mut allocation = VideoLayersAllocation {
                stream_index: index % stream_count, stream_count, ..Default::default()
            };
            for stream in 0..usize::from(stream_count) {
                for spatial in 0..4 {
                    let (count, kbps, width, height, fps) = layers[4 * stream + spatial];
                    if masks[stream] >> spatial & 1 == 1 {
                        allocation.layers[stream][spatial] = Some(layer(&kbps[..usize::from(count)], sized.then_some((width, height, fps))));
                    }
                }
            }
            allocation
        }
    }

    proptest! {
        #[test]
        fn an_allocation_reads_back_and_no_truncation_passes_for_it(allocation in allocations()) {
            let value = encode(&allocation);
            prop_assert_eq!(parse_untrusted(&value), Ok(allocation));
            for len in 1..value.len() {
                prop_assert_ne!(parse_untrusted(&value[..len]), Ok(allocation));
            }
        }
    }
}
