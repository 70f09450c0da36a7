//! Socket addresses as the kernel spells them.
#![expect(unsafe_code, reason = "a union is what the kernel writes")]

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use libc::{sa_family_t, sockaddr_in, sockaddr_in6, socklen_t};

/// Room for an address of either family; all zeroes is an address of no family.
#[derive(Clone, Copy)]
#[repr(C)]
pub union RawAddress {
    family: sa_family_t,
    v4: sockaddr_in,
    v6: sockaddr_in6,
}

impl RawAddress {
    /// How many bytes of it count.
    #[must_use]
    pub fn size(&self) -> socklen_t {
        // SAFETY: both families start with the family field (sockaddr(3type)), and every bit pattern is valid.
        let family = unsafe { self.family };
        if libc::c_int::from(family) == libc::AF_INET6 {
            size_of::<sockaddr_in6>() as socklen_t
        } else {
            size_of::<sockaddr_in>() as socklen_t
        }
    }

    /// The address in Rust's terms, or `None` when the family is neither of ours.
    ///
    /// The flow label is left out: it is no part of who sent a packet.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        // SAFETY: as in `size`.
        match libc::c_int::from(unsafe { self.family }) {
            libc::AF_INET => {
                // SAFETY: the family says this variant was written; integers have no invalid patterns.
                let v4 = unsafe { self.v4 };
                let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
                Some(SocketAddr::V4(SocketAddrV4::new(
                    ip,
                    u16::from_be(v4.sin_port),
                )))
            }
            libc::AF_INET6 => {
                // SAFETY: the family says this variant was written; integers have no invalid patterns.
                let v6 = unsafe { self.v6 };
                let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
                Some(SocketAddr::V6(SocketAddrV6::new(
                    ip,
                    u16::from_be(v6.sin6_port),
                    0,
                    v6.sin6_scope_id,
                )))
            }
            _ => None,
        }
    }
}

impl From<SocketAddr> for RawAddress {
    fn from(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(v4) => Self {
                v4: sockaddr_in {
                    sin_family: libc::AF_INET as sa_family_t,
                    sin_port: v4.port().to_be(),
                    sin_addr: libc::in_addr {
                        s_addr: u32::from(*v4.ip()).to_be(),
                    },
                    sin_zero: [0; 8],
                },
            },
            SocketAddr::V6(v6) => Self {
                v6: sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as sa_family_t,
                    sin6_port: v6.port().to_be(),
                    sin6_flowinfo: 0,
                    sin6_addr: libc::in6_addr {
                        s6_addr: v6.ip().octets(),
                    },
                    sin6_scope_id: v6.scope_id(),
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_way_to_the_kernel_and_back() {
        for text in [
            "127.0.0.1:7882",
            "255.255.255.255:65535",
            "[::1]:7882",
            "[fe80::1%3]:1",
        ] {
            let address: SocketAddr = text.parse().expect("a literal address");
            assert_eq!(RawAddress::from(address).address(), Some(address));
        }
    }
}
