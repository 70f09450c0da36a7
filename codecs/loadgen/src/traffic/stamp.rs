//! What a payload carries so that its receiver can say how long it took, and whether it is whole.

/// Who sent a packet, which one it was, and when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stamp {
    /// The line it belongs to, of all lines of a run.
    pub line: u32,
    /// Counts the packets of a line.
    pub number: u32,
    /// Monotonic.
    pub sent_ns: u64,
}

/// Bytes of a stamp.
pub const STAMP_BYTES: usize = 20;
const MAGIC: [u8; 4] = *b"vvlg";

impl Stamp {
    /// Fills a payload: the stamp, then a pattern of its own for each packet. `None` if it does not fit.
    pub fn write(self, out: &mut [u8]) -> Option<()> {
        let (head, rest) = out.split_first_chunk_mut::<STAMP_BYTES>()?;
        let (magic, fields) = head.split_first_chunk_mut::<4>()?;
        *magic = MAGIC;
        let (line, fields) = fields.split_first_chunk_mut::<4>()?;
        *line = self.line.to_be_bytes();
        let (number, sent) = fields.split_first_chunk_mut::<4>()?;
        *number = self.number.to_be_bytes();
        *sent.first_chunk_mut()? = self.sent_ns.to_be_bytes();
        for (byte, value) in rest.iter_mut().zip(self.pattern()) {
            *byte = value;
        }
        Some(())
    }

    /// Reads a stamp; `None` where there is none.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let fields = payload.strip_prefix(&MAGIC)?;
        let (line, fields) = fields.split_first_chunk::<4>()?;
        let (number, fields) = fields.split_first_chunk::<4>()?;
        let sent = fields.first_chunk::<8>()?;
        Some(Self {
            line: u32::from_be_bytes(*line),
            number: u32::from_be_bytes(*number),
            sent_ns: u64::from_be_bytes(*sent),
        })
    }

    /// Whether what follows the stamp is what was sent.
    #[must_use]
    pub fn is_intact(self, payload: &[u8]) -> bool {
        let rest = payload.get(STAMP_BYTES..).unwrap_or_default();
        rest.iter()
            .zip(self.pattern())
            .all(|(byte, value)| *byte == value)
    }

    fn pattern(self) -> impl Iterator<Item = u8> {
        let start = self.number.wrapping_mul(31).wrapping_add(self.line) as u8;
        (0_u32..).map(move |offset| start.wrapping_add(offset as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp {
        line: 7,
        number: 1_000_000,
        sent_ns: 1 << 50,
    };

    #[test]
    fn a_stamp_survives_the_way() {
        let mut payload = [0; 100];
        STAMP.write(&mut payload).expect("100 bytes are enough");
        assert_eq!(Stamp::read(&payload), Some(STAMP));
        assert!(STAMP.is_intact(&payload));
    }

    #[test]
    fn one_wrong_byte_is_seen() {
        let mut payload = [0; 100];
        STAMP.write(&mut payload).expect("100 bytes are enough");
        for place in STAMP_BYTES..payload.len() {
            let mut damaged = payload;
            if let Some(byte) = damaged.get_mut(place) {
                *byte ^= 1;
            }
            assert!(!STAMP.is_intact(&damaged));
        }
    }

    #[test]
    fn what_is_too_short_has_no_stamp() {
        let mut payload = [0; STAMP_BYTES];
        assert!(STAMP.write(&mut payload[..STAMP_BYTES - 1]).is_none());
        STAMP.write(&mut payload).expect("just enough");
        assert!(Stamp::read(&payload[..STAMP_BYTES - 1]).is_none());
    }
}
