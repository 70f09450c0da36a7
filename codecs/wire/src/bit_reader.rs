//! A cursor over the bits of network bytes that cannot run past their end.

use crate::Malformed;

/// Takes fields from the front of a slice, the highest bit of each byte first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    taken_bits: usize,
}

impl<'a> BitReader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            taken_bits: 0,
        }
    }

    /// How many bits have been taken.
    pub(crate) const fn taken_bits(&self) -> usize {
        self.taken_bits
    }

    /// The next bit.
    pub(crate) fn flag(&mut self) -> Result<bool, Malformed> {
        let byte = self.bytes.get(self.taken_bits / 8);
        let byte = byte.copied().ok_or(Malformed::Truncated)?;
        let is_set = byte & (0x80 >> (self.taken_bits % 8)) != 0;
        self.taken_bits += 1;
        Ok(is_set)
    }

    /// The next `count` bits as a number; of more than 32 the last 32.
    pub(crate) fn bits(&mut self, count: u32) -> Result<u32, Malformed> {
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | u32::from(self.flag()?);
        }
        Ok(value)
    }

    /// A number below `end`, in as few bits as that needs (AV1 specification §4.10.7, `ns(n)`); `end` is 1 to 2^16.
    pub(crate) fn below(&mut self, end: u32) -> Result<u32, Malformed> {
        let width = u32::BITS - end.leading_zeros();
        let short_count = (1_u32 << width) - end;
        let value = self.bits(width.saturating_sub(1))?;
        if value < short_count {
            return Ok(value);
        }
        Ok((value << 1) - short_count + u32::from(self.flag()?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::BitReader;
    use crate::Malformed;
    use proptest::prelude::*;

    #[test]
    fn fields_cross_bytes_and_end_with_them() {
        let mut reader = BitReader::new(&[0b1010_0000, 0b1100_0001]);
        assert_eq!(reader.flag(), Ok(true));
        assert_eq!(reader.bits(9), Ok(0b0_1000_0011));
        assert_eq!(reader.bits(0), Ok(0));
        assert_eq!(reader.bits(6), Ok(1));
        assert_eq!(reader.flag(), Err(Malformed::Truncated));
        assert_eq!(reader.bits(1), Err(Malformed::Truncated));
    }

    #[test]
    fn numbers_below_an_end_take_as_few_bits_as_the_table_of_the_specification_says() {
        // AV1 specification §4.10.7: ns(5) codes 0, 1, 2 in two bits, 3 and 4 in three.
        let codes = [
            (0b0000_0000, 0, 2),
            (0b0100_0000, 1, 2),
            (0b1000_0000, 2, 2),
            (0b1100_0000, 3, 3),
            (0b1110_0000, 4, 3),
        ];
        for (byte, value, width) in codes {
            let bytes = [byte];
            let mut reader = BitReader::new(&bytes);
            assert_eq!(reader.below(5), Ok(value));
            assert_eq!(reader.taken_bits, width);
        }
        assert_eq!(BitReader::new(&[]).below(1), Ok(0), "there is no other");
    }

    proptest! {
        #[test]
        fn a_number_below_an_end_is_below_it(bytes: [u8; 3], end in 1..=64_u32) {
            prop_assert!(BitReader::new(&bytes).below(end).unwrap() < end);
        }
    }
}
