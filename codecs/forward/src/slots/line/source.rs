//! The incoming numbers that feed an outgoing line: what was kept back closes, what padding took opens.

use super::{Mapped, PICTURE_ID_MASK, PictureIds};

/// The incoming numbers that feed the line just now.
#[derive(Debug)]
pub struct Source {
    /// Packets before this one belong to another time; they come too late.
    pub first: u64,
    /// The highest that was dealt with.
    pub highest: u64,
    /// Whether nothing of it is forwarded any more.
    pub has_ended: bool,
    /// Outgoing minus incoming, before what `seams` say.
    sequence_shift: i64,
    timestamp_shift: u32,
    picture_shift: PictureIds,
    seams: Vec<Seam>,
}

/// Packets in a row that were kept back on purpose, over which the numbers close, or a place where padding has taken some.
#[derive(Clone, Copy, Debug)]
struct Seam {
    first: u64,
    count: u64,
    /// How many of them began a frame whose number closes too.
    frames: u16,
    /// Numbers that padding took behind them.
    padding: u64,
}

impl Seam {
    const fn end(self) -> u64 {
        self.first + self.count
    }

    /// What it adds to the outgoing numbers behind it.
    const fn shift(self) -> i64 {
        self.padding.cast_signed() - self.count.cast_signed()
    }
}

impl Source {
    /// A source that begins with the packet `sequence`, which leaves as `next`; takes over the memory of the one before.
    pub fn new(
        sequence: u64,
        next: u64,
        timestamp_shift: u32,
        picture_shift: PictureIds,
        before: Option<Self>,
    ) -> Self {
        let mut seams = before.map_or_else(Vec::new, |before| before.seams);
        seams.clear();
        Self {
            first: sequence,
            highest: sequence.saturating_sub(1),
            has_ended: false,
            sequence_shift: next.cast_signed() - sequence.cast_signed(),
            timestamp_shift,
            picture_shift,
            seams,
        }
    }

    /// The outgoing numbers of a packet; `None` when it was kept back, or its place is gone.
    pub fn map(&self, sequence: u64, timestamp: u32) -> Option<Mapped> {
        if sequence < self.first {
            return None;
        }
        let seams_before = self.seams.partition_point(|seam| seam.end() <= sequence);
        let seam = self.seams.get(seams_before);
        if seam.is_some_and(|seam| seam.first <= sequence) {
            return None;
        }
        let (mut before, mut frames) = (0_i64, 0_u16);
        for seam in self.seams.iter().take(seams_before) {
            before += seam.shift();
            frames = frames.wrapping_add(seam.frames);
        }
        Some(Mapped {
            sequence: u64::try_from(sequence.cast_signed() + self.sequence_shift + before).ok()?,
            timestamp: timestamp.wrapping_add(self.timestamp_shift),
            picture_shift: PictureIds {
                picture_id: self.picture_shift.picture_id.wrapping_sub(frames) & PICTURE_ID_MASK,
                ..self.picture_shift
            },
        })
    }

    /// Closes the numbers over the packet behind all others.
    pub fn withhold(&mut self, sequence: u64, starts_frame: bool) {
        self.change_seam(sequence, |seam| {
            seam.count += 1;
            seam.frames = seam.frames.wrapping_add(starts_frame.into());
        });
    }

    /// Opens the numbers behind all that was dealt with, by one.
    pub fn make_room(&mut self) {
        self.change_seam(self.highest + 1, |seam| seam.padding += 1);
    }

    /// Changes the seam that ends before the packet `sequence`, or begins one there.
    fn change_seam(&mut self, sequence: u64, change: impl FnOnce(&mut Seam)) {
        let newest = self.seams.last_mut();
        if let Some(seam) = newest.filter(|seam| seam.end() == sequence) {
            change(seam);
            return;
        }
        if self.seams.len() == MAX_SEAMS {
            self.forget_oldest();
        }
        let mut seam = Seam {
            first: sequence,
            count: 0,
            frames: 0,
            padding: 0,
        };
        change(&mut seam);
        self.seams.push(seam);
    }

    fn forget_oldest(&mut self) {
        let oldest = self.seams.remove(0);
        self.first = oldest.end();
        self.sequence_shift += oldest.shift();
        self.picture_shift.picture_id =
            self.picture_shift.picture_id.wrapping_sub(oldest.frames) & PICTURE_ID_MASK;
    }
}

/// Seams whose places are remembered: one for each picture is two seconds of them, in which a retransmission comes.
const MAX_SEAMS: usize = 64;
