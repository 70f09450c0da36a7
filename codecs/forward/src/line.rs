//! One outgoing RTP line: sequence numbers, timestamps and picture ids that never jump, whatever feeds it.
//!
//! A slot keeps its SSRC for life while encodings and publishers change beneath it; a decoder must not
//! notice. `egress` asks [`Line::map`] for each packet, [`Line::switch`] at each change of source.

/// The outgoing numbers of one slot.
#[derive(Debug)]
pub struct Line {
    next: u64,
    last: Option<LastSent>,
    source: Option<Source>,
    last_picture: PictureIds,
}

/// What was sent last, for the step to the next source.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LastSent {
    /// Its RTP timestamp.
    pub timestamp: u32,
    /// When the packet it forwards arrived.
    pub arrival_ns: u64,
}

/// VP8 and VP9 number their frames in the payload (RFC 7741 §4.2, RFC 9628 §4.2).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PictureIds {
    /// 15 bits.
    pub picture_id: u16,
    /// 8 bits.
    pub tl0_index: u8,
}

/// A packet's numbers on the outgoing line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mapped {
    /// Extended: rollover counter above the low 16 bits.
    pub sequence: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// What to add to the payload's picture numbers.
    pub picture_shift: PictureIds,
}

/// The incoming numbers that feed the line just now.
#[derive(Debug)]
struct Source {
    /// Packets before this one belong to another time; they come too late.
    first: u64,
    highest: u64,
    /// Outgoing minus incoming, before the withheld ones are subtracted.
    sequence_shift: i64,
    timestamp_shift: u32,
    picture_shift: PictureIds,
    withheld: Vec<Withheld>,
}

/// A packet that was kept back on purpose: the numbers close over it.
#[derive(Clone, Copy, Debug)]
struct Withheld {
    sequence: u64,
    starts_frame: bool,
}

impl Line {
    /// A line that has sent nothing; `first_sequence` below 2^15, so that the rollover counter is never guessed wrong.
    #[must_use]
    pub const fn new(first_sequence: u16) -> Self {
        Self {
            next: first_sequence as u64,
            last: None,
            source: None,
            last_picture: PictureIds {
                picture_id: 0,
                tl0_index: 0,
            },
        }
    }

    /// What was sent last.
    #[must_use]
    pub const fn last(&self) -> Option<LastSent> {
        self.last
    }

    /// Lets another source feed the line, beginning with the packet `sequence`, which shall leave with `timestamp_out`.
    pub fn switch(
        &mut self,
        sequence: u64,
        timestamp: u32,
        timestamp_out: u32,
        picture: Option<PictureIds>,
    ) {
        let mut withheld = self
            .source
            .take()
            .map_or_else(Vec::new, |source| source.withheld);
        withheld.clear();
        let picture_shift = picture.map_or_else(PictureIds::default, |first| PictureIds {
            picture_id: self
                .last_picture
                .picture_id
                .wrapping_add(1)
                .wrapping_sub(first.picture_id)
                & PICTURE_ID_MASK,
            tl0_index: self
                .last_picture
                .tl0_index
                .wrapping_add(1)
                .wrapping_sub(first.tl0_index),
        });
        self.source = Some(Source {
            first: sequence,
            highest: sequence.saturating_sub(1),
            sequence_shift: self.next.cast_signed() - sequence.cast_signed(),
            timestamp_shift: timestamp_out.wrapping_sub(timestamp),
            picture_shift,
            withheld,
        });
    }

    /// The outgoing numbers of a packet to forward; `None` when its place is gone.
    pub fn map(
        &mut self,
        sequence: u64,
        timestamp: u32,
        picture: Option<PictureIds>,
        arrival_ns: u64,
    ) -> Option<Mapped> {
        let source = self.source.as_mut()?;
        let mapped = source.map(sequence, timestamp)?;
        source.highest = source.highest.max(sequence);
        if mapped.sequence >= self.next {
            self.next = mapped.sequence + 1;
            self.last = Some(LastSent {
                timestamp: mapped.timestamp,
                arrival_ns,
            });
            if let Some(picture) = picture {
                self.last_picture = picture.shifted(mapped.picture_shift);
            }
        }
        Some(mapped)
    }

    /// Closes the numbers over a packet that is not to be forwarded.
    ///
    /// When newer packets have already left, its number is taken: the returned place must be filled
    /// with an empty packet, or the subscriber would ask for it for ever.
    pub fn withhold(
        &mut self,
        sequence: u64,
        timestamp: u32,
        starts_frame: bool,
    ) -> Option<Mapped> {
        let source = self.source.as_mut()?;
        if sequence <= source.highest {
            return source.map(sequence, timestamp);
        }
        source.highest = sequence;
        if source.withheld.len() == MAX_WITHHELD {
            source.forget_oldest();
        }
        source.withheld.push(Withheld {
            sequence,
            starts_frame,
        });
        None
    }
}

impl Source {
    fn map(&self, sequence: u64, timestamp: u32) -> Option<Mapped> {
        if sequence < self.first {
            return None;
        }
        let before = self
            .withheld
            .partition_point(|withheld| withheld.sequence < sequence);
        if self
            .withheld
            .get(before)
            .is_some_and(|withheld| withheld.sequence == sequence)
        {
            return None;
        }
        let frames = self
            .withheld
            .iter()
            .take(before)
            .filter(|withheld| withheld.starts_frame)
            .count() as u16;
        Some(Mapped {
            sequence: u64::try_from(
                sequence.cast_signed() + self.sequence_shift - before.cast_signed() as i64,
            )
            .ok()?,
            timestamp: timestamp.wrapping_add(self.timestamp_shift),
            picture_shift: PictureIds {
                picture_id: self.picture_shift.picture_id.wrapping_sub(frames) & PICTURE_ID_MASK,
                ..self.picture_shift
            },
        })
    }

    fn forget_oldest(&mut self) {
        let oldest = self.withheld.remove(0);
        self.first = oldest.sequence + 1;
        self.sequence_shift -= 1;
        self.picture_shift.picture_id = self
            .picture_shift
            .picture_id
            .wrapping_sub(u16::from(oldest.starts_frame))
            & PICTURE_ID_MASK;
    }
}

impl PictureIds {
    /// These numbers on the outgoing line.
    #[must_use]
    pub const fn shifted(self, shift: Self) -> Self {
        Self {
            picture_id: self.picture_id.wrapping_add(shift.picture_id) & PICTURE_ID_MASK,
            tl0_index: self.tl0_index.wrapping_add(shift.tl0_index),
        }
    }
}

/// RFC 7741 §4.2: the extended picture id has 15 bits.
const PICTURE_ID_MASK: u16 = 0x7fff;
/// Withheld packets whose places are remembered: reordering rarely spans more than a few dozen packets.
const MAX_WITHHELD: usize = 64;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sequence_of(mapped: Option<Mapped>) -> Option<u64> {
        mapped.map(|mapped| mapped.sequence)
    }

    #[test]
    fn a_switch_continues_where_the_last_source_stopped() {
        let mut line = Line::new(100);
        line.switch(
            5_000,
            1_000,
            77,
            Some(PictureIds {
                picture_id: 9,
                tl0_index: 3,
            }),
        );
        let first = line
            .map(
                5_000,
                1_000,
                Some(PictureIds {
                    picture_id: 9,
                    tl0_index: 3,
                }),
                0,
            )
            .unwrap();
        assert_eq!((first.sequence, first.timestamp), (100, 77));
        line.map(
            5_001,
            4_000,
            Some(PictureIds {
                picture_id: 10,
                tl0_index: 4,
            }),
            0,
        )
        .unwrap();
        line.switch(
            42,
            9,
            5_000,
            Some(PictureIds {
                picture_id: 32_000,
                tl0_index: 200,
            }),
        );
        let next = line
            .map(
                42,
                9,
                Some(PictureIds {
                    picture_id: 32_000,
                    tl0_index: 200,
                }),
                0,
            )
            .unwrap();
        assert_eq!((next.sequence, next.timestamp), (102, 5_000));
        assert_eq!(
            PictureIds {
                picture_id: 32_000,
                tl0_index: 200
            }
            .shifted(next.picture_shift),
            PictureIds {
                picture_id: 3,
                tl0_index: 3
            }
        );
        assert_eq!(line.map(41, 9, None, 0), None, "from before the switch");
    }

    #[test]
    fn a_lost_packet_keeps_its_place_and_a_late_one_takes_it() {
        let mut line = Line::new(0);
        line.switch(10, 0, 0, None);
        assert_eq!(sequence_of(line.map(10, 0, None, 0)), Some(0));
        assert_eq!(sequence_of(line.map(12, 0, None, 0)), Some(2));
        assert_eq!(sequence_of(line.map(11, 0, None, 0)), Some(1));
    }

    #[test]
    fn a_withheld_packet_leaves_no_hole_and_a_late_one_must_be_filled() {
        let mut line = Line::new(0);
        line.switch(10, 0, 0, None);
        line.map(10, 0, None, 0);
        assert_eq!(line.withhold(11, 0, true), None);
        assert_eq!(sequence_of(line.map(13, 0, None, 0)), Some(2));
        assert_eq!(sequence_of(line.withhold(12, 0, false)), Some(1));
        assert_eq!(
            sequence_of(line.map(11, 0, None, 0)),
            None,
            "withheld stays withheld"
        );
    }

    #[test]
    fn withheld_frames_do_not_count_in_the_picture_ids() {
        let mut line = Line::new(0);
        let ids = |picture_id| PictureIds {
            picture_id,
            tl0_index: 0,
        };
        line.switch(0, 0, 0, Some(ids(0)));
        line.map(0, 0, Some(ids(0)), 0);
        line.withhold(1, 0, true);
        line.withhold(2, 0, false);
        let mapped = line.map(3, 0, Some(ids(2)), 0).unwrap();
        assert_eq!(ids(2).shifted(mapped.picture_shift).picture_id, 2);
    }

    proptest! {
        /// In order, whatever is withheld, and however often the source changes: 0, 1, 2, …
        #[test]
        fn what_leaves_is_numbered_without_holes(fates in proptest::collection::vec(0..10_u8, 1..400)) {
            let mut line = Line::new(0);
            let (mut expected, mut sequence) = (0, 1_000_u64);
            line.switch(sequence, 0, 0, None);
            for fate in fates {
                if fate == 0 {
                    sequence += 50_000;
                    line.switch(sequence, 0, 0, None);
                }
                if (1..=3).contains(&fate) {
                    prop_assert_eq!(line.withhold(sequence, 0, true), None);
                } else {
                    prop_assert_eq!(sequence_of(line.map(sequence, 0, None, 0)), Some(expected));
                    expected += 1;
                }
                sequence += 1;
            }
        }

        /// Reordered by a little: every number leaves once, and none twice.
        #[test]
        fn no_number_leaves_twice(order in Just((0..200_u64).collect::<Vec<_>>()).prop_shuffle(), withheld in proptest::collection::hash_set(0..200_u64, 0..60)) {
            let mut line = Line::new(0);
            line.switch(0, 0, 0, None);
            let mut left = std::collections::HashSet::new();
            for sequence in order {
                let mapped = if withheld.contains(&sequence) { line.withhold(sequence, 0, false) } else { line.map(sequence, 0, None, 0) };
                if let Some(mapped) = mapped {
                    prop_assert!(left.insert(mapped.sequence), "{} twice", mapped.sequence);
                }
            }
        }
    }
}
