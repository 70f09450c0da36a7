//! Header extension elements in their one-byte and two-byte forms (RFC 8285 §4.2, §4.3).

use super::{ExtensionBlock, ExtensionForm};
use crate::Malformed;
use crate::reader::Reader;

/// Iterates over `(id, value)`; total, and over after its first `Err`.
#[derive(Clone, Debug)]
pub struct Extensions<'a> {
    form: ExtensionForm,
    rest: Reader<'a>,
}

impl<'a> Extensions<'a> {
    pub(super) fn new(block: Option<ExtensionBlock>, packet: &'a [u8]) -> Self {
        let elements = block.and_then(|block| packet.get(block.start..)?.get(..block.len));
        Self {
            form: block.map_or(ExtensionForm::OneByte, |block| block.form),
            rest: Reader::new(elements.unwrap_or_default()),
        }
    }

    fn element(&mut self) -> Result<Option<(u8, &'a [u8])>, Malformed> {
        while let Ok(first) = self.rest.u8() {
            let (id, len) = match self.form {
                ExtensionForm::OneByte => (first >> 4, usize::from(first & 0x0f) + 1),
                ExtensionForm::TwoByte if first == 0 => continue,
                ExtensionForm::TwoByte => (first, usize::from(self.rest.u8()?)),
            };
            match (self.form, id) {
                (ExtensionForm::OneByte, 0) if first == 0 => {}
                // RFC 8285 §4.2: id 15, and id 0 with a length, end the block; what came before counts.
                (ExtensionForm::OneByte, 0 | 15) => return Ok(None),
                _ => return self.rest.bytes(len).map(|value| Some((id, value))),
            }
        }
        Ok(None)
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Result<(u8, &'a [u8]), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let element = self.element();
        if !matches!(element, Ok(Some(_))) {
            self.rest = Reader::new(&[]);
        }
        element.map_err(|_| Malformed::Extension).transpose()
    }
}

impl std::iter::FusedIterator for Extensions<'_> {}
