//! Packets on their way, in memory that is used again.

use std::io;

use super::label::Label;
use crate::kernel::tun::Tun;

/// An IP packet.
#[derive(Clone)]
pub struct Packet {
    room: Vec<u8>,
    len: usize,
    /// What it is.
    pub label: Label,
}

/// Memory that packets have left.
#[derive(Default)]
pub struct Pool(Vec<Vec<u8>>);

impl Packet {
    /// The IP packet.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.room.get(..self.len).unwrap_or_default()
    }
}

impl Pool {
    /// Takes the next packet from a device; `None` when there is none.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn read(&mut self, device: &Tun) -> io::Result<Option<Packet>> {
        let mut room = self.0.pop().unwrap_or_else(|| vec![0; ROOM_BYTES]);
        let len = match device.read(&mut room) {
            Ok(Some(len)) => len,
            other => {
                self.0.push(room);
                return other.map(|_| None);
            }
        };
        let label = Label::of_untrusted(room.get(..len).unwrap_or_default());
        Ok(Some(Packet { room, len, label }))
    }

    /// Keeps the memory of a packet that is gone.
    pub fn keep(&mut self, packet: Packet) {
        if self.0.len() < KEPT_AT_MOST {
            self.0.push(packet.room);
        }
    }
}

/// More than the devices' packets, which are as long as Ethernet's.
const ROOM_BYTES: usize = 2_048;
/// 8 MB.
const KEPT_AT_MOST: usize = 4_096;
