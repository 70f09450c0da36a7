//! What should not go on: connections that prove nothing, say nothing or belong to nobody, and packets that are old.

use forward::Tuple;

use super::connection::{Connection, Ending};
use super::{Streams, living};
use crate::counters::{DriverCounter, DriverCounts};
use crate::epoll::Interest;

impl Streams {
    /// Ends what should not go on, and drops what has waited for too long; call it every tick.
    ///
    /// `knows` tells whether a path belongs to a leg.
    pub fn sweep(&mut self, now_ns: u64, knows: impl Fn(Tuple) -> bool, counts: &mut DriverCounts) {
        if now_ns.saturating_sub(self.swept_ns) < SWEEP_NS {
            return;
        }
        self.swept_ns = now_ns;
        if std::mem::take(&mut self.is_deaf) {
            self.listen(Interest::Reading);
        }
        for place in 0..self.connections.len() {
            let Some(connection) = living(&mut self.connections, place) else {
                continue;
            };
            let dropped = connection.drop_old(now_ns);
            counts.add(DriverCounter::DropTcpOld, dropped as u64);
            if let Some(ending) = ending(connection, knows(connection.tuple), now_ns) {
                self.end(place, ending, counts);
            }
        }
        let (proven, unproven) = self.admission.counts();
        counts.set(DriverCounter::TcpProven, proven as u64);
        counts.set(DriverCounter::TcpUnproven, unproven as u64);
    }
}

/// Why a connection should not go on, if it should not.
fn ending(connection: &Connection, is_known: bool, now_ns: u64) -> Option<Ending> {
    let age_ns = now_ns.saturating_sub(connection.opened_ns);
    let silent_ns = now_ns.saturating_sub(connection.heard_ns);
    if connection.is_proven && !is_known {
        Some(Ending::Unknown)
    } else if connection.is_proven && silent_ns > IDLE_NS {
        Some(Ending::Idle)
    } else if !connection.is_proven && age_ns > FIRST_CHECK_NS {
        Some(Ending::Unproven)
    } else {
        None
    }
}

/// How often connections are looked through: nothing here has to be exact to a tenth of a second.
const SWEEP_NS: u64 = 100_000_000;
/// Browsers check a path as soon as it is there, but for some 50 ms for each of their other pairs, and again until it
/// is answered: this is long even over a satellite.
const FIRST_CHECK_NS: u64 = 10_000_000_000;
/// Browsers check the path in use every 2.5 s or faster, and one that they keep in reserve every 25 s.
const IDLE_NS: u64 = 60_000_000_000;
