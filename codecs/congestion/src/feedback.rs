//! What a feedback tells as a whole.

use crate::samples::Packet;

/// One feedback's packets, counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Feedback {
    pub packets: u32,
    pub lost: u32,
    /// Of all of them, lost ones too.
    pub bytes: f64,
    pub first_sent_us: i64,
    pub last_sent_us: i64,
    /// Of those that arrived, if any did.
    pub arrived: Option<Arrived>,
}

/// Of a feedback's packets, those that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrived {
    /// When the newest of them left.
    pub last_sent_us: i64,
    /// The fastest one's arrival minus sending, the two clocks' offset in it.
    pub shortest_transit_us: i64,
}

impl Feedback {
    /// Counts a packet, with its arrival on a steady clock.
    pub fn add(&mut self, packet: &Packet, arrival_us: Option<i64>) {
        if self.packets == 0 {
            self.first_sent_us = packet.sent_us;
        }
        self.packets += 1;
        self.bytes += packet.size_bytes;
        self.last_sent_us = packet.sent_us;
        let Some(arrival_us) = arrival_us else {
            self.lost += 1;
            return;
        };
        let transit_us = arrival_us - packet.sent_us;
        let before = self.arrived.map(|arrived| arrived.shortest_transit_us);
        self.arrived = Some(Arrived {
            last_sent_us: packet.sent_us,
            shortest_transit_us: before.map_or(transit_us, |before| before.min(transit_us)),
        });
    }

    /// Takes back a loss, if it was counted here: of a packet that left then.
    pub fn recover(&mut self, sent_us: i64) -> bool {
        let is_here = self.packets > 0 && sent_us >= self.first_sent_us && self.lost > 0;
        self.lost -= u32::from(is_here);
        is_here
    }
}
