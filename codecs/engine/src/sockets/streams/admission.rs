//! How many TCP connections there may be: in all, of those that have proven nothing yet, and of those from one place.
//!
//! Pure. A connection is proven by a check that authenticates; until then it costs a stranger nothing but its
//! handshake.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::counters::DriverCounter;

/// Who is in.
#[derive(Default)]
pub struct Admission {
    proven: usize,
    unproven: usize,
    /// Of the unproven, how many each place has.
    places: HashMap<Place, usize>,
}

/// Where connections come from: an IPv4 address, or the network of an IPv6 address, of which one host has all.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Place {
    V4([u8; 4]),
    V6([u8; 8]),
}

impl Admission {
    /// Lets a connection in that has proven nothing yet.
    ///
    /// # Errors
    /// It may not come in, by the name under which that is counted.
    pub fn admit(&mut self, remote: IpAddr) -> Result<(), DriverCounter> {
        if self.is_full() {
            return Err(DriverCounter::TcpRefusedFull);
        }
        let of_place = self.places.entry(Place::of(remote)).or_default();
        if *of_place >= MAX_UNPROVEN_PER_PLACE {
            return Err(DriverCounter::TcpRefusedPlace);
        }
        *of_place += 1;
        self.unproven += 1;
        Ok(())
    }

    /// Whether nobody may come in before somebody leaves.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.proven + self.unproven >= MAX_CONNECTIONS
    }

    /// Whether one that has proven nothing has to leave, the oldest first: a flood then meets itself, and who comes to
    /// speak has the time that the next thousand take to arrive.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.unproven > MAX_UNPROVEN
    }

    /// Takes note that one has proven itself.
    pub fn prove(&mut self, remote: IpAddr) {
        self.leave(remote, false);
        self.proven += 1;
    }

    /// Takes note that one is gone.
    pub fn leave(&mut self, remote: IpAddr, was_proven: bool) {
        if was_proven {
            self.proven = self.proven.saturating_sub(1);
            return;
        }
        self.unproven = self.unproven.saturating_sub(1);
        let place = Place::of(remote);
        if let Some(of_place) = self.places.get_mut(&place) {
            *of_place -= 1;
            if *of_place == 0 {
                self.places.remove(&place);
            }
        }
    }

    /// How many have proven themselves, and how many have not.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.proven, self.unproven)
    }
}

impl Place {
    fn of(remote: IpAddr) -> Self {
        match remote {
            IpAddr::V4(v4) => Self::V4(v4.octets()),
            IpAddr::V6(v6) => {
                // The network's half (RFC 4291 §2.5.4).
                let network = v6.to_bits() >> 64;
                Self::V6((network as u64).to_be_bytes())
            }
        }
    }
}

/// A worker carries some hundred legs, and browsers that use UDP hold a connection or two in reserve. With what waits
/// for slow readers (256 KiB) this is half a gigabyte at the very worst, of people who were let in.
pub const MAX_CONNECTIONS: usize = 2_048;
/// Whoever means it speaks within a round trip or two: this is a thousand newcomers a second at half a second each.
pub const MAX_UNPROVEN: usize = 512;
/// A clinic behind one address whose consultations begin at the same moment, with two connections each.
pub const MAX_UNPROVEN_PER_PLACE: usize = 64;

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    fn place(number: u32) -> IpAddr {
        Ipv4Addr::from(0x0a00_0000 + number).into()
    }

    #[test]
    fn one_place_has_so_many_that_have_proven_nothing() {
        let mut admission = Admission::default();
        for _ in 0..MAX_UNPROVEN_PER_PLACE {
            assert_eq!(admission.admit(place(1)), Ok(()));
        }
        let refused = Err(DriverCounter::TcpRefusedPlace);
        assert_eq!(admission.admit(place(1)), refused);
        assert_eq!(admission.admit(place(2)), Ok(()));
        admission.prove(place(1));
        assert_eq!(admission.admit(place(1)), Ok(()));
        assert_eq!(admission.admit(place(1)), refused);
        admission.leave(place(1), false);
        assert_eq!(admission.admit(place(1)), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_is_one_place() {
        let mut admission = Admission::default();
        let host = |network: u16, host: u16| -> IpAddr {
            Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, 0, host).into()
        };
        for number in 0..MAX_UNPROVEN_PER_PLACE {
            assert_eq!(admission.admit(host(1, number as u16)), Ok(()));
        }
        let refused = Err(DriverCounter::TcpRefusedPlace);
        assert_eq!(admission.admit(host(1, 9_999)), refused);
        assert_eq!(admission.admit(host(2, 1)), Ok(()));
    }

    #[test]
    fn beyond_so_many_that_have_proven_nothing_the_oldest_must_leave() {
        let mut admission = Admission::default();
        for number in 0..MAX_UNPROVEN {
            assert_eq!(admission.admit(place(number as u32)), Ok(()));
            assert!(!admission.is_crowded());
        }
        assert_eq!(admission.admit(place(9_999)), Ok(()));
        assert!(admission.is_crowded());
        admission.leave(place(0), false);
        assert!(!admission.is_crowded());
    }

    #[test]
    fn there_are_so_many_in_all() {
        let mut admission = Admission::default();
        for number in 0..MAX_CONNECTIONS {
            assert_eq!(admission.admit(place(number as u32)), Ok(()));
            admission.prove(place(number as u32));
        }
        assert!(admission.is_full());
        let refused = Err(DriverCounter::TcpRefusedFull);
        assert_eq!(admission.admit(place(9_999)), refused);
        admission.leave(place(5), true);
        assert!(!admission.is_full());
        assert_eq!(admission.admit(place(9_999)), Ok(()));
    }

    proptest! {
        #[test]
        fn when_all_are_gone_nothing_is_kept(
            coming in proptest::collection::vec((0_u32..40, any::<bool>()), 0..300),
        ) {
            let mut admission = Admission::default();
            let mut inside = Vec::new();
            for (number, proves) in coming {
                if admission.admit(place(number)).is_ok() {
                    if proves {
                        admission.prove(place(number));
                    }
                    inside.push((number, proves));
                }
            }
            let proven = inside.iter().filter(|(_, proves)| *proves).count();
            prop_assert_eq!(admission.counts(), (proven, inside.len() - proven));
            for (number, proves) in inside {
                admission.leave(place(number), proves);
            }
            prop_assert_eq!(admission.counts(), (0, 0));
            prop_assert!(admission.places.is_empty());
        }
    }
}
