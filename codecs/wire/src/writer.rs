//! A cursor over the caller's buffer that refuses what does not fit.

/// Appends big-endian fields; `None` means that the buffer is full and nothing was written.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    out: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(out: &'a mut [u8]) -> Self {
        Self { out, len: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// What has been written so far.
    pub(crate) fn written(&self) -> &[u8] {
        self.out.get(..self.len).unwrap_or_default()
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.len.checked_add(bytes.len())?;
        self.out.get_mut(self.len..end)?.copy_from_slice(bytes);
        self.len = end;
        Some(())
    }

    pub(crate) fn u8(&mut self, value: u8) -> Option<()> {
        self.bytes(&[value])
    }

    pub(crate) fn u16(&mut self, value: u16) -> Option<()> {
        self.bytes(&value.to_be_bytes())
    }

    pub(crate) fn u24(&mut self, value: u32) -> Option<()> {
        let [_, a, b, c] = value.to_be_bytes();
        self.bytes(&[a, b, c])
    }

    pub(crate) fn u32(&mut self, value: u32) -> Option<()> {
        self.bytes(&value.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, value: u64) -> Option<()> {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends zeros up to the next multiple of four.
    pub(crate) fn pad_to_word(&mut self) -> Option<()> {
        while !self.len.is_multiple_of(4) {
            self.u8(0)?;
        }
        Some(())
    }

    /// Overwrites two bytes that were written before, such as a length known only now.
    pub(crate) fn patch_u16(&mut self, at: usize, value: u16) -> Option<()> {
        let end = at.checked_add(2).filter(|&end| end <= self.len)?;
        self.out
            .get_mut(at..end)?
            .copy_from_slice(&value.to_be_bytes());
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::Writer;

    #[test]
    fn a_full_buffer_is_left_as_it_was() {
        let mut out = [0xff; 3];
        let mut writer = Writer::new(&mut out);
        assert_eq!(writer.u16(0x0102), Some(()));
        assert_eq!(writer.u32(0), None);
        assert_eq!(writer.patch_u16(1, 0), None);
        assert_eq!(writer.len(), 2);
        assert_eq!(out, [1, 2, 0xff]);
    }
}
