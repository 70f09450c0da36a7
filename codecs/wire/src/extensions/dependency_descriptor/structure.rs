//! The templates of a stream's frames, and the decode targets made of them (AV1 RTP specification §A.8.2).

use crate::Malformed;
use crate::bit_reader::BitReader;

/// A stream's template dependency structure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Structure {
    id_offset: u8,
    template_count: u8,
    templates: [Template; MAX_TEMPLATES],
    pub(super) target_count: u8,
    pub(super) chain_count: u8,
}

/// What frames of one kind have in common.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Template {
    pub(super) spatial_layer: u8,
    pub(super) temporal_layer: u8,
    pub(super) indications: Indications,
}

/// For each decode target what a frame is to it, two bits each, the first target lowest.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Indications(u64);

/// One of a structure's decode targets: a set of frames that can be decoded without the others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DecodeTarget {
    /// Its place among the structure's.
    pub index: u8,
    /// The highest of its spatial layers.
    pub spatial_layer: u8,
    /// The highest of its temporal layers.
    pub temporal_layer: u8,
}

impl Structure {
    /// The decode targets, in the order in which the structure has them.
    pub fn targets(&self) -> impl Iterator<Item = DecodeTarget> {
        (0..self.target_count).map(|index| {
            let mut target = DecodeTarget {
                index,
                spatial_layer: 0,
                temporal_layer: 0,
            };
            for template in self.templates() {
                if template.indications.of(target) != super::NOT_PRESENT {
                    target.spatial_layer = target.spatial_layer.max(template.spatial_layer);
                    target.temporal_layer = target.temporal_layer.max(template.temporal_layer);
                }
            }
            target
        })
    }

    /// Whether a template is one of the structure's.
    #[must_use]
    pub fn has_template(&self, template_id: u8) -> bool {
        self.template(template_id).is_some()
    }

    pub(super) fn template(&self, id: u8) -> Option<&Template> {
        let index = id.wrapping_sub(self.id_offset) % MAX_TEMPLATES as u8;
        self.templates().get(usize::from(index))
    }

    fn templates(&self) -> &[Template] {
        let count = usize::from(self.template_count);
        self.templates.get(..count).unwrap_or_default()
    }

    pub(super) fn read(reader: &mut BitReader<'_>) -> Result<Self, Malformed> {
        let mut structure = Self {
            id_offset: reader.bits(6)? as u8,
            template_count: 0,
            templates: [Template::default(); MAX_TEMPLATES],
            target_count: reader.bits(5)? as u8 + 1,
            chain_count: 0,
        };
        let highest_spatial = structure.read_layers(reader)?;
        let count = usize::from(structure.template_count);
        for template in structure.templates.iter_mut().take(count) {
            template.indications = read_indications(reader, structure.target_count)?;
        }
        for _ in 0..count {
            while reader.flag()? {
                reader.bits(4)?;
            }
        }
        structure.read_chains(reader)?;
        if reader.flag()? {
            // The size of each spatial layer: the browser says it too (`video_layers_allocation`).
            for _ in 0..=highest_spatial {
                reader.bits(32)?;
            }
        }
        Ok(structure)
    }

    /// The layers of every template, each relative to the one before it; returns the highest spatial layer.
    fn read_layers(&mut self, reader: &mut BitReader<'_>) -> Result<u8, Malformed> {
        let (mut spatial_layer, mut temporal_layer) = (0_u8, 0_u8);
        loop {
            let place = self.templates.get_mut(usize::from(self.template_count));
            let template = place.ok_or(Malformed::Length)?;
            (template.spatial_layer, template.temporal_layer) = (spatial_layer, temporal_layer);
            self.template_count += 1;
            match reader.bits(2)? {
                0 => {}
                1 => temporal_layer += 1,
                2 => (spatial_layer, temporal_layer) = (spatial_layer + 1, 0),
                _ => return Ok(spatial_layer),
            }
            if usize::from(spatial_layer) >= MAX_SPATIAL_LAYERS
                || temporal_layer >= MAX_TEMPORAL_LAYERS
            {
                return Err(Malformed::Value);
            }
        }
    }

    fn read_chains(&mut self, reader: &mut BitReader<'_>) -> Result<(), Malformed> {
        let chain_count = reader.below(u32::from(self.target_count) + 1)?;
        self.chain_count = chain_count as u8;
        if chain_count == 0 {
            return Ok(());
        }
        for _ in 0..self.target_count {
            reader.below(chain_count)?;
        }
        for _ in 0..self.template_count {
            reader.bits(4 * chain_count)?;
        }
        Ok(())
    }
}

impl Indications {
    pub(super) const fn of(self, target: DecodeTarget) -> u8 {
        (self.0 >> (2 * target.index)) as u8 & 0x03
    }
}

pub(super) fn read_indications(
    reader: &mut BitReader<'_>,
    target_count: u8,
) -> Result<Indications, Malformed> {
    let mut indications = 0;
    for target in 0..target_count {
        indications |= u64::from(reader.bits(2)?) << (2 * target);
    }
    Ok(Indications(indications))
}

/// What five bits count.
pub const MAX_DECODE_TARGETS: usize = 32;
/// What six bits number.
const MAX_TEMPLATES: usize = 64;
/// AV1 specification §6.2.3: `spatial_id` has two bits.
const MAX_SPATIAL_LAYERS: usize = 4;
/// AV1 specification §6.2.3: `temporal_id` has three bits.
const MAX_TEMPORAL_LAYERS: u8 = 8;
