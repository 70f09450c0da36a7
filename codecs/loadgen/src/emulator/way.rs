//! One direction between its two devices: packets are read, handed to the computation, and written when it says so.

use std::io;
use std::rc::Rc;

use super::change::Direction;
use super::link::{Departure, Link};
use super::outcome::DirectionOutcome;
use super::packets::{Packet, Pool};
use super::record::Record;
use super::setting::Setting;
use super::tally::{Tally, Verdict};
use crate::kernel::clock;
use crate::kernel::tun::Tun;

/// Packets of one direction before the other has its turn.
pub const AT_ONCE: usize = 64;

/// One direction.
pub struct Way {
    direction: Direction,
    link: Link<Packet>,
    entrance: Rc<Tun>,
    exit: Rc<Tun>,
    tally: Tally,
}

impl Way {
    /// With what it is set to at its beginning.
    #[must_use]
    pub fn new(
        direction: Direction,
        seed: u64,
        settings: Vec<Setting>,
        entrance: &Rc<Tun>,
        exit: &Rc<Tun>,
    ) -> Self {
        let mut link = Link::new(seed);
        for setting in settings {
            link.set(0, setting);
        }
        Self {
            direction,
            link,
            entrance: Rc::clone(entrance),
            exit: Rc::clone(exit),
            tally: Tally::default(),
        }
    }

    /// Where its packets come from.
    #[must_use]
    pub fn entrance(&self) -> &Tun {
        &self.entrance
    }

    /// When [`Way::let_out`] is worth a call.
    #[must_use]
    pub fn next_timeout(&self) -> Option<u64> {
        self.link.next_timeout()
    }

    /// Changes a figure.
    pub fn set(&mut self, at_ns: u64, setting: Setting) {
        self.link.set(at_ns, setting);
    }

    /// Takes in what waits at its entrance, up to its turn's share.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn take_in(&mut self, pool: &mut Pool, began_ns: u64) -> io::Result<()> {
        for _ in 0..AT_ONCE {
            let Some(packet) = pool.read(&self.entrance)? else {
                break;
            };
            let bytes = packet.bytes().len();
            self.tally.came(bytes);
            let now_ns = clock::monotonic_ns() - began_ns;
            self.link.admit(now_ns, bytes, packet);
        }
        Ok(())
    }

    /// Deals with the next packet that is due, and says what became of it.
    pub fn let_out(&mut self, now_ns: u64) -> Option<(Record, Packet)> {
        let departure = self.link.poll(now_ns)?;
        let mut verdict = departure.verdict;
        let mut left_ns = departure.due_ns;
        if verdict == Verdict::Delivered {
            left_ns = now_ns;
            if self.exit.write(departure.payload.bytes()).is_err() {
                verdict = Verdict::Refused;
            }
        }
        self.tally.left(verdict, departure.bytes);
        let record = self.record(&departure, verdict, left_ns);
        Some((record, departure.payload))
    }

    /// What it found.
    #[must_use]
    pub fn outcome(self) -> DirectionOutcome {
        let copies = self.link.copies();
        DirectionOutcome {
            tally: Tally {
                copies: copies.packets,
                bytes_copied: copies.bytes,
                ..self.tally
            },
            held: self.link.held(),
            bytes_held: self.link.held_bytes(),
        }
    }

    fn record(&self, departure: &Departure<Packet>, verdict: Verdict, left_ns: u64) -> Record {
        Record {
            came_ns: departure.came_ns,
            left_ns,
            queued_ns: departure.queued_ns,
            late_ns: left_ns - departure.due_ns,
            bytes: departure.bytes,
            verdict,
            direction: self.direction,
            is_copy: departure.is_copy,
            label: departure.payload.label,
        }
    }
}
