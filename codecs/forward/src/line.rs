//! One outgoing RTP line: sequence numbers, timestamps and picture ids that never jump, whatever feeds it.
//!
//! A slot keeps its SSRC for life while encodings and publishers change beneath it; a decoder must not
//! notice. `egress` asks [`Line::map`] for each packet, [`Line::switch`] at each change of source.

use crate::srtp::ReplayWindow;

/// The outgoing numbers of one slot.
pub struct Line {
    next: u64,
    /// Which numbers have left: one that left twice would seal two packets under one nonce (RFC 7714 §8.4).
    left: Option<ReplayWindow>,
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
            left: None,
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

    /// The first packet of the source that feeds it just now, by the source's number.
    #[must_use]
    pub fn first_of_source(&self) -> Option<u64> {
        self.source.as_ref().map(|source| source.first)
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
        take_once(&mut self.left, mapped.sequence)?;
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
            let mapped = source.map(sequence, timestamp)?;
            take_once(&mut self.left, mapped.sequence)?;
            return Some(mapped);
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

/// Marks a number as used; `None` when it was, or is too old to tell.
fn take_once(left: &mut Option<ReplayWindow>, sequence: u64) -> Option<()> {
    match left {
        Some(window) => {
            window.check(sequence).ok()?;
            window.accept(sequence);
        }
        None => *left = Some(ReplayWindow::opened_at(sequence)),
    }
    Some(())
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
mod tests;
