//! A descriptor for a receiver that is sent a part of the layers.

use super::{DependencyDescriptor, MANDATORY_BYTES};

/// Appends bits to a buffer of zeroes.
struct BitWriter<'a> {
    out: &'a mut [u8],
    bits: usize,
}

impl BitWriter<'_> {
    fn put(&mut self, is_set: bool) -> Option<()> {
        let byte = self.out.get_mut(self.bits / 8)?;
        *byte |= u8::from(is_set) << (7 - self.bits % 8);
        self.bits += 1;
        Some(())
    }

    fn number(&mut self, value: u32, width: u8) -> Option<()> {
        (0..width)
            .rev()
            .try_for_each(|bit| self.put(value >> bit & 1 == 1))
    }

    fn copy(&mut self, value: &[u8], from: usize, to: usize) -> Option<()> {
        (from..to).try_for_each(|bit| {
            let byte = value.get(bit / 8)?;
            self.put(byte & (0x80 >> (bit % 8)) != 0)
        })
    }
}

impl DependencyDescriptor {
    /// Writes the value that was read anew, with another frame number, and with what of the decode targets is still sent
    /// (one bit each, the first lowest): a receiver waits for no frame of the others (§A.4).
    ///
    /// `None` where it is not the value that was read, or `out` is too short. Returns the length.
    #[must_use]
    pub fn rewrite(
        &self,
        value: &[u8],
        frame_number: u16,
        active_targets: u32,
        out: &mut [u8],
    ) -> Option<usize> {
        out.fill(0);
        let mut writer = BitWriter { out, bits: 0 };
        writer.copy(value, 0, 8)?;
        writer.number(frame_number.into(), 16)?;
        if value.len() > MANDATORY_BYTES {
            writer.copy(value, STRUCTURE_FLAG, ACTIVE_FLAG)?;
            writer.put(true)?;
            writer.copy(value, ACTIVE_FLAG + 1, self.targets_from.into())?;
        } else {
            writer.number(0b01000, 5)?;
        }
        writer.number(active_targets, self.target_count)?;
        writer.copy(value, self.targets_to.into(), 8 * value.len())?;
        Some(writer.bits.div_ceil(8))
    }
}

/// The first of the extended flags, in bits.
const STRUCTURE_FLAG: usize = 8 * MANDATORY_BYTES;
/// The second.
const ACTIVE_FLAG: usize = STRUCTURE_FLAG + 1;
