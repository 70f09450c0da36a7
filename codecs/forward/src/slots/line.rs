//! One outgoing RTP line: sequence numbers, timestamps and picture ids that never jump, whatever feeds it.
//!
//! A slot keeps its SSRC for life while encodings and publishers change beneath it; a decoder must not
//! notice. `egress` asks [`Line::map`] for each packet, [`Line::switch`] at each change of source.

use crate::srtp::ReplayWindow;

mod source;

use source::Source;

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

    /// Whether a packet of what feeds it is of another frame than what was sent last, and behind all of it.
    #[must_use]
    pub fn begins_frame(&self, sequence: u64, timestamp: u32) -> bool {
        let source = self.source.as_ref();
        let mapped = source.and_then(|source| source.map(sequence, timestamp));
        !self.has_gone_beyond(sequence)
            && mapped.map(|mapped| mapped.timestamp) != self.last.map(|last| last.timestamp)
    }

    /// Lets another source feed the line, beginning with the packet `sequence`, which shall leave with `timestamp_out`.
    pub fn switch(
        &mut self,
        sequence: u64,
        timestamp: u32,
        timestamp_out: u32,
        picture: Option<PictureIds>,
    ) {
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
        let memory = self.source.take();
        self.source = Some(Source::new(
            sequence,
            self.next,
            timestamp_out.wrapping_sub(timestamp),
            picture_shift,
            memory,
        ));
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

    /// Takes note that nothing more comes of what feeds it: another source, or the same anew, begins behind all.
    pub const fn end_source(&mut self) {
        if let Some(source) = &mut self.source {
            source.has_ended = true;
        }
    }

    /// The number that a packet of padding may have behind what was sent last; [`Line::pad`] takes it.
    ///
    /// None before anything was sent, and while something is missing before a packet that was kept back: the number is
    /// that one's, as long as it may come.
    #[must_use]
    pub fn next_for_padding(&self) -> Option<u64> {
        self.last?;
        let is_next = |source: &Source| {
            let follower = source.map(source.highest + 1, 0);
            source.has_ended || follower.is_some_and(|follower| follower.sequence == self.next)
        };
        self.source
            .as_ref()
            .is_none_or(is_next)
            .then_some(self.next)
    }

    /// Takes the next number for a packet of padding that has left; what the source sends next follows it.
    pub fn pad(&mut self) {
        if take_once(&mut self.left, self.next).is_none() {
            return;
        }
        self.next += 1;
        if let Some(source) = &mut self.source {
            source.make_room();
        }
    }

    /// Whether a number is that of what was sent last in order.
    #[must_use]
    pub const fn is_newest(&self, sequence: u64) -> bool {
        sequence + 1 == self.next
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
#[cfg(test)]
mod tests;
