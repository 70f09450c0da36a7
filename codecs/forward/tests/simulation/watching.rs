//! What a browser makes of pictures that come over a lossy path: it asks again, and shows frames in their order.
//!
//! As libwebrtc does it: a packet is asked for ten times, a round trip apart (`NackRequester`), and a key frame once nothing
//! could be shown for three seconds (`VideoReceiveStream2`).

use std::collections::BTreeMap;

use wire::payload::Kind;
use wire::rtcp::{ReportBlock, write_nack, write_pli, write_receiver_report};
use wire::sequence::extend;

use super::participant::{Participant, RTX_OFFSET};
use super::{MS, SECOND};

/// How often a browser looks whether something is to be asked for.
pub const LOOK_NS: u64 = 20 * MS;
/// Of the path's 40 ms and a look.
const ROUND_TRIP_NS: u64 = 60 * MS;
const MOST_ASKED: u8 = 10;
const PATIENCE_NS: u64 = 3 * SECOND;

/// A subscriber's picture of VP8 in one layer, whose first frame arrives whole.
#[derive(Default)]
pub struct Watching {
    /// Frames shown.
    pub shown: usize,
    /// The longest time between two of them.
    pub longest_still_ns: u64,
    /// Key frames it has asked for by itself.
    pub plis: usize,
    /// As much of what the participant received is known.
    read: usize,
    reports_read: usize,
    highest: Option<u64>,
    /// What has come of frames that were not shown.
    packets: BTreeMap<u64, Packet>,
    /// How often each packet was asked for, and when last.
    missing: BTreeMap<u64, (u8, u64)>,
    /// The first packet of the frame to show next.
    next: u64,
    shown_ns: u64,
    pli_ns: u64,
}

#[derive(Clone, Copy)]
struct Packet {
    sequence: u16,
    begins: bool,
    is_key_frame: bool,
    ends: bool,
}

impl Packet {
    fn of(sequence: u16, ends: bool, payload: &[u8]) -> Self {
        // RFC 7741 §4.2: S, and behind the descriptor of six bytes the inverse key-frame flag.
        let begins = payload[0] & 0x10 != 0;
        Self {
            sequence,
            begins,
            is_key_frame: begins && payload[6] & 1 == 0,
            ends,
        }
    }
}

impl Watching {
    /// Takes in what has come to a participant, shows what can be shown; returns what is asked of the relay.
    pub fn look(&mut self, participant: &mut Participant, now_ns: u64) -> Vec<Vec<u8>> {
        let media = participant.slot(Kind::Video).1;
        let came = self.read_packets(participant, media);
        for packet in came {
            self.place(packet);
        }
        self.show(now_ns);
        let mut asked = Vec::new();
        let due = self.due(now_ns);
        if !due.is_empty() {
            asked.push(participant.rtcp(|out| write_nack(out, 1, media, &due)));
        }
        let last_ns = self.shown_ns.max(self.pli_ns);
        if self.shown > 0 && now_ns - last_ns >= PATIENCE_NS {
            (self.plis, self.pli_ns) = (self.plis + 1, now_ns);
            asked.push(participant.rtcp(|out| write_pli(out, 1, media)));
        }
        asked.extend(self.report(participant, media));
        asked
    }

    fn read_packets(&mut self, participant: &Participant, media: u32) -> Vec<Packet> {
        let came = &participant.received[self.read..];
        self.read = participant.received.len();
        came.iter()
            .filter_map(|got| {
                let (ssrc, marker) = (got.header.ssrc, got.header.marker);
                if ssrc == media {
                    return Some(Packet::of(got.header.sequence, marker, &got.payload));
                }
                let (number, payload) = got.payload.split_first_chunk::<2>()?;
                let is_again = ssrc == media + RTX_OFFSET && !payload.is_empty();
                is_again.then(|| Packet::of(u16::from_be_bytes(*number), marker, payload))
            })
            .collect()
    }

    fn place(&mut self, packet: Packet) {
        let first = u64::from(packet.sequence) + (1 << 16);
        let highest = *self.highest.get_or_insert_with(|| {
            self.next = first;
            first
        });
        let sequence = extend(highest, packet.sequence);
        for missing in highest + 1..sequence {
            self.missing.insert(missing, (0, 0));
        }
        self.highest = Some(highest.max(sequence));
        self.missing.remove(&sequence);
        if sequence >= self.next {
            self.packets.insert(sequence, packet);
        }
    }

    /// Shows every frame that is whole, or else begins anew at a key frame that is.
    fn show(&mut self, now_ns: u64) {
        loop {
            let mut packets = self.packets.iter();
            let key_frame = packets.find_map(|(begin, packet)| {
                packet.is_key_frame.then(|| self.end_of(*begin)).flatten()
            });
            let Some(end) = self.end_of(self.next).or(key_frame) else {
                break;
            };
            self.shown += 1;
            self.shown_ns = now_ns;
            self.next = end + 1;
            self.packets = self.packets.split_off(&self.next);
            self.missing = self.missing.split_off(&self.next);
        }
        if self.shown > 0 {
            let still_ns = now_ns - self.shown_ns;
            self.longest_still_ns = self.longest_still_ns.max(still_ns);
        }
    }

    /// The last packet of the frame that begins with a packet, if all of it is there.
    fn end_of(&self, begin: u64) -> Option<u64> {
        self.packets.get(&begin).filter(|packet| packet.begins)?;
        let mut sequence = begin;
        while !self.packets.get(&sequence)?.ends {
            sequence += 1;
        }
        Some(sequence)
    }

    fn due(&mut self, now_ns: u64) -> Vec<u16> {
        let mut due = Vec::new();
        for (sequence, (times, at_ns)) in &mut self.missing {
            if *times == 0 || now_ns - *at_ns >= ROUND_TRIP_NS {
                due.push(*sequence as u16);
                (*times, *at_ns) = (*times + 1, now_ns);
            }
        }
        self.missing.retain(|_, (times, _)| *times < MOST_ASKED);
        due
    }

    /// Answers the newest sender report, by which the relay knows the round trip.
    fn report(&mut self, participant: &mut Participant, media: u32) -> Option<Vec<u8>> {
        let told = &participant.sender_reports[self.reports_read..];
        let newest = told.iter().rev().find(|info| info.ssrc == media).copied();
        self.reports_read = participant.sender_reports.len();
        let block = ReportBlock {
            ssrc: media,
            last_sr: (newest?.ntp >> 16) as u32,
            ..ReportBlock::default()
        };
        Some(participant.rtcp(|out| write_receiver_report(out, 1, &[block])))
    }
}
