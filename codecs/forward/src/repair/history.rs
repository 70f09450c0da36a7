//! What a slot sent lately, so that a NACK can be answered from the publisher's cache.

use wire::sequence::extend;

use crate::egress::rewrite::Part;
use crate::slots::line::PictureIds;
use crate::worker::ids::TrackKey;

/// The last packets of a slot by outgoing sequence number; made with the first packet.
#[derive(Default)]
pub struct History {
    records: Box<[Record]>,
    latest: u64,
}

/// How one packet left.
#[derive(Clone, Copy, Debug, Default)]
pub struct Record {
    /// Outgoing extended sequence number.
    pub sequence: u64,
    /// Where its packet is kept.
    pub track: TrackKey,
    /// Which encoding of it.
    pub encoding: u8,
    /// Its incoming extended sequence number.
    pub source_sequence: u64,
    /// Outgoing RTP timestamp.
    pub timestamp: u32,
    /// What was added to its picture numbers.
    pub picture_shift: PictureIds,
    /// The part of its picture that its slot carried.
    pub part: Part,
    /// When it was last sent, monotonic ns; 0 marks an empty record.
    pub sent_ns: u64,
    /// Retransmissions so far.
    pub resent: u8,
    /// How often it was asked for.
    pub asked: u8,
}

/// Why a packet is not sent again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// Never sent, or without anything in it.
    NeverSent,
    /// Sent so long ago that it is not known any more; its outgoing extended sequence number.
    Gone(u64),
    /// Sent again less than a round trip ago: that is on its way (security: NACK storms).
    TooSoon,
    /// Sent again as often as anybody asks; its outgoing extended sequence number.
    Spent(u64),
}

impl History {
    /// Remembers a packet that has left.
    pub fn insert(&mut self, record: Record) {
        if self.records.is_empty() {
            self.records = vec![Record::default(); RECORDS].into_boxed_slice();
        }
        self.latest = self.latest.max(record.sequence);
        if let Some(place) = self.records.get_mut(place_of(record.sequence as u16)) {
            *place = record;
        }
    }

    /// Forgets what was sent so far.
    pub fn forget(&mut self) {
        self.records.fill(Record::default());
    }

    /// One of the last few packets, each in its turn.
    pub fn lately(&self, turn: u64) -> Option<Record> {
        let sequence = self.latest.checked_sub(turn % LATELY)?;
        let record = self.records.get(place_of(sequence as u16))?;
        (record.sent_ns > 0 && record.sequence == sequence).then_some(*record)
    }

    /// The packet with this wire sequence number, which is asked for, if it may be sent again now.
    ///
    /// # Errors
    ///
    /// The packet is not known any more, or was sent again too lately or too often.
    pub fn find(
        &mut self,
        sequence: u16,
        now_ns: u64,
        round_trip_ns: u64,
    ) -> Result<Record, Refusal> {
        let asked_for = extend(self.latest, sequence);
        let record = self
            .records
            .get_mut(place_of(sequence))
            .filter(|record| record.sent_ns > 0)
            .ok_or(Refusal::NeverSent)?;
        if record.sequence as u16 != sequence {
            // In the place of one that is gone lies a newer one; of one that was empty, an older one.
            let is_gone = asked_for < record.sequence;
            return Err(if is_gone {
                Refusal::Gone(asked_for)
            } else {
                Refusal::NeverSent
            });
        }
        record.asked = record.asked.saturating_add(1);
        if record.resent > 0 && now_ns.saturating_sub(record.sent_ns) < round_trip_ns {
            return Err(Refusal::TooSoon);
        }
        if record.resent >= MOST_ASKED {
            return Err(Refusal::Spent(record.sequence));
        }
        Ok(*record)
    }

    /// Counts one retransmission of a packet that was found, and may have waited since: another may have its place.
    pub fn count_again(&mut self, sequence: u16, now_ns: u64) {
        let record = self.records.get_mut(place_of(sequence));
        let is_it = |it: &&mut Record| it.sent_ns > 0 && it.sequence as u16 == sequence;
        if let Some(record) = record.filter(is_it) {
            record.resent += 1;
            record.sent_ns = now_ns;
        }
    }
}

const fn place_of(sequence: u16) -> usize {
    sequence as usize % RECORDS
}

/// 3 s of 1.2 Mbit/s, 1 s of 4 Mbit/s: as long as the publisher's cache at least.
const RECORDS: usize = 512;
/// How often libwebrtc asks for a packet (`kMaxNackRetries`). Of 20 % lost at random one packet in 49 million is lost with all
/// of its answers; with three answers it was one in 625, one every few seconds.
pub const MOST_ASKED: u8 = 10;
/// A frame or two.
const LATELY: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn history() -> History {
        let mut history = History::default();
        history.insert(Record {
            sequence: (1 << 16) + 7,
            source_sequence: 99,
            sent_ns: MS,
            ..Record::default()
        });
        history
    }

    #[test]
    fn a_packet_is_sent_again_ten_times_a_round_trip_apart() {
        let mut history = history();
        let granted: Vec<u64> = (0..400)
            .filter(|at| {
                let granted = history.find(7, 2 * MS + at * MS, 20 * MS).is_ok();
                if granted {
                    history.count_again(7, 2 * MS + at * MS);
                }
                granted
            })
            .collect();
        let expected: Vec<u64> = (0..10).map(|turn| turn * 20).collect();
        assert_eq!(granted, expected);
        let refused = history.find(7, 500 * MS, 20 * MS).err();
        assert_eq!(refused, Some(Refusal::Spent((1 << 16) + 7)));
    }

    #[test]
    fn it_is_known_how_often_a_packet_was_asked_for_whatever_became_of_that() {
        let mut history = history();
        history.count_again(7, MS);
        for _ in 0..4 {
            let refused = history.find(7, 2 * MS, 20 * MS).err();
            assert_eq!(refused, Some(Refusal::TooSoon));
        }
        let asked = history.find(7, 30 * MS, 20 * MS).map(|record| record.asked);
        assert_eq!(asked, Ok(5));
    }

    #[test]
    fn a_packet_whose_place_was_taken_counts_for_none() {
        let mut history = history();
        history.insert(Record {
            sequence: (1 << 16) + 7 + RECORDS as u64,
            sent_ns: MS,
            ..Record::default()
        });
        history.count_again(7, 2 * MS);
        let there = history.find(7 + RECORDS as u16, 2 * MS, 20 * MS);
        assert_eq!(there.map(|record| record.resent), Ok(0));
    }

    #[test]
    fn the_last_few_come_round_in_turn() {
        let mut history = History::default();
        assert!(history.lately(0).is_none());
        for sequence in 100..140 {
            history.insert(Record {
                sequence,
                sent_ns: MS,
                ..Record::default()
            });
        }
        let turns = (0..32).filter_map(|turn| history.lately(turn));
        let sequences: Vec<u64> = turns.map(|record| record.sequence).collect();
        let round: Vec<u64> = (124..140).rev().collect();
        assert_eq!(sequences, [round.clone(), round].concat());
    }

    #[test]
    fn what_was_never_sent_is_told_from_what_is_gone() {
        assert_eq!(history().find(8, MS, MS).err(), Some(Refusal::NeverSent));
        assert_eq!(
            history().find(7 + RECORDS as u16, MS, MS).err(),
            Some(Refusal::NeverSent)
        );
        assert_eq!(
            History::default().find(0, MS, MS).err(),
            Some(Refusal::NeverSent)
        );
        let newer = (1 << 16) + 7 + RECORDS as u64;
        let mut history = history();
        history.insert(Record {
            sequence: newer,
            sent_ns: MS,
            ..Record::default()
        });
        let gone = history.find(7, 2 * MS, MS).err();
        assert_eq!(gone, Some(Refusal::Gone((1 << 16) + 7)));
    }
}
