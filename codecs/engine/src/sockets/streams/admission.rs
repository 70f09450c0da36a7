//! How many TCP connections there may be: in all, of those that have proven nothing yet, and of those from one place;
//! and who leaves where there are too many.
//!
//! Pure. A connection is proven by a check that authenticates; until then it costs a stranger nothing but its
//! handshake.

use std::cmp::Reverse;
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
    /// The same of each neighbourhood.
    neighbourhoods: HashMap<Place, usize>,
}

/// One that has proven nothing yet.
#[derive(Clone, Copy, Debug)]
pub struct Unproven {
    /// Where it comes from.
    pub remote: IpAddr,
    /// When it came in, monotonic ns.
    pub opened_ns: u64,
    /// What the caller knows it by.
    pub place: usize,
}

/// Where connections come from: an IPv4 address, or the network of an IPv6 address, of which one host has all. A
/// neighbourhood is what one customer may have of such places: an IPv4 /24, an IPv6 /48.
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
        *self
            .neighbourhoods
            .entry(Place::around(remote))
            .or_default() += 1;
        self.unproven += 1;
        Ok(())
    }

    /// Whether nobody may come in before somebody leaves.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.proven + self.unproven >= MAX_CONNECTIONS
    }

    /// Whether one that has proven nothing has to leave.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.unproven > MAX_UNPROVEN
    }

    /// Chooses who leaves of those that have proven nothing: the oldest from the most crowded neighbourhood, and there
    /// from the most crowded place.
    ///
    /// A flood then meets itself, and who comes from elsewhere stays: one IPv6 site has 65,536 places. Where nobody is
    /// a crowd it is the oldest, and who comes to speak has the time that the next few hundred take to arrive.
    #[must_use]
    pub fn first_to_leave(&self, unproven: impl Iterator<Item = Unproven>) -> Option<usize> {
        let rank = |one: &Unproven| {
            let age = Reverse((one.opened_ns, one.place));
            (self.crowd(one.remote), age)
        };
        unproven.max_by_key(rank).map(|one| one.place)
    }

    /// By how many more than a few those around somebody have proven nothing, and those at the same place.
    fn crowd(&self, remote: IpAddr) -> (usize, usize) {
        let around = self.neighbourhoods.get(&Place::around(remote));
        let here = self.places.get(&Place::of(remote));
        (beyond_few(around), beyond_few(here))
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
        forget_one(&mut self.places, Place::of(remote));
        forget_one(&mut self.neighbourhoods, Place::around(remote));
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

    /// The neighbourhood of an address, by its first place.
    fn around(remote: IpAddr) -> Self {
        let mut first = Self::of(remote);
        match &mut first {
            Self::V4([.., host]) => *host = 0,
            // As much as a site has (RFC 6177 §2).
            Self::V6([.., upper, lower]) => (*upper, *lower) = (0, 0),
        }
        first
    }
}

fn beyond_few(count: Option<&usize>) -> usize {
    count.map_or(0, |count| count.saturating_sub(FEW))
}

fn forget_one(counts: &mut HashMap<Place, usize>, place: Place) {
    if let Some(count) = counts.get_mut(&place) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&place);
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
/// From one neighbourhood these are no crowd: eight people, with two connections each.
const FEW: usize = 16;

#[cfg(test)]
mod tests;
