//! Which layers a frame belongs to, and what may be decoded from it on (AV1 RTP specification, appendix A).
//!
//! A key frame brings the stream's [`Structure`]; every packet names one of its templates, and says where it differs.
//! Frame differences and chains are walked and not kept: the relay does not say which frame refers to which.

mod rewrite;
mod structure;
#[cfg(test)]
mod tests;

pub use structure::{DecodeTarget, MAX_DECODE_TARGETS, Structure};

use structure::{Indications, read_indications};

use crate::Malformed;
use crate::bit_reader::BitReader;

/// What one packet says of its frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DependencyDescriptor {
    /// First packet of a frame.
    pub starts_frame: bool,
    /// Last packet of a frame.
    pub ends_frame: bool,
    /// Counts the frames of all layers.
    pub frame_number: u16,
    /// 0 to 3.
    pub spatial_layer: u8,
    /// 0 to 7.
    pub temporal_layer: u8,
    /// The decode targets that are sent from here on, one bit each, the first lowest, where that is said.
    pub active_targets: Option<u32>,
    indications: Indications,
    target_count: u8,
    /// Where in the value the active targets are or would be said, in bits.
    targets_from: u16,
    targets_to: u16,
}

/// The three bytes that every descriptor begins with (§A.8.2, `mandatory_descriptor_fields`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Mandatory {
    starts_frame: bool,
    ends_frame: bool,
    template_id: u8,
    frame_number: u16,
}

/// What is said beyond them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one flag of the descriptor"
)]
struct Extended {
    has_structure: bool,
    has_active_targets: bool,
    has_indications: bool,
    has_differences: bool,
    has_chains: bool,
}

impl DependencyDescriptor {
    /// Reads a descriptor by a structure that has its template. Fuzz target `dependency_descriptor`.
    ///
    /// # Errors
    ///
    /// It ends within a field, names a template that the structure has not, or brings a structure that is malformed.
    pub fn parse_untrusted(value: &[u8], structure: &Structure) -> Result<Self, Malformed> {
        let mut reader = BitReader::new(value);
        let mandatory = Mandatory::read(&mut reader)?;
        let extended = Extended::read(&mut reader, value.len())?;
        if extended.has_structure {
            Structure::read(&mut reader)?;
        }
        let targets_from = reader.taken_bits() as u16;
        let active_targets = if extended.has_active_targets {
            Some(reader.bits(structure.target_count.into())?)
        } else {
            None
        };
        let targets_to = reader.taken_bits() as u16;
        let template = structure
            .template(mandatory.template_id)
            .ok_or(Malformed::Reserved)?;
        let indications = if extended.has_indications {
            read_indications(&mut reader, structure.target_count)?
        } else {
            template.indications
        };
        if extended.has_differences {
            skip_differences(&mut reader)?;
        }
        if extended.has_chains {
            reader.bits(8 * u32::from(structure.chain_count))?;
        }
        Ok(Self {
            starts_frame: mandatory.starts_frame,
            ends_frame: mandatory.ends_frame,
            frame_number: mandatory.frame_number,
            spatial_layer: template.spatial_layer,
            temporal_layer: template.temporal_layer,
            active_targets,
            indications,
            target_count: structure.target_count,
            targets_from,
            targets_to,
        })
    }

    /// Whether who had a part of a decode target's layers before may have all of them from this frame on (§A.4).
    #[must_use]
    pub const fn is_switch(&self, target: DecodeTarget) -> bool {
        self.indications.of(target) == SWITCH
    }
}

impl Structure {
    /// The structure that a descriptor brings, if it brings one. Fuzz target `dependency_descriptor`.
    ///
    /// # Errors
    ///
    /// It ends within a field, or describes more than AV1 has layers for.
    pub fn parse_untrusted(value: &[u8]) -> Result<Option<Self>, Malformed> {
        // Nearly all bring none: the first of the extended flags says so.
        if value
            .get(MANDATORY_BYTES)
            .is_none_or(|flags| flags >> 7 == 0)
        {
            return Ok(None);
        }
        let mut reader = BitReader::new(value);
        Mandatory::read(&mut reader)?;
        Extended::read(&mut reader, value.len())?;
        Self::read(&mut reader).map(Some)
    }
}

/// The template that a descriptor names, for who keeps more than one structure.
///
/// # Errors
///
/// `Truncated`: the descriptor is shorter than its mandatory fields.
pub fn template_id_untrusted(value: &[u8]) -> Result<u8, Malformed> {
    Mandatory::read(&mut BitReader::new(value)).map(|mandatory| mandatory.template_id)
}

impl Mandatory {
    fn read(reader: &mut BitReader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            starts_frame: reader.flag()?,
            ends_frame: reader.flag()?,
            template_id: reader.bits(6)? as u8,
            frame_number: reader.bits(16)? as u16,
        })
    }
}

impl Extended {
    fn read(reader: &mut BitReader<'_>, len: usize) -> Result<Self, Malformed> {
        if len <= MANDATORY_BYTES {
            return Ok(Self::default());
        }
        Ok(Self {
            has_structure: reader.flag()?,
            has_active_targets: reader.flag()?,
            has_indications: reader.flag()?,
            has_differences: reader.flag()?,
            has_chains: reader.flag()?,
        })
    }
}

/// §A.8.2, `frame_fdiffs`: each of 4, 8 or 12 bits, as the two before it say; none ends the list.
fn skip_differences(reader: &mut BitReader<'_>) -> Result<(), Malformed> {
    loop {
        match reader.bits(2)? {
            0 => return Ok(()),
            nibbles => reader.bits(4 * nibbles)?,
        };
    }
}

/// §A.8.2.
const MANDATORY_BYTES: usize = 3;
/// §A.8.3, decode target indications.
const NOT_PRESENT: u8 = 0;
/// §A.8.3.
const SWITCH: u8 = 2;
