//! Writes Binding requests and answers into the caller's buffer (RFC 8489, RFC 8445 §7).

use std::net::SocketAddr;

use super::attributes::{
    ERROR_CODE, FINGERPRINT, ICE_CONTROLLED, ICE_CONTROLLING, MESSAGE_INTEGRITY, PRIORITY,
    UNKNOWN_ATTRIBUTES, USE_CANDIDATE, USERNAME, XOR_MAPPED_ADDRESS, xor_address_value,
};
use super::{BINDING, HEADER_BYTES, MAGIC_COOKIE, StunClass, TransactionId, checksum};
use crate::writer::Writer;

/// What a connectivity check says (RFC 8445 §7.1).
#[derive(Clone, Copy, Debug)]
pub struct BindingRequest<'a> {
    /// Unpredictable, new for every check.
    pub transaction_id: TransactionId,
    /// The other side's fragment, a colon, ours.
    pub username: &'a [u8],
    /// Of the peer-reflexive candidate that the check may discover.
    pub priority: u32,
    /// Settles who controls.
    pub tie_breaker: u64,
    /// Whether we believe to be controlling.
    pub controlling: bool,
    /// Whether the pair is nominated.
    pub use_candidate: bool,
}

/// Writes a connectivity check signed with the other side's password; `None` if it does not fit.
pub fn write_binding_request(
    out: &mut [u8],
    request: &BindingRequest<'_>,
    password: &[u8],
) -> Option<usize> {
    let mut message = MessageWriter::new(out, StunClass::Request, &request.transaction_id)?;
    let role = if request.controlling {
        ICE_CONTROLLING
    } else {
        ICE_CONTROLLED
    };
    message.attribute(USERNAME, request.username)?;
    message.attribute(PRIORITY, &request.priority.to_be_bytes())?;
    message.attribute(role, &request.tie_breaker.to_be_bytes())?;
    if request.use_candidate {
        message.attribute(USE_CANDIDATE, &[])?;
    }
    message.integrity(password)?;
    message.fingerprint()
}

/// Writes the answer to a check that passed, signed with our password; `None` if it does not fit.
pub fn write_binding_success(
    out: &mut [u8],
    transaction_id: &TransactionId,
    mapped: SocketAddr,
    password: &[u8],
) -> Option<usize> {
    let mut message = MessageWriter::new(out, StunClass::Success, transaction_id)?;
    let (value, len) = xor_address_value(mapped, transaction_id);
    message.attribute(XOR_MAPPED_ADDRESS, value.get(..len)?)?;
    message.integrity(password)?;
    message.fingerprint()
}

/// Writes a refusal; `None` if it does not fit or the code is not in 300..=699.
///
/// The reason phrase stays empty, so that a refusal does not amplify. Sign it only if the request
/// was authenticated (RFC 8489 §9.1.3). `unknown` goes with code 420.
pub fn write_binding_error(
    out: &mut [u8],
    transaction_id: &TransactionId,
    code: u16,
    password: Option<&[u8]>,
    unknown: &[u16],
) -> Option<usize> {
    if !(300..=699).contains(&code) {
        return None;
    }
    let mut message = MessageWriter::new(out, StunClass::Error, transaction_id)?;
    message.attribute(ERROR_CODE, &[0, 0, (code / 100) as u8, (code % 100) as u8])?;
    if !unknown.is_empty() {
        message.attribute_of_u16(UNKNOWN_ATTRIBUTES, unknown)?;
    }
    if let Some(password) = password {
        message.integrity(password)?;
    }
    message.fingerprint()
}

/// Appends attributes and keeps the header's length true.
pub(super) struct MessageWriter<'a> {
    pub(super) writer: Writer<'a>,
}

impl<'a> MessageWriter<'a> {
    pub(super) fn new(out: &'a mut [u8], class: StunClass, id: &TransactionId) -> Option<Self> {
        let mut writer = Writer::new(out);
        writer.u16(class.bits() | BINDING)?;
        writer.u16(0)?;
        writer.u32(MAGIC_COOKIE)?;
        writer.bytes(id)?;
        Some(Self { writer })
    }

    pub(super) fn attribute(&mut self, kind: u16, value: &[u8]) -> Option<()> {
        self.writer.u16(kind)?;
        self.writer.u16(u16::try_from(value.len()).ok()?)?;
        self.writer.bytes(value)?;
        self.writer.pad_to_word()?;
        self.claim_length(0)
    }

    fn attribute_of_u16(&mut self, kind: u16, values: &[u16]) -> Option<()> {
        self.writer.u16(kind)?;
        self.writer.u16(u16::try_from(2 * values.len()).ok()?)?;
        values
            .iter()
            .try_for_each(|&value| self.writer.u16(value))?;
        self.writer.pad_to_word()?;
        self.claim_length(0)
    }

    pub(super) fn integrity(&mut self, key: &[u8]) -> Option<()> {
        let tag = checksum::integrity(self.writer.written(), key);
        self.attribute(MESSAGE_INTEGRITY, tag.as_ref())
    }

    /// Ends the message and returns its length.
    pub(super) fn fingerprint(mut self) -> Option<usize> {
        // The check covers the length that includes it (RFC 8489 §14.7).
        self.claim_length(8)?;
        let crc = checksum::fingerprint(self.writer.written());
        self.attribute(FINGERPRINT, &crc.to_be_bytes())?;
        Some(self.writer.len())
    }

    fn claim_length(&mut self, coming_bytes: usize) -> Option<()> {
        let len = u16::try_from(self.writer.len() + coming_bytes - HEADER_BYTES).ok()?;
        self.writer.patch_u16(2, len)
    }
}
