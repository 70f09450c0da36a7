//! STUN as ICE uses it: Binding requests and their answers (RFC 8489, RFC 8445 §7).
//!
//! Parsing does not authenticate: call [`StunMessage::verify_integrity`] before believing a field.

mod attributes;
mod checksum;
mod message_writer;

pub use message_writer::{
    BindingRequest, write_binding_error, write_binding_request, write_binding_success,
};

use std::net::SocketAddr;

use crate::Malformed;
use crate::reader::Reader;
use attributes::{Attribute, AttributeKind};

/// Chosen by the requester, repeated in the answer (RFC 8489 §5).
pub type TransactionId = [u8; 12];

/// Bytes of the fixed header (RFC 8489 §5).
pub const HEADER_BYTES: usize = 20;

/// The Binding method (RFC 8489 §18.2).
pub const BINDING: u16 = 1;

/// A message and what ICE needs of it; borrows the datagram.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StunMessage<'a> {
    /// Request, indication or one of the two answers.
    pub class: StunClass,
    /// Only [`BINDING`] concerns us.
    pub method: u16,
    /// Pairs an answer with its request.
    pub transaction_id: TransactionId,
    /// Our fragment, a colon, theirs (RFC 8445 §7.2.2).
    pub username: Option<&'a [u8]>,
    /// Where the answerer saw the request come from.
    pub xor_mapped_address: Option<SocketAddr>,
    /// Of a candidate pair (RFC 8445 §7.1.1).
    pub priority: Option<u32>,
    /// Whether the controlling side nominates this pair (RFC 8445 §7.1.2).
    pub use_candidate: bool,
    /// Tie breaker of a requester who believes to be controlling.
    pub ice_controlling: Option<u64>,
    /// Tie breaker of a requester who believes to be controlled.
    pub ice_controlled: Option<u64>,
    /// 300 to 699.
    pub error_code: Option<u16>,
    /// What we would have to understand and do not; answered with 420.
    pub unknown_required: UnknownAttributes,
    sealed: Sealed<'a>,
}

/// The datagram and where its two check values start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Sealed<'a> {
    datagram: &'a [u8],
    integrity_at: Option<usize>,
    fingerprint_at: Option<usize>,
}

/// What a message is for (RFC 8489 §5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "each variant is the name in the RFC")]
pub enum StunClass {
    Request,
    Indication,
    Success,
    Error,
}

/// The first few unknown comprehension-required attributes; enough for an honest answer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct UnknownAttributes {
    kinds: [u16; Self::MAX],
    len: usize,
}

impl UnknownAttributes {
    /// How many are kept: bounds the answer, which may not outgrow the request by much.
    pub const MAX: usize = 4;

    /// In order of appearance.
    #[must_use]
    pub fn as_slice(&self) -> &[u16] {
        self.kinds.get(..self.len).unwrap_or_default()
    }

    /// Whether everything required was understood.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn push(&mut self, kind: u16) {
        if let Some(slot) = self.kinds.get_mut(self.len) {
            *slot = kind;
            self.len += 1;
        }
    }
}

impl<'a> StunMessage<'a> {
    /// Reads one datagram.
    ///
    /// Of a repeated attribute the first counts (RFC 8489 §14), and after MESSAGE-INTEGRITY only
    /// FINGERPRINT does (§14.5). Fuzz target `stun`.
    ///
    /// # Errors
    ///
    /// The datagram is not exactly one STUN message, an attribute runs past it or has a wrong
    /// size, or something follows the fingerprint.
    pub fn parse_untrusted(datagram: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(datagram);
        let kind = reader.u16()?;
        let len = usize::from(reader.u16()?);
        if reader.u32()? != MAGIC_COOKIE {
            return Err(Malformed::Cookie);
        }
        let transaction_id = reader.array()?;
        if kind >> 14 != 0 || len != reader.len() || len % 4 != 0 {
            return Err(Malformed::Length);
        }
        let mut message = Self {
            class: StunClass::of(kind),
            method: method_of(kind),
            transaction_id,
            username: None,
            xor_mapped_address: None,
            priority: None,
            use_candidate: false,
            ice_controlling: None,
            ice_controlled: None,
            error_code: None,
            unknown_required: UnknownAttributes::default(),
            sealed: Sealed {
                datagram,
                integrity_at: None,
                fingerprint_at: None,
            },
        };
        while !reader.is_empty() {
            let at = datagram.len() - reader.len();
            let attribute = Attribute::parse_untrusted(&mut reader)?;
            message.take(&attribute, at)?;
        }
        Ok(message)
    }

    fn take(&mut self, attribute: &Attribute<'a>, at: usize) -> Result<(), Malformed> {
        if self.sealed.fingerprint_at.is_some() {
            return Err(Malformed::Length);
        }
        let ignored = self.sealed.integrity_at.is_some();
        match AttributeKind::of(attribute.kind) {
            AttributeKind::Fingerprint => {
                attribute.array::<4>()?;
                self.sealed.fingerprint_at = Some(at);
            }
            _ if ignored => {}
            AttributeKind::MessageIntegrity => {
                attribute.array::<20>()?;
                self.sealed.integrity_at = Some(at);
            }
            AttributeKind::Username => {
                self.username.get_or_insert(attribute.value);
            }
            AttributeKind::XorMappedAddress => {
                let address = attribute.xor_address(&self.transaction_id)?;
                self.xor_mapped_address.get_or_insert(address);
            }
            AttributeKind::Priority => {
                let priority = attribute.array().map(u32::from_be_bytes)?;
                self.priority.get_or_insert(priority);
            }
            AttributeKind::UseCandidate => {
                attribute.array::<0>()?;
                self.use_candidate = true;
            }
            AttributeKind::IceControlling => {
                let tie_breaker = attribute.array().map(u64::from_be_bytes)?;
                self.ice_controlling.get_or_insert(tie_breaker);
            }
            AttributeKind::IceControlled => {
                let tie_breaker = attribute.array().map(u64::from_be_bytes)?;
                self.ice_controlled.get_or_insert(tie_breaker);
            }
            AttributeKind::ErrorCode => {
                let code = attribute.error_code()?;
                self.error_code.get_or_insert(code);
            }
            AttributeKind::Ignored => {}
            AttributeKind::UnknownRequired => self.unknown_required.push(attribute.kind),
        }
        Ok(())
    }

    /// Whether the message ends in the FINGERPRINT of its own bytes (RFC 8489 §14.7).
    #[must_use]
    pub fn has_valid_fingerprint(&self) -> bool {
        self.sealed.fingerprint_at.is_some_and(|at| {
            self.sealed
                .datagram
                .split_at_checked(at)
                .is_some_and(|(covered, attribute)| {
                    checksum::fingerprint_matches(covered, attribute)
                })
        })
    }

    /// Whether MESSAGE-INTEGRITY was made with this key (RFC 8489 §14.5), in constant time.
    ///
    /// The key is the short-term password; for long-term credentials it is their MD5 (§9.2.2).
    #[must_use]
    pub fn verify_integrity(&self, password: &[u8]) -> bool {
        self.sealed.integrity_at.is_some_and(|at| {
            self.sealed
                .datagram
                .split_at_checked(at)
                .is_some_and(|(covered, attribute)| {
                    checksum::integrity_matches(covered, attribute, password)
                })
        })
    }
}

impl StunClass {
    const fn of(kind: u16) -> Self {
        match (kind & 0x0100 != 0, kind & 0x0010 != 0) {
            (false, false) => Self::Request,
            (false, true) => Self::Indication,
            (true, false) => Self::Success,
            (true, true) => Self::Error,
        }
    }

    /// The class's two bits, which lie between those of the method (RFC 8489 §5).
    const fn bits(self) -> u16 {
        match self {
            Self::Request => 0x0000,
            Self::Indication => 0x0010,
            Self::Success => 0x0100,
            Self::Error => 0x0110,
        }
    }
}

const fn method_of(kind: u16) -> u16 {
    kind & 0x000f | (kind & 0x00e0) >> 1 | (kind & 0x3e00) >> 2
}

/// RFC 8489 §5.
const MAGIC_COOKIE: u32 = 0x2112_a442;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
