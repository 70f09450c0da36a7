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

/// VP8 and VP9 number their frames in the payload (RFC 7741 §4.2, RFC 9628 §4.2), AV1 in its dependency descriptor.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PictureIds {
    /// 15 bits.
    pub picture_id: u16,
    /// 8 bits.
    pub tl0_index: u8,
    /// 16 bits; frames refer to each other by its differences, so numbers left out stay free.
    pub frame_number: u16,
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

/// Packets in a row that were kept back on purpose: the numbers close over them.
#[derive(Clone, Copy, Debug)]
struct Withheld {
    first: u64,
    count: u64,
    /// How many of them began a frame whose number closes too.
    frames: u16,
}

impl Withheld {
    const fn end(self) -> u64 {
        self.first + self.count
    }
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
                frame_number: 0,
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

    /// Whether a packet that came behind this one was dealt with before it.
    #[must_use]
    pub fn has_gone_beyond(&self, sequence: u64) -> bool {
        let source = self.source.as_ref();
        source.is_some_and(|source| sequence < source.highest)
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
            frame_number: self
                .last_picture
                .frame_number
                .wrapping_add(1)
                .wrapping_sub(first.frame_number),
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
        source.withhold(sequence, starts_frame);
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
        let rows_before = self.withheld.partition_point(|row| row.end() <= sequence);
        let row = self.withheld.get(rows_before);
        if row.is_some_and(|row| row.first <= sequence) {
            return None;
        }
        let (mut before, mut frames) = (0_u64, 0_u16);
        for row in self.withheld.iter().take(rows_before) {
            before += row.count;
            frames = frames.wrapping_add(row.frames);
        }
        Some(Mapped {
            sequence: u64::try_from(
                sequence.cast_signed() + self.sequence_shift - before.cast_signed(),
            )
            .ok()?,
            timestamp: timestamp.wrapping_add(self.timestamp_shift),
            picture_shift: PictureIds {
                picture_id: self.picture_shift.picture_id.wrapping_sub(frames) & PICTURE_ID_MASK,
                ..self.picture_shift
            },
        })
    }

    fn withhold(&mut self, sequence: u64, starts_frame: bool) {
        let last = self.withheld.last_mut();
        if let Some(row) = last.filter(|row| row.end() == sequence) {
            row.count += 1;
            row.frames = row.frames.wrapping_add(starts_frame.into());
            return;
        }
        if self.withheld.len() == MAX_WITHHELD {
            self.forget_oldest();
        }
        self.withheld.push(Withheld {
            first: sequence,
            count: 1,
            frames: starts_frame.into(),
        });
    }

    fn forget_oldest(&mut self) {
        let oldest = self.withheld.remove(0);
        self.first = oldest.end();
        self.sequence_shift -= oldest.count.cast_signed();
        self.picture_shift.picture_id =
            self.picture_shift.picture_id.wrapping_sub(oldest.frames) & PICTURE_ID_MASK;
    }
}

impl PictureIds {
    /// These numbers on the outgoing line.
    #[must_use]
    pub const fn shifted(self, shift: Self) -> Self {
        Self {
            picture_id: self.picture_id.wrapping_add(shift.picture_id) & PICTURE_ID_MASK,
            tl0_index: self.tl0_index.wrapping_add(shift.tl0_index),
            frame_number: self.frame_number.wrapping_add(shift.frame_number),
        }
    }
}

/// RFC 7741 §4.2: the extended picture id has 15 bits.
const PICTURE_ID_MASK: u16 = 0x7fff;
/// Rows of withheld packets whose places are remembered: a row for each picture is two seconds of them, in which a
/// retransmission comes.
const MAX_WITHHELD: usize = 64;

#[cfg(test)]
mod tests;
