//! STUN attributes, one at a time (RFC 8489 §14, RFC 8445 §16.1).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{MAGIC_COOKIE, TransactionId};
use crate::Malformed;
use crate::reader::Reader;

/// One attribute as it lies in the message.
pub(super) struct Attribute<'a> {
    pub(super) kind: u16,
    pub(super) value: &'a [u8],
}

/// What to do with an attribute.
pub(super) enum AttributeKind {
    Username,
    MessageIntegrity,
    ErrorCode,
    XorMappedAddress,
    Priority,
    UseCandidate,
    IceControlled,
    IceControlling,
    Fingerprint,
    Ignored,
    UnknownRequired,
}

pub(super) const USERNAME: u16 = 0x0006;
pub(super) const MESSAGE_INTEGRITY: u16 = 0x0008;
pub(super) const ERROR_CODE: u16 = 0x0009;
pub(super) const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
pub(super) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
pub(super) const PRIORITY: u16 = 0x0024;
pub(super) const USE_CANDIDATE: u16 = 0x0025;
pub(super) const FINGERPRINT: u16 = 0x8028;
pub(super) const ICE_CONTROLLED: u16 = 0x8029;
pub(super) const ICE_CONTROLLING: u16 = 0x802a;
const MAPPED_ADDRESS: u16 = 0x0001;
const REALM: u16 = 0x0014;
const NONCE: u16 = 0x0015;

impl AttributeKind {
    pub(super) const fn of(kind: u16) -> Self {
        match kind {
            USERNAME => Self::Username,
            MESSAGE_INTEGRITY => Self::MessageIntegrity,
            ERROR_CODE => Self::ErrorCode,
            XOR_MAPPED_ADDRESS => Self::XorMappedAddress,
            PRIORITY => Self::Priority,
            USE_CANDIDATE => Self::UseCandidate,
            ICE_CONTROLLED => Self::IceControlled,
            ICE_CONTROLLING => Self::IceControlling,
            FINGERPRINT => Self::Fingerprint,
            // Four are understood and of no use to ICE; the upper half of the range is
            // comprehension-optional (RFC 8489 §14).
            MAPPED_ADDRESS | UNKNOWN_ATTRIBUTES | REALM | NONCE | 0x8000.. => Self::Ignored,
            _ => Self::UnknownRequired,
        }
    }
}

impl<'a> Attribute<'a> {
    /// Takes the next attribute with its padding, whose content means nothing (RFC 8489 §14).
    pub(super) fn parse_untrusted(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let kind = reader.u16()?;
        let len = usize::from(reader.u16()?);
        let padded = reader
            .bytes(len.next_multiple_of(4))
            .map_err(|_| Malformed::Length)?;
        let value = padded.get(..len).ok_or(Malformed::Length)?;
        Ok(Self { kind, value })
    }

    /// The value, if it has this size.
    pub(super) fn array<const N: usize>(&self) -> Result<[u8; N], Malformed> {
        self.value.try_into().map_err(|_| Malformed::Value)
    }

    /// RFC 8489 §14.8: class 3 to 6 and number 0 to 99.
    pub(super) fn error_code(&self) -> Result<u16, Malformed> {
        match self.value {
            [_, _, class, number @ 0..=99, ..] if matches!(class & 0x07, 3..=6) => {
                Ok(u16::from(class & 0x07) * 100 + u16::from(*number))
            }
            _ => Err(Malformed::Value),
        }
    }

    /// RFC 8489 §14.2.
    pub(super) fn xor_address(&self, id: &TransactionId) -> Result<SocketAddr, Malformed> {
        let (head, address) = self.value.split_first_chunk().ok_or(Malformed::Value)?;
        let [_, family, p0, p1] = *head;
        let port = u16::from_be_bytes([p0, p1]) ^ PORT_MASK;
        let ip: IpAddr = match family {
            IPV4 => {
                let bits = u32::from_be_bytes(address.try_into().map_err(|_| Malformed::Value)?);
                Ipv4Addr::from_bits(bits ^ MAGIC_COOKIE).into()
            }
            IPV6 => {
                let bits = u128::from_be_bytes(address.try_into().map_err(|_| Malformed::Value)?);
                Ipv6Addr::from_bits(bits ^ ipv6_mask(id)).into()
            }
            _ => return Err(Malformed::Value),
        };
        Ok(SocketAddr::new(ip, port))
    }
}

/// The value of XOR-MAPPED-ADDRESS and its length (RFC 8489 §14.2).
pub(super) fn xor_address_value(address: SocketAddr, id: &TransactionId) -> ([u8; 20], usize) {
    let [p0, p1] = (address.port() ^ PORT_MASK).to_be_bytes();
    let mut value = [0; 20];
    // A dual-stack socket reports IPv4 as ::ffff:0:0/96; the peer asked over IPv4.
    let (family, masked, len) = match address.ip().to_canonical() {
        IpAddr::V4(ip) => (IPV4, u128::from(ip.to_bits() ^ MAGIC_COOKIE) << 96, 8),
        IpAddr::V6(ip) => (IPV6, ip.to_bits() ^ ipv6_mask(id), 20),
    };
    if let Some((head, rest)) = value.split_first_chunk_mut() {
        *head = [0, family, p0, p1];
        rest.copy_from_slice(&masked.to_be_bytes());
    }
    (value, len)
}

/// The cookie, then the transaction id.
fn ipv6_mask(id: &TransactionId) -> u128 {
    id.iter().fold(u128::from(MAGIC_COOKIE), |mask, &byte| {
        mask << 8 | u128::from(byte)
    })
}

/// The cookie's upper half (RFC 8489 §14.2).
const PORT_MASK: u16 = (MAGIC_COOKIE >> 16) as u16;
/// RFC 8489 §14.1.
const IPV4: u8 = 1;
/// RFC 8489 §14.1.
const IPV6: u8 = 2;
