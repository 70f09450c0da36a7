//! What left on a leg, by transport-wide sequence number, and what its participant says became of it.
//!
//! The counterpart of `arrivals` (draft-holmer-rmcat-transport-wide-cc-extensions-01): every packet is entered as it is
//! written, and found again when the participant's feedback speaks of it.

use congestion::Sample;
use wire::payload::Kind;
use wire::rtcp::TransportFeedback;
use wire::sequence::extend;

use crate::control::event::SoundTold;

mod ring;

use ring::Ring;

/// The last packets of one leg that carried a transport-wide number.
pub struct Departures {
    /// By number, extended: its low 16 bits go on the wire.
    packets: Ring,
    /// The receiver's clock at its last feedback, in steps of 64 ms, extended from 24 bits.
    reference_64ms: Option<i64>,
    sound: SoundTold,
    /// Of which lines something arrived since that was last asked: a bit for each, at [`bit_of`].
    arrived: u64,
}

#[derive(Clone, Copy, Default)]
struct Departure {
    /// Monotonic; its low 32 bits, which come round after 71 minutes.
    sent_us: u32,
    /// Of which probe it is part; 0 of none.
    cluster: u32,
    /// With IP and UDP headers.
    size_bytes: u16,
    /// What it carried, and what was said of it.
    content: Content,
    /// Low byte of the SSRC it left under.
    line: u8,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Content {
    #[default]
    Picture,
    Sound,
    LostSound,
    ArrivedSound,
    /// Lost, and sent again under its number: what is said of that number is of the second one.
    Resent,
}

impl Departures {
    /// Nothing has left yet. Numbers begin one circle up, so that there is room below the first.
    #[must_use]
    pub fn new() -> Self {
        Self {
            packets: Ring::new(1 << 16),
            reference_64ms: None,
            sound: SoundTold::default(),
            arrived: 0,
        }
    }

    /// The number that the next packet carries on the wire.
    #[must_use]
    pub const fn next_number(&self) -> u16 {
        self.packets.next() as u16
    }

    /// Enters the packet that leaves under the next number.
    pub fn enter(&mut self, now_us: u64, size_bytes: usize, cluster: u32, kind: Kind, ssrc: u32) {
        self.packets.enter(Departure {
            sent_us: now_us as u32,
            cluster,
            size_bytes: u16::try_from(size_bytes).unwrap_or(u16::MAX),
            content: match kind {
                Kind::Audio => Content::Sound,
                Kind::Video => Content::Picture,
            },
            line: ssrc as u8,
        });
    }

    /// Makes room for what leaves until the next feedback.
    pub fn stock(&mut self, now_us: u64) {
        self.packets.stock(now_us);
    }

    /// Takes note that a packet leaves again under its own number, because it was asked for.
    ///
    /// So it was lost, whatever becomes of the second one: what a path loses decides how sound is repeated, and must
    /// not seem less because it was repaired.
    pub fn leave_again(&mut self, number: u16) {
        let number = extend(self.packets.next() - 1, number);
        self.note(number, false);
        let departure = self.packets.get_mut(number);
        let is_lost = |it: &&mut Departure| {
            // Of pictures there is only padding that leaves so.
            matches!(it.content, Content::LostSound | Content::Picture)
        };
        if let Some(departure) = departure.filter(is_lost) {
            departure.content = Content::Resent;
        }
    }

    /// Adds a sample for each packet a feedback speaks of that really left and is remembered.
    ///
    /// Whatever it claims, it costs no more steps than twice what is remembered (`ring`). Returns whether it spoke of
    /// anything of ours.
    pub fn look_up_untrusted(
        &mut self,
        feedback: &TransportFeedback<'_>,
        now_us: u64,
        samples: &mut Vec<Sample>,
    ) -> bool {
        let next = self.packets.next();
        let first = extend(next - 1, feedback.base_sequence);
        if first >= next || next - first > 2 * self.packets.reach() {
            return false;
        }
        let reference_us = self.extend_reference(feedback.reference_time_64ms) * REFERENCE_US;
        let before = samples.len();
        for ((_, arrival), number) in feedback.statuses().zip(first..next) {
            let Some(departure) = self.packets.get(number) else {
                continue;
            };
            let age_us = (now_us as u32).wrapping_sub(departure.sent_us);
            samples.push(Sample {
                sequence: number,
                sent_us: now_us.saturating_sub(u64::from(age_us)),
                arrival_us: arrival
                    .filter(|_| departure.content != Content::Resent)
                    .map(|quarters| reference_us + quarters * DELTA_US),
                size_bytes: departure.size_bytes.into(),
                cluster: departure.cluster,
            });
            if arrival.is_some() {
                self.arrived |= bit_of(departure.line);
            }
            self.note(number, arrival.is_some());
        }
        samples.len() > before
    }

    /// Whether anything of a line arrived since this was last asked.
    ///
    /// Lines whose SSRCs share their low six bits share the news. Those that a leg draws one after the other differ in
    /// them 64 times over (`relay/legs/leg.py`).
    pub fn take_arrived(&mut self, ssrc: u32) -> bool {
        let bit = bit_of(ssrc as u8);
        let has_arrived = self.arrived & bit != 0;
        self.arrived &= !bit;
        has_arrived
    }

    /// What the participant has told of the sound it was sent.
    #[must_use]
    pub const fn sound_told(&self) -> SoundTold {
        self.sound
    }

    /// Counts what was said of a packet of sound, once; what was late comes off the losses.
    fn note(&mut self, number: u64, arrived: bool) {
        let Some(departure) = self.packets.get_mut(number) else {
            return;
        };
        match (departure.content, arrived) {
            (Content::Sound, _) => {
                self.sound.packets += 1;
                self.sound.lost += u64::from(!arrived);
            }
            (Content::LostSound, true) => self.sound.lost -= 1,
            _ => return,
        }
        departure.content = if arrived {
            Content::ArrivedSound
        } else {
            Content::LostSound
        };
    }

    /// The reference time nearest to the last one that has these low 24 bits.
    fn extend_reference(&mut self, told: u32) -> i64 {
        let last = self.reference_64ms.unwrap_or(i64::from(told));
        let step = told.wrapping_sub(last.cast_unsigned() as u32) << 8;
        let reference = last + i64::from(step.cast_signed() >> 8);
        self.reference_64ms = Some(reference);
        reference
    }
}

const fn bit_of(line: u8) -> u64 {
    1 << (line % 64)
}

/// Units of the feedback's clock (draft §3.1).
const REFERENCE_US: i64 = 64_000;
const DELTA_US: i64 = 250;

#[cfg(test)]
mod tests;
