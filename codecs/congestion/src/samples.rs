//! What the engine tells of every packet that a feedback speaks of, and its screening.
//!
//! Times of sending are the relay's own; times of arrival, and which packets a feedback speaks of, are
//! the receiver's claim.

use crate::elapsed::LATEST_US;

/// One packet a receiver spoke of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Transport-wide, unwrapped.
    pub sequence: u64,
    /// When it left, on the relay's clock.
    pub sent_us: u64,
    /// When it came, on the receiver's clock, unwrapped; none if it was lost.
    pub arrival_us: Option<i64>,
    /// As on the wire, with IP and UDP headers.
    pub size_bytes: u32,
    /// Of the probe during which it left, media or padding; 0 is none.
    pub cluster: u32,
}

/// A packet that can be true.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    /// Never falls from one packet to the next.
    pub sent_us: i64,
    pub arrival_us: Option<i64>,
    pub size_bytes: f64,
    pub cluster: u32,
}

/// A packet that was said to be lost, and came after all: others had overtaken it when the receiver last told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recovered {
    pub sent_us: i64,
    pub arrival_us: i64,
    pub size_bytes: f64,
}

/// What a sample tells, if it can be true.
#[derive(Clone, Copy, Debug)]
pub enum Heard {
    /// Of a packet that was not spoken of before.
    New(Packet),
    /// That a loss was none.
    Recovered(Recovered),
}

/// What has been spoken of already.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    newest_sequence: Option<u64>,
    newest_sent_us: u64,
    lost: Lost,
}

/// Which of the last packets were said to be lost, a bit for each number modulo [`REMEMBERED`].
#[derive(Clone, Debug, Default)]
struct Lost([u64; WORDS]);

impl Screen {
    /// What a sample tells, if that can be true.
    ///
    /// Dropped are packets of the future or of long ago, impossible sizes and times, whatever was spoken
    /// of before, and what claims to have left before a packet with a lower number. Feedback lists packets
    /// by rising number (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1); what does not rise is
    /// told twice. Only a loss may be taken back, and once.
    pub fn accept_untrusted(&mut self, sample: &Sample, now_us: u64) -> Option<Heard> {
        let Sample {
            sequence,
            sent_us,
            arrival_us,
            size_bytes,
            cluster,
        } = *sample;
        let new = self.newest_sequence.is_none_or(|newest| sequence > newest);
        let age_us = now_us.min(LATEST_US).checked_sub(sent_us)?;
        let possible = (1..=MOST_SIZE_BYTES).contains(&size_bytes)
            && arrival_us.is_none_or(|arrival_us| arrival_us.unsigned_abs() < LATEST_US);
        if !possible || age_us >= MOST_AGE_US {
            return None;
        }
        let size_bytes = f64::from(size_bytes);
        if let (false, Some(newest), Some(arrival_us)) = (new, self.newest_sequence, arrival_us) {
            let taken_back = newest - sequence < REMEMBERED && sent_us <= self.newest_sent_us;
            return (taken_back && self.lost.take(sequence)).then_some(Heard::Recovered(
                Recovered {
                    sent_us: sent_us.cast_signed(),
                    arrival_us,
                    size_bytes,
                },
            ));
        }
        if !new || sent_us < self.newest_sent_us {
            return None;
        }
        self.lost.follow(self.newest_sequence, sequence);
        if arrival_us.is_none() {
            self.lost.note(sequence);
        }
        self.newest_sequence = Some(sequence);
        self.newest_sent_us = sent_us;
        Some(Heard::New(Packet {
            sent_us: sent_us.cast_signed(),
            arrival_us,
            size_bytes,
            cluster,
        }))
    }
}

impl Lost {
    /// Forgets what had the places of the numbers up to the new newest one.
    fn follow(&mut self, newest: Option<u64>, next: u64) {
        let Some(newest) = newest.filter(|newest| next - newest < REMEMBERED) else {
            self.0 = [0; WORDS];
            return;
        };
        for sequence in newest + 1..=next {
            self.take(sequence);
        }
    }

    fn note(&mut self, sequence: u64) {
        if let Some(word) = self.0.get_mut(word_of(sequence)) {
            *word |= bit_of(sequence);
        }
    }

    /// Whether a number was noted; it is not any more.
    fn take(&mut self, sequence: u64) -> bool {
        let Some(word) = self.0.get_mut(word_of(sequence)) else {
            return false;
        };
        let was_noted = *word & bit_of(sequence) != 0;
        *word &= !bit_of(sequence);
        was_noted
    }
}

const fn word_of(sequence: u64) -> usize {
    (sequence % REMEMBERED / 64) as usize
}

const fn bit_of(sequence: u64) -> u64 {
    1 << (sequence % 64)
}

/// Packets of which it is known whether they were lost: half a second of 20 Mbit/s, and what overtakes on a network
/// does so within a few packets.
const REMEMBERED: u64 = 1_024;
const WORDS: usize = (REMEMBERED / 64) as usize;

/// A UDP datagram's own limit.
const MOST_SIZE_BYTES: u32 = 65_535;

/// What was sent a minute ago tells nothing of the path as it is.
const MOST_AGE_US: u64 = 60_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: u64 = 3_600_000_000;

    fn sample(sequence: u64, age_us: u64, arrival_us: i64, size_bytes: u32) -> Sample {
        Sample {
            sequence,
            sent_us: NOW_US - age_us,
            arrival_us: Some(arrival_us),
            size_bytes,
            cluster: 0,
        }
    }

    fn lost(sequence: u64) -> Sample {
        Sample {
            arrival_us: None,
            ..sample(sequence, 2_000, 0, 1_200)
        }
    }

    /// Whether a sample is told of as a loss that was none.
    fn is_recovered(screen: &mut Screen, sample: &Sample) -> bool {
        matches!(
            screen.accept_untrusted(sample, NOW_US),
            Some(Heard::Recovered(_))
        )
    }

    #[test]
    fn a_loss_is_taken_back_once_and_only_a_loss() {
        let mut screen = Screen::default();
        for told in [
            sample(7, 2_000, 1, 1_200),
            lost(8),
            sample(9, 2_000, 2, 1_200),
        ] {
            let heard = screen.accept_untrusted(&told, NOW_US);
            assert!(matches!(heard, Some(Heard::New(_))));
        }
        for never in [
            sample(7, 2_000, 5, 1_200),
            lost(8),
            sample(6, 2_000, 5, 1_200),
        ] {
            assert!(screen.accept_untrusted(&never, NOW_US).is_none());
        }
        let late = sample(8, 2_000, 5, 1_200);
        let left_later = sample(8, 1_999, 5, 1_200);
        assert!(
            !is_recovered(&mut screen, &left_later),
            "9 left before that"
        );
        assert!(is_recovered(&mut screen, &late));
        assert!(!is_recovered(&mut screen, &late));
    }

    #[test]
    fn losses_of_long_ago_are_forgotten_and_lend_nobody_their_place() {
        for step in [1, REMEMBERED + 5] {
            let mut screen = Screen::default();
            let end = 20_000 + REMEMBERED + 5;
            assert!(screen.accept_untrusted(&lost(20_000), NOW_US).is_some());
            for sequence in (20_000 + step..=end).step_by(step as usize) {
                let told = sample(sequence, 2_000, 1, 1_200);
                assert!(screen.accept_untrusted(&told, NOW_US).is_some());
            }
            assert!(!is_recovered(&mut screen, &sample(20_000, 2_000, 5, 1_200)));
            let there_now = sample(20_000 + REMEMBERED, 2_000, 5, 1_200);
            assert!(!is_recovered(&mut screen, &there_now));
        }
    }

    #[test]
    fn repetitions_and_what_cannot_be_are_left_out() {
        let mut screen = Screen::default();
        let good = sample(7, 1_000, 5_000, 1_200);
        assert!(screen.accept_untrusted(&good, NOW_US).is_some());
        let future = Sample {
            sent_us: NOW_US + 1,
            ..sample(8, 0, 5_000, 1_200)
        };
        for bad in [
            good,
            future,
            sample(9, MOST_AGE_US, 5_000, 1_200),
            sample(10, 900, 5_000, 0),
            sample(11, 900, 5_000, 70_000),
            sample(12, 900, i64::MIN, 1_200),
            sample(13, 900, 1 << 60, 1_200),
            sample(14, 2_000, 5_000, 1_200),
            sample(5, 900, 5_000, 1_200),
        ] {
            assert!(screen.accept_untrusted(&bad, NOW_US).is_none(), "{bad:?}");
        }
        // Nothing of it stands in the way of what comes after.
        let next = sample(8, 1_000, -5_000, 1_200);
        assert!(screen.accept_untrusted(&next, NOW_US).is_some());
    }
}
