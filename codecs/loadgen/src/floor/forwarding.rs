//! One batch: open, group, pad, seal, send; in place from the first byte to the last.

use std::net::{SocketAddrV4, UdpSocket};
use std::ops::Range;

use wire::rtp::RtpHeader;

use super::cipher::{Cipher, TAG_BYTES};
use super::runs::{Opened, arrange};
use crate::kernel::receive::Receiver;
use crate::kernel::send::{Message, Sender};

/// Someone the floor relays for.
pub struct Peer {
    /// Where it is.
    pub address: SocketAddrV4,
    /// Who gets what it sends.
    pub partner: u32,
    /// Opens what it sends.
    pub opens: Cipher,
    /// Seals what it gets.
    pub seals: Cipher,
}

/// All peers, and the memory of a batch.
pub struct Forwarding {
    peers: Vec<Peer>,
    /// Peer by port: all are on loopback, and a table is faster than any hash.
    by_port: Vec<u32>,
    opened: Vec<Opened>,
    runs: Vec<Range<usize>>,
    ranges: Vec<Range<usize>>,
    messages: Vec<Message>,
    sender: Sender,
}

/// What became of packets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Packets read.
    pub received: u64,
    /// Packets sent on.
    pub relayed: u64,
    /// Messages they were sent in.
    pub messages: u64,
    /// Packets that could not be opened or sealed.
    pub failed: u64,
    /// Packets the kernel did not take.
    pub refused: u64,
    /// Batches read.
    pub batches: u64,
}

impl Forwarding {
    /// Relays among these peers.
    #[must_use]
    pub fn new(peers: Vec<Peer>) -> Self {
        let mut by_port = vec![NOBODY; usize::from(u16::MAX) + 1];
        for (index, peer) in peers.iter().enumerate() {
            if let Some(place) = by_port.get_mut(usize::from(peer.address.port())) {
                *place = index as u32;
            }
        }
        Self {
            peers,
            by_port,
            opened: Vec::new(),
            runs: Vec::new(),
            ranges: Vec::new(),
            messages: Vec::new(),
            sender: Sender::default(),
        }
    }

    /// Relays a batch that was read.
    pub fn relay(
        &mut self,
        socket: &UdpSocket,
        batch: &mut Receiver,
        count: usize,
        counts: &mut Counts,
    ) {
        counts.batches += 1;
        counts.received += count as u64;
        self.open(batch, count);
        arrange(&mut self.opened, &mut self.runs);
        self.seal(batch);
        let sealed = self.ranges.len();
        counts.failed += (count - sealed) as u64;
        let refused = self
            .sender
            .send(socket, batch.arena(), &self.ranges, &self.messages);
        counts.refused += refused as u64;
        counts.relayed += (sealed - refused) as u64;
        counts.messages += self.messages.len() as u64;
    }

    fn open(&mut self, batch: &mut Receiver, count: usize) {
        self.opened.clear();
        for place in 0..count {
            let port = batch.remote(place).port();
            let from = self
                .by_port
                .get(usize::from(port))
                .and_then(|index| self.peers.get(*index as usize));
            let packet = batch.bytes(place);
            let opened = from.and_then(|from| {
                let header = RtpHeader::parse_untrusted(packet).ok()?;
                from.opens.open(packet, header.header_len)?;
                let plain_bytes = packet.len().checked_sub(TAG_BYTES)? as u16;
                Some(Opened {
                    receiver: from.partner,
                    place: place as u32,
                    header_bytes: header.header_len as u16,
                    plain_bytes,
                    padded_bytes: plain_bytes,
                })
            });
            self.opened.extend(opened);
        }
    }

    fn seal(&mut self, batch: &mut Receiver) {
        self.ranges.clear();
        self.messages.clear();
        for run in &self.runs {
            let first = self.ranges.len();
            let packets = self.opened.get(run.clone()).unwrap_or_default();
            let Some(to) = packets
                .first()
                .and_then(|packet| self.peers.get(packet.receiver as usize))
            else {
                continue;
            };
            for packet in packets {
                let start = batch.range(packet.place as usize).start;
                let range = start..start + usize::from(packet.padded_bytes) + TAG_BYTES;
                let Some(bytes) = batch.arena().get_mut(range.clone()) else {
                    continue;
                };
                pad(bytes, packet);
                if to.seals.seal(bytes, packet.header_bytes.into()).is_some() {
                    self.ranges.push(range);
                }
            }
            let segment_bytes = self.ranges.get(first).map_or(0, |range| range.len() as u16);
            self.messages.push(Message {
                to: to.address,
                datagrams: first..self.ranges.len(),
                segment_bytes,
            });
        }
    }
}

/// Appends RTP padding up to the packet's padded length (RFC 3550 §5.1).
fn pad(bytes: &mut [u8], packet: &Opened) {
    let padding = packet.padded_bytes - packet.plain_bytes;
    let place = bytes.get_mut(usize::from(packet.plain_bytes)..usize::from(packet.padded_bytes));
    let Some((last, zeroes)) = place.and_then(|place| place.split_last_mut()) else {
        return;
    };
    zeroes.fill(0);
    *last = padding as u8;
    if let Some(first) = bytes.first_mut() {
        *first |= PADDING_BIT;
    }
}

const NOBODY: u32 = u32::MAX;
/// The P bit (RFC 3550 §5.1).
const PADDING_BIT: u8 = 0x20;
